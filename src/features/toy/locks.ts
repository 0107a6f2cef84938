/**
 * Encryption in the toy protocol: with a key shared by both sides (AES-128-GCM), or with a public key (RSA, with and without
 * padding). Pure but for the randomness in OAEP, which OpenSSL draws itself. Hostile input gives undefined; nothing here
 * throws for bytes from the wire.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import type { Padding, SealedText } from './protocol.ts';

export function seal(text: string, key: Uint8Array, random: RandomBytes): SealedText {
  const nonce = random(12);
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { nonce, ciphertext, tag: cipher.getAuthTag() };
}

/** Undefined for another key, or where a bit was changed in transit. */
export function unseal({ nonce, ciphertext, tag }: SealedText, key: Uint8Array): string | undefined {
  try {
    const decipher = createDecipheriv('aes-128-gcm', key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(tag);
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;
const unpadded = { padding: constants.RSA_NO_PADDING } as const;

/** The length of an RSA key's modulus in bytes, which is also that of every ciphertext. */
function sizeOf(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}

/** A public RSA key from its SubjectPublicKeyInfo; undefined for anything else. */
export function readPadlock(der: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'rsa' ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Undefined where the text is too long for the key. */
export function lock(text: string, key: KeyObject, padding: Padding): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'utf8');
  try {
    if (padding === 'rsa-oaep-sha256') return publicEncrypt({ key, ...oaep }, bytes);
    const zeros = sizeOf(key) - bytes.length;
    return zeros < 1
      ? undefined
      : publicEncrypt({ key, ...unpadded }, Buffer.concat([Buffer.alloc(zeros), bytes]));
  } catch {
    return undefined;
  }
}

/** Undefined where it was not encrypted with this public key in that way. */
export function unlock(locked: Uint8Array, key: KeyObject, padding: Padding): string | undefined {
  try {
    if (padding === 'rsa-oaep-sha256') return privateDecrypt({ key, ...oaep }, locked).toString('utf8');
    return withoutZeros(privateDecrypt({ key, ...unpadded }, locked));
  } catch {
    return undefined;
  }
}

/**
 * The result of applying the public key to its own ciphertext: raised to the public exponent again, and read as text.
 * Undefined where that cannot be computed.
 */
export function turnPadlockAgain(locked: Uint8Array, key: KeyObject): string | undefined {
  try {
    return withoutZeros(publicEncrypt({ key, ...unpadded }, locked));
  } catch {
    return undefined;
  }
}

function withoutZeros(block: Uint8Array): string {
  const start = block.findIndex((byte) => byte !== 0);
  return Buffer.from(start < 0 ? [] : block.subarray(start)).toString('utf8');
}
