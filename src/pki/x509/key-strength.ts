/**
 * Whether a key and a digest are of the strength that is asked for today, 112 bits, which is OpenSSL's security level 2; and
 * whether OpenSSL has any use for the key at all.
 */
import type { CertificateFault } from '../../capture/event.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { digestOf, publicKeyOf } from './signature.ts';

const usualKeys: ReadonlySet<string> = new Set(['RSA', 'Ed25519', 'Ed448']);
const usualCurves: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

/** Keys that need not be tried out to know that OpenSSL can use them, if their numbers are right. */
const isUsual = ({ algorithm, name }: Certificate['publicKey']): boolean =>
  usualKeys.has(algorithm) || (algorithm === 'EC' && usualCurves.has(name));

/** A key of a kind that OpenSSL has no use for. Whether the numbers of a usual one are right is seen where it is used. */
export function isUnknownKey({ publicKey }: Pick<Certificate, 'publicKey'>): boolean {
  return !isUsual(publicKey) && publicKeyOf(publicKey) === undefined;
}

export function keyFault({ publicKey }: Pick<Certificate, 'publicKey'>): CertificateFault {
  return {
    part: 'subjectPublicKeyInfo',
    expected: publicKey.hasExplicitCurve ? 'a curve by its name' : 'a key that OpenSSL can use',
    found: publicKey.hasExplicitCurve ? 'explicit curve parameters' : publicKey.name,
  };
}

/** Less than 112 bits of strength: RSA below 2048 bits, curves below 224. */
export function hasWeakKey({ publicKey }: Pick<Certificate, 'publicKey'>): boolean {
  if (publicKey.bits !== undefined) return publicKey.bits < 2048;
  return (
    publicKey.algorithm === 'EC' &&
    !isUsual(publicKey) &&
    !publicKey.hasExplicitCurve &&
    bitsOfCurve(publicKey) < 224
  );
}

/** OpenSSL writes the bits into the names of its curves: prime192v1, secp256k1, brainpoolP384r1. */
function bitsOfCurve(publicKey: Certificate['publicKey']): number {
  const curve = publicKeyOf(publicKey)?.asymmetricKeyDetails?.namedCurve ?? '';
  return curve === 'SM2' ? 256 : Number(/\d{3}/.exec(curve)?.[0] ?? 0);
}

export function hasWeakDigest({ signatureAlgorithm }: Pick<Certificate, 'signatureAlgorithm'>): boolean {
  const digest = digestOf(signatureAlgorithm);
  return digest === 'sha1' || digest === 'md5';
}
