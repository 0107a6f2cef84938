/** Nodes, and the pods on them. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const drain = 'kubectl:cmd/drain/drain.go';
const taint = 'kubectl:cmd/taint/taint.go';
const cp = 'control-plane';

export const nodes: readonly Command[] = [
  ok(
    'get nodes',
    `NAME STATUS ROLES AGE VERSION\n${cp} Ready control-plane <age> v1.32.<word>`,
    'pkg/printers/internalversion/printers.go',
    { isAwaited: true },
  ),
  ok(
    'get nodes -o wide',
    `NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME\n${cp} Ready control-plane <age> v1.32.<word> 127.0.0.1 <none> <any>`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    `get node ${cp} -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}'`,
    'True',
    'website:reference/kubectl/jsonpath',
  ),
  ok(
    'get nodes -o jsonpath=\'{range .items[*]}{.metadata.name}{"\\t"}{.status.addresses[0].address}{"\\n"}{end}\'',
    `${cp} 127.0.0.1`,
    'website:reference/kubectl/jsonpath',
  ),
  ok(
    'describe node control-plane',
    `Name: ${cp}\nRoles: control-plane\n<any>Taints: node-role.kubernetes.io/control-plane:NoSchedule\nUnschedulable: false\n<any>`,
    'kubectl:describe/describe.go',
    { differs: 'the only node takes pods: it has no taint' },
  ),
  no(
    'get node nope',
    'Error from server (NotFound): nodes "nope" not found',
    'apimachinery:api/errors/errors.go',
  ),
  ok(
    `label node ${cp} disktype=ssd`,
    `node/${cp} labeled`,
    'website:tasks/configure-pod-container/assign-pods-nodes',
  ),
  ok('get nodes -l disktype=ssd -o name', `node/${cp}`, 'kubectl:cmd/get/get.go'),
  no(
    `label node ${cp} disktype=hdd`,
    "error: 'disktype' already has a value (ssd), and --overwrite is false",
    'kubectl:cmd/label/label.go',
  ),
  ok(`label node ${cp} disktype-`, `node/${cp} unlabeled`, 'kubectl:cmd/label/label.go'),
  no(
    `label node ${cp} a.b/c/d=x`,
    "The Node \"control-plane\" is invalid: metadata.labels: Invalid value: \"a.b/c/d\": a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')",
    'kubectl:cmd/label/label.go',
  ),
  ok(`annotate node ${cp} note=x`, `node/${cp} annotated`, 'kubectl:cmd/annotate/annotate.go'),
  ok(`cordon ${cp}`, `node/${cp} cordoned`, drain),
  ok(`cordon ${cp}`, `node/${cp} already cordoned`, drain),
  ok(
    'get nodes --no-headers',
    `${cp} Ready,SchedulingDisabled control-plane <age> v1.32.<word>`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get nodes --field-selector spec.unschedulable=true -o name',
    `node/${cp}`,
    'pkg/registry/core/node/strategy.go',
  ),
  ok(`uncordon ${cp}`, `node/${cp} uncordoned`, drain),
  ok(`uncordon ${cp}`, `node/${cp} already uncordoned`, drain),
  no('cordon', "error: USAGE: cordon NODE [flags]\nSee 'kubectl cordon -h' for help and examples", drain),
  no('drain nope', 'Error from server (NotFound): nodes "nope" not found', drain),
  no('drain', "error: USAGE: drain NODE [flags]\nSee 'kubectl drain -h' for help and examples", drain),
  ok(`taint nodes ${cp} dedicated=special-user:NoSchedule`, `node/${cp} tainted`, taint),
  no(
    `taint nodes ${cp} dedicated=special-user:NoSchedule`,
    'error: node control-plane already has dedicated taint(s) with same effect(s) and --overwrite is false',
    taint,
  ),
  ok(`taint nodes ${cp} dedicated=other:NoSchedule --overwrite`, `node/${cp} modified`, taint),
  ok(
    `get node ${cp} -o jsonpath='{.spec.taints[?(@.key=="dedicated")]}'`,
    '{"effect":"NoSchedule","key":"dedicated","value":"other"}',
    'kubectl:cmd/taint/taint.go',
  ),
  ok(`taint nodes ${cp} dedicated:NoSchedule-`, `node/${cp} untainted`, taint),
  no(`taint nodes ${cp} dedicated-`, 'error: taint "dedicated" not found', taint),
  no(
    `taint nodes ${cp} dedicated=x:Never`,
    "error: invalid taint effect: Never, unsupported taint effect\nSee 'kubectl taint -h' for help and examples",
    taint,
  ),
  no(`taint nodes ${cp}`, 'error: at least one taint update is required', taint),
  no(
    `taint nodes ${cp} a=b:NoSchedule a-`,
    'error: can not both modify and remove the following taint(s) in the same command: a=',
    taint,
  ),
  no(`patch node ${cp} -p '{"spec":{"unschedulable":"yes"}}'`, '<any>', 'apimachinery:runtime/converter.go'),
  ok('create -f -', 'node/worker created', 'kubectl:cmd/create/create.go', {
    input: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'worker' },
      spec: { podCIDR: '10.244.1.0/24', podCIDRs: ['10.244.1.0/24'] },
    },
  }),
  no(
    `patch node worker -p '{"spec":{"podCIDR":"10.9.0.0/24"}}'`,
    'The Node "worker" is invalid: spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
    'pkg/apis/core/validation/validation.go',
  ),
  ok(
    'get node worker --no-headers',
    'worker Unknown <none> <age>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'label node worker node-role.kubernetes.io/worker=',
    'node/worker labeled',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get node worker --no-headers',
    'worker Unknown worker <age>',
    'pkg/printers/internalversion/printers.go',
  ),
  no(
    'create -f -',
    "The Node \"Worker_2\" is invalid: metadata.name: Invalid value: \"Worker_2\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    'pkg/apis/core/validation/validation.go',
    { input: { apiVersion: 'v1', kind: 'Node', metadata: { name: 'Worker_2' } } },
  ),
  no(
    'get nodes --as=system:node:worker --as-group=system:nodes',
    `Error from server (Forbidden): nodes is forbidden: User "system:node:worker" cannot list resource "nodes" in API group "" at the cluster scope: node 'worker' cannot read all nodes, only its own Node object`,
    'plugin/pkg/auth/authorizer/node/node_authorizer.go',
  ),
  ok(
    'get node worker --as=system:node:worker --as-group=system:nodes -o name',
    'node/worker',
    'plugin/pkg/auth/authorizer/node/node_authorizer.go',
  ),
  no(
    'label node control-plane a=b --as=system:node:worker --as-group=system:nodes',
    `Error from server (Forbidden): nodes "control-plane" is forbidden: User "system:node:worker" cannot get resource "nodes" in API group "" at the cluster scope: node 'worker' cannot read 'control-plane', only its own Node object`,
    'plugin/pkg/auth/authorizer/node/node_authorizer.go',
  ),
  no(
    'label node worker node-restriction.kubernetes.io/a=b --as=system:node:worker --as-group=system:nodes',
    'Error from server (Forbidden): nodes "worker" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/a',
    'plugin/pkg/admission/noderestriction/admission.go',
  ),
  no(
    'get secrets -n default --as=system:node:worker --as-group=system:nodes',
    'Error from server (Forbidden): secrets is forbidden: User "system:node:worker" cannot list resource "secrets" in API group "" in the namespace "default": No Object name found',
    'plugin/pkg/auth/authorizer/node/node_authorizer.go',
  ),
  no(
    'get secret some -n default --as=system:node:worker --as-group=system:nodes',
    `Error from server (Forbidden): secrets "some" is forbidden: User "system:node:worker" cannot get resource "secrets" in API group "" in the namespace "default": no relationship found between node 'worker' and this object`,
    'plugin/pkg/auth/authorizer/node/node_authorizer.go',
  ),
  ok('delete node worker', 'node "worker" deleted', 'kubectl:cmd/delete/delete.go'),
  ok(
    'run web --image=nginx --overrides=\'{"spec":{"tolerations":[{"operator":"Exists"}]}}\'',
    'pod/web created',
    'kubectl:cmd/run/run.go',
  ),
  ok(
    'wait --for=condition=Ready pod/web --timeout=30s',
    'pod/web condition met',
    'kubectl:cmd/wait/condition.go',
  ),
  ok(
    'get pods',
    'NAME READY STATUS RESTARTS AGE\nweb 1/1 Running 0 <age>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get pods -o wide',
    `NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES\nweb 1/1 Running 0 <age> <word> ${cp} <none> <none>`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(`get pods --field-selector spec.nodeName=${cp} -o name`, 'pod/web', 'pkg/registry/core/pod/strategy.go'),
  no(
    `drain ${cp}`,
    'node/control-plane cordoned\nerror: unable to drain node "control-plane" due to error: cannot delete cannot delete Pods that declare no controller (use --force to override): default/web, continuing command...\nThere are pending nodes to be drained:\n control-plane\ncannot delete cannot delete Pods that declare no controller (use --force to override): default/web',
    drain,
  ),
  ok(`uncordon ${cp}`, `node/${cp} uncordoned`, drain),
  ok(
    'exec web -- cat /var/run/secrets/kubernetes.io/serviceaccount/namespace',
    'default',
    'website:tasks/run-application/access-api-from-pod',
    {
      refusedAs:
        'Error from server (MethodNotAllowed): pods/exec is not served here: no real container runs in this cluster',
    },
  ),
  no(
    'exec web -c nope -- ls',
    'Error from server (BadRequest): container nope is not valid for pod web',
    'pkg/registry/core/pod/strategy.go',
    {
      refusedAs:
        'Error from server (MethodNotAllowed): pods/exec is not served here: no real container runs in this cluster',
    },
  ),
  no('exec nope -- ls', 'Error from server (NotFound): pods "nope" not found', 'kubectl:cmd/exec/exec.go'),
  no(
    'exec web',
    'error: you must specify at least one command for the container',
    'kubectl:cmd/exec/exec.go',
  ),
  ok('logs web', '<any>', 'kubectl:cmd/logs/logs.go'),
  no(
    'logs web -c nope',
    'error: container nope is not valid for pod web',
    'pkg/registry/core/pod/strategy.go',
  ),
  no(
    'logs nope',
    'error: error from server (NotFound): pods "nope" not found in namespace "default"',
    'kubectl:cmd/logs/logs.go',
  ),
  no(
    'logs web --previous',
    'Error from server (BadRequest): previous terminated container "web" in pod "web" not found',
    'pkg/kubelet/kubelet_pods.go',
  ),
  no('top nodes', 'error: Metrics API not available', 'kubectl:cmd/top/top_node.go'),
  no('top pods', 'error: Metrics API not available', 'kubectl:cmd/top/top_pod.go'),
  ok(
    `drain ${cp} --force --ignore-daemonsets --grace-period=1`,
    `node/${cp} cordoned\nevicting pod default/web\npod/web evicted\nnode/${cp} drained\nWarning: deleting Pods that declare no controller: default/web`,
    drain,
  ),
  ok(`uncordon ${cp}`, `node/${cp} uncordoned`, drain),
];
