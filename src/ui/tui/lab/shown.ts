/** What a lab's screen shows of the connections: the same one on two wires, and the newest of them. */
import { lookAt, onHop } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import type { Model } from '../state/model.ts';

/** The most wires beside each other. */
const mostWires = 2;

/** The first wires of the connection's way; the chosen one is always among them. */
export function labHops({ hops, hop }: Pick<Selection, 'hops' | 'hop'>): readonly string[] {
  const first = hops.slice(0, mostWires);
  return hop === undefined || first.includes(hop) ? first : [...first.slice(0, -1), hop];
}

/** The same connection on each of them. */
export function labLooks(model: Model, look: Selection): readonly Selection[] {
  return labHops(look).flatMap((hop) => {
    const other = lookAt(onHop(model, look, hop));
    return other ? [other] : [];
  });
}

/** The stops of the newest connections, the oldest of them first; the shown one is among them. */
export function newestConnections(
  { scene, place }: Pick<Selection, 'scene' | 'place'>,
  count: number,
): number[] {
  const { stops, firstVisit } = scene;
  const from = Math.max(firstVisit, Math.min(stops.length - count, place.stop));
  return Array.from({ length: Math.min(count, stops.length - from) }, (_, at) => from + at).filter(
    (at) => stops[at]?.conn !== undefined,
  );
}
