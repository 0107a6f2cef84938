/** A store in memory: revisions, conflicts, watches and bounds. */
import test from 'ava';
import type { KubeObject } from '../../src/kube/objects.ts';
import { MemoryStore } from '../../src/kube/memory-store.ts';
import { StoreCompacted, StoreConflict, StoreFull } from '../../src/kube/store.ts';
import type { StoreEvent } from '../../src/kube/store.ts';

const object = (name: string, more: Readonly<Record<string, unknown>> = {}): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
const told = ({ type, key, revision }: StoreEvent): string => `${revision} ${type} ${key}`;

test('every write has a revision of its own, and an object bears that of its last', async (t) => {
  const store = new MemoryStore();
  const one = await store.create('/a/1', object('1'));
  const two = await store.create('/a/2', object('2'));
  t.true(two.revision > one.revision);
  const changed = await store.update('/a/1', object('1', { data: {} }), one.revision);
  t.true(changed.revision > two.revision);
  t.is((await store.get('/a/1'))?.object.metadata.resourceVersion, String(changed.revision));
  const { items, revision } = await store.list('/a/');
  t.deepEqual(items.map(({ key }) => key), ['/a/1', '/a/2']);
  t.is(revision, changed.revision);
  t.deepEqual((await store.list('/b/')).items, []);
});

test('a write that expects another state is refused, and nothing is written', async (t) => {
  const store = new MemoryStore();
  const { revision } = await store.create('/a/1', object('1'));
  const refused = async (kind: StoreConflict['kind'], write: Promise<unknown>): Promise<void> => {
    const error = await t.throwsAsync(write, { instanceOf: StoreConflict });
    t.is(error?.kind, kind);
  };
  await refused('exists', store.create('/a/1', object('1')));
  await refused('changed', store.update('/a/1', object('1'), revision - 1));
  await refused('changed', store.remove('/a/1', revision + 1));
  await refused('missing', store.update('/a/2', object('2'), revision));
  await refused('missing', store.remove('/a/2'));
  t.is((await store.list('/')).revision, revision);
  await store.remove('/a/1', revision);
  t.is(await store.get('/a/1'), undefined);
});

test('a watch hears of everything under its prefix behind its revision, once and in order', async (t) => {
  const store = new MemoryStore();
  const first = await store.create('/a/1', object('1'));
  await store.create('/b/1', object('1'));
  const second = await store.create('/a/2', object('2'));
  const events: string[] = [];
  const stop = await store.watch('/a/', first.revision, (event) => void events.push(told(event)));
  t.deepEqual(events, [`${second.revision} ADDED /a/2`]);
  const changed = await store.update('/a/2', object('2', { data: {} }), second.revision);
  const gone = await store.remove('/a/2');
  stop();
  await store.create('/a/3', object('3'));
  t.deepEqual(events.slice(1), [`${changed.revision} MODIFIED /a/2`, `${gone.revision} DELETED /a/2`]);
  t.is(gone.object.metadata.resourceVersion, String(gone.revision));
});

test('a watch from the future waits for it', async (t) => {
  const store = new MemoryStore();
  const { revision } = await store.create('/a/1', object('1'));
  const events: string[] = [];
  await store.watch('/', revision + 1, (event) => void events.push(told(event)));
  await store.create('/a/2', object('2'));
  const third = await store.create('/a/3', object('3'));
  t.deepEqual(events, [`${third.revision} ADDED /a/3`]);
});

for (const bound of [{ historyEvents: 3 }, { historyBytes: 400 }]) {
  test(`a forgotten beginning is said, with ${JSON.stringify(bound)}`, async (t) => {
    const store = new MemoryStore(bound);
    const { revision } = await store.list('/');
    for (let n = 0; n < 10; n++) await store.create(`/a/${n}`, object(String(n)));
    await t.throwsAsync(store.watch('/', revision, () => {}), { instanceOf: StoreCompacted });
    const events: string[] = [];
    await store.watch('/', (await store.list('/')).revision - 1, (event) => void events.push(told(event)));
    t.is(events.length, 1);
  });
}

test('a full store refuses more, takes less, and has room again behind a deletion', async (t) => {
  const store = new MemoryStore({ quotaBytes: 1000 });
  const small = await store.create('/a/1', object('1', { data: { a: 'x'.repeat(600) } }));
  await t.throwsAsync(store.create('/a/2', object('2', { data: { a: 'x'.repeat(600) } })), { instanceOf: StoreFull });
  t.is(await store.get('/a/2'), undefined);
  await t.throwsAsync(store.update('/a/1', object('1', { data: { a: 'x'.repeat(1600) } }), small.revision), { instanceOf: StoreFull });
  const smaller = await store.update('/a/1', object('1', { data: { a: 'x' } }), small.revision);
  await store.create('/a/2', object('2', { data: { a: 'x'.repeat(600) } }));
  await store.remove('/a/2');
  await store.remove('/a/1', smaller.revision);
  await store.create('/a/2', object('2', { data: { a: 'x'.repeat(800) } }));
  t.pass();
});
