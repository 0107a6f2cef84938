import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { TLSSocketOptions } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';
import { nowhere } from '../helpers/nowhere.ts';
import { allClosed, anyPort, dialing, newLog, world } from '../features/support/shop.ts';
import { systemClock } from '../../src/core/clock.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

async function tcpTarget(t: ExecutionContext, serve: (socket: Socket) => void): Promise<Address> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

function client(t: ExecutionContext, to: Address): Socket {
  const socket = connect({ ...to, allowHalfOpen: true });
  socket.on('error', () => {});
  t.teardown(() => socket.destroy());
  return socket;
}

async function readToEnd(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await once(socket, 'end');
  return text;
}

for (const kind of ['plaintext', 'passthrough'] as const) {
  test(`a half-close passes, and the late reply comes back: ${kind}`, async (t) => {
    const to = await tcpTarget(t, (socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.on('end', () => setImmediate(() => socket.end(`got ${text}`)));
    });
    const log = newLog();
    const proxy = await openProxy(t, { log, kind, to, more: { pump: 'bytes' } });
    const socket = client(t, proxy.address);
    socket.end('all I have');
    t.is(await readToEnd(socket), 'got all I have');
    t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
    t.deepEqual(
      eventsOf(log, 'closed').map(({ how }) => how),
      ['end', 'end'],
    );
    t.is(streamOf(log, 'A', 'wire', 'client'), streamOf(log, 'B', 'wire', 'client'));
    t.is(streamOf(log, 'A', 'wire', 'server'), streamOf(log, 'B', 'wire', 'server'));
    await allClosed(proxy);
  });
}

test('a half-close by the target passes, and the client can go on', async (t) => {
  const got: Promise<string>[] = [];
  const to = await tcpTarget(t, (socket) => {
    socket.end('that was all');
    got.push(readToEnd(socket));
  });
  const proxy = await openProxy(t, { log: newLog(), kind: 'plaintext', to, more: { pump: 'bytes' } });
  const socket = client(t, proxy.address);
  t.is(await readToEnd(socket), 'that was all');
  socket.end('not for me');
  await once(socket, 'close');
  t.is(await got[0], 'not for me');
});

test("a client's reset is passed on as a reset", async (t) => {
  const codes: Promise<string | undefined>[] = [];
  const to = await tcpTarget(t, (socket) => {
    socket.resume();
    codes.push(
      new Promise((resolve) =>
        socket
          .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
          .once('close', () => resolve(undefined)),
      ),
    );
  });
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to, more: { pump: 'bytes' } });
  const socket = client(t, proxy.address);
  socket.write('half a sen');
  t.true(await log.until(() => streamOf(log, 'B', 'wire', 'client') === 'half a sen', 5000));
  socket.resetAndDestroy();
  t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
  t.is(await codes[0], 'ECONNRESET');
  t.deepEqual(
    eventsOf(log, 'closed').map(({ how }) => how),
    ['reset', 'reset'],
  );
});

test("a target's reset is passed on as a reset", async (t) => {
  const to = await tcpTarget(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to, more: { pump: 'bytes' } });
  const socket = client(t, proxy.address);
  const code = new Promise((resolve) =>
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
  );
  socket.write('x');
  t.is(await code, 'ECONNRESET');
  t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
});

for (const [what, kind, second] of [
  ['plaintext', 'plaintext', 'plain'],
  ['passthrough', 'passthrough', 'plain'],
  ['TLS on the second hop', 'plaintext', 'tls'],
] as const) {
  test(`a client that has ended its side sees the reset of a target that answers and breaks off at once: ${what}`, async (t) => {
    const answer = (socket: Socket): void =>
      void socket.resume().once('end', () => {
        socket.write('half an answ');
        (socket instanceof TLSSocket ? lowerOf.get(socket) : socket)?.resetAndDestroy();
      });
    const lowerOf = new Map<TLSSocket, Socket>();
    const { certificate: cert, key } = world().identity('shop');
    const to = await tcpTarget(t, (socket) => {
      if (second === 'plain') return answer(socket);
      const secure = new TLSSocket(socket, {
        isServer: true,
        cert,
        key,
        allowHalfOpen: true,
      } as TLSSocketOptions);
      lowerOf.set(secure, socket);
      return answer(secure.on('error', () => {}));
    });
    const log = newLog();
    const proxy = await openProxy(t, { log, kind, to, second, more: { pump: 'bytes' } });
    for (let round = 1; round <= 15; round++) {
      const socket = client(t, proxy.address);
      const how = new Promise((resolve) =>
        socket
          .once('error', (error: NodeJS.ErrnoException) => resolve(error.code))
          .once('close', () => resolve('a clean end')),
      );
      socket.resume().end('x');
      t.is(await how, 'ECONNRESET', `round ${round}`);
    }
    t.true(await log.until(() => eventsOf(log, 'closed').length === 30, 5000));
    t.deepEqual(
      [...new Set(eventsOf(log, 'closed').map(({ hop, by, how }) => `${hop} ${by} ${how}`))].toSorted(),
      ['A server reset', 'B server reset'],
    );
  });
}

test('a target that nobody runs: the client is broken off, and it is an event', async (t) => {
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'passthrough', to: nowhere });
  const socket = client(t, proxy.address);
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNRESET');
  t.like(eventsOf(log, 'refused', 'B'), {
    length: 1,
    0: { by: 'server', reason: 'target_unreachable', detail: { code: 'ECONNREFUSED' } },
  });
  t.deepEqual(eventsOf(log, 'opened', 'B'), []);
});

test('megabytes go both ways at once, through TLS on both hops, and nothing is lost', async (t) => {
  // The target answers each byte with itself; both directions are full at the same time.
  const target = await accept(
    { security: 'tls', listen: anyPort, clock: systemClock, identity: world().identity('shop') },
    ({ stream }) => stream.pipe(stream),
  );
  t.teardown(async () => target.close(0));
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'mtls',
    to: target.address,
    second: 'tls',
    more: { pump: 'bytes' },
  });
  const dialed = await dial(dialing('mtls', proxy.address));
  if (dialed.outcome === 'failed') throw new Error(dialed.failure.message);
  const sent = Buffer.alloc(3_000_001, 'tiger-lily ');
  const received: Buffer[] = [];
  dialed.stream.on('data', (chunk: Buffer) => received.push(chunk));
  dialed.stream.end(sent);
  await once(dialed.stream, 'end');
  t.true(Buffer.concat(received).equals(sent));
  t.is(streamOf(log, 'A', 'plaintext', 'client').length, sent.length);
  t.is(streamOf(log, 'B', 'plaintext', 'server').length, sent.length);
  t.false(streamOf(log, 'B', 'wire', 'client').includes('tiger-lily'));
});

test('closing ends both sides', async (t) => {
  const to = await tcpTarget(t, (socket) => socket.on('end', () => socket.end()).resume());
  const log = newLog();
  const proxy = await openProxy(t, { log, kind: 'plaintext', to, more: { pump: 'bytes' } });
  const socket = client(t, proxy.address);
  socket.on('end', () => socket.end()).resume();
  t.true(await log.until(() => eventsOf(log, 'opened', 'B').length === 1, 5000));
  await proxy.close(5000);
  t.deepEqual(
    eventsOf(log, 'closed').map(({ how }) => how),
    ['end', 'end'],
  );
});
