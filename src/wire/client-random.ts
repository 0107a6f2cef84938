/**
 * What the tap needs to know of a stream's beginning: whether it is TLS at all, and the random of its ClientHello, by
 * which a tap and a TLS socket find each other (the key log names it too). Everything else about a ClientHello is `dissect`.
 */

export type Beginning =
  | { readonly kind: 'needs_more' }
  | { readonly kind: 'client_hello'; /** Lower-case hex, as a key log line writes it. */ readonly random: string }
  | { readonly kind: 'not_tls' };

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER = 5;
/** msg_type, a length of three bytes, legacy_version, random (RFC 8446 section 4.1.2). */
const RANDOM_START = 6;
const RANDOM_END = RANDOM_START + 32;

/** Reads the first bytes that a client sent; the handshake message may be split over many records. */
export function readBeginning(bytes: Uint8Array): Beginning {
  const message: number[] = [];
  for (let at = 0; message.length < RANDOM_END; ) {
    if (bytes.length > at && bytes[at] !== HANDSHAKE) return { kind: 'not_tls' };
    if (bytes.length > at + 1 && bytes[at + 1] !== 3) return { kind: 'not_tls' };
    if (bytes.length < at + RECORD_HEADER) return { kind: 'needs_more' };
    const length = (bytes[at + 3]! << 8) | bytes[at + 4]!;
    if (length === 0) return { kind: 'not_tls' };
    at += RECORD_HEADER;
    for (const byte of bytes.subarray(at, at + Math.min(length, RANDOM_END - message.length))) message.push(byte);
    if (message.length > 0 && message[0] !== CLIENT_HELLO) return { kind: 'not_tls' };
    if (bytes.length < at + length && message.length < RANDOM_END) return { kind: 'needs_more' };
    at += length;
  }
  return { kind: 'client_hello', random: Buffer.from(message.slice(RANDOM_START, RANDOM_END)).toString('hex') };
}

/** The client random in an NSS key log line: `LABEL client_random secret`. */
export function clientRandomOf(keylogLine: string): string {
  return keylogLine.split(' ')[1] ?? '';
}
