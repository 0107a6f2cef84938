import test from 'ava';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrapTokenOf, prepareAuthentication } from '../../../src/kube/authn/authentication.ts';
import type {
  Authentication,
  AuthenticationPools,
  BootstrapToken,
} from '../../../src/kube/authn/authentication.ts';
import type { User } from '../../../src/kube/apiserver/attributes.ts';
import { requestHeaders } from '../../../src/kube/apiserver/headers.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { at, authority, day, issue, issueOld, usages } from '../support/certificates.ts';
import type { Issued } from '../support/certificates.ts';

const ca = authority('kubernetes');
const namesake = authority('kubernetes');
const frontProxyCa = authority('front-proxy-ca');
const intermediate = authority('intermediate', { issuer: ca });
const bob = issue({
  subject: [
    ['O', 'dev'],
    ['CN', 'bob'],
    ['O', 'ops'],
  ],
  issuer: ca,
});
const proxy = issue({ subject: [['CN', 'front-proxy-client']], issuer: frontProxyCa });

const token: BootstrapToken = {
  id: 'abcdef',
  secret: '0123456789abcdef',
  groups: ['system:bootstrappers:kubeadm:default-node-token'],
  expiration: at + day,
};
const pools: AuthenticationPools = {
  clientAuthorities: [ca.der],
  frontProxy: { authorities: [frontProxyCa.der], allowedNames: ['front-proxy-client'] },
  bootstrapTokens: () => [{ ...token, id: 'zzzzzz' }, token],
};
const authenticate = prepareAuthentication(pools);

interface Request {
  readonly presents?: readonly Issued[];
  readonly says?: readonly string[];
  readonly when?: number;
  readonly to?: Partial<AuthenticationPools>;
}

function ask({ presents = [], says = [], when = at, to }: Request): Authentication {
  const server = to ? prepareAuthentication({ ...pools, ...to }) : authenticate;
  return server({ chain: presents.map(({ der }) => der), headers: requestHeaders(says) }, when);
}

/** Method and reason of what is first wrong; the user's name where nothing is. */
function verdict(request: Request): string {
  const answer = ask(request);
  return answer.outcome === 'authenticated'
    ? `user ${answer.user.name}`
    : answer.faults.map(({ method, reason }) => `${method} ${reason}`).join(', ');
}

const leaf = (facts: Partial<Parameters<typeof issue>[0]> = {}): Issued =>
  issue({ subject: [['CN', 'bob']], issuer: ca, ...facts });
const weakKey = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey;
const forServers = authority('for servers', { issuer: ca, extendedKeyUsage: [usages.serverAuth] });
/** The cluster's CA with the same key, which may have no CA below. */
const shallow = authority('kubernetes', { key: ca.key, pathLength: 0 });
/** Of version 1: a CA where somebody trusts it, and where somebody merely presents it none. */
const oldRoot = issueOld('old root');
const oldIntermediate = issueOld('old intermediate', ca);
const rollover = authority('kubernetes', { issuer: ca });
const shortLived = authority('kubernetes', { key: ca.key, notAfter: at + day });

/** Each row breaks one rule and keeps all others; `admitted` has its twin. */
const refused: Readonly<Record<string, readonly [Request, string]>> = {
  'a CA that nobody here knows': [{ presents: [leaf({ issuer: authority('rogue') })] }, 'x509 unknown_ca'],
  'a CA of the same name under another key': [{ presents: [leaf({ issuer: namesake })] }, 'x509 unknown_ca'],
  'a CA of the same name under another key, without identifiers': [
    { presents: [leaf({ issuer: namesake, keyIds: false })] },
    'x509 bad_signature',
  ],
  'a signature that is not the CA’s': [{ presents: [leaf({ broken: true })] }, 'x509 bad_signature'],
  'a certificate that signed itself': [
    { presents: [issue({ subject: [['CN', 'bob']] })] },
    'x509 unknown_ca',
  ],
  'a certificate that has ended': [
    { presents: [bob], when: bob.certificate.notAfter + 1000 },
    'x509 certificate_expired',
  ],
  'a certificate that has not begun': [
    { presents: [bob], when: bob.certificate.notBefore - 1 },
    'x509 certificate_not_yet_valid',
  ],
  'a CA that has ended': [
    { presents: [bob], when: at + 2 * day, to: { clientAuthorities: [shortLived.der] } },
    'x509 certificate_expired',
  ],
  'a usage that is another': [
    { presents: [leaf({ extendedKeyUsage: [usages.serverAuth] })] },
    'x509 wrong_usage',
  ],
  'an intermediate for servers only': [
    { presents: [leaf({ issuer: forServers }), forServers] },
    'x509 wrong_usage',
  ],
  'an intermediate that is no CA': [{ presents: [leaf({ issuer: bob }), bob] }, 'x509 not_a_ca'],
  'an intermediate of version 1': [
    { presents: [leaf({ issuer: oldIntermediate }), oldIntermediate] },
    'x509 not_a_ca',
  ],
  'an intermediate that may not sign certificates': [{ presents: belowCrlSigner() }, 'x509 not_a_ca'],
  'an intermediate that is missing': [{ presents: [leaf({ issuer: intermediate })] }, 'x509 unknown_ca'],
  'one CA more than its CA may have below': [
    { presents: [leaf({ issuer: intermediate }), intermediate], to: { clientAuthorities: [shallow.der] } },
    'x509 path_too_long',
  ],
  'a critical extension': [
    { presents: [leaf({ criticalExtension: true })] },
    'x509 unhandled_critical_extension',
  ],
  'a digest that is weak': [{ presents: [leaf({ digest: 'sha1' })] }, 'x509 weak_signature'],
  'a key that is weak': [{ presents: [leaf({ key: weakKey })] }, 'x509 weak_key'],
  'no common name': [{ presents: [leaf({ subject: [['O', 'dev']] })] }, 'x509 common_name_missing'],
  'an empty common name': [{ presents: [leaf({ subject: [['CN', '']] })] }, 'x509 common_name_missing'],
  'two common names': [
    {
      presents: [
        leaf({
          subject: [
            ['CN', 'bob'],
            ['CN', 'alice'],
          ],
        }),
      ],
    },
    'x509 common_name_ambiguous',
  ],
  'a certificate of the front proxy’s CA under another name': [
    { presents: [leaf({ issuer: frontProxyCa })], says: ['X-Remote-User', 'alice'] },
    'request-header name_not_allowed, x509 unknown_ca',
  ],
  'the front proxy, speaking for nobody': [{ presents: [proxy] }, 'x509 unknown_ca'],
  'the front proxy where nobody has one': [
    { presents: [proxy], says: ['X-Remote-User', 'alice'], to: onlyClients() },
    'x509 unknown_ca',
  ],
  'a token that nobody has': [
    { says: ['Authorization', 'Bearer abcdef.0123456789abcdeg'] },
    'bearer-token token_unknown',
  ],
  'a token with the secret of another': [
    { says: ['Authorization', 'Bearer abcdeg.0123456789abcdef'] },
    'bearer-token token_unknown',
  ],
  'a token that is no bootstrap token': [
    { says: ['Authorization', 'Bearer x'] },
    'bearer-token token_unknown',
  ],
  'a token that has ended': [
    { says: ['Authorization', 'Bearer abcdef.0123456789abcdef'], when: at + day },
    'bearer-token token_expired',
  ],
  'nothing, where nothing is not enough': [{ to: { anonymous: false } }, 'anonymous anonymous_not_allowed'],
};

function belowCrlSigner(): Issued[] {
  const crlSigner = authority('lists', { issuer: ca, keyUsage: ['cRLSign'] });
  return [leaf({ issuer: crlSigner }), crlSigner];
}

function onlyClients(): Partial<AuthenticationPools> {
  return { frontProxy: { authorities: [], allowedNames: [] } };
}

for (const [title, [request, expected]] of Object.entries(refused)) {
  test(`refused: ${title}`, (t) => {
    t.is(verdict(request), expected);
    const answer = ask(request);
    if (answer.outcome !== 'unauthorized') return;
    for (const { words } of answer.faults) {
      t.true(words.en.length > 5);
      t.regex(words.ko, /[가-힣]/);
    }
  });
}

const admitted: Readonly<Record<string, readonly [Request, string]>> = {
  'a certificate of the cluster’s CA': [{ presents: [leaf()] }, 'bob'],
  'of one of several CAs': [{ presents: [leaf()], to: { clientAuthorities: [namesake.der, ca.der] } }, 'bob'],
  'without identifiers, where a namesake stands first': [
    { presents: [leaf({ keyIds: false })], to: { clientAuthorities: [namesake.der, ca.der] } },
    'bob',
  ],
  'in the last second of its life': [{ presents: [bob], when: bob.certificate.notAfter + 999 }, 'bob'],
  'in the first millisecond of its life': [{ presents: [bob], when: bob.certificate.notBefore }, 'bob'],
  'without extended usage': [{ presents: [leaf({ extendedKeyUsage: [] })] }, 'bob'],
  'for any usage': [{ presents: [leaf({ extendedKeyUsage: [usages.any] })] }, 'bob'],
  'for servers and clients': [
    { presents: [leaf({ extendedKeyUsage: [usages.serverAuth, usages.clientAuth] })] },
    'bob',
  ],
  'by an intermediate that was presented': [
    { presents: [leaf({ issuer: intermediate }), intermediate] },
    'bob',
  ],
  'by a CA that may have none below': [
    { presents: [leaf()], to: { clientAuthorities: [shallow.der] } },
    'bob',
  ],
  'by a CA that will end tomorrow': [{ presents: [bob], to: { clientAuthorities: [shortLived.der] } }, 'bob'],
  'by a CA’s new key, which its old key vouches for and which counts for no CA': [
    { presents: [leaf({ issuer: rollover }), rollover], to: { clientAuthorities: [shallow.der] } },
    'bob',
  ],
  'by a CA of version 1': [
    { presents: [leaf({ issuer: oldRoot })], to: { clientAuthorities: [oldRoot.der] } },
    'bob',
  ],
  'with a key that is just not weak': [
    { presents: [leaf({ key: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey })] },
    'bob',
  ],
  'with as many strangers as there may be': [
    { presents: [bob, ...Array.from({ length: 15 }, () => proxy)] },
    'bob',
  ],
  'with strangers in the chain': [{ presents: [leaf(), proxy, namesake] }, 'bob'],
  'the front proxy, for somebody': [{ presents: [proxy], says: ['X-Remote-User', 'alice'] }, 'alice'],
  'any front proxy where no names are listed': [
    {
      presents: [leaf({ issuer: frontProxyCa })],
      says: ['X-Remote-User', 'alice'],
      to: { frontProxy: { authorities: [frontProxyCa.der], allowedNames: [] } },
    },
    'alice',
  ],
  'somebody who says to be another without being the front proxy': [
    { presents: [bob], says: ['X-Remote-User', 'alice', 'X-Remote-Group', 'system:masters'] },
    'bob',
  ],
  'a bootstrap token': [
    { says: ['Authorization', 'Bearer abcdef.0123456789abcdef'] },
    'system:bootstrap:abcdef',
  ],
  'a bootstrap token, in its last millisecond': [
    { says: ['authorization', 'bearer abcdef.0123456789abcdef'], when: at + day - 1 },
    'system:bootstrap:abcdef',
  ],
  'a token beside a certificate that is no good': [
    { presents: [leaf({ broken: true })], says: ['Authorization', 'Bearer abcdef.0123456789abcdef'] },
    'system:bootstrap:abcdef',
  ],
  'a certificate beside a token that is no good': [
    { presents: [bob], says: ['Authorization', 'Bearer x'] },
    'bob',
  ],
  nobody: [{}, 'system:anonymous'],
  'nobody, by a scheme that nobody here knows': [
    { says: ['Authorization', 'Basic Ym9iOmJvYg=='] },
    'system:anonymous',
  ],
  'nobody, who says to be somebody': [{ says: ['X-Remote-User', 'alice'] }, 'system:anonymous'],
};

for (const [title, [request, name]] of Object.entries(admitted))
  test(`admitted: ${title}`, (t) => t.is(verdict(request), `user ${name}`));

function userOf(request: Request): User {
  const answer = ask(request);
  if (answer.outcome !== 'authenticated') throw new Error(JSON.stringify(answer.faults));
  return answer.user;
}

test('each O is a group, in order, and whoever logged in is authenticated', (t) => {
  t.deepEqual(userOf({ presents: [bob] }).groups, ['dev', 'ops', 'system:authenticated']);
  t.deepEqual(userOf({ says: ['Authorization', 'Bearer abcdef.0123456789abcdef'] }), {
    name: 'system:bootstrap:abcdef',
    groups: [
      'system:bootstrappers',
      'system:bootstrappers:kubeadm:default-node-token',
      'system:authenticated',
    ],
  });
  t.deepEqual(userOf({}), { name: 'system:anonymous', groups: ['system:unauthenticated'] });
});

test('a certificate that names system:authenticated or the anonymous user gets no group twice', (t) => {
  const groups = (...subject: Parameters<typeof issue>[0]['subject']): readonly string[] =>
    userOf({ presents: [leaf({ subject })] }).groups;
  t.deepEqual(groups(['CN', 'bob'], ['O', 'x'], ['O', 'system:authenticated']), [
    'x',
    'system:authenticated',
  ]);
  t.deepEqual(groups(['CN', 'bob'], ['O', 'system:unauthenticated'], ['O', 'x']), [
    'system:unauthenticated',
    'x',
  ]);
  t.deepEqual(groups(['CN', 'system:anonymous'], ['O', 'x']), ['x']);
});

test('the user of a certificate carries its digest', (t) => {
  const { extra } = userOf({ presents: [bob] });
  t.regex(extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^X509SHA256=[0-9a-f]{64}$/);
});

test('a front proxy tells groups, uid and extras, each value by itself', (t) => {
  const says = [
    'X-Remote-User',
    'alice',
    'X-Remote-Group',
    'a',
    'X-Remote-Group',
    'b,c',
    'X-Remote-Uid',
    '42',
    'X-Remote-Extra-Scopes',
    'x',
    'X-Remote-Extra-Acme.com%2fProject',
    'p',
  ];
  t.deepEqual(userOf({ presents: [proxy], says }), {
    name: 'alice',
    uid: '42',
    groups: ['a', 'b,c', 'system:authenticated'],
    extra: { scopes: ['x'], 'acme.com/project': ['p'] },
  });
  t.deepEqual(userOf({ presents: [proxy], says: ['X-Remote-User', 'alice'] }), {
    name: 'alice',
    groups: ['system:authenticated'],
  });
});

test('certificates that cannot be read, too many and too large ones are refused, and none throws', (t) => {
  const server = (chain: readonly Uint8Array[]): string => {
    const answer = authenticate({ chain, headers: new Map() }, at);
    return answer.outcome === 'authenticated'
      ? answer.user.name
      : answer.faults.map(({ reason }) => reason).join();
  };
  for (let length = 0; length < bob.der.length; length += 7)
    t.regex(server([bob.der.subarray(0, length)]), /malformed/);
  t.regex(server([Buffer.alloc(10_000_000, 0x30)]), /malformed/);
  t.regex(server([bob.der, new Uint8Array(200_000)]), /malformed/);
  t.regex(server(Array.from({ length: 17 }, () => bob.der)), /malformed/);
  t.is(server([bob.der, Uint8Array.of(1, 2, 3)]), 'bob');
});

test('a name with NUL in it is another name, and thousands of groups are groups', (t) => {
  t.is(
    verdict({ presents: [leaf({ subject: [['CN', 'bob\0system:masters']] })] }),
    'user bob\0system:masters',
  );
  const many = leaf({
    subject: [['CN', 'bob'], ...Array.from({ length: 3000 }, (_, index) => ['O', `g${index}`] as const)],
  });
  t.is(userOf({ presents: [many] }).groups.length, 3001);
});

test('the words for the log say which certificate, what is wrong and what would be right', (t) => {
  const words = (request: Request): string => {
    const answer = ask(request);
    return answer.outcome === 'authenticated' ? '' : (answer.faults[0]?.words.en ?? '');
  };
  t.regex(
    words({ presents: [bob], when: bob.certificate.notAfter + 1000 }),
    /^O=dev,CN=bob,O=ops \([0-9a-f:]+\): it has expired: current time 2027-06-01T00:00:01Z, valid until 2027-06-01T00:00:00Z$/i,
  );
  t.regex(
    words({ presents: [leaf({ extendedKeyUsage: [usages.serverAuth] })] }),
    /: it is for serverAuth, not for clientAuth$/,
  );
  const two = { clientAuthorities: [authority('other').der, ca.der] };
  t.regex(
    words({ presents: [leaf({ issuer: namesake })], to: two }),
    /a CA of the same name \(CN=kubernetes\) is trusted, but with another key$/,
  );
  t.regex(
    words({ presents: [leaf({ issuer: namesake }), issue({ subject: [['CN', 'x']] })], to: two }),
    /a CA of the same name/,
  );
  t.regex(
    words({ presents: [leaf({ issuer: authority('rogue') })], to: two }),
    /signed by unknown authority: CN=rogue$/,
  );
  t.is(words({ presents: Array.from({ length: 17 }, () => bob) }), 'too many certificates');
});

test('what is said for the log shows nothing raw of what a stranger wrote', (t) => {
  const answer = ask({
    presents: [issue({ subject: [['CN', 'x\u001b[2J\u202e']], issuer: authority('evil\u001b[31m') })],
  });
  if (answer.outcome !== 'unauthorized') return t.fail();
  // eslint-disable-next-line no-control-regex
  for (const { words } of answer.faults) t.notRegex(`${words.en}${words.ko}`, /[\u0000-\u001f\u202e]/);
});

test('a CA that cannot be read is a mistake of whoever starts the server', (t) => {
  t.throws(() => prepareAuthentication({ clientAuthorities: [Uint8Array.of(1)] }), { message: /CA/ });
});

const base64 = (fields: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
  );
const secretFields = {
  'token-id': 'abcdef',
  'token-secret': '0123456789abcdef',
  'usage-bootstrap-authentication': 'true',
  'auth-extra-groups': 'system:bootstrappers:a,system:bootstrappers:b',
  expiration: '2026-06-02T00:00:00Z',
};
const secretOf = (fields: Partial<typeof secretFields> = {}, more: Partial<KubeObject> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  type: 'bootstrap.kubernetes.io/token',
  metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
  data: base64({ ...secretFields, ...fields }),
  ...more,
});

test('a secret holds a bootstrap token when all of it is so', (t) => {
  t.deepEqual(bootstrapTokenOf(secretOf()), {
    id: 'abcdef',
    secret: '0123456789abcdef',
    groups: ['system:bootstrappers:a', 'system:bootstrappers:b'],
    expiration: Date.parse('2026-06-02T00:00:00Z'),
  });
  t.is(bootstrapTokenOf(secretOf({ expiration: 'soon' }))?.expiration, 0);
  const none = [
    secretOf({}, { type: 'Opaque' }),
    secretOf({}, { data: undefined }),
    secretOf({}, { metadata: { name: 'bootstrap-token-other' } }),
    secretOf({ 'token-id': 'ABCDEF' }),
    secretOf({ 'token-secret': 'short' }),
    secretOf({ 'usage-bootstrap-authentication': 'false' }),
    secretOf({ 'auth-extra-groups': 'system:bootstrappers:a,system:masters' }),
  ];
  for (const secret of none) t.is(bootstrapTokenOf(secret), undefined);
});

withPeer('openssl', 'certificates that openssl made are judged the same', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-authn-'));
  try {
    await Promise.all([
      writeFile(join(folder, 'ca.crt'), ca.pem),
      writeFile(join(folder, 'ca.key'), ca.keyPem),
    ]);
    const make = async (name: string, subject: string, extension: string): Promise<Uint8Array[]> => {
      const parameters = [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-keyout',
        `${name}.key`,
        '-out',
        `${name}.crt`,
        '-CA',
        'ca.crt',
        '-CAkey',
        'ca.key',
      ];
      const dates = ['-not_before', '20260501000000Z', '-not_after', '20260701000000Z'];
      const made = await runProgram(
        'openssl',
        [
          ...parameters,
          ...dates,
          '-subj',
          subject,
          '-addext',
          'basicConstraints=critical,CA:FALSE',
          '-addext',
          extension,
        ],
        { cwd: folder },
      );
      t.is(made.exitCode, 0, made.stderr);
      return pemCertificates(await readFile(join(folder, `${name}.crt`), 'utf8'));
    };
    const good = await make('good', '/O=dev/O=ops/CN=alice', 'extendedKeyUsage=clientAuth');
    const bad = await make('bad', '/O=dev/CN=alice', 'extendedKeyUsage=serverAuth');
    const user = authenticate({ chain: good, headers: new Map() }, at);
    t.like(user.outcome === 'authenticated' && user.user, {
      name: 'alice',
      groups: ['dev', 'ops', 'system:authenticated'],
    });
    const none = authenticate({ chain: bad, headers: new Map() }, at);
    t.is(none.outcome === 'unauthorized' && none.faults[0]?.reason, 'wrong_usage');
  } finally {
    await rm(folder, { recursive: true });
  }
});
