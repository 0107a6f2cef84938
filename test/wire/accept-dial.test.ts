import test from 'ava';
import { once } from 'node:events';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import type { Vantage } from '../../src/capture/event.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import type { Accepted, Security } from '../../src/wire/endpoint.ts';
import { makeWorld } from './support/world.ts';
import { closedCount, connected, eventsOf, streamOf } from './support/streams.ts';

const world = makeWorld();
const loopback = { host: '127.0.0.1', port: 0 };

for (const security of ['plain', 'tls'] as const satisfies readonly Security[]) {
  test(`${security}: what is said on either side is heard and recorded on both taps`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const accepted: Accepted[] = [];
    const listener = await accept(
      {
        security,
        listen: loopback,
        clock: systemClock,
        tap: { log, hop: 'A' },
        identity: world.identity('server'),
      },
      (connection) => {
        accepted.push(connection);
        connection.stream.on('data', (chunk: Buffer) => connection.stream.write(`echo ${chunk.toString()}`));
        connection.stream.on('end', () => connection.stream.end('late reply'));
      },
    );
    const dialed = connected(
      await dial({
        security,
        to: listener.address,
        clock: systemClock,
        tap: { log, hop: 'B' },
        serverName: 'shop.localhost',
        authorities: [world.authority('server-ca')],
      }),
    );
    const heard: Buffer[] = [];
    dialed.stream.on('data', (chunk: Buffer) => heard.push(chunk));
    dialed.stream.write('hello');
    await once(dialed.stream, 'data');
    dialed.stream.end();
    await once(dialed.stream, 'close');
    t.is(Buffer.concat(heard).toString(), 'echo hellolate reply');
    await listener.close();
    t.true(await closedCount(log, 2));
    const vantage: Vantage = security === 'plain' ? 'wire' : 'plaintext';
    for (const hop of ['A', 'B']) {
      t.is(streamOf(log, hop, vantage, 'client').toString(), 'hello');
      t.is(streamOf(log, hop, vantage, 'server').toString(), 'echo hellolate reply');
    }
    t.deepEqual(streamOf(log, 'A', 'wire', 'client'), streamOf(log, 'B', 'wire', 'client'));
    t.deepEqual(streamOf(log, 'A', 'wire', 'server'), streamOf(log, 'B', 'wire', 'server'));
    t.is(streamOf(log, 'A', 'plaintext', 'client').length, security === 'plain' ? 0 : 5);
    t.deepEqual(
      eventsOf(log, 'closed').map((event) => [event.by, event.how]),
      [
        ['client', 'end'],
        ['client', 'end'],
      ],
    );
    t.is(eventsOf(log, 'secured').length, security === 'plain' ? 0 : 2);
    t.is(listener.open, 0);
  });
}
