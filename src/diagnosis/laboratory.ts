/**
 * Makes the attempts of a diagnosis: one after another, each change once, and no more than forty in all, only to the host
 * that was named.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { Flows } from '../capture/flows.ts';
import { CaptureLog } from '../capture/log.ts';
import type { Clock } from '../core/clock.ts';
import { makeAttempt } from './attempt/attempt.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Call, Change } from './attempt/call.ts';

/** Connections that a diagnosis opens at most. */
export const mostAttempts = 40;
/** Milliseconds after which no other is begun: a host that takes seconds for each answer is not asked everything. */
const mostTime = 15_000;

/** In milliseconds: what a busy server on the same machine may need. */
const shortest = 500;

export interface LaboratoryOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: CaptureLog;
  readonly onAttempt?: (attempt: Attempt) => void;
}

export class Laboratory {
  readonly call: Call;
  readonly #options: LaboratoryOptions;
  readonly #flows: Flows;
  readonly #made = new Map<string, Attempt>();
  #address: string | undefined;

  constructor(call: Call, options: LaboratoryOptions) {
    this.call = call;
    this.#options = options;
    this.#flows = new Flows(options.log);
    options.log.subscribe(this.#flows.fold);
  }

  /** In the order in which they were made. */
  get attempts(): readonly Attempt[] {
    return [...this.#made.values()];
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** Attempts that name no address lead to this one from now on. */
  leadTo(address: string): void {
    this.#address = address;
  }

  /** Waits that long, or until the diagnosis is interrupted. */
  async pause(milliseconds: number): Promise<void> {
    await pause(milliseconds, undefined, { signal: this.#options.signal });
  }

  /** Milliseconds that are left of the time for a diagnosis. */
  get timeLeft(): number {
    const [first] = this.#made.values();
    return first === undefined ? mostTime : Math.max(0, mostTime - (this.clock.now() - first.at));
  }

  /**
   * Milliseconds for the next attempt. Whoever has shown how fast it answers is not waited for much longer, and whoever was
   * silent once, to the end of a client's patience, is asked a dozen other things more quickly.
   */
  get #patience(): number {
    const { timeout } = this.call;
    const made = this.attempts.filter(({ connection }) => connection !== undefined);
    if (made.length === 0) return timeout;
    const answered = made.flatMap(({ answeredAfter }) => answeredAfter ?? []);
    const slowest =
      answered.length > 0
        ? 4 * Math.max(...answered)
        : 6 * Math.max(...made.map(({ connectedAfter = 0 }) => connectedAfter));
    return Math.min(timeout, shortest + slowest);
  }

  /** The same change again returns the same attempt. Undefined when forty attempts have been made, or the time is over. */
  async try(change: Change): Promise<Attempt | undefined> {
    const known = this.#made.get(change.id);
    if (known) return known;
    if (this.#made.size >= mostAttempts || this.timeLeft === 0) return undefined;
    const { log, clock, signal, onAttempt } = this.#options;
    const address = change.address ?? this.#address;
    const made = address === undefined ? change : { ...change, address };
    const attempt = await makeAttempt(this.call, made, this.#made.size + 1, {
      log,
      flows: this.#flows,
      clock,
      signal,
      timeout: change.timeout ?? this.#patience,
    });
    this.#made.set(change.id, attempt);
    onAttempt?.(attempt);
    return attempt;
  }
}
