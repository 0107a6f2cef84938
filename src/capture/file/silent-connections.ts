/**
 * Remembers connections of a capture that were reported before they had closed, with their opening, in case they send
 * more. Stored as text, which takes little memory; of too many, the oldest are dropped.
 */
import type { EventOf, Transport } from '../event.ts';

const mostRemembered = 200_000;

type Row = readonly [
  hop: string,
  transport: Transport,
  fromHost: string,
  fromPort: number,
  toHost: string,
  toPort: number,
  seq: number,
  run: number,
  at: number,
  frame: number | null,
];

export class SilentConnections {
  readonly #rows = new Map<number, string>();
  readonly #most: number;
  #oldest: IterableIterator<number> | undefined;

  constructor(most = mostRemembered) {
    this.#most = most;
  }

  get size(): number {
    return this.#rows.size;
  }

  has(conn: number): boolean {
    return this.#rows.has(conn);
  }

  /** @param opened undefined where it was joined late */
  add(conn: number, opened: EventOf<'opened'> | undefined): void {
    this.#rows.set(conn, opened ? rowOf(opened) : '');
    if (this.#rows.size <= this.#most) return;
    this.#oldest ??= this.#rows.keys();
    const next = this.#oldest.next();
    if (next.done) this.#oldest = undefined;
    else this.#rows.delete(next.value);
  }

  /** It has ended and is dropped. Returns whether it was there. */
  delete(conn: number): boolean {
    return this.#rows.delete(conn);
  }

  /** It sends again: returns its opening, as of a connection joined late. It is no longer remembered as silent. */
  take(conn: number): EventOf<'opened'> | undefined {
    const row = this.#rows.get(conn);
    this.#rows.delete(conn);
    return row === undefined || row === '' ? undefined : openedOf(conn, row);
  }
}

function rowOf({ hop, transport, from, to, seq, run, at, frame }: EventOf<'opened'>): string {
  const row: Row = [hop, transport, from.host, from.port, to.host, to.port, seq, run, at, frame ?? null];
  return JSON.stringify(row);
}

function openedOf(conn: number, text: string): EventOf<'opened'> {
  const [hop, transport, fromHost, fromPort, toHost, toPort, seq, run, at, frame] = JSON.parse(text) as Row;
  return {
    type: 'opened',
    conn,
    hop,
    transport,
    from: { host: fromHost, port: fromPort },
    to: { host: toHost, port: toPort },
    seq,
    run,
    at,
    late: true,
    ...(frame === null ? {} : { frame }),
  };
}
