/**
 * What a kubelet may: the rules of system:node, narrowed to what is its own (kubeadm's `--authorization-mode=Node,RBAC`).
 * Of nodes and leases it writes those of its name; secrets, config maps and claims it reads by name alone, and only those
 * that a pod on it uses, which the caller knows. Pure; the counterpart for everybody else is `rbac.ts`.
 */
import type { Attributes, Authorization, User } from './attributes.ts';
import { clusterRoleTable } from './bootstrap-policy.ts';
import { quoted } from './field-error.ts';
import type { KubeObject } from './objects.ts';
import { ruleAllows, rulesOf } from './rbac.ts';

const prefix = 'system:node:';

/** The node that a user is the kubelet of; undefined for everybody else. Both the name and the group are needed. */
export function nodeOf(user: User): string | undefined {
  return user.name.startsWith(prefix) && user.name.length > prefix.length && user.groups.includes('system:nodes') ? user.name.slice(prefix.length) : undefined;
}

const rules = rulesOf(clusterRoleTable['system:node']?.rules);

/** Whether a pod on a node uses an object. */
export type IsUsedByNode = (node: string, resource: string, namespace: string, name: string) => boolean;

/** Undefined when the user is no kubelet, or nothing speaks for it: another authorizer may allow it then. */
export function authorizeNode(asked: Attributes, isUsed: IsUsedByNode): Authorization | undefined {
  const node = nodeOf(asked.user);
  if (node === undefined || asked.resource === undefined || !rules.some((rule) => ruleAllows(rule, asked))) return undefined;
  const reason = refusal(node, asked, isUsed);
  return reason === undefined ? { allowed: true } : { allowed: false, reason };
}

const ofPods = new Set(['secrets', 'configmaps', 'persistentvolumeclaims', 'persistentvolumes']);

function refusal(node: string, asked: Extract<Attributes, { resource: string }>, isUsed: IsUsedByNode): string | undefined {
  const { verb, group, resource, namespace = '', name = '' } = asked;
  if (group === '' && ofPods.has(resource)) {
    if (name === '') return 'No Object name found';
    return isUsed(node, resource, namespace, name) ? undefined : `no relationship found between node ${quoted(node)} and this object`;
  }
  const writes = verb === 'update' || verb === 'patch' || verb === 'delete';
  const isOwn = (group === '' && resource === 'nodes') || resource === 'leases';
  if (isOwn && writes && name !== node) return `node ${quoted(node)} cannot modify ${resource === 'nodes' ? 'node' : 'lease'} ${quoted(name)}`;
  return undefined;
}

type Plain = Readonly<Record<string, unknown>>;

const plainOf = (value: unknown): Plain => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Plain) : {});
const plainsOf = (value: unknown): Plain[] => (Array.isArray(value) ? value.map(plainOf) : []);

/** Where a pod names what it uses: the field, and the field of that which has the name. */
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

/** What a pod uses, and the node that it is on: `secrets default/web`. Undefined where it is on none. */
export function usesOfPod(pod: KubeObject): { readonly node: string; readonly uses: readonly string[] } | undefined {
  const spec = plainOf(pod['spec']);
  const node = spec['nodeName'];
  if (typeof node !== 'string' || node === '') return undefined;
  const volumes = plainsOf(spec['volumes']);
  const containers = ['containers', 'initContainers', 'ephemeralContainers'].flatMap((field) => plainsOf(spec[field]));
  const places: readonly Plain[] = [
    ...volumes,
    ...volumes.flatMap((volume) => plainsOf(plainOf(volume['projected'])['sources'])),
    ...containers.flatMap((container) => plainsOf(container['envFrom'])),
    ...containers.flatMap((container) => plainsOf(container['env']).map((one) => plainOf(one['valueFrom']))),
    ...plainsOf(spec['imagePullSecrets']).map((secretRef) => ({ secretRef })),
  ];
  const namespace = pod.metadata.namespace ?? '';
  const uses = places.flatMap((place) =>
    references.flatMap(([resource, field, key]) => {
      const name = plainOf(place[field])[key];
      return typeof name === 'string' && name !== '' ? [`${resource} ${namespace}/${name}`] : [];
    }),
  );
  return { node, uses };
}
