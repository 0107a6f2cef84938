/** What kube-apiserver refuses, object by object, in its words; and that what it takes is taken. */
import test from 'ava';
import { MemoryStore } from '../../../../src/kube/store/memory-store.ts';
import { isInvalid, startCluster } from '../../support/cluster.ts';
import type { TestCluster } from '../../support/cluster.ts';
import { cpuTime } from '../../../helpers/cpu-time.ts';

type Plain = Readonly<Record<string, unknown>>;

const container = (more: Plain = {}): Plain => ({ name: 'a', image: 'nginx', ...more });
const pod = (spec: Plain): Plain => ({ kind: 'Pod', metadata: { name: 'x' }, spec });
const withContainer = (more: Plain): Plain => pod({ containers: [container(more)] });
const withSpec = (more: Plain): Plain => pod({ containers: [container()], ...more });
const service = (spec: Plain): Plain => ({ kind: 'Service', metadata: { name: 'x' }, spec });
const secret = (type: string, data?: Plain, annotations?: Plain): Plain => ({
  kind: 'Secret',
  metadata: { name: 'x', ...(annotations ? { annotations } : {}) },
  type,
  ...(data ? { data } : {}),
});
const httpGet = (more: Plain): Plain =>
  withContainer({ livenessProbe: { httpGet: { path: '/', port: 80, ...more } } });
const request = (more: Plain): Plain => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'x' },
  spec: {
    request: 'bm9wZQ==',
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
    ...more,
  },
});
const field = (struct: string, path: string, found: string, expected: string): string =>
  `json: cannot unmarshal ${found} into Go struct field ${struct}.${path} of type ${expected}`;
const quantities =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const dnsLabel =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const ports = 'must be between 1 and 65535, inclusive';

/** 400: why the object cannot be read. */
const unreadable: Readonly<Record<string, readonly [object: Plain, why: string]>> = {
  'a path that is a number': [
    httpGet({ path: 5 }),
    field('HTTPGetAction', 'spec.containers.livenessProbe.httpGet.path', 'number', 'string'),
  ],
  'a field of a probe that there is not': [
    withContainer({ livenessProbe: { httpGett: {} } }),
    'strict decoding error: unknown field "spec.containers[0].livenessProbe.httpGett"',
  ],
  'several fields that there are not': [
    withSpec({ foo: 1, volumes: [{ name: 'v', secret: { bar: 1 } }] }),
    'strict decoding error: unknown field "spec.foo", unknown field "spec.volumes[0].secret.bar"',
  ],
  'an amount of CPU that is none': [withContainer({ resources: { limits: { cpu: 'abc' } } }), quantities],
  'an amount with a unit that is none': [
    withContainer({ resources: { limits: { memory: '1GB' } } }),
    quantities,
  ],
  'an amount with a suffix that is none': [
    withContainer({ resources: { limits: { memory: '1kk' } } }),
    "unable to parse quantity's suffix",
  ],
  'an amount that is a truth': [withContainer({ resources: { limits: { memory: true } } }), quantities],
  'limits that are a list': [
    withContainer({ resources: { limits: [] } }),
    field('ResourceRequirements', 'spec.containers.resources.limits', 'array', 'v1.ResourceList'),
  ],
  'a user that is text': [
    withContainer({ securityContext: { runAsUser: '1000' } }),
    field('SecurityContext', 'spec.containers.securityContext.runAsUser', 'string', 'int64'),
  ],
  'a port that is text': [
    withContainer({ ports: [{ containerPort: '80' }] }),
    field('ContainerPort', 'spec.containers.ports.containerPort', 'string', 'int32'),
  ],
  'a port beyond 32 bits': [
    withContainer({ ports: [{ containerPort: 2 ** 31 }] }),
    field('ContainerPort', 'spec.containers.ports.containerPort', 'number 2147483648', 'int32'),
  ],
  'half a port': [
    withContainer({ ports: [{ containerPort: 80.5 }] }),
    field('ContainerPort', 'spec.containers.ports.containerPort', 'number 80.5', 'int32'),
  ],
  'a port of a probe that is a truth': [
    httpGet({ port: true }),
    'json: cannot unmarshal bool into Go value of type int32',
  ],
  'a variable that is a number': [
    withContainer({ env: [{ name: 'A', value: 5 }] }),
    field('EnvVar', 'spec.containers.env.value', 'number', 'string'),
  ],
  'a command that is text': [
    withContainer({ command: 'sh' }),
    field('Container', 'spec.containers.command', 'string', '[]string'),
  ],
  'containers that are an object': [
    withSpec({ containers: {} }),
    field('PodSpec', 'spec.containers', 'object', '[]v1.Container'),
  ],
  'a truth that is text': [
    withSpec({ hostNetwork: 'yes' }),
    field('PodSpec', 'spec.hostNetwork', 'string', 'bool'),
  ],
  'a policy that is a number': [
    withSpec({ restartPolicy: 1 }),
    field('PodSpec', 'spec.restartPolicy', 'number', 'v1.RestartPolicy'),
  ],
  'a selector that is a list': [
    withSpec({ nodeSelector: ['a'] }),
    field('PodSpec', 'spec.nodeSelector', 'array', 'map[string]string'),
  ],
  'a probe that is text': [
    withContainer({ livenessProbe: 'x' }),
    field('Container', 'spec.containers.livenessProbe', 'string', 'v1.Probe'),
  ],
  'a source of a volume, which stands inline': [
    withSpec({ volumes: [{ name: 'v', hostPath: '/x' }] }),
    field('Volume', 'spec.volumes.hostPath', 'string', 'v1.HostPathVolumeSource'),
  ],
  'a name in a reference, which stands inline': [
    withContainer({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 1, key: 'k' } } }] }),
    field('SecretKeySelector', 'spec.containers.env.valueFrom.secretKeyRef.name', 'number', 'string'),
  ],
  'labels that are numbers': [
    { kind: 'Pod', metadata: { name: 'x', labels: { a: 1 } } },
    field('ObjectMeta', 'metadata.labels', 'number', 'string'),
  ],
  'a time that is none': [
    { kind: 'Pod', metadata: { name: 'x', creationTimestamp: 'now' } },
    'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"',
  ],
  'a port of a service that is text': [
    service({ ports: [{ port: 'http' }] }),
    field('ServicePort', 'spec.ports.port', 'string', 'int32'),
  ],
  'data that is no base64': [secret('Opaque', { a: 'not base64!' }), 'illegal base64 data at input byte 3'],
  'data without its padding': [secret('Opaque', { a: 'bm9wZQ' }), 'illegal base64 data at input byte 4'],
  'data with more behind its padding': [
    secret('Opaque', { a: 'eA==eA==' }),
    'illegal base64 data at input byte 4',
  ],
  'data that is a number': [secret('Opaque', { a: 5 }), field('Secret', 'data', 'number', '[]uint8')],
  'a request for a certificate that is no base64': [
    request({ request: '-----BEGIN' }),
    'illegal base64 data at input byte 0',
  ],
  'a request with half an octet': [request({ request: 'A===' }), 'illegal base64 data at input byte 1'],
  'a time until it expires that is text': [
    request({ expirationSeconds: '600' }),
    field('CertificateSigningRequestSpec', 'spec.expirationSeconds', 'string', 'int32'),
  ],
  'rules that are an object': [
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'x' }, rules: {} },
    field('Role', 'rules', 'object', '[]v1.PolicyRule'),
  ],
};

/** 422: each cause as `field: message`. */
const invalid: Readonly<Record<string, readonly [object: Plain, ...causes: readonly string[]]>> = {
  'no container': [pod({ containers: [] }), 'spec.containers: Required value'],
  'a container without a name and an image': [
    pod({ containers: [{}] }),
    'spec.containers[0].name: Required value',
    'spec.containers[0].image: Required value',
  ],
  'a name with capital letters': [
    pod({ containers: [container({ name: 'A' })] }),
    `spec.containers[0].name: Invalid value: "A": ${dnsLabel}`,
  ],
  'two containers of a name': [
    pod({ containers: [container(), container()] }),
    'spec.containers[1].name: Duplicate value: "a"',
  ],
  'an init container of the same name': [
    withSpec({ initContainers: [container()] }),
    'spec.initContainers[0].name: Duplicate value: "a"',
  ],
  'an image with a space': [
    withContainer({ image: ' nginx' }),
    'spec.containers[0].image: Invalid value: " nginx": must not have leading or trailing whitespace',
  ],
  'port 99999': [
    withContainer({ ports: [{ containerPort: 99_999 }] }),
    `spec.containers[0].ports[0].containerPort: Invalid value: 99999: ${ports}`,
  ],
  'port 0': [
    withContainer({ ports: [{ name: 'http' }] }),
    'spec.containers[0].ports[0].containerPort: Required value',
  ],
  'a name of a port that is too long': [
    withContainer({ ports: [{ name: 'a-very-long-port-name', containerPort: 1 }] }),
    'spec.containers[0].ports[0].name: Invalid value: "a-very-long-port-name": must be no more than 15 characters',
  ],
  'a name of a port without a letter': [
    withContainer({ ports: [{ name: '80', containerPort: 80 }] }),
    'spec.containers[0].ports[0].name: Invalid value: "80": must contain at least one letter (a-z)',
  ],
  'a protocol that there is not': [
    withContainer({ ports: [{ containerPort: 80, protocol: 'tcp' }] }),
    'spec.containers[0].ports[0].protocol: Unsupported value: "tcp": supported values: "SCTP", "TCP", "UDP"',
  ],
  'a port of the node, taken twice': [
    pod({
      containers: [
        container({ ports: [{ containerPort: 80, hostPort: 80 }] }),
        container({ name: 'b', ports: [{ containerPort: 81, hostPort: 80 }] }),
      ],
    }),
    'spec.containers[1].ports[0].hostPort: Duplicate value: "TCP//80"',
  ],
  'a probe of port 99999': [
    httpGet({ port: 99_999 }),
    `spec.containers[0].livenessProbe.httpGet.port: Invalid value: 99999: ${ports}`,
  ],
  'a probe of no port': [
    withContainer({ livenessProbe: { httpGet: {} } }),
    `spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: ${ports}`,
  ],
  'a probe of a scheme that there is not': [
    httpGet({ scheme: 'ftp' }),
    'spec.containers[0].livenessProbe.httpGet.scheme: Unsupported value: "ftp": supported values: "HTTP", "HTTPS"',
  ],
  'a probe that does nothing': [
    withContainer({ livenessProbe: {} }),
    'spec.containers[0].livenessProbe: Required value: must specify a handler type',
  ],
  'a probe that does two things': [
    withContainer({ readinessProbe: { exec: { command: ['x'] }, tcpSocket: { port: 1 } } }),
    'spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type',
  ],
  'a probe with a time below zero': [
    withContainer({ startupProbe: { exec: { command: ['x'] }, periodSeconds: -1 } }),
    'spec.containers[0].startupProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  'a liveness probe that must succeed twice': [
    withContainer({ livenessProbe: { exec: { command: ['x'] }, successThreshold: 2 } }),
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  'a command of no word': [
    withContainer({ livenessProbe: { exec: {} } }),
    'spec.containers[0].livenessProbe.exec.command: Required value',
  ],
  'a variable without a name': [
    withContainer({ env: [{ value: 'x' }] }),
    'spec.containers[0].env[0].name: Required value',
  ],
  'a variable with an equals sign': [
    withContainer({ env: [{ name: 'A=B' }] }),
    `spec.containers[0].env[0].name: Invalid value: "A=B": a valid environment variable name must consist only of printable ASCII characters other than '='`,
  ],
  'a variable from two places': [
    withContainer({ env: [{ name: 'A', value: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  'a variable from nowhere': [
    withContainer({ env: [{ name: 'A', valueFrom: {} }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`',
  ],
  'a mount of no volume': [
    withContainer({ volumeMounts: [{ name: 'v', mountPath: '/x' }] }),
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  'a mount nowhere': [
    pod({ containers: [container({ volumeMounts: [{ name: 'v' }] })], volumes: [{ name: 'v' }] }),
    'spec.containers[0].volumeMounts[0].mountPath: Required value',
  ],
  'two mounts at a place': [
    pod({
      containers: [
        container({
          volumeMounts: [
            { name: 'v', mountPath: '/x' },
            { name: 'v', mountPath: '/x' },
          ],
        }),
      ],
      volumes: [{ name: 'v' }],
    }),
    'spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/x": must be unique',
  ],
  'a volume of two kinds': [
    withSpec({ volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/' } }] }),
    'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
  ],
  'a volume of a secret without a name': [
    withSpec({ volumes: [{ name: 'v', secret: {} }] }),
    'spec.volumes[0].secret.secretName: Required value',
  ],
  'two volumes of a name': [
    withSpec({ volumes: [{ name: 'v' }, { name: 'v' }] }),
    'spec.volumes[1].name: Duplicate value: "v"',
  ],
  'a path of a node with two dots': [
    withSpec({ volumes: [{ name: 'v', hostPath: { path: '/a/../b' } }] }),
    `spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'`,
  ],
  'a policy of pulling that there is not': [
    withContainer({ imagePullPolicy: 'Sometimes' }),
    'spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
  ],
  'more than its limit': [
    withContainer({ resources: { requests: { memory: '2Gi' }, limits: { memory: '1Gi' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2Gi": must be less than or equal to memory limit of 1Gi',
  ],
  'less than nothing': [
    withContainer({ resources: { requests: { cpu: '-1' } } }),
    'spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  'a resource that there is not': [
    withContainer({ resources: { requests: { gold: '1' } } }),
    'spec.containers[0].resources.requests[gold]: Invalid value: "gold": must be a standard resource type or fully qualified',
    'spec.containers[0].resources.requests[gold]: Invalid value: "gold": must be a standard resource for containers',
  ],
  'a user below zero': [
    withContainer({ securityContext: { runAsUser: -1 } }),
    'spec.containers[0].securityContext.runAsUser: Invalid value: -1: must be between 0 and 2147483647, inclusive',
  ],
  'a seccomp profile of no type': [
    withContainer({ securityContext: { seccompProfile: {} } }),
    'spec.containers[0].securityContext.seccompProfile.type: Required value: type is required when seccompProfile is set',
  ],
  'a policy of starting again that there is not': [
    withSpec({ restartPolicy: 'Sometimes' }),
    'spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
  ],
  'a policy of names that there is not': [
    withSpec({ dnsPolicy: 'Foo' }),
    'spec.dnsPolicy: Unsupported value: "Foo": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"',
  ],
  'names of nobody': [
    withSpec({ dnsPolicy: 'None' }),
    'spec.dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None',
  ],
  'a deadline of now': [
    withSpec({ activeDeadlineSeconds: 0 }),
    'spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive',
  ],
  'a toleration of an operator that there is not': [
    withSpec({ tolerations: [{ key: 'a', operator: 'Like' }] }),
    'spec.tolerations[0].operator: Unsupported value: "Like": supported values: "Equal", "Exists"',
  ],
  'a toleration of everything with a value': [
    withSpec({ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
    `spec.tolerations[0].operator: Invalid value: "b": value must be empty when \`operator\` is 'Exists'`,
  ],
  'a label of a node that is none': [
    withSpec({ nodeSelector: { 'a b': 'c' } }),
    `spec.nodeSelector: Invalid value: "a b": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')`,
  ],
  'ephemeral containers from the beginning': [
    withSpec({ ephemeralContainers: [{ name: 'e', image: 'x' }] }),
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  'a finalizer of no domain': [
    { ...withSpec({}), metadata: { name: 'x', finalizers: ['mine'] } },
    'metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  'a service of type Foo': [
    service({ type: 'Foo', ports: [{ port: 80 }] }),
    'spec.type: Unsupported value: "Foo": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ],
  'a service at port 99999': [
    service({ ports: [{ port: 99_999 }] }),
    `spec.ports[0].port: Invalid value: 99999: ${ports}`,
    `spec.ports[0].targetPort: Invalid value: 99999: ${ports}`,
  ],
  'a service at no port': [service({}), 'spec.ports: Required value'],
  'two ports without names': [
    service({ ports: [{ port: 80 }, { port: 81 }] }),
    'spec.ports[0].name: Required value',
    'spec.ports[1].name: Required value',
  ],
  'a port twice': [
    service({
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 80 },
      ],
    }),
    'spec.ports[1]: Duplicate value: {"port":80,"protocol":"TCP"}',
  ],
  'a service whose name begins with a digit': [
    { ...service({ ports: [{ port: 80 }] }), metadata: { name: '1x' } },
    "metadata.name: Invalid value: \"1x\": a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
  ],
  'a port of the nodes for ClusterIP': [
    service({ ports: [{ port: 80, nodePort: 30_000 }] }),
    "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'",
  ],
  'a port of the nodes that is none': [
    service({ type: 'NodePort', ports: [{ port: 80, nodePort: 99 }] }),
    'spec.ports[0].nodePort: Invalid value: 99: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  'an external name of nobody': [service({ type: 'ExternalName' }), 'spec.externalName: Required value'],
  'an address that is none': [
    service({ clusterIP: '1.2.3', ports: [{ port: 80 }] }),
    'spec.clusterIPs[0]: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ],
  'an address of elsewhere': [
    service({ clusterIP: '10.1.1.1', ports: [{ port: 80 }] }),
    'spec.clusterIPs: Invalid value: []string{"10.1.1.1"}: failed to allocate IP 10.1.1.1: the provided IP (10.1.1.1) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
  ],
  'traffic from outside, for ClusterIP': [
    service({ externalTrafficPolicy: 'Local', ports: [{ port: 80 }] }),
    'spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services',
  ],
  'a pair of keys without its key': [
    secret('kubernetes.io/tls', { 'tls.crt': 'eA==' }),
    'data[tls.key]: Required value',
  ],
  'a pair of keys without anything': [
    secret('kubernetes.io/tls'),
    'data[tls.crt]: Required value',
    'data[tls.key]: Required value',
  ],
  'a configuration of Docker that is no JSON': [
    secret('kubernetes.io/dockerconfigjson', { '.dockerconfigjson': 'eA==' }),
    'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
  ],
  'a configuration of Docker that is not there': [
    secret('kubernetes.io/dockerconfigjson'),
    'data[.dockerconfigjson]: Required value',
  ],
  'a login of nobody': [
    secret('kubernetes.io/basic-auth'),
    'data[username]: Required value',
    'data[password]: Required value',
  ],
  'a key for SSH that is not there': [
    secret('kubernetes.io/ssh-auth'),
    'data[ssh-privatekey]: Required value',
  ],
  'a token of no account': [
    secret('kubernetes.io/service-account-token'),
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ],
  'a key of a ConfigMap in both halves': [
    { kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '1' }, binaryData: { a: 'eA==' } },
    'data[a]: Invalid value: "a": duplicate of key present in binaryData',
  ],
  'a finalizer of a namespace that is none': [
    { kind: 'Namespace', metadata: { name: 'x' }, spec: { finalizers: ['mine'] } },
    'spec.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified',
  ],
  'a taint that does nothing': [
    { kind: 'Node', metadata: { name: 'x' }, spec: { taints: [{ key: 'a', effect: 'NoFun' }] } },
    'metadata.taints[0].effect: Unsupported value: "NoFun": supported values: "NoSchedule", "PreferNoSchedule", "NoExecute"',
  ],
};

/** 201: what nobody refuses. */
const sound: Readonly<Record<string, Plain>> = {
  'a pod with everything that a tutorial has': pod({
    containers: [
      container({
        command: ['sh', '-c'],
        args: ['sleep 1'],
        ports: [{ name: 'http', containerPort: 80 }],
        env: [
          { name: 'A', value: '' },
          { name: 'B', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
          { name: 'C', valueFrom: { secretKeyRef: { name: 's', key: 'k', optional: true } } },
          { name: 'D', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        ],
        envFrom: [{ configMapRef: { name: 'c' } }],
        resources: {
          requests: { cpu: '100m', memory: '64Mi' },
          limits: { cpu: 1, memory: '128Mi', 'example.com/gpu': 1 },
        },
        livenessProbe: { httpGet: { path: '/', port: 'http', httpHeaders: [{ name: 'X-A', value: 'b' }] } },
        readinessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 },
        startupProbe: { grpc: { port: 9000 } },
        lifecycle: { preStop: { exec: { command: ['true'] } }, postStart: { httpGet: { port: 80 } } },
        securityContext: {
          runAsUser: 0,
          capabilities: { add: ['NET_ADMIN'] },
          seccompProfile: { type: 'RuntimeDefault' },
          allowPrivilegeEscalation: false,
        },
        volumeMounts: [
          { name: 'v', mountPath: '/v', subPath: 'a', readOnly: true },
          { name: 's', mountPath: '/s' },
        ],
      }),
    ],
    initContainers: [
      container({ name: 'i' }),
      container({ name: 'sidecar', restartPolicy: 'Always', livenessProbe: { exec: { command: ['x'] } } }),
    ],
    volumes: [
      { name: 'v' },
      { name: 's', secret: { secretName: 's', items: [{ key: 'a', path: 'a' }] } },
      {
        name: 'p',
        projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { configMap: { name: 'c' } }] },
      },
      { name: 'h', hostPath: { path: '/', type: 'Directory' } },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'a', operator: 'In', values: ['b'] }] }],
        },
      },
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 1, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname' } },
        ],
      },
    },
    tolerations: [{ operator: 'Exists' }],
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
    securityContext: { fsGroup: 1, runAsNonRoot: true },
    imagePullSecrets: [{ name: 's' }],
  }),
  'a headless service': service({ clusterIP: 'None' }),
  'a service of an external name': service({ type: 'ExternalName', externalName: 'example.com.' }),
  'a service of two ports': service({
    type: 'LoadBalancer',
    ports: [
      { name: 'a', port: 80, targetPort: 'http' },
      { name: 'b', port: 80, protocol: 'UDP' },
    ],
  }),
  'a secret of a type of one’s own': secret('example.com/mine'),
  'a login of a password alone': secret('kubernetes.io/basic-auth', { password: 'eA==' }),
  'a token of an account': secret('kubernetes.io/service-account-token', undefined, {
    'kubernetes.io/service-account.name': 'default',
  }),
  'base64 in lines': secret('Opaque', { a: 'eHh4\neHh4\r\n' }),
};

const paths: Readonly<Record<string, string>> = {
  Pod: '/api/v1/namespaces/default/pods',
  Service: '/api/v1/namespaces/default/services',
  Secret: '/api/v1/namespaces/default/secrets',
  ConfigMap: '/api/v1/namespaces/default/configmaps',
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles',
  CertificateSigningRequest: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
};

const post = async (cluster: TestCluster, object: Plain): ReturnType<TestCluster['call']> =>
  cluster.call(`${paths[String(object['kind'])]}?fieldValidation=Strict&dryRun=All`, {
    body: { apiVersion: 'v1', ...object },
  });

test('what is of a wrong type, or a field that there is not, is a 400 that says where', async (t) => {
  const cluster = await startCluster(t);
  for (const [title, [object, why]] of Object.entries(unreadable)) {
    const { code, body } = await post(cluster, object);
    const kind = String(object['kind']);
    t.is(body['message'], `${kind} in version "v1" cannot be handled as a ${kind}: ${why}`, title);
    t.is(code, 400, title);
    t.is(body['reason'], 'BadRequest', title);
  }
});

test('what breaks a rule is a 422 with every cause', async (t) => {
  const cluster = await startCluster(t);
  for (const [title, [object, ...causes]] of Object.entries(invalid))
    isInvalid(t, await post(cluster, object), causes, title);
});

test('what is sound is taken', async (t) => {
  const cluster = await startCluster(t);
  for (const [title, object] of Object.entries(sound)) {
    const { code, text } = await post(cluster, object);
    t.is(code, 201, `${title}: ${text}`);
  }
});

const patchType = (form: string): Readonly<Record<string, string>> => ({
  'content-type': `application/${form}-patch+json`,
});

/** By form of the patch: what it is, and the only cause. */
const patches: readonly (readonly [form: string, patch: unknown, why: RegExp])[] = [
  [
    'strategic-merge',
    { spec: { containers: [{ name: 'a', ports: [{ containerPort: 'x' }] }] } },
    /^Invalid value: "map\[spec:map\[containers:\[map\[name:a ports:\[map\[containerPort:x\]\]\]\]\]\]": unrecognized type: int32$/,
  ],
  [
    'strategic-merge',
    { spec: { containers: [{ name: 'a', image: 5 }] } },
    /: cannot convert int64 to string$/,
  ],
  ['strategic-merge', { spec: { volumes: 'x' } }, /: cannot restore slice from string$/],
  ['strategic-merge', { spec: { nodeSelector: 'x' } }, /: cannot restore map from string$/],
  ['strategic-merge', { spec: { securityContext: 'x' } }, /: cannot restore struct from: string$/],
  [
    'strategic-merge',
    { spec: { foo: null, bar: 1 } },
    /^Invalid value: "map\[spec:map\[bar:1 foo:<nil>\]\]": strict decoding error: unknown field "spec\.bar"$/,
  ],
  [
    'merge',
    { spec: { hostNetwork: 'yes' } },
    /^Invalid value: "\{.*: json: cannot unmarshal string into Go struct field PodSpec\.spec\.hostNetwork of type bool$/,
  ],
  [
    'json',
    [{ op: 'add', path: '/spec/bar', value: 1 }],
    /: strict decoding error: unknown field "spec\.bar"$/,
  ],
];

test('a patch that does not fit its kind is a 422 about the patch', async (t) => {
  const cluster = await startCluster(t);
  await cluster.call(paths['Pod']!, { body: { apiVersion: 'v1', ...pod({ containers: [container()] }) } });
  for (const [form, body, why] of patches) {
    const answer = await cluster.call(`${paths['Pod']}/x?fieldValidation=Strict`, {
      method: 'PATCH',
      body,
      headers: patchType(form),
    });
    const { causes } = answer.body['details'] as {
      readonly causes: readonly { readonly field: string; readonly message: string }[];
    };
    t.is(answer.code, 422);
    t.is(causes[0]?.field, 'patch');
    t.regex(causes[0]?.message ?? '', why);
  }
});

test('without a word about it, a field that there is not is dropped with a warning', async (t) => {
  const cluster = await startCluster(t);
  const { code, headers, body } = await cluster.call(paths['Pod']!, {
    body: {
      apiVersion: 'v1',
      ...withContainer({ livenessProbe: { exec: { command: ['x'] }, httpGett: 1 } }),
    },
  });
  t.is(code, 201);
  t.is(headers['warning'], '299 - "unknown field \\"spec.containers[0].livenessProbe.httpGett\\""');
  t.false(JSON.stringify(body).includes('httpGett'));
});

interface Change {
  readonly from: Plain;
  readonly patch: unknown;
  readonly causes: readonly string[];
}

const podRule =
  'spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

const changes: Readonly<Record<string, Change>> = {
  'an image': {
    from: withSpec({}),
    patch: { spec: { containers: [{ name: 'a', image: 'httpd' }] } },
    causes: [],
  },
  'a toleration more': {
    from: withSpec({}),
    patch: {
      spec: {
        tolerations: [
          {
            effect: 'NoExecute',
            key: 'node.kubernetes.io/not-ready',
            operator: 'Exists',
            tolerationSeconds: 10,
          },
          {
            effect: 'NoExecute',
            key: 'node.kubernetes.io/unreachable',
            operator: 'Exists',
            tolerationSeconds: 300,
          },
          { key: 'a', operator: 'Exists' },
        ],
      },
    },
    causes: [],
  },
  'a shorter deadline': {
    from: withSpec({ activeDeadlineSeconds: 100 }),
    patch: { spec: { activeDeadlineSeconds: 10 } },
    causes: [],
  },
  'a longer deadline': {
    from: withSpec({ activeDeadlineSeconds: 10 }),
    patch: { spec: { activeDeadlineSeconds: 100 } },
    causes: ['spec.activeDeadlineSeconds: Invalid value: 100: must be less than or equal to previous value'],
  },
  'a toleration changed': {
    from: withSpec({ tolerations: [{ key: 'a', operator: 'Exists' }] }),
    patch: { spec: { tolerations: [{ key: 'b', operator: 'Exists' }] } },
    causes: [
      'spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds',
    ],
  },
  'a variable': {
    from: withSpec({}),
    patch: { spec: { containers: [{ name: 'a', env: [{ name: 'A', value: 'x' }] }] } },
    causes: [podRule],
  },
  'a container more': {
    from: withSpec({}),
    patch: { spec: { containers: [{ name: 'b', image: 'x' }] } },
    causes: ['spec.containers: Forbidden: pod updates may not add or remove containers'],
  },
  'the address of a service': {
    from: service({ clusterIP: '10.96.9.9', ports: [{ port: 80 }] }),
    patch: { spec: { clusterIP: '10.96.9.8' } },
    causes: ['spec.clusterIPs[0]: Invalid value: []string{"10.96.9.8"}: may not change once set'],
  },
  'the type of a service': {
    from: service({ ports: [{ port: 80 }] }),
    patch: { spec: { type: 'NodePort' } },
    causes: [],
  },
  'the type of a secret': {
    from: secret('kubernetes.io/ssh-auth', { 'ssh-privatekey': 'eA==' }),
    patch: { type: 'Opaque' },
    causes: ['type: Invalid value: "Opaque": field is immutable'],
  },
  'the key of a pair': {
    from: secret('kubernetes.io/tls', { 'tls.crt': 'eA==', 'tls.key': 'eA==' }),
    patch: { data: { 'tls.key': null } },
    causes: ['data[tls.key]: Required value'],
  },
};

test('of what is there, some may change and some may not', async (t) => {
  const cluster = await startCluster(t);
  for (const [index, [title, { from, patch, causes }]] of Object.entries(changes).entries()) {
    const name = `x${index}`;
    const path = paths[String(from['kind'])]!;
    const made = await cluster.call(path, { body: { apiVersion: 'v1', ...from, metadata: { name } } });
    t.is(made.code, 201, `${title}: ${made.text}`);
    const { code, body } = await cluster.call(`${path}/${name}`, {
      method: 'PATCH',
      body: patch,
      headers: patchType('strategic-merge'),
    });
    const details = body['details'] as
      | { readonly causes?: readonly { readonly field: string; readonly message: string }[] }
      | undefined;
    t.deepEqual(details?.causes?.map((one) => `${one.field}: ${one.message}`) ?? [], [...causes], title);
    t.is(code, causes.length === 0 ? 200 : 422, title);
  }
});

test('quantities, qualities and modes are filled in as kube-apiserver fills them in', async (t) => {
  const cluster = await startCluster(t);
  const { body } = await post(
    cluster,
    pod({
      containers: [
        container({
          resources: { limits: { cpu: 0.5, memory: '1024Mi' } },
          livenessProbe: { httpGet: { port: 80 } },
          ports: [{ containerPort: 80 }],
        }),
      ],
      volumes: [{ name: 'e' }, { name: 's', secret: { secretName: 's' } }],
    }),
  );
  const { spec, status } = body as unknown as {
    readonly spec: { readonly containers: readonly Plain[]; readonly volumes: readonly Plain[] };
    readonly status: Plain;
  };
  t.like(spec.containers[0], {
    resources: { limits: { cpu: '500m', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } },
    livenessProbe: {
      httpGet: { path: '/', scheme: 'HTTP', port: 80 },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
    ports: [{ containerPort: 80, protocol: 'TCP' }],
  });
  t.deepEqual(spec.volumes, [
    { name: 'e', emptyDir: {} },
    { name: 's', secret: { secretName: 's', defaultMode: 420 } },
  ]);
  t.is(status['qosClass'], 'Guaranteed');
});

test('the tables have rows', (t) => {
  t.true(Object.keys(unreadable).length >= 30);
  t.true(Object.keys(invalid).length >= 60);
});

test('what was stored before there was a default is not another for having it', async (t) => {
  const store = new MemoryStore();
  const cluster = await startCluster(t, { store });
  const bare = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'old', namespace: 'default', uid: 'u' },
    spec: {
      containers: [
        {
          name: 'a',
          image: 'nginx',
          imagePullPolicy: 'Always',
          terminationMessagePolicy: 'File',
          terminationMessagePath: '/dev/termination-log',
          ports: [{ containerPort: 80 }],
          livenessProbe: { exec: { command: ['x'] } },
        },
      ],
      restartPolicy: 'Always',
      dnsPolicy: 'ClusterFirst',
    },
    status: { phase: 'Running' },
  };
  await store.create('/registry/core/pods/default/old', bare);
  const labelled = await cluster.call(`${paths['Pod']}/old`, {
    method: 'PATCH',
    body: { metadata: { labels: { a: 'b' } } },
    headers: patchType('merge'),
  });
  t.is(labelled.code, 200, labelled.text);
});

test('long texts and long lists are judged in one pass', async (t) => {
  const cluster = await startCluster(t);
  const began = cpuTime();
  const long = [
    withContainer({ resources: { limits: { cpu: `${'1'.repeat(200_000)}x` } } }),
    withContainer({
      env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: `${"['".repeat(200_000)}]` } } }],
    }),
    withSpec({
      tolerations: Array.from({ length: 20_000 }, (_, index) => ({ key: `k${index}`, operator: 'Exists' })),
    }),
  ];
  const codes: number[] = [];
  for (const object of long) codes.push((await post(cluster, object)).code);
  t.deepEqual(codes, [400, 422, 201]);
  // A pass takes some milliseconds; what grows by the square would take minutes.
  t.true(cpuTime() - began < 60_000);
});
