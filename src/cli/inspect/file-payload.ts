/**
 * Payload of a log that is larger than the memory it may take: what the log has dropped is read from the file once more. A file
 * that has become shorter meanwhile gives nothing, and what is shown says that it is gone.
 */
import type { CaptureDraft } from '../../capture/event.ts';
import type { Chunk, EventSource } from '../../capture/flows.ts';
import type { CaptureLog } from '../../capture/log.ts';
import type { CaptureInput } from './input.ts';

/** Neighbours in a conversation are neighbours in the file: so much is read at once. */
const blockBytes = 64 * 1024;
const keptBlocks = 64;

export class FilePayload implements EventSource {
  readonly #log: CaptureLog;
  readonly #input: CaptureInput;
  /** By `seq`: one more than where the bytes of an event begin in the file; 0 where they stand there in pieces, or nowhere. */
  #places = new Float64Array(4096);
  /** The ones used last at the end. */
  readonly #blocks = new Map<number, Uint8Array>();

  constructor(log: CaptureLog, input: CaptureInput) {
    this.#log = log;
    this.#input = input;
  }

  get events(): CaptureLog['events'] {
    return this.#log.events;
  }

  /** @param position where the bytes of the event begin in the file, if they stand there as they are */
  append(draft: CaptureDraft, position: number | undefined): void {
    // Whoever folds it may look at its bytes at once.
    if (position !== undefined) this.#note(this.#log.events.length, position);
    this.#log.append(draft);
  }

  #note(seq: number, position: number): void {
    if (seq >= this.#places.length) {
      const grown = new Float64Array(Math.max(2 * this.#places.length, seq + 1));
      grown.set(this.#places);
      this.#places = grown;
    }
    this.#places[seq] = position + 1;
  }

  readonly payloadOf = ({ seq, length }: Pick<Chunk, 'seq' | 'length'>): Uint8Array | undefined => {
    const event = this.#log.events[seq];
    if (event?.type !== 'bytes') return undefined;
    const place = this.#places[seq] ?? 0;
    if (event.bytes.length === length || place === 0 || this.#input.size === undefined) return event.bytes;
    return this.#read(place - 1, length);
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
