/**
 * Defines the languages and the form of every message: a function of typed data that returns all languages at once. A
 * missing translation does not compile, because the record would be incomplete.
 */

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

/** One sentence or text in every language. */
export type Localized = Readonly<Record<Language, string>>;

/** The same text in every language: names, numbers, protocol words. */
export function verbatim(text: string): Localized {
  return { en: text, ko: text };
}

/** The language requested by LC_ALL, LC_MESSAGES or LANG; English if they request an unsupported one. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^ko(?![a-z])/i.test(locale) ? 'ko' : 'en';
}
