/**
 * Reads and writes what precedes a protocol's own bytes on a raw socket: a PROXY header, or the dialogue in which TLS is
 * requested. Whatever is taken is recorded as on the wire; the rest is given back to the socket, unrecorded.
 *
 * 1. A peer's bytes are bounded: in a line, in all, and by the caller in time.
 * 2. Nothing is read ahead of what is asked for, but what the kernel delivers with it.
 */
import type { Duplex } from 'node:stream';
import type { RefusalReason } from '../../capture/vocabulary.ts';

/** Bytes of one line; mail allows 512 (RFC 5321 section 4.5.3.1), IMAP asks for 8,192 (RFC 9051 section 4). */
const longestLine = 8_192;
/** Bytes that a peer may send before TLS. */
const mostBytes = 65_536;

/** The peer did something else than what leads to TLS, or left. */
export class ExchangeError extends Error {
  /** Undefined where the peer left: nothing was refused. */
  readonly reason: RefusalReason | undefined;
  /** The peer's own words, or what they are. */
  readonly code: string;

  constructor(reason: RefusalReason | undefined, code: string) {
    super(code);
    this.reason = reason;
    this.code = code;
  }
}

export interface ExchangeOptions {
  /** Called with every byte range that is taken from the peer, or sent to it. */
  readonly record?: (from: 'peer' | 'self', bytes: Uint8Array) => void;
  /** What was read before, where the socket has ended already. */
  readonly ended?: Buffer | undefined;
}

export class Exchange {
  readonly #socket: Duplex;
  readonly #record: NonNullable<ExchangeOptions['record']>;
  #held: Buffer = Buffer.alloc(0);
  #taken = 0;
  #isOver = false;
  #failure: ExchangeError | undefined;
  #wake: (() => void) | undefined;
  /** Whether the peer has sent anything. */
  hasSpoken = false;

  constructor(socket: Duplex, { record = () => {}, ended }: ExchangeOptions = {}) {
    this.#socket = socket;
    this.#record = record;
    if (ended) this.#add(ended);
    // Not by `data`: a stream that was flowing and is paused does not flow for the next listener.
    socket
      .on('readable', this.#onReadable)
      .on('end', this.#onEnd)
      .on('close', this.#onEnd)
      .on('error', this.#onEnd);
    if (ended !== undefined || socket.readableEnded || socket.destroyed) this.#isOver = true;
  }

  readonly #onReadable = (): void => {
    const bytes = this.#socket.read() as Buffer | null;
    if (bytes !== null) this.#add(bytes);
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#isOver = true;
    this.#wake?.();
  };

  #add(bytes: Buffer): void {
    this.hasSpoken = true;
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
  }

  /** Bytes that were read and not taken. */
  get held(): Uint8Array {
    return this.#held;
  }

  /** Whoever waits for the peer waits no longer. */
  abort(error: ExchangeError): void {
    this.#failure = error;
    this.#wake?.();
  }

  /** Resolves once there are so many bytes; they stay where they are. @throws ExchangeError if the peer leaves before */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#held.length < length) await this.#more();
    return this.#held.subarray(0, length);
  }

  async bytes(length: number): Promise<Buffer> {
    if (length > mostBytes - this.#taken)
      throw new ExchangeError('starttls_violated', 'too many bytes before TLS');
    await this.peek(length);
    return this.#take(length);
  }

  /** Without its end (CR LF, or LF). */
  async line(): Promise<string> {
    let at = this.#held.indexOf(0x0a);
    while (at < 0) {
      if (this.#held.length > longestLine)
        throw new ExchangeError('starttls_violated', 'a line without an end');
      await this.#more();
      at = this.#held.indexOf(0x0a);
    }
    if (at > longestLine || this.#taken + at > mostBytes)
      throw new ExchangeError('starttls_violated', 'too many bytes before TLS');
    return this.#take(at + 1)
      .toString('latin1')
      .replace(/\r?\n$/, '');
  }

  write(bytes: Uint8Array | string): void {
    const sent = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : Buffer.from(bytes);
    this.#record('self', sent);
    this.#socket.write(sent);
  }

  /** Answers a peer that is refused: what it has sent is taken first, all of it, and precedes the answer in the record. */
  refuse(bytes: Uint8Array | string): void {
    if (this.#held.length > 0) this.#take(this.#held.length);
    this.write(bytes);
  }

  /**
   * TLS begins with the next byte. Bytes that came with the request or with its answer would be taken for bytes that TLS
   * protects, by whoever keeps them: they are refused (RFC 3207 section 6, CVE-2011-0411).
   */
  refuseEarlyBytes(): void {
    if (this.#held.length === 0) return;
    this.#take(Math.min(this.#held.length, mostBytes));
    throw new ExchangeError('starttls_violated', 'bytes in clear behind the request for TLS');
  }

  /** Records what is left, as the peer's: nobody will read it. */
  drop(): void {
    if (this.#held.length > 0) this.#take(this.#held.length);
    this.stop();
  }

  /** Gives back to the socket what was not taken. Returns it where the socket has ended and takes nothing back. */
  stop(): Buffer | undefined {
    const socket = this.#socket;
    socket
      .off('readable', this.#onReadable)
      .off('end', this.#onEnd)
      .off('close', this.#onEnd)
      .off('error', this.#onEnd);
    const left = this.#held;
    this.#held = Buffer.alloc(0);
    if (this.#isOver) return left;
    if (left.length > 0) socket.unshift(left);
    return undefined;
  }

  #take(length: number): Buffer {
    const taken = this.#held.subarray(0, length);
    this.#held = this.#held.subarray(length);
    this.#taken += length;
    // The rest of the range may be given back to the socket, whose readers own it.
    const kept = Buffer.from(taken);
    this.#record('peer', kept);
    return kept;
  }

  async #more(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (this.#isOver) throw new ExchangeError(undefined, 'ECONNRESET');
    await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#wake = undefined;
    if (this.#failure) throw this.#failure;
  }
}
