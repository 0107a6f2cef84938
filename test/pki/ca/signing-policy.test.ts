/** A CA and a request: each check has a request that passes it and one that does not, and what is signed is what verifies. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { readSigningRequest } from '../../../src/protocols/x509/request.ts';
import type { SigningRequest } from '../../../src/protocols/x509/request.ts';
import { examine } from '../../../src/pki/x509/examination.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemBlocks, pemCertificates, toPem } from '../../../src/pki/keystore/pem.ts';
import { makeRequest, requestFor } from '../../../src/pki/ca/request.ts';
import { considerRequest, isKeyOf, issueGranted } from '../../../src/pki/ca/signing-policy.ts';
import type { Consideration, SigningProfile, SigningQuestion } from '../../../src/pki/ca/signing-policy.ts';
import { minuteText } from '../../../src/pki/x509/validity.ts';
import { got } from '../../protocols/x509/got.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const day = 86_400_000;
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' }, validity: { to: '500d' } },
      short: { profile: 'root', subject: { CN: 'Short' }, validity: { to: '10d' } },
      old: { profile: 'root', subject: { CN: 'Old' }, flaws: ['expired'] },
      leaves: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Leaves' }, pathLength: 0 },
      servers: {
        profile: 'intermediate',
        issuer: 'ca',
        subject: { CN: 'Servers' },
        extendedKeyUsage: ['serverAuth'],
      },
      leaf: { profile: 'server', issuer: 'ca', subject: { CN: 'leaf' }, san: ['DNS:leaf.localhost'] },
      weak: { profile: 'root', subject: { CN: 'Weak' }, flaws: ['weak-key'] },
    },
  },
  { clock: { now: () => now } },
);
const certificateOf = (name: string): Certificate =>
  got(readCertificate(pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0))).value;
const keyOf = (name: string) => createPrivateKey(world.identity(name).key);
const read = (pem: string): SigningRequest =>
  got(readSigningRequest(pemBlocks(pem)[0]?.der ?? new Uint8Array(0))).value;
const bob = read(
  makeRequest({ subject: [['CN', 'bob']], san: ['DNS:bob.localhost', 'IP:127.0.0.1'] }).request,
);

const ask = (more: Partial<SigningQuestion> = {}): SigningQuestion => ({
  request: bob,
  authority: certificateOf('ca'),
  profile: 'client',
  at: now,
  ...more,
});
const about = ({ decisions }: Consideration, kind: string): string[] =>
  decisions.filter((one) => one.kind === kind).map((one) => one.about);

function signedOf(question: SigningQuestion, authority = 'ca'): Certificate {
  const { grant } = considerRequest(question);
  if (!grant) throw new Error('refused');
  return got(readCertificate(issueGranted(question, grant, keyOf(authority)))).value;
}

for (const profile of ['client', 'server', 'ca'] as const satisfies readonly SigningProfile[]) {
  test(`a sound request for a ${profile} is signed, and verifies as that and as nothing else`, (t) => {
    const certificate = signedOf(ask({ profile }));
    const question = { chain: [certificate], roots: [certificateOf('ca')], at: now } as const;
    t.true(examine({ ...question, ...(profile === 'ca' ? {} : { purpose: profile }) }).verified);
    t.is(certificate.basicConstraints?.isCa, profile === 'ca');
    t.is(certificate.basicConstraints?.pathLength, profile === 'ca' ? 0 : undefined);
    t.deepEqual(
      certificate.extendedKeyUsage,
      { client: ['clientAuth'], server: ['serverAuth'], ca: undefined }[profile],
    );
    t.is(certificate.subjectAlternativeNames?.length, profile === 'ca' ? undefined : 2);
    if (profile !== 'ca')
      t.false(examine({ ...question, purpose: profile === 'client' ? 'server' : 'client' }).verified);
    t.deepEqual(Buffer.from(certificate.publicKey.der), Buffer.from(bob.publicKey.der));
  });
}

const refusals: readonly (readonly [what: string, question: SigningQuestion])[] = [
  [
    'possession',
    ask({
      request: {
        ...bob,
        signature: bob.signature.map((byte, at) => (at === bob.signature.length - 1 ? byte ^ 1 : byte)),
      },
    }),
  ],
  [
    'possession',
    ask({
      request: { ...bob, publicKey: read(makeRequest({ subject: [['CN', 'eve']] }).request).publicKey },
    }),
  ],
  ['weak_key', ask({ request: read(makeRequest({ subject: [['CN', 'bob']], key: 'RSA-1024' }).request) })],
  ['key_of_authority', ask({ request: read(requestFor(keyOf('ca'), { subject: [['CN', 'bob']] })) })],
  ['subject_of_authority', ask({ request: read(makeRequest({ subject: [['CN', 'ca ']] }).request) })],
  [
    'subject_control_characters',
    ask({ request: read(makeRequest({ subject: [['CN', 'bob\u0000']] }).request) }),
  ],
  [
    'subject_hidden_characters',
    ask({ request: read(makeRequest({ subject: [['CN', 'bo\u202eb']] }).request) }),
  ],
  ['subject_mixed_scripts', ask({ request: read(makeRequest({ subject: [['CN', 'bоb']] }).request) })],
  ['subject_empty', ask({ request: read(makeRequest({ subject: [] }).request) })],
  [
    'no_name',
    ask({ request: read(makeRequest({ subject: [['CN', 'shop.localhost']] }).request), profile: 'server' }),
  ],
  [
    'no_name',
    ask({
      request: read(makeRequest({ subject: [['CN', 'shop']], san: ['DNS:*.localhost'] }).request),
      profile: 'server',
    }),
  ],
  ['name_kind', ask({ profile: 'server', names: ['DNS:a.localhost', 'email:a@b.localhost'] })],
  ['authority', ask({ authority: certificateOf('leaf'), profile: 'server' })],
  ['authority_validity', ask({ authority: certificateOf('old') })],
  ['authority_key', ask({ authority: certificateOf('weak') })],
  ['authority_usage', ask({ authority: certificateOf('servers') })],
  ['path_length', ask({ authority: certificateOf('leaves'), profile: 'ca' })],
];

for (const [index, [what, question]] of refusals.entries()) {
  test(`${index}: refused, and nothing is granted: ${what}`, (t) => {
    const consideration = considerRequest(question);
    t.is(consideration.grant, undefined);
    t.deepEqual(about(consideration, 'refused'), [what]);
    t.deepEqual(about(consideration, 'granted'), []);
    for (const { words } of consideration.decisions) t.regex(words.ko, /[가-힣]|^CA:/);
  });
}

test('names: wildcards and kinds outside of the profile are cut, and given names replace those that are asked for', (t) => {
  const request = read(
    makeRequest({
      subject: [['CN', 'shop']],
      san: ['DNS:*.shop.localhost', 'DNS:shop.localhost', 'email:a@b.localhost', 'DNS:not a name'],
    }).request,
  );
  const first = considerRequest(ask({ request, profile: 'server' }));
  t.deepEqual(about(first, 'cut'), ['name', 'name', 'name']);
  t.deepEqual(first.grant?.names, ['DNS:shop.localhost']);
  const given = considerRequest(
    ask({ request, profile: 'server', names: ['DNS:*.shop.localhost', 'IP:::1'] }),
  );
  t.deepEqual(given.grant?.names, ['DNS:*.shop.localhost', 'IP:::1']);
  t.is(about(given, 'cut').length, 3);
});

test('no certificate outlives its CA, and none begins before it', (t) => {
  const cut = considerRequest(ask({ authority: certificateOf('short') }));
  t.deepEqual(about(cut, 'cut'), ['validity']);
  t.is(cut.grant?.notAfter, certificateOf('short').notAfter);
  t.is(considerRequest(ask({ days: 20 })).grant?.notAfter, now + 20 * day);
  const young = { ...certificateOf('ca'), notBefore: now - 1000 };
  t.is(considerRequest(ask({ authority: young })).grant?.notBefore, now - 1000);
  t.true(
    considerRequest(ask({ days: 20 })).decisions.some(({ words }) =>
      words.en.includes(minuteText(now + 20 * day)),
    ),
  );
});

test('a name of another script is somebody’s name, even where it could be read as Latin', (t) => {
  for (const name of ['앨리스', 'Сара', 'Алиса Смирнова'])
    t.truthy(
      considerRequest(ask({ request: read(makeRequest({ subject: [['CN', name]] }).request) })).grant,
      name,
    );
});

test('a key is the key of its certificate, and of no other', (t) => {
  t.true(isKeyOf(keyOf('ca'), certificateOf('ca')));
  t.false(isKeyOf(keyOf('leaf'), certificateOf('ca')));
  // A key of another type is none, and the next key is read as ever.
  const pem = keyOf('leaf').export({ type: 'pkcs8', format: 'pem' });
  for (const type of ['rsa', 'ed25519', 'ec'] as const) {
    const { privateKey } = (
      generateKeyPairSync as unknown as (
        type: string,
        options: object,
      ) => {
        readonly privateKey: ReturnType<typeof createPrivateKey>;
      }
    )(type, { modulusLength: 2048, namedCurve: 'P-384' });
    t.false(isKeyOf(privateKey, certificateOf('ca')), type);
    t.notThrows(() => createPrivateKey(pem), type);
  }
});

withPeer(
  'openssl',
  'what openssl asks for too much is cut, one by one, and openssl verifies what is left',
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'wirelab-signing-'));
    t.teardown(async () => rm(folder, { recursive: true, force: true }));
    await writeFile(join(folder, 'ca.crt'), world.authority('ca'));
    const wishes = [
      'basicConstraints=critical,CA:TRUE,pathlen:3',
      'keyUsage=digitalSignature,keyCertSign,cRLSign',
      'extendedKeyUsage=serverAuth,clientAuth,codeSigning',
      'nameConstraints=permitted;DNS:x',
      'subjectAltName=DNS:bob.localhost,DNS:*.localhost,URI:spiffe://x/bob,otherName:1.2.3;UTF8:x',
    ];
    const made = await runProgram(
      'openssl',
      [
        'req',
        '-new',
        '-newkey',
        'rsa:2048',
        '-noenc',
        '-keyout',
        'bob.key',
        '-subj',
        '/CN=bob',
        ...wishes.flatMap((wish) => ['-addext', wish]),
      ],
      { cwd: folder },
    );
    t.is(made.exitCode, 0, made.stderr);
    const request = read(made.stdout);
    for (const profile of ['client', 'server'] as const) {
      const question = ask({ request, profile });
      t.deepEqual(about(considerRequest(question), 'cut').toSorted(), [
        'ca',
        'extended_key_usage',
        'extended_key_usage',
        'extension',
        'key_usage',
        'key_usage',
        'name',
        'name',
      ]);
      const certificate = signedOf(question);
      await writeFile(join(folder, 'bob.crt'), toPem('CERTIFICATE', certificate.der));
      const verified = await runProgram(
        'openssl',
        [
          'verify',
          '-x509_strict',
          '-auth_level',
          '2',
          '-purpose',
          `ssl${profile}`,
          '-attime',
          String(now / 1000),
          '-CAfile',
          'ca.crt',
          'bob.crt',
        ],
        { cwd: folder },
      );
      t.is(verified.exitCode, 0, verified.stderr);
      const text = await runProgram('openssl', ['x509', '-in', 'bob.crt', '-noout', '-text'], {
        cwd: folder,
      });
      t.notRegex(text.stdout, /CA:TRUE|Certificate Sign|Code Signing|Name Constraints|\*/);
      t.regex(text.stdout, profile === 'server' ? /Key Encipherment/ : /Client Authentication/);
    }
  },
);
