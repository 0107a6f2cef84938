/**
 * Parses DER elements (X.690) on the Cursor: tag, length, content, each a recorded field, and the values of simple
 * types. The parsers above interpret the elements.
 *
 * 1. Only definite, shortest lengths and one-byte tags: X.509 uses no others, and DER forbids the rest.
 * 2. There is no recursion, so that no nesting can exhaust the stack.
 * 3. A field whose content is a simple value has that value; the raw bytes are its child `x509.der.value`.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { FieldValue } from '../../core/field.ts';
import { toCode } from '../../core/hex.ts';
import type { X509FieldId } from './ids.ts';

/** Identifier octets. */
export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  enumerated: 0x0a,
  utf8String: 0x0c,
  ia5String: 0x16,
  sequence: 0x30,
  set: 0x31,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** [n], constructed: EXPLICIT, or IMPLICIT over a constructed type. */
export const context = (tag: number): number => 0xa0 | tag;
/** [n] IMPLICIT over a primitive type. */
export const contextPrimitive = (tag: number): number => 0x80 | tag;

/**
 * One element. `read` gets its content and must use all of it.
 * @param tag the identifier octet that must stand here; undefined when any may.
 */
export function element<T>(
  cursor: Cursor,
  id: X509FieldId,
  tag: number | undefined,
  read: (content: Cursor, tag: number) => T,
): T {
  const { headerLength, contentLength } = peekHeader(cursor, id, tag);
  return cursor.block(id, headerLength + contentLength, (inner) => {
    const found = inner.uint8('x509.der.tag');
    inner.bytes('x509.der.length', headerLength - 1);
    return read(inner, found);
  });
}

/** An element with a simple value, which becomes the value of its field. */
export function simple<T extends FieldValue>(
  cursor: Cursor,
  id: X509FieldId,
  tag: number | undefined,
  decode: (content: Uint8Array, fail: (expected: string, found: string) => never, tag: number) => T,
): T {
  const value = element(cursor, id, tag, (content, found) => {
    const start = content.offset;
    const bytes = content.rest('x509.der.value');
    return decode(bytes, (expected, seen) => content.fail('bad_value', id, expected, seen, start), found);
  });
  setValue(cursor, value);
  return value;
}

/** Gives the field that was recorded last a value: what its content turned out to mean. */
export function setValue(cursor: Cursor, value: FieldValue): void {
  const last = cursor.fields.at(-1);
  if (last) cursor.fields[cursor.fields.length - 1] = { ...last, value };
}

/** An element that is not parsed further; its content is its value. */
export function opaque(cursor: Cursor, id: X509FieldId): Uint8Array {
  return simple(cursor, id, undefined, (content) => content);
}

/** Elements until the end of what holds them. */
export function every<T>(cursor: Cursor, read: (cursor: Cursor) => T): T[] {
  const all: T[] = [];
  while (cursor.remaining > 0) all.push(read(cursor));
  return all;
}

export function sequence<T>(cursor: Cursor, id: X509FieldId, read: (content: Cursor) => T): T {
  return element(cursor, id, tags.sequence, read);
}

/** A SEQUENCE OF, unless another tag stands for it. */
export function listOf<T>(
  cursor: Cursor,
  id: X509FieldId,
  read: (item: Cursor) => T,
  tag: number = tags.sequence,
): T[] {
  return element(cursor, id, tag, (content) => every(content, read));
}

export function objectIdentifier(cursor: Cursor, id: X509FieldId, tag: number = tags.oid): string {
  return simple(
    cursor,
    id,
    tag,
    (content, fail) => decodeOid(content) ?? fail('an object identifier', 'no such'),
  );
}

export function boolean(cursor: Cursor, id: X509FieldId, tag: number = tags.boolean): boolean {
  return (
    simple(cursor, id, tag, (content, fail) => {
      // DER: TRUE is ff and nothing else (X.690 section 11.1).
      if (content.length !== 1 || (content[0] !== 0 && content[0] !== 0xff))
        fail('00 or ff', `${content.length} bytes`);
      return content[0] === 0 ? 0 : 1;
    }) === 1
  );
}

/** The content of an INTEGER, two's complement, big-endian: serial numbers are longer than any number type. */
export function integerBytes(cursor: Cursor, id: X509FieldId, tag: number = tags.integer): Uint8Array {
  return simple(cursor, id, tag, (content, fail) =>
    content.length > 0 ? content : fail('at least one byte', 'none'),
  );
}

/** A small non-negative INTEGER or ENUMERATED. */
export function smallInteger(cursor: Cursor, id: X509FieldId, tag: number = tags.integer): number {
  return simple(cursor, id, tag, (content, fail) => {
    if (content.length === 0 || content.length > 5 || (content[0] ?? 0) >= 0x80)
      return fail('a small number', `${content.length} bytes`);
    return content.reduce((value, byte) => value * 256 + byte, 0);
  });
}

/** The bytes of a BIT STRING that holds whole bytes: keys and signatures. */
export function bitStringBytes(cursor: Cursor, id: X509FieldId): Uint8Array {
  return element(cursor, id, tags.bitString, (content) => {
    const unused = content.uint8('x509.der.unused_bits');
    if (unused !== 0) content.fail('bad_value', id, 'no unused bits', String(unused), content.offset - 1);
    return content.rest('x509.der.value');
  });
}

/** The set positions of a BIT STRING of named bits. */
export function namedBits(cursor: Cursor, id: X509FieldId, tag: number = tags.bitString): number[] {
  return element(cursor, id, tag, (content) => {
    const unused = content.uint8('x509.der.unused_bits');
    const bytes = content.rest('x509.der.value');
    if (unused > 7 || (bytes.length === 0 && unused > 0))
      content.fail('bad_value', id, 'at most 7 unused bits', String(unused));
    const positions: number[] = [];
    for (let at = 0; at < bytes.length * 8 - unused; at++) {
      if (((bytes[at >> 3] ?? 0) & (0x80 >> (at & 7))) !== 0) positions.push(at);
    }
    return positions;
  });
}

/**
 * Milliseconds since the epoch, from UTCTime or GeneralizedTime in the forms of RFC 5280 section 4.1.2.5.
 * @param implicit the tag that stands there instead of GeneralizedTime's.
 */
export function time(cursor: Cursor, id: X509FieldId, implicit?: number): number {
  const text = simple(cursor, id, implicit, (content, fail, tag) => {
    const written = latin1Text(content);
    const isGeneralized = tag === (implicit ?? tags.generalizedTime);
    const decoded =
      tag === tags.utcTime ? decodeTime(written, 2) : isGeneralized ? decodeTime(written, 4) : undefined;
    return new Date(
      decoded ?? fail('YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ', JSON.stringify(written.slice(0, 24))),
    ).toISOString();
  });
  return Date.parse(text);
}

function decodeTime(text: string, yearDigits: 2 | 4): number | undefined {
  if (text.length !== yearDigits + 11 || !/^\d+Z$/.test(text)) return undefined;
  const short = Number(text.slice(0, yearDigits));
  const year = yearDigits === 4 ? short : short < 50 ? 2000 + short : 1900 + short;
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((at) =>
    Number(text.slice(yearDigits + at, yearDigits + at + 2)),
  ) as [number, number, number, number, number];
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  const same =
    date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day &&
    date.getUTCHours() === hour &&
    date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return same ? date.getTime() : undefined;
}

/** Dotted form of an object identifier's content; undefined when it is not well-formed. */
export function decodeOid(content: Uint8Array): string | undefined {
  if (content.length === 0 || content.length > 64 || (content.at(-1) ?? 0x80) >= 0x80) return undefined;
  const arcs: bigint[] = [];
  let arc = 0n;
  let starts = true;
  for (const byte of content) {
    if (starts && byte === 0x80) return undefined;
    arc = (arc << 7n) | BigInt(byte & 0x7f);
    starts = byte < 0x80;
    if (!starts) continue;
    arcs.push(arc);
    arc = 0n;
  }
  const [first = 0n, ...others] = arcs;
  const top = first < 40n ? 0n : first < 80n ? 1n : 2n;
  return [top, first - 40n * top, ...others].join('.');
}

function peekHeader(
  cursor: Cursor,
  id: X509FieldId,
  expected: number | undefined,
): { headerLength: number; contentLength: number } {
  const tag = cursor.peek() ?? missing(cursor, id, 1);
  if (expected !== undefined && tag !== expected)
    cursor.fail('bad_value', id, `tag ${toCode(expected, 2)}`, toCode(tag, 2));
  if ((tag & 0x1f) === 0x1f) cursor.fail('bad_value', id, 'a tag of one byte', toCode(tag, 2));
  const first = cursor.peek(1) ?? missing(cursor, id, 2);
  if (first < 0x80) return { headerLength: 2, contentLength: first };
  const count = first & 0x7f;
  if (count === 0 || count > 4)
    cursor.fail('bad_value', id, 'a definite length of at most four bytes', toCode(first, 2));
  let contentLength = 0;
  for (let at = 0; at < count; at++)
    contentLength = contentLength * 256 + (cursor.peek(2 + at) ?? missing(cursor, id, 2 + count));
  if (contentLength < 0x80 || (count > 1 && contentLength < 256 ** (count - 1)))
    cursor.fail('bad_value', id, 'the shortest form of the length', `${count} bytes`);
  return { headerLength: 2 + count, contentLength };
}

/** The header is cut off: the Cursor knows whether that is an end or a wait. */
function missing(cursor: Cursor, id: X509FieldId, length: number): never {
  cursor.bytes(id, length);
  throw new RangeError('a missing byte was there after all');
}
