/**
 * Writes DNS messages (RFC 1035 section 4): the queries of the demo client and the answers of its resolver. Names are
 * written in full, without compression pointers. The parser is `protocols/dns/message.ts`.
 */
import { isIPv4 } from 'node:net';
import { types } from '../../protocols/dns/codes.ts';
import type { DnsQuestion } from '../../protocols/dns/message.ts';
import { Writer } from '../../core/writer.ts';

/** The data of a record, by type. */
export type RecordData =
  /** The address family decides between A and AAAA. */
  | { readonly address: string }
  | { readonly alias: string }
  | { readonly text: string }
  | { readonly host: string; readonly port: number };

export interface RecordToWrite {
  readonly name: string;
  readonly data: RecordData;
  /** In seconds. */
  readonly ttl: number;
}

export interface MessageToWrite {
  readonly id: number;
  /** The second pair of bytes, without the result. */
  readonly flags: number;
  /** With the upper bits that need EDNS. */
  readonly rcode?: number;
  readonly question?: DnsQuestion;
  readonly answers?: readonly RecordToWrite[];
  readonly additionals?: readonly RecordToWrite[];
  /** Supports EDNS: the maximum datagram that this side accepts. */
  readonly payloadSize?: number;
}

export const flags = {
  response: 0x8000,
  authoritative: 0x0400,
  truncated: 0x0200,
  recursionDesired: 0x0100,
  recursionAvailable: 0x0080,
} as const;

const internet = 1;

/**
 * The message without the length prefix of TCP.
 * @throws RangeError for a name with a label of more than 63 bytes, or data that does not fit into a record.
 */
export function writeDns({
  id,
  flags: bits,
  rcode = 0,
  question,
  answers = [],
  additionals = [],
  payloadSize,
}: MessageToWrite): Uint8Array {
  const writer = new Writer()
    .uint16(id)
    .uint16(bits | (rcode & 0xf))
    .uint16(question ? 1 : 0)
    .uint16(answers.length)
    .uint16(0)
    .uint16(additionals.length + (payloadSize === undefined ? 0 : 1));
  if (question) {
    writeName(writer, question.name);
    writer.uint16(question.type).uint16(question.class);
  }
  for (const record of [...answers, ...additionals]) writeRecord(writer, record);
  // OPT (RFC 6891 section 6.1.2): the root's name, its type, the size, the result's upper bits, version 0, no flags, no options.
  if (payloadSize !== undefined)
    writer
      .uint8(0)
      .uint16(types.OPT)
      .uint16(payloadSize)
      .uint8(rcode >> 4)
      .uint8(0)
      .uint16(0)
      .uint16(0);
  return writer.finish();
}

/** With the length prefix of a stream (RFC 1035 section 4.2.2). */
export function withLength(message: Uint8Array): Uint8Array {
  return new Writer().uint16(message.length).bytes(message).finish();
}

/** The record type of this data. */
export function typeOfData(data: RecordData): number {
  if ('address' in data) return isIPv4(data.address) ? types.A : types.AAAA;
  if ('alias' in data) return types.CNAME;
  return 'text' in data ? types.TXT : types.SRV;
}

function writeRecord(writer: Writer, { name, data, ttl }: RecordToWrite): void {
  writeName(writer, name);
  writer.uint16(typeOfData(data)).uint16(internet).uint32(ttl);
  writer.vector(2, (inner) => {
    if ('address' in data)
      inner.bytes(
        isIPv4(data.address) ? Uint8Array.from(data.address.split('.'), Number) : ipv6Bytes(data.address),
      );
    else if ('alias' in data) writeName(inner, data.alias);
    else if ('text' in data) writeText(inner, data.text);
    else writeName(inner.uint16(0).uint16(0).uint16(data.port), data.host);
  });
}

/** In pieces of at most 255 bytes (RFC 1035 section 3.3.14). */
function writeText(inner: Writer, text: string): void {
  const bytes = Buffer.from(text, 'utf8');
  let at = 0;
  do {
    const piece = bytes.subarray(at, at + 255);
    inner.vector(1, (string) => string.bytes(piece));
    at += 255;
  } while (at < bytes.length);
}

/** A name as `readDns` writes it, `\\.` and `\\DDD` included. */
function writeName(writer: Writer, name: string): void {
  for (const label of labelsOf(name)) {
    if (label.length > 63) throw new RangeError(`a label of ${label.length} bytes`);
    writer.uint8(label.length).bytes(label);
  }
  writer.uint8(0);
}

function labelsOf(name: string): Uint8Array[] {
  const labels: number[][] = [[]];
  for (const [token] of name.matchAll(/\\\d{3}|\\.|[^]/g)) {
    if (token === '.') labels.push([]);
    else
      labels
        .at(-1)
        ?.push(
          /^\\\d/.test(token) ? Number(token.slice(1)) & 0xff : token.charCodeAt(token.length - 1) & 0xff,
        );
  }
  return labels.filter(({ length }) => length > 0).map((label) => Uint8Array.from(label));
}

function ipv6Bytes(address: string): Uint8Array {
  const [before = '', after] = address.split('::');
  const groups = (text: string): number[] =>
    text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const all =
    after === undefined
      ? head
      : [...head, ...Array.from({ length: Math.max(0, 8 - head.length - tail.length) }, () => 0), ...tail];
  return Uint8Array.from(all.flatMap((group) => [(group >> 8) & 0xff, group & 0xff]));
}
