import test from 'ava';
import type { User } from '../../../src/kube/apiserver/attributes.ts';
import { bootstrapPolicy, kubeadmPolicy } from '../../../src/kube/authz/bootstrap-policy.ts';
import { authorizeByRoles, policyOf, rulesOf } from '../../../src/kube/authz/rbac.ts';
import { rbacErrors } from '../../../src/kube/authz/rbac-validation.ts';
import { textAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { asks, roleBinding, user } from '../support/policies.ts';

const objects = [...bootstrapPolicy(), ...kubeadmPolicy()];
const policy = policyOf([
  ...objects,
  ...['admin', 'edit', 'view'].map((name) =>
    roleBinding('team', name, `ClusterRole ${name}`, `User ${name}`),
  ),
]);
const may = (who: User, verb: string, what: string, more: Parameters<typeof asks>[3] = {}): boolean =>
  authorizeByRoles(policy, asks(who, verb, what, more)).allowed;
const group = 'certificates.k8s.io';
const requests = 'certificatesigningrequests';

test('every object is valid, has a name of its own, and every binding a role that is there', (t) => {
  for (const object of objects) t.deepEqual(rbacErrors(object), [], object.metadata.name);
  t.is(new Set(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).size, objects.length);
  const ofKind = (kind: string): KubeObject[] => objects.filter((object) => object.kind === kind);
  const roles = new Set(ofKind('ClusterRole').map(({ metadata }) => metadata.name));
  for (const role of ofKind('ClusterRoleBinding').map((binding) => textAt(binding, 'roleRef', 'name')))
    t.true(roles.has(role), role);
  for (const { metadata } of ofKind('ClusterRole'))
    for (const label of Object.keys(metadata.labels ?? {})) {
      const to = /aggregate-to-(.+)$/.exec(label)?.[1];
      t.true(to === undefined || roles.has(to), metadata.name);
    }
});

test('what is made is what is stored: a copy of it in JSON says the same', (t) =>
  t.deepEqual(JSON.parse(JSON.stringify(objects)), objects));

test('admin, edit and view hold each other, and none of them more than it should', (t) => {
  const [admin, edit, view] = [user('admin'), user('edit'), user('view')];
  const team = { namespace: 'team' };
  for (const who of [admin, edit, view]) {
    t.true(may(who, 'list', 'pods', team), who.name);
    t.false(may(who, 'list', 'pods', { namespace: 'other' }));
    t.false(may(who, 'list', 'nodes'));
  }
  t.deepEqual(
    [admin, edit, view].map((who) => may(who, 'get', 'secrets', team)),
    [true, true, false],
  );
  t.deepEqual(
    [admin, edit, view].map((who) => may(who, 'create', 'pods', team)),
    [true, true, false],
  );
  for (const [kind, of] of [
    ['deployments', 'apps'],
    ['jobs', 'batch'],
    ['networkpolicies', 'networking.k8s.io'],
  ] as const) {
    t.true(may(view, 'watch', kind, { ...team, group: of }), kind);
    t.deepEqual(
      [admin, edit, view].map((who) => may(who, 'delete', kind, { ...team, group: of })),
      [true, true, false],
      kind,
    );
  }
  // Who works in a namespace sees its bounds and does not set them.
  for (const kind of ['resourcequotas', 'limitranges'])
    t.deepEqual([may(view, 'get', kind, team), may(admin, 'update', kind, team)], [true, false], kind);
  t.deepEqual(
    [admin, edit, view].map((who) =>
      may(who, 'create', 'rolebindings', { ...team, group: 'rbac.authorization.k8s.io' }),
    ),
    [true, false, false],
  );
  const stored = objects.find(({ kind, metadata }) => kind === 'ClusterRole' && metadata.name === 'view');
  t.true(rulesOf(stored?.['rules']).length > 1);
});

test('a scheduler binds pods, and a kubelet’s own objects are not its business', (t) => {
  const scheduler = user('system:kube-scheduler', 'system:authenticated');
  t.true(may(scheduler, 'create', 'pods/binding', { namespace: 'team', name: 'web' }));
  for (const resource of ['nodes', 'pods'])
    for (const verb of ['get', 'list', 'watch']) t.true(may(scheduler, verb, resource), resource);
  const lease = { group: 'coordination.k8s.io', namespace: 'kube-system' };
  t.deepEqual(
    ['kube-scheduler', 'kube-controller-manager'].map((name) =>
      may(scheduler, 'update', 'leases', { ...lease, name }),
    ),
    [true, false],
  );
  t.true(may(scheduler, 'create', 'leases', lease));
  for (const [verb, resource] of [
    ['update', 'nodes/status'],
    ['get', 'secrets'],
    ['create', 'pods'],
    ['update', 'pods'],
  ] as const)
    t.false(may(scheduler, verb, resource, { namespace: 'team', name: 'x' }), resource);
  t.true(
    may(scheduler, 'get', 'configmaps', {
      namespace: 'kube-system',
      name: 'extension-apiserver-authentication',
    }),
  );
  t.false(may(scheduler, 'get', 'configmaps', { namespace: 'kube-system', name: 'kube-proxy' }));
});

test('kube-proxy may by its account and by its name, and reads what it must', (t) => {
  for (const proxy of [
    user('system:serviceaccount:kube-system:kube-proxy', 'system:serviceaccounts'),
    user('system:kube-proxy'),
  ]) {
    for (const verb of ['list', 'watch']) t.true(may(proxy, verb, 'services'));
    t.true(may(proxy, 'get', 'nodes', { name: 'n1' }));
    for (const resource of ['pods', 'secrets']) t.false(may(proxy, 'list', resource));
  }
});

test('who joins without a certificate reads cluster-info and nothing beside it', (t) => {
  const nobody = user('system:anonymous', 'system:unauthenticated');
  t.deepEqual(
    ['cluster-info', 'kube-root-ca.crt'].map((name) =>
      may(nobody, 'get', 'configmaps', { namespace: 'kube-public', name }),
    ),
    [true, false],
  );
});

test('who is logged in sees what there is, and who is not sees the version', (t) => {
  const path = (who: User, asked: string): boolean =>
    authorizeByRoles(policy, { user: who, verb: 'get', path: asked }).allowed;
  const [somebody, nobody] = [
    user('x', 'system:authenticated'),
    user('system:anonymous', 'system:unauthenticated'),
  ];
  t.deepEqual(
    ['/version', '/readyz', '/apis', '/api/v1', '/openapi/v3', '/metrics'].map((one) => path(somebody, one)),
    [true, true, true, true, true, false],
  );
  t.deepEqual(
    ['/version', '/readyz', '/apis', '/api/v1', '/openapi/v3', '/metrics'].map((one) => path(nobody, one)),
    [true, true, false, false, false, false],
  );
  t.true(may(somebody, 'create', 'selfsubjectaccessreviews', { group: 'authorization.k8s.io' }));
  t.false(may(nobody, 'create', 'selfsubjectaccessreviews', { group: 'authorization.k8s.io' }));
});

test('kubeadm’s administrators are administrators by a binding, which can be deleted; system:masters by none', (t) => {
  const admin = user('kubernetes-admin', 'kubeadm:cluster-admins');
  t.true(may(admin, 'delete', 'nodes'));
  const without = policyOf(objects.filter(({ metadata }) => metadata.name !== 'kubeadm:cluster-admins'));
  t.false(authorizeByRoles(without, asks(admin, 'delete', 'nodes')).allowed);
  t.true(authorizeByRoles(policyOf([]), asks(user('super', 'system:masters'), 'delete', 'nodes')).allowed);
});

test('a new kubelet may ask for a certificate and have it approved; one that has one may renew it', (t) => {
  const token = user(
    'system:bootstrap:abcdef',
    'system:bootstrappers',
    'system:bootstrappers:kubeadm:default-node-token',
    'system:authenticated',
  );
  const node = user('system:node:n1', 'system:nodes', 'system:authenticated');
  t.true(may(token, 'create', requests, { group }));
  t.deepEqual(
    [token, node].map((who) => may(who, 'create', `${requests}/nodeclient`, { group })),
    [true, false],
  );
  t.deepEqual(
    [token, node].map((who) => may(who, 'create', `${requests}/selfnodeclient`, { group })),
    [false, true],
  );
  t.false(may(token, 'get', 'secrets', { namespace: 'kube-system' }));
  t.deepEqual(
    [token, node].map((who) => may(who, 'get', 'nodes', { name: 'n1' })),
    [true, false],
  );
});

test('the controller manager may do what it does with requests, and sign for the built-in signers alone', (t) => {
  const manager = user('system:kube-controller-manager', 'system:authenticated');
  for (const verb of ['list', 'watch', 'delete']) t.true(may(manager, verb, requests, { group }), verb);
  for (const part of ['approval', 'status'])
    t.true(may(manager, 'update', `${requests}/${part}`, { group }), part);
  t.true(may(manager, 'create', 'subjectaccessreviews', { group: 'authorization.k8s.io' }));
  const signer = (verb: string, name: string): boolean => may(manager, verb, 'signers', { group, name });
  t.deepEqual(
    ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving'].map((name) =>
      signer('sign', `kubernetes.io/${name}`),
    ),
    [true, true, true],
  );
  t.deepEqual(
    ['kube-apiserver-client', 'kube-apiserver-client-kubelet', 'kubelet-serving'].map((name) =>
      signer('approve', `kubernetes.io/${name}`),
    ),
    [false, true, false],
  );
  t.false(signer('sign', 'example.com/x'));
  t.false(may(manager, 'create', requests, { group }));
});
