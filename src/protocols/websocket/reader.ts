/**
 * Reads both directions of a WebSocket: each frame is a message; the frame that ends a message carries its whole text, without
 * its mask and decompressed.
 *
 * 1. Of a message at most `maxKept` bytes are kept, and it is decompressed to at most `maxOpened`: a longer one is not opened.
 * 2. With context takeover the newest 32 KiB of a direction are the dictionary of what follows (RFC 7692 section 7.2.3.2). Once
 *    a message could not be opened, later ones of that direction cannot be either.
 * 3. Opened messages are kept as long as they are among the newest `mostOpened` bytes of the process; of older ones the beginning.
 *    What is opened is no measure of what was sent: a thousand bytes are a million then.
 * 4. zlib is loaded when the first compressed message has come.
 */
import type { Side } from '../../capture/event.ts';
import type { Cursor } from '../../core/cursor.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { ProtocolMessage, ProtocolReader } from '../protocol.ts';
import { Framing, beginningOf, messageCut, messageOf, messagesIn } from '../shared/framed.ts';
import type { Said, Unit } from '../shared/framed.ts';
import { closeCodes } from './close-codes.ts';

const maxKept = 256 * 1024;
const maxOpened = 1024 * 1024;
const window = 32 * 1024;
const mostOpened = 64 * 1024 * 1024;
const keptBeginning = 4096;

/** The bytes of a message: all of them, until newer ones need the place. */
interface Opened {
  bytes: Uint8Array;
}

class RecentlyOpened {
  #queue: Opened[] = [];
  #oldest = 0;
  #held = 0;

  keep(bytes: Uint8Array): Opened {
    const opened = { bytes };
    if (bytes.length <= keptBeginning) return opened;
    this.#queue.push(opened);
    this.#held += bytes.length;
    for (; this.#held > mostOpened; this.#oldest++) {
      const old = this.#queue[this.#oldest];
      if (!old) break;
      this.#held -= old.bytes.length;
      old.bytes = Uint8Array.from(old.bytes.subarray(0, keptBeginning));
    }
    if (this.#oldest > 1024) {
      this.#queue = this.#queue.slice(this.#oldest);
      this.#oldest = 0;
    }
    return opened;
  }
}

const recentlyOpened = new RecentlyOpened();

const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const names: Readonly<Record<number, Localized>> = {
  0: { en: 'continuation', ko: '이어짐' },
  1: { en: 'text', ko: '텍스트' },
  2: { en: 'binary', ko: '바이너리' },
  8: verbatim('close'),
  9: verbatim('ping'),
  10: verbatim('pong'),
};

/** What was agreed on of compression, by direction. */
interface Deflate {
  readonly keepsContext: Readonly<Record<Side, boolean>>;
}

/** The message of a direction that is under way. */
class Direction {
  opcode = 0;
  isCompressed = false;
  parts: Uint8Array[] = [];
  length = 0;
  isCut = false;
  dictionary: Uint8Array | undefined;
  /** A message could not be opened, and later ones build on it. */
  isLost = false;
}

/** A frame without what it carries. */
interface Frame {
  readonly isLast: boolean;
  readonly isCompressed: boolean;
  readonly opcode: number;
  readonly isMasked: boolean;
  /** Of its header and its payload. */
  readonly start: number;
  readonly length: number;
}

/** The message that a frame completes. */
interface Whole {
  readonly opcode: number;
  readonly isCompressed: boolean;
  readonly length: number;
  /** Of it without compression; undefined, as the bytes are, where it was not opened. */
  readonly size: number | undefined;
  readonly opened: Opened | undefined;
  /** The whole of it stands in this frame. */
  readonly isAlone: boolean;
}

/** @param extensions the value of Sec-WebSocket-Extensions in the response */
export function webSocketReader(extensions = ''): ProtocolReader {
  const deflate = deflateIn(extensions);
  const directions: Readonly<Record<Side, Direction>> = { client: new Direction(), server: new Direction() };
  const framing = new Framing((start) => {
    const frame = frameIn(start, deflate !== undefined);
    return typeof frame === 'object' ? frame.start + frame.length : frame;
  }, maxKept);
  const told = (unit: Unit): ProtocolMessage => {
    const frame = unit.isLost ? undefined : frameIn(unit.bytes, deflate !== undefined);
    const whole =
      typeof frame === 'object' && !unit.isCut
        ? wholeOf(directions[unit.from], unit, frame, deflate)
        : undefined;
    const message = messageOf(
      unit,
      { protocol: 'websocket', root: 'websocket.frame', unread: 'websocket.unread' },
      (cursor, said) => readFrame(unit, cursor, said, whole),
    );
    if (!whole?.opened || typeof frame !== 'object') return message;
    const { opened, isAlone, isCompressed, opcode } = whole;
    if (opcode !== opcodes.text) return message;
    const isInPlace = isAlone && !isCompressed;
    const content = {
      get bytes() {
        return opened.bytes;
      },
      offset: unit.offset + frame.start,
      length: frame.length,
      isInPlace,
    };
    return { ...message, content };
  };
  return {
    feed: (piece) => messagesIn(framing, piece, told),
    expects: () => false,
    cut(from) {
      // Frames are missing, and with them what later ones build on.
      const direction = directions[from];
      direction.parts = [];
      direction.isCut = true;
      direction.isLost = true;
      return messageCut(framing, from, told);
    },
    survivesGaps: true,
  };
}

/** RFC 7692 section 7.1; undefined where nothing is compressed. */
function deflateIn(extensions: string): Deflate | undefined {
  const offer = extensions.split(',').find((one) => /^\s*permessage-deflate\b/i.test(one));
  if (offer === undefined) return undefined;
  const has = (name: string): boolean => new RegExp(`;\\s*${name}\\b`, 'i').test(offer);
  return {
    keepsContext: {
      client: !has('client_no_context_takeover'),
      server: !has('server_no_context_takeover'),
    },
  };
}

/** RFC 6455 section 5.2. */
function frameIn(start: Uint8Array, mayCompress: boolean): Frame | 'none' | undefined {
  const [first, second] = start;
  if (first === undefined) return undefined;
  const opcode = first & 0x0f;
  const isLast = first >= 0x80;
  const isCompressed = (first & 0x40) !== 0;
  const isControl = opcode >= opcodes.close;
  const isKnown =
    names[opcode] !== undefined &&
    (first & 0x30) === 0 &&
    (!isCompressed || (mayCompress && !isControl && opcode > 0));
  if (!isKnown || (isControl && !isLast)) return 'none';
  if (second === undefined) return undefined;
  const isMasked = second >= 0x80;
  const short = second & 0x7f;
  if (isControl && short > 125) return 'none';
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  if (start.length < 2 + extended) return undefined;
  let length = extended === 0 ? short : 0;
  for (let at = 2; at < 2 + extended; at++) length = length * 256 + (start[at] ?? 0);
  if (length > Number.MAX_SAFE_INTEGER) return 'none';
  return { isLast, isCompressed, opcode, isMasked, start: 2 + extended + (isMasked ? 4 : 0), length };
}

/** What a frame carries, without its mask; shorter where its end was not kept. */
function payloadOf({ bytes }: Unit, { isMasked, start, length }: Frame): Uint8Array {
  const masked = bytes.subarray(start, start + length);
  if (!isMasked) return masked;
  const key = bytes.subarray(start - 4, start);
  return masked.map((byte, at) => byte ^ (key[at % 4] ?? 0));
}

/** Keeps what a frame brings of its message; returns the message where the frame ends it. */
function wholeOf(
  direction: Direction,
  unit: Unit,
  frame: Frame,
  deflate: Deflate | undefined,
): Whole | undefined {
  const { opcode, isLast, isCompressed, length } = frame;
  if (opcode >= opcodes.close) {
    const bytes = payloadOf(unit, frame);
    return { opcode, isCompressed: false, length, size: length, opened: { bytes }, isAlone: true };
  }
  if (opcode !== opcodes.continuation) {
    direction.opcode = opcode;
    direction.isCompressed = isCompressed;
    direction.parts = [];
    direction.length = 0;
    direction.isCut = false;
  }
  direction.length += length;
  if (direction.length > maxKept || frame.start + length > unit.bytes.length) {
    direction.isCut = true;
    direction.parts = [];
  } else if (!direction.isCut) direction.parts.push(payloadOf(unit, frame));
  if (!isLast) return undefined;
  const isAlone = opcode !== opcodes.continuation;
  const joined = direction.isCut ? undefined : Buffer.concat(direction.parts);
  direction.parts = [];
  const common = {
    opcode: direction.opcode,
    isCompressed: direction.isCompressed,
    length: direction.length,
    isAlone,
  };
  if (!direction.isCompressed)
    return { ...common, size: joined?.length, opened: joined && { bytes: joined } };
  const keepsContext = deflate?.keepsContext[unit.from] === true;
  const bytes =
    joined && !(direction.isLost && keepsContext) ? inflated(joined, direction.dictionary) : undefined;
  const whole = { ...common, size: bytes?.length, opened: bytes && recentlyOpened.keep(bytes) };
  if (!keepsContext) return whole;
  if (bytes) {
    const before = direction.dictionary ?? new Uint8Array(0);
    // A copy: a part of the whole would hold all of it.
    direction.dictionary = Uint8Array.from(
      Buffer.concat([before, bytes.subarray(-window)]).subarray(-window),
    );
  } else direction.isLost = true;
  return whole;
}

/** Undefined where it is damaged, or larger than `maxOpened`. */
function inflated(bytes: Uint8Array, dictionary: Uint8Array | undefined): Uint8Array | undefined {
  const { constants, inflateRawSync } = process.getBuiltinModule('node:zlib');
  try {
    // The end of each message is left out (RFC 7692 section 7.2.1).
    return inflateRawSync(Buffer.concat([bytes, Uint8Array.of(0, 0, 0xff, 0xff)]), {
      maxOutputLength: maxOpened,
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(dictionary && dictionary.length > 0 ? { dictionary } : {}),
    });
  } catch {
    return undefined;
  }
}

const both = (one: Localized, join: string, other: Localized): Localized => ({
  en: `${one.en}${join}${other.en}`,
  ko: `${one.ko}${join}${other.ko}`,
});

function readFrame(unit: Unit, cursor: Cursor, said: Said, whole: Whole | undefined): void {
  const frame = frameIn(unit.bytes, true);
  if (typeof frame !== 'object') return;
  const { opcode, isLast, isCompressed, isMasked, length } = frame;
  const name = names[opcode] ?? verbatim('');
  said.title =
    opcode < opcodes.close && (!isLast || opcode === opcodes.continuation)
      ? both(name, ', ', isLast ? { en: 'last part', ko: '마지막 부분' } : { en: 'part', ko: '부분' })
      : name;
  cursor.uint8('websocket.opcode');
  cursor.uint8('websocket.payload_length');
  const extended = frame.start - 2 - (isMasked ? 4 : 0);
  if (extended > 0) cursor.bytes('websocket.extended_length', extended);
  if (isMasked) cursor.bytes('websocket.masking_key', 4);
  if (opcode === opcodes.close && length >= 2) readClose(payloadOf(unit, frame), cursor, said);
  else if (whole) sayContent(whole, isCompressed, said);
  if (length === 0 || opcode === opcodes.close) return;
  const isText = (whole?.opcode ?? opcode) === opcodes.text;
  const own =
    whole?.isAlone === true ? whole.opened?.bytes : isCompressed ? undefined : payloadOf(unit, frame);
  if (own && isText) cursor.shown('websocket.payload', length, Buffer.from(own).toString('utf8'));
  else if (own) cursor.shown('websocket.payload', length, own);
  else cursor.bytes('websocket.payload', length);
}

function readClose(payload: Uint8Array, cursor: Cursor, said: Said): void {
  const code = (payload[0] ?? 0) * 256 + (payload[1] ?? 0);
  const reason = Buffer.from(payload.subarray(2)).toString('utf8');
  said.title = verbatim(`close ${code}`);
  const words =
    closeCodes[code] ?? (code >= 4000 ? { en: 'of the application', ko: '애플리케이션 정의' } : undefined);
  if (words) said.facts = reason === '' ? words : both(words, ': ', verbatim(beginningOf(reason)));
  else if (reason !== '') said.facts = verbatim(beginningOf(reason));
  cursor.shown('websocket.close_code', 2, code);
  if (payload.length > 2) cursor.shown('websocket.close_reason', payload.length - 2, reason);
}

function sayContent({ size, isCompressed, length }: Whole, isOwnCompressed: boolean, said: Said): void {
  if (!isCompressed && !isOwnCompressed) return;
  said.facts =
    size !== undefined
      ? { en: `${length} B compressed, ${size} B`, ko: `압축 ${length}B, 풀면 ${size}B` }
      : { en: 'compressed, not opened', ko: '압축됨, 풀지 않음' };
}
