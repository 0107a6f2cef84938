/** Defines what the lint of a certificate reports. */
import type { Localized } from '../../i18n/language.ts';

export type LintId =
  | 'no_san'
  | 'weak_signature'
  | 'weak_key'
  | 'unusable_key'
  | 'small_exponent'
  | 'ca_without_key_usage'
  | 'ca_without_basic_constraints'
  | 'ca_with_names_of_a_server'
  | 'signing_leaf'
  | 'self_signed_leaf'
  | 'any_usage'
  | 'no_usage'
  | 'unknown_critical_extension'
  | 'differing_algorithms'
  | 'odd_serial'
  | 'old_version'
  | 'long_validity'
  | 'client_of_public_ca'
  | 'must_staple'
  | 'control_characters'
  | 'hidden_characters'
  | 'lookalike'
  | 'mixed_scripts'
  | 'foreign_script'
  | 'broad_wildcard'
  | 'misplaced_wildcard'
  | 'address_as_name'
  | 'empty_name'
  | 'long_name'
  | 'many_names';

export interface LintFinding {
  readonly id: LintId;
  readonly words: Localized;
}

export const found = (id: LintId, en: string, ko: string): LintFinding => ({ id, words: { en, ko } });
