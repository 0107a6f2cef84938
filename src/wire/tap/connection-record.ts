/**
 * Records one connection in the log: which events are appended, and in which order. It makes no decisions; `accept.ts`,
 * `dial.ts` and `relay.ts` report what happened. Without a tap it ignores everything, so that callers need no check.
 *
 * 1. `opened` is first and `closed` is last, once each. A connection that was never established has no `opened`: it is
 *    `refused` and then `closed`, so that no connection number is left open.
 * 2. A refusal is appended once: the first reason counts, later ones are its consequences.
 */
import type { Socket } from 'node:net';
import { defined } from '../../core/defined.ts';
import { otherSide } from '../../capture/event.ts';
import type { Address, CaptureDraft, Side, Vantage } from '../../capture/event.ts';
import type { Refused, Tap } from '../endpoint.ts';
import { FirstEnd } from './first-end.ts';
import type { ClosedHow } from './first-end.ts';

/** The number of a connection that nobody records. */
export const noConnection = -1;

type Rest<T extends CaptureDraft['type']> = Omit<Extract<CaptureDraft, { type: T }>, 'type' | 'conn' | 'hop'>;

export class ConnectionRecord {
  readonly conn: number;
  readonly tap: Tap | undefined;
  readonly #onRefused: ((refused: Refused) => void) | undefined;
  #remote: Address = { host: '', port: 0 };
  #refused = false;
  #closed = false;
  readonly end: FirstEnd;

  /** Called for each byte range until it returns true. */
  onMoved: ((vantage: Vantage) => boolean) | undefined;

  /** @param options.onRefused called for a refusal even if nothing is recorded. `end`: of the connection whose bytes this one carries on. */
  constructor(
    tap: Tap | undefined,
    {
      onRefused,
      end = new FirstEnd(),
    }: {
      readonly onRefused?: ((refused: Refused) => void) | undefined;
      readonly end?: FirstEnd | undefined;
    } = {},
  ) {
    this.tap = tap;
    this.end = end;
    this.#onRefused = onRefused;
    this.conn = tap ? tap.log.nextConnection() : noConnection;
  }

  get refusalStands(): boolean {
    return this.#refused;
  }

  /**
   * @param relays the connection whose bytes it carries on, unchanged
   * @param onBehalfOf the client's connection for which a proxy opens it otherwise
   */
  opened(
    from: Address,
    to: Address,
    {
      transport = 'tcp',
      relays,
      onBehalfOf,
    }: {
      readonly transport?: 'tcp' | 'udp';
      readonly relays?: number | undefined;
      readonly onBehalfOf?: number | undefined;
    } = {},
  ): void {
    this.#remote = from;
    this.tap?.log.append(
      defined({
        type: 'opened',
        conn: this.conn,
        hop: this.tap.hop,
        transport,
        from,
        to,
        relays,
        onBehalfOf,
      }),
    );
  }

  /** `bytes` must never be overwritten. */
  bytes(vantage: Vantage, from: Side, bytes: Uint8Array): void {
    if (this.onMoved?.(vantage)) this.onMoved = undefined;
    if (this.tap)
      this.tap.log.append({ type: 'bytes', conn: this.conn, hop: this.tap.hop, vantage, from, bytes });
  }

  keylog(line: string): void {
    this.tap?.log.append({ type: 'keylog', conn: this.conn, line });
  }

  secured(facts: Rest<'secured'>): void {
    this.tap?.log.append({ type: 'secured', conn: this.conn, hop: this.tap.hop, ...facts });
  }

  refused(facts: Rest<'refused'>): void {
    if (this.#refused || this.#closed) return;
    this.#refused = true;
    this.tap?.log.append({ type: 'refused', conn: this.conn, hop: this.tap.hop, ...facts });
    this.#onRefused?.({ ...facts, conn: this.conn, remote: this.#remote });
  }

  /** That side has sent its end. The first side to do so closed the connection. */
  ended(by: Side): void {
    this.end.ended(by);
  }

  /** That side aborted the connection, or it timed out. The first cause counts. */
  aborted(by: Side | 'unknown', how: ClosedHow): void {
    this.end.aborted(by, how);
  }

  /** That side aborts the connection, unless it reacts to the other side's reset. */
  brokenOff(by: Side, cause: NodeJS.ErrnoException | null): void {
    const farSide = otherSide[by];
    this.aborted(resetCodes.has(cause?.code ?? '') ? farSide : by, 'reset');
  }

  /** The socket has closed. Appends `closed` with the noted cause. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { by, how } = this.end.cause;
    this.tap?.log.append({ type: 'closed', conn: this.conn, hop: this.tap.hop, by, how });
  }
}

/** Error codes of a reset by the peer; ENOTCONN is the kernel's response to our end after that. */
const resetCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ENOTCONN']);

/** Records how a raw socket ends, and appends `closed` when it has closed. `farSide` is its peer. */
export function watchClose(socket: Socket, farSide: Side, record: ConnectionRecord): void {
  socket.on('end', () => record.ended(farSide));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (resetCodes.has(error.code ?? '')) record.aborted(farSide, 'reset');
    else if (error.code === 'ETIMEDOUT') record.aborted('unknown', 'timeout');
  });
  socket.on('close', () => record.closed());
}

/** The addresses of a socket; port 0 if it has already closed. */
export function remoteOf(socket: Socket): Address {
  return { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
}

export function localOf(socket: Socket): Address {
  return { host: socket.localAddress ?? '', port: socket.localPort ?? 0 };
}
