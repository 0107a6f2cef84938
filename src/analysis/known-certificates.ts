/** Caches parsed certificates: in a large capture the same few occur on thousands of connections. */
import type { CertificateSummary } from '../capture/vocabulary.ts';
import { Recent } from '../core/recent.ts';
import { certificateSummary, readCertificate } from '../protocols/x509/certificate.ts';
import type { Certificate } from '../protocols/x509/certificate.ts';

const read = new Recent<{ readonly certificate: Certificate | undefined }>();
const summaries = new WeakMap<Certificate, CertificateSummary>();

/** Undefined for one that cannot be read. The same object for the same bytes, as long as it is remembered. */
export function presentedCertificate(der: Uint8Array): Certificate | undefined {
  return read.of(der, (copy) => {
    const step = readCertificate(copy);
    return { certificate: 'got' in step ? step.got : undefined };
  }).certificate;
}

export function summaryOf(certificate: Certificate): CertificateSummary {
  const known = summaries.get(certificate);
  if (known) return known;
  const summary = certificateSummary(certificate);
  summaries.set(certificate, summary);
  return summary;
}
