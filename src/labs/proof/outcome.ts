/** The kinds of attempts at a lab, and what must come of each. */
import type { TaskResult } from '../checks/checking.ts';

export const attemptKinds = ['start', 'solution', 'wrong'] as const;
export type AttemptKind = (typeof attemptKinds)[number];

export interface ProofAttempt {
  readonly kind: AttemptKind;
  /** As it was named; undefined for the folder as it begins. */
  readonly folder?: string;
  readonly results: readonly TaskResult[];
  /** Whether it came out as it must. */
  readonly holds: boolean;
}

export interface Proof {
  readonly attempts: readonly ProofAttempt[];
  readonly holds: boolean;
}

/**
 * What must come of an attempt. Before anything is done every task is open: one that is done by itself is none. A solution does all of
 * them, a wrong attempt leaves one open at least.
 */
export function comesOutRight(kind: AttemptKind, results: readonly Pick<TaskResult, 'status'>[]): boolean {
  const open = results.filter(({ status }) => status === 'open').length;
  return kind === 'start' ? open === results.length : kind === 'solution' ? open === 0 : open > 0;
}
