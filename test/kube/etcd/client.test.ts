/** The client of etcd's gateway: numbers and bytes to the last digit, and what is no answer of an etcd refused. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { EtcdClient, EtcdRefusal, prefixEnd } from '../../../src/kube/etcd/client.ts';
import type { WatchAnswer } from '../../../src/kube/etcd/client-messages.ts';
import { BrokenAnswer } from '../../../src/wire/http/client.ts';
import { clientOf, newPlace, onEveryEtcd } from '../support/etcd.ts';

const asking = { signal: new AbortController().signal };

/** A client of something that answers everything so. */
async function answered(
  t: ExecutionContext,
  text: string,
  status = 200,
): Promise<{ readonly client: EtcdClient; readonly asked: unknown[] }> {
  const asked: unknown[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      asked.push(JSON.parse(body));
      response.writeHead(status).end(text);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new EtcdClient({
    to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    clock: systemClock,
  });
  t.teardown(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  return { client, asked };
}

test('the end of a prefix is the first key behind it', (t) => {
  t.deepEqual(
    [prefixEnd('/a'), prefixEnd(new Uint8Array([1, 0xff])), prefixEnd(new Uint8Array([0xff]))].map((end) => [
      ...end,
    ]),
    [[0x2f, 0x62], [2], [0]],
  );
});

test('numbers beyond 2^53 are refused, and the largest below is exact', async (t) => {
  const { client } = await answered(t, '{"header":{"revision":"9007199254740991"}}');
  t.is((await client.range({ key: 'a' }, asking)).revision, 9_007_199_254_740_991);
  const { client: beyond } = await answered(t, '{"header":{"revision":"9007199254740993"}}');
  await t.throwsAsync(beyond.range({ key: 'a' }, asking), {
    instanceOf: BrokenAnswer,
    message: /9007199254740993.*2\^53/,
  });
});

const nonsense = [
  '',
  'x',
  '[]',
  'null',
  '{"header":{"revision":"-1"}}',
  '{"header":{"revision":"1.5"}}',
  '{"header":{"revision":{}}}',
  '{"header":{"revision":"0x10"}}',
  '{"kvs":[{"key":"!!!!"}]}',
  '{"kvs":[{"key":"YQ"}]}',
  '{"kvs":[{"key":7}]}',
  '{"kvs":[{"mod_revision":"99999999999999999999"}]}',
  `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
];

test('what is no answer of an etcd is none', async (t) => {
  for (const text of nonsense) {
    const { client } = await answered(t, text);
    await t.throwsAsync(client.range({ key: 'a' }, asking), { instanceOf: BrokenAnswer }, text.slice(0, 80));
  }
  for (const text of ['{}', '{"code":"3","message":"x"}', '{"message":{}}', '<html>']) {
    const { client } = await answered(t, text, 502);
    await t.throwsAsync(client.range({ key: 'a' }, asking), { instanceOf: BrokenAnswer });
    await t.throwsAsync(
      client.watch({ key: 'a' }, asking.signal, () => {}),
      { instanceOf: BrokenAnswer },
    );
  }
  const { client } = await answered(t, '{"what":1}\n');
  await t.throwsAsync(
    client.watch({ key: 'a' }, asking.signal, () => {}),
    { instanceOf: BrokenAnswer },
  );
});

test('what is left out is zero, and a failure has etcd’s own words and code', async (t) => {
  const { client, asked } = await answered(t, '{}');
  t.deepEqual(await client.range({ key: 'a', end: 'b', revision: 7, limit: 3 }, asking), {
    revision: 0,
    items: [],
    more: false,
    count: 0,
  });
  t.deepEqual(asked, [{ key: 'YQ==', range_end: 'Yg==', revision: '7', limit: '3' }]);
  const { client: failing } = await answered(
    t,
    '{"error":"x","code":11,"message":"etcdserver: mvcc: required revision has been compacted"}',
    400,
  );
  const error = await t.throwsAsync(failing.compact(1, asking), { instanceOf: EtcdRefusal });
  t.deepEqual(
    [error?.code, error?.status, error?.message],
    [11, 400, 'etcdserver: mvcc: required revision has been compacted'],
  );
  const { client: streaming } = await answered(
    t,
    '{"error":{"grpc_code":14,"http_code":503,"message":"gone"}}\n',
  );
  await t.throwsAsync(
    streaming.watch({ key: 'a' }, asking.signal, () => {}),
    { instanceOf: EtcdRefusal, message: 'gone' },
  );
});

onEveryEtcd('keys and values are any bytes, numbers are etcd’s', async (t, backend) => {
  const client = clientOf(t, (await backend.shared()).etcd.address);
  const place = Buffer.from(newPlace());
  const key = Buffer.concat([place, Buffer.from(Array.from({ length: 256 }, (_, n) => n))]);
  const first = await client.put(key, key, asking);
  t.is(first.previous, undefined);
  const second = await client.put(key, '', asking);
  t.deepEqual(second.previous, {
    key,
    value: key,
    createRevision: first.revision,
    modRevision: first.revision,
    version: 1,
  });
  const { items, count } = await client.range({ key: place, end: prefixEnd(place) }, asking);
  t.deepEqual(items, [
    { key, value: Buffer.alloc(0), createRevision: first.revision, modRevision: second.revision, version: 2 },
  ]);
  t.is(count, 1);
  t.deepEqual((await client.range({ key, revision: first.revision }, asking)).items[0]?.value, key);
  const transaction = await client.transact(
    {
      compare: [{ key, target: 'VERSION', equal: 2 }],
      success: [{ put: { key, value: 'c' } }, { range: { key } }],
      failure: [],
    },
    asking,
  );
  t.true(transaction.succeeded);
  t.deepEqual(
    transaction.found.map((found) => found.map(({ value }) => value.toString())),
    [[], ['c']],
  );
  const failed = await client.transact(
    { compare: [{ key, target: 'MOD', equal: first.revision }], success: [], failure: [{ remove: { key } }] },
    asking,
  );
  t.deepEqual([failed.succeeded, failed.found[0]?.[0]?.modRevision], [false, transaction.revision]);
  t.deepEqual((await client.remove({ key }, asking)).removed, []);
});

onEveryEtcd(
  'a watch begins where it is told to, knows what was before, and ends where its beginning is gone',
  async (t, backend) => {
    const client = clientOf(t, (await backend.shared()).etcd.address);
    const key = newPlace();
    const { revision } = await client.put(key, '1', asking);
    await client.put(key, '2', asking);
    await client.remove({ key }, asking);
    const ending = new AbortController();
    const answers: WatchAnswer[] = [];
    const done = new Error('enough');
    await t.throwsAsync(
      client.watch({ key, revision }, ending.signal, (answer) => {
        answers.push(answer);
        if (answers.flatMap(({ events }) => events).length === 3) ending.abort(done);
      }),
      { is: done },
    );
    t.true(answers[0]?.created);
    t.deepEqual(
      answers.flatMap(({ events }) =>
        events.map(
          ({ type, item, previous }) => `${type} ${item.value.toString()} ${previous?.value.toString()}`,
        ),
      ),
      ['PUT 1 undefined', 'PUT 2 1', 'DELETE  2'],
    );
  },
);
