/** Summarizes what the packets of a connection showed beyond its bytes. */
import type { ConnectionSegments } from '../../event.ts';
import { segmentsOf } from '../segment-counts.ts';
import { otherEnd } from './stream-state.ts';
import type { Stream } from './stream-state.ts';

/** What its packets showed, if it is notable. */
export function segmentsIn({
  client,
  directions,
  ending,
  initial,
  lastAt,
  freshAt,
  firstFin,
  finSeen,
  saidAfterFin,
}: Stream): ConnectionSegments | undefined {
  if (client === undefined) return undefined;
  const server = otherEnd(client);
  // For a connection that was never accepted, the end contains everything.
  if (initial[client] !== undefined && !directions[server].seen && directions[server].next === undefined)
    return undefined;
  const reset =
    ending?.how === 'reset'
      ? {
          by: ending.from === client ? ('client' as const) : ('server' as const),
          from: directions[ending.from].counts,
          ttl: ending.ttl,
          continued: ending.continued[ending.from],
          frame: ending.frame,
        }
      : undefined;
  // Who ends waits no longer, however long the other side takes to end as well.
  const quiet = finSeen?.quiet ?? Math.max(0, (ending?.since ?? lastAt) - freshAt);
  const fin = finSeen && {
    by: firstFin === client ? ('client' as const) : ('server' as const),
    answered: saidAfterFin,
    lingered: Math.max(0, (ending?.since ?? lastAt) - finSeen.at),
  };
  return segmentsOf(directions[client], directions[server], reset, quiet, fin);
}
