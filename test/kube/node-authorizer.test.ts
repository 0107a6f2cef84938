import test from 'ava';
import { authorizeNode, nodeOf, usesOfPod } from '../../src/kube/node-authorizer.ts';
import type { IsUsedByNode } from '../../src/kube/node-authorizer.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { asks, user } from './support/policies.ts';

const n1 = user('system:node:n1', 'system:nodes', 'system:authenticated');
const isUsed: IsUsedByNode = (node, resource, namespace, name) => `${node} ${resource} ${namespace}/${name}` === 'n1 secrets default/mine';
const says = (...question: Parameters<typeof asks>): boolean | string | undefined => {
  const answer = authorizeNode(asks(...question), isUsed);
  return answer?.reason ?? answer?.allowed;
};

test('a kubelet has both the name and the group', (t) => {
  t.is(nodeOf(n1), 'n1');
  for (const who of [user('system:node:n1'), user('system:nodes:n1', 'system:nodes'), user('system:node:', 'system:nodes'), user('n1', 'system:nodes')]) {
    t.is(nodeOf(who), undefined);
    t.is(says(who, 'get', 'nodes'), undefined);
  }
});

test('a kubelet writes its own node and no other', (t) => {
  t.true(says(n1, 'get', 'nodes', { name: 'n2' }));
  t.true(says(n1, 'update', 'nodes/status', { name: 'n1' }));
  t.is(says(n1, 'patch', 'nodes', { name: 'n2' }), 'node "n1" cannot modify node "n2"');
  const leases = { group: 'coordination.k8s.io', namespace: 'kube-node-lease' };
  t.true(says(n1, 'update', 'leases', { ...leases, name: 'n1' }));
  t.is(says(n1, 'update', 'leases', { ...leases, name: 'n2' }), 'node "n1" cannot modify lease "n2"');
});

test('a kubelet reads the secrets that its pods use, each by its name', (t) => {
  t.true(says(n1, 'get', 'secrets', { namespace: 'default', name: 'mine' }));
  t.is(says(n1, 'get', 'secrets', { namespace: 'default', name: 'other' }), 'no relationship found between node "n1" and this object');
  t.is(says(n1, 'get', 'configmaps', { namespace: 'default', name: 'mine' }), 'no relationship found between node "n1" and this object');
  t.is(says(n1, 'list', 'secrets', { namespace: 'default' }), 'No Object name found');
});

test('what is no node and no lease is anybody’s to write who may', (t) => {
  t.true(says(n1, 'patch', 'pods/status', { namespace: 'default', name: 'web' }));
  t.true(says(n1, 'update', 'events', { namespace: 'default', name: 'e' }));
});

test('about what is no kubelet’s, another authorizer decides', (t) => {
  t.is(says(n1, 'delete', 'nodes', { name: 'n1' }), undefined);
  t.is(says(n1, 'create', 'clusterroles', { group: 'rbac.authorization.k8s.io' }), undefined);
  t.is(authorizeNode({ user: n1, verb: 'get', path: '/version' }, isUsed), undefined);
});

test('what a pod uses is found wherever a pod names it', (t) => {
  const pod = (spec: unknown): KubeObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'default' }, spec });
  const volumes = [{ secret: { secretName: 'a' } }, { configMap: { name: 'b' } }, { persistentVolumeClaim: { claimName: 'c' } }, { projected: { sources: [{ secret: { name: 'd' } }, { configMap: { name: 'e' } }] } }];
  const containers = [{ env: [{ name: 'X', valueFrom: { secretKeyRef: { name: 'f', key: 'k' } } }, { valueFrom: { configMapKeyRef: { name: 'g' } } }, { value: 'x' }], envFrom: [{ secretRef: { name: 'h' } }, { configMapRef: { name: 'i' } }] }];
  t.deepEqual(usesOfPod(pod({ nodeName: 'n1', volumes, containers, initContainers: [{ envFrom: [{ secretRef: { name: 'j' } }] }], imagePullSecrets: [{ name: 'k' }] })), {
    node: 'n1',
    uses: ['secrets a', 'configmaps b', 'persistentvolumeclaims c', 'secrets d', 'configmaps e', 'secrets h', 'configmaps i', 'secrets j', 'secrets f', 'configmaps g', 'secrets k'].map((one) => one.replace(' ', ' default/')),
  });
  t.is(usesOfPod(pod({ volumes })), undefined);
  for (const odd of [undefined, null, 7, { nodeName: 7 }]) t.is(usesOfPod(pod(odd)), undefined);
  for (const odd of [7, [null, 7, [], { secret: 7 }, { secret: { secretName: 7 } }]]) t.deepEqual(usesOfPod(pod({ nodeName: 'n', volumes: odd, containers: odd, imagePullSecrets: odd })), { node: 'n', uses: [] });
});
