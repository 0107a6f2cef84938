/** What is written about nodes and the pods of those that are gone, by a clock of the test's. */
import test from 'ava';
import { defaultNodeGrace, judgeNode, judgeOrphans } from '../../../src/kube/components/node-lifecycle.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const iso = (time: number): string => new Date(time).toISOString();
const taint = (key: string, effect: string): object => ({ key: `node.kubernetes.io/${key}`, effect });
const condition = (status: string, heard: number, type = 'Ready'): object => ({
  type,
  status,
  lastHeartbeatTime: iso(heard),
});
const node = (conditions: readonly object[], spec: object = {}, created = at - 3_600_000): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1', creationTimestamp: iso(created) },
  spec,
  status: { conditions },
});
const lease = (renewTime: number): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'n1' },
  spec: { renewTime: iso(renewTime) },
});
const long = at - 3_000_000;
const unreachable = [
  taint('unreachable', 'NoSchedule'),
  { ...taint('unreachable', 'NoExecute'), timeAdded: '2026-03-01T12:00:00Z' },
];

test('who spoke lately, by lease or by status, is left alone', (t) => {
  t.deepEqual(judgeNode(node([condition('True', long)]), lease(at - defaultNodeGrace), at), {});
  t.deepEqual(judgeNode(node([condition('True', at - 1000)]), undefined, at), {});
  t.deepEqual(judgeNode(node([condition('True', long)], {}, at - 1000), undefined, at), {});
});

test('who has been silent for too long is unknown in everything, and tainted', (t) => {
  const told = {
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    lastTransitionTime: '2026-03-01T12:00:00Z',
    lastHeartbeatTime: iso(long),
    status: 'Unknown',
  };
  t.deepEqual(
    judgeNode(
      node([condition('True', long), condition('False', long, 'DiskPressure')]),
      lease(at - defaultNodeGrace - 1),
      at,
    ),
    {
      conditions: [
        { type: 'Ready', ...told },
        { type: 'DiskPressure', ...told },
      ],
      taints: unreachable,
    },
  );
});

test('told once it is not told again', (t) => {
  t.deepEqual(judgeNode(node([condition('Unknown', long)], { taints: unreachable }), undefined, at), {});
});

test('taints follow what the kubelet says, and others’ stay', (t) => {
  const mine = { key: 'mine', effect: 'NoSchedule' };
  t.deepEqual(judgeNode(node([condition('True', at)], { taints: [mine, ...unreachable] }), undefined, at), {
    taints: [mine],
  });
  t.deepEqual(judgeNode(node([condition('False', at)], { taints: [mine] }), undefined, at), {
    taints: [
      mine,
      taint('not-ready', 'NoSchedule'),
      { ...taint('not-ready', 'NoExecute'), timeAdded: '2026-03-01T12:00:00Z' },
    ],
  });
  t.deepEqual(judgeNode(node([condition('True', at)], { unschedulable: true }), undefined, at), {
    taints: [taint('unschedulable', 'NoSchedule')],
  });
});

test('what is of no shape does no harm', (t) => {
  for (const odd of [null, 7, 'x', [], { conditions: 'x' }, { conditions: [null, 7, {}] }])
    t.notThrows(() =>
      judgeNode(
        { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, spec: odd, status: odd },
        { apiVersion: '', kind: '', metadata: { name: 'n1' }, spec: odd },
        at,
      ),
    );
});

test('a pod is let go of when its node has been missed long enough', (t) => {
  const pod = (name: string, nodeName: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { nodeName },
  });
  const pods = [pod('a', 'n1'), pod('b', 'gone'), pod('c', '')];
  const isThere = (name: string): boolean => name === 'n1';
  const first = judgeOrphans(pods, isThere, new Map(), at);
  t.deepEqual(first, { missed: new Map([['gone', at]]), due: [] });
  t.deepEqual(judgeOrphans(pods, isThere, first.missed, at + 39_999).due, []);
  t.deepEqual(judgeOrphans(pods, isThere, first.missed, at + 40_000).due, [pods[1]]);
  // It came back in between.
  const back = judgeOrphans(pods, () => true, first.missed, at + 20_000);
  t.deepEqual(judgeOrphans(pods, isThere, back.missed, at + 41_000).due, []);
});
