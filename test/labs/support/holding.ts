/** A lab that is kept up, as `wirelab lab NAME` does it, in the folder of a learner: what it tells is kept, and waited for. */
import type { ExecutionContext } from 'ava';
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import { holdLab } from '../../../src/labs/hold/hold.ts';
import type { LabEvent } from '../../../src/labs/hold/holding.ts';
import { labWorld } from '../../../src/labs/world.ts';
import type { Learner } from './learner.ts';

export class Held {
  readonly told: LabEvent[] = [];
  readonly #controller = new AbortController();
  readonly #waiting = new Set<() => void>();
  #ended: Promise<void> = Promise.resolve();

  static async start(t: ExecutionContext, { lab, folder }: Pick<Learner, 'lab' | 'folder'>): Promise<Held> {
    const held = new Held();
    const world = await labWorld(lab, folder);
    const tell = (told: LabEvent): void => {
      held.told.push(told);
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
      onEvent: tell,
    });
    // Whoever waits hears of it.
    held.#ended.catch(() => {});
    t.teardown(async () => held.end().catch(() => {}));
    return held;
  }

  /** The first thing told, from one of them on, that fits. */
  async until<Found extends LabEvent>(fits: (told: LabEvent) => told is Found, from?: number): Promise<Found>;
  async until(fits: (told: LabEvent) => boolean, from?: number): Promise<LabEvent>;
  async until(fits: (told: LabEvent) => boolean, from = 0): Promise<LabEvent> {
    const ended = this.#ended.then(() => {
      throw new Error('the lab ended');
    });
    const found = new Promise<LabEvent>((done) => {
      const check = (): void => {
        const one = this.told.slice(from).find((told) => fits(told));
        if (!one) return;
        this.#waiting.delete(check);
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
      (told): told is Extract<LabEvent, { kind: 'open' }> =>
        told.kind === 'open' && told.ways.some((way) => way.client === client),
    );
    return ways.find((way) => way.client === client)?.curl ?? '';
  }
}
