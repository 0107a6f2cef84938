/** Runs a lab like `wirelab lab NAME` in a learner's folder: its events are kept, and can be awaited. */
import type { ExecutionContext } from 'ava';
import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { systemClock } from '../../../src/core/clock.ts';
import { holdLab } from '../../../src/labs/hold/hold.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { labWorld } from '../../../src/labs/world.ts';
import type { Learner } from './learner.ts';

/** What has not come by then does not come: the test says what came instead. */
const patienceMs = 80_000;

export class Held {
  readonly events: LabEvent[] = [];
  readonly #controller = new AbortController();
  readonly #waiting = new Set<() => void>();
  #ended: Promise<void> = Promise.resolve();

  static async start(t: ExecutionContext, { lab, folder }: Pick<Learner, 'lab' | 'folder'>): Promise<Held> {
    const held = new Held();
    const world = await labWorld(lab, folder);
    const onEvent = (events: LabEvent): void => {
      held.events.push(events);
      for (const check of held.#waiting) check();
    };
    held.#ended = holdLab({
      lab,
      folder,
      world,
      clock: systemClock,
      random: (length) => randomBytes(length),
      version: '0',
      signal: held.#controller.signal,
      onEvent: onEvent,
    });
    // The waiting callers receive it.
    held.#ended.catch(() => {});
    t.teardown(async () => held.end().catch(() => {}));
    return held;
  }

  /** The first matching event from an index on. */
  async until<Found extends LabEvent>(
    fits: (events: LabEvent) => events is Found,
    from?: number,
  ): Promise<Found>;
  async until(fits: (events: LabEvent) => boolean, from?: number): Promise<LabEvent>;
  async until(fits: (events: LabEvent) => boolean, from = 0): Promise<LabEvent> {
    const ended = this.#ended.then(() => {
      throw new Error('the lab ended');
    });
    const found = new Promise<LabEvent>((done, give) => {
      const patience = setTimeout(() => {
        this.#waiting.delete(check);
        const came = this.events.map(
          ({ kind, ...rest }, at) => `${at} ${kind} ${inspect(rest, { depth: 0 })}`,
        );
        give(new Error(`waited in vain from event ${from} on for ${String(fits)}\n${came.join('\n')}`));
      }, patienceMs).unref();
      const check = (): void => {
        const one = this.events.slice(from).find((events) => fits(events));
        if (!one) return;
        this.#waiting.delete(check);
        clearTimeout(patience);
        done(one);
      };
      this.#waiting.add(check);
      check();
    });
    return Promise.race([found, ended]);
  }

  /** How it ends: as by Ctrl-C, or by itself. */
  async end(): Promise<void> {
    this.#controller.abort();
    await this.#ended;
  }

  get ended(): Promise<void> {
    return this.#ended;
  }

  /** The curl command that is printed for this client. */
  async curlAs(client: string): Promise<string> {
    const { ways } = await this.until(
      (events): events is Extract<LabEvent, { kind: 'open' }> =>
        events.kind === 'open' && events.ways.some((way) => way.client === client),
    );
    return ways.find((way) => way.client === client)?.curl ?? '';
  }
}
