/** Caches parsed certificates: the same few occur on thousands of connections. */
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import type { Step } from '../../core/field.ts';
import { Recent } from '../../core/recent.ts';
import { certificateSummary, readCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';

type Read = { readonly got: Certificate } | Exclude<Step<Certificate>, { got: unknown }>;

const read = new Recent<Read>();
const summaries = new WeakMap<Certificate, CertificateSummary>();

/** As `readCertificate`, without the fields. The same object for the same bytes, as long as it is remembered. */
export function recentCertificate(der: Uint8Array): Read {
  return read.of(der, (copy) => {
    const step = readCertificate(copy);
    return 'got' in step ? { got: step.got } : step;
  });
}

/** Undefined for one that cannot be read. */
export function presentedCertificate(der: Uint8Array): Certificate | undefined {
  const step = recentCertificate(der);
  return 'got' in step ? step.got : undefined;
}

export function summaryOf(certificate: Certificate): CertificateSummary {
  const known = summaries.get(certificate);
  if (known) return known;
  const summary = certificateSummary(certificate);
  summaries.set(certificate, summary);
  return summary;
}
