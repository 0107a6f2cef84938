/** Gathers the bytes of one direction of a connection, as the log holds them. */
import { latin1Text } from '../core/bytes.ts';
import { payloadLength } from './event.ts';
import type { CaptureEvent, EventOf, Side, Vantage } from './event.ts';

/** Where events are looked up by their `seq`: a `CaptureLog`, or `{ events }` of a log that was read from a file. */
export interface EventSource {
  readonly events: readonly CaptureEvent[];
  /** Where an event is looked up instead, in a log that lets events go; undefined for one that is gone. */
  readonly eventAt?: (seq: number) => CaptureEvent | undefined;
  /** Called for each event of bytes that no stream will read again. */
  readonly releaseAt?: (seq: number) => void;
  /** Where the bytes of a chunk are looked up instead, by a source that has them elsewhere too; undefined where they are gone. */
  readonly payloadOf?: (chunk: Chunk) => Uint8Array | undefined;
}

/** One `bytes` event as a piece of its stream. */
export interface Chunk {
  /** Of its first byte, in the stream. */
  readonly offset: number;
  /** In bytes, dropped ones included. */
  readonly length: number;
  readonly seq: number;
  /** Microseconds since the run began. */
  readonly at: number;
  /** Number of the packet of a capture file that brought it; undefined where there is no file. */
  readonly frame: number | undefined;
}

const nothing = new Uint8Array(0);

const noChunks: Chunk[] = [];

/** Of a list in the order of the log: the index of the first with event `seq` or a later one; its length where there is none. */
export function indexFrom(length: number, seqOf: (index: number) => number, seq: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (seqOf(middle) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Of a rising list: the index of the last with a place up to that one; 0 where there is none. */
export const lastUpTo = (length: number, placeOf: (index: number) => number, place: number): number =>
  Math.max(0, indexFrom(length, placeOf, place + 1) - 1);

/** Of a stream whose chunks are let go: what every handshake fits into, unless it comes in crumbs. */
const beginning = 32 * 1024;

const mostFirst = 40;

/** So often it is asked whether the log has let go of the oldest chunks by itself. */
const askedEvery = 64;

/** Enough to distinguish the protocols. */
const headLength = 16;

/** Who turns to TLS does so early: further on bytes that look like a hello are chance. */
const latestTurn = 64 * 1024;

/** What may stand before it in its chunk: the request for TLS itself. */
const longestRequest = 64;

/** Where a ClientHello begins in a chunk: at its start or behind a short request (RFC 8446 sections 5.1 and 4.1.2). */
function helloIn(bytes: Uint8Array): number | undefined {
  for (
    let at = bytes.subarray(0, longestRequest).indexOf(0x16);
    at >= 0 && at < longestRequest;
    at = bytes.indexOf(0x16, at + 1)
  ) {
    if (
      bytes[at + 1] === 0x03 &&
      (bytes[at + 2] ?? 0xff) <= 4 &&
      bytes[at + 5] === 0x01 &&
      bytes[at + 6] === 0 &&
      bytes[at + 9] === 0x03
    )
      return at;
  }
  return undefined;
}

/** One direction of one vantage of a connection. */
export class FlowStream {
  readonly vantage: Vantage;
  readonly from: Side;
  #chunks: Chunk[] = noChunks;
  readonly #source: EventSource;
  #length = 0;
  #passed = 0;
  /** The newest chunk is for bytes that are not read. */
  #isPassing = false;
  /** Of the chunks that were let go, those of the beginning: the first ones, without a gap. */
  #first: Chunk[] = noChunks;
  /** Chunks before this index have been dropped; the log drops the oldest first. */
  #kept = 0;
  #holes = false;
  /** A letter for each byte: an array of so few takes ten times their room. */
  #head = '';
  /** Where a ClientHello begins, at the start or behind something else that is no TLS. */
  helloAt: number | undefined;

  constructor(source: EventSource, vantage: Vantage, from: Side) {
    this.#source = source;
    this.vantage = vantage;
    this.from = from;
  }

  /** Those that are there, in their order. */
  get chunks(): readonly Chunk[] {
    return this.#chunks;
  }

  /** Chunks that were let go from the beginning of the list. */
  get passed(): number {
    return this.#passed;
  }

  /**
   * Drops the chunks before that one, counted from the first ever, after they have been read.
   * Those of the beginning are still found by their place and by their number.
   */
  letGoBefore(index: number): void {
    const count = Math.min(index - this.#passed, this.#chunks.length);
    if (count <= 0) return;
    for (const chunk of this.#chunks.splice(0, count)) {
      // What is kept of the beginning has no gap: then a number is a place.
      if (chunk.offset < beginning && this.#first.length === this.#passed && this.#passed < mostFirst) {
        if (this.#first === noChunks) this.#first = [chunk];
        else this.#first.push(chunk);
      } else this.#source.releaseAt?.(chunk.seq);
      this.#passed++;
    }
    this.#kept = Math.max(0, this.#kept - count);
  }

  /** Lets go of everything. @internal Called by `Flows` alone. */
  letGo(): void {
    const { releaseAt } = this.#source;
    if (!releaseAt) return;
    for (const { seq } of this.#first) releaseAt(seq);
    for (const { seq } of this.#chunks) releaseAt(seq);
  }

  /** Of the chunks that are still there, the number of the first from that one on. */
  numberFrom(index: number): number {
    return index < this.#first.length ? index : Math.max(index, this.#passed);
  }

  /** The chunk of that number, counted from the first that there ever was; undefined where it was let go or has not come. */
  chunkNumber(index: number): Chunk | undefined {
    return index < this.#first.length ? this.#first[index] : this.#chunks[index - this.#passed];
  }

  /** Chunks that are there, those of the beginning that were let go included. */
  get readable(): readonly Chunk[] {
    return this.#first.length === 0 ? this.#chunks : [...this.#first, ...this.#chunks];
  }

  /** Bytes that are not read; consecutive ones are merged into the newest chunk. Returns whether a new chunk was added. */
  pass(length: number, { seq, at, frame }: Pick<Chunk, 'seq' | 'at' | 'frame'>): boolean {
    const isNew = !this.#isPassing || this.#chunks.length === 0;
    this.#isPassing = true;
    const chunk = { offset: this.#length, length, seq, at, frame };
    if (isNew) this.#add(chunk);
    else this.#chunks[this.#chunks.length - 1] = chunk;
    this.#length += length;
    return isNew;
  }

  /** The chunk that an event brought, among those that are still there. */
  chunkOf(seq: number): Chunk | undefined {
    const chunks = seq < (this.#chunks[0]?.seq ?? 0) ? this.#first : this.#chunks;
    const chunk = chunks[indexFrom(chunks.length, (index) => chunks[index]?.seq ?? 0, seq)];
    return chunk?.seq === seq ? chunk : undefined;
  }

  /** Bytes that went by, dropped ones included. */
  get length(): number {
    return this.#length;
  }

  /** Its first bytes, at most sixteen; they outlive what the log drops. */
  get head(): Uint8Array {
    return Uint8Array.from(this.#head, (letter) => letter.charCodeAt(0));
  }

  /** One of those first bytes; undefined while it has not come. */
  headByte(index: number): number | undefined {
    return index < this.#head.length ? this.#head.charCodeAt(index) : undefined;
  }

  /** The first offset from which the bytes are still in the log. */
  get availableFrom(): number {
    while (this.#kept < this.#chunks.length && this.#isDropped(this.#chunks[this.#kept])) this.#kept++;
    return this.#chunks[this.#kept]?.offset ?? this.#length;
  }

  /** Missing bytes: not captured, or dropped by the log before they arrived here. */
  get hasGap(): boolean {
    return this.#holes;
  }

  /** False once anything was dropped from it. */
  get complete(): boolean {
    return !this.#holes && (this.#length === 0 || this.availableFrom === 0);
  }

  /** The bytes of a chunk, not copied; empty when they were dropped. */
  payload(chunk: Chunk): Uint8Array {
    if (this.#source.payloadOf) return this.#source.payloadOf(chunk) ?? nothing;
    const { eventAt } = this.#source;
    const event = eventAt ? eventAt(chunk.seq) : this.#source.events[chunk.seq];
    return event?.type === 'bytes' ? event.bytes : nothing;
  }

  /**
   * The bytes from `offset` on: a view where they are in one chunk, a copy where they span several.
   * Undefined when some of them were dropped or have not gone by yet.
   */
  read(offset: number, length: number): Uint8Array | undefined {
    if (offset < 0 || length < 0 || offset + length > this.#length) return undefined;
    if (length === 0) return nothing;
    const chunks = this.readable;
    let index = chunkAt(chunks, offset);
    const first = chunks[index];
    if (!first) return undefined;
    const bytes = this.payload(first);
    const inside = offset - first.offset;
    if (bytes.length === first.length && inside + length <= bytes.length)
      return bytes.subarray(inside, inside + length);
    const joined = new Uint8Array(length);
    for (let filled = 0; filled < length; index++) {
      const chunk = chunks[index];
      // What was let go leaves a hole.
      if (!chunk || chunk.offset > offset + filled || chunk.offset + chunk.length <= offset + filled)
        return undefined;
      const piece = this.payload(chunk);
      if (piece.length !== chunk.length) return undefined;
      const start = offset + filled - chunk.offset;
      const taken = piece.subarray(start, start + length - filled);
      joined.set(taken, filled);
      filled += taken.length;
    }
    return joined;
  }

  /** Everything; undefined when some of it was dropped. */
  all(): Uint8Array | undefined {
    return this.read(0, this.#length);
  }

  /** The event that brought the byte at `offset`; undefined past the end. */
  seqAt(offset: number): number | undefined {
    return this.chunkAt(offset)?.seq;
  }

  /** The chunk that holds the byte at `offset`; undefined past the end. */
  chunkAt(offset: number): Chunk | undefined {
    if (offset < 0 || offset >= this.#length) return undefined;
    const isFirst = offset < (this.#chunks[0]?.offset ?? 0);
    const chunks = isFirst ? this.#first : this.#chunks;
    const chunk = chunks[chunkAt(chunks, offset)];
    return chunk && offset < chunk.offset + chunk.length ? chunk : undefined;
  }

  /** Bytes that events from `first` to `last` brought, both included. */
  lengthBetween(first: number, last: number): number {
    const oldest = this.#chunks[0];
    const newest = this.#chunks.at(-1);
    if (!oldest || !newest || newest.seq < first || oldest.seq > last) return 0;
    if (oldest.seq >= first && newest.seq <= last) return this.#length;
    const startOf = (index: number): number => this.#chunks[index]?.offset ?? this.#length;
    return startOf(this.#firstFrom(last + 1)) - startOf(this.#firstFrom(first));
  }

  /** @internal Called by `Flows` alone. */
  append(event: EventOf<'bytes'>): void {
    const length = payloadLength(event);
    if (length === 0) return;
    if (event.dropped) this.#holes = true;
    if (this.#head.length < headLength && !this.#holes)
      this.#head += latin1Text(event.bytes.subarray(0, headLength - this.#head.length));
    if (this.#length < latestTurn) this.helloAt ??= this.#placeOfHello(event.bytes);
    this.#isPassing = false;
    this.#add({ offset: this.#length, length, seq: event.seq, at: event.at, frame: event.frame });
    this.#length += length;
    if (this.#chunks.length % askedEvery === 0) this.#letGoOfLost();
  }

  /** An array that grows has room for seventeen. */
  #add(chunk: Chunk): void {
    if (this.#chunks === noChunks) this.#chunks = [chunk];
    else this.#chunks.push(chunk);
  }

  /** Takes no more room than it needs: little is to come. @internal Called by its connection alone. */
  closeUp(): void {
    if (this.#chunks !== noChunks) this.#chunks = this.#chunks.slice();
  }

  /** Chunks whose payload the log has dropped: they can no longer be read. */
  #letGoOfLost(): void {
    const { eventAt, payloadOf } = this.#source;
    if (!eventAt || payloadOf) return;
    let lost = 0;
    for (let chunk = this.#chunks[0]; chunk && eventAt(chunk.seq) === undefined; chunk = this.#chunks[lost])
      lost++;
    if (lost < askedEvery / 2) return;
    this.#chunks.splice(0, lost);
    this.#passed += lost;
    this.#kept = Math.max(0, this.#kept - lost);
  }

  #placeOfHello(bytes: Uint8Array): number | undefined {
    const at = helloIn(bytes);
    return at === undefined ? undefined : this.#length + at;
  }

  #isDropped(chunk: Chunk | undefined): boolean {
    return chunk !== undefined && this.payload(chunk).length !== chunk.length;
  }

  /** Index of the first chunk of event `seq` or later. */
  #firstFrom(seq: number): number {
    return indexFrom(this.#chunks.length, (index) => this.#chunks[index]?.seq ?? 0, seq);
  }
}

/** Index of the last chunk that begins at or before `offset`. */
const chunkAt = (chunks: readonly Chunk[], offset: number): number =>
  lastUpTo(chunks.length, (index) => chunks[index]?.offset ?? 0, offset);
