/**
 * Implements the admission plugin NodeRestriction: kubelets write only their own objects. The messages are
 * kube-apiserver's. The counterpart for reads is `node-authorizer.ts`, which does not see the objects.
 *
 * 1. Only its own node, without taints and without labels that control scheduling.
 * 2. Only pods on its node: their status; of pods themselves only mirrors of its own static pods.
 * 3. Only its own lease, and tokens for pods on its node.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { isDeepStrictEqual } from 'node:util';
import type { User } from '../apiserver/attributes.ts';
import type { Change } from '../apiserver/hooks.ts';
import { quoted } from '../objects/go/quoted.ts';
import { forbiddenObject } from './forbidden.ts';
import { listAt, textAt, valueAt } from '../objects/json.ts';
import { isMirrorPod, leaseNamespace, nodeOf, usesOfPod } from './node-authorizer.ts';
import type { KubeObject } from '../objects/objects.ts';

/** @throws ApiFailure 403 */
export function restrictNode(change: Change): void {
  const { user, resource, group } = change.attributes;
  const node = nodeOf(user);
  const rule = Object.hasOwn(rules, resource) ? rules[resource] : undefined;
  const why = node === undefined || rule?.group !== group ? undefined : rule.fault(node, change);
  if (why !== undefined) throw forbiddenObject(resource, group, change.object.metadata.name, why);
}

interface Rule {
  readonly group: string;
  readonly fault: (node: string, change: Change) => string | undefined;
}

const rules: Dictionary<Rule> = {
  nodes: { group: '', fault: nodeFault },
  pods: { group: '', fault: podFault },
  leases: { group: 'coordination.k8s.io', fault: leaseFault },
};

function nodeFault(node: string, { operation, object, old }: Change): string | undefined {
  const { name } = object.metadata;
  if (name !== node) return `node ${quoted(node)} is not allowed to modify node ${quoted(name)}`;
  if (operation === 'DELETE') return undefined;
  const labels = forbiddenLabels(object.metadata.labels ?? {}, old?.metadata.labels ?? {}).join(', ');
  if (operation === 'CREATE')
    return labels === ''
      ? undefined
      : `node ${quoted(node)} is not allowed to set the following labels: ${labels}`;
  if (!isDeepStrictEqual(listAt(object, 'spec', 'taints'), listAt(old, 'spec', 'taints')))
    return `node ${quoted(node)} is not allowed to modify taints`;
  return labels === '' ? undefined : `is not allowed to modify labels: ${labels}`;
}

/**
 * A kubelet receives tokens only for pods on its node.
 * @param posted the TokenRequest. @param account the service account's name. @param bound the object that the token is
 * bound to.
 * @throws ApiFailure 403
 */
export function restrictToken(
  user: User,
  posted: KubeObject,
  account: string,
  bound: KubeObject | undefined,
): void {
  const node = nodeOf(user);
  if (node === undefined) return;
  const reference = valueAt(posted, 'spec', 'boundObjectRef');
  const why =
    textAt(reference, 'kind') !== 'Pod'
      ? 'node requested token not bound to a pod'
      : textAt(reference, 'uid') === ''
        ? 'node requested token with a pod binding without a uid'
        : textAt(bound, 'spec', 'nodeName') === node
          ? undefined
          : 'node requested token bound to a pod scheduled on a different node';
  if (why !== undefined) throw forbiddenObject('serviceaccounts', '', account, why);
}

type Labels = Dictionary<string>;

/** The changed labels that a kubelet may not change. */
function forbiddenLabels(labels: Labels, old: Labels): string[] {
  const of = (all: Labels, key: string): string | undefined =>
    Object.hasOwn(all, key) ? all[key] : undefined;
  const changed = [...new Set([...Object.keys(labels), ...Object.keys(old)])].filter(
    (key) => of(labels, key) !== of(old, key),
  );
  return changed.filter((key) => isRestricted(key)).toSorted();
}

const isIn = (domain: string, ...parents: readonly string[]): boolean =>
  parents.some((parent) => domain === parent || domain.endsWith(`.${parent}`));

function isRestricted(key: string): boolean {
  const slash = key.indexOf('/');
  const domain = slash < 0 ? '' : key.slice(0, slash);
  if (isIn(domain, 'node-restriction.kubernetes.io')) return true;
  return (
    isIn(domain, 'kubernetes.io', 'k8s.io') &&
    !kubeletLabels.has(key) &&
    !isIn(domain, 'kubelet.kubernetes.io', 'node.kubernetes.io')
  );
}

/** The labels that a kubelet sets for its machine. */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);

function podFault(node: string, change: Change): string | undefined {
  const { attributes, operation, object, old } = change;
  const { subresource = '' } = attributes;
  const name = quoted(node);
  if (subresource === 'status') {
    return textAt(old, 'spec', 'nodeName') === node
      ? undefined
      : `node ${name} can only update pod status for pods with spec.nodeName set to itself`;
  }
  if (subresource === 'eviction')
    return textAt(object, 'spec', 'nodeName') === node
      ? undefined
      : `node ${name} can only evict pods with spec.nodeName set to itself`;
  if (subresource !== '')
    return `unexpected pod subresource ${quoted(subresource)}, only 'status' and 'eviction' are allowed`;
  if (operation === 'CREATE') return mirrorFault(node, object);
  if (operation === 'DELETE')
    return textAt(object, 'spec', 'nodeName') === node
      ? undefined
      : `node ${name} can only delete pods with spec.nodeName set to itself`;
  return `unexpected operation ${quoted(operation)}, node ${name} can only create and delete mirror pods`;
}

function mirrorFault(node: string, pod: KubeObject): string | undefined {
  const name = quoted(node);
  if (!isMirrorPod(pod))
    return `pod does not have "kubernetes.io/config.mirror" annotation, node ${name} can only create mirror pods`;
  if (textAt(pod, 'spec', 'nodeName') !== node)
    return `node ${name} can only create pods with spec.nodeName set to itself`;
  const owners = listAt(pod, 'metadata', 'ownerReferences');
  if (owners.length > 1)
    return `node ${name} can only create pods with a single owner reference set to itself`;
  const [owner] = owners;
  const isOwn =
    textAt(owner, 'apiVersion') === 'v1' &&
    textAt(owner, 'kind') === 'Node' &&
    textAt(owner, 'name') === node;
  if (!isOwn) return `node ${name} can only create pods with an owner reference set to itself`;
  if (valueAt(owner, 'controller') !== true)
    return `node ${name} can only create pods with a controller owner reference set to itself`;
  if (valueAt(owner, 'blockOwnerDeletion') === true)
    return `node ${name} must not set blockOwnerDeletion on an owner reference`;
  // A static pod runs without the API's consent and must gain nothing from it.
  if (textAt(pod, 'spec', 'serviceAccountName') !== '')
    return `node ${name} can not create pods that reference a service account`;
  const used = usesOfPod(withoutMirror(pod))?.uses ?? [];
  const resource = ['secrets', 'configmaps', 'persistentvolumeclaims'].find((one) =>
    used.some((use) => use.startsWith(`${one} `)),
  );
  return resource === undefined ? undefined : `node ${name} can not create pods that reference ${resource}`;
}

/** A mirror pod uses no objects by definition; its references are checked here. */
function withoutMirror(pod: KubeObject): KubeObject {
  return {
    ...pod,
    metadata: {
      name: pod.metadata.name,
      ...defined({ namespace: pod.metadata.namespace }),
    },
  };
}

function leaseFault(node: string, { object }: Change): string | undefined {
  if (object.metadata.namespace !== leaseNamespace)
    return `can only access leases in the ${quoted(leaseNamespace)} system namespace`;
  return object.metadata.name === node
    ? undefined
    : 'can only access node lease with the same name as the requesting node';
}
