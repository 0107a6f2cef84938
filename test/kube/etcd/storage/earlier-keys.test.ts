/** What an earlier version stored under keys of its own is moved, whatever interrupts that. */
import { EtcdClient } from '../../../../src/kube/etcd/client.ts';
import { moveEarlierKeys } from '../../../../src/kube/etcd/storage/earlier-keys.ts';
import { StoreFailure } from '../../../../src/kube/store/store.ts';
import { clientOf, onEveryEtcd, storeAt } from '../../support/etcd.ts';
import { objectOf } from '../../support/store-cases.ts';

const call = { signal: new AbortController().signal };
const earlier = (name: string): string => `/registry/core/configmaps/default/${name}`;
const names = Array.from({ length: 95 }, (_, n) => `n${String(n).padStart(3, '0')}`);

async function fill(client: EtcdClient): Promise<void> {
  for (const name of names)
    await client.put(earlier(name), JSON.stringify(objectOf(name, { data: { a: name } })), call);
  await client.put('/registry/rbac.authorization.k8s.io/roles/default/r', '{}', call);
  await client.put('/registry/core/nodes/n1', JSON.stringify({ ...objectOf('n1'), kind: 'Node' }), call);
}

const placesIn = async (client: EtcdClient): Promise<string[]> =>
  (await client.range({ key: '/registry/', end: '/registry0', keysOnly: true }, call)).items.map(({ key }) =>
    key.toString(),
  );
const moved = [
  ...names.map((name) => `/registry/configmaps/default/${name}`),
  '/registry/minions/n1',
  '/registry/roles/default/r',
];

onEveryEtcd('every object is moved once, with its value, and is read from there', async (t, backend) => {
  const { etcd } = await backend.own(t);
  const client = clientOf(t, etcd.address);
  await fill(client);
  t.is(await moveEarlierKeys(client, call), names.length + 2);
  t.deepEqual(await placesIn(client), moved);
  t.is(await moveEarlierKeys(client, call), 0);
  const store = storeAt(t, etcd.address);
  t.deepEqual(
    (await store.list('/registry/core/configmaps/')).items.map(({ key, object }) => [key, object['data']]),
    names.map((name) => [earlier(name), { a: name }]),
  );
  // JSON is written anew as protobuf by the next update, even one that changes nothing.
  t.true((await store.get(earlier('n000')))?.stale);
});

onEveryEtcd(
  'ended after any of its requests, nothing is lost, and the next start goes on',
  async (t, backend) => {
    const { etcd } = await backend.own(t);
    const client = clientOf(t, etcd.address);
    await fill(client);
    let ends = 0;
    for (let most = 1; ; most++) {
      let asked = 0;
      const cut = async (): Promise<void> => {
        if (++asked > most) throw new Error('killed');
        return Promise.resolve();
      };
      const dying = {
        range: async (...given: Parameters<EtcdClient['range']>) => (await cut(), client.range(...given)),
        transact: async (...given: Parameters<EtcdClient['transact']>) => (
          await cut(), client.transact(...given)
        ),
      } as unknown as EtcdClient;
      const result = await moveEarlierKeys(dying, call).catch((error: Error) => error.message);
      t.is((await placesIn(client)).length, moved.length);
      if (result !== 'killed') break;
      ends++;
    }
    // The first is which prefixes hold anything; each of two reads and moves twice and ends.
    t.true(ends > 4, String(ends));
    t.deepEqual(await placesIn(client), moved);
  },
);

onEveryEtcd('an object that is at both places is refused, and both stay', async (t, backend) => {
  const { etcd } = await backend.own(t);
  const client = clientOf(t, etcd.address);
  await client.put(earlier('a'), 'earlier', call);
  await client.put('/registry/configmaps/default/a', 'now', call);
  await t.throwsAsync(moveEarlierKeys(client, call), {
    instanceOf: StoreFailure,
    message:
      /stored twice, under \/registry\/core\/configmaps\/default\/a .* and under \/registry\/configmaps\/default\/a$/,
  });
  t.is((await placesIn(client)).length, 2);
});

onEveryEtcd('large objects are moved in several transactions', async (t, backend) => {
  const { etcd } = await backend.own(t);
  const client = clientOf(t, etcd.address);
  for (const name of ['a', 'b', 'c']) await client.put(earlier(name), 'x'.repeat(1_400_000), call);
  t.is(await moveEarlierKeys(client, call), 3);
});
