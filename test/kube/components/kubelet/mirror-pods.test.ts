/** Mirror pods: what runs from manifests is shown at the API server, and what is deleted of it comes back. */
import test from 'ava';
import { clusterOf } from '../../../../src/pki/kubeadm/certificates.ts';
import { manifestText } from '../../../../src/pki/kubeadm/manifests/static-pods.ts';
import { staticPodNames } from '../../../../src/pki/kubeadm/manifests/processes.ts';
import { isPod, mirrored, staticPod } from '../../../../src/kube/components/kubelet/mirror-pods.ts';
import { listAt, textAt, valueAt } from '../../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../../src/kube/objects/objects.ts';
import { parse } from 'yaml';
import { bootstrapToken, ca, callAs, startWhole } from '../support/whole.ts';
import type { Whole } from '../support/whole.ts';
import { world } from '../../support/control-plane.ts';

const facts = { cluster: clusterOf({ node: 'n1' }), signs: true };
const manifests = staticPodNames.map((name) => parse(manifestText(name, facts)) as KubeObject);
const path = '/api/v1/namespaces/kube-system/pods';
const names = staticPodNames.map((name) => `${name}-n1`);

const untilPod = async (
  { controlPlane }: Whole,
  name: string,
  isSo: (object: KubeObject | undefined) => boolean,
): Promise<KubeObject | undefined> =>
  controlPlane.until({ plural: 'pods', namespace: 'kube-system', name }, isSo, AbortSignal.timeout(20_000));
const runs = (pod: KubeObject | undefined): boolean => textAt(pod, 'status', 'phase') === 'Running';

test('each static pod has a mirror, as a kubelet makes it from kubeadm’s manifest', async (t) => {
  const whole = await startWhole(t, { kubelet: { staticPods: manifests } });
  for (const name of names) t.truthy(await untilPod(whole, name, runs), name);
  const node = await whole.ask('GET', '/api/v1/nodes/n1');
  const pod = await whole.ask('GET', `${path}/kube-apiserver-n1`);
  const { annotations = {}, labels } = pod.metadata;
  t.deepEqual(labels, { component: 'kube-apiserver', tier: 'control-plane' });
  t.regex(annotations['kubernetes.io/config.hash'] ?? '', /^[0-9a-f]{32}$/);
  t.is(annotations['kubernetes.io/config.mirror'], annotations['kubernetes.io/config.hash']);
  t.is(annotations['kubernetes.io/config.source'], 'file');
  t.false(Number.isNaN(Date.parse(annotations['kubernetes.io/config.seen'] ?? '')));
  t.truthy(annotations['kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint']);
  t.deepEqual(valueAt(pod, 'metadata', 'ownerReferences'), [
    { apiVersion: 'v1', controller: true, kind: 'Node', name: 'n1', uid: node.metadata.uid },
  ]);
  t.is(textAt(pod, 'spec', 'nodeName'), 'n1');
  t.is(textAt(pod, 'spec', 'serviceAccountName'), '');
  t.is(textAt(pod, 'status', 'podIP'), textAt(pod, 'status', 'hostIP'));
  t.true(
    listAt(listAt(pod, 'spec', 'containers')[0], 'command').includes(
      '--client-ca-file=/etc/kubernetes/pki/ca.crt',
    ),
  );
  const proof = { identity: world.identity('admin.conf'), ca };
  const log = await callAs(whole.controlPlane.address.port, 'GET', `${path}/etcd-n1/log`, proof);
  t.is(log.code, 200);
  t.notRegex(log.text, /scheduler/);
  t.regex(log.text, /^a static pod: wirelab itself does its work/m);
});

test('a mirror that is deleted comes back as another, and nothing is said to be stopped', async (t) => {
  const whole = await startWhole(t, { kubelet: { staticPods: manifests } });
  const name = 'kube-scheduler-n1';
  const before = await untilPod(whole, name, runs);
  await whole.ask('DELETE', `${path}/${name}`);
  const after = await untilPod(whole, name, (pod) => runs(pod) && pod?.metadata.uid !== before?.metadata.uid);
  t.not(after?.metadata.uid, undefined);
  t.is(after && mirrored(after), before && mirrored(before));
  const events = await whole.ask('GET', '/api/v1/namespaces/kube-system/events');
  t.false(listAt(events, 'items').some((event) => textAt(event, 'reason') === 'Killing'));
});

test('a mirror of what has no manifest is deleted, and one of a changed manifest is made anew', async (t) => {
  const whole = await startWhole(t, { kubelet: false });
  const kubelet = {
    node: 'n1',
    bootstrapToken,
    trust: ca,
    every: 1_000,
    retry: 10,
  };
  const [apiserver, manager, scheduler] = manifests as [KubeObject, KubeObject, KubeObject];
  const stop = await startWhole(t, { kubelet: { staticPods: [apiserver, scheduler] } });
  t.truthy(await untilPod(stop, 'kube-scheduler-n1', runs));
  const was = await untilPod(stop, 'kube-apiserver-n1', runs);
  // The next kubelet finds what the one before it left.
  for (const { object } of (await stop.store.list('/registry/core/pods/')).items)
    await whole.store.create(`/registry/core/pods/kube-system/${object.metadata.name}`, object);
  const changed = { ...apiserver, metadata: { ...apiserver.metadata, labels: { changed: 'yes' } } };
  await whole.controlPlane.join({ ...kubelet, staticPods: [changed, manager] });
  t.truthy(await untilPod(whole, 'kube-controller-manager-n1', runs));
  t.is(await untilPod(whole, 'kube-scheduler-n1', (pod) => pod === undefined), undefined);
  const now = await untilPod(
    whole,
    'kube-apiserver-n1',
    (pod) => pod?.metadata.labels?.['changed'] === 'yes',
  );
  t.not(now?.metadata.uid, was?.metadata.uid);
});

test('a manifest that is no pod has no mirror; another text is another pod', (t) => {
  for (const wrong of [
    undefined,
    'x',
    {},
    { apiVersion: 'v1', kind: 'Pod' },
    { ...manifests[0], kind: 'Job' },
  ])
    t.false(isPod(wrong));
  t.true(manifests.every(isPod));
  const [one] = manifests as [KubeObject];
  t.is(staticPod(one, 'CP-1').key, 'kube-system/kube-apiserver-cp-1');
  t.not(staticPod(one, 'n1').hash, staticPod({ ...one, spec: {} }, 'n1').hash);
});
