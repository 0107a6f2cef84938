/**
 * Defines what a worker hands to the supervisor over a pipe of its own: finished lines, packets and keys, each with the
 * number of its event, in order. A frame: its length (4 bytes, of all that follows), its kind (1), the number (8), the
 * content; numbers in little-endian order. `merge.ts` puts the frames of all workers in one order.
 *
 * 1. The writer writes synchronously to a blocking descriptor: while the supervisor does not read, a worker waits, as one
 *    process waits for a slow disk. So nothing is lost and nothing piles up.
 * 2. The frames of some milliseconds are written together: each write wakes the supervisor.
 */
import { writeSync } from 'node:fs';
import type { PlaceReport } from './places-link.ts';

export const frameKinds = {
  /** Lines of output, each with its line feed, UTF-8. All lines of one event are one frame. */
  lines: 1,
  /** The packets of one event: how many there are (4 bytes), then their blocks of a pcapng file. */
  packets: 2,
  /** A line of an NSS key log. */
  key: 3,
  /** No later frame has a lower number. Without content. */
  mark: 4,
  /** A connection that was rejected or closed to make room, as JSON. */
  crowding: 5,
  /** What a connection reports of its place, as JSON; taken at once, not in the order of the others. */
  place: 6,
  /** How many connections are open, and the number of the next one (8 bytes each); it comes before what it counts. */
  state: 7,
} as const;

export interface Frame {
  readonly kind: number;
  readonly seq: number;
  /** Valid as long as it is kept. */
  readonly content: Buffer;
}

const headLength = 4 + 1 + 8;

/** A longer frame is no frame of ours. */
const longestFrame = 1024 ** 3;

/** So much is written at once, in bytes, and so long it may wait to be written, in milliseconds. */
const writtenAtOnce = 128 * 1024;
const writtenWithin = 8;

export interface WorkerState {
  readonly open: number;
  readonly nextConnection: number;
}

export function readState({ content }: Frame): WorkerState {
  return { open: content.readDoubleLE(0), nextConnection: content.readDoubleLE(8) };
}

const stateLength = 16;

/** Gathers frames and writes them. */
export class FrameWriter {
  readonly #write: (bytes: Uint8Array) => void;
  readonly #stateNow: () => WorkerState & { readonly seq: number };
  #buffer = Buffer.allocUnsafe(2 * writtenAtOnce);
  /** The state comes first in each write. */
  #used = headLength + stateLength;
  #lines = '';
  #linesSeq = 0;
  #timer: NodeJS.Timeout | undefined;
  #isUrgent = false;

  /** @param stateNow the state, and the lowest number that the next frame may have. */
  constructor(write: (bytes: Uint8Array) => void, stateNow: () => WorkerState & { readonly seq: number }) {
    this.#write = write;
    this.#stateNow = stateNow;
  }

  line(seq: number, line: string): void {
    if (this.#linesSeq !== seq) this.#endLines();
    this.#lines += `${line}\n`;
    this.#linesSeq = seq;
    this.#plan();
  }

  packets(seq: number, blocks: readonly Uint8Array[]): void {
    this.#endLines();
    const length = blocks.reduce((sum, block) => sum + block.length, 4);
    let at = this.#begin(frameKinds.packets, seq, length);
    at = this.#buffer.writeUInt32LE(blocks.length, at);
    for (const block of blocks) {
      this.#buffer.set(block, at);
      at += block.length;
    }
    this.#plan();
  }

  key(seq: number, line: string): void {
    this.#endLines();
    this.#text(frameKinds.key, seq, line);
    this.#plan();
  }

  crowding(seq: number, happening: object): void {
    this.#endLines();
    this.#text(frameKinds.crowding, seq, JSON.stringify(happening));
    this.#plan();
  }

  place(report: readonly [what: PlaceReport, id: number]): void {
    this.#endLines();
    this.#text(frameKinds.place, 0, JSON.stringify(report));
    if (this.#isUrgent) return;
    this.#isUrgent = true;
    // A client waits for the answer.
    setImmediate(() => {
      this.#isUrgent = false;
      this.flush();
    });
  }

  /** Hands over everything, and how far this worker is. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#endLines();
    const { seq, open, nextConnection } = this.#stateNow();
    this.#begin(frameKinds.mark, seq, 0);
    const at = this.#head(frameKinds.state, 0, stateLength, 0);
    this.#buffer.writeDoubleLE(open, at);
    this.#buffer.writeDoubleLE(nextConnection, at + 8);
    const { length } = this.#buffer;
    this.#write(this.#buffer.subarray(0, this.#used));
    this.#used = headLength + stateLength;
    // One large frame is no reason to keep its memory.
    if (length > 16 * writtenAtOnce) this.#buffer = Buffer.allocUnsafe(2 * writtenAtOnce);
  }

  #plan(): void {
    if (this.#used + this.#lines.length > writtenAtOnce) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), writtenWithin);
  }

  #endLines(): void {
    const text = this.#lines;
    if (text === '') return;
    this.#lines = '';
    this.#text(frameKinds.lines, this.#linesSeq, text);
  }

  #text(kind: number, seq: number, text: string): void {
    const length = Buffer.byteLength(text);
    const at = this.#begin(kind, seq, length);
    this.#buffer.write(text, at, length, 'utf8');
  }

  /** Returns where the content goes. */
  #begin(kind: number, seq: number, length: number): number {
    const start = this.#used;
    this.#used += headLength + length;
    if (this.#used > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(2 * this.#used);
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    return this.#head(kind, seq, length, start);
  }

  #head(kind: number, seq: number, length: number, start: number): number {
    this.#buffer.writeUInt32LE(headLength - 4 + length, start);
    this.#buffer.writeUInt8(kind, start + 4);
    this.#buffer.writeDoubleLE(seq, start + 5);
    return start + headLength;
  }
}

/** Writes all of it to a blocking descriptor. */
export function writeFully(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

/** Cuts what arrives into frames; a frame that was cut off by the worker's end is never given. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  /** The beginning of a frame, and how long it is; until its length is known, that of the head. */
  #pieces: Buffer[] = [];
  #have = 0;
  #want = 4;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  readonly read = (chunk: Buffer): void => {
    let at = 0;
    if (this.#have > 0) {
      at = this.#complete(chunk);
      if (this.#have > 0) return;
    }
    while (chunk.length - at >= 4) {
      const end = at + 4 + lengthAt(chunk, at);
      if (end > chunk.length) break;
      this.#give(chunk.subarray(at, end));
      at = end;
    }
    if (at < chunk.length) this.#keep(chunk.subarray(at));
  };

  /** Adds to the frame that has begun. Returns how many bytes of the chunk it took. */
  #complete(chunk: Buffer): number {
    let at = 0;
    while (at < chunk.length && this.#have < this.#want) {
      const piece = chunk.subarray(at, at + this.#want - this.#have);
      at += piece.length;
      this.#keep(piece);
    }
    if (this.#have < this.#want) return at;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#have = 0;
    this.#want = 4;
    this.#give(whole);
    return at;
  }

  #keep(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#have += piece.length;
    if (this.#want > 4 || this.#have < 4) return;
    const head = this.#pieces.length > 1 ? Buffer.concat(this.#pieces) : piece;
    this.#pieces = [head];
    this.#want = 4 + lengthAt(head, 0);
  }

  #give(frame: Buffer): void {
    this.#onFrame({
      kind: frame.readUInt8(4),
      seq: frame.readDoubleLE(5),
      content: frame.subarray(headLength),
    });
  }
}

function lengthAt(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32LE(at);
  if (length < headLength - 4 || length > longestFrame) throw new Error(`a frame of ${length} bytes`);
  return length;
}
