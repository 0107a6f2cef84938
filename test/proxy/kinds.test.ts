import test from 'ava';
import { UserError } from '../../src/i18n/user-error.ts';
import { defaultPump, isProxyKind, proxyKindNames, proxyKinds } from '../../src/proxy/kinds.ts';
import { newLog } from '../features/support/shop.ts';
import { openProxy } from './support/proxies.ts';

test('every kind has a default pump that it allows, and a second hop', (t) => {
  for (const kind of proxyKindNames) {
    t.true((proxyKinds[kind].pumps as readonly string[]).includes(defaultPump(kind)));
    t.true((proxyKinds[kind].dials as readonly string[]).includes('plain'));
  }
  t.true(isProxyKind('mtls'));
  t.false(isProxyKind('toString'));
});

test('a combination that a kind does not have is a mistake, said before anything listens', async (t) => {
  const to = { host: '127.0.0.1', port: 1 };
  const http = await t.throwsAsync(
    openProxy(t, { log: newLog(), kind: 'passthrough', to, more: { pump: 'http' } }),
    { instanceOf: UserError },
  );
  t.like(http?.facts, { received: 'pump: http', expected: { en: 'pump: bytes' } });
  for (const kind of ['tls', 'mtls', 'passthrough', 'connect'] as const) {
    const strip = await t.throwsAsync(openProxy(t, { log: newLog(), kind, to, more: { pump: 'strip' } }), {
      instanceOf: UserError,
    });
    t.like(strip?.facts, { received: 'pump: strip' });
    t.regex(strip?.facts.what.en ?? '', /nothing to strip/);
  }
  const tls = await t.throwsAsync(openProxy(t, { log: newLog(), kind: 'passthrough', to, second: 'tls' }), {
    instanceOf: UserError,
  });
  t.is(tls?.facts.received, 'tls');
  const aged = openProxy(t, { log: newLog(), kind: 'passthrough', to, more: { timeouts: { age: 1000 } } });
  const age = await t.throwsAsync(aged, { instanceOf: UserError });
  t.like(age?.facts, { received: 'pump: bytes', expected: { en: 'pump: http' } });
});
