/**
 * Waiting for the other side, at most so long. Only time counts in which this process was free to hear: while its event
 * loop is busy (a thousand handshakes at once, a suspended machine) an answer may lie unread in the kernel for seconds, and
 * who sent it must not be taken for silent. What follows from a wait that is over is the caller's.
 *
 * 1. While anybody waits, a timer goes off every tenth of a second. By how much it comes too late, the loop was busy.
 * 2. A wait that is over lets the loop look at the network once more before it says so: Node runs timers first.
 * 3. Nothing runs while nobody waits.
 */

/** The timers of Node, or those of a test. `now` is in milliseconds and never goes back. */
export interface Timers {
  now(): number;
  /** Returns the way to call it off. */
  after(milliseconds: number, run: () => void): () => void;
  /** Runs behind the next look at the network. */
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
/** What a loop that is not busy may come too late: a collection, a write to a disk. */
const slack = 20;

export interface Wait {
  /** Milliseconds that are left; 0 when it is over. */
  readonly left: number;
  /** What was waited for has come: nobody is told any more. */
  stop(): void;
}

export class Patience {
  readonly #timers: Timers;
  #waiting = 0;
  /** Milliseconds in which the loop was busy, while anybody waited. */
  #busy = 0;
  #expected = 0;
  #stopPulse: () => void = () => {};

  constructor(timers: Timers = nodeTimers) {
    this.#timers = timers;
  }

  /** Calls `onOver` once, after so many milliseconds in which this process could have heard; not when it was stopped before. */
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

  /** A clock that stands still while the loop is busy. */
  #free(): number {
    const now = this.#timers.now();
    const late = now - this.#expected;
    return now - this.#busy - (late > slack ? late : 0);
  }

  #beat(): void {
    this.#expected = this.#timers.now() + pulse;
    this.#stopPulse = this.#timers.after(pulse, () => {
      const late = this.#timers.now() - this.#expected;
      if (late > slack) this.#busy += late;
      this.#beat();
    });
  }
}

/** The patience of this process. */
export const patience = new Patience();
