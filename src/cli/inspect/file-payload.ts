/**
 * Reloads payload that the log has dropped to save memory: it is read from the capture file again. If the file has been
 * truncated in the meantime, the payload is missing and reported as such.
 */
import type { CaptureDraft, CaptureEvent } from '../../capture/event.ts';
import type { Chunk, EventSource } from '../../capture/flow-stream.ts';
import type { CaptureLog } from '../../capture/log.ts';
import type { CaptureInput } from './input.ts';

/** Neighbours in a conversation are neighbours in the file, so this many bytes are read at once. */
const blockBytes = 64 * 1024;
const keptBlocks = 64;

export class FilePayload implements EventSource {
  readonly #log: CaptureLog;
  readonly #input: CaptureInput;
  readonly #readsAgain: boolean;
  /** By `seq`: the file offset of an event's bytes, if the file contains them unchanged. */
  readonly #places = new Places();
  /** Most recently used last. */
  readonly #blocks = new Map<number, Uint8Array>();

  /** @param readsAgain bytes that the file contains are given to the folds of the log and leave it at once: streams find them in the file */
  constructor(log: CaptureLog, input: CaptureInput, readsAgain = false) {
    this.#log = log;
    this.#input = input;
    this.#readsAgain = readsAgain && input.size !== undefined;
  }

  get events(): CaptureLog['events'] {
    return this.#log.events;
  }

  /** @param position file offset of the event's bytes, if the file contains them unchanged */
  append(draft: CaptureDraft, position: number | undefined): void {
    // A fold may access the bytes at once.
    if (position !== undefined) this.#places.set(this.#log.length, position);
    const { seq } = this.#log.append(draft);
    if (this.#readsAgain && position !== undefined) this.#log.releaseAt(seq);
  }

  readonly eventAt = (seq: number): CaptureEvent | undefined => this.#log.eventAt(seq);

  readonly releaseAt = (seq: number): void => {
    this.#log.releaseAt(seq);
    this.#places.delete(seq);
  };

  readonly payloadOf = ({ seq, length }: Pick<Chunk, 'seq' | 'length'>): Uint8Array | undefined => {
    const event = this.#log.eventAt(seq);
    const there = event?.type === 'bytes' ? event.bytes : undefined;
    const place = this.#places.get(seq);
    if (there?.length === length || place === undefined || this.#input.size === undefined) return there;
    return this.#read(place, length);
  };

  #read(position: number, length: number): Uint8Array | undefined {
    const first = Math.floor(position / blockBytes);
    const start = position - first * blockBytes;
    if (start + length <= blockBytes) {
      const block = this.#block(first);
      return start + length <= block.length ? block.subarray(start, start + length) : undefined;
    }
    const bytes = new Uint8Array(length);
    return this.#input.readAt(position, bytes) === length ? bytes : undefined;
  }

  #block(number: number): Uint8Array {
    let block = this.#blocks.get(number);
    if (!block) {
      const room = new Uint8Array(blockBytes);
      block = room.subarray(0, this.#input.readAt(number * blockBytes, room));
    }
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > keptBlocks && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}

/** Neighbours are kept together and evicted together. */
const pageLength = 1024;

/** Maps ascending numbers to numbers: a page is one typed array and takes only its own size. */
class Places {
  readonly #pages = new Map<number, { readonly places: Float64Array; used: number }>();

  set(index: number, place: number): void {
    const number = Math.floor(index / pageLength);
    let page = this.#pages.get(number);
    if (!page) {
      page = { places: new Float64Array(pageLength), used: 0 };
      this.#pages.set(number, page);
    }
    // The value plus one: 0 means none.
    if (page.places[index % pageLength] === 0) page.used++;
    page.places[index % pageLength] = place + 1;
  }

  get(index: number): number | undefined {
    const place = this.#pages.get(Math.floor(index / pageLength))?.places[index % pageLength] ?? 0;
    return place === 0 ? undefined : place - 1;
  }

  delete(index: number): void {
    const number = Math.floor(index / pageLength);
    const page = this.#pages.get(number);
    if (!page || page.places[index % pageLength] === 0) return;
    page.places[index % pageLength] = 0;
    if (--page.used === 0) this.#pages.delete(number);
  }
}
