/**
 * Lists every resource of the server, one row each: how it is addressed, its verbs, its columns, and its initial
 * values. Discovery, routes, tables, validation and storage all use this table.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { columns } from './columns.ts';
import type { Column } from './columns.ts';
import {
  deploymentDefaults,
  endpointsDefaults,
  endpointSliceDefaults,
  jobDefaults,
  limitRangeDefaults,
  networkPolicyDefaults,
  nodeDefaults,
  podDefaults,
  serviceDefaults,
} from '../objects/defaults.ts';
import { webhookDefaults } from '../objects/webhook-defaults.ts';
import { listAt, objectAt, textAt, withKeys } from '../objects/json.ts';
import type { NameRule } from '../objects/names.ts';
import type { KubeObject } from '../objects/objects.ts';
import { schemas } from '../objects/schema.ts';
import type { Kind } from '../objects/schema.ts';
import type { Message } from '../objects/schema/message.ts';
import type { StoreKey } from '../store/store.ts';

const everyVerb = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
] as const;
const partVerbs = ['get', 'patch', 'update'] as const;

export interface ResourceType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: 'v1';
  readonly kind: Kind;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Only `create` for a virtual one, which is answered and never stored. */
  readonly verbs: readonly string[];
  readonly subresources: Dictionary<Subresource>;
  readonly nameRule: NameRule;
  readonly columns: readonly Column[];
  readonly schema: Message;
  /** A PUT of one that is not there creates it, where the client may create, too. */
  readonly createsOnUpdate: boolean;
  /** What counts as a new generation (`metadata.generation`) when it changes: fields, and `annotations`; empty if none is kept. */
  readonly counted: readonly string[];
  /** Fields for selectors, beside metadata.name and metadata.namespace. */
  readonly fields: Dictionary<(object: KubeObject) => string>;
  /** Fills in omitted fields; called for every incoming object. */
  readonly defaults: (object: KubeObject) => KubeObject;
  /** The initial values of a new object, whatever the client sends. */
  readonly initial: Dictionary<unknown>;
}

export interface Subresource {
  /** The parts of the object that a write to it concerns; the rest stays unchanged. */
  readonly parts: readonly string[];
  readonly verbs: readonly string[];
  /** The type of the posted object, if it differs from the resource's. */
  readonly posts?: BodyType;
  /** The kind of its options, for discovery, if it is a stream that this server does not implement. */
  readonly stream?: string;
}

/** The type of a request's body. */
export type BodyType = Pick<ResourceType, 'group' | 'version' | 'kind' | 'schema'>;

type Row = Pick<ResourceType, 'kind'> &
  Partial<Omit<ResourceType, 'version' | 'schema' | 'singular' | 'columns'>>;

function resource(row: Row): ResourceType {
  const singular = row.kind.toLowerCase();
  const plural = row.plural ?? `${singular}s`;
  return {
    plural,
    group: '',
    version: 'v1',
    singular,
    shortNames: [],
    categories: [],
    namespaced: false,
    verbs: everyVerb,
    subresources: {},
    nameRule: 'subdomain',
    columns: columns[plural] ?? [],
    createsOnUpdate: false,
    counted: [],
    fields: {},
    defaults: (object) => object,
    initial: {},
    ...row,
    schema: schemas[row.kind],
  };
}

const field = (path: string): ((object: KubeObject) => string) => {
  const keys = path.split('.');
  return (object) => textAt(object, ...keys);
};
const fieldsAt = (...paths: readonly string[]): ResourceType['fields'] =>
  Object.fromEntries(paths.map((path) => [path, field(path)]));

const status = { status: { parts: ['status'], verbs: partVerbs } } as const;
const rbac = 'rbac.authorization.k8s.io';
const authorization = 'authorization.k8s.io';
const review = { verbs: ['create'] } as const;

/** Binds a pod to a node: writes only the fields that kube-scheduler decides. */
const binding: Subresource = {
  parts: ['spec', 'status'],
  verbs: ['create'],
  posts: { group: '', version: 'v1', kind: 'Binding', schema: schemas.Binding },
};

/** Deletes a pod unless a disruption budget prevents it; there are none here. kubectl drain uses it. */
const eviction: Subresource = {
  parts: [],
  verbs: ['create'],
  posts: { group: 'policy', version: 'v1', kind: 'Eviction', schema: schemas.Eviction },
};

const log: Subresource = { parts: [], verbs: ['get'] };
/** Connections with their own protocol to the kubelet. */
const stream = (kind: string): Subresource => ({ parts: [], verbs: ['create', 'get'], stream: kind });
const streams = {
  attach: stream('PodAttachOptions'),
  exec: stream('PodExecOptions'),
  portforward: stream('PodPortForwardOptions'),
};

/** Issues a token for a service account. */
const token: Subresource = {
  parts: [],
  verbs: ['create'],
  posts: {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenRequest',
    schema: schemas.TokenRequest,
  },
};

export const resources: readonly ResourceType[] = [
  resource({
    kind: 'Namespace',
    shortNames: ['ns'],
    nameRule: 'label',
    verbs: everyVerb.filter((verb) => verb !== 'deletecollection'),
    subresources: { ...status, finalize: { parts: ['spec'], verbs: ['update'] } },
    fields: fieldsAt('status.phase'),
    defaults: namespaceDefaults,
    initial: { status: { phase: 'Active' } },
  }),
  resource({
    kind: 'Pod',
    shortNames: ['po'],
    categories: ['all'],
    namespaced: true,
    subresources: { ...streams, binding, eviction, log, ...status },
    fields: {
      ...fieldsAt(
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ),
      'spec.hostNetwork': (object) => String(objectAt(object, 'spec')['hostNetwork'] === true),
    },
    defaults: podDefaults,
    initial: { status: { phase: 'Pending', qosClass: 'BestEffort' } },
  }),
  resource({
    kind: 'Node',
    shortNames: ['no'],
    subresources: status,
    fields: { 'spec.unschedulable': (object) => String(objectAt(object, 'spec')['unschedulable'] === true) },
    defaults: nodeDefaults,
  }),
  resource({
    kind: 'Secret',
    namespaced: true,
    fields: fieldsAt('type'),
    defaults: secretDefaults,
  }),
  resource({
    kind: 'Service',
    shortNames: ['svc'],
    categories: ['all'],
    namespaced: true,
    nameRule: 'label-1035',
    subresources: status,
    fields: fieldsAt('spec.clusterIP', 'spec.type'),
    createsOnUpdate: true,
    defaults: serviceDefaults,
    initial: { status: { loadBalancer: {} } },
  }),
  resource({
    kind: 'Endpoints',
    plural: 'endpoints',
    shortNames: ['ep'],
    createsOnUpdate: true,
    namespaced: true,
    defaults: endpointsDefaults,
  }),
  resource({
    kind: 'ConfigMap',
    shortNames: ['cm'],
    namespaced: true,
  }),
  resource({
    kind: 'ServiceAccount',
    shortNames: ['sa'],
    namespaced: true,
    subresources: { token },
  }),
  resource({
    kind: 'ResourceQuota',
    shortNames: ['quota'],
    namespaced: true,
    subresources: status,
  }),
  resource({
    kind: 'LimitRange',
    shortNames: ['limits'],
    createsOnUpdate: true,
    namespaced: true,
    defaults: limitRangeDefaults,
  }),
  resource({
    kind: 'Event',
    shortNames: ['ev'],
    createsOnUpdate: true,
    namespaced: true,
    fields: {
      source: field('source.component'),
      ...fieldsAt(
        'involvedObject.kind',
        'involvedObject.namespace',
        'involvedObject.name',
        'involvedObject.uid',
        'involvedObject.apiVersion',
        'involvedObject.resourceVersion',
        'involvedObject.fieldPath',
        'reason',
        'reportingComponent',
        'type',
      ),
    },
  }),
  resource({
    group: rbac,
    kind: 'ClusterRole',
    createsOnUpdate: true,
    nameRule: 'path-segment',
  }),
  resource({
    group: rbac,
    kind: 'ClusterRoleBinding',
    createsOnUpdate: true,
    nameRule: 'path-segment',
    defaults: bindingDefaults,
  }),
  resource({
    group: rbac,
    kind: 'Role',
    createsOnUpdate: true,
    namespaced: true,
    nameRule: 'path-segment',
  }),
  resource({
    group: rbac,
    kind: 'RoleBinding',
    createsOnUpdate: true,
    namespaced: true,
    nameRule: 'path-segment',
    defaults: bindingDefaults,
  }),
  resource({
    group: 'certificates.k8s.io',
    kind: 'CertificateSigningRequest',
    shortNames: ['csr'],
    // Approving and signing are separate rights: each writes its own part.
    subresources: { approval: { parts: ['status'], verbs: partVerbs }, ...status },
    fields: fieldsAt('spec.signerName'),
    initial: { status: {} },
  }),
  resource({
    group: 'admissionregistration.k8s.io',
    kind: 'ValidatingWebhookConfiguration',
    categories: ['api-extensions'],
    counted: ['webhooks'],
    defaults: webhookDefaults,
  }),
  resource({
    group: 'coordination.k8s.io',
    kind: 'Lease',
    createsOnUpdate: true,
    namespaced: true,
  }),
  resource({
    group: 'discovery.k8s.io',
    kind: 'EndpointSlice',
    namespaced: true,
    defaults: endpointSliceDefaults,
  }),
  // Kept and validated; no controller starts their pods.
  resource({
    group: 'apps',
    kind: 'Deployment',
    shortNames: ['deploy'],
    categories: ['all'],
    namespaced: true,
    subresources: status,
    counted: ['spec', 'annotations'],
    defaults: deploymentDefaults,
    initial: { status: {} },
  }),
  resource({
    group: 'batch',
    kind: 'Job',
    categories: ['all'],
    namespaced: true,
    subresources: status,
    fields: {
      'status.successful': (object) => String(Number(objectAt(object, 'status')['succeeded'] ?? 0)),
    },
    counted: ['spec'],
    defaults: jobDefaults,
    initial: { status: {} },
  }),
  resource({
    group: 'networking.k8s.io',
    kind: 'NetworkPolicy',
    plural: 'networkpolicies',
    shortNames: ['netpol'],
    namespaced: true,
    counted: ['spec'],
    defaults: networkPolicyDefaults,
  }),
  resource({
    group: authorization,
    kind: 'LocalSubjectAccessReview',
    namespaced: true,
    ...review,
  }),
  resource({
    group: authorization,
    kind: 'SelfSubjectAccessReview',
    ...review,
  }),
  resource({
    group: authorization,
    kind: 'SelfSubjectRulesReview',
    ...review,
  }),
  resource({ group: authorization, kind: 'SubjectAccessReview', ...review }),
  resource({
    group: 'authentication.k8s.io',
    kind: 'SelfSubjectReview',
    ...review,
  }),
  resource({ group: 'authentication.k8s.io', kind: 'TokenReview', ...review }),
];

/** The groups in discovery order, the core group first. */
export const groups: readonly string[] = [...new Set(resources.map(({ group }) => group))];

export function findResource(group: string, version: string, plural: string): ResourceType | undefined {
  return resources.find((row) => row.group === group && row.version === version && row.plural === plural);
}

export function isVirtual({ verbs }: ResourceType): boolean {
  return !verbs.includes('get');
}

/** `v1`, `rbac.authorization.k8s.io/v1`. */
export function apiVersionOf({ group, version }: Pick<ResourceType, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`;
}

/** `pods`, `roles.rbac.authorization.k8s.io`: the name in messages and hooks. */
export function qualifiedName({ group, plural }: Pick<ResourceType, 'group' | 'plural'>): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** The key prefix of all objects of a resource, or of those in one namespace. */
export function storePrefix(
  { group, plural }: Pick<ResourceType, 'group' | 'plural'>,
  namespace?: string,
): string {
  return `/registry/${group || 'core'}/${plural}/${namespace === undefined ? '' : `${namespace}/`}`;
}

export function storeKey(
  row: Pick<ResourceType, 'group' | 'plural' | 'namespaced'>,
  namespace: string | undefined,
  name: string,
): StoreKey {
  return `${storePrefix(row, row.namespaced ? (namespace ?? '') : undefined)}${name}`;
}

/** Policies select a namespace by this label. Its finalizer `kubernetes` ensures that the contents are deleted first. */
function namespaceDefaults(object: KubeObject): KubeObject {
  const finalizers = listAt(object, 'spec', 'finalizers');
  const isEnding = object.metadata.deletionTimestamp !== undefined;
  return withKeys(object, {
    metadata: {
      ...object.metadata,
      labels: { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name },
    },
    ...(isEnding || finalizers.includes('kubernetes')
      ? {}
      : { spec: { ...objectAt(object, 'spec'), finalizers: [...finalizers, 'kubernetes'] } }),
  });
}

/** `stringData` is for people; it is stored in `data`, in base64. */
function secretDefaults(object: KubeObject): KubeObject {
  const plain = Object.entries(objectAt(object, 'stringData')).map(
    ([key, value]) => [key, Buffer.from(typeof value === 'string' ? value : '').toString('base64')] as const,
  );
  const data = [...Object.entries(objectAt(object, 'data')), ...plain];
  return withKeys(object, {
    type: textAt(object, 'type') || 'Opaque',
    data: data.length === 0 ? undefined : Object.fromEntries(data),
    stringData: undefined,
  });
}

/** Users and groups belong to the authorization group, and so does the bound role. */
function bindingDefaults(object: KubeObject): KubeObject {
  const subjects = listAt(object, 'subjects').map((subject) => {
    const apiGroup =
      textAt(subject, 'apiGroup') || (textAt(subject, 'kind') === 'ServiceAccount' ? '' : rbac);
    return withKeys(objectAt({ subject }, 'subject'), { apiGroup: apiGroup || undefined });
  });
  const roleRef = objectAt(object, 'roleRef');
  return withKeys(object, {
    ...(subjects.length === 0 ? {} : { subjects }),
    roleRef: withKeys(roleRef, { apiGroup: textAt(roleRef, 'apiGroup') || rbac }),
  });
}
