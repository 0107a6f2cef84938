/**
 * Formats a user's error for standard error: what, where, expected, received, and what to do. Further errors from the
 * same pass follow in the same form, so that all can be fixed at once.
 *
 * Each row is one line, whatever names, paths and values it quotes: a line break in one of them is shown as an escape, and
 * cannot pass for a row of its own.
 */
import { escapedText } from '../../i18n/safe.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import type { UserError, UserErrorFacts } from '../../i18n/user-error.ts';

const labels = {
  where: { en: 'where', ko: '위치' },
  expected: { en: 'expected', ko: '요구' },
  received: { en: 'received', ko: '입력' },
  remedy: { en: 'what to do', ko: '해결 방법' },
} as const;

/** Lines for standard error, without a stack trace. */
export function userErrorLines(mistake: UserError, language: Language): string[] {
  return [mistake.facts, ...(mistake.facts.others ?? [])].flatMap((facts) => linesOf(facts, language));
}

/** One line for standard error about something that the program goes on after. */
export function warningLine(words: Localized, language: Language): string {
  return `wirelab: ${escapedText(words[language])}\n`;
}

function linesOf(facts: UserErrorFacts, language: Language): string[] {
  const { what, where, expected, received, remedy } = facts;
  const rows: readonly (readonly [keyof typeof labels, string | undefined])[] = [
    ['where', where],
    ['expected', expected?.[language]],
    ['received', received === '' ? '""' : received],
    ['remedy', remedy?.[language]],
  ];
  return [
    `wirelab: ${escapedText(what[language])}`,
    ...rows.flatMap(([label, text]) =>
      text === undefined ? [] : [`  ${labels[label][language]}: ${escapedText(text)}`],
    ),
  ];
}
