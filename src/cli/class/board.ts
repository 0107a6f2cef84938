/**
 * The table of a class in four forms. What is in it comes from learners: it cannot become markup in HTML, a formula in a
 * spreadsheet, or a control sequence on a terminal. The page is one file that refers to nothing outside.
 */
import type { Language, Localized } from '../../i18n/language.ts';
import { escapeHtml } from '../../i18n/safe.ts';
import { jsonText, outputLine } from '../../ui/json/line.ts';
import type { LineOf } from '../../ui/json/line.ts';
import type { HandedIn } from './handed-in.ts';

export const boardWords = {
  title: { en: 'Labs of the class', ko: '수업의 실습 현황' },
  learner: { en: 'learner', ko: '수강생' },
  lab: { en: 'lab', ko: '실습' },
  task: { en: 'task', ko: '과제' },
  done: { en: 'done', ko: '완료' },
  hints: { en: 'hints', ko: '힌트' },
  time: { en: 'checked', ko: '확인한 때' },
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

const style =
  'body{font:16px/1.4 system-ui,sans-serif;margin:2rem;color:#1a1a1a;background:#fff}table{border-collapse:collapse;width:100%}' +
  'th,td{text-align:left;vertical-align:top;padding:.4rem .8rem;border-bottom:1px solid #ccc}th{border-bottom:2px solid #555}' +
  '.all td{background:#e6f4ea}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}.all td{background:#173a22}}';

export function boardHtml(rows: readonly HandedIn[], language: Language): string {
  const title = escapeHtml(boardWords.title[language]);
  const head = boardHead(language)
    .map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`)
    .join('');
  const body = rows.map((row) => {
    const cells = boardCells(row, language).map((cell) => `<td>${escapeHtml(cell)}</td>`);
    return `<tr${row.task ? '' : ' class="all"'}>${cells.join('')}</tr>\n`;
  });
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<h1>${title}</h1>
<table>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('')}</tbody>
</table>
</body>
</html>
`;
}
