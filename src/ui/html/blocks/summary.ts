/** What many connections come to: a heading, and a line for each. */
import type { ListedBlock, SummaryBlock } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { connectionId } from './ladder.ts';
import { definitions, mark } from './text.ts';

/** The first row is a sentence of its own. */
export const summary = ({ rows: [first, ...rows] }: SummaryBlock): Content => [
  first && element('p', {}, first.text),
  definitions(rows),
];

export const listed = ({ conn, name, time, facts, end, isFailed }: ListedBlock): Html =>
  element(
    'li',
    {},
    element('a', { href: `#${connectionId(conn)}` }, `#${name}`),
    ' ',
    element('time', {}, time),
    ' ',
    facts.map((fact) => [element('span', { class: 'fact' }, fact), ' ']),
    end &&
      element(
        'span',
        { class: isFailed ? 'fact end bad' : 'fact end' },
        isFailed ? mark('✗') : undefined,
        end,
      ),
  );
