import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { assert, property, uint8Array } from 'fast-check';
import type { Address } from '../../src/capture/event.ts';
import { isAddressed, longestHead, readConnect } from '../../src/proxy/connect-pump.ts';
import { dial } from '../../src/wire/dial.ts';
import { dialing, newLog, openShop } from '../features/support/shop.ts';
import { nowhere } from '../helpers/nowhere.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

const head = (line: string, ...fields: readonly string[]): Buffer =>
  Buffer.from([line, ...fields, '', ''].join('\r\n'), 'latin1');
const good = head('CONNECT 127.0.0.1:6443 HTTP/1.1', 'Host: 127.0.0.1:6443', 'User-Agent: kubectl/v1.32.3');

test('a request for a tunnel is read, whatever follows it; before its end it needs more', (t) => {
  t.deepEqual(readConnect(Buffer.concat([good, Buffer.from('\x16\x03\x01')])), {
    kind: 'connect',
    authority: '127.0.0.1:6443',
    end: good.length,
  });
  for (let length = 0; length < good.length; length++)
    t.deepEqual(readConnect(good.subarray(0, length)), { kind: 'needs_more' });
});

const refused: readonly (readonly [title: string, bytes: Buffer, status: number])[] = [
  ['another method', head('GET / HTTP/1.1', 'Host: x'), 405],
  ['another version', head('CONNECT a:1 HTTP/2.0'), 505],
  ['no request', head('hello'), 400],
  ['two blanks', head('CONNECT  a:1 HTTP/1.1'), 400],
  ['a folded line', head('CONNECT a:1 HTTP/1.1', 'X: 1', ' 2'), 400],
  ['a blank before the colon', head('CONNECT a:1 HTTP/1.1', 'X : 1'), 400],
  ['a bare line feed', head('CONNECT a:1 HTTP/1.1', 'X: 1\nY: 2'), 400],
  ['NUL', head('CONNECT a:1 HTTP/1.1', 'X: \0'), 400],
  ['a body', head('CONNECT a:1 HTTP/1.1', 'Content-Length: 5'), 400],
  ['a head without end', Buffer.alloc(longestHead, 'x'), 431],
];

for (const [title, bytes, status] of refused) {
  test(`refused with ${status}: ${title}`, (t) => {
    t.deepEqual(readConnect(bytes), { kind: 'refused', status } as ReturnType<typeof readConnect>);
  });
}

test('random bytes are read without a fault', (t) => {
  assert(
    property(uint8Array({ maxLength: 400 }), (bytes) =>
      ['needs_more', 'connect', 'refused'].includes(readConnect(bytes).kind),
    ),
  );
  t.pass();
});

test('an authority is the target’s address, and no other that looks like it', (t) => {
  const to = { host: '127.0.0.1', port: 6443 };
  for (const one of ['127.0.0.1:6443', 'localhost:6443', 'LOCALHOST:6443', 'shop.localhost:6443'])
    t.true(isAddressed(one, to), one);
  for (const one of ['shop.localhost:6443', 'localhost:6443'])
    t.false(isAddressed(one, { host: '10.0.0.1', port: 6443 }), one);
  for (const one of [
    '127.0.0.1:6444',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:06443x',
    '127.1:6443',
    'notlocalhost:6443',
    'localhost.example:6443',
    '10.0.0.1:6443',
    'user@127.0.0.1:6443',
    'http://127.0.0.1:6443',
    '[::1]:6443',
    '127.0.0.1:6443/',
  ])
    t.false(isAddressed(one, to), one);
  t.true(isAddressed('[::1]:6443', { host: '::1', port: 6443 }));
});

async function echo(t: ExecutionContext): Promise<Address> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

async function said(to: Address, parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = connect(to);
  socket.on('error', () => {});
  let text = '';
  socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
  for (const part of parts) {
    socket.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const isAnswered = (): boolean => text.includes('behind') || /^HTTP\/1\.1 [45]/.test(text);
  while (!isAnswered() && !socket.readableEnded && !socket.destroyed)
    await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  socket.destroy();
  return text;
}

test('what is sent behind the request goes to the target, whole or byte by byte', async (t) => {
  const to = await echo(t);
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'connect', to });
  const asked = Buffer.concat([
    head(`CONNECT 127.0.0.1:${to.port} HTTP/1.1`, `Host: 127.0.0.1:${to.port}`),
    Buffer.from('behind'),
  ]);
  for (const parts of [[asked], Array.from(asked, (byte) => Buffer.of(byte))])
    t.is(await said(proxy.address, parts), 'HTTP/1.1 200 Connection established\r\n\r\nbehind');
  t.is(streamOf(log, 'B', 'wire', 'client'), 'behindbehind');
});

test('there is a tunnel to the target and to nobody else: 403, and nothing is dialed', async (t) => {
  const [to, other] = [await echo(t), await echo(t)];
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'connect', to });
  t.regex(
    await said(proxy.address, [head(`CONNECT 127.0.0.1:${other.port} HTTP/1.1`)]),
    /^HTTP\/1\.1 403 Forbidden\r\n/,
  );
  t.regex(await said(proxy.address, [head('GET / HTTP/1.1', 'Host: x')]), /^HTTP\/1\.1 405 /);
  t.deepEqual(eventsOf(log, 'opened', 'B'), []);
  t.like(
    eventsOf(log, 'refused', 'A').map(({ by, reason, detail }) => ({
      by,
      reason,
      expected: detail.expected,
    })),
    [
      { by: 'server', reason: 'tunnel_refused', expected: `${to.host}:${to.port}` },
      { by: 'server', reason: 'tunnel_required', expected: undefined },
    ],
  );
});

test('a refusal says in its answer where tunnels lead, and that it opens nothing else', async (t) => {
  const to = await echo(t);
  const proxy = await openProxy(t, { log: newLog(), kind: 'connect', to });
  const ends = async (line: string): Promise<string> => {
    const socket = connect(proxy.address);
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('utf8')));
    socket.write(head(line));
    await once(socket, 'close');
    return text;
  };
  t.regex(
    await ends('CONNECT 192.0.2.1:443 HTTP/1.1'),
    new RegExp(`^HTTP/1\\.1 403 [^]*opens tunnels to ${to.host}:${to.port} only[^]*목적지: `),
  );
  t.regex(
    await ends('GET / HTTP/1.1'),
    /^HTTP\/1\.1 405 [^]*only opens tunnels: the request must be CONNECT/,
  );
});

test('a target that is not there is a 502, and a client that is too slow gets 408', async (t) => {
  const to = nowhere;
  const patient = await openProxy(t, { log: newLog(), kind: 'connect', to });
  t.regex(await said(patient.address, [head(`CONNECT ${to.host}:${to.port} HTTP/1.1`)]), /^HTTP\/1\.1 502 /);
  // A proxy of its own: on a busy machine 20 ms pass before a whole request has been read.
  const impatient = await openProxy(t, {
    log: newLog(),
    kind: 'connect',
    to,
    more: { timeouts: { request: 20 } },
  });
  t.regex(await said(impatient.address, ['CONNECT ']), /^HTTP\/1\.1 408 /);
});

test('a ClientHello at its port is told of as what it is', async (t) => {
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'connect', to: nowhere });
  const dialed = await dial(dialing('tls', proxy.address));
  t.is(dialed.outcome, 'failed');
  t.is(eventsOf(log, 'refused', 'A')[0]?.reason, 'tls_on_plaintext_port');
});

test('a dialer that is refused a tunnel says what the proxy answered', async (t) => {
  const proxy = await openProxy(t, { log: newLog(), kind: 'connect', to: nowhere });
  const dialed = await dial(dialing('tls', { host: '127.0.0.1', port: 2 }, { through: proxy.address }));
  t.like(dialed, {
    outcome: 'failed',
    failure: { message: 'the proxy responded 403 to CONNECT 127.0.0.1:2' },
  });
});

for (const [title, answer, message] of [
  ['no HTTP', 'SSH-2.0-x\r\n\r\n', /is not HTTP/],
  ['a head without end', 'x'.repeat(20_000), /is too long/],
  ['nothing', '', /closed the connection/],
] as const) {
  test(`a dialer breaks off where the proxy answers ${title}`, async (t) => {
    const server = createServer((socket) => socket.on('error', () => {}).end(answer));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const dialed = await dial(
      dialing(
        'tls',
        { host: '127.0.0.1', port: 2 },
        { through: { host: '127.0.0.1', port: (server.address() as AddressInfo).port } },
      ),
    );
    t.is(dialed.outcome, 'failed');
    if (dialed.outcome === 'failed') t.regex(dialed.failure.message, message);
  });
}

withPeer('curl', 'curl goes through the tunnel, and is refused one to elsewhere', async (t) => {
  const { server } = await openShop(t, 'tls', { log: newLog() });
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'connect', to: server.address });
  const common = [
    '-sS',
    '--max-time',
    '20',
    '--noproxy',
    '',
    '--proxy',
    `http://127.0.0.1:${proxy.address.port}`,
    '-k',
    '-o',
    '/dev/null',
    '-w',
    '%{http_connect} %{http_code}',
  ];
  t.is(
    (await runProgram('curl', [...common, `https://127.0.0.1:${server.address.port}/login`])).stdout,
    '200 200',
  );
  t.is((await runProgram('curl', [...common, `https://127.0.0.1:2/`])).stdout, '403 000');
});
