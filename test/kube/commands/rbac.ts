/** Roles, bindings, questions about rights, and asking as somebody else. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const group = 'rbac.authorization.k8s.io';
const role = 'kubectl:cmd/create/create_role.go';
const clusterRole = 'kubectl:cmd/create/create_clusterrole.go';
const binding = 'kubectl:cmd/create/create_rolebinding.go';
const canI = 'kubectl:cmd/auth/cani.go';
const validation = 'pkg/apis/rbac/validation/validation.go';
const create = 'create -f -';
const bindingOf = (subject: object, roleRef: object = {}): object => ({
  apiVersion: `${group}/v1`,
  kind: 'RoleBinding',
  metadata: { name: 'made', namespace: 'acme' },
  subjects: [subject],
  roleRef: { apiGroup: group, kind: 'Role', name: 'pod-reader', ...roleRef },
});
const bob = { kind: 'User', name: 'bob', apiGroup: group };
const roleOf = (rule: object): object => ({
  apiVersion: `${group}/v1`,
  kind: 'Role',
  metadata: { name: 'made', namespace: 'acme' },
  rules: [rule],
});
const forbidden = (user: string, verb: string, resource: string, where: string, apiGroup = ''): string =>
  `Error from server (Forbidden): ${resource} is forbidden: User "${user}" cannot ${verb} resource "${resource.split('.')[0] ?? ''}" in API group "${apiGroup}" ${where}`;
const held = (user: string, what: string, missing: string): string =>
  `${what} is forbidden: user "${user}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n${missing}`;

export const rbac: readonly Command[] = [
  ok('create ns acme', 'namespace/acme created', 'kubectl:cmd/create/create_namespace.go'),
  ok(
    'create role pod-reader --verb=get --verb=list --verb=watch --resource=pods -n acme',
    `role.${group}/pod-reader created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create role by-name --verb=get --resource=pods --resource-name=readablepod --resource-name=anotherpod -n acme',
    `role.${group}/by-name created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create role with-status --verb=get,list,watch --resource=pods,pods/status -n acme',
    `role.${group}/with-status created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create role of-apps --verb=get,list,watch --resource=deployments.apps -n acme',
    `role.${group}/of-apps created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create role scaler --verb=get,list,watch --resource=replicasets.apps -n acme',
    `role.${group}/scaler created`,
    'website:reference/access-authn-authz/rbac',
    { refusedAs: `the server doesn't have a resource type "replicasets" in group "apps"` },
  ),
  ok(
    "create clusterrole logs --verb=get --non-resource-url='/logs/*'",
    `clusterrole.${group}/logs created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create clusterrole nodes-reader --verb=get,list --resource=nodes',
    `clusterrole.${group}/nodes-reader created`,
    clusterRole,
  ),
  ok(
    "create clusterrole monitoring --aggregation-rule='rbac.example.com/aggregate-to-monitoring=true'",
    `clusterrole.${group}/monitoring created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create rolebinding bob-admin --clusterrole=admin --user=bob -n acme',
    `rolebinding.${group}/bob-admin created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create rolebinding myapp-view --clusterrole=view --serviceaccount=acme:myapp -n acme',
    `rolebinding.${group}/myapp-view created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create clusterrolebinding root --clusterrole=cluster-admin --user=root',
    `clusterrolebinding.${group}/root created`,
    'website:reference/access-authn-authz/rbac',
  ),
  ok(
    'create rolebinding dangling --role=nobody-made-it --group=dev -n acme',
    `rolebinding.${group}/dangling created`,
    'pkg/registry/rbac/rolebinding/strategy.go',
  ),
  no('create role nothing --verb=get', 'error: at least one resource must be specified', role),
  no('create role nothing --resource=pods', 'error: at least one verb must be specified', role),
  ok(
    'create role flier --verb=fly --resource=pods -n acme',
    `role.${group}/flier created\nWarning: 'fly' is not a standard resource verb`,
    role,
  ),
  no(
    'create role of-url --verb=get --non-resource-url=/metrics',
    "error: unknown flag: --non-resource-url\nSee 'kubectl create role --help' for usage.",
    role,
  ),
  ok(
    'create clusterrole mixed --verb=get --resource=pods --non-resource-url=/metrics',
    'clusterrole.rbac.authorization.k8s.io/mixed created',
    clusterRole,
  ),
  no(
    'create clusterrole agg --verb=get --resource=pods --aggregation-rule=a=b',
    'error: aggregation rule must be specified without nonResourceURLs, verbs, resources or resourceNames',
    clusterRole,
  ),
  no(
    'create rolebinding b -n acme --role=pod-reader --serviceaccount=myapp',
    'error: serviceaccount must be <namespace>:<name>',
    binding,
  ),
  no(
    'create rolebinding bob-admin --clusterrole=view --user=bob -n acme',
    `error: failed to create rolebinding: rolebindings.${group} "bob-admin" already exists`,
    binding,
  ),
  no(
    'create clusterrolebinding root --clusterrole=view --user=root',
    `error: failed to create clusterrolebinding: clusterrolebindings.${group} "root" already exists`,
    'kubectl:cmd/create/create_clusterrolebinding.go',
  ),
  no(
    'create rolebinding b --clusterrole=view --user=bob -n nope',
    'error: failed to create rolebinding: namespaces "nope" not found',
    'apiserver:registry/generic/registry/store.go',
  ),
  ok(
    'get role pod-reader -n acme',
    'NAME CREATED AT\npod-reader <time>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get rolebinding bob-admin -n acme',
    'NAME ROLE AGE\nbob-admin ClusterRole/admin <age>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get rolebinding bob-admin myapp-view -n acme -o wide',
    'NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS\nbob-admin ClusterRole/admin <age> bob\nmyapp-view ClusterRole/view <age> acme/myapp',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'describe role by-name -n acme',
    'Name: by-name\nLabels: <none>\nAnnotations: <none>\nPolicyRule:\n Resources Non-Resource URLs Resource Names Verbs\n --------- ----------------- -------------- -----\n pods [] [anotherpod] [get]\n pods [] [readablepod] [get]',
    'kubectl:describe/describe.go',
  ),
  ok(
    'describe clusterrole logs',
    'Name: logs\nLabels: <none>\nAnnotations: <none>\nPolicyRule:\n Resources Non-Resource URLs Resource Names Verbs\n --------- ----------------- -------------- -----\n [/logs/*] [] [get]',
    'kubectl:describe/describe.go',
  ),
  ok(
    'describe rolebinding myapp-view -n acme',
    'Name: myapp-view\nLabels: <none>\nAnnotations: <none>\nRole:\n Kind: ClusterRole\n Name: view\nSubjects:\n Kind Name Namespace\n ---- ---- ---------\n ServiceAccount myapp acme',
    'kubectl:describe/describe.go',
  ),
  ok(
    'get clusterrolebinding cluster-admin -o jsonpath={.subjects[*].name}',
    'system:masters',
    'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go',
  ),
  ok(
    'get clusterrolebinding kubeadm:cluster-admins -o wide',
    'NAME ROLE AGE USERS GROUPS SERVICEACCOUNTS\nkubeadm:cluster-admins ClusterRole/cluster-admin <age> kubeadm:cluster-admins',
    'cmd/kubeadm/app/constants/constants.go',
  ),
  ok('auth can-i list pods -n acme --as=bob', 'yes', canI),
  no('auth can-i list pods --as=bob', 'no', canI),
  no('auth can-i get nodes --as=bob', `no\nWarning: resource 'nodes' is not namespace scoped\n`, canI),
  ok("auth can-i '*' '*'", 'yes', canI),
  ok("auth can-i '*' '*' --all-namespaces", 'yes', canI),
  ok('auth can-i get /healthz --as=bob', 'yes', 'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go'),
  no('auth can-i get /metrics --as=bob', 'no', 'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go'),
  ok('auth can-i get pods/log -n acme --as=bob', 'yes', canI),
  ok('auth can-i get pods --subresource=log -n acme --as=bob', 'yes', canI),
  ok('auth can-i get secret/db -n acme --as=bob', 'yes', canI),
  no(
    'auth can-i get secrets -n acme --as=system:serviceaccount:acme:myapp',
    'no',
    'plugin/pkg/auth/authorizer/rbac/bootstrappolicy/policy.go',
  ),
  ok('auth can-i list foo', `yes\nWarning: the server doesn't have a resource type 'foo'\n`, canI),
  ok('auth can-i fly pods', `yes\nWarning: verb 'fly' is not a known verb\n`, canI),
  no(
    'auth can-i get',
    "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    canI,
  ),
  no('auth can-i get pods -q --as=bob', '', canI),
  ok(
    'auth can-i --list -n acme --as=carol --no-headers',
    '<any>selfsubjectreviews.authentication.k8s.io [] [] [create]<any>selfsubjectaccessreviews.authorization.k8s.io [] [] [create]<any>[/healthz] [] [get]<any>',
    canI,
  ),
  ok(
    'auth whoami',
    'ATTRIBUTE VALUE\nUsername kubernetes-admin\nGroups [kubeadm:cluster-admins system:authenticated]\nExtra: authentication.kubernetes.io/credential-id [X509SHA256=<id>]',
    'website:reference/access-authn-authz/authentication',
  ),
  ok(
    "auth whoami -o jsonpath='{.status.userInfo.username}'",
    'kubernetes-admin',
    'kubectl:cmd/auth/whoami.go',
  ),
  ok(
    'auth whoami --as=bob --as-group=dev',
    'ATTRIBUTE VALUE\nUsername bob\nGroups [dev system:authenticated]',
    'apiserver:endpoints/filters/impersonation.go',
  ),
  ok(
    'auth whoami --as=system:serviceaccount:acme:myapp',
    'ATTRIBUTE VALUE\nUsername system:serviceaccount:acme:myapp\nGroups [system:serviceaccounts system:serviceaccounts:acme system:authenticated]',
    'apiserver:endpoints/filters/impersonation.go',
  ),
  ok(
    'auth whoami --as=bob --as-uid=42',
    'ATTRIBUTE VALUE\nUsername bob\nUID 42\nGroups [system:authenticated]',
    'apiserver:endpoints/filters/impersonation.go',
  ),
  no(
    'get pods --as-group=dev',
    'error: requesting uid, groups or user-extra for kubernetes-admin without impersonating a user',
    'client-go:transport/round_trippers.go',
  ),
  no(
    'get secrets -n acme --as=system:serviceaccount:acme:myapp',
    forbidden('system:serviceaccount:acme:myapp', 'list', 'secrets', 'in the namespace "acme"'),
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  no(
    'get nodes --as=bob',
    forbidden('bob', 'list', 'nodes', 'at the cluster scope'),
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  no(
    'get pods -A --as=bob',
    forbidden('bob', 'list', 'pods', 'at the cluster scope'),
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  ok('get pods -n acme --as=bob', 'No resources found in acme namespace.', 'kubectl:cmd/get/get.go'),
  ok(
    'get nodes -o name --as=anybody --as-group=system:masters',
    'node/control-plane',
    'website:reference/access-authn-authz/rbac',
  ),
  no(
    'auth whoami --kubeconfig bob.conf --as=alice',
    'error: the selfsubjectreviews API is not enabled in the cluster or you do not have permission to call it',
    'apiserver:endpoints/filters/impersonation.go',
  ),
  no(
    'get nodes --kubeconfig bob.conf --as=bob --as-group=system:masters',
    'Error from server (Forbidden): users "bob" is forbidden: User "bob" cannot impersonate resource "users" in API group "" at the cluster scope',
    'apiserver:endpoints/filters/impersonation.go',
  ),
  no(
    'get --raw /metrics --kubeconfig bob.conf',
    'Error from server (Forbidden): forbidden: User "bob" cannot get path "/metrics"',
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  ok(
    'auth reconcile -f -',
    `role.${group}/made reconciled\n\treconciliation required create\n\tmissing rules added:\n\t\t{Verbs:[get] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}`,
    'kubectl:cmd/auth/reconcile.go',
    { input: roleOf({ apiGroups: [''], resources: ['pods'], verbs: ['get'] }) },
  ),
  ok(
    'auth reconcile -f -',
    `role.${group}/made reconciled\n\treconciliation required update\n\tmissing rules added:\n\t\t{Verbs:[list] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}`,
    'kubectl:cmd/auth/reconcile.go',
    { input: roleOf({ apiGroups: [''], resources: ['pods'], verbs: ['list'] }) },
  ),
  ok(
    'auth reconcile -f - --remove-extra-permissions --dry-run=client',
    'role.rbac.authorization.k8s.io/made reconciled (dry run)\n reconciliation required update\n extra rules removed:\n {Verbs:[get] APIGroups:[] Resources:[pods] ResourceNames:[] NonResourceURLs:[]}',
    'kubectl:cmd/auth/reconcile.go',
    { input: roleOf({ apiGroups: [''], resources: ['pods'], verbs: ['list'] }) },
  ),
  no(
    `patch rolebinding bob-admin -n acme -p '{"roleRef":{"name":"edit"}}'`,
    `The RoleBinding "bob-admin" is invalid: roleRef: Invalid value: rbac.RoleRef{APIGroup:"${group}", Kind:"ClusterRole", Name:"edit"}: cannot change roleRef`,
    validation,
  ),
  ok(
    'set subject rolebinding bob-admin --user=carol -n acme',
    `rolebinding.${group}/bob-admin subjects updated`,
    'kubectl:cmd/set/set_subject.go',
  ),
  no(
    'set subject rolebinding bob-admin -n acme',
    'error: you must specify at least one value of user, group or serviceaccount',
    'kubectl:cmd/set/set_subject.go',
  ),
  no(
    create,
    'The RoleBinding "made" is invalid: subjects[0].kind: Unsupported value: "Person": supported values: "ServiceAccount", "User", "Group"',
    validation,
    { input: bindingOf({ ...bob, kind: 'Person' }) },
  ),
  no(create, 'The RoleBinding "made" is invalid: subjects[0].name: Required value', validation, {
    input: bindingOf({ ...bob, name: '' }),
  }),
  no(
    create,
    'The RoleBinding "made" is invalid: subjects[0].apiGroup: Unsupported value: "v1": supported values: "rbac.authorization.k8s.io"',
    validation,
    { input: bindingOf({ ...bob, apiGroup: 'v1' }) },
  ),
  no(
    create,
    'The RoleBinding "made" is invalid: roleRef.kind: Unsupported value: "Roles": supported values: "Role", "ClusterRole"',
    validation,
    { input: bindingOf(bob, { kind: 'Roles' }) },
  ),
  no(create, 'The RoleBinding "made" is invalid: roleRef.name: Required value', validation, {
    input: bindingOf(bob, { name: '' }),
  }),
  no(
    create,
    'Error from server (BadRequest): error when creating "STDIN": RoleBinding in version "v1" cannot be handled as a RoleBinding: json: cannot unmarshal string into Go struct field RoleBinding.roleRef of type v1.RoleRef',
    'staging/src/k8s.io/api/rbac/v1/types.go',
    { input: { ...bindingOf(bob), roleRef: 'pod-reader' } },
  ),
  no(
    create,
    'The Role "made" is invalid: rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    validation,
    { input: roleOf({ resources: ['pods'], verbs: ['get'] }) },
  ),
  no(
    create,
    'The Role "made" is invalid: rules[0].resources: Required value: resource rules must supply at least one resource',
    validation,
    { input: roleOf({ apiGroups: [''], verbs: ['get'] }) },
  ),
  no(
    create,
    'The Role "made" is invalid: rules[0].nonResourceURLs: Invalid value: []string{"/healthz"}: namespaced rules cannot apply to non-resource URLs',
    validation,
    { input: roleOf({ nonResourceURLs: ['/healthz'], verbs: ['get'] }) },
  ),
  no(
    create,
    'Error from server (BadRequest): error when creating "STDIN": Role in version "v1" cannot be handled as a Role: strict decoding error: unknown field "rules[0].resource"',
    'apimachinery:runtime/serializer/json/json.go',
    { input: roleOf({ apiGroups: [''], resource: ['pods'], verbs: ['get'] }) },
  ),
  ok(
    'create rolebinding dave-admin --clusterrole=admin --user=dave -n acme',
    `rolebinding.${group}/dave-admin created`,
    binding,
  ),
  no(
    'create role nodes --verb=get --resource=nodes -n acme --as=dave',
    `Error from server (Forbidden): ${held('dave', `roles.${group} "nodes"`, '{APIGroups:[""], Resources:["nodes"], Verbs:["get"]}')}`,
    'pkg/registry/rbac/validation/rule.go',
    { isAwaited: true },
  ),
  no(
    'create rolebinding up --clusterrole=nodes-reader --user=dave -n acme --as=dave',
    `error: failed to create rolebinding: ${held('dave', `rolebindings.${group} "up"`, '{APIGroups:[""], Resources:["nodes"], Verbs:["get" "list"]}')}`,
    'pkg/registry/rbac/validation/rule.go',
  ),
  no(
    'create rolebinding up --clusterrole=nope --user=dave -n acme --as=dave',
    `error: failed to create rolebinding: clusterroles.${group} "nope" not found`,
    'pkg/registry/rbac/rolebinding/policybased/storage.go',
  ),
  ok(
    'create role mine --verb=get --resource=pods -n acme --as=dave',
    `role.${group}/mine created`,
    'pkg/registry/rbac/role/policybased/storage.go',
  ),
  no(
    'create clusterrole mine --verb=get --resource=pods --as=dave',
    `Error from server (Forbidden): clusterroles.${group} is forbidden: User "dave" cannot create resource "clusterroles" in API group "${group}" at the cluster scope`,
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  no(
    'delete role nope -n acme',
    `Error from server (NotFound): roles.${group} "nope" not found`,
    'apimachinery:api/errors/errors.go',
  ),
  no(
    'get clusterrole nope',
    `Error from server (NotFound): clusterroles.${group} "nope" not found`,
    'apimachinery:api/errors/errors.go',
  ),
  ok(
    'delete clusterrole logs nodes-reader monitoring',
    `clusterrole.${group} "logs" deleted\nclusterrole.${group} "nodes-reader" deleted\nclusterrole.${group} "monitoring" deleted`,
    'kubectl:cmd/delete/delete.go',
  ),
  ok(
    'delete rolebinding dangling -n acme --dry-run=server',
    `rolebinding.${group} "dangling" deleted (server dry run)`,
    'kubectl:cmd/delete/delete.go',
  ),
];
