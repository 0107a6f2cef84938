/**
 * How a text is locked in the toy protocol: under one key that both sides have (AES-128-GCM), or with a public key that
 * anybody may have (RSA, with and without padding). Pure but for the randomness in OAEP, which OpenSSL draws itself.
 * What is hostile answers with undefined; nothing here throws for bytes from the wire.
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

/** Undefined where the key is another one, or a bit was changed on the way. */
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

/** The number of bytes of an RSA key's modulus, which is also that of everything locked with it. */
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

/** Undefined where it was not locked with this key's public half in that way. */
export function unlock(locked: Uint8Array, key: KeyObject, padding: Padding): string | undefined {
  try {
    if (padding === 'rsa-oaep-sha256') return privateDecrypt({ key, ...oaep }, locked).toString('utf8');
    return withoutZeros(privateDecrypt({ key, ...unpadded }, locked));
  } catch {
    return undefined;
  }
}

/**
 * What comes out where the public key is put to what was locked with it: raised to the public exponent a second time, and
 * read as text. Undefined where not even that can be reckoned.
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
