/** What is served, raw requests, and changes of any object, with their mistakes. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const cm = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  ...more,
});
const create = 'create -f -';
const validate = 'kubectl:validation/validation.go';

export const objects: readonly Command[] = [
  ok(
    'version',
    'Client Version: v1.32.<word>\nKustomize Version: <word>\nServer Version: v1.32.<word>',
    'kubectl:cmd/version/version.go',
  ),
  ok(
    'cluster-info',
    "Kubernetes control plane is running at https://127.0.0.1:<port>\n\nTo further debug and diagnose cluster problems, use 'kubectl cluster-info dump'.",
    'kubectl:cmd/clusterinfo/clusterinfo.go',
  ),
  ok(
    'api-versions',
    '<any>authentication.k8s.io/v1\nauthorization.k8s.io/v1\n<any>certificates.k8s.io/v1\n<any>rbac.authorization.k8s.io/v1\n<any>v1',
    'kubectl:cmd/apiresources/apiversions.go',
  ),
  ok(
    'api-resources --api-group=certificates.k8s.io',
    'NAME SHORTNAMES APIVERSION NAMESPACED KIND\ncertificatesigningrequests csr certificates.k8s.io/v1 false CertificateSigningRequest',
    'kubectl:cmd/apiresources/apiresources.go',
  ),
  ok(
    'api-resources --api-group=rbac.authorization.k8s.io --no-headers',
    'clusterrolebindings rbac.authorization.k8s.io/v1 false ClusterRoleBinding\nclusterroles rbac.authorization.k8s.io/v1 false ClusterRole\nrolebindings rbac.authorization.k8s.io/v1 true RoleBinding\nroles rbac.authorization.k8s.io/v1 true Role',
    'kubectl:cmd/apiresources/apiresources.go',
  ),
  no(
    'api-resources --sort-by=nope',
    'error: --sort-by accepts only name or kind',
    'kubectl:cmd/apiresources/apiresources.go',
  ),
  ok(
    'explain csr.spec.expirationSeconds',
    'GROUP: certificates.k8s.io\nKIND: CertificateSigningRequest\nVERSION: v1\n\nFIELD: expirationSeconds <integer>\n\n\nDESCRIPTION:\n <word> <word> <word> <any>',
    'kubectl:cmd/explain/explain.go',
    { differs: 'fields have no description' },
  ),
  no(
    'explain csr.spec.nope',
    'GROUP: certificates.k8s.io\nKIND: CertificateSigningRequest\nVERSION: v1\n\nerror: field "nope" does not exist',
    'kubectl:explain/v2/templates/plaintext.tmpl',
  ),
  no('explain nopes', `the server doesn't have a resource type "nopes"`, 'kubectl:cmd/explain/explain.go'),
  ok('get --raw /readyz', 'ok', 'apiserver:server/healthz/healthz.go'),
  ok('get --raw /livez/ping', 'ok', 'apiserver:server/healthz/healthz.go'),
  ok(
    "get --raw '/readyz?verbose'",
    '[+]ping ok\n<any>readyz check passed',
    'apiserver:server/healthz/healthz.go',
  ),
  ok('get --raw /healthz/etcd', 'ok', 'apiserver:server/healthz/healthz.go'),
  no(
    'get --raw /nope',
    'Error from server (NotFound): the server could not find the requested resource',
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  ok(
    'get --raw /api/v1/namespaces/default',
    '{<any>"kind":"Namespace",<any>"metadata":{"name":"default",<any>}',
    'kubectl:cmd/get/get.go',
  ),
  no(
    'get --raw /api/v1/namespaces/nope',
    'Error from server (NotFound): namespaces "nope" not found',
    'kubectl:rawhttp/raw.go',
  ),
  ok(
    'get --raw /.well-known/openid-configuration',
    '{"issuer":"https://kubernetes.default.svc.cluster.local","jwks_uri":"https://127.0.0.1:<port>/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["<word>"]}',
    'pkg/serviceaccount/openidmetadata.go',
  ),
  ok(
    'get --raw /openid/v1/jwks',
    '{"keys":[{"use":"sig","kty":"<word>","kid":"<word>","alg":"<word>",<any>}]}',
    'pkg/serviceaccount/openidmetadata.go',
  ),
  ok(
    'get --raw /metrics',
    '<any># HELP apiserver_request_total <any>',
    'website:reference/instrumentation/metrics',
    { refusedAs: 'Error from server (NotFound): the server could not find the requested resource' },
  ),
  no(
    'get --raw /api/v1/nodes/control-plane/proxy/healthz',
    'ok',
    'website:reference/access-authn-authz/kubelet-authn-authz',
    { code: 0, refusedAs: 'Error from server (NotFound): the server could not find the requested resource' },
  ),
  no(
    'get componentstatuses',
    'Warning: v1 ComponentStatus is deprecated in v1.19+\nNAME STATUS MESSAGE ERROR\n<any>',
    'pkg/registry/core/componentstatus/rest.go',
    { code: 0, refusedAs: `error: the server doesn't have a resource type "componentstatuses"` },
  ),
  no(
    'get pods --raw',
    "error: flag needs an argument: --raw\nSee 'kubectl get --help' for usage.",
    'kubectl:cmd/get/get.go',
  ),
  no(
    'get',
    'You must specify the type of resource to get. Use "kubectl api-resources" for a complete list of supported resources.\n\nerror: Required resource not specified.\nUse "kubectl explain <resource>" for a detailed description of that resource (e.g. kubectl explain pods).\nSee \'kubectl get -h\' for help and examples',
    'kubectl:cmd/get/get.go',
  ),
  no(
    'get nopes',
    `error: the server doesn't have a resource type "nopes"`,
    'cli-runtime:resource/builder.go',
  ),
  no(
    'get pods/a pods',
    "error: there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'",
    'cli-runtime:resource/builder.go',
  ),
  no(
    'get pods web -A',
    'error: a resource cannot be retrieved by name across all namespaces',
    'cli-runtime:resource/builder.go',
  ),
  ok(
    'get svc kubernetes',
    'NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE\nkubernetes ClusterIP 10.96.0.1 <none> 443/TCP <age>',
    'pkg/controlplane/controller/kubernetesservice/controller.go',
  ),
  ok(
    'get ns',
    'NAME STATUS AGE\n<any>default Active <age>\nkube-node-lease Active <age>\nkube-public Active <age>\nkube-system Active <age>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get cm kube-root-ca.crt',
    'NAME DATA AGE\nkube-root-ca.crt 1 <age>',
    'pkg/controller/certificates/rootcacertpublisher/publisher.go',
  ),
  ok(
    'get pods -n kube-system --no-headers -o custom-columns=N:.metadata.name',
    '<any>etcd-control-plane\nkube-apiserver-control-plane\nkube-controller-manager-control-plane\n<any>kube-scheduler-control-plane',
    'website:reference/setup-tools/kubeadm/implementation-details',
  ),
  ok(
    'get cm kubeadm-config -n kube-system',
    'NAME DATA AGE\nkubeadm-config 1 <age>',
    'cmd/kubeadm/app/phases/uploadconfig/uploadconfig.go',
  ),
  ok(
    'get cm cluster-info -n kube-public',
    'NAME DATA AGE\ncluster-info 2 <age>',
    'cmd/kubeadm/app/phases/bootstraptoken/clusterinfo/clusterinfo.go',
  ),
  ok(
    'get lease -n kube-system -o name',
    '<any>lease.coordination.k8s.io/kube-controller-manager\nlease.coordination.k8s.io/kube-scheduler',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(create, 'configmap/app created', 'kubectl:cmd/create/create.go', {
    input: cm('app', { data: { a: '1' } }),
  }),
  no('create', 'error: must specify one of -f and -k', 'kubectl:cmd/create/create.go'),
  no(create, 'error: no objects passed to create', 'kubectl:cmd/create/create.go', { input: '' }),
  no('apply -f -', 'error: no objects passed to apply', 'kubectl:cmd/apply/apply.go', { input: '' }),
  no('apply', 'error: must specify one of -f and -k', 'kubectl:cmd/apply/apply.go'),
  no('apply -f nope.yaml', 'error: the path "nope.yaml" does not exist', 'cli-runtime:resource/builder.go'),
  no(
    create,
    'error: error parsing STDIN: error converting YAML to JSON: yaml: line 5: mapping values are not allowed in this context',
    'apimachinery:util/yaml/decoder.go',
    { input: 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n name: a\n  labels: {}\n' },
  ),
  no(
    create,
    'error: error validating "STDIN": error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false',
    'apimachinery:runtime/serializer/json/json.go',
    { input: 'just words' },
  ),
  no(
    create,
    'error: error validating "STDIN": error validating data: kind not set; if you choose to ignore these errors, turn validation off with --validate=false',
    validate,
    { input: { apiVersion: 'v1', metadata: { name: 'a' } } },
  ),
  no(
    create,
    'error: resource mapping not found for name: "a" namespace: "" from "STDIN": no matches for kind "Configmap" in version "v1"\nensure CRDs are installed first',
    'cli-runtime:resource/mapper.go',
    { input: { ...cm('a'), kind: 'Configmap' } },
  ),
  no(
    create,
    'error: resource mapping not found for name: "a" namespace: "" from "STDIN": no matches for kind "ConfigMap" in version "v2"\nensure CRDs are installed first',
    'cli-runtime:resource/mapper.go',
    { input: { ...cm('a'), apiVersion: 'v2' } },
  ),
  no(
    create,
    'The ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    'apiserver:registry/rest/create.go',
    { input: { apiVersion: 'v1', kind: 'ConfigMap' } },
  ),
  no(
    create,
    'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    'apimachinery:runtime/serializer/json/json.go',
    { input: cm('a', { data: { port: 80 } }) },
  ),
  no(
    create,
    'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal bool into Go struct field ConfigMap.data of type string',
    'apimachinery:runtime/serializer/json/json.go',
    { input: cm('a', { data: { on: true } }) },
  ),
  no(
    create,
    'Error from server (BadRequest): error when creating "STDIN": ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "spec"',
    'apimachinery:runtime/serializer/json/json.go',
    { input: cm('a', { spec: {} }) },
  ),
  ok(
    'create --validate=warn -f -',
    'configmap/warned created\nWarning: unknown field "spec"',
    'apiserver:endpoints/handlers/create.go',
    { input: cm('warned', { spec: {} }) },
  ),
  no(
    'create --validate=maybe -f -',
    'error: invalid - validate option "maybe"; must be one of: strict (or true), warn, ignore (or false)',
    'kubectl:cmd/util/helpers.go',
    { input: cm('a') },
  ),
  no(
    'apply -f -',
    `error: error when retrieving current configuration of:\nResource: "/v1, Resource=configmaps", GroupVersionKind: "/v1, Kind=ConfigMap"\nName: "", Namespace: "default"\nfrom server for: "STDIN": resource name may not be empty`,
    'cli-runtime:resource/helper.go',
    { input: { apiVersion: 'v1', kind: 'ConfigMap', metadata: {} } },
  ),
  no(
    'apply -f -',
    'Error from server (NotFound): error when creating "STDIN": namespaces "nope" not found',
    'apiserver:registry/generic/registry/store.go',
    { input: { ...cm('a'), metadata: { name: 'a', namespace: 'nope' } } },
  ),
  ok(create, 'configmap/gen-<id> created', 'apiserver:storage/names/generate.go', {
    input: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } },
  }),
  no('apply -f -', 'error: from gen-: cannot use generate name with apply', 'kubectl:cmd/apply/apply.go', {
    input: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'gen-' } },
  }),
  ok(create, 'configmap/versioned created', 'cli-runtime:resource/helper.go', {
    input: { ...cm('versioned'), metadata: { name: 'versioned', resourceVersion: '7' } },
  }),
  ok(
    'get cm app -o json',
    '{\n "apiVersion": "v1",\n "data": {\n "a": "1"\n },\n "kind": "ConfigMap",\n "metadata": {\n "creationTimestamp": "<time>",\n "name": "app",\n "namespace": "default",\n "resourceVersion": "<id>",\n "uid": "<word>"\n }\n}',
    'cli-runtime:printers/json.go',
  ),
  ok(
    'get cm app --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}',
    'kubectl-create',
    'apimachinery:util/managedfields/fieldmanager.go',
    { differs: 'nobody keeps the managers of fields' },
  ),
  ok("get cm app -o go-template='{{.data.a}}'", '1', 'cli-runtime:printers/template.go'),
  no(
    "get cm app -o go-template='{{.data.a'",
    'error: error parsing template {{.data.a, template: output:1: unclosed action',
    'cli-runtime:printers/template.go',
  ),
  no(
    'get cm app -o custom-columns',
    'error: custom-columns format specified but no custom columns given',
    'kubectl:cmd/get/customcolumn_flags.go',
  ),
  no(
    'get cm app -o custom-columns=NAME',
    'error: unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>',
    'kubectl:cmd/get/customcolumn.go',
  ),
  ok('get cm --sort-by=.metadata.name -o name', '<any>configmap/app\n<any>', 'kubectl:cmd/get/sorter.go'),
  ok(
    'get cm --sort-by=.metadata.nope',
    'No resources found in default namespace.',
    'kubectl:cmd/get/sorter.go',
  ),
  ok(
    'get cm --chunk-size=1 -o name',
    'configmap/app\n<any>configmap/warned',
    'cli-runtime:resource/visitor.go',
  ),
  no(
    'get cm app nope',
    'NAME DATA AGE\napp 1 <age>\nError from server (NotFound): configmaps "nope" not found',
    'kubectl:cmd/get/get.go',
  ),
  ok('get cm nope --ignore-not-found', '', 'kubectl:cmd/get/get.go'),
  ok('get cm app -w', 'NAME DATA AGE\napp 1 <age>', 'kubectl:cmd/get/get.go', { isEndless: true }),
  ok('proxy --port=0', 'Starting to serve on 127.0.0.1:<port>', 'kubectl:cmd/proxy/proxy.go', {
    isEndless: true,
  }),
  no(
    'port-forward pod/nope 8080:80',
    'Error from server (NotFound): pods "nope" not found',
    'kubectl:cmd/portforward/portforward.go',
    { code: 1 },
  ),
  no(
    'patch cm app --type=json -p \'[{"op":"jump","path":"/data/a"}]\'',
    'The request is invalid: the server rejected our request due to an error in our request',
    'apiserver:endpoints/handlers/patch.go',
  ),
  ok(
    'patch cm app --type=merge -p \'{"data":{"b":"2"}}\'',
    'configmap/app patched',
    'kubectl:cmd/patch/patch.go',
  ),
  ok(
    'patch cm app --type=merge -p \'{"data":{"b":"2"}}\'',
    'configmap/app patched (no change)',
    'kubectl:cmd/patch/patch.go',
  ),
  ok(
    'patch cm app -p \'{"data":{"c":"3"}}\' --dry-run=server',
    'configmap/app patched',
    'kubectl:cmd/patch/patch.go',
  ),
  no(
    'patch cm app -p \'{"metadata":{"name":"other"}}\'',
    'Error from server (BadRequest): the name of the object (other) does not match the name on the URL (app)',
    'apiserver:endpoints/handlers/rest.go',
  ),
  no(
    'patch cm app -p \'{"metadata":{"namespace":"kube-system"}}\'',
    'Error from server (BadRequest): the namespace of the provided object does not match the namespace sent on the request',
    'apiserver:registry/rest/meta.go',
  ),
  no(
    'patch cm app -p \'{"metadata":{"uid":"x"}}\'',
    'Error from server (Conflict): Operation cannot be fulfilled on configmaps "app": StorageError: invalid object, Code: 4, Key: /registry/configmaps/default/app, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: <word>',
    'apiserver:storage/errors.go',
  ),
  no(
    'patch cm app -p \'{"metadata":{"resourceVersion":"1"}}\'',
    'Error from server (Conflict): Operation cannot be fulfilled on configmaps "app": the object has been modified; please apply your changes to the latest version and try again',
    'apiserver:endpoints/handlers/patch.go',
  ),
  no(
    "patch cm nope -p '{}'",
    'Error from server (NotFound): configmaps "nope" not found',
    'kubectl:cmd/patch/patch.go',
  ),
  no(
    'replace -f - --subresource=status',
    'Error from server (NotFound): error when replacing "STDIN": the server could not find the requested resource',
    'kubectl:cmd/replace/replace.go',
    { input: cm('app') },
  ),
  no(
    'wait --for=delete cm/app --timeout=2s',
    '<any>error: timed out waiting for the condition on configmaps/app',
    'kubectl:cmd/wait/delete.go',
  ),
  ok('wait --for=create cm/app --timeout=1s', 'configmap/app condition met', 'kubectl:cmd/wait/create.go'),
  no(
    'wait --for=condition=Ready cm/nope --timeout=1s',
    'Error from server (NotFound): configmaps "nope" not found',
    'kubectl:cmd/wait/condition.go',
  ),
  no('wait cm/app', 'error: unrecognized condition: ""', 'kubectl:cmd/wait/wait.go'),
  no('wait --for=nope cm/app', 'error: unrecognized condition: "nope"', 'kubectl:cmd/wait/wait.go'),
  ok('delete cm app --cascade=orphan', 'configmap "app" deleted', 'kubectl:cmd/delete/delete.go'),
  no(
    'delete cm --all app',
    'error: name cannot be provided when a selector is specified',
    'kubectl:cmd/delete/delete.go',
  ),
  no(
    'delete ns kube-system',
    'Error from server (Forbidden): namespaces "kube-system" is forbidden: this namespace may not be deleted',
    'apiserver:admission/plugin/namespace/lifecycle/admission.go',
  ),
  no(
    'rollout status deployment/nope',
    'Error from server (NotFound): deployments.apps "nope" not found',
    'kubectl:cmd/rollout/rollout_status.go',
  ),
  ok(
    'create deployment web --image=nginx:1.27',
    'deployment.apps/web created',
    'kubectl:cmd/create/create_deployment.go',
  ),
  ok(
    'get deploy web -o wide',
    'NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS IMAGES SELECTOR\nweb 0/1 0 0 <age> nginx nginx:1.27 app=web',
    'pkg/printers/internalversion/printers.go',
  ),
  ok('get deploy web -o jsonpath={.metadata.generation}', '1', 'pkg/registry/apps/deployment/strategy.go'),
  ok(
    'set image deployment/web nginx=nginx:1.28',
    'deployment.apps/web image updated',
    'kubectl:cmd/set/set_image.go',
  ),
  ok('get deploy web -o jsonpath={.metadata.generation}', '2', 'pkg/registry/apps/deployment/strategy.go'),
  no(
    'get deploy --field-selector spec.replicas=1',
    'Error from server (BadRequest): Unable to find "apps/v1, Resource=deployments" that match label selector "", field selector "spec.replicas=1": "spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
    'apimachinery:runtime/conversion.go',
  ),
  ok('create job once --image=busybox -- date', 'job.batch/once created', 'kubectl:cmd/create/create_job.go'),
  ok(
    'get jobs',
    'NAME STATUS COMPLETIONS DURATION AGE\nonce Running 0/1 <any>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get jobs --field-selector status.successful=0 -o name',
    'job.batch/once',
    'pkg/apis/batch/v1/conversion.go',
  ),
  ok(
    'delete deploy/web job/once',
    'deployment.apps "web" deleted\njob.batch "once" deleted',
    'kubectl:cmd/delete/delete.go',
  ),
  ok(
    'get svc --field-selector spec.type=ClusterIP -o name',
    'service/kubernetes',
    'pkg/apis/core/v1/conversion.go',
  ),
  ok(
    'get pods -n kube-system --field-selector spec.hostNetwork=true,spec.schedulerName=default-scheduler -o name',
    'pod/etcd-control-plane\n<any>',
    'pkg/apis/core/v1/conversion.go',
  ),
  ok(
    "get --raw '/readyz?verbose&exclude=etcd'",
    '[+]ping ok\n<any>[+]etcd excluded: ok\n<any>readyz check passed',
    'apiserver:server/healthz/healthz.go',
  ),
  ok(
    'get --raw /version',
    '{\n "major": "1",\n "minor": "32",\n<any>}',
    'apiserver:server/routes/version.go',
  ),
  no(
    'create configmap big --from-file=big.bin',
    'error: failed to create configmap: ConfigMap "big" is invalid: []: Too long: may not be more than 1048576 bytes',
    'pkg/apis/core/validation/validation.go',
  ),
  ok('replace -f -', 'role.rbac.authorization.k8s.io/fresh replaced', 'pkg/registry/rbac/role/strategy.go', {
    input: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'fresh' },
      rules: [],
    },
  }),
  no(
    'replace -f -',
    'Error from server (NotFound): error when replacing "STDIN": configmaps "fresh" not found',
    'pkg/registry/core/configmap/strategy.go',
    { input: cm('fresh') },
  ),
  ok('get deploy,rs', 'No resources found in default namespace.', 'kubectl:cmd/get/get.go', {
    refusedAs: `error: the server doesn't have a resource type "rs"`,
  }),
  ok('get crd', 'No resources found', 'kubectl:cmd/get/get.go', {
    refusedAs: `error: the server doesn't have a resource type "crd"`,
  }),
  ok('get validatingwebhookconfigurations', 'No resources found', 'kubectl:cmd/get/get.go'),
  ok(
    'get --raw /apis/admissionregistration.k8s.io/v1',
    '{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"admissionregistration.k8s.io/v1","resources":[<any>',
    'apiserver:endpoints/discovery/version.go',
  ),
];
