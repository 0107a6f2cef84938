/**
 * Estimates how long a text takes to read. A rough number for choosing what to do next, not a measurement: people read
 * English prose at about 240 words a minute and technical prose more slowly; a Korean word (eojeol) carries more.
 */
import type { Language } from '../i18n/language.ts';

/** Words a minute, between white space. */
const pace: Readonly<Record<Language, number>> = { en: 200, ko: 140 };

/** In seconds. */
export function readingSeconds(texts: readonly string[], language: Language): number {
  const words = texts.reduce((sum, text) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
  return (words / pace[language]) * 60;
}
