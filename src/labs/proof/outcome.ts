/** The kinds of attempts at a lab, and what must come of each. */
import type { TaskResult } from '../checks/checking.ts';
import type { OpenReason } from '../lab.ts';

export const attemptKinds = ['start', 'solution', 'wrong'] as const;
export type AttemptKind = (typeof attemptKinds)[number];

export interface ProofAttempt {
  readonly kind: AttemptKind;
  /** As it was named; undefined for the folder as it begins. */
  readonly folder?: string;
  readonly results: readonly TaskResult[];
  /** Whether it came out as it must. */
  readonly holds: boolean;
  /** A wrong attempt that no check has judged. */
  readonly provesNothing: boolean;
}

export interface Proof {
  readonly attempts: readonly ProofAttempt[];
  readonly holds: boolean;
}

/**
 * Whether a wrong attempt is open only because something in it could not be read (a mistake in YAML, a file that is none), or
 * because no lab answered: then no check has judged it, and it proves nothing.
 */
export function provesNothing(kind: AttemptKind, results: readonly Outcome[]): boolean {
  const open = results.filter(({ status }) => status === 'open');
  return kind === 'wrong' && open.length > 0 && open.every(isUntried);
}

type Outcome = Pick<TaskResult, 'status' | 'reason' | 'isRead'>;

const untried: ReadonlySet<OpenReason | undefined> = new Set([
  'bad_settings',
  'unreadable_file',
  'not_up',
  'no_api_server',
]);

/** Whether a task is open without a check having judged what was handed in. */
export function isUntried({ status, reason, isRead }: Outcome): boolean {
  return status === 'open' && isRead !== true && untried.has(reason);
}

/**
 * What must come of an attempt. Before anything is done every task is open: one that is done by itself is none. A solution does all of
 * them, a wrong attempt leaves one open at least.
 */
export function comesOutRight(kind: AttemptKind, results: readonly Outcome[]): boolean {
  if (provesNothing(kind, results)) return false;
  const open = results.filter(({ status }) => status === 'open').length;
  return kind === 'start' ? open === results.length : kind === 'solution' ? open === 0 : open > 0;
}
