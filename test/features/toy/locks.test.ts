import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import {
  lock,
  readPadlock,
  seal,
  turnPadlockAgain,
  unlock,
  unseal,
} from '../../../src/features/toy/locks.ts';
import { paddings } from '../../../src/features/toy/protocol.ts';
import { toHex } from '../../../src/core/hex.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const text = 'password=tiger-lily';
const key = new Uint8Array(randomBytes(16));

test('a sealed text opens with its key alone, and only unchanged', (t) => {
  const sealed = seal(text, key, randomBytes);
  t.is(unseal(sealed, key), text);
  t.is(unseal(sealed, randomBytes(16)), undefined);
  for (const part of ['nonce', 'ciphertext', 'tag'] as const) {
    const changed = Uint8Array.from(sealed[part]);
    changed[0] = (changed[0] ?? 0) ^ 1;
    t.is(unseal({ ...sealed, [part]: changed }, key), undefined, part);
  }
  t.is(unseal({ ...sealed, tag: sealed.tag.subarray(0, 4) }, key), undefined, 'a tag cut short');
  t.is(unseal(sealed, new Uint8Array(3)), undefined);
});

test('what is locked with a public key opens with its private key alone', (t) => {
  for (const padding of paddings) {
    const locked = lock(text, pair.publicKey, padding) ?? new Uint8Array();
    t.is(locked.length, 256);
    t.is(unlock(locked, pair.privateKey, padding), text);
    t.not(unlock(locked, other.privateKey, padding), text);
    t.not(turnPadlockAgain(locked, pair.publicKey), text);
  }
});

test('without padding the same text always looks the same; with OAEP never', (t) => {
  const [bare, padded] = [paddings[1], paddings[0]].map((padding) =>
    [1, 2].map(() => toHex(lock(text, pair.publicKey, padding) ?? new Uint8Array())),
  );
  t.is(bare?.[0], bare?.[1]);
  t.not(padded?.[0], padded?.[1]);
});

test('what does not fit into a key is not locked', (t) => {
  t.is(lock('x'.repeat(191), pair.publicKey, 'rsa-oaep-sha256'), undefined);
  t.truthy(lock('x'.repeat(190), pair.publicKey, 'rsa-oaep-sha256'));
  t.is(lock('x'.repeat(256), pair.publicKey, 'rsa-unpadded'), undefined);
});

test('hostile bytes open nothing, and never throw', (t) => {
  for (const length of [0, 1, 255, 256, 257, 1024]) {
    const noise = randomBytes(length);
    t.notThrows(() => unlock(noise, pair.privateKey, 'rsa-unpadded'));
    t.is(unlock(noise, pair.privateKey, 'rsa-oaep-sha256'), undefined);
    t.notThrows(() => turnPadlockAgain(noise, pair.publicKey));
    t.is(readPadlock(noise), undefined);
  }
  t.is(
    readPadlock(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'der' }),
    ),
    undefined,
    'a key that cannot lock',
  );
  const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
  t.truthy(readPadlock(spki)?.equals(createPublicKey(pair.privateKey)));
  for (let length = 0; length < spki.length; length += 7)
    t.is(readPadlock(spki.subarray(0, length)), undefined);
});

withPeer(
  'openssl',
  'openssl opens what is sealed and what is locked, with the keys and not without',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-locks-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'key.pem');
    writeFileSync(file, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
    const locked = lock(text, pair.publicKey, 'rsa-oaep-sha256') ?? new Uint8Array();
    const oaep = ['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256'];
    const opened = await runProgram('openssl', ['pkeyutl', '-decrypt', '-inkey', file, ...oaep], {
      input: locked,
    });
    t.is(opened.stdout, text, opened.stderr);
    // GCM's counter begins at 2: without the tag it is counter mode.
    const { nonce, ciphertext } = seal(text, key, randomBytes);
    const counter = ['enc', '-d', '-aes-128-ctr', '-iv', `${toHex(nonce)}00000002`, '-K'];
    t.is((await runProgram('openssl', [...counter, toHex(key)], { input: ciphertext })).stdout, text);
    t.not(
      (await runProgram('openssl', [...counter, toHex(randomBytes(16))], { input: ciphertext })).stdout,
      text,
    );
  },
);
