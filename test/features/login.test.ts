import test from 'ava';
import { logIn } from '../../src/peers/client/log-in.ts';
import type { Security, TlsChoices } from '../../src/wire/endpoint.ts';
import { nowhere } from '../helpers/nowhere.ts';
import { alice, dialing, loginOptions, newLog, openShop, world } from './support/shop.ts';

const versions: readonly TlsChoices[] = [
  { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' },
  { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' },
];
const channels: readonly { name: string; security: Security; tls?: TlsChoices }[] = [
  { name: 'plain', security: 'plain' },
  ...(['tls', 'mtls'] as const).flatMap((security) =>
    versions.map((tls) => ({ name: `${security}, ${tls.maxVersion}`, security, tls })),
  ),
];

for (const { name, security, tls } of channels) {
  test(`a user is admitted and named: ${name}`, async (t) => {
    const { server, log } = await openShop(t, security, tls ? { tls } : {});
    const result = await logIn(loginOptions(log, dialing(security, server.address)));
    t.like(result, { outcome: 'admitted', status: 200, user: 'alice', believedConnected: true });
    t.is(result.error, undefined);
    t.true(result.sentBytes > 300);
    t.deepEqual(server.report(), {
      kind: 'served',
      connections: 1,
      requests: 2,
      logins: [{ user: 'alice', accepted: true }],
    });
    t.deepEqual(server.report(), { kind: 'served', connections: 0, requests: 0, logins: [] });
    t.deepEqual(log.events.at(-1)?.type, 'observed');
    t.true(
      await log.until(() => log.events.some((event) => event.type === 'closed' && event.how === 'end'), 2000),
    );
    t.is(log.events.filter((event) => event.type === 'opened').length, 1, 'one connection for both requests');
    const conn = log.events.find((event) => event.type === 'opened');
    t.deepEqual(result.from, conn?.from);
  });

  test(`a wrong password is denied: ${name}`, async (t) => {
    const { server, log } = await openShop(t, security, tls ? { tls } : {});
    const result = await logIn(
      loginOptions(log, dialing(security, server.address), { password: 'tiger-lilx' }),
    );
    t.like(result, { outcome: 'denied', status: 401, believedConnected: true });
    const stranger = await logIn(loginOptions(log, dialing(security, server.address), { user: 'eve' }));
    t.like(stranger, { outcome: 'denied', status: 401 });
    t.deepEqual(server.report().logins, [
      { user: 'alice', accepted: false },
      { user: 'eve', accepted: false },
    ]);
  });
}

for (const tls of versions) {
  test(`a client that does not know the server's CA refuses and sends nothing: ${tls.maxVersion}`, async (t) => {
    const { server, log } = await openShop(t, 'tls', { tls, identity: world().identity('impostor') });
    const result = await logIn(loginOptions(log, dialing('tls', server.address)));
    t.like(result, { outcome: 'refusing', believedConnected: false, sentBytes: 0 });
    t.truthy(result.error);
    t.is(server.report().requests, 0);
    const careless = await logIn(loginOptions(log, dialing('tls', server.address, { verify: false })));
    t.is(careless.outcome, 'admitted', 'the twin: the same server, not verified');
  });

  for (const [who, identity] of [
    ['of an unknown CA', 'mallory'],
    ['without a certificate', undefined],
  ] as const) {
    test(`a client ${who} is refused and reaches no login: ${tls.maxVersion}`, async (t) => {
      const { server, log } = await openShop(t, 'mtls', { tls });
      const { identity: _alice, ...bare } = dialing('mtls', server.address);
      const result = await logIn(
        loginOptions(log, identity ? { ...bare, identity: world().identity(identity) } : bare),
      );
      t.is(result.outcome, 'refused');
      t.is(result.believedConnected, tls.maxVersion === 'TLSv1.3');
      t.is(result.sentBytes > 0, tls.maxVersion === 'TLSv1.3');
      t.deepEqual(server.report(), { kind: 'served', connections: 0, requests: 0, logins: [] });
    });
  }
}

test('a login in Korean letters, with every character that a form escapes', async (t) => {
  const { server, log } = await openShop(t, 'plain');
  const result = await logIn(
    loginOptions(log, dialing('plain', server.address), { user: 'bob', password: '비밀번호' }),
  );
  t.like(result, { outcome: 'admitted', user: 'bob' });
});

test('a closed port: failed, with the error code of the network', async (t) => {
  const result = await logIn(loginOptions(newLog(), dialing('plain', nowhere)));
  t.like(result, {
    outcome: 'failed',
    believedConnected: false,
    sentBytes: 0,
    error: { code: 'ECONNREFUSED' },
  });
});

test('a signal calls a login off, before and during', async (t) => {
  const { server, log } = await openShop(t, 'plain');
  const before = await logIn(
    loginOptions(log, dialing('plain', server.address), { signal: AbortSignal.abort() }),
  );
  t.like(before, { outcome: 'failed', sentBytes: 0, error: { code: 'ABORT_ERR' } });
  t.is(alice.user, 'alice');
});
