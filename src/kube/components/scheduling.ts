/**
 * Selects a node for a pod (kube-scheduler, the filters NodeUnschedulable, NodeName, TaintToleration and NodeAffinity):
 * of the suitable nodes, the one with the fewest pods. Pure; `scheduler.ts` binds.
 *
 * 1. An unsuitable node counts under the first filter that refuses it, with kube-scheduler's messages.
 * 2. A node that is not ready is treated as having the corresponding taint, even if it is not set yet.
 * 3. Resources, affinities, ports and volumes are not considered, and there is no preemption: nothing runs here.
 */
import { listAt, objectAt, textAt, valueAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { nodeTaints, readyCondition } from './node-lifecycle.ts';

export type Placement = { readonly node: string } | { readonly message: string };

/** Whether the scheduler is to look for a node for it. */
export function waitsForNode(pod: KubeObject): boolean {
  const isOurs = (textAt(pod, 'spec', 'schedulerName') || schedulerName) === schedulerName;
  return (
    isOurs &&
    textAt(pod, 'spec', 'nodeName') === '' &&
    pod.metadata.deletionTimestamp === undefined &&
    !isOver(textAt(pod, 'status', 'phase'))
  );
}

export const schedulerName = 'default-scheduler';

const isOver = (phase: string): boolean => phase === 'Succeeded' || phase === 'Failed';

export function place(pod: KubeObject, nodes: readonly KubeObject[], pods: readonly KubeObject[]): Placement {
  if (nodes.length === 0) return { message: 'no nodes available to schedule pods' };
  const load = new Map<string, number>();
  for (const one of pods) {
    const node = textAt(one, 'spec', 'nodeName');
    if (node !== '' && !isOver(textAt(one, 'status', 'phase'))) load.set(node, (load.get(node) ?? 0) + 1);
  }
  const refusals = new Map<string, number>();
  const fitting = nodes.filter((node) => {
    const why = refusal(pod, node);
    if (why !== undefined) refusals.set(why, (refusals.get(why) ?? 0) + 1);
    return why === undefined;
  });
  const [best] = fitting
    .map(({ metadata: { name } }) => ({ name, pods: load.get(name) ?? 0 }))
    .toSorted((left, right) => left.pods - right.pods || (left.name < right.name ? -1 : 1));
  if (best) return { node: best.name };
  const all = `0/${nodes.length} nodes are available:`;
  const reasons = [...refusals]
    .map(([why, count]) => `${count} ${why}`)
    .toSorted()
    .join(', ');
  return {
    message: `${all} ${reasons}. preemption: ${all} ${nodes.length} Preemption is not helpful for scheduling.`,
  };
}

function refusal(pod: KubeObject, node: KubeObject): string | undefined {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const isTolerated = (key: string): boolean =>
    tolerations.some((one) => tolerates(one, { key, effect: 'NoSchedule' }));
  if (valueAt(node, 'spec', 'unschedulable') === true && !isTolerated(nodeTaints.unschedulable))
    return 'node(s) were unschedulable';
  const ready = textAt(readyCondition(node), 'status');
  const given = listAt(node, 'spec', 'taints').map((taint) => ({
    key: textAt(taint, 'key'),
    value: textAt(taint, 'value'),
    effect: textAt(taint, 'effect'),
  }));
  const due =
    ready === 'True'
      ? []
      : [
          {
            key: ready === 'False' ? nodeTaints.notReady : nodeTaints.unreachable,
            value: '',
            effect: 'NoSchedule',
          },
        ];
  const taint = [...given, ...due].find(
    (one) =>
      one.effect !== 'PreferNoSchedule' && !tolerations.some((toleration) => tolerates(toleration, one)),
  );
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value}}`;
  const labels = node.metadata.labels ?? {};
  const fits = Object.entries(objectAt(pod, 'spec', 'nodeSelector')).every(
    ([key, value]) => Object.hasOwn(labels, key) && labels[key] === value,
  );
  return fits ? undefined : "node(s) didn't match Pod's node affinity/selector";
}

/** (k8s.io/api, core/v1, Toleration.ToleratesTaint) */
export function tolerates(
  toleration: unknown,
  taint: { readonly key: string; readonly value?: string; readonly effect: string },
): boolean {
  const [key, effect, operator] = ['key', 'effect', 'operator'].map((field) => textAt(toleration, field));
  if (effect !== '' && effect !== taint.effect) return false;
  if (key !== '' && key !== taint.key) return false;
  if (operator === 'Exists') return true;
  return (
    (operator === '' || operator === 'Equal') &&
    key !== '' &&
    textAt(toleration, 'value') === (taint.value ?? '')
  );
}
