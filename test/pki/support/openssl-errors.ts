import type { RefusalReason } from '../../../src/capture/vocabulary.ts';

/** Our reasons as openssl numbers them (X509_V_ERR_…, x509_vfy.h). */
export const opensslErrors: Readonly<Partial<Record<RefusalReason | 'not_conforming', readonly number[]>>> = {
  unknown_ca: [2, 19, 20, 21],
  intermediate_missing: [20, 21],
  self_signed: [18],
  certificate_not_yet_valid: [9],
  certificate_expired: [10],
  bad_signature: [7],
  // A list that says what nobody here understands, or whose CA may sign no lists, is none.
  crl_missing: [3, 8, 11, 35, 36],
  crl_expired: [12],
  certificate_revoked: [23],
  // An issuer that may not sign certificates is no issuer at all for openssl.
  not_a_ca: [20, 24, 32, 79],
  path_too_long: [25, 22],
  wrong_usage: [26],
  unhandled_critical_extension: [34, 40, 46],
  name_mismatch: [62, 64],
  weak_key: [66, 67],
  weak_signature: [68],
  name_constraint_violated: [1, 47, 48, 49, 51, 52, 53],
  // A key that cannot be read has no strength.
  unusable_key: [66, 67, 94],
  // What is malformed was issued by nobody: X509_check_issued.
  malformed_certificate: [2, 13, 14, 20],
  // -x509_strict: 78 to 93.
  not_conforming: [78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93],
};
