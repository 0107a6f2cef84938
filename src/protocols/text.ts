/**
 * Defines the form of field explanations: every dissector has tables of these, in files that are loaded only for an
 * explanation.
 */
import type { Localized } from '../i18n/language.ts';

export interface FieldText {
  readonly name: Localized;
  /** What it is, and why it is there. */
  readonly meaning: Localized;
  /** Where it is ruled, for example `RFC 8446 section 4.1.2`. */
  readonly source?: string;
}
