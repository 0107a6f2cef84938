/**
 * Recognizes DNS (RFC 1035 section 4) by the header and the form of the first question, never by port. Cheap, since it
 * runs on every stream; `message.ts` parses messages.
 */
import type { Side } from '../../capture/event.ts';

/** Of the header; before it stands a length of two bytes where a stream carries the message (RFC 1035 section 4.2.2). */
export const headerLength = 12;
const prefixLength = 2;

/** The shortest name, a type and a class. */
const shortestQuestion = 5;
/** The shortest name, a type, a class, a time to live and a length. */
const shortestRecord = 11;
/** Questions over TCP are hardly longer; so the first byte is zero, and one byte suffices to exclude other streams. */
const longestQuery = 255;

/** QUERY, NOTIFY, UPDATE: the opcodes in use today. */
const opcodes: ReadonlySet<number> = new Set([0, 4, 5]);
/** IN, CH, HS, NONE, ANY; the highest bit is multicast DNS's own (RFC 6762 section 5.4). */
const classes: ReadonlySet<number> = new Set([1, 3, 4, 254, 255]);

/** RFC 6891: its class is a size. */
const optType = 41;

/** Whether a whole datagram is a message of DNS. */
export function looksLikeDns(bytes: Uint8Array): boolean {
  if (bytes.length < headerLength) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint16(2);
  const isResponse = (flags & 0x8000) !== 0;
  const opcode = (flags >> 11) & 0xf;
  const [questions, answers, authorities, additionals] = [4, 6, 8, 10].map((at) => view.getUint16(at)) as [
    number,
    number,
    number,
    number,
  ];
  // Bit 6 is reserved and zero (RFC 1035 section 4.1.1, RFC 6895 section 2).
  if (!opcodes.has(opcode) || (flags & 0x40) !== 0 || isNetBiosName(bytes)) return false;
  const records = answers + authorities + additionals;
  if (headerLength + questions * shortestQuestion + records * shortestRecord > bytes.length) return false;
  if (questions === 0) return isResponse && (records > 0 || bytes.length === headerLength);
  // Multicast DNS asks several questions at once, and sends along what it knows (RFC 6762 section 7.1).
  const isMulticast = questions > 1 || (!isResponse && opcode === 0 && answers + authorities > 0);
  if (isMulticast) return opcode === 0 && isWhole(bytes, view, questions, records);
  const end = endOfName(bytes, headerLength);
  return end !== undefined && end + 4 <= bytes.length && classes.has(view.getUint16(end + 2) & 0x7fff);
}

/** A name of NetBIOS: a label of 32 letters from A to P. What asks for it has the form of DNS and is none (RFC 1002). */
function isNetBiosName(bytes: Uint8Array): boolean {
  const letters = bytes.subarray(headerLength + 1, headerLength + 33);
  return (
    bytes[headerLength] === 32 &&
    letters.length === 32 &&
    letters.every((byte) => byte >= 0x41 && byte <= 0x50) &&
    [0x20, 0x21].includes(bytes[headerLength + 35] ?? 0)
  );
}

/** Questions and records follow each other up to the end. */
function isWhole(bytes: Uint8Array, view: DataView, questions: number, records: number): boolean {
  let at = headerLength;
  for (let index = 0; index < questions + records; index++) {
    const end = endOfName(bytes, at);
    const isRecord = index >= questions;
    if (end === undefined || end + (isRecord ? 10 : 4) > bytes.length) return false;
    const isOption = isRecord && view.getUint16(end) === optType;
    if (!isOption && !classes.has(view.getUint16(end + 2) & 0x7fff)) return false;
    at = isRecord ? end + 10 + view.getUint16(end + 8) : end + 4;
  }
  return at === bytes.length;
}

/**
 * Whether a stream with this start contains a question to a resolver over TCP; undefined while it is too short. A
 * response is recognized by its question: its own start is not specific enough.
 */
export function looksLikeDnsStream(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server') return false;
  const fits = (at: number, is: (byte: number) => boolean): boolean =>
    start[at] === undefined || is(start[at]);
  const isZero = (byte: number): boolean => byte === 0;
  const length = (start[0] ?? 0) * 256 + (start[1] ?? 0xff);
  const isQuery =
    length >= headerLength + shortestQuestion &&
    length <= longestQuery &&
    // Behind the id: a standard query; no answer yet, at most what EDNS and a signature add.
    fits(4, (byte) => (byte & 0xf8) === 0) &&
    fits(5, (byte) => (byte & 0xcf) === 0) &&
    fits(6, isZero) &&
    fits(7, (byte) => byte === 1) &&
    [8, 9, 10, 11, 12].every((at) => fits(at, isZero)) &&
    fits(13, (byte) => byte <= 2) &&
    fits(14, (byte) => byte <= 63);
  if (!isQuery) return false;
  return start.length < prefixLength + headerLength ? undefined : true;
}

/** Behind a name that stands there as plain labels or ends with a pointer; undefined where it is none. */
function endOfName(bytes: Uint8Array, from: number): number | undefined {
  for (let at = from; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    if (length > 63) return undefined;
    at += 1 + length;
  }
  return undefined;
}
