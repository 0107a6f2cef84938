import test from 'ava';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import { failureOf } from '../../src/wire/tls/failures.ts';
import type { Dialed, DialOptions } from '../../src/wire/endpoint.ts';
import { nowhere } from '../helpers/nowhere.ts';
import { closedCount, connected, eventsOf, failed } from './support/streams.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();
const listen = { host: '127.0.0.1', port: 0 };

const rows: readonly (readonly [server: string, reason: RefusalReason, code: string, twin: string])[] = [
  ['server-rogue', 'unknown_ca', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'server'],
  ['server-expired', 'certificate_expired', 'CERT_HAS_EXPIRED', 'server'],
  ['server-not-yet-valid', 'certificate_not_yet_valid', 'CERT_NOT_YET_VALID', 'server'],
  ['server-wrong-name', 'name_mismatch', 'ERR_TLS_CERT_ALTNAME_INVALID', 'server'],
  ['server-wrong-usage', 'wrong_usage', 'INVALID_PURPOSE', 'server'],
  ['server-self-signed', 'self_signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'server'],
  ['server-critical-extension', 'unhandled_critical_extension', 'UNSPECIFIED', 'server'],
  ['server-below-old-intermediate', 'certificate_expired', 'CERT_HAS_EXPIRED', 'server-below-intermediate'],
  [
    'server-missing-intermediate',
    'intermediate_missing',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'server-below-intermediate',
  ],
];

test('a server that hangs up as it picks up is told at once, though its end comes together with the connection', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const tap of [undefined, { log: new CaptureLog({ clock: systemClock }), hop: 'A' }]) {
    const all = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const dialed = await dial({
          security: 'tls',
          to: { host: '127.0.0.1', port },
          clock: systemClock,
          authorities: [world.authority('server-ca')],
          timeout: 60_000,
          ...(tap ? { tap } : {}),
        });
        return failed(dialed).reason;
      }),
    );
    t.deepEqual([...new Set(all)], ['closed_during_handshake']);
  }
});

test('by a clock of another day an expired certificate is good, on both sides; nothing else that is wrong with it is', async (t) => {
  const notAfter = (name: string): number => Date.parse(world.summary(name).notAfter);
  const then = {
    ...systemClock,
    now: () => Math.min(notAfter('server-expired'), notAfter('alice-expired')) - 60_000,
  };
  const meet = async (
    server: string,
    client: string,
    given: { readonly clock: typeof systemClock; readonly datesByClock?: boolean },
  ): Promise<readonly [client: string, server: string | undefined]> => {
    let refused: string | undefined;
    const listener = await accept(
      {
        security: 'mtls',
        listen,
        identity: world.identity(server),
        clientAuthorities: [world.authority('client-ca')],
        policy: { allowAll: true },
        onRefused: ({ reason }) => (refused = reason),
        ...given,
      },
      ({ stream }) => stream.end('in'),
    );
    const dialed = await dial({
      security: 'mtls',
      to: listener.address,
      serverName: 'shop.localhost',
      authorities: [world.authority('server-ca')],
      identity: world.identity(client),
      ...given,
    });
    if (dialed.outcome === 'connected') {
      const { stream } = dialed;
      await new Promise<void>((resolve) =>
        stream
          .on('error', () => {})
          .once('close', () => resolve())
          .resume()
          .end(),
      );
    }
    await listener.close();
    return dialed.outcome === 'failed' ? [dialed.failure.reason, undefined] : ['connected', refused];
  };
  t.deepEqual(await meet('server-expired', 'alice-expired', { clock: then, datesByClock: true }), [
    'connected',
    undefined,
  ]);
  // A clock that is set back by itself, or none that is, changes nothing.
  t.deepEqual(await meet('server-expired', 'alice-expired', { clock: then }), [
    'certificate_expired',
    undefined,
  ]);
  t.deepEqual(await meet('server-expired', 'alice', { clock: systemClock, datesByClock: true }), [
    'certificate_expired',
    undefined,
  ]);
  t.deepEqual(await meet('server', 'alice-expired', { clock: systemClock, datesByClock: true }), [
    'connected',
    'certificate_expired',
  ]);
  t.deepEqual(await meet('server-wrong-name', 'alice', { clock: systemClock, datesByClock: true }), [
    'name_mismatch',
    undefined,
  ]);
  const elsewhere = await accept(
    { security: 'tls', listen, clock: then, identity: world.identity('server-expired') },
    ({ stream }) => stream.end(),
  );
  t.teardown(async () => elsewhere.close(0));
  const named = { security: 'tls', to: elsewhere.address, clock: then, datesByClock: true } as const;
  // Expired, and under a name that is not its own, or of a CA that is not trusted.
  t.is(
    (await dial({ ...named, serverName: 'other.localhost', authorities: [world.authority('server-ca')] }))
      .outcome,
    'failed',
  );
  t.is(
    (await dial({ ...named, serverName: 'shop.localhost', authorities: [world.authority('rogue-ca')] }))
      .outcome,
    'failed',
  );
});

test('an intermediate that has expired is blamed, and the server’s own certificate where that has', async (t) => {
  for (const [name, blamed] of [
    ['server-below-old-intermediate', 'CN=Old Intermediate,O=Workshop'],
    ['server-expired', undefined],
  ] as const) {
    const log = new CaptureLog({ clock: systemClock });
    const listener = await accept(
      { security: 'tls', listen, clock: systemClock, identity: world.identity(name) },
      ({ stream }) => stream.resume().end(),
    );
    t.teardown(async () => listener.close());
    let shown = 0;
    const options: DialOptions = {
      security: 'tls',
      to: listener.address,
      clock: systemClock,
      serverName: 'shop.localhost',
      authorities: [world.authority('server-ca')],
      tap: { log, hop: 'A' },
      onPresented: (chain) => (shown = chain.length),
    };
    t.is(failed(await dial(options)).reason, 'certificate_expired');
    t.is(eventsOf(log, 'refused')[0]?.detail.blamed?.subject, blamed);
    t.true(shown > 0, 'the chain is told of before anything else');
  }
});

for (const [server, reason, code, twin] of rows) {
  test(`a client refuses ${server} as ${reason}, takes its sound twin, and takes both unverified`, async (t) => {
    const ask = async (name: string, log: CaptureLog, more: Partial<DialOptions>): Promise<Dialed> => {
      const listener = await accept(
        {
          security: 'tls',
          listen,
          clock: systemClock,
          identity: world.identity(name),
          tap: { log, hop: 'A' },
        },
        ({ stream }) => stream.resume().end(),
      );
      t.teardown(async () => listener.close());
      const dialed = await dial({
        security: 'tls',
        to: listener.address,
        clock: systemClock,
        serverName: 'shop.localhost',
        authorities: [world.authority('server-ca')],
        ...more,
      });
      if (dialed.outcome === 'connected') dialed.stream.resume().end();
      t.true(await closedCount(log, 1));
      return dialed;
    };
    const tapLog = new CaptureLog({ clock: systemClock });
    const own = new CaptureLog({ clock: systemClock });
    const failure = failed(await ask(server, tapLog, { tap: { log: own, hop: 'B' } }));
    t.like(failure, { reason, by: 'client', code });
    t.truthy(failure.presented);
    t.true(await closedCount(own, 1));
    t.like(eventsOf(own, 'refused')[0], { by: 'client', reason, hop: 'B' });
    t.deepEqual(
      own.events.slice(-2).map((event) => event.type),
      ['refused', 'closed'],
    );

    const shared = new CaptureLog({ clock: systemClock });
    failed(await ask(server, shared, { reportTo: shared }));
    t.like(eventsOf(shared, 'refused')[0], { by: 'client', reason, hop: 'A', conn: 0 });

    const logOfTwin = new CaptureLog({ clock: systemClock });
    t.truthy(connected(await ask(twin, logOfTwin, { reportTo: logOfTwin })).secured?.peer);
    t.like(
      eventsOf(logOfTwin, 'secured').find((event) => event.side === 'client'),
      { hop: 'A', serverName: 'shop.localhost' },
    );
    t.true(eventsOf(logOfTwin, 'keylog').length > 0);
    t.false(eventsOf(logOfTwin, 'secured').some(({ unverified }) => unverified));

    // Whoever does not verify says so.
    const careless = new CaptureLog({ clock: systemClock });
    connected(await ask(server, careless, { verify: false, reportTo: careless }));
    const secured = eventsOf(careless, 'secured');
    t.true(secured.find(({ side }) => side === 'client')?.unverified);
    t.is(secured.find(({ side }) => side === 'server')?.unverified, undefined);
  });
}

test('a target that is not there, that does not answer, and that is no TLS are told apart', async (t) => {
  const silent = createServer((socket) => socket.on('error', () => {}).resume());
  const http = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const hangsUp = createServer((socket) => socket.destroy());
  const ports: number[] = [];
  for (const server of [silent, http, hangsUp]) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    ports.push((server.address() as AddressInfo).port);
    t.teardown(() => server.close());
  }
  const ask = async (port: number, more: Partial<DialOptions>): Promise<string> =>
    failed(await dial({ security: 'tls', to: { host: '127.0.0.1', port }, clock: systemClock, ...more }))
      .reason;
  t.is(await ask(nowhere.port, {}), 'target_unreachable');
  t.is(await ask(nowhere.port, { security: 'plain' }), 'target_unreachable');
  t.is(await ask(ports[0]!, { timeout: 100 }), 'handshake_timeout');
  t.is(await ask(ports[1]!, {}), 'tls_on_plaintext_port');
  t.is(await ask(ports[2]!, {}), 'closed_during_handshake');
});

test('versions without overlap are the client’s or the server’s word', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const listener = await accept(
    {
      security: 'tls',
      listen,
      clock: systemClock,
      identity: world.identity('server'),
      tap: { log, hop: 'A' },
      tls: { minVersion: 'TLSv1.3' },
    },
    () => t.fail(),
  );
  t.teardown(async () => listener.close());
  const failure = failed(
    await dial({
      security: 'tls',
      to: listener.address,
      clock: systemClock,
      tls: { maxVersion: 'TLSv1.2' },
      verify: false,
    }),
  );
  t.like(failure, { reason: 'no_common_version', by: 'server', alert: { code: 70 } });
  t.true(await closedCount(log, 1));
  t.like(eventsOf(log, 'refused')[0], { by: 'server', reason: 'no_common_version' });
});

test('under TLS 1.3 a refused client is connected first, and learns the alert on its stream', async (t) => {
  const listener = await accept(
    {
      security: 'mtls',
      listen,
      clock: systemClock,
      identity: world.identity('server'),
      clientAuthorities: [world.authority('client-ca')],
      policy: { allowAll: true },
    },
    ({ stream }) => stream.resume().end('welcome'),
  );
  t.teardown(async () => listener.close());
  for (const tapped of [true, false]) {
    const ask = async (name: string | undefined): Promise<Dialed> =>
      dial({
        security: 'mtls',
        to: listener.address,
        clock: systemClock,
        serverName: 'shop.localhost',
        authorities: [world.authority('server-ca')],
        ...(tapped ? { tap: { log: new CaptureLog({ clock: systemClock }), hop: 'A' } } : {}),
        ...(name ? { identity: world.identity(name) } : {}),
      });
    for (const [name, alert] of [
      ['mallory', 48],
      [undefined, 116],
    ] as const) {
      const refused = connected(await ask(name));
      const [error] = (await once(refused.stream.resume(), 'error')) as [Error];
      t.like(failureOf(error, { secured: true }), { by: 'server', alert: { code: alert } });
    }
    const admitted = connected(await ask('alice'));
    const [answer] = (await once(admitted.stream, 'data')) as [Buffer];
    t.is(answer.toString(), 'welcome');
    admitted.stream.end();
  }
});

test('under TLS 1.2 a refused client is never connected', async (t) => {
  const listener = await accept(
    {
      security: 'mtls',
      listen,
      clock: systemClock,
      identity: world.identity('server'),
      tls: { maxVersion: 'TLSv1.2' },
      clientAuthorities: [world.authority('client-ca')],
      policy: { allowAll: true },
    },
    ({ stream }) => stream.resume().end(),
  );
  t.teardown(async () => listener.close());
  const ask = async (name: string): Promise<Dialed> =>
    dial({
      security: 'mtls',
      to: listener.address,
      clock: systemClock,
      serverName: 'shop.localhost',
      authorities: [world.authority('server-ca')],
      identity: world.identity(name),
    });
  t.like(failed(await ask('mallory')), { reason: 'unknown_ca', by: 'server', alert: { code: 48 } });
  connected(await ask('alice'))
    .stream.resume()
    .end();
});

test('a port that is taken, and a key that fits no certificate, are mistakes with a remedy', async (t) => {
  const options = { security: 'plain', listen, clock: systemClock } as const;
  const listener = await accept(options, () => {});
  t.teardown(async () => listener.close());
  const busy = await t.throwsAsync(
    accept({ ...options, listen: listener.address }, () => {}),
    { instanceOf: UserError },
  );
  t.is(busy?.facts.received, 'EADDRINUSE');
  t.truthy(busy?.facts.remedy?.ko);
  const elsewhere = await t.throwsAsync(
    accept({ ...options, listen: { host: '192.0.2.1', port: 0 } }, () => {}),
    { instanceOf: UserError },
  );
  t.is(elsewhere?.facts.received, 'EADDRNOTAVAIL');
  const identity = { certificate: world.identity('server').certificate, key: world.identity('alice').key };
  const mismatch = await t.throwsAsync(
    accept({ ...options, security: 'tls', identity }, () => {}),
    { instanceOf: UserError },
  );
  t.regex(mismatch?.facts.what.en ?? '', /does not match/);
  const garbled = { certificate: 'no PEM', key: 'neither' };
  await t.throwsAsync(
    accept({ ...options, security: 'tls', identity: garbled }, () => {}),
    { instanceOf: UserError },
  );
  await t.throwsAsync(
    accept({ ...options, security: 'mtls', identity: world.identity('server') }, () => {}),
    { instanceOf: UserError },
  );
});

test('a connection that stands is not taken for one that timed out, however busy this process was', async (t) => {
  const listener = await accept({ security: 'plain', listen, clock: systemClock }, ({ stream }) =>
    stream.resume().end(),
  );
  t.teardown(async () => listener.close());
  const dialing = dial({ security: 'plain', to: listener.address, clock: systemClock, timeout: 5 });
  for (const until = Date.now() + 30; Date.now() < until; );
  const { stream } = connected(await dialing);
  stream.resume().end();
  t.pass();
});
