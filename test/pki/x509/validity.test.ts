import test from 'ava';
import { durationWords, validityState, validityWords } from '../../../src/pki/x509/validity.ts';

const day = 86_400_000;
const now = Date.parse('2026-06-01T00:00:00Z');
const span = { notBefore: now - 10 * day, notAfter: now + 10 * day };

for (const [at, state, words] of [
  [now, 'valid', 'valid for another 10 days'],
  [span.notBefore, 'valid', 'valid for another 20 days'],
  [span.notBefore - 1, 'not_yet_valid', 'not valid yet: begins in 0 seconds'],
  [span.notAfter, 'valid', 'valid for another 0 seconds'],
  [span.notAfter + 999, 'valid', 'valid for another 0 seconds'],
  [span.notAfter + 1000, 'expired', 'expired 1 second ago'],
  [span.notAfter + 3 * day, 'expired', 'expired 3 days ago'],
  [span.notBefore - 90_000, 'not_yet_valid', 'not valid yet: begins in 2 minutes'],
] as const) {
  test(`${at - now} ms from now: ${words}`, (t) => {
    t.is(validityState(span, at), state);
    t.is(validityWords(span, at).en, words);
    t.regex(validityWords(span, at).ko, /\d+(?:일|시간|분|초)/);
  });
}

test('a validity that ends before it begins is told so at any time', (t) => {
  for (const at of [0, now, now * 2]) t.is(validityState({ notBefore: now, notAfter: now - 1 }, at), 'never');
});

test('durations are in the largest unit of which there are two', (t) => {
  const rows = [
    [0, '0 seconds'],
    [1000, '1 second'],
    [60_000, '1 minute'],
    [119 * 60_000, '119 minutes'],
    [47 * 3_600_000, '47 hours'],
    [48 * 3_600_000, '2 days'],
    [729 * day, '729 days'],
    [730 * day, '2 years'],
    [9.96 * 365 * day, '9.9 years'],
  ] as const;
  for (const [milliseconds, words] of rows) t.is(durationWords(milliseconds).en, words);
});
