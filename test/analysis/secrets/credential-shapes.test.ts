import { gzipSync } from 'node:zlib';
import test from 'ava';
import {
  credentialsIn,
  isSessionCookieName,
  mayHoldCredentials,
} from '../../../src/analysis/secrets/credential-shapes.ts';
import { isSecretName } from '../../../src/protocols/shared/secret-names.ts';
import type { FoundCredential } from '../../../src/analysis/secrets/credential-shapes.ts';
import { HttpConversation } from '../../../src/protocols/http/conversation.ts';
import { loginRequest, loginResponse } from '../../helpers/live.ts';

const before = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** Found in `text`, which comes second on its connection, byte by byte. */
function found(
  text: string,
  from: 'client' | 'server' = 'client',
  encoding: 'utf8' | 'latin1' = 'utf8',
): FoundCredential[] {
  const http = new HttpConversation();
  const stream = Buffer.from(from === 'client' ? before + text : text, encoding);
  const messages = Array.from(stream, (byte, offset) =>
    http.feed({ from, offset, bytes: Uint8Array.of(byte) }),
  ).flat();
  return messages
    .flatMap((message) => credentialsIn(message))
    .map((credential) => {
      const sent = stream.subarray(credential.offset, credential.offset + credential.length).toString();
      return { ...credential, sent };
    });
}

const request = (head: string, body = ''): string =>
  `POST / HTTP/1.1\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
const brief = (credentials: readonly FoundCredential[]): unknown[] =>
  credentials.map(({ kind, name, value, ...rest }) => [kind, name, value, 'sent' in rest ? rest.sent : '']);

test('the secret fields of a login form are found where they stand', (t) => {
  t.deepEqual(brief(found(loginRequest)), [
    ['form_field', 'password', 'tiger-lily', 'tiger-lily'],
    ['form_field', 'rrn', '900101-1234567', '900101-1234567'],
  ]);
  t.is(found(loginRequest)[0]?.offset, before.length + loginRequest.indexOf('tiger-lily'));
});

test('encoded names and values are read, and pointed at as they were sent', (t) => {
  const body = new URLSearchParams({ 주민등록번호: '900101 1234567', user_password: 'é&=' }).toString();
  t.deepEqual(brief(found(request(form, body))), [
    ['form_field', '주민등록번호', '900101 1234567', '900101+1234567'],
    ['form_field', 'user_password', 'é&=', '%C3%A9%26%3D'],
  ]);
});

test('a form in chunks is found too, and a value that a chunk boundary splits', (t) => {
  const chunked = (...chunks: string[]): string =>
    `POST / HTTP/1.1\r\n${form}Transfer-Encoding: chunked\r\n\r\n${[...chunks, ''].map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')}`;
  t.deepEqual(brief(found(chunked('user=a&pwd=lily-flower'))), [
    ['form_field', 'pwd', 'lily-flower', 'lily-flower'],
  ]);
  t.deepEqual(brief(found(chunked('user=a&pwd=lily', '-flower&x=y'))), [
    ['form_field', 'pwd', 'lily-flower', 'lily\r\nb\r\n-flower'],
  ]);
});

test('authorization and cookies', (t) => {
  const basic = Buffer.from('alice:tiger-lily').toString('base64');
  t.deepEqual(brief(found(request(`Authorization: Basic ${basic}\r\n`))), [
    ['basic', 'alice', 'tiger-lily', basic],
  ]);
  t.deepEqual(brief(found(request('Authorization: Bearer abc.def.ghi\r\n'))), [
    ['bearer', 'Bearer', 'abc.def.ghi', 'abc.def.ghi'],
  ]);
  t.deepEqual(brief(found(request('Cookie: theme=dark; session=5e55; lang=ko; JSESSIONID=AB\r\n'))), [
    ['cookie', 'session', '5e55', '5e55'],
    ['cookie', 'JSESSIONID', 'AB', 'AB'],
  ]);
  t.deepEqual(brief(found(loginResponse, 'server')), [['cookie', 'session', '5e55104', '5e55104']]);
});

test('a query and a JSON body, at any depth', (t) => {
  t.deepEqual(brief(found('GET /l?user=a&pwd=x%20y#f HTTP/1.1\r\nHost: x\r\n\r\n')), [
    ['query_parameter', 'pwd', 'x y', 'x%20y'],
  ]);
  const body = '{"user":"alice","auth":{"password":"ti\\"ger","pin":123456,"note":"password"}}';
  t.deepEqual(brief(found(request('Content-Type: application/json\r\n', body))), [
    ['json_member', 'password', 'ti"ger', 'ti\\"ger'],
    ['json_member', 'pin', '123456', '123456'],
  ]);
});

const ntlm = (user: string, domain: string, type = 3): string => {
  const [domainBytes, userBytes] = [Buffer.from(domain, 'utf16le'), Buffer.from(user, 'utf16le')];
  const head = Buffer.alloc(64);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(type, 8);
  for (const [at, bytes, offset] of [
    [28, domainBytes, 64],
    [36, userBytes, 64 + domainBytes.length],
  ] as const) {
    head.writeUInt16LE(bytes.length, at);
    head.writeUInt16LE(bytes.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
  }
  head.writeUInt32LE(1, 60);
  return Buffer.concat([head, domainBytes, userBytes]).toString('base64');
};

test('Digest, NTLM and Negotiate are named, with the user where they tell it', (t) => {
  const digest = 'realm="a, username=no", username="al\\"ice", nonce="x", response="0123456789abcdef"';
  t.deepEqual(brief(found(request(`Authorization: Digest ${digest}\r\n`))), [
    ['digest', 'al"ice', 'al"ice', 'al\\"ice'],
  ]);
  t.deepEqual(brief(found(request('Proxy-Authorization: Digest username=alice, response="0"\r\n'))), [
    ['digest', 'alice', 'alice', 'alice'],
  ]);
  const token = ntlm('alice', 'SHOP');
  t.deepEqual(brief(found(request(`Authorization: NTLM ${token}\r\n`))), [
    ['ntlm', 'SHOP\\alice', 'SHOP\\alice', token],
  ]);
  t.deepEqual(brief(found(request(`Proxy-Authorization: Negotiate ${token}\r\n`))), [
    ['ntlm', 'SHOP\\alice', 'SHOP\\alice', token],
  ]);
  const ticket = Buffer.concat([Buffer.from([0x60, 0x82, 1, 0]), Buffer.alloc(40)]).toString('base64');
  t.deepEqual(brief(found(request(`Authorization: Negotiate ${ticket}\r\n`))), [
    ['negotiate', 'Negotiate', ticket, ticket],
  ]);
});

test('a step of NTLM without a user, and one whose lengths lie, give nothing and do not throw', (t) => {
  t.deepEqual(found(request(`Authorization: NTLM ${ntlm('alice', 'SHOP', 1)}\r\n`)), []);
  const lying = Buffer.from(ntlm('alice', 'SHOP'), 'base64');
  lying.writeUInt32LE(0xffffffff, 40);
  t.deepEqual(found(request(`Authorization: NTLM ${lying.toString('base64')}\r\n`)), []);
});

test('a compressed form and a compressed JSON body give their secrets away all the same; the place is the whole body', (t) => {
  const zipped = (type: string, text: string): string => {
    const body = gzipSync(text).toString('latin1');
    return `POST / HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  const [form, ...none] = found(
    zipped('application/x-www-form-urlencoded', 'user=alice&password=tiger-lily'),
    'client',
    'latin1',
  );
  t.deepEqual(none, []);
  t.like(form, { kind: 'form_field', name: 'password', value: 'tiger-lily' });
  t.is(form?.length, gzipSync('user=alice&password=tiger-lily').length);
  const [json, ...more] = found(
    zipped('application/json', '{"user":"alice","login":{"password":"tiger-lily"}}'),
    'client',
    'latin1',
  );
  t.deepEqual(more, []);
  t.like(json, { kind: 'json_member', name: 'password', value: 'tiger-lily' });
});

test('a body of JSON that was made to be slow is read in a moment', (t) => {
  const started = process.cpuUsage();
  for (const body of [
    `{${'"\\"'.repeat(250_000)}`,
    `{"${'\\"'.repeat(400_000)}\\`,
    `{${'"a":'.repeat(200_000)}`,
    `{${'" '.repeat(400_000)}`,
  ]) {
    const messages = new HttpConversation().feed({
      from: 'client',
      offset: 0,
      bytes: Buffer.from(request('Content-Type: application/json\r\n', body)),
    });
    t.deepEqual(
      messages.flatMap((message) => credentialsIn(message)),
      [],
    );
  }
  const { user } = process.cpuUsage(started);
  t.true(user < 5_000_000, `${user} µs`);
});

test('a JSON value that is cut off is told as far as it goes', (t) => {
  t.deepEqual(brief(found(request('Content-Type: application/json\r\n', '{"password":"tiger-li'))), [
    ['json_member', 'password', 'tiger-li', 'tiger-li'],
  ]);
});

test('what only looks near is not found', (t) => {
  for (const text of [
    request(form, 'username=alice&passage=blue&opinion=none&compass=north&password='),
    request('Cookie: theme=dark; size=4\r\n'),
    request('Authorization: Negotiate abc\r\n'),
    request('Authorization: Basic !!!\r\n'),
    request('Content-Type: text/plain\r\n', 'password=tiger'),
    request('Content-Type: application/json\r\n', '{"note":"the password: lily"}'),
    'GET /?q=password HTTP/1.1\r\nHost: x\r\n\r\n',
  ])
    t.deepEqual(found(text), [], text);
});

test('names', (t) => {
  for (const name of [
    'password',
    'Password',
    'user_password',
    'new-password',
    'passwd',
    'pwd',
    'pw',
    'pin',
    'PIN_CODE',
    'ssn',
    'rrn',
    'jumin_no',
    '주민등록번호',
    '주민번호',
    '비밀번호',
    '비밀번호 확인',
    'cvc',
    'card_number',
    'client_secret',
    'access_token',
    'password2',
    'password_confirm',
  ]) {
    t.true(isSecretName(name), name);
    t.true(isSecretName(name.normalize('NFD')), name);
  }
  for (const name of [
    'username',
    'passage',
    'pinterest',
    'opinion',
    'spin',
    'compass',
    'address',
    '비밀',
    '번호',
    'tokenizer',
    'cc',
    '',
  ])
    t.false(isSecretName(name), name);
  for (const name of [
    'session',
    'PHPSESSID',
    'connect.sid',
    'JSESSIONID',
    '__Host-session',
    'auth_token',
    'remember_me',
  ])
    t.true(isSessionCookieName(name), name);
  for (const name of ['theme', 'lang', '_ga']) t.false(isSessionCookieName(name), name);
});

test('what can hold none is seen without its fields: an ordinary request, a page, an empty answer', (t) => {
  const may = (text: string, from: 'client' | 'server' = 'client'): readonly boolean[] => {
    const http = new HttpConversation();
    return http.feed({ from, offset: 0, bytes: Buffer.from(text) }).map(mayHoldCredentials);
  };
  const answer = (head: string, body: string): string =>
    `HTTP/1.1 200 OK\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  t.deepEqual(may(before), [false]);
  t.deepEqual(may('GET /?page=2 HTTP/1.1\r\nHost: x\r\n\r\n'), [true]);
  t.deepEqual(may(request('', 'just a text')), [false]);
  t.deepEqual(may(request(form, 'a=1')), [true]);
  t.deepEqual(may(request('', ' \r\n{}')), [true]);
  t.deepEqual(may(answer('', '<p>hello</p>'), 'server'), [false]);
  t.deepEqual(may(answer('Set-Cookie: a=1\r\n', ''), 'server'), [true]);
  t.deepEqual(may(answer('Content-Encoding: gzip\r\n', 'x'), 'server'), [true]);
  t.deepEqual(may('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n', 'server'), [
    false,
  ]);
  t.deepEqual(may('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n', 'server'), [
    true,
  ]);
});
