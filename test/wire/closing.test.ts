import test from 'ava';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { accept } from '../../src/wire/accept.ts';
import { ConnectionRecord, watchClose } from '../../src/wire/tap/connection-record.ts';
import { dial } from '../../src/wire/dial.ts';
import { breakOff } from '../../src/wire/tap/relay.ts';
import { connected, eventsOf } from './support/streams.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();

const endings: Readonly<Record<string, (stream: Duplex) => unknown>> = {
  'both end': (stream) => stream.end(),
  'one is destroyed': (stream) => stream.destroy(),
  'one is broken off': (stream) => stream.destroy(new Error('enough')),
};

for (const security of ['plain', 'tls'] as const) {
  for (const [ending, end] of Object.entries(endings)) {
    test(`${security}: when a stream says that it is closed, the log has said so already: ${ending}`, async (t) => {
      const log = new CaptureLog({ clock: systemClock });
      const closed = (conn: number): boolean => eventsOf(log, 'closed').some((event) => event.conn === conn);
      let tell: (closed: boolean) => void = () => {};
      const theirs = new Promise<boolean>((resolve) => (tell = resolve));
      const listener = await accept(
        {
          security,
          listen: { host: '127.0.0.1', port: 0 },
          clock: systemClock,
          tap: { log, hop: 'A' },
          identity: world.identity('server'),
        },
        ({ stream, conn }) => {
          stream.on('end', () => stream.end()).resume();
          stream.on('error', () => {});
          stream.once('close', () => tell(closed(conn)));
        },
      );
      t.teardown(async () => listener.close());
      const { stream, conn } = connected(
        await dial({
          security,
          to: listener.address,
          clock: systemClock,
          tap: { log, hop: 'B' },
          serverName: 'shop.localhost',
          authorities: [world.authority('server-ca')],
        }),
      );
      const ours = new Promise<boolean>((resolve) => stream.once('close', () => resolve(closed(conn))));
      stream.on('error', () => {});
      stream.write('hello');
      end(stream.resume());
      t.deepEqual(await Promise.all([ours, theirs]), [true, true]);
    });
  }
}

for (const [code, closed] of [
  ['ECONNRESET', { by: 'client', how: 'reset' }],
  // A client that had broken off before it was accepted: our own end is what the kernel cannot carry out.
  ['ENOTCONN', { by: 'client', how: 'reset' }],
  ['ETIMEDOUT', { by: 'unknown', how: 'timeout' }],
] as const) {
  test(`${code} is told as ${closed.how} by ${closed.by}`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const record = new ConnectionRecord({ log, hop: 'A' });
    const socket = new Socket();
    watchClose(socket, 'client', record);
    socket.destroy(Object.assign(new Error('broken'), { code }));
    await new Promise((resolve) => socket.once('close', resolve));
    // What follows from it is ours, and not the cause.
    record.aborted('server', 'reset');
    t.like(eventsOf(log, 'closed')[0], closed);
  });
}

for (const security of ['plain', 'tls'] as const) {
  test(`${security}: a connection that is broken off while it ends is closed all the same`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const listener = await accept(
      {
        security,
        listen: { host: '127.0.0.1', port: 0 },
        clock: systemClock,
        tap: { log, hop: 'A' },
        identity: world.identity('server'),
      },
      ({ stream }) => {
        stream.on('error', () => {});
        stream.end();
        // Its end is with the kernel, which has not answered yet.
        process.nextTick(() => process.nextTick(() => stream.destroy(new Error('enough'))));
      },
    );
    const { stream } = connected(
      await dial({
        security,
        to: listener.address,
        clock: systemClock,
        serverName: 'shop.localhost',
        authorities: [world.authority('server-ca')],
      }),
    );
    stream.on('error', () => {}).resume();
    t.true(await log.until(() => eventsOf(log, 'closed').length === 1, 5000));
    stream.destroy();
    await listener.close(0);
    t.is(listener.open, 0);
  });
}

for (const security of ['plain', 'tls'] as const) {
  for (const tapped of [true, false]) {
    test(`${security}: a dialed connection ${tapped ? 'with' : 'without'} a tap is broken off: by a reset, where a socket can`, async (t) => {
      const log = new CaptureLog({ clock: systemClock });
      const heard: string[] = [];
      const listener = await accept(
        {
          security,
          listen: { host: '127.0.0.1', port: 0 },
          clock: systemClock,
          tap: { log, hop: 'A' },
          identity: world.identity('server'),
        },
        ({ stream }) => {
          stream.write('welcome');
          stream.on('error', () => {});
          stream.on('end', () => heard.push('end'));
          stream.resume();
        },
      );
      t.teardown(async () => listener.close());
      const { stream } = connected(
        await dial({
          security,
          to: listener.address,
          clock: systemClock,
          serverName: 'shop.localhost',
          authorities: [world.authority('server-ca')],
          ...(tapped ? { tap: { log: new CaptureLog({ clock: systemClock }), hop: 'B' } } : {}),
        }),
      );
      stream.on('error', () => {});
      await new Promise((resolve) => stream.once('data', resolve));
      breakOff(stream);
      t.true(stream.destroyed);
      if (!tapped && security === 'tls') return;
      t.true(await log.until(() => eventsOf(log, 'closed').length === 1, 5000));
      t.deepEqual(heard, []);
      t.is(eventsOf(log, 'closed')[0]?.how, 'reset');
    });
  }
}

test('a write that fails because the client had broken off is told as the client’s reset', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock, tap: { log, hop: 'A' } },
    ({ stream }) => {
      stream.on('error', () => {});
      // Nothing is read: the reset comes to light with what is written. Long before, it lies in the kernel.
      client.once('close', () => stream.write('too late'));
      client.resetAndDestroy();
    },
  );
  t.teardown(async () => listener.close());
  const client = new Socket();
  client.connect(listener.address.port, '127.0.0.1');
  t.true(await log.until(() => eventsOf(log, 'closed').length === 1, 5000));
  t.like(eventsOf(log, 'closed')[0], { by: 'client', how: 'reset' });
});
