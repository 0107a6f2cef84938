/**
 * Allocates the memory for captured bytes. A range is never allocated again while anything refers to it, so events may
 * keep references forever. The streams decide what is read and when (`tapped.ts`, `tls-wire.ts`).
 *
 * 1. A slab is reused once nothing refers to it: fresh memory costs a page fault per 4 KiB, and memory that V8 accounts
 *    for costs a full collection per 64 MB, together as much as the relay itself.
 * 2. Only the garbage collector knows the references to a slab. So each user receives a separate object for the slab's
 *    memory (a clone of a SharedArrayBuffer shares it); when the collector reports that object as unreachable, the slab
 *    is free.
 * 3. V8 does not know that slabs wait for collection. When they run out after a number of allocations, a collection is
 *    requested.
 */

const SLAB = 1024 * 1024;
/** A collection is requested after this many slabs, if this few are left. */
const SLABS_A_COLLECTION = 128;
const FEW = 16;
/** This many slabs are ordinary memory: a short run needs no more. */
const ORDINARY = 4;
/** This many free slabs are kept; all are returned to the operating system if none was needed for this long. */
const KEPT = 160;
const IDLE_MS = 2_000;
/** V8 collects when this much more memory is in use than after the last collection. */
const PRESSURE = 64 * 1024 * 1024;

class Slabs {
  readonly #free: SharedArrayBuffer[] = [];
  readonly #gone = new FinalizationRegistry((slab: SharedArrayBuffer) => {
    if (this.#free.length < KEPT) this.#free.push(slab);
    // The collector may report it long after the last allocation: it is kept no longer than the others.
    this.#idle?.refresh();
  });
  #ordinary = 0;
  #handedOut = 0;
  #idle: NodeJS.Timeout | undefined;

  take(): Buffer {
    if (this.#ordinary < ORDINARY) {
      this.#ordinary++;
      return Buffer.allocUnsafeSlow(SLAB);
    }
    this.#idle ??= setTimeout(() => this.#letGo(), IDLE_MS).unref();
    this.#idle.refresh();
    if (++this.#handedOut >= SLABS_A_COLLECTION && this.#free.length < FEW) {
      this.#handedOut = 0;
      askForCollection();
    }
    const slab = this.#free.pop() ?? new SharedArrayBuffer(SLAB);
    const name = structuredClone(slab);
    this.#gone.register(name, slab);
    return Buffer.from(name);
  }

  #letGo(): void {
    if (this.#free.length === 0) return;
    this.#free.length = 0;
    askForCollection();
  }
}

function askForCollection(): void {
  // Untouched, it costs no memory; only its size is accounted for.
  void new ArrayBuffer(PRESSURE);
}

const slabs = new Slabs();
/** Ranges of this size or more get their own memory: they would waste too much of a slab. */
const LARGE = SLAB / 4;

export class Arena {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  /** An exclusive range with undefined contents. */
  cut(length: number): Buffer {
    if (length > LARGE) return Buffer.allocUnsafeSlow(length);
    if (this.#used + length > this.#slab.length) {
      this.#slab = slabs.take();
      this.#used = 0;
    }
    const range = this.#slab.subarray(this.#used, this.#used + length);
    this.#used += length;
    return range;
  }

  /** Returns the unused rest of a range, if it was the last allocation; otherwise the rest stays unused. */
  giveBack(rest: Buffer): void {
    if (
      rest.buffer === this.#slab.buffer &&
      rest.byteOffset - this.#slab.byteOffset + rest.length === this.#used
    )
      this.#used -= rest.length;
  }

  /** A copy of `parts`, concatenated. */
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

/** The arena of the process: ranges of many connections share its slabs. */
export const arena = new Arena();

const SMALLEST = 4 * 1024;
const LARGEST = 256 * 1024;

/**
 * The read buffer of one direction of a connection, directly in the arena. It starts small, so that thousands of idle
 * connections stay cheap, grows when a read fills it, and shrinks when reads are short.
 */
export class ReadBuffer {
  readonly #arena: Arena;
  #size = SMALLEST;
  #free: Buffer;

  constructor(from: Arena = arena) {
    this.#arena = from;
    this.#free = from.cut(SMALLEST);
  }

  /** The target of the next read. */
  get free(): Buffer {
    return this.#free;
  }

  /** The `length` bytes that were read into `free`; they are never overwritten. */
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
