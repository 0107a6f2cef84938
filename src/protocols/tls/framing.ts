/**
 * Recognizes TLS streams. Separate from the record layer, so that a run without TLS need not load the parser.
 */

/** RFC 8446 section 5.1; heartbeat from RFC 6520. */
export const contentTypes = {
  changeCipherSpec: 20,
  alert: 21,
  handshake: 22,
  applicationData: 23,
  heartbeat: 24,
} as const;

export const headerLength = 5;

/** 2^14 bytes, and what TLS 1.2 allows an old cipher to add (RFC 5246 section 6.2.3). */
export const maxFragment = 2 ** 14 + 2048;

/**
 * What the record layer calls a ClientHello in the form of SSL 2.0, by which old clients open a connection of SSL 3.0 or
 * TLS (RFC 5246 appendix E.2). It precedes all records and is not one: no content type can have this number.
 */
export const version2Hello = 0x180;

/** Whether the first five bytes of a stream begin such a hello: two of length with the high bit set, its type, its version. */
export function isVersion2Hello(start: Uint8Array): boolean {
  return (start[0] ?? 0) >= 0x80 && start[2] === 1 && start[3] === 3 && (start[4] ?? 0xff) <= 3;
}

/** Bytes of such a hello, the two of its length included. */
export function version2Length(start: Uint8Array): number {
  return 2 + ((start[0] ?? 0) & 0x7f) * 256 + (start[1] ?? 0);
}

/** Whether a stream with this start is TLS; undefined while it is too short. */
export function looksLikeTls(start: Uint8Array): boolean | undefined {
  const [contentType, major, minor, lengthHigh] = start;
  if (contentType !== undefined && contentType >= 0x80) {
    if ((start[2] ?? 1) !== 1 || (start[3] ?? 3) !== 3) return false;
    return start.length < headerLength ? undefined : isVersion2Hello(start);
  }
  // A conversation starts with a handshake record, or with the alert of an immediate refusal.
  if (
    contentType !== undefined &&
    contentType !== contentTypes.handshake &&
    contentType !== contentTypes.alert
  )
    return false;
  if (major !== undefined && major !== 3) return false;
  if (minor !== undefined && minor > 4) return false;
  if (lengthHigh !== undefined && lengthHigh * 256 > maxFragment) return false;
  return start.length < headerLength ? undefined : true;
}

/** What a hello must have at least: a header, its type and length, a version. */
const helloStart = 11;

/**
 * Whether bytes in the middle of a direction start TLS, which requires more than a record header: the client's hello,
 * or the server's hello or alert (RFC 8446 section 5.1). Undefined while they are too few.
 */
export function beginsTls(start: Uint8Array, from: 'client' | 'server'): boolean | undefined {
  const looks = looksLikeTls(start);
  if (looks === false || (start[0] ?? 0) >= 0x80) return false;
  const hello = from === 'client' ? 1 : 2;
  const [contentType, , , recordHigh, recordLow, messageType, top, , , major] = start;
  const recordLength = (recordHigh ?? 0) * 256 + (recordLow ?? 0);
  if (contentType === contentTypes.alert)
    return start.length < headerLength ? undefined : from === 'server' && recordLength === 2;
  if (messageType !== undefined && messageType !== hello) return false;
  // A hello of 64 KiB has never been seen.
  if (top !== undefined && top !== 0) return false;
  if (major !== undefined && major !== 3) return false;
  return start.length < helloStart ? undefined : recordLength >= 4;
}
