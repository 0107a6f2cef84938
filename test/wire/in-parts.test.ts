/**
 * Handshakes that arrive in parts, as a network or a hostile client cuts them: what becomes of them hangs on what was said,
 * never on where it was cut.
 */
import test from 'ava';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer as createTlsServer } from 'node:tls';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import { alertIn } from '../../src/wire/tls/failures.ts';
import { cutWay } from './support/cut-way.ts';
import { closedCount, eventsOf } from './support/streams.ts';

const names = ['DNS:shop.localhost'];
const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA', O: 'Workshop' } },
      middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle', O: 'Workshop' } },
      'broken-middle': {
        profile: 'intermediate',
        issuer: 'ca',
        subject: { CN: 'Broken middle', O: 'Workshop' },
        flaws: ['bad-signature'],
      },
      server: { profile: 'server', issuer: 'ca', subject: { CN: 'shop.localhost' }, san: names },
      'server-broken': {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'shop.localhost' },
        san: names,
        flaws: ['bad-signature'],
      },
      'server-broken-below-middle': {
        profile: 'server',
        issuer: 'middle',
        subject: { CN: 'shop.localhost' },
        san: names,
        flaws: ['bad-signature'],
      },
      alice: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' } },
      'alice-below-middle': { profile: 'client', issuer: 'middle', subject: { CN: 'alice' } },
      broken: { profile: 'client', issuer: 'ca', subject: { CN: 'alice' }, flaws: ['bad-signature'] },
      'broken-below-middle': {
        profile: 'client',
        issuer: 'middle',
        subject: { CN: 'alice' },
        flaws: ['bad-signature'],
      },
      'below-broken-middle': { profile: 'client', issuer: 'broken-middle', subject: { CN: 'alice' } },
      expired: { profile: 'client', issuer: 'middle', subject: { CN: 'alice' }, flaws: ['expired'] },
    },
  },
  { clock: systemClock },
);

/** Bytes of a part; 1024 is where Node itself cuts, the first and the last are byte by byte and not at all. */
const cuts = [1, 100, 1023, 1024, 1025, Infinity] as const;

const rows: readonly (readonly [
  certificate: string,
  reason: RefusalReason | undefined,
  alert: number | undefined,
])[] = [
  ['alice', undefined, undefined],
  ['alice-below-middle', undefined, undefined],
  ['broken', 'bad_signature', 42],
  ['broken-below-middle', 'bad_signature', 42],
  ['below-broken-middle', 'bad_signature', 42],
  ['expired', 'certificate_expired', 45],
];

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`${version}: a client is admitted or refused for what it presents, wherever its bytes are cut`, async (t) => {
    for (const cut of cuts) {
      const log = new CaptureLog({ clock: systemClock });
      let handedUp = 0;
      const listener = await accept(
        {
          security: 'mtls',
          listen: { host: '127.0.0.1', port: 0 },
          clock: systemClock,
          tap: { log, hop: 'A' },
          identity: world.identity('server'),
          clientAuthorities: [world.authority('ca')],
          policy: { allowCommonNames: ['alice'] },
          tls: { minVersion: version, maxVersion: version },
        },
        ({ stream }) => {
          handedUp++;
          stream.on('data', () => stream.end('welcome'));
        },
      );
      const way = await cutWay(t, listener.address, { client: cut });
      await Promise.all(
        rows.map(async ([certificate, reason, alert]) => {
          const { certificate: cert, key } = world.identity(certificate);
          const socket = connect({
            ...way,
            servername: 'shop.localhost',
            ca: [world.authority('ca')],
            cert,
            key,
          });
          let answer = '';
          let heard: number | undefined;
          // What follows at once lies in the same flight under TLS 1.3.
          socket.once('secureConnect', () => socket.write('password=tiger-lily'));
          socket.on('error', (error) => (heard ??= alertIn(error)?.code));
          socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
          await new Promise((resolve) => socket.once('close', resolve));
          t.is(answer, reason ? '' : 'welcome', `${certificate}, cut at ${cut}`);
          t.is(heard, alert, `${certificate}, cut at ${cut}`);
        }),
      );
      t.true(await closedCount(log, rows.length));
      t.deepEqual(
        eventsOf(log, 'refused')
          .map(({ by, reason, alert }) => `${by} ${reason} ${alert?.code}`)
          .sort(),
        rows.flatMap(([, reason, alert]) => (reason ? [`server ${reason} ${alert}`] : [])).sort(),
        `cut at ${cut}`,
      );
      t.is(handedUp, rows.filter(([, reason]) => !reason).length);
      await listener.close();
    }
  });

  test(`${version}: a server is believed or refused for what it presents, wherever its bytes are cut`, async (t) => {
    for (const [certificate, reason] of [
      ['server', undefined],
      ['server-broken', 'bad_signature'],
      ['server-broken-below-middle', 'bad_signature'],
    ] as const) {
      const { certificate: cert, key } = world.identity(certificate);
      const server = createTlsServer({ cert, key, minVersion: version, maxVersion: version }, (socket) =>
        socket.on('error', () => {}).end('welcome'),
      );
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      t.teardown(() => server.close());
      for (const cut of cuts) {
        const to = await cutWay(
          t,
          { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
          { server: cut },
        );
        const log = new CaptureLog({ clock: systemClock });
        const dialed = await dial({
          security: 'tls',
          to,
          clock: systemClock,
          tap: { log, hop: 'B' },
          serverName: 'shop.localhost',
          authorities: [world.authority('ca')],
        });
        if (dialed.outcome === 'failed') {
          t.like(dialed.failure, { reason, by: 'client' }, `${certificate}, cut at ${cut}`);
          t.like(eventsOf(log, 'refused')[0], { reason, by: 'client' });
        } else {
          t.is(reason, undefined, `${certificate}, cut at ${cut}`);
          let answer = '';
          dialed.stream.on('data', (chunk: Buffer) => (answer += chunk.toString()));
          await once(dialed.stream, 'end');
          t.is(answer, 'welcome');
          dialed.stream.destroy();
        }
      }
    }
  });
}

test('a client that has said everything, and ended, before its handshake is judged, is answered all the same', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'mtls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
      clientAuthorities: [world.authority('ca')],
      policy: { allowAll: true },
    },
    ({ stream }) => {
      let said = '';
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
      stream.on('end', () => stream.end(`you said ${said}`));
    },
  );
  t.teardown(async () => listener.close());
  for (const cut of cuts) {
    const way = await cutWay(t, listener.address, { client: cut });
    const { certificate: cert, key } = world.identity('alice-below-middle');
    // The typings leave out that a TLS socket takes this as well.
    const options = {
      ...way,
      servername: 'shop.localhost',
      ca: [world.authority('ca')],
      cert,
      key,
      allowHalfOpen: true,
    };
    const socket = connect(options);
    let answer = '';
    socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    socket.once('secureConnect', () => socket.end('goodbye'));
    await new Promise((resolve, reject) => socket.once('end', resolve).once('error', reject));
    t.is(answer, 'you said goodbye', `cut at ${cut}`);
  }
  t.deepEqual(eventsOf(log, 'refused'), []);
});
