/** A store in memory: what every store does, and its bounds. */
import test from 'ava';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';
import { StoreCompacted, StoreFull } from '../../../src/kube/store/store.ts';
import { objectOf as object, storeCases } from '../support/store-cases.ts';

for (const [title, run] of storeCases) test(title, async (t) => run(t, new MemoryStore()));

for (const bound of [{ historyEvents: 3 }, { historyBytes: 400 }]) {
  test(`a forgotten beginning is said, with ${JSON.stringify(bound)}`, async (t) => {
    const store = new MemoryStore(bound);
    const { revision } = await store.list('/');
    for (let n = 0; n < 10; n++) await store.create(`/a/${n}`, object(String(n)));
    await t.throwsAsync(
      store.watch('/', revision, () => {}),
      { instanceOf: StoreCompacted },
    );
    const events: string[] = [];
    await store.watch('/', (await store.list('/')).revision - 1, (event) => void events.push(event.key));
    t.is(events.length, 1);
  });
}

test('a full store refuses more, takes less, and has room again behind a deletion', async (t) => {
  const store = new MemoryStore({ quotaBytes: 1000 });
  const small = await store.create('/a/1', object('1', { data: { a: 'x'.repeat(600) } }));
  await t.throwsAsync(store.create('/a/2', object('2', { data: { a: 'x'.repeat(600) } })), {
    instanceOf: StoreFull,
  });
  t.is(await store.get('/a/2'), undefined);
  await t.throwsAsync(store.update('/a/1', object('1', { data: { a: 'x'.repeat(1600) } }), small.revision), {
    instanceOf: StoreFull,
  });
  const smaller = await store.update('/a/1', object('1', { data: { a: 'x' } }), small.revision);
  await store.create('/a/2', object('2', { data: { a: 'x'.repeat(600) } }));
  await store.remove('/a/2');
  await store.remove('/a/1', smaller.revision);
  await store.create('/a/2', object('2', { data: { a: 'x'.repeat(800) } }));
  t.pass();
});
