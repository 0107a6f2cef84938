/** A client that was asked for a certificate may let its user choose one: it has more time than one that was not. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { newLog } from '../features/support/shop.ts';
import { eventsOf, openProxy } from '../proxy/support/proxies.ts';
import { helloOf } from '../ui/support/failures.ts';

/** Milliseconds: longer than a handshake may take in which nobody has to choose. */
const aWhile = 12_000;

test('ten seconds are enough for a program, and not for a person with a list of certificates', async (t) => {
  t.timeout(60_000);
  const ended = async (kind: 'tls' | 'mtls'): Promise<unknown> => {
    const log = newLog();
    const proxy = await openProxy(t, { log, kind, to: { host: '127.0.0.1', port: 9 } });
    const socket = connect(proxy.address.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(await helloOf({}));
    const over = once(socket, 'close').then(() => eventsOf(log, 'refused').map(({ reason }) => reason));
    const outcome = await Promise.race([over, pause(aWhile, 'waits', { ref: false })]);
    socket.destroy();
    await over;
    return outcome;
  };
  t.deepEqual(await Promise.all([ended('tls'), ended('mtls')]), [['handshake_timeout'], 'waits']);
});
