/**
 * Implements a tapped stream: a Duplex over a socket (or a TLS socket) that forwards every byte and records it. It
 * replaces a socket wherever Node accepts a Duplex: `httpServer.emit('connection')`, an agent's `createConnection`,
 * under `new TLSSocket`. `acceptor.ts` and `dialer.ts` add TLS above it.
 *
 * 1. A byte is recorded before it is forwarded, so that the log has the order of the wire.
 * 2. Recorded bytes are never overwritten: data written by the application is copied, since it may reuse its buffer.
 * 3. One write is outstanding at a time; reading stops when the reader stops. Backpressure works in both directions.
 * 4. Ending is a half-close. An error resets, so that the peer does not take it for a clean end.
 * 5. `close` is emitted after the underlying socket has closed and its listeners have run: the log has `closed` by
 *    then.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { arena } from './arena.ts';
import { intake } from './intake.ts';
import { confirmFin } from '../tcp/confirmed-fin.ts';
import { reset } from '../tcp/reset.ts';

type Done = (error?: Error | null) => void;

const LARGEST_WRITE = 256 * 1024;

/** Passes every range that is read to `onBytes` and never overwrites it. */
export type Reads = (onBytes: (bytes: Buffer) => void) => void;

export interface TappedOptions {
  readonly lower: Socket;
  /** The underlying socket if `lower` is a TLS socket: it has the addresses and the kernel's options. */
  readonly raw?: Socket;
  /** The peer of `lower`. */
  readonly farSide: Side;
  /** Called with every byte range and its sender. */
  readonly record?: (from: Side, bytes: Uint8Array) => void;
  /** This side ends or aborts. */
  readonly onEnd?: () => void;
  /** `cause` is the reason: the error of the socket below if the peer closed first. */
  readonly onReset?: (cause: Error | null) => void;
  /** Aborts the connection below; by default resets `lower`. `cause` as above. */
  readonly reset?: (cause: Error | null) => void;
  /** Whether `destroy()` without an error resets too, as on the server side of this program. */
  readonly destroyResets?: boolean;
  /** Calls back with every range that was read; undefined if `lower` emits `data`. */
  readonly reads?: Reads | undefined;
  /** What `lower` received before it ended: it has emitted both, and emits neither again. */
  readonly ended?: Buffer | undefined;
}

export class TappedStream extends Duplex {
  readonly lower: Socket;
  protected readonly farSide: Side;
  protected readonly nearSide: Side;
  readonly #options: TappedOptions;
  readonly #raw: Socket;
  #resetting = false;
  #sink: TappedStream | undefined;
  #turn: Buffer[] = [];
  /** A socket reports itself as closed some turns before it emits `close`. */
  #rawClosed = false;
  #whenRawClosed: (() => void) | undefined;

  constructor(options: TappedOptions) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#options = options;
    this.lower = options.lower;
    this.#raw = options.raw ?? options.lower;
    this.farSide = options.farSide;
    this.nearSide = otherSide[options.farSide];
    const { lower } = options;
    lower.pause();
    const receive =
      lower === this.#raw
        ? (bytes: Buffer): void => this.#receive(bytes)
        : (bytes: Buffer): void => this.#collect(bytes);
    // Earlier data comes first: from here on `lower` has nothing buffered.
    for (let left: Buffer | null; (left = lower.read() as Buffer | null) !== null; ) receive(left);
    options.reads?.(receive);
    lower.on('data', receive);
    const end = (): void => {
      this.#handOnTurn();
      if (lower === this.#raw) confirmFin(lower, () => this.push(null));
      else this.push(null);
    };
    lower.on('end', end);
    lower.on('error', (error) => {
      this.#handOnTurn();
      this.destroy(error);
    });
    this.#raw.once('close', () => {
      this.#rawClosed = true;
      this.#whenRawClosed?.();
    });
    lower.on('close', () => this.#lowerClosed());
    lower.on('timeout', () => this.emit('timeout'));
    // A failed connection is an event in the log; no error listener is required here.
    this.on('error', () => {});
    if (options.ended) {
      receive(options.ended);
      end();
      // A close_notify that came with the last message of the handshake has ended it already.
    } else if (lower !== this.#raw && lower.readableEnded) end();
  }

  /**
   * Passes data to `sink` directly from now on, instead of to its reader; ends, errors and closes work as before. Only
   * for a stream without a reader, and a sink without another writer.
   */
  divertTo(sink: TappedStream): void {
    this.#sink = sink;
    sink.lower.on('drain', () => intake.resume(this.lower));
    for (let left: Buffer | null; (left = this.read() as Buffer | null) !== null; ) this.#divert(sink, left);
    // Lets `end` be emitted; no more data comes through the stream.
    this.resume();
    intake.resume(this.lower);
  }

  /** TLS decrypts many records in one turn: they are forwarded together, as one range. */
  #collect(bytes: Buffer): void {
    if (this.#turn.push(bytes) === 1) process.nextTick(() => this.#handOnTurn());
  }

  #handOnTurn(): void {
    const parts = this.#turn;
    if (parts.length === 0) return;
    this.#turn = [];
    for (const range of adjoining(parts)) this.#receive(range);
  }

  #receive(bytes: Buffer): void {
    this.#options.record?.(this.farSide, bytes);
    if (this.#sink) this.#divert(this.#sink, bytes);
    else if (!this.push(bytes)) this.lower.pause();
    if (intake.isHeld) intake.resume(this.lower);
  }

  #divert(sink: TappedStream, bytes: Buffer): void {
    sink.#options.record?.(sink.nearSide, bytes);
    if (!sink.lower.write(bytes) && sink.lower.writableLength >= LARGEST_WRITE) this.lower.pause();
  }

  override _read(): void {
    intake.resume(this.lower);
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this.#sendInTurn(chunks, 0, done);
  }

  /** Merges buffered data into ranges of a limited size, one write after the other. */
  #sendInTurn(chunks: readonly { readonly chunk: Buffer }[], from: number, done: Done): void {
    const parts: Buffer[] = [];
    let length = 0;
    let at = from;
    for (
      let next = chunks[at];
      next && (length === 0 || length + next.chunk.length <= LARGEST_WRITE);
      next = chunks[++at]
    ) {
      parts.push(next.chunk);
      length += next.chunk.length;
    }
    this.#send(
      parts,
      at === chunks.length ? done : (error) => (error ? done(error) : this.#sendInTurn(chunks, at, done)),
    );
  }

  #send(parts: readonly Buffer[], done: Done): void {
    const { record } = this.#options;
    if (!record && parts.length === 1) {
      this.lower.write(parts[0]!, done);
      return;
    }
    const bytes = arena.keep(parts);
    record?.(this.nearSide, bytes);
    this.lower.write(bytes, done);
  }

  override _final(done: Done): void {
    this.#options.onEnd?.();
    if (this.lower.destroyed) done();
    else this.lower.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    const settled = this.readableEnded && this.writableFinished;
    const resets = this.#resetting || error !== null || (this.#options.destroyResets === true && !settled);
    if (this.#rawClosed) return done(error);
    this.#whenRawClosed = () => done(error);
    if (this.lower.destroyed) return;
    if (!resets) {
      this.#options.onEnd?.();
      this.lower.destroy();
      return;
    }
    this.#options.onReset?.(error);
    if (this.#options.reset) {
      this.#options.reset(error);
      this.lower.destroy();
    } else reset(this.lower);
  }

  /** Aborts the connection, so that the peer sees a reset. */
  resetAndDestroy(): this {
    this.#resetting = true;
    return this.destroy();
  }

  /** Ends, and closes once everything has been written, as a socket does. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.lower.destroy();
    else this.once('finish', () => this.lower.destroy());
  }

  #lowerClosed(): void {
    // The peer had ended: buffered data can still be read. Otherwise this is no clean end and must not look like one.
    if (this.lower.readableEnded && !this.readableEnded) this.once('end', () => this.destroy());
    else this.destroy();
  }

  get connecting(): boolean {
    return false;
  }

  get remoteAddress(): string | undefined {
    return this.#raw.remoteAddress;
  }

  get remotePort(): number | undefined {
    return this.#raw.remotePort;
  }

  get remoteFamily(): string | undefined {
    return this.#raw.remoteFamily;
  }

  get localAddress(): string | undefined {
    return this.#raw.localAddress;
  }

  get localPort(): number | undefined {
    return this.#raw.localPort;
  }

  get bytesRead(): number {
    return this.lower.bytesRead;
  }

  get bytesWritten(): number {
    return this.lower.bytesWritten;
  }

  setTimeout(milliseconds: number, listener?: () => void): this {
    if (listener) {
      if (milliseconds === 0) this.off('timeout', listener);
      else this.once('timeout', listener);
    }
    this.lower.setTimeout(milliseconds);
    return this;
  }

  setNoDelay(noDelay?: boolean): this {
    this.#raw.setNoDelay(noDelay);
    return this;
  }

  setKeepAlive(enable?: boolean, initialDelay?: number): this {
    this.#raw.setKeepAlive(enable, initialDelay);
    return this;
  }

  ref(): this {
    this.#raw.ref();
    return this;
  }

  unref(): this {
    this.#raw.unref();
    return this;
  }
}

/** Merges adjacent ranges of one slab. Ranges that are not adjacent (Node's own buffers) are copied into one. */
function adjoining(parts: readonly Buffer[]): readonly Buffer[] {
  const [first] = parts;
  if (parts.length === 1 || !first) return parts;
  const runs: { readonly start: Buffer; length: number }[] = [{ start: first, length: first.length }];
  for (const part of parts.slice(1)) {
    const run = runs.at(-1)!;
    if (part.buffer === run.start.buffer && part.byteOffset === run.start.byteOffset + run.length)
      run.length += part.length;
    else runs.push({ start: part, length: part.length });
  }
  if (runs.length > parts.length / 2) return [arena.keep(parts)];
  return runs.map(({ start, length }) => Buffer.from(start.buffer, start.byteOffset, length));
}
