/** Who is served, who waits, who makes room and who is sent away, where not everybody can be served at once. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { accept } from '../../../src/wire/accept.ts';
import { dial } from '../../../src/wire/dial.ts';
import type { Accepted, AcceptOptions, Listener, SentAwayFor } from '../../../src/wire/endpoint.ts';
import { makeWorld } from '../support/world.ts';

const world = makeWorld();
/** Longer than any test: nobody is silent for so long. */
const never = 1_000_000;
/** In milliseconds. */
const soon = 30;
const patience = 8000;

interface Place {
  readonly listener: Listener;
  readonly log: CaptureLog;
  readonly accepted: Accepted[];
  readonly sentAway: SentAwayFor[];
  readonly madeRoom: number[];
}

async function limited(
  t: { teardown(fn: () => Promise<void>): void },
  options: Partial<AcceptOptions>,
): Promise<Place> {
  const log = new CaptureLog({ clock: systemClock });
  const accepted: Accepted[] = [];
  const sentAway: SentAwayFor[] = [];
  const madeRoom: number[] = [];
  const listener = await accept(
    {
      security: 'plain',
      listen: { host: '127.0.0.1', port: 0 },
      clock: systemClock,
      tap: { log, hop: 'A' },
      silence: never,
      onSentAway: (_from, why) => sentAway.push(why),
      onMadeRoom: (conn) => madeRoom.push(conn),
      ...options,
      ...(options.security === 'tls' ? { identity: world.identity('server') } : {}),
      ...(options.security === 'mtls'
        ? {
            identity: world.identity('server'),
            clientAuthorities: [world.authority('client-ca')],
            policy: { allowAll: true },
          }
        : {}),
    },
    (connection) => {
      accepted.push(connection);
      connection.stream.on('error', () => {});
      connection.stream.pipe(connection.stream);
    },
  );
  t.teardown(async () => listener.close(0));
  return { listener, log, accepted, sentAway, madeRoom };
}

async function opened({ address }: Listener, says?: string | Uint8Array): Promise<Socket> {
  const socket = connect({ ...address, allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (says !== undefined) socket.write(says);
  return socket;
}

const openedCount = ({ log }: Place): number => log.events.filter(({ type }) => type === 'opened').length;
const isServed = async (place: Place, count: number): Promise<boolean> =>
  place.log.until(() => openedCount(place) >= count, patience);

/** Resolves once it is so: a loop over turns of the event loop, bounded in time. */
async function turnsUntil(isSo: () => boolean): Promise<boolean> {
  for (const until = Date.now() + patience; !isSo(); ) {
    if (Date.now() > until) return false;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return true;
}

/** Also of one that has ended before it was asked. */
const endOf = async (socket: Socket): Promise<void> => {
  socket.resume();
  if (!socket.readableEnded && !socket.destroyed)
    await Promise.race([once(socket, 'end'), once(socket, 'close')]);
};

const waitingIs = async ({ listener }: Place, count: number): Promise<boolean> =>
  turnsUntil(() => listener.waiting === count);

test('who goes while it waits is gone: it is never served', async (t) => {
  const place = await limited(t, { maxConnections: 1 });
  const inside = await opened(place.listener, 'inside');
  t.true(await isServed(place, 1));
  const waiting = await Promise.all(Array.from({ length: 20 }, async () => opened(place.listener)));
  t.true(await waitingIs(place, 20));
  for (const [index, socket] of waiting.entries()) {
    if (index % 2 === 0) socket.destroy();
    else socket.end();
  }
  t.true(await waitingIs(place, 0));
  t.true(await turnsUntil(() => place.listener.open === 1));
  inside.destroy();
  const next = await opened(place.listener, 'next');
  await once(next, 'data');
  t.is(openedCount(place), 2);
  t.deepEqual(place.sentAway, []);
  next.destroy();
});

test('who is reset while it waits is gone, also behind something that it said', async (t) => {
  const place = await limited(t, { maxConnections: 1 });
  await opened(place.listener, 'inside');
  t.true(await isServed(place, 1));
  const waiting = await opened(place.listener, 'a request, but then');
  t.true(await waitingIs(place, 1));
  waiting.resetAndDestroy();
  t.true(await waitingIs(place, 0));
});

test('in the clear, who ends behind a request while it waits is served and answered; under TLS it has gone', async (t) => {
  const plain = await limited(t, { maxConnections: 1 });
  const inside = await opened(plain.listener, 'inside');
  t.true(await isServed(plain, 1));
  const halfClosed = await opened(plain.listener);
  halfClosed.end('a request, and no more');
  t.true(await waitingIs(plain, 1));
  inside.destroy();
  const [echo] = (await once(halfClosed, 'data')) as [Buffer];
  t.is(echo.toString(), 'a request, and no more');
  halfClosed.destroy();

  const tls = await limited(t, { maxConnections: 1, security: 'tls' });
  await opened(tls.listener, Buffer.from('16', 'hex'));
  t.true(await isServed(tls, 1));
  const gone = await opened(tls.listener, Buffer.from('1603', 'hex'));
  t.true(await waitingIs(tls, 1));
  gone.end();
  t.true(await waitingIs(tls, 0));
});

for (const security of ['tls', 'mtls'] as const) {
  test(`${security}: a client that waits completes its handshake when its turn comes, and not a byte is lost`, async (t) => {
    const place = await limited(t, { maxConnections: 1, security });
    const inside = await opened(place.listener);
    t.true(await isServed(place, 1));
    const dialing = dial({
      security,
      to: place.listener.address,
      clock: systemClock,
      serverName: 'shop.localhost',
      authorities: [world.authority('server-ca')],
      ...(security === 'mtls' ? { identity: world.identity('alice') } : {}),
    });
    t.true(await waitingIs(place, 1));
    inside.destroy();
    const dialed = await dialing;
    if (dialed.outcome !== 'connected') return t.fail(dialed.failure.message);
    const bytes = Buffer.alloc(300_000, 'x');
    dialed.stream.write(bytes);
    let length = 0;
    for await (const chunk of dialed.stream) if ((length += (chunk as Buffer).length) >= bytes.length) break;
    t.is(length, bytes.length);
    dialed.stream.destroy();
  });
}

test('in the clear, much that was said while waiting is all there, in its order', async (t) => {
  const place = await limited(t, { maxConnections: 1 });
  const inside = await opened(place.listener, 'inside');
  t.true(await isServed(place, 1));
  const bytes = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 7919) % 251));
  const waiting = await opened(place.listener);
  waiting.end(bytes);
  t.true(await waitingIs(place, 1));
  inside.destroy();
  const came: Buffer[] = [];
  for await (const chunk of waiting) came.push(chunk as Buffer);
  t.true(Buffer.concat(came).equals(bytes));
});

test('the queue is bounded: who comes then is sent away, and told of; those who wait keep their place', async (t) => {
  const place = await limited(t, { maxConnections: 1, maxWaiting: 2 });
  const inside = await opened(place.listener, 'inside');
  t.true(await isServed(place, 1));
  const first = await opened(place.listener, 'first');
  const second = await opened(place.listener, 'second');
  t.true(await waitingIs(place, 2));
  await endOf(await opened(place.listener, 'third'));
  t.deepEqual(place.sentAway, ['waiting']);
  inside.destroy();
  t.is(((await once(first, 'data')) as [Buffer])[0].toString(), 'first');
  first.destroy();
  t.is(((await once(second, 'data')) as [Buffer])[0].toString(), 'second');
  second.destroy();
});

test('where the queue is full of silent clients, the longest silent one gives its place to who comes', async (t) => {
  const place = await limited(t, { maxConnections: 1, maxWaiting: 2, silence: soon });
  const inside = await opened(place.listener, 'inside');
  t.true(await isServed(place, 1));
  const silent = await opened(place.listener);
  t.true(await waitingIs(place, 1));
  const other = await opened(place.listener);
  t.true(await waitingIs(place, 2));
  const away = endOf(silent);
  // Until they count as silent newcomers are sent away themselves.
  let speaking: Socket;
  do speaking = await opened(place.listener, 'speaking');
  while (
    (await Promise.race([away.then(() => 'silent'), endOf(speaking).then(() => 'speaking')])) === 'speaking'
  );
  inside.destroy();
  const [echo] = (await once(speaking, 'data')) as [Buffer];
  t.is(echo.toString(), 'speaking');
  other.destroy();
  speaking.destroy();
});

test('who waits and has said something is served before who has said nothing', async (t) => {
  const place = await limited(t, { maxConnections: 1 });
  const inside = await opened(place.listener, 'inside');
  t.true(await isServed(place, 1));
  const silent = await opened(place.listener);
  t.true(await waitingIs(place, 1));
  const speaking = await opened(place.listener, 'speaking');
  t.true(await waitingIs(place, 2));
  // What was written comes behind the connection itself: it is there once a newer connection is.
  const newest = await opened(place.listener);
  t.true(await waitingIs(place, 3));
  inside.destroy();
  await once(speaking, 'data');
  t.is(openedCount(place), 2);
  for (const socket of [silent, speaking, newest]) socket.destroy();
});

test('silent clients lock nobody out: the longest silent one is closed when another waits, and is said to be', async (t) => {
  const place = await limited(t, { maxConnections: 3, silence: soon });
  const silent: Socket[] = [];
  for (let count = 1; count <= 3; count++) {
    silent.push(await opened(place.listener));
    t.true(await isServed(place, count));
  }
  const speaking = await opened(place.listener, 'hello');
  await once(speaking, 'data');
  await endOf(silent[0]!);
  t.is(place.madeRoom.length, 1);
  t.is(place.madeRoom[0], place.accepted[0]?.conn);
  t.true(await place.log.until(() => place.log.events.some((event) => event.type === 'closed'), patience));
  t.like(
    place.log.events.find(({ type }) => type === 'closed'),
    { conn: place.accepted[0]?.conn, by: 'server' },
  );
  for (const socket of [...silent, speaking]) socket.destroy();
});

test('while nobody waits a silent client stays, however long it is silent', async (t) => {
  const place = await limited(t, { maxConnections: 2, silence: soon });
  const silent = await opened(place.listener);
  // Twice as long another one says something, again and again.
  const other = await opened(place.listener, 'x');
  for (const until = Date.now() + 2 * soon; Date.now() < until; ) {
    await once(other, 'data');
    other.write('x');
  }
  t.deepEqual(place.madeRoom, []);
  silent.write('still here');
  const [echo] = (await once(silent, 'data')) as [Buffer];
  t.is(echo.toString(), 'still here');
  silent.destroy();
  other.destroy();
});

test('who has said something, or was told something, keeps its place while others wait', async (t) => {
  const place = await limited(t, { maxConnections: 2, silence: soon });
  const speaking = await opened(place.listener, 'hello');
  await once(speaking, 'data');
  const listening = await opened(place.listener);
  t.true(await isServed(place, 2));
  place.accepted[1]?.stream.write('a greeting');
  await once(listening, 'data');
  const waiting = await opened(place.listener, 'and I?');
  t.true(await waitingIs(place, 1));
  // As long as silence takes, and longer, by a third one that comes and goes.
  for (const until = Date.now() + 4 * soon; Date.now() < until; ) {
    speaking.write('x');
    await once(speaking, 'data');
  }
  t.deepEqual(place.madeRoom, []);
  t.is(place.listener.waiting, 1);
  for (const socket of [speaking, listening, waiting]) socket.destroy();
});

for (const [what, begin] of [
  ['before its handshake', async ({ listener }: Place) => void (await opened(listener))],
  [
    'within its handshake',
    async ({ listener }: Place) => void (await opened(listener, Buffer.from('160301', 'hex'))),
  ],
  [
    'behind its handshake',
    async ({ listener }: Place) => {
      const dialed = await dial({
        security: 'mtls',
        to: listener.address,
        clock: systemClock,
        serverName: 'shop.localhost',
        authorities: [world.authority('server-ca')],
        identity: world.identity('alice'),
      });
      if (dialed.outcome !== 'connected') throw new Error(dialed.failure.message);
      dialed.stream.on('error', () => {}).resume();
    },
  ],
] as const) {
  test(`a TLS client that is silent ${what} makes room for one that waits`, async (t) => {
    const place = await limited(t, { maxConnections: 1, silence: soon, security: 'mtls' });
    await begin(place);
    t.true(await isServed(place, 1));
    const dialed = await dial({
      security: 'mtls',
      to: place.listener.address,
      clock: systemClock,
      serverName: 'shop.localhost',
      authorities: [world.authority('server-ca')],
      identity: world.identity('alice'),
    });
    if (dialed.outcome !== 'connected') return t.fail(dialed.failure.message);
    dialed.stream.write('hello');
    const [echo] = (await once(dialed.stream, 'data')) as [Buffer];
    t.is(echo.toString(), 'hello');
    t.is(place.madeRoom.length, 1);
    dialed.stream.destroy();
    const refusal = place.log.events.find(({ type }) => type === 'refused');
    if (what === 'within its handshake') t.like(refusal, { reason: 'handshake_timeout', by: 'server' });
    else t.is(refusal, undefined);
  });
}

test('where no more connections can be open at all, a silent one makes room for the next who comes', async (t) => {
  const place = await limited(t, { maxOpen: 2, silence: soon });
  const silent = await Promise.all([opened(place.listener), opened(place.listener)]);
  t.true(await isServed(place, 2));
  let got: string | undefined;
  for (const until = Date.now() + patience; got === undefined && Date.now() < until; ) {
    const next = await opened(place.listener, 'hello');
    got = await Promise.race([
      once(next, 'data').then(([bytes]) => String(bytes)),
      once(next, 'close').then(() => undefined),
      once(next.resume(), 'end').then(() => undefined),
    ]);
    next.destroy();
  }
  t.is(got, 'hello');
  t.true(place.sentAway.length > 0);
  t.true(place.sentAway.every((why) => why === 'open'));
  t.is(place.madeRoom.length, 1);
  for (const socket of silent) socket.destroy();
});
