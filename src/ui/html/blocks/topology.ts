/** The paths from the clients on: boxes with what runs between them, in a row that wraps on a narrow screen. */
import type { TopologyBlock } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import { pageWords } from '../words.ts';

export const topology = ({ ways }: TopologyBlock): Html =>
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
