import test from 'ava';
import { listAt, textAt, valueAt } from '../../../src/kube/objects/json.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject, ObjectMeta } from '../../../src/kube/objects/objects.ts';
import { giveServiceAccount } from '../../../src/kube/authz/service-account-admission.ts';
import { TinyStore } from '../support/tiny-store.ts';

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const pod = (spec: object, metadata: Partial<ObjectMeta> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default', ...metadata },
  spec: { containers: [{ name: 'a' }], ...spec },
});

async function given(object: KubeObject): Promise<KubeObject> {
  const store = new TinyStore();
  const account = (name: string, more: object = {}): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: 'default' },
    ...more,
  });
  await store.create('/registry/core/serviceaccounts/default/default', account('default'));
  await store.create(
    '/registry/core/serviceaccounts/default/quiet',
    account('quiet', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'pull' }] }),
  );
  return giveServiceAccount(object, store, (length) => new Uint8Array(length));
}

test('a pod runs as the default account, with a token in every container', async (t) => {
  const { spec } = await given(
    pod({
      containers: [{ name: 'a' }, { name: 'b', volumeMounts: [{ name: 'x', mountPath: '/x' }] }],
      initContainers: [{ name: 'i' }],
      volumes: [{ name: 'x' }],
    }),
  );
  t.like(spec, { serviceAccountName: 'default', serviceAccount: 'default' });
  const mount = { mountPath, name: 'kube-api-access-bbbbb', readOnly: true };
  t.deepEqual(listAt(spec, 'containers'), [
    { name: 'a', volumeMounts: [mount] },
    { name: 'b', volumeMounts: [{ name: 'x', mountPath: '/x' }, mount] },
  ]);
  t.deepEqual(listAt(spec, 'initContainers'), [{ name: 'i', volumeMounts: [mount] }]);
  const [, volume] = listAt(spec, 'volumes');
  t.deepEqual(
    listAt(volume, 'projected', 'sources').map((source) => Object.keys(source as object)[0]),
    ['serviceAccountToken', 'configMap', 'downwardAPI'],
  );
  t.is(valueAt(volume, 'projected', 'defaultMode'), 420);
});

test('a container that has something there keeps it, and who wants none has none', async (t) => {
  const own = [{ name: 'a', volumeMounts: [{ name: 'mine', mountPath }] }];
  const kept = await given(pod({ containers: own }));
  t.deepEqual(listAt(kept['spec'], 'containers'), own);
  t.deepEqual(listAt(kept['spec'], 'volumes'), []);
  for (const spec of [{ automountServiceAccountToken: false }, { serviceAccountName: 'quiet' }])
    t.deepEqual(listAt((await given(pod(spec)))['spec'], 'volumes'), []);
  t.is(
    listAt(
      (await given(pod({ serviceAccountName: 'quiet', automountServiceAccountToken: true })))['spec'],
      'volumes',
    ).length,
    1,
  );
  t.deepEqual(listAt((await given(pod({ serviceAccountName: 'quiet' })))['spec'], 'imagePullSecrets'), [
    { name: 'pull' },
  ]);
});

test('a pod of an account that is not there is none, and a mirror pod has no account', async (t) => {
  const refused = async (object: KubeObject): Promise<string | undefined> =>
    (await t.throwsAsync(given(object), { instanceOf: ApiFailure }))?.message;
  t.is(
    await refused(pod({ serviceAccountName: 'nobody' })),
    'pods "web" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found',
  );
  t.regex(
    (await refused(pod({}, { namespace: 'other' }))) ?? '',
    /error looking up service account other\/default/,
  );
  const annotations = { 'kubernetes.io/config.mirror': 'x' };
  t.is(textAt(await given(pod({}, { annotations })), 'spec', 'serviceAccountName'), '');
  t.regex(
    (await refused(pod({ serviceAccountName: 'default' }, { annotations }))) ?? '',
    /a mirror pod may not reference service accounts$/,
  );
});
