/**
 * Parses protobuf messages in their wire form (protobuf.dev, "Encoding"): field numbers and wire types, with the names and
 * types of a definition where one is known. A length-delimited field of an unknown type is read as text, as a message, or
 * as bytes, by what fits; the first two can be mistaken for each other.
 *
 * Bounded: `mostFields` fields and `mostDepth` levels; what is beyond is one field of bytes.
 */
import { bufferOf } from '../../core/bytes.ts';
import { isSecretName } from '../shared/secret-names.ts';
import { unknownType } from './definitions.ts';
import type { FieldType, MessageType } from './definitions.ts';

export interface WireField {
  readonly number: number;
  /** 0 varint, 1 fixed 64, 2 length-delimited, 3 and 4 group, 5 fixed 32. */
  readonly wireType: number;
  /** Where it is in the message: tag, length prefix (of length-delimited ones), value. */
  readonly start: number;
  readonly valueStart: number;
  readonly end: number;
  /** Where the length prefix starts; undefined where there is none. */
  readonly lengthStart?: number;
  readonly type?: FieldType;
  readonly value: WireValue;
}

export type WireValue =
  | { readonly kind: 'number'; readonly value: bigint | number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  /** Several numbers in one field. */
  | { readonly kind: 'numbers'; readonly value: readonly (bigint | number)[] }
  | { readonly kind: 'message'; readonly fields: readonly WireField[] };

const mostDepth = 32;
const mostFields = 4096;

interface Room {
  fields: number;
}

/** @returns undefined where the bytes are no message */
export function readWireForm(
  bytes: Uint8Array,
  type?: MessageType,
  room: Room = { fields: mostFields },
  depth = 0,
): readonly WireField[] | undefined {
  const fields: WireField[] = [];
  let at = 0;
  while (at < bytes.length) {
    const start = at;
    const tag = varint(bytes, at);
    if (!tag) return undefined;
    const number = Number(tag.value >> 3n);
    const wireType = Number(tag.value & 7n);
    if (number === 0 || number > 0x1fffffff || --room.fields < 0) return undefined;
    const known = type?.fields.get(number);
    at = tag.end;
    const place = { number, wireType, start, ...(known && { type: known }) };
    switch (wireType) {
      case 0: {
        const read = varint(bytes, at);
        if (!read) return undefined;
        fields.push({ ...place, valueStart: at, end: read.end, value: ofVarint(read.value, known) });
        at = read.end;
        break;
      }
      case 1:
      case 5: {
        const end = at + (wireType === 1 ? 8 : 4);
        if (end > bytes.length) return undefined;
        fields.push({
          ...place,
          valueStart: at,
          end,
          value: { kind: 'number', value: ofFixed(bytes.subarray(at, end), known) },
        });
        at = end;
        break;
      }
      case 2: {
        const length = varint(bytes, at);
        if (!length || length.value > BigInt(bytes.length - length.end)) return undefined;
        const end = length.end + Number(length.value);
        fields.push({
          ...place,
          lengthStart: at,
          valueStart: length.end,
          end,
          value: ofBytes(bytes.subarray(length.end, end), known, room, depth),
        });
        at = end;
        break;
      }
      // Groups, which are no longer in use: their bounds hold nothing themselves.
      case 3:
      case 4:
        fields.push({
          ...place,
          valueStart: at,
          end: at,
          value: { kind: 'bytes', value: bytes.subarray(at, at) },
        });
        break;
      default:
        return undefined;
    }
  }
  return fields;
}

function varint(
  bytes: Uint8Array,
  from: number,
): { readonly value: bigint; readonly end: number } | undefined {
  let value = 0n;
  for (let at = from; at < bytes.length && at < from + 10; at++) {
    const byte = bytes[at] ?? 0;
    value |= BigInt(byte & 0x7f) << BigInt(7 * (at - from));
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: at + 1 };
  }
  return undefined;
}

function ofVarint(value: bigint, type: FieldType | undefined): WireValue {
  return { kind: 'number', value: plain(signed(value, type?.name)) };
}

function signed(value: bigint, type: string | undefined): bigint {
  switch (type) {
    case 'sint32':
    case 'sint64':
      return (value >> 1n) ^ -(value & 1n);
    case 'int32':
    case 'int64':
      return BigInt.asIntN(64, value);
    default:
      return value;
  }
}

function plain(value: bigint): bigint | number {
  return value >= -0x1fffffffffffffn && value <= 0x1fffffffffffffn ? Number(value) : value;
}

function ofFixed(bytes: Uint8Array, type: FieldType | undefined): bigint | number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  switch (type?.name) {
    case 'double':
      return view.getFloat64(0, true);
    case 'float':
      return view.getFloat32(0, true);
    case 'sfixed32':
      return view.getInt32(0, true);
    case 'sfixed64':
      return plain(view.getBigInt64(0, true));
    default:
      return bytes.length === 4 ? view.getUint32(0, true) : plain(view.getBigUint64(0, true));
  }
}

function ofBytes(bytes: Uint8Array, type: FieldType | undefined, room: Room, depth: number): WireValue {
  const asMessage = (of?: MessageType): WireValue | undefined => {
    const fields = depth < mostDepth ? readWireForm(bytes, of, room, depth + 1) : undefined;
    return fields && { kind: 'message', fields };
  };
  const asBytes: WireValue = { kind: 'bytes', value: bytes };
  if (type && type.name !== unknownType) {
    if (type.message) return asMessage(type.message) ?? asBytes;
    if (type.name === 'string') return { kind: 'text', value: bufferOf(bytes).toString('utf8') };
    if (type.name === 'bytes') {
      const text = textIn(bytes);
      return text === undefined ? asBytes : { kind: 'text', value: text };
    }
    return packed(bytes, type) ?? asBytes;
  }
  const text = textIn(bytes);
  // A message in a message may look like text: its first field begins with a line feed.
  if (text !== undefined && !text.startsWith('\n')) return { kind: 'text', value: text };
  const message = bytes.length > 0 ? asMessage() : undefined;
  return message ?? (text === undefined ? asBytes : { kind: 'text', value: text });
}

const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufffd]/;

/** As UTF-8, if it is that, without control characters. */
function textIn(bytes: Uint8Array): string | undefined {
  const text = bufferOf(bytes).toString('utf8');
  return control.test(text) ? undefined : text;
}

const fixedWidths: Readonly<Record<string, number>> = {
  double: 8,
  fixed64: 8,
  sfixed64: 8,
  float: 4,
  fixed32: 4,
  sfixed32: 4,
};

/** Numbers of a repeated field, one behind the other. */
function packed(bytes: Uint8Array, type: FieldType): WireValue | undefined {
  const width = Object.hasOwn(fixedWidths, type.name) ? fixedWidths[type.name] : undefined;
  const value: (bigint | number)[] = [];
  for (let at = 0; at < bytes.length && value.length < mostFields; ) {
    if (width !== undefined) {
      if (at + width > bytes.length) return undefined;
      value.push(ofFixed(bytes.subarray(at, at + width), type));
      at += width;
    } else {
      const read = varint(bytes, at);
      if (!read) return undefined;
      value.push(plain(signed(read.value, type.name)));
      at = read.end;
    }
  }
  return { kind: 'numbers', value };
}

/** Characters of a summary of a message, and of one text in it. */
const longestSummary = 120;
const longestText = 40;

/** `key: "foo", limit: 1`: numbers where the names are not known; no value of a field that is named as a secret. */
export function summaryOf(fields: readonly WireField[], room = longestSummary): string {
  const parts: string[] = [];
  let left = room;
  for (const { number, wireType, type, value } of fields) {
    if (wireType === 3 || wireType === 4) continue;
    if (left <= 0) {
      parts.push('…');
      break;
    }
    const part = `${type?.field ?? number}: ${valueWords(value, type, left)}`;
    parts.push(part);
    left -= part.length + 2;
  }
  return parts.join(', ');
}

function valueWords(value: WireValue, type: FieldType | undefined, room: number): string {
  switch (value.kind) {
    case 'number':
      return numberWords(value.value, type);
    case 'numbers':
      return `[${value.value
        .slice(0, 8)
        .map((one) => numberWords(one, type))
        .join(', ')}${value.value.length > 8 ? ', …' : ''}]`;
    case 'text': {
      const { value: text } = value;
      if (type && isSecretName(type.field)) return '…';
      return JSON.stringify(text.length > longestText ? `${text.slice(0, longestText)}…` : text);
    }
    case 'bytes': {
      const hex = bufferOf(value.value.subarray(0, 8)).toString('hex');
      return value.value.length > 8 ? `0x${hex}… (${value.value.length} B)` : hex === '' ? '""' : `0x${hex}`;
    }
    case 'message':
      return `{${summaryOf(value.fields, room - 2)}}`;
  }
}

/** A value of an enumeration by its name. */
export function numberWords(value: bigint | number, type: FieldType | undefined): string {
  if (type?.name === 'bool') return value === 0 ? 'false' : 'true';
  return type?.values?.get(Number(value)) ?? String(value);
}
