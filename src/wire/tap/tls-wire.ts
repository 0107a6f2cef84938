/**
 * The Duplex under a TLS socket: every wire byte passes here and is recorded. It is also the place from which a server
 * speaks past its TLS library: its output can be held back, dropped, and an alert of our own sent instead. It performs what
 * the table of `tls/states.ts` says; who is told what is decided in `acceptor.ts`; the stream above TLS is `tapped.ts`.
 *
 * 1. Only a TLS socket stands above it: it writes buffers of its own, corks them, waits for one burst before the next,
 *    and listens to `data` from the start. So the hot methods are overridden and keep no queue of their own.
 * 2. One burst is copied into one range, recorded once and written once: TLS hands down up to ten records at a time.
 * 3. Held output is neither recorded nor sent: it has not crossed the wire. Once dropped, nothing of TLS is sent again,
 *    and the lower side no longer is TLS's to pause or to close.
 * 4. Node breaks a range up for OpenSSL. Where a handshake fails of the first part and succeeds with the second (a broken
 *    signature stays in OpenSSL's queue of errors and is reported too early), data comes to a socket that is destroyed, and
 *    Node throws where nobody can catch it: one client could end this process. So as long as a handshake lasts, TLS gets
 *    parts that Node leaves whole, each in a turn of its own, and none after it has failed.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { arena } from './arena.ts';
import { confirmFin } from '../tcp/confirmed-fin.ts';
import { reset } from '../tcp/reset.ts';
import { transition, wireStates } from '../tls/states.ts';
import type { WireEvent, WireStateName } from '../tls/states.ts';
import type { Reads } from './tapped.ts';

type Done = (error?: Error | null) => void;

/** The buffer that Node reads for OpenSSL into: what is no longer is never broken up. */
const WHOLE = 1024;

/** How long the other end may take to hang up after an alert, in milliseconds. */
const ALERT_LINGER = 1_000;

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
  #state: WireStateName = 'handshaking';
  /** The properties of the state: asked for every range of bytes. */
  #is: (typeof wireStates)[WireStateName] = wireStates.handshaking;
  #held: { bytes: readonly Buffer[]; done: readonly Done[] }[] = [];
  #ending: (() => void) | undefined;
  /** What was read and waits for its turn. */
  #parts: Buffer[] = [];
  #isEnded = false;
  #isPaused = false;

  constructor(options: TlsWireOptions) {
    super({ allowHalfOpen: true });
    this.#options = options;
    this.#lower = options.lower;
    this.#nearSide = otherSide[options.farSide];
    const lower = this.#lower;
    const receive = (bytes: Buffer): void => {
      options.record?.(options.farSide, bytes);
      if (this.#parts.length === 0 && this.#is.input !== 'in_parts') this.#handUp(bytes);
      else this.#handUpInParts(bytes);
    };
    lower.pause();
    options.reads?.(receive);
    lower.on('data', receive);
    lower.on('end', () =>
      confirmFin(lower, () => {
        this.#isEnded = true;
        if (this.#parts.length === 0) this.emit('end');
      }),
    );
    lower.on('error', (error) => this.destroy(error));
    lower.on('close', () => {
      // After a clean end TLS may still hold what its reader has not taken: it closes this wire when it is done.
      if (!lower.readableEnded) this.destroy();
    });
    this.on('error', () => {});
  }

  /** Whether it is decided what becomes of the handshake. */
  get isSettled(): boolean {
    return this.#is.isSettled;
  }

  /**
   * Something has happened to the connection: the table says what follows from it.
   * @param instead what is sent in the place of TLS's own output, where the table says so; closing the lower side is the caller's from then on
   * @returns false where it cannot happen in this state: then nothing has changed
   */
  dispatch(event: WireEvent, instead?: Uint8Array): boolean {
    const followed = transition(this.#state, event);
    if (!followed) return false;
    this.#state = followed.next;
    this.#is = wireStates[followed.next];
    for (const action of followed.actions) {
      if (action === 'drain') this.#lower.resume();
      else if (action === 'release') this.#release();
      else this.#replace(instead);
    }
    return true;
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    for (const { bytes, done } of held) this.#send(bytes, done);
    this.#ending?.();
  }

  #replace(instead: Uint8Array | undefined): void {
    for (const { done } of this.#held) for (const one of done) one();
    this.#held = [];
    this.#ending = undefined;
    if (instead) {
      this.#options.record?.(this.#nearSide, instead);
      this.#lower.write(instead);
    }
    this.#options.onEnd?.();
    this.#lower.end();
    this.#lower.resume();
  }

  override _read(): void {}

  override pause(): this {
    this.#isPaused = true;
    if (this.#is.output !== 'dropped' && this.#is.input !== 'passed_over') this.#lower.pause();
    return this;
  }

  override resume(): this {
    this.#isPaused = false;
    if (this.#parts.length === 0) this.#lower.resume();
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
    if (this.#is.output === 'dropped') (done as Done | undefined)?.();
    else if (this.#is.output === 'held') this.#ending = finish;
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
    if (this.#lower.destroyed || this.#is.output === 'dropped') return;
    this.#options.onEnd?.();
    this.#lower.destroy();
  }

  /** Breaks the connection off, so that the far side sees a reset. */
  resetAndDestroy(): this {
    this.#options.onReset?.();
    reset(this.#lower);
    return this.destroy();
  }

  /**
   * TLS has failed on an established connection, and `cause` says so: the alert that it sent must arrive (RFC 8446 section
   * 6.2), and a reset could overtake it. Whatever else broke the connection off is a reset.
   */
  breakOffFor(cause: NodeJS.ErrnoException | null): void {
    if (!cause?.code?.startsWith('ERR_SSL_') || this.#lower.destroyed) return void this.resetAndDestroy();
    this.dispatch('break_off');
    const timer = setTimeout(() => this.#lower.destroy(), ALERT_LINGER).unref();
    this.#lower.once('close', () => clearTimeout(timer)).once('end', () => this.#lower.destroy());
    return undefined;
  }

  #handUp(bytes: Buffer): void {
    if (this.#is.input === 'passed_over' || this.destroyed) return;
    this.#options.beforeRead?.(bytes);
    this.emit('data', bytes);
    this.#options.afterRead?.();
  }

  /** Rule 4. The first part has its turn at once. */
  #handUpInParts(bytes: Buffer): void {
    const isFirst = this.#parts.length === 0;
    for (let at = 0; at < bytes.length; at += WHOLE) this.#parts.push(bytes.subarray(at, at + WHOLE));
    if (isFirst) this.#handUpNextPart();
  }

  #handUpNextPart(): void {
    // Once the handshake is over, what is left goes up together.
    const count = this.#is.input === 'in_parts' ? 1 : this.#parts.length;
    for (const part of this.#parts.slice(0, count)) this.#handUp(part);
    // Only now, so that nothing overtakes them.
    this.#parts = this.#parts.slice(count);
    if (this.#parts.length > 0) {
      this.#lower.pause();
      setImmediate(() => this.#handUpNextPart());
      return;
    }
    if (!this.#isPaused || this.#is.input === 'passed_over') this.#lower.resume();
    if (this.#isEnded) this.emit('end');
  }

  #flush(): void {
    if (this.#burst.length === 0) return;
    const bytes = this.#burst;
    const done = this.#burstDone;
    this.#burst = [];
    this.#burstDone = [];
    if (this.#is.output === 'sent') return this.#send(bytes, done);
    if (this.#is.output === 'held') this.#held.push({ bytes, done });
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
