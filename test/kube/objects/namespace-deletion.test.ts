/** A namespace goes when nothing lies in it any more and nobody holds it; until then it says why not. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { listAt, textAt } from '../../../src/kube/objects/json.ts';
import { emptiedNamespace, isReleased } from '../../../src/kube/objects/namespace-deletion.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { startCluster } from '../support/cluster.ts';
import type { Answer, TestCluster } from '../support/cluster.ts';

const path = '/api/v1/namespaces/team';
const at = '2026-11-26T06:00:00Z';
const patch = { 'content-type': 'application/merge-patch+json' };

async function withNamespace(t: ExecutionContext, spec: object = {}): Promise<TestCluster> {
  const cluster = await startCluster(t);
  t.is(
    (await cluster.call('/api/v1/namespaces', { body: { metadata: { name: 'team' }, ...spec } })).code,
    201,
  );
  return cluster;
}

const remove = async (cluster: TestCluster, of = path): Promise<Answer> =>
  cluster.call(of, { method: 'DELETE' });
const conditionOf = (namespace: unknown, type: string): unknown =>
  listAt(namespace, 'status', 'conditions').find((one) => textAt(one, 'type') === type);

test('a namespace with a finalizer of its spec stays, empty, until that is taken away at /finalize', async (t) => {
  const cluster = await withNamespace(t, { spec: { finalizers: ['example.com/hold'] } });
  await cluster.call(`${path}/configmaps`, { body: { metadata: { name: 'a' } } });
  await remove(cluster);
  const { body } = await cluster.call(path);
  t.deepEqual(
    [listAt(body, 'spec', 'finalizers'), textAt(body, 'status', 'phase')],
    [['example.com/hold'], 'Terminating'],
  );
  t.like(conditionOf(body, 'NamespaceContentRemaining'), { status: 'False', reason: 'ContentRemoved' });
  t.is((await cluster.call(`${path}/configmaps/a`)).code, 404);
  const refused = await cluster.call(`${path}/configmaps`, { body: { metadata: { name: 'b' } } });
  t.is(refused.code, 403);
  t.is(
    refused.body['message'],
    'configmaps "b" is forbidden: unable to create new content in namespace team because it is being terminated',
  );
  // Its spec is not written by whoever writes the object.
  await cluster.call(path, { method: 'PUT', body: { ...body, spec: { finalizers: [] } } });
  t.is((await cluster.call(path)).code, 200);
  const { body: now } = await cluster.call(path);
  t.is(
    (await cluster.call(`${path}/finalize`, { method: 'PUT', body: { ...now, spec: { finalizers: [] } } }))
      .code,
    200,
  );
  t.is((await cluster.call(path)).code, 404);
});

test('a namespace with a finalizer of its metadata stays until that is taken away', async (t) => {
  const cluster = await withNamespace(t);
  await cluster.call(path, {
    method: 'PATCH',
    body: { metadata: { finalizers: ['example.com/hold'] } },
    headers: patch,
  });
  await remove(cluster);
  t.is(textAt((await cluster.call(path)).body, 'status', 'phase'), 'Terminating');
  const more = await cluster.call(path, {
    method: 'PATCH',
    body: { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } },
    headers: patch,
  });
  t.regex(
    String(more.body['message']),
    /no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"example\.com\/more"\}$/,
  );
  t.is(
    (await cluster.call(path, { method: 'PATCH', body: { metadata: { finalizers: null } }, headers: patch }))
      .code,
    200,
  );
  t.is((await cluster.call(path)).code, 404);
});

test('what lies in a namespace and has finalizers keeps it, and it says what', async (t) => {
  const cluster = await withNamespace(t);
  for (const name of ['a', 'b'])
    await cluster.call(`${path}/configmaps`, {
      body: { metadata: { name, finalizers: ['example.com/hold'] } },
    });
  await remove(cluster);
  const { body } = await cluster.call(path);
  t.like(conditionOf(body, 'NamespaceContentRemaining'), {
    status: 'True',
    reason: 'SomeResourcesRemain',
    message: 'Some resources are remaining: configmaps. has 2 resource instances',
  });
  t.like(conditionOf(body, 'NamespaceFinalizersRemaining'), {
    status: 'True',
    reason: 'SomeFinalizersRemain',
    message:
      'Some content in the namespace has finalizers remaining: example.com/hold in 2 resource instances',
  });
  for (const name of ['a', 'b']) {
    t.truthy(
      ((await cluster.call(`${path}/configmaps/${name}`)).body.metadata as { deletionTimestamp?: string })
        .deletionTimestamp,
    );
    await cluster.call(`${path}/configmaps/${name}`, {
      method: 'PATCH',
      body: { metadata: { finalizers: null } },
      headers: patch,
    });
  }
  t.is((await cluster.call(path)).code, 404);
});

test('a namespace that nobody holds is gone at once', async (t) => {
  const cluster = await withNamespace(t);
  t.deepEqual(listAt((await cluster.call(path)).body, 'spec', 'finalizers'), ['kubernetes']);
  await remove(cluster);
  t.is((await cluster.call(path)).code, 404);
});

test('told the same again, a namespace keeps the times of its conditions', (t) => {
  const namespace: KubeObject = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'team' },
    spec: { finalizers: ['kubernetes'] },
    status: { phase: 'Terminating' },
  };
  const remaining = [
    { type: { group: 'rbac.authorization.k8s.io', plural: 'roles' }, finalizers: ['a/b', 'c/d'] },
  ];
  const held = emptiedNamespace(namespace, remaining, at);
  t.false(isReleased(held));
  t.deepEqual(emptiedNamespace(held, remaining, '2026-11-26T07:00:00Z'), held);
  t.is(
    textAt(conditionOf(held, 'NamespaceContentRemaining'), 'message'),
    'Some resources are remaining: roles.rbac.authorization.k8s.io has 1 resource instances',
  );
  t.true(isReleased(emptiedNamespace(held, [], at)));
});
