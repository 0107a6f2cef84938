/**
 * What the objects of the API are made of: every field's name, protobuf number and type, a table a message (from the
 * generated.proto files of k8s.io/api, 1.32). `protobuf.ts` decodes by it, `shape.ts` holds JSON to it.
 */

export type FieldType = 'string' | 'bytes' | 'int' | 'bool' | 'time' | 'any' | 'quantity' | 'strings' | Message | { readonly list: FieldType } | { readonly map: FieldType };

/** Types: `time` is RFC 3339 in JSON; `strings` a list of strings (a message around one in protobuf); `any` is JSON only. */
export interface Message {
  /** Go's name for it, which the messages of a server use. */
  readonly name: string;
  readonly fields: Readonly<Record<string, readonly [number: number, type: FieldType]>>;
  /** Fields that this table does not have are kept as they come; in protobuf such a message cannot be read. */
  readonly open?: true;
}

const list = (type: FieldType): FieldType => ({ list: type });
const map = (type: FieldType): FieldType => ({ map: type });
const message = (name: string, fields: Message['fields']): Message => ({ name, fields });
const open = (name: string, fields: Message['fields']): Message => ({ name, fields, open: true });

const ownerReference = message('OwnerReference', { kind: [1, 'string'], name: [3, 'string'], uid: [4, 'string'], apiVersion: [5, 'string'], controller: [6, 'bool'], blockOwnerDeletion: [7, 'bool'] });

const objectMeta = message('ObjectMeta', {
  name: [1, 'string'],
  generateName: [2, 'string'],
  namespace: [3, 'string'],
  selfLink: [4, 'string'],
  uid: [5, 'string'],
  resourceVersion: [6, 'string'],
  generation: [7, 'int'],
  creationTimestamp: [8, 'time'],
  deletionTimestamp: [9, 'time'],
  deletionGracePeriodSeconds: [10, 'int'],
  labels: [11, map('string')],
  annotations: [12, map('string')],
  ownerReferences: [13, list(ownerReference)],
  finalizers: [14, list('string')],
  managedFields: [17, 'any'],
});

/** An object of the API: what every kind has, and its own fields. */
const kind = (name: string, fields: Message['fields']): Message => message(name, { metadata: [1, objectMeta], ...fields });

const objectReference = message('ObjectReference', {
  kind: [1, 'string'],
  namespace: [2, 'string'],
  name: [3, 'string'],
  uid: [4, 'string'],
  apiVersion: [5, 'string'],
  resourceVersion: [6, 'string'],
  fieldPath: [7, 'string'],
});

const localObjectReference = message('LocalObjectReference', { name: [1, 'string'] });

const namespaceCondition = message('NamespaceCondition', { type: [1, 'string'], status: [2, 'string'], lastTransitionTime: [4, 'time'], reason: [5, 'string'], message: [6, 'string'] });

const nodeCondition = message('NodeCondition', {
  type: [1, 'string'],
  status: [2, 'string'],
  lastHeartbeatTime: [3, 'time'],
  lastTransitionTime: [4, 'time'],
  reason: [5, 'string'],
  message: [6, 'string'],
});

const nodeSystemInfo = message('NodeSystemInfo', {
  machineID: [1, 'string'],
  systemUUID: [2, 'string'],
  bootID: [3, 'string'],
  kernelVersion: [4, 'string'],
  osImage: [5, 'string'],
  containerRuntimeVersion: [6, 'string'],
  kubeletVersion: [7, 'string'],
  kubeProxyVersion: [8, 'string'],
  operatingSystem: [9, 'string'],
  architecture: [10, 'string'],
});

/** Known by name alone, here and below. */
const free = (name: string): Message => open(name, {});
const resourceRequirements = free('ResourceRequirements');
const probe = free('Probe');

const container = message('Container', {
  name: [1, 'string'],
  image: [2, 'string'],
  command: [3, list('string')],
  args: [4, list('string')],
  workingDir: [5, 'string'],
  ports: [6, list(open('ContainerPort', { containerPort: [3, 'int'] }))],
  env: [7, list(open('EnvVar', { name: [1, 'string'], value: [2, 'string'] }))],
  resources: [8, resourceRequirements],
  volumeMounts: [9, list(open('VolumeMount', { name: [1, 'string'], mountPath: [3, 'string'] }))],
  livenessProbe: [10, probe],
  readinessProbe: [11, probe],
  lifecycle: [12, free('Lifecycle')],
  terminationMessagePath: [13, 'string'],
  imagePullPolicy: [14, 'string'],
  securityContext: [15, free('SecurityContext')],
  stdin: [16, 'bool'],
  stdinOnce: [17, 'bool'],
  tty: [18, 'bool'],
  envFrom: [19, list(free('EnvFromSource'))],
  terminationMessagePolicy: [20, 'string'],
  volumeDevices: [21, list(free('VolumeDevice'))],
  startupProbe: [22, probe],
  resizePolicy: [23, list(free('ContainerResizePolicy'))],
  restartPolicy: [24, 'string'],
});

const podSpec = message('PodSpec', {
  volumes: [1, list(open('Volume', { name: [1, 'string'] }))],
  containers: [2, list(container)],
  restartPolicy: [3, 'string'],
  terminationGracePeriodSeconds: [4, 'int'],
  activeDeadlineSeconds: [5, 'int'],
  dnsPolicy: [6, 'string'],
  nodeSelector: [7, map('string')],
  serviceAccountName: [8, 'string'],
  serviceAccount: [9, 'string'],
  nodeName: [10, 'string'],
  hostNetwork: [11, 'bool'],
  hostPID: [12, 'bool'],
  hostIPC: [13, 'bool'],
  securityContext: [14, free('PodSecurityContext')],
  imagePullSecrets: [15, list(localObjectReference)],
  hostname: [16, 'string'],
  subdomain: [17, 'string'],
  affinity: [18, free('Affinity')],
  schedulerName: [19, 'string'],
  initContainers: [20, list(container)],
  automountServiceAccountToken: [21, 'bool'],
  tolerations: [22, list(free('Toleration'))],
  hostAliases: [23, list(free('HostAlias'))],
  priorityClassName: [24, 'string'],
  priority: [25, 'int'],
  dnsConfig: [26, free('PodDNSConfig')],
  shareProcessNamespace: [27, 'bool'],
  readinessGates: [28, list(free('PodReadinessGate'))],
  runtimeClassName: [29, 'string'],
  enableServiceLinks: [30, 'bool'],
  preemptionPolicy: [31, 'string'],
  overhead: [32, map('quantity')],
  topologySpreadConstraints: [33, list(free('TopologySpreadConstraint'))],
  ephemeralContainers: [34, list(free('EphemeralContainer'))],
  setHostnameAsFQDN: [35, 'bool'],
  os: [36, free('PodOS')],
  hostUsers: [37, 'bool'],
  schedulingGates: [38, list(free('PodSchedulingGate'))],
  resourceClaims: [39, list(free('PodResourceClaim'))],
  resources: [40, resourceRequirements],
});

const podStatus = open('PodStatus', {
  phase: [1, 'string'],
  conditions: [2, list(open('PodCondition', { type: [1, 'string'], status: [2, 'string'] }))],
  containerStatuses: [8, list(open('ContainerStatus', { name: [1, 'string'], ready: [4, 'bool'], restartCount: [5, 'int'] }))],
});

const requestCondition = message('CertificateSigningRequestCondition', {
  type: [1, 'string'],
  reason: [2, 'string'],
  message: [3, 'string'],
  lastUpdateTime: [4, 'time'],
  lastTransitionTime: [5, 'time'],
  status: [6, 'string'],
});

const policyRule = message('PolicyRule', { verbs: [1, list('string')], apiGroups: [2, list('string')], resources: [3, list('string')], resourceNames: [4, list('string')], nonResourceURLs: [5, list('string')] });
const subject = message('Subject', { kind: [1, 'string'], apiGroup: [2, 'string'], name: [3, 'string'], namespace: [4, 'string'] });
const roleRef = message('RoleRef', { apiGroup: [1, 'string'], kind: [2, 'string'], name: [3, 'string'] });
const selectorRequirement = message('LabelSelectorRequirement', { key: [1, 'string'], operator: [2, 'string'], values: [3, list('string')] });
const labelSelector = message('LabelSelector', { matchLabels: [1, map('string')], matchExpressions: [2, list(selectorRequirement)] });
const fieldSelectorAttributes = message('FieldSelectorAttributes', { rawSelector: [1, 'string'], requirements: [2, list(selectorRequirement)] });

const resourceAttributes = message('ResourceAttributes', {
  namespace: [1, 'string'],
  verb: [2, 'string'],
  group: [3, 'string'],
  version: [4, 'string'],
  resource: [5, 'string'],
  subresource: [6, 'string'],
  name: [7, 'string'],
  fieldSelector: [8, fieldSelectorAttributes],
  labelSelector: [9, fieldSelectorAttributes],
});
const nonResourceAttributes = message('NonResourceAttributes', { path: [1, 'string'], verb: [2, 'string'] });
const reviewStatus = message('SubjectAccessReviewStatus', { allowed: [1, 'bool'], reason: [2, 'string'], evaluationError: [3, 'string'], denied: [4, 'bool'] });
const accessSpec = {
  resourceAttributes: [1, resourceAttributes],
  nonResourceAttributes: [2, nonResourceAttributes],
} as const;
const subjectAccessSpec = message('SubjectAccessReviewSpec', { ...accessSpec, user: [3, 'string'], groups: [4, list('string')], extra: [5, map('strings')], uid: [6, 'string'] });

const rulesReviewStatus = message('SubjectRulesReviewStatus', {
  resourceRules: [1, list(message('ResourceRule', { verbs: [1, list('string')], apiGroups: [2, list('string')], resources: [3, list('string')], resourceNames: [4, list('string')] }))],
  nonResourceRules: [2, list(message('NonResourceRule', { verbs: [1, list('string')], nonResourceURLs: [2, list('string')] }))],
  incomplete: [3, 'bool'],
  evaluationError: [4, 'string'],
});
const userInfo = message('UserInfo', { username: [1, 'string'], uid: [2, 'string'], groups: [3, list('string')], extra: [4, map('strings')] });

const keyValues = { data: [2, map('bytes')] } as const;

/** By kind. */
export const schemas = {
  Namespace: kind('Namespace', {
    spec: [2, message('NamespaceSpec', { finalizers: [1, list('string')] })],
    status: [3, message('NamespaceStatus', { phase: [1, 'string'], conditions: [2, list(namespaceCondition)] })],
  }),
  Secret: kind('Secret', { ...keyValues, type: [3, 'string'], stringData: [4, map('string')], immutable: [5, 'bool'] }),
  ConfigMap: kind('ConfigMap', { data: [2, map('string')], binaryData: [3, map('bytes')], immutable: [4, 'bool'] }),
  ServiceAccount: kind('ServiceAccount', {
    secrets: [2, list(objectReference)],
    imagePullSecrets: [3, list(localObjectReference)],
    automountServiceAccountToken: [4, 'bool'],
  }),
  Event: kind('Event', {
    involvedObject: [2, objectReference],
    reason: [3, 'string'],
    message: [4, 'string'],
    source: [5, message('EventSource', { component: [1, 'string'], host: [2, 'string'] })],
    firstTimestamp: [6, 'time'],
    lastTimestamp: [7, 'time'],
    count: [8, 'int'],
    type: [9, 'string'],
    eventTime: [10, 'time'],
    series: [11, message('EventSeries', { count: [1, 'int'], lastObservedTime: [2, 'time'] })],
    action: [12, 'string'],
    related: [13, objectReference],
    reportingComponent: [14, 'string'],
    reportingInstance: [15, 'string'],
  }),
  Node: kind('Node', {
    spec: [
      2,
      message('NodeSpec', {
        podCIDR: [1, 'string'],
        providerID: [3, 'string'],
        unschedulable: [4, 'bool'],
        taints: [5, list(message('Taint', { key: [1, 'string'], value: [2, 'string'], effect: [3, 'string'], timeAdded: [4, 'time'] }))],
        podCIDRs: [7, list('string')],
      }),
    ],
    status: [
      3,
      open('NodeStatus', {
        capacity: [1, map('quantity')],
        allocatable: [2, map('quantity')],
        phase: [3, 'string'],
        conditions: [4, list(nodeCondition)],
        addresses: [5, list(message('NodeAddress', { type: [1, 'string'], address: [2, 'string'] }))],
        daemonEndpoints: [6, message('NodeDaemonEndpoints', { kubeletEndpoint: [1, message('DaemonEndpoint', { Port: [1, 'int'] })] })],
        nodeInfo: [7, nodeSystemInfo],
      }),
    ],
  }),
  Service: kind('Service', { spec: [2, open('ServiceSpec', { ports: [1, list(open('ServicePort', { name: [1, 'string'], protocol: [2, 'string'], port: [3, 'int'] }))], selector: [2, map('string')], clusterIP: [3, 'string'], type: [4, 'string'] })], status: [3, open('ServiceStatus', {})] }),
  Pod: kind('Pod', { spec: [2, podSpec], status: [3, podStatus] }),
  Binding: kind('Binding', { target: [2, objectReference] }),
  Lease: kind('Lease', {
    spec: [
      2,
      message('LeaseSpec', {
        holderIdentity: [1, 'string'],
        leaseDurationSeconds: [2, 'int'],
        acquireTime: [3, 'time'],
        renewTime: [4, 'time'],
        leaseTransitions: [5, 'int'],
        strategy: [6, 'string'],
        preferredHolder: [7, 'string'],
      }),
    ],
  }),
  Role: kind('Role', { rules: [2, list(policyRule)] }),
  ClusterRole: kind('ClusterRole', { rules: [2, list(policyRule)], aggregationRule: [3, message('AggregationRule', { clusterRoleSelectors: [1, list(labelSelector)] })] }),
  RoleBinding: kind('RoleBinding', { subjects: [2, list(subject)], roleRef: [3, roleRef] }),
  ClusterRoleBinding: kind('ClusterRoleBinding', { subjects: [2, list(subject)], roleRef: [3, roleRef] }),
  CertificateSigningRequest: kind('CertificateSigningRequest', {
    spec: [
      2,
      message('CertificateSigningRequestSpec', {
        request: [1, 'bytes'],
        username: [2, 'string'],
        uid: [3, 'string'],
        groups: [4, list('string')],
        usages: [5, list('string')],
        extra: [6, map('strings')],
        signerName: [7, 'string'],
        expirationSeconds: [8, 'int'],
      }),
    ],
    status: [3, message('CertificateSigningRequestStatus', { conditions: [1, list(requestCondition)], certificate: [2, 'bytes'] })],
  }),
  SelfSubjectAccessReview: kind('SelfSubjectAccessReview', { spec: [2, message('SelfSubjectAccessReviewSpec', accessSpec)], status: [3, reviewStatus] }),
  SubjectAccessReview: kind('SubjectAccessReview', { spec: [2, subjectAccessSpec], status: [3, reviewStatus] }),
  LocalSubjectAccessReview: kind('LocalSubjectAccessReview', { spec: [2, subjectAccessSpec], status: [3, reviewStatus] }),
  SelfSubjectRulesReview: kind('SelfSubjectRulesReview', { spec: [2, message('SelfSubjectRulesReviewSpec', { namespace: [1, 'string'] })], status: [3, rulesReviewStatus] }),
  TokenRequest: kind('TokenRequest', {
    spec: [2, message('TokenRequestSpec', { audiences: [1, list('string')], boundObjectRef: [3, message('BoundObjectReference', { kind: [1, 'string'], apiVersion: [2, 'string'], name: [3, 'string'], uid: [4, 'string'] })], expirationSeconds: [4, 'int'] })],
    status: [3, message('TokenRequestStatus', { token: [1, 'string'], expirationTimestamp: [2, 'time'] })],
  }),
  TokenReview: kind('TokenReview', {
    spec: [2, message('TokenReviewSpec', { token: [1, 'string'], audiences: [2, list('string')] })],
    status: [3, message('TokenReviewStatus', { authenticated: [1, 'bool'], user: [2, userInfo], error: [3, 'string'], audiences: [4, list('string')] })],
  }),
  SelfSubjectReview: kind('SelfSubjectReview', { status: [2, message('SelfSubjectReviewStatus', { userInfo: [1, userInfo] })] }),
} as const satisfies Readonly<Record<string, Message>>;

export type Kind = keyof typeof schemas;

/** The options in the body of a DELETE; the only thing here that is no object. */
export const deleteOptions = message('DeleteOptions', {
  gracePeriodSeconds: [1, 'int'],
  preconditions: [2, message('Preconditions', { uid: [1, 'string'], resourceVersion: [2, 'string'] })],
  orphanDependents: [3, 'bool'],
  propagationPolicy: [4, 'string'],
  dryRun: [5, list('string')],
});
