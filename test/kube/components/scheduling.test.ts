/** Which node a pod gets, and what is said where it gets none; row by row. */
import test from 'ava';
import { place, waitsForNode } from '../../../src/kube/components/scheduling.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';

const object = (kind: string, name: string, spec: object, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name },
  spec,
  ...more,
});
const pod = (spec: object = {}, more: object = {}): KubeObject => object('Pod', 'web', spec, more);
const condition = (status: string): object => ({ status: { conditions: [{ type: 'Ready', status }] } });
const node = (name: string, spec: object = {}, more: object = condition('True')): KubeObject =>
  object('Node', name, spec, more);
const labelled = (name: string, labels: Readonly<Record<string, string>>): KubeObject => ({
  ...node(name),
  metadata: { name, labels },
});
const taint = (effect: string, key = 'k', value = 'v'): object => ({ taints: [{ key, value, effect }] });
const nowhere = (count: number, why: string): { readonly message: string } => ({
  message: `0/${count} nodes are available: ${why}. preemption: 0/${count} nodes are available: ${count} Preemption is not helpful for scheduling.`,
});
const tolerating = (toleration: object): KubeObject => pod({ tolerations: [toleration] });

interface Row {
  readonly pod?: KubeObject;
  readonly nodes: readonly KubeObject[];
  readonly pods?: readonly KubeObject[];
  readonly placement: ReturnType<typeof place>;
}

const untolerated = nowhere(1, '1 node(s) had untolerated taint {k: v}');

const rows: Readonly<Record<string, Row>> = {
  'no node': { nodes: [], placement: { message: 'no nodes available to schedule pods' } },
  'one node': { nodes: [node('n1')], placement: { node: 'n1' } },
  'of equals the first by name': { nodes: [node('b'), node('a')], placement: { node: 'a' } },
  'the one with fewer pods': {
    nodes: [node('a'), node('b')],
    pods: [pod({ nodeName: 'a' })],
    placement: { node: 'b' },
  },
  'pods that are over do not count': {
    nodes: [node('a'), node('b')],
    pods: [pod({ nodeName: 'a' }, { status: { phase: 'Succeeded' } }), pod({ nodeName: 'b' })],
    placement: { node: 'a' },
  },
  'a cordoned node': {
    nodes: [node('n1', { unschedulable: true })],
    placement: nowhere(1, '1 node(s) were unschedulable'),
  },
  'a cordoned node that is tolerated': {
    pod: tolerating({ key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' }),
    nodes: [node('n1', { unschedulable: true })],
    placement: { node: 'n1' },
  },
  'a node that is not ready': {
    nodes: [node('n1', {}, condition('False'))],
    placement: nowhere(1, '1 node(s) had untolerated taint {node.kubernetes.io/not-ready: }'),
  },
  'a node of which nothing is known': {
    nodes: [node('n1', {}, {})],
    placement: nowhere(1, '1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }'),
  },
  'a taint': { nodes: [node('n1', taint('NoSchedule'))], placement: untolerated },
  'a taint that drives off': { nodes: [node('n1', taint('NoExecute'))], placement: untolerated },
  'a taint that only would rather not': {
    nodes: [node('n1', taint('PreferNoSchedule'))],
    placement: { node: 'n1' },
  },
  'a taint that is tolerated by its value': {
    pod: tolerating({ key: 'k', value: 'v', effect: 'NoSchedule' }),
    nodes: [node('n1', taint('NoSchedule'))],
    placement: { node: 'n1' },
  },
  'a taint of another value': {
    pod: tolerating({ key: 'k', value: 'w' }),
    nodes: [node('n1', taint('NoSchedule'))],
    placement: untolerated,
  },
  'a taint of another effect': {
    pod: tolerating({ key: 'k', operator: 'Exists', effect: 'NoExecute' }),
    nodes: [node('n1', taint('NoSchedule'))],
    placement: untolerated,
  },
  'everything is tolerated': {
    pod: tolerating({ operator: 'Exists' }),
    nodes: [node('n1', taint('NoSchedule'))],
    placement: { node: 'n1' },
  },
  'a toleration of nothing tolerates nothing': {
    pod: tolerating({}),
    nodes: [node('n1', taint('NoSchedule'))],
    placement: untolerated,
  },
  'a selector': {
    pod: pod({ nodeSelector: { disk: 'ssd' } }),
    nodes: [node('a'), labelled('b', { disk: 'ssd' })],
    placement: { node: 'b' },
  },
  'a selector that nobody fits': {
    pod: pod({ nodeSelector: { disk: 'ssd' } }),
    nodes: [labelled('a', { disk: 'hdd' })],
    placement: nowhere(1, "1 node(s) didn't match Pod's node affinity/selector"),
  },
  'a selector of what every object has': {
    pod: pod({ nodeSelector: { constructor: 'x' } }),
    nodes: [node('a')],
    placement: nowhere(1, "1 node(s) didn't match Pod's node affinity/selector"),
  },
  'several reasons, in the order of their text': {
    nodes: [
      node('a', { unschedulable: true }),
      node('b', taint('NoSchedule')),
      node('c', { unschedulable: true }),
    ],
    placement: nowhere(3, '1 node(s) had untolerated taint {k: v}, 2 node(s) were unschedulable'),
  },
};

for (const [title, { pod: asked = pod(), nodes, pods = [], placement }] of Object.entries(rows))
  test(title, (t) => t.deepEqual(place(asked, nodes, pods), placement));

test('which pods wait for a node', (t) => {
  t.true(waitsForNode(pod()));
  t.true(waitsForNode(pod({ schedulerName: 'default-scheduler' }, { status: { phase: 'Pending' } })));
  t.false(waitsForNode(pod({ nodeName: 'n1' })));
  t.false(waitsForNode(pod({ schedulerName: 'mine' })));
  t.false(waitsForNode(pod({}, { status: { phase: 'Failed' } })));
  t.false(waitsForNode({ ...pod(), metadata: { name: 'web', deletionTimestamp: '2026-01-01T00:00:00Z' } }));
});
