/**
 * The other side's certificates, as a TLS socket hands them out, and the row that the log shows of one. The reader is
 * `dissect/x509`; what a chain is worth is `verification.ts`.
 */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';

/**
 * The chain as OpenSSL knows it, leaf first, each in DER; empty when the peer presented nothing. It ends with a root
 * where OpenSSL found one among the trusted ones.
 */
export function presentedChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw) {
    const { raw } = certificate;
    // A root names itself as its issuer.
    if (chain.some((known) => raw.equals(known))) break;
    chain.push(raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** One row about a certificate; undefined when there is none, or none that can be read. */
export function summaryOf(der: Uint8Array | undefined): CertificateSummary | undefined {
  if (!der) return undefined;
  const step = readCertificate(der);
  return 'got' in step ? certificateSummary(step.got) : undefined;
}
