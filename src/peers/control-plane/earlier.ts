/**
 * Sets the clocks of an API server and its etcd back by days until the API server is up, so that the connections between
 * them were made while their certificates were still valid; from then on the clocks are right. Only these two use them;
 * certificates, and everything else, use today's date.
 */
import type { Clock } from '../../core/clock.ts';
import type { RunOptions } from '../../engine/run-context.ts';

export interface Earlier {
  readonly clock: Clock;
  /** Switches both clocks to today. */
  catchUp(): void;
}

const day = 86_400_000;
const ofRuns = new WeakMap<RunOptions, Map<string, Earlier>>();

/** The shared clock of an etcd and its API server; undefined where it is not set back. */
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
