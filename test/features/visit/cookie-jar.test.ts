import { assert, property, string, webUrl } from 'fast-check';
import test from 'ava';
import { CookieJar, cookieField, readSetCookie } from '../../../src/features/visit/cookie-jar.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const https = 'https://shop.localhost/account/login';
const http = 'http://shop.localhost/account/login';

/** The cookies sent to each URL after one response. */
for (const [what, field, from, to, expected] of [
  [
    'a cookie without anything goes back to its host, below its path',
    'a=1',
    https,
    'https://shop.localhost/account/x',
    'a=1',
  ],
  ['its path is that of the folder', 'a=1', https, 'https://shop.localhost/other', undefined],
  ['a path is no prefix of letters', 'a=1; Path=/acc', https, 'https://shop.localhost/account', undefined],
  ['a path is for all below', 'a=1; Path=/', https, 'https://shop.localhost/other', 'a=1'],
  ['a path that is none is the default', 'a=1; Path=other', https, 'https://shop.localhost/other', undefined],
  ['without Secure it goes over http as well', 'a=1; Path=/', https, 'http://shop.localhost/', 'a=1'],
  ['HttpOnly hides nothing from the wire', 'a=1; Path=/; HttpOnly', https, 'http://shop.localhost/', 'a=1'],
  ['with Secure it does not', 'a=1; Path=/; Secure', https, 'http://shop.localhost/', undefined],
  ['with Secure it goes over https', 'a=1; Path=/; secure', https, 'https://shop.localhost/', 'a=1'],
  ['Secure cannot be claimed over http', 'a=1; Path=/; Secure', http, 'https://shop.localhost/', undefined],
  ['another host gets none', 'a=1; Path=/', https, 'https://mallory.localhost/', undefined],
  [
    'a host below gets none of a host-only one',
    'a=1; Path=/',
    https,
    'https://www.shop.localhost/',
    undefined,
  ],
  [
    'a domain is for those below',
    'a=1; Path=/; Domain=.shop.localhost',
    https,
    'https://www.shop.localhost/',
    'a=1',
  ],
  [
    'a domain is not for what ends like it',
    'a=1; Path=/; Domain=shop.localhost',
    https,
    'https://myshop.localhost/',
    undefined,
  ],
  [
    'no host speaks for another',
    'a=1; Path=/; Domain=bank.localhost',
    https,
    'https://bank.localhost/',
    undefined,
  ],
  [
    'no host speaks for a whole suffix',
    'a=1; Path=/; Domain=localhost',
    https,
    'https://bank.localhost/',
    undefined,
  ],
  [
    'an IP address has no subdomains',
    'a=1; Path=/; Domain=0.0.1',
    'http://127.0.0.1/',
    'http://127.0.0.1/',
    undefined,
  ],
  [
    'Max-Age wins over Expires',
    'a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60',
    https,
    'https://shop.localhost/',
    'a=1',
  ],
  ['one that is over is none', 'a=1; Path=/; Max-Age=0', https, 'https://shop.localhost/', undefined],
  ['a date that is none says nothing', 'a=1; Path=/; Expires=soon', https, 'https://shop.localhost/', 'a=1'],
  ['the last of two attributes counts', 'a=1; Path=/x; Path=/', https, 'https://shop.localhost/', 'a=1'],
  ['an empty value is a value', 'a=; Path=/', https, 'https://shop.localhost/', 'a='],
  ['a name is needed', '=1; Path=/', https, 'https://shop.localhost/', undefined],
  ['so is an equals sign', 'a; Path=/', https, 'https://shop.localhost/', undefined],
  ['a line end cannot be injected', 'a=1\u0000b; Path=/', https, 'https://shop.localhost/', undefined],
  [
    'a name that promises Secure must have it',
    '__Secure-a=1; Path=/',
    https,
    'https://shop.localhost/',
    undefined,
  ],
  [
    'a name that promises its host must be for it alone',
    '__Host-a=1; Secure; Path=/; Domain=shop.localhost',
    https,
    'https://shop.localhost/',
    undefined,
  ],
  ['and may then be kept', '__Host-a=1; Secure; Path=/', https, 'https://shop.localhost/', '__Host-a=1'],
  [
    'a cookie without end is not kept',
    `a=${'x'.repeat(5000)}; Path=/`,
    https,
    'https://shop.localhost/',
    undefined,
  ],
] as const) {
  test(what, (t) => {
    const jar = new CookieJar();
    jar.store([field], new URL(from), now);
    t.is(cookieField(jar.for(new URL(to), now)), expected);
  });
}

test('longer paths first, and a cookie of the same name, domain and path is replaced', (t) => {
  const jar = new CookieJar();
  const url = new URL('https://shop.localhost/a/b');
  jar.store(['x=1; Path=/', 'y=2; Path=/a', 'x=3; Path=/'], url, now);
  t.is(cookieField(jar.for(url, now)), 'y=2; x=3');
  t.is(jar.size, 2);
});

test('a session ends on logout, and by expiry', (t) => {
  const jar = new CookieJar();
  const url = new URL('https://shop.localhost/');
  jar.store(['x=1; Max-Age=10', 'y=1'], url, now);
  t.is(cookieField(jar.for(url, now + 9_999)), 'x=1; y=1');
  t.is(cookieField(jar.for(url, now + 10_000)), 'y=1');
  jar.store(['y=; Max-Age=0'], url, now);
  t.is(cookieField(jar.for(url, now + 10_000)), undefined);
});

test('a browser that is closed forgets session cookies, and keeps those with a date', (t) => {
  const jar = new CookieJar();
  const site = new URL('https://shop.localhost/');
  jar.store(['session=1; Path=/', 'language=ko; Path=/; Max-Age=60'], site, now);
  jar.endSession();
  t.is(cookieField(jar.for(site, now)), 'language=ko');
});

test('plain HTTP cannot overwrite a Secure cookie', (t) => {
  const jar = new CookieJar();
  jar.store(['session=good; Path=/; Secure'], new URL('https://shop.localhost/'), now);
  jar.store(['session=bad; Path=/', 'session=bad; Path=/account'], new URL('http://shop.localhost/'), now);
  t.is(cookieField(jar.for(new URL('https://shop.localhost/account'), now)), 'session=good');
  jar.store(['other=1; Path=/'], new URL('http://shop.localhost/'), now);
  t.is(
    cookieField(jar.for(new URL('http://shop.localhost/'), now)),
    'other=1',
    'another name is independent',
  );
});

test('a jar does not grow without end', (t) => {
  const jar = new CookieJar();
  jar.store(
    Array.from({ length: 3200 }, (_, index) => `n${index}=1`),
    new URL('https://shop.localhost/'),
    now,
  );
  t.is(jar.size, 3000);
  t.false(
    jar.for(new URL('https://shop.localhost/'), now).some(({ name }) => name === 'n0'),
    'the oldest has gone',
  );
});

test('no field, from no address, throws, and what is kept ends no line', (t) => {
  assert(
    property(string({ unit: 'binary' }), webUrl(), (field, address) => {
      const cookie = readSetCookie(field, new URL(address), now);
      if (cookie && /[\r\n\0]/.test(cookie.name + cookie.value)) throw new Error('a line end was kept');
    }),
  );
  t.pass();
});
