import test from 'ava';
import * as fc from 'fast-check';
import { grouped } from '../../src/i18n/number.ts';

test('digits stand in groups of three', (t) => {
  t.deepEqual([0, 7, 999, 1000, 3412, 1234567].map(grouped), [
    '0',
    '7',
    '999',
    '1,000',
    '3,412',
    '1,234,567',
  ]);
});

test('it says the same as the locale that it stands in for', (t) => {
  t.notThrows(() =>
    fc.assert(fc.property(fc.nat(2 ** 31 - 1), (value) => grouped(value) === value.toLocaleString('en'))),
  );
});
