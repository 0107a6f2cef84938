/** Addresses are those that node:net takes for one. */
import test from 'ava';
import { assert, domain, ipV4, ipV6, oneof, property, string } from 'fast-check';
import { isIP } from 'node:net';
import { ipVersion, withoutBrackets } from '../../src/core/ip-version.ts';

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
  assert(property(oneof(ipV4(), ipV6(), string(), domain()), (text) => ipVersion(text) === isIP(text)));
});

test('the brackets of a URL are taken off where both are there', (t) => {
  const rows = ['[::1]', '::1', '127.0.0.1', 'shop.example', '[::1', ''];
  t.deepEqual(rows.map(withoutBrackets), ['::1', '::1', '127.0.0.1', 'shop.example', '[::1', '']);
});
