/**
 * Reads one frame of HTTP/2 (RFC 9113 section 6): where its content is, whether it follows the rules of its type, and its
 * field tree. What a header block says is known to `hpack.ts`, what a body says to `conversation.ts`.
 */
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field, Malformed } from '../../core/field.ts';
import { latin1Text } from '../../core/bytes.ts';
import { flags, frameTypes, nameOfError, nameOfFrame, nameOfSetting, namesOfFlags } from './codes.ts';
import { fieldsOfBlock, fieldsOfHeaders } from './header-fields.ts';
import type { HeaderBlock } from './hpack.ts';
import { headerLength } from './recognise.ts';

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** In its direction, of the first byte of its header. */
  readonly offset: number;
  /** With its header, in bytes. */
  readonly length: number;
  /** From the header on; shorter where its end was not kept, or did not arrive. */
  readonly bytes: Uint8Array;
}

export function readFrameHeader(bytes: Uint8Array): Pick<Frame, 'type' | 'flags' | 'stream' | 'length'> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerLength);
  return {
    length: headerLength + view.getUint8(0) * 65_536 + view.getUint16(1),
    type: view.getUint8(3),
    flags: view.getUint8(4),
    // The highest bit is reserved.
    stream: view.getUint32(5) & 0x7fffffff,
  };
}

export const hasFlag = (frame: Pick<Frame, 'flags'>, flag: number): boolean => (frame.flags & flag) !== 0;

/** Types that the flags PADDED and PRIORITY are for. */
const padded: ReadonlySet<number> = new Set([frameTypes.DATA, frameTypes.HEADERS, frameTypes.PUSH_PROMISE]);

/** Where the data or the header block of a frame is: start and end in its bytes. */
export interface Content {
  readonly start: number;
  readonly end: number;
  readonly malformed?: Malformed;
}

/** Without padding and priority; the end may be beyond what was kept. */
export function contentOf(frame: Frame): Content {
  const { type, bytes, length, offset } = frame;
  const isPadded = padded.has(type) && hasFlag(frame, flags.PADDED);
  const padding = isPadded ? (bytes[headerLength] ?? 0) : 0;
  const start =
    headerLength +
    (isPadded ? 1 : 0) +
    (type === frameTypes.HEADERS && hasFlag(frame, flags.PRIORITY) ? 5 : 0) +
    (type === frameTypes.PUSH_PROMISE ? 4 : 0);
  const end = length - padding;
  if (start <= end) return { start, end };
  const room = Math.max(0, length - headerLength);
  return {
    start: Math.min(start, length),
    end: Math.min(start, length),
    malformed: {
      kind: 'overrun',
      id: isPadded ? 'http2.pad_length' : 'http2.payload',
      offset: offset + headerLength,
      expected: isPadded ? 'padding that fits into the frame' : `${start - headerLength} bytes`,
      found: isPadded ? `${padding} bytes of padding in ${room}` : `${room} bytes left`,
    },
  };
}

/** The rule of its type that a whole frame breaks, beside padding; undefined if none. */
export function faultOf({ type, stream, length, offset }: Frame): Malformed | undefined {
  const payload = length - headerLength;
  const rule = rules[type];
  if (!rule) return undefined;
  if (rule.stream !== undefined && rule.stream !== (stream === 0 ? 'none' : 'one'))
    return {
      kind: 'bad_value',
      id: 'http2.stream',
      offset: offset + 5,
      expected: rule.stream === 'one' ? 'the number of a stream' : 'stream 0',
      found: `${stream}`,
    };
  return rule.fits === undefined || rule.fits(payload)
    ? undefined
    : { kind: 'bad_value', id: 'http2.length', offset, expected: rule.size ?? '', found: `${payload} bytes` };
}

interface Rule {
  readonly stream?: 'one' | 'none';
  readonly fits?: (payload: number) => boolean;
  readonly size?: string;
}

const exactly = (length: number): Pick<Rule, 'fits' | 'size'> => ({
  fits: (payload) => payload === length,
  size: `${length} bytes`,
});

const rules: Readonly<Record<number, Rule>> = {
  [frameTypes.DATA]: { stream: 'one' },
  [frameTypes.HEADERS]: { stream: 'one' },
  [frameTypes.PRIORITY]: { stream: 'one', ...exactly(5) },
  [frameTypes.RST_STREAM]: { stream: 'one', ...exactly(4) },
  [frameTypes.SETTINGS]: {
    stream: 'none',
    fits: (payload) => payload % 6 === 0,
    size: 'six bytes for each setting',
  },
  [frameTypes.PUSH_PROMISE]: { stream: 'one' },
  [frameTypes.PING]: { stream: 'none', ...exactly(8) },
  [frameTypes.GOAWAY]: { stream: 'none', fits: (payload) => payload >= 8, size: 'at least 8 bytes' },
  [frameTypes.WINDOW_UPDATE]: exactly(4),
  [frameTypes.CONTINUATION]: { stream: 'one' },
};

/** The settings of a SETTINGS frame, in their order. */
export function settingsOf({ bytes }: Frame): readonly (readonly [id: number, value: number])[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const settings: (readonly [number, number])[] = [];
  for (let at = headerLength; at + 6 <= bytes.length; at += 6)
    settings.push([view.getUint16(at), view.getUint32(at + 2)]);
  return settings;
}

/** A number of 32 bits of the payload; undefined where that is too short. */
export function uint32Of({ bytes }: Frame, at = 0): number | undefined {
  const start = headerLength + at;
  return start + 4 > bytes.length
    ? undefined
    : new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(start);
}

/** The text of a frame behind that many bytes of its payload. */
export function textOf({ bytes }: Frame, at: number): string {
  return latin1Text(bytes.subarray(headerLength + at));
}

/** What is known of a frame beside its own bytes. */
export interface Known {
  /** The header block that it completes. */
  readonly block?: HeaderBlock;
  /** The block began in an earlier frame: its parts are in several. */
  readonly isInParts?: boolean;
  /** Reads the data of a DATA frame. */
  readonly readData?: (cursor: Cursor) => void;
  /** Fields without bytes of their own in this frame: what was put together or decompressed. */
  readonly made?: readonly Field[];
}

/** The field tree of a frame, in the coordinates of its direction. */
export function fieldOfFrame(frame: Frame, known: Known = {}): Field {
  const { bytes, offset, length } = frame;
  const step = readStep(
    'http2',
    bytes,
    (cursor) => {
      cursor.attempt('http2.unreadable', () => {
        cursor.uint24('http2.length');
        cursor.decoded('http2.type', 1, `${nameOfFrame(frame.type) ?? '?'} (${frame.type})`);
        cursor.decoded('http2.flags', 1, flagWords(frame));
        cursor.uint32('http2.stream');
        readPayload(cursor, frame, known);
        if (cursor.remaining > 0) cursor.rest('http2.unreadable');
      });
      if (cursor.remaining > 0) cursor.rest('http2.unreadable');
    },
    { base: offset, open: false },
  );
  const read = 'got' in step ? step.field : 'malformed' in step ? step.partial : undefined;
  const end = offset + length;
  const headers = known.isInParts && known.block ? [fieldsOfHeaders(known.block, end)] : [];
  return {
    id: 'http2',
    range: [offset, end],
    value: null,
    children: [...(read?.children ?? []), ...headers, ...(known.made ?? [])],
    remarks: [],
    origin: 'wire',
  };
}

/** The connection preface of a client: text that no server of HTTP/1.1 takes for a request. */
export function fieldOfPreface(bytes: Uint8Array, offset: number): Field {
  const step = readStep('http2', bytes, (cursor) => cursor.text('http2.preface', bytes.length), {
    base: offset,
    open: false,
  });
  const children = 'got' in step ? step.field.children : [];
  return {
    id: 'http2',
    range: [offset, offset + bytes.length],
    value: null,
    children,
    remarks: [],
    origin: 'wire',
  };
}

function readPayload(cursor: Cursor, frame: Frame, known: Known): void {
  const { type } = frame;
  switch (type) {
    case frameTypes.DATA:
    case frameTypes.HEADERS:
    case frameTypes.PUSH_PROMISE:
    case frameTypes.CONTINUATION:
      readContent(cursor, frame, known);
      break;
    case frameTypes.PRIORITY:
      readPriority(cursor);
      break;
    case frameTypes.RST_STREAM:
      readErrorCode(cursor);
      break;
    case frameTypes.SETTINGS:
      while (cursor.remaining > 0)
        cursor.block('http2.setting', Math.min(6, cursor.remaining), (setting) => {
          const id = (setting.peek() ?? 0) * 256 + (setting.peek(1) ?? 0);
          setting.decoded('http2.setting.id', 2, `${nameOfSetting(id)} (${id})`);
          setting.uint32('http2.setting.value');
        });
      break;
    case frameTypes.PING:
      cursor.bytes('http2.ping', 8);
      break;
    case frameTypes.GOAWAY:
      cursor.uint32('http2.last_stream');
      readErrorCode(cursor);
      if (cursor.remaining > 0) cursor.text('http2.debug_data', cursor.remaining);
      break;
    case frameTypes.WINDOW_UPDATE:
      cursor.uint32('http2.window_increment');
      break;
    default:
      if (cursor.remaining === 0) break;
      if (nameOfFrame(type) === undefined) cursor.rest('http2.payload');
      else cursor.text('http2.extension_text', cursor.remaining);
  }
}

function readContent(cursor: Cursor, frame: Frame, { block, isInParts, readData }: Known): void {
  const { start, end } = contentOf(frame);
  if (padded.has(frame.type) && hasFlag(frame, flags.PADDED)) cursor.uint8('http2.pad_length');
  if (frame.type === frameTypes.HEADERS && hasFlag(frame, flags.PRIORITY)) readPriority(cursor);
  if (frame.type === frameTypes.PUSH_PROMISE) cursor.uint32('http2.promised_stream');
  const length = Math.min(end - start, cursor.remaining);
  if (length > 0 && frame.type === frameTypes.DATA) {
    if (readData) cursor.block('http2.data', length, readData);
    else cursor.bytes('http2.data', length);
  } else if (length > 0 && (isInParts || !block)) cursor.bytes('http2.header_block_part', length);
  else if (length > 0 && block)
    cursor.block('http2.header_block', length, (inner) => {
      fieldsOfBlock(inner, block);
    });
  if (cursor.remaining > 0) cursor.rest('http2.padding');
}

function flagWords({ type, flags: bits }: Frame): string {
  return [...namesOfFlags(type, bits), `(0x${bits.toString(16).padStart(2, '0')})`].join(' ');
}

function readErrorCode(cursor: Cursor): void {
  const code = [0, 1, 2, 3].reduce((sum, at) => sum * 256 + (cursor.peek(at) ?? 0), 0);
  cursor.decoded('http2.error_code', 4, `${nameOfError(code) ?? '?'} (${code})`);
}

function readPriority(cursor: Cursor): void {
  cursor.uint32('http2.dependency');
  cursor.uint8('http2.weight');
}
