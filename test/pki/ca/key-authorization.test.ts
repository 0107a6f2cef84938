import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { challengePath, keyAuthorization, thumbprintOf } from '../../../src/pki/ca/key-authorization.ts';

test('the thumbprint is that of the example in RFC 7638 section 3.1', (t) => {
  const n =
    '0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw';
  t.is(
    thumbprintOf(createPublicKey({ key: { kty: 'RSA', e: 'AQAB', n }, format: 'jwk' })),
    'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  );
});

test('every kind of key that signs has a thumbprint of 43 characters, and keys differ in it', (t) => {
  const keys = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ].map(({ publicKey }) =>
    thumbprintOf(
      createPublicKey({
        key: publicKey.export({ type: 'spki', format: 'der' }),
        type: 'spki',
        format: 'der',
      }),
    ),
  );
  for (const one of keys) t.regex(one ?? '', /^[\w-]{43}$/);
  t.is(new Set(keys).size, keys.length);
});

test('a key that JSON has no form for has none', (t) => {
  const { publicKey } = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
  t.is(thumbprintOf(publicKey), undefined);
});

test('a key authorization is the token, a dot and the thumbprint, at a path of RFC 8555 section 8.3', (t) => {
  t.is(
    keyAuthorization('evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA', 'abc'),
    'evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA.abc',
  );
  t.is(challengePath('token'), '/.well-known/acme-challenge/token');
});
