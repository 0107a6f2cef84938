/** What answers in the place of an etcd and lies: no request is without end, no object of another shape, no process ends. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { keepObjects } from '../../../src/kube/apiserver/kept-objects.ts';
import { EtcdClient } from '../../../src/kube/etcd/client.ts';
import { EtcdStore } from '../../../src/kube/etcd/etcd-store.ts';
import { StoreFailure } from '../../../src/kube/store/store.ts';

interface Asked {
  readonly count_only?: boolean;
  readonly limit?: string;
}
type Answering = (asked: Asked, count: number) => unknown;

const limits = { body: 20_000, line: 20_000 } as const;
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const entry = (key: string, value: string): object => ({
  key: base64(key),
  value: base64(value),
  create_revision: '3',
  mod_revision: '3',
  version: '1',
});
const header = { revision: '5' };

interface Lying {
  readonly store: EtcdStore;
  readonly client: EtcdClient;
  /** Requests for a range that were not counts. */
  readonly asked: () => number;
}

async function lying(t: ExecutionContext, answer: Answering): Promise<Lying> {
  let asked = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const question = JSON.parse(body) as Asked;
      // The stream ends at once, again and again.
      if (request.url === '/v3/watch')
        return response.end(`${JSON.stringify({ result: { header, created: true } })}\n`);
      if (question.count_only) return response.end(JSON.stringify({ header }));
      const said = answer(question, ++asked) as { readonly code?: number };
      return response.writeHead(said.code === undefined ? 200 : 400).end(JSON.stringify(said));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new EtcdClient({
    to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    clock: systemClock,
    limits,
  });
  const store = new EtcdStore({ client, patience: 2000, compactEvery: 0 });
  t.teardown(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });
  return { store, client, asked: () => asked };
}

const configMaps = '/registry/core/configmaps/';
const key = '/registry/core/configmaps/default/a';
const configMap = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });

test('a list that begins again and again is broken off', async (t) => {
  const { store, asked } = await lying(t, () => ({
    header,
    kvs: [entry('/registry/configmaps/default/a', configMap)],
    more: true,
  }));
  await t.throwsAsync(store.list(configMaps), {
    instanceOf: StoreFailure,
    message: 'etcd repeats the keys of a list',
  });
  t.is(asked(), 2);
});

test('a list whose revision is always forgotten is given up', async (t) => {
  const { store, asked } = await lying(t, () => ({
    code: 11,
    message: 'etcdserver: mvcc: required revision has been compacted',
  }));
  await t.throwsAsync(store.list(configMaps), { instanceOf: StoreFailure, message: /has been compacted/ });
  t.is(asked(), 5);
});

test('an answer that is too long is a failure of the storage, also for what the server keeps of it', async (t) => {
  let isLong = false;
  const { store } = await lying(t, () =>
    isLong
      ? { header, kvs: [entry('/registry/configmaps/default/a', 'x'.repeat(20_000))] }
      : { header, kvs: [] },
  );
  const kept = await keepObjects(store);
  t.teardown(kept.close);
  isLong = true;
  for (const read of [store.list(configMaps), store.get(key), keepObjects(store)])
    await t.throwsAsync(read, { instanceOf: StoreFailure, message: /an answer is longer than 20000 bytes/ });
});

const odd: readonly (readonly [title: string, object: unknown, says: string])[] = [
  ['another kind', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } }, 'no object of its resource'],
  ['labels of another type', withMetadata({ name: 'a', labels: ['b'] }), 'no object'],
  ['finalizers of another type', withMetadata({ name: 'a', finalizers: 'b' }), 'no object'],
  ['a name that is none', withMetadata({ name: 5 }), 'no object'],
];
for (const [title, object, says] of odd)
  test(`a value is no object of its resource: ${title}`, async (t) => {
    const { store } = await lying(t, () => ({
      header,
      kvs: [entry('/registry/configmaps/default/a', JSON.stringify(object))],
    }));
    for (const read of [store.list(configMaps), store.get(key)])
      await t.throwsAsync(read, {
        instanceOf: StoreFailure,
        message: `what is stored under /registry/configmaps/default/a is ${says}`,
      });
  });

function withMetadata(metadata: object): object {
  return { ...(JSON.parse(configMap) as object), metadata };
}

test('what is null in a stored object is not there', async (t) => {
  const pod = { metadata: { name: 'a', namespace: 'default', annotations: null }, spec: { nodeName: 'n' } };
  const { store } = await lying(t, () => ({
    header,
    kvs: [entry('/registry/pods/default/a', JSON.stringify({ apiVersion: 'v1', kind: 'Pod', ...pod }))],
  }));
  const found = await store.get('/registry/core/pods/default/a');
  t.false(Object.hasOwn(found?.object.metadata ?? {}, 'annotations'));
});

test('a version that is none is not shown to anybody', async (t) => {
  for (const version of ['3.5.16', '3.6.0-rc.1+x']) t.is(await versionSaid(t, version), version);
  for (const version of ['\u001b]0;pwn\u0007', '3.5\n', 'x'.repeat(65), 5])
    t.is(await versionSaid(t, version), '');
});

async function versionSaid(t: ExecutionContext, version: unknown): Promise<string> {
  const { client } = await lying(t, () => ({ header, version, dbSize: '1', dbSizeInUse: '1' }));
  return (await client.status({ signal: new AbortController().signal })).version;
}
