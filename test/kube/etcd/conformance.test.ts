/** The embedded etcd and the real one are asked the same, and answer the same. */
import { isDeepStrictEqual } from 'node:util';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { withPeer } from '../../helpers/peer.ts';
import { startEtcd } from '../../helpers/etcd.ts';
import type { RealEtcd } from '../../helpers/etcd.ts';
import { cases } from './support/cases.ts';
import { comparable, encoded, gatewayClient, startPlain } from './support/client.ts';
import type { GatewayClient, Reply, WatchLine } from './support/client.ts';

type Pair = Awaited<ReturnType<typeof startPlain>> & {
  readonly real: GatewayClient;
  readonly etcd: RealEtcd;
};
let pair: Promise<Pair> | undefined;

/** One of each for the whole file, always asked the same: their revisions go together. */
async function both(): Promise<Pair> {
  pair ??= (async () => {
    const [embedded, etcd] = await Promise.all([startPlain(), startEtcd()]);
    return { ...embedded, etcd, real: gatewayClient(etcd.port) };
  })();
  return pair;
}

let turn: Promise<unknown> = Promise.resolve();

/** A test to which both are its own; those of a file are begun in their order. */
function inTurn(title: string, run: (t: ExecutionContext, pair: Pair) => Promise<void>): void {
  withPeer('etcd', title, async (t) => {
    const before = turn;
    const mine = before.then(async () => run(t, await both()));
    turn = mine.catch(() => {});
    await mine;
  });
}

test.after.always(async () => {
  if (!pair) return;
  const { client, embedded, real, etcd } = await pair;
  client.close();
  real.close();
  await Promise.all([embedded.close(0), etcd.close()]);
});

function isSame(mine: Reply, theirs: Reply, codeOnly = false): boolean {
  if (mine.code !== theirs.code || mine.contentType !== theirs.contentType) return false;
  return (
    codeOnly ||
    (mine.body === undefined
      ? mine.text === theirs.text
      : isDeepStrictEqual(comparable(mine.body), comparable(theirs.body)))
  );
}

inTurn('what is asked one after the other is answered as etcd answers it', async (t, { client, real }) => {
  const differences: string[] = [];
  for (const { path, body, codeOnly } of cases) {
    const [mine, theirs] = await Promise.all([client.ask('POST', path, body), real.ask('POST', path, body)]);
    if (!isSame(mine, theirs, codeOnly))
      differences.push(
        `${path} ${body.slice(0, 200)}\n  embedded: ${mine.code} ${mine.contentType} ${mine.text.slice(0, 400)}\n  etcd:     ${theirs.code} ${theirs.contentType} ${theirs.text.slice(0, 400)}`,
      );
  }
  t.is(differences.join('\n'), '');
});

/** With revisions put in that come so many after one. */
function afterRevision(request: object, revision: number): string {
  return JSON.stringify(request, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && 'after' in part
      ? String(revision + Number(part.after))
      : part,
  );
}

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
const isLast =
  (value: string) =>
  (lines: readonly WatchLine[]): boolean =>
    JSON.stringify(lines.at(-1)).includes(encoded(value)) ||
    lines.at(-1)?.result?.compact_revision !== undefined;
const watchAll = { key: encoded('\0'), range_end: encoded('\0') };

/** Each is ended by what is last. */
const watches: readonly {
  readonly what: string;
  readonly requests: readonly object[];
  readonly quiet?: true;
}[] = [
  {
    what: 'from the beginning',
    requests: [{ create_request: { ...watchAll, start_revision: { after: 0 } } }],
  },
  {
    what: 'with what was before',
    requests: [{ create_request: { ...watchAll, start_revision: { after: 0 }, prev_kv: true } }],
  },
  {
    what: 'resumed',
    requests: [{ create_request: { ...watchAll, start_revision: { after: 4 }, prevKv: true } }],
  },
  {
    what: 'no puts',
    requests: [
      { create_request: { ...watchAll, start_revision: { after: 0 }, filters: ['NOPUT'] } },
      { create_request: { key: last.key } },
    ],
  },
  {
    what: 'no deletions',
    requests: [
      {
        create_request: {
          ...watchAll,
          start_revision: { after: 0 },
          filters: ['NODELETE', 'nope'],
          watch_id: '7',
        },
      },
    ],
  },
  {
    what: 'one key',
    requests: [
      { create_request: { key: encoded('a'), start_revision: { after: 1 } } },
      { create_request: { key: last.key } },
    ],
  },
  {
    what: 'a prefix',
    requests: [
      {
        create_request: {
          key: encoded('b'),
          range_end: encoded('c'),
          start_revision: { after: 1 },
          fragment: true,
          progress_notify: true,
        },
      },
      { create_request: { key: last.key } },
    ],
  },
  {
    what: 'from now on, all keys without naming one',
    requests: [{ create_request: { range_end: encoded('\0') } }],
  },
  { what: 'no key at all', requests: [{ create_request: {} }, { create_request: { key: last.key } }] },
  {
    what: 'an empty range',
    requests: [
      { create_request: { key: encoded('b'), range_end: encoded('a') } },
      { create_request: { key: last.key } },
    ],
  },
  {
    what: 'one number twice',
    requests: [
      { create_request: { key: last.key, watch_id: '3' } },
      { create_request: { key: encoded('b'), watch_id: '3' } },
    ],
  },
  {
    what: 'given up and asked again',
    requests: [
      { create_request: { key: encoded('a') } },
      { cancel_request: { watch_id: '9' } },
      { cancel_request: {} },
      { create_request: { key: last.key } },
    ],
  },
  {
    what: 'one number given, others chosen',
    requests: [
      { create_request: { key: encoded('x'), watch_id: '1' } },
      { create_request: { key: encoded('x') } },
      { create_request: { key: encoded('x') } },
      { create_request: { key: last.key } },
    ],
  },
  { what: 'before all', requests: [{ create_request: { ...watchAll, start_revision: '-5' } }] },
];

inTurn('a watch tells what it tells with etcd, in order and once', async (t, { client, real }) => {
  const from = Number(
    (
      comparable((await client.post('/v3/kv/range', { key: encoded('a') })).body) as {
        header: { revision: string };
      }
    ).header.revision,
  );
  const doBoth = async (path: string, body: object): Promise<void> => {
    const [mine, theirs] = await Promise.all([client.post(path, body), real.post(path, body)]);
    t.deepEqual(comparable(mine.body), comparable(theirs.body));
  };
  const put = async (key: string, value: string): Promise<void> =>
    doBoth('/v3/kv/put', { key: encoded(key), value: encoded(value) });
  await put('a', '1');
  await put('a', '2');
  await put('b', '2');
  await doBoth('/v3/kv/deleterange', { key: encoded('a') });
  await doBoth('/v3/kv/txn', {
    success: [
      { request_put: { key: encoded('x') } },
      { request_put: { key: encoded('y') } },
      { request_delete_range: { key: encoded('b') } },
    ],
  });
  await doBoth('/v3/kv/txn', {
    success: [
      { request_delete_range: { key: encoded('x'), range_end: encoded('\0') } },
      { request_put: { key: encoded('y') } },
    ],
  });
  await put('b1', '3');

  const compare = async (some: typeof watches, end: string): Promise<void> => {
    const begun = some.map(async ({ what, requests }) => {
      const body = requests.map((request) => afterRevision(request, from)).join('');
      return {
        what,
        lines: await Promise.all([client, real].map(async (one) => one.watch(body, isLast(end)))),
      };
    });
    // Etcd goes over all who have history to hear at once, now and then: when these have heard it, the others have.
    for (let round = 0; round < 2; round++)
      await Promise.all(
        [client, real].map(async (one) =>
          one.watch(
            afterRevision({ create_request: { ...watchAll, start_revision: { after: 5 } } }, from),
            (lines) => lines.length > 1,
          ),
        ),
      );
    for (let round = 0; round < 3; round++) await put(last.key, `${round}`);
    await put('~last', end);
    for (const { what, lines } of await Promise.all(begun)) {
      const [mine, theirs] = lines;
      t.deepEqual(told(mine!), told(theirs!), what);
    }
  };
  await compare(watches, 'the first end');

  await doBoth('/v3/kv/compaction', { revision: String(from + 5) });
  await compare(
    [
      { what: 'compacted', requests: [{ create_request: { ...watchAll, start_revision: { after: 0 } } }] },
      {
        what: 'compacted, just',
        requests: [{ create_request: { ...watchAll, start_revision: { after: 4 }, watch_id: 12 } }],
      },
      {
        what: 'not compacted',
        requests: [{ create_request: { ...watchAll, start_revision: { after: 5 } } }],
      },
      {
        what: 'not compacted, with what was before',
        requests: [{ create_request: { ...watchAll, start_revision: { after: 5 }, prev_kv: true } }],
      },
    ],
    'the second end',
  );
});

const keysOfPrograms = ['a', 'b', 'ba', 'c', '\0', '\xff'].map(encoded);
const key = fc.constantFrom(...keysOfPrograms);
const rangeEnd = fc.constantFrom('', encoded('\0'), encoded('b'), encoded('c'), encoded('bb'));
const value = fc.constantFrom('', encoded('1'), encoded('2'));
/** As far back as that from now; a number beside it is what it is. */
const revision = fc.oneof(
  fc.constant({ back: 0 }),
  fc.record({ back: fc.integer({ min: -2, max: 12 }) }),
  fc.constantFrom(0, 1, -1),
);
const ranged = fc.record({ key, range_end: rangeEnd }, { requiredKeys: ['key'] });
const range = fc.record(
  {
    key,
    range_end: rangeEnd,
    revision,
    limit: fc.integer({ min: 0, max: 3 }),
    sort_order: fc.constantFrom('NONE', 'ASCEND', 'DESCEND'),
    sort_target: fc.constantFrom('KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE'),
    keys_only: fc.boolean(),
    count_only: fc.boolean(),
    min_mod_revision: revision,
    max_create_revision: revision,
  },
  { requiredKeys: ['key'] },
);
const valued = fc.record({ key, value, prev_kv: fc.boolean() }, { requiredKeys: ['key', 'value'] });
const put = fc.oneof(valued, fc.record({ key, ignore_value: fc.constant(true), prev_kv: fc.boolean() }));
const deletion = fc.record({ key, range_end: rangeEnd, prev_kv: fc.boolean() }, { requiredKeys: ['key'] });
const deletionWithEnd = deletion.map((request) =>
  request.range_end === encoded('\0') ? { ...request, range_end: encoded('d') } : request,
);
const compare = fc
  .tuple(
    ranged,
    fc.constantFrom('EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL'),
    fc.oneof(
      fc.record({ target: fc.constant('VERSION'), version: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ target: fc.constant('MOD'), mod_revision: revision }),
      fc.record({ target: fc.constant('CREATE'), create_revision: revision }),
      fc.record({ target: fc.constant('VALUE'), value }),
    ),
  )
  .map(([keys, result, target]) => ({ ...keys, result, ...target }));
const { txn } = fc.letrec<{ txn: object; operation: object }>((tie) => ({
  // A deletion without an end is not seen to meet a put. Where the put is to keep the value, etcd 3.5 ends itself at once; else when that
  // very revision has been compacted and is read.
  operation: fc.oneof(
    { maxDepth: 2 },
    fc.record({ request_put: valued }),
    fc.record({ request_range: range }),
    fc.record({ request_delete_range: deletionWithEnd }),
    fc.record({ request_txn: tie('txn') }),
  ),
  txn: fc.record({
    compare: fc.array(compare, { maxLength: 2 }),
    success: fc.array(tie('operation'), { maxLength: 4 }),
    failure: fc.array(tie('operation'), { maxLength: 3 }),
  }),
}));
const program = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: put.map((body) => ({ path: '/v3/kv/put', body: body as object })) },
    { weight: 3, arbitrary: range.map((body) => ({ path: '/v3/kv/range', body: body as object })) },
    { weight: 2, arbitrary: deletion.map((body) => ({ path: '/v3/kv/deleterange', body: body as object })) },
    { weight: 6, arbitrary: txn.map((body) => ({ path: '/v3/kv/txn', body })) },
    {
      weight: 1,
      arbitrary: fc
        .record({ back: fc.integer({ min: -1, max: 12 }) })
        .map((revision) => ({ path: '/v3/kv/compaction', body: { revision } as object })),
    },
  ),
  { minLength: 5, maxLength: 25 },
);

/** With revisions that are so far back from now put in. */
function atRevision(request: object, now: number): string {
  return JSON.stringify(request, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && 'back' in part
      ? String(Math.max(0, now - Number(part.back)))
      : part,
  );
}

inTurn(
  'whatever is asked in whatever order is answered as etcd answers it',
  async (t, { client, real, etcd }) => {
    // What the tests before did is forgotten.
    const { header } = (await client.post('/v3/kv/put', last)).body as {
      readonly header: { readonly revision: string };
    };
    let now = Number(header.revision);
    await real.post('/v3/kv/put', last);
    for (const one of [client, real])
      t.is((await one.post('/v3/kv/compaction', { revision: header.revision })).code, 200);
    const differences: string[] = [];
    const checked = await fc.check(
      fc.asyncProperty(program, async (steps) => {
        let from = now + 1;
        for (const { path, body } of steps) {
          const text = atRevision(body, now);
          const [mine, theirs] = await Promise.all([client.post(path, text), real.post(path, text)]);
          if (!isSame(mine, theirs))
            differences.push(
              `${path} ${text}\n  embedded: ${mine.code} ${mine.text}\n  etcd:     ${theirs.code} ${theirs.text}`,
            );
          now = Math.max(
            now,
            Number((mine.body as { header?: { revision?: string } }).header?.revision ?? 0),
          );
          // Of a compacted revision etcd forgets, sooner or later, what it changed twice; the embedded one tells all of it.
          if (path === '/v3/kv/compaction' && mine.code === 200)
            from = Math.max(from, Number((JSON.parse(text) as { revision: string }).revision) + 1);
        }
        // The same history.
        const body = JSON.stringify({
          create_request: { ...watchAll, start_revision: String(from), prev_kv: true },
        });
        const end = `end of ${from}`;
        const watched = [client, real].map(async (one) => one.watch(body, isLast(end)));
        await Promise.all(
          [client, real].map(async (one) => one.post('/v3/kv/put', { ...last, value: encoded(end) })),
        );
        now++;
        const [mine, theirs] = await Promise.all(watched);
        if (!isDeepStrictEqual(eventsOf(mine!), eventsOf(theirs!)))
          differences.push(
            `watch ${body}\n  embedded: ${JSON.stringify(mine)}\n  etcd:     ${JSON.stringify(theirs)}`,
          );
        return differences.length === 0;
      }),
      // A program that is shrunk would begin in another state.
      { numRuns: 30, endOnFailure: true },
    );
    t.is(differences.join('\n'), '');
    t.false(checked.failed, `${String(checked.errorInstance)}\n${etcd.log.slice(-5).join('\n')}`);
  },
);

function eventsOf(lines: readonly WatchLine[]): readonly unknown[] {
  return lines.flatMap(({ result }) => (result?.events ?? []).map(comparable));
}
