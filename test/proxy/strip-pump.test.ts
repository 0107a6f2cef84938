/** The stripping relay over real sockets: a browser that begins with http, curl, and other ends that do not behave. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { browse, newMemory } from '../../src/features/visit/browser.ts';
import { startRedirectSite } from '../../src/features/visit/redirect-site.ts';
import type { Address } from '../../src/capture/event.ts';
import { systemClock } from '../../src/core/clock.ts';
import { alice, allClosed, dialing, host, listening, newLog } from '../features/support/shop.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

async function openStripped(t: ExecutionContext) {
  const log = newLog();
  const site = await startRedirectSite({
    accept: { ...listening('tls'), security: 'tls', clock: systemClock },
    host,
    accounts: [alice],
    random: randomBytes,
    hsts: { maxAge: 60 },
  });
  t.teardown(async () => {
    await site.close(200);
    await allClosed(site);
  });
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: site.address,
    second: 'tls',
    more: { pump: 'strip' },
  });
  return { log, site, proxy };
}

test('a browser that begins with http stays there, logs in, and learns nothing of HSTS', async (t) => {
  const { log, site, proxy } = await openStripped(t);
  const memory = newMemory();
  const visited = await browse({
    who: 'alice',
    memory,
    host,
    ports: { http: dialing('plain', proxy.address) },
    typed: [host],
    login: { username: alice.user, password: alice.password, rrn: alice.rrn },
    log,
    clock: systemClock,
  });
  t.deepEqual(visited.shown, { url: 'http://shop.localhost/profile', user: 'alice' });
  t.false(visited.knowsHsts);
  t.is(site.report().logins.length, 1);
  const [said, handed] = [streamOf(log, 'B', 'plaintext', 'server'), streamOf(log, 'A', 'wire', 'server')];
  for (const [pattern, what] of [
    [/strict-transport-security/i, 'HSTS'],
    [/; Secure/, 'the cookie’s Secure'],
    [/https:\/\/shop/, 'an https address'],
  ] as const) {
    t.regex(said, pattern, `${what} was said`);
    t.notRegex(handed, pattern, `${what} is gone`);
  }
  t.true(streamOf(log, 'A', 'wire', 'client').includes('password=tiger-lily'));
  t.false(streamOf(log, 'B', 'wire', 'client').includes('tiger-lily'));
  t.true(eventsOf(log, 'opened', 'B').length > 1, 'a connection for each request');
});

withPeer('curl', 'curl gets the stripped page, in a length that is right', async (t) => {
  const { proxy } = await openStripped(t);
  const { port } = proxy.address;
  for (const more of [[], ['--head'], ['--http1.0'], ['--compressed']]) {
    const { exitCode, stdout, stderr } = await runProgram('curl', [
      '--disable',
      '--noproxy',
      '*',
      '--silent',
      '--show-error',
      '--include',
      '--connect-to',
      `${host}:80:127.0.0.1:${port}`,
      ...more,
      `http://${host}/`,
    ]);
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /^HTTP\/1\.[01] 200/);
    t.notRegex(stdout, /strict-transport|https:/i);
    if (more[0] !== '--head') t.regex(stdout, /<a href="http:\/\/shop\.localhost\/login">/);
  }
});

/** A site of few words behind the relay. */
async function openBefore(t: ExecutionContext, serve: (socket: Socket) => void): Promise<Address> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}));
    serve(socket);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const proxy = await openProxy(t, {
    log: newLog(),
    kind: 'plaintext',
    to: { host: '127.0.0.1', port },
    more: { pump: 'strip', timeouts: { response: 200 } },
  });
  return proxy.address;
}

/** All that is answered until the connection ends. */
async function ask({ port }: Address, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let said = '';
  socket.setEncoding('latin1').on('data', (text: string) => (said += text));
  socket.write(request);
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}

const get = 'GET / HTTP/1.1\r\nHost: shop.localhost\r\nConnection: close\r\n\r\n';
const html = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n${more}\r\n${body}`;

for (const [what, serve, expected] of [
  [
    'answers in chunks',
    (socket: Socket) =>
      void socket.once('data', () =>
        socket.end(
          html('5\r\nhttps\r\n11\r\n://shop.localhost\r\n0\r\n\r\n', 'Transfer-Encoding: chunked\r\n'),
        ),
      ),
    /^HTTP\/1\.1 200[^]*\r\nContent-Length: 21\r\n[^]*\r\n\r\nhttp:\/\/shop\.localhost$/,
  ],
  [
    'answers until the end',
    (socket: Socket) => void socket.once('data', () => socket.end(html('https://shop.localhost/'))),
    /\r\n\r\nhttp:\/\/shop\.localhost\/$/,
  ],
  [
    'answers with a compressed page',
    (socket: Socket) =>
      void socket.once('data', () =>
        socket.end(html('https://shop.localhost/', 'Content-Encoding: br\r\nContent-Length: 23\r\n')),
      ),
    /\r\n\r\nhttps:\/\/shop\.localhost\/$/,
  ],
  [
    'answers 304',
    (socket: Socket) => void socket.once('data', () => socket.end('HTTP/1.1 304 Not Modified\r\n\r\n')),
    /^HTTP\/1\.1 304/,
  ],
  [
    'speaks no HTTP',
    (socket: Socket) => void socket.once('data', () => socket.end('SSH-2.0-x\r\n')),
    /^HTTP\/1\.1 502/,
  ],
  ['closes at once', (socket: Socket) => void socket.end(), /^HTTP\/1\.1 502/],
  ['resets', (socket: Socket) => void socket.once('data', () => socket.resetAndDestroy()), /^HTTP\/1\.1 502/],
  ['says nothing', () => {}, /^HTTP\/1\.1 502/],
  [
    'dies in the middle of its page',
    (socket: Socket) => void socket.once('data', () => socket.end(html('half', 'Content-Length: 9\r\n'))),
    /^HTTP\/1\.1 502/,
  ],
] as const) {
  test(`a site that ${what}`, async (t) => {
    const address = await openBefore(t, serve);
    t.regex(await ask(address, get), expected);
  });
}

test('a page that is too long to be read whole is passed on as it is', async (t) => {
  const page = 'https://shop.localhost/ '.repeat(60_000);
  const address = await openBefore(
    t,
    (socket) => void socket.once('data', () => socket.end(html(page, `Content-Length: ${page.length}\r\n`))),
  );
  t.true((await ask(address, get)).includes(page.slice(0, 1_000_000)));
});

test('what two readers could read in two ways is not passed on', async (t) => {
  const seen: string[] = [];
  const address = await openBefore(
    t,
    (socket) => void socket.on('data', (bytes: Buffer) => seen.push(bytes.toString())),
  );
  for (const request of [
    'GET http://mallory.localhost/ HTTP/1.1\r\nHost: shop.localhost\r\n\r\n',
    'POST / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    'GET / HTTP/2.0\r\nHost: shop.localhost\r\n\r\n',
    '\u0016\u0003\u0001\u0000\u0005hello\r\n\r\n',
  ]) {
    t.regex(await ask(address, request), /^HTTP\/1\.1 (?:400|501|505)/, request);
  }
  t.deepEqual(seen, []);
});

test('a client that goes leaves no connection behind', async (t) => {
  let gone: () => void = () => {};
  const closed = new Promise<void>((resolve) => (gone = resolve));
  let asked: () => void = () => {};
  const arrived = new Promise<void>((resolve) => (asked = resolve));
  const address = await openBefore(
    t,
    (socket) => void socket.once('data', () => asked()).once('close', () => gone()),
  );
  const socket = connect(address.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(get);
  await arrived;
  socket.destroy();
  await closed;
  t.pass();
});
