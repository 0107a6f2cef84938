import test from 'ava';
import type { User } from '../../../src/kube/apiserver/attributes.ts';
import type { Change } from '../../../src/kube/apiserver/hooks.ts';
import { restrictNode } from '../../../src/kube/authz/node-restriction.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { asks, user } from '../support/policies.ts';

const n1 = user('system:node:n1', 'system:nodes');

interface Written {
  readonly resource: string;
  readonly object: KubeObject;
  readonly old?: KubeObject;
  readonly operation?: Change['operation'];
  readonly who?: User;
}

/** What it is refused with, after `is forbidden`. */
function says({
  resource,
  object,
  old,
  operation = old ? 'UPDATE' : 'CREATE',
  who = n1,
}: Written): string | undefined {
  const group = resource === 'leases' ? { group: 'coordination.k8s.io' } : {};
  const attributes = asks(who, 'update', resource, { ...group, name: object.metadata.name });
  try {
    restrictNode({ operation, attributes, object, at: 0, ...(old ? { old } : {}) });
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.status.code !== 403) throw error;
    return error.message.replace(/^.*? is forbidden: /, '');
  }
}

const node = (name: string, labels: Record<string, string> = {}, spec: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels },
  spec,
});
const pod = (spec: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec,
});
const lease = (name: string, namespace = 'kube-node-lease'): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, namespace },
});

test('a kubelet writes its own node, and nobody else is asked', (t) => {
  t.is(says({ resource: 'nodes', object: node('n1') }), undefined);
  t.is(says({ resource: 'nodes', object: node('n2') }), 'node "n1" is not allowed to modify node "n2"');
  t.is(
    says({ resource: 'nodes/status', object: node('n2'), old: node('n2') }),
    'node "n1" is not allowed to modify node "n2"',
  );
  t.is(
    says({ resource: 'nodes', object: node('n2'), who: user('system:admin', 'system:masters') }),
    undefined,
  );
});

test('labels by which others choose nodes are not a kubelet’s to set', (t) => {
  const set = (labels: Record<string, string>, old?: Record<string, string>): string | undefined =>
    says({ resource: 'nodes', object: node('n1', labels), ...(old ? { old: node('n1', old) } : {}) });
  const free = {
    'kubernetes.io/hostname': 'n1',
    'kubernetes.io/os': 'linux',
    'node.kubernetes.io/instance-type': 'x',
    'kubelet.kubernetes.io/a': 'b',
    'example.com/a': 'b',
    plain: 'c',
  };
  t.is(set(free), undefined);
  t.is(set(free, {}), undefined);
  t.is(
    set({ 'node-restriction.kubernetes.io/secret': 'y' }),
    'node "n1" is not allowed to set the following labels: node-restriction.kubernetes.io/secret',
  );
  t.is(
    set({ 'node-restriction.kubernetes.io/secret': 'y' }, {}),
    'is not allowed to modify labels: node-restriction.kubernetes.io/secret',
  );
  t.is(
    set({}, { 'x.node-restriction.kubernetes.io/a': 'y', 'node-role.kubernetes.io/control-plane': '' }),
    'is not allowed to modify labels: node-role.kubernetes.io/control-plane, x.node-restriction.kubernetes.io/a',
  );
  t.is(
    set({ 'node-restriction.kubernetes.io/a': 'y' }, { 'node-restriction.kubernetes.io/a': 'y' }),
    undefined,
  );
  t.is(
    set({ 'something.k8s.io/a': '' }),
    'node "n1" is not allowed to set the following labels: something.k8s.io/a',
  );
});

test('taints are what others keep pods away with', (t) => {
  const taints = [{ key: 'a', effect: 'NoSchedule' }];
  t.is(says({ resource: 'nodes', object: node('n1', {}, { taints }) }), undefined);
  t.is(
    says({ resource: 'nodes', object: node('n1'), old: node('n1', {}, { taints }) }),
    'node "n1" is not allowed to modify taints',
  );
});

test('a kubelet reports on pods that are on it', (t) => {
  const [mine, other, nowhere] = [pod({ nodeName: 'n1' }), pod({ nodeName: 'n2' }), pod({})];
  t.is(says({ resource: 'pods/status', object: mine, old: mine }), undefined);
  for (const one of [other, nowhere]) {
    t.is(
      says({ resource: 'pods/status', object: one, old: one }),
      'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    );
    t.is(
      says({ resource: 'pods', object: one, operation: 'DELETE' }),
      'node "n1" can only delete pods with spec.nodeName set to itself',
    );
  }
  t.is(says({ resource: 'pods', object: mine, operation: 'DELETE' }), undefined);
  t.is(says({ resource: 'pods/eviction', object: mine, operation: 'DELETE' }), undefined);
  t.is(
    says({ resource: 'pods/eviction', object: other, operation: 'DELETE' }),
    'node "n1" can only evict pods with spec.nodeName set to itself',
  );
  t.is(
    says({ resource: 'pods', object: mine, old: mine }),
    'unexpected operation "UPDATE", node "n1" can only create and delete mirror pods',
  );
  t.is(
    says({ resource: 'pods/binding', object: mine, old: nowhere }),
    `unexpected pod subresource "binding", only 'status' and 'eviction' are allowed`,
  );
});

test('a kubelet creates mirrors of its static pods, which can ask for nothing', (t) => {
  const annotations = { 'kubernetes.io/config.mirror': 'hash' };
  const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid: 'u', controller: true };
  const mirror = (spec: object = {}, ownerReferences: readonly object[] = [owner]): string | undefined =>
    says({ resource: 'pods', object: pod({ nodeName: 'n1', ...spec }, { annotations, ownerReferences }) });
  t.is(mirror(), undefined);
  t.is(
    says({ resource: 'pods', object: pod({ nodeName: 'n1' }) }),
    'pod does not have "kubernetes.io/config.mirror" annotation, node "n1" can only create mirror pods',
  );
  t.is(mirror({ nodeName: 'n2' }), 'node "n1" can only create pods with spec.nodeName set to itself');
  t.is(mirror({}, []), 'node "n1" can only create pods with an owner reference set to itself');
  t.is(
    mirror({}, [{ ...owner, name: 'n2' }]),
    'node "n1" can only create pods with an owner reference set to itself',
  );
  t.is(
    mirror({}, [owner, owner]),
    'node "n1" can only create pods with a single owner reference set to itself',
  );
  t.is(
    mirror({}, [{ ...owner, controller: false }]),
    'node "n1" can only create pods with a controller owner reference set to itself',
  );
  t.is(
    mirror({}, [{ ...owner, blockOwnerDeletion: true }]),
    'node "n1" must not set blockOwnerDeletion on an owner reference',
  );
  t.is(
    mirror({ serviceAccountName: 'admin' }),
    'node "n1" can not create pods that reference a service account',
  );
  t.is(
    mirror({ volumes: [{ secret: { secretName: 's' } }] }),
    'node "n1" can not create pods that reference secrets',
  );
  t.is(
    mirror({ volumes: [{ configMap: { name: 's' } }] }),
    'node "n1" can not create pods that reference configmaps',
  );
});

test('a kubelet holds the lease of its name', (t) => {
  t.is(says({ resource: 'leases', object: lease('n1') }), undefined);
  t.is(
    says({ resource: 'leases', object: lease('n2') }),
    'can only access node lease with the same name as the requesting node',
  );
  t.is(
    says({ resource: 'leases', object: lease('n1', 'kube-system') }),
    'can only access leases in the "kube-node-lease" system namespace',
  );
});
