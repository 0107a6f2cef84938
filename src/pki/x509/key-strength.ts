/**
 * Decides whether a key and a digest have the strength required today, 112 bits (OpenSSL's security level 2), and
 * whether OpenSSL can use the key at all.
 */
import type { CertificateFault } from '../../capture/event.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { digestOf, publicKeyOf } from './signature.ts';

const usualKeys: ReadonlySet<string> = new Set(['RSA', 'Ed25519', 'Ed448']);
const usualCurves: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

/** Keys that OpenSSL can use if their numbers are valid: no need to try. */
const isUsual = ({ algorithm, name }: Certificate['publicKey']): boolean =>
  usualKeys.has(algorithm) || (algorithm === 'EC' && usualCurves.has(name));

/** A key type that OpenSSL cannot use. Whether the numbers of a usual key are valid shows when it is used. */
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

/** OpenSSL's curve names contain the bits: prime192v1, secp256k1, brainpoolP384r1. */
function bitsOfCurve(publicKey: Certificate['publicKey']): number {
  const curve = publicKeyOf(publicKey)?.asymmetricKeyDetails?.namedCurve ?? '';
  return curve === 'SM2' ? 256 : Number(/\d{3}/.exec(curve)?.[0] ?? 0);
}

export function hasWeakDigest({ signatureAlgorithm }: Pick<Certificate, 'signatureAlgorithm'>): boolean {
  const digest = digestOf(signatureAlgorithm);
  return digest === 'sha1' || digest === 'md5';
}
