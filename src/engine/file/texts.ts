/**
 * Reads the text of a scenario or a lab, one Markdown file per language. What comes with wirelab has all of them; an author's own may
 * have one, which is then shown in every language.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { languages } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';

export interface NarrationSource {
  /** As error messages name it. */
  readonly file: string;
  readonly text: string;
}

/** The texts that there are; at least one. */
export type NarrationSources = Readonly<Partial<Record<Language, NarrationSource>>>;

export interface TextsRead {
  readonly sources: NarrationSources;
  /** Languages without a file, which show another one's text. */
  readonly untranslated: readonly Language[];
}

/**
 * @param shownAs the folder's name in messages.
 * @param read reads a file, given its path and its name in messages.
 * @param mayLack whether one language is enough; else each must be there.
 */
export function readTexts(
  folder: string,
  shownAs: string,
  read: (path: string, shown: string) => string,
  mayLack: boolean,
): TextsRead {
  const there = languages.filter((language) => existsSync(join(folder, `${language}.md`)));
  const wanted = mayLack && there.length > 0 ? there : languages;
  return {
    sources: Object.fromEntries(
      wanted.map((language) => {
        const file = join(shownAs, `${language}.md`);
        return [language, { file, text: read(join(folder, `${language}.md`), file) }];
      }),
    ),
    untranslated: languages.filter((language) => !wanted.includes(language)),
  };
}

/** The texts in every language: the first of them where there is no other. */
export function inEvery<Text>(
  read: readonly (readonly [Language, Text])[],
): Readonly<Record<Language, Text>> {
  const [first] = read;
  if (!first) throw new Error('there is no text in any language');
  return Object.fromEntries(
    languages.map((language) => [language, (read.find(([one]) => one === language) ?? first)[1]]),
  ) as Record<Language, Text>;
}

/** What to say once where a text is shown in another language; undefined where it is not. */
export function untranslatedNote(
  { name, untranslated = [] }: { readonly name: string; readonly untranslated?: readonly Language[] },
  language: Language,
): Localized | undefined {
  if (!untranslated.includes(language)) return undefined;
  return language === 'ko'
    ? {
        en: `${name} has no Korean text (ko.md): its English is shown`,
        ko: `${name}: 한국어 글(ko.md)이 없어 영어로 보여 줍니다`,
      }
    : {
        en: `${name} has no English text (en.md): its Korean is shown`,
        ko: `${name}: 영어 글(en.md)이 없어 한국어로 보여 줍니다`,
      };
}
