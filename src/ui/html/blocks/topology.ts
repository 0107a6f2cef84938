/** The paths from the clients on: boxes with what runs between them, in a row that wraps on a narrow screen; and the star of many. */
import type { TopologyBlock } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { star } from '../svg/star.ts';
import { pageWords } from '../words.ts';

export const topology = (block: TopologyBlock): Content => [paths(block), star(block)];

const paths = ({ ways }: TopologyBlock): Html =>
  element(
    'div',
    { class: 'topology', role: 'group', 'aria-label': pageWords.paths },
    ways.map(({ clients, legs }) =>
      element(
        'ul',
        {},
        element('li', { class: 'end' }, clients.join(', ')),
        legs.map(({ wire, to }) => [
          element('li', { class: 'wire' }, wire),
          element('li', { class: 'end' }, to),
        ]),
      ),
    ),
  );
