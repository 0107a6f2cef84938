/** What is done with an object between a client and the store: the order of the hooks, and which parts of it count. */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { permissive } from '../../../../src/kube/apiserver/hooks.ts';
import type { ApiHooks, Change } from '../../../../src/kube/apiserver/hooks.ts';
import { MemoryStore } from '../../../../src/kube/store/memory-store.ts';
import { ApiFailure } from '../../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../../src/kube/objects/objects.ts';
import { Registry, systemNamespaces } from '../../../../src/kube/apiserver/registry/registry.ts';
import type { NamedTarget } from '../../../../src/kube/apiserver/registry/registry.ts';
import { apiVersionOf, resources, storePrefix } from '../../../../src/kube/apiserver/resources.ts';
import { StoreFailure } from '../../../../src/kube/store/store.ts';
import type { Store } from '../../../../src/kube/store/store.ts';

const clock = { now: () => Date.parse('2026-11-26T06:00:00.123Z') };

function registryWith(hooks: Partial<ApiHooks> = {}, store: Store = new MemoryStore()): Registry {
  return new Registry({ store, hooks: { ...permissive, ...hooks }, clock, random: randomBytes });
}

function targetOf(plural: string, name = '', subresource = ''): NamedTarget {
  const type = resources.find((row) => row.plural === plural)!;
  const namespace = type.namespaced ? 'default' : undefined;
  const user = { name: 'alice', groups: [] };
  return {
    type,
    namespace,
    name,
    subresource,
    dryRun: false,
    attributes: { user, verb: 'x', group: type.group, version: 'v1', resource: plural },
  };
}

const objectOf = (
  { type }: NamedTarget,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): KubeObject => ({ apiVersion: apiVersionOf(type), kind: type.kind, metadata: { name }, ...more });
const requests = targetOf('certificatesigningrequests');
const named = (subresource = ''): NamedTarget => targetOf('certificatesigningrequests', 'alice', subresource);

test('two servers may begin on one store', async (t) => {
  const store = new MemoryStore();
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: 'view' },
    rules: [],
  };
  await Promise.all([registryWith({}, store).begin([role]), registryWith({}, store).begin([role])]);
  await registryWith({}, store).begin([{ ...role, rules: [{ verbs: ['*'] }] }]);
  const [kept, ...more] = (await store.list('/registry/rbac.authorization.k8s.io/clusterroles/')).items;
  t.deepEqual([kept?.object['rules'], more], [[], []]);
  t.is(typeof kept?.object.metadata.uid, 'string');
  t.deepEqual(
    (await store.list('/registry/core/namespaces/')).items.map(({ object }) => object.metadata.name),
    [...systemNamespaces],
  );
  t.is((await store.list('/registry/core/serviceaccounts/')).items.length, systemNamespaces.length);
});

test('what is deleted of what a new store was given stays deleted, and a first start that broke off is gone on with', async (t) => {
  const store = new MemoryStore();
  const roleOf = (name: string): KubeObject => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name },
    rules: [],
  });
  const begin = async (from: Store): Promise<void> =>
    registryWith({}, from).begin([roleOf('view')], [roleOf('kubeadm:one'), roleOf('kubeadm:two')]);
  const prefix = '/registry/rbac.authorization.k8s.io/clusterroles/';
  const names = async (): Promise<readonly string[]> =>
    (await store.list(prefix)).items.map(({ object }) => object.metadata.name);
  for (const breaksAt of ['kubeadm:two', 'kube-public', 'kube-system']) {
    const breaking = Object.create(store, {
      create: {
        value: async (key: string, object: KubeObject) =>
          object.metadata.name === breaksAt
            ? Promise.reject(new StoreFailure('gone'))
            : store.create(key, object),
      },
    }) as Store;
    Object.assign(breaking, { missing: async (keys: readonly string[]) => store.missing(keys) });
    await t.throwsAsync(begin(breaking), { instanceOf: StoreFailure });
    for (const name of await names()) await store.remove(`${prefix}${name}`);
  }
  await begin(store);
  t.deepEqual(await names(), ['kubeadm:one', 'kubeadm:two', 'view']);
  for (const name of ['kubeadm:one', 'view']) await store.remove(`${prefix}${name}`);
  await begin(store);
  t.deepEqual(await names(), ['kubeadm:two', 'view']);
});

test('a kind’s own rules come first, admission sees what they made, and that is stored', async (t) => {
  const asked: string[] = [];
  const registry = registryWith({
    behaviours: {
      'certificatesigningrequests.certificates.k8s.io': {
        create: ({ object, attributes, old, at }: Change) => {
          asked.push(`create ${attributes.user.name} ${old?.metadata.name ?? 'nothing'} ${at}`);
          return { ...object, spec: { username: attributes.user.name } };
        },
      },
    },
    admit: async ({ operation, object }) => {
      asked.push(`admit ${operation} ${JSON.stringify(object['spec'])}`);
      return Promise.resolve({ ...object, metadata: { ...object.metadata, labels: { admitted: 'yes' } } });
    },
  });
  const made = await registry.create(
    requests,
    objectOf(requests, 'alice', { spec: { username: 'root' }, status: { certificate: 'AA==' } }),
  );
  t.deepEqual(asked, [`create alice nothing ${clock.now()}`, 'admit CREATE {"username":"alice"}']);
  t.deepEqual(
    [made['spec'], made['status'], made.metadata.labels],
    [{ username: 'alice' }, {}, { admitted: 'yes' }],
  );
  t.is(made.metadata.creationTimestamp, '2026-11-26T06:00:00Z');
});

test('each address of an object writes its own part, and asks its own rule', async (t) => {
  const asked: string[] = [];
  const rule =
    (part: string) =>
    ({ object, old }: Change): KubeObject => {
      asked.push(`${part} ${old?.metadata.name}`);
      return object;
    };
  const registry = registryWith({
    behaviours: {
      'certificatesigningrequests.certificates.k8s.io': {
        update: { '': rule('object'), approval: rule('approval'), status: rule('status') },
      },
    },
  });
  const spec = { signerName: 'example.com/x' };
  await registry.create(requests, objectOf(requests, 'alice', { spec }));
  const wanted = objectOf(requests, 'alice', {
    metadata: { name: 'alice', labels: { a: 'b' } },
    spec: { signerName: 'example.com/y' },
    status: { conditions: [{ type: 'Approved' }] },
  });
  const approved = await registry.update(named('approval'), () => wanted);
  t.deepEqual(
    [approved['spec'], approved['status'], approved.metadata.labels],
    [spec, wanted['status'], undefined],
  );
  const changed = await registry.update(named(), () => ({ ...wanted, status: { conditions: [] } }));
  t.deepEqual(
    [changed['spec'], changed['status'], changed.metadata.labels],
    [wanted['spec'], wanted['status'], { a: 'b' }],
  );
  await registry.update(named('status'), (current) => ({ ...current, status: {} }));
  t.deepEqual(asked, ['approval alice', 'object alice', 'status alice']);
});

test('what a rule or admission refuses is not written, and a dry run is not either', async (t) => {
  const store = new MemoryStore();
  const refuse = new ApiFailure('Forbidden', 'no');
  const configMaps = targetOf('configmaps');
  const open = registryWith({}, store);
  await open.begin();
  await open.create(configMaps, objectOf(configMaps, 'kept'));
  const { revision } = await store.list('/');
  const registry = registryWith({ admit: async () => Promise.reject(refuse) }, store);
  t.is(await t.throwsAsync(registry.create(configMaps, objectOf(configMaps, 'x'))), refuse);
  t.is(
    await t.throwsAsync(
      registry.update(targetOf('configmaps', 'kept'), (current) => ({ ...current, data: { a: '1' } })),
    ),
    refuse,
  );
  t.is(await t.throwsAsync(registry.remove(targetOf('configmaps', 'kept'), { dryRun: false })), refuse);
  const dry = { dryRun: true };
  t.is((await open.create({ ...configMaps, ...dry }, objectOf(configMaps, 'x'))).metadata.name, 'x');
  t.deepEqual(
    (
      await open.update({ ...targetOf('configmaps', 'kept'), ...dry }, (current) => ({
        ...current,
        data: { a: '1' },
      }))
    )['data'],
    { a: '1' },
  );
  t.true((await open.remove(targetOf('configmaps', 'kept'), dry)).gone);
  t.is((await store.list('/')).revision, revision);
});

test('a generated name that is taken is generated anew, and a change that meets another is done again', async (t) => {
  const store = new MemoryStore();
  const letters = [0, 0, 1];
  const registry = new Registry({
    store,
    hooks: permissive,
    clock,
    random: (length) => (length === 5 ? new Uint8Array(5).fill(letters.shift() ?? 7) : randomBytes(length)),
  });
  await registry.begin();
  const pods = targetOf('pods');
  const pod = {
    ...objectOf(pods, ''),
    metadata: { name: '', generateName: 'job-' },
    spec: { containers: [{ name: 'a', image: 'b' }] },
  };
  const names = [await registry.create(pods, pod), await registry.create(pods, pod)].map(
    ({ metadata }) => metadata.name,
  );
  t.deepEqual(names, ['job-bbbbb', 'job-ccccc']);
  let turns = 0;
  const target = targetOf('pods', 'job-bbbbb');
  const changed = await registry.update(target, (current) => {
    // Somebody else is faster, twice.
    if (turns++ < 2)
      void store.update(
        `${storePrefix(target.type, 'default')}job-bbbbb`,
        { ...current, metadata: { ...current.metadata, annotations: { turn: String(turns) } } },
        Number(current.metadata.resourceVersion),
      );
    return { ...current, metadata: { ...current.metadata, labels: { a: 'b' } } };
  });
  t.is(turns, 3);
  t.deepEqual([changed.metadata.labels, changed.metadata.annotations], [{ a: 'b' }, { turn: '2' }]);
});

test('who is always met by others is told in the end', async (t) => {
  const store = new MemoryStore();
  const registry = registryWith({}, store);
  await registry.begin();
  const target = targetOf('configmaps', 'x');
  await registry.create(target, objectOf(target, 'x'));
  let turns = 0;
  const changing = registry.update(target, (current) => {
    void store.update(
      `${storePrefix(target.type, 'default')}x`,
      { ...current, data: { turn: String(turns++) } },
      Number(current.metadata.resourceVersion),
    );
    return { ...current, metadata: { ...current.metadata, labels: { a: 'b' } } };
  });
  const error = await t.throwsAsync(changing, { instanceOf: ApiFailure });
  t.is(error?.status.code, 409);
  t.is(turns, 20);
});
