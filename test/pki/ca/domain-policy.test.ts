import { createPrivateKey } from 'node:crypto';
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { certificateSummary, readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import type { SigningRequest } from '../../../src/protocols/x509/request.ts';
import { askedIn, considerForDomains } from '../../../src/pki/ca/domain-policy.ts';
import { examine } from '../../../src/pki/x509/examination.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { readRequest, requestFor } from '../../../src/pki/ca/request.ts';
import type { RequestParts } from '../../../src/pki/ca/request.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { issueGranted } from '../../../src/pki/ca/signing-policy.ts';

const world = issueWorld(
  { certificates: { ca: { profile: 'root', subject: { CN: 'CA' } } } },
  { clock: systemClock },
);
const authority = read(world.authority('ca'));
const signer = createPrivateKey(world.identity('ca').key);

function read(pem: string | Uint8Array): Certificate {
  const der = typeof pem === 'string' ? pemCertificates(pem)[0] : pem;
  const step = readCertificate(der ?? new Uint8Array(0));
  if (!('got' in step)) throw new Error('no certificate');
  return step.got;
}

function asking(parts: Omit<RequestParts, 'key'>): SigningRequest {
  return readRequest(requestFor(makeKey('P-256'), parts));
}

const consider = (request: SigningRequest) =>
  considerForDomains({ request, authority, at: systemClock.now() });
const kinds = (request: SigningRequest, kind: string): string[] =>
  consider(request)
    .decisions.filter((one) => one.kind === kind)
    .map(({ about }) => about);

/** What is given for a request, whose names are taken as proven. */
function given(request: SigningRequest): Certificate {
  const { question, grant } = consider(request);
  if (!question || !grant) throw new Error('refused');
  return read(issueGranted(question, grant, signer));
}

test('a plain request is granted as it is, for a server and for ninety days', (t) => {
  const request = asking({ subject: [['CN', 'shop.localhost']], san: ['DNS:shop.localhost'] });
  t.deepEqual(kinds(request, 'cut'), []);
  t.deepEqual(kinds(request, 'refused'), []);
  const certificate = given(request);
  const { subject, san, isCa, extendedKeyUsage, notAfter } = certificateSummary(certificate);
  t.is(subject, 'CN=shop.localhost');
  t.deepEqual(san, ['DNS:shop.localhost']);
  t.false(isCa);
  t.deepEqual(extendedKeyUsage, ['serverAuth']);
  t.true(Math.abs(Date.parse(notAfter) - Date.now() - 90 * 86_400_000) < 60_000);
  t.true(
    examine({
      chain: [certificate],
      roots: [authority],
      purpose: 'server',
      name: 'shop.localhost',
      at: Date.now(),
    }).verified,
  );
});

test('what nobody checks is cut: CA rights, usages, wildcards, addresses, and everything of the subject but a name', (t) => {
  const request = asking({
    subject: [
      ['CN', 'somebody.else'],
      ['O', 'Bank'],
      ['C', 'KR'],
    ],
    san: [
      'DNS:*.shop.localhost',
      'DNS:SHOP.localhost',
      'DNS:shop.localhost',
      'IP:127.0.0.1',
      'email:a@shop.localhost',
      'URI:https://shop.localhost/',
    ],
    wishes: {
      isCa: true,
      keyUsage: ['keyCertSign', 'cRLSign'],
      extendedKeyUsage: ['codeSigning', 'clientAuth'],
    },
  });
  t.deepEqual(kinds(request, 'cut').toSorted(), [
    'ca',
    'extended_key_usage',
    'extended_key_usage',
    'key_usage',
    'key_usage',
    'name',
    'name',
    'name',
    'subject',
    'wildcard',
  ]);
  t.deepEqual(kinds(request, 'refused'), []);
  t.deepEqual(consider(request).names, ['shop.localhost']);
  const certificate = given(request);
  const { subject, san, isCa, extendedKeyUsage } = certificateSummary(certificate);
  t.is(subject, 'CN=shop.localhost');
  t.deepEqual(san, ['DNS:shop.localhost']);
  t.false(isCa);
  t.deepEqual(extendedKeyUsage, ['serverAuth']);
  t.deepEqual(certificate.keyUsage, ['digitalSignature']);
});

for (const [what, parts, about] of [
  ['no name', { subject: [['CN', 'shop.localhost']] }, 'no_name'],
  ['nothing but a wildcard', { subject: [], san: ['DNS:*.localhost'] }, 'no_name'],
  [
    'a name with a NUL in it',
    { subject: [], san: ['DNS:shop.localhost\0.mallory.localhost'] },
    'name_characters',
  ],
  ['a name with a space in it', { subject: [], san: ['DNS:shop localhost'] }, 'name_characters'],
  [
    'eleven names',
    { subject: [], san: Array.from({ length: 11 }, (_, index) => `DNS:a${index}.localhost`) },
    'too_many_names',
  ],
  [
    'a subject with a NUL in it',
    { subject: [['CN', 'shop.localhost\0.mallory']], san: ['DNS:shop.localhost'] },
    'subject_control_characters',
  ],
  ['the name of the CA', { subject: [['CN', 'CA']], san: ['DNS:shop.localhost'] }, 'subject_of_authority'],
] as const satisfies readonly (readonly [string, Omit<RequestParts, 'key'>, string])[]) {
  test(`refused: ${what}`, (t) => {
    const consideration = consider(asking(parts));
    t.is(consideration.grant, undefined);
    t.is(consideration.question, undefined);
    t.true(
      consideration.decisions.some((one) => one.kind === 'refused' && one.about === about),
      JSON.stringify(consideration.decisions),
    );
    t.false(consideration.decisions.some(({ kind }) => kind === 'granted'));
    for (const { words } of consideration.decisions)
      for (const text of Object.values(words)) t.notRegex(text, /[\0-\u001f]/);
  });
}

test('what is asked is told in a few words, whatever is in it', (t) => {
  const plain = asking({
    subject: [
      ['CN', 'a'],
      ['O', 'B'],
    ],
    san: ['DNS:shop.localhost'],
    wishes: { isCa: true, keyUsage: ['keyCertSign'], extendedKeyUsage: ['codeSigning'] },
  });
  t.deepEqual(askedIn(plain), [
    'CN=a,O=B',
    'DNS:shop.localhost',
    'CA:TRUE',
    'keyCertSign',
    'codeSigning',
    'P-256',
  ]);
  const hostile = asking({
    subject: [['CN', 'x\u001b[2J'.repeat(100)]],
    san: Array.from({ length: 2000 }, () => `DNS:${'y\0'.repeat(10)}`),
  });
  const told = askedIn(hostile);
  t.true(told.length < 20);
  for (const one of told) {
    t.true(one.length <= 253);
    t.notRegex(one, /[\0-\u001f]/);
  }
});

test('a request with thousands of names is refused in one line', (t) => {
  const { decisions, grant, question } = consider(
    asking({
      subject: [],
      san: Array.from({ length: 2000 }, (_, index) => `IP:10.0.${index >> 8}.${index & 255}`),
    }),
  );
  t.deepEqual(
    [decisions.length, decisions[0]?.about, grant, question],
    [1, 'too_many_names', undefined, undefined],
  );
});

test('ten names are granted, eleven are not: the limit counts names, not wishes', (t) => {
  const names = Array.from({ length: 10 }, (_, index) => `DNS:a${index}.localhost`);
  t.is(
    consider(asking({ subject: [], san: [...names, 'DNS:*.localhost', 'DNS:A0.localhost'] })).names.length,
    10,
  );
});

test('a name too long for a common name is in the certificate all the same, and the subject stays empty', (t) => {
  const name = `${'a'.repeat(60)}.localhost`;
  const certificate = given(asking({ subject: [], san: [`DNS:${name}`] }));
  t.is(certificateSummary(certificate).subject, '');
  t.deepEqual(certificateSummary(certificate).san, [`DNS:${name}`]);
});

test('whoever asks for a key that signed nothing is refused', (t) => {
  const other = makeKey('P-256');
  const request = requestFor(makeKey('P-256'), {
    subject: [],
    san: ['DNS:shop.localhost'],
    publicKey: spkiOf(other),
  });
  t.throws(() => readRequest(request), { message: /was not signed with the private key/ });
});

function spkiOf(key: ReturnType<typeof makeKey>): Uint8Array {
  const jwk = key.export({ format: 'jwk' });
  const point = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(String(jwk.x), 'base64url'),
    Buffer.from(String(jwk.y), 'base64url'),
  ]);
  return new Uint8Array(
    Buffer.concat([Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex'), point]),
  );
}
