/** Maps the real etcd's log messages about refused clients (from Go's crypto/tls and crypto/x509) to our reasons. */
import type { RefusalReason } from '../../capture/vocabulary.ts';

const reasons: readonly (readonly [words: RegExp, reason: RefusalReason])[] = [
  [/client didn't provide a certificate/, 'certificate_missing'],
  [/certificate signed by unknown authority/, 'unknown_ca'],
  [/certificate has expired or is not yet valid: current time \S+ is after/, 'certificate_expired'],
  [/certificate has expired or is not yet valid: current time \S+ is before/, 'certificate_not_yet_valid'],
  [/certificate specifies an incompatible key usage/, 'wrong_usage'],
  [/first record does not look like a TLS handshake/, 'plaintext_on_tls_port'],
];

/** Undefined for a client that has refused, or only gone away. */
export function reasonOfLog(words: string): RefusalReason | undefined {
  return reasons.find(([known]) => known.test(words))?.[1];
}
