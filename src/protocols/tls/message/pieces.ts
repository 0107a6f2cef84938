/** Gathers the pieces of a handshake message that records split, and their ranges, in little memory. */
import type { Ranges } from './message.ts';

export interface Piece {
  readonly bytes: Uint8Array;
  /** Where its first byte is in the stream. */
  readonly start: number;
  /** The positions of all parts, if it arrived in many pieces. */
  readonly ranges?: PackedRanges;
}

/** A buffer that grows. */
class Room {
  #bytes: Uint8Array;
  length = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  add(bytes: ArrayLike<number>): void {
    if (this.length + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.length + bytes.length));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
}

/**
 * Many ranges: of each the gap before it and its length, both as LEB128. Records of one byte each cost two bytes here, where a
 * pair of numbers costs a hundred.
 */
export class PackedRanges implements Ranges {
  readonly #packed = new Room(256);
  #first: readonly [start: number, end: number] | undefined;
  #last: readonly [start: number, end: number] | undefined;
  length = 0;

  add(start: number, end: number): void {
    this.#packed.add([...leb128(start - (this.#last?.[1] ?? 0)), ...leb128(end - start)]);
    this.#last = [start, end];
    this.#first ??= this.#last;
    this.length++;
  }

  at(index: 0 | -1): readonly [start: number, end: number] | undefined {
    return index === 0 ? this.#first : this.#last;
  }

  *[Symbol.iterator](): Iterator<readonly [start: number, end: number]> {
    const packed = this.#packed.bytes;
    let at = 0;
    const next = (): number => {
      for (let value = 0, scale = 1; ; scale *= 128) {
        const byte = packed[at++] ?? 0;
        value += (byte % 128) * scale;
        if (byte < 128) return value;
      }
    };
    for (let end = 0; at < packed.length; ) {
      const start = end + next();
      end = start + next();
      yield [start, end];
    }
  }

  /** The ranges of the first `count` bytes, and those of the others. */
  split(count: number): readonly [PackedRanges, PackedRanges] {
    const parts = [new PackedRanges(), new PackedRanges()] as const;
    let left = count;
    for (const [start, end] of this) {
      const middle = Math.min(end, start + left);
      if (middle > start) parts[0].add(start, middle);
      if (end > middle) parts[1].add(middle, end);
      left -= middle - start;
    }
    return parts;
  }
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  bytes.push(rest);
  return bytes;
}

/** Pieces as one, which grows. */
export class Gathered implements Piece {
  readonly ranges = new PackedRanges();
  readonly #room = new Room(1024);

  get start(): number {
    return this.ranges.at(0)?.[0] ?? 0;
  }

  get bytes(): Uint8Array {
    return this.#room.bytes;
  }

  add({
    bytes,
    start,
    ranges = [[start, start + bytes.length]],
  }: Pick<Piece, 'bytes' | 'start'> & { readonly ranges?: Ranges }): void {
    this.#room.add(bytes);
    for (const [from, to] of ranges) this.ranges.add(from, to);
  }
}
