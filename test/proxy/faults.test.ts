/**
 * What a network and its people do to a proxy: crowds, the slow, the silent, and those who break off at every stage. What
 * was acknowledged has arrived, the log tells what was lost, the tap holds what was sent, and nothing stays open.
 */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { CaptureLog } from '../../src/capture/log.ts';
import type { Address, Side } from '../../src/capture/event.ts';
import type { ProxyKindName } from '../../src/proxy/kinds.ts';
import type { RunningProxy } from '../../src/proxy/proxy.ts';
import { allClosed, host, newLog, world } from '../features/support/shop.ts';
import { eventsOf, openProxy } from './support/proxies.ts';
import { until } from '../helpers/until.ts';

/** Serial: each counts what the whole process has open. */
const serial = test.serial;

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

/** Waits until no more sockets are open than there were before. */
async function nothingLeftOpen(t: ExecutionContext, before: number): Promise<void> {
  await until(() => openSockets() <= before, 10_000);
  t.is(openSockets(), before, 'sockets of this process');
}

async function listen(t: ExecutionContext, server: Server): Promise<Address> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 2048 });
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

const tcp = async (t: ExecutionContext, onConnection: (socket: Socket) => void): Promise<Address> =>
  listen(t, createServer({ allowHalfOpen: true }, onConnection));

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const everythingClosed = async (log: CaptureLog): Promise<boolean> =>
  log.until(() => eventsOf(log, 'closed').length === eventsOf(log, 'opened').length, 20_000);

/** How many connections there may be at once: each is four open files of this process. */
function crowdSize(wanted: number): number {
  let limit = Infinity;
  try {
    limit = Number(/Max open files\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Infinity);
  } catch {
    // No such file on this system: its limits are higher, or the test says so itself.
  }
  return Math.min(wanted, Math.floor((limit - 200) / 4));
}

/** The streams of every connection of a wire, as the tap has them, hashed. */
function tapped(log: CaptureLog, hop: string, from: Side): string[] {
  const parts = new Map<number, Uint8Array[]>();
  for (const event of eventsOf(log, 'bytes', hop)) {
    if (event.vantage !== 'wire' || event.from !== from) continue;
    const known = parts.get(event.conn);
    if (known) known.push(event.bytes);
    else parts.set(event.conn, [event.bytes]);
  }
  return [...parts.values()].map((all) => hash(Buffer.concat(all))).sort();
}

serial(
  'a crowd of 1,000 at once: each hears its own bytes again, the taps have all of them, and nothing stays open',
  async (t) => {
    const before = openSockets();
    const count = crowdSize(1000);
    t.log(
      count < 1000
        ? `only ${count}: the limit of open files does not allow more`
        : '1000 connections, 4000 open files',
    );
    const log = newLog();
    const target = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
    const proxy = await openProxy(t, {
      log,
      kind: 'plaintext',
      to: await listen(t, target),
      more: { pump: 'bytes' },
    });
    const sent = Array.from({ length: count }, () => randomBytes(2000));
    const sockets: Socket[] = [];
    for (let at = 0; at < count; at += 100) {
      const wave = sent.slice(at, at + 100).map(() => connect({ ...proxy.address, allowHalfOpen: true }));
      await Promise.all(wave.map(async (socket) => once(socket, 'connect')));
      sockets.push(...wave);
    }
    t.true(await log.until(() => eventsOf(log, 'opened', 'B').length === count, 20_000));
    t.is(proxy.open, 2 * count, 'all of them at once');
    const heard = await Promise.all(
      sockets.map(async (socket, at) => {
        const parts: Buffer[] = [];
        socket.on('data', (chunk: Buffer) => parts.push(chunk));
        socket.end(sent[at]!);
        await once(socket, 'end');
        return Buffer.concat(parts);
      }),
    );
    t.deepEqual(heard.map(hash), sent.map(hash));
    t.true(await everythingClosed(log));
    t.deepEqual(new Set(eventsOf(log, 'closed').map(({ how }) => how)), new Set(['end']));
    const all = sent.map(hash).sort();
    for (const hop of ['A', 'B'])
      for (const side of ['client', 'server'] as const)
        t.deepEqual(tapped(log, hop, side), all, `${hop} ${side}`);
    await proxy.close();
    target.close();
    await nothingLeftOpen(t, before);
  },
);

serial('2,000 short connections, 40 at a time, and each is answered', async (t) => {
  const before = openSockets();
  const log = newLog();
  const target = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket));
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: await listen(t, target),
    more: { pump: 'bytes' },
  });
  let left = 2000;
  let right = 0;
  const knock = async (): Promise<void> => {
    while (left-- > 0) {
      const word = `hello ${left}`;
      const socket = connect({ ...proxy.address, allowHalfOpen: true });
      let text = '';
      socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
      socket.end(word);
      await once(socket, 'close');
      if (text === word) right++;
    }
  };
  await Promise.all(Array.from({ length: 40 }, knock));
  t.is(right, 2000);
  t.true(await everythingClosed(log));
  t.is(eventsOf(log, 'opened').length, 4000);
  await allClosed(proxy);
  await proxy.close();
  target.close();
  await nothingLeftOpen(t, before);
});

serial(
  'a client that does not read stops the target, and hears every byte when it reads again',
  async (t) => {
    const before = openSockets();
    const log = newLog();
    const total = 32 * 1024 * 1024;
    const chunk = randomBytes(64 * 1024);
    let written = 0;
    const target = createHttpServer((_request, response) => {
      response.writeHead(200, { 'Content-Length': total });
      const write = (): void => {
        while (written < total) {
          written += chunk.length;
          if (!response.write(chunk)) {
            response.once('drain', write);
            return;
          }
        }
        response.end();
      };
      write();
    });
    const proxy = await openProxy(t, { log, kind: 'plaintext', to: await listen(t, target) });
    const socket = connect(proxy.address).pause();
    socket.write('GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n');
    // Until the tap has seen nothing new for a while of turns: everybody waits for the reader then.
    const crossed = (): number => eventsOf(log, 'bytes', 'A').length;
    await log.until(() => crossed() > 10, 5000);
    for (let last = -1, still = 0; still < 200; last = crossed()) {
      still = crossed() === last ? still + 1 : 0;
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.true(written < total / 2, `${written} bytes were written for nobody`);
    const digest = createHash('sha256');
    let heard = 0;
    let head = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      let body = bytes;
      if (heard === 0) {
        head = Buffer.concat([head, bytes]);
        const end = head.indexOf('\r\n\r\n');
        if (end < 0) return;
        body = head.subarray(end + 4);
      }
      heard += body.length;
      digest.update(body);
    });
    socket.resume();
    await once(socket, 'close');
    t.is(heard, total);
    const whole = createHash('sha256');
    for (let at = 0; at < total; at += chunk.length) whole.update(chunk);
    t.is(digest.digest('hex'), whole.digest('hex'));
    await proxy.close();
    target.close();
    await nothingLeftOpen(t, before);
  },
);

for (const pump of ['bytes', 'http'] as const) {
  serial(`a client that speaks byte by byte is heard whole: ${pump}`, async (t) => {
    const before = openSockets();
    const log = newLog();
    const said: string[] = [];
    const body = '0123456789'.repeat(50);
    const to = await tcp(t, (socket) => {
      let text = '';
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
        if (!text.endsWith(`\r\n\r\n${body}`)) return;
        said.push(text);
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
      });
    });
    const proxy = await openProxy(t, { log, kind: 'plaintext', to, more: { pump } });
    const request = `POST / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 500\r\n\r\n${body}`;
    const socket = connect({ ...proxy.address, noDelay: true });
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    const closed = once(socket, 'close');
    for (const byte of request) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await closed;
    t.regex(answer, /^HTTP\/1\.1 200 OK\r\n[^]*ok$/);
    t.is(said.length, 1);
    if (pump === 'bytes') t.deepEqual(tapped(log, 'A', 'client'), [hash(Buffer.from(request))]);
    await proxy.close();
    await nothingLeftOpen(t, before);
  });
}

/** Says one more byte every few milliseconds until it is turned away. */
async function drip(to: Address, bytes: Uint8Array, first: string | Uint8Array = ''): Promise<string> {
  const socket = connect({ ...to, noDelay: true });
  let text = '';
  socket.on('error', () => {}).on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  if (first.length > 0) socket.write(first);
  let at = 0;
  const timer = setInterval(() => {
    if (at < bytes.length && socket.writable) socket.write(bytes.subarray(at, ++at));
  }, 10);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(timer);
  return text;
}

const get = 'GET /one HTTP/1.1\r\nHost: shop\r\n\r\n';
const endless = Buffer.from(`GET / HTTP/1.1\r\nHost: shop\r\n${'X: y\r\n'.repeat(10_000)}`);
const impatient = { handshake: 150, request: 150, idle: 150 };

for (const [what, first, bytes, answers] of [
  ['a head that never ends', '', endless, /^$/],
  ['a head behind an answered request', get, endless, /^HTTP\/1\.1 200 OK\r\n[^]*ok$/],
  [
    'a body that never ends',
    'POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 100000\r\n\r\n',
    Buffer.alloc(100_000, 120),
    /^HTTP\/1\.1 408 /,
  ],
  [
    'chunks that never end',
    'POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n',
    Buffer.from('1\r\nx\r\n'.repeat(10_000)),
    /^HTTP\/1\.1 408 /,
  ],
  ['nothing at all', '', Buffer.alloc(0), /^$/],
] as const) {
  serial(`a client that takes for ever is turned away: ${what}`, async (t) => {
    const before = openSockets();
    const log = newLog();
    const target = createHttpServer((request, response) =>
      request.on('end', () => response.end('ok')).resume(),
    );
    const proxy = await openProxy(t, {
      log,
      kind: 'plaintext',
      to: await listen(t, target),
      more: { timeouts: impatient },
    });
    t.regex(await drip(proxy.address, bytes, first), answers);
    t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 5000));
    if (first === '') t.is(eventsOf(log, 'opened', 'B').length, 0, 'the target is not dialed for it');
    await proxy.close();
    target.close();
    await nothingLeftOpen(t, before);
  });
}

for (const kind of ['tls', 'mtls'] as const) {
  for (const [what, bytes] of [
    [
      'a ClientHello that never ends',
      Buffer.concat([Buffer.from([22, 3, 1, 0x3f, 0, 1, 0, 0x3e, 0xfc, 3, 3]), Buffer.alloc(16_000)]),
    ],
    ['a record that is never begun', Buffer.from([22])],
    ['empty alerts', Buffer.alloc(7000, Buffer.from([21, 3, 3, 0, 2, 1, 90]))],
    ['nothing at all', Buffer.alloc(0)],
  ] as const) {
    serial(
      `a client whose handshake takes for ever is turned away, and the target is not dialed: ${kind}, ${what}`,
      async (t) => {
        const before = openSockets();
        const log = newLog();
        const to = await tcp(t, () => {});
        const proxy = await openProxy(t, { log, kind, to, more: { timeouts: impatient } });
        await drip(proxy.address, bytes);
        t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 5000));
        t.is(eventsOf(log, 'refused', 'A').length, what === 'nothing at all' ? 0 : 1);
        if (what !== 'empty alerts')
          t.like(eventsOf(log, 'closed', 'A')[0], { by: 'server', how: 'timeout' });
        if (what !== 'empty alerts' && what !== 'nothing at all')
          t.like(eventsOf(log, 'refused', 'A')[0], { reason: 'handshake_timeout' });
        t.is(eventsOf(log, 'opened', 'B').length, 0);
        await proxy.close();
        await nothingLeftOpen(t, before);
      },
    );
  }
}

/** A client of that kind of proxy, and the socket at its bottom, which can be broken off. */
function clientOf(kind: ProxyKindName, to: Address): { stream: Duplex; raw: Socket } {
  const raw = connect({ ...to, allowHalfOpen: true });
  raw.on('error', () => {});
  if (kind === 'plaintext') return { stream: raw, raw };
  const { certificate: cert, key } = world().identity('alice');
  const stream = connectTls({
    socket: raw,
    servername: host,
    ca: [world().authority('server-ca')],
    ...(kind === 'mtls' ? { cert, key } : {}),
  });
  stream.on('error', () => {});
  return { stream, raw };
}

interface Cast {
  readonly client: Duplex;
  readonly clientSocket: Socket;
  readonly target: Socket;
  /** Waits until so many bytes stand on both taps. */
  readonly carried: (from: Side, length: number) => Promise<void>;
}

/** At which point somebody breaks off, after the target was reached. `who` is whose reset it is. */
const stages: readonly (readonly [what: string, who: Side, act: (cast: Cast) => Promise<void>])[] = [
  [
    'the client, when the target has been reached',
    'client',
    async ({ clientSocket }) => void clientSocket.resetAndDestroy(),
  ],
  ['the target, before a word was said', 'server', async ({ target }) => void target.resetAndDestroy()],
  [
    'the client, in the middle of what it says',
    'client',
    async ({ client, clientSocket, carried }) => {
      client.write('half a sen');
      await carried('client', 10);
      clientSocket.resetAndDestroy();
    },
  ],
  [
    'the target, in the middle of what it hears',
    'server',
    async ({ client, target, carried }) => {
      client.write('half a sen');
      await carried('client', 10);
      target.resetAndDestroy();
    },
  ],
  [
    'the client, in the middle of what it hears',
    'client',
    async ({ target, clientSocket, carried }) => {
      target.write('half an ans');
      await carried('server', 11);
      clientSocket.resetAndDestroy();
    },
  ],
  [
    'the target, in the middle of what it says',
    'server',
    async ({ target, carried }) => {
      target.write('half an ans');
      await carried('server', 11);
      target.resetAndDestroy();
    },
  ],
  // Nobody hears of a reset behind an end before there is something to say to who is gone.
  [
    'the client, after its end',
    'client',
    async ({ client, clientSocket, target }) => {
      const ended = once(target, 'end');
      target.resume();
      client.end('all');
      await ended;
      clientSocket.resetAndDestroy();
      await once(clientSocket, 'close');
      target.write('late');
    },
  ],
  [
    'the target, after its end',
    'server',
    async ({ client, target }) => {
      const ended = once(client, 'end');
      client.resume();
      target.end('all');
      await ended;
      target.resetAndDestroy();
      await once(target, 'close');
      client.write('late');
    },
  ],
  [
    'the target, after the client’s end',
    'server',
    async ({ client, target }) => {
      const ended = once(target, 'end');
      target.resume();
      client.end('all');
      await ended;
      target.resetAndDestroy();
    },
  ],
];

for (const kind of ['plaintext', 'tls', 'mtls'] as const) {
  for (const [what, who, act] of stages) {
    serial(
      `whoever breaks off, the other is broken off as well, the log says by whom, and nothing stays open: ${kind}, ${what}`,
      async (t) => {
        const before = openSockets();
        const log = newLog();
        let reached: (socket: Socket) => void = () => {};
        const accepted = new Promise<Socket>((resolve) => (reached = resolve));
        const server = createServer({ allowHalfOpen: true }, (socket) => reached(socket));
        const proxy: RunningProxy = await openProxy(t, {
          log,
          kind,
          to: await listen(t, server),
          more: { pump: 'bytes' },
        });
        const { stream, raw } = clientOf(kind, proxy.address);
        const target = await accepted;
        t.true(await log.until(() => eventsOf(log, 'opened', 'B').length === 1, 5000));
        const vantage = kind === 'plaintext' ? 'wire' : 'plaintext';
        const length = (hop: string, from: Side): number =>
          eventsOf(log, 'bytes', hop)
            .filter((event) => event.vantage === (hop === 'A' ? vantage : 'wire') && event.from === from)
            .reduce((sum, { bytes }) => sum + bytes.length, 0);
        const carried = async (from: Side, wanted: number): Promise<void> => {
          t.true(await log.until(() => length('A', from) === wanted && length('B', from) === wanted, 5000));
        };
        await act({ client: stream, clientSocket: raw, target, carried });
        t.true(await everythingClosed(log));
        const closed = eventsOf(log, 'closed')
          .map(({ hop, by, how }) => `${hop} ${by} ${how}`)
          .sort();
        t.deepEqual(closed, [`A ${who} reset`, `B ${who} reset`]);
        for (const from of ['client', 'server'] as const)
          t.is(length('A', from), length('B', from), 'what one tap has, the other has');
        stream.destroy();
        raw.destroy();
        target.destroy();
        await allClosed(proxy);
        await proxy.close();
        server.close();
        await nothingLeftOpen(t, before);
      },
    );
  }
}

for (const pump of ['http', 'bytes'] as const) {
  serial(
    `a target that dies in the middle of megabytes: what the client heard is the beginning of it, and the loss is in the log: ${pump}`,
    async (t) => {
      const before = openSockets();
      const log = newLog();
      const body = randomBytes(8_000_000);
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.once('data', () => {
          socket.write('HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\n');
          socket.write(body, () => socket.resetAndDestroy());
        });
      });
      const proxy = await openProxy(t, {
        log,
        kind: 'plaintext',
        to: await listen(t, server),
        more: { pump },
      });
      const socket = connect(proxy.address);
      const heard: Buffer[] = [];
      socket.on('error', () => {}).on('data', (chunk: Buffer) => heard.push(chunk));
      socket.write(get);
      await new Promise((resolve) => socket.once('close', resolve));
      const text = Buffer.concat(heard);
      const received = text.subarray(text.indexOf('\r\n\r\n') + 4);
      t.true(received.length <= body.length);
      t.is(hash(received), hash(body.subarray(0, received.length)));
      t.true(await everythingClosed(log));
      // The reset comes together with the last bytes, which libuv calls an end.
      t.deepEqual(
        eventsOf(log, 'closed')
          .map(({ hop, by, how }) => `${hop} ${by} ${how}`)
          .sort(),
        ['A server reset', 'B server reset'],
      );
      await proxy.close();
      server.close();
      await nothingLeftOpen(t, before);
    },
  );
}

serial(
  'a target that takes the connection and never says anything: the client can leave, and takes it along',
  async (t) => {
    const before = openSockets();
    const log = newLog();
    const server = createServer({ allowHalfOpen: true }, (socket) =>
      socket
        .on('error', () => {})
        .on('end', () => socket.end())
        .resume(),
    );
    const proxy = await openProxy(t, {
      log,
      kind: 'plaintext',
      to: await listen(t, server),
      more: { pump: 'bytes' },
    });
    const socket = connect(proxy.address);
    socket.write('is anybody there?');
    t.true(await log.until(() => tapped(log, 'B', 'client').length === 1, 5000));
    socket.end();
    t.true(await everythingClosed(log));
    await proxy.close();
    server.close();
    await nothingLeftOpen(t, before);
  },
);
