/** Each peculiarity is found in a certificate made for it, and in no sound one. */
import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import type { GeneralName } from '../../../src/protocols/x509/structures.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { keyPeculiarities, lintOf } from '../../../src/pki/x509/lint.ts';
import { visible } from '../../../src/pki/x509/name-lint.ts';
import type { LintId } from '../../../src/pki/x509/lint-finding.ts';
import { got } from '../../protocols/x509/got.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const san = ['DNS:shop.localhost'];
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle' } },
      bare: { profile: 'root', subject: { CN: 'Bare' }, keyUsage: [] },
      shop: { profile: 'server', issuer: 'ca', subject: { CN: 'shop.localhost' }, san },
      alice: { profile: 'client', issuer: 'ca', subject: { CN: '앨리스', O: 'Workshop' } },
      'no-san': { profile: 'server', issuer: 'ca', subject: { CN: 'shop.localhost' } },
      sha1: { profile: 'server', issuer: 'ca', subject: { CN: 'old' }, san, flaws: ['weak-signature'] },
      weak: { profile: 'server', issuer: 'ca', subject: { CN: 'weak' }, san, flaws: ['weak-key'] },
      selfmade: { profile: 'server', issuer: 'ca', subject: { CN: 'self' }, san, flaws: ['self-signed'] },
      strange: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'strange' },
        san,
        flaws: ['unknown-critical-extension'],
      },
      both: { profile: 'server', issuer: 'ca', subject: { CN: 'both' }, san, flaws: ['ca-as-leaf'] },
      signing: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'signing' },
        san,
        keyUsage: ['keyCertSign'],
      },
      unlimited: { profile: 'server', issuer: 'ca', subject: { CN: 'unlimited' }, san, extendedKeyUsage: [] },
      long: { profile: 'server', issuer: 'ca', subject: { CN: 'long' }, san, validity: { to: '900d' } },
    },
  },
  { clock: { now: () => now } },
);
const read = (name: string): Certificate =>
  got(readCertificate(pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0))).value;
const ids = (certificate: Certificate): LintId[] => lintOf(certificate).map(({ id }) => id);
const named = (value: string, kind: GeneralName['kind'] = 'DNS'): Certificate => ({
  ...read('shop'),
  subjectAlternativeNames: [
    { kind: 'DNS', value: 'shop.localhost' },
    { kind, value },
  ],
});
const called = (value: string): Certificate => ({
  ...read('alice'),
  subject: { ...read('alice').subject, attributes: [{ type: 'CN', value }] },
});

/** As a public CA issues it: with the signed timestamps of logs. */
const ofPublicCa = (days: number, usages: readonly string[] = ['serverAuth']): Certificate => ({
  ...read('shop'),
  notAfter: read('shop').notBefore + days * 86_400_000 - 1000,
  extendedKeyUsage: usages,
  extensions: [
    ...read('shop').extensions,
    ...read('shop')
      .extensions.slice(0, 1)
      .map((one) => ({ ...one, oid: '1.3.6.1.4.1.11129.2.4.2', critical: false })),
  ],
});

test('public CAs may issue for 398, 200, 100 and 47 days, by when they do', (t) => {
  const issued = (date: string, days: number): Certificate => ({
    ...ofPublicCa(1),
    notBefore: Date.parse(date),
    notAfter: Date.parse(date) + days * 86_400_000 - 1000,
  });
  for (const [last, first, before, after] of [
    ['2026-03-14', '2026-03-15', 398, 200],
    ['2027-03-14', '2027-03-15', 200, 100],
    ['2029-03-14', '2029-03-15', 100, 47],
  ] as const) {
    t.deepEqual(ids(issued(last, before)), [], last);
    t.deepEqual(ids(issued(first, after)), [], first);
    t.deepEqual(ids(issued(first, before)), ['long_validity'], first);
  }
});

test('a certificate of a public CA may be for servers, and for 200 days', (t) => {
  t.deepEqual(ids(ofPublicCa(200)), []);
  t.deepEqual(ids({ ...read('shop'), extendedKeyUsage: ['serverAuth', 'clientAuth'] }), []);
});

for (const name of ['ca', 'middle', 'shop', 'alice'])
  test(`nothing is peculiar about ${name}`, (t) => t.deepEqual(ids(read(name)), []));

const rows: readonly (readonly [id: LintId, certificate: Certificate])[] = [
  ['no_san', read('no-san')],
  ['weak_signature', read('sha1')],
  ['weak_key', read('weak')],
  ['self_signed_leaf', read('selfmade')],
  ['unknown_critical_extension', read('strange')],
  ['ca_with_names_of_a_server', read('both')],
  ['ca_without_key_usage', read('bare')],
  ['signing_leaf', read('signing')],
  ['no_usage', read('unlimited')],
  ['long_validity', read('long')],
  ['long_validity', ofPublicCa(300)],
  ['must_staple', { ...read('shop'), tlsFeatures: [17, 5] }],
  ['client_of_public_ca', ofPublicCa(90, ['serverAuth', 'clientAuth'])],
  ['any_usage', { ...read('shop'), extendedKeyUsage: ['serverAuth', 'anyExtendedKeyUsage'] }],
  ['odd_serial', { ...read('shop'), serial: new Uint8Array(1) }],
  ['odd_serial', { ...read('shop'), serial: Uint8Array.of(0x80) }],
  ['odd_serial', { ...read('shop'), serial: new Uint8Array(21).fill(1) }],
  ['old_version', { ...read('shop'), version: 1 }],
  ['differing_algorithms', { ...read('shop'), signedAlgorithm: read('sha1').signatureAlgorithm }],
  ['control_characters', named('shop.localhost\u0000.evil.example')],
  ['control_characters', called('alice\u001b[2J')],
  ['control_characters', called('alice\nO=admins')],
  ['hidden_characters', called('ali\u202ece')],
  ['hidden_characters', called('ali\u200bce')],
  ['mixed_scripts', called('аlice')],
  ['mixed_scripts', called('my Wоrkshop')],
  ['lookalike', called('Сара')],
  ['lookalike', named('xn--80ak6aa92e.com')],
  ['mixed_scripts', named('xn--shp-ted.localhost')],
  ['foreign_script', named('xn--bj0bj06e.localhost')],
  ['broad_wildcard', named('*')],
  ['broad_wildcard', named('*.com')],
  ['broad_wildcard', named('*.co.kr')],
  ['misplaced_wildcard', named('a*.shop.localhost')],
  ['misplaced_wildcard', named('shop.*.localhost')],
  ['misplaced_wildcard', named('*.*.localhost')],
  ['address_as_name', named('127.0.0.1')],
  ['address_as_name', named('::1')],
  ['empty_name', named('')],
  ['empty_name', named('shop..localhost')],
  ['long_name', named(`${'a'.repeat(64)}.localhost`)],
  ['long_name', called('a'.repeat(65))],
  [
    'many_names',
    {
      ...read('shop'),
      subjectAlternativeNames: Array.from({ length: 101 }, (_, at) => ({
        kind: 'DNS' as const,
        value: `s${at}.localhost`,
      })),
    },
  ],
];

for (const [index, [id, certificate]] of rows.entries()) {
  test(`${index}: ${id}, and nothing else`, (t) => {
    t.deepEqual(ids(certificate), [id]);
    for (const { words } of lintOf(certificate)) {
      t.regex(words.ko, /[가-힣]/);
      for (const text of [words.en, words.ko]) t.notRegex(text, /[\p{Cc}\p{Cf}]/u, 'it is harmless itself');
    }
  });
}

test('names of other languages are not peculiar in a subject, and a fit wildcard is not in a name', (t) => {
  for (const value of ['앨리스', '山田', 'Алиса Смирнова', 'Zoë']) t.deepEqual(ids(called(value)), [], value);
  for (const value of ['*.shop.localhost', '*.example.com', 'a-b.example.co.kr'])
    t.deepEqual(ids(named(value)), [], value);
});

test('what cannot be seen is written so that it can', (t) => {
  t.is(visible('a\u202eb\u0000c\u200b한글'), 'a\\u{202e}b\\u{0}c\\u{200b}한글');
});

test('keys: a small exponent, a curve that few know, a kind that cannot be used', (t) => {
  const spki = (key: ReturnType<typeof generateKeyPairSync>['publicKey']): Uint8Array =>
    new Uint8Array(key.export({ type: 'spki', format: 'der' }));
  const rsa = spki(generateKeyPairSync('rsa', { modulusLength: 2048, publicExponent: 3 }).publicKey);
  t.deepEqual(
    keyPeculiarities({ der: rsa, name: 'RSA-2048', algorithm: 'RSA', bits: 2048 }).map(({ id }) => id),
    ['small_exponent'],
  );
  const curve = spki(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey);
  t.deepEqual(
    keyPeculiarities({ der: curve, name: '1.3.132.0.10', algorithm: 'EC' }).map(({ id }) => id),
    ['weak_key'],
  );
  t.deepEqual(
    keyPeculiarities({ der: new Uint8Array(4), name: '1.2.3', algorithm: '1.2.3' }).map(({ id }) => id),
    ['unusable_key'],
  );
});
