/**
 * What the real kubectl prints, command by command, message and exit code: above all for commands that are wrong. The rows
 * are what kubectl 1.32 prints against kube-apiserver 1.32 (its sources); what the client answers by itself stands in a
 * list of its own.
 */
import test from 'ava';
import { shareOf } from '../../helpers/at-length.ts';
import { withPeer } from '../../helpers/peer.ts';
import { startCluster } from '../support/cluster.ts';

interface Row {
  readonly words: string;
  readonly input?: unknown;
  /** Exit code 0, and this on standard output. */
  readonly out?: string | RegExp;
  /** Exit code 1, and this on standard error. */
  readonly err?: string | RegExp;
}

const dns1035 =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const dnsLabel =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const podRule =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
const unfit = (kind: string, why: string): string =>
  `Error from server (BadRequest): error when creating "STDIN": ${kind} in version "v1" cannot be handled as a ${kind}: ${why}`;
const pod = (name: string, container: object, spec: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: { containers: [{ name: 'a', image: 'nginx', ...container }], ...spec },
});
const rbac = 'rbac.authorization.k8s.io';
const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: {} };

/** In this order: each sees what those before it did. */
const journeys: Readonly<Record<string, readonly Row[]>> = {
  services: [
    { words: 'create service nodeport np --tcp=80:8080', out: 'service/np created' },
    {
      words:
        'get svc np -o jsonpath={.spec.type},{.spec.ports[0].targetPort},{.spec.ports[0].nodePort},{.spec.selector.app}',
      out: /^NodePort,8080,3[0-2]\d{3},np$/,
    },
    { words: 'create service nodeport np2 --tcp=80 --node-port=30080', out: 'service/np2 created' },
    {
      words: 'create service nodeport np3 --tcp=80 --node-port=30080',
      err: 'error: failed to create NodePort service: Service "np3" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated',
    },
    {
      words: 'create service nodeport np4 --tcp=80 --node-port=99',
      err: 'error: failed to create NodePort service: Service "np4" is invalid: spec.ports[0].nodePort: Invalid value: 99: provided port is not in the valid range. The range of valid ports is 30000-32767',
    },
    { words: 'create service clusterip ci --tcp=80:8080,443', out: 'service/ci created' },
    {
      words:
        'get svc ci -o jsonpath={.spec.ports[*].name},{.spec.ipFamilyPolicy},{.spec.internalTrafficPolicy}',
      out: '80-8080 443,SingleStack,Cluster',
    },
    { words: 'create service clusterip headless --clusterip=None', out: 'service/headless created' },
    {
      words: 'create service clusterip far --tcp=80 --clusterip=1.2.3.4',
      err: 'error: failed to create ClusterIP service: Service "far" is invalid: spec.clusterIPs: Invalid value: []string{"1.2.3.4"}: failed to allocate IP 1.2.3.4: the provided IP (1.2.3.4) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
    },
    { words: 'create service externalname en --external-name=example.com', out: 'service/en created' },
    {
      words: 'get svc en -o jsonpath={.spec}',
      out: '{"externalName":"example.com","selector":{"app":"en"},"sessionAffinity":"None","type":"ExternalName"}',
    },
    {
      words: 'create service loadbalancer lb --tcp=80 --dry-run=server',
      out: 'service/lb created (server dry run)',
    },
    { words: 'run web --image=nginx --port=80 --labels=app=web', out: 'pod/web created' },
    { words: 'expose pod web --type=NodePort --target-port=http', out: 'service/web exposed' },
    {
      words: 'expose pod web --port=80 --type=Foo',
      err: 'The Service "web" is invalid: spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
    },
    {
      words: 'expose pod web --port=80 --name=Web_',
      err: `The Service "Web_" is invalid: metadata.name: Invalid value: "Web_": ${dns1035}`,
    },
    {
      words: 'expose pod web --port=99999 --name=w2',
      err: 'The Service "w2" is invalid: \n* spec.ports[0].port: Invalid value: 99999: must be between 1 and 65535, inclusive\n* spec.ports[0].targetPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
    },
    {
      words: 'patch svc web -p {"spec":{"clusterIP":"10.96.77.77"}}',
      err: 'The Service "web" is invalid: spec.clusterIPs[0]: Invalid value: []string{"10.96.77.77"}: may not change once set',
    },
    {
      words: 'patch svc web -p {"spec":{"ports":[{"port":80,"nodePort":12}]}}',
      err: 'The Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 12: provided port is not in the valid range. The range of valid ports is 30000-32767',
    },
    {
      words: 'patch svc web -p {"spec":{"ports":[{"port":443,"name":"tls"},{"port":80,"name":"http"}]}}',
      out: 'service/web patched',
    },
    { words: 'patch svc web -p {"spec":{"type":"ClusterIP"}}', out: 'service/web patched' },
    {
      words:
        'get svc web -o jsonpath={.spec.ports[*].port},{.spec.ports[*].nodePort},{.spec.externalTrafficPolicy}',
      out: /^(?:443 80|80 443),,$/,
    },
    { words: 'set selector svc web a=b', out: 'service/web selector updated' },
    { words: 'delete svc np np2', out: 'service "np" deleted\nservice "np2" deleted' },
    {
      words: 'create -f -',
      input: {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 's' },
        spec: { ports: [{ port: 'http' }] },
      },
      err: unfit(
        'Service',
        'json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
      ),
    },
    {
      words: 'create -f -',
      input: { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: {} },
      err: 'The Service "s" is invalid: spec.ports: Required value',
    },
  ],
  pods: [
    {
      words: 'create -f -',
      input: pod('p', { livenessProbe: { httpGet: { path: 5, port: 80 } } }),
      err: unfit(
        'Pod',
        'json: cannot unmarshal number into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.path of type string',
      ),
    },
    {
      words: 'create -f -',
      input: pod('p', { livenessProbe: { httpGett: { path: '/' } } }),
      err: unfit('Pod', 'strict decoding error: unknown field "spec.containers[0].livenessProbe.httpGett"'),
    },
    {
      words: 'apply -f -',
      input: pod('p', { resources: { limits: { cpu: 'abc' } } }),
      err: unfit(
        'Pod',
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
      ),
    },
    {
      words: 'create -f -',
      input: pod('p', { securityContext: { runAsUser: '1000' } }),
      err: unfit(
        'Pod',
        'json: cannot unmarshal string into Go struct field SecurityContext.spec.containers.securityContext.runAsUser of type int64',
      ),
    },
    {
      words: 'create -f -',
      input: pod('p', { volumeMounts: [{ name: 'v', mountPath: '/x' }] }, { restartPolicy: 'Sometimes' }),
      err: 'The Pod "p" is invalid: \n* spec.containers[0].volumeMounts[0].name: Not found: "v"\n* spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    },
    {
      words: 'create --validate=warn -f -',
      input: pod('warned', { livenessProbe: { exec: { command: ['x'] }, httpGett: 1 } }),
      out: 'pod/warned created',
    },
    {
      words: 'create --validate=ignore -f -',
      input: pod('ignored', { imagge: 'x' }),
      out: 'pod/ignored created',
    },
    { words: 'logs ignored', out: '' },
    { words: 'run web --image=nginx:1.27', out: 'pod/web created' },
    {
      words: 'run web --image=nginx:1.27',
      err: 'Error from server (AlreadyExists): pods "web" already exists',
    },
    {
      words: 'run x --image=nginx --port=99999',
      err: 'The Pod "x" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: 99999: must be between 1 and 65535, inclusive',
    },
    {
      words: 'run X --image=nginx',
      err: /^The Pod "X" is invalid: \n\* metadata\.name: Invalid value: "X": a lowercase RFC 1123 subdomain must.*\n\* spec\.containers\[0\]\.name: Invalid value: "X": a lowercase RFC 1123 label must.*$/,
    },
    { words: 'set image pod/web web=nginx:1.28', out: 'pod/web image updated' },
    { words: 'set image pod/web nope=nginx', err: 'error: unable to find container named "nope"' },
    {
      words: 'set env pod/web A=b',
      err: `error: failed to patch env update to pod template: Pod "web" is invalid: ${podRule}`,
    },
    {
      words: 'patch pod web -p {"spec":{"restartPolicy":"Never"}}',
      err: `The Pod "web" is invalid: ${podRule}`,
    },
    {
      words: 'patch pod web -p {"spec":{"containers":[{"name":"web","ports":[{"containerPort":"x"}]}]}}',
      err: 'The request is invalid: patch: Invalid value: "map[spec:map[containers:[map[name:web ports:[map[containerPort:x]]]]]]": unrecognized type: int32',
    },
    {
      words: 'patch pod web -p {"spec":{"containers":[{"name":"web","image":5}]}}',
      err: 'The request is invalid: patch: Invalid value: "map[spec:map[containers:[map[image:5 name:web]]]]": cannot convert int64 to string',
    },
    {
      words: 'patch pod web -p {"metadata":{"finalizers":["mine"]}}',
      err: 'The Pod "web" is invalid: metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
    },
    { words: 'patch pod web -p {"metadata":{"finalizers":["example.com/hold"]}}', out: 'pod/web patched' },
    { words: 'delete pod web --wait=false', out: 'pod "web" deleted' },
    {
      words: 'get pod web -o jsonpath={.metadata.deletionTimestamp}',
      out: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
    },
    {
      words:
        'patch pod web --type=json -p [{"op":"add","path":"/metadata/finalizers/-","value":"example.com/more"}]',
      err: 'The Pod "web" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/more"}',
    },
    {
      words: 'patch pod web --type=json -p [{"op":"remove","path":"/metadata/finalizers"}]',
      out: 'pod/web patched',
    },
    { words: 'get pod web', err: 'Error from server (NotFound): pods "web" not found' },
    { words: 'create -f -', input: node, out: 'node/n1 created' },
    {
      words: 'debug node/n1 --image=busybox',
      out: /^Creating debugging pod node-debugger-n1-[a-z0-9]{5} with container debugger on node n1\.$/,
    },
    {
      words: 'debug node/nope --image=busybox',
      err: /^Error from server \(NotFound\): nodes "nope" not found$/m,
    },
    {
      words: 'patch node n1 -p {"spec":{"taints":[{"key":"a","effect":"Foo"}]}}',
      err: 'The Node "n1" is invalid: metadata.taints[0].effect: Unsupported value: "Foo": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
    },
    {
      words: 'drain n1',
      err: /cannot delete cannot delete Pods that declare no controller \(use --force to override\): default\/node-debugger-n1-[a-z0-9]{5}$/m,
    },
    {
      words: 'explain pod.spec.containers.livenessProbe.httpGet',
      out: /^FIELD: httpGet <HTTPGetAction>$[\s\S]*^ {2}httpHeaders\t<\[\]HTTPHeader>$/m,
    },
    { words: 'explain service.spec.nodePortt', err: 'error: field "nodePortt" does not exist' },
  ],
  'secrets, namespaces and accounts': [
    {
      words: 'create secret generic s --from-literal=a=1 --type=kubernetes.io/tls',
      err: 'error: failed to create secret Secret "s" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
    },
    { words: 'create secret generic s --from-literal=a=1', out: 'secret/s created' },
    {
      words: 'create secret generic s --from-literal=a=1',
      err: 'error: failed to create secret secrets "s" already exists',
    },
    {
      words: 'create secret docker-registry d --docker-server=x --docker-username=u --docker-password=p',
      out: 'secret/d created',
    },
    { words: 'get secret d -o jsonpath={.type}', out: 'kubernetes.io/dockerconfigjson' },
    {
      words: 'patch secret d -p {"data":{".dockerconfigjson":null}}',
      err: 'The Secret "d" is invalid: data[.dockerconfigjson]: Required value',
    },
    {
      words: 'patch secret s -p {"type":"example.com/x"}',
      err: 'The Secret "s" is invalid: type: Invalid value: "example.com/x": field is immutable',
    },
    {
      words: 'patch secret s -p {"data":{"a":"x"}}',
      err: 'The request is invalid: patch: Invalid value: "map[data:map[a:x]]": error decoding from json: illegal base64 data at input byte 0',
    },
    { words: 'patch secret s -p {"immutable":true}', out: 'secret/s patched' },
    {
      words: 'patch secret s -p {"data":{"a":"eA=="}}',
      err: 'The Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    },
    {
      words: 'patch secret s -p {"immutable":false}',
      err: 'The Secret "s" is invalid: immutable: Forbidden: field is immutable when `immutable` is set',
    },
    { words: 'delete secret s', out: 'secret "s" deleted' },
    {
      words: 'create -f -',
      input: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 't' },
        type: 'kubernetes.io/tls',
        data: { 'tls.crt': 'eA==' },
      },
      err: 'The Secret "t" is invalid: data[tls.key]: Required value',
    },
    {
      words: 'create -f -',
      input: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, data: { a: 'not base64!' } },
      err: unfit('Secret', 'illegal base64 data at input byte 3'),
    },
    {
      words: 'create -f -',
      input: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 't' },
        type: 'kubernetes.io/service-account-token',
      },
      err: 'The Secret "t" is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value',
    },
    { words: 'create ns team', out: 'namespace/team created' },
    { words: 'create ns team', err: 'Error from server (AlreadyExists): namespaces "team" already exists' },
    {
      words: 'create ns kubernetes.io',
      err: `The Namespace "kubernetes.io" is invalid: metadata.name: Invalid value: "kubernetes.io": ${dnsLabel}`,
    },
    {
      words: 'create sa bot -n nope',
      err: 'error: failed to create serviceaccount: namespaces "nope" not found',
    },
    { words: 'create sa bot -n team', out: 'serviceaccount/bot created' },
    {
      words: 'create sa bot -n team',
      err: 'error: failed to create serviceaccount: serviceaccounts "bot" already exists',
    },
    {
      words: 'patch sa bot -n team -p {"secrets":"x"}',
      err: 'The request is invalid: patch: Invalid value: "map[secrets:x]": cannot restore slice from string',
    },
    { words: 'create cm held -n team --from-literal=a=1', out: 'configmap/held created' },
    {
      words: 'patch cm held -n team -p {"metadata":{"finalizers":["example.com/hold"]}}',
      out: 'configmap/held patched',
    },
    { words: 'delete ns team --wait=false', out: 'namespace "team" deleted' },
    { words: 'get ns team', out: /^NAME +STATUS +AGE\nteam +Terminating +\d+s$/ },
    {
      words: 'get ns team -o jsonpath={.status.conditions[4].message}',
      out: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    },
    {
      words: 'run x --image=x -n team',
      err: 'Error from server (Forbidden): pods "x" is forbidden: unable to create new content in namespace team because it is being terminated',
    },
    { words: 'patch cm held -n team -p {"metadata":{"finalizers":null}}', out: 'configmap/held patched' },
    { words: 'get ns team', err: 'Error from server (NotFound): namespaces "team" not found' },
    {
      words: 'delete ns default',
      err: 'Error from server (Forbidden): namespaces "default" is forbidden: this namespace may not be deleted',
    },
    { words: 'delete ns nope', err: 'Error from server (NotFound): namespaces "nope" not found' },
  ],
  'roles and requests for certificates': [
    {
      words: 'create role r --verb=get --resource=pods,pods/log --resource-name=web',
      out: `role.${rbac}/r created`,
    },
    {
      words: 'create role r --verb=get --resource=pods',
      err: `Error from server (AlreadyExists): roles.${rbac} "r" already exists`,
    },
    {
      words: 'create clusterrole c --verb=get --non-resource-url=/healthz',
      out: `clusterrole.${rbac}/c created`,
    },
    {
      words: 'create clusterrole agg --aggregation-rule=example.com/a=true',
      out: `clusterrole.${rbac}/agg created`,
    },
    {
      words: 'get clusterrole agg -o jsonpath={.aggregationRule}',
      out: '{"clusterRoleSelectors":[{"matchLabels":{"example.com/a":"true"}}]}',
    },
    { words: 'create rolebinding b --role=r --user=bob', out: `rolebinding.${rbac}/b created` },
    {
      words: 'patch rolebinding b -p {"subjects":"x"}',
      err: 'The request is invalid: patch: Invalid value: "map[subjects:x]": cannot restore slice from string',
    },
    {
      words: 'create -f -',
      input: {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: 'x' },
        rules: [{ apiGroups: [''], resources: ['pods'] }],
      },
      err: 'The Role "x" is invalid: rules[0].verbs: Required value: verbs must contain at least one value',
    },
    {
      words: 'create -f -',
      input: {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata: { name: 'x' },
        rules: [{ apiGroups: '', resources: ['pods'], verbs: ['get'] }],
      },
      err: unfit(
        'Role',
        'json: cannot unmarshal string into Go struct field PolicyRule.rules.apiGroups of type []string',
      ),
    },
    {
      words: 'create -f -',
      input: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name: 'c' },
        spec: {
          request: '-----BEGIN CERTIFICATE REQUEST-----',
          signerName: 'kubernetes.io/kube-apiserver-client',
          usages: ['client auth'],
        },
      },
      err: unfit('CertificateSigningRequest', 'illegal base64 data at input byte 0'),
    },
    {
      words: 'create -f -',
      input: {
        apiVersion: 'certificates.k8s.io/v1',
        kind: 'CertificateSigningRequest',
        metadata: { name: 'c' },
        spec: { request: 'eA==', signerName: 'x', usages: 'client auth' },
      },
      err: unfit(
        'CertificateSigningRequest',
        'json: cannot unmarshal string into Go struct field CertificateSigningRequestSpec.spec.usages of type []v1.KeyUsage',
      ),
    },
    {
      words: 'certificate approve nope',
      err: 'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "nope" not found',
    },
    {
      words: 'certificate deny nope',
      err: 'Error from server (NotFound): certificatesigningrequests.certificates.k8s.io "nope" not found',
    },
  ],
};

/** What the client says before it asks anybody. */
const byTheClient: readonly Row[] = [
  { words: 'create service nodeport np', err: 'error: at least one tcp port specifier must be provided' },
  {
    words: 'create service nodeport np --tcp=99999',
    err: 'error: strconv.ParseUint: parsing "99999": value out of range',
  },
  {
    words: 'create service externalname en --external-name=Bad_Name',
    err: 'error: invalid service external name Bad_Name',
  },
  { words: 'create service externalname en', err: 'error: required flag(s) "external-name" not set' },
  { words: 'create service clusterip c', err: 'error: at least one tcp port specifier must be provided' },
  { words: 'run x', err: 'error: required flag(s) "image" not set' },
  { words: 'run x --image=', err: 'error: --image is required' },
  { words: 'run x --image=nginx --port=abc', err: 'error: strconv.Atoi: parsing "abc": invalid syntax' },
  { words: 'run x --image=nginx --restart=Foo', err: /^error: invalid restart policy: Foo$/m },
  { words: 'expose pod nope --port=80', err: 'Error from server (NotFound): pods "nope" not found' },
  { words: 'create secret generic', err: /^error: exactly one NAME is required, got 0$/m },
  {
    words: 'create secret generic s --from-literal=a',
    err: 'error: invalid literal source a, expected key=value',
  },
  {
    words: 'create secret generic s --from-file=/nope',
    err: 'error: error reading /nope: no such file or directory',
  },
  {
    words: 'create secret tls s --cert=/nope --key=/nope',
    err: 'error: Cannot read file /nope, open /nope: no such file or directory',
  },
  {
    words: 'create secret tls s --cert=/dev/null --key=/dev/null',
    err: 'error: tls: failed to find any PEM data in certificate input',
  },
  {
    words: 'create secret docker-registry s',
    err: 'error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
  },
  { words: 'create sa', err: /^error: exactly one NAME is required, got 0$/m },
  {
    words: 'create configmap c --from-literal=a=1 --from-literal=a=2',
    err: 'error: cannot add key "a", another key by that name already exists in Data for ConfigMap "c"',
  },
  {
    words: 'create configmap c --from-literal=Bad/Key=1',
    err: /^error: "Bad\/Key" is not a valid key name for a ConfigMap: a valid config key must consist of/,
  },
  { words: 'create role r', err: 'error: at least one verb must be specified' },
  {
    words: 'create role r --verb=get --resource=nopes',
    err: /^the server doesn't have a resource type "nopes"$/,
  },
  { words: 'create rolebinding b', err: 'error: exactly one of clusterrole or role must be specified' },
  {
    words: 'create rolebinding b --clusterrole=view --role=r',
    err: 'error: exactly one of clusterrole or role must be specified',
  },
  {
    words: 'create rolebinding b --clusterrole=view --serviceaccount=bot',
    err: 'error: serviceaccount must be <namespace>:<name>',
  },
  { words: 'create clusterrolebinding b', err: 'error: required flag(s) "clusterrole" not set' },
  {
    words: 'create ingress i --rule=/=a:80',
    err: 'error: failed to create ingress: the server could not find the requested resource',
  },
  {
    words: 'create cronjob c --image=busybox --schedule=@daily',
    err: 'error: failed to create cronjob: the server could not find the requested resource',
  },
  {
    words: 'taint nodes n1 a=b:NoFun',
    err: /^error: invalid taint effect: NoFun, unsupported taint effect$/m,
  },
  { words: 'label ns default a=b=c', err: 'error: invalid label spec: a=b=c' },
  {
    words: 'label ns default a=-b',
    err: /^error: invalid label value: "a=-b": a valid label must be an empty string or consist of/,
  },
  { words: 'annotate ns default x', err: 'error: at least one annotation update is required' },
  { words: 'delete pod', err: /^error: resource\(s\) were provided, but no name was specified$/ },
  {
    words: 'delete pod web --cascade=foo',
    err: 'error: invalid cascade value (foo). Must be "background", "foreground", or "orphan"',
  },
  { words: 'get foo', err: `error: the server doesn't have a resource type "foo"` },
  { words: 'get pod', out: '' },
  { words: 'get pods -n nope', out: '' },
  { words: 'get pod nope', err: 'Error from server (NotFound): pods "nope" not found' },
  { words: 'describe pod nope', err: 'Error from server (NotFound): pods "nope" not found' },
  {
    words: 'logs nope',
    err: 'error: error from server (NotFound): pods "nope" not found in namespace "default"',
  },
  { words: 'exec nope -- ls', err: 'Error from server (NotFound): pods "nope" not found' },
  { words: 'cordon nope', err: 'Error from server (NotFound): nodes "nope" not found' },
  { words: 'replace -f /nope', err: 'error: the path "/nope" does not exist' },
  { words: 'apply -f /nope', err: 'error: the path "/nope" does not exist' },
  {
    words: 'apply -f -',
    input: { kind: 'Pod' },
    err: /^error: error validating "STDIN": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false$/,
  },
  {
    words: 'apply -f -',
    input: { apiVersion: 'v1', kind: 'Podd', metadata: { name: 'x' } },
    err: /no matches for kind "Podd" in version "v1"/,
  },
  {
    words: 'create poddisruptionbudget p --selector=a=b --min-available=1',
    err: 'error: failed to create poddisruptionbudgets: the server could not find the requested resource',
  },
  { words: 'auth can-i get pods --as=bob', out: 'yes' },
  { words: 'config view -o jsonpath={.kind}', out: 'Config' },
];

const split = (words: string): string[] => words.split(/ (?![^{[]*[}\]])/);
const isSo = (said: string, expected: string | RegExp): boolean =>
  typeof expected === 'string' ? said.trimEnd() === expected : expected.test(said.trimEnd());

function journey(title: string, rows: readonly Row[]): void {
  withPeer('kubectl', `kubectl and ${title}`, async (t) => {
    t.timeout(240_000);
    const cluster = await startCluster(t);
    for (const { words, input, out, err } of rows) {
      const { exitCode, stdout, stderr } = await cluster.kubectlWith(
        input === undefined ? {} : { input: JSON.stringify(input) },
        ...split(words),
      );
      const shown = `kubectl ${words}\n${stdout}${stderr}`;
      t.is(exitCode, out === undefined ? 1 : 0, shown);
      t.true(isSo(out === undefined ? stderr : stdout, out ?? err ?? ''), shown);
    }
  });
}

for (const [title, rows] of shareOf(Object.entries(journeys), 1)) journey(title, rows);
journey('what it knows by itself', shareOf(byTheClient, 12));

test('the lists have rows', (t) => {
  t.true(Object.values(journeys).flat().length >= 90);
  t.true(Object.values(journeys).flat().length + byTheClient.length >= 120);
});
