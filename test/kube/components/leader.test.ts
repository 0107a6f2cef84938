/** Who holds a lease, by what is written in it and by the clock. */
import test from 'ava';
import { decideLease } from '../../../src/kube/components/leader.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';

const at = Date.parse('2026-03-01T12:00:00Z');
const me = { name: 'kube-scheduler', holder: 'me', duration: 15 } as const;
const lease = (spec: object): KubeObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'kube-scheduler', namespace: 'kube-system', resourceVersion: '7' },
  spec,
});
const held = (holderIdentity: string, ago: number): KubeObject =>
  lease({
    holderIdentity,
    leaseDurationSeconds: 15,
    acquireTime: '2026-03-01T11:00:00.000000Z',
    renewTime: new Date(at - ago).toISOString(),
    leaseTransitions: 3,
  });
const now = '2026-03-01T12:00:00.000000Z';
const written = (found: KubeObject | undefined): unknown => {
  const decided = decideLease(found, me, at);
  return 'lease' in decided ? (decided.lease as { spec: unknown }).spec : decided;
};

test('where there is none it is made', (t) =>
  t.deepEqual(written(undefined), {
    holderIdentity: 'me',
    leaseDurationSeconds: 15,
    acquireTime: now,
    renewTime: now,
    leaseTransitions: 0,
  }));
test('one’s own is renewed, whatever the time', (t) => {
  t.deepEqual(written(held('me', 1000)), {
    holderIdentity: 'me',
    leaseDurationSeconds: 15,
    acquireTime: '2026-03-01T11:00:00.000000Z',
    renewTime: now,
    leaseTransitions: 3,
  });
  t.like(written(held('me', 86_400_000)), { leaseTransitions: 3 });
});
test('another’s is waited for until it has run out', (t) => {
  t.deepEqual(written(held('you', 14_999)), { heldBy: 'you' });
  t.like(written(held('you', 15_000)), { holderIdentity: 'me', acquireTime: now, leaseTransitions: 4 });
});
test('one that was released is taken', (t) =>
  t.like(written(held('', 0)), { holderIdentity: 'me', leaseTransitions: 4 }));
test('one that says nothing, or nonsense, is taken', (t) => {
  for (const spec of [
    {},
    { holderIdentity: 'you' },
    { holderIdentity: 'you', renewTime: 'soon', leaseDurationSeconds: 15 },
    { holderIdentity: 7 },
  ])
    t.like(written(lease(spec)), { holderIdentity: 'me' }, JSON.stringify(spec));
});
test('it is written over the version that was read', (t) =>
  t.like(decideLease(held('me', 0), me, at), { lease: { metadata: { resourceVersion: '7' } } }));
