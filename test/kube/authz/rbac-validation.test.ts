import test from 'ava';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { rbacErrors } from '../../../src/kube/authz/rbac-validation.ts';
import { clusterRole, clusterRoleBinding, may, role, roleBinding } from '../support/policies.ts';

const faults = (object: KubeObject, old?: KubeObject): readonly string[] =>
  rbacErrors(object, old).map(({ field, message }) => `${field}: ${message}`);

const binding = roleBinding('x', 'b', 'Role r', 'User bob');
const withRef = (roleRef: unknown, object = binding): KubeObject => ({ ...object, roleRef });
const withSubject = (subject: unknown, object = binding): KubeObject => ({ ...object, subjects: [subject] });
const group = 'rbac.authorization.k8s.io';

test('roles and bindings as they should be', (t) => {
  for (const object of [
    role('x', 'r', may('get', 'pods')),
    role('x', 'r'),
    clusterRole('r', { verbs: ['get'], nonResourceURLs: ['/x'] }),
    { ...clusterRole('r'), aggregationRule: { clusterRoleSelectors: [{ matchLabels: {} }] } },
    binding,
    roleBinding('x', 'b', 'ClusterRole system:node', 'Group dev', 'ServiceAccount /default'),
    clusterRoleBinding('b', 'r', 'ServiceAccount x/default'),
    { ...role('x', 'r', {}), kind: 'Secret' },
    { ...role('x', 'r', {}), kind: 'constructor' },
  ])
    t.deepEqual(faults(object), []);
});

const wrong: Readonly<Record<string, readonly [KubeObject, string, KubeObject?]>> = {
  'no verb': [
    role('x', 'r', may('get', 'pods', { verbs: [] })),
    'rules[0].verbs: Required value: verbs must contain at least one value',
  ],
  'no group': [
    role('x', 'r', may('get', 'pods', { apiGroups: [] })),
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
  ],
  'no resource': [
    clusterRole('r', may('get', 'pods'), may('get', 'pods', { resources: [] })),
    'rules[1].resources: Required value: resource rules must supply at least one resource',
  ],
  'a path in a namespace': [
    role('x', 'r', { verbs: ['get'], nonResourceURLs: ['/x'] }),
    'rules[0].nonResourceURLs: Invalid value: []string{"/x"}: namespaced rules cannot apply to non-resource URLs',
  ],
  'a path and a resource': [
    clusterRole('r', may('get', 'pods', { nonResourceURLs: ['/x'] })),
    'rules[0].nonResourceURLs: Invalid value: []string{"/x"}: rules cannot apply to both regular resources and non-resource URLs',
  ],
  'a path and names': [
    clusterRole('r', { verbs: ['get'], resourceNames: ['a'], nonResourceURLs: ['/x'] }),
    'rules[0].nonResourceURLs: Invalid value: []string{"/x"}: rules cannot apply to both regular resources and non-resource URLs',
  ],
  'an aggregation of nothing': [
    { ...clusterRole('r'), aggregationRule: {} },
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
  ],
  'a role of another API': [
    withRef({ apiGroup: 'x', kind: 'Role', name: 'r' }),
    'roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"',
  ],
  'a role of no kind': [
    withRef({ apiGroup: group, kind: 'Pod', name: 'r' }),
    'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
  ],
  'a role, bound everywhere': [
    withRef({ apiGroup: group, kind: 'Role', name: 'r' }, clusterRoleBinding('b', 'r')),
    'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
  ],
  'a role without a name': [
    withRef({ apiGroup: group, kind: 'Role', name: '' }),
    'roleRef.name: Required value',
  ],
  'a role above': [
    withRef({ apiGroup: group, kind: 'Role', name: '..' }),
    'roleRef.name: Invalid value: "..": may not be \'..\'',
  ],
  'a role that is here': [
    withRef({ apiGroup: group, kind: 'Role', name: '.' }),
    'roleRef.name: Invalid value: ".": may not be \'.\'',
  ],
  'a role with a slash': [
    withRef({ apiGroup: group, kind: 'Role', name: 'a/b' }),
    'roleRef.name: Invalid value: "a/b": may not contain \'/\'',
  ],
  'a subject without a name': [
    withSubject({ kind: 'User', apiGroup: group, name: '' }),
    'subjects[0].name: Required value',
  ],
  'a subject of another API': [
    withSubject({ kind: 'User', apiGroup: '', name: 'bob' }),
    'subjects[0].apiGroup: Unsupported value: "": supported values: "rbac.authorization.k8s.io"',
  ],
  'a subject of no kind': [
    withSubject({ kind: 'Robot', name: 'bob' }),
    'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
  ],
  'a service account of an API': [
    withSubject({ kind: 'ServiceAccount', apiGroup: group, name: 'x', namespace: 'y' }),
    'subjects[0].apiGroup: Unsupported value: "rbac.authorization.k8s.io": supported values: ""',
  ],
  'a service account of nowhere': [
    withSubject({ kind: 'ServiceAccount', name: 'x' }, clusterRoleBinding('b', 'r')),
    'subjects[0].namespace: Required value',
  ],
  'another role than before': [
    withRef({ apiGroup: group, kind: 'Role', name: 's' }),
    'roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"Role", Name:"s"}: cannot change roleRef',
    binding,
  ],
};

for (const [title, [object, expected, old]] of Object.entries(wrong))
  test(`refused: ${title}`, (t) => t.deepEqual(faults(object, old), [expected]));

test('a role may be bound to others than before', (t) =>
  t.deepEqual(faults(roleBinding('x', 'b', 'Role r', 'User eve'), binding), []));

test('what is not of its shape is refused and never throws anything else', (t) => {
  for (const rules of [[null], [7], ['x'], [[]]]) t.true(faults({ ...clusterRole('r'), rules }).length > 0);
  for (const subjects of [[null], [7]]) t.true(faults({ ...binding, subjects }).length > 0);
  for (const roleRef of [null, 7, 'x']) t.true(faults({ ...binding, roleRef }).length > 0);
});
