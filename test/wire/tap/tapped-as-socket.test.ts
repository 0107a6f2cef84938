/** Tapped streams where Node takes sockets: an HTTP server, an HTTP agent, and TLS on top. */
import test from 'ava';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { systemClock } from '../../../src/core/clock.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import type { Vantage } from '../../../src/capture/event.ts';
import { accept } from '../../../src/wire/accept.ts';
import { dial } from '../../../src/wire/dial.ts';
import { closedCount, connected, eventsOf, streamOf } from '../support/streams.ts';
import { makeWorld } from '../support/world.ts';

const world = makeWorld();

for (const security of ['plain', 'tls'] as const) {
  test(`${security}: HTTP over tapped streams on both sides, kept alive, with timeouts, addresses and a body in both directions`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const seen: string[] = [];
    const http = createServer((incoming, response) => {
      seen.push(`${incoming.socket.remoteAddress}:${incoming.socket.remotePort}`);
      incoming.pipe(response.writeHead(200, { 'Content-Type': 'application/octet-stream' }));
    });
    http.keepAliveTimeout = 5000;
    const listener = await accept(
      {
        security,
        listen: { host: '127.0.0.1', port: 0 },
        clock: systemClock,
        tap: { log, hop: 'A' },
        identity: world.identity('server'),
      },
      ({ stream }) => http.emit('connection', stream),
    );
    t.teardown(async () => listener.close());
    class Dialing extends Agent {
      override createConnection(
        _options: unknown,
        callback?: (error: Error | null, stream: Duplex) => void,
      ): undefined {
        void this.#dial(callback);
      }

      async #dial(callback?: (error: Error | null, stream: Duplex) => void): Promise<void> {
        const dialed = await dial({
          security,
          to: listener.address,
          clock: systemClock,
          tap: { log, hop: 'B' },
          verify: false,
        });
        callback?.(null, connected(dialed).stream);
      }
    }
    const agent = new Dialing({ keepAlive: true, maxSockets: 1 });
    const body = Buffer.alloc(700_000, 'body ');
    for (let round = 0; round < 3; round++) {
      const outgoing = request({ agent, method: 'POST', path: '/', host: 'shop.localhost' }).setTimeout(5000);
      outgoing.setNoDelay(true);
      outgoing.end(body);
      const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
      const parts: Buffer[] = [];
      for await (const part of response) parts.push(part as Buffer);
      t.true(Buffer.concat(parts).equals(body));
    }
    agent.destroy();
    t.true(await closedCount(log, 2));
    const [opened] = eventsOf(log, 'opened', 'A');
    t.deepEqual(
      seen,
      Array.from({ length: 3 }, () => `${opened?.from.host}:${opened?.from.port}`),
    );
    t.is(eventsOf(log, 'opened').length, 2, 'one connection on each tap: it was kept alive');
    const vantage: Vantage = security === 'plain' ? 'wire' : 'plaintext';
    for (const from of ['client', 'server'] as const) {
      t.true(streamOf(log, 'A', vantage, from).equals(streamOf(log, 'B', vantage, from)));
      t.true(streamOf(log, 'A', vantage, from).length > 3 * body.length);
    }
    t.deepEqual(
      eventsOf(log, 'closed').map(({ by, how }) => [by, how]),
      [
        ['client', 'end'],
        ['client', 'end'],
      ],
    );
  });
}

test('what an application does to its buffer after it was written does not change the record', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    { security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock: systemClock, tap: { log, hop: 'A' } },
    ({ stream }) => {
      const buffer = Buffer.from('answer');
      stream
        .on('end', () =>
          stream.write(buffer, () => {
            buffer.fill('x');
            stream.end();
          }),
        )
        .resume();
    },
  );
  t.teardown(async () => listener.close());
  const { stream } = connected(await dial({ security: 'plain', to: listener.address, clock: systemClock }));
  stream.resume().end('question');
  t.true(await closedCount(log, 1));
  t.is(streamOf(log, 'A', 'wire', 'server').toString(), 'answer');
});

test('a plain connection costs no TLS: the module is not loaded', async (t) => {
  const { runProgram } = await import('../../helpers/peer.ts');
  const wire = new URL('../../../src/wire/', import.meta.url);
  const program = `
    const { accept } = await import('${new URL('accept.js', wire).href}');
    const { dial } = await import('${new URL('dial.js', wire).href}');
    await import('${new URL('tap/relay.js', wire).href}');
    const clock = { now: () => 0, microseconds: () => 0 };
    const listener = await accept({ security: 'plain', listen: { host: '127.0.0.1', port: 0 }, clock }, ({ stream }) => stream.end());
    const dialed = await dial({ security: 'plain', to: listener.address, clock });
    dialed.stream.resume().end();
    await listener.close();
    console.log(process.moduleLoadList.filter((name) => /NativeModule (tls|_tls_wrap|https|crypto)$/.test(name)).join() || 'no TLS');`;
  const { stdout, stderr } = await runProgram(process.execPath, ['--input-type=module', '-e', program]);
  t.is(stdout.trim(), 'no TLS', stderr);
});
