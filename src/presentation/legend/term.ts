/** A term of the legend: how it is recognised on a screen, and what it means. `legend.ts` looks for them. */
import type { Localized } from '../../i18n/language.ts';

/** A piece of a line, and what the renderer calls it (`noise`, `secret`, `sealed` …). */
export interface Piece {
  readonly text: string;
  readonly role: string;
}

export interface Term {
  readonly id: string;
  /** With the flag `d`, in every language of the screen. The first group that was found, where there is one, is where it stands, and its name. */
  readonly found: RegExp;
  /** Only in pieces of these roles; else anywhere but in ciphertext. */
  readonly roles?: readonly string[];
  /** Where the words on the screen would not do as a name. */
  readonly name?: Localized;
  /** Undefined where what was found is something else. */
  readonly meaning: Localized | ((found: string) => Localized | undefined);
}

/** The words of a language as they are, or a part of a word in Korean, where particles follow. */
export const word = (en: string, ko = ''): RegExp =>
  new RegExp(
    ko === '' ? `(?<![\\w.-])(?:${en})(?![\\w-])` : `(?<![\\w.-])(?:${en})(?![\\w-])|(?:${ko})`,
    'd',
  );
