/** How long a pod that is deleted stays, and what becomes of it meanwhile. */
import test from 'ava';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { deletionGrace, isEnding } from '../../../src/kube/objects/pod-deletion.ts';
import { startCluster } from '../support/cluster.ts';
import type { TestCluster } from '../support/cluster.ts';

const pod = (spec: object, status: object = {}, kind = 'Pod'): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'web' },
  spec,
  status,
});
const onNode = { nodeName: 'n1' };

test('a pod on a node has its time, and all else none', (t) => {
  t.is(deletionGrace(pod(onNode), undefined), 30);
  t.is(deletionGrace(pod({ ...onNode, terminationGracePeriodSeconds: 5 }), undefined), 5);
  t.is(deletionGrace(pod(onNode), 7), 7);
  t.is(deletionGrace(pod(onNode), 0), 0);
  t.is(deletionGrace(pod(onNode), -1), 0);
  t.is(deletionGrace(pod({}), 7), 0);
  t.is(deletionGrace(pod(onNode, { phase: 'Succeeded' }), 7), 0);
  t.is(deletionGrace(pod(onNode, {}, 'ConfigMap'), 7), 0);
  t.true(
    isEnding({
      ...pod(onNode),
      metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 1 },
    }),
  );
  t.false(isEnding({ ...pod(onNode), metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' } }));
});

const pods = '/api/v1/namespaces/default/pods';

async function withPod(cluster: TestCluster, more: object = {}): Promise<{ readonly uid: string }> {
  const { body } = await cluster.call(pods, {
    body: {
      metadata: { name: 'web', ...more },
      spec: { ...onNode, containers: [{ name: 'web', image: 'nginx' }] },
    },
  });
  return { uid: String(body.metadata['uid']) };
}

test('it is marked, may be written to, and goes when its kubelet says so', async (t) => {
  const cluster = await startCluster(t);
  const call: TestCluster['call'] = async (...asked) => cluster.call(...asked);
  const { uid } = await withPod(cluster);
  const marked = await call(`${pods}/web`, { method: 'DELETE' });
  t.like(marked.body, { kind: 'Pod', metadata: { name: 'web', deletionGracePeriodSeconds: 30 } });
  const left = Date.parse(String(marked.body.metadata['deletionTimestamp'])) - Date.now();
  t.true(left > 25_000 && left <= 30_000);
  t.like(
    (
      await call(`${pods}/web/status`, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: { metadata: { deletionGracePeriodSeconds: 0 }, status: { phase: 'Running' } },
      })
    ).body,
    { metadata: { deletionGracePeriodSeconds: 30 } },
  );
  // Asked again for as long, nothing changes; sooner is sooner.
  t.is(
    (await call(`${pods}/web`, { method: 'DELETE' })).body.metadata['resourceVersion'],
    (await call(`${pods}/web`)).body.metadata['resourceVersion'],
  );
  t.like((await call(`${pods}/web`, { method: 'DELETE', body: { gracePeriodSeconds: 3 } })).body, {
    metadata: { deletionGracePeriodSeconds: 3 },
  });
  t.is(
    (
      await call(`${pods}/web`, {
        method: 'DELETE',
        body: { gracePeriodSeconds: 0, preconditions: { uid: 'another' } },
      })
    ).code,
    409,
  );
  t.like(
    (await call(`${pods}/web`, { method: 'DELETE', body: { gracePeriodSeconds: 0, preconditions: { uid } } }))
      .body,
    { kind: 'Status', status: 'Success' },
  );
  t.is((await call(`${pods}/web`)).code, 404);
});

test('with a finalizer it stays after its kubelet, until that is gone', async (t) => {
  const cluster = await startCluster(t);
  const call: TestCluster['call'] = async (...asked) => cluster.call(...asked);
  await withPod(cluster, { finalizers: ['example.com/wait'] });
  await call(`${pods}/web`, { method: 'DELETE' });
  t.like((await call(`${pods}/web`, { method: 'DELETE', body: { gracePeriodSeconds: 0 } })).body, {
    metadata: { deletionGracePeriodSeconds: 0, finalizers: ['example.com/wait'] },
  });
  await call(`${pods}/web`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { metadata: { finalizers: null } },
  });
  t.is((await call(`${pods}/web`)).code, 404);
});
