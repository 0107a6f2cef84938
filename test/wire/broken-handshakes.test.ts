/**
 * Handshakes that come to nothing: who ended them, why, and which alert says so, however many break at once.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';
import { systemClock } from '../../src/core/clock.ts';
import type { Side } from '../../src/capture/event.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { accept } from '../../src/wire/accept.ts';
import type { Listener } from '../../src/wire/endpoint.ts';
import { closedCount, eventsOf } from './support/streams.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();

async function listen(t: ExecutionContext, log: CaptureLog): Promise<Listener> {
  const listener = await accept(
    {
      security: 'mtls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
      clientAuthorities: [world.authority('client-ca')],
      policy: { allowAll: true },
    },
    ({ stream }) => stream.resume().end('welcome'),
  );
  t.teardown(async () => listener.close());
  return listener;
}

/** A sound client's ClientHello, as Node sends it. */
async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => {});
  const [socket] = (await once(server, 'connection')) as [Socket];
  const [bytes] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  client.destroy();
  server.close();
  return bytes;
}

type Leaves = 'stays' | 'ends' | 'resets' | 'resets after the answer' | 'ends after the answer';

async function knock(to: Listener, bytes: Uint8Array, leaves: Leaves = 'stays'): Promise<void> {
  const socket = connectTcp(to.address.port, '127.0.0.1');
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.once('close', resolve));
  await once(socket, 'connect');
  if (bytes.length > 0) await new Promise((resolve) => socket.write(bytes, resolve));
  if (leaves.endsWith('after the answer')) await once(socket, 'data');
  socket.resume();
  if (leaves.startsWith('ends')) socket.end();
  if (leaves.startsWith('resets')) socket.resetAndDestroy();
  await closed;
}

async function admitted(to: Listener): Promise<string> {
  const { certificate, key } = world.identity('alice');
  const socket = connect({
    port: to.address.port,
    host: '127.0.0.1',
    servername: 'shop.localhost',
    ca: [world.authority('server-ca')],
    cert: certificate,
    key,
  });
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  await once(socket, 'close');
  return answer;
}

const record = (type: number, content: readonly number[]): Buffer =>
  Buffer.from([type, 3, 3, content.length >> 8, content.length & 0xff, ...content]);
const hello = await clientHello();

const rows: readonly (readonly [
  what: string,
  bytes: Uint8Array,
  leaves: Leaves,
  by: Side,
  reason: RefusalReason,
  alert: number | undefined,
])[] = [
  [
    'a client that ends in the middle of its ClientHello',
    hello.subarray(0, 60),
    'ends',
    'client',
    'closed_during_handshake',
    undefined,
  ],
  [
    'a client that breaks off after the server’s flight',
    hello,
    'resets after the answer',
    'client',
    'closed_during_handshake',
    undefined,
  ],
  [
    'a client that ends after the server’s flight',
    hello,
    'ends after the answer',
    'client',
    'closed_during_handshake',
    undefined,
  ],
  [
    'a client that sends an alert for its ClientHello',
    record(21, [2, 48]),
    'stays',
    'client',
    'unknown_ca',
    48,
  ],
  [
    'a client that sends an alert after its ClientHello',
    Buffer.concat([hello, record(21, [2, 42])]),
    'stays',
    'client',
    'peer_alert',
    42,
  ],
  ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'stays', 'server', 'plaintext_on_tls_port', undefined],
  ['bytes of no protocol', Buffer.alloc(200, 0xfe), 'stays', 'server', 'plaintext_on_tls_port', undefined],
  ['application data before any handshake', record(23, [1, 2, 3, 4]), 'stays', 'server', 'bad_record', 10],
  [
    'a record that is too long',
    Buffer.concat([Buffer.from([22, 3, 1, 0xff, 0xff]), Buffer.alloc(2000)]),
    'stays',
    'server',
    'bad_record',
    22,
  ],
  [
    'a second ClientHello, answered under seal',
    Buffer.concat([hello, hello]),
    'stays',
    'server',
    'bad_record',
    10,
  ],
];

for (const [what, bytes, leaves, by, reason, alert] of rows) {
  test(`${what}: ${by}, ${reason}, alert ${alert ?? 'none'}; and a sound client is admitted`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const listener = await listen(t, log);
    await knock(listener, bytes, leaves);
    t.true(await closedCount(log, 1));
    const refusals = eventsOf(log, 'refused');
    t.deepEqual(
      refusals.map((event) => [event.by, event.reason, event.alert?.code]),
      [[by, reason, alert]],
    );
    t.is(log.events.at(-1)?.type, 'closed');
    t.is(await admitted(listener), 'welcome');
    t.is(eventsOf(log, 'refused').length, 1);
  });
}

for (const leaves of ['ends', 'resets'] as const) {
  test(`a client that says nothing and ${leaves} was not refused; and a sound client is admitted`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const listener = await listen(t, log);
    await knock(listener, new Uint8Array(0), leaves);
    t.is(await admitted(listener), 'welcome');
    // One that breaks off before it is accepted leaves no trace.
    const { length } = eventsOf(log, 'opened');
    t.true(leaves === 'ends' ? length === 2 : length <= 2);
    t.true(await closedCount(log, length));
    t.deepEqual(eventsOf(log, 'refused'), []);
    t.true(eventsOf(log, 'opened').every(({ from }) => from.host === '127.0.0.1' && from.port > 0));
  });
}

test('a version that is not offered: the alert that OpenSSL sends stands in the event', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await listen(t, log);
  const socket = connect({
    port: listener.address.port,
    host: '127.0.0.1',
    minVersion: 'TLSv1.1',
    maxVersion: 'TLSv1.1',
    ciphers: 'ALL:@SECLEVEL=0',
    rejectUnauthorized: false,
  });
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('close', resolve));
  t.true(await closedCount(log, 1));
  t.like(eventsOf(log, 'refused')[0], {
    by: 'server',
    reason: 'no_common_version',
    alert: { code: 70, level: 'fatal' },
  });
});

test('where many break at once, each is told of itself', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await listen(t, log);
  const knocks: Promise<unknown>[] = [];
  for (let round = 0; round < 20; round++)
    for (const [, bytes, leaves] of rows) knocks.push(knock(listener, bytes, leaves));
  const welcomed = Promise.all(Array.from({ length: 20 }, async () => admitted(listener)));
  await Promise.all(knocks);
  t.deepEqual(new Set(await welcomed), new Set(['welcome']));
  t.true(await closedCount(log, 20 * (rows.length + 1)));
  const counted = new Map<string, number>();
  const count = (key: string, by: number): unknown => counted.set(key, (counted.get(key) ?? 0) + by);
  for (const event of eventsOf(log, 'refused')) count(`${event.by} ${event.reason} ${event.alert?.code}`, 1);
  for (const [, , , by, reason, alert] of rows) count(`${by} ${reason} ${alert}`, -20);
  t.deepEqual(
    [...counted].filter(([, difference]) => difference !== 0),
    [],
  );
  await listener.close();
  t.is(listener.open, 0);
});

test('two clients that send the same ClientHello are two clients', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await listen(t, log);
  const twins = [
    knock(listener, hello, 'ends after the answer'),
    knock(listener, hello, 'ends after the answer'),
  ];
  await Promise.all(twins);
  t.true(await closedCount(log, 2));
  // Each has the keys of its own key exchange, under its own number.
  const lines = eventsOf(log, 'keylog').map(({ conn, line }) => [conn, line.split(' ')[0]]);
  for (const { conn } of eventsOf(log, 'opened')) {
    t.true(
      lines.some(([of, label]) => of === conn && label === 'SERVER_HANDSHAKE_TRAFFIC_SECRET'),
      `connection ${conn}`,
    );
  }
});
