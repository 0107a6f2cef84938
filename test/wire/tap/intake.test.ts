/** What arrives is held back as a whole, stays with its sender, and comes in order afterwards. One test at a time: it is of the process. */
import test from 'ava';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { systemClock } from '../../../src/core/clock.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { accept } from '../../../src/wire/accept.ts';
import { Intake, intake } from '../../../src/wire/tap/intake.ts';
import { makeWorld } from '../support/world.ts';

const world = makeWorld();
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

for (const security of ['plain', 'tls'] as const) {
  test.serial(`${security}: nothing is lost, and little comes while it is held back`, async (t) => {
    t.teardown(() => intake.release());
    const log = new CaptureLog({ clock: systemClock });
    const received: Buffer[] = [];
    let length = 0;
    let ended = (): void => {};
    const whole = new Promise<void>((resolve) => (ended = resolve));
    const listener = await accept(
      {
        security,
        listen: { host: '127.0.0.1', port: 0 },
        clock: systemClock,
        tap: { log, hop: 'A' },
        ...(security === 'tls' ? { identity: world.identity('server') } : {}),
      },
      ({ stream }) => {
        stream.on('data', (bytes: Buffer) => {
          received.push(bytes);
          length += bytes.length;
        });
        stream.on('end', () => {
          stream.end();
          ended();
        });
      },
    );
    t.teardown(async () => listener.close(0));
    const socket: Socket =
      security === 'tls'
        ? connectTls({ ...listener.address, ca: world.authority('server-ca'), servername: 'shop.localhost' })
        : connect(listener.address.port, '127.0.0.1');
    t.teardown(() => socket.destroy());
    await once(socket, security === 'tls' ? 'secureConnect' : 'connect');
    const [first, rest] = [randomBytes(1000), randomBytes(16 * 1024 * 1024)];
    socket.write(first);
    while (length < first.length) await turns(1);

    intake.hold();
    socket.end(rest);
    await turns(300);
    const held = length;
    t.true(held < 2 * 1024 * 1024, `${held}`);
    await turns(300);
    t.is(length, held);

    intake.release();
    await whole;
    t.is(sha256(Buffer.concat(received)), sha256(Buffer.concat([first, rest])));
  });
}

test.serial('who would read on reads once it is released, and no time counts meanwhile', (t) => {
  const calls: string[] = [];
  const held = new Intake({ suspend: () => calls.push('suspend'), resume: () => calls.push('resume') });
  const socket = { pause: () => calls.push('pause'), resume: () => calls.push('read') } as never;
  held.resume(socket);
  held.hold();
  held.hold();
  held.resume(socket);
  held.release();
  held.release();
  t.deepEqual(calls, ['read', 'suspend', 'pause', 'resume', 'read']);
});
