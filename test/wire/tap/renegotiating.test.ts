/**
 * Renegotiation (up to TLS 1.2) on a recorded connection whose server keeps sending. It begins with an empty write, and what
 * arrives before Node has finished that must not end the process.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Server } from 'node:tls';
import { systemClock } from '../../../src/core/clock.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { dial } from '../../../src/wire/dial.ts';
import { connected, streamOf } from '../support/streams.ts';
import type { Connected } from '../support/streams.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      server: { profile: 'server', issuer: 'ca', subject: { CN: 'localhost' }, san: ['DNS:localhost'] },
    },
  },
  { clock: systemClock },
);

/** Dials a server that goes with the test. */
async function dialed(t: ExecutionContext, server: Server, log: CaptureLog): Promise<Connected> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return connected(
    await dial({
      security: 'tls',
      to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      clock: systemClock,
      tap: { log, hop: 'A' },
      serverName: 'localhost',
      authorities: [world.authority('ca')],
    }),
  );
}

for (const length of [1, 100_000, 3_000_000])
  test(`a server that sends ${length} bytes by itself is renegotiated with, and is heard to its end`, async (t) => {
    const { certificate: cert, key } = world.identity('server');
    const server = createServer({ cert, key, maxVersion: 'TLSv1.2' }, (socket) => {
      socket.on('error', () => {}).write(Buffer.alloc(length, 'a'));
      socket.on('data', () => socket.end('b'));
    });
    const log = new CaptureLog({ clock: systemClock });
    const { stream, renegotiate } = await dialed(t, server, log);
    let heard = 0;
    stream.on('data', (bytes: Buffer) => (heard += bytes.length));
    t.is(await renegotiate?.(20_000), 'completed');
    stream.write('?');
    await once(stream, 'end');
    t.is(heard, length + 1);
    t.is(streamOf(log, 'A', 'plaintext', 'server').toString(), `${'a'.repeat(length)}b`);
    stream.destroy();
  });

test('what is written with nothing in it is no record, and what is written after it arrives', async (t) => {
  const { certificate: cert, key } = world.identity('server');
  const server = createServer({ cert, key }, (socket) => {
    socket.on('error', () => {}).on('data', (bytes: Buffer) => socket.end(bytes));
  });
  const { stream } = await dialed(t, server, new CaptureLog({ clock: systemClock }));
  for (const piece of ['', 'first', '', '']) stream.write(piece);
  const [answer] = (await once(stream, 'data')) as [Buffer];
  t.is(answer.toString(), 'first');
  stream.destroy();
});
