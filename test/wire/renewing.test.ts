/** What may change while a listener listens, and how many it serves at a time. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import type { Accepted, AcceptOptions, Dialed, Listener } from '../../src/wire/endpoint.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();
const loopback = { host: '127.0.0.1', port: 0 };
const clientTrust = { clientAuthorities: [world.authority('client-ca')] };

async function echoing(
  t: { teardown(fn: () => Promise<void>): void },
  options: Partial<AcceptOptions> & Pick<AcceptOptions, 'security'>,
): Promise<{ readonly listener: Listener; readonly log: CaptureLog; readonly accepted: Accepted[] }> {
  const log = new CaptureLog({ clock: systemClock });
  const accepted: Accepted[] = [];
  const listener = await accept(
    { listen: loopback, clock: systemClock, tap: { log, hop: 'A' }, ...options },
    (connection) => {
      accepted.push(connection);
      connection.stream.on('error', () => {});
      connection.stream.pipe(connection.stream);
    },
  );
  t.teardown(async () => listener.close(100));
  return { listener, log, accepted };
}

const as = async (listener: Listener, client: string | undefined, serverCa = 'server-ca'): Promise<Dialed> =>
  dial({
    security: 'mtls',
    to: listener.address,
    clock: systemClock,
    serverName: 'shop.localhost',
    authorities: [world.authority(serverCa)],
    ...(client === undefined ? {} : { identity: world.identity(client) }),
  });

/** Whether an echo comes back: under TLS 1.3 a client learns only then that it was refused. */
async function isServed(dialed: Dialed): Promise<boolean> {
  if (dialed.outcome === 'failed') return false;
  const { stream } = dialed;
  return new Promise((resolve) => {
    stream
      .once('data', () => resolve(true))
      .once('error', () => resolve(false))
      .once('close', () => resolve(false));
    stream.write('still there?');
  });
}

test('a new revocation list holds from the next handshake on; who is in stays in', async (t) => {
  const { listener } = await echoing(t, {
    security: 'mtls',
    identity: world.identity('server'),
    ...clientTrust,
    policy: { allowAll: true },
  });
  const before = await as(listener, 'alice-revoked');
  t.true(await isServed(before), 'no list was given yet');
  listener.renew({
    identity: world.identity('server'),
    ...clientTrust,
    clientRevocations: [world.crl('client-ca') ?? ''],
  });
  t.true(await isServed(before), 'what is open is not touched');
  t.false(await isServed(await as(listener, 'alice-revoked')));
  t.true(await isServed(await as(listener, 'alice')));
});

for (const version of ['TLSv1.3', 'TLSv1.2'] as const)
  test(`${version}: a client resumes its session past a new list where it may, keeps its place over renewals, and nowhere else`, async (t) => {
    const credentials = { identity: world.identity('server'), ...clientTrust };
    const listed = { ...credentials, clientRevocations: [world.crl('client-ca') ?? ''] };
    const come = async (
      listener: Listener,
      client: string,
      session?: Buffer,
    ): Promise<{ readonly how: string; readonly session: Buffer | undefined }> => {
      let kept: Buffer | undefined;
      const dialed = await dial({
        security: 'mtls',
        to: listener.address,
        clock: systemClock,
        serverName: 'shop.localhost',
        authorities: [world.authority('server-ca')],
        identity: world.identity(client),
        tls: { minVersion: version, maxVersion: version },
        onSession: (given) => (kept = given),
        ...(session ? { session } : {}),
      });
      const isIn = await isServed(dialed);
      const isResumed = dialed.outcome === 'connected' && dialed.resumed === true;
      if (dialed.outcome === 'connected') dialed.stream.destroy();
      return { how: isIn ? (isResumed ? 'resumed' : 'in full') : 'refused', session: kept };
    };
    const options = { security: 'mtls', policy: { allowAll: true } } as const;
    const { listener, log } = await echoing(t, { ...options, ...credentials, resumesClients: true });
    const first = await come(listener, 'alice-revoked');
    t.is(first.how, 'in full');
    listener.renew({ ...listed, resumesClients: true });
    const second = await come(listener, 'alice-revoked', first.session);
    t.is(second.how, 'resumed');
    t.is((await come(listener, 'alice-revoked')).how, 'refused');
    const [resumed] = log.events.filter((event) => event.type === 'secured' && event.resumed === true);
    t.true(resumed?.type === 'secured' && resumed.peer?.subject.includes('alice'), 'whose session it is');
    // Another listener's key does not open the ticket.
    const other = await echoing(t, { ...options, ...listed, resumesClients: true });
    t.is((await come(other.listener, 'alice-revoked', first.session)).how, 'refused');
    // Nor is it taken once sessions are not resumed any more.
    listener.renew(listed);
    t.is((await come(listener, 'alice-revoked', first.session)).how, 'refused');
    t.is((await come(listener, 'alice')).how, 'in full');
    // A rule about names is applied to a resumed session as well.
    const strict = await echoing(t, {
      ...options,
      ...credentials,
      resumesClients: true,
      policy: { allowCommonNames: ['nobody'] },
    });
    t.is((await come(strict.listener, 'alice', first.session)).how, 'refused');
    // By default none is.
    const usual = await echoing(t, { ...options, ...credentials });
    const before = await come(usual.listener, 'alice-revoked');
    t.is((await come(usual.listener, 'alice-revoked', before.session)).how, 'in full');
  });

test('another CA is trusted, and the old one no longer', async (t) => {
  const { listener } = await echoing(t, {
    security: 'mtls',
    identity: world.identity('server'),
    ...clientTrust,
    policy: { allowAll: true },
  });
  listener.renew({ identity: world.identity('server'), clientAuthorities: [world.authority('rogue-ca')] });
  t.true(await isServed(await as(listener, 'mallory')));
  t.false(await isServed(await as(listener, 'alice')));
});

test('another certificate is shown', async (t) => {
  const { listener } = await echoing(t, { security: 'tls', identity: world.identity('server') });
  const open = await as(listener, undefined);
  listener.renew({ identity: world.identity('server-rogue') });
  t.is((await as(listener, undefined)).outcome, 'failed');
  t.true(await isServed(await as(listener, undefined, 'rogue-ca')));
  t.true(await isServed(open));
});

for (const [what, credentials] of [
  [
    'a key of another certificate',
    {
      identity: { certificate: world.identity('server').certificate, key: world.identity('alice').key },
      ...clientTrust,
    },
  ],
  [
    'a certificate that is none',
    { identity: { certificate: 'nonsense', key: world.identity('server').key }, ...clientTrust },
  ],
  [
    'a revocation list that is none',
    {
      identity: world.identity('server'),
      ...clientTrust,
      clientRevocations: ['-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n'],
    },
  ],
  [
    'a CA that is none',
    {
      identity: world.identity('server'),
      clientAuthorities: ['-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'],
    },
  ],
] as const) {
  test(`${what}: a mistake, and everything stays as it was`, async (t) => {
    const { listener } = await echoing(t, {
      security: 'mtls',
      identity: world.identity('server'),
      ...clientTrust,
      policy: { allowAll: true },
    });
    t.throws(() => listener.renew(credentials), { instanceOf: UserError });
    t.true(await isServed(await as(listener, 'alice')));
    t.false(await isServed(await as(listener, 'mallory')));
  });
}

async function opened(listener: Listener): Promise<Socket> {
  const socket = connect(listener.address);
  await once(socket, 'connect');
  return socket;
}

for (const security of ['plain', 'tls'] as const) {
  test(`${security}: further connections wait for one to close, in their order, and nothing they said is lost`, async (t) => {
    const { listener, log, accepted } = await echoing(t, {
      security,
      maxConnections: 2,
      ...(security === 'tls' ? { identity: world.identity('server') } : {}),
    });
    const first = [await opened(listener), await opened(listener)];
    const third = await opened(listener);
    const gone = await opened(listener);
    third.write('said while waiting');
    await log.until(() => log.events.filter(({ type }) => type === 'opened').length === 2, 5000);
    // What waits is not read: it stands nowhere yet.
    t.is(log.events.filter(({ type }) => type === 'opened').length, 2);
    gone.destroy();
    first[0]?.destroy();
    t.true(await log.until(() => log.events.filter(({ type }) => type === 'opened').length >= 3, 5000));
    if (security === 'plain') {
      const [echo] = (await once(third, 'data')) as [Buffer];
      t.is(echo.toString(), 'said while waiting');
      t.is(accepted.length, 3);
    } else {
      // Eighteen bytes that are no TLS: refused in its turn, not before.
      t.true(await log.until(() => log.events.some(({ type }) => type === 'refused'), 5000));
    }
    first[1]?.destroy();
    third.destroy();
    t.true(await log.until(() => listener.open === 0, 5000));
  });
}

test('stopped: nobody new comes in, who is in goes on, who waits is sent away', async (t) => {
  const { listener, log } = await echoing(t, { security: 'plain', maxConnections: 1 });
  const inside = await opened(listener);
  const waiting = await opened(listener);
  await log.until(() => log.events.some(({ type }) => type === 'opened'), 5000);
  const away = once(waiting, 'close');
  waiting.resume().on('error', () => {});
  listener.stop();
  await away;
  const late = connect(listener.address);
  const [error] = (await once(late, 'error')) as [NodeJS.ErrnoException];
  t.is(error.code, 'ECONNREFUSED');
  inside.write('hello');
  const [echo] = (await once(inside, 'data')) as [Buffer];
  t.is(echo.toString(), 'hello');
  inside.destroy();
});

for (const [policy, meant] of [
  [{ allowDnsNames: ['shop.localhost'] }, true],
  [{ allowDnsNames: ['other.localhost', 'shop.localhost'] }, true],
  [{ allowCommonNames: ['shop.localhost'] }, true],
  [{}, true],
  [{ allowDnsNames: ['other.localhost'] }, false],
  [{ allowUris: ['spiffe://workshop/**'] }, false],
] as const) {
  test(`a trusted server ${meant ? 'is' : 'is not'} the one that was meant: ${JSON.stringify(policy)}`, async (t) => {
    const { listener } = await echoing(t, { security: 'tls', identity: world.identity('server') });
    const dialed = await dial({
      security: 'tls',
      to: listener.address,
      clock: systemClock,
      serverName: 'shop.localhost',
      authorities: [world.authority('server-ca')],
      serverPolicy: policy,
    });
    t.is(dialed.outcome, meant ? 'connected' : 'failed');
    if (dialed.outcome === 'failed') t.is(dialed.failure.reason, 'name_mismatch');
    else dialed.stream.destroy();
  });
}
