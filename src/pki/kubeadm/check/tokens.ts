/**
 * Checks the bearer token of a kubeconfig, as far as the folder shows: that it is there, and for a JSON Web Token its
 * times (RFC 7519 section 4.1) and, if a service account's, its signature by `sa.key`. Other tokens only a server knows.
 */
import { isoTime } from '../../../protocols/x509/certificate.ts';
import { serviceAccountFiles } from '../certificates.ts';
import { gotOf } from '../reading.ts';
import type { ReadKubeconfig } from '../reading.ts';
import type { CheckContext } from './context.ts';
import { words } from './finding.ts';
import { createPublicKey, verify } from 'node:crypto';

/** Where a pod or the kubelet finds its files: not in a copy of the folder. */
const onlyThere = /^\/var\/(?:run\/secrets|lib\/kubelet)\//;

const another = [
  'Have a new token issued: kubectl create token NAME',
  '토큰을 새로 발급받으세요: kubectl create token 이름',
] as const;

export function checkToken(
  check: CheckContext,
  path: string,
  { token, tokenFile, tokenBytes }: ReadKubeconfig,
): void {
  if (tokenFile !== undefined && onlyThere.test(tokenFile) && !gotOf(tokenBytes)) return;
  const bytes = check.readable(path, tokenBytes);
  if (tokenFile !== undefined && !bytes) return;
  const found = bytes ? Buffer.from(bytes).toString().trim() : token;
  if (found === '')
    return check.add(path, 'no_credentials', words(['its token is empty', '토큰이 비어 있습니다'], another));
  if (found !== undefined && /[^!-~]/.test(found))
    return check.add(
      path,
      'no_credentials',
      words(
        [
          'its token contains a blank, a line break or another character that no token has: it is not sent, or refused',
          '토큰에 공백이나 줄바꿈처럼 토큰에 쓸 수 없는 문자가 있어, 보내지 못하거나 거부됩니다',
        ],
        another,
      ),
    );
  const read = found === undefined ? undefined : webToken(found);
  if (!read) return;
  const { exp, nbf } = read.claims;
  if (typeof exp === 'number' && exp * 1000 <= check.now)
    return check.add(
      path,
      'expired',
      words(
        [`its token expired at ${isoTime(exp * 1000)}`, `토큰이 ${isoTime(exp * 1000)}에 만료되었습니다`],
        another,
      ),
    );
  if (typeof nbf === 'number' && nbf * 1000 > check.now)
    return check.add(
      path,
      'not_yet_valid',
      words(
        [
          `its token is not valid before ${isoTime(nbf * 1000)}`,
          `토큰은 ${isoTime(nbf * 1000)}부터 유효합니다`,
        ],
        another,
      ),
    );
  const keys = gotOf(check.reading.publicKeys(serviceAccountFiles.publicKey)) ?? [];
  if (
    keys.length === 0 ||
    read.claims['kubernetes.io'] === undefined ||
    keys.some((spki) => isSignedBy(read, spki))
  )
    return;
  check.add(
    path,
    'wrong_authority',
    words(
      [
        'its token is a service account’s but was not signed with this cluster’s sa.key: the API server answers 401',
        '서비스 어카운트의 토큰이지만 이 클러스터의 sa.key로 서명한 것이 아닙니다. API 서버가 401로 거부합니다',
      ],
      another,
    ),
  );
}

interface WebToken {
  readonly algorithm: unknown;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signed: string;
  readonly signature: Uint8Array;
}

function webToken(token: string): WebToken | undefined {
  const parts = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(token);
  if (!parts) return undefined;
  const [, header = '', claims = '', signature = ''] = parts;
  const [head, body] = [header, claims].map((part) => {
    try {
      return JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown;
    } catch {
      return undefined;
    }
  });
  if (typeof head !== 'object' || head === null || typeof body !== 'object' || body === null)
    return undefined;
  return {
    algorithm: (head as Record<string, unknown>)['alg'],
    claims: body as Record<string, unknown>,
    signed: `${header}.${claims}`,
    signature: new Uint8Array(Buffer.from(signature, 'base64url')),
  };
}

const digests: Readonly<Record<string, string>> = {
  RS256: 'sha256',
  ES256: 'sha256',
  ES384: 'sha384',
  ES512: 'sha512',
};

/** An algorithm that is not ours is not judged. */
function isSignedBy({ algorithm, signed, signature }: WebToken, spki: Uint8Array): boolean {
  const digest =
    typeof algorithm === 'string' && Object.hasOwn(digests, algorithm) ? digests[algorithm] : undefined;
  if (digest === undefined) return true;
  const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  if ((key.asymmetricKeyType === 'rsa') !== String(algorithm).startsWith('RS')) return false;
  return verify(digest, Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }, signature);
}
