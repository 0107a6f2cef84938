import test from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import { domainName, parseNames, parseSubject } from '../../../src/pki/ca/subject.ts';

test('subjects in their order, with escaped commas, any case of the type, and decomposed Hangul composed', (t) => {
  t.deepEqual(parseSubject('CN=alice,O=Workshop', '--subject'), [
    ['CN', 'alice'],
    ['O', 'Workshop'],
  ]);
  t.deepEqual(parseSubject(' o = A\\, B ,cn=x=y,emailaddress=a@b', '--subject'), [
    ['O', 'A, B'],
    ['CN', 'x=y'],
    ['emailAddress', 'a@b'],
  ]);
  t.deepEqual(parseSubject(`CN=${'앨리스'.normalize('NFD')},C=KR`, '--subject'), [
    ['CN', '앨리스'],
    ['C', 'KR'],
  ]);
  t.deepEqual(parseSubject('O=a,O=b,CN=c\\\\', '--subject'), [
    ['O', 'a'],
    ['O', 'b'],
    ['CN', 'c\\'],
  ]);
});

test('a name alone is the CN', (t) => {
  t.deepEqual(parseSubject('Workshop CA', '--subject'), [['CN', 'Workshop CA']]);
});

for (const text of [
  'alice,bob',
  '/CN=alice',
  'CN=',
  'XX=a',
  '=a',
  '',
  ',',
  'C=kr',
  'C=KOR',
  'CN=a\u0000b',
  'CN=a\u202eb',
  `CN=${'a'.repeat(65)}`,
  'serialNumber=한글',
  'DC=한글',
  '__proto__=x',
]) {
  test(`no subject: ${JSON.stringify(text.slice(0, 20))}`, (t) => {
    const error = t.throws(() => parseSubject(text, '--subject'), { instanceOf: UserError });
    t.is(error?.facts.where, '--subject');
    t.regex(error?.facts.what.ko ?? '', /[가-힣]/);
  });
}

test('names of every kind, several in a text or over several, once each', (t) => {
  t.deepEqual(
    parseNames(
      ['DNS:a.localhost,IP:::1', 'URI:spiffe://shop/a,b,email:a@b.localhost', 'DNS:a.localhost'],
      '--san',
    ),
    ['DNS:a.localhost', 'IP:::1', 'URI:spiffe://shop/a,b', 'email:a@b.localhost'],
  );
  t.deepEqual(parseNames(['DNS:한글.localhost', 'DNS:*.shop.localhost'], '--san'), [
    'DNS:xn--bj0bj06e.localhost',
    'DNS:*.shop.localhost',
  ]);
  t.deepEqual(parseNames([], '--san'), []);
});

for (const text of [
  'a.localhost',
  'DNS:',
  'DNS:127.0.0.1',
  'DNS:a..b',
  'DNS:-a.b',
  'DNS:a b',
  'DNS:a*.b',
  'DNS:https://a',
  'IP:300.1.1.1',
  'IP:fe80::1%eth0',
  'IP:a',
  'URI:a',
  'URI:한글',
  'email:a',
  'dns:a',
  'constructor:a',
  `DNS:${'a'.repeat(64)}`,
]) {
  test(`no name: ${text.slice(0, 30)}`, (t) => {
    t.throws(() => parseNames([text], '--san'), { instanceOf: UserError });
  });
}

test('domain names: letters, digits, dashes; an address is none', (t) => {
  t.is(domainName('a-b.c_d.localhost'), 'a-b.c_d.localhost');
  t.is(domainName('127.0.0.1'), undefined);
  t.is(domainName(Array.from({ length: 60 }, () => 'abcd').join('.')), undefined);
});
