/**
 * NaCl's secretbox (D. J. Bernstein, "Cryptography in NaCl"): XSalsa20 with Poly1305, which neither Node nor its OpenSSL
 * has. For short values, such as Secrets: numbers of 130 bits are BigInts. Its tests hold it to NaCl's own vectors.
 */
import { timingSafeEqual } from 'node:crypto';

const tagBytes = 16;
/** Of the first block of the key stream, this much is Poly1305's key. */
const macKeyBytes = 32;

/** The tag, and behind it the ciphertext. @param nonce 24 bytes. @param key 32 bytes. */
export function sealBox(message: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer {
  const stream = xsalsa20(macKeyBytes + message.length, nonce, key);
  const sealed = xor(message, stream.subarray(macKeyBytes));
  return Buffer.concat([poly1305(sealed, stream.subarray(0, macKeyBytes)), sealed]);
}

/** Undefined for what was not sealed so. */
export function openBox(box: Uint8Array, nonce: Uint8Array, key: Uint8Array): Buffer | undefined {
  if (box.length < tagBytes) return undefined;
  const sealed = box.subarray(tagBytes);
  const stream = xsalsa20(macKeyBytes + sealed.length, nonce, key);
  const tag = poly1305(sealed, stream.subarray(0, macKeyBytes));
  return timingSafeEqual(tag, box.subarray(0, tagBytes))
    ? xor(sealed, stream.subarray(macKeyBytes))
    : undefined;
}

function xor(bytes: Uint8Array, stream: Uint8Array): Buffer {
  return Buffer.from(bytes.map((byte, at) => byte ^ (stream[at] ?? 0)));
}

/** "expand 32-byte k", in little-endian words. */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const blockBytes = 64;

/** The key stream: HSalsa20 makes a key of the first 16 bytes of the nonce, Salsa20 counts with the last 8. */
function xsalsa20(length: number, nonce: Uint8Array, key: Uint8Array): Buffer {
  const derived = hsalsa20(wordsOf(key), wordsOf(nonce.subarray(0, 16)));
  const [low = 0, high = 0] = wordsOf(nonce.subarray(16));
  const stream = Buffer.alloc(Math.ceil(length / blockBytes) * blockBytes);
  for (let block = 0; block * blockBytes < length; block++) {
    const input = stateOf(derived, [low, high, block, 0]);
    const mixed = rounds(input);
    for (const [at, word] of mixed.entries())
      stream.writeUInt32LE((word + (input[at] ?? 0)) >>> 0, block * blockBytes + at * 4);
  }
  return stream.subarray(0, length);
}

function hsalsa20(key: Uint32Array, nonce: Uint32Array): Uint32Array {
  const mixed = rounds(stateOf(key, nonce));
  return Uint32Array.from([0, 5, 10, 15, 6, 7, 8, 9], (at) => mixed[at] ?? 0);
}

function stateOf(key: ArrayLike<number>, four: ArrayLike<number>): Uint32Array {
  const keyed = Array.from(key);
  const [c0, c1, c2, c3] = constants;
  return Uint32Array.from([c0, ...keyed.slice(0, 4), c1, ...Array.from(four), c2, ...keyed.slice(4), c3]);
}

/** What each quarter of a double round mixes: columns, then rows (Salsa20 specification, sections 3 to 6). */
const quarters = [
  [0, 4, 8, 12],
  [5, 9, 13, 1],
  [10, 14, 2, 6],
  [15, 3, 7, 11],
  [0, 1, 2, 3],
  [5, 6, 7, 4],
  [10, 11, 8, 9],
  [15, 12, 13, 14],
] as const;
const doubleRounds = 10;

function rounds(input: Uint32Array): Uint32Array {
  const x = Uint32Array.from(input);
  const at = (index: number): number => x[index] ?? 0;
  const mix = (target: number, one: number, other: number, by: number): void => {
    const sum = (at(one) + at(other)) >>> 0;
    x[target] = at(target) ^ ((sum << by) | (sum >>> (32 - by)));
  };
  for (let round = 0; round < doubleRounds; round++)
    for (const [a, b, c, d] of quarters) {
      mix(b, a, d, 7);
      mix(c, b, a, 9);
      mix(d, c, b, 13);
      mix(a, d, c, 18);
    }
  return x;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true));
}

const prime = (1n << 130n) - 5n;
const clamp = 0x0ffffffc0ffffffc0ffffffc0fffffffn;

/** RFC 8439 section 2.5. @param key 32 bytes, for one message. */
function poly1305(message: Uint8Array, key: Uint8Array): Buffer {
  const r = littleEndian(key.subarray(0, 16)) & clamp;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const piece = message.subarray(at, at + 16);
    sum = ((sum + littleEndian(piece) + (1n << BigInt(8 * piece.length))) * r) % prime;
  }
  const tag = (sum + littleEndian(key.subarray(16))) & ((1n << 128n) - 1n);
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
