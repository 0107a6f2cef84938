/** A signature that does not fit: a CA that was made anew, an old certificate of it that is sent, or one that was altered. */
import test from 'ava';
import { judgeChain, trustedCertificates, unreadableIn } from '../../src/diagnosis/chain.ts';
import { signerOfName } from '../../src/diagnosis/other-key.ts';
import type { SignerOfName } from '../../src/diagnosis/other-key.ts';
import type { Call } from '../../src/diagnosis/attempt/call.ts';
import { makeKey } from '../../src/pki/ca/sign.ts';
import { toPem } from '../../src/pki/keystore/pem.ts';
import type { Certificate } from '../../src/protocols/x509/certificate.ts';
import { craft } from '../pki/support/craft.ts';

const now = Date.now();
const day = 86_400_000;
const span = { notBefore: now - day, notAfter: now + 30 * day };
const [oldKey, newKey, rsaKey, leafKey] = [
  makeKey('P-256'),
  makeKey('P-256'),
  makeKey('RSA-2048'),
  makeKey('P-256'),
];
const authority = {
  subject: [['CN', 'Corp CA'] as const],
  isCa: true,
  keyUsage: ['keyCertSign', 'cRLSign'] as const,
  ...span,
};
const ca = (key: typeof oldKey, hasNoKeyId: boolean): Certificate => craft({ ...authority, key, hasNoKeyId });
const issued = (
  certificate: Certificate,
  key: typeof oldKey,
  more: Partial<Parameters<typeof craft>[0]> = {},
) =>
  craft({
    subject: [['CN', 'shop.test']],
    key: leafKey,
    issuer: { certificate, key },
    san: ['DNS:shop.test'],
    extendedKeyUsage: ['serverAuth'],
    ...span,
    ...more,
  });

function judged(
  chain: readonly Certificate[],
  roots: readonly Certificate[],
): { readonly reason: string | undefined; readonly signer: SignerOfName | undefined } {
  const call: Call = {
    host: 'shop.test',
    port: 443,
    addresses: ['127.0.0.1'],
    authorities: roots.map(({ der }) => toPem('CERTIFICATE', der)),
    authoritiesFrom: 'given',
    timeout: 1000,
  };
  const examination = judgeChain(call, { chain: chain.map(({ der }) => der) }, now);
  return {
    reason: examination?.reason,
    signer: examination && signerOfName(examination, trustedCertificates(call)),
  };
}

test('without key identifiers a re-keyed CA and an altered certificate look alike: it is not said to be altered', (t) => {
  const { reason, signer } = judged([issued(ca(newKey, true), newKey)], [ca(oldKey, true)]);
  t.is(reason, 'bad_signature');
  t.like(signer, { isTrusted: true, isAltered: false });
  t.like(judged([issued(ca(oldKey, true), oldKey, { broken: true })], [ca(oldKey, true)]).signer, {
    isTrusted: true,
    isAltered: false,
  });
});

test('a CA with a key of another type', (t) => {
  const { reason, signer } = judged([issued(ca(newKey, true), newKey)], [ca(rsaKey, true)]);
  t.is(reason, 'bad_signature');
  t.like(signer, { isTrusted: true, isAltered: false });
});

test('altered is what names the very key that it was not signed with', (t) => {
  const { signer } = judged([issued(ca(oldKey, false), oldKey, { broken: true })], [ca(oldKey, false)]);
  t.like(signer, { isTrusted: true, isAltered: true });
});

test('an identifier that is not made of the key proves nothing of the key', (t) => {
  // The identifier of the one, and the key of the other.
  const named = ca(oldKey, false);
  const other: Certificate = { ...ca(newKey, true), keyId: named.keyId as Uint8Array };
  const leaf = issued(named, oldKey);
  const examination = judgeChain(
    {
      host: 'shop.test',
      port: 443,
      addresses: [],
      authorities: [toPem('CERTIFICATE', ca(newKey, true).der)],
      authoritiesFrom: 'given',
      timeout: 1000,
    },
    { chain: [leaf.der] },
    now,
  );
  t.is(examination?.reason, 'bad_signature');
  t.like(examination && signerOfName({ ...examination, path: [leaf, other] }, [other]), { isAltered: false });
});

test('an old intermediate certificate that the server sends is not trusted by anybody', (t) => {
  const root = ca(rsaKey, true);
  const intermediate = (key: typeof oldKey): Certificate =>
    craft({
      ...authority,
      subject: [['CN', 'Corp Issuing CA']],
      key,
      issuer: { certificate: root, key: rsaKey },
      hasNoKeyId: true,
      serial: Uint8Array.of(0x51),
    });
  const { signer } = judged([issued(intermediate(newKey), newKey), intermediate(oldKey)], [root]);
  t.like(signer, { isTrusted: false, isAltered: false });
});

test('a sound chain, and a CA that is not known, have no such signer', (t) => {
  t.is(judged([issued(ca(oldKey, true), oldKey)], [ca(oldKey, true)]).reason, undefined);
  const unknown = judged(
    [issued(ca(oldKey, true), oldKey)],
    [craft({ ...authority, subject: [['CN', 'Else']], key: newKey })],
  );
  t.is(unknown.signer, undefined);
});

test('a chain with a certificate that cannot be read is not judged as one without it', (t) => {
  const [root, leaf] = [ca(oldKey, false), issued(ca(oldKey, false), oldKey)];
  const call: Call = {
    host: 'shop.test',
    port: 443,
    addresses: [],
    authorities: [toPem('CERTIFICATE', root.der)],
    authoritiesFrom: 'given',
    timeout: 1000,
  };
  const garbled = new Uint8Array([0x30, 0x82, 1, 0]);
  t.true(judgeChain(call, { chain: [leaf.der, root.der] }, now)?.verified);
  t.is(judgeChain(call, { chain: [garbled, leaf.der] }, now), undefined);
  t.is(unreadableIn({ chain: [garbled, leaf.der] }), 0);
  t.is(unreadableIn({ chain: [leaf.der, garbled] }), 1);
  t.is(unreadableIn({ chain: [leaf.der] }), undefined);
});
