/**
 * What a program that runs until it is stopped has logged, for the page at its end: the newest connections whole, within a number of
 * pieces and of bytes. Of a connection that is too large by itself the beginning is kept, and the rest is a gap.
 */
import { EventReleaser } from '../../../capture/event-releaser.ts';
import type { CaptureEvent, EventOf } from '../../../capture/event.ts';
import type { EventSource } from '../../../capture/flow-stream.ts';
import { Flows } from '../../../capture/flows.ts';
import { KeyRing } from '../../../protocols/tls/keys/keylog.ts';

export interface KeptLimits {
  /** Payload, in bytes. */
  readonly bytes: number;
  /** Events of connections. */
  readonly pieces: number;
  /** Connections. */
  readonly connections?: number;
}

/** The page is larger by half: it has each byte and what is said of it. */
const limits: KeptLimits = { bytes: 16 * 1024 * 1024, pieces: 100_000 };

const nothing = new Uint8Array(0);

export class KeptEvents implements EventSource {
  readonly events: readonly CaptureEvent[] = [];
  readonly flows = new Flows(this);
  readonly keys = new KeyRing();
  readonly #limits: KeptLimits;
  readonly #kept = new Map<number, CaptureEvent>();
  readonly #releaser = new EventReleaser({ release: (seqs) => this.#release(seqs) });
  /** Connections that have closed, the oldest first. */
  readonly #closed = new Set<number>();
  /** What was not kept of each direction, as one piece. */
  readonly #rests = new Map<string, EventOf<'bytes'>>();
  #bytes = 0;
  #forgotten = 0;
  #connections = 0;

  constructor(most: KeptLimits = limits) {
    this.#limits = most;
  }

  /** Connections that are not there any more. */
  get forgotten(): number {
    return this.#forgotten;
  }

  readonly eventAt = (seq: number): CaptureEvent | undefined => this.#kept.get(seq);

  readonly releaseAt = (seq: number): void => {
    const event = this.#kept.get(seq);
    if (event?.type === 'bytes') this.#bytes -= event.bytes.length;
    this.#kept.delete(seq);
  };

  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'keylog') this.keys.add([event.line]);
    if (event.type === 'bytes') {
      const kept = this.#copied(event);
      if (kept) this.#add(kept);
      return;
    }
    if (event.type === 'closed') this.#addRests(event.conn);
    this.#add(event);
    if (event.type === 'closed') this.#closed.add(event.conn);
  };

  /** Nothing more comes: what was not kept of open connections is counted. */
  end(): void {
    for (const { conn } of this.#rests.values()) this.#addRests(conn);
  }

  /** All that are kept, in their order. */
  get all(): readonly CaptureEvent[] {
    return [...this.#kept.values()].sort((one, other) => one.seq - other.seq);
  }

  #add(event: CaptureEvent): void {
    // Connections without bytes take room, too.
    if (event.type === 'opened') {
      this.#connections++;
      const { pieces, connections = Infinity } = this.#limits;
      this.#makeRoom(() => this.#kept.size < pieces && this.#connections <= connections);
    }
    if ('conn' in event && event.conn !== undefined) this.#kept.set(event.seq, event);
    this.flows.fold(event);
    this.#releaser.fold(event);
  }

  /** Undefined where there is no room. The bytes may be a part of a larger buffer, which would stay. */
  #copied(event: EventOf<'bytes'>): EventOf<'bytes'> | undefined {
    const { bytes, dropped = 0, conn, vantage, from } = event;
    const key = `${conn} ${vantage} ${from}`;
    const rest = this.#rests.get(key);
    if (!rest && this.#hasRoom(bytes.length)) {
      this.#bytes += bytes.length;
      return { ...event, bytes: Uint8Array.from(bytes) };
    }
    this.#rests.set(key, {
      ...(rest ?? event),
      bytes: nothing,
      dropped: (rest?.dropped ?? 0) + bytes.length + dropped,
    });
    return undefined;
  }

  #addRests(conn: number): void {
    for (const [key, rest] of this.#rests)
      if (rest.conn === conn) {
        this.#rests.delete(key);
        this.#add(rest);
      }
  }

  #hasRoom(more: number): boolean {
    const { bytes, pieces } = this.#limits;
    return this.#makeRoom(() => this.#bytes + more <= bytes && this.#kept.size < pieces);
  }

  /** By forgetting connections, as long as there are some that have closed. */
  #makeRoom(isThere: () => boolean): boolean {
    for (const conn of this.#closed) {
      if (isThere()) return true;
      this.#closed.delete(conn);
      this.flows.forget(conn);
      this.#releaser.forget(conn);
      this.#forgotten++;
      this.#connections--;
    }
    return isThere();
  }

  #release(seqs: Iterable<number>): void {
    for (const seq of seqs) this.releaseAt(seq);
  }
}
