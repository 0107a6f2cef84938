/**
 * Verifies a signed structure with a key, for chains, revocation lists and requests. A key of the wrong type, unknown
 * parameters and malformed encodings all mean false. The counterpart that signs is `sign.ts`.
 */
import { constants, createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import {
  context,
  element,
  objectIdentifier,
  opaque,
  sequence,
  smallInteger,
} from '../../protocols/x509/der.ts';
import { signatureAlgorithms } from '../../protocols/x509/oids.ts';
import type { AlgorithmIdentifier, PublicKeyInfo } from '../../protocols/x509/structures.ts';

export interface Signed {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
  readonly algorithm: AlgorithmIdentifier;
}

/** The key of a SubjectPublicKeyInfo; undefined if OpenSSL cannot use it. Parsed once. */
export function publicKeyOf(info: PublicKeyInfo): KeyObject | undefined {
  if (!keys.has(info)) keys.set(info, importKey(info.der));
  return keys.get(info);
}

const keys = new WeakMap<PublicKeyInfo, KeyObject | undefined>();

function importKey(spki: Uint8Array): KeyObject | undefined {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

export function isSignedBy(signed: Signed, signer: PublicKeyInfo): boolean {
  const key = publicKeyOf(signer);
  if (!key) return false;
  try {
    const known = signatureAlgorithms[signed.algorithm.oid];
    if (known)
      return (
        key.asymmetricKeyType === known.keyType && verify(known.hash, signed.body, key, signed.signature)
      );
    const pss = signed.algorithm.oid === rsassaPss ? pssParameters(signed.algorithm) : undefined;
    if (!pss || (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'rsa-pss')) return false;
    return verify(
      pss.hash,
      signed.body,
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: pss.saltLength },
      signed.signature,
    );
  } catch {
    return false;
  }
}

/** The digest of an algorithm; undefined if it has its own, or is unknown. */
export function digestOf(algorithm: AlgorithmIdentifier): string | undefined {
  if (algorithm.oid === rsassaPss) return pssParameters(algorithm)?.hash;
  return signatureAlgorithms[algorithm.oid]?.hash ?? undefined;
}

const rsassaPss = '1.2.840.113549.1.1.10';

const sha1 = '1.3.14.3.2.26';

const digests: Readonly<Record<string, string>> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** RFC 4055 section 3.1; the defaults are SHA-1 and a salt of 20 bytes. */
function pssParameters(algorithm: AlgorithmIdentifier): { hash: string; saltLength: number } | undefined {
  const step = readStep(
    'x509',
    algorithm.der,
    (cursor) =>
      sequence(cursor, 'x509.signature_algorithm', (content) => {
        objectIdentifier(content, 'x509.algorithm.oid');
        // RFC 4055 section 3.3: a signature must contain them, at least as an empty sequence of defaults.
        return sequence(content, 'x509.algorithm.parameters', (inner) => {
          const oid =
            inner.peek() === context(0)
              ? element(inner, 'x509.algorithm.parameters', context(0), hashOid)
              : sha1;
          const mask =
            inner.peek() === context(1)
              ? element(inner, 'x509.algorithm.parameters', context(1), maskOid)
              : sha1;
          const salted = inner.peek() === context(2);
          const saltLength = salted
            ? element(inner, 'x509.algorithm.parameters', context(2), (salt) =>
                smallInteger(salt, 'x509.algorithm.parameters'),
              )
            : 20;
          const hasTrailer = inner.peek() === context(3);
          const trailer = hasTrailer
            ? element(inner, 'x509.algorithm.parameters', context(3), (field) =>
                smallInteger(field, 'x509.algorithm.parameters'),
              )
            : 1;
          return { oid, mask, trailer, saltLength };
        });
      }),
    { open: false },
  );
  // A mask with another digest is allowed but not used in practice; the runtime supports only the same one.
  if (!('got' in step) || step.got.mask !== step.got.oid || step.got.trailer !== 1) return undefined;
  const hash = digests[step.got.oid];
  return hash === undefined ? undefined : { hash, saltLength: step.got.saltLength };
}

/** MGF1 is the only mask generation function; its parameter is a digest. */
function maskOid(cursor: Cursor): string {
  return sequence(cursor, 'x509.algorithm.parameters', (content) => {
    const mask = objectIdentifier(content, 'x509.algorithm.oid');
    return mask === '1.2.840.113549.1.1.8' ? hashOid(content) : mask;
  });
}

function hashOid(cursor: Cursor): string {
  return sequence(cursor, 'x509.algorithm.parameters', (content) => {
    const oid = objectIdentifier(content, 'x509.algorithm.oid');
    if (content.remaining > 0) opaque(content, 'x509.algorithm.parameters');
    return oid;
  });
}
