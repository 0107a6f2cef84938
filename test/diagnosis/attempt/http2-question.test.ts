/** The request over HTTP/2 against Node's server, and its answers, whole and byte by byte. */
import test from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import {
  http2Answer,
  http2Question,
  http2Words,
  isHttp2Begun,
  isHttp2Whole,
} from '../../../src/diagnosis/attempt/http2-question.ts';

test('Node answers it, and its answer is read', async (t) => {
  const paths: unknown[] = [];
  const server = createServer((request, response) => {
    paths.push([request.authority, request.url]);
    response.writeHead(403).end('no certificate');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.write(http2Question('shop.localhost', '/orders'));
  let said = new Uint8Array(0);
  for await (const piece of socket) {
    said = new Uint8Array(Buffer.concat([said, piece as Buffer]));
    if (isHttp2Whole(said)) break;
  }
  t.deepEqual(paths, [['shop.localhost', '/orders']]);
  const answer = http2Answer(said);
  t.is(answer?.status, 403);
  t.is(Buffer.from(answer?.body ?? []).toString(), 'no certificate');
  t.is(http2Words(said), 'HTTP/2 403\r\n\r\nno certificate');
  t.true(isHttp2Begun(said));
  // Every beginning of it is read without an error, and is not whole.
  for (let length = 0; length < said.length; length++) {
    t.notThrows(() => http2Answer(said.subarray(0, length)));
    if (isHttp2Whole(said.subarray(0, length))) t.true(isHttp2Begun(said.subarray(0, length)));
  }
  t.false(isHttp2Whole(said.subarray(0, 20)));
});

test('settings alone are no answer, and any bytes are survived', (t) => {
  const settings = Buffer.from('000000040000000000', 'hex');
  t.is(http2Answer(settings), undefined);
  t.is(http2Words(settings), undefined);
  const reset = Buffer.from('00000403000000000100000002', 'hex');
  t.is(http2Words(Buffer.concat([settings, reset])), 'HTTP/2 RST_STREAM (INTERNAL_ERROR)');
  t.is(http2Words(Buffer.from('HTTP/1.1 200 OK')), undefined);
  t.false(isHttp2Begun(settings));
  for (let seed = 0; seed < 300; seed++) {
    const bytes = Uint8Array.from({ length: 40 }, (_, at) => (seed * 31 + at * at * 7) & 0xff);
    t.notThrows(() => [http2Answer(bytes), isHttp2Begun(bytes), isHttp2Whole(bytes), http2Words(bytes)]);
  }
});
