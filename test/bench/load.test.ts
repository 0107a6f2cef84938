/**
 * The load itself: it compares every byte, counts what was lost, and takes the client without a certificate for refused only where
 * it was. Between it and its server stand relays that spoil one thing each.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import test from 'ava';
import { buildGenerator, holdConnections, runLoad, startLoadServer } from '../../bench/generator.ts';
import type { LoadServer } from '../../bench/generator.ts';
import { writeIdentities } from '../../bench/identities.ts';

const problem = buildGenerator();
const measured = problem === undefined ? test : test.skip;
const folder = mkdtempSync(join(tmpdir(), 'wirelab-load-'));
test.after.always(() => rmSync(folder, { recursive: true }));
const file = (name: string): string => join(folder, name);

let plain: LoadServer;
let mutual: LoadServer;
if (problem === undefined) {
  test.before(async () => {
    writeIdentities(folder);
    plain = await startLoadServer();
    mutual = await startLoadServer({
      cert: file('server.crt'),
      key: file('server.key'),
      ca: file('client-ca.crt'),
    });
  });
  test.after.always(async () => {
    await plain.stop();
    await mutual.stop();
  });
}
const client = (): { ca: string; cert: string; key: string } => ({
  ca: file('server-ca.crt'),
  cert: file('client.crt'),
  key: file('client.key'),
});

/** A relay to the plaintext server that changes what goes one way. */
async function spoiling(
  way: 'up' | 'down',
  spoil: (chunk: Buffer) => Buffer,
): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    const onward = net.connect({ port: plain.port, host: '127.0.0.1', allowHalfOpen: true });
    const change = new Transform({ transform: (chunk: Buffer, _encoding, done) => done(null, spoil(chunk)) });
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    if (way === 'up') socket.pipe(change).pipe(onward).pipe(socket);
    else socket.pipe(onward).pipe(change).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

measured('connections, bulk, round trips and requests, in plaintext', async (t) => {
  const { port } = plain;
  const made = await runLoad('connect', port, { count: 50, atOnce: 4 });
  t.deepEqual([made.units, made.lost], [50, 0]);
  t.is((await runLoad('up', port, { bytes: 3_000_003, count: 3 })).units, 3);
  t.is((await runLoad('down', port, { bytes: 1_000_001 })).bytes, 1_000_001);
  t.is((await runLoad('trips', port, { count: 20 })).units, 20);
  t.is((await runLoad('http', port, { count: 30, atOnce: 3 })).units, 30);
});

measured('mutual TLS: with a certificate a client is served, without one it is refused', async (t) => {
  const { port } = mutual;
  t.is((await runLoad('connect', port, { count: 4, atOnce: 2, ...client() })).units, 4);
  t.is((await runLoad('up', port, { bytes: 1_000_000, ...client() })).units, 1);
  t.is((await runLoad('down', port, { bytes: 1_000_000, ...client() })).units, 1);
  t.is((await runLoad('refused', port, { count: 4, atOnce: 2, ca: file('server-ca.crt') })).units, 4);
  await t.throwsAsync(runLoad('connect', port, { count: 1, ca: file('server-ca.crt') }));
  await t.throwsAsync(runLoad('refused', port, { count: 1, ...client() }), { message: /answer/ });
  await t.throwsAsync(runLoad('connect', port, { count: 1, ...client(), ca: file('client-ca.crt') }), {
    message: /handshake/,
  });
});

for (const [way, mode] of [
  ['up', 'up'],
  ['down', 'down'],
  ['down', 'connect'],
  ['down', 'trips'],
] as const)
  measured(`one changed bit ${way} fails a run of ${mode}`, async (t) => {
    let seen = 0;
    const relay = await spoiling(way, (chunk) => {
      const at = 40 - seen;
      seen += chunk.length;
      if (at < 0 || at >= chunk.length) return chunk;
      const changed = Buffer.from(chunk);
      changed[at] = (changed[at] ?? 0) ^ 1;
      return changed;
    });
    t.teardown(relay.close);
    await t.throwsAsync(
      runLoad(mode, relay.port, mode === 'up' || mode === 'down' ? { bytes: 2_000_000 } : { count: 1 }),
      { message: /other bytes|another answer/ },
    );
  });

measured('a connection that is accepted and never answered is lost', async (t) => {
  const silent = net.createServer((socket) => socket.on('error', () => {}));
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => void silent.close());
  const figures = await runLoad('connect', (silent.address() as AddressInfo).port, { count: 2, atOnce: 2 });
  t.deepEqual([figures.units, figures.lost], [0, 2]);
});

measured('connections are held until they are released', async (t) => {
  const { figures, release } = await holdConnections(plain.port, { count: 40 });
  t.is(figures.units, 40);
  await release();
});
