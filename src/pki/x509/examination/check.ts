/** Defines the checks of an examination, and the words that several of them use. */
import type { CertificateFault } from '../../../capture/event.ts';
import type { RefusalReason } from '../../../capture/vocabulary.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import type { RevocationList } from '../../../protocols/x509/crl.ts';
import { visible } from '../name-lint.ts';
import type { BuiltPath } from '../path.ts';
import type { Purpose } from '../verify.ts';

export const checkIds = [
  'chain',
  'form',
  'signature',
  'validity',
  'authority',
  'path_length',
  'critical_extensions',
  'key_usage',
  'extended_key_usage',
  'strength',
  'name',
  'name_constraints',
  'revocation',
] as const;

export type CheckId = (typeof checkIds)[number];

export type CheckStatus = 'passed' | 'failed' | 'warned' | 'not_asked';

export interface Check {
  readonly id: CheckId;
  readonly status: CheckStatus;
  /** What was presented. */
  readonly found: Localized;
  readonly expected?: Localized;
  readonly remedy?: Localized;
  /** For failures and warnings. `not_conforming` breaks a rule of RFC 5280 that few verifiers enforce. */
  readonly reason?: RefusalReason | 'not_conforming';
  /** The certificate of the path that it concerns: 0 is the leaf. */
  readonly depth?: number;
}

export interface Question {
  /** Leaf first; the order of the others is irrelevant, and none of them is trusted. */
  readonly chain: readonly [Certificate, ...Certificate[]];
  readonly roots: readonly Certificate[];
  /** Absent if revocation is not to be checked. */
  readonly lists?: readonly RevocationList[];
  readonly purpose?: Purpose;
  /** A DNS name or an address. */
  readonly name?: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly strict?: boolean;
}

export interface Looked extends BuiltPath {
  readonly question: Question;
}

export const subjectOf = ({ subject }: Certificate): string => visible(subject.text) || '(empty subject)';

export const issuerOf = ({ issuer }: Certificate): string => visible(issuer.text) || '(empty issuer)';

export const reissue: Localized = {
  en: 'Have its CA issue a new certificate.',
  ko: '해당 CA에서 인증서를 다시 발급받으세요.',
};

export const faultWords = ({ part, expected, found }: CertificateFault): Localized => ({
  en: `${part}: expected ${visible(expected)}, found ${visible(found)}`,
  ko: `${part}: 기대한 값은 ${visible(expected)}, 실제 값은 ${visible(found)}`,
});
