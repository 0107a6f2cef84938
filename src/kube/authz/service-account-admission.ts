/**
 * Implements the admission plugin ServiceAccount: every pod runs as a service account and contains what it needs to
 * query the API server: a token, the server's CA, and its namespace. kubelets fetch the token (`token-requests.ts`) and
 * mount the files.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import type { RandomBytes } from '../../core/clock.ts';
import { forbiddenObject } from './forbidden.ts';
import { listAt, objectAt, textAt, valueAt, withKeys } from '../objects/json.ts';
import { isMirrorPod } from './node-authorizer.ts';
import type { KubeObject } from '../objects/objects.ts';
import { storeKey } from '../apiserver/resources.ts';
import type { Store } from '../store/store.ts';
import { podTokenSeconds } from '../authn/token-requests.ts';

/** Where programs look for them. */
const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount';
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** A new pod with its account. @throws ApiFailure 403 where there is no such account. */
export async function giveServiceAccount(
  pod: KubeObject,
  store: Pick<Store, 'get'>,
  random: RandomBytes,
): Promise<KubeObject> {
  const refuse = (why: string): never => {
    throw forbiddenObject('pods', '', pod.metadata.name, why);
  };
  const spec = objectAt(pod, 'spec');
  // A static pod of a kubelet has no service account.
  if (isMirrorPod(pod))
    return textAt(spec, 'serviceAccountName') === ''
      ? pod
      : refuse('a mirror pod may not reference service accounts');
  const name = textAt(spec, 'serviceAccountName') || 'default';
  const namespace = pod.metadata.namespace ?? '';
  const account = await store.get(
    storeKey({ group: '', plural: 'serviceaccounts', namespaced: true }, namespace, name),
  );
  if (!account)
    return refuse(
      `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`,
    );
  const secrets =
    listAt(spec, 'imagePullSecrets').length > 0
      ? spec['imagePullSecrets']
      : valueAt(account.object, 'imagePullSecrets');
  const running = withKeys(spec, {
    serviceAccountName: name,
    serviceAccount: name,
    imagePullSecrets: secrets,
  });
  const mounts =
    valueAt(spec, 'automountServiceAccountToken') ??
    valueAt(account.object, 'automountServiceAccountToken') ??
    true;
  return withKeys(pod, { spec: mounts === false ? running : withAccess(running, random) });
}

/** With the volume in every container that has nothing in its place. */
function withAccess(spec: Dictionary<unknown>, random: RandomBytes): object {
  const volume = `kube-api-access-${Array.from(random(5), (byte) => letters[byte % letters.length]).join('')}`;
  let isUsed = false;
  const mounted = (field: string): Record<string, unknown> => {
    const containers = listAt(spec, field);
    if (containers.length === 0) return {};
    return {
      [field]: containers.map((container) => {
        const mounts = listAt(container, 'volumeMounts');
        if (mounts.some((mount) => textAt(mount, 'mountPath') === mountPath)) return container;
        isUsed = true;
        return withKeys(objectAt({ container }, 'container'), {
          volumeMounts: [...mounts, { mountPath, name: volume, readOnly: true }],
        });
      }),
    };
  };
  const containers = { ...mounted('initContainers'), ...mounted('containers') };
  return withKeys(spec, {
    ...containers,
    ...(isUsed
      ? {
          volumes: [...listAt(spec, 'volumes'), { name: volume, projected: { defaultMode: 0o644, sources } }],
        }
      : {}),
  });
}

const sources = [
  { serviceAccountToken: { expirationSeconds: podTokenSeconds, path: 'token' } },
  { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
  {
    downwardAPI: {
      items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
    },
  },
];
