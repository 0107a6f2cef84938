/** An attempt that is called off ends at once, in whatever it is: its own limit of time is a minute here. */
import test from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { systemClock } from '../../../src/core/clock.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { Laboratory } from '../../../src/diagnosis/laboratory.ts';
import { asCalled } from '../../../src/diagnosis/attempt/call.ts';
import type { Call } from '../../../src/diagnosis/attempt/call.ts';

const cases: readonly (readonly [string, Partial<Call>])[] = [
  ['in the handshake', {}],
  ['while the greeting of a mail server is awaited', { starttls: 'smtp' }],
  ['while a proxy is asked for a tunnel', { through: { host: '127.0.0.1', port: 0 } }],
  ['in the handshake with a proxy', { through: { host: '127.0.0.1', port: 0, tls: {} } }],
];

for (const [title, more] of cases)
  test(title, async (t) => {
    t.timeout(30_000);
    const controller = new AbortController();
    let ended = (): void => {};
    const gone = new Promise<void>((resolve) => (ended = resolve));
    const server = createServer((socket: Socket) => {
      socket.on('error', () => {}).on('close', ended);
      socket.resume();
      // It has connected, and waits for what never comes.
      setImmediate(() => controller.abort());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const log = new CaptureLog({ clock: systemClock });
    log.append({
      type: 'began',
      version: '',
      wallClock: new Date(systemClock.now()).toISOString(),
      topology: { participants: [], wires: [] },
    });
    const seen: unknown[] = [];
    const laboratory = new Laboratory(
      {
        host: '127.0.0.1',
        port,
        addresses: ['127.0.0.1'],
        authorities: [],
        authoritiesFrom: 'given',
        timeout: 60_000,
        ...more,
        ...(more.through ? { through: { ...more.through, port } } : {}),
      },
      { clock: systemClock, log, signal: controller.signal, onAttempt: (one) => seen.push(one) },
    );
    await t.throwsAsync(laboratory.try(asCalled), { any: true, name: 'AbortError' });
    t.deepEqual(seen, [], 'no line is written of it');
    await gone;
  });
