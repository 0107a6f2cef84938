/** Lists the problems of a cluster's certificates, and the form in which one is reported. */

import { defined } from '../../../core/defined.ts';
import { localized } from '../../../i18n/language.ts';
import type { Localized, Pair } from '../../../i18n/language.ts';

/** Every problem with its severity: a warning breaks nothing today. */
export const problems = {
  missing: 'wrong',
  half: 'wrong',
  unreadable: 'wrong',
  key_mismatch: 'wrong',
  not_a_ca: 'wrong',
  ca_as_leaf: 'wrong',
  wrong_authority: 'wrong',
  replaced_authority: 'wrong',
  bad_signature: 'wrong',
  expired: 'wrong',
  not_yet_valid: 'wrong',
  wrong_usage: 'wrong',
  missing_name: 'wrong',
  wrong_identity: 'wrong',
  no_credentials: 'wrong',
  unverified_server: 'wrong',
  wrong_server: 'wrong',
  open_mode: 'wrong',
  open_folder: 'wrong',
  weak_key: 'wrong',
  unusable_key: 'wrong',
  weak_signature: 'wrong',
  negative_serial: 'wrong',
  unknown_extension: 'wrong',
  refused: 'wrong',
  flag_absent: 'wrong',
  flag_without_file: 'wrong',
  flag_wrong_file: 'wrong',
  flag_wrong_authority: 'wrong',
  absent: 'warning',
  ending_soon: 'warning',
  outlives_authority: 'warning',
  odd_serial: 'warning',
  constrained: 'warning',
  stray_content: 'warning',
  shared_authority: 'warning',
  unrevocable: 'warning',
  other_server: 'warning',
  group_writable: 'warning',
} as const satisfies Readonly<Record<string, 'wrong' | 'warning'>>;

export type Problem = keyof typeof problems;

export interface Finding {
  /** The path as shown to the user. */
  readonly file: string;
  readonly problem: Problem;
  readonly what: Localized;
  readonly expected?: Localized;
  readonly received?: string;
  readonly remedy: Localized;
}

export type Words = Omit<Finding, 'file' | 'problem'>;

/** What is wrong and what to do, with what was expected and found if that says more. */
export const words = (
  what: Localized | Pair,
  remedy: Localized | Pair,
  {
    expected,
    received,
  }: { readonly expected?: Localized | undefined; readonly received?: string | undefined } = {},
): Words => defined({ what: localized(what), expected, received, remedy: localized(remedy) });
