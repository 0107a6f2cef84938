/** The certificates of the clients: each is refused for its own reason by wirelab's verifier, and the sound one is not. */
import test from 'ava';
import { createPrivateKey, createPublicKey, sign, verify, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import {
  clientAsSigner,
  issueClient,
  keyOfAnother,
  likenessOf,
  signerOf,
  strangeAuthority,
} from '../../../src/diagnosis/admission/identities.ts';
import type { IssuedClient } from '../../../src/diagnosis/admission/identities.ts';
import { pemCertificates } from '../../../src/pki/keystore/pem.ts';
import { verifyChain } from '../../../src/pki/x509/verify.ts';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { makeKey } from '../../../src/pki/ca/sign.ts';
import { world } from '../../cli/certs/support/files.ts';

const read = (der: Uint8Array | undefined): Certificate => {
  const step = readCertificate(der ?? new Uint8Array(0));
  if ('got' in step) return step.got;
  throw new Error('not a certificate');
};
const ca = read(pemCertificates(world.certificate('ca'))[0]);
const signer = signerOf({ certificate: ca, intermediates: [] }, createPrivateKey(world.identity('ca').key));
const now = Date.now();
const likeness = likenessOf(read(pemCertificates(world.certificate('alice'))[0]));

const verdict = ({ certificate }: IssuedClient): string => {
  const answer = verifyChain({
    purpose: 'client',
    roots: [ca.der],
    chain: pemCertificates(certificate),
    at: now,
  });
  return answer.admitted ? 'admitted' : answer.reason;
};

test('a sound one is admitted, and has the valid client’s name', (t) => {
  const issued = issueClient({ signer, likeness, now });
  t.is(verdict(issued), 'admitted');
  t.regex(new X509Certificate(issued.certificate).subject, /CN=alice/);
  t.is(new X509Certificate(issued.certificate).serialNumber, issued.serial);
});

for (const [flaw, reason] of [
  ['expired', 'certificate_expired'],
  ['not-yet-valid', 'certificate_not_yet_valid'],
  ['wrong-usage', 'wrong_usage'],
  ['bad-signature', 'bad_signature'],
] as const)
  test(`${flaw}: ${reason}`, (t) => t.is(verdict(issueClient({ signer, likeness, now, flaw })), reason));

test('self-signed', (t) =>
  t.is(verdict(issueClient({ signer: undefined, likeness, now, flaw: 'self-signed' })), 'self_signed'));

test('of another CA, and of one with the same name and key identifier', (t) => {
  t.is(verdict(issueClient({ signer: strangeAuthority(now), likeness, now })), 'unknown_ca');
  t.is(
    verdict(issueClient({ signer: strangeAuthority(now, { namesake: ca }), likeness, now })),
    'unknown_ca',
  );
  const namesake = strangeAuthority(now, { namesake: ca, hasKeyId: true });
  t.deepEqual(read(namesake.chain[0]).subject.der, ca.subject.der);
  t.deepEqual(read(namesake.chain[0]).keyId, ca.keyId);
  t.is(verdict(issueClient({ signer: namesake, likeness, now })), 'bad_signature');
});

test('signed by a client', (t) => {
  const own = issueClient({ signer, likeness, now });
  const below = clientAsSigner(read(own.leaf), own.privateKey, [own.leaf]);
  t.is(verdict(issueClient({ signer: below, likeness, now })), 'not_a_ca');
});

test('the key of another loads with the certificate, and its signatures do not verify', (t) => {
  const own = issueClient({ signer, likeness, now });
  const pem = keyOfAnother(createPublicKey(own.privateKey));
  t.truthy(pem);
  const key = createPrivateKey(pem!);
  t.true(new X509Certificate(own.certificate).checkPrivateKey(key));
  t.notThrows(() => createSecureContext({ cert: own.certificate, key: pem! }));
  const data = Buffer.from('transcript');
  t.false(verify('sha256', data, createPublicKey(own.privateKey), sign('sha256', data, key)));
  t.true(verify('sha256', data, createPublicKey(own.privateKey), sign('sha256', data, own.privateKey)));
});

test('the halves of a key that is not on an elliptic curve are not parted', (t) => {
  t.is(keyOfAnother(createPublicKey(makeKey('RSA-2048'))), undefined);
  t.is(keyOfAnother(createPublicKey(makeKey('Ed25519'))), undefined);
});
