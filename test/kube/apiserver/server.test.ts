/** The API server over HTTPS, as a client that is no kubectl meets it: statuses, writers at odds, and what is hostile. */
import { once } from 'node:events';
import { Agent } from 'node:https';
import { connect } from 'node:tls';
import test from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { permissive } from '../../../src/kube/apiserver/hooks.ts';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { streamOf } from '../../wire/support/streams.ts';
import { authority, configMap, configMaps, startCluster } from '../support/cluster.ts';
import type { Call } from '../support/cluster.ts';
import { isStatus, named, serverCases, watch, withApp } from '../support/server-cases.ts';
import type { Refusal } from '../support/server-cases.ts';

const json = { 'content-type': 'application/json' };
const typed = (type: string): Call['headers'] => ({ 'content-type': type });
const jsonPatch = typed('application/json-patch+json');
const mergePatch = typed('application/merge-patch+json');
const strategic = typed('application/strategic-merge-patch+json');
const protobuf = typed('application/vnd.kubernetes.protobuf');
const huge = Buffer.alloc(20 * 1024 * 1024, 0x20);
const nested = (depth: number): string =>
  `{"metadata":{"name":"deep"},"data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`;

interface Row extends Refusal {
  readonly path?: string;
  readonly call?: Call;
}

/** Each is asked of a server with the ConfigMap `app`. */
const refusals: readonly Row[] = [
  {
    what: 'a body of 20 MB',
    call: { body: huge },
    code: 413,
    reason: 'RequestEntityTooLarge',
    says: /^Request entity too large: limit is 3145728$/,
  },
  {
    what: 'a patch of 20 MB',
    path: named,
    call: { method: 'PATCH', body: huge, headers: mergePatch ?? {} },
    code: 413,
    reason: 'RequestEntityTooLarge',
  },
  { what: 'a body that is no JSON', call: { body: '{"metadata":' }, code: 400, reason: 'BadRequest' },
  { what: 'a body of nothing', call: { body: '' }, code: 400, reason: 'BadRequest' },
  {
    what: 'a list for an object',
    call: { body: '[]' },
    code: 400,
    reason: 'BadRequest',
    says: /cannot unmarshal array/,
  },
  { what: 'null for an object', call: { body: 'null' }, code: 400, reason: 'BadRequest' },
  {
    what: 'JSON that is too deep',
    call: { body: nested(100_000) },
    code: 400,
    reason: 'BadRequest',
    says: /max depth/,
  },
  {
    what: 'protobuf without its prefix',
    call: { body: 'hello', headers: protobuf ?? {} },
    code: 400,
    reason: 'BadRequest',
    says: /expected prefix/,
  },
  {
    what: 'protobuf that breaks off',
    call: { body: Buffer.from('k8s\0\x0a\x7f', 'latin1'), headers: protobuf ?? {} },
    code: 400,
    reason: 'BadRequest',
    says: /unexpected EOF/,
  },
  {
    what: 'XML',
    call: { body: '<a/>', headers: typed('application/xml') ?? {} },
    code: 415,
    reason: 'UnsupportedMediaType',
  },
  {
    what: 'a media type that is none',
    call: { body: '{}', headers: typed('__proto__') ?? {} },
    code: 415,
    reason: 'UnsupportedMediaType',
  },
  {
    what: 'server-side apply',
    path: named,
    call: { method: 'PATCH', body: '{}', headers: typed('application/apply-patch+yaml') ?? {} },
    code: 415,
    reason: 'UnsupportedMediaType',
  },
  {
    what: 'a patch that is plain JSON',
    path: named,
    call: { method: 'PATCH', body: '{}', headers: json },
    code: 415,
    reason: 'UnsupportedMediaType',
  },
  {
    what: 'an answer in XML',
    call: { headers: { accept: 'application/xml' } },
    code: 406,
    reason: 'NotAcceptable',
  },
  {
    what: 'an answer in protobuf alone',
    call: { headers: { accept: 'application/vnd.kubernetes.protobuf' } },
    code: 406,
    reason: 'NotAcceptable',
  },
  {
    what: 'a JSON patch that is no list',
    path: named,
    call: { method: 'PATCH', body: '{}', headers: jsonPatch ?? {} },
    code: 400,
    reason: 'BadRequest',
  },
  {
    what: 'a JSON patch of an unknown operation',
    path: named,
    call: { method: 'PATCH', body: '[{"op":"burn","path":"/data"}]', headers: jsonPatch ?? {} },
    code: 422,
    reason: 'Invalid',
  },
  {
    what: 'a JSON patch of what is not there',
    path: named,
    call: { method: 'PATCH', body: '[{"op":"remove","path":"/data/nope"}]', headers: jsonPatch ?? {} },
    code: 422,
    reason: 'Invalid',
  },
  {
    what: 'a JSON patch whose test fails',
    path: named,
    call: { method: 'PATCH', body: '[{"op":"test","path":"/data/a","value":"2"}]', headers: jsonPatch ?? {} },
    code: 422,
    reason: 'Invalid',
  },
  {
    what: 'a JSON patch that grows beyond all bounds',
    path: named,
    call: {
      method: 'PATCH',
      body: JSON.stringify(
        Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '/data', path: `/data/x${n}` })),
      ),
      headers: jsonPatch ?? {},
    },
    code: 413,
    reason: 'RequestEntityTooLarge',
  },
  {
    what: 'a JSON patch of too many operations',
    path: named,
    call: {
      method: 'PATCH',
      body: JSON.stringify(
        Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' })),
      ),
      headers: jsonPatch ?? {},
    },
    code: 413,
    reason: 'RequestEntityTooLarge',
  },
  {
    what: 'a merge patch to another type',
    path: named,
    call: { method: 'PATCH', body: '{"data":[1]}', headers: mergePatch ?? {} },
    code: 422,
    reason: 'Invalid',
    says: /cannot unmarshal array/,
  },
  {
    what: 'a merge patch of the name',
    path: named,
    call: { method: 'PATCH', body: '{"metadata":{"name":"other"}}', headers: mergePatch ?? {} },
    code: 400,
    reason: 'BadRequest',
    says: /does not match the name on the URL/,
  },
  {
    what: 'a strategic patch of an unknown directive',
    path: named,
    call: { method: 'PATCH', body: '{"$patch":"burn"}', headers: strategic ?? {} },
    code: 400,
    reason: 'BadRequest',
  },
  { what: 'a path with ..', path: '/api/v1/namespaces/../secrets', code: 400, reason: 'BadRequest' },
  {
    what: 'a path with an escaped ..',
    path: '/api/v1/namespaces/%2e%2e/secrets',
    code: 400,
    reason: 'BadRequest',
  },
  {
    what: 'a path with an escaped slash',
    path: `${configMaps}/a%2fb`,
    code: 400,
    reason: 'BadRequest',
    says: /may not contain '\/'/,
  },
  { what: 'a path with NUL', path: `${configMaps}/a%00b`, code: 400, reason: 'BadRequest' },
  { what: 'a path with half an escape', path: `${configMaps}/a%2`, code: 400, reason: 'BadRequest' },
  { what: 'a path that is not UTF-8', path: `${configMaps}/%ff`, code: 400, reason: 'BadRequest' },
  { what: 'a path with an empty part', path: '/api/v1//secrets', code: 400, reason: 'BadRequest' },
  { what: 'a kind that there is not', path: '/api/v1/unicorns', code: 404, reason: 'NotFound' },
  { what: 'a kind that every object has', path: '/api/v1/constructor', code: 404, reason: 'NotFound' },
  { what: 'a group that there is not', path: '/apis/example.com/v1/things', code: 404, reason: 'NotFound' },
  {
    what: 'a creation in a group that there is not',
    path: '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers',
    call: { body: {} },
    code: 404,
    reason: 'NotFound',
  },
  {
    what: 'a change of a document',
    path: '/version',
    call: { method: 'PUT', body: {} },
    code: 405,
    reason: 'MethodNotAllowed',
  },
  {
    what: 'a posing as nobody',
    call: { headers: { 'impersonate-group': 'system:masters' } },
    code: 400,
    reason: 'BadRequest',
    says: /without impersonating a user/,
  },
  { what: 'a document that there is not', path: '/swagger.json', code: 404, reason: 'NotFound' },
  { what: 'a subresource that there is not', path: `${named}/toString`, code: 404, reason: 'NotFound' },
  {
    what: 'an object that there is not',
    path: `${configMaps}/nope`,
    code: 404,
    reason: 'NotFound',
    says: /^configmaps "nope" not found$/,
  },
  {
    what: 'a change of what is not there',
    path: `${configMaps}/nope`,
    call: { method: 'PUT', body: configMap('nope') },
    code: 404,
    reason: 'NotFound',
  },
  {
    what: 'a creation in no namespace',
    path: '/api/v1/configmaps',
    call: { body: configMap('x') },
    code: 404,
    reason: 'NotFound',
  },
  {
    what: 'a creation at a name',
    path: named,
    call: { body: configMap('app') },
    code: 405,
    reason: 'MethodNotAllowed',
  },
  {
    what: 'a deletion of all namespaces',
    path: '/api/v1/namespaces',
    call: { method: 'DELETE' },
    code: 405,
    reason: 'MethodNotAllowed',
  },
  { what: 'a method that there is not', call: { method: 'PROPFIND' }, code: 405, reason: 'MethodNotAllowed' },
  { what: 'a second one of the name', call: { body: configMap('app') }, code: 409, reason: 'AlreadyExists' },
  {
    what: 'a change of another version',
    path: named,
    call: { method: 'PUT', body: { metadata: { name: 'app', resourceVersion: '1' }, data: {} } },
    code: 409,
    reason: 'Conflict',
    says: /the object has been modified; please apply your changes to the latest version and try again$/,
  },
  {
    what: 'a patch of another version',
    path: named,
    call: { method: 'PATCH', body: '{"metadata":{"resourceVersion":"1"}}', headers: mergePatch ?? {} },
    code: 409,
    reason: 'Conflict',
  },
  {
    what: 'a change of another object of the name',
    path: named,
    call: { method: 'PUT', body: { metadata: { name: 'app', uid: 'other' } } },
    code: 409,
    reason: 'Conflict',
  },
  {
    what: 'a deletion of another version',
    path: named,
    call: { method: 'DELETE', body: { preconditions: { resourceVersion: '1' } } },
    code: 409,
    reason: 'Conflict',
  },
  {
    what: 'a version that is no number',
    path: named,
    call: { method: 'PUT', body: { metadata: { name: 'app', resourceVersion: 'x' } } },
    code: 422,
    reason: 'Invalid',
  },
  {
    what: 'a name that is none',
    call: { body: configMap('Not_A_Name') },
    code: 422,
    reason: 'Invalid',
    says: /^ConfigMap "Not_A_Name" is invalid: metadata\.name: Invalid value: "Not_A_Name": a lowercase RFC 1123 subdomain/,
  },
  {
    what: 'no name',
    call: { body: { metadata: {} } },
    code: 422,
    reason: 'Invalid',
    says: /name or generateName is required/,
  },
  {
    what: 'a label that is none',
    call: { body: { metadata: { name: 'x', labels: { 'a b': 'c d' } } } },
    code: 422,
    reason: 'Invalid',
  },
  {
    what: 'a key that is none',
    call: { body: configMap('x', { 'a/b': '1' }) },
    code: 422,
    reason: 'Invalid',
    says: /a valid config key must consist of/,
  },
  {
    what: 'another namespace than that of the path',
    call: { body: { metadata: { name: 'x', namespace: 'kube-system' } } },
    code: 400,
    reason: 'BadRequest',
  },
  {
    what: 'another kind than that of the path',
    call: { body: { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' } } },
    code: 400,
    reason: 'BadRequest',
  },
  {
    what: 'an unknown field, strictly',
    path: `${configMaps}?fieldValidation=Strict`,
    call: { body: { metadata: { name: 'x' }, datta: {} } },
    code: 400,
    reason: 'BadRequest',
    says: /strict decoding error: unknown field "datta"$/,
  },
  {
    what: 'a dry run of another kind',
    path: `${configMaps}?dryRun=Some`,
    call: { body: configMap('x') },
    code: 422,
    reason: 'Invalid',
  },
  {
    what: 'a label selector that is none',
    path: `${configMaps}?labelSelector=a%3D%3D%3Db`,
    code: 400,
    reason: 'BadRequest',
  },
  {
    what: 'a field that cannot be selected by',
    path: `${configMaps}?fieldSelector=data.a%3D1`,
    code: 400,
    reason: 'BadRequest',
  },
  {
    what: 'a page that no page led to',
    path: `${configMaps}?continue=nonsense`,
    code: 400,
    reason: 'BadRequest',
  },
  { what: 'a limit that is no number', path: `${configMaps}?limit=-1`, code: 400, reason: 'BadRequest' },
];

for (const [title, run] of serverCases) test(title, async (t) => run(t, startCluster));

test('what is wrong is answered as kube-apiserver answers it, and harms nobody else', async (t) => {
  const cluster = await withApp(t, startCluster);
  const before = await cluster.call(named);
  for (const row of refusals) {
    isStatus(t, await cluster.call(row.path ?? configMaps, row.call ?? {}), row);
    t.is((await cluster.call('/readyz')).text, 'ok', row.what);
  }
  t.deepEqual((await cluster.call(named)).body, before.body);
  t.deepEqual(
    ((await cluster.call(configMaps)).body['items'] as { metadata: { name: string } }[]).map(
      ({ metadata }) => metadata.name,
    ),
    ['app', 'kube-root-ca.crt'],
  );
});

test('several faults of an object are told together, each with its cause', async (t) => {
  const cluster = await startCluster(t);
  const { code, body } = await cluster.call('/api/v1/namespaces/default/pods', {
    body: { metadata: { name: 'A' }, spec: { containers: [{}], restartPolicy: 'Sometimes' } },
  });
  t.is(code, 422);
  const { causes, kind, name } = body['details'] as {
    causes: { reason: string; field: string; message: string }[];
    kind: string;
    name: string;
  };
  t.deepEqual([kind, name], ['Pod', 'A']);
  t.deepEqual(
    causes.map(({ reason, field }) => `${reason} ${field}`),
    [
      'FieldValueInvalid metadata.name',
      'FieldValueRequired spec.containers[0].name',
      'FieldValueRequired spec.containers[0].image',
      'FieldValueNotSupported spec.restartPolicy',
    ],
  );
  t.regex(
    String(body['message']),
    /^Pod "A" is invalid: \[metadata\.name: Invalid value: "A": .*, spec\.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"\]$/,
  );
});

test('fields that a kind does not have are dropped and warned of', async (t) => {
  const cluster = await startCluster(t);
  const { code, body, headers } = await cluster.call(configMaps, {
    body: { metadata: { name: 'x' }, 'dat\u0000ta\r\nX: y': {} },
  });
  t.is(code, 201);
  t.is(body['data'], undefined);
  t.regex(String(headers['warning']), /^299 - "unknown field \\"dat/);
  t.is(headers['x'], undefined);
  const ignored = await cluster.call(`${configMaps}?fieldValidation=Ignore`, {
    body: { metadata: { name: 'y' }, datta: {} },
  });
  t.is(ignored.headers['warning'], undefined);
});

test('what belongs to the server is never taken from a client', async (t) => {
  const cluster = await startCluster(t);
  const claimed = {
    uid: 'mine',
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
    generation: 7,
    selfLink: '/x',
    managedFields: [{ manager: 'me' }],
  };
  const { code, body } = await cluster.call(configMaps, { body: { metadata: { name: 'x', ...claimed } } });
  t.is(code, 201);
  for (const [field, value] of Object.entries(claimed)) t.notDeepEqual(body.metadata[field], value, field);
  t.regex(
    String(body.metadata['uid']),
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  const replaced = await cluster.call(`${configMaps}/x`, {
    method: 'PUT',
    body: {
      metadata: { name: 'x', creationTimestamp: '2001-01-01T00:00:00Z', generation: 7 },
      data: { a: '1' },
    },
  });
  t.is(replaced.code, 200);
  t.deepEqual(
    [replaced.body.metadata['uid'], replaced.body.metadata['creationTimestamp']],
    [body.metadata['uid'], body.metadata['creationTimestamp']],
  );
});

test('keys that JavaScript has a meaning for are keys like any others', async (t) => {
  const cluster = await startCluster(t);
  const body = `{"metadata":{"name":"x","labels":{"__proto__":"a","constructor":"b"}},"data":{"__proto__":"1","toString":"2"}}`;
  t.is((await cluster.call(configMaps, { body })).code, 422);
  const fair = await cluster.call(configMaps, { body: body.replace('"__proto__":"a",', '') });
  t.is(fair.code, 201);
  t.true(fair.text.includes('"data":{"__proto__":"1","toString":"2"}'));
  t.is(
    (
      await cluster.call(`${configMaps}/x`, {
        method: 'PATCH',
        body: '{"data":{"__proto__":{"polluted":"yes"}}}',
        headers: mergePatch ?? {},
      })
    ).code,
    422,
  );
  t.is(
    (
      await cluster.call(`${configMaps}/x`, {
        method: 'PATCH',
        body: '[{"op":"add","path":"/data/__proto__","value":"3"}]',
        headers: jsonPatch ?? {},
      })
    ).code,
    200,
  );
  t.is(
    (
      await cluster.call(`${configMaps}/x`, {
        method: 'PATCH',
        body: '[{"op":"add","path":"/constructor/prototype/polluted","value":"3"}]',
        headers: jsonPatch ?? {},
      })
    ).code,
    422,
  );
  t.is(({} as Record<string, unknown>)['polluted'], undefined);
});

test('nothing is told to somebody who may not ask: 401 and 403 come before 404, and no body is read', async (t) => {
  const cluster = await startCluster(t, {
    hooks: {
      ...permissive,
      authenticate: async (_, rawHeaders) =>
        Promise.resolve(
          rawHeaders.includes('Bearer good')
            ? { user: { name: 'bob', groups: [] } }
            : { rejected: { reason: 'token_unknown', words: { en: 'no token', ko: '토큰 없음' } } },
        ),
      authorize: async ({ verb }) => Promise.resolve({ allowed: verb === 'get', reason: '' }),
    },
  });
  isStatus(t, await cluster.call('/api/v1/unicorns'), {
    what: 'nobody',
    code: 401,
    reason: 'Unauthorized',
    says: /^Unauthorized$/,
  });
  const bob = { authorization: 'Bearer good' };
  isStatus(t, await cluster.call('/api/v1/unicorns', { headers: bob }), {
    what: 'bob',
    code: 403,
    reason: 'Forbidden',
    says: /^unicorns is forbidden: User "bob" cannot list resource "unicorns" in API group "" at the cluster scope$/,
  });
  isStatus(t, await cluster.call(configMaps, { body: huge, headers: { ...bob, ...json } }), {
    what: 'a huge body',
    code: 403,
    reason: 'Forbidden',
    says: /cannot create resource "configmaps" in API group "" in the namespace "default"$/,
  });
  isStatus(
    t,
    await cluster.call('/api/v1/namespaces/default/pods/x/status', { method: 'PUT', body: {}, headers: bob }),
    {
      what: 'a part',
      code: 403,
      reason: 'Forbidden',
      says: /^pods "x" is forbidden: User "bob" cannot update resource "pods\/status"/,
    },
  );
  t.is((await cluster.call('/version', { headers: bob })).code, 200);
});

test('a fault of a hook is a 500 that tells nothing, and the server goes on', async (t) => {
  const faults: unknown[] = [];
  const cluster = await startCluster(t, {
    hooks: { ...permissive, admit: async () => Promise.reject(new Error('the secret of the house')) },
    onAnswered: ({ fault }) => void (fault && faults.push(fault)),
  });
  const { code, text } = await cluster.call(configMaps, { body: configMap('x') });
  t.is(code, 500);
  t.false(text.includes('secret of the house'));
  t.is(faults.length, 1);
  t.is((await cluster.call('/readyz')).code, 200);
});

test('a full store refuses what makes it fuller, and goes on', async (t) => {
  const cluster = await startCluster(t, { store: new MemoryStore({ quotaBytes: 100_000 }) });
  t.is((await cluster.call(configMaps, { body: configMap('small', { a: 'x'.repeat(40_000) }) })).code, 201);
  const { code, body } = await cluster.call(configMaps, {
    body: configMap('large', { a: 'x'.repeat(90_000) }),
  });
  t.is(code, 500);
  t.regex(String(body['message']), /database space exceeded/);
  t.is((await cluster.call(`${configMaps}/small`, { method: 'DELETE' })).code, 200);
  t.is((await cluster.call(configMaps, { body: configMap('large', { a: 'x'.repeat(90_000) }) })).code, 201);
});

test('two hundred clients at once are all answered, with large bodies too', async (t) => {
  const cluster = await startCluster(t);
  const agent = new Agent({ keepAlive: false, maxSockets: 200, ca: authority });
  t.teardown(() => agent.destroy());
  const answers = await Promise.all(
    Array.from({ length: 200 }, async (_, n) =>
      cluster.call(configMaps, {
        body: configMap(`cm-${n}`, { a: 'x'.repeat(n % 10 === 0 ? 900_000 : 10) }),
        agent,
      }),
    ),
  );
  const codes = new Set(answers.map(({ code }) => code));
  // Twenty large ones are 18 MB: within what is held at a time.
  t.deepEqual([...codes], [201]);
  t.is(
    (
      (
        await cluster.call(`${configMaps}?fieldSelector=metadata.name!%3Dkube-root-ca.crt`, {
          headers: { accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io' },
        })
      ).body['items'] as unknown[]
    ).length,
    200,
  );
});

test('a watch from a version that is forgotten is told 410, and ends', async (t) => {
  const cluster = await startCluster(t, { store: new MemoryStore({ historyEvents: 3 }) });
  for (let n = 0; n < 5; n++) await cluster.call(configMaps, { body: configMap(`cm-${n}`) });
  const watching = await watch(cluster, '&resourceVersion=2');
  const { type, object } = await watching.next();
  t.deepEqual([type, object['code'], object['reason']], ['ERROR', 410, 'Expired']);
  await watching.ended;
});

test('watches that are broken off leave nothing behind, and closing ends those that are there', async (t) => {
  const store = new MemoryStore();
  const open = new Set<object>();
  const watched = store.watch.bind(store);
  store.watch = async (...given) => {
    const stop = await watched(...given);
    const mark = {};
    open.add(mark);
    return () => {
      open.delete(mark);
      stop();
    };
  };
  const cluster = await startCluster(t, { store });
  const watching = await Promise.all(Array.from({ length: 20 }, async () => watch(cluster, '')));
  await Promise.all(watching.map(async ({ next }) => next()));
  t.is(open.size, 20);
  for (const { destroy } of watching.slice(0, 15)) destroy();
  // A request behind them: they have gone by then, or go with what follows.
  while (open.size > 5) await cluster.call('/readyz');
  t.is(open.size, 5);
  await cluster.server.close();
  await Promise.all(watching.map(async ({ ended }) => ended));
  t.is(open.size, 0);
});

test('a client that does not read its watch is broken off, and nobody waits for it', async (t) => {
  const cluster = await startCluster(t, { store: new MemoryStore({ historyEvents: 100 }) });
  const socket = connect({
    host: '127.0.0.1',
    port: cluster.server.address.port,
    ca: authority,
    servername: 'kubernetes',
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  socket.pause();
  socket.write(`GET ${configMaps}?watch=true HTTP/1.1\r\nHost: x\r\n\r\n`);
  await cluster.call(configMaps, { body: configMap('big', { a: 'x'.repeat(900_000) }) });
  for (let n = 0; n < 30; n++)
    await cluster.call(`${configMaps}/big`, {
      method: 'PATCH',
      body: { data: { n: String(n) } },
      headers: mergePatch ?? {},
    });
  t.is((await cluster.call('/readyz')).code, 200);
  socket.destroy();
});

test('answers that nobody reads are bounded: the next one is a 429, and they are broken off in the end', async (t) => {
  const cluster = await startCluster(t, { limits: { unread: 9_000_000, reading: 1500 } });
  for (let n = 0; n < 8; n++)
    await cluster.call(configMaps, { body: configMap(`big-${n}`, { a: 'x'.repeat(900_000) }) });
  const socket = connect({
    host: '127.0.0.1',
    port: cluster.server.address.port,
    ca: authority,
    servername: 'kubernetes',
  });
  await once(socket, 'secureConnect');
  socket.on('error', () => {});
  socket.write(`GET ${configMaps} HTTP/1.1\r\nHost: x\r\n\r\n`);
  // It has begun to come; the rest is more than sockets hold.
  await once(socket, 'readable');
  const refused = await cluster.call(configMaps);
  isStatus(t, refused, { what: 'one more', code: 429, reason: 'TooManyRequests' });
  t.is(refused.headers['retry-after'], '1');
  t.is((await cluster.call('/readyz')).code, 200);
  let code = 429;
  // On a busy machine it may be broken off itself.
  while (code === 429) ({ code } = await cluster.call(configMaps).catch(() => ({ code })));
  t.is(code, 200);
  socket.resume();
  // `once` would take the reset for a failure.
  await new Promise((resolve) => socket.once('close', resolve));
});

test('more requests at a time than are served are told to come again', async (t) => {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const cluster = await startCluster(t, {
    limits: { inFlight: 3 },
    hooks: {
      ...permissive,
      authorize: async (attributes) =>
        (attributes.path === '/version' ? held : Promise.resolve()).then(() => ({ allowed: true })),
    },
  });
  const agent = new Agent({ ca: authority, maxSockets: 10 });
  t.teardown(() => agent.destroy());
  const waiting = Array.from({ length: 4 }, async () => cluster.call('/version', { agent }));
  const first = await Promise.race(waiting);
  t.is(first.code, 429);
  release();
  t.deepEqual(
    (await Promise.all(waiting)).map(({ code }) => code).toSorted((one, other) => one - other),
    [200, 200, 200, 429],
  );
  t.is((await cluster.call('/readyz')).code, 200);
});

test('raw sockets: two requests in one, half a request, and nonsense', async (t) => {
  const cluster = await startCluster(t);
  const say = async (text: string, goesAway = false): Promise<string> => {
    const socket = connect({
      host: '127.0.0.1',
      port: cluster.server.address.port,
      ca: authority,
      servername: 'kubernetes',
    });
    let heard = '';
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString()));
    socket.on('error', () => {});
    socket.write(text, () => void (goesAway && socket.destroy()));
    await new Promise((resolve) => socket.once('close', resolve));
    return heard;
  };
  const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
  t.is(
    (await say(get('/readyz') + get('/livez', 'Connection: close\r\n'))).match(/HTTP\/1\.1 200/g)?.length,
    2,
  );
  t.regex(await say(get('/api/v1/namespaces/../x', 'Connection: close\r\n')), /^HTTP\/1\.1 400/);
  t.regex(
    await say('GET http://elsewhere/api/v1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 400/,
  );
  t.regex(await say('nonsense\r\n\r\n'), /^HTTP\/1\.1 400/);
  t.regex(await say('GET /a\0b HTTP/1.1\r\nHost: x\r\n\r\n'), /^HTTP\/1\.1 400/);
  await say(
    `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"meta`,
    true,
  );
  t.regex(
    await say(
      `POST ${configMaps} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ),
    /^HTTP\/1\.1 400/,
  );
  t.is((await cluster.call('/readyz')).code, 200);
});

test('tapped, a conversation lies open above TLS in the log', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const cluster = await startCluster(t, { tap: { log, hop: 'A' } });
  await cluster.call(configMaps, { body: configMap('seen', { password: 'tiger-lily' }) });
  t.true(streamOf(log, 'A', 'plaintext', 'client').includes('tiger-lily'));
  t.false(streamOf(log, 'A', 'wire', 'client').includes('tiger-lily'));
  t.regex(streamOf(log, 'A', 'plaintext', 'server').toString(), /^HTTP\/1\.1 201 Created/);
});

test('HEAD has no body, and every answer is of the version that clients know', async (t) => {
  const cluster = await startCluster(t);
  const head = await cluster.call('/api/v1/namespaces', { method: 'HEAD' });
  t.is(head.code, 200);
  t.is(head.text, '');
  const { body } = await cluster.call('/version');
  t.regex(String(body['gitVersion']), /^v1\.32\.\d+$/);
});

withPeer('curl', 'curl is told that 20 MB are too much, however it sends them', async (t) => {
  const cluster = await startCluster(t);
  const words = [
    '-sk',
    '-o',
    '-',
    '-w',
    '\n%{http_code}',
    '-H',
    'Content-Type: application/json',
    '--data-binary',
    '@-',
    `${cluster.url}${configMaps}`,
  ];
  for (const more of [[], ['-H', 'Expect:'], ['-H', 'Transfer-Encoding: chunked']]) {
    const { stdout } = await runProgram('curl', [...more, ...words], { input: huge });
    t.regex(stdout, /"reason": "RequestEntityTooLarge"/, more.join(' '));
    t.regex(stdout, /\n413$/, more.join(' '));
  }
  t.is((await cluster.call('/readyz')).code, 200);
});
