/** What is kept for the page of a program that runs until it is stopped: the newest connections, within limits. */
import test from 'ava';
import { CaptureLog } from '../../../../src/capture/log.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { KeptEvents } from '../../../../src/cli/run/page/kept-events.ts';

const address = (port: number) => ({ host: '127.0.0.1', port });

function logInto(kept: KeptEvents) {
  const log = new CaptureLog({ clock: systemClock, endless: true, maxPayload: 4096 });
  log.subscribe(kept.fold);
  return {
    opened: (conn: number) =>
      log.append({
        type: 'opened',
        conn,
        hop: 'A',
        transport: 'tcp',
        from: address(1000 + conn),
        to: address(443),
      }),
    bytes: (conn: number, bytes: Uint8Array) =>
      log.append({ type: 'bytes', conn, hop: 'A', vantage: 'wire', from: 'client', bytes }),
    closed: (conn: number) => log.append({ type: 'closed', conn, hop: 'A', by: 'client', how: 'end' }),
  };
}

const read = (kept: KeptEvents, conn: number): string | undefined => {
  const stream = kept.flows.connection(conn)?.stream('wire', 'client');
  return stream && Buffer.from(stream.read(0, stream.length) ?? []).toString('latin1');
};

test('the bytes are there although the log has dropped them, and their buffer was used again', (t) => {
  const kept = new KeptEvents();
  const log = logInto(kept);
  const slab = Buffer.from('hello');
  log.opened(1);
  log.bytes(1, slab);
  slab.fill('x');
  log.bytes(1, new Uint8Array(8000));
  t.is(read(kept, 1)?.slice(0, 5), 'hello');
});

test('of connections that have closed the newest stay; open ones are not forgotten for them', (t) => {
  const kept = new KeptEvents({ bytes: 1000, pieces: 1000 });
  const log = logInto(kept);
  log.opened(0);
  log.bytes(0, Buffer.from('stays'));
  for (let conn = 1; conn <= 20; conn++) {
    log.opened(conn);
    log.bytes(conn, new Uint8Array(200));
    log.closed(conn);
  }
  t.is(read(kept, 0), 'stays');
  t.deepEqual(
    kept.flows.connections.map(({ conn }) => conn),
    [0, 17, 18, 19, 20],
  );
  t.is(kept.forgotten, 16);
});

test('of one that is too large by itself the beginning is kept, and its length', (t) => {
  const kept = new KeptEvents({ bytes: 1000, pieces: 1000 });
  const log = logInto(kept);
  log.opened(1);
  for (let index = 0; index < 5000; index++) log.bytes(1, new Uint8Array(100).fill(65));
  log.closed(1);
  const stream = kept.flows.connection(1)?.stream('wire', 'client');
  t.is(stream?.length, 500_000);
  t.is(Buffer.from(stream?.read(0, 1000) ?? []).toString('latin1'), 'A'.repeat(1000));
  t.is(stream?.read(1000, 100), undefined);
  t.true((stream?.chunks.length ?? 0) <= 11, 'what is not kept is one piece');
  t.is(kept.forgotten, 0);
});

test('pieces are bounded, too', (t) => {
  const kept = new KeptEvents({ bytes: 1e6, pieces: 100 });
  const log = logInto(kept);
  for (let conn = 1; conn <= 100; conn++) {
    log.opened(conn);
    for (let index = 0; index < 10; index++) log.bytes(conn, Buffer.from('a'));
    log.closed(conn);
  }
  t.true(kept.flows.connections.length <= 8, String(kept.flows.connections.length));
  t.is(kept.flows.connections.at(-1)?.conn, 100);
});

test('connections without bytes take room, too', (t) => {
  for (const limits of [
    { bytes: 1000, pieces: 40 },
    { bytes: 1000, pieces: 10_000, connections: 20 },
  ]) {
    const kept = new KeptEvents(limits);
    const log = logInto(kept);
    for (let conn = 0; conn < 500; conn++) {
      log.opened(conn);
      log.closed(conn);
    }
    t.true(kept.all.length <= 42, String(kept.all.length));
    t.is(kept.flows.connections.at(-1)?.conn, 499);
    t.is(kept.flows.connections.length + kept.forgotten, 500);
  }
});
