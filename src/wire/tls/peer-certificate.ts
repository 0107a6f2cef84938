/**
 * Reads the peer's certificates from a TLS socket, and summarizes one for the log. `protocols/x509` parses them;
 * `verification.ts` verifies the chain.
 */
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { presentedCertificate, summaryOf as summaryOfRead } from '../../protocols/x509/known-certificates.ts';

/**
 * No certificate is shorter, in bytes of DER: no name, an Ed25519 key and its signature take 170.
 */
const shortest = 150;
/** Beside a leaf and its signature, a flight has at least this many: heads of messages and records, and a Finished (RFC 8446 section 4.4). */
const aroundLeaf = 79;
const shortestSignature = 64;

/**
 * The chain as OpenSSL returns it, leaf first, each in DER; empty if the peer presented none. It ends with a root if
 * OpenSSL found a trusted one.
 * @param flight how many bytes the client sent its certificates with. Where these have no room for a second one, there is
 * only the leaf, and the runtime is not asked for the rest: that takes it five times as long.
 */
export function presentedChain(socket: TLSSocket, flight = Infinity): Uint8Array[] {
  if (flight < Infinity) {
    const { raw: leaf } = socket.getPeerCertificate() as { raw?: Buffer };
    if (!leaf) return [];
    if (isAlone(leaf, flight)) return [leaf];
  }
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

/** Whether so many bytes, with which a peer sent this leaf, have no room for another certificate. */
export function isAlone(leaf: Uint8Array, flight: number): boolean {
  const { bits } = presentedCertificate(leaf)?.publicKey ?? {};
  const signature = bits === undefined ? shortestSignature : Math.floor(bits / 8);
  return flight - leaf.length - signature - aroundLeaf < shortest;
}

/** A one-row summary of a certificate; undefined if there is none, or it cannot be parsed. */
export function summaryOf(der: Uint8Array | undefined): CertificateSummary | undefined {
  const certificate = der && presentedCertificate(der);
  return certificate && summaryOfRead(certificate);
}
