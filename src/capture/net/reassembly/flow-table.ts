/** Finds the connection of a common packet without allocating (rule 12 of `reassembly.ts`). */
import { flowWords } from '../plain-packet.ts';
import type { PlainPacket } from '../plain-packet.ts';
import type { End, Stream } from './stream-state.ts';

/** The connection of a common packet, by its address bytes; an entry holds the most recent one. */
export class FlowTable {
  static readonly #slots = 4096;
  readonly #words = new Int32Array(FlowTable.#slots * flowWords);
  readonly #streams: (Stream | undefined)[] = Array.from({ length: FlowTable.#slots }, () => undefined);
  readonly #from: End[] = Array.from({ length: FlowTable.#slots }, () => 'low');
  readonly #versions = new Uint8Array(FlowTable.#slots);

  /** -1 where it is not there. */
  find({ hash, flow, version }: PlainPacket): number {
    const slot = hash % FlowTable.#slots;
    if (this.#versions[slot] !== version) return -1;
    const start = slot * flowWords;
    for (let word = flowWords - 1; word >= 0; word--) if (this.#words[start + word] !== flow[word]) return -1;
    return slot;
  }

  streamIn(slot: number): Stream | undefined {
    return this.#streams[slot];
  }

  fromIn(slot: number): End {
    return this.#from[slot] ?? 'low';
  }

  set({ hash, flow, version }: PlainPacket, stream: Stream, from: End): void {
    const slot = hash % FlowTable.#slots;
    this.#versions[slot] = version;
    this.#words.set(flow, slot * flowWords);
    this.#streams[slot] = stream;
    this.#from[slot] = from;
  }
}
