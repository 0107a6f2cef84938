import { assert, constantFrom, integer, property, string } from 'fast-check';
import test from 'ava';
import { redirectOf, typedAddress } from '../../../src/features/visit/redirect-rules.ts';
import { formIn, linksIn, titleOf } from '../../../src/features/visit/page-reading.ts';
import { linkedPage, loginPage } from '../../../src/peers/site/pages.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

for (const [typed, expected] of [
  ['shop.localhost', 'http://shop.localhost/'],
  ['shop.localhost/search?q=a', 'http://shop.localhost/search?q=a'],
  ['https://shop.localhost', 'https://shop.localhost/'],
  ['HTTP://shop.localhost:80/', 'http://shop.localhost/'],
  ['localhost:8080', 'http://localhost:8080/'],
  ['ftp://shop.localhost/', undefined],
  ['http://', undefined],
  ['', undefined],
] as const) {
  test(`what is typed as "${typed}"`, (t) => t.is(typedAddress(typed)?.href, expected));
}

const from = new URL('http://shop.localhost/a/b?c#d');
for (const [status, location, method, expected] of [
  [301, 'https://shop.localhost/', 'GET', ['GET', 'https://shop.localhost/#d', true]],
  [301, '/login', 'POST', ['GET', 'http://shop.localhost/login#d', false]],
  [302, 'x', 'POST', ['GET', 'http://shop.localhost/a/x#d', false]],
  [302, 'x#y', 'HEAD', ['HEAD', 'http://shop.localhost/a/x#y', true]],
  [303, 'x', 'PUT', ['GET', 'http://shop.localhost/a/x#d', false]],
  [303, 'x', 'HEAD', ['HEAD', 'http://shop.localhost/a/x#d', true]],
  [307, '//shop.localhost/x', 'POST', ['POST', 'http://shop.localhost/x#d', true]],
  [308, 'https://shop.localhost/x', 'POST', ['POST', 'https://shop.localhost/x#d', true]],
  [300, '/x', 'GET', undefined],
  [304, '/x', 'GET', undefined],
  [200, '/x', 'GET', undefined],
  [301, undefined, 'GET', undefined],
  [301, 'javascript:alert(1)', 'GET', undefined],
  [301, 'http://[', 'GET', undefined],
] as const) {
  test(`${status} to ${location} after ${method}`, (t) => {
    const next = redirectOf(status, location, from, method);
    t.deepEqual(next && [next.method, next.url.href, next.keepsBody], expected as unknown as undefined);
  });
}

test('no Location throws', (t) => {
  t.notThrows(() =>
    assert(
      property(
        integer({ min: 100, max: 599 }),
        string({ unit: 'binary' }),
        constantFrom('GET', 'POST'),
        (status, location, method) => void redirectOf(status, location, from, method),
      ),
    ),
  );
});

test('a page is read for its form, its links and its title, in both languages', (t) => {
  for (const language of ['en', 'ko'] as const) {
    t.deepEqual(formIn(loginPage(language)), { action: '/login', fields: ['username', 'password', 'rrn'] });
    t.deepEqual(
      linksIn(linkedPage(language, 'search', 'https://shop.localhost/login?a=1&b=2', '"><a href="x">')),
      ['https://shop.localhost/login?a=1&b=2'],
    );
    t.truthy(titleOf(loginPage(language)));
  }
  t.is(
    formIn('<form action="/x"><input name="a"></form>'),
    undefined,
    'a form that is sent by GET is no login',
  );
  t.deepEqual(formIn('<form method="post"><input name="a"><input type="submit">'), {
    action: '',
    fields: ['a'],
  });
});

test('a hostile page costs no more than its length', (t) => {
  for (const piece of [
    '<form ',
    '<form method="post">',
    '<a href="',
    '<input name=',
    '<title>',
    'a="',
    '<',
  ]) {
    const page = piece.repeat(Math.ceil(400_000 / piece.length));
    const start = cpuTime();
    formIn(page);
    linksIn(page);
    titleOf(page);
    t.true(cpuTime() - start < 3000, piece);
  }
  t.notThrows(() =>
    assert(property(string({ unit: 'binary' }), (page) => void [formIn(page), linksIn(page), titleOf(page)])),
  );
});
