/** The node of a control plane, as kubeadm marks it. */
import test from 'ava';
import { columns } from '../../src/kube/apiserver/columns.ts';
import { markControlPlaneNode } from '../../src/kube/kubeadm-node.ts';
import { storeKey } from '../../src/kube/apiserver/resources.ts';
import { listAt } from '../../src/kube/objects/json.ts';
import type { KubeObject } from '../../src/kube/objects/objects.ts';
import { MemoryStore } from '../../src/kube/store/memory-store.ts';
import { StoreConflict } from '../../src/kube/store/store.ts';
import type { Stored } from '../../src/kube/store/store.ts';
import { isRunning, pod, pods, startWhole } from './components/support/whole.ts';

const role = 'node-role.kubernetes.io/control-plane';
const isMarked = (node: KubeObject | undefined): boolean => node?.metadata.labels?.[role] === '';

test('a new node has the role of a control plane, and no taint that keeps pods away', async (t) => {
  const { ask, until } = await startWhole(t, { marksNode: true });
  const node = await until('nodes', 'n1', isMarked);
  t.is(node?.metadata.labels?.['node.kubernetes.io/exclude-from-external-load-balancers'], '');
  t.deepEqual(listAt(node, 'spec', 'taints'), []);
  const shown = columns['nodes']?.find(({ name }) => name === 'Roles');
  t.is(node && shown?.value(node, 0), 'control-plane');
  await ask('POST', pods, pod('web'));
  await until('pods', 'web', isRunning);
});

test('it is marked once: a node that was there before is left as it is', async (t) => {
  const store = new MemoryStore();
  const key = storeKey({ group: '', plural: 'nodes', namespaced: false }, undefined, 'n1');
  await store.create(key, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} });
  const { reports, controlPlane } = await startWhole(t, { marksNode: true, store });
  await reports.next('registered');
  await controlPlane.close(0);
  t.false(isMarked((await store.get(key))?.object));
});

test('no change of its kubelet is lost, and a node that is gone is left alone', async (t) => {
  let meets = 2;
  class Busy extends MemoryStore {
    override async update(...[key, object, expected]: Parameters<MemoryStore['update']>): Promise<Stored> {
      if (meets-- > 0) throw new StoreConflict('changed', key);
      return super.update(key, object, expected);
    }
  }
  const store = new Busy();
  const key = storeKey({ group: '', plural: 'nodes', namespaced: false }, undefined, 'n1');
  await markControlPlaneNode(store, key);
  t.is(await store.get(key), undefined);
  await store.create(key, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1', labels: { a: 'b' } } });
  await markControlPlaneNode(store, key);
  const labels = (await store.get(key))?.object.metadata.labels;
  t.is(labels?.['a'], 'b');
  t.is(labels?.[role], '');
});
