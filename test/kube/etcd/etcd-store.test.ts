/** A store in etcd, real and embedded: what every store does, and what is etcd's own: pages, compaction, strangers' values, two servers. */
import { StoreCompacted, StoreFailure } from '../../../src/kube/store/store.ts';
import type { StoreReport } from '../../../src/kube/etcd/etcd-store.ts';
import { clientOf, newPlace, onEveryEtcd, storeAt } from '../support/etcd.ts';
import { objectOf, storeCases, watchedBy } from '../support/store-cases.ts';

const key = (name: string): string => `/registry/core/configmaps/default/${name}`;
const all = '/registry/core/';
/** Where it is in etcd. */
const place = (name: string, prefix = '/registry'): string => `${prefix}/configmaps/default/${name}`;
const asking = { signal: new AbortController().signal };

for (const [title, run] of storeCases) {
  onEveryEtcd(title, async (t, etcd) => run(t, await etcd.store(t)));
}

onEveryEtcd(
  'a value is the object’s protobuf without its version, under kube-apiserver’s key',
  async (t, backend) => {
    const { etcd } = await backend.own(t);
    const store = storeAt(t, etcd.address);
    const made = await store.create(key('a'), objectOf('a', { data: { a: '1' } }));
    const client = clientOf(t, etcd.address);
    const { items } = await client.range({ key: place('a') }, asking);
    t.is(
      items[0]?.value.toString('latin1'),
      'k8s\0\n\x0f\n\x02v1\x12\tConfigMap\x12\r\n\x03\n\x01a\x12\x06\n\x01a\x12\x011\x1a\0"\0',
    );
    t.is(items[0]?.modRevision, made.revision);
    const again = await store.update(key('a'), made.object, made.revision);
    t.deepEqual((await store.get(key('a')))?.object, again.object);
  },
);

onEveryEtcd('a list of more than one page comes whole, at one revision', async (t, backend) => {
  const { etcd } = await backend.shared();
  const prefix = newPlace();
  const names = Array.from({ length: 610 }, (_, n) => `n${String(n).padStart(4, '0')}`);
  const puts = names.map((name) => ({
    put: { key: place(name, prefix), value: JSON.stringify(objectOf(name)) },
  }));
  // etcd takes 128 at a time.
  for (let from = 0; from < puts.length; from += 122)
    await clientOf(t, etcd.address).transact(
      { compare: [], success: puts.slice(from, from + 122), failure: [] },
      asking,
    );
  const { items, revision } = await (await backend.store(t, { prefix })).list(all);
  t.deepEqual(
    items.map(({ object }) => object.metadata.name),
    names,
  );
  t.true(items.every((item) => item.revision <= revision));
});

onEveryEtcd(
  'a page that is too large for one answer is asked for in smaller ones; one object always fits',
  async (t, backend) => {
    const store = await backend.store(t, { client: { limits: { body: 100_000, line: 1_000_000 } } });
    const names = Array.from({ length: 20 }, (_, n) => `n${String(n).padStart(2, '0')}`);
    for (const name of names) await store.create(key(name), objectOf(name, { data: 'x'.repeat(30_000) }));
    t.deepEqual(
      (await store.list(all)).items.map(({ object }) => object.metadata.name),
      names,
    );
  },
);

onEveryEtcd('one deletion of more than a line of a watch holds is told whole', async (t, backend) => {
  const { etcd } = await backend.shared();
  const prefix = newPlace();
  const store = await backend.store(t, { prefix });
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  let revision = 0;
  for (const name of names)
    ({ revision } = await store.create(key(name), objectOf(name, { data: 'x'.repeat(500_000) })));
  const watched = await watchedBy(store, all, revision);
  await clientOf(t, etcd.address).remove({ key: place('', prefix), end: place('~', prefix) }, asking);
  await watched.until(names.length);
  watched.stop();
  t.deepEqual(
    watched.lines,
    names.map((name) => `DELETED ${key(name)} ${watched.events[0]?.revision}`),
  );
});

onEveryEtcd('what is larger than etcd takes is refused in its words', async (t, backend) => {
  const store = await backend.store(t);
  for (const [size, message] of [
    [1_600_000, /^etcdserver: request is too large$/],
    [3_000_000, /^grpc: received message larger than max/],
  ] as const) {
    await t.throwsAsync(store.create(key('a'), objectOf('a', { data: 'x'.repeat(size) })), {
      instanceOf: StoreFailure,
      message,
    });
  }
  t.is(await store.get(key('a')), undefined);
});

onEveryEtcd(
  'what strangers put there is an error to who reads it, and passed over by who watches',
  async (t, backend) => {
    const { etcd } = await backend.shared();
    const prefix = newPlace();
    const reports: StoreReport[] = [];
    const store = await backend.store(t, { prefix, onReport: (report) => void reports.push(report) });
    const client = clientOf(t, etcd.address);
    const at = place('a', prefix);
    const made = await store.create(key('a'), objectOf('a'));
    const watched = await watchedBy(store, all, made.revision);
    for (const value of [
      'hello',
      '[]',
      '{"kind":"X"}',
      `{"a":${'['.repeat(100_000)}`,
      new Uint8Array([0xff, 0xfe]),
    ])
      await client.put(at, value, asking);
    await t.throwsAsync(store.get(key('a')), {
      instanceOf: StoreFailure,
      message: `what is stored under ${at} is no object`,
    });
    await t.throwsAsync(store.list(all), { instanceOf: StoreFailure });
    const { revision } = await client.put(
      at,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}',
      asking,
    );
    await watched.until(2);
    // It went when it became unreadable, and came when it was readable again.
    t.deepEqual(
      watched.lines.map((line) => line.split(' ')[0]),
      ['DELETED', 'ADDED'],
    );
    t.is(watched.events[1]?.revision, revision);
    t.is(reports.filter(({ kind }) => kind === 'unreadable').length, 5);
  },
);

onEveryEtcd('watches go on over a restart of whoever watches, from where they were', async (t, backend) => {
  const prefix = newPlace();
  const before = await backend.store(t, { prefix });
  const { revision } = await before.create(key('a'), objectOf('a'));
  const second = await before.create(key('b'), objectOf('b'));
  await before.close();
  const after = await backend.store(t, { prefix });
  const watched = await watchedBy(after, all, revision);
  await watched.until(1);
  t.deepEqual(watched.lines, [`ADDED ${key('b')} ${second.revision}`]);
});

onEveryEtcd('two servers on one etcd see each other’s writes, and are refused as one', async (t, backend) => {
  const prefix = newPlace();
  const [one, other] = await Promise.all([backend.store(t, { prefix }), backend.store(t, { prefix })]);
  const made = await one.create(key('a'), objectOf('a'));
  const watched = await watchedBy(other, all, made.revision);
  const changed = await one.update(key('a'), objectOf('a', { data: { a: '1' } }), made.revision);
  await watched.until(1);
  t.deepEqual(watched.events[0]?.object, changed.object);
  await t.throwsAsync(other.update(key('a'), objectOf('a'), made.revision), { name: 'StoreConflict' });
});

onEveryEtcd(
  'the server forgets what is old, as kube-apiserver does, and only what is older than one turn',
  async (t, backend) => {
    const { etcd } = await backend.own(t);
    const store = storeAt(t, etcd.address, { compactEvery: 0 });
    const client = clientOf(t, etcd.address);
    const first = await store.create(key('a'), objectOf('a'));
    const early = await watchedBy(store, all, first.revision - 1);
    await early.until(1);
    storeAt(t, etcd.address, { compactEvery: 20 });
    const compacted = async (): Promise<boolean> =>
      client.range({ key: place('a'), revision: first.revision }, asking).then(
        () => false,
        () => true,
      );
    let { revision } = first;
    let writes = 1;
    for (; !(await compacted()); writes++)
      ({ revision } = await store.update(key('a'), objectOf('a', { data: { writes } }), revision));
    t.is((await client.range({ key: 'compact_rev_key' }, asking)).count, 1);
    await early.until(writes);
    // What was told of lately is known here, compacted or not.
    const late = await watchedBy(store, all, first.revision);
    t.deepEqual(late.lines, early.lines.slice(1));
  },
);

onEveryEtcd(
  'who begins behind a compaction is told so, and from there on nothing is missing',
  async (t, backend) => {
    const { etcd } = await backend.own(t);
    const client = clientOf(t, etcd.address);
    const before = storeAt(t, etcd.address, { compactEvery: 0 });
    let { revision } = await before.create(key('a'), objectOf('a'));
    const first = revision;
    for (let n = 0; n < 5; n++)
      ({ revision } = await before.update(key('a'), objectOf('a', { data: { n } }), revision));
    await before.close();
    await client.compact(revision - 2, asking);
    const after = storeAt(t, etcd.address, { compactEvery: 0 });
    await after.update(key('a'), objectOf('a'), revision);
    // At once, or as soon as etcd has said so.
    const told = await watchedBy(after, all, first).then(
      async ({ lost }) => lost,
      (error: unknown) => error,
    );
    t.true(told instanceof StoreCompacted);
    const watched = await watchedBy(after, all, revision - 2);
    await watched.until(3);
    t.deepEqual(
      watched.events.map((event) => event.revision),
      [revision - 1, revision, revision + 1],
    );
  },
);
