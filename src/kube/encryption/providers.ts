/**
 * The providers that encrypt with a key of the configuration, in kube-apiserver's formats (k8s.io/apiserver,
 * storage/value/encrypt), so that either reads what the other has written:
 *
 * - aescbc: 16 bytes of IV, AES-CBC with PKCS#7 padding. Not authenticated: a changed value may decrypt to nonsense.
 * - aesgcm: 12 bytes of nonce, AES-GCM with its 16 bytes of tag behind, authenticating the key in etcd as well.
 * - secretbox: 24 bytes of nonce, XSalsa20 and Poly1305 with its 16 bytes of tag in front.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import type { Opened, Transformer } from './encryption.ts';
import { openBox, sealBox } from './secretbox.ts';

export const providerNames = ['aescbc', 'aesgcm', 'secretbox'] as const;
export type ProviderName = (typeof providerNames)[number];

/** Bytes. */
export const keyLengths = {
  aescbc: [16, 24, 32],
  aesgcm: [16, 24, 32],
  secretbox: [32],
} as const satisfies Record<ProviderName, readonly number[]>;

const tooShort = { failure: 'the stored data was shorter than the required size' } as const;
const block = 16;
const nonceOfGcm = 12;
const tagOfGcm = 16;
const nonceOfBox = 24;
const tagOfBox = 16;

/** @param key of a length that the provider takes. */
export function keyTransformer(name: ProviderName, key: Uint8Array, random: RandomBytes): Transformer {
  const bits = key.length * 8;
  switch (name) {
    case 'aescbc':
      return {
        fromStorage: (value) => openCbc(value, key),
        toStorage(value) {
          const iv = random(block);
          const cipher = createCipheriv(`aes-${bits}-cbc`, key, iv);
          return Buffer.concat([iv, cipher.update(value), cipher.final()]);
        },
      };
    case 'aesgcm':
      return {
        fromStorage: (value, bound) => openGcm(value, key, bound),
        toStorage(value, bound) {
          const nonce = random(nonceOfGcm);
          const cipher = createCipheriv(gcmOf(key), key, nonce).setAAD(bound);
          return Buffer.concat([nonce, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
        },
      };
    case 'secretbox':
      return {
        fromStorage(value) {
          if (value.length < nonceOfBox + tagOfBox) return tooShort;
          const opened = openBox(value.subarray(nonceOfBox), value.subarray(0, nonceOfBox), key);
          // Upstream's words for a box that does not open.
          return opened
            ? { value: opened, stale: false }
            : { failure: 'output array was not large enough for encryption' };
        },
        toStorage(value) {
          const nonce = random(nonceOfBox);
          return Buffer.concat([nonce, sealBox(value, nonce, key)]);
        },
      };
  }
}

function gcmOf(key: Uint8Array): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  return key.length === 16 ? 'aes-128-gcm' : key.length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
}

function openCbc(value: Uint8Array, key: Uint8Array): Opened {
  if (value.length < block) return tooShort;
  const body = value.subarray(block);
  if (body.length % block !== 0) return { failure: 'the stored data is not a multiple of the block size' };
  const cipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, value.subarray(0, block)).setAutoPadding(
    false,
  );
  const padded = Buffer.concat([cipher.update(body), cipher.final()]);
  const padding = padded.at(-1) ?? 0;
  if (padding === 0 || padding > padded.length)
    return { failure: 'invalid PKCS7 data (empty or not padded)' };
  const size = padded.length - padding;
  if (padded.subarray(size).some((byte) => byte !== padding)) return { failure: 'invalid padding on input' };
  return { value: padded.subarray(0, size), stale: false };
}

function openGcm(value: Uint8Array, key: Uint8Array, bound: Uint8Array): Opened {
  if (value.length < nonceOfGcm) return tooShort;
  const notAuthentic = { failure: 'cipher: message authentication failed' } as const;
  if (value.length < nonceOfGcm + tagOfGcm) return notAuthentic;
  const cipher = createDecipheriv(gcmOf(key), key, value.subarray(0, nonceOfGcm))
    .setAAD(bound)
    .setAuthTag(value.subarray(value.length - tagOfGcm));
  const opened = cipher.update(value.subarray(nonceOfGcm, value.length - tagOfGcm));
  try {
    return { value: Buffer.concat([opened, cipher.final()]), stale: false };
  } catch {
    return notAuthentic;
  }
}
