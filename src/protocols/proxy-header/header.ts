/**
 * Parses and writes the header with which a proxy tells the next server whose connection it forwards: HAProxy's PROXY
 * protocol, version 1 (a line) and version 2 (binary). Both precede everything else on a connection.
 *
 * 1. The extensions of version 2 (TLV) are skipped by the reader and shown in the dissection.
 * 2. Addresses are compared with nothing: whoever can connect can claim any. A listener reads headers only if it is told to.
 */
import type { Address } from '../../capture/event.ts';
import { latin1Text } from '../../core/bytes.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field } from '../../core/field.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { signature } from './start.ts';

const word = Buffer.from('PROXY ', 'latin1');
/** With CR LF (specification section 2.1). */
const longestLine = 107;
/** Of version 2: the signature, version and command, family, and length. */
const fixedLength = 16;
/** The most that a header of version 2 may have behind its fixed part: addresses of 216 bytes, and extensions. */
const mostBehind = 4_096;

export interface ProxyHeader {
  readonly version: 1 | 2;
  /** In bytes: what is forwarded begins behind it. */
  readonly length: number;
  /**
   * The client and the address it connected to. Absent where the sender names none: its own health check (LOCAL), an unknown
   * protocol, a socket without addresses.
   */
  readonly addresses?: { readonly source: Address; readonly destination: Address };
}

export type ReadProxyHeader =
  | { readonly kind: 'needs_more' }
  /** The bytes begin with something else. */
  | { readonly kind: 'none' }
  | { readonly kind: 'malformed'; readonly why: string }
  | { readonly kind: 'header'; readonly header: ProxyHeader };

const begins = (bytes: Uint8Array, wanted: Uint8Array): boolean =>
  wanted.every((byte, index) => bytes[index] === undefined || bytes[index] === byte);

/** Reads the start of a connection. */
export function readProxyHeader(bytes: Uint8Array): ReadProxyHeader {
  if (bytes.length === 0) return { kind: 'needs_more' };
  if (begins(bytes, word)) return bytes.length < word.length ? { kind: 'needs_more' } : readLine(bytes);
  if (begins(bytes, signature))
    return bytes.length < fixedLength ? { kind: 'needs_more' } : readBinary(bytes);
  return { kind: 'none' };
}

const malformed = (why: string): ReadProxyHeader => ({ kind: 'malformed', why });

function readLine(bytes: Uint8Array): ReadProxyHeader {
  const text = latin1Text(bytes.subarray(0, longestLine));
  const end = text.indexOf('\r\n');
  if (end < 0)
    return bytes.length >= longestLine ? malformed('a line without an end') : { kind: 'needs_more' };
  const length = end + 2;
  const [, family, ...rest] = text.slice(0, end).split(' ');
  // Whatever follows it is not read (section 2.1).
  if (family === 'UNKNOWN') return { kind: 'header', header: { version: 1, length } };
  if (family !== 'TCP4' && family !== 'TCP6') return malformed('TCP4, TCP6 or UNKNOWN expected');
  const [source = '', destination = '', from = '', to = ''] = rest;
  const wanted = family === 'TCP4' ? 4 : 6;
  if (rest.length !== 4 || ipVersion(source) !== wanted || ipVersion(destination) !== wanted)
    return malformed(`two addresses of ${family} and two ports expected`);
  if (![from, to].every((port) => /^(?:0|[1-9]\d{0,4})$/.test(port) && Number(port) <= 65_535))
    return malformed('invalid port');
  const addresses = {
    source: { host: source, port: Number(from) },
    destination: { host: destination, port: Number(to) },
  };
  return { kind: 'header', header: { version: 1, length, addresses } };
}

function readBinary(bytes: Uint8Array): ReadProxyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const versionAndCommand = view.getUint8(12);
  const family = view.getUint8(13) >> 4;
  const behind = view.getUint16(14);
  if (versionAndCommand >> 4 !== 2) return malformed(`version ${versionAndCommand >> 4}`);
  const command = versionAndCommand & 15;
  if (command > 1) return malformed(`command ${command}`);
  if (behind > mostBehind) return malformed('too long');
  const length = fixedLength + behind;
  if (bytes.length < length) return { kind: 'needs_more' };
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (command === 0 || size === 0) return { kind: 'header', header: { version: 2, length } };
  if (behind < 2 * size + 4) return malformed('too short for its addresses');
  const host = (at: number): string => hostOf(bytes.subarray(fixedLength + at, fixedLength + at + size));
  const addresses = {
    source: { host: host(0), port: view.getUint16(fixedLength + 2 * size) },
    destination: { host: host(size), port: view.getUint16(fixedLength + 2 * size + 2) },
  };
  return { kind: 'header', header: { version: 2, length, addresses } };
}

/** An address in its usual form. */
function hostOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((bytes[2 * index]! << 8) | bytes[2 * index + 1]!).toString(16),
  );
  // The URL parser writes the longest run of zeros as `::` (RFC 5952).
  return new URL(`http://[${groups.join(':')}]/`).hostname.slice(1, -1);
}

/** Writes a header. Addresses of two families are both written as IPv6; what is no address makes it one without addresses. */
export function writeProxyHeader(version: 1 | 2, source: Address, destination: Address): Buffer {
  const versions = [ipVersion(source.host), ipVersion(destination.host)];
  const isKnown = versions.every((one) => one !== 0);
  const isFour = versions.every((one) => one === 4);
  if (version === 1) {
    const written = ({ host }: Address): string =>
      isFour || ipVersion(host) === 6 ? host : `::ffff:${host}`;
    const line = isKnown
      ? `TCP${isFour ? 4 : 6} ${written(source)} ${written(destination)} ${source.port} ${destination.port}`
      : 'UNKNOWN';
    return Buffer.from(`PROXY ${line}\r\n`, 'latin1');
  }
  const addresses = isKnown
    ? [
        bytesOf(source.host, isFour),
        bytesOf(destination.host, isFour),
        Buffer.of(source.port >> 8, source.port & 0xff, destination.port >> 8, destination.port & 0xff),
      ]
    : [];
  const behind = Buffer.concat(addresses);
  return Buffer.concat([
    signature,
    Buffer.of(0x21, isKnown ? (isFour ? 0x11 : 0x21) : 0x00, behind.length >> 8, behind.length & 0xff),
    behind,
  ]);
}

function bytesOf(host: string, isFour: boolean): Buffer {
  const four = ipVersion(host) === 4 ? Buffer.from(host.split('.').map(Number)) : undefined;
  if (four) return isFour ? four : Buffer.concat([Buffer.alloc(10), Buffer.of(0xff, 0xff), four]);
  const plain = new URL(`http://[${host.split('%')[0]}]/`).hostname.slice(1, -1);
  const [head = '', tail] = plain.split('::');
  const groups = (text: string | undefined): string[] => (text ? text.split(':') : []);
  const [before, after] = [groups(head), groups(tail)];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  const all = [...before, ...zeros, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
  return Buffer.from(all);
}

/** The field tree of a header, in the coordinates of its direction. */
export function fieldOfProxyHeader(bytes: Uint8Array, offset: number): Field | undefined {
  const read = (cursor: Cursor): void =>
    cursor.block('proxy_header', bytes.length, (header) => {
      if (bytes[0] === word[0]) readLineFields(header, bytes);
      else readBinaryFields(header);
    });
  const step = readStep('proxy_header.message', bytes, read, { base: offset, open: false });
  return 'got' in step ? step.field.children[0] : undefined;
}

function readLineFields(header: Cursor, bytes: Uint8Array): void {
  const words = latin1Text(bytes).replace(/\r\n$/, '').split(' ');
  const ids = ['signature', 'family', 'source', 'destination', 'source_port', 'destination_port'] as const;
  let left = bytes.length;
  for (const [index, id] of ids.entries()) {
    const text = words[index];
    if (text === undefined) break;
    header.text(`proxy_header.${id}`, text.length);
    left -= text.length;
    if (index < words.length - 1 && index < ids.length - 1) {
      header.bytes('proxy_header.separator', 1);
      left -= 1;
    }
  }
  if (left > 0) header.bytes('proxy_header.separator', left);
}

function readBinaryFields(header: Cursor): void {
  header.bytes('proxy_header.signature', signature.length);
  header.uint8('proxy_header.command');
  const family = header.uint8('proxy_header.family') >> 4;
  let left = header.uint16('proxy_header.length');
  const size = family === 1 ? 4 : family === 2 ? 16 : 0;
  if (size > 0 && left >= 2 * size + 4) {
    header.bytes('proxy_header.source', size);
    header.bytes('proxy_header.destination', size);
    header.uint16('proxy_header.source_port');
    header.uint16('proxy_header.destination_port');
    left -= 2 * size + 4;
  }
  if (left > 0) header.bytes('proxy_header.extensions', left);
}
