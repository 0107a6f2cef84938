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

/** A row of a table of explanations: the name and the meaning, each in English and in Korean, and the source. */
export type TextRow = readonly [
  en: string,
  ko: string,
  enMeaning: string,
  koMeaning: string,
  source?: string,
];

export const fieldText = ([en, ko, enMeaning, koMeaning, source]: TextRow): FieldText => ({
  name: { en, ko },
  meaning: { en: enMeaning, ko: koMeaning },
  ...(source === undefined ? {} : { source }),
});

export const fieldTexts = <Id extends string>(
  rows: Readonly<Record<Id, TextRow>>,
): Readonly<Record<Id, FieldText>> =>
  Object.fromEntries(Object.entries<TextRow>(rows).map(([id, row]) => [id, fieldText(row)])) as Readonly<
    Record<Id, FieldText>
  >;
