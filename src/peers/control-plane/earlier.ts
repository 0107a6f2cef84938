/**
 * A day before the run: between an API server and its etcd, connections may stand that were made when their certificates
 * were still good. The clocks of both are set back until the API server is up, and right from then on. Only they judge by
 * these clocks; certificates, and everybody else, are of today.
 */
import type { Clock } from '../../core/clock.ts';
import type { RunOptions } from '../../engine/run-context.ts';

export interface Earlier {
  readonly clock: Clock;
  /** From now on it is today. */
  catchUp(): void;
}

const day = 86_400_000;
const ofRuns = new WeakMap<RunOptions, Map<string, Earlier>>();

/** By whose clock an etcd and the API server before it judge; undefined where it is today. The same one for both. */
export function earlier(options: RunOptions, etcd: string): Earlier | undefined {
  const { plan, clock } = options;
  const days = plan.servers
    .map(({ controlPlane }) => controlPlane?.etcd)
    .find((store) => store?.server === etcd)?.connectedDaysAgo;
  if (days === undefined) return undefined;
  const ofRun = ofRuns.get(options) ?? new Map<string, Earlier>();
  ofRuns.set(options, ofRun);
  const known = ofRun.get(etcd);
  if (known) return known;
  let back = days * day;
  const made: Earlier = {
    clock: { now: () => clock.now() - back, microseconds: () => clock.microseconds() },
    catchUp: () => (back = 0),
  };
  ofRun.set(etcd, made);
  return made;
}
