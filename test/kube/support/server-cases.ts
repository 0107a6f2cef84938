/**
 * What an API server does with its store, whichever that is: one list of cases that is run on each of them. What does not
 * depend on the store is `server.test.ts`.
 */
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { ExecutionContext } from 'ava';
import type { Answer, Call, startCluster, TestCluster } from './cluster.ts';
import { authority, configMap, configMaps } from './cluster.ts';

export type Start = (
  t: ExecutionContext,
  options?: Parameters<typeof startCluster>[1],
) => Promise<TestCluster>;

const mergePatch: Call['headers'] = { 'content-type': 'application/merge-patch+json' };
export const named = `${configMaps}/app`;

export interface Refusal {
  readonly what: string;
  readonly code: number;
  readonly reason: string;
  readonly says?: RegExp;
}

/** A cluster with the ConfigMap `app`. */
export async function withApp(t: ExecutionContext, start: Start): Promise<TestCluster> {
  const cluster = await start(t);
  // Large enough that sixty copies are too many.
  const created = await cluster.call(configMaps, {
    body: configMap('app', { a: '1', filler: 'x'.repeat(60_000) }),
  });
  t.is(created.code, 201);
  return cluster;
}

export function isStatus(t: ExecutionContext, { code, body, headers }: Answer, row: Refusal): void {
  t.is(code, row.code, `${row.what}: ${JSON.stringify(body)}`);
  t.is(body['kind'], 'Status', row.what);
  t.is(body['status'], 'Failure', row.what);
  t.is(body['code'], row.code, row.what);
  t.is(body['reason'], row.reason, row.what);
  t.regex(headers['content-type'] ?? '', /^application\/json/);
  if (row.says) t.regex(String(body['message']), row.says, row.what);
}

export interface Watching {
  readonly socket: TLSSocket | undefined;
  readonly lines: {
    readonly type: string;
    readonly object: Readonly<Record<string, unknown>> & {
      readonly metadata: Readonly<Record<string, string>>;
    };
  }[];
  readonly next: () => Promise<Watching['lines'][number]>;
  readonly ended: Promise<void>;
  readonly destroy: () => void;
}

export async function watch(
  cluster: TestCluster,
  query: string,
  headers: Call['headers'] = {},
): Promise<Watching> {
  const agent = new Agent({ ca: authority });
  const asked = request({
    host: '127.0.0.1',
    port: cluster.server.address.port,
    path: `${configMaps}?watch=true${query}`,
    agent,
    ca: authority,
    headers,
  }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const lines: Watching['lines'] = [];
  let rest = '';
  let read = 0;
  const waiting = new Set<() => void>();
  response.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts.map((line) => JSON.parse(line) as Watching['lines'][number]));
    for (const look of waiting) look();
  });
  response.on('error', () => {});
  return {
    socket: response.socket as TLSSocket,
    lines,
    next: async () =>
      new Promise((resolve) => {
        const look = (): void => {
          if (read >= lines.length) return;
          waiting.delete(look);
          resolve(lines[read++]!);
        };
        waiting.add(look);
        look();
      }),
    ended: new Promise((resolve) => response.once('close', resolve)),
    destroy: () => asked.destroy(),
  };
}

export const serverCases: readonly (readonly [
  title: string,
  run: (t: ExecutionContext, start: Start) => Promise<void>,
])[] = [
  [
    'of two writers of one version one is told of it, and nothing is lost when he tries again',
    async (t, start) => {
      const cluster = await start(t);
      await cluster.call(configMaps, { body: configMap('counter', { n: '0' }) });
      const path = `${configMaps}/counter`;
      let conflicts = 0;
      const increment = async (): Promise<void> => {
        for (;;) {
          const { body } = await cluster.call(path);
          const n = Number((body['data'] as { n: string }).n);
          const { code } = await cluster.call(path, {
            method: 'PUT',
            body: { ...body, data: { n: String(n + 1) } },
          });
          if (code === 200) return;
          t.is(code, 409);
          conflicts++;
        }
      };
      await Promise.all(
        Array.from({ length: 6 }, async () => {
          for (let turn = 0; turn < 4; turn++) await increment();
        }),
      );
      t.deepEqual((await cluster.call(path)).body['data'], { n: '24' });
      t.true(conflicts > 0, 'nobody met anybody');
    },
  ],
  [
    'patches that name no version are all done, one after the other',
    async (t, start) => {
      const cluster = await start(t);
      await cluster.call(configMaps, { body: configMap('many') });
      const answers = await Promise.all(
        Array.from({ length: 30 }, async (_, n) =>
          cluster.call(`${configMaps}/many`, {
            method: 'PATCH',
            body: { data: { [`k${n}`]: '1' } },
            headers: mergePatch,
          }),
        ),
      );
      t.deepEqual([...new Set(answers.map(({ code }) => code))], [200]);
      t.is(Object.keys((await cluster.call(`${configMaps}/many`)).body['data'] as object).length, 30);
    },
  ],
  [
    'what changes nothing is no write',
    async (t, start) => {
      const cluster = await withApp(t, start);
      const { body } = await cluster.call(named);
      const again = await cluster.call(named, { method: 'PUT', body });
      t.is(again.body.metadata['resourceVersion'], body.metadata['resourceVersion']);
    },
  ],
  [
    'a list comes in pages that are whole together, and its table has a row for each',
    async (t, start) => {
      const cluster = await start(t);
      for (let n = 0; n < 7; n++) await cluster.call(configMaps, { body: configMap(`cm-${n}`, { a: '1' }) });
      const seen: string[] = [];
      const versions = new Set<unknown>();
      let more = '';
      do {
        const { code, body } = await cluster.call(`${configMaps}?limit=3${more}`);
        t.is(code, 200);
        const items = body['items'] as { metadata: { name: string } }[];
        t.true(items.length <= 3);
        seen.push(...items.map(({ metadata }) => metadata.name));
        versions.add(body.metadata['resourceVersion']);
        const token = body.metadata['continue'];
        more = typeof token === 'string' ? `&continue=${token}` : '';
        // Not where there is no page behind it.
        t.is('remainingItemCount' in body.metadata, more !== '');
      } while (more !== '');
      t.deepEqual(seen, [...Array.from({ length: 7 }, (_, n) => `cm-${n}`), 'kube-root-ca.crt']);
      t.is(versions.size, 1);
      const table = await cluster.call(`${configMaps}?labelSelector=!x`, {
        headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
      });
      t.is(table.body['kind'], 'Table');
      t.is((table.body['rows'] as unknown[]).length, 8);
      const metadata = await cluster.call(configMaps, {
        headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
      });
      t.is(metadata.body['kind'], 'PartialObjectMetadataList');
      t.false(metadata.text.includes('"data"'));
    },
  ],
  [
    'a deletion says what is gone; finalizers and a full namespace keep it until they are',
    async (t, start) => {
      const cluster = await start(t);
      await cluster.call('/api/v1/namespaces', { body: { metadata: { name: 'team' } } });
      const inTeam = '/api/v1/namespaces/team/configmaps';
      const held = await cluster.call(inTeam, {
        body: { metadata: { name: 'held', finalizers: ['example.com/hold'] } },
      });
      const kept = await cluster.call(`${inTeam}/held`, { method: 'DELETE' });
      t.is(kept.code, 200);
      t.is(kept.body['kind'], 'ConfigMap');
      t.is(typeof kept.body.metadata['deletionTimestamp'], 'string');
      const going = await cluster.call('/api/v1/namespaces/team', { method: 'DELETE' });
      t.deepEqual(going.body['status'], { phase: 'Terminating' });
      isStatus(t, await cluster.call(inTeam, { body: configMap('late') }), {
        what: 'late',
        code: 403,
        reason: 'Forbidden',
        says: /because it is being terminated$/,
      });
      t.is((await cluster.call(`${inTeam}/kube-root-ca.crt`)).code, 404);
      const freed = await cluster.call(`${inTeam}/held`, {
        method: 'PATCH',
        body: { metadata: { finalizers: null } },
        headers: mergePatch,
      });
      t.is(freed.code, 200);
      t.is((await cluster.call(`${inTeam}/held`)).code, 404);
      t.is((await cluster.call('/api/v1/namespaces/team')).code, 404);
      const gone = await cluster.call(configMaps, { method: 'DELETE' });
      t.is((gone.body['items'] as unknown[]).length, 1);
      t.is(typeof held.body.metadata['uid'], 'string');
    },
  ],
  [
    'a watch tells what there is and then what happens, as far as it is selected',
    async (t, start) => {
      const cluster = await start(t);
      await cluster.call(configMaps, { body: { metadata: { name: 'a', labels: { tier: 'front' } } } });
      const watching = await watch(cluster, '&labelSelector=tier%3Dfront');
      const told = async (): Promise<string> => {
        const { type, object } = await watching.next();
        return `${type} ${object.metadata['name']}`;
      };
      t.is(await told(), 'ADDED a');
      await cluster.call(configMaps, { body: { metadata: { name: 'b' } } });
      const patch = async (name: string, body: object): Promise<Answer> =>
        cluster.call(`${configMaps}/${name}`, { method: 'PATCH', body, headers: mergePatch });
      await patch('b', { metadata: { labels: { tier: 'front' } } });
      t.is(await told(), 'ADDED b');
      await patch('b', { data: { x: '1' } });
      t.is(await told(), 'MODIFIED b');
      const left = await patch('b', { metadata: { labels: { tier: 'back' } } });
      const { type, object } = await watching.next();
      t.deepEqual(
        [type, object.metadata['name'], object.metadata['resourceVersion']],
        ['DELETED', 'b', left.body.metadata['resourceVersion'] as string],
      );
      t.deepEqual(object.metadata['labels'] as unknown, { tier: 'front' });
      await cluster.call(`${configMaps}/b`, { method: 'DELETE' });
      await cluster.call(`${configMaps}/a`, { method: 'DELETE' });
      t.is(await told(), 'DELETED a');
      watching.destroy();
    },
  ],
  [
    'a watch goes on from a version, and everything behind it comes once and in order',
    async (t, start) => {
      const cluster = await start(t);
      const { body } = await cluster.call(configMaps);
      for (let n = 0; n < 5; n++) await cluster.call(configMaps, { body: configMap(`cm-${n}`) });
      const watching = await watch(cluster, `&resourceVersion=${String(body.metadata['resourceVersion'])}`);
      for (let n = 5; n < 10; n++) await cluster.call(configMaps, { body: configMap(`cm-${n}`) });
      const names: (string | undefined)[] = [];
      for (let n = 0; n < 10; n++) names.push((await watching.next()).object.metadata['name']);
      t.deepEqual(
        names,
        Array.from({ length: 10 }, (_, n) => `cm-${n}`),
      );
      watching.destroy();
    },
  ],
  [
    'a watch ends when its time is over, and says with a bookmark where its beginning ends',
    async (t, start) => {
      const cluster = await start(t);
      const watching = await watch(
        cluster,
        '&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan',
      );
      t.is((await watching.next()).type, 'ADDED');
      const { type, object } = await watching.next();
      t.is(type, 'BOOKMARK');
      t.deepEqual(object.metadata['annotations'] as unknown, { 'k8s.io/initial-events-end': 'true' });
      t.regex(object.metadata['resourceVersion'] ?? '', /^\d+$/);
      await watching.ended;
    },
  ],
  [
    'a watch of tables says its columns once',
    async (t, start) => {
      const cluster = await start(t);
      const watching = await watch(cluster, '', {
        accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
      });
      await cluster.call(configMaps, { body: configMap('x') });
      const columns = [await watching.next(), await watching.next()].map(
        ({ object }) => (object['columnDefinitions'] as unknown[]).length,
      );
      t.deepEqual(columns, [3, 0]);
      watching.destroy();
    },
  ],
];
