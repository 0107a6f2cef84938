/**
 * One connection as the log sees it: which events it appends, and in which order. It decides nothing; `accept.ts`,
 * `dial.ts` and `relay.ts` tell it what happened. Without a tap it swallows everything, so that no caller asks.
 *
 * 1. `opened` is first and `closed` is last; each is appended once. A connection that never came to be has no `opened`:
 *    it is `refused` and then `closed`, so that a number which was heard of is never left open.
 * 2. A refusal is appended once: the first reason is the reason, what follows from it is noise.
 */
import type { Socket } from 'node:net';
import { otherSide } from '../../capture/event.ts';
import type { Address, CaptureDraft, Side, Vantage } from '../../capture/event.ts';
import type { Refused, Tap } from '../endpoint.ts';

type Rest<T extends CaptureDraft['type']> = Omit<Extract<CaptureDraft, { type: T }>, 'type' | 'conn' | 'hop'>;

export type ClosedHow = 'end' | 'reset' | 'timeout';

export class ConnectionRecord {
  readonly conn: number;
  readonly tap: Tap | undefined;
  readonly #onRefused: ((refused: Refused) => void) | undefined;
  #remote: Address = { host: '', port: 0 };
  #refused = false;
  #closed = false;
  #endedFirst: Side | undefined;
  #aborted: { readonly by: Side | 'unknown'; readonly how: ClosedHow } | undefined;

  /** Told of where a byte goes by, until it returns true. */
  onMoved: ((vantage: Vantage) => boolean) | undefined;

  /** @param onRefused told of a refusal also where nothing is recorded. */
  constructor(tap: Tap | undefined, onRefused?: (refused: Refused) => void) {
    this.tap = tap;
    this.#onRefused = onRefused;
    this.conn = tap ? tap.log.nextConnection() : 0;
  }

  get refusalStands(): boolean {
    return this.#refused;
  }

  opened(from: Address, to: Address, transport: 'tcp' | 'udp' = 'tcp'): void {
    this.#remote = from;
    this.tap?.log.append({ type: 'opened', conn: this.conn, hop: this.tap.hop, transport, from, to });
  }

  /** `bytes` must never be written to again. */
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

  /** That side said that it has no more to send. The first to say so is who closed the connection. */
  ended(by: Side): void {
    this.#endedFirst ??= by;
  }

  /** That side broke the connection off, or it ran out of time. The first cause stands. */
  aborted(by: Side | 'unknown', how: ClosedHow): void {
    this.#aborted ??= { by, how };
  }

  /** That side breaks the connection off, unless it does so because the other one had. */
  brokenOff(by: Side, cause: NodeJS.ErrnoException | null): void {
    const farSide = otherSide[by];
    this.aborted(resetCodes.has(cause?.code ?? '') ? farSide : by, 'reset');
  }

  /** The socket is gone. Appends `closed` with the cause that was noted. */
  closed(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { by, how } = this.#aborted ?? { by: this.#endedFirst ?? 'unknown', how: 'end' };
    this.tap?.log.append({ type: 'closed', conn: this.conn, hop: this.tap.hop, by, how });
  }
}

/** Codes with which the kernel says that the other end broke the connection off; ENOTCONN is its answer to our end after that. */
const resetCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ENOTCONN']);

/** Notes how a raw socket comes to its end, and appends `closed` when it is gone. `farSide` is who sits at its other end. */
export function watchClose(socket: Socket, farSide: Side, record: ConnectionRecord): void {
  socket.on('end', () => record.ended(farSide));
  socket.on('error', (error: NodeJS.ErrnoException) => {
    if (resetCodes.has(error.code ?? '')) record.aborted(farSide, 'reset');
    else if (error.code === 'ETIMEDOUT') record.aborted('unknown', 'timeout');
  });
  socket.on('close', () => record.closed());
}

/** The addresses of a socket; port 0 when it is already gone. */
export function remoteOf(socket: Socket): Address {
  return { host: socket.remoteAddress ?? '', port: socket.remotePort ?? 0 };
}

export function localOf(socket: Socket): Address {
  return { host: socket.localAddress ?? '', port: socket.localPort ?? 0 };
}
