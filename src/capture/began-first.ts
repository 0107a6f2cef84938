/**
 * The order in which a capture file needs a run: what says when it began by the clock on the wall, and which wires it has,
 * before everything else. In the log other events may come before: addresses are known once everybody listens, and a server
 * that keeps its objects in another calls it before it listens itself.
 */
import type { CaptureEvent } from './event.ts';
import type { Fold } from './log.ts';

/** Gives a fold the `began` of each run first; what came before it waits, in its order, and is given right behind it. */
export function beganFirst(fold: Fold): Fold {
  const begun = new Set<number>();
  const waiting = new Map<number, CaptureEvent[]>();
  return (event) => {
    if (begun.has(event.run)) return fold(event);
    const early = waiting.get(event.run) ?? [];
    if (event.type !== 'began') {
      waiting.set(event.run, early);
      early.push(event);
      return;
    }
    begun.add(event.run);
    waiting.delete(event.run);
    fold(event);
    for (const one of early) fold(one);
  };
}
