/**
 * The inputs of a run and what a step needs of the run around it, shared by `run.ts`, the servers and the steps. A feature
 * whose servers can do more extends `RunningServer` by declaration merging; per-run state of a feature is kept by
 * `perRun`.
 */
import type { Address, Observation } from '../capture/event.ts';
import type { RunLog } from '../capture/log.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import type { Localized } from '../i18n/language.ts';
import type { World } from '../pki/keystore/world.ts';
import type { RunningProxy } from '../proxy/proxy.ts';
import type { Tap } from '../wire/endpoint.ts';
import type { Host } from '../wire/hosts/host.ts';
import type { Plan, PlannedStep } from './plan.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly log: RunLog;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** The plan's certificates; a plan with TLS needs them. */
  readonly world?: World;
  /** The host of a participant, by its name; without it, all are in this process's network stack. */
  readonly hosts?: ReadonlyMap<string, Host> | undefined;
  /** Paragraphs about this run, behind the scenario's own words. */
  readonly alsoSaid?: { readonly intro: Localized; readonly doesNotProve: Localized } | undefined;
  /** The version in the `began` event. */
  readonly version: string;
  /** Called before each step, after it was announced: sets the pace. Not called for a step that starts by itself. */
  readonly beforeStep?: (step: PlannedStep) => Promise<void>;
  /** The environment in which external programs are found; without it none is run. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Aborts the run between and within steps. */
  readonly signal?: AbortSignal;
}

export interface RunningServer {
  readonly address: Address;
  /** What reached it since the last report; undefined where there is nothing to report. */
  report(): Observation | undefined;
  /** Further addresses, by their keys in `addresses`. */
  readonly otherAddresses?: ReadonlyMap<string, Address>;
  /**
   * Opens another listener, tapped at this end, for clients without a tap of their own; absent where unsupported. Some
   * implementations ignore the port.
   */
  openListener?(tap: Tap, port?: number): Promise<Address>;
  /** The same for a server with several addresses: the new listeners by their keys in `addresses`. */
  openListeners?(tap: Tap): Promise<ReadonlyMap<string, Address>>;
  close(graceMs?: number): Promise<void>;
}

/** What a step needs of the run around it. */
export interface RunContext {
  readonly addresses: Map<string, Address>;
  readonly servers: ReadonlyMap<string, RunningServer>;
  readonly proxies: ReadonlyMap<string, RunningProxy>;
  /** Listeners that steps have opened, by wire. */
  readonly tappedAddresses: Map<string, Address>;
}

/** State that a feature keeps per run: created on first use by a step, released with the run. */
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
