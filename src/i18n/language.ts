/**
 * Defines the languages and the form of every message: a function of typed data that returns all languages at once. A
 * missing translation does not compile, because the record would be incomplete.
 */

export const languages = ['en', 'ko'] as const;
export type Language = (typeof languages)[number];

/** One sentence or text in every language. */
export type Localized = Readonly<Record<Language, string>>;

/** A text in English and in Korean, as tables and sentences give it. */
export type Pair = readonly [en: string, ko: string];

export function localized(text: Localized | Pair): Localized {
  return 'en' in text ? text : { en: text[0], ko: text[1] };
}

/** The same text in every language: names, numbers, protocol words. */
export function verbatim(text: string): Localized {
  return { en: text, ko: text };
}

/** The language requested by LC_ALL, LC_MESSAGES or LANG; English if they request an unsupported one. */
export function languageOf(environment: Readonly<Record<string, string | undefined>>): Language {
  const locale = environment['LC_ALL'] || environment['LC_MESSAGES'] || environment['LANG'] || '';
  return /^ko(?![a-z])/i.test(locale) ? 'ko' : 'en';
}

/** The same text made in every language. */
export function inEach(make: (language: Language) => string): Localized {
  return { en: make('en'), ko: make('ko') };
}

/** A text made of data, in every language. */
type Phrase = Readonly<Record<Language, (...data: never[]) => string>>;

/** A value whose texts stand in one language. */
export type In<T> = T extends Localized
  ? string
  : T extends Phrase
    ? T[Language]
    : T extends readonly (infer Item)[]
      ? readonly In<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]: In<T[Key]> }
        : T;

/** The value with its texts in that language: what a renderer makes of a presentation before it sets it. */
export function inLanguage<T>(value: T, language: Language): In<T> {
  if (typeof value !== 'object' || value === null) return value as In<T>;
  if (Array.isArray(value)) return value.map((item: unknown) => inLanguage(item, language)) as In<T>;
  if (isLocalized(value)) return value[language] as In<T>;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]: [string, unknown]) => [key, inLanguage(item, language)]),
  ) as In<T>;
}

function isLocalized(value: object): value is Localized | Phrase {
  return languages.every((language) => ['string', 'function'].includes(typeof value[language as never]));
}
