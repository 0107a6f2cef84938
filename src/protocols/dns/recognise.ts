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
  if (!opcodes.has(opcode) || (flags & 0x40) !== 0 || questions > 1) return false;
  const records = answers + authorities + additionals;
  if (headerLength + questions * shortestQuestion + records * shortestRecord > bytes.length) return false;
  if (questions === 0) return isResponse && (records > 0 || bytes.length === headerLength);
  if (!isResponse && opcode === 0 && answers + authorities > 0) return false;
  const end = endOfName(bytes, headerLength);
  return end !== undefined && end + 4 <= bytes.length && classes.has(view.getUint16(end + 2) & 0x7fff);
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
