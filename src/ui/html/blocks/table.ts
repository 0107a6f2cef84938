/** Tables: what a feature compares, versions of TLS side by side, what was counted. */
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { visiblePlot } from '../../../presentation/report/plots.ts';
import type { SidesBlock, StatisticsBlock, TableBlock } from '../../../presentation/types/report.ts';
import type { Table, Words } from '../../../presentation/types/values.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { visible } from '../svg/plots.ts';
import type { PageContext } from './context.ts';
import { paragraphs, toneClass } from './text.ts';

/** So many columns are side by side on a phone too. */
const fewColumns = 4;

/** The first cell of a row heads it; the second, where the first column is for marks. */
export function grid({ head, rows, tones }: Pick<Table, 'head' | 'rows' | 'tones'>, title?: Localized): Html {
  const heading =
    head[0] !== undefined && isEmpty(head[0]) && rows.some(([first = '']) => isEmpty(first)) ? 1 : 0;
  const cell = (words: Words, row: number, column: number): Html => {
    if (column === heading && !isEmpty(words)) return element('th', { scope: 'row' }, words);
    const tone = tones?.[row]?.[column];
    return element('td', { class: tone && toneClass(tone) }, words);
  };
  return element(
    'div',
    { class: 'scroll', tabindex: 0, role: title && 'group', 'aria-label': title },
    element(
      'table',
      { class: head.length <= fewColumns ? 'few' : undefined },
      title && element('caption', {}, title),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          head.map((words) => (isEmpty(words) ? element('td', {}) : element('th', { scope: 'col' }, words))),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((row, at) =>
          element(
            'tr',
            {},
            row.map((words, column) => cell(words, at, column)),
          ),
        ),
      ),
    ),
  );
}

const isEmpty = (words: Words): boolean => (typeof words === 'string' ? words : words.en) === '';

export const table = ({ table: one }: Pick<TableBlock, 'table'>): Content => [
  grid(one, one.title),
  element('p', { class: 'legend' }, one.legend),
];

export const sides = ({ conns, table: one, remarks }: SidesBlock, context: PageContext): Content => [
  table({ table: one }),
  visibleParts(conns, one, context),
  remarks.filter(({ isAgain }) => !isAgain).map(({ text }) => paragraphs(text)),
];

/** The last columns of the table are theirs. */
function visibleParts(
  conns: SidesBlock['conns'],
  { head }: Pick<Table, 'head'>,
  { messagesOf, toConnection }: PageContext,
): Content {
  const rows = conns.flatMap((conn, at) => {
    const name = head[head.length - conns.length + at] ?? verbatim('');
    return visiblePlot(conn, typeof name === 'string' ? verbatim(name) : name, messagesOf(conn)) ?? [];
  });
  return rows.length > 0 ? visible(rows, toConnection) : undefined;
}

export const statistics = ({ tables }: StatisticsBlock): Content =>
  tables.map((one) => (one.isLegendAgain ? grid(one, one.title) : table({ table: one })));
