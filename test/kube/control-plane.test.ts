/** A whole cluster as one thing: it begins, tells each component's wire apart, and ends, whatever its components are doing. */
import { connect } from 'node:net';
import test from 'ava';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { textAt } from '../../src/kube/objects/json.ts';
import { MemoryStore } from '../../src/kube/store/memory-store.ts';
import { accountToken } from '../../src/kube/components/kube-proxy.ts';
import { startKubectl, token, world } from './support/control-plane.ts';
import { ca, callAs, isRunning, pod, pods, Reports, startWhole } from './components/support/whole.ts';

test.serial('every component comes over a wire of its own, and one pod lights them all', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const tap = (hop: string): { readonly tap: { readonly log: CaptureLog; readonly hop: string } } => ({
    tap: { log, hop },
  });
  const reports = new Reports();
  const starting = startWhole(t, {
    ...tap('A'),
    controllerManager: { ...tap('C'), controllers: ['certificates', 'cluster'] },
    scheduler: tap('D'),
    kubelet: tap('E'),
    kubelets: { identity: world.identity('apiserver-kubelet-client'), ...tap('G') },
    kubeProxy: {
      trust: ca,
      ...tap('F'),
      onReport: reports.add,
      token: async (to) =>
        accountToken(
          {
            to,
            authorities: [ca],
            identity: world.identity('admin.conf'),
            clock: systemClock,
            userAgent: 'kubeadm',
          },
          { namespace: 'kube-system', name: 'kube-proxy' },
          AbortSignal.timeout(10_000),
        ),
    },
  });
  const whole = await starting;
  await reports.next('watching');
  await whole.reports.next('registered');
  const before = log.events.length;
  await whole.ask('POST', pods, pod('web'));
  await whole.until('pods', 'web', isRunning);
  const fetched = await callAs(whole.controlPlane.address.port, 'GET', `${pods}/web/log`, {
    identity: world.identity('admin.conf'),
    ca,
  });
  t.is(fetched.code, 200);
  const all = new Set(log.events.flatMap((event) => (event.type === 'opened' ? [event.hop] : [])));
  t.deepEqual(
    [...all].toSorted((left, right) => (left < right ? -1 : 1)),
    ['A', 'C', 'D', 'E', 'F', 'G'],
  );
  // Who watches pods is told over a connection that is open.
  const hops = new Map(
    log.events.flatMap((event) => (event.type === 'opened' ? [[event.conn, event.hop] as const] : [])),
  );
  const told = log.events
    .slice(before)
    .flatMap((event) =>
      event.type === 'bytes' &&
      event.vantage === 'plaintext' &&
      event.from === 'server' &&
      Buffer.from(event.bytes).includes('"name":"web"')
        ? [hops.get(event.conn)]
        : [],
    );
  for (const hop of ['C', 'D', 'E']) t.true(told.includes(hop), hop);
  const spoke = new Set(
    log.events.slice(before).flatMap((event) => (event.type === 'bytes' ? [hops.get(event.conn)] : [])),
  );
  for (const hop of ['A', 'C', 'D', 'E', 'G']) t.true(spoke.has(hop), hop);
});

test.serial('it ends in the middle of everything, in time, and leaves nobody behind', async (t) => {
  const whole = await startWhole(t);
  await whole.reports.next('listening');
  const began = Date.now();
  await whole.controlPlane.close(0);
  t.true(Date.now() - began < 5_000);
  for (const port of [whole.controlPlane.address.port, whole.controlPlane.kubeletAddress?.port ?? 0]) {
    const refused = await new Promise((resolve) =>
      connect(port, '127.0.0.1')
        .on('error', () => resolve(true))
        .on('connect', () => resolve(false)),
    );
    t.true(refused);
  }
});

test.serial('leases are let go of when it ends', async (t) => {
  const whole = await startWhole(t, { kubelet: false });
  await whole.reports.next('leading', ({ lease }) => lease === 'kube-scheduler');
  await whole.reports.next('leading', ({ lease }) => lease === 'kube-controller-manager');
  await whole.controlPlane.close();
  const { items } = await whole.store.list('/registry/coordination.k8s.io/leases/kube-system/');
  t.deepEqual(
    items.map(({ object }) => textAt(object, 'spec', 'holderIdentity')),
    ['', ''],
  );
});

test.serial('a port that is taken is a mistake, and nothing stays', async (t) => {
  const first = await startWhole(t, { scheduler: false });
  await t.throwsAsync(
    startWhole(t, {
      scheduler: false,
      kubelet: { listen: first.controlPlane.kubeletAddress ?? { host: '', port: 0 } },
    }),
    { instanceOf: UserError },
  );
});

test.serial(
  'an identity that is none is a mistake, told when it ends where nobody else is told',
  async (t) => {
    const faults: unknown[] = [];
    const whole = await startWhole(t, {
      kubelet: false,
      controllerManager: false,
      scheduler: { identity: { certificate: world.certificate('bob'), key: 'none' } },
      onFault: (error) => faults.push(error),
    });
    await whole.controlPlane.close(0);
    t.true(faults[0] instanceof UserError);
  },
);

test.serial(
  'an object is waited for: that it is so, that it is gone, and no longer than the signal says',
  async (t) => {
    const whole = await startWhole(t, { kubelet: false, scheduler: false });
    const waiting = whole.until('pods', 'web', (object) => object !== undefined);
    await whole.ask('POST', pods, pod('web'));
    t.is((await waiting)?.metadata.name, 'web');
    const gone = whole.until('pods', 'web', (object) => object === undefined);
    await whole.ask('DELETE', `${pods}/web`);
    t.is(await gone, undefined);
    const ending = new AbortController();
    const never = whole.controlPlane.until(
      { plural: 'pods', namespace: 'default', name: 'web' },
      (object) => object !== undefined,
      ending.signal,
    );
    ending.abort();
    await t.throwsAsync(never, { any: true });
  },
);

test('what happens between a look and the watch that follows it is not missed, and ends the waiting', async (t) => {
  class Hasty extends MemoryStore {
    isArmed = false;

    override async list(prefix: string): ReturnType<MemoryStore['list']> {
      const listed = await super.list(prefix);
      if (this.isArmed && prefix.includes('/configmaps/')) {
        this.isArmed = false;
        await this.create(prefix, {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'late', namespace: 'default' },
        });
      }
      return listed;
    }
  }
  const store = new Hasty();
  const { controlPlane } = await startKubectl(t, { store, signs: false });
  store.isArmed = true;
  const late = { plural: 'configmaps', namespace: 'default', name: 'late' };
  const found = await controlPlane.until(late, (object) => object !== undefined, AbortSignal.timeout(10_000));
  t.is(found?.metadata.name, 'late');
  await t.throwsAsync(
    controlPlane.until(late, (object) => object === undefined, AbortSignal.abort(new Error('enough'))),
    { message: 'enough' },
  );
});

test.serial(
  'a restart makes no kubeadm object anew, gives its token another day, and clears away those that are over',
  async (t) => {
    const store = new MemoryStore();
    const listen = { host: '127.0.0.1', port: 0 };
    const still = { store, kubelet: false, scheduler: false, controllerManager: false } as const;
    const first = await startWhole(t, {
      ...still,
      listen,
      bootstrapTokens: [token, { id: 'zzzzzz', secret: token.secret }],
    });
    const roles = '/registry/rbac.authorization.k8s.io/';
    const deleted = [
      `${roles}clusterrolebindings/kubeadm:cluster-admins`,
      `${roles}clusterroles/kubeadm:get-nodes`,
      '/registry/core/serviceaccounts/kube-system/kube-proxy',
    ];
    for (const key of [...deleted, `${roles}clusterrolebindings/system:basic-user`]) await store.remove(key);
    await first.controlPlane.close(0);
    const clock = { ...systemClock, now: () => systemClock.now() + 86_400_001 };
    const second = await startWhole(t, { ...still, clock, bootstrapTokens: [token] });
    for (const key of deleted) t.is(await store.get(key), undefined, key);
    t.not(await store.get(`${roles}clusterrolebindings/system:basic-user`), undefined);
    const admitted = async (id: string): Promise<number> =>
      (await callAs(second.controlPlane.address.port, 'GET', '/apis', { token: `${id}.${token.secret}`, ca }))
        .code;
    t.deepEqual([await admitted(token.id), await admitted('zzzzzz')], [200, 401]);
    t.is((await store.list('/registry/core/secrets/kube-system/')).items.length, 1);
  },
);

test('an API server takes up another CA for clients and another certificate while it runs', async (t) => {
  const whole = await startWhole(t, { controllerManager: false, scheduler: false, kubelet: false });
  const { port } = whole.controlPlane.address;
  const rogue = world.authority('rogue-ca');
  const codeOf = async (user: string, trusted: string): Promise<number> =>
    (await callAs(port, 'GET', '/api/v1/nodes', { identity: world.identity(user), ca: trusted })).code;
  const named = async (): Promise<string> =>
    textAt(
      await whole.ask('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication'),
      'data',
      'client-ca-file',
    );
  t.is(await codeOf('mallory', ca), 401);
  t.is(await named(), ca);
  const identity = world.identity('apiserver');
  await whole.controlPlane.renew({ identity, clientAuthorities: [ca, rogue] });
  t.is(await codeOf('mallory', ca), 200);
  t.is(await codeOf('admin.conf', ca), 200);
  t.is(await named(), ca + rogue);
  await whole.controlPlane.renew({ identity: world.identity('fake-apiserver'), clientAuthorities: [rogue] });
  t.is(await codeOf('mallory', rogue), 200);
  t.is(await codeOf('admin.conf', rogue), 401);
  await t.throwsAsync(codeOf('mallory', ca));
});

test('pods are given the root CA file, in every namespace, also after it has changed', async (t) => {
  const store = new MemoryStore();
  const both = ca + world.authority('rogue-ca');
  for (const rootCertificate of [ca, both, ca]) {
    const whole = await startWhole(t, {
      store,
      rootCertificate,
      controllerManager: { controllers: ['cluster'] },
      scheduler: false,
      kubelet: false,
    });
    const signal = AbortSignal.timeout(20_000);
    for (const namespace of ['default', 'kube-system'])
      t.truthy(
        await whole.controlPlane.until(
          { plural: 'configmaps', namespace, name: 'kube-root-ca.crt' },
          (object) => textAt(object, 'data', 'ca.crt') === rootCertificate,
          signal,
        ),
      );
    await whole.controlPlane.close(0);
  }
});
