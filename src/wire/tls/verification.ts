/**
 * Our own verdict on a presented chain, from what OpenSSL is given too: PEM of CAs and revocation lists. The verification
 * itself is `pki/x509/verify.ts`; that it never widens what OpenSSL lets through is `admission.ts`, and `dialer.ts` asks
 * only for the reason behind a refusal.
 */
import { pemCertificates, pemRevocationLists } from '../../pki/keystore/pem.ts';
import { prepareTrust } from '../../pki/x509/verify.ts';
import type { PresentedChain, Purpose, Verification } from '../../pki/x509/verify.ts';

/** Throws a `UserError` when a CA or a revocation list cannot be read. */
export function prepareVerification(
  purpose: Purpose,
  authorities: readonly string[],
  revocations: readonly string[] = [],
): (presented: PresentedChain) => Verification {
  return prepareTrust({
    purpose,
    roots: authorities.flatMap(pemCertificates),
    revocations: revocations.flatMap(pemRevocationLists),
  });
}
