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

test('of several names that begin alike, the longest common beginning is meant', (t) => {
  const names = ['proxy', 'proxy-client', 'proxy-client-of-another-house', 'p'];
  t.is(nearest('proxy-client-expired', names), 'proxy-client');
  t.is(nearest('proxy-client-expired', names.toReversed()), 'proxy-client');
  t.is(nearest('proxy-cl', names), 'proxy-client');
  t.is(nearest('PROXY-CL', names), 'proxy-client');
});

test('words that begin alike for the most part, and end otherwise', (t) => {
  t.is(nearest('passthru', [...known, 'passthrough']), 'passthrough');
  t.is(nearest('passing-by', ['passthrough']), undefined);
  t.is(nearest('plainly', ['plaintext']), undefined, 'five letters of seven are not most of them');
});

test('a single letter is not taken for another, and no word for the letter that it begins with', (t) => {
  const wires = ['A', 'B', 'C', 'D', 'E'];
  t.is(nearest('Z', wires), undefined);
  t.is(nearest('another', wires), undefined);
  t.is(nearest('e', wires), 'E');
});
