/**
 * Creates keys and signatures with node:crypto, in the forms that X.509 needs: a key of a named type, the
 * AlgorithmIdentifier for an issuer's key, and signed structures (a body, its algorithm, a signature).
 */
import {
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readStep } from '../../core/cursor.ts';
import { bitStringBytes, element, opaque, tags } from '../../protocols/x509/der.ts';
import { bitString, nothing, oid, sequence, toDer } from './asn1.ts';
import type { Asn1 } from './asn1.ts';
import type { KeyKind } from './plan.ts';

const sha256Curve = 'prime256v1';
const spki = { type: 'spki', format: 'der' } as const;
const pkcs8 = { type: 'pkcs8', format: 'der' } as const;

/** Imported from its raw numbers: OpenSSL's PKCS #8 decoder takes four times as long. */
function ecKey(crv: 'P-256' | 'P-384', curve: string, bytes: number): KeyObject {
  const pair = createECDH(curve);
  pair.generateKeys();
  const point = pair.getPublicKey();
  const scalar = Buffer.alloc(bytes);
  const own = pair.getPrivateKey();
  own.copy(scalar, bytes - own.length);
  const text = (part: Buffer): string => part.toString('base64url');
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'EC',
      crv,
      d: text(scalar),
      x: text(point.subarray(1, 1 + bytes)),
      y: text(point.subarray(1 + bytes)),
    },
  });
}

const readBack = (privateKey: Buffer): KeyObject => createPrivateKey({ key: privateKey, ...pkcs8 });
const rsaKey = (modulusLength: number): KeyObject =>
  readBack(
    generateKeyPairSync('rsa', { modulusLength, publicKeyEncoding: spki, privateKeyEncoding: pkcs8 })
      .privateKey,
  );

/** Recipes never use the longest: it takes seconds. */
const generators: Readonly<Record<KeyKind, () => KeyObject>> = {
  'P-256': () => ecKey('P-256', sha256Curve, 32),
  'P-384': () => ecKey('P-384', 'secp384r1', 48),
  'RSA-1024': () => rsaKey(1024),
  'RSA-2048': () => rsaKey(2048),
  'RSA-3072': () => rsaKey(3072),
  'RSA-4096': () => rsaKey(4096),
  Ed25519: () =>
    readBack(
      generateKeyPairSync('ed25519', { publicKeyEncoding: spki, privateKeyEncoding: pkcs8 }).privateKey,
    ),
};

/**
 * A new private key: P-256 in 0.2 ms, RSA-2048 in about 300 ms. It is exported and imported again: on Node 20 a key
 * shares a lock with the job that generated it, and a garbage collection of that job during a query of the key's
 * details deadlocks.
 */
export function makeKey(kind: keyof typeof generators): KeyObject {
  return generators[kind]();
}

/** The SubjectPublicKeyInfo of a private key's public half. */
export function publicKeyInfo(key: KeyObject): Uint8Array {
  return new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
}

/**
 * The key identifier: SHA-1 of the public key's bits (RFC 5280 section 4.2.1.2, method 1). SHA-1 is only an identifier
 * here.
 */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  const step = readStep(
    'x509',
    spki,
    (cursor) =>
      element(cursor, 'x509.tbs_certificate.subject_public_key_info', tags.sequence, (content) => {
        opaque(content, 'x509.public_key.algorithm');
        return bitStringBytes(content, 'x509.public_key.bits');
      }),
    { open: false },
  );
  if (!('got' in step)) throw new RangeError('not a SubjectPublicKeyInfo');
  return new Uint8Array(createHash('sha1').update(step.got).digest());
}

export type Digest = 'strong' | 'sha1';

interface Algorithm {
  readonly identifier: () => Asn1;
  readonly hash: string | null;
}

const rsa = (dotted: string, hash: string): Algorithm => ({
  identifier: () => sequence(oid(dotted), nothing()),
  hash,
});
const ec = (dotted: string, hash: string): Algorithm => ({ identifier: () => sequence(oid(dotted)), hash });

/** By the type of the issuer's key: RFC 8017, RFC 5758, RFC 8410. */
const algorithms: Readonly<Record<string, (key: KeyObject, digest: Digest) => Algorithm>> = {
  rsa: (_key, digest) =>
    digest === 'sha1' ? rsa('1.2.840.113549.1.1.5', 'sha1') : rsa('1.2.840.113549.1.1.11', 'sha256'),
  ec: (key, digest) => {
    if (digest === 'sha1') return ec('1.2.840.10045.4.1', 'sha1');
    return key.asymmetricKeyDetails?.namedCurve === sha256Curve
      ? ec('1.2.840.10045.4.3.2', 'sha256')
      : ec('1.2.840.10045.4.3.3', 'sha384');
  },
  ed25519: () => ({ identifier: () => sequence(oid('1.3.101.112')), hash: null }),
};

/** The signature algorithm for an issuer's key. */
export function algorithmFor(key: KeyObject, digest: Digest): Algorithm {
  const choose = algorithms[key.asymmetricKeyType ?? ''];
  if (!choose) throw new RangeError(`no signature algorithm for a key of type ${key.asymmetricKeyType}`);
  return choose(key, digest);
}

/**
 * SIGNED{body}: the body, the algorithm, the signature.
 * @param broken flips one bit of the signature's last byte, for the flaw `bad-signature`.
 */
export function signed(body: Asn1, key: KeyObject, algorithm: Algorithm, broken = false): Uint8Array {
  const signature = new Uint8Array(sign(algorithm.hash, toDer(body), key));
  // In an ECDSA signature the last byte belongs to s: the structure stays well-formed and only the verification fails.
  if (broken) signature[signature.length - 1] = (signature.at(-1) ?? 0) ^ 1;
  return toDer(sequence(body, algorithm.identifier(), bitString(signature)));
}
