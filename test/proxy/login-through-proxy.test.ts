import test from 'ava';
import { logIn } from '../../src/peers/client/log-in.ts';
import { isThrough, proxyKindNames, proxyKinds } from '../../src/proxy/kinds.ts';
import type { Security } from '../../src/wire/endpoint.ts';
import { dialing, listening, loginOptions, newLog, openShop, world } from '../features/support/shop.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

/** What the client speaks to a proxy of that kind, when the shop behind it speaks `second`. */
function firstHop(kind: keyof typeof proxyKinds, behind: Security): Security {
  return isThrough(kind) ? behind : proxyKinds[kind].accepts;
}

for (const kind of proxyKindNames) {
  for (const pump of proxyKinds[kind].pumps) {
    for (const second of isThrough(kind) ? (['plain', 'tls', 'mtls'] as const) : proxyKinds[kind].dials) {
      test(`a login goes through: ${kind}, ${pump} pump, ${second} behind it`, async (t) => {
        const log = newLog();
        const { server } = await openShop(t, second, { log: newLog() });
        const proxy = await openProxy(t, {
          log,
          kind,
          to: server.address,
          second: isThrough(kind) ? 'plain' : second,
          more: { pump },
        });
        const way =
          kind === 'connect'
            ? dialing(firstHop(kind, second), server.address, { through: proxy.address })
            : dialing(firstHop(kind, second), proxy.address);
        const result = await logIn(loginOptions(log, way));
        t.like(result, { outcome: 'admitted', user: 'alice', status: 200 });
        // Who strips asks the site anew for each page.
        t.deepEqual(server.report(), {
          kind: 'served',
          connections: pump === 'strip' ? 2 : 1,
          requests: 2,
          logins: [{ user: 'alice', accepted: true }],
        });
        const seen = (hop: string): boolean => streamOf(log, hop, 'wire', 'client').includes('tiger-lily');
        t.is(seen('A'), firstHop(kind, second) === 'plain');
        t.is(seen('B'), second === 'plain');
        const denied = await logIn(loginOptions(log, way, { password: 'wrong' }));
        t.like(denied, { outcome: 'denied', status: 401 });
      });
    }
  }
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const pump of ['http', 'bytes'] as const) {
    for (const [who, identity, alert] of [
      ['of an unknown CA', 'mallory', 48],
      ['without a certificate', undefined, version === 'TLSv1.3' ? 116 : 40],
    ] as const) {
      test(`the target is not dialed for a client ${who}: ${version}, ${pump} pump`, async (t) => {
        const log = newLog();
        const { server } = await openShop(t, 'plain', { log: newLog() });
        const proxy = await openProxy(t, { log, kind: 'mtls', to: server.address, more: { pump } });
        const { identity: _alice, ...bare } = dialing('mtls', proxy.address, {
          tls: { minVersion: version, maxVersion: version },
        });
        const result = await logIn(
          loginOptions(log, identity ? { ...bare, identity: world().identity(identity) } : bare),
        );
        t.is(result.outcome, 'refused');
        t.is(result.error?.alert?.code, alert);
        t.is(result.believedConnected, version === 'TLSv1.3');
        t.is(result.sentBytes > 0, version === 'TLSv1.3');
        t.deepEqual(server.report(), { kind: 'served', connections: 0, requests: 0, logins: [] });
        t.deepEqual(eventsOf(log, 'opened', 'B'), []);
        t.true(await log.until(() => eventsOf(log, 'closed', 'A').length === 1, 2000), 'settled');
        t.is(eventsOf(log, 'refused', 'A').length, 1);

        const good = await logIn(loginOptions(log, { ...bare, identity: world().identity('alice') }));
        t.is(good.outcome, 'admitted', 'the twin: the same proxy admits a certificate of its own CA');
      });
    }
  }
}

test('a client refused over http gets 403 with the reason, and the target is not dialed', async (t) => {
  const log = newLog();
  const { server } = await openShop(t, 'plain', { log: newLog() });
  const proxy = await openProxy(t, { log, kind: 'mtls', to: server.address, more: { reject: 'http' } });
  const result = await logIn(
    loginOptions(log, dialing('mtls', proxy.address, { identity: world().identity('mallory') })),
  );
  t.like(result, { outcome: 'refused', status: 403 });
  t.true(streamOf(log, 'A', 'plaintext', 'server').includes('"reason":"unknown_ca"'));
  t.is(server.report().connections, 0);
  const good = await logIn(loginOptions(log, dialing('mtls', proxy.address)));
  t.is(good.outcome, 'admitted');
});

test('a client refuses a proxy under a CA that it does not know', async (t) => {
  const log = newLog();
  const { server } = await openShop(t, 'plain', { log: newLog() });
  const accept = listening('tls', { identity: world().identity('impostor') });
  const proxy = await openProxy(t, { log, kind: 'tls', to: server.address, more: { accept } });
  const result = await logIn(loginOptions(log, dialing('tls', proxy.address)));
  t.like(result, { outcome: 'refusing', believedConnected: false, sentBytes: 0 });
  t.is(server.report().connections, 0);
});

test('a proxy whose own certificate the target refuses says 502, and the refusal is an event', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const log = newLog();
    const { server } = await openShop(t, 'mtls', {
      log: newLog(),
      tls: { minVersion: version, maxVersion: version },
    });
    const dial = { ...dialing('mtls', server.address), identity: world().identity('mallory') };
    const proxy = await openProxy(t, { log, kind: 'plaintext', to: server.address, more: { dial } });
    const result = await logIn(loginOptions(log, dialing('plain', proxy.address)));
    t.like(result, { outcome: 'failed', status: 502 });
    t.like(eventsOf(log, 'refused', 'B'), {
      length: 1,
      0: { by: 'server', reason: 'unknown_ca', alert: { code: 48 } },
    });
    t.is(server.report().requests, 0);
  }
});
