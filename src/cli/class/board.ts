/**
 * The table of a class as cells, CSV and JSON; `roster/board-page.ts` has it as a page. What is in it comes from learners: it
 * cannot become a formula in a spreadsheet, or a control sequence on a terminal.
 */
import type { Language, Localized } from '../../i18n/language.ts';
import { jsonText, outputLine } from '../../ui/json/line.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { HandedIn } from './handed-in.ts';

export const boardWords = {
  learner: { en: 'learner', ko: '수강생' },
  lab: { en: 'lab', ko: '실습' },
  task: { en: 'task', ko: '과제' },
  done: { en: 'done', ko: '완료' },
  hints: { en: 'hints', ko: '힌트' },
  time: { en: 'checked', ko: '확인 시각' },
  finding: { en: 'current finding', ko: '지금 상태' },
  all: { en: 'all done', ko: '모두 완료' },
} as const satisfies Record<string, Localized>;

const columns = ['learner', 'lab', 'task', 'done', 'hints', 'time', 'finding'] as const;

export const boardHead = (language: Language): string[] =>
  columns.map((column) => boardWords[column][language]);

/** @param at how a time is written. */
export function boardCells(row: HandedIn, language: Language, at = (iso: string): string => iso): string[] {
  return [
    row.learner,
    row.lab,
    row.task ? `${row.task.number}. ${row.task.id}` : boardWords.all[language],
    `${row.done}/${row.of}`,
    String(row.hints),
    row.at === undefined ? '' : at(row.at),
    row.finding?.[language] ?? '',
  ];
}

/** RFC 4180. */
export function boardCsv(rows: readonly HandedIn[], language: Language): string {
  const cells = rows.map((row) => {
    const written = boardCells(row, language);
    // "2/4" is a date to a spreadsheet.
    written[3] = `${row.done} of ${row.of}`;
    return written;
  });
  return [boardHead(language), ...cells].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** A spreadsheet takes a cell that begins like this for a formula, also behind blanks and in full-width forms. */
const isFormula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20|%]/;

function csvCell(text: string): string {
  const harmless = isFormula.test(text) ? `'${text}` : text;
  return /[",\r\n']|^\s|\s$/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** A line for each row. */
export const boardJson = (rows: readonly HandedIn[]): string =>
  rows.map((row) => `${jsonText(outputLine(entryOf(row)))}\n`).join('');

/** A row as an object, which `readEntry` reads. */
export const entryOf = ({
  learner,
  lab,
  task,
  done,
  of,
  hints,
  at,
  finding,
}: HandedIn): LineOf<'class-entry'> => ({
  v: 2,
  kind: 'class-entry',
  learner,
  lab,
  ...(task === undefined ? {} : { task: task.id, number: task.number }),
  done,
  of,
  hints,
  ...(at === undefined ? {} : { at }),
  ...(finding === undefined ? {} : { finding }),
});
