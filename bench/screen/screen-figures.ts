/** What `screen-subject.ts` tells of one log, and `screen.ts` writes down. All times in milliseconds. */

export interface Times {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** How long something took in all, and the longest turn of the event loop meanwhile. */
export interface Stretch {
  readonly spent: number;
  readonly longest: number;
}

export interface ScreenFigures {
  readonly events: number;
  /** Megabytes of the heap in use after a collection: the log and its folds, then with all that the screen keeps. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  readonly frames: Times;
  /** Which key the slowest frame answered. */
  readonly slowest: string;
  readonly first: Stretch;
  readonly found: Stretch;
  readonly missing: Stretch;
}

export function describeTimes(times: readonly number[]): Times {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { count: times.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
