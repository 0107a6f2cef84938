/** The star of a topology in which many wires meet: callers at the left, whom it calls at the right, the wires between them. */
import { starOf } from '../../../presentation/topology.ts';
import { callersOf } from '../../../presentation/wires/star.ts';
import type { TopologyBlock } from '../../../presentation/types/report.ts';
import { inEach } from '../../../i18n/language.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import { plotWords } from '../words.ts';

type Wire = TopologyBlock['wires'][number];

/** Undefined for a topology that is a path. */
export function star(block: TopologyBlock): Html | undefined {
  const found = starOf(block);
  if (!found) return undefined;
  const { hub, calledOver, callsOver, others } = found;
  const legs = new Map(block.ways.flatMap(({ legs: own }) => own.map((leg) => [leg.hop, leg.wire])));
  const wire = ({ hop, protocol }: Wire): Html =>
    element('span', { class: 'wire' }, legs.get(hop) ?? `──${protocol}──[${hop}]──>`);
  const end = (name: string): Html => element('span', { class: 'end' }, name);
  return element(
    'figure',
    { class: 'plot star' },
    element(
      'figcaption',
      {},
      inEach((language) => plotWords.star[language](hub)),
    ),
    element(
      'div',
      { class: 'around' },
      element(
        'ul',
        { class: 'callers' },
        calledOver.map((one) => element('li', {}, end(callersOf(one)), wire(one))),
      ),
      element('p', { class: 'hub' }, hub),
      element(
        'ul',
        { class: 'called' },
        callsOver.map((one) => element('li', {}, wire(one), end(one.to))),
      ),
    ),
    others.length > 0
      ? element(
          'ul',
          { class: 'others' },
          others.map((one) => element('li', {}, end(callersOf(one)), wire(one), end(one.to))),
        )
      : undefined,
  );
}
