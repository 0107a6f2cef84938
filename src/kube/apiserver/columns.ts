/**
 * Lists the columns in which the server shows each kind to people (`kubectl get`), one table per kind. `tables.ts`
 * builds the response.
 */
import { formatAddress } from '../../capture/event.ts';
import type { Dictionary } from '../../core/dictionary.ts';
import { listAt, objectAt, textAt, valueAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';

export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date';
  readonly format?: 'name';
  readonly description: string;
  /** Only in the wide form. */
  readonly wide?: true;
  /** @param at milliseconds since the epoch, for computing ages. */
  readonly value: (object: KubeObject, at: number) => string | number;
}

const none = '<none>';
const unknown = '<unknown>';

const name: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  value: ({ metadata }) => metadata.name,
};
const age: Column = {
  name: 'Age',
  type: 'string',
  description: 'The time since the object was created.',
  value: ({ metadata }, at) => ageOf(metadata.creationTimestamp, at),
};
const created: Column = {
  name: 'Created At',
  type: 'date',
  description: 'When the object was created.',
  value: ({ metadata }) => metadata.creationTimestamp ?? unknown,
};
/** A value, or the path of a string in the object. */
type Value = Column['value'] | string;

const textOf = (path: string): ((object: KubeObject) => string) => {
  const keys = path.split('.');
  return (object) => textAt(object, ...keys);
};
const column =
  (type: Column['type']) =>
  (columnName: string, description: string, value: Value): Column => ({
    name: columnName,
    type,
    description,
    value: typeof value === 'string' ? textOf(value) : value,
  });
const string = column('string');
const integer = column('integer');
const wide = (column: Column): Column => ({ ...column, wide: true });

const sizeOf = (object: KubeObject, ...fields: readonly string[]): number =>
  fields.reduce((sum, field) => sum + Object.keys(objectAt(object, field)).length, 0);
const orNone = (text: string): string => text || none;
const orNoneAt = (path: string): Column['value'] => {
  const text = textOf(path);
  return (object) => orNone(text(object));
};

/** The names of the subjects of one kind, with commas. */
const subjects =
  (kind: string): Column['value'] =>
  (object) =>
    listAt(object, 'subjects')
      .filter((subject) => textAt(subject, 'kind') === kind)
      .map((subject) =>
        kind === 'ServiceAccount'
          ? `${textAt(subject, 'namespace')}/${textAt(subject, 'name')}`
          : textAt(subject, 'name'),
      )
      .join(', ');

const binding: readonly Column[] = [
  name,
  string(
    'Role',
    'The role that is bound.',
    (object) => `${textAt(object, 'roleRef', 'kind')}/${textAt(object, 'roleRef', 'name')}`,
  ),
  age,
  wide(string('Users', 'Users in the binding.', subjects('User'))),
  wide(string('Groups', 'Groups in the binding.', subjects('Group'))),
  wide(string('ServiceAccounts', 'Service accounts in the binding.', subjects('ServiceAccount'))),
];

/** `80:30080/TCP`, where it has a port of every node too. */
const servicePort = (port: unknown): string => {
  const ofNodes = valueAt(port, 'nodePort');
  return `${String(valueAt(port, 'port'))}${typeof ofNodes === 'number' && ofNodes > 0 ? `:${ofNodes}` : ''}/${textAt(port, 'protocol') || 'TCP'}`;
};

/** Where it is come to from outside, by its type. */
const outside = (object: KubeObject): string => {
  const type = textAt(object, 'spec', 'type');
  if (type === 'ExternalName') return textAt(object, 'spec', 'externalName');
  const own = listAt(object, 'spec', 'externalIPs').map(String);
  if (type !== 'LoadBalancer') return orNone(own.join(','));
  const given = listAt(object, 'status', 'loadBalancer', 'ingress').map(
    (one) => textAt(one, 'ip') || textAt(one, 'hostname'),
  );
  return [...given, ...own].join(',') || '<pending>';
};

const readyContainers = (object: KubeObject): string => {
  const statuses = listAt(object, 'status', 'containerStatuses');
  return `${statuses.filter((status) => valueAt(status, 'ready') === true).length}/${listAt(object, 'spec', 'containers').length}`;
};

const restarts = (object: KubeObject): number =>
  listAt(object, 'status', 'containerStatuses').reduce<number>(
    (sum, status) => sum + (Number(valueAt(status, 'restartCount')) || 0),
    0,
  );

/** `1/2`: the gates whose condition is true, of all. */
const readinessGates = (object: KubeObject): string => {
  const gates = listAt(object, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType'));
  const isTrue = (type: string): boolean =>
    listAt(object, 'status', 'conditions').some(
      (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
    );
  return gates.length === 0 ? none : `${gates.filter(isTrue).length}/${gates.length}`;
};

const podStatus = (object: KubeObject): string =>
  object.metadata.deletionTimestamp
    ? 'Terminating'
    : textAt(object, 'status', 'reason') || textAt(object, 'status', 'phase') || 'Unknown';

const nodeStatus = (object: KubeObject): string => {
  const ready = listAt(object, 'status', 'conditions').find(
    (condition) => textAt(condition, 'type') === 'Ready',
  );
  const status = ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady';
  return valueAt(object, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
};

const rolePrefix = 'node-role.kubernetes.io/';
/** By `node-role.kubernetes.io/NAME`, and by the older `kubernetes.io/role: NAME`. */
const nodeRoles = ({ metadata: { labels = {} } }: KubeObject): string => {
  const named = Object.keys(labels)
    .filter((key) => key.startsWith(rolePrefix))
    .map((key) => key.slice(rolePrefix.length));
  const roles = new Set([...named, labels['kubernetes.io/role'] ?? ''].filter(Boolean));
  return orNone([...roles].toSorted().join(','));
};

const nodeAddress =
  (type: string): Column['value'] =>
  (object) =>
    orNone(
      textAt(
        listAt(object, 'status', 'addresses').find((address) => textAt(address, 'type') === type),
        'address',
      ),
    );

const nodeInfo =
  (field: string): Column['value'] =>
  (object) =>
    textAt(object, 'status', 'nodeInfo', field) || unknown;

/** Approved, Denied, Failed, Issued, in order of occurrence; Pending if there is none of them. */
const requestCondition = (object: KubeObject): string => {
  const conditions = listAt(object, 'status', 'conditions').map((condition) => textAt(condition, 'type'));
  const shown = ['Approved', 'Denied', 'Failed'].filter((type) => conditions.includes(type));
  return [
    ...(shown.length === 0 ? ['Pending'] : shown),
    ...(textAt(object, 'status', 'certificate') ? ['Issued'] : []),
  ].join(',');
};

/** At most three of them, and how many there are more. */
function shortened(all: readonly string[], nothing: string): string {
  if (all.length === 0) return nothing;
  const more = all.length > 3 ? ` + ${all.length - 3} more...` : '';
  return all.slice(0, 3).join(',') + more;
}

/** `10.0.0.1:6443`: every ready address with every port. */
function endpointsText(object: KubeObject): string {
  const all = listAt(object, 'subsets').flatMap((subset) => {
    const addresses = listAt(subset, 'addresses').map((one) => textAt(one, 'ip'));
    const ports = listAt(subset, 'ports').map((port) => Number(valueAt(port, 'port')));
    return ports.length === 0
      ? addresses
      : ports.flatMap((port) => addresses.map((host) => formatAddress({ host, port })));
  });
  return shortened(all, listAt(object, 'subsets').length === 0 ? none : '');
}

const count = (object: KubeObject, ...path: readonly [string, string]): number =>
  Number(valueAt(object, ...path)) || 0;

/** `app=web,env in (a,b),!old`, by key (k8s.io/apimachinery, FormatLabelSelector). */
function selectorText(object: KubeObject, ...path: readonly [string, string]): string {
  const equal = objectAt(object, ...path, 'matchLabels');
  const requirements = [
    ...Object.keys(equal).map((key) => ({ key, text: `${key}=${textAt(equal, key)}` })),
    ...listAt(object, ...path, 'matchExpressions').map((one) => {
      const [key, operator] = [textAt(one, 'key'), textAt(one, 'operator')];
      const values = `(${listAt(one, 'values').map(String).toSorted().join(',')})`;
      return {
        key,
        text:
          operator === 'In'
            ? `${key} in ${values}`
            : operator === 'NotIn'
              ? `${key} notin ${values}`
              : `${operator === 'DoesNotExist' ? '!' : ''}${key}`,
      };
    }),
  ];
  return orNone(
    requirements
      .toSorted((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
      .map(({ text }) => text)
      .join(','),
  );
}

/** Of a workload's template, in the wide form: the names of its containers, their images, and its selector. */
const workload: readonly Column[] = [
  wide(
    string('Containers', 'Names of each container in the template.', (object) =>
      templateContainers(object, 'name'),
    ),
  ),
  wide(
    string('Images', 'Images referenced by each container in the template.', (object) =>
      templateContainers(object, 'image'),
    ),
  ),
  wide(string('Selector', 'The labels of its pods.', (object) => selectorText(object, 'spec', 'selector'))),
];

const templateContainers = (object: KubeObject, field: string): string =>
  listAt(object, 'spec', 'template', 'spec', 'containers')
    .map((container) => textAt(container, field))
    .join(',');

/** The conditions that say how a job ended or stands, the weightiest first. */
const jobEnds = ['Complete', 'Failed'] as const;
const jobStands = ['Suspended', 'FailureTarget'] as const;

const jobStatus = (object: KubeObject): string => {
  const isTrue = (type: string): boolean =>
    listAt(object, 'status', 'conditions').some(
      (condition) => textAt(condition, 'type') === type && textAt(condition, 'status') === 'True',
    );
  const isLeaving = object.metadata.deletionTimestamp !== undefined;
  return jobEnds.find(isTrue) ?? (isLeaving ? 'Terminating' : (jobStands.find(isTrue) ?? 'Running'));
};

const jobCompletions = (object: KubeObject): string => {
  const succeeded = count(object, 'status', 'succeeded');
  const completions = valueAt(object, 'spec', 'completions');
  if (typeof completions === 'number') return `${succeeded}/${completions}`;
  const parallelism = count(object, 'spec', 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
};

/** Empty for one that has not begun. */
const jobDuration: Column['value'] = (object, at) => {
  const began = Date.parse(textAt(object, 'status', 'startTime'));
  const ended = Date.parse(textAt(object, 'status', 'completionTime'));
  return Number.isNaN(began) ? '' : durationText((Number.isNaN(ended) ? at : ended) - began);
};

/** When an event was seen first, and last. */
const firstSeen = (object: KubeObject): string =>
  textAt(object, 'firstTimestamp') || textAt(object, 'eventTime');
const lastSeen = (object: KubeObject): string =>
  textAt(object, 'series', 'lastObservedTime') || textAt(object, 'lastTimestamp') || firstSeen(object);

/** `pods: 0/3, requests.cpu: 0/1`. */
const quotaOf =
  (isShown: (resource: string) => boolean): Column['value'] =>
  (object) =>
    Object.keys(objectAt(object, 'spec', 'hard'))
      .filter(isShown)
      .toSorted()
      .map(
        (name) =>
          `${name}: ${textAt(object, 'status', 'used', name) || '0'}/${textAt(object, 'spec', 'hard', name)}`,
      )
      .join(', ');

/** By the plural name of the resource. */
export const columns: Dictionary<readonly Column[]> = {
  namespaces: [name, string('Status', 'The status of the namespace', 'status.phase'), age],
  pods: [
    name,
    string('Ready', 'The aggregate readiness state of this pod for accepting traffic.', readyContainers),
    string('Status', 'The aggregate status of the containers in this pod.', podStatus),
    string('Restarts', 'The number of times the containers in this pod have been restarted.', (object) =>
      String(restarts(object)),
    ),
    age,
    wide(string('IP', 'The IP address of the pod.', orNoneAt('status.podIP'))),
    wide(string('Node', 'The node that the pod is assigned to.', orNoneAt('spec.nodeName'))),
    wide(
      string(
        'Nominated Node',
        'The node that the pod may be assigned to.',
        orNoneAt('status.nominatedNodeName'),
      ),
    ),
    wide(string('Readiness Gates', 'What is evaluated for the readiness of the pod.', readinessGates)),
  ],
  nodes: [
    name,
    string('Status', 'The status of the node', nodeStatus),
    string('Roles', 'The roles of the node', nodeRoles),
    age,
    string('Version', 'Kubelet Version reported by the node.', 'status.nodeInfo.kubeletVersion'),
    wide(
      string('Internal-IP', 'List of internal addresses reachable to the node.', nodeAddress('InternalIP')),
    ),
    wide(
      string('External-IP', 'List of external addresses reachable to the node.', nodeAddress('ExternalIP')),
    ),
    wide(string('OS-Image', 'OS Image reported by the node.', nodeInfo('osImage'))),
    wide(string('Kernel-Version', 'Kernel Version reported by the node.', nodeInfo('kernelVersion'))),
    wide(
      string(
        'Container-Runtime',
        'ContainerRuntime Version reported by the node.',
        nodeInfo('containerRuntimeVersion'),
      ),
    ),
  ],
  secrets: [
    name,
    string('Type', 'Used to facilitate programmatic handling of secret data.', 'type'),
    integer('Data', 'The number of entries of its data.', (object) => sizeOf(object, 'data')),
    age,
  ],
  services: [
    name,
    string('Type', 'How the service is exposed.', 'spec.type'),
    string('Cluster-IP', 'Its address in the cluster.', orNoneAt('spec.clusterIP')),
    string('External-IP', 'Its addresses outside.', outside),
    string('Port(s)', 'Its ports.', (object) =>
      orNone(listAt(object, 'spec', 'ports').map(servicePort).join(',')),
    ),
    age,
    wide(
      string('Selector', 'The labels of its pods.', (object) =>
        orNone(
          Object.keys(objectAt(object, 'spec', 'selector'))
            .toSorted()
            .map((key) => `${key}=${textAt(object, 'spec', 'selector', key)}`)
            .join(','),
        ),
      ),
    ),
  ],
  endpoints: [
    name,
    string('Endpoints', 'Where its pods are reached.', (object) => endpointsText(object)),
    age,
  ],
  endpointslices: [
    name,
    string('AddressType', 'The kind of its addresses.', 'addressType'),
    string('Ports', 'Its ports.', (object) =>
      shortened(
        listAt(object, 'ports').map((port) => {
          const number = valueAt(port, 'port');
          return typeof number === 'number' ? String(number) : textAt(port, 'name') || '*';
        }),
        '<unset>',
      ),
    ),
    string('Endpoints', 'Its addresses.', (object) =>
      shortened(
        listAt(object, 'endpoints').flatMap((endpoint) => listAt(endpoint, 'addresses').map(String)),
        '<unset>',
      ),
    ),
    age,
  ],
  configmaps: [
    name,
    integer('Data', 'The number of entries of its data.', (object) => sizeOf(object, 'data', 'binaryData')),
    age,
  ],
  serviceaccounts: [
    name,
    integer(
      'Secrets',
      'The number of secrets that pods of this account may use.',
      (object) => listAt(object, 'secrets').length,
    ),
    age,
  ],
  events: [
    string('Last Seen', 'When the event was seen last.', (object, at) => ageOf(lastSeen(object), at)),
    string('Type', 'Type of this event (Normal, Warning).', 'type'),
    string('Reason', 'Why it came to this.', 'reason'),
    string('Object', 'What the event is about.', (object) =>
      [textAt(object, 'involvedObject', 'kind').toLowerCase(), textAt(object, 'involvedObject', 'name')]
        .filter(Boolean)
        .join('/'),
    ),
    wide(string('Subobject', 'Which part of it.', 'involvedObject.fieldPath')),
    wide(
      string('Source', 'Who reports it, and from where.', (object) =>
        [
          textAt(object, 'source', 'component') || textAt(object, 'reportingComponent'),
          textAt(object, 'source', 'host') || textAt(object, 'reportingInstance'),
        ]
          .filter(Boolean)
          .join(', '),
      ),
    ),
    string('Message', 'What happened.', (object) => textAt(object, 'message').trim()),
    wide(
      string('First Seen', 'When the event was seen first.', (object, at) => ageOf(firstSeen(object), at)),
    ),
    wide(
      string('Count', 'How often it was seen.', (object) =>
        String(count(object, 'series', 'count') || Number(valueAt(object, 'count')) || 1),
      ),
    ),
    wide(name),
  ],
  resourcequotas: [
    name,
    string(
      'Request',
      'What is asked for, of what may be.',
      quotaOf((resource) => !resource.startsWith('limits.')),
    ),
    string(
      'Limit',
      'The limits, of what they may be.',
      quotaOf((resource) => resource.startsWith('limits.')),
    ),
    age,
  ],
  limitranges: [name, created],
  deployments: [
    name,
    string(
      'Ready',
      'The number of its pods that are ready, of those that are wanted.',
      (object) => `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
    ),
    string('Up-to-date', 'The number of its pods of the latest template.', (object) =>
      String(count(object, 'status', 'updatedReplicas')),
    ),
    string('Available', 'The number of its pods that are available.', (object) =>
      String(count(object, 'status', 'availableReplicas')),
    ),
    age,
    ...workload,
  ],
  jobs: [
    name,
    string('Status', 'How it ended, or that it runs.', jobStatus),
    string('Completions', 'The number of its pods that succeeded, of those that have to.', jobCompletions),
    string('Duration', 'How long it took, or has taken so far.', jobDuration),
    age,
    ...workload,
  ],
  networkpolicies: [
    name,
    string('Pod-Selector', 'The labels of the pods that it is about.', (object) =>
      selectorText(object, 'spec', 'podSelector'),
    ),
    age,
  ],
  leases: [name, string('Holder', 'Who holds the lease.', 'spec.holderIdentity'), age],
  clusterroles: [name, created],
  roles: [name, created],
  clusterrolebindings: binding,
  rolebindings: binding,
  validatingwebhookconfigurations: [
    name,
    integer(
      'Webhooks',
      'Webhooks indicates the number of webhooks registered in this configuration',
      (object) => listAt(object, 'webhooks').length,
    ),
    age,
  ],
  certificatesigningrequests: [
    name,
    age,
    string('SignerName', 'Who is asked to sign.', 'spec.signerName'),
    string('Requestor', 'Who asks.', 'spec.username'),
    string('RequestedDuration', 'For how long.', (object) => {
      const seconds = valueAt(object, 'spec', 'expirationSeconds');
      return typeof seconds === 'number' ? durationText(seconds * 1000) : none;
    }),
    string('Condition', 'How far the request has come.', requestCondition),
  ],
};

function ageOf(timestamp: string | undefined, at: number): string {
  const since = timestamp ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(since) ? unknown : durationText(at - since);
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** The units by duration; the finer one only if it is not zero. The letters are the API's. */
const spans: readonly (readonly [
  below: number,
  unit: number,
  letter: string,
  finer?: readonly [unit: number, letter: string],
])[] = [
  [2 * minute, second, 's'],
  [10 * minute, minute, 'm', [second, 's']],
  [3 * hour, minute, 'm'],
  [8 * hour, hour, 'h', [minute, 'm']],
  [2 * day, hour, 'h'],
  [8 * day, day, 'd', [hour, 'h']],
  [2 * year, day, 'd'],
  [8 * year, year, 'y', [day, 'd']],
  [Number.POSITIVE_INFINITY, year, 'y'],
];

/** A duration for a person, in at most two units: `5s`, `3m12s`, `2d`. */
export function durationText(milliseconds: number): string {
  if (milliseconds <= -2 * second) return '<invalid>';
  const duration = Math.max(0, milliseconds);
  const [, unit, letter, finer] = spans.find(([below]) => duration < below) ?? spans[0]!;
  const rest = finer ? Math.floor((duration % unit) / finer[0]) : 0;
  return `${Math.floor(duration / unit)}${letter}${finer && rest > 0 ? `${rest}${finer[1]}` : ''}`;
}
