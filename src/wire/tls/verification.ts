/**
 * Verifies a presented chain with our own verifier, from the same input as OpenSSL: PEM of CAs and revocation lists.
 * `pki/x509/verify.ts` implements it; `admission.ts` ensures that it never admits more than OpenSSL, and `dialer.ts`
 * uses only the reason of a refusal.
 */
import { pemCertificates, pemRevocationLists } from '../../pki/keystore/pem.ts';
import { prepareTrust } from '../../pki/x509/verify.ts';
import type { PresentedChain, Purpose, Verification } from '../../pki/x509/verify.ts';

/** Throws a `UserError` if a CA or a revocation list cannot be read. */
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
