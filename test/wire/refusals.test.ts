import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { systemClock } from '../../src/core/clock.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import type { Address } from '../../src/capture/event.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { accept } from '../../src/wire/accept.ts';
import { pemCertificates } from '../../src/pki/keystore/pem.ts';
import { HandshakeTranscript } from '../../src/wire/tls/handshake-transcript.ts';
import { alertIn } from '../../src/wire/tls/failures.ts';
import type { Accepted, AcceptOptions, Listener } from '../../src/wire/endpoint.ts';
import { closedCount, eventsOf, streamOf } from './support/streams.ts';
import { makeWorld } from './support/world.ts';

const world = makeWorld();
type Version = 'TLSv1.2' | 'TLSv1.3';
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

async function listen(
  t: ExecutionContext,
  log: CaptureLog,
  handedUp: Accepted[],
  more: Partial<AcceptOptions> = {},
): Promise<Listener> {
  const crls = ['client-ca', 'client-intermediate']
    .map((name) => world.crl(name))
    .filter((crl) => crl !== undefined);
  const listener = await accept(
    {
      security: 'mtls',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      identity: world.identity('server'),
      clientAuthorities: [world.authority('client-ca')],
      clientRevocations: crls,
      policy: { allowCommonNames: ['alice'] },
      ...more,
    },
    (accepted) => {
      handedUp.push(accepted);
      accepted.stream.on('data', () => accepted.stream.end('welcome'));
    },
  );
  t.teardown(async () => listener.close());
  return listener;
}

interface ClientStory {
  secureConnect: boolean;
  alert: number | undefined;
  answer: string;
}

/** A client as a browser is one: it sends its login as soon as it believes itself connected. */
async function login(to: Address, version: Version, certificate: string | undefined): Promise<ClientStory> {
  const story: ClientStory = { secureConnect: false, alert: undefined, answer: '' };
  const identity = certificate === undefined ? undefined : world.identity(certificate);
  const socket: TLSSocket = connect({
    host: to.host,
    port: to.port,
    servername: 'shop.localhost',
    ca: [world.authority('server-ca')],
    minVersion: version,
    maxVersion: version,
    ...(identity ? { cert: identity.certificate, key: identity.key } : {}),
  });
  socket.on('secureConnect', () => {
    story.secureConnect = true;
    socket.write('password=tiger-lily');
  });
  socket.on('error', (error) => (story.alert ??= alertIn(error)?.code));
  socket.on('data', (chunk: Buffer) => (story.answer += chunk.toString()));
  await new Promise((resolve) => socket.on('close', resolve));
  return story;
}

const rows: readonly (readonly [
  certificate: string | undefined,
  reason: RefusalReason,
  alert: readonly [in12: number, in13: number],
])[] = [
  [undefined, 'certificate_missing', [40, 116]],
  ['mallory', 'unknown_ca', [48, 48]],
  ['alice-expired', 'certificate_expired', [45, 45]],
  ['alice-not-yet-valid', 'certificate_not_yet_valid', [42, 42]],
  ['alice-wrong-usage', 'wrong_usage', [43, 43]],
  ['alice-revoked', 'certificate_revoked', [44, 44]],
  ['alice-self-signed', 'self_signed', [48, 48]],
  ['alice-missing-intermediate', 'intermediate_missing', [48, 48]],
  ['bob', 'name_not_admitted', [49, 49]],
];

for (const version of versions) {
  for (const [certificate, reason, alerts] of rows) {
    test(`${version}: a client with ${certificate ?? 'no certificate'} is refused as ${reason}, and its admitted twin is not`, async (t) => {
      const log = new CaptureLog({ clock: systemClock });
      const handedUp: Accepted[] = [];
      const listener = await listen(t, log, handedUp);
      const story = await login(listener.address, version, certificate);
      t.true(await closedCount(log, 1));
      t.is(story.alert, alerts[version === 'TLSv1.3' ? 1 : 0]);
      t.is(story.answer, '');
      t.is(
        story.secureConnect,
        version === 'TLSv1.3',
        'only TLS 1.3 lets the client believe itself connected',
      );
      t.deepEqual(handedUp, []);
      const [refused] = eventsOf(log, 'refused');
      t.like(refused, { by: 'server', reason, version, alert: { code: story.alert, level: 'fatal' } });
      t.is(refused?.detail.discardedBytes, version === 'TLSv1.3' ? 'password=tiger-lily'.length : 0);
      t.is(
        refused?.detail.presented?.subject.includes(
          certificate === 'mallory' ? 'mallory' : certificate === 'bob' ? 'bob' : 'alice',
        ),
        certificate ? true : undefined,
      );
      t.deepEqual(eventsOf(log, 'secured'), []);
      t.deepEqual(streamOf(log, 'A', 'plaintext', 'client').toString(), '');
      t.deepEqual(
        log.events.slice(-2).map((event) => event.type),
        ['refused', 'closed'],
      );
      const wire = streamOf(log, 'A', 'wire', 'server');
      if (version === 'TLSv1.2') t.deepEqual([...wire.subarray(-7)], [21, 3, 3, 0, 2, 2, story.alert]);
      else t.deepEqual([...wire.subarray(-24, -19)], [23, 3, 3, 0, 19], 'a sealed record of 24 bytes');

      const twin = await login(listener.address, version, 'alice');
      t.like(twin, { secureConnect: true, alert: undefined, answer: 'welcome' });
      t.is(handedUp.length, 1);
      t.like(eventsOf(log, 'secured')[0], { side: 'server', version });
      await listener.close();
      t.is(listener.open, 0);
    });
  }

  test(`${version}: with reject http the refused client is handed up with its reason`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const handedUp: Accepted[] = [];
    const listener = await listen(t, log, handedUp, { reject: 'http' });
    t.is((await login(listener.address, version, 'mallory')).answer, 'welcome');
    t.like(handedUp[0], { refusal: { reason: 'unknown_ca' } });
    t.like(eventsOf(log, 'refused')[0], { reason: 'unknown_ca', alert: undefined });
    t.is((await login(listener.address, version, 'alice')).answer, 'welcome');
    t.is(handedUp[1]?.refusal, undefined);
    await listener.close();
  });

  test(`${version}: a chain with its intermediate is admitted`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const listener = await listen(t, log, []);
    t.is((await login(listener.address, version, 'alice-below-intermediate')).answer, 'welcome');
    t.true(await closedCount(log, 1));
    // What is read from the wire where the runtime hands out the leaf alone.
    const transcript = new HandshakeTranscript();
    for (const { from, vantage, bytes } of eventsOf(log, 'bytes'))
      if (vantage === 'wire') transcript.add(from, bytes);
    t.deepEqual(
      transcript.clientChain().length,
      version === 'TLSv1.2' ? 2 : 0,
      'under TLS 1.3 nothing without the keys',
    );
    for (const { line } of eventsOf(log, 'keylog')) transcript.addKeylog(line);
    t.deepEqual(
      transcript.clientChain().map((der) => Buffer.from(der)),
      pemCertificates(world.chain('alice-below-intermediate')).map((der) => Buffer.from(der)),
    );
    await listener.close();
  });

  test(`${version}: the alert reaches 100 of 100 refused clients`, async (t) => {
    const log = new CaptureLog({ clock: systemClock });
    const handedUp: Accepted[] = [];
    const listener = await listen(t, log, handedUp);
    const alerts = new Map<number | undefined, number>();
    for (let round = 0; round < 10; round++) {
      const stories = await Promise.all(
        Array.from({ length: 10 }, async () => login(listener.address, version, 'mallory')),
      );
      for (const { alert } of stories) alerts.set(alert, (alerts.get(alert) ?? 0) + 1);
    }
    t.deepEqual([...alerts], [[48, 100]]);
    t.deepEqual(handedUp, []);
    t.true(await closedCount(log, 100));
    t.is(eventsOf(log, 'refused').length, 100);
    await listener.close();
  });
}

test('what breaks a handshake is told apart', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  // Only who is meant to run out of time meets a listener that waits for a moment: a busy machine is slow to read as well.
  const listener = await listen(t, log, [], { handshakeTimeout: 30_000, tls: { minVersion: 'TLSv1.3' } });
  const impatient = await listen(t, log, [], { handshakeTimeout: 200, tls: { minVersion: 'TLSv1.3' } });
  const raw = async (bytes: string | undefined, { ends = false, at = listener } = {}): Promise<void> => {
    const socket = connectTcp(at.address.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    if (bytes !== undefined) socket.write(bytes);
    if (ends) socket.end();
    await once(socket, 'close');
  };
  const lastRefusal = async (count: number): Promise<string | undefined> => {
    t.true(await closedCount(log, count));
    t.is(log.events.at(-1)?.type, 'closed');
    t.is(eventsOf(log, 'refused').length, count);
    return eventsOf(log, 'refused').at(-1)?.reason;
  };
  await raw('GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n');
  t.is(await lastRefusal(1), 'plaintext_on_tls_port');
  await raw('\0\x01\x02 this is no TLS record at all');
  t.is(await lastRefusal(2), 'plaintext_on_tls_port');
  await raw('\x16\x03\x01\x02', { at: impatient });
  t.is(await lastRefusal(3), 'handshake_timeout');
  await raw('\x16\x03\x01\x02', { ends: true });
  t.is(await lastRefusal(4), 'closed_during_handshake');
  await login(listener.address, 'TLSv1.2', 'alice');
  t.is(await lastRefusal(5), 'no_common_version');
  // A client that says nothing was waited for in vain, and asked for nothing.
  await raw(undefined, { at: impatient });
  t.true(await closedCount(log, 6));
  t.like(log.events.at(-1), { type: 'closed', by: 'server', how: 'timeout' });
  t.is(eventsOf(log, 'refused').length, 5);
  await Promise.all([listener.close(), impatient.close()]);
  t.is(listener.open + impatient.open, 0);
});
