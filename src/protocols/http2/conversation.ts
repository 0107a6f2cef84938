/**
 * Reads both directions of an HTTP/2 connection (RFC 9113): bytes in, a message for each frame out. It finds frames, puts
 * header blocks together, and knows the streams; `frame.ts` and `hpack.ts` read what is in them, `words.ts` says it.
 *
 * 1. The messages of a direction cover its stream without overlap. A header block in several frames is told with the one that
 *    completes it.
 * 2. A capture may begin in the middle, and bytes may be missing: inside a frame of a known length the reader goes on behind
 *    it, elsewhere at the next bytes that look like a frame. What was before in the tables of HPACK is unknown from then on.
 * 3. Of a frame at most `mostHeaderBytes` or `mostKept` bytes are kept; a header block that is longer counts as lost.
 */
import { otherSide } from '../../capture/event.ts';
import type { Side } from '../../capture/event.ts';
import type { Field, Malformed } from '../../core/field.ts';
import { Gathering } from '../../core/gathering.ts';
import { methodOf } from '../grpc/definitions.ts';
import { wellKnown } from '../grpc/well-known.ts';
import { GrpcReader } from '../grpc/reader.ts';
import type { GrpcMessage } from '../grpc/reader.ts';
import { readFormFields } from '../http/form.ts';
import type { Piece } from '../piece.ts';
import type { HttpBodyPart, HttpHead, HttpPlace, ProtocolMessage } from '../protocol.ts';
import { flags, frameTypes, settingIds } from './codes.ts';
import {
  contentOf,
  faultOf,
  fieldOfFrame,
  fieldOfPreface,
  hasFlag,
  readFrameHeader,
  settingsOf,
  uint32Of,
} from './frame.ts';
import type { Frame } from './frame.ts';
import { HeaderDecoder } from './hpack.ts';
import type { HeaderBlock } from './hpack.ts';
import { readingOf } from './reading.ts';
import { headerLength, looksLikeFrame, preface } from './recognise.ts';
import { Streams } from './streams.ts';
import type { StreamSide } from './streams.ts';
import { wordsOf } from './words.ts';
import type { KnownOfFrame } from './words.ts';

/** Bytes kept of a header block, over all its frames, and of any other frame. */
const mostHeaderBytes = 256 * 1024;
const mostKept = 64 * 1024;

const { DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, CONTINUATION } = frameTypes;
const carriesHeaders: ReadonlySet<number> = new Set([HEADERS, PUSH_PROMISE, CONTINUATION]);

/** A header block under way. */
interface Block {
  /** The stream that it is about: of PUSH_PROMISE the promised one. */
  readonly stream: number;
  readonly isPromise: boolean;
  readonly endsStream: boolean;
  readonly parts: { readonly offset: number; readonly bytes: Uint8Array }[];
  length: number;
  isTooLong: boolean;
}

/** One direction. */
class Direction {
  readonly from: Side;
  readonly headers = new HeaderDecoder();
  hasBegun = false;
  /** No frame of it was read yet. */
  isFirst = true;
  /** The next bytes are the client's preface. */
  isPreface = false;
  /** Where frames begin is not known. */
  isLost = false;
  /** Of the frame under way, and of the next byte. */
  start = 0;
  at = 0;
  header: ReturnType<typeof readFrameHeader> | undefined;
  readonly parts = new Gathering();
  kept = 0;
  lastTag = 0;
  block: Block | undefined;
  /** Where the frame ends of which bytes are missing; up to there nothing else begins. */
  resumesAt: number | undefined;

  constructor(from: Side) {
    this.from = from;
  }

  begin(piece: Piece): void {
    this.hasBegun = true;
    this.start = piece.offset;
    this.at = piece.offset;
    const { bytes, from } = piece;
    this.isPreface = from === 'client' && bytes[0] === preface[0];
    if (this.isPreface) return;
    if (from === 'client') this.headers.lose();
    // In the middle of a frame: the next one is looked for.
    this.isLost = looksLikeFrame(bytes) === false;
  }

  take(bytes: Uint8Array, tag: number): void {
    this.at += bytes.length;
    this.lastTag = tag;
    const most = this.header && carriesHeaders.has(this.header.type) ? mostHeaderBytes : mostKept;
    const kept = bytes.subarray(0, Math.max(0, most - this.kept));
    if (kept.length === 0) return;
    this.parts.add(kept);
    this.kept += kept.length;
  }

  get wanted(): number {
    return this.isPreface ? preface.length : (this.header?.length ?? headerLength);
  }

  next(): void {
    this.start = this.at;
    this.header = undefined;
    this.isPreface = false;
    this.parts.clear();
    this.kept = 0;
  }
}

export class Http2Conversation {
  readonly #directions: Readonly<Record<Side, Direction>> = {
    client: new Direction('client'),
    server: new Direction('server'),
  };
  readonly #streams = new Streams();

  /** Takes the next bytes of one direction, in the order of capture; returns the frames that they complete. */
  feed(piece: Piece): ProtocolMessage[] {
    const { from, offset, bytes, tag } = piece;
    const direction = this.#directions[from];
    const messages: ProtocolMessage[] = [];
    if (bytes.length === 0) return messages;
    if (!direction.hasBegun) direction.begin(piece);
    if (offset > direction.at) this.#skipGap(direction, offset, messages);
    let at = Math.max(0, direction.at - offset);
    while (at < bytes.length) {
      const { resumesAt } = direction;
      if (resumesAt !== undefined || direction.isLost) {
        const end =
          resumesAt === undefined
            ? nextFrame(bytes, at)
            : Math.min(bytes.length, at + resumesAt - direction.at);
        if (end > at) messages.push(this.#unread(direction, bytes.subarray(at, end), tag));
        at = end;
        if (direction.at === resumesAt) direction.resumesAt = undefined;
        if (at < bytes.length) direction.isLost = false;
        continue;
      }
      // A frame that is all there is not copied.
      if (direction.at === direction.start && !direction.isPreface && bytes.length - at >= headerLength)
        direction.header = readFrameHeader(bytes.subarray(at, at + headerLength));
      const taken = Math.min(direction.wanted - (direction.at - direction.start), bytes.length - at);
      direction.take(bytes.subarray(at, at + taken), tag);
      at += taken;
      this.#advance(direction, messages);
    }
    return messages;
  }

  /** Bytes of that direction are missing, or it has ended: returns the incomplete frame. */
  cut(from: Side): ProtocolMessage[] {
    const direction = this.#directions[from];
    const { header, start, at, parts, lastTag } = direction;
    if (at === start) return [];
    const length = at - start;
    const bytes = parts.joined();
    direction.resumesAt = header && start + header.length;
    if (header && carriesHeaders.has(header.type)) this.#loseHeaders(direction);
    if (header?.type === DATA) this.#streams.of(header.stream)[from].lose();
    direction.next();
    return [
      header
        ? this.#told(direction, { ...header, offset: start, length, bytes }, { lastTag, isCut: true })
        : unread(from, { offset: start, bytes, tag: lastTag }),
    ];
  }

  #skipGap(direction: Direction, offset: number, messages: ProtocolMessage[]): void {
    for (const message of this.cut(direction.from)) messages.push(message);
    const { resumesAt } = direction;
    direction.at = offset;
    direction.next();
    if (resumesAt !== undefined && resumesAt >= offset) {
      if (resumesAt === offset) direction.resumesAt = undefined;
      return;
    }
    direction.resumesAt = undefined;
    direction.isLost = true;
    this.#loseHeaders(direction);
    this.#streams.lose(direction.from);
  }

  #loseHeaders(direction: Direction): void {
    direction.headers.lose();
    direction.block = undefined;
  }

  #unread(direction: Direction, bytes: Uint8Array, tag: number): ProtocolMessage {
    const message = unread(direction.from, { offset: direction.at, bytes, tag });
    direction.at += bytes.length;
    direction.next();
    return message;
  }

  #advance(direction: Direction, messages: ProtocolMessage[]): void {
    const { from, start, at, lastTag } = direction;
    if (at - start < direction.wanted) return;
    const bytes = direction.parts.joined();
    if (direction.isPreface) {
      direction.next();
      messages.push(prefaceMessage(from, start, bytes, lastTag));
      return;
    }
    direction.header ??= readFrameHeader(bytes);
    const { header } = direction;
    if (at - start < header.length) return;
    direction.next();
    messages.push(this.#frame(direction, { ...header, offset: start, bytes }, lastTag));
  }

  #frame(direction: Direction, frame: Frame, lastTag: number): ProtocolMessage {
    // A server begins with its settings; with anything else the capture began in the middle.
    if (
      direction.isFirst &&
      direction.from === 'server' &&
      (frame.type !== SETTINGS || hasFlag(frame, flags.ACK))
    )
      direction.headers.lose();
    direction.isFirst = false;
    const fault = faultOf(frame);
    if (fault) return this.#told(direction, frame, { lastTag, malformed: fault });
    // Between the frames of a header block nothing else may come (RFC 9113 section 6.10).
    const { block } = direction;
    if (block && frame.type !== CONTINUATION) this.#loseHeaders(direction);
    switch (frame.type) {
      case DATA:
        return this.#data(direction, frame, lastTag);
      case HEADERS:
      case PUSH_PROMISE:
      case CONTINUATION:
        return this.#headers(direction, frame, lastTag);
      case RST_STREAM:
        this.#streams.forget(frame.stream);
        break;
      case SETTINGS:
        for (const [id, value] of settingsOf(frame))
          if (id === settingIds.HEADER_TABLE_SIZE)
            this.#directions[otherSide[direction.from]].headers.allow(value);
        break;
    }
    return this.#told(direction, frame, { lastTag });
  }

  #headers(direction: Direction, frame: Frame, lastTag: number): ProtocolMessage {
    const { start, end, malformed } = contentOf(frame);
    if (frame.type !== CONTINUATION)
      direction.block = {
        stream:
          frame.type === PUSH_PROMISE
            ? (uint32Of(frame, start - headerLength - 4) ?? 0) & 0x7fffffff
            : frame.stream,
        isPromise: frame.type === PUSH_PROMISE,
        endsStream: frame.type === HEADERS && hasFlag(frame, flags.END_STREAM),
        parts: [],
        length: 0,
        isTooLong: false,
      };
    const { block } = direction;
    // The beginning of the block is missing.
    if (!block || malformed) {
      this.#loseHeaders(direction);
      return this.#told(direction, frame, { lastTag, malformed });
    }
    const bytes = frame.bytes.subarray(start, end);
    block.length += end - start;
    if (block.length > mostHeaderBytes || bytes.length < end - start) block.isTooLong = true;
    else block.parts.push({ offset: frame.offset + start, bytes });
    if (!hasFlag(frame, flags.END_HEADERS)) return this.#told(direction, frame, { lastTag });
    direction.block = undefined;
    return this.#endOfBlock(direction, frame, block, lastTag);
  }

  #endOfBlock(direction: Direction, frame: Frame, block: Block, lastTag: number): ProtocolMessage {
    if (block.isTooLong) {
      this.#loseHeaders(direction);
      const malformed: Malformed = {
        kind: 'too_long',
        id: 'http2.header_block',
        offset: frame.offset,
        expected: `at most ${mostHeaderBytes} bytes`,
        found: `${block.length} bytes`,
      };
      return this.#told(direction, frame, { lastTag, malformed });
    }
    const [first, ...more] = block.parts;
    const bytes =
      more.length === 0 && first ? first.bytes : Buffer.concat(block.parts.map((part) => part.bytes));
    const read = direction.headers.decode(bytes);
    const place = placesIn(block);
    const malformed = read.malformed && { ...read.malformed, offset: place(read.malformed.offset, 0)[0] };
    const head = headOf(read, {
      from: direction.from,
      stream: block.stream,
      endsStream: block.endsStream,
      place,
    });
    const side = this.#streams.of(block.stream)[block.isPromise ? 'client' : direction.from];
    const isTrailer = side.head !== undefined && !block.isPromise;
    const http: HttpHead = isTrailer ? { ...head, isTrailer } : head;
    if (!isTrailer && !(http.status !== undefined && http.status < 200))
      this.#begin(block.stream, side, http);
    const whole = block.endsStream ? this.#end(block.stream, side, direction.from) : undefined;
    const httpBody = whole && {
      kind: http.kind,
      stream: block.stream,
      bytes: new Uint8Array(0),
      offset: frame.offset + frame.length,
      endsStream: true as const,
      whole,
    };
    return this.#told(direction, frame, {
      lastTag,
      malformed,
      http,
      httpBody,
      block: read,
      isInParts: more.length > 0 || frame.type === CONTINUATION,
      isPromise: block.isPromise,
    });
  }

  /** A request or a response: what its headers say of its body. */
  #begin(id: number, side: StreamSide, http: HttpHead): void {
    side.head = http;
    const contentType = side.headerOf('content-type') ?? '';
    if (!/^application\/grpc(?![\w-])/i.test(contentType)) return;
    const path = this.#streams.of(id).client.head?.path ?? '';
    const method = methodOf(path) ?? wellKnown().get(path);
    side.content = new GrpcReader({
      contentType,
      coding: side.headerOf('grpc-encoding') ?? '',
      type: http.kind === 'request' ? method?.request : method?.response,
    });
  }

  /** @returns what was kept of the body */
  #end(id: number, side: StreamSide, from: Side): HttpBodyPart['whole'] {
    side.hasEnded = true;
    const whole = side.take();
    if (this.#streams.of(id)[otherSide[from]].hasEnded) this.#streams.forget(id);
    return whole;
  }

  #data(direction: Direction, frame: Frame, lastTag: number): ProtocolMessage {
    const { start, end, malformed } = contentOf(frame);
    if (malformed) return this.#told(direction, frame, { lastTag, malformed });
    const { from } = direction;
    const side = this.#streams.of(frame.stream)[from];
    const bytes = frame.bytes.subarray(start, end);
    const offset = frame.offset + start;
    const length = end - start;
    const isFirst = side.bodyLength === 0;
    side.bodyLength += length;
    const grpc = side.content?.feed({ bytes, offset, length });
    if (!side.content && isWorthKeeping(side, bytes, isFirst)) side.keep(bytes, offset, length);
    const endsStream = hasFlag(frame, flags.END_STREAM);
    const isWhole = endsStream || (length > 0 && side.headerOf('content-length') === String(side.bodyLength));
    // The headers say of what stream it is: they are forgotten with it.
    const path = this.#streams.of(frame.stream).client.head?.path;
    const whole = endsStream ? this.#end(frame.stream, side, from) : isWhole ? side.take() : undefined;
    const httpBody: HttpBodyPart = {
      kind: from === 'client' ? 'request' : 'response',
      stream: frame.stream,
      bytes,
      offset,
      ...(endsStream && { endsStream }),
      ...(whole && { whole }),
    };
    return this.#told(direction, frame, { lastTag, httpBody, side, isFirst, grpc, path });
  }

  #told(direction: Direction, frame: Frame, known: KnownOfFrame): ProtocolMessage {
    const { from } = direction;
    const { lastTag, malformed, isCut, http, httpBody, side, grpc, block, isInParts } = known;
    const reader = side?.content;
    const [message] = grpc?.messages ?? [];
    const { title, facts, isMinor } = wordsOf(frame, {
      ...known,
      from,
      isUnfinishedBlock: direction.block !== undefined,
      grpcSummaries: reader ? grpc?.messages.slice(0, 4).map((one) => reader.summaryOf(one)) : undefined,
    });
    const form = isWholeForm(side, httpBody);
    const field = (): Field =>
      fieldOfFrame(frame, {
        ...(block && { block }),
        ...(isInParts && { isInParts }),
        ...(reader && grpc
          ? {
              readData: (cursor) => {
                reader.readData(cursor, grpc);
              },
              made: madeOf(reader, grpc.messages, frame.offset + frame.length),
            }
          : form
            ? {
                readData: (cursor) => {
                  cursor.block('http.request.form', cursor.remaining, readFormFields);
                },
              }
            : {}),
      });
    return {
      from,
      protocol: message ? 'grpc' : 'http2',
      offset: frame.offset,
      length: frame.length,
      lastTag,
      title,
      facts,
      ...(malformed && { malformed }),
      ...(isCut && { isCut }),
      bytes: frame.bytes,
      field,
      ...((frame.type !== DATA || message) && !isCut && { reading: () => readingOf(field()) }),
      ...(reader &&
        message && { credentials: grpc?.messages.flatMap((one) => reader.credentialsOf(one)) ?? [] }),
      ...(http && { http }),
      ...(httpBody && { httpBody }),
      ...(isMinor && { isMinor }),
    };
  }
}

function madeOf(reader: GrpcReader, messages: readonly GrpcMessage[], at: number): readonly Field[] {
  return messages.flatMap((message) => reader.madeOf(message, at) ?? []);
}

/** A form that is in this part alone. */
function isWholeForm(side: StreamSide | undefined, part: HttpBodyPart | undefined): boolean {
  return (
    part?.kind === 'request' &&
    part.whole?.pieces.length === 1 &&
    part.bytes.length > 0 &&
    part.whole.bytes.length === part.bytes.length &&
    /^application\/x-www-form-urlencoded\b/i.test(side?.headerOf('content-type') ?? '')
  );
}

/** Only forms, JSON and what is compressed are searched as a whole. */
function isWorthKeeping(side: StreamSide, bytes: Uint8Array, isFirst: boolean): boolean {
  if (!isFirst) return side.isKeeping;
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(side.headerOf('content-type') ?? '');
  // White space, or the beginning of an array or an object.
  return (
    isForm ||
    side.headerOf('content-encoding') !== undefined ||
    [0x09, 0x0a, 0x0d, 0x20, 0x5b, 0x7b].includes(bytes[0] ?? 0)
  );
}

/** Where a place in a header block is in its direction; a place that spans frames begins in the first and ends in the last. */
function placesIn({ parts }: Block): (start: number, end: number) => HttpPlace {
  if (parts.length === 1) {
    const base = parts[0]?.offset ?? 0;
    return (start, end) => [base + start, Math.max(0, end - start)];
  }
  const starts: number[] = [];
  let length = 0;
  for (const { bytes } of parts) {
    starts.push(length);
    length += bytes.length;
  }
  const offsetOf = (at: number): number => {
    const index = Math.max(
      0,
      starts.findLastIndex((start) => start <= at),
    );
    return (parts[index]?.offset ?? 0) + at - (starts[index] ?? 0);
  };
  return (start, end) => {
    const first = offsetOf(start);
    return [first, end > start ? offsetOf(end - 1) + 1 - first : 0];
  };
}

function headOf(
  { fields, notKept }: HeaderBlock,
  {
    from,
    stream,
    endsStream,
    place,
  }: {
    readonly from: Side;
    readonly stream: number;
    readonly endsStream: boolean;
    readonly place: (start: number, end: number) => HttpPlace;
  },
): HttpHead {
  const headers: (readonly [string, string])[] = [];
  const places: HttpPlace[] = [];
  const pseudo = new Map<string, string>();
  let pathPlace: HttpPlace | undefined;
  let unknown = notKept;
  for (const { form, name, value, start, end, valueText } of fields) {
    if (form === 'table_size') continue;
    if (name === undefined || value === undefined) {
      unknown++;
      continue;
    }
    const where = valueText ? place(valueText.start, valueText.end) : place(start, end);
    if (!name.startsWith(':')) {
      headers.push([name, value]);
      places.push(where);
    } else if (!pseudo.has(name)) {
      pseudo.set(name, value);
      if (name === ':path') pathPlace = where;
    }
  }
  const [method, scheme, authority, path, status] = ['method', 'scheme', 'authority', 'path', 'status'].map(
    (name) => pseudo.get(`:${name}`),
  );
  const isRequest = method !== undefined || path !== undefined || (status === undefined && from === 'client');
  return {
    kind: isRequest ? 'request' : 'response',
    stream,
    ...(method !== undefined && { method }),
    ...(scheme !== undefined && { scheme }),
    ...(authority !== undefined && { authority }),
    ...(path !== undefined && { path }),
    ...(status !== undefined && /^\d{3}$/.test(status) && { status: Number(status) }),
    headers,
    places,
    ...(unknown > 0 && { unknown }),
    ...(pathPlace && { pathPlace }),
    ...(endsStream && { endsStream }),
  };
}

/** Where the next frame begins that can be told from other bytes; the end if none does. */
function nextFrame(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0, from); at >= 0; at = bytes.indexOf(0, at + 1))
    if (looksLikeFrame(bytes.subarray(at, at + 32)) === true) return at;
  return bytes.length;
}

function unread(
  from: Side,
  { offset, bytes, tag }: Pick<Piece, 'offset' | 'bytes' | 'tag'>,
): ProtocolMessage {
  const range = [offset, offset + bytes.length] as const;
  const leaf: Field = {
    id: 'http2.unreadable',
    range,
    value: bytes,
    children: [],
    remarks: [],
    origin: 'wire',
  };
  return {
    from,
    protocol: 'http2',
    offset,
    length: bytes.length,
    lastTag: tag,
    title: { en: 'part of a frame', ko: '프레임의 일부' },
    isCut: true,
    bytes,
    field: () => ({ ...leaf, id: 'http2', value: null, children: [leaf] }),
    isMinor: true,
  };
}

function prefaceMessage(from: Side, offset: number, bytes: Uint8Array, lastTag: number): ProtocolMessage {
  return {
    from,
    protocol: 'http2',
    offset,
    length: bytes.length,
    lastTag,
    title: { en: 'HTTP/2 preface', ko: 'HTTP/2 시작' },
    bytes,
    field: () => fieldOfPreface(bytes, offset),
    isMinor: true,
  };
}
