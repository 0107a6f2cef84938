import test from 'ava';
import { credentialsIn, isSecretName, isSessionCookieName } from '../../src/analysis/credential-shapes.ts';
import type { FoundCredential } from '../../src/analysis/credential-shapes.ts';
import { HttpConversation } from '../../src/dissect/http/conversation.ts';
import { loginRequest, loginResponse } from '../helpers/live.ts';

const before = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** Found in `text`, which comes second on its connection, byte by byte. */
function found(text: string, from: 'client' | 'server' = 'client'): FoundCredential[] {
  const http = new HttpConversation();
  const stream = Buffer.from(from === 'client' ? before + text : text);
  const messages = Array.from(stream, (byte, offset) => http.feed({ from, offset, bytes: Uint8Array.of(byte) })).flat();
  return messages.flatMap((message) => credentialsIn(message)).map((credential) => {
    const sent = stream.subarray(credential.offset, credential.offset + credential.length).toString();
    return { ...credential, sent };
  });
}

const request = (head: string, body = ''): string => `POST / HTTP/1.1\r\n${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const form = 'Content-Type: application/x-www-form-urlencoded\r\n';
const brief = (credentials: readonly FoundCredential[]): unknown[] => credentials.map(({ kind, name, value, ...rest }) => [kind, name, value, 'sent' in rest ? rest.sent : '']);

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
  t.deepEqual(brief(found(chunked('user=a&pwd=lily-flower'))), [['form_field', 'pwd', 'lily-flower', 'lily-flower']]);
  t.deepEqual(brief(found(chunked('user=a&pwd=lily', '-flower&x=y'))), [['form_field', 'pwd', 'lily-flower', 'lily\r\nb\r\n-flower']]);
});

test('authorization and cookies', (t) => {
  const basic = Buffer.from('alice:tiger-lily').toString('base64');
  t.deepEqual(brief(found(request(`Authorization: Basic ${basic}\r\n`))), [['basic', 'alice', 'tiger-lily', basic]]);
  t.deepEqual(brief(found(request('Authorization: Bearer abc.def.ghi\r\n'))), [['bearer', 'Bearer', 'abc.def.ghi', 'abc.def.ghi']]);
  t.deepEqual(brief(found(request('Cookie: theme=dark; session=5e55; lang=ko; JSESSIONID=AB\r\n'))), [
    ['cookie', 'session', '5e55', '5e55'],
    ['cookie', 'JSESSIONID', 'AB', 'AB'],
  ]);
  t.deepEqual(brief(found(loginResponse, 'server')), [['cookie', 'session', '5e55104', '5e55104']]);
});

test('a query and a JSON body, at any depth', (t) => {
  t.deepEqual(brief(found('GET /l?user=a&pwd=x%20y#f HTTP/1.1\r\nHost: x\r\n\r\n')), [['query_parameter', 'pwd', 'x y', 'x%20y']]);
  const body = '{"user":"alice","auth":{"password":"ti\\"ger","pin":123456,"note":"password"}}';
  t.deepEqual(brief(found(request('Content-Type: application/json\r\n', body))), [
    ['json_member', 'password', 'ti"ger', 'ti\\"ger'],
    ['json_member', 'pin', '123456', '123456'],
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
  ]) t.deepEqual(found(text), [], text);
});

test('names', (t) => {
  for (const name of ['password', 'Password', 'user_password', 'new-password', 'passwd', 'pwd', 'pw', 'pin', 'PIN_CODE', 'ssn', 'rrn', 'jumin_no', '주민등록번호', '주민번호', '비밀번호', '비밀번호 확인', 'cvc', 'card_number', 'client_secret', 'access_token', 'password2', 'password_confirm']) {
    t.true(isSecretName(name), name);
    t.true(isSecretName(name.normalize('NFD')), name);
  }
  for (const name of ['username', 'passage', 'pinterest', 'opinion', 'spin', 'compass', 'address', '비밀', '번호', 'tokenizer', 'cc', '']) t.false(isSecretName(name), name);
  for (const name of ['session', 'PHPSESSID', 'connect.sid', 'JSESSIONID', '__Host-session', 'auth_token', 'remember_me']) t.true(isSessionCookieName(name), name);
  for (const name of ['theme', 'lang', '_ga']) t.false(isSessionCookieName(name), name);
});
