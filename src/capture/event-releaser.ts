/**
 * What of a log belongs to one connection, so that it goes when nobody will ask for it again. What has been told is for others
 * to know. Bytes are not counted here, since they may be any number: whoever looks them up lets them go (`Flows.forget`).
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

/** Lets go of each event once everybody has been given it: a fold that is subscribed last. Who comes from where is asked while a connection is open. */
export function releaseTold(log: Pick<CaptureFeed, 'releaseAt'>): (event: CaptureEvent) => void {
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
  /** Connections of which there is an earlier event than this stay: somebody will look back on them. */
  readonly since?: number;
  /** Of one that goes on for as long as somebody likes, so many chunks of each direction stay, beside its beginning; left out, all. */
  readonly mostChunks?: number;
  /** Told of each that goes, before it goes. */
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

  /** To be given each event behind everybody who looks at connections. */
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

  /** What nobody has looked at by then is a gap. */
  #boundChunks({ conn, vantage, from }: EventOf<'bytes'>): void {
    const stream = this.#flows.connection(conn)?.stream(vantage, from);
    if (stream && stream.chunks.length >= this.#mostChunks + chunksTogether)
      stream.letGoBefore(stream.passed + stream.chunks.length - this.#mostChunks);
  }
}
