/**
 * How long a text takes to read, for shows that continue by themselves. English is counted in words, Korean in syllables;
 * a word in Latin letters takes as long in a Korean sentence as in an English one.
 */
import type { Language, Localized } from '../i18n/language.ts';

/** Milliseconds. 200 words a minute: English read on a screen by somebody who has not seen it before. */
const wordMs = 300;
/** Milliseconds. 400 Hangul syllables a minute: about 130 eojeol, what Korean needs for the same text. */
const syllableMs = 150;

/** In milliseconds. */
export function readingMs(text: string): number {
  const syllables = text.match(/[\uAC00-\uD7A3]/g)?.length ?? 0;
  // Hangul separates words like a space: `TLS를` is one word and one syllable.
  const words = text.match(/[^\s\uAC00-\uD7A3\p{P}\p{S}][^\s\uAC00-\uD7A3]*/gu)?.length ?? 0;
  return words * wordMs + syllables * syllableMs;
}

/** The time for several texts in one language, in milliseconds; those that are missing take none. */
export function readingMsOf(language: Language, ...texts: readonly (Localized | undefined)[]): number {
  return texts.reduce((sum, text) => sum + (text ? readingMs(text[language]) : 0), 0);
}

/** In milliseconds: to find one's way on a screen that has changed, to think about a question, to look at bytes. */
export const lookMs = { around: 1500, question: 6000, bytes: 4000, verdict: 8000 } as const;
/** In milliseconds: the verdict's text is long, and can be read at leisure where the show ends. */
export const mostVerdictMs = 30_000;
