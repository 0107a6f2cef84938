/** Addresses are those that node:net takes for one. */
import test from 'ava';
import fc from 'fast-check';
import { isIP } from 'node:net';
import { ipVersion } from '../../src/core/ip-version.ts';

test('it says what node:net says', (t) => {
  for (const text of [
    '',
    '1.2.3.4',
    '1.2.3',
    '01.2.3.4',
    '::1',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    ':',
    'a',
    '1.2.3.4:5',
  ])
    t.is(ipVersion(text), isIP(text) as 0 | 4 | 6, text);
  fc.assert(
    fc.property(
      fc.oneof(fc.ipV4(), fc.ipV6(), fc.string(), fc.domain()),
      (text) => ipVersion(text) === isIP(text),
    ),
  );
});
