/**
 * The other side's certificates, as a TLS socket hands them out, and the row that the log shows of one.
 * It reads nothing by itself: the X.509 reader is `dissect/x509`.
 */
import { X509Certificate } from 'node:crypto';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateSummary } from '../capture/vocabulary.ts';

/** The chain that the peer presented, leaf first, each in DER; empty when it presented nothing. */
export function presentedChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw && !chain.some((known) => Buffer.compare(known, certificate!.raw) === 0)) {
    chain.push(certificate.raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** One row about a certificate; undefined when there is none. */
export function summaryOf(der: Uint8Array | undefined): CertificateSummary | undefined {
  if (!der) return undefined;
  const certificate = new X509Certificate(der);
  const name = (text: string): string => text.split('\n').reverse().join(',');
  return {
    subject: name(certificate.subject),
    issuer: name(certificate.issuer),
    serial: certificate.serialNumber.toLowerCase(),
    notBefore: new Date(certificate.validFrom).toISOString(),
    notAfter: new Date(certificate.validTo).toISOString(),
    san: certificate.subjectAltName ? certificate.subjectAltName.split(', ') : [],
    isCa: certificate.ca,
    publicKey: certificate.publicKey.asymmetricKeyType ?? 'unknown',
    sha256: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  };
}
