/**
 * Folds the log into the windows of a scenario's steps: which events happened during which step. Expectations about one
 * step are judged over its window.
 *
 * A window opens with `asked` or `started`, whichever comes first, and closes with `done`; steps do not overlap, so a
 * new step closes one that was interrupted (and leaves it `started`).
 */
import type { CaptureEvent, EventOf } from './event.ts';

export interface StepWindow {
  readonly run: number;
  readonly id: string;
  readonly state: EventOf<'step'>['state'];
  /** `seq` of its first and last event, both its own; the last grows while the step runs. */
  readonly first: number;
  readonly last: number;
  /** Microseconds since the run began. */
  readonly startedAt: number;
  readonly doneAt?: number;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export class Steps {
  readonly #windows: Mutable<StepWindow>[] = [];
  #current: Mutable<StepWindow> | undefined;

  /** In order; a step that was repeated or ran in several runs stands here several times. */
  get windows(): readonly StepWindow[] {
    return this.#windows;
  }

  /** The step that is running. */
  get current(): StepWindow | undefined {
    return this.#current;
  }

  /** The newest window of that step, of one run or of all. */
  of(id: string, run?: number): StepWindow | undefined {
    return this.#windows.findLast((window) => window.id === id && (run === undefined || window.run === run));
  }

  /** The window that the event of that `seq` fell into. */
  at(seq: number): StepWindow | undefined {
    return this.#windows.findLast((window) => window.first <= seq && seq <= window.last);
  }

  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'began') this.#current = undefined;
    if (event.type === 'step') this.#step(event);
    else if (this.#current) this.#current.last = event.seq;
  };

  #step(event: EventOf<'step'>): void {
    let window = this.#current;
    if (!window || window.id !== event.id || (event.state === 'asked' && window.state !== 'asked')) {
      window = {
        run: event.run,
        id: event.id,
        state: event.state,
        first: event.seq,
        last: event.seq,
        startedAt: event.at,
      };
      this.#windows.push(window);
      this.#current = window;
    }
    window.state = event.state;
    window.last = event.seq;
    if (event.state === 'started') window.startedAt = event.at;
    if (event.state === 'done') {
      window.doneAt = event.at;
      this.#current = undefined;
    }
  }
}
