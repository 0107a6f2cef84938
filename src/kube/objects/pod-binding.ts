/**
 * Binds a pod to a node (`pods/binding`, posted by a scheduler): returns the changed pod. A pod is bound once; a second
 * attempt receives 409 with its node. `registry.ts` writes.
 */
import { defined } from '../../core/defined.ts';
import { invalidObject, notSupported, required } from './field-error.ts';
import { listAt, objectAt, textAt, withKeys } from './json.ts';
import { ApiFailure } from './objects.ts';
import type { KubeObject } from './objects.ts';

/**
 * @param name the pod's, from the path.
 * @throws ApiFailure 400, 422
 */
export function checkBinding(binding: KubeObject, name: string): void {
  if (binding.metadata.name !== name)
    throw new ApiFailure('BadRequest', 'name in URL does not match name in Binding object');
  const kind = textAt(binding, 'target', 'kind');
  const faults = [
    ...(kind === '' || kind === 'Node' ? [] : [notSupported('target.kind', kind, ['Node', '<empty>'])]),
    ...(textAt(binding, 'target', 'name') === '' ? [required('target.name')] : []),
  ];
  if (faults.length > 0) throw invalidObject('Binding', '', name, faults);
}

/**
 * The pod on its node. Where the binding names a uid or a version, so does what is returned.
 * @param at milliseconds since the epoch.
 * @throws ApiFailure 409 when it is on a node already, or is being deleted.
 */
export function boundPod(pod: KubeObject, binding: KubeObject, at: number): KubeObject {
  const { name } = pod.metadata;
  const conflict = (why: string): ApiFailure =>
    new ApiFailure(
      'Conflict',
      `Operation cannot be fulfilled on pods/binding ${JSON.stringify(name)}: ${why}`,
      { name, kind: 'pods/binding' },
    );
  if (pod.metadata.deletionTimestamp !== undefined)
    throw conflict(`pod ${name} is being deleted, cannot be assigned to a host`);
  const node = textAt(pod, 'spec', 'nodeName');
  if (node !== '') throw conflict(`pod ${name} is already assigned to node ${JSON.stringify(node)}`);
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  const others = listAt(pod, 'status', 'conditions').filter(
    (condition) => textAt(condition, 'type') !== scheduled.type,
  );
  const { uid, resourceVersion } = binding.metadata;
  return withKeys(pod, {
    metadata: {
      ...pod.metadata,
      ...defined({ uid, resourceVersion }),
    },
    spec: { ...objectAt(pod, 'spec'), nodeName: textAt(binding, 'target', 'name') },
    status: { ...objectAt(pod, 'status'), conditions: [...others, scheduled] },
  });
}
