/**
 * What every store does: one list of cases that is run on each of them. What one alone does is in a file of its own. Revisions
 * may be used up by others in between: nothing here takes the next number for the next write.
 */
import type { ExecutionContext } from 'ava';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { StoreConflict } from '../../../src/kube/store/store.ts';
import type { Store, StoreEvent } from '../../../src/kube/store/store.ts';
import { present } from '../../helpers/capture.ts';

export const objectOf = (name: string, more: Readonly<Record<string, unknown>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});

export interface Watched {
  readonly events: StoreEvent[];
  /** `TYPE KEY REVISION` of each. */
  readonly lines: string[];
  /** Resolves when there are so many. */
  until(count: number): Promise<void>;
  readonly lost: Promise<Error>;
  stop(): void;
}

export async function watchedBy(store: Store, prefix: string, revision: number): Promise<Watched> {
  const events: StoreEvent[] = [];
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let lose = (_why: Error): void => {};
  const lost = new Promise<Error>((resolve) => (lose = resolve));
  const stop = await store.watch(
    prefix,
    revision,
    (event) => {
      events.push(event);
      lines.push(`${event.type} ${event.key} ${event.revision}`);
      for (const look of waiting) look();
    },
    lose,
  );
  return {
    events,
    lines,
    lost,
    stop,
    until: async (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (events.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

export async function refused(
  t: ExecutionContext,
  kind: StoreConflict['kind'],
  write: Promise<unknown>,
): Promise<void> {
  const error = await t.throwsAsync(write, { instanceOf: StoreConflict });
  t.is(error?.kind, kind);
}

const key = (name: string): string => `/registry/core/configmaps/default/${name}`;
const all = '/registry/core/';

type Case = readonly [title: string, run: (t: ExecutionContext, store: Store) => Promise<void>];

export const storeCases: readonly Case[] = [
  [
    'of many keys those are named at which there is nothing',
    async (t, store) => {
      t.deepEqual(await store.missing([]), new Set());
      const keys = Array.from({ length: 300 }, (_, n) => key(`m${n}`));
      t.deepEqual(await store.missing(keys), new Set(keys));
      const made = keys.filter((_, n) => n % 60 === 7);
      for (const one of made) await store.create(one, objectOf(one.split('/').at(-1) ?? ''));
      t.deepEqual(
        [...(await store.missing(keys))],
        keys.filter((one) => !made.includes(one)),
      );
    },
  ],
  [
    'every write has a revision of its own, and an object bears that of its last',
    async (t, store) => {
      const one = await store.create(key('1'), objectOf('1'));
      const two = await store.create(key('2'), objectOf('2'));
      t.true(two.revision > one.revision);
      const changed = await store.update(key('1'), objectOf('1', { data: { a: '1' } }), one.revision);
      t.true(changed.revision > two.revision);
      t.deepEqual(await store.get(key('1')), changed);
      t.is(changed.object.metadata.resourceVersion, String(changed.revision));
      const { items, revision } = await store.list(all);
      t.deepEqual(
        items.map((item) => item.key),
        [key('1'), key('2')],
      );
      t.true(revision >= changed.revision);
      t.deepEqual((await store.list('/registry/apps/')).items, []);
      t.is(await store.get(key('3')), undefined);
    },
  ],
  [
    'a write that expects another state is refused, and nothing is written',
    async (t, store) => {
      const { revision } = await store.create(key('1'), objectOf('1'));
      await refused(t, 'exists', store.create(key('1'), objectOf('1')));
      await refused(t, 'changed', store.update(key('1'), objectOf('1'), revision - 1));
      await refused(t, 'changed', store.update(key('1'), objectOf('1'), 0));
      await refused(t, 'changed', store.remove(key('1'), revision + 1));
      await refused(t, 'missing', store.update(key('2'), objectOf('2'), revision));
      await refused(t, 'missing', store.update(key('2'), objectOf('2'), 0));
      await refused(t, 'missing', store.remove(key('2')));
      await refused(t, 'missing', store.remove(key('2'), revision));
      t.deepEqual(
        (await store.list('/registry/')).items.map((item) => item.revision),
        [revision],
      );
      const gone = await store.remove(key('1'), revision);
      t.deepEqual(
        [gone.object.metadata.name, gone.object.metadata.resourceVersion],
        ['1', String(gone.revision)],
      );
      t.is(await store.get(key('1')), undefined);
      await store.create(key('1'), objectOf('1'));
      t.is((await store.remove(key('1'))).object.metadata.name, '1');
    },
  ],
  [
    'a watch hears of everything under its prefix behind its revision, once and in order, with what was before',
    async (t, store) => {
      const first = await store.create(key('1'), objectOf('1'));
      await store.create('/registry/apps/x', objectOf('x'));
      const second = await store.create(key('2'), objectOf('2'));
      const watched = await watchedBy(store, all, first.revision);
      await watched.until(1);
      t.deepEqual(watched.lines, [`ADDED ${key('2')} ${second.revision}`]);
      const changed = await store.update(key('2'), objectOf('2', { data: { a: '1' } }), second.revision);
      const gone = await store.remove(key('2'));
      await watched.until(3);
      watched.stop();
      await store.create(key('3'), objectOf('3'));
      t.deepEqual(watched.lines.slice(1), [
        `MODIFIED ${key('2')} ${changed.revision}`,
        `DELETED ${key('2')} ${gone.revision}`,
      ]);
      t.deepEqual(watched.events[1]?.previous, second.object);
      t.deepEqual(watched.events[1]?.object, changed.object);
      t.deepEqual(watched.events[2]?.previous, changed.object);
      t.deepEqual(watched.events[2]?.object, gone.object);
    },
  ],
  [
    'whoever writes and then asks who watches finds it told',
    async (t, store) => {
      const { revision } = await store.list(all);
      const watched = await watchedBy(store, all, revision);
      const made = await store.create(key('1'), objectOf('1'));
      t.deepEqual(watched.lines, [`ADDED ${key('1')} ${made.revision}`]);
      const gone = await store.remove(key('1'));
      t.is(watched.lines[1], `DELETED ${key('1')} ${gone.revision}`);
    },
  ],
  [
    'a watch from the future waits for it',
    async (t, store) => {
      const { revision } = await store.create(key('1'), objectOf('1'));
      const watched = await watchedBy(store, all, revision + 1);
      const second = await store.create(key('2'), objectOf('2'));
      const third = await store.create(key('3'), objectOf('3'));
      // Where others write to the same etcd, the second may lie behind it already.
      const expected = [second, third].filter((made) => made.revision > revision + 1);
      await watched.until(expected.length);
      t.deepEqual(
        watched.events.map((event) => event.revision),
        expected.map((made) => made.revision),
      );
    },
  ],
  [
    'of several writers of one version one wins, and all of them in the end',
    async (t, store) => {
      await store.create(key('n'), objectOf('n', { data: { n: 0 } }));
      let conflicts = 0;
      const increment = async (): Promise<void> => {
        for (;;) {
          const { object, revision } = present(await store.get(key('n')));
          const { n } = object['data'] as { n: number };
          try {
            await store.update(key('n'), objectOf('n', { data: { n: n + 1 } }), revision);
            return;
          } catch (error) {
            if (!(error instanceof StoreConflict)) throw error;
            conflicts++;
          }
        }
      };
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          for (let turn = 0; turn < 4; turn++) await increment();
        }),
      );
      t.deepEqual((await store.get(key('n')))?.object['data'], { n: 24 });
      t.true(conflicts > 0, 'nobody met anybody');
    },
  ],
  [
    'what is stored is what was given, to the character, whatever its keys are',
    async (t, store) => {
      const data = JSON.parse(
        '{"__proto__":"a","constructor":{"x":1},"한글":"민수 \\u0000 \\ud83d\\ude00","b":[1,2.5,-0.1,true,null,[]]}',
      ) as object;
      const made = await store.create(key('x'), objectOf('x', { data }));
      t.is(JSON.stringify((await store.get(key('x')))?.object['data']), JSON.stringify(data));
      t.deepEqual((await store.get(key('x')))?.object, made.object);
    },
  ],
];
