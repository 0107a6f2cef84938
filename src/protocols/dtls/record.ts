/**
 * Cuts a datagram into the records of DTLS (RFC 6347 section 4.1; RFC 9147 section 4 for the short headers of DTLS 1.3).
 * Cheap, and never throws: it runs on every datagram that may be DTLS.
 */

export interface DtlsRecord {
  /** Undefined for a record of DTLS 1.3 whose type is encrypted. */
  readonly contentType: number | undefined;
  readonly version: number | undefined;
  /** Of DTLS 1.3 only its two lowest bits are there. */
  readonly epoch: number;
  /** Of the epoch; undefined where it is encrypted. */
  readonly sequence: number | undefined;
  /** In the datagram. */
  readonly start: number;
  /** Behind the header. */
  readonly bodyAt: number;
  readonly end: number;
}

export const dtlsHeaderLength = 13;

/** Before DTLS inside CAPWAP, between access points and their controllers: one, three zeros (RFC 5415 section 4.2). */
export const capwapPreambleLength = 4;

const isCapwapPreamble = (bytes: Uint8Array): boolean =>
  bytes[0] === 1 && bytes[1] === 0 && bytes[2] === 0 && bytes[3] === 0;
export const contentTypes = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  acknowledgement: 26,
} as const;

/** With a connection ID behind the sequence number (RFC 9146), whose length only the endpoints know. */
const withConnectionId = 25;
/** The last is DTLS 1.0 as OpenSSL had it before 0.9.8f. */
const versions: ReadonlySet<number> = new Set([0xfeff, 0xfefd, 0x0100]);
/** RFC 6347 section 4.1.1, with what a cipher may add. */
const longest = 2 ** 14 + 2048;

const isType = (type: number): boolean => type >= 20 && type <= 26;

/**
 * The records of a datagram; undefined where it is not wholly made of them.
 * @param isKnown the flow has shown records before: the short headers of DTLS 1.3 are records too
 */
export function recordsIn(bytes: Uint8Array, isKnown: boolean): readonly DtlsRecord[] | undefined {
  const records: DtlsRecord[] = [];
  const from = isCapwapPreamble(bytes) ? capwapPreambleLength : 0;
  for (let at = from; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const record =
      first >> 5 === 1 ? (isKnown ? shortRecord(bytes, at, first) : undefined) : longRecord(bytes, at);
    if (!record) return undefined;
    records.push(record);
    at = record.end;
  }
  return records.length === 0 ? undefined : records;
}

function longRecord(bytes: Uint8Array, start: number): DtlsRecord | undefined {
  const bodyAt = start + dtlsHeaderLength;
  if (bodyAt > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, dtlsHeaderLength);
  const contentType = view.getUint8(0);
  const version = view.getUint16(1);
  if (!isType(contentType) || !versions.has(version)) return undefined;
  const place = {
    contentType,
    version,
    epoch: view.getUint16(3),
    sequence: view.getUint16(5) * 2 ** 32 + view.getUint32(7),
    start,
    bodyAt,
  };
  if (contentType === withConnectionId) return { ...place, bodyAt: start + 11, end: bytes.length };
  const length = view.getUint16(11);
  return length > longest || bodyAt + length > bytes.length ? undefined : { ...place, end: bodyAt + length };
}

/** RFC 9147 section 4, figure 3: 001CSLEE. */
function shortRecord(bytes: Uint8Array, start: number, first: number): DtlsRecord | undefined {
  const hasConnectionId = (first & 0x10) !== 0;
  const sequenceLength = (first & 0x08) === 0 ? 1 : 2;
  const hasLength = (first & 0x04) !== 0;
  const place = {
    contentType: undefined,
    version: undefined,
    epoch: first & 3,
    sequence: undefined,
    start,
  };
  if (hasConnectionId) return { ...place, bodyAt: start + 1, end: bytes.length };
  const lengthAt = start + 1 + sequenceLength;
  const bodyAt = lengthAt + (hasLength ? 2 : 0);
  if (bodyAt > bytes.length) return undefined;
  const length = hasLength
    ? (bytes[lengthAt] ?? 0) * 256 + (bytes[lengthAt + 1] ?? 0)
    : bytes.length - bodyAt;
  // A tag at least.
  return length < 16 || length > longest || bodyAt + length > bytes.length
    ? undefined
    : { ...place, bodyAt, end: bodyAt + length };
}

/** A fragment of a handshake message (RFC 6347 section 4.2.2). */
export interface HandshakeFragment {
  readonly type: number;
  /** Of the whole message. */
  readonly length: number;
  readonly sequence: number;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export const fragmentHeaderLength = 12;

/** The fragments in a record in clear; what is wrong ends them. */
export function fragmentsIn(body: Uint8Array): { fragments: HandshakeFragment[]; read: number } {
  const fragments: HandshakeFragment[] = [];
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let at = 0;
  while (at + fragmentHeaderLength <= body.length) {
    const uint24 = (index: number): number => view.getUint8(index) * 65_536 + view.getUint16(index + 1);
    const [length, offset, own] = [uint24(at + 1), uint24(at + 6), uint24(at + 9)];
    const end = at + fragmentHeaderLength + own;
    if (end > body.length || offset + own > length) break;
    fragments.push({
      type: view.getUint8(at),
      length,
      sequence: view.getUint16(at + 4),
      offset,
      bytes: body.subarray(at + fragmentHeaderLength, end),
    });
    at = end;
  }
  return { fragments, read: at };
}
