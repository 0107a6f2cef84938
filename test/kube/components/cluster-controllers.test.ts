/** The small controllers against the API server, under a clock that is moved. */
import test from 'ava';
import { listAt, objectAt, textAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { ca, pod, pods, startWhole } from './support/whole.ts';

const taintsOf = (node: KubeObject | undefined): string[] =>
  listAt(node, 'spec', 'taints').map((taint) => `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`);
const ready = (node: KubeObject | undefined): string =>
  textAt(
    listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready'),
    'status',
  );
const both = { controllers: ['certificates', 'cluster'] } as const;
const inTime = (): AbortSignal => AbortSignal.timeout(20_000);

test('a service account that was deleted is made again, and the CA’s certificate that was changed is put right', async (t) => {
  const { ask, controlPlane, reports } = await startWhole(t, {
    kubelet: false,
    scheduler: false,
    controllerManager: { controllers: ['cluster'] },
  });
  const first = await ask('GET', '/api/v1/namespaces/default/serviceaccounts/default');
  await ask('DELETE', '/api/v1/namespaces/default/serviceaccounts/default');
  const again = await controlPlane.until(
    { plural: 'serviceaccounts', namespace: 'default', name: 'default' },
    (object) => object !== undefined && object.metadata.uid !== first.metadata.uid,
    inTime(),
  );
  t.truthy(again);
  await reports.next('made', ({ name }) => name === 'serviceaccount default/default');
  await ask('PUT', '/api/v1/namespaces/kube-public/configmaps/kube-root-ca.crt', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt' },
    data: { 'ca.crt': 'mine' },
  });
  await controlPlane.until(
    { plural: 'configmaps', namespace: 'kube-public', name: 'kube-root-ca.crt' },
    (object) => objectAt(object, 'data')['ca.crt'] === ca,
    inTime(),
  );
  t.like(await reports.next('made', ({ name }) => name.startsWith('configmap')), {
    name: 'configmap kube-public/kube-root-ca.crt',
  });
});

test('a node whose kubelet is silent is not ready and tainted; when it speaks again, neither', async (t) => {
  const { ask, clock, until, reports } = await startWhole(t, {
    scheduler: false,
    kubelet: { every: 3_600_000 },
    controllerManager: both,
  });
  await reports.next('registered');
  clock.move(60_000);
  const silent = await until(
    'nodes',
    'n1',
    (node) => ready(node) === 'Unknown' && taintsOf(node).length === 2,
  );
  t.deepEqual(taintsOf(silent), [
    'node.kubernetes.io/unreachable:NoSchedule',
    'node.kubernetes.io/unreachable:NoExecute',
  ]);
  t.is(
    textAt(
      listAt(silent, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready'),
      'message',
    ),
    'Kubelet stopped posting node status.',
  );
  const time = new Date(clock.now()).toISOString();
  const conditions = listAt(silent, 'status', 'conditions').map((one) => ({
    ...(one as object),
    status: textAt(one, 'type') === 'Ready' ? 'True' : 'False',
    lastHeartbeatTime: time,
  }));
  await ask('PUT', '/api/v1/nodes/n1/status', {
    ...(await ask('GET', '/api/v1/nodes/n1')),
    status: { ...(silent?.['status'] as object), conditions },
  });
  await until('nodes', 'n1', (node) => ready(node) === 'True' && taintsOf(node).length === 0);
  t.deepEqual(
    reports.of('node_silent').map(({ name }) => name),
    ['n1'],
  );
});

test('a cordoned node is tainted so, and its own taints stay', async (t) => {
  const { ask, until, reports } = await startWhole(t, { scheduler: false, controllerManager: both });
  await reports.next('registered');
  await ask('PATCH', '/api/v1/nodes/n1', {
    spec: { unschedulable: true, taints: [{ key: 'mine', effect: 'NoSchedule' }] },
  });
  t.deepEqual(taintsOf(await until('nodes', 'n1', (node) => taintsOf(node).length === 2)), [
    'mine:NoSchedule',
    'node.kubernetes.io/unschedulable:NoSchedule',
  ]);
  await ask('PATCH', '/api/v1/nodes/n1', { spec: { unschedulable: null } });
  t.deepEqual(taintsOf(await until('nodes', 'n1', (node) => taintsOf(node).length === 1)), [
    'mine:NoSchedule',
  ]);
});

test('the pods of a node that is gone are deleted', async (t) => {
  const { ask, until, reports } = await startWhole(t, {
    scheduler: false,
    kubelet: false,
    controllerManager: { podGrace: 0, controllers: ['cluster'] },
  });
  await ask('POST', pods, pod('lost', { nodeName: 'n9' }));
  await until('pods', 'lost', (object) => object === undefined);
  t.deepEqual(await reports.next('orphan_deleted'), {
    what: 'orphan_deleted',
    name: 'default/lost',
    node: 'n9',
  });
});

test('a taint with NoExecute evicts who does not tolerate it', async (t) => {
  const { ask, until, reports } = await startWhole(t, { controllerManager: both });
  await reports.next('registered');
  await ask('POST', pods, pod('bare'));
  await ask('POST', pods, pod('tolerant', { tolerations: [{ key: 'mine', operator: 'Exists' }] }));
  for (const name of ['bare', 'tolerant'])
    await until('pods', name, (object) => textAt(object, 'spec', 'nodeName') === 'n1');
  await ask('PATCH', '/api/v1/nodes/n1', { spec: { taints: [{ key: 'mine', effect: 'NoExecute' }] } });
  await until('pods', 'bare', (object) => object === undefined);
  t.deepEqual(await reports.next('evicted'), { what: 'evicted', name: 'default/bare', node: 'n1' });
  const left = await ask('GET', `${pods}/tolerant`);
  t.is(left.metadata.deletionTimestamp, undefined);
});
