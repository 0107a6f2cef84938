/** Holds the streams by their key, and packs those that are idle if there are too many (rule 11 of `reassembly.ts`). */
import { packed, unpacked } from './packing.ts';
import type { Stream } from './stream-state.ts';

/** The maximum number of unpacked open connections, and of remembered idle ones. */
const maxUnpacked = 4000;
const maxPacked = 200_000;
/** The number examined per new connection; one that has sent since is skipped once. */
const lookedAt = 4;

export interface StreamBounds {
  readonly unpacked?: number;
  readonly packed?: number;
}

export class StreamTable {
  readonly #forgotten: (stream: Stream) => void;
  /** In the order in which they were first heard of; a string is one that is packed. */
  readonly #streams = new Map<string, Stream | string>();
  /** Unpacked connections, with the packet number up to which each had been active when last examined. */
  readonly #unpacked = new Map<Stream, number>();
  /** Goes round those. */
  #hand: IterableIterator<[Stream, number]> | undefined;
  readonly #maxUnpacked: number;
  readonly #maxPacked: number;
  #packed = 0;
  /** Goes through all that are known, for the oldest that is packed. */
  #oldest: IterableIterator<[string, Stream | string]> | undefined;

  /** @param forgotten is called for a packed one that has to go */
  constructor(bounds: StreamBounds, forgotten: (stream: Stream) => void) {
    this.#forgotten = forgotten;
    this.#maxUnpacked = bounds.unpacked ?? maxUnpacked;
    this.#maxPacked = bounds.packed ?? maxPacked;
  }

  get held(): Required<StreamBounds> {
    return { unpacked: this.#unpacked.size, packed: this.#packed };
  }

  get(key: string): Stream | undefined {
    const known = this.#streams.get(key);
    if (typeof known !== 'string') return known;
    const stream = unpacked(key, known);
    this.#streams.set(key, stream);
    this.#packed--;
    this.#keepAtHand(stream);
    return stream;
  }

  add(stream: Stream): void {
    this.#streams.set(stream.key, stream);
    this.#keepAtHand(stream);
  }

  /** It has ended: it is not packed any more. */
  letGo(stream: Stream): void {
    this.#unpacked.delete(stream);
  }

  /** Unless another has its ports by now. */
  remove(stream: Stream): void {
    if (this.#streams.get(stream.key) === stream) this.#streams.delete(stream.key);
  }

  *all(): Generator<Stream, void> {
    for (const [key, known] of this.#streams) yield typeof known === 'string' ? unpacked(key, known) : known;
  }

  clear(): void {
    this.#streams.clear();
    this.#unpacked.clear();
    this.#packed = 0;
  }

  #keepAtHand(stream: Stream): void {
    for (let left = lookedAt; left > 0 && this.#unpacked.size >= this.#maxUnpacked; left--) {
      this.#hand ??= this.#unpacked.entries();
      const { value } = this.#hand.next() as { readonly value?: readonly [Stream, number] };
      if (value) this.#look(...value);
      else this.#hand = undefined;
    }
    this.#unpacked.set(stream, stream.lastFrame);
  }

  /** A connection that was idle since the last examination, and waits for nothing, is packed. */
  #look(stream: Stream, heard: number): void {
    const row = stream.lastFrame === heard ? packed(stream) : undefined;
    this.#unpacked.delete(stream);
    if (row === undefined) return void this.#unpacked.set(stream, stream.lastFrame);
    stream.isPacked = true;
    this.#streams.set(stream.key, row);
    if (++this.#packed > this.#maxPacked) this.#forgetPacked();
  }

  #forgetPacked(): void {
    // Every idle connection is found by the second round.
    for (let round = 0; round < 2; round++) {
      this.#oldest ??= this.#streams.entries();
      for (let next = this.#oldest.next(); !next.done; next = this.#oldest.next()) {
        const [key, known] = next.value;
        if (typeof known !== 'string') continue;
        this.#packed--;
        this.#streams.delete(key);
        return this.#forgotten(unpacked(key, known));
      }
      this.#oldest = undefined;
    }
  }
}
