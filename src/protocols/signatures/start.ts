/** The first bytes of a direction, or a datagram, as a signature looks at them. */
import { latin1Text } from '../../core/bytes.ts';
import type { Side } from '../../capture/event.ts';

/** As many bytes as a signature may look at. */
export const longestStart = 512;

export class Start {
  readonly bytes: Uint8Array;
  readonly from: Side;
  /** Of what came in one piece; it may be more than what is here. */
  readonly length: number;
  readonly text: string;
  readonly #view: DataView;

  constructor(bytes: Uint8Array, from: Side, length = bytes.length) {
    this.bytes = bytes.subarray(0, longestStart);
    this.from = from;
    this.length = length;
    this.text = latin1Text(this.bytes);
    this.#view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
  }

  /** Whether these bytes stand there. */
  is(at: number, ...expected: readonly number[]): boolean {
    return expected.every((byte, index) => this.bytes[at + index] === byte);
  }

  /** Whether this text stands there. */
  says(at: number, words: string): boolean {
    return this.text.startsWith(words, at);
  }

  /** Numbers; -1 behind the end, which no number is. */
  u8(at: number): number {
    return this.bytes[at] ?? -1;
  }

  u16(at: number): number {
    return at + 2 <= this.bytes.length ? this.#view.getUint16(at) : -1;
  }

  u32(at: number): number {
    return at + 4 <= this.bytes.length ? this.#view.getUint32(at) : -1;
  }

  le16(at: number): number {
    return at + 2 <= this.bytes.length ? this.#view.getUint16(at, true) : -1;
  }

  le32(at: number): number {
    return at + 4 <= this.bytes.length ? this.#view.getUint32(at, true) : -1;
  }

  /** A length that covers the piece, or announces more than came in it. */
  isLength(length: number): boolean {
    return length >= this.length;
  }

  /** Printable text up to a zero byte; undefined where it is none. */
  zeroEnded(at: number): string | undefined {
    const end = this.text.indexOf('\0', at);
    const found = end < 0 ? '' : this.text.slice(at, end);
    return end >= at && /^[ -~]*$/.test(found) && at <= end ? found : undefined;
  }

  /** Printable text of that length; undefined where it is none, or not all of it is there. */
  printable(at: number, length: number): string | undefined {
    const found = length >= 0 ? this.text.slice(at, at + length) : '';
    return length >= 0 && found.length === length && /^[ -~]*$/.test(found) ? found : undefined;
  }
}
