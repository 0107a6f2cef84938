/**
 * The language in which a lab was begun, kept with its state: what is run in its folder from another terminal speaks the same. An
 * explicit --lang comes first, and then a locale that asks for another language than the one did when it was begun.
 */
import { join } from 'node:path';
import { readText } from '../../i18n/read-file.ts';
import { languageOf, languages } from '../../i18n/language.ts';
import type { Language } from '../../i18n/language.ts';
import { unwritable } from '../../labs/folder.ts';
import { idOf, replaceFile, stateOf } from '../../labs/state.ts';
import type { Environment, Parsed } from '../command.ts';

interface KeptLanguage {
  readonly language: Language;
  /** What the locale asked for then. */
  readonly locale?: Language;
}

const keptName = 'language.json';
const largest = 4096;

/** The environment with the language of the lab in this folder. */
export function inKeptLanguage(folder: string, parsed: Parsed, environment: Environment): Environment {
  const kept = parsed.text('lang') === undefined ? keptIn(folder) : undefined;
  const locale = localeAsked(environment);
  if (!kept || (locale !== undefined && locale !== kept.locale)) return environment;
  return { ...environment, language: kept.language };
}

/** @throws UserError if it cannot be kept. */
export function keepLanguage(folder: string, environment: Environment): void {
  const locale = localeAsked(environment);
  const kept: KeptLanguage = {
    language: environment.language,
    ...(locale === undefined ? {} : { locale }),
  };
  const before = keptIn(folder);
  if (before?.language === kept.language && before.locale === kept.locale) return;
  try {
    replaceFile(join(stateOf(folder), keptName), `${JSON.stringify(kept)}\n`);
  } catch (error) {
    throw unwritable(folder, error, {
      en: 'the lab’s state cannot be written',
      ko: '실습의 상태를 저장할 수 없습니다',
    });
  }
}

function keptIn(folder: string): KeptLanguage | undefined {
  if (idOf(folder) === undefined) return undefined;
  try {
    const { language, locale } = JSON.parse(readText(join(stateOf(folder), keptName), largest)) as Partial<
      Record<keyof KeptLanguage, unknown>
    >;
    const one = languages.find((known) => known === language);
    const asked = languages.find((known) => known === locale);
    return one && { language: one, ...(asked ? { locale: asked } : {}) };
  } catch {
    return undefined;
  }
}

/** Undefined where no locale is set, or one that stands for no language. */
function localeAsked({ variables }: Environment): Language | undefined {
  const locale = variables['LC_ALL'] || variables['LC_MESSAGES'] || variables['LANG'] || '';
  return /^(?:(?:C|POSIX)(?:\..*)?)?$/.test(locale) ? undefined : languageOf(variables);
}
