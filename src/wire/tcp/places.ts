/**
 * Gives out the places of a limit: which connection is served, waits, is rejected or is closed to make room. It knows no
 * sockets: `connection-limit.ts` has those, and has the guarantees.
 */

/** How many connections wait at most, unless something else is chosen. */
export const usualWaiting = 512;

/** A connection that wants a place. */
export interface PlaceHolder {
  /** It has a place now. */
  serve(): void;
  /** There is none; it is not heard of again. */
  sendAway(): void;
  /** It is asked to leave its place for another. */
  close(): void;
}

/** What a connection reports about itself. */
export interface Place {
  /** It has sent data while it waits. */
  spoke(): void;
  /** It has waited for the idle time and has sent nothing. */
  isStill(): void;
  /** It is served, and has been idle for the idle time. */
  idle(): void;
  /** It is no longer idle. */
  active(): void;
  /** It has closed, whether it was served or not. */
  gone(): void;
}

interface Held {
  readonly holder: PlaceHolder;
  state: 'waiting' | 'served' | 'gone';
  isStill: boolean;
  isLeaving: boolean;
}

export interface PlacesOptions {
  /** Unlimited if undefined: then every connection is seated. */
  readonly atOnce: number | undefined;
  readonly mostWaiting: number;
}

export class Places {
  readonly #options: PlacesOptions;
  #serving = 0;
  /** Waiting connections that have sent data, and those that have not; in order of arrival. */
  readonly #spoken = new Set<Held>();
  readonly #mute = new Set<Held>();
  /** Served connections that are idle, the longest idle first. */
  readonly #silent = new Set<Held>();
  /** Closing to make room, and not closed yet. */
  #leaving = 0;
  #isPlanned = false;

  constructor(options: PlacesOptions) {
    this.#options = options;
  }

  /** Waiting connections for which there is no place yet. */
  get waiting(): number {
    const { atOnce = Infinity } = this.#options;
    return Math.max(0, this.#spoken.size + this.#mute.size - (atOnce - this.#serving));
  }

  /** A new connection: it waits until it is served. */
  arrive(holder: PlaceHolder): Place {
    const held: Held = { holder, state: 'waiting', isStill: false, isLeaving: false };
    if (this.waiting >= this.#options.mostWaiting) {
      const longest = firstOf(this.#mute);
      const rejected = longest?.isStill ? longest : held;
      this.#leave(rejected);
      rejected.holder.sendAway();
      if (rejected === held) return this.#placeOf(held);
    }
    this.#mute.add(held);
    this.#makeRoom();
    this.#serveSoon();
    return this.#placeOf(held);
  }

  /** A connection that is served already: where their number has no limit. */
  seated({ close }: Pick<PlaceHolder, 'close'>): Place {
    const holder = { close, serve: () => {}, sendAway: () => {} };
    const held: Held = { holder, state: 'served', isStill: false, isLeaving: false };
    this.#serving++;
    return this.#placeOf(held);
  }

  /** A connection could not even be accepted: the longest idle one is closed, if there is any. */
  makeRoomForOne(): void {
    if (this.#leaving <= this.waiting) this.#closeLongestSilent();
  }

  #placeOf(held: Held): Place {
    return {
      spoke: () => {
        if (!this.#mute.delete(held)) return;
        this.#spoken.add(held);
      },
      isStill: () => void (held.isStill = true),
      idle: () => {
        if (held.state !== 'served' || held.isLeaving) return;
        this.#silent.add(held);
        this.#makeRoom();
      },
      active: () => void this.#silent.delete(held),
      gone: () => {
        const { state } = held;
        this.#leave(held);
        if (state === 'served') this.#serveSoon();
      },
    };
  }

  #leave(held: Held): void {
    if (held.state === 'served') this.#serving--;
    if (held.isLeaving && held.state !== 'gone') this.#leaving--;
    held.state = 'gone';
    this.#spoken.delete(held);
    this.#mute.delete(held);
    this.#silent.delete(held);
  }

  /**
   * Waits for two polls (the first may belong to the loop iteration of the connection): disconnections up to now have
   * then been noticed, even if many clients come and go at once.
   */
  #serveSoon(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    setImmediate(() =>
      setImmediate(() => {
        this.#isPlanned = false;
        while (this.#serving < (this.#options.atOnce ?? Infinity) && this.#serveNext());
      }),
    );
  }

  #serveNext(): boolean {
    const next = firstOf(this.#spoken) ?? firstOf(this.#mute);
    if (!next) return false;
    this.#spoken.delete(next);
    this.#mute.delete(next);
    next.state = 'served';
    this.#serving++;
    next.holder.serve();
    return true;
  }

  /** As many connections are asked to close as there are waiting ones. */
  #makeRoom(): void {
    while (this.#leaving < this.waiting && this.#closeLongestSilent());
  }

  #closeLongestSilent(): boolean {
    const longest = firstOf(this.#silent);
    if (!longest) return false;
    this.#silent.delete(longest);
    this.#leaving++;
    longest.isLeaving = true;
    longest.holder.close();
    return true;
  }
}

function firstOf<T>(set: ReadonlySet<T>): T | undefined {
  const [first] = set;
  return first;
}
