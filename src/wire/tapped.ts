/**
 * A tapped stream: a Duplex over a socket (or over a TLS socket) that hands every byte on and records it as it passes.
 * It stands in for a socket wherever Node takes one: `httpServer.emit('connection')`, an agent's `createConnection`,
 * under `new TLSSocket`. What TLS does above it is `tls-acceptor.ts` and `tls-dialer.ts`; what is recorded is the log's.
 *
 * 1. A byte is recorded before it is handed on, so that the order in the log is the order in which bytes crossed.
 * 2. Recorded bytes are never written to again: what the application hands down is copied, since it may reuse its buffer.
 * 3. One write is outstanding at a time; reading stops when the reader does. Both ways the slow side brakes the fast one.
 * 4. Ending is a half-close. An error resets, so that the other end does not take a break for an end.
 */
import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import type { Side } from '../capture/event.ts';

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
  readonly onReset?: () => void;
  /** Breaks the connection off below; by default resets `lower`. */
  readonly reset?: () => void;
  /** Whether `destroy()` without an error resets too, as the server side of this house does. */
  readonly destroyResets?: boolean;
  /** Whether those who write to this stream leave the bytes alone afterwards, so that no copy is needed. */
  readonly stableWrites?: boolean;
}

export class TappedStream extends Duplex {
  readonly lower: Socket;
  protected readonly farSide: Side;
  protected readonly nearSide: Side;
  readonly #options: TappedOptions;
  readonly #raw: Socket;
  #resetting = false;

  constructor(options: TappedOptions) {
    super({ allowHalfOpen: true, emitClose: true });
    this.#options = options;
    this.lower = options.lower;
    this.#raw = options.raw ?? options.lower;
    this.farSide = options.farSide;
    this.nearSide = options.farSide === 'client' ? 'server' : 'client';
    const { lower } = options;
    lower.pause();
    lower.on('data', (chunk: Buffer) => this.receive(chunk));
    lower.on('end', () => this.push(null));
    lower.on('error', (error) => this.destroy(error));
    lower.on('close', () => {
      if (!this.readableEnded || !this.writableFinished) this.#lowerClosed();
    });
    lower.on('timeout', () => this.emit('timeout'));
    // A broken connection is an event of the log; nobody has to listen for it here.
    this.on('error', () => {});
  }

  protected receive(chunk: Buffer): void {
    this.#options.record?.(this.farSide, chunk);
    if (!this.push(chunk)) this.lower.pause();
  }

  protected send(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.#options.record?.(this.nearSide, bytes);
    this.lower.write(bytes, done);
  }

  override _read(): void {
    this.lower.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.send(this.#options.stableWrites ? chunk : Buffer.from(chunk), done);
  }

  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#options.onEnd?.();
    if (this.lower.destroyed) done();
    else this.lower.end(() => done());
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const settled = this.readableEnded && this.writableFinished;
    const resets = this.#resetting || error !== null || (this.#options.destroyResets === true && !settled);
    if (this.lower.closed) return done(error);
    this.lower.once('close', () => done(error));
    if (this.lower.destroyed) return;
    if (!resets) {
      this.lower.destroy();
      return;
    }
    this.#options.onReset?.();
    if (this.#options.reset) {
      this.#options.reset();
      this.lower.destroy();
    } else this.lower.resetAndDestroy();
  }

  /** Breaks the connection off, so that the other end sees a reset. */
  resetAndDestroy(): this {
    this.#resetting = true;
    return this.destroy();
  }

  /** Ends, and closes once everything is handed down, as a socket does. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.#close();
    else this.once('finish', () => this.#close());
  }

  #close(): void {
    this.lower.destroy();
  }

  #lowerClosed(): void {
    // What is buffered is still read; a reader that waits for an end which cannot come is told.
    if (this.readableEnded || this.destroyed) this.destroy();
    else if (this.readableLength === 0) this.destroy();
    else this.once('end', () => this.destroy()).push(null);
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
