/**
 * Defines time and randomness as arguments. Nothing below the command line reads the system's clock itself, so that a
 * certificate's validity and a log's times can be tested under any clock.
 */

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Monotonic microseconds; only differences mean anything. */
  microseconds(): number;
}

/** Cryptographically strong random bytes, or a fixed stream in a test. */
export type RandomBytes = (length: number) => Uint8Array;

export const systemClock: Clock = {
  now: () => Date.now(),
  // The same clock as performance.now(), without loading its module.
  microseconds: () => Number(process.hrtime.bigint() / 1000n),
};
