/**
 * Memory that captured bytes live in. A range that was cut is never cut again, so an event may point into it for ever;
 * a slab is freed when nothing points into it any more. What is read and when is the streams' (`tapped.ts`, `tls-wire.ts`).
 */

const SLAB = 1024 * 1024;
/** From here on a range gets memory of its own: it would leave too much of a slab unused. */
const LARGE = SLAB / 4;

export class Arena {
  #slab = Buffer.alloc(0);
  #used = 0;

  /** A range that nobody else has, with undefined contents. */
  cut(length: number): Buffer {
    if (length > LARGE) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB);
      this.#used = 0;
    }
    const range = this.#slab.subarray(this.#used, this.#used + length);
    this.#used += length;
    return range;
  }

  /** Takes the unused rest of a range back, where it is the last one that was cut; otherwise it stays unused. */
  giveBack(rest: Buffer): void {
    if (rest.buffer === this.#slab.buffer && rest.byteOffset - this.#slab.byteOffset + rest.length === this.#used) this.#used -= rest.length;
  }

  /** A copy of `parts`, one after the other. */
  keep(parts: readonly Uint8Array[]): Buffer {
    let length = 0;
    for (const part of parts) length += part.length;
    const range = this.cut(length);
    let at = 0;
    for (const part of parts) {
      range.set(part, at);
      at += part.length;
    }
    return range;
  }
}

/** The one arena of the process: ranges of many connections share its slabs. */
export const arena = new Arena();

const SMALLEST = 4 * 1024;
const LARGEST = 256 * 1024;

/**
 * Where one direction of one connection is read to: straight into the arena. It begins small, so that thousands of idle
 * connections stay cheap, grows when a read fills it and shrinks when reads are short.
 */
export class Landing {
  readonly #arena: Arena;
  #size = SMALLEST;
  #free: Buffer;

  constructor(from: Arena = arena) {
    this.#arena = from;
    this.#free = from.cut(SMALLEST);
  }

  /** Where the next read goes. */
  get free(): Buffer {
    return this.#free;
  }

  /** The `length` bytes that were read into `free`; they are never written to again. */
  take(length: number): Buffer {
    const bytes = this.#free.subarray(0, length);
    const isFull = length === this.#free.length;
    this.#free = this.#free.subarray(length);
    if (isFull) this.#size = Math.min(this.#size * 4, LARGEST);
    else if (length < this.#size / 16) this.#size = Math.max(this.#size / 4, SMALLEST);
    if (this.#free.length < this.#size / 4) {
      this.#arena.giveBack(this.#free);
      this.#free = this.#arena.cut(this.#size);
    }
    return bytes;
  }
}
