/** Keeps the bytes of a direction that wait for others, in order and without overlap. */
import type { Direction, Waiting } from './stream-state.ts';

/** Adds bytes that were neither delivered nor are waiting; returns their number. */
export function hold(direction: Direction, { position, length, bytes, frame, after }: Waiting): number {
  const { waiting } = direction;
  const end = position + length;
  let start = Math.max(position, direction.reached);
  if (start >= end) return 0;
  let added = 0;
  let index = firstBehind(waiting, start);
  while (start < end) {
    const next = waiting[index];
    const free = Math.min(end, next?.position ?? end);
    if (free > start) {
      waiting.splice(index, 0, {
        position: start,
        length: free - start,
        bytes: bytes?.subarray(start - position, free - position),
        frame,
        after,
      });
      added += free - start;
      index++;
    }
    if (!next) break;
    start = Math.max(start, next.position + next.length);
    index++;
  }
  direction.waitingBytes += added;
  return added;
}

/** Index of the first that ends behind `position`; their number where there is none. */
export function firstBehind(waiting: readonly Waiting[], position: number): number {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = waiting[middle];
    if (one && one.position + one.length <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}
