import test from 'ava';
import { authorizeNode, nodeOf, usesOfPod } from '../../../src/kube/authz/node-authorizer.ts';
import type { IsUsedByNode } from '../../../src/kube/authz/node-authorizer.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { asks, user } from '../support/policies.ts';

const n1 = user('system:node:n1', 'system:nodes', 'system:authenticated');
const isUsed: IsUsedByNode = (node, resource, namespace, name) =>
  `${node} ${resource} ${namespace}/${name}` in
  { 'n1 secrets default/mine': 1, 'n1 pods default/web': 1, 'n1 serviceaccounts default/default': 1 };
const unrelated = "no relationship found between node 'n1' and this object";
const says = (...question: Parameters<typeof asks>): boolean | string | undefined => {
  const answer = authorizeNode(asks(...question), isUsed);
  return answer?.reason ?? answer?.allowed;
};

test('a kubelet has both the name and the group', (t) => {
  t.is(nodeOf(n1), 'n1');
  for (const who of [
    user('system:node:n1'),
    user('system:nodes:n1', 'system:nodes'),
    user('system:node:', 'system:nodes'),
    user('n1', 'system:nodes'),
  ]) {
    t.is(nodeOf(who), undefined);
    t.is(says(who, 'get', 'nodes'), undefined);
  }
});

test('a kubelet reads its own node and no other, and holds its own lease', (t) => {
  for (const verb of ['get', 'list', 'watch']) t.true(says(n1, verb, 'nodes', { name: 'n1' }));
  t.is(says(n1, 'get', 'nodes', { name: 'n2' }), "node 'n1' cannot read 'n2', only its own Node object");
  t.is(says(n1, 'list', 'nodes'), "node 'n1' cannot read all nodes, only its own Node object");
  t.true(says(n1, 'update', 'nodes/status', { name: 'n1' }));
  t.true(says(n1, 'create', 'nodes'));
  for (const [verb, resource] of [
    ['get', 'nodes/status'],
    ['delete', 'nodes'],
    ['create', 'nodes/proxy'],
  ] as const)
    t.is(says(n1, verb, resource, { name: 'n1' }), undefined);
  const leases = { group: 'coordination.k8s.io', namespace: 'kube-node-lease' };
  for (const verb of ['get', 'update', 'patch', 'delete'])
    t.true(says(n1, verb, 'leases', { ...leases, name: 'n1' }));
  t.true(says(n1, 'create', 'leases', leases));
  t.is(
    says(n1, 'update', 'leases', { ...leases, name: 'n2' }),
    'can only access node lease with the same name as the requesting node',
  );
  t.is(
    says(n1, 'update', 'leases', { ...leases, namespace: 'kube-system', name: 'n1' }),
    'can only access leases in the "kube-node-lease" system namespace',
  );
  t.is(says(n1, 'list', 'leases', leases), 'can only get, create, update, patch, or delete a node lease');
});

test('a kubelet reads the pods on it, and asks for tokens of their accounts', (t) => {
  t.true(says(n1, 'list', 'pods', { selected: new Map([['spec.nodeName', 'n1']]) }));
  t.is(
    says(n1, 'watch', 'pods', { selected: new Map([['spec.nodeName', 'n2']]) }),
    'can only list/watch pods with spec.nodeName field selector',
  );
  t.is(says(n1, 'list', 'pods'), 'can only list/watch pods with spec.nodeName field selector');
  for (const verb of ['get', 'list', 'watch']) {
    t.true(says(n1, verb, 'pods', { namespace: 'default', name: 'web' }));
    t.is(says(n1, verb, 'pods', { namespace: 'default', name: 'db' }), unrelated);
  }
  t.is(says(n1, 'get', 'pods/log', { namespace: 'default', name: 'web' }), undefined);
  t.is(says(n1, 'create', 'pods/binding', { namespace: 'default', name: 'web' }), undefined);
  t.true(says(n1, 'create', 'serviceaccounts/token', { namespace: 'default', name: 'default' }));
  t.is(says(n1, 'create', 'serviceaccounts/token', { namespace: 'default', name: 'admin' }), unrelated);
  t.is(
    says(n1, 'create', 'serviceaccounts', { namespace: 'default' }),
    'can only create tokens for individual service accounts',
  );
  t.is(
    says(n1, 'create', 'serviceaccounts', { namespace: 'default', name: 'x' }),
    'can only create token subresource of serviceaccount',
  );
});

test('a kubelet reads the secrets that its pods use, each by its name', (t) => {
  t.true(says(n1, 'get', 'secrets', { namespace: 'default', name: 'mine' }));
  t.is(says(n1, 'get', 'secrets', { namespace: 'default', name: 'other' }), unrelated);
  t.is(says(n1, 'get', 'configmaps', { namespace: 'default', name: 'mine' }), unrelated);
  t.is(says(n1, 'get', 'secrets', { name: 'mine' }), 'can only read namespaced object of this type');
  t.is(says(n1, 'get', 'secrets/x', { namespace: 'default', name: 'mine' }), 'cannot read subresource');
  t.is(
    says(n1, 'update', 'secrets', { namespace: 'default', name: 'mine' }),
    'can only read resources of this type',
  );
  t.is(
    says(n1, 'list', 'persistentvolumes', { name: 'mine' }),
    'can only get individual resources of this type',
  );
  t.is(
    says(n1, 'get', 'persistentvolumeclaims/status', { namespace: 'default', name: 'mine' }),
    'cannot get subresource',
  );
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
  const pod = (spec: unknown): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec,
  });
  const volumes = [
    { secret: { secretName: 'a' } },
    { configMap: { name: 'b' } },
    { persistentVolumeClaim: { claimName: 'c' } },
    { projected: { sources: [{ secret: { name: 'd' } }, { configMap: { name: 'e' } }] } },
  ];
  const containers = [
    {
      env: [
        { name: 'X', valueFrom: { secretKeyRef: { name: 'f', key: 'k' } } },
        { valueFrom: { configMapKeyRef: { name: 'g' } } },
        { value: 'x' },
      ],
      envFrom: [{ secretRef: { name: 'h' } }, { configMapRef: { name: 'i' } }],
    },
  ];
  t.deepEqual(
    usesOfPod(
      pod({
        nodeName: 'n1',
        volumes,
        containers,
        initContainers: [{ envFrom: [{ secretRef: { name: 'j' } }] }],
        imagePullSecrets: [{ name: 'k' }],
      }),
    ),
    {
      node: 'n1',
      uses: [
        'pods p',
        'secrets a',
        'configmaps b',
        'persistentvolumeclaims c',
        'secrets d',
        'configmaps e',
        'secrets h',
        'configmaps i',
        'secrets j',
        'secrets f',
        'configmaps g',
        'secrets k',
      ].map((one) => one.replace(' ', ' default/')),
    },
  );
  t.is(usesOfPod(pod({ volumes })), undefined);
  t.deepEqual(usesOfPod(pod({ nodeName: 'n1', serviceAccountName: 'web' }))?.uses, [
    'pods default/p',
    'serviceaccounts default/web',
  ]);
  // A kubelet makes mirror pods itself: nothing that they name becomes readable by it.
  const mirror = pod({ nodeName: 'n1', volumes, serviceAccountName: 'web' });
  t.deepEqual(
    usesOfPod({
      ...mirror,
      metadata: { ...mirror.metadata, annotations: { 'kubernetes.io/config.mirror': 'x' } },
    })?.uses,
    ['pods default/p'],
  );
  for (const odd of [undefined, null, 7, { nodeName: 7 }]) t.is(usesOfPod(pod(odd)), undefined);
  for (const odd of [7, [null, 7, [], { secret: 7 }, { secret: { secretName: 7 } }]])
    t.deepEqual(
      usesOfPod(
        pod({ nodeName: 'n', volumes: odd, containers: odd, imagePullSecrets: odd, serviceAccountName: odd }),
      ),
      { node: 'n', uses: ['pods default/p'] },
    );
});
