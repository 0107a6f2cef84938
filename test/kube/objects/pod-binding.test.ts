import test from 'ava';
import { boundPod, checkBinding } from '../../../src/kube/objects/pod-binding.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject, ObjectMeta } from '../../../src/kube/objects/objects.ts';

const pod = (spec: object = {}, metadata: Partial<ObjectMeta> = {}, status?: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', uid: 'u1', resourceVersion: '7', ...metadata },
  spec,
  ...(status ? { status } : {}),
});
const binding = (
  target: unknown = { kind: 'Node', name: 'n1' },
  metadata: Partial<ObjectMeta> = {},
): KubeObject => ({ apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web', ...metadata }, target });
const at = Date.parse('2026-01-01T00:00:00.5Z');

test('a pod that is bound is on its node, and says since when', (t) => {
  const bound = boundPod(
    pod(
      { containers: [] },
      {},
      {
        phase: 'Pending',
        conditions: [
          { type: 'PodScheduled', status: 'False' },
          { type: 'Ready', status: 'False' },
        ],
      },
    ),
    binding(),
    at,
  );
  t.deepEqual(bound['spec'], { containers: [], nodeName: 'n1' });
  t.deepEqual(bound['status'], {
    phase: 'Pending',
    conditions: [
      { type: 'Ready', status: 'False' },
      {
        type: 'PodScheduled',
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: '2026-01-01T00:00:00Z',
      },
    ],
  });
  t.is(bound.metadata.resourceVersion, '7');
});

test('which version a binding means is what it says', (t) => {
  t.like(boundPod(pod(), binding(undefined, { uid: 'other', resourceVersion: '3' }), at).metadata, {
    uid: 'other',
    resourceVersion: '3',
    name: 'web',
  });
});

test('a pod is bound once, and not on its way out', (t) => {
  const refused = (object: KubeObject): string | undefined => {
    const error = t.throws(() => boundPod(object, binding(), at), { instanceOf: ApiFailure });
    t.is(error?.status.code, 409);
    return error?.message;
  };
  t.is(
    refused(pod({ nodeName: 'n9' })),
    'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "n9"',
  );
  t.is(
    refused(pod({}, { deletionTimestamp: '2026-01-01T00:00:00Z' })),
    'Operation cannot be fulfilled on pods/binding "web": pod web is being deleted, cannot be assigned to a host',
  );
});

test('a binding names the pod of its path, and a node', (t) => {
  t.notThrows(() => checkBinding(binding(), 'web'));
  t.notThrows(() => checkBinding(binding({ name: 'n1' }), 'web'));
  const code = (object: KubeObject, name = 'web'): number | undefined =>
    t.throws(() => checkBinding(object, name), { instanceOf: ApiFailure })?.status.code;
  t.is(code(binding(), 'db'), 400);
  for (const target of [undefined, null, {}, 7, { kind: 'Node' }, { kind: 'Pod', name: 'n1' }])
    t.is(code({ ...binding(), target }), 422);
});
