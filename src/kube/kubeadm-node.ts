/**
 * Marks a node as kubeadm marks that of a control plane (its phase mark-control-plane): two labels, which a kubelet may not
 * set on itself.
 *
 * 1. It is done once, when the node has registered for the first time: labels that are removed stay so.
 * 2. Without kubeadm's taint: this is the only node, and with it pods would stay Pending. On a cluster of one node it is
 *    removed by hand (`kubectl taint nodes --all node-role.kubernetes.io/control-plane-`).
 */
import type { KubeObject } from './objects/objects.ts';
import { StoreConflict } from './store/store.ts';
import type { Store, StoreKey } from './store/store.ts';

const labels = {
  'node-role.kubernetes.io/control-plane': '',
  'node.kubernetes.io/exclude-from-external-load-balancers': '',
} as const;

export const markedNode = (node: KubeObject): KubeObject => ({
  ...node,
  metadata: { ...node.metadata, labels: { ...node.metadata.labels, ...labels } },
});

/** The number of attempts if its kubelet writes at the same time. */
const attempts = 20;

/** Does nothing where the node is gone again. */
export async function markControlPlaneNode(store: Store, key: StoreKey): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const found = await store.get(key);
    if (!found) return;
    try {
      await store.update(key, markedNode(found.object), found.revision);
      return;
    } catch (error) {
      if (!(error instanceof StoreConflict)) throw error;
      if (attempt === attempts) throw error;
    }
  }
}
