/** Who leaves a node with a taint that evicts, and when. */
import test from 'ava';
import { judgeEvictions } from '../../../src/kube/components/eviction.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const node = (...taints: readonly object[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  spec: { taints },
});
const pod = (uid: string, tolerations: readonly object[], more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: uid, namespace: 'default', uid, ...more },
  spec: { nodeName: 'n1', tolerations },
});
const evicting = { key: 'dedicated', value: 'gpu', effect: 'NoExecute' };
const other = { ...evicting, key: 'other' };
const equal = { key: 'dedicated', value: 'gpu', operator: 'Equal' };
const due = (pods: readonly KubeObject[], tainted: KubeObject | undefined, after = 0): readonly string[] => {
  const first = judgeEvictions(pods, () => tainted, new Map(), at);
  return judgeEvictions(pods, () => tainted, first.seen, at + after).due.map(({ metadata }) => metadata.name);
};

test('a taint with NoExecute evicts who does not tolerate it, and others evict nobody', (t) => {
  const pods = [
    pod('bare', []),
    pod('tolerant', [equal]),
    pod('of-another-value', [{ ...equal, value: 'cpu' }]),
    pod('of-another-effect', [{ ...equal, effect: 'NoSchedule' }]),
    pod('of-everything', [{ operator: 'Exists' }]),
    pod('static', [{ operator: 'Exists', effect: 'NoExecute' }]),
    pod('on-its-way', [], { deletionTimestamp: '2026-03-01T11:59:59Z' }),
  ];
  t.deepEqual(due(pods, node(evicting)), ['bare', 'of-another-value', 'of-another-effect']);
  for (const effect of ['NoSchedule', 'PreferNoSchedule'])
    t.deepEqual(due(pods, node({ ...evicting, effect })), []);
  t.deepEqual(due(pods, node()), []);
  t.deepEqual(due(pods, undefined), [], 'the node is gone: that is for another controller');
});

test('each of several taints has to be tolerated', (t) => {
  t.deepEqual(due([pod('half', [equal])], node(evicting, other)), ['half']);
  t.deepEqual(due([pod('whole', [equal, { ...equal, key: 'other' }])], node(evicting, other)), []);
});

test('who tolerates for a while stays for the shortest of the times, from when the taint was seen', (t) => {
  const pods = [
    pod('for-a-while', [
      { ...equal, tolerationSeconds: 60 },
      { operator: 'Exists', tolerationSeconds: 30 },
    ]),
    pod('no-time', [{ ...equal, tolerationSeconds: -1 }]),
  ];
  t.deepEqual(due(pods, node(evicting), 29_999), ['no-time']);
  t.deepEqual(due(pods, node(evicting), 30_000), ['for-a-while', 'no-time']);
});

test('a taint that went in between is forgotten', (t) => {
  const pods = [pod('for-a-while', [{ ...equal, tolerationSeconds: 30 }])];
  const first = judgeEvictions(pods, () => node(evicting), new Map(), at);
  const without = judgeEvictions(pods, () => node(), first.seen, at + 20_000);
  t.is(without.seen.size, 0);
  t.deepEqual(judgeEvictions(pods, () => node(evicting), without.seen, at + 40_000).due, []);
});
