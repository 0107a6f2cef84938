import { generateKeyPairSync, randomBytes } from 'node:crypto';
import test from 'ava';
import { overhear } from '../../../src/features/toy/eavesdropper.ts';
import { lock, seal } from '../../../src/features/toy/locks.ts';
import { writeLine } from '../../../src/features/toy/protocol.ts';
import type { Padding, ToyLine } from '../../../src/features/toy/protocol.ts';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const spki = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }));
const password = 'password=tiger-lily';
const wireOf = (client: readonly ToyLine[], server: readonly ToyLine[] = []) => ({
  client: Buffer.from(client.map(writeLine).join(''), 'latin1'),
  server: Buffer.from(server.map(writeLine).join(''), 'latin1'),
});
const lockedLine = (padding: Padding): ToyLine => ({
  type: 'locked',
  user: 'alice',
  padding,
  locked: lock(password, publicKey, padding) ?? new Uint8Array(),
});

test('a key on the wire opens what both sides sealed under it', (t) => {
  const key = new Uint8Array(randomBytes(16));
  const wire = wireOf(
    [
      { type: 'key', key },
      { type: 'sealed', ...seal(password, key, randomBytes) },
    ],
    [{ type: 'sealed', ...seal('WELCOME alice', key, randomBytes) }],
  );
  t.deepEqual(overhear(wire), [{ attempt: 'key_on_wire', tried: 2, texts: [password, 'WELCOME alice'] }]);
});

test('without the key, or with another, nothing opens', (t) => {
  const key = new Uint8Array(randomBytes(16));
  const sealed: ToyLine = { type: 'sealed', ...seal(password, key, randomBytes) };
  t.deepEqual(overhear(wireOf([sealed])), []);
  t.deepEqual(overhear(wireOf([{ type: 'key', key: new Uint8Array(randomBytes(16)) }, sealed])), [
    { attempt: 'key_on_wire', tried: 1, texts: [] },
  ]);
});

test('an unpadded lock gives way to the right guess, and to no other', (t) => {
  const wire = wireOf([lockedLine('rsa-unpadded')], [{ type: 'padlock', publicKey: spki }]);
  const [again, guesses] = overhear(wire, ['password=letmein', password]);
  t.deepEqual(again, { attempt: 'public_key_again', tried: 1, texts: [] });
  t.deepEqual(guesses, { attempt: 'guesses_locked', tried: 2, texts: [password] });
  t.deepEqual(overhear(wire, ['password=letmein'])[1]?.texts, []);
});

test('a padded lock gives way to nothing, the right guess included', (t) => {
  const tries = overhear(wireOf([lockedLine('rsa-oaep-sha256')], [{ type: 'padlock', publicKey: spki }]), [
    password,
    password,
  ]);
  t.deepEqual(
    tries.map(({ tried, texts }) => [tried, texts.length]),
    [
      [1, 0],
      [2, 0],
    ],
  );
});

test('without the padlock there is nothing to try', (t) => {
  t.deepEqual(overhear(wireOf([lockedLine('rsa-unpadded')]), [password]), []);
  t.deepEqual(
    overhear(wireOf([lockedLine('rsa-unpadded')], [{ type: 'padlock', publicKey: spki.subarray(9) }]), [
      password,
    ]),
    [],
    'one that is no key',
  );
});

test('hostile bytes cost little, and never throw', (t) => {
  for (let length = 0; length < 2000; length += 13)
    t.notThrows(() => overhear({ client: randomBytes(length), server: randomBytes(length) }, [password]));
  const key = new Uint8Array(randomBytes(16));
  const many = wireOf([
    { type: 'key', key },
    ...Array.from({ length: 5000 }, (): ToyLine => ({ type: 'sealed', ...seal(password, key, randomBytes) })),
  ]);
  t.true((overhear(many)[0]?.tried ?? 0) < 64);
  const guesses = Array.from({ length: 5000 }, (_, index) => String(index));
  const locks = wireOf(
    Array.from({ length: 60 }, () => lockedLine('rsa-unpadded')),
    [{ type: 'padlock', publicKey: spki }],
  );
  t.true((overhear(locks, guesses)[1]?.tried ?? 0) <= 4 * 64);
});
