/**
 * Reads the handshake messages of TLS that another protocol carries without records: QUIC in CRYPTO frames (RFC 9001
 * section 4), DTLS in its own. It puts their pieces in order; `messages.ts` reads them.
 *
 * 1. Pieces may come in any order, overlap and come again; of bytes received twice the first count.
 * 2. What waits is bounded: a piece too far ahead is dropped.
 */
import type { Side } from '../../capture/event.ts';
import type { Agreement } from './agreement.ts';
import { contentTypes } from './framing.ts';
import { MessageAssembler } from './messages.ts';
import type { TlsMessage } from './message/message.ts';

/** Bytes ahead of what was read that are still kept: more than any flight has. */
const furthest = 256 * 1024;
const mostWaiting = 1024;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class HandshakeStream {
  readonly #assembler: MessageAssembler;
  /** Where it begins among the handshake bytes of its side. */
  readonly #base: number;
  readonly #isSealed: boolean;
  #waiting: Piece[] = [];
  #reached = 0;

  constructor(
    from: Side,
    agreement: Agreement,
    { base = 0, isSealed = false }: { readonly base?: number; readonly isSealed?: boolean } = {},
  ) {
    this.#assembler = new MessageAssembler(from, agreement);
    this.#base = base;
    this.#isSealed = isSealed;
  }

  /** The offset behind what was read, among the handshake bytes of its side. */
  get end(): number {
    return this.#base + this.#reached;
  }

  /** The next bytes, for what carries them in order. */
  append(bytes: Uint8Array, tag: number): TlsMessage[] {
    return this.feed(this.#reached, bytes, tag);
  }

  /** @param offset of the first byte in this stream; returns the messages that the bytes complete */
  feed(offset: number, bytes: Uint8Array, tag: number): TlsMessage[] {
    const end = offset + bytes.length;
    if (end <= this.#reached || end > this.#reached + furthest) return [];
    if (offset > this.#reached) {
      if (this.#waiting.length < mostWaiting) this.#waiting.push({ offset, bytes: new Uint8Array(bytes) });
      return [];
    }
    const messages = this.#take(offset, bytes, tag);
    for (let next = this.#next(); next; next = this.#next())
      for (const message of this.#take(next.offset, next.bytes, tag)) messages.push(message);
    return messages;
  }

  /** A piece that continues what was read; those that bring nothing are forgotten. */
  #next(): Piece | undefined {
    this.#waiting = this.#waiting.filter(({ offset, bytes }) => offset + bytes.length > this.#reached);
    return this.#waiting.find(({ offset }) => offset <= this.#reached);
  }

  #take(offset: number, bytes: Uint8Array, tag: number): TlsMessage[] {
    const fresh = new Uint8Array(bytes.subarray(this.#reached - offset));
    const start = this.end;
    this.#reached += fresh.length;
    const frame = {
      start,
      end: this.end,
      contentType: contentTypes.handshake,
      version: 0,
      firstTag: tag,
      lastTag: tag,
      bytes: undefined,
      ...(this.#isSealed ? { seal: { headLength: 0, tailLength: 0 } } : {}),
    };
    return this.#assembler.add(frame, contentTypes.handshake, fresh, start).map(withoutRecords);
  }
}

/** There are none: the message stands alone. */
const withoutRecords = (message: TlsMessage): TlsMessage => ({ ...message, frames: [], records: 1 });
