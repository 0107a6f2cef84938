/** What is hidden in headers, addresses and bodies that are handed on, what stays, and what hostile bodies cost. */
import { assert, property, string } from 'fast-check';
import test from 'ava';
import { mask, maskedAddress, maskedBody, maskedHeader } from '../../../src/analysis/summary/masking.ts';

const body = (text: string, mimeType = 'application/json'): string =>
  Buffer.from(maskedBody(Buffer.from(text), mimeType)).toString();
const encoded = encodeURIComponent(mask);

test('addresses keep all but the values of secret names, and the password before the host', (t) => {
  t.is(
    maskedAddress('https://bob:s3cret@shop/x?a=1&access_token=s3cret#id_token=s3cret&b=2'),
    `https://bob:${encoded}@shop/x?a=1&access_token=${encoded}#id_token=${encoded}&b=2`,
  );
  t.is(maskedAddress('/x?q=token&page=2'), '/x?q=token&page=2');
  t.is(maskedAddress('?p%61ssword=s3cret'), `?p%61ssword=${encoded}`);
});

for (const [name, value, expected] of [
  ['Referer', 'http://shop/?token=s3cret', `http://shop/?token=${encoded}`],
  ['Location', '/in#access_token=s3cret', `/in#access_token=${encoded}`],
  ['X-Api-Key', 's3cret', mask],
  ['X-Vault-Token', 's3cret', mask],
  ['Authorization', 'Bearer s3cret', `Bearer ${mask}`],
  [
    'Sec-WebSocket-Protocol',
    'base64url.bearer.authorization.k8s.io.s3cret, v4.channel.k8s.io',
    `base64url.bearer.authorization.k8s.io.${mask}, v4.channel.k8s.io`,
  ],
  ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ==', 'dGhlIHNhbXBsZSBub25jZQ=='],
  ['Accept', 'text/html;q=0.9', 'text/html;q=0.9'],
] as const)
  test(`the header ${name}: ${value}`, (t) => t.is(maskedHeader(name, value), expected));

test('JSON: the whole value of a secret name, whatever it holds; everything else as it was written', (t) => {
  t.is(body('{ "a":1, "password" : "x\\"y" ,"b":[2]}'), `{ "a":1, "password" : "${mask}" ,"b":[2]}`);
  t.is(body('{"password":{"v":["x",{"b":"y"}]},"c":"d"}'), `{"password":"${mask}","c":"d"}`);
  t.is(
    body('[{"pin":1234},{"pin":null},{"pin":true}]'),
    `[{"pin":"${mask}"},{"pin":null},{"pin":"${mask}"}]`,
  );
  t.is(body(String.raw`{"pass\u0077ord":"x"}`), String.raw`{"pass\u0077ord":"${mask}"}`);
  t.is(body('{"비밀번호":"x","이름":"밥"}'), `{"비밀번호":"${mask}","이름":"밥"}`);
  t.is(body('{"a":"password","b":"x"}'), '{"a":"password","b":"x"}');
});

test('JSON that is cut is hidden to its end', (t) => {
  t.is(body('{"password":"rose'), `{"password":"${mask}"`);
  t.is(body('{"password":["rose","bu'), `{"password":"${mask}"`);
  t.is(body('{"password":'), '{"password":');
});

test('JSON and forms are hidden whatever type was said, in either direction', (t) => {
  t.is(body('{"password":"x"}', 'text/plain'), `{"password":"${mask}"}`);
  t.is(body('user=bob&password=x', ''), `user=bob&password=${mask}`);
  t.is(body('access_token=x&scope=a', 'application/x-www-form-urlencoded'), `access_token=${mask}&scope=a`);
  t.is(body('password=x', 'text/html'), 'password=x');
});

test('a part of a form is hidden by its name', (t) => {
  const part = (name: string, value: string): string =>
    `--XX\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  t.is(
    body(`${part('user', 'bob')}${part('password', 'x')}--XX--\r\n`, 'multipart/form-data; boundary=XX'),
    `${part('user', 'bob')}${part('password', mask)}--XX--\r\n`,
  );
  t.is(
    body(part('password', 'cut').slice(0, -2), 'multipart/form-data; boundary="XX"'),
    part('password', mask),
  );
});

test('a text without secrets is the same bytes', (t) => {
  t.notThrows(() =>
    assert(
      property(string({ unit: 'binary' }), (text) => {
        const bytes = Buffer.from(JSON.stringify({ text, list: [text] }));
        return Buffer.from(maskedBody(bytes, 'application/json')).equals(bytes);
      }),
    ),
  );
});

// An expression that repeats a choice ends with "Maximum call stack size exceeded" behind some millions of letters.
for (const [what, text, mimeType] of [
  ['a text in JSON', `{"a":"${'x'.repeat(12e6)}"}`, 'application/json'],
  ['escapes in JSON', `{"a":"${String.raw`\n`.repeat(6e6)}`, 'application/json'],
  ['a list below a secret name', `{"password":[${'1,'.repeat(4e6)}1]}`, 'application/json'],
  ['a number', `[${'1'.repeat(12e6)}]`, 'application/json'],
  ['spaces', `["a"${' '.repeat(12e6)}]`, 'application/json'],
  ['a form', 'a=&'.repeat(2e6), 'application/x-www-form-urlencoded'],
  ['borders', '--X'.repeat(2e6), 'multipart/form-data; boundary=X'],
] as const)
  test(`millions of bytes of ${what} are looked at once`, (t) => {
    t.notThrows(() => maskedBody(Buffer.from(text), mimeType));
  });
