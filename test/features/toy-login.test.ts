/** The toy protocol's client and server against each other, and each against a peer that does not support it. */
import { randomBytes } from 'node:crypto';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { logInToy, toyLocks } from '../../src/features/toy/client.ts';
import type { ToyLogInOptions } from '../../src/features/toy/client.ts';
import { startToyServer } from '../../src/features/toy/server.ts';
import type { ToyServer } from '../../src/features/toy/server.ts';
import type { Address } from '../../src/capture/event.ts';
import { systemClock } from '../../src/core/clock.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { alice, anyPort, newLog } from './support/shop.ts';

const world = issueWorld(
  {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      shop: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
        key: 'RSA-2048',
      },
      curve: {
        profile: 'server',
        issuer: 'ca',
        subject: { CN: 'shop.localhost' },
        san: ['DNS:shop.localhost'],
      },
    },
  },
  { clock: systemClock },
);

async function toyShop(
  t: ExecutionContext,
  options: { readonly certificate?: string; readonly idleTimeout?: number } = { certificate: 'shop' },
): Promise<ToyServer> {
  const { certificate, idleTimeout } = options;
  const server = await startToyServer({
    accept: {
      security: 'plain',
      listen: anyPort,
      clock: systemClock,
      ...(certificate === undefined ? {} : { identity: world.identity(certificate) }),
    },
    accounts: [alice],
    random: randomBytes,
    ...(idleTimeout === undefined ? {} : { idleTimeout }),
  });
  t.teardown(async () => server.close(100));
  return server;
}

const client = (to: Address, more: Partial<ToyLogInOptions> = {}): ToyLogInOptions => ({
  dial: { security: 'plain', to, clock: systemClock },
  lock: 'shared-key',
  form: { username: alice.user, password: alice.password, rrn: alice.rrn },
  random: randomBytes,
  timeout: 3000,
  ...more,
});

for (const lock of toyLocks) {
  test(`${lock}: the right password is welcome, another is not, and no secret is on the wire`, async (t) => {
    const server = await toyShop(t);
    const log = newLog();
    const dial = {
      security: 'plain',
      to: server.address,
      clock: systemClock,
      tap: { log, hop: 'A' },
    } as const;
    t.like(await logInToy(client(server.address, { lock, dial })), { outcome: 'admitted', user: 'alice' });
    const wire = Buffer.concat(log.events.flatMap((event) => (event.type === 'bytes' ? [event.bytes] : [])));
    t.true(wire.length > 200);
    t.false(wire.includes(alice.password));
    t.like(server.report(), { connections: 1, logins: [{ user: 'alice', accepted: true }] });
    t.like(
      await logInToy(
        client(server.address, { lock, form: { ...alice, username: 'alice', password: 'another' } }),
      ),
      { outcome: 'denied' },
    );
    t.like(await logInToy(client(server.address, { lock, form: { ...alice, username: 'nobody' } })), {
      outcome: 'denied',
    });
    t.deepEqual(server.report().logins, [
      { user: 'alice', accepted: false },
      { user: 'nobody', accepted: false },
    ]);
  });
}

test('a server without a padlock says so; one whose key cannot encrypt is an error', async (t) => {
  const server = await toyShop(t, {});
  t.like(await logInToy(client(server.address, { lock: 'rsa-oaep' })), {
    outcome: 'failed',
    error: { code: 'NO_ANSWER' },
  });
  t.like(await logInToy(client(server.address)), { outcome: 'admitted' });
  await t.throwsAsync(toyShop(t, { certificate: 'curve' }), { instanceOf: UserError });
});

test('a password that is too long for the key is not sent', async (t) => {
  const server = await toyShop(t);
  const result = await logInToy(
    client(server.address, {
      lock: 'rsa-oaep',
      form: { ...alice, username: 'alice', password: 'x'.repeat(300) },
    }),
  );
  t.like(result, { outcome: 'failed', error: { code: 'TOO_LONG' } });
  t.deepEqual(server.report().logins, []);
});

/** What the server answers to these bytes, until it closes. */
async function say(to: Address, bytes: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: to.host, port: to.port });
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
}

test('any other input is answered with ERROR once, and closed', async (t) => {
  const server = await toyShop(t);
  const hostile: readonly (readonly [string, Uint8Array])[] = [
    ['another protocol', Buffer.from('GET / HTTP/1.1\r\nHost: shop\r\n\r\n')],
    ['a text before the key', Buffer.from(`CIPHERTEXT ${'00'.repeat(12)} 00 ${'00'.repeat(16)}\r\n`)],
    [
      'a text under another key',
      Buffer.from(
        `KEY aes-128-gcm ${'00'.repeat(16)}\r\nCIPHERTEXT ${'00'.repeat(12)} 00 ${'00'.repeat(16)}\r\n`,
      ),
    ],
    [
      'noise in the lock',
      Buffer.from(`LOCKED alice rsa-oaep-sha256 ${randomBytes(256).toString('base64')}\r\n`),
    ],
    ['a lock of another size', Buffer.from('LOCKED alice rsa-unpadded AAAA\r\n')],
    ['a line without an end', Buffer.alloc(100_000, 'x')],
    ['more lines than a login has', Buffer.from(`KEY aes-128-gcm ${'00'.repeat(16)}\r\n`.repeat(1000))],
    ['the server’s own words', Buffer.from('WELCOME alice\r\nDENIED\r\n')],
  ];
  for (const [what, bytes] of hostile) t.is(await say(server.address, bytes), 'ERROR\r\n', what);
  t.deepEqual(server.report().logins, []);
  t.like(await logInToy(client(server.address)), { outcome: 'admitted' }, 'and it goes on serving');
});

test('an idle client is disconnected', async (t) => {
  const server = await toyShop(t, { idleTimeout: 50 });
  t.is(await say(server.address, new Uint8Array()), '');
});

test('a rejected client that keeps sending is disconnected', async (t) => {
  const server = await toyShop(t, { idleTimeout: 100 });
  const socket = connect({ ...server.address, allowHalfOpen: true });
  t.teardown(() => socket.destroy());
  socket.on('error', () => {});
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  const talking = setInterval(() => socket.write('and another thing\r\n'), 10);
  t.teardown(() => clearInterval(talking));
  await closed;
  t.pass();
});

/** A peer that does that to each connection. */
async function peer(t: ExecutionContext, act: (socket: Socket) => void): Promise<Address> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket.on('error', () => {}));
    act(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

test('a client settles whatever the server does: noise, endless lines, a reset, silence, another padlock', async (t) => {
  const acts: readonly (readonly [string, (socket: Socket) => void])[] = [
    ['noise', (socket) => socket.end(randomBytes(3000))],
    ['a line without an end', (socket) => socket.write(Buffer.alloc(100_000, 'x'))],
    ['an end', (socket) => socket.end()],
    ['a reset', (socket) => socket.resetAndDestroy()],
    ['silence', (socket) => socket.resume()],
    ['a padlock that is none', (socket) => socket.end('PADLOCK AAAA\r\n')],
    ['an answer in clear where a sealed one is due', (socket) => socket.end('WELCOME alice\r\n')],
  ];
  for (const [what, act] of acts) {
    const to = await peer(t, act);
    for (const lock of toyLocks)
      t.like(await logInToy(client(to, { lock, timeout: 150 })), { outcome: 'failed' }, `${what}, ${lock}`);
  }
});

test('a client that is aborted, or finds a closed port, reports it', async (t) => {
  const to = await peer(t, (socket) => socket.resume());
  const controller = new AbortController();
  const over = logInToy(client(to, { signal: controller.signal, timeout: 60_000 }));
  controller.abort();
  t.like(await over, { outcome: 'failed' });
  const closed = await logInToy(client({ host: '127.0.0.1', port: 1 }));
  t.like(closed, { outcome: 'failed', believedConnected: false, error: { code: 'ECONNREFUSED' } });
});
