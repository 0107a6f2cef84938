/**
 * The page of an opened file: its list of connections, of which rows are fetched when they are seen, and the conversation and
 * the bytes of the one that is opened. Who serves it decides when; nothing here knows of sockets.
 */
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import type { ListedRow } from '../../../presentation/report/listed-row.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import { mark } from '../blocks/text.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { placeFragment } from '../live/format.ts';
import { pageReport } from '../report.ts';
import type { PageSection } from '../report.ts';
import { pageWords, viewWords } from '../words.ts';
import { longestFilter, viewColumns, viewIds } from './format.ts';

export interface ViewedFile {
  /** What is said of the file: sentences. */
  readonly facts: readonly Localized[];
  /** What could not be read of it. */
  readonly problem: Localized | undefined;
  /** Of a saved run: how it ended. */
  readonly blocks: readonly ReportBlock[];
  /** The filter to begin with. */
  readonly filter: string;
}

/** The sections of the page before a connection is opened. */
export function viewSections({ facts, problem, blocks, filter }: ViewedFile): readonly PageSection[] {
  return [
    {
      id: 'connections',
      title: pageWords.list,
      content: [
        facts.map((fact) => element('p', {}, fact)),
        problem && element('p', { class: 'remark' }, mark('!'), problem),
        element('noscript', {}, element('p', {}, viewWords.noScript)),
        element(
          'div',
          { class: 'filter', role: 'search' },
          element('label', { for: viewIds.filter }, viewWords.filter),
          element('input', {
            id: viewIds.filter,
            type: 'search',
            maxlength: longestFilter,
            placeholder: viewWords.example,
            autocomplete: 'off',
            autocapitalize: 'none',
            spellcheck: 'false',
            'aria-describedby': `${viewIds.fault} ${viewIds.status}`,
            value: filter,
          }),
        ),
        element('p', { class: 'bad', id: viewIds.fault, role: 'alert' }),
        element('p', { class: 'dim', id: viewIds.status, role: 'status' }),
        element('div', { class: 'explorer viewed', id: viewIds.list }),
      ],
    },
    {
      id: viewIds.connection,
      title: pageWords.conversation,
      content: element('p', { class: 'dim waiting' }, viewWords.choose),
    },
    {
      id: viewIds.bytes,
      title: pageWords.bytes,
      content: element('p', { class: 'dim waiting' }, viewWords.chooseForBytes),
    },
    ...pageReport(blocks, { toBytes: () => undefined }).sections,
  ];
}

/** A connection in one row, its cells in the order of `viewColumns`. */
export function viewRow({ name, cells, outcome, isFailed }: ListedRow): Html {
  const cell = (className: string, ...content: readonly Content[]): Html =>
    element('span', { class: className, role: 'gridcell' }, ...content);
  return element(
    'span',
    { class: 'cells', role: 'presentation' },
    cell('main', `#${name}`),
    viewColumns.map((column) =>
      column === 'outcome'
        ? cell(isFailed ? 'outcome bad' : 'outcome', isFailed ? [mark('✗'), ' '] : undefined, outcome)
        : cell(column, cells[column]),
    ),
  );
}

/** Rungs of one ladder: more of them no browser lays out in good time. All messages are among the bytes. */
export const mostRungs = 2000;

/** The conversation of a connection that is opened. */
export function viewConnection(blocks: readonly ReportBlock[]): Html {
  let rungs = 0;
  const shown = blocks.filter(({ kind }) => kind !== 'message' || ++rungs <= mostRungs);
  const { sections } = pageReport(shown, { toBytes: placeFragment });
  return element(
    'div',
    { class: 'opened' },
    rungs > mostRungs
      ? element(
          'p',
          { class: 'remark' },
          inEach((language) => viewWords.firstOnly[language](grouped(mostRungs), grouped(rungs))),
        )
      : undefined,
    sections.map(({ content }): Content => content),
  );
}

/** In place of what a browser could not hold. */
export const viewTooLarge = (bytes: number): Html =>
  element(
    'p',
    { class: 'remark explorer' },
    inEach((language) => viewWords.tooLarge[language](grouped(bytes))),
  );
