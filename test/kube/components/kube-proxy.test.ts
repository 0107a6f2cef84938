/** A kube-proxy against the API server: a token in the place of a certificate, asked for anew in time; and what it would program. */
import test from 'ava';
import { accountToken, lifeOf, rulesOf } from '../../../src/kube/components/kube-proxy.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { world } from '../support/control-plane.ts';
import { ca, Reports, startWhole } from './support/whole.ts';
import type { MovedClock, Whole } from './support/whole.ts';

const services = '/api/v1/namespaces/default/services';
const service = (name: string, spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: 'default' },
  spec,
});
const accounts = '/api/v1/namespaces/kube-system/serviceaccounts';

async function withProxy(
  t: Parameters<typeof startWhole>[0],
): Promise<{ readonly whole: Whole; readonly reports: Reports }> {
  const reports = new Reports();
  let clock: MovedClock | undefined;
  const token = async (to: Whole['controlPlane']['address']): Promise<string> => {
    if (!clock) throw new Error('asked too early');
    return accountToken(
      { to, authorities: [ca], identity: world.identity('admin.conf'), clock, userAgent: 'kubeadm' },
      { namespace: 'kube-system', name: 'kube-proxy' },
      AbortSignal.timeout(10_000),
    );
  };
  const starting = startWhole(t, {
    kubelet: false,
    scheduler: false,
    controllerManager: false,
    kubeProxy: {
      trust: ca,
      relist: 1,
      retry: 10,
      token: async (to) => starting.then(async () => token(to)),
      onReport: reports.add,
    },
  });
  const whole = await starting;
  clock = whole.clock;
  return { whole, reports };
}

test('it comes with the token of its account, watches, and tells what it would program', async (t) => {
  const { whole, reports } = await withProxy(t);
  await reports.next('watching');
  await whole.ask('POST', services, service('web', { clusterIP: '10.96.0.7', ports: [{ port: 80 }] }));
  t.deepEqual(await reports.next('rules'), {
    what: 'rules',
    service: 'default/web',
    rules: ['default/web 10.96.0.7:80/TCP'],
  });
  await whole.ask('DELETE', `${services}/web`);
  t.deepEqual(await reports.next('rules', ({ rules }) => rules.length === 0), {
    what: 'rules',
    service: 'default/web',
    rules: [],
  });
  const asked = whole.answers.filter(
    ({ user }) => user?.name === 'system:serviceaccount:kube-system:kube-proxy',
  );
  t.deepEqual([...new Set(asked.map(({ target }) => target.split('?')[0] ?? ''))].toSorted(), [
    '/api/v1/nodes',
    '/api/v1/services',
  ]);
  t.true(asked.every(({ code }) => code === 200));
  // One list of each, one watch of each, and one token for all of them.
  t.is(reports.of('token').length, 1);
});

test('before the token ends it asks for another one', async (t) => {
  const { whole, reports } = await withProxy(t);
  const { expires } = (await reports.next('token')) as { readonly expires?: number };
  await reports.next('watching');
  t.true(Math.abs((expires ?? 0) - whole.clock.now() - 3_600_000) < 60_000);
  whole.clock.move(50 * 60_000);
  await reports.next('token', () => reports.of('token').length === 2);
  await reports.next('watching', () => reports.of('watching').length > 1);
  t.true(reports.of('disconnected').every(({ code }) => code !== 'Unauthorized'));
});

test('a token that is no good any more is told 401, and another one asked for when there is its account again', async (t) => {
  const { whole, reports } = await withProxy(t);
  await reports.next('watching');
  await whole.ask('DELETE', `${accounts}/kube-proxy`);
  t.like(await reports.next('disconnected', ({ code }) => code === 'Unauthorized'), {
    message: 'Unauthorized',
  });
  await reports.next('disconnected', ({ code }) => code === 'NotFound');
  await whole.ask('POST', accounts, {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'kube-proxy' },
  });
  await reports.next('token', () => reports.of('token').length === 2);
  const before = reports.of('watching').length;
  await reports.next('watching', () => reports.of('watching').length > before);
  t.pass();
});

test('the life of a token, of one that is none, and of a hostile one', (t) => {
  const token = (claims: unknown): string =>
    `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`;
  t.deepEqual(lifeOf(token({ iat: 10, exp: 20 })), { from: 10_000, to: 20_000 });
  for (const none of [
    '',
    'a',
    'a.b.c',
    token(null),
    token([]),
    token({ iat: 20, exp: 10 }),
    token({ iat: '1', exp: 2 }),
  ])
    t.is(lifeOf(none), undefined, none);
});

test('services without an address of their own have no rules', (t) => {
  const ports = [{ port: 53, protocol: 'UDP' }, { port: 53 }];
  t.deepEqual(rulesOf(service('dns', { clusterIP: '10.96.0.10', ports })), [
    'default/dns 10.96.0.10:53/UDP',
    'default/dns 10.96.0.10:53/TCP',
  ]);
  t.deepEqual(rulesOf(service('six', { clusterIP: 'fd00::1', ports: [{ port: 1 }] })), [
    'default/six [fd00::1]:1/TCP',
  ]);
  for (const spec of [
    { clusterIP: 'None', ports },
    { ports },
    { clusterIP: '1.2.3.4', type: 'ExternalName', ports },
    {},
  ])
    t.deepEqual(rulesOf(service('x', spec)), []);
});
