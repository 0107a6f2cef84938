/** Compressed bodies: opened in every coding, whole and cut; a bomb is named and stays shut. */
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import test from 'ava';
import { findField } from '../../../src/core/field.ts';
import { HttpConversation } from '../../../src/protocols/http/conversation.ts';
import { fieldOfHttp, openedBodyOf } from '../../../src/protocols/http/message-field.ts';
import type { HttpMessage } from '../../../src/protocols/http/http-message.ts';
import { httpTexts } from '../../../src/protocols/http/texts.ts';
import { present } from '../../helpers/capture.ts';
import { coverageFaults } from '../helpers/tree.ts';

const page = Buffer.from(`<p>${'The password is tiger-lily. '.repeat(200)}</p>`);

function answer(
  coding: string,
  body: Uint8Array,
  options: { chunked?: boolean; announced?: number } = {},
): HttpMessage {
  const conversation = new HttpConversation();
  conversation.feed({ from: 'client', offset: 0, bytes: Buffer.from('GET / HTTP/1.1\r\n\r\n') });
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\n`;
  const half = Math.floor(body.length / 2);
  const chunk = (part: Uint8Array): Buffer =>
    Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
  const bytes = options.chunked
    ? Buffer.concat([
        Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\n`),
        chunk(body.subarray(0, half)),
        chunk(body.subarray(half)),
        Buffer.from('0\r\nX-Sum: 1\r\n\r\n'),
      ])
    : Buffer.concat([
        Buffer.from(`${head}Content-Length: ${options.announced ?? body.length}\r\n\r\n`),
        body,
      ]);
  const messages = [
    ...conversation.feed({ from: 'server', offset: 0, bytes }),
    ...conversation.end('server'),
  ];
  return present(messages.at(-1));
}

const codings = [
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['deflate', deflateSync],
  ['deflate', deflateRawSync],
  ['br', brotliCompressSync],
  ['gzip, br', (bytes: Uint8Array) => brotliCompressSync(gzipSync(bytes))],
  ['identity, GZIP', gzipSync],
] as const;

for (const [index, [coding, compress]] of codings.entries()) {
  for (const chunked of [false, true]) {
    test(`a body in ${coding} (${index})${chunked ? ', in chunks with a trailer,' : ''} is opened`, (t) => {
      const message = answer(coding, compress(page), { chunked });
      const opened = openedBodyOf(message);
      t.deepEqual(opened && 'opened' in opened && Buffer.from(opened.opened), page);
      const field = fieldOfHttp(message);
      t.deepEqual(coverageFaults(field), []);
      t.deepEqual(Buffer.from(findField(field, 'http.response.opened_body')?.value as Uint8Array), page);
    });
  }
}

for (const [coding, compress] of [
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const) {
  test(`a body in ${coding} that is cut is opened as far as it goes`, (t) => {
    const noise = Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * at * 31) % 251));
    const whole = compress(noise);
    const opened = openedBodyOf(
      answer(coding, whole.subarray(0, whole.length - 20), { announced: whole.length }),
    );
    if (!opened || !('opened' in opened)) return t.fail();
    t.true(opened.opened.length > 0);
    t.deepEqual(Buffer.from(opened.opened), noise.subarray(0, opened.opened.length));
  });
}

const megabytes = (count: number): Buffer => Buffer.alloc(count * 1024 * 1024);
const shut = [
  ['a bomb of 64 megabytes in gzip', 'gzip', gzipSync(megabytes(64)), 'bomb'],
  ['a bomb of 64 megabytes in brotli', 'br', brotliCompressSync(megabytes(64)), 'bomb'],
  ['a bomb in a bomb', 'gzip, gzip', gzipSync(gzipSync(megabytes(256))), 'bomb'],
  ['what is not compressed at all', 'gzip', page, 'damaged'],
  ['half of it', 'br', brotliCompressSync(page).subarray(0, 30), 'damaged'],
  ['a coding that nobody knows', 'constructor', page, 'unknown_coding'],
  ['more codings than anybody uses', 'gzip, gzip, gzip', gzipSync(page), 'unknown_coding'],
] as const;

for (const [title, coding, body, reason] of shut) {
  test(`a compressed body stays shut and says why: ${title}`, (t) => {
    const message = answer(coding, body);
    t.like(openedBodyOf(message), { unopened: reason });
    const field = fieldOfHttp(message);
    t.deepEqual(coverageFaults(field), []);
    t.is(findField(field, 'http.response.opened_body'), undefined);
    const [remark] = findField(field, 'http.response.body.data')?.remarks ?? [];
    t.is(remark?.id, `http.body.${reason}`);
    t.true((remark?.id ?? '') in httpTexts);
  });
}

test('a body that was not compressed, and an answer to HEAD, have nothing to open', (t) => {
  t.is(openedBodyOf(answer('identity', page)), undefined);
  const conversation = new HttpConversation();
  conversation.feed({ from: 'client', offset: 0, bytes: Buffer.from('HEAD / HTTP/1.1\r\n\r\n') });
  const [message] = conversation.feed({
    from: 'server',
    offset: 0,
    bytes: Buffer.from('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n'),
  });
  t.is(openedBodyOf(present(message)), undefined);
});
