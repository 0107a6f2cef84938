import test from 'ava';
import { KeyRing, keylogLines, readKeylogLine } from '../../../../src/protocols/tls/keys/keylog.ts';

const random = 'ab'.repeat(32);

test('a key log is its lines: without byte order mark, comments and blank lines, however they end', (t) => {
  const text = `\ufeff# by a browser\r\n\r\n  CLIENT_RANDOM ${random} 00 \r\nX y\rECH_SECRET ${random} 01\n`;
  const lines = [`CLIENT_RANDOM ${random} 00`, 'X y', `ECH_SECRET ${random} 01`];
  t.deepEqual(keylogLines(text), lines);
  t.deepEqual(keylogLines(Buffer.from(text).toString('latin1')), lines);
});

test('labels that nobody knows are kept as they are, and hide no others', (t) => {
  const ring = new KeyRing();
  ring.add([
    `ECH_SECRET ${random} 0102`,
    `SOMETHING_NEW ${random} 03`,
    `CLIENT_RANDOM ${random} 04`,
    'rubbish',
  ]);
  t.is(ring.count(random), 3);
  t.is(readKeylogLine(`ECH_SECRET ${random.toUpperCase()} 0102`)?.clientRandom, random);
});

test('a ring knows what it was asked in vain, and whether it had anything', (t) => {
  const ring = new KeyRing();
  ring.add([`CLIENT_RANDOM ${random} 04`]);
  t.is(ring.secret('00', 'CLIENT_RANDOM'), undefined);
  t.deepEqual([[...ring.usage.asked], ring.usage.hasOpened], [['00'], false]);
  ring.secret(random, 'CLIENT_RANDOM');
  t.true(ring.usage.hasOpened);
  for (let count = 0; count < 5000; count++) ring.count(String(count));
  t.is(ring.usage.asked.size, 1000);
});
