import { assert, property, string } from 'fast-check';
import test from 'ava';
import { HstsStore, readHsts } from '../../../src/features/visit/hsts-store.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const site = new URL('https://shop.localhost/');

for (const [field, expected] of [
  ['max-age=31536000', { maxAge: 31_536_000, includeSubDomains: false }],
  ['max-age=31536000; includeSubDomains', { maxAge: 31_536_000, includeSubDomains: true }],
  [' Max-Age = "60" ;; INCLUDESUBDOMAINS ; preload', { maxAge: 60, includeSubDomains: true }],
  ['max-age=0', { maxAge: 0, includeSubDomains: false }],
  ['includeSubDomains', undefined],
  ['max-age=', undefined],
  ['max-age=-1', undefined],
  ['max-age=1e3', undefined],
  ['max-age=1; max-age=2', undefined],
  ['max-age=1; includeSubDomains; includeSubDomains', undefined],
  ['', undefined],
] as const) {
  test(`HSTS in "${field}"`, (t) => t.deepEqual(readHsts(field), expected));
}

test('no field throws, and no age is beyond what a clock takes', (t) => {
  assert(
    property(
      string(),
      (field) => (readHsts(`max-age=99999999999999999999; ${field}`)?.maxAge ?? 0) <= 100 * 366 * 24 * 3600,
    ),
  );
  t.notThrows(() => assert(property(string({ unit: 'binary' }), (field) => void readHsts(field))));
});

const learning = (field: string, { from = 'https://shop.localhost/', verified = true } = {}): HstsStore => {
  const store = new HstsStore();
  store.learn(new URL(from), [field], verified, now);
  return store;
};

test('a host is known for as long as it said, and so are those below it only if it said so', (t) => {
  const store = learning('max-age=60');
  t.true(store.knows('shop.localhost', now + 59_999));
  t.true(store.knows('SHOP.localhost.', now), 'however it is spelled');
  t.false(store.knows('shop.localhost', now + 60_000));
  t.false(store.knows('www.shop.localhost', now));
  t.true(learning('max-age=60; includeSubDomains').knows('www.shop.localhost', now));
  t.false(learning('max-age=60; includeSubDomains').knows('localhost', now), 'nor those above');
});

test('only verified TLS teaches, and an address of numbers is never known', (t) => {
  t.false(
    learning('max-age=60', { from: 'http://shop.localhost/' }).knows('shop.localhost', now),
    'plain HTTP',
  );
  t.false(
    learning('max-age=60', { verified: false }).knows('shop.localhost', now),
    'a certificate that was not verified',
  );
  t.false(learning('max-age=60', { from: 'https://127.0.0.1/' }).knows('127.0.0.1', now));
  t.false(learning('max-age=60', { from: 'https://[::1]/' }).knows('[::1]', now));
});

test('the first field counts, and zero takes it back', (t) => {
  const store = new HstsStore();
  store.learn(site, ['max-age=60', 'max-age=0'], true, now);
  t.true(store.knows('shop.localhost', now));
  store.learn(site, ['max-age=0'], false, now);
  t.true(store.knows('shop.localhost', now), 'but not over TLS that was not verified');
  store.learn(site, [], true, now);
  t.true(store.knows('shop.localhost', now), 'and silence changes nothing');
  store.learn(site, ['max-age=0'], true, now);
  t.false(store.knows('shop.localhost', now));
});

test('preloaded hosts are known before the first visit and stay', (t) => {
  const store = new HstsStore(['shop.localhost']);
  t.true(store.knows('www.shop.localhost', now));
  store.learn(site, ['max-age=0'], true, now);
  t.true(store.knows('shop.localhost', now + 1e12));
});

test('an address of a known host is asked for over TLS, on 443 in the place of 80; all others stay', (t) => {
  const store = learning('max-age=60');
  const upgraded = (text: string): string => store.upgrade(new URL(text), now).href;
  t.is(upgraded('http://shop.localhost/a?b#c'), 'https://shop.localhost/a?b#c');
  t.is(upgraded('http://shop.localhost:80/'), 'https://shop.localhost/');
  t.is(
    upgraded('http://shop.localhost:8080/'),
    'https://shop.localhost:8080/',
    'RFC 6797 section 8.3: another port stays',
  );
  t.is(upgraded('https://shop.localhost/'), 'https://shop.localhost/');
  t.is(upgraded('http://mallory.localhost/'), 'http://mallory.localhost/');
});

test('the store is bounded: the oldest learned entry is dropped, not a preloaded one', (t) => {
  const store = new HstsStore(['shop.localhost']);
  for (let number = 0; number < 1100; number++)
    store.learn(new URL(`https://h${number}.localhost/`), ['max-age=60'], true, now);
  t.true(store.knows('shop.localhost', now));
  t.false(store.knows('h0.localhost', now));
  t.true(store.knows('h1099.localhost', now));
});
