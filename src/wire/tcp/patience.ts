/**
 * Implements timeouts for a peer that count only the time in which this process could receive: while its event loop is
 * busy (a thousand handshakes at once, a suspended machine), a response may be unread in the kernel for seconds, and
 * its sender must not be taken for idle. The caller handles the timeout.
 *
 * 1. While a timeout is pending, a timer fires every tenth of a second. By how much it is late, the loop was busy.
 * 2. Before a timeout fires, the loop polls the network once more: Node runs timers first.
 * 3. No timer runs while no timeout is pending.
 */

/** Node's timers, or a test's. `now` is in milliseconds and monotonic. */
export interface Timers {
  now(): number;
  /** Returns a function that cancels it. */
  after(milliseconds: number, run: () => void): () => void;
  /** Runs after the next poll. */
  soon(run: () => void): void;
}

const nodeTimers: Timers = {
  now: () => performance.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds).unref();
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

/** In milliseconds. */
const pulse = 100;
/** The lateness of a loop that is not busy: a collection, a write to a disk. */
const slack = 20;

export interface Wait {
  /** The remaining milliseconds; 0 when it is over. */
  readonly left: number;
  /** Cancels the timeout: what was waited for has arrived. */
  stop(): void;
}

export class Patience {
  readonly #timers: Timers;
  #waiting = 0;
  /** Milliseconds in which the loop was busy while a timeout was pending. */
  #busy = 0;
  #expected = 0;
  #stopPulse: () => void = () => {};
  /** Since when no time counts; undefined while it does. */
  #suspended: number | undefined;

  constructor(timers: Timers = nodeTimers) {
    this.#timers = timers;
  }

  /** Calls `onOver` once, after this many milliseconds in which this process could receive, unless it is cancelled. */
  wait(milliseconds: number, onOver: () => void = () => {}): Wait {
    if (this.#waiting++ === 0) this.#beat();
    const began = this.#free();
    let isOver = false;
    let callOff = (): void => {};
    const left = (): number => (isOver ? 0 : Math.max(0, milliseconds - (this.#free() - began)));
    const stop = (): void => {
      if (isOver) return;
      isOver = true;
      callOff();
      if (--this.#waiting === 0) this.#stopPulse();
    };
    const sleep = (time: number): void => {
      callOff = this.#timers.after(time, () => {
        const rest = left();
        if (rest >= 1) sleep(rest);
        else
          this.#timers.soon(() => {
            if (isOver) return;
            stop();
            onOver();
          });
      });
    };
    sleep(milliseconds);
    return {
      get left() {
        return left();
      },
      stop,
    };
  }

  /** Nothing is read for now: no time counts until `resume`. */
  suspend(): void {
    this.#suspended ??= this.#timers.now();
  }

  resume(): void {
    if (this.#suspended === undefined) return;
    this.#busy += this.#timers.now() - this.#suspended;
    this.#suspended = undefined;
    this.#expected = this.#timers.now() + pulse;
  }

  /** A clock that stops while the loop is busy, or nothing is read. */
  #free(): number {
    if (this.#suspended !== undefined) return this.#suspended - this.#busy;
    const now = this.#timers.now();
    const late = now - this.#expected;
    return now - this.#busy - (late > slack ? late : 0);
  }

  #beat(): void {
    this.#expected = this.#timers.now() + pulse;
    this.#stopPulse = this.#timers.after(pulse, () => {
      const late = this.#timers.now() - this.#expected;
      if (late > slack && this.#suspended === undefined) this.#busy += late;
      this.#beat();
    });
  }
}

/** The timeouts of this process. */
export const patience = new Patience();
