/**
 * Decides on the conditions and taints of a node (kube-controller-manager, node lifecycle controller): a silent kubelet
 * is marked, and taints keep pods away. Pure: the clock is an argument. `cluster-controllers.ts` reads and writes.
 *
 * 1. A kubelet is silent if neither its lease nor its node's status is younger than the grace period.
 * 2. Pods of a missing node are deleted after a while: its kubelet may be about to register.
 * 3. Taints follow the Ready condition: unreachable if it is unknown, not-ready if it is false; a cordoned node gets
 *    unschedulable.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import { listAt, objectAt, textAt, valueAt } from '../objects/json.ts';
import type { JsonObject } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';

/** `--node-monitor-grace-period` of Kubernetes 1.32, in milliseconds. */
export const defaultNodeGrace = 50_000;

export const nodeTaints = {
  unreachable: 'node.kubernetes.io/unreachable',
  notReady: 'node.kubernetes.io/not-ready',
  unschedulable: 'node.kubernetes.io/unschedulable',
} as const;

/** By the status of the condition Ready. */
const taintOf: Dictionary<string> = {
  Unknown: nodeTaints.unreachable,
  False: nodeTaints.notReady,
};

export function readyCondition(node: KubeObject): JsonObject | undefined {
  const found = listAt(node, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready');
  return found === undefined ? undefined : objectAt({ found }, 'found');
}

export interface NodeFindings {
  /** The conditions that are to be written into its status. */
  readonly conditions?: readonly object[];
  /** The taints that are to be written into its spec, all of them. */
  readonly taints?: readonly unknown[];
}

/** @param lease its lease in kube-node-lease, where there is one. @param at milliseconds since the epoch. */
export function judgeNode(
  node: KubeObject,
  lease: KubeObject | undefined,
  at: number,
  grace = defaultNodeGrace,
): NodeFindings {
  const conditions = listAt(node, 'status', 'conditions').map((one) => objectAt({ one }, 'one'));
  const times = [
    textAt(lease, 'spec', 'renewTime'),
    node.metadata.creationTimestamp ?? '',
    ...conditions
      .filter((one) => textAt(one, 'status') !== 'Unknown')
      .map((one) => textAt(one, 'lastHeartbeatTime')),
  ];
  const heard = Math.max(...times.map((time) => Date.parse(time) || 0));
  const isSilent = at > heard + grace;
  const ready = textAt(readyCondition(node), 'status') || 'Unknown';
  const unknown = isSilent && ready !== 'Unknown' ? silent(conditions, at) : undefined;
  const status = unknown ? 'Unknown' : ready;
  const taints = taintsFor(node, status, at);
  return defined({ conditions: unknown, taints });
}

function silent(conditions: readonly JsonObject[], at: number): object[] {
  const time = isoTime(at);
  return conditions
    .filter((one) => textAt(one, 'status') !== 'Unknown')
    .map((one) => ({
      ...one,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: time,
    }));
}

/** All taints as they should be; undefined where they are so. */
function taintsFor(node: KubeObject, ready: string, at: number): readonly unknown[] | undefined {
  const own: readonly string[] = Object.values(nodeTaints);
  const keys = [
    taintOf[ready],
    valueAt(node, 'spec', 'unschedulable') === true ? nodeTaints.unschedulable : undefined,
  ].filter((key) => key !== undefined);
  const wanted = keys.flatMap((key) => [
    { key, effect: 'NoSchedule' },
    ...(key === nodeTaints.unschedulable ? [] : [{ key, effect: 'NoExecute', timeAdded: isoTime(at) }]),
  ]);
  const found = listAt(node, 'spec', 'taints');
  const others = found.filter((taint) => !own.includes(textAt(taint, 'key')));
  const ours = found.filter((taint) => own.includes(textAt(taint, 'key')));
  const nameOf = (taint: unknown): string => `${textAt(taint, 'key')}:${textAt(taint, 'effect')}`;
  const isSo =
    ours.length === wanted.length &&
    wanted.every((taint) => ours.some((one) => nameOf(one) === nameOf(taint)));
  return isSo ? undefined : [...others, ...wanted];
}

/** How long a node is missed before its pods are, in milliseconds (pod garbage collector). */
const defaultPodGrace = 40_000;

/** @param missed since when each node is missed, as it was returned the last time. @param at milliseconds since the epoch. */
export function judgeOrphans(
  pods: readonly KubeObject[],
  isThere: (node: string) => boolean,
  missed: ReadonlyMap<string, number>,
  at: number,
  grace = defaultPodGrace,
): { readonly missed: ReadonlyMap<string, number>; readonly due: readonly KubeObject[] } {
  const nodeOf = (pod: KubeObject): string => textAt(pod, 'spec', 'nodeName');
  const orphans = pods.filter((pod) => nodeOf(pod) !== '' && !isThere(nodeOf(pod)));
  const since = new Map(orphans.map((pod) => [nodeOf(pod), missed.get(nodeOf(pod)) ?? at]));
  return { missed: since, due: orphans.filter((pod) => at - (since.get(nodeOf(pod)) ?? at) >= grace) };
}
