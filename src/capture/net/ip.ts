/**
 * Extracts the TCP segment from an IP packet: IPv4 and IPv6, extension headers, fragments. `reassembly.ts` places its
 * bytes in a stream.
 *
 * 1. Checksums are not verified: with checksum offloading they are wrong in every capture of the sending host.
 * 2. Bytes that the capture truncated are counted (`missing`), so that the stream shows a gap.
 * 3. A packet with another packet inside (`tunnels.ts`) is replaced by that one.
 * 4. Fragments wait in a bounded table; of overlapping fragments, the first one counts.
 */

import { carriedBy } from './tunnels.ts';

export interface IpPacket {
  readonly version: 4 | 6;
  readonly source: string;
  readonly destination: string;
  /** Of the payload: 6 is TCP. */
  readonly protocol: number;
  readonly payload: Uint8Array;
  /** Bytes that the header announces behind the payload and the capture does not have. */
  readonly missing: number;
  /** Time to live (RFC 791), or hop limit (RFC 8200). */
  readonly ttl: number;
  /** For a part of a packet. */
  readonly fragment?: { readonly id: number; readonly offset: number; readonly more: boolean };
}

export interface TcpSegment {
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Number of the first byte, or of the SYN; modulo 2^32. */
  readonly sequence: number;
  /** Undefined without the flag ACK. */
  readonly acknowledged: number | undefined;
  readonly syn: boolean;
  readonly fin: boolean;
  readonly rst: boolean;
  /** What its sender can take, as the header has it: 0 says that it takes nothing. */
  readonly window: number;
  /** What its sender has received behind what it acknowledges (RFC 2018 section 3): numbers of the first byte and of the one behind the last. */
  readonly selective?: readonly (readonly [start: number, end: number])[];
  /** A view into the packet. */
  readonly payload: Uint8Array;
  /** Bytes of the payload's end that the capture does not have. */
  readonly missing: number;
}

/**
 * Reads the header of either version, of the innermost packet where one carries another; undefined when it is neither, or
 * ends inside its headers.
 * @param cut bytes of the frame that the capture does not have: a header that announces more is wrong, not cut
 */
export function readIp(bytes: Uint8Array, cut = Infinity): IpPacket | undefined {
  const packet = readHeader(bytes);
  const inner = packet && innermost(packet);
  return inner && inner.missing > cut ? { ...inner, missing: cut } : inner;
}

/** A deeper nesting of tunnels than in practice. */
const deepest = 8;

/** What the tunnels in a packet carry; the packet itself where it is none, or carries no IP. */
function innermost(packet: IpPacket): IpPacket {
  let inner = packet;
  for (let depth = 0; depth < deepest; depth++) {
    const carried = inner.fragment ? undefined : carriedBy(inner.protocol, inner.payload);
    const next = carried && readHeader(carried);
    if (!next) break;
    inner = next;
  }
  return inner;
}

function readHeader(bytes: Uint8Array): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >> 4;
  if (version === 4) return readIpv4(bytes);
  return version === 6 ? readIpv6(bytes) : undefined;
}

/** RFC 791 section 3.1. */
function readIpv4(bytes: Uint8Array): IpPacket | undefined {
  const headerLength = ((bytes[0] ?? 0) & 0x0f) * 4;
  if (headerLength < 20 || bytes.length < headerLength) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Zero in a host's capture of its own packet before segmentation offloading.
  const totalLength = view.getUint16(2) || bytes.length;
  if (totalLength < headerLength) return undefined;
  const fragmentation = view.getUint16(6);
  const more = (fragmentation & 0x2000) !== 0;
  const offset = (fragmentation & 0x1fff) * 8;
  let protocol = view.getUint8(9);
  let start = headerLength;
  // The authentication header encrypts nothing (RFC 4302); behind the first fragment it is not there.
  const captured = Math.min(bytes.length, totalLength);
  if (protocol === authentication && offset === 0 && start + 8 <= captured) {
    protocol = view.getUint8(start);
    start += (view.getUint8(start + 1) + 2) * 4;
  }
  return {
    version: 4,
    source: ipv4Text(bytes, 12),
    destination: ipv4Text(bytes, 16),
    protocol,
    payload: bytes.subarray(start, totalLength),
    missing: Math.max(0, totalLength - bytes.length),
    ttl: view.getUint8(8),
    ...(more || offset > 0 ? { fragment: { id: view.getUint16(4), offset, more } } : {}),
  };
}

const hopByHop = 0;
const routing = 43;
const fragmentHeader = 44;
const authentication = 51;
const destinationOptions = 60;
/** RFC 6275, RFC 7401, RFC 5533: shaped as the others are. */
const mobility = 135;
const hostIdentity = 139;
const shim6 = 140;
const extensions: ReadonlySet<number> = new Set([
  hopByHop,
  routing,
  fragmentHeader,
  authentication,
  destinationOptions,
  mobility,
  hostIdentity,
  shim6,
]);

/** RFC 8200 sections 3 and 4; the authentication header of RFC 4302 is skipped too. */
function readIpv6(bytes: Uint8Array): IpPacket | undefined {
  if (bytes.length < 40) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Zero: a jumbogram (RFC 2675), or a packet that the network card is still to cut up.
  const end = 40 + (view.getUint16(4) || bytes.length - 40);
  const captured = Math.min(end, bytes.length);
  let protocol = view.getUint8(6);
  let at = 40;
  let fragment: IpPacket['fragment'];
  while (!fragment && extensions.has(protocol)) {
    if (at + 8 > captured) return undefined;
    const length =
      protocol === fragmentHeader
        ? 8
        : protocol === authentication
          ? (view.getUint8(at + 1) + 2) * 4
          : (view.getUint8(at + 1) + 1) * 8;
    if (protocol === fragmentHeader) {
      const offset = view.getUint16(at + 2) & 0xfff8;
      const more = (view.getUint8(at + 3) & 1) !== 0;
      // A fragment that is the whole packet (RFC 6946) is no fragment. Behind any other, only the whole can be read on.
      if (more || offset > 0) fragment = { id: view.getUint32(at + 4), offset, more };
    }
    protocol = view.getUint8(at);
    at += length;
    if (at > captured) return undefined;
  }
  return {
    version: 6,
    source: ipv6Text(bytes, 8),
    destination: ipv6Text(bytes, 24),
    protocol,
    payload: bytes.subarray(at, captured),
    missing: end - captured,
    ttl: view.getUint8(7),
    ...(fragment ? { fragment } : {}),
  };
}

function ipv4Text(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** RFC 5952 section 4: lower case, no leading zeros, the longest run of two or more zero groups as `::`, the first of equals. */
function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups = Array.from(
    { length: 8 },
    (_, index) => ((bytes[at + 2 * index] ?? 0) << 8) | (bytes[at + 2 * index + 1] ?? 0),
  );
  // Section 5: an IPv4 address in the clothes of IPv6 shows as one.
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return `::ffff:${ipv4Text(bytes, at + 12)}`;
  let best = { start: 8, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const text = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  return best.length < 2 ? text(0, 8) : `${text(0, best.start)}::${text(best.start + best.length, 8)}`;
}

/** RFC 9293 section 3.1; of the options only selective acknowledgements are read. Undefined when the bytes end inside the header. */
export function readTcp(bytes: Uint8Array, missing = 0): TcpSegment | undefined {
  if (bytes.length < 20) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const headerLength = (view.getUint8(12) >> 4) * 4;
  if (headerLength < 20 || headerLength > bytes.length + missing) return undefined;
  const flags = view.getUint8(13);
  // Time stamps alone take twelve bytes.
  const selective = headerLength > 32 ? selectiveIn(bytes.subarray(20, headerLength)) : undefined;
  return {
    ...(selective ? { selective } : {}),
    sourcePort: view.getUint16(0),
    destinationPort: view.getUint16(2),
    sequence: view.getUint32(4),
    acknowledged: flags & 0x10 ? view.getUint32(8) : undefined,
    fin: (flags & 0x01) !== 0,
    syn: (flags & 0x02) !== 0,
    rst: (flags & 0x04) !== 0,
    window: view.getUint16(14),
    payload: bytes.subarray(headerLength),
    missing: Math.min(missing, bytes.length + missing - headerLength),
  };
}

const selectiveAcknowledgement = 5;

/** RFC 2018 section 3. */
function selectiveIn(options: Uint8Array): TcpSegment['selective'] {
  const view = new DataView(options.buffer, options.byteOffset, options.length);
  for (let at = 0; at < options.length; ) {
    const kind = options[at] ?? 0;
    // End of the list, and the one option that has no length.
    if (kind === 0) return undefined;
    const length = kind === 1 ? 1 : (options[at + 1] ?? 0);
    if (length === 0 || at + length > options.length || (kind !== 1 && length < 2)) return undefined;
    if (kind === selectiveAcknowledgement) {
      const blocks: [number, number][] = [];
      for (let block = at + 2; block + 8 <= at + length; block += 8)
        blocks.push([view.getUint32(block), view.getUint32(block + 4)]);
      return blocks.length > 0 ? blocks : undefined;
    }
    at += length;
  }
  return undefined;
}

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

interface Datagram {
  readonly since: number;
  /** By offset, none overlapping another. */
  readonly pieces: Piece[];
  /** Bytes in these. */
  held: number;
  /** Known once the last fragment has come. */
  length: number | undefined;
  /** Of the first fragment: only there the header behind the fragment header stands. */
  protocol: number | undefined;
}

/** Fragments that wait at most, whatever they belong to. */
const maxFragments = 4096;
/** RFC 8200 section 4.5; long enough for IPv4 too. */
const patienceMicroseconds = 60_000_000;
const maxDatagram = 65_535;

/** Puts packets together again (RFC 791 section 3.2, RFC 8200 section 4.5). */
export class FragmentTable {
  readonly #datagrams = new Map<string, Datagram>();
  #waiting = 0;
  #abandoned = 0;

  /** Fragments whose packet never became whole, those that still wait included. */
  get incomplete(): number {
    return this.#waiting + this.#abandoned;
  }

  /**
   * Takes a fragment.
   * @param at microseconds, as the capture counts them
   * @returns the whole packet once nothing of it is missing
   */
  add(packet: IpPacket, at: number): IpPacket | undefined {
    const { fragment, payload } = packet;
    if (!fragment) return packet;
    const end = fragment.offset + payload.length;
    // Of a fragment that the capture cut, or that reaches beyond the largest packet, no whole can come.
    if (
      packet.missing > 0 ||
      end > maxDatagram ||
      (fragment.more && (payload.length === 0 || payload.length % 8 !== 0))
    ) {
      this.#abandoned++;
      return undefined;
    }
    const key = `${packet.source} ${packet.destination} ${packet.version === 4 ? packet.protocol : ''} ${fragment.id}`;
    let datagram = this.#datagrams.get(key);
    if (datagram && at - datagram.since > patienceMicroseconds) {
      this.#forget(key, datagram);
      datagram = undefined;
    }
    if (!datagram) {
      datagram = { since: at, pieces: [], held: 0, length: undefined, protocol: undefined };
      this.#datagrams.set(key, datagram);
    }
    if (!fragment.more) datagram.length ??= end;
    if (fragment.offset === 0) datagram.protocol ??= packet.protocol;
    const before = datagram.pieces.length;
    datagram.held += insertPiece(datagram.pieces, { offset: fragment.offset, bytes: payload });
    this.#waiting += datagram.pieces.length - before;
    const whole = wholeOf(datagram);
    if (whole) {
      this.#waiting -= datagram.pieces.length;
      this.#datagrams.delete(key);
      const { version, source, destination, ttl } = packet;
      const inner = innermost({
        version,
        source,
        destination,
        protocol: datagram.protocol ?? packet.protocol,
        payload: whole,
        missing: 0,
        ttl,
      });
      return inner.fragment ? this.add(inner, at) : inner;
    }
    this.#bound();
    return undefined;
  }

  #bound(): void {
    for (const [key, datagram] of this.#datagrams) {
      if (this.#waiting <= maxFragments) return;
      this.#forget(key, datagram);
    }
  }

  #forget(key: string, { pieces }: Datagram): void {
    this.#waiting -= pieces.length;
    this.#abandoned += pieces.length;
    this.#datagrams.delete(key);
  }
}

/** Inserts the new parts of a fragment in order; returns their number of bytes. */
function insertPiece(pieces: Piece[], { offset, bytes }: Piece): number {
  let added = 0;
  let start = offset;
  const end = offset + bytes.length;
  let index = 0;
  while (start < end) {
    const next = pieces[index];
    const free = Math.min(end, next?.offset ?? end);
    if (free > start) {
      pieces.splice(index, 0, { offset: start, bytes: bytes.subarray(start - offset, free - offset) });
      added += free - start;
      index++;
    }
    if (!next) break;
    start = Math.max(start, next.offset + next.bytes.length);
    index++;
  }
  return added;
}

function wholeOf({ pieces, held, length }: Datagram): Uint8Array | undefined {
  if (length === undefined || held < length) return undefined;
  let reached = 0;
  for (const { offset, bytes } of pieces) {
    if (offset > reached) return undefined;
    reached = offset + bytes.length;
  }
  if (reached < length) return undefined;
  const whole = new Uint8Array(reached);
  for (const { offset, bytes } of pieces) whole.set(bytes, offset);
  return whole.subarray(0, length);
}
