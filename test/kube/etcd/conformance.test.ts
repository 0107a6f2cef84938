/** The embedded etcd and the real one are asked the same, and answer the same. */
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { withPeer } from '../../helpers/peer.ts';
import { startEtcd } from '../../helpers/etcd.ts';
import { cases } from './support/cases.ts';
import { comparable, encoded, gatewayClient, startPlain } from './support/client.ts';
import type { Reply, WatchLine } from './support/client.ts';

async function both(t: ExecutionContext): Promise<Awaited<ReturnType<typeof startPlain>> & { real: ReturnType<typeof gatewayClient> }> {
  const [embedded, etcd] = await Promise.all([startPlain(t), startEtcd()]);
  const real = gatewayClient(etcd.port);
  t.teardown(async () => {
    real.close();
    await etcd.close();
  });
  return { ...embedded, real };
}

function isSame(mine: Reply, theirs: Reply, codeOnly = false): boolean {
  if (mine.code !== theirs.code || mine.contentType !== theirs.contentType) return false;
  return codeOnly || (mine.body === undefined ? mine.text === theirs.text : isDeepStrictEqual(comparable(mine.body), comparable(theirs.body)));
}

withPeer('etcd', 'what is asked one after the other is answered as etcd answers it', async (t) => {
  const { client, real } = await both(t);
  const differences: string[] = [];
  for (const { path, body, codeOnly } of cases) {
    const [mine, theirs] = await Promise.all([client.ask('POST', path, body), real.ask('POST', path, body)]);
    if (!isSame(mine, theirs, codeOnly)) differences.push(`${path} ${body.slice(0, 200)}\n  embedded: ${mine.code} ${mine.contentType} ${mine.text.slice(0, 400)}\n  etcd:     ${theirs.code} ${theirs.contentType} ${theirs.text.slice(0, 400)}`);
  }
  t.is(differences.join('\n'), '');
});

/** What each watch of a stream is told, in order: however many lines it takes. */
function told(lines: readonly WatchLine[]): ReadonlyMap<string, readonly unknown[]> {
  const byWatch = new Map<string, unknown[]>();
  for (const { result = {} } of lines) {
    const { events, watch_id: id = '0', ...line } = result;
    byWatch.set(id, [...(byWatch.get(id) ?? []), ...(events ?? [line]).map(comparable)]);
  }
  return byWatch;
}

/** With the last event that comes to it, a watch has told everything. */
const last = { key: encoded('~last') };
const isLast = (value: string) => (lines: readonly WatchLine[]): boolean => JSON.stringify(lines.at(-1)).includes(encoded(value)) || lines.at(-1)?.result?.compact_revision !== undefined;
const watchAll = { key: encoded('\0'), range_end: encoded('\0') };

/** Each is ended by what is last. */
const watches: readonly { readonly what: string; readonly requests: readonly object[]; readonly quiet?: true }[] = [
  { what: 'from the beginning', requests: [{ create_request: { ...watchAll, start_revision: '1' } }] },
  { what: 'with what was before', requests: [{ create_request: { ...watchAll, start_revision: '1', prev_kv: true } }] },
  { what: 'resumed', requests: [{ create_request: { ...watchAll, start_revision: '5', prevKv: true } }] },
  { what: 'no puts', requests: [{ create_request: { ...watchAll, start_revision: '1', filters: ['NOPUT'] } }, { create_request: { key: last.key } }] },
  { what: 'no deletions', requests: [{ create_request: { ...watchAll, start_revision: '1', filters: ['NODELETE', 'nope'], watch_id: '7' } }] },
  { what: 'one key', requests: [{ create_request: { key: encoded('a'), start_revision: 2 } }, { create_request: { key: last.key } }] },
  { what: 'a prefix', requests: [{ create_request: { key: encoded('b'), range_end: encoded('c'), start_revision: 2, fragment: true, progress_notify: true } }, { create_request: { key: last.key } }] },
  { what: 'from now on, all keys without naming one', requests: [{ create_request: { range_end: encoded('\0') } }] },
  { what: 'no key at all', requests: [{ create_request: {} }, { create_request: { key: last.key } }] },
  { what: 'an empty range', requests: [{ create_request: { key: encoded('b'), range_end: encoded('a') } }, { create_request: { key: last.key } }] },
  { what: 'one number twice', requests: [{ create_request: { key: last.key, watch_id: '3' } }, { create_request: { key: encoded('b'), watch_id: '3' } }] },
  { what: 'given up and asked again', requests: [{ create_request: { key: encoded('a') } }, { cancel_request: { watch_id: '9' } }, { cancel_request: {} }, { create_request: { key: last.key } }] },
  { what: 'one number given, others chosen', requests: [{ create_request: { key: encoded('x'), watch_id: '1' } }, { create_request: { key: encoded('x') } }, { create_request: { key: encoded('x') } }, { create_request: { key: last.key } }] },
  { what: 'before all', requests: [{ create_request: { ...watchAll, start_revision: '-5' } }] },
];

withPeer('etcd', 'a watch tells what it tells with etcd, in order and once', async (t) => {
  const { client, real } = await both(t);
  const doBoth = async (path: string, body: object): Promise<void> => {
    const [mine, theirs] = await Promise.all([client.post(path, body), real.post(path, body)]);
    t.deepEqual(comparable(mine.body), comparable(theirs.body));
  };
  const put = async (key: string, value: string): Promise<void> => doBoth('/v3/kv/put', { key: encoded(key), value: encoded(value) });
  await put('a', '1');
  await put('a', '2');
  await put('b', '2');
  await doBoth('/v3/kv/deleterange', { key: encoded('a') });
  await doBoth('/v3/kv/txn', { success: [{ request_put: { key: encoded('x') } }, { request_put: { key: encoded('y') } }, { request_delete_range: { key: encoded('b') } }] });
  await doBoth('/v3/kv/txn', { success: [{ request_delete_range: { key: encoded('x'), range_end: encoded('\0') } }, { request_put: { key: encoded('y') } }] });
  await put('b1', '3');

  const compare = async (some: typeof watches, end: string): Promise<void> => {
    const begun = some.map(async ({ what, requests }) => {
      const body = requests.map((request) => JSON.stringify(request)).join('');
      return { what, lines: await Promise.all([client, real].map(async (one) => one.watch(body, isLast(end)))) };
    });
    // Etcd goes over all who have history to hear at once, now and then: when these have heard it, the others have.
    for (let round = 0; round < 2; round++) await Promise.all([client, real].map(async (one) => one.watch(JSON.stringify({ create_request: { ...watchAll, start_revision: '6' } }), (lines) => lines.length > 1)));
    for (let round = 0; round < 3; round++) await put(last.key, `${round}`);
    await put('~last', end);
    for (const { what, lines } of await Promise.all(begun)) {
      const [mine, theirs] = lines;
      t.deepEqual(told(mine!), told(theirs!), what);
    }
  };
  await compare(watches, 'the first end');

  await doBoth('/v3/kv/compaction', { revision: '6' });
  await compare([
    { what: 'compacted', requests: [{ create_request: { ...watchAll, start_revision: '1' } }] },
    { what: 'compacted, just', requests: [{ create_request: { ...watchAll, start_revision: '5', watch_id: 12 } }] },
    { what: 'not compacted', requests: [{ create_request: { ...watchAll, start_revision: '6' } }] },
    { what: 'not compacted, with what was before', requests: [{ create_request: { ...watchAll, start_revision: '6', prev_kv: true } }] },
  ], 'the second end');
});

test('an etcd without a peer answers', async (t) => {
  const { client } = await startPlain(t);
  t.is((await client.ask('GET', '/health')).text, '{"health":"true","reason":""}');
});
