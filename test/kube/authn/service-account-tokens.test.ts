/** Tokens of service accounts: what is signed is taken, and nothing that differs from it. */
import { constants, createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import * as fc from 'fast-check';
import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import {
  defaultIssuer,
  prepareSigner,
  prepareVerifier,
} from '../../../src/kube/authn/service-account-tokens.ts';
import { jsonWebKeys, openIdConfiguration } from '../../../src/kube/authn/token-signing-keys.ts';
import type {
  ServiceAccountToken,
  TokenContent,
  TokenFault,
  VerifyToken,
} from '../../../src/kube/authn/service-account-tokens.ts';

const pem = (key: KeyObject): string =>
  key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' }) as string;
const pair = (
  name: string,
): {
  readonly key: string;
  readonly publicKey: string;
  readonly pair: { privateKey: KeyObject; publicKey: KeyObject };
} => {
  const made =
    name === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', {
          namedCurve: { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[name] ?? '',
        });
  return { key: pem(made.privateKey), publicKey: pem(made.publicKey), pair: made };
};
const pairs = Object.fromEntries(['RS256', 'ES256', 'ES384', 'ES512'].map((name) => [name, pair(name)]));
const [rsa, ec] = [pairs['RS256']!, pairs['ES256']!];

const at = Date.parse('2026-01-01T00:00:00Z');
const seconds = at / 1000;
const content: TokenContent = {
  namespace: 'default',
  account: { name: 'web', uid: 'u1' },
  audiences: [defaultIssuer],
  issuedAt: seconds,
  expiresAt: seconds + 3600,
  id: 'id-1',
};
const made = (change: Partial<TokenContent> = {}, key = ec.key, issuer = defaultIssuer): string =>
  prepareSigner(key, issuer)({ ...content, ...change });
const verifier = prepareVerifier([ec.publicKey], defaultIssuer);

function reason(found: ReturnType<VerifyToken>): string {
  if (found === undefined) return 'no token';
  return 'reason' in found ? found.reason : 'taken';
}
const taken = (found: ServiceAccountToken | TokenFault | undefined): ServiceAccountToken | undefined =>
  found && 'user' in found ? found : undefined;
const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const payloadOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

for (const [
  name,
  {
    key,
    publicKey,
    pair: { publicKey: object },
  },
] of Object.entries(pairs)) {
  test(`${name}: a token is taken, and is what others verify too`, (t) => {
    const token = made({}, key);
    const [header = '', payload = '', signature = ''] = token.split('.');
    t.is((JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string }).alg, name);
    t.is(
      taken(prepareVerifier([publicKey], defaultIssuer)(token, at))?.user.name,
      'system:serviceaccount:default:web',
    );
    const hash = { RS256: 'sha256', ES256: 'sha256', ES384: 'sha384', ES512: 'sha512' }[name];
    t.true(
      verify(
        hash,
        Buffer.from(`${header}.${payload}`),
        { key: object, dsaEncoding: 'ieee-p1363', padding: constants.RSA_PKCS1_PADDING },
        Buffer.from(signature, 'base64url'),
      ),
    );
    // Another key of the kind, and a key of another kind.
    t.is(reason(prepareVerifier([pair(name).publicKey], defaultIssuer)(token, at)), 'token_signature');
    const other = name === 'RS256' ? ec : rsa;
    t.is(reason(prepareVerifier([other.publicKey], defaultIssuer)(token, at)), 'token_algorithm');
    t.is(reason(prepareVerifier([other.publicKey, publicKey], defaultIssuer)(token, at)), 'taken');
  });
}

test('a token says what kube-apiserver’s says', (t) => {
  t.deepEqual(
    payloadOf(
      made({ pod: { name: 'web-1', uid: 'p1' }, node: { name: 'n1', uid: 'n' }, warnAfter: seconds + 3607 }),
    ),
    {
      aud: [defaultIssuer],
      exp: seconds + 3600,
      iat: seconds,
      iss: defaultIssuer,
      jti: 'id-1',
      'kubernetes.io': {
        namespace: 'default',
        node: { name: 'n1', uid: 'n' },
        pod: { name: 'web-1', uid: 'p1' },
        serviceaccount: { name: 'web', uid: 'u1' },
        warnafter: seconds + 3607,
      },
      nbf: seconds,
      sub: 'system:serviceaccount:default:web',
    },
  );
});

test('who bears a token is its account, as long as what it stands on is there', (t) => {
  t.deepEqual(verifier(made(), at), {
    user: {
      name: 'system:serviceaccount:default:web',
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
      extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id-1'] },
    },
    audiences: [defaultIssuer],
    standsOn: [{ resource: 'serviceaccounts', namespace: 'default', name: 'web', uid: 'u1' }],
  });
  const bound = taken(
    verifier(made({ pod: { name: 'web-1', uid: 'p1' }, node: { name: 'n1', uid: 'n' } }), at),
  );
  t.deepEqual(bound?.standsOn.slice(1), [
    { resource: 'pods', namespace: 'default', name: 'web-1', uid: 'p1' },
  ]);
  t.like(bound?.user.extra, {
    'authentication.kubernetes.io/pod-name': ['web-1'],
    'authentication.kubernetes.io/node-name': ['n1'],
  });
  t.deepEqual(taken(verifier(made({ node: { name: 'n1', uid: 'n' } }), at))?.standsOn[1], {
    resource: 'nodes',
    name: 'n1',
    uid: 'n',
  });
  t.deepEqual(taken(verifier(made({ secret: { name: 's', uid: 'x' } }), at))?.standsOn[1], {
    resource: 'secrets',
    namespace: 'default',
    name: 's',
    uid: 'x',
  });
});

test('a token has its time, by the clock that is given', (t) => {
  const token = made();
  const rows: readonly (readonly [at: number, reason: string])[] = [
    [-61, 'token_not_yet_valid'],
    [-60, 'taken'],
    [3600, 'taken'],
    [3660, 'taken'],
    [3661, 'token_expired'],
  ];
  for (const [after, expected] of rows)
    t.is(reason(verifier(token, at + after * 1000)), expected, String(after));
});

test('a token is for whom it says', (t) => {
  const token = made({ audiences: ['vault', 'db'] });
  t.is(reason(verifier(token, at)), 'token_audience');
  t.deepEqual(taken(verifier(token, at, ['db', 'x']))?.audiences, ['db']);
  t.is(reason(verifier(made(), at, ['db'])), 'token_audience');
  t.is(reason(verifier(made({}, ec.key, 'https://elsewhere'), at)), 'token_issuer');
});

/** What an attacker makes of a token, who knows the public key and has no other. */
const forged: Readonly<Record<string, readonly [token: string, reason: string]>> = (() => {
  const [header = '', payload = '', signature = ''] = made().split('.');
  const claims = payloadOf(made());
  const withHeader = (value: object, by = signature): string => `${part(value)}.${payload}.${by}`;
  const hmac = (secret: string | Buffer, algorithm = 'HS256'): string => {
    const said = `${part({ alg: algorithm })}.${payload}`;
    return `${said}.${createHmac('sha256', secret).update(said).digest('base64url')}`;
  };
  const der = createPublicKey(ec.publicKey).export({ type: 'spki', format: 'der' });
  const byRsa = (() => {
    const said = `${part({ alg: 'ES256' })}.${payload}`;
    return `${said}.${sign('sha256', Buffer.from(said), rsa.key).toString('base64url')}`;
  })();
  const derSigned = `${header}.${payload}.${sign('sha256', Buffer.from(`${header}.${payload}`), ec.key).toString('base64url')}`;
  const signed = (value: object): string => {
    const said = `${header}.${part(value)}`;
    return `${said}.${sign('sha256', Buffer.from(said), { key: ec.key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  return {
    'no algorithm': [withHeader({ alg: 'none' }), 'token_algorithm'],
    'no algorithm and no signature': [`${part({ alg: 'none' })}.${payload}.`, 'token_malformed'],
    'no algorithm in another spelling': [withHeader({ alg: 'nOnE' }), 'token_algorithm'],
    'no header of algorithm': [withHeader({}), 'token_algorithm'],
    'an algorithm that is a list': [withHeader({ alg: ['ES256'] }), 'token_algorithm'],
    'an algorithm of every object': [withHeader({ alg: 'constructor' }), 'token_algorithm'],
    'the public key as a secret': [hmac(ec.publicKey), 'token_algorithm'],
    'the public key’s bytes as a secret': [hmac(der), 'token_algorithm'],
    'a secret signature under the name of the key’s own algorithm': [
      hmac(ec.publicKey, 'ES256'),
      'token_signature',
    ],
    'another kind of key under that name': [byRsa, 'token_signature'],
    'RS256 for an EC key': [withHeader({ alg: 'RS256' }), 'token_algorithm'],
    'ES384 for P-256': [withHeader({ alg: 'ES384' }), 'token_algorithm'],
    'what must be understood and is not': [withHeader({ alg: 'ES256', crit: ['b64'] }), 'token_algorithm'],
    'a signature in DER': [derSigned, 'token_signature'],
    'a signature of nothing but zeros': [
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
      'token_signature',
    ],
    'another account': [
      `${header}.${part({ ...claims, sub: 'system:serviceaccount:kube-system:admin' })}.${signature}`,
      'token_signature',
    ],
    'a padded part': [`${header}=.${payload}.${signature}`, 'token_malformed'],
    'plain base64': [`${header}.${payload}.${signature.slice(0, -1)}+`, 'token_malformed'],
    'a part that is no JSON': [
      `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`,
      'token_malformed',
    ],
    'a header that is a list': [`${part([])}.${payload}.${signature}`, 'token_malformed'],
    'four parts': [`${made()}.x`, 'no token'],
    'two parts': [`${header}.${payload}`, 'no token'],
    'no text': ['', 'no token'],
    dots: ['..', 'token_malformed'],
    'a blank': [`${header}.${payload}.${signature} `, 'token_malformed'],
    'a megabyte': [`${header}.${'A'.repeat(1024 * 1024)}.${signature}`, 'token_malformed'],
    'a million dots': ['.'.repeat(1024 * 1024), 'token_malformed'],
    depth: [
      `${header}.${Buffer.from('['.repeat(5000) + ']'.repeat(5000)).toString('base64url')}.${signature}`,
      'token_malformed',
    ],
    'signed, but of no account': [signed({ ...claims, 'kubernetes.io': undefined }), 'token_malformed'],
    'signed, but of an account without a uid': [
      signed({ ...claims, 'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'web' } } }),
      'token_malformed',
    ],
    'signed, but of two names': [
      signed({ ...claims, sub: 'system:serviceaccount:kube-system:admin' }),
      'token_malformed',
    ],
    'signed, but without an end': [signed({ ...claims, exp: undefined }), 'token_malformed'],
    'signed, and the end is a text': [signed({ ...claims, exp: '9999999999' }), 'token_malformed'],
    'signed, and the end is before all calendars': [signed({ ...claims, exp: -1e300 }), 'token_expired'],
    'signed, for nobody': [signed({ ...claims, aud: [7, null] }), 'token_audience'],
  };
})();

for (const [what, [token, expected]] of Object.entries(forged))
  test(`refused: ${what}`, (t) => t.is(reason(verifier(token, at)), expected));

test('every prefix of a token, and every other bit, is no good', (t) => {
  for (const { key, publicKey } of [rsa, ec]) {
    const [token, verifyOne] = [made({}, key), prepareVerifier([publicKey], defaultIssuer)];
    t.is(reason(verifyOne(token, at)), 'taken');
    for (let end = 0; end < token.length; end++)
      if (reason(verifyOne(token.slice(0, end), at)) === 'taken') t.fail(`prefix of ${end}`);
    for (let index = 0; index < token.length; index++) {
      const flipped =
        token.slice(0, index) +
        String.fromCharCode(token.charCodeAt(index) ^ (1 << (index % 7))) +
        token.slice(index + 1);
      if (reason(verifyOne(flipped, at)) === 'taken') t.fail(`bit in ${index}`);
    }
  }
});

test('any text is at most no token', (t) => {
  const piece = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.json({ maxDepth: 3 }).map((text) => Buffer.from(text).toString('base64url')),
    fc.constantFrom(...made().split('.')),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 4 }), fc.double(), (pieces, when) => {
      const token = pieces.join('.');
      return token === made() || reason(verifier(token, when)) !== 'taken';
    }),
    { numRuns: 300 },
  );
  t.pass();
});

test('the public keys are told as others read them', (t) => {
  const { keys } = jsonWebKeys([rsa.publicKey, ec.publicKey]) as {
    readonly keys: readonly (Record<string, unknown> & { readonly kid: string })[];
  };
  t.like(keys[0], { use: 'sig', kty: 'RSA', alg: 'RS256' });
  t.like(keys[1], { use: 'sig', kty: 'EC', alg: 'ES256', crv: 'P-256' });
  const kid = (token: string): unknown =>
    (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { readonly kid: unknown })
      .kid;
  t.is(kid(made()), keys[1]?.kid);
  t.is(pem(createPublicKey({ key: keys[0] as never, format: 'jwk' })), rsa.publicKey);
  t.like(openIdConfiguration([rsa.publicKey], defaultIssuer, '192.0.2.1:6443'), {
    issuer: defaultIssuer,
    jwks_uri: 'https://192.0.2.1:6443/openid/v1/jwks',
    id_token_signing_alg_values_supported: ['RS256'],
  });
});

test('what is no key for tokens is told as a mistake', (t) => {
  const ed = generateKeyPairSync('ed25519');
  for (const key of ['', 'nonsense', pem(ed.privateKey)])
    t.throws(() => prepareSigner(key, defaultIssuer), { instanceOf: UserError });
  for (const key of ['', pem(ed.publicKey)])
    t.throws(() => prepareVerifier([key], defaultIssuer), { instanceOf: UserError });
});
