/** What the client makes of other ends that do not behave. */
import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import test from 'ava';
import { logIn } from '../../../src/peers/client/log-in.ts';
import { profilePage } from '../../../src/peers/site/pages.ts';
import { dialing, loginOptions, newLog, world } from '../../features/support/shop.ts';
import { startTcpServer } from '../../helpers/tcp-server.ts';

const redirect =
  'HTTP/1.1 302 Found\r\nLocation: /profile\r\nSet-Cookie: session=1\r\nContent-Length: 0\r\n\r\n';

for (const [what, serve, expected] of [
  [
    'closes at once',
    (socket: Socket) => socket.end(),
    { outcome: 'refused', error: { code: 'CLOSED_BEFORE_ANSWER' } },
  ],
  [
    'closes on the login',
    (socket: Socket) => socket.once('data', () => socket.end()),
    { outcome: 'refused', error: { code: 'CLOSED_BEFORE_ANSWER' } },
  ],
  [
    'resets on the login',
    (socket: Socket) => socket.once('data', () => socket.resetAndDestroy()),
    { outcome: 'refused', error: { code: 'ECONNRESET' } },
  ],
  [
    'answers 403',
    (socket: Socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')),
    { outcome: 'refused', status: 403 },
  ],
  [
    'answers 502',
    (socket: Socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n')),
    { outcome: 'failed', status: 502 },
  ],
  [
    'closes in the middle of its answer',
    (socket: Socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel')),
    { outcome: 'failed', error: { code: 'CLOSED_BEFORE_ANSWER' } },
  ],
  [
    'speaks no HTTP',
    (socket: Socket) => socket.once('data', () => socket.end('SSH-2.0-x\r\n')),
    { outcome: 'failed', error: { code: 'MALFORMED_RESPONSE' } },
  ],
  ['says nothing', () => {}, { outcome: 'failed', error: { code: 'ETIMEDOUT' } }],
  [
    'shows no profile',
    (socket: Socket) =>
      socket
        .once('data', () => socket.write(redirect))
        .on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi')),
    { outcome: 'failed' },
  ],
] as const) {
  test(`a site that ${what}`, async (t) => {
    const address = await startTcpServer(t, serve);
    const log = newLog();
    const result = await logIn(
      loginOptions(log, dialing('plain', address), { timeout: what === 'says nothing' ? 100 : 5000 }),
    );
    t.like(result, { believedConnected: true, ...expected });
    t.like(log.events.at(-1), { type: 'observed', who: 'client', result: { kind: 'login' } });
  });
}

test('a login is called off while it waits, and the connection is gone', async (t) => {
  const called = new AbortController();
  const address = await startTcpServer(t, (socket) => socket.once('data', () => called.abort()));
  const result = await logIn(loginOptions(newLog(), dialing('plain', address), { signal: called.signal }));
  t.like(result, { outcome: 'failed', error: { code: 'ABORT_ERR' } });
  t.true(result.sentBytes > 100);
});

for (const [version, code, believed] of [
  ['TLSv1.3', 116, true],
  ['TLSv1.2', 40, false],
] as const) {
  test(`a server's own alert after the handshake is in the client's account: ${version}`, async (t) => {
    const { certificate: cert, key } = world().identity('shop');
    const server = createTlsServer({
      cert,
      key,
      ca: world().authority('client-ca'),
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    });
    server.on('tlsClientError', () => {});
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { identity: _none, ...bare } = dialing('mtls', {
      host: '127.0.0.1',
      port: (server.address() as AddressInfo).port,
    });
    const result = await logIn(loginOptions(newLog(), bare));
    t.like(result, { outcome: 'refused', believedConnected: believed, error: { alert: { code } } });
    t.is(result.sentBytes > 0, believed);
  });
}

for (const [what, second, expected] of [
  ['is answered', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', { status: 200 }],
  ['is turned away', 'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n', { status: 403 }],
  ['finds the connection gone', undefined, { code: 'CLOSED_BEFORE_ANSWER' }],
] as const) {
  test(`who asks once more after something has happened ${what}, and was admitted all the same`, async (t) => {
    const page = profilePage('en', { user: 'alice', rrn: 'x' });
    const answers = [
      redirect,
      `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(page)}\r\n\r\n${page}`,
      second,
    ];
    let asked = 0;
    const address = await startTcpServer(t, (socket) =>
      socket.on('data', () => {
        const answer = answers[asked++];
        if (answer === undefined) socket.end();
        else socket.write(answer);
      }),
    );
    const order: number[] = [];
    const result = await logIn(
      loginOptions(newLog(), dialing('plain', address), {
        betweenRequests: async () => void order.push(asked),
      }),
    );
    t.like(result, { outcome: 'admitted', status: 200, user: 'alice', again: expected });
    t.deepEqual([order, asked], [[2], 3], 'it happened between the second answer and the third question');
  });
}
