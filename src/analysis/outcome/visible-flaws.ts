/** Lists the flaws of a certificate that any observer can see and for which nearly every verifier refuses it. */
import type { RefusalReason } from '../../capture/vocabulary.ts';

export const visibleFlaws = [
  'malformed_certificate',
  'certificate_expired',
  'certificate_not_yet_valid',
  'name_mismatch',
  'self_signed',
  'bad_signature',
  'wrong_usage',
  'intermediate_missing',
] as const satisfies readonly RefusalReason[];
