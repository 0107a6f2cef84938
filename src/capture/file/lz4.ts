/**
 * Decompresses LZ4 frames (lz4_Frame_format.md of the reference implementation) as their bytes arrive, block by block, in
 * bounded memory: a block and the 64 KiB before it. Checksums are skipped: a damaged capture is noticed by its reader.
 * By hand, since Node has no LZ4, and what npm has is native, or old and for whole buffers only.
 */

const magic = 0x184d2204;
/** Frames that a reader passes over. */
const isSkippable = (code: number): boolean => code >>> 4 === 0x0184d2a5;
const historyLength = 64 * 1024;
/** By the block maximum size in the descriptor: 64 KiB to 4 MiB. */
const blockSizes: Readonly<Record<number, number>> = { 4: 2 ** 16, 5: 2 ** 18, 6: 2 ** 20, 7: 2 ** 22 };

const nothing = new Uint8Array(0);

interface FrameFacts {
  readonly blockSize: number;
  readonly hasBlockChecksum: boolean;
  readonly hasContentChecksum: boolean;
  readonly isIndependent: boolean;
}

export class Lz4Decoder {
  #held: Uint8Array = nothing;
  #frame: FrameFacts | undefined;
  /** Of a skippable frame, or of a checksum behind a frame. */
  #skip = 0;
  #history: Uint8Array = nothing;

  /** Whether the bytes so far end between two frames. */
  get isComplete(): boolean {
    return this.#frame === undefined && this.#held.length === 0 && this.#skip === 0;
  }

  /**
   * Takes the next compressed bytes; yields what they decompress to.
   * @throws RangeError where they are no LZ4
   */
  *feed(bytes: Uint8Array): Generator<Uint8Array> {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    for (;;) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, this.#held.length);
        this.#skip -= skipped;
        this.#held = this.#held.subarray(skipped);
        if (this.#skip > 0) return;
      }
      if (this.#frame) {
        const block = this.#nextBlock(this.#frame);
        if (block === undefined) break;
        if (block.length > 0) yield block;
      } else if (!this.#nextFrame()) break;
    }
    // A view would keep the whole chunk.
    this.#held = new Uint8Array(this.#held);
  }

  #view(): DataView {
    return new DataView(this.#held.buffer, this.#held.byteOffset, this.#held.length);
  }

  /** False while its header is incomplete. */
  #nextFrame(): boolean {
    if (this.#held.length < 8) return false;
    const view = this.#view();
    const code = view.getUint32(0, true);
    if (isSkippable(code)) {
      this.#skip = 8 + view.getUint32(4, true);
      return true;
    }
    const flags = view.getUint8(4);
    const blockSize = blockSizes[(view.getUint8(5) >> 4) & 7];
    if (code !== magic || flags >> 6 !== 1 || blockSize === undefined) throw new RangeError('no LZ4 frame');
    const hasSize = (flags & 0x08) !== 0;
    const hasDictionary = (flags & 0x01) !== 0;
    if (hasDictionary) throw new RangeError('an LZ4 frame with a dictionary');
    const length = 7 + (hasSize ? 8 : 0);
    if (this.#held.length < length) return false;
    this.#held = this.#held.subarray(length);
    this.#history = nothing;
    this.#frame = {
      blockSize,
      hasBlockChecksum: (flags & 0x10) !== 0,
      hasContentChecksum: (flags & 0x04) !== 0,
      isIndependent: (flags & 0x20) !== 0,
    };
    return true;
  }

  /** Undefined while it is incomplete; empty at the end of the frame. */
  #nextBlock({
    blockSize,
    hasBlockChecksum,
    hasContentChecksum,
    isIndependent,
  }: FrameFacts): Uint8Array | undefined {
    if (this.#held.length < 4) return undefined;
    const word = this.#view().getUint32(0, true);
    if (word === 0) {
      this.#held = this.#held.subarray(4);
      this.#skip = hasContentChecksum ? 4 : 0;
      this.#frame = undefined;
      return nothing;
    }
    const isStored = word >>> 31 === 1;
    const length = word & 0x7fffffff;
    if (length > blockSize) throw new RangeError('an LZ4 block longer than its frame allows');
    const whole = 4 + length + (hasBlockChecksum ? 4 : 0);
    if (this.#held.length < whole) return undefined;
    const body = this.#held.subarray(4, 4 + length);
    const history = isIndependent ? nothing : this.#history;
    const block = isStored ? new Uint8Array(body) : decompressBlock(body, history, blockSize);
    this.#held = this.#held.subarray(whole);
    if (!isIndependent) this.#history = Buffer.concat([history, block]).subarray(-historyLength);
    return block;
  }
}

/** lz4_Block_format.md: literals, then a match, each with a length that goes on in bytes of 255. */
function decompressBlock(input: Uint8Array, history: Uint8Array, mostBytes: number): Uint8Array {
  const start = history.length;
  const output = new Uint8Array(start + mostBytes);
  output.set(history);
  let [at, to] = [0, start];
  const lengthFrom = (nibble: number): number => {
    let length = nibble;
    for (let byte = nibble === 15 ? 255 : 0; byte === 255; ) {
      if (at >= input.length) throw new RangeError('an LZ4 block that ends in a length');
      byte = input[at++] ?? 0;
      length += byte;
    }
    return length;
  };
  while (at < input.length) {
    const token = input[at++] ?? 0;
    const literals = lengthFrom(token >> 4);
    if (at + literals > input.length || to + literals > output.length)
      throw new RangeError('LZ4 literals beyond their block');
    output.set(input.subarray(at, at + literals), to);
    at += literals;
    to += literals;
    // The last sequence has no match.
    if (at >= input.length) break;
    const distance = (input[at] ?? 0) + 256 * (input[at + 1] ?? 0);
    at += 2;
    const length = lengthFrom(token & 15) + 4;
    if (distance === 0 || distance > to || to + length > output.length)
      throw new RangeError('an LZ4 match beyond its block');
    // It may overlap what it makes: byte by byte.
    for (let end = to + length; to < end; to++) output[to] = output[to - distance] ?? 0;
  }
  return output.slice(start, to);
}
