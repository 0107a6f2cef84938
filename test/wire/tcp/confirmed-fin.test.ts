/**
 * What `confirmed-fin.ts` takes from Node's insides must have its effect in every version of Node that the suite runs on:
 * a socket both of whose sides have ended stays open for the second look, and closes behind it.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { confirmFin } from '../../../src/wire/tcp/confirmed-fin.ts';

/** Two ends of a connection, neither of which ends because the other has. */
async function ends(t: ExecutionContext): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect({
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    allowHalfOpen: true,
  });
  const [far] = (await once(server, 'connection')) as [Socket];
  far.on('error', () => {}).resume();
  t.teardown(() => {
    near.destroy();
    far.destroy();
    server.close();
  });
  return { near, far };
}

/** What happens to `socket` from now on, in order, when it asks whether its end is one. */
function heard(socket: Socket, onEnd = (): void => {}): string[] {
  const events: string[] = [];
  socket.on('data', () => events.push('data'));
  socket.on('error', ({ code }: NodeJS.ErrnoException) => events.push(String(code)));
  socket.on('close', () => events.push('close'));
  socket.once('end', () => {
    events.push('end');
    confirmFin(socket, () => {
      events.push(socket.destroyed ? 'confirmed, too late' : 'confirmed');
      onEnd();
    });
    // By then Node has destroyed a socket that closes itself behind its end.
    process.nextTick(() => events.push(socket.destroyed ? 'closed before the look' : 'open for the look'));
  });
  return events;
}

test('a socket both of whose sides have ended stays open until its end is confirmed, and closes then', async (t) => {
  const { near, far } = await ends(t);
  const events = heard(near);
  near.end();
  await once(far, 'end');
  t.true(near.writableFinished);
  far.end('all of it');
  await once(near, 'close');
  t.deepEqual(events, ['data', 'end', 'open for the look', 'confirmed', 'close']);
});

test('a socket whose own side ends while its end is being confirmed is confirmed, and closes', async (t) => {
  const { near, far } = await ends(t);
  const events = heard(near);
  near.once('end', () => near.end());
  far.end('all of it');
  await once(near, 'close');
  t.deepEqual(events, ['data', 'end', 'open for the look', 'confirmed', 'close']);
});

test('a socket that still writes when its end is confirmed stays open, and closes by itself later', async (t) => {
  const { near, far } = await ends(t);
  const received: Buffer[] = [];
  far.on('data', (bytes: Buffer) => received.push(bytes));
  const events = heard(near, () => void setImmediate(() => near.end('an answer')));
  far.end();
  await Promise.all([once(near, 'close'), once(far, 'end')]);
  t.is(Buffer.concat(received).toString(), 'an answer');
  t.deepEqual(events, ['end', 'open for the look', 'confirmed', 'close']);
});

for (const [what, endsFirst] of [
  ['whose own side is open', false],
  ['whose own side has ended', true],
] as const) {
  test(`a reset that comes together with the last bytes is an error and never a confirmed end: a socket ${what}`, async (t) => {
    for (let round = 1; round <= 10; round++) {
      const { near, far } = await ends(t);
      const events = heard(near);
      // Not `once`, which would fail with the error that is meant to come.
      const closing = new Promise<void>((resolve) => near.once('close', () => resolve()));
      if (endsFirst) near.end('a question');
      else near.write('a question');
      await once(far, endsFirst ? 'end' : 'data');
      far.write('half an answ');
      far.resetAndDestroy();
      await closing;
      // From libuv 1.52 on (Node 24) the reset is reported at once, and no end precedes it.
      const afterTheLook = events.filter((event) => event !== 'end' && event !== 'open for the look');
      t.deepEqual(afterTheLook, ['data', 'ECONNRESET', 'close'], `round ${round}`);
    }
  });
}

test('the end of a socket that is destroyed by then is believed at once', async (t) => {
  const { near } = await ends(t);
  near.destroy();
  let calls = 0;
  confirmFin(near, () => calls++);
  t.is(calls, 1);
  await once(near, 'close');
  t.is(calls, 1);
});
