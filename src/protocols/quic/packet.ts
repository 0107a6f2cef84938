/**
 * Finds the packets of a datagram and the parts of their headers (RFC 9000 section 17); `protection.ts` opens them. It
 * is cheap and never throws: it runs on every datagram that may be QUIC.
 */
import { isReservedVersion, quicVersion } from './versions.ts';
import type { LongType, QuicVersion } from './versions.ts';

export type PacketType = LongType | 'version_negotiation' | 'one_rtt' | 'unknown_version';

export interface Packet {
  readonly type: PacketType;
  /** In the datagram. */
  readonly start: number;
  readonly end: number;
  /** Undefined for a short header. */
  readonly versionCode: number | undefined;
  readonly version: QuicVersion | undefined;
  readonly destination: Uint8Array;
  /** Empty for a short header, which has none. */
  readonly source: Uint8Array;
  /** Of an Initial or a Retry. */
  readonly token: Uint8Array;
  /** Where the protected packet number begins; the end where there is none. */
  readonly numberAt: number;
  /** Bytes that the length announces and the datagram does not have. */
  readonly missing: number;
}

/** RFC 9000 section 17.2; version 1 and 2 both have it. */
const longestConnectionId = 20;

/** Bytes of a client's first datagram (RFC 9000 section 14.1). */
const smallestFirst = 1200;

const nothing = new Uint8Array(0);

interface Varint {
  readonly value: number;
  readonly next: number;
}

/** RFC 9000 section 16; undefined where it does not end. */
function varintAt(bytes: Uint8Array, at: number): Varint | undefined {
  const first = bytes[at];
  if (first === undefined) return undefined;
  const next = at + (1 << (first >> 6));
  if (next > bytes.length) return undefined;
  let value = first & 0x3f;
  for (let index = at + 1; index < next; index++) value = value * 256 + (bytes[index] ?? 0);
  return { value, next };
}

const isLong = (first: number): boolean => (first & 0x80) !== 0;

/**
 * Whether a datagram begins with a packet that has a long header of a known version, or names the versions of a server
 * (RFC 8999).
 * @param agreed the version of a connection that is under way: whoever agreed on it may clear the fixed bit (RFC 9287)
 */
export function beginsQuic(bytes: Uint8Array, agreed?: QuicVersion): boolean {
  if (bytes.length < 7 || !isLong(bytes[0] ?? 0)) return false;
  const packet = packetAt(bytes, 0);
  if (!packet) return false;
  if (packet.type === 'version_negotiation') {
    const listed = bytes.length - packet.numberAt;
    // By chance four zeros stand behind a high bit often enough: one of the versions must be known.
    return listed >= 4 && listed % 4 === 0 && versionsIn(bytes, packet).some((code) => quicVersion(code));
  }
  if (packet.type === 'unknown_version') return asksForVersions(bytes, packet);
  return packet.version !== undefined && (((bytes[0] ?? 0) & 0x40) !== 0 || packet.version === agreed);
}

/** A version that no server has, so that it lists its own (RFC 9000 section 6.3): the client's first datagram otherwise. */
function asksForVersions(bytes: Uint8Array, { versionCode = 0, destination, source }: Packet): boolean {
  const isFirst = bytes.length >= smallestFirst && ((bytes[0] ?? 0) & 0x70) === 0x40;
  const areIds = destination.length >= 8 && destination.length <= longestConnectionId;
  return isFirst && areIds && source.length <= longestConnectionId && isReservedVersion(versionCode);
}

/** What a server offers in a Version Negotiation packet. */
export function versionsIn(bytes: Uint8Array, { numberAt, end }: Packet): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const codes: number[] = [];
  for (let at = numberAt; at + 4 <= end; at += 4) codes.push(view.getUint32(at));
  return codes;
}

/**
 * The packet at that place; undefined where nothing that can be a packet begins.
 * @param shortId the connection ID in a short header, which only its receiver knows
 */
export function packetAt(
  bytes: Uint8Array,
  start: number,
  shortId: Uint8Array = nothing,
): Packet | undefined {
  const first = bytes[start];
  if (first === undefined) return undefined;
  return isLong(first) ? longPacket(bytes, start, first) : shortPacket(bytes, start, first, shortId);
}

/** Whether a short header has that connection ID: it is a packet then, also without the fixed bit (RFC 9287). */
export function isFor(id: Uint8Array, bytes: Uint8Array, start = 0): boolean {
  return id.length > 0 && id.every((byte, at) => bytes[start + 1 + at] === byte);
}

function shortPacket(
  bytes: Uint8Array,
  start: number,
  first: number,
  shortId: Uint8Array,
): Packet | undefined {
  const numberAt = start + 1 + shortId.length;
  if (numberAt >= bytes.length) return undefined;
  if ((first & 0x40) === 0 && !isFor(shortId, bytes, start)) return undefined;
  return {
    type: 'one_rtt',
    start,
    end: bytes.length,
    versionCode: undefined,
    version: undefined,
    destination: bytes.subarray(start + 1, numberAt),
    source: nothing,
    token: nothing,
    numberAt,
    missing: 0,
  };
}

/** RFC 9000 sections 17.2.1 to 17.2.5. */
function longPacket(bytes: Uint8Array, start: number, first: number): Packet | undefined {
  if (start + 7 > bytes.length) return undefined;
  const versionCode = new DataView(bytes.buffer, bytes.byteOffset + start + 1, 4).getUint32(0);
  const version = quicVersion(versionCode);
  const destinationAt = start + 6;
  const destinationLength = bytes[start + 5] ?? 0;
  const sourceAt = destinationAt + destinationLength + 1;
  const sourceLength = bytes[sourceAt - 1];
  const behind = sourceAt + (sourceLength ?? 0);
  if (sourceLength === undefined || behind > bytes.length) return undefined;
  if (version && (destinationLength > longestConnectionId || sourceLength > longestConnectionId))
    return undefined;
  const common = {
    start,
    versionCode,
    version,
    destination: bytes.subarray(destinationAt, destinationAt + destinationLength),
    source: bytes.subarray(sourceAt, behind),
    missing: 0,
  };
  const whole = { ...common, token: nothing, numberAt: behind, end: bytes.length };
  if (versionCode === 0) return { ...whole, type: 'version_negotiation' };
  const type = version?.types[(first >> 4) & 3];
  if (!version || !type) return { ...whole, type: 'unknown_version' };
  if (type === 'retry') {
    const tagAt = bytes.length - retryTagLength;
    return tagAt < behind
      ? undefined
      : { ...whole, type, token: bytes.subarray(behind, tagAt), numberAt: tagAt };
  }
  const tokenLength = type === 'initial' ? varintAt(bytes, behind) : { value: 0, next: behind };
  if (!tokenLength) return undefined;
  const tokenEnd = tokenLength.next + tokenLength.value;
  const length = tokenEnd > bytes.length ? undefined : varintAt(bytes, tokenEnd);
  // A packet number of one byte, and the sample of its protection.
  if (!length || length.value < 20) return undefined;
  const end = length.next + length.value;
  return {
    ...common,
    type,
    token: bytes.subarray(tokenLength.next, tokenEnd),
    numberAt: length.next,
    end: Math.min(end, bytes.length),
    missing: Math.max(0, end - bytes.length),
  };
}

export const retryTagLength = 16;
