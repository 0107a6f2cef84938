/**
 * Formats a user's error for standard error: what, where, expected, received, and what to do. Further errors from the
 * same pass follow in the same form, so that all can be fixed at once.
 */
import { safeLines, safeText } from '../../i18n/safe.ts';
import type { Language } from '../../i18n/language.ts';
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

function linesOf({ what, where, expected, received, remedy }: UserErrorFacts, language: Language): string[] {
  const [first = '', ...more] = safeLines(what[language]);
  const lines = [`wirelab: ${first}`, ...more.map((line) => `  ${line}`)];
  const row = (label: keyof typeof labels, text: string): void => {
    const [head = '', ...rest] = safeLines(text);
    lines.push(`  ${labels[label][language]}: ${head}`, ...rest.map((line) => `    ${line}`));
  };
  if (where !== undefined) row('where', where);
  if (expected !== undefined) row('expected', expected[language]);
  if (received !== undefined)
    row('received', received === '' ? '""' : received.split('\n').map(safeText).join('\n'));
  if (remedy !== undefined) row('remedy', remedy[language]);
  return lines;
}
