/**
 * Decides which pods a taint with NoExecute evicts (kube-controller-manager, taint eviction controller). Pure: the clock is an
 * argument. `cluster-controllers.ts` deletes.
 *
 * 1. A pod that does not tolerate one of them goes at once.
 * 2. One that tolerates them for a while goes after the shortest of these times, counted from when the taint was seen.
 */
import { listAt, textAt, valueAt } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { tolerates } from './scheduling.ts';

/** When pods were first seen on a node whose taints evict, by uid; in milliseconds since the epoch. */
export type Seen = ReadonlyMap<string, number>;

export interface Evictions {
  readonly seen: Seen;
  readonly due: readonly KubeObject[];
}

/** @param seen as it was returned the last time. @param at milliseconds since the epoch. */
export function judgeEvictions(
  pods: readonly KubeObject[],
  nodeOf: (name: string) => KubeObject | undefined,
  seen: Seen,
  at: number,
): Evictions {
  const threatened = pods.flatMap((pod) => {
    const node = nodeOf(textAt(pod, 'spec', 'nodeName'));
    const taints = node ? evictingTaints(node) : [];
    if (taints.length === 0 || pod.metadata.deletionTimestamp !== undefined) return [];
    const id = pod.metadata.uid ?? '';
    return [{ pod, id, since: seen.get(id) ?? at, stays: millisecondsOn(pod, taints) }];
  });
  return {
    seen: new Map(threatened.map(({ id, since }) => [id, since])),
    due: threatened.filter(({ since, stays }) => at - since >= stays).map(({ pod }) => pod),
  };
}

interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

const evictingTaints = (node: KubeObject): Taint[] =>
  listAt(node, 'spec', 'taints')
    .map((taint) => ({
      key: textAt(taint, 'key'),
      value: textAt(taint, 'value'),
      effect: textAt(taint, 'effect'),
    }))
    .filter(({ effect }) => effect === 'NoExecute');

/** How long it stays: 0 where a taint is not tolerated, for ever where all are without a time. */
function millisecondsOn(pod: KubeObject, taints: readonly Taint[]): number {
  const tolerations = listAt(pod, 'spec', 'tolerations');
  const used = taints.map((taint) => tolerations.filter((one) => tolerates(one, taint)));
  if (used.some((tolerating) => tolerating.length === 0)) return 0;
  const seconds = used
    .flat()
    .map((one) => valueAt(one, 'tolerationSeconds'))
    .filter((value) => typeof value === 'number');
  return Math.max(0, Math.min(Number.POSITIVE_INFINITY, ...seconds)) * 1000;
}
