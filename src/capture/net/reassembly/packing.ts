/** Packs an idle connection into a row of numbers, and unpacks it (rule 11 of `reassembly.ts`). */
import type { Address } from '../../event.ts';
import { packRow, unpackRow } from '../../file/packed-row.ts';
import { ends, silent } from './stream-state.ts';
import type { Direction, Stream } from './stream-state.ts';

/** What most connections that say nothing have in common; NaN is what is not known. */
const usualDirection = [NaN, 0, 0, 0, NaN, NaN, NaN, NaN, 0, 0, 0, 0, NaN, 64, 64];
const usualRow = [0, NaN, NaN, 1, 0, 0, 0, 0, 0, NaN, NaN, 0, ...usualDirection, ...usualDirection];
const streamNumbers = 12;

/** Undefined for one that waits for something, or of which more is known than numbers. */
export function packed(stream: Stream): string | undefined {
  const {
    connection,
    client,
    firstHeard,
    initial,
    syns,
    firstFin,
    finSeen,
    saidAfterFin,
    segments,
    lastFrame,
    lastAt,
    freshAt,
    ending,
    segmentsAtEnd,
    closed,
    directions,
  } = stream;
  if (client === undefined || ending || segmentsAtEnd || closed) return undefined;
  const numbers = [
    connection,
    initial.low ?? NaN,
    initial.high ?? NaN,
    syns,
    segments,
    lastFrame,
    lastAt,
    freshAt,
    saidAfterFin,
    finSeen?.at ?? NaN,
    finSeen?.quiet ?? NaN,
    0,
  ];
  const bits = [client === 'high', firstHeard === 'high', firstFin !== undefined, firstFin === 'high'];
  for (const end of ends) {
    const {
      next,
      reached,
      sent,
      acknowledged,
      waiting,
      finAt,
      finDone,
      seen,
      doubtful,
      far,
      candidates,
      counts,
      owedSince,
    } = directions[end];
    if (waiting.length > 0 || far || candidates.length > 0) return undefined;
    numbers.push(
      next ?? NaN,
      reached,
      sent,
      acknowledged,
      finAt ?? NaN,
      doubtful ?? NaN,
      owedSince?.at ?? NaN,
      owedSince?.segments ?? NaN,
    );
    numbers.push(
      counts.packets,
      counts.repeated,
      counts.oldestRepeats,
      counts.oldestLength,
      counts.behindHole ?? NaN,
      counts.ttlLeast,
      counts.ttlMost,
    );
    bits.push(finDone, seen, counts.isFull);
  }
  numbers[streamNumbers - 1] = bits.reduce((sum, bit, index) => sum + (bit ? 2 ** index : 0), 0);
  return packRow(numbers, usualRow);
}

export function unpacked(key: string, row: string): Stream {
  const numbers = unpackRow(row, usualRow).map((number) => (Number.isNaN(number) ? undefined : number));
  const sure = (index: number): number => numbers[index] ?? 0;
  const bits = sure(streamNumbers - 1);
  const has = (bit: number): boolean => (bits & (2 ** bit)) !== 0;
  const directionAt = (first: number, bit: number): Direction => {
    const [owedAt, owedSegments] = [numbers[first + 6], numbers[first + 7]];
    return {
      ...silent(),
      next: numbers[first],
      reached: sure(first + 1),
      sent: sure(first + 2),
      acknowledged: sure(first + 3),
      finAt: numbers[first + 4],
      doubtful: numbers[first + 5],
      owedSince:
        owedAt === undefined || owedSegments === undefined
          ? undefined
          : { at: owedAt, segments: owedSegments },
      counts: {
        packets: sure(first + 8),
        lastFrame: 0,
        repeated: sure(first + 9),
        oldestRepeats: sure(first + 10),
        oldestLength: sure(first + 11),
        behindHole: numbers[first + 12],
        ttlLeast: sure(first + 13),
        ttlMost: sure(first + 14),
        isFull: has(bit + 2),
      },
      finDone: has(bit),
      seen: has(bit + 1),
    };
  };
  const [low = '', high = ''] = key.split(' ');
  const [initialLow, initialHigh] = [numbers[1], numbers[2]];
  const [finAt, finQuiet] = [numbers[9], numbers[10]];
  return {
    key,
    connection: sure(0),
    addresses: { low: addressIn(low), high: addressIn(high) },
    directions: {
      low: directionAt(streamNumbers, 4),
      high: directionAt(streamNumbers + usualDirection.length, 7),
    },
    client: has(0) ? 'high' : 'low',
    firstHeard: has(1) ? 'high' : 'low',
    initial: {
      ...(initialLow === undefined ? {} : { low: initialLow }),
      ...(initialHigh === undefined ? {} : { high: initialHigh }),
    },
    syns: sure(3),
    firstFin: has(2) ? (has(3) ? 'high' : 'low') : undefined,
    finSeen: finAt === undefined || finQuiet === undefined ? undefined : { at: finAt, quiet: finQuiet },
    saidAfterFin: sure(8),
    segments: sure(4),
    lastFrame: sure(5),
    lastAt: sure(6),
    freshAt: sure(7),
    ending: undefined,
    segmentsAtEnd: undefined,
    closed: false,
    isPacked: false,
  };
}

function addressIn(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}
