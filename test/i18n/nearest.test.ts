import test from 'ava';
import { nearest } from '../../src/i18n/nearest.ts';

const known = ['plaintext', 'tls', 'mtls'];

for (const [typed, meant] of [
  ['plaintxt', 'plaintext'],
  ['palintext', 'plaintext'],
  ['PLAINTEXT', 'plaintext'],
  ['plain', 'plaintext'],
  ['tsl', 'tls'],
  ['mtl', 'mtls'],
] as const) {
  test(`${typed} most likely means ${meant}`, (t) => t.is(nearest(typed, known), meant));
}

test('a word that is near to none has no suggestion', (t) => {
  t.is(nearest('kubernetes', known), undefined);
  t.is(nearest('x', known), undefined);
  t.is(nearest('tls', []), undefined);
});
