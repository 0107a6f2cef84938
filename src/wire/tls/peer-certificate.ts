/**
 * Reads the peer's certificates from a TLS socket, and summarizes one for the log. `protocols/x509` parses them;
 * `verification.ts` verifies the chain.
 */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';

/**
 * The chain as OpenSSL returns it, leaf first, each in DER; empty if the peer presented none. It ends with a root if
 * OpenSSL found a trusted one.
 */
export function presentedChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw) {
    const { raw } = certificate;
    // A root is its own issuer.
    if (chain.some((known) => raw.equals(known))) break;
    chain.push(raw);
    certificate = certificate.issuerCertificate;
  }
  return chain;
}

/** A one-row summary of a certificate; undefined if there is none, or it cannot be parsed. */
export function summaryOf(der: Uint8Array | undefined): CertificateSummary | undefined {
  if (!der) return undefined;
  const step = readCertificate(der);
  return 'got' in step ? certificateSummary(step.got) : undefined;
}
