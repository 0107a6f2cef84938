/**
 * What a hostile or mistaken client does at an HTTP proxy's door, and what the log and the target hear of it.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { newLog, openShop, world } from '../features/support/shop.ts';
import { eventsOf, openProxy } from './support/proxies.ts';

async function listen(t: ExecutionContext, server: Server): Promise<Address> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** Sends, and reads to the end. */
async function converse(to: Address, ...pieces: readonly (string | Uint8Array)[]): Promise<string> {
  const socket = connect({ ...to });
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  for (const piece of pieces) socket.write(piece);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const host = 'Host: shop\r\n';

test('a header behind a thousand others still frames the body: nothing in it becomes a request', async (t) => {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${body}`);
      response.end('ok');
    });
  });
  // The newest servers of Node 22 and 24 refuse a thousand headers; the question is what the proxy makes of them.
  server.maxHeadersCount = 0;
  const to = await listen(t, server);
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to });
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n';
  const filler = 'X:\r\n'.repeat(1100);
  const chunked = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
  await converse(
    proxy.address,
    `GET /one HTTP/1.1\r\n${host}${filler}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunked}`,
  );
  await converse(
    proxy.address,
    `GET /two HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunked}`,
  );
  t.deepEqual(heard, [`GET /one ${smuggled}`, `GET /two ${smuggled}`]);
});

test('requests sent ahead are handed on one after the other, over one connection, and answered in order', async (t) => {
  let under = 0;
  let most = 0;
  const to = await listen(
    t,
    createServer((request, response) => {
      most = Math.max(most, ++under);
      setImmediate(() => {
        under--;
        response.end(`<${request.url}>`);
      });
    }),
  );
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to });
  const paths = Array.from({ length: 200 }, (_, at) => `/${at}`);
  const requests = paths.map(
    (path, at) => `GET ${path} HTTP/1.1\r\n${host}${at === 199 ? 'Connection: close\r\n' : ''}\r\n`,
  );
  const text = await converse(proxy.address, requests.join(''));
  t.deepEqual(
    [...text.matchAll(/<(.*?)>/g)].map(([, path]) => path),
    paths,
  );
  t.is(most, 1);
  t.true(eventsOf(log, 'opened', 'B').length <= 2, 'kept alive, but for the last');
});

test('a form sent ahead, in pieces, behind a slow answer arrives whole', async (t) => {
  const { server } = await openShop(t, 'plain', { log: newLog() });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to: server.address });
  const form = 'username=alice&password=tiger-lily&rrn=1';
  const post = `POST /login HTTP/1.1\r\n${host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${form.length}\r\nConnection: close\r\n\r\n`;
  const text = await converse(
    proxy.address,
    `GET /login HTTP/1.1\r\n${host}\r\n`.repeat(40) + post + form.slice(0, 10),
    form.slice(10),
  );
  t.is(text.match(/^HTTP\/1\.1 200/gm)?.length, 40);
  t.regex(text, /HTTP\/1\.1 302 /);
  t.deepEqual(server.report().logins, [{ user: 'alice', accepted: true }]);
});

test('a client that sends thousands of requests and waits for no answer is broken off, and the target is spared', async (t) => {
  const to = await listen(
    t,
    createServer(() => {}),
  );
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to });
  await converse(proxy.address, `GET / HTTP/1.1\r\n${host}\r\n`.repeat(4000));
  t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 5000));
  t.true(eventsOf(log, 'opened', 'B').length <= 1);
});

for (const security of ['plain', 'tls'] as const) {
  test(`a head that is far too large is answered before the connection ends: ${security}`, async (t) => {
    const log = newLog();
    const { server } = await openShop(t, security, { log });
    const socket =
      security === 'plain'
        ? connect({ ...server.address })
        : connectTls({
            ...server.address,
            ca: [world().authority('server-ca')],
            servername: 'shop.localhost',
          });
    socket.on('error', () => {});
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.write(`GET / HTTP/1.1\r\n${host}X: ${'x'.repeat(1_000_000)}\r\n\r\n`);
    await new Promise((resolve) => socket.once('close', resolve));
    t.regex(text, /^HTTP\/1\.1 431 /);
    t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 5000));
    t.like(eventsOf(log, 'closed', 'A')[0], { how: 'end' });
  });
}

const hello = Buffer.from([22, 3, 1, 0, 80, 1, 0, 0, 76, 3, 3, ...Array.from({ length: 74 }, () => 7)]);

for (const [how, pieces] of [
  ['at once', [hello]],
  ['byte by byte', [...hello].map((byte) => Uint8Array.of(byte))],
] as const) {
  test(`a ClientHello at a plaintext port is a refusal that the person sees, and plain HTTP there is none: ${how}`, async (t) => {
    const log = newLog();
    const { server } = await openShop(t, 'plain', { log: newLog() });
    const proxy = await openProxy(t, { log, kind: 'plaintext', to: server.address });
    const answer = await converse(proxy.address, ...pieces);
    t.regex(answer, /^HTTP\/1\.1 400 /);
    t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 5000));
    t.like(eventsOf(log, 'refused', 'A'), {
      length: 1,
      0: { by: 'server', reason: 'tls_on_plaintext_port', alert: undefined },
    });
    t.is(eventsOf(log, 'opened', 'B').length, 0);
    t.regex(
      await converse(proxy.address, `GET /login HTTP/1.1\r\n${host}Connection: close\r\n\r\n`),
      /^HTTP\/1\.1 200 /,
    );
    t.regex(await converse(proxy.address, 'no HTTP either\r\n\r\n'), /^HTTP\/1\.1 400 /);
    t.is(eventsOf(log, 'refused', 'A').length, 1);
  });
}

test('a ClientHello through a proxy that passes TLS through is no refusal', async (t) => {
  const log = newLog();
  const { server } = await openShop(t, 'tls', { log: newLog() });
  const proxy = await openProxy(t, { log, kind: 'passthrough', to: server.address });
  const socket = connectTls({
    ...proxy.address,
    ca: [world().authority('server-ca')],
    servername: 'shop.localhost',
  });
  await once(socket, 'secureConnect');
  socket.destroy();
  t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
  t.deepEqual(eventsOf(log, 'refused'), []);
});

const whatHappenedOnB = (log: ReturnType<typeof newLog>): string[] =>
  log.events
    .filter((event) => 'hop' in event && event.hop === 'B' && event.type !== 'bytes')
    .map((event) => event.type);

test('a target that nobody runs is refused and closed, and was never opened', async (t) => {
  const server = createTcpServer();
  const to = await listen(t, server);
  server.close();
  await once(server, 'close');
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to });
  t.regex(
    await converse(proxy.address, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`),
    /^HTTP\/1\.1 502 /,
  );
  t.deepEqual(whatHappenedOnB(log), ['refused', 'closed']);
  t.like(eventsOf(log, 'refused', 'B')[0], { by: 'server', reason: 'target_unreachable' });
  t.like(eventsOf(log, 'closed', 'B')[0], {
    by: 'server',
    how: 'reset',
    conn: eventsOf(log, 'refused', 'B')[0]?.conn,
  });
});

test('a target whose TLS does not come about in time is a handshake that timed out, and closed as such', async (t) => {
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: await listen(
      t,
      createTcpServer(() => {}),
    ),
    second: 'tls',
    more: { timeouts: { connect: 50 } },
  });
  t.regex(
    await converse(proxy.address, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`),
    /^HTTP\/1\.1 504 /,
  );
  t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000));
  t.deepEqual(whatHappenedOnB(log), ['opened', 'refused', 'closed']);
  t.like(eventsOf(log, 'refused', 'B')[0], { by: 'server', reason: 'handshake_timeout' });
  t.like(eventsOf(log, 'closed', 'B')[0], { by: 'client', how: 'timeout' });
});

for (const hangUp of ['destroy', 'resetAndDestroy'] as const) {
  test(`a target that hangs up in the handshake is a refusal before it is closed: ${hangUp}`, async (t) => {
    const log = newLog();
    const target = createTcpServer((socket) => socket.once('data', () => socket[hangUp]()));
    const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, target), second: 'tls' });
    t.regex(
      await converse(proxy.address, `GET / HTTP/1.1\r\n${host}Connection: close\r\n\r\n`),
      /^HTTP\/1\.1 502 /,
    );
    t.true(await log.until(() => eventsOf(log, 'closed', 'B').length === 1, 5000));
    t.deepEqual(whatHappenedOnB(log), ['opened', 'refused', 'closed']);
    t.like(eventsOf(log, 'refused', 'B')[0], { by: 'server', reason: 'closed_during_handshake' });
  });
}
