/**
 * The Duplex under a TLS socket: every wire byte passes here and is recorded. It is also the place from which a server
 * speaks past its TLS library: its output can be held back, dropped, and an alert of our own sent instead.
 * Who is told what is decided in `tls-acceptor.ts`; the stream above TLS is `tapped.ts`.
 *
 * 1. Only a TLS socket stands above it: it writes buffers of its own, corks them, waits for one burst before the next,
 *    and listens to `data` from the start. So the hot methods are overridden and keep no queue of their own.
 * 2. One burst is copied into one range, recorded once and written once: TLS hands down up to ten records at a time.
 * 3. Held output is neither recorded nor sent: it has not crossed the wire. Once dropped, nothing of TLS is sent again.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Side } from '../capture/event.ts';
import { arena } from './arena.ts';
import { reset } from './reset.ts';
import type { Reads } from './tapped.ts';

type Done = (error?: Error | null) => void;

export interface TlsWireOptions {
  readonly lower: Socket;
  /** Who sits at the other end of `lower`. */
  readonly farSide: Side;
  /** Told of every byte that crosses the wire, and of who sent it. */
  readonly record?: ((from: Side, bytes: Uint8Array) => void) | undefined;
  /** As in `tapped.ts`. */
  readonly reads?: Reads | undefined;
  /** Told of what the far side sends before TLS reads it. */
  readonly beforeRead?: (bytes: Uint8Array) => void;
  /** TLS has worked off what it was handed. */
  readonly afterRead?: () => void;
  readonly onEnd?: () => void;
  readonly onReset?: () => void;
}

export class TlsWire extends Duplex {
  readonly #lower: Socket;
  readonly #options: TlsWireOptions;
  readonly #nearSide: Side;
  #corked = 0;
  #burst: Buffer[] = [];
  #burstDone: Done[] = [];
  #output: 'open' | 'held' | 'dropped' = 'open';
  #held: { bytes: readonly Buffer[]; done: readonly Done[] }[] = [];
  #ending: (() => void) | undefined;

  constructor(options: TlsWireOptions) {
    super({ allowHalfOpen: true });
    this.#options = options;
    this.#lower = options.lower;
    this.#nearSide = options.farSide === 'client' ? 'server' : 'client';
    const lower = this.#lower;
    const receive = (bytes: Buffer): void => {
      options.record?.(options.farSide, bytes);
      options.beforeRead?.(bytes);
      this.emit('data', bytes);
      options.afterRead?.();
    };
    lower.pause();
    options.reads?.(receive);
    lower.on('data', receive);
    lower.on('end', () => this.emit('end'));
    lower.on('error', (error) => this.destroy(error));
    lower.on('close', () => {
      // After a clean end TLS may still hold what its reader has not taken: it closes this wire when it is done.
      if (!lower.readableEnded) this.destroy();
    });
    this.on('error', () => {});
  }

  /** From now on nothing that TLS writes goes out. */
  hold(): void {
    if (this.#output === 'open') this.#output = 'held';
  }

  /** Sends what was held, and holds no more. */
  release(): void {
    if (this.#output !== 'held') return;
    this.#output = 'open';
    const held = this.#held;
    this.#held = [];
    for (const { bytes, done } of held) this.#send(bytes, done);
    this.#ending?.();
  }

  /**
   * Drops what was held and whatever TLS writes later, sends `bytes` instead, and ends this side. What the far side
   * still sends is read on: closing with unread bytes would make the kernel take `bytes` back with a reset.
   */
  sendInstead(bytes: Uint8Array | undefined): void {
    this.#output = 'dropped';
    for (const { done } of this.#held) for (const one of done) one();
    this.#held = [];
    this.#ending = undefined;
    if (bytes) {
      this.#options.record?.(this.#nearSide, bytes);
      this.#lower.write(bytes);
    }
    this.#options.onEnd?.();
    this.#lower.end();
  }

  override _read(): void {}

  override pause(): this {
    this.#lower.pause();
    return this;
  }

  override resume(): this {
    this.#lower.resume();
    return this;
  }

  override cork(): void {
    this.#corked++;
  }

  override uncork(): void {
    if (--this.#corked === 0) this.#flush();
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    this.#burst.push(chunk as Buffer);
    const done = rest.at(-1);
    if (typeof done === 'function') this.#burstDone.push(done as Done);
    if (this.#corked === 0) this.#flush();
    return true;
  }

  override end(...parameters: unknown[]): this {
    const done = parameters.at(-1);
    const finish = (): void => {
      this.#options.onEnd?.();
      if (this.#lower.destroyed) (done as Done | undefined)?.();
      else this.#lower.end(done as (() => void) | undefined);
    };
    if (this.#output === 'dropped') (done as Done | undefined)?.();
    else if (this.#output === 'held') this.#ending = finish;
    else finish();
    return this;
  }

  override _destroy(error: Error | null, done: Done): void {
    const left = [...this.#held.flatMap((held) => held.done), ...this.#burstDone];
    this.#held = [];
    this.#burst = [];
    this.#burstDone = [];
    for (const one of left) one(error ?? new Error('the connection is closed'));
    if (this.#lower.closed) return done(error);
    this.#lower.once('close', () => done(error));
    if (this.#lower.destroyed) return;
    this.#options.onEnd?.();
    this.#lower.destroy();
  }

  /** Breaks the connection off, so that the far side sees a reset. */
  resetAndDestroy(): this {
    this.#options.onReset?.();
    reset(this.#lower);
    return this.destroy();
  }

  #flush(): void {
    if (this.#burst.length === 0) return;
    const bytes = this.#burst;
    const done = this.#burstDone;
    this.#burst = [];
    this.#burstDone = [];
    if (this.#output === 'open') return this.#send(bytes, done);
    if (this.#output === 'held') this.#held.push({ bytes, done });
    else for (const one of done) one();
  }

  #send(bytes: readonly Buffer[], done: readonly Done[]): void {
    const range = bytes.length === 1 ? bytes[0]! : arena.keep(bytes);
    this.#options.record?.(this.#nearSide, range);
    const whenSent = (error?: Error | null): void => {
      for (const one of done) one(error);
    };
    this.#lower.write(range, whenSent);
  }
}
