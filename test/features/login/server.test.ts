import { once } from 'node:events';
import { connect } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../../src/capture/event.ts';
import { openShop } from '../support/shop.ts';

/** Sends bytes and reads all that comes until the server ends or resets the connection. */
async function converse(t: ExecutionContext, to: Address, ...pieces: readonly string[]): Promise<string> {
  const socket = connect({ ...to });
  t.teardown(() => socket.destroy());
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.on('error', () => {});
  await once(socket, 'connect');
  for (const piece of pieces) socket.write(piece);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const host = 'Host: shop\r\nConnection: close\r\n';

test('pages are served over a real connection, and HEAD has the length without the body', async (t) => {
  const { server } = await openShop(t, 'plain');
  const get = await converse(t, server.address, `GET /login HTTP/1.1\r\n${host}Accept-Language: ko\r\n\r\n`);
  t.regex(get, /^HTTP\/1\.1 200 OK\r\nContent-Type: text\/html; charset=utf-8\r\n/);
  t.regex(get, /Cache-Control: no-store\r\n/);
  t.regex(get, /<h1>로그인<\/h1>/);
  const head = await converse(
    t,
    server.address,
    `HEAD /login HTTP/1.1\r\n${host}Accept-Language: ko\r\n\r\n`,
  );
  t.is(/Content-Length: (\d+)/.exec(head)?.[1], /Content-Length: (\d+)/.exec(get)?.[1]);
  t.true(head.endsWith('\r\n\r\n'));
  t.is(server.report().requests, 2);
});

for (const [what, request] of [
  [
    'by its declared length',
    `POST /login HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 9000\r\n\r\n`,
  ],
  [
    'as it comes',
    `POST /login HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n2400\r\n${'x'.repeat(0x2400)}\r\n0\r\n\r\n`,
  ],
] as const) {
  test(`a form that is too large is refused ${what}`, async (t) => {
    const { server } = await openShop(t, 'plain');
    t.regex(await converse(t, server.address, request), /^HTTP\/1\.1 413 /);
    t.deepEqual(server.report().logins, []);
  });
}

test('another type of content is refused', async (t) => {
  const { server } = await openShop(t, 'plain');
  const text = await converse(
    t,
    server.address,
    `POST /login HTTP/1.1\r\n${host}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  );
  t.regex(text, /^HTTP\/1\.1 415 /);
});

test('what is no HTTP is answered 400 and does no harm', async (t) => {
  const { server } = await openShop(t, 'plain');
  t.regex(await converse(t, server.address, '\u0000\u0001\u0002\r\n\r\n'), /^HTTP\/1\.1 400 /);
  t.regex(await converse(t, server.address, `GET /login HTTP/1.1\r\n${host}\r\n`), /^HTTP\/1\.1 200 /);
});

test('closing ends idle connections at once, however long the grace', async (t) => {
  const { server, log } = await openShop(t, 'plain');
  const idle = connect({ ...server.address });
  idle.on('error', () => {});
  t.true(await log.until(() => log.events.some(({ type }) => type === 'opened'), 5000));
  await Promise.all([server.close(60_000), new Promise((resolve) => idle.once('close', resolve))]);
  t.pass();
});
