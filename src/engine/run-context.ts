/**
 * What a run is given, and what a step needs of the run around it: the words that `run.ts`, the servers and the steps share.
 * A feature whose servers can do more adds it to `RunningServer` by declaration merging; what it remembers of a run, it
 * keeps by `perRun`.
 */
import type { Address, Observation } from '../capture/event.ts';
import type { RunLog } from '../capture/log.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import type { World } from '../pki/keystore/world.ts';
import type { RunningProxy } from '../proxy/proxy.ts';
import type { Tap } from '../wire/endpoint.ts';
import type { Plan, PlannedStep } from './plan.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly log: RunLog;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** The plan's certificates; a plan with TLS needs them. */
  readonly world?: World;
  /** The version that `began` names. */
  readonly version: string;
  /** Called before each step with the step already asked: the pace. Not called for one that goes on by itself. */
  readonly beforeStep?: (step: PlannedStep) => Promise<void>;
  /** The environment in which programs of other people are found; without it none is run. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Ends the run between and within steps. */
  readonly signal?: AbortSignal;
}

export interface RunningServer {
  readonly address: Address;
  /** What reached it since the last report; undefined where it has nothing to say. */
  report(): Observation | undefined;
  /** Where else it listens, by the keys under which `addresses` has them. */
  readonly otherAddresses?: ReadonlyMap<string, Address>;
  /** Another way in, tapped at this end, for visitors who come without a tap of theirs; absent where there is none. Some heed the port. */
  openListener?(tap: Tap, port?: number): Promise<Address>;
  /** The same for one that listens elsewhere too: where, by the keys under which `addresses` has them. */
  openListeners?(tap: Tap): Promise<ReadonlyMap<string, Address>>;
  close(graceMs?: number): Promise<void>;
}

/** What a step needs of the run around it. */
export interface RunContext {
  readonly addresses: Map<string, Address>;
  readonly servers: ReadonlyMap<string, RunningServer>;
  readonly proxies: ReadonlyMap<string, RunningProxy>;
  /** Doors that steps have opened, by wire. */
  readonly tappedAddresses: Map<string, Address>;
}

/** Something that a feature keeps of each run: made when a step of the run first asks for it, gone with the run. */
export function perRun<T>(make: () => T): (run: RunContext) => T {
  const ofRuns = new WeakMap<RunContext, { readonly kept: T }>();
  return (run) => {
    const known = ofRuns.get(run);
    if (known) return known.kept;
    const kept = make();
    ofRuns.set(run, { kept });
    return kept;
  };
}
