/**
 * Implements the append-only log. It determines order, times and retention, never the meaning of an event. Several runs
 * may be active at once: each writes through its own `RunLog`, and all share one order. `boundary.ts` has
 * the half of it that relays, and the half that reads.
 *
 * 1. Folds subscribe and run as events arrive, in order, before `append` returns; so a bounded log does not affect
 *    verdicts. A fold that appends does not break the order: its event is delivered to every fold after the current
 *    one. Where relaying goes first (`relaysFirst`), bytes are on their way to the peer before anybody reads them; any
 *    other event delivers them at once.
 * 2. Memory is limited by payload: over the limit the oldest payload is dropped first and counted; events stay.
 * 3. An event is never modified: a dropped payload is a new object at the same index.
 * 4. The log of an endless program (`endless`) limits its events, too: each counts as `eventCost` bytes beside its
 *    payload, and over the limit the oldest events are dropped. Events are then accessed by number (`eventAt`).
 */
import type { Clock } from '../core/clock.ts';
import type { CaptureFeed, Fold, RelayLog } from './boundary.ts';
import { formatAddress } from './event.ts';
import type { Address, CaptureDraft, CaptureEvent, EventOf } from './event.ts';

export interface LogOptions {
  readonly clock: Clock;
  /** Payload kept at most, in bytes; in an endless log what its events take is a part of it. */
  readonly maxPayload?: number;
  /** Events go too, the oldest first, and those that are released leave nothing behind. */
  readonly endless?: boolean;
  /** Whoever relays goes first: folds are given bytes when the turn of the event loop is over. */
  readonly relaysFirst?: boolean;
}

/** What an event takes beside its payload, in bytes: the object, its view of the bytes, and where it is found, in a stream too. */
const eventCost = 400;

/** Client addresses that are still known, of connections that were not released. */
const mostAddresses = 65_536;

/** The interface for writing events of one run: the log itself for a program with a single run, else the run's own part. */
export type RunLog = Pick<
  CaptureLog,
  'append' | 'events' | 'eventAt' | 'nextConnection' | 'subscribe' | 'connectionFrom' | 'until'
>;

/** A connection by its client's address. */
interface Opened {
  readonly conn: number;
  readonly hop: string;
}

/** A run's number, and when it began. */
interface Run {
  number: number;
  started: number;
  hasBegun: boolean;
}

/** What is there most often is written out: copying an object whose shape is not known takes ten times as long. */
function eventOf(draft: CaptureDraft, seq: number, run: number, at: number): CaptureEvent {
  if (draft.type === 'bytes' && draft.dropped === undefined) {
    const { conn, hop, vantage, from, bytes, frame } = draft;
    return frame === undefined
      ? { type: 'bytes', conn, hop, vantage, from, bytes, seq, run, at }
      : { type: 'bytes', conn, hop, vantage, from, bytes, frame, seq, run, at };
  }
  if (
    draft.type === 'opened' &&
    draft.onBehalfOf === undefined &&
    draft.late === undefined &&
    draft.reconstructed === undefined &&
    draft.file === undefined &&
    draft.seen === undefined &&
    draft.differences === undefined &&
    (draft.frame === undefined || draft.relays === undefined)
  ) {
    const { conn, hop, transport, from, to, relays, frame } = draft;
    if (frame !== undefined) return { type: 'opened', conn, hop, transport, from, to, frame, seq, run, at };
    return relays === undefined
      ? { type: 'opened', conn, hop, transport, from, to, seq, run, at }
      : { type: 'opened', conn, hop, transport, from, to, relays, seq, run, at };
  }
  if (draft.type === 'closed' && draft.unaccepted === undefined && draft.reconstructed === undefined) {
    const { conn, hop, by, how, frame } = draft;
    return frame === undefined
      ? { type: 'closed', conn, hop, by, how, seq, run, at }
      : { type: 'closed', conn, hop, by, how, frame, seq, run, at };
  }
  return { ...draft, seq, run, at };
}

/** The default limit of payload, in bytes. */
export const defaultPayload = 256 * 1024 * 1024;

/** The wall clock of `began` is converted to the run's time 0: its sender knew only the current time. */
function startingAt(draft: Extract<CaptureDraft, { type: 'began' }>, at: number): CaptureDraft {
  const reported = Date.parse(draft.wallClock);
  return at === 0 || Number.isNaN(reported)
    ? draft
    : { ...draft, wallClock: new Date(reported - at / 1000).toISOString() };
}

/** The placeholder for a released event. */
const released: CaptureEvent = { type: 'note', text: { en: '', ko: '' }, seq: -1, run: 0, at: 0 };

export class CaptureLog implements RelayLog, CaptureFeed {
  readonly #clock: Clock;
  readonly #maxPayload: number;
  readonly #events: CaptureEvent[] = [];
  /** The events of an endless log by their numbers, the oldest first; undefined where `#events` has them all. */
  readonly #kept: Map<number, CaptureEvent> | undefined;
  /** Goes through those that are kept once; what was released it passes over. */
  #oldest: IterableIterator<CaptureEvent> | undefined;
  /** Events that not every fold has been given yet. */
  #undelivered: CaptureEvent[] = [];
  #length = 0;
  #droppedEvents = 0;
  /** Each fold with the `seq` that it is given next. */
  readonly #folds = new Set<{ readonly fold: Fold; next: number }>();
  readonly #waiters = new Set<() => void>();
  /** By the client's address; undefined until somebody asks, where all events are kept. */
  #connections: Map<string, Opened> | undefined;
  #runs = 0;
  readonly #run: Run;
  #nextConnection = 0;
  #payload = 0;
  #dropped = 0;
  #oldestPayload = 0;
  #delivering = false;
  /** How many of `#undelivered` every fold has been given, or is being given. */
  #delivered = 0;
  readonly #relaysFirst: boolean;
  #willDeliver = false;
  #ended = false;

  constructor(options: LogOptions) {
    this.#clock = options.clock;
    this.#maxPayload = options.maxPayload ?? defaultPayload;
    if (options.endless) {
      this.#kept = new Map();
      this.#connections = new Map();
    }
    this.#relaysFirst = options.relaysFirst ?? false;
    this.#run = this.#newRun();
  }

  /** By number; for an endless log the remaining events, newly built at each call. */
  get events(): readonly CaptureEvent[] {
    return this.#kept ? Array.from(this.#kept.values()) : this.#events;
  }

  /** Undefined for one that is gone, or has not come. */
  readonly eventAt = (seq: number): CaptureEvent | undefined =>
    this.#kept ? this.#kept.get(seq) : this.#events[seq];

  /** How many events there have been: the number of the next. */
  get length(): number {
    return this.#length;
  }

  /** How many events are there. */
  get keptEvents(): number {
    return this.#kept?.size ?? this.#events.length;
  }

  /** Bytes of payload that were dropped to stay below the cap. */
  get droppedBytes(): number {
    return this.#dropped;
  }

  /** Events that went with their payload to stay below the cap. */
  get droppedEvents(): number {
    return this.#droppedEvents;
  }

  /** What counts towards the cap now, in bytes. */
  get held(): number {
    return this.#payload + (this.#kept ? this.#kept.size * eventCost : 0);
  }

  /** A number that no other connection of this log has, counted from 0 as a reader of its packets counts them. */
  nextConnection(): number {
    return this.#nextConnection++;
  }

  /** The number that the next connection gets. */
  get upcomingConnection(): number {
    return this.#nextConnection;
  }

  /** The least number that the next event may have that folds are given. */
  get nextSeq(): number {
    return this.#undelivered[this.#delivered]?.seq ?? this.#length;
  }

  /**
   * Adds an event. A `began` opens a new run, whose clock starts at 0; the first one refers to the time before it:
   * folds may already have been active.
   */
  append(draft: CaptureDraft): CaptureEvent {
    return this.#append(draft, this.#run);
  }

  /** A part of this log for one of several concurrent runs: what is written there belongs to it, and only that is delivered there. */
  openRun(): RunLog {
    const run = this.#newRun();
    const events = (): readonly CaptureEvent[] => this.events;
    return {
      get events() {
        return events();
      },
      eventAt: (seq) => this.eventAt(seq),
      append: (draft) => this.#append(draft, run),
      nextConnection: () => this.nextConnection(),
      subscribe: (fold) =>
        this.subscribe((event) => {
          if (event.run === run.number) fold(event);
        }),
      connectionFrom: (address) => this.connectionFrom(address),
      until: async (settled, milliseconds, signal) => this.until(settled, milliseconds, signal),
    };
  }

  #newRun(): Run {
    return { number: 0, started: this.#clock.microseconds(), hasBegun: false };
  }

  #append(draft: CaptureDraft, run: Run): CaptureEvent {
    if (this.#ended) throw new Error(`the log has ended; ${draft.type} cannot be appended`);
    const now = this.#clock.microseconds();
    const isFirst = run.number === 0;
    if (isFirst || (draft.type === 'began' && run.hasBegun)) {
      run.number = ++this.#runs;
      run.started = now;
    }
    if (draft.type === 'began') run.hasBegun = true;
    const at = now - run.started;
    const seq = this.#length;
    const event = eventOf(draft.type === 'began' ? startingAt(draft, at) : draft, seq, run.number, at);
    this.#length = seq + 1;
    if (this.#kept) this.#kept.set(event.seq, event);
    else this.#events.push(event);
    if (event.type === 'opened' && this.#connections) this.#remember(event, this.#connections);
    if (event.type === 'bytes') this.#payload += event.bytes.length;
    this.#undelivered.push(event);
    if (this.#relaysFirst && event.type === 'bytes') this.#deliverLater();
    else this.#deliver();
    return event;
  }

  #remember({ from, conn, hop }: EventOf<'opened'>, connections: Map<string, Opened>): void {
    const address = formatAddress(from);
    // The newest stand last.
    if (this.#kept) connections.delete(address);
    connections.set(address, { conn, hop });
    if (!this.#kept || connections.size <= mostAddresses) return;
    const [oldest] = connections.keys();
    if (oldest !== undefined) connections.delete(oldest);
  }

  /**
   * Runs `fold` over everything that is there and then over everything that comes.
   * Returns the way to stop.
   */
  subscribe(fold: Fold): () => void {
    const subscription = { fold, next: 0 };
    // Also what comes meanwhile.
    for (const event of this.#kept?.values() ?? this.#events) {
      subscription.next = event.seq + 1;
      if (event !== released) fold(event);
    }
    subscription.next = this.#length;
    this.#folds.add(subscription);
    return () => this.#folds.delete(subscription);
  }

  /** The newest connection that was opened from that address: how an endpoint's report is joined to a tap's. */
  connectionFrom(address: Address): Opened | undefined {
    if (!this.#connections) {
      this.#connections = new Map();
      for (const event of this.#events) if (event.type === 'opened') this.#remember(event, this.#connections);
    }
    return this.#connections.get(formatAddress(address));
  }

  /**
   * Releases events that have been reported: they are replaced by a placeholder. For endless programs that never look
   * back; not allowed if `events` will be read again.
   */
  release(seqs: Iterable<number>): void {
    for (const seq of seqs) this.releaseAt(seq);
  }

  /** The same for one. */
  readonly releaseAt = (seq: number): void => {
    const event = this.eventAt(seq);
    if (!event || event === released) return;
    if (event.type === 'bytes') this.#payload -= event.bytes.length;
    if (event.type === 'opened') {
      const address = formatAddress(event.from);
      if (this.#connections?.get(address)?.conn === event.conn) this.#connections.delete(address);
    }
    if (this.#kept) this.#kept.delete(seq);
    else this.#events[seq] = released;
  };

  /** Resolves with true once `settled` holds for the log, or with false after `milliseconds`, by `signal` or when the log ends. */
  async until(settled: () => boolean, milliseconds: number, signal?: AbortSignal): Promise<boolean> {
    if (settled()) return true;
    if (this.#ended || signal?.aborted) return false;
    return new Promise((resolve) => {
      const finish = (result: boolean): void => {
        this.#waiters.delete(check);
        signal?.removeEventListener('abort', onAbort);
        clearTimeout(timer);
        resolve(result);
      };
      const onAbort = (): void => finish(false);
      signal?.addEventListener('abort', onAbort);
      const check = (): void => {
        if (settled()) finish(true);
        else if (this.#ended) finish(false);
      };
      const timer = setTimeout(() => finish(false), milliseconds);
      this.#waiters.add(check);
    });
  }

  /** No event comes after this; iterations end. */
  end(): void {
    this.#deliver();
    this.#ended = true;
    for (const wake of this.#waiters) wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<CaptureEvent, void, undefined> {
    for (let at = 0; ; at++) {
      while (at >= this.#length && !this.#ended) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            this.#waiters.delete(wake);
            resolve();
          };
          this.#waiters.add(wake);
        });
      }
      if (at >= this.#length) return;
      const event = this.eventAt(at);
      if (event) yield event;
    }
  }

  #deliverLater(): void {
    if (this.#willDeliver) return;
    this.#willDeliver = true;
    setImmediate(() => {
      this.#willDeliver = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    const events = this.#undelivered;
    let at = 0;
    try {
      for (; at < events.length; at++) {
        const event = events[at];
        this.#delivered = at + 1;
        if (!event) continue;
        for (const subscription of this.#folds) {
          if (subscription.next > event.seq) continue;
          subscription.next = event.seq + 1;
          subscription.fold(event);
        }
        if (this.#kept) this.#boundEvents(this.#kept);
        else if (event.type === 'bytes') this.#boundPayload();
        for (const wake of this.#waiters) wake();
      }
    } finally {
      // Where a fold throws, the others are given the rest with the next event.
      if (at >= events.length) events.length = 0;
      else events.splice(0, at + 1);
      this.#delivering = false;
      this.#delivered = 0;
    }
  }

  #boundPayload(): void {
    while (this.#payload > this.#maxPayload && this.#oldestPayload < this.#events.length) {
      const event = this.#events[this.#oldestPayload];
      if (event?.type === 'bytes' && event.bytes.length > 0) {
        this.#payload -= event.bytes.length;
        this.#dropped += event.bytes.length;
        this.#events[this.#oldestPayload] = {
          ...event,
          bytes: new Uint8Array(0),
          dropped: (event.dropped ?? 0) + event.bytes.length,
        };
      }
      this.#oldestPayload++;
    }
  }

  #boundEvents(kept: Map<number, CaptureEvent>): void {
    while (this.#payload + kept.size * eventCost > this.#maxPayload) {
      this.#oldest ??= kept.values();
      const { value: event } = this.#oldest.next();
      // All existing events have been read; new ones follow.
      if (event === undefined) {
        this.#oldest = undefined;
        if (kept.size === 0) return;
        continue;
      }
      kept.delete(event.seq);
      this.#droppedEvents++;
      if (event.type !== 'bytes') continue;
      this.#payload -= event.bytes.length;
      this.#dropped += event.bytes.length;
    }
  }
}
