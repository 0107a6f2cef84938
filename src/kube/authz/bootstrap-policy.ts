/**
 * Lists the roles and bindings that a Kubernetes 1.32 API server creates at its start, as far as their resources exist
 * here, and those that kubeadm adds. Data; `rbac.ts` evaluates it.
 *
 * 1. The API server creates its own at each start if they are missing; an administrator's changes to them stay.
 * 2. kubeadm created its own once, in the new cluster: if an administrator deletes them, they stay deleted.
 */
import type { KubeObject } from '../objects/objects.ts';
import { aggregatedRules, privilegedGroup, rbacGroup, storedRule } from './rbac.ts';
import type { PolicyRule, Subject } from './rbac.ts';

const read = ['get', 'list', 'watch'];
const write = ['create', 'delete', 'deletecollection', 'patch', 'update'];
const change = ['create', 'patch', 'update'];
const certificatesGroup = 'certificates.k8s.io';
const core = '';

type Rule = Partial<PolicyRule>;

const on = (verbs: readonly string[], apiGroup: string, ...resources: readonly string[]): Rule => ({
  verbs,
  apiGroups: [apiGroup],
  resources,
});
const named = (rule: Rule, ...resourceNames: readonly string[]): Rule => ({ ...rule, resourceNames });
const paths = (...nonResourceURLs: readonly string[]): Rule => ({ verbs: ['get'], nonResourceURLs });
const events: Rule = { verbs: change, apiGroups: [core, 'events.k8s.io'], resources: ['events'] };
const ownLease = (name: string): readonly Rule[] => [
  on(['create'], 'coordination.k8s.io', 'leases'),
  named(on(['get', 'update'], 'coordination.k8s.io', 'leases'), name),
];

/** Namespaced objects that every user with access to a namespace may see: no secrets, and no roles. */
const visible = [
  'configmaps',
  'endpoints',
  'persistentvolumeclaims',
  'pods',
  'replicationcontrollers',
  'serviceaccounts',
  'services',
];

interface RoleRow {
  readonly rules: readonly Rule[];
  /** The label `aggregate-to-…` by which its rules are collected. */
  readonly gathers?: 'admin' | 'edit' | 'view';
  readonly aggregatesTo?: 'admin' | 'edit' | 'view';
}

const approver = (signer: string): RoleRow => ({
  rules: [named(on(['approve'], certificatesGroup, 'signers'), signer)],
});
const creator = (subresource: string): RoleRow => ({
  rules: [on(['create'], certificatesGroup, `certificatesigningrequests/${subresource}`)],
});

/** The rights of a kubelet, before the node authorizer restricts the objects (`node-authorizer.ts`). */
const nodeRules: readonly Rule[] = [
  on(['create'], 'authentication.k8s.io', 'tokenreviews'),
  on(['create'], 'authorization.k8s.io', 'localsubjectaccessreviews', 'subjectaccessreviews'),
  on(read, core, 'services'),
  on(['create', ...read], core, 'nodes'),
  on(['patch', 'update'], core, 'nodes/status'),
  on(['patch', 'update'], core, 'nodes'),
  { ...events },
  on(read, core, 'pods'),
  on(['create', 'delete'], core, 'pods'),
  on(['patch', 'update'], core, 'pods/status'),
  on(['create'], core, 'pods/eviction'),
  on(read, core, 'configmaps', 'secrets'),
  on(['get'], core, 'persistentvolumeclaims', 'persistentvolumes'),
  on(['get'], core, 'endpoints'),
  on(['create', ...read], certificatesGroup, 'certificatesigningrequests'),
  on(['create', 'delete', 'get', 'patch', 'update'], 'coordination.k8s.io', 'leases'),
  on(['create'], core, 'serviceaccounts/token'),
];

export const clusterRoleTable: Readonly<Record<string, RoleRow>> = {
  'cluster-admin': {
    rules: [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ],
  },
  admin: { gathers: 'admin', rules: [] },
  edit: { gathers: 'edit', aggregatesTo: 'admin', rules: [] },
  view: { gathers: 'view', aggregatesTo: 'edit', rules: [] },
  'system:aggregate-to-admin': {
    aggregatesTo: 'admin',
    rules: [
      on(['create'], 'authorization.k8s.io', 'localsubjectaccessreviews'),
      on([...write, ...read], rbacGroup, 'rolebindings', 'roles'),
    ],
  },
  'system:aggregate-to-edit': {
    aggregatesTo: 'edit',
    rules: [
      on(
        read,
        core,
        'pods/attach',
        'pods/exec',
        'pods/portforward',
        'pods/proxy',
        'secrets',
        'services/proxy',
      ),
      on(['impersonate'], core, 'serviceaccounts'),
      on(write, core, 'pods', 'pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy'),
      on(['create'], core, 'pods/eviction'),
      on(
        write,
        core,
        'configmaps',
        'events',
        'persistentvolumeclaims',
        'replicationcontrollers',
        'replicationcontrollers/scale',
        'secrets',
        'serviceaccounts',
        'services',
        'services/proxy',
      ),
      on(['create'], core, 'serviceaccounts/token'),
      on([...write, ...read], 'coordination.k8s.io', 'leases'),
    ],
  },
  'system:aggregate-to-view': {
    aggregatesTo: 'view',
    rules: [
      on(
        read,
        core,
        ...visible,
        'persistentvolumeclaims/status',
        'replicationcontrollers/scale',
        'services/status',
      ),
      on(
        read,
        core,
        'bindings',
        'events',
        'limitranges',
        'namespaces/status',
        'pods/log',
        'pods/status',
        'replicationcontrollers/status',
        'resourcequotas',
        'resourcequotas/status',
      ),
      on(read, core, 'namespaces'),
    ],
  },
  'system:basic-user': {
    rules: [
      on(['create'], 'authorization.k8s.io', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews'),
      on(['create'], 'authentication.k8s.io', 'selfsubjectreviews'),
    ],
  },
  'system:discovery': {
    rules: [
      paths(
        '/api',
        '/api/*',
        '/apis',
        '/apis/*',
        '/healthz',
        '/livez',
        '/openapi',
        '/openapi/*',
        '/readyz',
        '/version',
        '/version/',
      ),
    ],
  },
  'system:public-info-viewer': { rules: [paths('/healthz', '/livez', '/readyz', '/version', '/version/')] },
  'system:monitoring': {
    rules: [
      paths(
        '/healthz',
        '/healthz/*',
        '/livez',
        '/livez/*',
        '/metrics',
        '/metrics/slis',
        '/readyz',
        '/readyz/*',
      ),
    ],
  },
  'system:node': { rules: nodeRules },
  'system:node-bootstrapper': {
    rules: [on(['create', ...read], certificatesGroup, 'certificatesigningrequests')],
  },
  'system:node-proxier': {
    rules: [
      on(['list', 'watch'], core, 'endpoints', 'services'),
      on(read, core, 'nodes'),
      events,
      on(['list', 'watch'], 'discovery.k8s.io', 'endpointslices'),
    ],
  },
  'system:service-account-issuer-discovery': {
    rules: [
      paths(
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ),
    ],
  },
  'system:kubelet-api-admin': {
    rules: [
      on(read, core, 'nodes'),
      on(['proxy'], core, 'nodes'),
      on(['*'], core, 'nodes/log', 'nodes/metrics', 'nodes/proxy', 'nodes/stats'),
    ],
  },
  'system:auth-delegator': {
    rules: [
      on(['create'], 'authentication.k8s.io', 'tokenreviews'),
      on(['create'], 'authorization.k8s.io', 'subjectaccessreviews'),
    ],
  },
  'system:kube-controller-manager': {
    rules: [
      events,
      ...ownLease('kube-controller-manager'),
      on(['create'], core, 'secrets', 'serviceaccounts'),
      on(['delete'], core, 'secrets'),
      on(['get'], core, 'configmaps', 'namespaces', 'secrets', 'serviceaccounts'),
      on(['update'], core, 'secrets', 'serviceaccounts'),
      on(['create'], 'authentication.k8s.io', 'tokenreviews'),
      on(['create'], 'authorization.k8s.io', 'subjectaccessreviews'),
      on(['list', 'watch'], '*', '*'),
      on(['create'], core, 'serviceaccounts/token'),
    ],
  },
  'system:controller:certificate-controller': {
    rules: [
      on(['delete', ...read], certificatesGroup, 'certificatesigningrequests'),
      on(
        ['update'],
        certificatesGroup,
        'certificatesigningrequests/approval',
        'certificatesigningrequests/status',
      ),
      named(on(['approve'], certificatesGroup, 'signers'), 'kubernetes.io/kube-apiserver-client-kubelet'),
      named(
        on(['sign'], certificatesGroup, 'signers'),
        'kubernetes.io/kube-apiserver-client',
        'kubernetes.io/kube-apiserver-client-kubelet',
        'kubernetes.io/kubelet-serving',
        'kubernetes.io/legacy-unknown',
      ),
      on(['create'], 'authorization.k8s.io', 'subjectaccessreviews'),
      events,
    ],
  },
  'system:controller:node-controller': {
    rules: [
      on(['delete', 'get', 'list', 'patch', 'update'], core, 'nodes'),
      on(['patch', 'update'], core, 'nodes/status'),
      on(['patch', 'update'], core, 'pods/status'),
      on(['delete', 'get', 'list'], core, 'pods'),
      events,
    ],
  },
  'system:controller:pod-garbage-collector': {
    rules: [
      on(['delete', 'list', 'watch'], core, 'pods'),
      on(['get', 'list'], core, 'nodes'),
      on(['patch'], core, 'pods/status'),
    ],
  },
  'system:controller:clusterrole-aggregation-controller': {
    rules: [on(['escalate', 'get', 'list', 'patch', 'update', 'watch'], rbacGroup, 'clusterroles')],
  },
  'system:controller:root-ca-cert-publisher': {
    rules: [on(['create', 'update'], core, 'configmaps'), events],
  },
  'system:controller:service-account-controller': {
    rules: [on(['create'], core, 'serviceaccounts'), events],
  },
  'system:kube-scheduler': {
    rules: [
      events,
      ...ownLease('kube-scheduler'),
      on(read, core, 'nodes'),
      on(['delete', ...read], core, 'pods'),
      on(['create'], core, 'bindings', 'pods/binding'),
      on(['patch', 'update'], core, 'pods/status'),
      on(
        read,
        core,
        'replicationcontrollers',
        'services',
        'persistentvolumeclaims',
        'persistentvolumes',
        'namespaces',
      ),
      on(['create'], 'authentication.k8s.io', 'tokenreviews'),
      on(['create'], 'authorization.k8s.io', 'subjectaccessreviews'),
    ],
  },
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': creator('nodeclient'),
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': creator('selfnodeclient'),
  'system:certificates.k8s.io:kube-apiserver-client-approver': approver(
    'kubernetes.io/kube-apiserver-client',
  ),
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': approver(
    'kubernetes.io/kube-apiserver-client-kubelet',
  ),
  'system:certificates.k8s.io:kubelet-serving-approver': approver('kubernetes.io/kubelet-serving'),
  'system:certificates.k8s.io:legacy-unknown-approver': approver('kubernetes.io/legacy-unknown'),
};

/** Roles that kubeadm creates. */
export const kubeadmRoleTable: Readonly<Record<string, RoleRow>> = {
  'kubeadm:get-nodes': { rules: [on(['get'], core, 'nodes')] },
};

interface BindingRow {
  readonly role: string;
  readonly subjects: readonly Subject[];
}

const user = (name: string): Subject => ({ kind: 'User', name, namespace: '' });
const group = (name: string): Subject => ({ kind: 'Group', name, namespace: '' });
const account = (namespace: string, name: string): Subject => ({ kind: 'ServiceAccount', name, namespace });
const everybody = [group('system:authenticated'), group('system:unauthenticated')];

export const clusterRoleBindingTable: Readonly<Record<string, BindingRow>> = {
  'cluster-admin': { role: 'cluster-admin', subjects: [group(privilegedGroup)] },
  'system:basic-user': { role: 'system:basic-user', subjects: [group('system:authenticated')] },
  'system:discovery': { role: 'system:discovery', subjects: [group('system:authenticated')] },
  'system:public-info-viewer': { role: 'system:public-info-viewer', subjects: everybody },
  'system:monitoring': { role: 'system:monitoring', subjects: [group('system:monitoring')] },
  // Kubelets are authorized by the node authorizer; the binding is kept without subjects, as Kubernetes keeps it.
  'system:node': { role: 'system:node', subjects: [] },
  'system:node-proxier': { role: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
  'system:kube-controller-manager': {
    role: 'system:kube-controller-manager',
    subjects: [user('system:kube-controller-manager')],
  },
  // kube-controller-manager runs each controller under its own service account. Here one identity runs them all, so it
  // is bound as well.
  ...Object.fromEntries(
    [
      'certificate-controller',
      'clusterrole-aggregation-controller',
      'node-controller',
      'pod-garbage-collector',
      'root-ca-cert-publisher',
      'service-account-controller',
    ].map((name) => [
      `system:controller:${name}`,
      {
        role: `system:controller:${name}`,
        subjects: [account('kube-system', name), user('system:kube-controller-manager')],
      },
    ]),
  ),
  'system:service-account-issuer-discovery': {
    role: 'system:service-account-issuer-discovery',
    subjects: [group('system:serviceaccounts')],
  },
  'system:kube-scheduler': { role: 'system:kube-scheduler', subjects: [user('system:kube-scheduler')] },
};

const bootstrappers = group('system:bootstrappers:kubeadm:default-node-token');

export const kubeadmBindingTable: Readonly<Record<string, BindingRow>> = {
  'kubeadm:cluster-admins': { role: 'cluster-admin', subjects: [group('kubeadm:cluster-admins')] },
  'kubeadm:kubelet-bootstrap': { role: 'system:node-bootstrapper', subjects: [bootstrappers] },
  'kubeadm:node-autoapprove-bootstrap': {
    role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
    subjects: [bootstrappers],
  },
  'kubeadm:node-autoapprove-certificate-rotation': {
    role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
    subjects: [group('system:nodes')],
  },
  'kubeadm:node-proxier': { role: 'system:node-proxier', subjects: [account('kube-system', 'kube-proxy')] },
  'kubeadm:get-nodes': { role: 'kubeadm:get-nodes', subjects: [bootstrappers] },
};

interface NamespacedRow {
  readonly namespace: string;
  readonly rules: readonly Rule[];
  readonly binding: string;
  readonly subjects: readonly Subject[];
}

const oneConfigMap = (name: string): Rule => named(on(['get'], core, 'configmaps'), name);

/** Roles of one namespace, each with its binding. */
export const roleTable: Readonly<Record<string, NamespacedRow>> = {
  'extension-apiserver-authentication-reader': {
    namespace: 'kube-system',
    rules: [named(on(read, core, 'configmaps'), 'extension-apiserver-authentication')],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
  },
};

/** kubeadm's: what joining nodes may read. */
export const kubeadmNamespacedTable: Readonly<Record<string, NamespacedRow>> = {
  'kubeadm:bootstrap-signer-clusterinfo': {
    namespace: 'kube-public',
    rules: [oneConfigMap('cluster-info')],
    binding: 'kubeadm:bootstrap-signer-clusterinfo',
    subjects: [user('system:anonymous')],
  },
  'kube-proxy': {
    namespace: 'kube-system',
    rules: [oneConfigMap('kube-proxy')],
    binding: 'kube-proxy',
    subjects: [bootstrappers],
  },
};

const aggregationLabel = (role: string): string => `${rbacGroup}/aggregate-to-${role}`;
const apiVersion = `${rbacGroup}/v1`;

function clusterRole(
  name: string,
  { rules, gathers, aggregatesTo }: RoleRow,
  isBuiltIn: boolean,
): KubeObject {
  const labels = {
    ...(isBuiltIn ? builtInLabel : {}),
    ...(aggregatesTo ? { [aggregationLabel(aggregatesTo)]: 'true' } : {}),
  };
  return {
    apiVersion,
    kind: 'ClusterRole',
    metadata: {
      name,
      ...(Object.keys(labels).length > 0 ? { labels } : {}),
      ...(isBuiltIn ? builtInAnnotation : {}),
    },
    ...(gathers
      ? {
          aggregationRule: {
            clusterRoleSelectors: [{ matchLabels: { [aggregationLabel(gathers)]: 'true' } }],
          },
        }
      : {}),
    rules,
  };
}

const builtInLabel = { 'kubernetes.io/bootstrapping': 'rbac-defaults' };
const builtInAnnotation = { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } };

const builtIn = (isBuiltIn: boolean): object =>
  isBuiltIn ? { labels: builtInLabel, ...builtInAnnotation } : {};

const storedSubject = ({ kind, name, namespace }: Subject): object =>
  kind === 'ServiceAccount' ? { kind, name, namespace } : { apiGroup: rbacGroup, kind, name };

function clusterRoleBinding(name: string, { role, subjects }: BindingRow, isBuiltIn: boolean): KubeObject {
  return {
    apiVersion,
    kind: 'ClusterRoleBinding',
    metadata: { name, ...builtIn(isBuiltIn) },
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
    subjects: subjects.map(storedSubject),
  };
}

function namespacedRole(
  name: string,
  { namespace, rules, binding, subjects }: NamespacedRow,
  isBuiltIn: boolean,
): KubeObject[] {
  return [
    { apiVersion, kind: 'Role', metadata: { name, namespace, ...builtIn(isBuiltIn) }, rules },
    {
      apiVersion,
      kind: 'RoleBinding',
      metadata: { name: binding, namespace, ...builtIn(isBuiltIn) },
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
      subjects: subjects.map(storedSubject),
    },
  ];
}

/** The API server's roles and bindings in stored form; the rules of admin, edit and view are filled in by aggregation. */
export function bootstrapPolicy(): KubeObject[] {
  return [
    ...withAggregation(Object.entries(clusterRoleTable).map(([name, row]) => clusterRole(name, row, true))),
    ...Object.entries(clusterRoleBindingTable).map(([name, row]) => clusterRoleBinding(name, row, true)),
    ...Object.entries(roleTable).flatMap(([name, row]) => namespacedRole(name, row, true)),
  ];
}

/** kubeadm's additions in stored form. */
export function kubeadmPolicy(): KubeObject[] {
  return [
    ...Object.entries(kubeadmRoleTable).map(([name, row]) => clusterRole(name, row, false)),
    ...Object.entries(kubeadmBindingTable).map(([name, row]) => clusterRoleBinding(name, row, false)),
    ...Object.entries(kubeadmNamespacedTable).flatMap(([name, row]) => namespacedRole(name, row, false)),
  ];
}

/** Cluster roles, with the rules of aggregationRules filled in. */
export function withAggregation(clusterRoles: readonly KubeObject[]): KubeObject[] {
  const all = aggregatedRules(clusterRoles);
  return clusterRoles.map((role) =>
    role['aggregationRule'] ? { ...role, rules: (all.get(role.metadata.name) ?? []).map(storedRule) } : role,
  );
}
