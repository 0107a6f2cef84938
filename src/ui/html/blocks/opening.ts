/** The packets that opened a connection. */
import type { OpeningBlock } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';

export const opening = ({ opening: { title, source, seen, packets, note } }: OpeningBlock): Html =>
  element(
    'div',
    { class: 'opening' },
    element('h3', {}, title),
    source === '' && seen === undefined
      ? undefined
      : element('p', { class: 'dim' }, [source, seen].filter(Boolean).join(', ')),
    element(
      'ol',
      {},
      packets.map(({ head, place, offers }) =>
        element(
          'li',
          {},
          element('strong', {}, head),
          ' ',
          element('span', { class: 'dim' }, place),
          ' ',
          offers,
        ),
      ),
    ),
    note && element('p', {}, note),
  );
