/**
 * Decides how long a deleted pod stays (k8s.io/kubernetes, registry/core/pod, CheckGracefulDelete): one that runs on a
 * node is only marked, and its kubelet deletes it after terminating it. Pure; `registry.ts` writes.
 */
import { textAt, valueAt } from './json.ts';
import type { KubeObject } from './objects.ts';

const defaultGrace = 30;

/** Seconds; none for what is no pod, for a pod on no node, and for one that is over. @param asked what the client wants, where it says so. */
export function deletionGrace(object: KubeObject, asked: number | undefined): number {
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1' || textAt(object, 'spec', 'nodeName') === '')
    return 0;
  if (['Succeeded', 'Failed'].includes(textAt(object, 'status', 'phase'))) return 0;
  const own = valueAt(object, 'spec', 'terminationGracePeriodSeconds');
  return Math.max(0, asked ?? (typeof own === 'number' ? own : defaultGrace));
}

/** Whether its kubelet still has to terminate it, and then deletes it. */
export function isEnding({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined && (metadata.deletionGracePeriodSeconds ?? 0) > 0;
}
