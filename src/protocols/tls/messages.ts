/**
 * Assembles messages from records: handshake messages may span several records or share one; alerts, ChangeCipherSpecs
 * and application data are one message per record. It locates and types messages; `protection.ts` has already decided
 * on encryption.
 *
 * 1. The messages of a direction cover its stream without overlap: each starts where the previous one ended, the first
 *    of a record includes its header, the last its authentication tag. So sizes on a screen add up to the bytes on the
 *    wire.
 * 2. A message is data. `fieldOf` builds its field tree on demand, in stream coordinates; decrypted bytes have the
 *    offsets of their ciphertext.
 * 3. A handshake message longer than any implementation sends is malformed; so the buffer for incomplete messages is
 *    bounded.
 */
import type { Side } from '../../capture/event.ts';
import type { Alert } from '../../capture/vocabulary.ts';
import { excerpt, readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { TlsFieldId } from './ids.ts';
import type { Field, Malformed, Origin, Step } from '../../core/field.ts';
import type { Agreement } from './agreement.ts';
import { readAlert } from './alert.ts';
import { contentTypeTitles, contentTypes } from './codes.ts';
import { version2Hello } from './framing.ts';
import { readHandshake, readVersion2Hello, titleOfHandshake } from './handshake.ts';
import type { HandshakeContent, HandshakeContext } from './handshake.ts';
import { withInside } from './inside.ts';
import type { Seal } from './protection.ts';
import { headerLength, readRecordHeader } from './record.ts';

export type TlsContent =
  | HandshakeContent
  | { readonly type: 'alert'; readonly alert: Alert }
  | { readonly type: 'change_cipher_spec' }
  | { readonly type: 'application_data' }
  | { readonly type: 'heartbeat' }
  /** Nothing but its outer type and its size is known. */
  | { readonly type: 'sealed' }
  | { readonly type: 'malformed'; readonly malformed: Malformed };

/** A record as far as the messages in it must know it. */
export interface Frame {
  readonly start: number;
  readonly end: number;
  /** As the header says. */
  readonly contentType: number;
  readonly version: number;
  readonly firstTag: number;
  readonly lastTag: number;
  /** The whole record as it was on the wire; undefined when it was not kept. */
  readonly bytes: Uint8Array | undefined;
  /** Absent before the first keys. */
  readonly seal?: Seal;
}

export interface TlsMessage {
  readonly from: Side;
  /** Where the message begins in its direction of the wire, and how many bytes of the wire are its. */
  readonly offset: number;
  readonly length: number;
  /** The tags of the chunks with its first and its last record. */
  readonly firstTag: number;
  readonly lastTag: number;
  /** Of an opened record the type inside, else the one in the header. */
  readonly contentType: number;
  /** RFC 8446's name: `ClientHello`; of a sealed record the name of its outer type. */
  readonly title: string;
  readonly encrypted: boolean;
  /** Sealed on the wire, and opened with the keys. */
  readonly opened: boolean;
  readonly content: TlsContent;
  /** The message's own bytes without any record's header; of a sealed one the payload. Undefined when not kept. */
  readonly bytes: Uint8Array | undefined;
  /** Where those bytes stand in the stream: one range, or several when records split it. */
  readonly ranges: Ranges;
  /** Its records. */
  readonly frames: readonly Frame[];
  /** How many records it stands for; more than one frame's worth only where records were counted and not kept. */
  readonly records: number;
  /** Bytes of application data in it, where they are known. */
  readonly plaintextLength: number;
  /** What had been agreed on when it was read. */
  readonly context: HandshakeContext;
}

/** Half-open ranges of a stream, in its order. */
export interface Ranges extends Iterable<readonly [start: number, end: number]> {
  readonly length: number;
  at(index: 0 | -1): readonly [start: number, end: number] | undefined;
}

/** OpenSSL takes certificates up to 100 KiB; nothing else comes near. */
const maxHandshake = 2 ** 17;

/** A message in more records than this is described by its first and newest ones, and its bytes are contiguous. */
const mostFrames = 256;

interface Piece {
  readonly bytes: Uint8Array;
  /** Where its first byte stands in the stream. */
  readonly start: number;
  /** The positions of all parts, if it arrived in many pieces. */
  readonly ranges?: PackedRanges;
}

/** A buffer that grows. */
class Room {
  #bytes: Uint8Array;
  length = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(size);
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  add(bytes: ArrayLike<number>): void {
    if (this.length + bytes.length > this.#bytes.length) {
      const grown = new Uint8Array(2 * (this.length + bytes.length));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }
}

/**
 * Many ranges: of each the gap before it and its length, both as LEB128. Records of one byte each cost two bytes here, where a
 * pair of numbers costs a hundred.
 */
class PackedRanges implements Ranges {
  readonly #packed = new Room(256);
  #first: readonly [start: number, end: number] | undefined;
  #last: readonly [start: number, end: number] | undefined;
  length = 0;

  add(start: number, end: number): void {
    this.#packed.add([...leb128(start - (this.#last?.[1] ?? 0)), ...leb128(end - start)]);
    this.#last = [start, end];
    this.#first ??= this.#last;
    this.length++;
  }

  at(index: 0 | -1): readonly [start: number, end: number] | undefined {
    return index === 0 ? this.#first : this.#last;
  }

  *[Symbol.iterator](): Iterator<readonly [start: number, end: number]> {
    const packed = this.#packed.bytes;
    let at = 0;
    const next = (): number => {
      for (let value = 0, scale = 1; ; scale *= 128) {
        const byte = packed[at++] ?? 0;
        value += (byte % 128) * scale;
        if (byte < 128) return value;
      }
    };
    for (let end = 0; at < packed.length; ) {
      const start = end + next();
      end = start + next();
      yield [start, end];
    }
  }

  /** The ranges of the first `count` bytes, and those of the others. */
  split(count: number): readonly [PackedRanges, PackedRanges] {
    const parts = [new PackedRanges(), new PackedRanges()] as const;
    let left = count;
    for (const [start, end] of this) {
      const middle = Math.min(end, start + left);
      if (middle > start) parts[0].add(start, middle);
      if (end > middle) parts[1].add(middle, end);
      left -= middle - start;
    }
    return parts;
  }
}

function leb128(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(128 + (rest % 128));
  bytes.push(rest);
  return bytes;
}

/** Pieces as one, which grows. */
class Gathered implements Piece {
  readonly ranges = new PackedRanges();
  readonly #room = new Room(1024);

  get start(): number {
    return this.ranges.at(0)?.[0] ?? 0;
  }

  get bytes(): Uint8Array {
    return this.#room.bytes;
  }

  add({
    bytes,
    start,
    ranges = [[start, start + bytes.length]],
  }: Pick<Piece, 'bytes' | 'start'> & { readonly ranges?: Ranges }): void {
    this.#room.add(bytes);
    for (const [from, to] of ranges) this.ranges.add(from, to);
  }
}

/** Puts the messages of one direction together. */
export class MessageAssembler {
  readonly #from: Side;
  readonly #agreement: Agreement;
  /** Where the next message begins on the wire; the first one where its record does. */
  #offset: number | undefined;
  #frames: Frame[] = [];
  /** Records of the message under way that are not among these. */
  #others = 0;
  #pieces: Piece[] = [];
  #pending = 0;
  #isOpened = false;

  constructor(from: Side, agreement: Agreement) {
    this.#from = from;
    this.#agreement = agreement;
  }

  /** A record in clear, or one that was opened. `start` is where the content stands in the stream. */
  add(frame: Frame, contentType: number, content: Uint8Array, start: number): TlsMessage[] {
    const isOpened = frame.seal !== undefined;
    const messages =
      contentType === contentTypes.handshake && isOpened === this.#isOpened ? [] : this.interrupt(frame);
    this.#isOpened = isOpened;
    this.#addFrame(frame);
    if (contentType !== contentTypes.handshake || content.length === 0) {
      messages.push(this.#whole(frame, contentType, content, start));
      return messages;
    }
    this.#addPiece({ bytes: content, start });
    this.#pending += content.length;
    for (let message = this.#nextHandshake(frame); message; message = this.#nextHandshake(frame))
      messages.push(message);
    return messages;
  }

  /** A record that stays shut, or whose bytes were not kept. */
  addSealed(frame: Frame): TlsMessage[] {
    const messages = this.interrupt(frame);
    this.#frames.push(frame);
    const { contentType, start, end } = frame;
    const bytes = frame.bytes?.subarray(headerLength);
    const title = contentTypeTitles[contentType] ?? 'Malformed';
    messages.push(
      this.#emit({
        contentType,
        title,
        content: { type: 'sealed' },
        bytes,
        ranges: [[start + headerLength, end]],
        end,
      }),
    );
    return messages;
  }

  /** A ClientHello in the form of SSL 2.0, which stands alone. */
  addVersion2Hello(frame: Frame, bytes: Uint8Array): TlsMessage {
    this.#frames.push(frame);
    const { start, end, contentType } = frame;
    const facts = { contentType, title: titleOfHandshake(1), bytes, ranges: [[start, end] as const], end };
    const step = stepOfVersion2(bytes, start, 'wire');
    if (!('got' in step)) {
      const malformed = 'malformed' in step ? step.malformed : missing(step.needMore, facts.ranges);
      return this.#emit({ ...facts, content: { type: 'malformed', malformed } });
    }
    const message = this.#emit({ ...facts, content: step.got });
    this.#agreement.learn(step.got);
    return message;
  }

  /** Ends incomplete messages, because other data follows or no more data arrives. */
  interrupt(by?: Frame): TlsMessage[] {
    if (this.#pending === 0) return [];
    const frame = this.#frames.at(-1);
    const [first] = this.#pieces;
    if (!frame || !first) return [];
    const found = by
      ? `${this.#pending} bytes, then a record of type ${by.contentType}`
      : `${this.#pending} bytes before the end`;
    return [
      this.#malformedRest(
        {
          kind: 'overrun',
          id: 'tls.handshake',
          offset: first.start,
          expected: 'the rest of the message',
          found,
        },
        frame,
      ),
    ];
  }

  /** Bytes from `start` on that are no records. */
  addFault(start: number, end: number, tag: number, malformed: Malformed): TlsMessage[] {
    const messages = this.interrupt();
    const content = { type: 'malformed', malformed } as const;
    const facts = {
      contentType: 0,
      title: 'Malformed',
      content,
      bytes: undefined,
      ranges: [[start, end] as const],
      end,
    };
    this.#offset = start;
    messages.push(this.#emit(facts, { firstTag: tag, lastTag: tag }));
    return messages;
  }

  #addFrame(frame: Frame): void {
    if (this.#frames.length < mostFrames) this.#frames.push(frame);
    else {
      this.#frames[mostFrames - 1] = frame;
      this.#others++;
    }
  }

  #addPiece(piece: Piece): void {
    const [first] = this.#pieces;
    if (this.#pieces.length >= mostFrames) {
      const gathered = new Gathered();
      for (const one of this.#pieces) gathered.add(one);
      this.#pieces = [gathered];
      gathered.add(piece);
    } else if (first instanceof Gathered && this.#pieces.length === 1) first.add(piece);
    else this.#pieces.push(piece);
  }

  #nextHandshake(frame: Frame): TlsMessage | undefined {
    if (this.#pending < 4) return undefined;
    const head = this.#peek(4);
    const length = 4 + (head[1] ?? 0) * 65536 + (head[2] ?? 0) * 256 + (head[3] ?? 0);
    if (length > maxHandshake) {
      const offset = this.#pieces[0]?.start ?? frame.start;
      const expected = `at most ${maxHandshake} bytes`;
      return this.#malformedRest(
        { kind: 'too_long', id: 'tls.handshake.length', offset, expected, found: String(length) },
        frame,
      );
    }
    if (this.#pending < length) return undefined;
    const { bytes, ranges } = this.#take(length);
    const { context } = this.#agreement;
    const step = readHandshake(bytes, { open: false, context });
    const end = this.#pieces.length > 0 ? (ranges.at(-1)?.[1] ?? 0) : frame.end;
    const place = { contentType: contentTypes.handshake, bytes, ranges, end };
    if (!('got' in step)) {
      const malformed = 'malformed' in step ? moved(step.malformed, ranges) : missing(step.needMore, ranges);
      return this.#emit({
        ...place,
        title: titleOfHandshake(head[0] ?? 0),
        content: { type: 'malformed', malformed },
      });
    }
    const { title } = step.got;
    const content = inStream(step.got.content, ranges);
    const message = this.#emit({ ...place, title, content });
    this.#agreement.learn(content);
    return message;
  }

  /** What is not a handshake message: the record's content is the message. */
  #whole(frame: Frame, contentType: number, content: Uint8Array, start: number): TlsMessage {
    const { title, content: meaning } = readWhole(contentType, content, start);
    const ranges = [[start, start + content.length] as const];
    return this.#emit({ contentType, title, content: meaning, bytes: content, ranges, end: frame.end });
  }

  /** Everything that waits, as one malformed message; nothing after it can be trusted to begin a message. */
  #malformedRest(malformed: Malformed, frame: Frame): TlsMessage {
    const type = this.#peek(1)[0] ?? 0;
    const { bytes, ranges } = this.#take(this.#pending);
    const facts = {
      contentType: contentTypes.handshake,
      title: titleOfHandshake(type),
      bytes,
      ranges,
      end: frame.end,
    };
    return this.#emit({ ...facts, content: { type: 'malformed', malformed } });
  }

  #peek(count: number): Uint8Array {
    const head = new Uint8Array(count);
    let at = 0;
    for (const { bytes } of this.#pieces) {
      for (let index = 0; index < bytes.length && at < count; index++) head[at++] = bytes[index] ?? 0;
      if (at === count) break;
    }
    return head;
  }

  /** The next `length` waiting bytes: a view if they are contiguous, a copy if records split them. */
  #take(length: number): { bytes: Uint8Array; ranges: Ranges } {
    const parts: Uint8Array[] = [];
    const ranges: [start: number, end: number][] = [];
    let many: PackedRanges | undefined;
    let left = length;
    let used = 0;
    for (const piece of this.#pieces) {
      if (left === 0) break;
      const taken = Math.min(left, piece.bytes.length);
      const isWhole = taken === piece.bytes.length;
      parts.push(piece.bytes.subarray(0, taken));
      const [own, rest] = isWhole ? [piece.ranges] : (piece.ranges?.split(taken) ?? []);
      // A message in many pieces comes first; what follows it arrived with the record that completes it.
      if (own) many = own;
      else if (many) many.add(piece.start, piece.start + taken);
      else ranges.push([piece.start, piece.start + taken]);
      left -= taken;
      if (isWhole) used++;
      else
        this.#pieces[used] = {
          bytes: piece.bytes.subarray(taken),
          start: rest?.at(0)?.[0] ?? piece.start + taken,
          ...(rest && { ranges: rest }),
        };
    }
    this.#pieces.splice(0, used);
    this.#pending -= length;
    return {
      bytes: parts.length === 1 ? (parts[0] ?? new Uint8Array(0)) : Buffer.concat(parts),
      ranges: many ?? ranges,
    };
  }

  #emit(
    facts: Pick<TlsMessage, 'contentType' | 'title' | 'content' | 'bytes' | 'ranges'> & {
      readonly end: number;
    },
    tags?: Pick<TlsMessage, 'firstTag' | 'lastTag'>,
  ): TlsMessage {
    const { end, ...rest } = facts;
    const frames = this.#frames;
    const [first] = frames;
    const last = frames.at(-1);
    const offset = this.#offset ?? first?.start ?? end;
    const isSealed = (first?.seal !== undefined && !first.seal.isReadable) || rest.content.type === 'sealed';
    this.#offset = end;
    // A record of which bytes are left belongs to the next message too.
    this.#frames = last && end < last.end ? [last] : [];
    const records = frames.length + this.#others;
    this.#others = 0;
    return {
      from: this.#from,
      offset,
      length: end - offset,
      firstTag: tags?.firstTag ?? first?.firstTag ?? 0,
      lastTag: tags?.lastTag ?? last?.lastTag ?? 0,
      ...rest,
      encrypted: isSealed,
      opened: isSealed && rest.content.type !== 'sealed',
      frames,
      records,
      plaintextLength: rest.content.type === 'application_data' ? (rest.bytes?.length ?? 0) : 0,
      context: this.#agreement.context,
    };
  }
}

function readChangeCipherSpec(cursor: Cursor): TlsContent {
  const value = cursor.uint8('tls.change_cipher_spec.type');
  if (value !== 1)
    cursor.fail('bad_value', 'tls.change_cipher_spec.type', '1', String(value), cursor.offset - 1);
  return { type: 'change_cipher_spec' };
}

/** The contents that are a message by themselves. */
const wholeContents: Readonly<
  Record<number, readonly [id: TlsFieldId, read: (cursor: Cursor) => TlsContent]>
> = {
  20: ['tls.change_cipher_spec', readChangeCipherSpec],
  21: ['tls.alert', (cursor) => ({ type: 'alert', alert: readAlert(cursor) })],
  23: [
    'tls.application_data',
    (cursor) => readAll(cursor, 'tls.application_data.data', { type: 'application_data' }),
  ],
  24: ['tls.heartbeat', (cursor) => readAll(cursor, 'tls.heartbeat.data', { type: 'heartbeat' })],
};

function readAll<T>(cursor: Cursor, id: TlsFieldId, content: T): T {
  if (cursor.remaining > 0) cursor.rest(id);
  return content;
}

function stepOfWhole(contentType: number, content: Uint8Array, base: number, origin: Origin) {
  const [id, read] = wholeContents[contentType] ?? ['tls.content', refuseType(contentType)];
  return readStep(id, content, (cursor) => cursor.block(id, content.length, read), {
    base,
    origin,
    open: false,
  });
}

function stepOfVersion2(bytes: Uint8Array, base: number, origin: Origin) {
  return readStep(
    'tls.version2_hello',
    bytes,
    (cursor) => cursor.block('tls.version2_hello', bytes.length, readVersion2Hello),
    { base, origin, open: false },
  );
}

/** A content of no type that exists, or a handshake record without anything in it (RFC 8446 section 5.1). */
function refuseType(contentType: number): (cursor: Cursor) => TlsContent {
  const isEmptyHandshake = contentType === contentTypes.handshake;
  return (cursor) =>
    cursor.fail(
      'bad_value',
      'tls.content',
      isEmptyHandshake ? 'at least 1 byte' : 'type 20 to 24',
      isEmptyHandshake ? '0 bytes' : String(contentType),
    );
}

function readWhole(
  contentType: number,
  content: Uint8Array,
  start: number,
): { title: string; content: TlsContent } {
  const title = contentTypeTitles[contentType] ?? 'Malformed';
  // Bulk data passes here: no tree for what has no structure.
  if (contentType === contentTypes.applicationData) return { title, content: { type: 'application_data' } };
  const step = stepOfWhole(contentType, content, start, 'wire');
  if ('got' in step) return { title, content: step.got };
  const malformed = 'malformed' in step ? step.malformed : missing(step.needMore, [[start, start]]);
  return { title, content: { type: 'malformed', malformed } };
}

/** A parser of a closed buffer never needs more data; if it did, this would be the result. */
function missing(count: number, ranges: Ranges): Malformed {
  return {
    kind: 'overrun',
    id: 'tls.handshake',
    offset: ranges.at(0)?.[0] ?? 0,
    expected: `${count} more bytes`,
    found: 'none',
  };
}

/**
 * From offsets in the message's own bytes to those in the stream. Records may split a message at each of its bytes, so
 * that a search from the first range on would cost its length for every field.
 */
function streamOffsets(ranges: Ranges): (at: number) => number {
  /** Of each range the offset of its first byte in the message. */
  const begins: number[] = [];
  const starts: number[] = [];
  let length = 0;
  for (const [start, end] of ranges) {
    begins.push(length);
    starts.push(start);
    length += end - start;
  }
  return (at) => {
    if (at >= length) return ranges.at(-1)?.[1] ?? 0;
    let [low, high] = [0, begins.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((begins[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return (starts[low] ?? 0) + at - (begins[low] ?? 0);
  };
}

/** A fault that the message outlived, in the coordinates of the stream. */
function inStream(content: HandshakeContent, ranges: Ranges): HandshakeContent {
  if ((content.type !== 'client_hello' && content.type !== 'server_hello') || !content.fault) return content;
  return { ...content, fault: moved(content.fault, ranges) };
}

function moved(malformed: Malformed, ranges: Ranges): Malformed {
  return { ...malformed, offset: streamOffsets(ranges)(malformed.offset) };
}

/**
 * The tree of a kept handshake message, with its nested contents, in the coordinates of its own bytes; undefined for
 * anything else.
 */
export function handshakeFieldOf({
  bytes,
  contentType,
  content,
  context,
  opened,
}: TlsMessage): Field | undefined {
  if (!bytes || content.type === 'sealed' || bytes.length === 0) return undefined;
  const origin: Origin = opened ? 'decrypted' : 'wire';
  if (contentType === version2Hello) return fieldIn(stepOfVersion2(bytes, 0, origin));
  if (contentType !== contentTypes.handshake) return undefined;
  const step = readHandshake(bytes, { open: false, origin, context });
  return 'got' in step ? withInside(step.field, step.got.content) : fieldIn(step);
}

function fieldIn(step: Step<unknown>): Field | undefined {
  if ('got' in step) return step.field;
  return 'malformed' in step ? step.partial : undefined;
}

/** A tree in the coordinates of the message, as one in those of the stream. */
function movedField(field: Field, streamOffset: (at: number) => number): Field {
  const [from, to] = field.range;
  const start = streamOffset(from);
  const end = to > from ? streamOffset(to - 1) + 1 : start;
  return {
    ...field,
    range: [start, end],
    children: field.children.map((child) => movedField(child, streamOffset)),
  };
}

function contentField(message: TlsMessage): Field[] {
  const { bytes, ranges, contentType, content } = message;
  const origin: Origin = message.opened ? 'decrypted' : 'wire';
  const [start, end] = [ranges.at(0)?.[0] ?? message.offset, ranges.at(-1)?.[1] ?? message.offset];
  if (content.type === 'sealed') return [];
  if (!bytes)
    return [{ id: 'tls.content', range: [start, end], value: null, children: [], remarks: [], origin }];
  if (contentType === contentTypes.handshake && bytes.length > 0) {
    const field = handshakeFieldOf(message);
    return field ? [movedField(field, streamOffsets(ranges))] : [];
  }
  const step =
    contentType === version2Hello
      ? stepOfVersion2(bytes, start, origin)
      : stepOfWhole(contentType, bytes, start, origin);
  return [...(fieldIn(step)?.children ?? [])];
}

/** The fields of a record around its content, as far as they are within the message. */
function frameFields(frame: Frame, message: TlsMessage): Field[] {
  // It has no separate header: its length is part of it.
  if (frame.contentType === version2Hello) return [];
  const fields: Field[] = [];
  const messageEnd = message.offset + message.length;
  const add = (
    id: TlsFieldId,
    start: number,
    end: number,
    value?: Field['value'],
    origin: Origin = 'wire',
  ): void => {
    if (end <= start) return;
    const held = frame.bytes?.subarray(start - frame.start, end - frame.start) ?? null;
    fields.push({
      id,
      range: [start, end],
      value: value === undefined ? held : value,
      children: [],
      remarks: [],
      origin,
    });
  };
  const { headLength = 0, tailLength = 0, padding, isMac, inner } = frame.seal ?? {};
  const payload = frame.start + headerLength;
  const headEnd = payload + headLength;
  const tailStart = frame.end - tailLength;
  if (frame.start >= message.offset) {
    fields.push(headerField(frame));
    add(
      isMac ? 'tls.record.initialization_vector' : 'tls.record.explicit_nonce',
      payload,
      Math.min(headEnd, frame.end),
    );
  }
  if (message.content.type === 'sealed') add('tls.record.encrypted', headEnd, Math.max(headEnd, tailStart));
  if (frame.end > messageEnd) return fields;
  if (inner) {
    const typeAt = tailStart - inner.padding - 1;
    add('tls.record.inner_content_type', typeAt, typeAt + 1, inner.contentType, 'decrypted');
    add('tls.record.padding', typeAt + 1, tailStart, null, 'decrypted');
  }
  if (!isMac) {
    add('tls.record.authentication_tag', Math.max(tailStart, headEnd), frame.end);
    return fields;
  }
  const { length: paddingLength = 0, isBehindMac = false } = padding ?? {};
  const macStart = isBehindMac ? tailStart : tailStart + paddingLength;
  const macEnd = isBehindMac ? frame.end - paddingLength : frame.end;
  if (!isBehindMac) add('tls.record.block_padding', tailStart, macStart, null, 'decrypted');
  // A MAC inside the ciphertext stands there as ciphertext.
  if (isBehindMac) add('tls.record.mac', macStart, macEnd, null, 'decrypted');
  else add('tls.record.mac', Math.max(macStart, headEnd), macEnd);
  if (isBehindMac) add('tls.record.block_padding', macEnd, frame.end, null, 'decrypted');
  return fields;
}

function headerField(frame: Frame): Field {
  const length = frame.end - frame.start - headerLength;
  const header = Uint8Array.of(
    frame.contentType,
    frame.version >> 8,
    frame.version & 0xff,
    length >> 8,
    length & 0xff,
  );
  const step = readStep('tls.record.header', header, readRecordHeader, { base: frame.start });
  const field = 'got' in step ? step.field.children[0] : undefined;
  if (!field) throw new Error(`the header ${excerpt(header)} was read before`);
  return field;
}

/**
 * The field tree of a message, in the coordinates of its direction: the fields of its records and its own, every byte
 * named. Made anew at each call. A field that a record boundary splits spans that boundary; the header within it stands
 * before it among the children, so that a search by offset finds the header first.
 */
export function fieldOf(message: TlsMessage): Field {
  const own = contentField(message);
  const [start, end] = [own[0]?.range[0] ?? Infinity, own.at(-1)?.range[1] ?? Infinity];
  const around = message.frames.flatMap((frame) => frameFields(frame, message));
  const before = around.filter((field) => field.range[0] < end);
  const after = around.filter((field) => field.range[0] >= end);
  const children = start === Infinity ? around : [...before, ...own, ...after];
  const range = [message.offset, message.offset + message.length] as const;
  return {
    id: 'tls.message',
    range,
    value: null,
    children,
    remarks: [],
    origin: message.opened ? 'decrypted' : 'wire',
  };
}
