/**
 * Implements the Duplex under a TLS socket, through which every wire byte passes and is recorded. It can also bypass the TLS
 * library: its output can be held back or dropped, and our own alert sent instead. It performs the actions of the table in
 * `tls/states.ts`; `acceptor.ts` decides when; `tapped.ts` is the stream above TLS.
 *
 * 1. Only a TLS socket uses it: it writes its own buffers, corks them, waits for one burst before the next, and listens
 *    to `data` from the start. So the hot methods are overridden and have no queue.
 * 2. One burst is copied into one range, recorded once and written once: TLS writes up to ten records at a time.
 * 3. Held output is neither recorded nor sent: it has not crossed the wire. Once it is dropped, nothing of TLS is sent
 *    again, and TLS no longer pauses or closes the lower side.
 * 4. Node splits a large range for OpenSSL. If a handshake fails on the first part and succeeds with the second (a bad
 *    signature stays in OpenSSL's error queue and is reported too early), data reaches a destroyed socket, and Node
 *    throws an uncatchable error: one client could end this process. So during a handshake, TLS receives parts that
 *    Node does not split, each in its own turn, and none after a failure.
 * 5. An empty write asks OpenSSL to go on (a renegotiation begins with one). Node takes it for finished only in a later turn, and
 *    what TLS reads until then may make it write, which throws an uncatchable error too. So nothing is handed up in between.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { arena } from './arena.ts';
import { intake } from './intake.ts';
import { confirmFin } from '../tcp/confirmed-fin.ts';
import { reset } from '../tcp/reset.ts';
import { transition, wireStates } from '../tls/states.ts';
import type { WireEvent, WireStateName } from '../tls/states.ts';
import type { Reads } from './tapped.ts';

type Done = (error?: Error | null) => void;

/** The buffer size of Node's reads for OpenSSL: ranges up to this size are never split. */
const WHOLE = 1024;

/** How long the peer may take to close after an alert, in milliseconds. */
const ALERT_LINGER = 1_000;

export interface TlsWireOptions {
  readonly lower: Socket;
  /** The peer of `lower`. */
  readonly farSide: Side;
  /** Called with every byte range that crosses the wire, and its sender. */
  readonly record?: ((from: Side, bytes: Uint8Array) => void) | undefined;
  /** As in `tapped.ts`. */
  readonly reads?: Reads | undefined;
  /** Called with the peer's data before TLS reads it. */
  readonly beforeRead?: (bytes: Uint8Array) => void;
  /** Called when TLS has processed the data it was given. */
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
  /** Data that was read and waits for its turn. */
  #parts: Buffer[] = [];
  #isEnded = false;
  #hasToldEnd = false;
  #isPaused = false;
  /** Empty writes that Node has not finished: rule 5. */
  #emptyWrites = 0;

  constructor(options: TlsWireOptions) {
    super({ allowHalfOpen: true });
    this.#options = options;
    this.#lower = options.lower;
    this.#nearSide = otherSide[options.farSide];
    const lower = this.#lower;
    const receive = (bytes: Buffer): void => {
      options.record?.(options.farSide, bytes);
      const isAtOnce = this.#parts.length === 0 && this.#is.input !== 'in_parts' && this.#emptyWrites === 0;
      if (isAtOnce) this.#handUp(bytes);
      else this.#handUpInParts(bytes);
      if (intake.isHeld) intake.resume(lower);
    };
    lower.pause();
    options.reads?.(receive);
    lower.on('data', receive);
    lower.on('end', () =>
      confirmFin(lower, () => {
        this.#isEnded = true;
        this.#endIfRead();
      }),
    );
    lower.on('error', (error) => this.destroy(error));
    lower.on('close', () => {
      // After a clean end TLS may still hold unread data: it closes this wire when it is done. A failed handshake is done,
      // and TLS does not learn of its end by itself: it would keep its socket for as long as the process runs.
      if (!lower.readableEnded || this.#is.input === 'passed_over') this.destroy();
    });
    this.on('error', () => {});
  }

  /** Whether the outcome of the handshake has been decided. */
  get isSettled(): boolean {
    return this.#is.isSettled;
  }

  /**
   * Something has happened to the connection: the table says what follows from it.
   * @param instead what is sent in the place of TLS's own output, where the table requires it; closing the lower side is the caller's from then on
   * @returns false where it cannot happen in this state: then nothing has changed
   */
  dispatch(event: WireEvent, instead?: Uint8Array): boolean {
    const followed = transition(this.#state, event);
    if (!followed) return false;
    this.#state = followed.next;
    this.#is = wireStates[followed.next];
    for (const action of followed.actions) {
      if (action === 'drain') intake.resume(this.#lower);
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
    if (this.#parts.length === 0) intake.resume(this.#lower);
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

  /** Aborts the connection, so that the peer sees a reset. */
  resetAndDestroy(): this {
    this.#options.onReset?.();
    reset(this.#lower);
    return this.destroy();
  }

  /**
   * TLS has failed on an established connection because of `cause`: its alert must arrive (RFC 8446 section 6.2), and a
   * reset could overtake it. For any other cause the connection is reset.
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

  /** Rule 4. The first part is passed up at once. */
  #handUpInParts(bytes: Buffer): void {
    const isFirst = this.#parts.length === 0;
    for (let at = 0; at < bytes.length; at += WHOLE) this.#parts.push(bytes.subarray(at, at + WHOLE));
    if (isFirst) this.#handUpNextPart();
  }

  #handUpNextPart(): void {
    if (this.#emptyWrites > 0 || this.#parts.length === 0) return;
    // Once the handshake is over, what is left goes up together.
    const most = this.#is.input === 'in_parts' ? 1 : this.#parts.length;
    let count = 0;
    do this.#handUp(this.#parts[count]!);
    while (++count < most && this.#emptyWrites === 0);
    // Only now, so that the order is preserved.
    this.#parts = this.#parts.slice(count);
    if (this.#parts.length > 0) {
      this.#lower.pause();
      setImmediate(() => this.#handUpNextPart());
      return;
    }
    if (!this.#isPaused || this.#is.input === 'passed_over') intake.resume(this.#lower);
    this.#endIfRead();
  }

  #endIfRead(): void {
    if (!this.#isEnded || this.#hasToldEnd || this.#parts.length > 0 || this.#emptyWrites > 0) return;
    this.#hasToldEnd = true;
    this.emit('end');
  }

  #flush(): void {
    if (this.#burst.length === 0) return;
    const bytes = this.#burst;
    const done = this.#burstDone;
    this.#burst = [];
    this.#burstDone = [];
    if (bytes.every(({ length }) => length === 0)) return this.#finishEmpty(done);
    if (this.#is.output === 'sent') return this.#send(bytes, done);
    if (this.#is.output === 'held') this.#held.push({ bytes, done });
    else for (const one of done) one();
  }

  /** Rule 5. Nothing crosses the wire. */
  #finishEmpty(done: readonly Done[]): void {
    for (const one of done) one();
    this.#emptyWrites++;
    // Behind the turn in which Node finishes it, which `done` has just asked for.
    setImmediate(() => {
      this.#emptyWrites--;
      if (this.#parts.length > 0) this.#handUpNextPart();
      else this.#endIfRead();
    });
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
