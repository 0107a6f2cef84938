import test from 'ava';
import type { ExecutionContext } from 'ava';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../../src/core/clock.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import type { Address, Side, Vantage } from '../../../src/capture/event.ts';
import { accept } from '../../../src/wire/accept.ts';
import { dial } from '../../../src/wire/dial.ts';
import type { Security } from '../../../src/wire/endpoint.ts';
import { breakOff, relay } from '../../../src/wire/tap/relay.ts';
import { closedCount, connected, eventsOf, streamOf } from '../support/streams.ts';
import { makeWorld } from '../support/world.ts';

const world = makeWorld();
const loopback = { host: '127.0.0.1', port: 0 };

async function serve(t: ExecutionContext, onConnection: (socket: Socket) => void): Promise<Address> {
  const open = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

/** A relay between two taps: hop A towards the client, hop B towards the target. */
async function stage(
  t: ExecutionContext,
  target: Address,
  front: Security = 'plain',
  back: Security = 'plain',
  mode: 'diverted' | 'piped' = 'diverted',
) {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: front,
      listen: loopback,
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
    },
    ({ stream }) => {
      void (async () => {
        const dialed = await dial({
          security: back,
          to: target,
          clock: systemClock,
          tap: { log, hop: 'B' },
          verify: false,
        });
        if (dialed.outcome === 'failed') return breakOff(stream);
        if (mode === 'diverted') return relay(stream, dialed.stream);
        stream.pipe(dialed.stream).pipe(stream);
      })();
    },
  );
  t.teardown(async () => listener.close());
  return { log, listener };
}

async function client(to: Address, security: Security = 'plain'): Promise<Duplex> {
  return connected(await dial({ security, to, clock: systemClock, verify: false })).stream;
}

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function speak(stream: Duplex, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const length = randomInt(3) === 0 ? randomInt(1, 40) : randomInt(1, 120_000);
    if (!stream.write(bytes.subarray(at, at + length))) await once(stream, 'drain');
    if (randomInt(4) === 0) await new Promise((resolve) => setImmediate(resolve));
    at += length;
  }
  stream.end();
}

async function hear(stream: Duplex): Promise<Buffer> {
  const heard: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => heard.push(chunk));
  await once(stream, 'end');
  return Buffer.concat(heard);
}

const stages: readonly (readonly [Security, Security, 'diverted' | 'piped'])[] = [
  ['plain', 'plain', 'diverted'],
  ['plain', 'plain', 'piped'],
  ['tls', 'plain', 'diverted'],
  ['tls', 'tls', 'diverted'],
  ['plain', 'tls', 'diverted'],
  ['tls', 'tls', 'piped'],
];

for (const [front, back, mode] of stages) {
  test(`${front} to ${back}, ${mode}: every byte passes in order both ways at once, and all taps have the same streams`, async (t) => {
    const up = randomBytes(3_000_000);
    const down = randomBytes(3_000_000);
    const received: Promise<Buffer>[] = [];
    const onConnection = (socket: Duplex): void => {
      received.push(hear(socket));
      void speak(socket, down);
    };
    let target: Address;
    if (back === 'plain') target = await serve(t, onConnection);
    else {
      const server = await accept(
        { security: back, listen: loopback, clock: systemClock, identity: world.identity('server') },
        ({ stream }) => onConnection(stream),
      );
      t.teardown(async () => server.close());
      target = server.address;
    }
    const { log, listener } = await stage(t, target, front, back, mode);
    const streams = await Promise.all([1, 2, 3].map(async () => client(listener.address, front)));
    const heard = await Promise.all(
      streams.map(async (stream) => {
        const hearing = hear(stream);
        await speak(stream, up);
        return hearing;
      }),
    );
    for (const bytes of heard) t.is(hash(bytes), hash(down));
    for (const bytes of await Promise.all(received)) t.is(hash(bytes), hash(up));
    t.true(await closedCount(log, 6));
    for (const { conn, hop } of eventsOf(log, 'opened')) {
      const security = hop === 'A' ? front : back;
      const vantage: Vantage = security === 'plain' ? 'wire' : 'plaintext';
      for (const [from, sent] of [
        ['client', up],
        ['server', down],
      ] as const satisfies readonly (readonly [Side, Buffer])[]) {
        const captured = Buffer.concat(
          eventsOf(log, 'bytes', hop)
            .filter((event) => event.conn === conn && event.vantage === vantage && event.from === from)
            .map(({ bytes }) => bytes),
        );
        t.is(hash(captured), hash(sent));
      }
    }
    t.true(eventsOf(log, 'closed').every(({ how }) => how === 'end'));
  });
}

for (const front of ['plain', 'tls'] as const) {
  test(`${front}: after a half-close of the client the late reply still arrives`, async (t) => {
    const target = await serve(t, (socket) =>
      socket.resume().on('end', () => setImmediate(() => socket.end('late reply'))),
    );
    const { log, listener } = await stage(t, target, front);
    const stream = await client(listener.address, front);
    stream.end('question');
    t.is((await hear(stream)).toString(), 'late reply');
    t.true(await closedCount(log, 2));
    t.deepEqual(
      eventsOf(log, 'closed').map(({ by, how }) => [by, how]),
      [
        ['client', 'end'],
        ['client', 'end'],
      ],
    );
  });

  test(`${front}: after a half-close of the target the client may go on`, async (t) => {
    let heard: Promise<Buffer> | undefined;
    const target = await serve(t, (socket) => {
      heard = hear(socket);
      socket.end('greeting');
    });
    const { listener } = await stage(t, target, front);
    const stream = await client(listener.address, front);
    stream.write('first, ');
    t.is((await hear(stream)).toString(), 'greeting');
    stream.end('and later');
    t.is((await heard)?.toString(), 'first, and later');
  });

  test(`${front}: a reset by the client reaches the target as a reset`, async (t) => {
    let tell: (how: string) => void = () => {};
    const end = new Promise<string>((resolve) => (tell = resolve));
    const target = await serve(t, (socket) => {
      socket
        .resume()
        .on('end', () => tell('end'))
        .on('error', (error: NodeJS.ErrnoException) => tell(error.code ?? ''));
      socket.write('go');
    });
    const { log, listener } = await stage(t, target, front);
    const raw = connect(listener.address.port, '127.0.0.1').on('error', () => {});
    const stream =
      front === 'plain' ? raw : connectTls({ socket: raw, rejectUnauthorized: false }).on('error', () => {});
    await once(stream, 'data');
    raw.resetAndDestroy();
    t.true(await closedCount(log, 2));
    t.deepEqual(
      eventsOf(log, 'closed')
        .map(({ by, how, hop }) => `${hop} ${by} ${how}`)
        .sort(),
      ['A client reset', 'B client reset'],
    );
    t.is(await end, 'ECONNRESET');
  });

  test(`${front}: a reset by the target reaches the client as a reset`, async (t) => {
    const target = await serve(t, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const { log, listener } = await stage(t, target, front);
    const stream = await client(listener.address, front);
    stream.resume().write('question');
    const [error] = (await once(stream, 'error')) as [NodeJS.ErrnoException];
    t.is(error.code, 'ECONNRESET');
    t.true(await closedCount(log, 2));
    t.deepEqual(
      eventsOf(log, 'closed')
        .map(({ by, how, hop }) => `${hop} ${by} ${how}`)
        .sort(),
      ['A server reset', 'B server reset'],
    );
  });

  test(`${front}: a target that refuses closes the client, and nothing crashes`, async (t) => {
    const { log, listener } = await stage(t, { host: '127.0.0.1', port: 1 }, front);
    const stream = await client(listener.address, front);
    stream.on('error', () => {}).resume();
    await new Promise((resolve) => stream.once('close', resolve));
    t.true(await closedCount(log, 1));
    t.like(eventsOf(log, 'closed')[0], { hop: 'A', by: 'server', how: 'reset' });
  });

  test(`${front}: a reader that stops is waited for, with bounded memory, both ways`, async (t) => {
    const total = 48 * 1024 * 1024;
    const chunk = Buffer.alloc(64 * 1024, 7);
    let tell: (socket: Socket) => void = () => {};
    const accepted = new Promise<Socket>((resolve) => (tell = resolve));
    const { listener } = await stage(t, await serve(t, (socket) => tell(socket.pause())), front);
    const stream = await client(listener.address, front);
    stream.pause();
    const target = await accepted;
    for (const [writer, reader] of [
      [stream, target],
      [target, stream],
    ] as const) {
      const written = (async () => {
        for (let sent = 0; sent < total; sent += chunk.length)
          if (!writer.write(chunk)) await once(writer, 'drain');
      })();
      // Nobody reads: the writer is stopped long before the end, by the kernel's buffers and ours.
      let last = -1;
      const taken = (): number => (writer as Socket).bytesWritten - writer.writableLength;
      while (taken() !== last) {
        last = taken();
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      t.true(last < total / 2, `${last} bytes were taken`);
      let heard = 0;
      const all = new Promise<void>((resolve) =>
        reader.on('data', (bytes: Buffer) => {
          heard += bytes.length;
          if (heard >= total) resolve();
        }),
      );
      reader.resume();
      await Promise.all([written, all]);
    }
    stream.destroy();
  });
}

test('a client that leaves during the handshake leaves nothing open', async (t) => {
  const { log, listener } = await stage(t, loopback, 'tls');
  for (const how of ['reset', 'end'] as const) {
    const socket = connect(listener.address.port, '127.0.0.1')
      .on('error', () => {})
      .resume();
    socket.write(Buffer.from('1603010200010001fc0303', 'hex'));
    await once(socket, 'connect');
    await log.until(
      () => streamOf(log, 'A', 'wire', 'client').length % 11 === 0 && eventsOf(log, 'bytes').length > 0,
      1000,
    );
    if (how === 'reset') socket.resetAndDestroy();
    else socket.end();
  }
  t.true(await closedCount(log, 2));
  t.deepEqual(
    eventsOf(log, 'refused').map(({ reason }) => reason),
    ['closed_during_handshake', 'closed_during_handshake'],
  );
  await listener.close();
  t.is(listener.open, 0);
});
