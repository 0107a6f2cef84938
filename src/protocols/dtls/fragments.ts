/**
 * Puts the handshake messages of one side together from their fragments (RFC 6347 section 4.2.3), each once and in the
 * order of their numbers, as messages of TLS: without the numbers and offsets that only datagrams need.
 *
 * Bounded: a message longer than any implementation sends, and a number far ahead of the next, are dropped.
 */
import { readableRanges } from './ranges.ts';
import type { HandshakeFragment } from './record.ts';

/** OpenSSL takes certificates up to 100 KiB. */
const longestMessage = 2 ** 17;
/** Messages of a flight that may come before an earlier one. */
const furthestAhead = 16;

interface Gathered {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly ranges: ReturnType<typeof readableRanges>;
}

const clientHello = 1;
/** Behind the version in a ClientHello. */
const randomAt = 2;
const randomLength = 32;

export class FragmentGatherer {
  #next: number | undefined;
  readonly #gathered = new Map<number, Gathered>();
  #random: string | undefined;

  /** @returns whole messages, each with a header of four bytes as in TLS; `isNew`: another handshake begins with it */
  add({ type, length, sequence, offset, bytes }: HandshakeFragment): readonly {
    readonly message: Uint8Array;
    readonly isNew: boolean;
  }[] {
    if (length > longestMessage) return [];
    this.#next ??= sequence;
    const isNew = this.#beginsAnew(type, sequence, offset, bytes);
    if (isNew) {
      this.#next = sequence;
      this.#gathered.clear();
    }
    if (sequence < this.#next || sequence >= this.#next + furthestAhead) return [];
    let gathered = this.#gathered.get(sequence);
    if (gathered && (gathered.type !== type || gathered.bytes.length !== length)) return [];
    if (!gathered) {
      gathered = { type, bytes: new Uint8Array(length), ranges: readableRanges(length) };
      this.#gathered.set(sequence, gathered);
    }
    gathered.ranges.add(offset, bytes, gathered.bytes);
    return this.#whole(isNew);
  }

  #whole(isNew: boolean): { message: Uint8Array; isNew: boolean }[] {
    const messages: { message: Uint8Array; isNew: boolean }[] = [];
    for (;;) {
      const sequence = this.#next ?? 0;
      const first = this.#gathered.get(sequence);
      if (!first?.ranges.isWhole) return messages;
      this.#gathered.delete(sequence);
      this.#next = sequence + 1;
      const { type, bytes } = first;
      if (type === clientHello) this.#random = randomOf(bytes);
      messages.push({
        message: Buffer.concat([
          Uint8Array.of(type, bytes.length >> 16, (bytes.length >> 8) & 0xff, bytes.length & 0xff),
          bytes,
        ]),
        isNew: isNew && messages.length === 0,
      });
    }
  }

  /** A ClientHello that is none of those before: the same ports are used for another connection. */
  #beginsAnew(type: number, sequence: number, offset: number, bytes: Uint8Array): boolean {
    return (
      type === clientHello &&
      sequence === 0 &&
      offset === 0 &&
      this.#random !== undefined &&
      bytes.length >= randomAt + randomLength &&
      randomOf(bytes) !== this.#random
    );
  }
}

const randomOf = (body: Uint8Array): string =>
  Buffer.from(body.subarray(randomAt, randomAt + randomLength)).toString('hex');
