/**
 * Lists the roles and bindings that a Kubernetes 1.32 API server creates at its start, as far as their resources exist
 * here, and those that kubeadm adds. Data; `rbac.ts` evaluates it.
 *
 * 1. The API server creates its own at each start if they are missing; an administrator's changes to them stay.
 * 2. kubeadm created its own once, in the new cluster: if an administrator deletes them, they stay deleted.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import type { KubeObject } from '../objects/objects.ts';
import { aggregatedRules, privilegedGroup, rbacGroup, storedRule } from './rbac.ts';
import type { PolicyRule, Subject } from './rbac.ts';

const read = 'get list watch';
const write = 'create delete deletecollection patch update';
const everything = `${write} ${read}`;
const certificatesGroup = 'certificates.k8s.io';
const core = '';

type Rule = Partial<PolicyRule>;

const words = (text: string): readonly string[] => text.split(' ');

/** Verbs, resources and names are separated by blanks. */
const on = (verbs: string, apiGroup: string, resources: string, resourceNames?: string): Rule => ({
  verbs: words(verbs),
  apiGroups: [apiGroup],
  resources: words(resources),
  ...(resourceNames === undefined ? {} : { resourceNames: words(resourceNames) }),
});
const paths = (nonResourceURLs: string): Rule => ({
  verbs: ['get'],
  nonResourceURLs: words(nonResourceURLs),
});
const events: Rule = {
  verbs: words('create patch update'),
  apiGroups: [core, 'events.k8s.io'],
  resources: ['events'],
};
const ownLease = (name: string): readonly Rule[] => [
  on('create', 'coordination.k8s.io', 'leases'),
  on('get update', 'coordination.k8s.io', 'leases', name),
];

/** Namespaced objects that every user with access to a namespace may see: no secrets, and no roles. */
const visible =
  'configmaps endpoints persistentvolumeclaims pods replicationcontrollers serviceaccounts services';

const approver = (signer: string): readonly Rule[] => [
  on('approve', certificatesGroup, 'signers', `kubernetes.io/${signer}`),
];
const creator = (subresource: string): readonly Rule[] => [
  on('create', certificatesGroup, `certificatesigningrequests/${subresource}`),
];

/** The rights of a kubelet, before the node authorizer restricts the objects (`node-authorizer.ts`). */
const nodeRules: readonly Rule[] = [
  on('create', 'authentication.k8s.io', 'tokenreviews'),
  on('create', 'authorization.k8s.io', 'localsubjectaccessreviews subjectaccessreviews'),
  on(read, core, 'services'),
  on(`create ${read}`, core, 'nodes'),
  on('patch update', core, 'nodes/status'),
  on('patch update', core, 'nodes'),
  { ...events },
  on(read, core, 'pods'),
  on('create delete', core, 'pods'),
  on('patch update', core, 'pods/status'),
  on('create', core, 'pods/eviction'),
  on(read, core, 'configmaps secrets'),
  on('get', core, 'persistentvolumeclaims persistentvolumes'),
  on('get', core, 'endpoints'),
  on(`create ${read}`, certificatesGroup, 'certificatesigningrequests'),
  on('create delete get patch update', 'coordination.k8s.io', 'leases'),
  on('create', core, 'serviceaccounts/token'),
];

/** Built-in cluster roles, by name. */
export const clusterRoleTable: Dictionary<readonly Rule[]> = {
  'cluster-admin': [
    { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
    { verbs: ['*'], nonResourceURLs: ['*'] },
  ],
  admin: [],
  edit: [],
  view: [],
  'system:aggregate-to-admin': [
    on('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
    on(everything, rbacGroup, 'rolebindings roles'),
  ],
  'system:aggregate-to-edit': [
    on(read, core, 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy'),
    on('impersonate', core, 'serviceaccounts'),
    on(write, core, 'pods pods/attach pods/exec pods/portforward pods/proxy'),
    on('create', core, 'pods/eviction'),
    on(
      write,
      core,
      'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale ' +
        'secrets serviceaccounts services services/proxy',
    ),
    on('create', core, 'serviceaccounts/token'),
    on(write, 'apps', 'deployments'),
    on(write, 'batch', 'jobs'),
    on(write, 'networking.k8s.io', 'networkpolicies'),
    on(everything, 'coordination.k8s.io', 'leases'),
  ],
  'system:aggregate-to-view': [
    on(read, core, `${visible} persistentvolumeclaims/status replicationcontrollers/scale services/status`),
    on(
      read,
      core,
      'bindings events limitranges namespaces/status pods/log ' +
        'pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    ),
    on(read, core, 'namespaces'),
    on(read, 'apps', 'deployments deployments/status'),
    on(read, 'batch', 'jobs jobs/status'),
    on(read, 'networking.k8s.io', 'networkpolicies'),
  ],
  'system:basic-user': [
    on('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    on('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ],
  'system:discovery': [
    paths('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/'),
  ],
  'system:public-info-viewer': [paths('/healthz /livez /readyz /version /version/')],
  'system:monitoring': [
    paths('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*'),
  ],
  'system:node': nodeRules,
  'system:node-bootstrapper': [on(`create ${read}`, certificatesGroup, 'certificatesigningrequests')],
  'system:node-proxier': [
    on('list watch', core, 'endpoints services'),
    on(read, core, 'nodes'),
    events,
    on('list watch', 'discovery.k8s.io', 'endpointslices'),
  ],
  'system:service-account-issuer-discovery': [
    paths(
      '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
    ),
  ],
  'system:kubelet-api-admin': [
    on(read, core, 'nodes'),
    on('proxy', core, 'nodes'),
    on('*', core, 'nodes/log nodes/metrics nodes/proxy nodes/stats'),
  ],
  'system:auth-delegator': [
    on('create', 'authentication.k8s.io', 'tokenreviews'),
    on('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ],
  'system:kube-controller-manager': [
    events,
    ...ownLease('kube-controller-manager'),
    on('create', core, 'secrets serviceaccounts'),
    on('delete', core, 'secrets'),
    on('get', core, 'configmaps namespaces secrets serviceaccounts'),
    on('update', core, 'secrets serviceaccounts'),
    on('create', 'authentication.k8s.io', 'tokenreviews'),
    on('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    on('list watch', '*', '*'),
    on('create', core, 'serviceaccounts/token'),
  ],
  'system:controller:certificate-controller': [
    on(`delete ${read}`, certificatesGroup, 'certificatesigningrequests'),
    on('update', certificatesGroup, 'certificatesigningrequests/approval certificatesigningrequests/status'),
    on('approve', certificatesGroup, 'signers', 'kubernetes.io/kube-apiserver-client-kubelet'),
    on(
      'sign',
      certificatesGroup,
      'signers',
      'kubernetes.io/kube-apiserver-client kubernetes.io/kube-apiserver-client-kubelet ' +
        'kubernetes.io/kubelet-serving kubernetes.io/legacy-unknown',
    ),
    on('create', 'authorization.k8s.io', 'subjectaccessreviews'),
    events,
  ],
  'system:controller:node-controller': [
    on('delete get list patch update', core, 'nodes'),
    on('patch update', core, 'nodes/status'),
    on('patch update', core, 'pods/status'),
    on('delete get list', core, 'pods'),
    events,
  ],
  'system:controller:pod-garbage-collector': [
    on('delete list watch', core, 'pods'),
    on('get list', core, 'nodes'),
    on('patch', core, 'pods/status'),
  ],
  'system:controller:clusterrole-aggregation-controller': [
    on('escalate get list patch update watch', rbacGroup, 'clusterroles'),
  ],
  'system:controller:root-ca-cert-publisher': [on('create update', core, 'configmaps'), events],
  'system:controller:service-account-controller': [on('create', core, 'serviceaccounts'), events],
  'system:kube-scheduler': [
    events,
    ...ownLease('kube-scheduler'),
    on(read, core, 'nodes'),
    on(`delete ${read}`, core, 'pods'),
    on('create', core, 'bindings pods/binding'),
    on('patch update', core, 'pods/status'),
    on(read, core, 'replicationcontrollers services persistentvolumeclaims persistentvolumes namespaces'),
    on('create', 'authentication.k8s.io', 'tokenreviews'),
    on('create', 'authorization.k8s.io', 'subjectaccessreviews'),
  ],
  'system:certificates.k8s.io:certificatesigningrequests:nodeclient': creator('nodeclient'),
  'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient': creator('selfnodeclient'),
  'system:certificates.k8s.io:kube-apiserver-client-approver': approver('kube-apiserver-client'),
  'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver': approver(
    'kube-apiserver-client-kubelet',
  ),
  'system:certificates.k8s.io:kubelet-serving-approver': approver('kubelet-serving'),
  'system:certificates.k8s.io:legacy-unknown-approver': approver('legacy-unknown'),
};

/** By whose name the rules of other roles are collected: those with the label `aggregate-to-NAME`. */
const aggregating: readonly string[] = ['admin', 'edit', 'view'];
/** The role of which each of these is a part. */
const aggregatesTo: Dictionary<string> = {
  edit: 'admin',
  view: 'edit',
  'system:aggregate-to-admin': 'admin',
  'system:aggregate-to-edit': 'edit',
  'system:aggregate-to-view': 'view',
};

/** Roles that kubeadm creates. */
const kubeadmRoleTable: typeof clusterRoleTable = { 'kubeadm:get-nodes': [on('get', core, 'nodes')] };

interface BindingRow {
  readonly name: string;
  readonly subjects: readonly Subject[];
  readonly role: string;
}

const bind = (name: string, subjects: readonly Subject[], role = name): BindingRow => ({
  name,
  subjects,
  role,
});
const user = (name: string): Subject => ({ kind: 'User', name, namespace: '' });
const group = (name: string): Subject => ({ kind: 'Group', name, namespace: '' });
const account = (name: string): Subject => ({ kind: 'ServiceAccount', name, namespace: 'kube-system' });
const controllerManager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');
const authenticated = group('system:authenticated');

const clusterRoleBindings: readonly BindingRow[] = [
  bind('cluster-admin', [group(privilegedGroup)]),
  bind('system:basic-user', [authenticated]),
  bind('system:discovery', [authenticated]),
  bind('system:public-info-viewer', [authenticated, group('system:unauthenticated')]),
  bind('system:monitoring', [group('system:monitoring')]),
  // Kubelets are authorized by the node authorizer; the binding is kept without subjects, as Kubernetes keeps it.
  bind('system:node', []),
  bind('system:node-proxier', [user('system:kube-proxy')]),
  bind('system:kube-controller-manager', [controllerManager]),
  // kube-controller-manager runs each controller under its own service account. Here one identity runs them all, so it
  // is bound as well.
  ...[
    'certificate-controller',
    'clusterrole-aggregation-controller',
    'node-controller',
    'pod-garbage-collector',
    'root-ca-cert-publisher',
    'service-account-controller',
  ].map((name) => bind(`system:controller:${name}`, [account(name), controllerManager])),
  bind('system:service-account-issuer-discovery', [group('system:serviceaccounts')]),
  bind('system:kube-scheduler', [scheduler]),
];

const bootstrappers = [group('system:bootstrappers:kubeadm:default-node-token')];

const kubeadmBindings: readonly BindingRow[] = [
  bind('kubeadm:cluster-admins', [group('kubeadm:cluster-admins')], 'cluster-admin'),
  bind('kubeadm:kubelet-bootstrap', bootstrappers, 'system:node-bootstrapper'),
  bind(
    'kubeadm:node-autoapprove-bootstrap',
    bootstrappers,
    'system:certificates.k8s.io:certificatesigningrequests:nodeclient',
  ),
  bind(
    'kubeadm:node-autoapprove-certificate-rotation',
    [group('system:nodes')],
    'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient',
  ),
  bind('kubeadm:node-proxier', [account('kube-proxy')], 'system:node-proxier'),
  bind('kubeadm:get-nodes', bootstrappers),
];

interface NamespacedRow {
  readonly name: string;
  readonly namespace: string;
  readonly rules: readonly Rule[];
  readonly subjects: readonly Subject[];
  readonly binding: string;
}

const oneConfigMap = (name: string, verbs = 'get'): readonly Rule[] => [on(verbs, core, 'configmaps', name)];

/** Roles of one namespace, each with its binding. */
const roles: readonly NamespacedRow[] = [
  {
    name: 'extension-apiserver-authentication-reader',
    namespace: 'kube-system',
    rules: oneConfigMap('extension-apiserver-authentication', read),
    subjects: [controllerManager, scheduler],
    binding: 'system::extension-apiserver-authentication-reader',
  },
];

/** kubeadm's: what joining nodes may read. */
const kubeadmRoles: readonly NamespacedRow[] = [
  {
    name: 'kubeadm:bootstrap-signer-clusterinfo',
    namespace: 'kube-public',
    rules: oneConfigMap('cluster-info'),
    subjects: [user('system:anonymous')],
    binding: 'kubeadm:bootstrap-signer-clusterinfo',
  },
  {
    name: 'kube-proxy',
    namespace: 'kube-system',
    rules: oneConfigMap('kube-proxy'),
    subjects: bootstrappers,
    binding: 'kube-proxy',
  },
];

const aggregationLabel = (role: string): Dictionary<string> => ({
  [`${rbacGroup}/aggregate-to-${role}`]: 'true',
});
const apiVersion = `${rbacGroup}/v1`;

/** What the API server's own objects carry, and kubeadm's do not. */
interface Marks {
  readonly labels?: Dictionary<string>;
  readonly annotations?: Dictionary<string>;
}

const builtIn: Marks = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};

function clusterRoles(table: typeof clusterRoleTable, marks: Marks): KubeObject[] {
  return Object.entries(table).map(([name, rules]) => {
    const whole = aggregatesTo[name];
    return {
      apiVersion,
      kind: 'ClusterRole',
      metadata: {
        name,
        ...marks,
        ...(whole === undefined ? {} : { labels: { ...marks.labels, ...aggregationLabel(whole) } }),
      },
      ...defined({
        aggregationRule: aggregating.includes(name)
          ? { clusterRoleSelectors: [{ matchLabels: aggregationLabel(name) }] }
          : undefined,
      }),
      rules,
    };
  });
}

const storedSubject = ({ kind, name, namespace }: Subject): object =>
  kind === 'ServiceAccount' ? { kind, name, namespace } : { apiGroup: rbacGroup, kind, name };

function binding(
  kind: 'Role' | 'ClusterRole',
  metadata: KubeObject['metadata'],
  role: string,
  subjects: readonly Subject[],
): KubeObject {
  return {
    apiVersion,
    kind: `${kind}Binding`,
    metadata,
    roleRef: { apiGroup: rbacGroup, kind, name: role },
    subjects: subjects.map(storedSubject),
  };
}

function storedPolicy(
  clusterBindings: readonly BindingRow[],
  namespacedRoles: readonly NamespacedRow[],
  marks: Marks,
): KubeObject[] {
  return [
    ...clusterBindings.map(({ name, role, subjects }) =>
      binding('ClusterRole', { name, ...marks }, role, subjects),
    ),
    ...namespacedRoles.flatMap(({ name, namespace, rules, subjects, binding: bindingName }) => [
      { apiVersion, kind: 'Role', metadata: { name, namespace, ...marks }, rules },
      binding('Role', { name: bindingName, namespace, ...marks }, name, subjects),
    ]),
  ];
}

/** The API server's roles and bindings in stored form; the rules of admin, edit and view are filled in by aggregation. */
export function bootstrapPolicy(): KubeObject[] {
  return [
    ...withAggregation(clusterRoles(clusterRoleTable, builtIn)),
    ...storedPolicy(clusterRoleBindings, roles, builtIn),
  ];
}

/** kubeadm's additions in stored form. */
export function kubeadmPolicy(): KubeObject[] {
  return [...clusterRoles(kubeadmRoleTable, {}), ...storedPolicy(kubeadmBindings, kubeadmRoles, {})];
}

/** Cluster roles, with the rules of aggregationRules filled in. */
export function withAggregation(clusterRoles: readonly KubeObject[]): KubeObject[] {
  const all = aggregatedRules(clusterRoles);
  return clusterRoles.map((role) =>
    role['aggregationRule'] ? { ...role, rules: (all.get(role.metadata.name) ?? []).map(storedRule) } : role,
  );
}
