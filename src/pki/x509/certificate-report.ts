/** Summarizes a certificate and its holder for the log and for reports. */
import { defined } from '../../core/defined.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { pemCertificates } from '../keystore/pem.ts';
import { validityState } from './validity.ts';
import { isIssuedBy } from './verify.ts';

/** A certificate of a control plane, as it lies in a file or inside of a kubeconfig. */
export interface CertificateFile {
  /** In the folder of the cluster: `pki/apiserver.crt`, `admin.conf`. */
  readonly file: string;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The file of the CA whose key made the signature; its own for one that signed itself; absent where none of the folder did. */
  readonly signer?: string;
  /** What it may be used as. */
  readonly uses: readonly ('ca' | 'server' | 'client')[];
  /** DNS names and addresses. */
  readonly names: readonly string[];
  /** From its beginning to its end. */
  readonly days: number;
  /** When it ends, ISO 8601. */
  readonly until: string;
  /** That is over. */
  readonly ended: boolean;
}

/** Who holds a CA's key signed a request with it. */
export interface CertificateReport {
  readonly kind: 'certificate';
  /** RFC 4514. */
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** ISO 8601. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** The first certificate of a generated PEM. */
function certificateIn(pem: string): Certificate {
  const [der] = pemCertificates(pem);
  const step = der ? readCertificate(der) : undefined;
  if (step && 'got' in step) return step.got;
  throw new Error('there is no certificate to report');
}

export function certificateReport(pem: string): CertificateReport {
  const { subject, issuer, serial, notBefore, notAfter } = certificateSummary(certificateIn(pem));
  return { kind: 'certificate', subject, issuer, serial, notBefore, notAfter };
}

/**
 * Describes a certificate file among others.
 * @param now milliseconds since the epoch
 * @param authorities PEM of the CAs in the folder, by file: each key is tried on the signature.
 */
export function certificateFileOf(
  file: string,
  pem: string,
  authorities: ReadonlyMap<string, string>,
  now: number,
): CertificateFile {
  const certificate = certificateIn(pem);
  const { san, isCa, extendedKeyUsage, notAfter } = certificateSummary(certificate);
  const values = (type: string): string[] =>
    certificate.subject.attributes.filter((one) => one.type === type).map((one) => one.value);
  const signer = [...authorities].find(([, authority]) =>
    isIssuedBy(certificate, certificateIn(authority)),
  )?.[0];
  const mayBe = (usage: string): boolean =>
    !isCa && (extendedKeyUsage === undefined || extendedKeyUsage.includes(usage));
  return defined({
    file,
    commonName: values('CN').join(','),
    organizations: values('O'),
    signer,
    uses: [
      ...(isCa ? (['ca'] as const) : []),
      ...(mayBe('serverAuth') ? (['server'] as const) : []),
      ...(mayBe('clientAuth') ? (['client'] as const) : []),
    ],
    names: san.map((name) => name.slice(name.indexOf(':') + 1)),
    days: Math.round((certificate.notAfter - certificate.notBefore) / 86_400_000),
    until: notAfter,
    ended: validityState(certificate, now) === 'expired',
  });
}
