/**
 * Computes the values of the http-01 challenge (RFC 8555 sections 8.1 and 8.3): the thumbprint of a public key (RFC
 * 7638), the key authorization, and its path. Pure; the CA and the requester use the same functions.
 */
import { createHash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** The JWK members (RFC 7517) of a key for its thumbprint, in alphabetical order. */
const members: Readonly<Record<string, readonly string[]>> = {
  EC: ['crv', 'kty', 'x', 'y'],
  RSA: ['e', 'kty', 'n'],
  OKP: ['crv', 'kty', 'x'],
};

/** SHA-256 of the key as canonical JSON, base64url; undefined for a key type without a JWK form. */
export function thumbprintOf(publicKey: KeyObject): string | undefined {
  try {
    const jwk = publicKey.export({ format: 'jwk' });
    const names = members[jwk.kty ?? ''];
    if (!names) return undefined;
    const canonical = JSON.stringify(Object.fromEntries(names.map((name) => [name, jwk[name]])));
    return createHash('sha256').update(canonical).digest('base64url');
  } catch {
    return undefined;
  }
}

/** The content to serve: the token, a dot, the thumbprint of the key. */
export function keyAuthorization(token: string, thumbprint: string): string {
  return `${token}.${thumbprint}`;
}

/** The path to serve it at, on port 80 of the name. */
export function challengePath(token: string): string {
  return `/.well-known/acme-challenge/${token}`;
}
