/**
 * NaCl's secretbox (D. J. Bernstein, "Cryptography in NaCl"): XSalsa20 with Poly1305, which neither Node nor its OpenSSL
 * has. Its tests hold it to NaCl's own vectors.
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
  const mixed = Buffer.alloc(bytes.length);
  for (let at = 0; at < bytes.length; at++) mixed[at] = (bytes[at] ?? 0) ^ (stream[at] ?? 0);
  return mixed;
}

/** "expand 32-byte k", in little-endian words. */
const constants = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574] as const;
const blockBytes = 64;
/** Where the blocks are counted in the state. */
const counterAt = 8;

/** The key stream: HSalsa20 makes a key of the first 16 bytes of the nonce, Salsa20 counts with the last 8. */
function xsalsa20(length: number, nonce: Uint8Array, key: Uint8Array): Buffer {
  const derived = hsalsa20(wordsOf(key), wordsOf(nonce.subarray(0, 16)));
  const [low = 0, high = 0] = wordsOf(nonce.subarray(16));
  const stream = Buffer.alloc(Math.ceil(length / blockBytes) * blockBytes);
  const input = stateOf(derived, [low, high, 0, 0]);
  for (let block = 0; block * blockBytes < length; block++) {
    input[counterAt] = block;
    const mixed = rounds(input);
    for (let at = 0; at < mixed.length; at++)
      stream.writeUInt32LE(((mixed[at] ?? 0) + (input[at] ?? 0)) >>> 0, block * blockBytes + at * 4);
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
const quarters = Uint8Array.from(
  [
    [0, 4, 8, 12],
    [5, 9, 13, 1],
    [10, 14, 2, 6],
    [15, 3, 7, 11],
    [0, 1, 2, 3],
    [5, 6, 7, 4],
    [10, 11, 8, 9],
    [15, 12, 13, 14],
  ].flat(),
);
const doubleRounds = 10;

/** Written for speed, as a megabyte goes through it in sixteen thousand blocks. */
function rounds(input: Uint32Array): Uint32Array {
  const x = Uint32Array.from(input);
  for (let round = 0; round < doubleRounds; round++)
    for (let quarter = 0; quarter < quarters.length; quarter += 4) {
      const a = quarters[quarter] ?? 0;
      const b = quarters[quarter + 1] ?? 0;
      const c = quarters[quarter + 2] ?? 0;
      const d = quarters[quarter + 3] ?? 0;
      mix(x, b, a, d, 7);
      mix(x, c, b, a, 9);
      mix(x, d, c, b, 13);
      mix(x, a, d, c, 18);
    }
  return x;
}

function mix(x: Uint32Array, target: number, one: number, other: number, by: number): void {
  const sum = ((x[one] ?? 0) + (x[other] ?? 0)) | 0;
  x[target] = (x[target] ?? 0) ^ ((sum << by) | (sum >>> (32 - by)));
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(at * 4, true));
}

/** A number of 130 bits is ten of thirteen: sums of ten products of two of them are exact. */
const limb = { count: 10, bits: 13, range: 2 ** 13 } as const;
const prime = (1n << 130n) - 5n;
/** One block and its end, and room behind it. */
const pieceBytes = 20;

/** RFC 8439 section 2.5. @param key 32 bytes, for one message. */
function poly1305(message: Uint8Array, key: Uint8Array): Buffer {
  const factor = new Uint8Array(pieceBytes);
  factor.set(key.subarray(0, 16));
  for (const at of [3, 7, 11, 15]) factor[at] = (factor[at] ?? 0) & 15;
  for (const at of [4, 8, 12]) factor[at] = (factor[at] ?? 0) & 252;
  const r = new Float64Array(limb.count);
  addLimbs(factor, r);
  // What goes beyond 2^130 comes back five times.
  const factors = Float64Array.from([...r.map((one) => one * 5), ...r]);
  const sum = new Float64Array(limb.count);
  const piece = new Uint8Array(pieceBytes);
  for (let at = 0; at < message.length; at += 16) {
    const bytes = message.subarray(at, at + 16);
    piece.fill(0);
    piece.set(bytes);
    piece[bytes.length] = 1;
    addLimbs(piece, sum);
    multiply(sum, factors);
  }
  const whole = sum.reduceRight((value, one) => (value << BigInt(limb.bits)) + BigInt(one), 0n) % prime;
  const tag = (whole + littleEndian(key.subarray(16))) & ((1n << 128n) - 1n);
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse();
}

/** To those that are there. @param bytes a number, little-endian, and zeros behind it. */
function addLimbs(bytes: Uint8Array, to: Float64Array): void {
  for (let index = 0; index < limb.count; index++) {
    const bit = index * limb.bits;
    const at = bit >> 3;
    const three = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
    to[index] = (to[index] ?? 0) + ((three >> (bit & 7)) & (limb.range - 1));
  }
}

/** Modulo 2^130 - 5, up to a multiple of it. */
function multiply(sum: Float64Array, factors: Float64Array): void {
  const products = new Float64Array(limb.count);
  let carry = 0;
  for (let index = 0; index < limb.count; index++) {
    let total = carry;
    for (let one = 0; one < limb.count; one++)
      total += (sum[one] ?? 0) * (factors[limb.count + index - one] ?? 0);
    carry = Math.floor(total / limb.range);
    products[index] = total - carry * limb.range;
  }
  const first = (products[0] ?? 0) + carry * 5;
  carry = Math.floor(first / limb.range);
  products[0] = first - carry * limb.range;
  products[1] = (products[1] ?? 0) + carry;
  sum.set(products);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
