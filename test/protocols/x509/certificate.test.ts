import { X509Certificate } from 'node:crypto';
import test from 'ava';
import { assert, property, uint8Array } from 'fast-check';
import type { Field } from '../../../src/core/field.ts';
import { findField } from '../../../src/core/field.ts';
import { certificateSummary, readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { x509FieldIds } from '../../../src/protocols/x509/ids.ts';
import { addressBytes, addressText } from '../../../src/protocols/x509/oids.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import type { Recipe } from '../../../src/pki/ca/recipe.ts';
import { got } from './got.ts';

const now = Date.parse('2026-03-01T12:00:00Z');
const recipe: Recipe = {
  certificates: {
    ca: { profile: 'root', subject: { CN: 'Reader CA', O: 'Workshop' }, pathLength: 1 },
    middle: {
      profile: 'intermediate',
      issuer: 'ca',
      subject: { CN: 'Middle' },
      key: 'RSA-2048',
      pathLength: 0,
    },
    shop: {
      profile: 'server',
      issuer: 'middle',
      subject: { CN: 'shop.localhost', O: ['Workshop', '가게, "큰"'], OU: '#1 ' },
      san: [
        'DNS:shop.localhost',
        'IP:127.0.0.1',
        'IP:2001:db8::7',
        'URI:spiffe://workshop/shop',
        'email:shop@localhost',
      ],
    },
    eddy: {
      profile: 'peer',
      issuer: 'ca',
      subject: {},
      san: ['DNS:eddy'],
      key: 'Ed25519',
      validity: { from: '-1d', to: '40y' },
    },
    p384: {
      profile: 'client',
      issuer: 'ca',
      subject: { C: 'KR', DC: ['localhost', 'shop'], UID: 'u' },
      key: 'P-384',
    },
  },
};
const world = issueWorld(recipe, { clock: { now: () => now } });
const derOf = (name: string): Uint8Array => pemCertificates(world.certificate(name))[0] ?? new Uint8Array(0);

function read(der: Uint8Array): { certificate: Certificate; field: Field } {
  const { value, field } = got(readCertificate(der));
  return { certificate: value, field };
}

function leaves(field: Field): Field[] {
  return field.children.length === 0 ? [field] : field.children.flatMap(leaves);
}

for (const name of world.names) {
  test(`agrees with node:crypto about ${name}`, (t) => {
    const pem = world.certificate(name);
    const theirs = new X509Certificate(pem);
    const ours = certificateSummary(read(derOf(name)).certificate);
    t.is(ours.sha256, theirs.fingerprint256.replaceAll(':', '').toLowerCase());
    t.is(ours.serial, theirs.serialNumber.toLowerCase());
    t.is(Date.parse(ours.notBefore), Date.parse(theirs.validFrom));
    t.is(Date.parse(ours.notAfter), Date.parse(theirs.validTo));
    t.is(ours.isCa, theirs.ca);
    t.deepEqual(ours, world.summary(name));
    // One attribute a line there, and no escapes for what is special in RFC 4514.
    const attributes = read(derOf(name)).certificate.subject.attributes;
    const names: Record<string, string> = { emailAddress: 'emailAddress' };
    t.deepEqual(
      attributes.map((one) => one.value),
      (theirs.subject ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(line.indexOf('=') + 1).replace(/\\(.)/g, '$1')),
    );
    t.deepEqual(
      attributes.map((one) => names[one.type] ?? one.type),
      (theirs.subject ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.slice(0, line.indexOf('='))),
    );
    const san = (theirs.subjectAltName ?? '').split(', ').filter(Boolean);
    t.deepEqual(
      ours.san.map((entry) =>
        entry.replace(/^IP:/, 'IP Address:').replace('2001:db8::7', '2001:DB8:0:0:0:0:0:7'),
      ),
      san,
    );
  });

  test(`the fields of ${name} cover every byte once and are all in the list`, (t) => {
    const der = derOf(name);
    let at = 0;
    for (const leaf of leaves(read(der).field)) {
      t.is(leaf.range[0], at, leaf.id);
      at = leaf.range[1];
    }
    t.is(at, der.length);
    const known = new Set<string>(x509FieldIds);
    const walk = (field: Field): void => {
      t.true(known.has(field.id), field.id);
      for (const child of field.children) {
        t.true(child.range[0] >= field.range[0] && child.range[1] <= field.range[1], child.id);
        walk(child);
      }
    };
    walk(read(der).field);
  });
}

test('reads what the rows asked for', (t) => {
  const { certificate, field } = read(derOf('shop'));
  t.is(certificate.version, 3);
  t.is(certificate.subject.text, 'CN=shop.localhost,O=Workshop,O=가게\\, \\"큰\\",OU=\\#1\\ ');
  t.is(certificate.issuer.text, 'CN=Middle');
  t.is(certificate.publicKey.name, 'P-256');
  t.is(certificate.signatureAlgorithm.name, 'sha256WithRSAEncryption');
  t.deepEqual(certificate.keyUsage, ['digitalSignature']);
  t.deepEqual(certificate.extendedKeyUsage, ['serverAuth']);
  t.deepEqual(certificateSummary(certificate).san, [
    'DNS:shop.localhost',
    'IP:127.0.0.1',
    'IP:2001:db8::7',
    'URI:spiffe://workshop/shop',
    'email:shop@localhost',
  ]);
  t.deepEqual(certificate.authorityKeyId, read(derOf('middle')).certificate.keyId);
  t.is(findField(field, 'x509.tbs_certificate.subject')?.value, certificate.subject.text);
  t.is(findField(field, 'x509.tbs_certificate.validity.not_before')?.value, '2026-02-28T12:00:00.000Z');
  t.deepEqual(read(derOf('ca')).certificate.basicConstraints, { isCa: true, pathLength: 1 });
  t.is(read(derOf('middle')).certificate.publicKey.name, 'RSA-2048');
  t.is(read(derOf('eddy')).certificate.notAfter, now + 40 * 365 * 86_400_000);
  t.is(read(derOf('eddy')).certificate.publicKey.name, 'Ed25519');
  t.is(read(derOf('p384')).certificate.publicKey.name, 'P-384');
});

test('offsets follow the base of the stream', (t) => {
  const { value, field } = got(readCertificate(derOf('shop'), { base: 1000, origin: 'decrypted' }));
  t.deepEqual(field.range, [1000, 1000 + derOf('shop').length]);
  t.deepEqual(value.subject, read(derOf('shop')).certificate.subject);
  t.is(findField(field, 'x509.certificate')?.origin, 'decrypted');
});

test('every strict prefix is malformed, or incomplete where more may come, and one byte more is trailing', (t) => {
  const der = derOf('shop');
  for (let length = 0; length < der.length; length++) {
    t.true('malformed' in readCertificate(der.subarray(0, length)), String(length));
    t.true('needMore' in readCertificate(der.subarray(0, length), { open: true }), String(length));
  }
  const longer = readCertificate(new Uint8Array([...der, 0]));
  t.is('malformed' in longer ? longer.malformed.kind : '', 'trailing_bytes');
});

test('no flipped byte makes the reader throw', (t) => {
  for (const name of ['shop', 'middle', 'eddy']) {
    const der = Uint8Array.from(derOf(name));
    for (let at = 0; at < der.length; at++) {
      for (const mask of [0x01, 0x80, 0xff]) {
        der[at] = (der[at] ?? 0) ^ mask;
        const step = readCertificate(der);
        if ('got' in step) certificateSummary(step.got);
        der[at] = (der[at] ?? 0) ^ mask;
      }
    }
  }
  t.pass();
});

test('random bytes never throw', (t) => {
  assert(
    property(uint8Array({ maxLength: 300 }), (bytes) => {
      t.false('got' in readCertificate(bytes));
      t.false('got' in readCertificate(bytes, { open: true }));
    }),
    { numRuns: 300 },
  );
});

test('a nest of a thousand sequences is an error and not a full stack', (t) => {
  const nest = new Uint8Array(4000).fill(0x30);
  t.false('got' in readCertificate(nest));
});

test('a hostile name stays one harmless line', (t) => {
  const hostile = issueWorld(
    {
      certificates: {
        ca: { profile: 'root', subject: { CN: 'good\u0000.evil\n\u001b]0;owned\u0007,O=Workshop', O: ' x' } },
      },
    },
    { clock: { now: () => now } },
  );
  const summary = hostile.summary('ca');
  t.is(summary.subject, 'CN=good\\00.evil\\0a\\1b]0\\;owned\\07\\,O=Workshop,O=\\ x');
  const [der] = pemCertificates(hostile.certificate('ca'));
  t.is(
    read(der ?? new Uint8Array(0)).certificate.subject.attributes[0]?.value,
    'good\u0000.evil\n\u001b]0;owned\u0007,O=Workshop',
  );
});

test('addresses: text and bytes are each other’s inverse', (t) => {
  for (const text of [
    '127.0.0.1',
    '0.0.0.0',
    '::1',
    '::',
    '2001:db8::7',
    'fe80::1:0:0:2',
    '1:2:3:4:5:6:7:8',
    '1::',
    '::ffff:7f00:1',
  ]) {
    const bytes = addressBytes(text);
    t.truthy(bytes, text);
    t.is(addressText(bytes ?? new Uint8Array(0)), text);
  }
  t.deepEqual(addressBytes('::ffff:127.0.0.1'), addressBytes('::ffff:7f00:1'));
  t.deepEqual(addressBytes('64:ff9b::1.2.3.4'), addressBytes('64:ff9b::102:304'));
  for (const text of ['', 'localhost', '256.1.1.1', 'fe80::1%eth0', ':::'])
    t.is(addressBytes(text), undefined, text);
  assert(
    property(uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
      t.deepEqual(addressBytes(addressText(bytes) ?? ''), bytes);
    }),
  );
});
