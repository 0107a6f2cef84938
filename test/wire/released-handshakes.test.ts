/** A handshake that comes to nothing leaves nothing behind: TLS's socket is released, whoever ended the connection. */
import test from 'ava';
import { createHook } from 'node:async_hooks';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { accept } from '../../src/wire/accept.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const wraps: WeakRef<object>[] = [];
createHook({
  init(_id, type, _trigger, resource) {
    if (type === 'TLSWRAP') wraps.push(new WeakRef(resource));
  },
}).enable();

const remaining = (): number => wraps.filter((one) => one.deref()).length;

test('clients that refuse the server, or leave in the middle of the handshake, leave no TLS socket', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'tls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
    },
    ({ stream }) => stream.resume().end('welcome'),
  );
  t.teardown(async () => listener.close());
  const { port } = listener.address;
  const rounds = 10;
  for (let round = 0; round < rounds; round++) {
    // It trusts no CA that has issued the server's certificate.
    const refusing = connect({ port, host: '127.0.0.1' });
    refusing.on('error', () => {});
    await new Promise((resolve) => refusing.once('close', resolve));
    const admitted = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    await once(admitted.resume(), 'close');
    const leaving = connectTcp(port, '127.0.0.1');
    await once(leaving, 'connect');
    leaving.end();
    await once(leaving.resume(), 'close');
  }
  t.true(wraps.length >= 4 * rounds);
  // Weak references are cleared in a later turn.
  for (let turns = 0; turns < 50 && remaining() > 2; turns++) {
    await turn();
    collect();
  }
  t.true(remaining() <= 2, `${remaining()} of ${wraps.length} remain`);
});
