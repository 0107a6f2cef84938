/**
 * Memory that captured bytes live in. A range that was cut is never cut again while anything points into it, so an event
 * may point into it for ever. What is read and when is the streams' (`tapped.ts`, `tls-wire.ts`).
 *
 * 1. A slab is used again once nothing points into it: fresh memory costs a page fault every 4 KiB, and memory that V8
 *    counts costs a whole collection every 64 MB, together as much as the relay itself.
 * 2. Who points into a slab is known to the collector alone. So what is handed out is a name of its own for the slab's
 *    memory (a clone of a SharedArrayBuffer shares it); when the collector tells that the name is gone, the slab is free.
 * 3. Nothing tells V8 that slabs wait to be told of. When they run out, after so many were handed out, it is asked.
 */

const SLAB = 1024 * 1024;
/** After so many slabs a collection is asked for, when so few are left. */
const SLABS_A_COLLECTION = 128;
const FEW = 16;
/** So many slabs are memory of the ordinary kind: a short run needs no more. */
const ORDINARY = 4;
/** So many free slabs wait for their next use; all go back to the operating system when none was needed for so long. */
const KEPT = 160;
const IDLE_MS = 2_000;
/** V8 collects when so much more memory is in use than after the last collection. */
const PRESSURE = 64 * 1024 * 1024;

class Slabs {
  readonly #free: SharedArrayBuffer[] = [];
  readonly #gone = new FinalizationRegistry((slab: SharedArrayBuffer) => {
    if (this.#free.length < KEPT) this.#free.push(slab);
    // The collector may tell of it long after the last one was taken: it waits no longer than the others.
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
  // Never touched, so it costs no memory; only its size is counted.
  void new ArrayBuffer(PRESSURE);
}

const slabs = new Slabs();
/** From here on a range gets memory of its own: it would leave too much of a slab unused. */
const LARGE = SLAB / 4;

export class Arena {
  #slab: Buffer = Buffer.alloc(0);
  #used = 0;

  /** A range that nobody else has, with undefined contents. */
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

  /** Takes the unused rest of a range back, where it is the last one that was cut; otherwise it stays unused. */
  giveBack(rest: Buffer): void {
    if (
      rest.buffer === this.#slab.buffer &&
      rest.byteOffset - this.#slab.byteOffset + rest.length === this.#used
    )
      this.#used -= rest.length;
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
export class ReadBuffer {
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
