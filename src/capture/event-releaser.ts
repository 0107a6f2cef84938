/**
 * Releases the events of a connection from a log when they are no longer needed. The caller knows what has been
 * reported. Payload bytes are not tracked here, since there may be any number: their readers release them
 * (`Flows.forget`).
 */
import type { CaptureEvent, EventOf } from './event.ts';
import type { Flows } from './flows.ts';
import type { CaptureFeed } from './boundary.ts';

/** Lets go of what a connection left behind in the log. */
export class EventReleaser {
  readonly #log: Pick<CaptureFeed, 'release'>;
  readonly #seqs = new Map<number, number[]>();

  constructor(log: Pick<CaptureFeed, 'release'>) {
    this.#log = log;
  }

  readonly fold = (event: { readonly type: string; readonly conn?: number; readonly seq: number }): void => {
    if (event.conn === undefined || event.type === 'bytes') return;
    const seqs = this.#seqs.get(event.conn);
    if (seqs) seqs.push(event.seq);
    else this.#seqs.set(event.conn, [event.seq]);
  };

  forget(conn: number): void {
    this.#log.release(this.#seqs.get(conn) ?? []);
    this.#seqs.delete(conn);
  }
}

/**
 * Releases each event after all other folds have received it: the last fold to subscribe. Client addresses are needed
 * while a connection is open.
 */
export function releaseDelivered(log: Pick<CaptureFeed, 'releaseAt'>): (event: CaptureEvent) => void {
  const opened = new Map<number, number>();
  return (event) => {
    const conn = 'conn' in event ? event.conn : undefined;
    if (event.type === 'opened') opened.set(event.conn, event.seq);
    else log.releaseAt(event.seq);
    if (event.type !== 'closed' || conn === undefined) return;
    log.releaseAt(opened.get(conn) ?? -1);
    opened.delete(conn);
  };
}

export interface NewestClosedOptions {
  /** Connections with an event before this one are kept: a reader will return to them. */
  readonly since?: number;
  /** For an endless connection, the number of chunks kept per direction, beside its start; all by default. */
  readonly mostChunks?: number;
  /** Called for each connection before it is forgotten. */
  readonly onForget?: (conn: number) => void;
}

/** So many more may be there, so that they go together. */
const chunksTogether = 256;

/** Of connections that have closed the newest are kept; older ones leave nothing behind but their number. */
export class NewestClosed {
  readonly #flows: Flows;
  readonly #forgetting: EventReleaser;
  readonly #most: number;
  readonly #closed: number[] = [];
  readonly #since: number;
  readonly #mostChunks: number;
  readonly #onForget: NewestClosedOptions['onForget'];
  #forgotten = 0;

  constructor(
    log: Pick<CaptureFeed, 'release'>,
    flows: Flows,
    most: number,
    { since = 0, mostChunks = Infinity, onForget }: NewestClosedOptions = {},
  ) {
    this.#flows = flows;
    this.#forgetting = new EventReleaser(log);
    this.#most = most;
    this.#since = since;
    this.#mostChunks = mostChunks;
    this.#onForget = onForget;
  }

  /** How many were forgotten. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Must receive each event after all readers of connections. */
  readonly fold = (event: CaptureEvent): void => {
    if (event.seq < this.#since || !('conn' in event) || event.conn === undefined) return;
    if (this.#since > 0 && (this.#flows.connection(event.conn)?.firstSeq ?? this.#since) < this.#since)
      return;
    if (event.type === 'bytes') return this.#boundChunks(event);
    this.#forgetting.fold(event);
    if (event.type !== 'closed') return;
    this.#closed.push(event.conn);
    const oldest = this.#closed.length > this.#most ? this.#closed.shift() : undefined;
    if (oldest === undefined) return;
    this.#forgotten++;
    this.#onForget?.(oldest);
    this.#flows.forget(oldest);
    this.#forgetting.forget(oldest);
  };

  /** Chunks that were not read by then become a gap. */
  #boundChunks({ conn, vantage, from }: EventOf<'bytes'>): void {
    const stream = this.#flows.connection(conn)?.stream(vantage, from);
    if (stream && stream.chunks.length >= this.#mostChunks + chunksTogether)
      stream.letGoBefore(stream.passed + stream.chunks.length - this.#mostChunks);
  }
}
