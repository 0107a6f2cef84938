/** cluster-info and its signatures: what a node that joins verifies with its token. */
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../../src/core/clock.ts';
import {
  detachedSignature,
  keepClusterInfo,
  signClusterInfo,
  signedInfo,
} from '../../../src/kube/authn/cluster-info.ts';
import { tokenSecret } from '../../../src/kube/authn/bootstrap-tokens.ts';
import { storeKey } from '../../../src/kube/apiserver/resources.ts';
import { typeOf } from '../../../src/kube/apiserver/registry/stored-form.ts';
import { objectAt, textAt } from '../../../src/kube/objects/json.ts';
import { MemoryStore } from '../../../src/kube/store/memory-store.ts';

const info = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'cluster-info', namespace: 'kube-public' },
  data: { kubeconfig: 'apiVersion: v1\n' },
};
const [id, secret] = ['abcdef', '0123456789abcdef'];
const infoKey = storeKey(typeOf('', 'configmaps'), 'kube-public', 'cluster-info');
const secretKey = (of: string): string =>
  storeKey(typeOf('', 'secrets'), 'kube-system', `bootstrap-token-${of}`);

test('a signature is that of k8s.io/cluster-bootstrap for the same text', (t) => {
  t.is(
    detachedSignature(
      'Hello from the other side. I must have called a thousand times.',
      'joshua',
      'my voice is my passcode',
    ),
    'eyJhbGciOiJIUzI1NiIsImtpZCI6Impvc2h1YSJ9..VShe2taLd-YTrmWuRkcL_8QTNDHYxQIEBsAYYiIj1_8',
  );
});

test('there is one for each token, and that of another is removed', (t) => {
  const once = signedInfo(info, [{ id, secret }]);
  t.deepEqual(Object.keys(objectAt(once, 'data')), ['kubeconfig', `jws-kubeconfig-${id}`]);
  const again = signedInfo(once, [{ id: 'ghijkl', secret }]);
  t.deepEqual(Object.keys(objectAt(again, 'data')), ['kubeconfig', 'jws-kubeconfig-ghijkl']);
  const empty = { ...info, data: {} };
  t.is(signedInfo(empty, [{ id, secret }]), empty);
});

test('tokens that have expired, or may not sign, sign nothing; without cluster-info nothing is written', async (t) => {
  const store = new MemoryStore();
  const now = systemClock.now();
  await signClusterInfo(store, now);
  t.is(await store.get(infoKey), undefined);
  await store.create(infoKey, info);
  const made = tokenSecret({ id, secret }, now);
  await store.create(secretKey(id), made);
  const mute = tokenSecret({ id: 'mutemu', secret }, now);
  await store.create(secretKey('mutemu'), {
    ...mute,
    data: { ...objectAt(mute, 'data'), 'usage-bootstrap-signing': '' },
  });
  await signClusterInfo(store, now);
  const data = async (): Promise<string[]> =>
    Object.keys(objectAt((await store.get(infoKey))?.object ?? info, 'data'));
  t.deepEqual(await data(), ['kubeconfig', `jws-kubeconfig-${id}`]);
  t.is(
    textAt((await store.get(infoKey))?.object, 'data', `jws-kubeconfig-${id}`),
    detachedSignature('apiVersion: v1\n', id, secret),
  );
  const { revision } = await store.list('/registry/');
  await signClusterInfo(store, now);
  t.is((await store.list('/registry/')).revision, revision);
  await signClusterInfo(store, now + 2 * 86_400_000);
  t.deepEqual(await data(), ['kubeconfig']);
});

test('it is created, leads where the server is, and is signed anew for who comes later', async (t) => {
  const store = new MemoryStore();
  const options = { store, clock: systemClock, random: randomBytes };
  const now = systemClock.now();
  await store.create(secretKey(id), tokenSecret({ id, secret }, now));
  await keepClusterInfo(options, info);
  const data = async (): Promise<string[]> =>
    Object.keys(objectAt((await store.get(infoKey))?.object ?? {}, 'data'));
  t.deepEqual(await data(), ['kubeconfig', `jws-kubeconfig-${id}`]);
  await store.create(secretKey('ghijkl'), tokenSecret({ id: 'ghijkl', secret }, now));
  await keepClusterInfo(options, undefined);
  t.deepEqual(await data(), ['kubeconfig', `jws-kubeconfig-${id}`, 'jws-kubeconfig-ghijkl']);
  await keepClusterInfo(options, { ...info, data: { kubeconfig: 'of another port' } });
  const moved = (await store.get(infoKey))?.object;
  t.is(textAt(moved, 'data', 'kubeconfig'), 'of another port');
  t.is(textAt(moved, 'data', `jws-kubeconfig-${id}`), detachedSignature('of another port', id, secret));
});
