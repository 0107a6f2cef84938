/**
 * What a stream must look like to be TLS at all. Apart from the record layer, so that a run without TLS can tell what it
 * does not speak without loading how it is read.
 */

/** RFC 8446 section 5.1; heartbeat from RFC 6520. */
export const contentTypes = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

export const headerLength = 5;

/** 2^14 bytes, and what TLS 1.2 allows an old cipher to add (RFC 5246 section 6.2.3). */
export const maxFragment = 2 ** 14 + 2048;

/** Whether a stream that begins so is TLS; undefined while it is too short to tell. */
export function looksLikeTls(start: Uint8Array): boolean | undefined {
  const [contentType, major, minor, lengthHigh] = start;
  // A conversation opens with a handshake record, or with the alert of somebody who refuses at once.
  if (contentType !== undefined && contentType !== contentTypes.handshake && contentType !== contentTypes.alert) return false;
  if (major !== undefined && major !== 3) return false;
  if (minor !== undefined && minor > 4) return false;
  if (lengthHigh !== undefined && lengthHigh * 256 > maxFragment) return false;
  return start.length < headerLength ? undefined : true;
}
