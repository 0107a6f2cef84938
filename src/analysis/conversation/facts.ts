/**
 * Joins the facts of a message: short, comma-separated, in every language.
 */
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { safeText } from '../../i18n/safe.ts';

export const count = (number: number, one: string, many: string, ko: string): Localized => ({
  en: `${number} ${number === 1 ? one : many}`,
  ko: `${ko} ${number}개`,
});
export const bytesText = (length: number): Localized => ({
  en: `${grouped(length)} ${length === 1 ? 'byte' : 'bytes'}`,
  ko: `${grouped(length)}바이트`,
});
export const empty = verbatim('');

/** The parts that have something to say. */
export function joined(parts: readonly (Localized | undefined)[]): Localized {
  const present = parts.filter((part): part is Localized => part !== undefined && part.en !== '');
  return { en: present.map(({ en }) => en).join(', '), ko: present.map(({ ko }) => ko).join(', ') };
}

/** Text of the other side, made harmless. */
export const foreign = (text: string | undefined): Localized => verbatim(safeText(text ?? ''));

/** The same of words in which such text stands. */
export const safely = ({ en, ko }: Localized): Localized => ({ en: safeText(en), ko: safeText(ko) });

/** What stood where something else was expected. */
export function unexpected({
  expected,
  found,
}: {
  readonly expected: string;
  readonly found: string;
}): Localized {
  return {
    en: `expected ${safeText(expected)}, found ${safeText(found)}`,
    ko: `예상: ${safeText(expected)}, 실제: ${safeText(found)}`,
  };
}
