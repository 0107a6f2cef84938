/** How a watch is sent: at the pace of its client, within bounds, and never on after it is over. */
import { once } from 'node:events';
import { PassThrough, Writable } from 'node:stream';
import test from 'ava';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { findResource, storePrefix } from '../../../src/kube/apiserver/resources.ts';
import { streamWatch } from '../../../src/kube/apiserver/watch-stream.ts';
import type { WatchRequest } from '../../../src/kube/apiserver/watch.ts';

const type = findResource('', 'v1', 'configmaps')!;
const prefix = storePrefix(type);
const clock = { now: () => 0 };
const times = { duration: 60_000, bookmarkEvery: 60_000 };
const object = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
const request = (more: Partial<WatchRequest> = {}): WatchRequest => ({
  type,
  prefix,
  revision: undefined,
  matches: () => true,
  form: 'plain',
  includeObject: 'Metadata',
  bookmarks: false,
  marksBeginning: false,
  timeoutSeconds: undefined,
  ...more,
});

interface Line {
  readonly type: string;
  readonly object: KubeObject;
}

function linesOf(text: string): Line[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
}

test('a client that stops reading gets everything in order when it goes on', async (t) => {
  const store = new MemoryStore();
  const out = new PassThrough({ highWaterMark: 100 });
  const over = streamWatch(store, request(), out, times, clock);
  for (let n = 0; n < 3000; n++) await store.create(`${prefix}a/${n}`, object(`cm-${n}`));
  t.true(out.readableLength < 2000, 'all of it waits in the stream');
  let text = '';
  out.on('data', (bytes: Buffer) => {
    text += bytes.toString();
    if (text.includes('"cm-2999"')) out.end();
  });
  await over;
  t.deepEqual(
    linesOf(text).map(({ object: { metadata } }) => metadata.name),
    Array.from({ length: 3000 }, (_, n) => `cm-${n}`),
  );
});

test('a client behind whom too much waits is broken off, and the store no longer knows it', async (t) => {
  const store = new MemoryStore();
  const out = new PassThrough({ highWaterMark: 100 });
  const over = streamWatch(store, request(), out, times, clock);
  let { revision } = await store.create(`${prefix}a/x`, object('x'));
  let writes = 0;
  while (!out.destroyed && writes < 30_000) {
    ({ revision } = await store.update(`${prefix}a/x`, object('x'), revision));
    writes++;
  }
  await over;
  t.true(out.destroyed);
  t.true(writes > 4000 && writes < 10_000, String(writes));
});

test('what there was when it came does not count as waiting', async (t) => {
  const store = new MemoryStore();
  for (let n = 0; n < 25_000; n++) await store.create(`${prefix}a/${n}`, object('x'));
  const out = new PassThrough({ highWaterMark: 100 });
  const over = streamWatch(store, request(), out, times, clock);
  await new Promise(setImmediate);
  await store.create(`${prefix}b/1`, object('last'));
  t.false(out.destroyed);
  let count = 0;
  out.on('data', (bytes: Buffer) => {
    count += bytes.toString().split('\n').length - 1;
    if (bytes.includes('"last"')) out.end();
  });
  await over;
  t.is(count, 25_001);
});

test('bookmarks say how far a client has come, when it has come further', async (t) => {
  const store = new MemoryStore();
  const out = new PassThrough();
  const over = streamWatch(
    store,
    request({ bookmarks: true, matches: ({ metadata }) => metadata.name !== 'hidden' }),
    out,
    { ...times, bookmarkEvery: 5 },
    clock,
  );
  await new Promise(setImmediate);
  const { revision } = await store.create(`${prefix}a/hidden`, object('hidden'));
  const [bytes] = (await once(out, 'data')) as [Buffer];
  const [line, ...more] = linesOf(bytes.toString());
  t.deepEqual(more, []);
  t.is(line?.type, 'BOOKMARK');
  t.is(line?.object.metadata.resourceVersion, String(revision));
  out.end();
  await over;
});

test('a client that has gone before it begins is no watch', async (t) => {
  const out = new PassThrough();
  out.destroy();
  await streamWatch(new MemoryStore(), request(), out, times, clock);
  t.pass();
});

test('a store that cannot be watched is said, and the watch ends', async (t) => {
  const store = new MemoryStore();
  store.watch = async () => Promise.reject(new Error('the secret of the house'));
  let text = '';
  const out = new Writable({
    write(bytes: Buffer, _, done) {
      text += bytes.toString();
      done();
    },
  });
  await streamWatch(store, request(), out, times, clock);
  t.is(linesOf(text)[0]?.type, 'ERROR');
  t.false(text.includes('secret'));
});
