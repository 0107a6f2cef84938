/**
 * Reads the keys with which service account tokens are signed and verified, and publishes them (JWK, OpenID Connect discovery).
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { createHash, createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { UserError } from '../../i18n/user-error.ts';

/** For a key type: the algorithm's name (RFC 7518 section 3.1), its hash, and the length of an ECDSA signature. */
interface Algorithm {
  readonly name: string;
  readonly hash: string;
  readonly length?: number;
}

const algorithms: Dictionary<Algorithm> = {
  rsa: { name: 'RS256', hash: 'sha256' },
  prime256v1: { name: 'ES256', hash: 'sha256', length: 64 },
  secp384r1: { name: 'ES384', hash: 'sha384', length: 96 },
  secp521r1: { name: 'ES512', hash: 'sha512', length: 132 },
};

/** @throws UserError for a key type that cannot sign tokens. */
export function algorithmOf(key: KeyObject): Algorithm {
  const kind = key.asymmetricKeyType === 'rsa' ? 'rsa' : (key.asymmetricKeyDetails?.namedCurve ?? '');
  const algorithm = Object.hasOwn(algorithms, kind) ? algorithms[kind] : undefined;
  if (algorithm) return algorithm;
  throw new UserError({
    what: {
      en: 'service account tokens cannot be signed with this type of key',
      ko: '이 종류의 키로는 서비스 어카운트 토큰에 서명할 수 없습니다',
    },
    expected: { en: 'RSA, P-256, P-384 or P-521', ko: 'RSA, P-256, P-384, P-521 중 하나' },
  });
}

/** The key id in a token: the SHA-256 of the public key. */
export function keyId(key: KeyObject): string {
  return createHash('sha256').update(publicDer(key)).digest('base64url');
}

function publicDer(key: KeyObject): Buffer {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
}

export function readKey(pem: string, read: (pem: string) => KeyObject, file: string): KeyObject {
  try {
    return read(pem);
  } catch (error) {
    throw new UserError(
      {
        what: {
          en: 'not a valid key for service account tokens',
          ko: '서비스 어카운트 토큰에 쓸 수 있는 키가 아닙니다',
        },
        where: file,
      },
      { cause: error },
    );
  }
}

/** `/openid/v1/jwks` (RFC 7517): the public keys, for verifying tokens without the API server. */
export function jsonWebKeys(publicKeys: readonly string[]): object {
  return {
    keys: publicKeys.map((pem) => {
      const key = createPublicKey(pem);
      const { kty, ...members } = key.export({ format: 'jwk' });
      return { use: 'sig', kty, kid: keyId(key), alg: algorithmOf(key).name, ...members };
    }),
  };
}

/**
 * `/.well-known/openid-configuration`: the location of those keys.
 * @param host of the server and its port: clients reach the keys there, whoever issues tokens.
 */
export function openIdConfiguration(publicKeys: readonly string[], issuer: string, host: string): object {
  return {
    issuer,
    jwks_uri: `https://${host}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [
      ...new Set(publicKeys.map((pem) => algorithmOf(createPublicKey(pem)).name)),
    ],
  };
}
