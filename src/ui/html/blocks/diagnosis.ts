/** Why a connection fails: the answer, what speaks for it with its bytes, the experiments as a table. */
import type {
  DiagnosisBlock,
  EvidenceBlock,
  EvidenceItem,
  ExperimentBlock,
  ExperimentRow,
  ExperimentsBlock,
} from '../../../presentation/types/diagnosis.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { pageWords } from '../words.ts';
import type { PageContext } from './context.ts';
import { definitions, toneClass } from './text.ts';

export const diagnosis = ({ headline, tone, rows }: DiagnosisBlock): Html =>
  element(
    'div',
    { class: `verdict answer ${toneClass(tone)}` },
    element('p', { class: 'status' }, element('strong', {}, headline)),
    definitions(
      rows.map(({ kind, label, text, command }) => ({
        kind,
        label,
        text: command === undefined ? text : [element('p', {}, text), element('pre', {}, command)],
      })),
    ),
  );

export const evidence = ({ title, items }: EvidenceBlock, context: PageContext): Content => [
  element('h3', {}, title),
  element(
    'ul',
    { class: 'evidence-list' },
    items.map((item) => element('li', {}, item.text, itsBytes(item, context))),
  ),
];

function itsBytes({ place, conns }: EvidenceItem, context: PageContext): Content {
  const href = place && context.toBytes(place);
  if (href !== undefined)
    return [' ', element('a', { class: 'evidence', href, title: pageWords.toBytes }, pageWords.itsBytes)];
  return conns.map((conn) => connectionLink(conn, context));
}

function connectionLink(conn: number, { toConnection }: PageContext): Content {
  const href = toConnection(conn);
  return href === undefined
    ? undefined
    : [' ', element('a', { class: 'to-connection', href, title: pageWords.toConnection }, `#${conn}`)];
}

export const experiments = ({ title, rows }: ExperimentsBlock, context: PageContext): Html =>
  element(
    'div',
    { class: 'scroll', tabindex: 0, role: 'group', 'aria-label': title },
    element(
      'table',
      { class: 'experiments few' },
      element('caption', {}, title),
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          [pageWords.number, pageWords.changed, pageWords.cameBack, pageWords.connection].map((words) =>
            element('th', { scope: 'col' }, words),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        rows.map((row) =>
          element(
            'tr',
            {},
            element('td', {}, numbersOf(row)),
            element('th', { scope: 'row' }, row.changed),
            element('td', {}, row.cameBack),
            element(
              'td',
              {},
              row.conns.map((conn) => connectionLink(conn, context)),
            ),
          ),
        ),
      ),
    ),
  );

const numbersOf = ({ first, last }: ExperimentRow): string =>
  first === last ? `${first}` : `${first}-${last}`;

export const experiment = ({ number, changed, cameBack }: ExperimentBlock): Html =>
  element('h3', { class: 'experiment' }, `${number} `, changed, ': ', cameBack);
