/** The certificates themselves: dates, serial numbers, names and keys as Go writes them. */
import test from 'ava';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { certificatePem, issueAuthority, issueLeaf, keyPem } from '../../../src/pki/kubeadm/issue.ts';
import { kubeadmAuthorities, kubeadmKeyKinds } from '../../../src/pki/kubeadm/certificates.ts';
import type { AuthorityRow, KubeadmKeyKind, LeafFacts } from '../../../src/pki/kubeadm/certificates.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { issuing, now } from '../support/cluster.ts';

const [row] = kubeadmAuthorities as readonly [AuthorityRow];
const authority = issueAuthority(row, issuing);
const facts: LeafFacts = {
  commonName: 'cp1',
  organizations: ['system:nodes'],
  usages: ['serverAuth', 'clientAuth'],
  san: ['DNS:cp1', 'IP:127.0.0.1'],
};

test('a CA: ten years, backdated by five minutes, its common name its only name', (t) => {
  const { certificate } = issueAuthority(row, { ...issuing, now: now + 999 });
  t.is(certificate.notBefore, now - 300_000);
  t.is(certificate.notAfter, now + 3650 * 86_400_000);
  t.is(certificate.subject.text, certificate.issuer.text);
  t.deepEqual(
    certificate.subjectAlternativeNames?.map(({ kind, value }) => `${kind}:${value}`),
    ['DNS:kubernetes'],
  );
  t.deepEqual(certificate.keyUsage, ['digitalSignature', 'keyEncipherment', 'keyCertSign']);
  t.true(certificate.basicConstraints?.isCa);
  t.is(certificate.extendedKeyUsage, undefined);
  t.is(certificate.authorityKeyId, undefined, 'as Go leaves it out of what signs itself');
});

test('a leaf: organization before common name, usages critical, the key of its issuer named', (t) => {
  const { certificate, key } = issueLeaf(facts, authority, issuing);
  t.deepEqual(
    certificate.subject.attributes.map(({ type, value }) => `${type}=${value}`),
    ['O=system:nodes', 'CN=cp1'],
  );
  t.deepEqual(certificate.keyUsage, ['digitalSignature', 'keyEncipherment']);
  t.false(certificate.basicConstraints?.isCa);
  t.deepEqual(certificate.authorityKeyId, authority.certificate.keyId);
  const read = new X509Certificate(certificatePem(certificate));
  t.true(read.verify(createPublicKey(authority.key)));
  t.true(read.checkPrivateKey(key));
});

test('several organizations stand in one set, in the order of DER', (t) => {
  const { certificate } = issueLeaf({ ...facts, organizations: ['b', 'a', 'ccc'] }, authority, issuing);
  t.deepEqual(
    certificate.subject.attributes.map(({ value }) => value),
    ['a', 'b', 'ccc', 'cp1'],
  );
  t.is(new X509Certificate(certificate.der).subject.split('\n')[0]?.split(' + ').length, 3, 'one set');
});

test('a serial number is positive, of at most 63 bits, never zero, in its shortest form', (t) => {
  const serials = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0, 0, 0, 0, 0, 0, 0, 1],
    [0, 0x80, 0, 0, 0, 0, 0, 0],
  ];
  let drawn = 0;
  const random = (): Uint8Array => Uint8Array.from(serials[drawn++ % serials.length] ?? []);
  const made = [1, 2, 3].map(
    () =>
      new X509Certificate(issueLeaf(facts, authority, { ...issuing, random }).certificate.der).serialNumber,
  );
  t.deepEqual(made, ['7FFFFFFFFFFFFFFF', '01', '80000000000000']);
  t.is(drawn, 4, 'zero was drawn again');
});

const pemTypes: Readonly<Record<KubeadmKeyKind, readonly [label: string, name: string]>> = {
  'P-256': ['EC PRIVATE KEY', 'P-256'],
  'P-384': ['EC PRIVATE KEY', 'P-384'],
  'RSA-2048': ['RSA PRIVATE KEY', 'RSA-2048'],
  'RSA-3072': ['RSA PRIVATE KEY', 'RSA-3072'],
  'RSA-4096': ['RSA PRIVATE KEY', 'RSA-4096'],
};

test('every kind of key is kubeadm’s', (t) => {
  t.deepEqual(Object.keys(pemTypes), [...kubeadmKeyKinds]);
});

// The longer ones take seconds to make.
for (const keyKind of ['P-256', 'P-384', 'RSA-2048'] as const) {
  test(`${keyKind}: signs and is signed, its PEM as kubeadm labels it`, (t) => {
    const [label, name] = pemTypes[keyKind];
    const own = issueAuthority(row, { ...issuing, keyKind });
    const { certificate, key } = issueLeaf(facts, own, { ...issuing, keyKind });
    t.is(certificate.publicKey.name, name);
    t.is(keyPem(key).split('\n')[0], `-----BEGIN ${label}-----`);
    t.true(createPublicKey(createPrivateKey(keyPem(key))).equals(createPublicKey(key)));
    t.true(new X509Certificate(certificate.der).verify(createPublicKey(own.key)));
  });
}

test('what no certificate can hold is a mistake, not a fault', (t) => {
  t.throws(() => issueLeaf({ ...facts, san: ['DNS:노드'] }, authority, issuing), { instanceOf: UserError });
});
