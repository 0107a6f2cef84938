/**
 * Authorizes kubelets: the rules of system:node, restricted to the kubelet's own objects (kubeadm's
 * `--authorization-mode=Node,RBAC`). A kubelet reads its own node, the pods on it and, by name only, the objects those
 * pods use, which the caller knows. Writes are also checked by `node-restriction.ts`, which sees the objects. Pure; the
 * counterpart for other users is `rbac.ts`. The messages are kube-apiserver's.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import type { Attributes, Authorization, User } from '../apiserver/attributes.ts';
import { clusterRoleTable } from './bootstrap-policy.ts';
import { quoted } from '../objects/go/quoted.ts';
import type { KubeObject } from '../objects/objects.ts';
import { ruleAllows, rulesOf } from './rbac.ts';

const prefix = 'system:node:';

/** The node of a kubelet; undefined for other users. Both the name and the group are required. */
export function nodeOf(user: User): string | undefined {
  return user.name.startsWith(prefix) &&
    user.name.length > prefix.length &&
    user.groups.includes('system:nodes')
    ? user.name.slice(prefix.length)
    : undefined;
}

const rules = rulesOf(clusterRoleTable['system:node']);

/** The namespace of the kubelets' leases. */
export const leaseNamespace = 'kube-node-lease';

/** Whether an object is, or is used by, a pod on a node. */
export type IsUsedByNode = (node: string, resource: string, namespace: string, name: string) => boolean;

/** Undefined if the user is not a kubelet, or no rule allows it: another authorizer may. */
export function authorizeNode(asked: Attributes, isUsed: IsUsedByNode): Authorization | undefined {
  const node = nodeOf(asked.user);
  if (node === undefined || asked.resource === undefined) return undefined;
  const name = `${asked.resource}${asked.group === '' ? '' : `.${asked.group}`}`;
  const judge = Object.hasOwn(judges, name) ? judges[name] : undefined;
  const reason = judge
    ? judge(asked, node, isUsed)
    : rules.some((rule) => ruleAllows(rule, asked))
      ? undefined
      : '';
  if (reason === undefined) return { allowed: true };
  return reason === '' ? undefined : { allowed: false, reason };
}

type Asked = Extract<Attributes, { resource: string }>;

/** Undefined if allowed; else the reason, empty if its role has no such rule. */
type Judge = (asked: Asked, node: string, isUsed: IsUsedByNode) => string | undefined;

const unrelated = (node: string): string => `no relationship found between node '${node}' and this object`;

const related: Judge = ({ resource, namespace = '', name = '' }, node, isUsed) => {
  if (name === '') return 'No Object name found';
  return isUsed(node, resource, namespace, name) ? undefined : unrelated(node);
};

const read: Judge = (asked, ...rest) => {
  const { verb, subresource = '', namespace = '' } = asked;
  if (!['get', 'list', 'watch'].includes(verb)) return 'can only read resources of this type';
  if (subresource !== '') return 'cannot read subresource';
  return namespace === '' ? 'can only read namespaced object of this type' : related(asked, ...rest);
};

const get: Judge = (asked, ...rest) => {
  const { verb, subresource = '' } = asked;
  if (verb !== 'get') return 'can only get individual resources of this type';
  return subresource === '' ? related(asked, ...rest) : 'cannot get subresource';
};

/** By resource: those that need more than the role. `node-restriction.ts` checks what is written. */
const judges: Dictionary<Judge> = {
  secrets: read,
  configmaps: read,
  persistentvolumeclaims: get,
  persistentvolumes: get,
  serviceaccounts({ verb, subresource, namespace = '', name = '' }, node, isUsed) {
    if (verb !== 'create' || name === '') return 'can only create tokens for individual service accounts';
    if (subresource !== 'token') return 'can only create token subresource of serviceaccount';
    return isUsed(node, 'serviceaccounts', namespace, name) ? undefined : unrelated(node);
  },
  'leases.coordination.k8s.io'({ verb, namespace, name }, node) {
    if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb))
      return 'can only get, create, update, patch, or delete a node lease';
    if (namespace !== leaseNamespace)
      return `can only access leases in the ${quoted(leaseNamespace)} system namespace`;
    // The name of an object to be created is not known yet.
    return verb === 'create' || name === node
      ? undefined
      : 'can only access node lease with the same name as the requesting node';
  },
  nodes({ verb, subresource = '', name = '' }, node) {
    if (subresource === 'status') return ['update', 'patch'].includes(verb) ? undefined : '';
    if (subresource === '' && ['create', 'update', 'patch'].includes(verb)) return undefined;
    if (subresource !== '' || !['get', 'list', 'watch'].includes(verb)) return '';
    if (name === node) return undefined;
    return name === ''
      ? `node '${node}' cannot read all nodes, only its own Node object`
      : `node '${node}' cannot read '${name}', only its own Node object`;
  },
  pods(asked, node, isUsed) {
    const { verb, subresource = '', name = '', selected } = asked;
    if (subresource === 'status') return ['update', 'patch'].includes(verb) ? undefined : '';
    if (subresource === 'eviction') return verb === 'create' ? undefined : '';
    if (subresource === '' && ['create', 'delete'].includes(verb)) return undefined;
    if (subresource !== '' || !['get', 'list', 'watch'].includes(verb)) return '';
    if (verb === 'get') return get(asked, node, isUsed);
    if (selected?.get('spec.nodeName') === node) return undefined;
    return name === ''
      ? 'can only list/watch pods with spec.nodeName field selector'
      : related(asked, node, isUsed);
  },
};

type Plain = Dictionary<unknown>;

const plainOf = (value: unknown): Plain =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {};
const plainsOf = (value: unknown): Plain[] => (Array.isArray(value) ? value.map(plainOf) : []);

/** Where a pod refers to other objects: the field, and the field with the name in it. */
const references: readonly (readonly [resource: string, field: string, name: string])[] = [
  ['secrets', 'secret', 'secretName'],
  ['secrets', 'secret', 'name'],
  ['secrets', 'secretRef', 'name'],
  ['secrets', 'secretKeyRef', 'name'],
  ['configmaps', 'configMap', 'name'],
  ['configmaps', 'configMapRef', 'name'],
  ['configmaps', 'configMapKeyRef', 'name'],
  ['persistentvolumeclaims', 'persistentVolumeClaim', 'claimName'],
];

const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** A static pod that a kubelet runs on its own, mirrored in the API. */
export function isMirrorPod({ metadata: { annotations = {} } }: KubeObject): boolean {
  return Object.hasOwn(annotations, mirrorAnnotation);
}

/** The pod itself and what it uses, and its node: `secrets default/web`. Undefined if it has no node. */
export function usesOfPod(
  pod: KubeObject,
): { readonly node: string; readonly uses: readonly string[] } | undefined {
  const spec = plainOf(pod['spec']);
  const node = spec['nodeName'];
  if (typeof node !== 'string' || node === '') return undefined;
  const namespace = pod.metadata.namespace ?? '';
  const itself = `pods ${namespace}/${pod.metadata.name}`;
  // Its references were not checked when it was created: a kubelet could name any object.
  if (isMirrorPod(pod)) return { node, uses: [itself] };
  const volumes = plainsOf(spec['volumes']);
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) =>
    plainsOf(spec[field]),
  );
  const places: readonly Plain[] = [
    ...volumes,
    ...volumes.flatMap((volume) => plainsOf(plainOf(volume['projected'])['sources'])),
    ...containers.flatMap((container) => plainsOf(container['envFrom'])),
    ...containers.flatMap((container) => plainsOf(container['env']).map((one) => plainOf(one['valueFrom']))),
    ...plainsOf(spec['imagePullSecrets']).map((secretRef) => ({ secretRef })),
  ];
  const account = spec['serviceAccountName'];
  const uses = places.flatMap((place) =>
    references.flatMap(([resource, field, key]) => {
      const name = plainOf(place[field])[key];
      return typeof name === 'string' && name !== '' ? [`${resource} ${namespace}/${name}`] : [];
    }),
  );
  return {
    node,
    uses: [
      itself,
      ...(typeof account === 'string' && account !== '' ? [`serviceaccounts ${namespace}/${account}`] : []),
      ...uses,
    ],
  };
}
