/** Values as kube-apiserver writes them: its formats, against OpenSSL's and NaCl's own vectors. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import test from 'ava';
import * as fc from 'fast-check';
import { keyLengths, keyTransformer, providerNames } from '../../../src/kube/encryption/providers.ts';
import { openBox, sealBox } from '../../../src/kube/encryption/secretbox.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

const bound = Buffer.from('/registry/secrets/default/db');
const fixed = (length: number): Buffer => Buffer.alloc(length, 7);

for (const name of providerNames)
  for (const length of keyLengths[name]) {
    const key = randomBytes(length);
    const transformer = keyTransformer(name, key, randomBytes);
    test(`${name} with a key of ${length} bytes: what is written is read, and no two are alike`, (t) => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), (value) => {
          const stored = transformer.toStorage(value, bound);
          t.notDeepEqual(stored, transformer.toStorage(value, bound));
          t.deepEqual(transformer.fromStorage(stored, bound), { value: Buffer.from(value), stale: false });
        }),
        { numRuns: 30 },
      );
    });

    test(`${name} with a key of ${length} bytes: cut, or under another key, it is not read`, (t) => {
      const value = Buffer.from('k8s\0'.repeat(20));
      const stored = transformer.toStorage(value, bound);
      for (let end = 0; end < stored.length; end++) {
        const opened = transformer.fromStorage(stored.subarray(0, end), bound);
        t.true('failure' in opened || !value.equals(opened.value));
      }
      const other = keyTransformer(name, randomBytes(length), randomBytes).fromStorage(stored, bound);
      t.true('failure' in other || !value.equals(other.value));
    });
  }

test('aescbc is the IV and AES-CBC with PKCS#7', (t) => {
  const key = fixed(32);
  const cipher = createCipheriv('aes-256-cbc', key, fixed(16));
  t.deepEqual(
    keyTransformer('aescbc', key, fixed).toStorage(Buffer.from('tiger'), bound),
    Buffer.concat([fixed(16), cipher.update('tiger'), cipher.final()]),
  );
});

test('aesgcm is the nonce, the ciphertext and the tag, bound to the key in etcd', (t) => {
  const key = fixed(16);
  const cipher = createCipheriv('aes-128-gcm', key, fixed(12)).setAAD(bound);
  const transformer = keyTransformer('aesgcm', key, fixed);
  const stored = transformer.toStorage(Buffer.from('tiger'), bound);
  t.deepEqual(
    stored,
    Buffer.concat([fixed(12), cipher.update('tiger'), cipher.final(), cipher.getAuthTag()]),
  );
  // Copied to another key, it does not open; aescbc and secretbox know no key.
  const elsewhere = Buffer.from('/registry/secrets/default/other');
  t.deepEqual(transformer.fromStorage(stored, elsewhere), {
    failure: 'cipher: message authentication failed',
  });
  for (const name of ['aescbc', 'secretbox'] as const) {
    const unbound = keyTransformer(name, fixed(32), randomBytes);
    t.true('value' in unbound.fromStorage(unbound.toStorage(Buffer.from('tiger'), bound), elsewhere));
  }
});

/** NaCl's tests/secretbox.c and its output. */
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const naclKey = hex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
const naclNonce = hex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
const naclMessage = hex(`
  be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c6129
  6cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde
  048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705`);
const naclBox = hex(`
  f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a
  c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae
  90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74e355a5`);

test('secretbox gives the bytes of NaCl’s own test', (t) => {
  t.deepEqual(sealBox(naclMessage, naclNonce, naclKey).toString('hex'), naclBox.toString('hex'));
  t.deepEqual(openBox(naclBox, naclNonce, naclKey)?.toString('hex'), naclMessage.toString('hex'));
});

test('a box in which any bit is changed does not open', (t) => {
  const box = sealBox(Buffer.from('tiger'), naclNonce, naclKey);
  for (let at = 0; at < box.length * 8; at++) {
    const changed = Buffer.from(box);
    changed[at >> 3]! ^= 1 << (at & 7);
    t.is(openBox(changed, naclNonce, naclKey), undefined);
  }
});

test('boxes of every length across blocks open, and none has the message in it', (t) => {
  for (let length = 0; length < 200; length++) {
    const message = createHash('shake256', { outputLength: Math.max(1, length) })
      .update(String(length))
      .digest()
      .subarray(0, length);
    const box = sealBox(message, naclNonce, naclKey);
    t.is(box.length, length + 16);
    t.deepEqual(openBox(box, naclNonce, naclKey), message);
  }
});

test('what cannot be read is told in kube-apiserver’s words', (t) => {
  const words = (name: (typeof providerNames)[number], stored: Uint8Array): string | undefined => {
    const opened = keyTransformer(name, fixed(32), randomBytes).fromStorage(stored, bound);
    return 'failure' in opened ? opened.failure : undefined;
  };
  const short = 'the stored data was shorter than the required size';
  t.is(words('aescbc', fixed(15)), short);
  t.is(words('aesgcm', fixed(11)), short);
  t.is(words('secretbox', fixed(39)), short);
  t.is(words('aescbc', fixed(40)), 'the stored data is not a multiple of the block size');
  t.is(words('aescbc', fixed(16)), 'invalid PKCS7 data (empty or not padded)');
  t.is(words('secretbox', fixed(60)), 'output array was not large enough for encryption');
  t.is(words('aesgcm', fixed(60)), 'cipher: message authentication failed');
  const cipher = createCipheriv('aes-256-cbc', fixed(32), fixed(16)).setAutoPadding(false);
  const badly = Buffer.concat([
    fixed(16),
    cipher.update(Buffer.from('0123456789abcd\x01\x02')),
    cipher.final(),
  ]);
  t.is(words('aescbc', badly), 'invalid padding on input');
});

test('boxes of every length are those of another implementation, with numbers of any size', (t) => {
  const all = createHash('sha256');
  for (let length = 0; length < 600; length++) {
    const random = createHash('shake256', { outputLength: 56 + length })
      .update(String(length))
      .digest();
    // Ones alone carry farthest.
    const message = length % 2 === 1 ? random.subarray(56) : Buffer.alloc(length, 255);
    all.update(sealBox(message, random.subarray(0, 24), random.subarray(24, 56)));
  }
  t.is(all.digest('hex'), '88073a6282d311c522336e43be94607c4b2847adb5efb5a4ddab5bd93c397aba');
});

test('a box of a megabyte costs little: others are served meanwhile', (t) => {
  const began = cpuTime();
  const box = sealBox(Buffer.alloc(1_000_000, 7), naclNonce, naclKey);
  t.truthy(openBox(box, naclNonce, naclKey));
  t.true(cpuTime() - began < 800, String(cpuTime() - began));
});
