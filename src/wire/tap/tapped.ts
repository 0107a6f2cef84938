/**
 * A tapped stream: a Duplex over a socket (or over a TLS socket) that hands every byte on and records it as it passes.
 * It stands in for a socket wherever Node takes one: `httpServer.emit('connection')`, an agent's `createConnection`,
 * under `new TLSSocket`. What TLS does above it is `acceptor.ts` and `dialer.ts`; what is recorded is the log's.
 *
 * 1. A byte is recorded before it is handed on, so that the order in the log is the order in which bytes crossed.
 * 2. Recorded bytes are never written to again: what the application hands down is copied, since it may reuse its buffer.
 * 3. One write is outstanding at a time; reading stops when the reader does. Both ways the slow side brakes the fast one.
 * 4. Ending is a half-close. An error resets, so that the other end does not take a break for an end.
 * 5. `close` comes when the socket at the bottom has told everybody that it is closed: the log's `closed` is there by then.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import { arena } from './arena.ts';
import { confirmFin } from '../tcp/confirmed-fin.ts';
import { reset } from '../tcp/reset.ts';

type Done = (error?: Error | null) => void;

const LARGEST_WRITE = 256 * 1024;

/** Hands every range that is read to `onBytes`, and never writes to it again. */
export type Reads = (onBytes: (bytes: Buffer) => void) => void;

export interface TappedOptions {
  readonly lower: Socket;
  /** The socket at the bottom, where `lower` is a TLS socket: it knows the addresses and the kernel's options. */
  readonly raw?: Socket;
  /** Who sits at the other end of `lower`. */
  readonly farSide: Side;
  /** Told of every byte, and of who sent it. */
  readonly record?: (from: Side, bytes: Uint8Array) => void;
  /** This side ends or breaks off. */
  readonly onEnd?: () => void;
  /** `cause` is what made it so: the error of the socket below where the far side had gone first. */
  readonly onReset?: (cause: Error | null) => void;
  /** Breaks the connection off below; by default resets `lower`. `cause` as above. */
  readonly reset?: (cause: Error | null) => void;
  /** Whether `destroy()` without an error resets too, as the server side of this house does. */
  readonly destroyResets?: boolean;
  /** Calls back with every range that was read; undefined where `lower` emits `data`. */
  readonly reads?: Reads | undefined;
  /** What `lower` brought before it ended: it has told of both, and tells neither again. */
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
  /** A socket calls itself closed some turns before it says so. */
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
    // What came before comes first: from here on nothing waits in `lower`.
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
    // A broken connection is an event of the log; nobody has to listen for it here.
    this.on('error', () => {});
    if (options.ended) {
      receive(options.ended);
      end();
    }
  }

  /**
   * From now on hands what it reads to `sink` itself and not to its reader; ends, breaks and closes go the usual way.
   * Only for a stream that nobody reads, and a sink that nobody else writes to.
   */
  divertTo(sink: TappedStream): void {
    this.#sink = sink;
    sink.lower.on('drain', () => this.lower.resume());
    for (let left: Buffer | null; (left = this.read() as Buffer | null) !== null; ) this.#divert(sink, left);
    // Lets `end` be emitted; no byte comes this way any more.
    this.resume();
    this.lower.resume();
  }

  /** TLS opens many records in one turn: they are handed on together, as one range. */
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
  }

  #divert(sink: TappedStream, bytes: Buffer): void {
    sink.#options.record?.(sink.nearSide, bytes);
    if (!sink.lower.write(bytes) && sink.lower.writableLength >= LARGEST_WRITE) this.lower.pause();
  }

  override _read(): void {
    this.lower.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: Done): void {
    this.#sendInTurn(chunks, 0, done);
  }

  /** Merges what has piled up into ranges of a bounded size, one write after the other. */
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

  /** Breaks the connection off, so that the other end sees a reset. */
  resetAndDestroy(): this {
    this.#resetting = true;
    return this.destroy();
  }

  /** Ends, and closes once everything is handed down, as a socket does. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.lower.destroy();
    else this.once('finish', () => this.lower.destroy());
  }

  #lowerClosed(): void {
    // The far side had ended: what is buffered here is still to be read. Otherwise this is no end, and nobody may take it for one.
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

/** Ranges that lie behind each other in one slab, each run of them as one. Where they do not (Node's own buffers), they are copied into one. */
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
