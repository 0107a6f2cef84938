import { assert, property, string, uint8Array } from 'fast-check';
import test from 'ava';
import { isStrippable, stripAnswer, stripBody, stripRequest } from '../../../src/wire/tamper/strip.ts';

const host = 'shop.localhost';
const body = (text: string): string => stripBody(Buffer.from(text), host).toString();

for (const [before, behind] of [
  ['<a href="https://shop.localhost/login">', '<a href="http://shop.localhost/login">'],
  ['https://shop.localhost', 'http://shop.localhost'],
  ['HTTPS://SHOP.localhost/', 'http://SHOP.localhost/'],
  ['https://shop.localhost:443/x', 'http://shop.localhost/x'],
  ['https://shop.localhost. End', 'http://shop.localhost. End'],
  ['https://shop.localhost:4430/x', 'http://shop.localhost:4430/x'],
  ['https://shop.localhost.mallory/', 'https://shop.localhost.mallory/'],
  ['https://shop.localhost-b/', 'https://shop.localhost-b/'],
  ['https://www.shop.localhost/', 'https://www.shop.localhost/'],
  ['https://bank.localhost/', 'https://bank.localhost/'],
  ['상점 https://shop.localhost/', '상점 http://shop.localhost/'],
] as const) {
  test(`in a page, ${before} becomes ${behind}`, (t) => t.is(body(before), behind));
}

test('an answer loses what leads to TLS, and nothing else', (t) => {
  t.deepEqual(
    stripAnswer(
      [
        ['Location', 'https://shop.localhost/login'],
        ['Strict-Transport-Security', 'max-age=1'],
        ['Set-Cookie', 'session=secure; Path=/; SECURE; HttpOnly'],
        ['set-cookie', 'a=1;Secure'],
        ['Alt-Svc', 'h3=":443"'],
        ['Content-Length', '5'],
        [
          'Content-Security-Policy',
          "default-src 'self'; upgrade-insecure-requests; img-src https://shop.localhost",
        ],
        ['Content-Type', 'text/html'],
      ],
      host,
    ),
    [
      ['Location', 'http://shop.localhost/login'],
      ['Set-Cookie', 'session=secure; Path=/; HttpOnly'],
      ['set-cookie', 'a=1'],
      ['Content-Security-Policy', "default-src 'self'; img-src http://shop.localhost"],
      ['Content-Type', 'text/html'],
    ],
  );
});

test('a request asks for a page that can be read, and says that it comes from TLS', (t) => {
  t.deepEqual(
    stripRequest(
      [
        ['Host', host],
        ['Accept-Encoding', 'br'],
        ['If-None-Match', '"x"'],
        ['Upgrade-Insecure-Requests', '1'],
        ['Origin', 'http://shop.localhost'],
        ['Referer', 'http://shop.localhost/login'],
        ['X-Other', 'http://shop.localhost/'],
      ],
      host,
    ),
    [
      ['Host', host],
      ['Origin', 'https://shop.localhost'],
      ['Referer', 'https://shop.localhost/login'],
      ['X-Other', 'http://shop.localhost/'],
    ],
  );
});

test('only text that is not compressed is changed', (t) => {
  t.true(isStrippable('text/html; charset=utf-8', undefined));
  t.true(isStrippable('application/json', 'identity'));
  t.false(isStrippable('text/html', 'br'));
  t.false(isStrippable('image/png', undefined));
  t.false(isStrippable(undefined, undefined));
});

test('any bytes pass unchanged that hold no address, whatever the host is said to be', (t) => {
  assert(
    property(uint8Array({ maxLength: 300 }), string(), (bytes, name) => {
      const text = Buffer.from(bytes).toString('latin1');
      if (/https:/i.test(text)) return true;
      return stripBody(bytes, name).equals(Buffer.from(bytes));
    }),
  );
  t.is(
    stripBody(Buffer.from('https://a+b(.localhost/'), 'a+b(.localhost:80').toString(),
    'http://a+b(.localhost/',
  );
});
