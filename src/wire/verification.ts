/**
 * Our own verdict on a chain, which names the reason that OpenSSL's verdict leaves open. The verification itself is
 * `pki/verify.ts`; that it never widens what OpenSSL lets through is `admission.ts`.
 */
import type { RefusalReason } from '../capture/vocabulary.ts';
import type { ChainVerdict } from './admission.ts';
import { reasonOfVerdict } from './failures.ts';

export interface VerificationFacts {
  readonly authorities: readonly string[];
  readonly revocations: readonly string[];
  readonly purpose: 'clientAuth' | 'serverAuth';
  readonly at: number;
  readonly opensslVerdict: string | null;
}

export type TrustedAuthority = { readonly subject: string; readonly keyId?: string };

export function verifyPeer(_chain: readonly Uint8Array[], facts: VerificationFacts): ChainVerdict & { readonly trusted: readonly TrustedAuthority[] } {
  const reason: RefusalReason | undefined = facts.opensslVerdict === null ? undefined : reasonOfVerdict(facts.opensslVerdict);
  return reason === undefined ? { admitted: true, trusted: [] } : { admitted: false, reason, trusted: [] };
}
