import type { RefusalReason } from '../../../src/capture/vocabulary.ts';

/** Our reasons as openssl numbers them (X509_V_ERR_…, x509_vfy.h). */
export const opensslErrors: Readonly<Partial<Record<RefusalReason, readonly number[]>>> = {
  unknown_ca: [2, 19, 20, 21],
  intermediate_missing: [20, 21],
  self_signed: [18],
  certificate_not_yet_valid: [9],
  certificate_expired: [10],
  bad_signature: [7],
  crl_missing: [3, 8],
  crl_expired: [12],
  certificate_revoked: [23],
  // An issuer that may not sign certificates is no issuer at all for openssl.
  not_a_ca: [20, 24, 32, 79],
  path_too_long: [25],
  wrong_usage: [26],
  unhandled_critical_extension: [34],
  name_mismatch: [62, 64],
  weak_key: [66, 67],
  weak_signature: [68],
};
