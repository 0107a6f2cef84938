/**
 * Manages bootstrap tokens as kubeadm stores them: Secrets in kube-system that are valid for a day. Creates and removes
 * them; `authentication.ts` verifies them.
 */
import { isoTime } from '../../protocols/x509/certificate.ts';
import { bootstrapTokenOf } from './authentication.ts';
import type { BootstrapToken } from './authentication.ts';
import type { KubeObject } from '../objects/objects.ts';
import { storePrefix } from '../apiserver/resources.ts';
import { StoreConflict, UnreadableValue } from '../store/store.ts';
import type { Store } from '../store/store.ts';

/** kubeadm's group for nodes that join with a token. */
const tokenGroup = 'system:bootstrappers:kubeadm:default-node-token';
/** kubeadm's `--token-ttl`, in milliseconds. */
const tokenLife = 86_400_000;
const namespace = 'kube-system';

/** @param now milliseconds since the epoch; it is valid for a day from then. */
export function tokenSecret({ id, secret }: Pick<BootstrapToken, 'id' | 'secret'>, now: number): KubeObject {
  const data = {
    'token-id': id,
    'token-secret': secret,
    expiration: isoTime(now + tokenLife),
    'usage-bootstrap-authentication': 'true',
    'usage-bootstrap-signing': 'true',
    'auth-extra-groups': tokenGroup,
  };
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace },
    type: 'bootstrap.kubernetes.io/token',
    data: Object.fromEntries(
      Object.entries(data).map(([name, value]) => [name, Buffer.from(value).toString('base64')]),
    ),
  };
}

/** Removes expired tokens, as the token cleaner of kube-controller-manager does, and those that are about to be replaced. */
export async function clearTokens(
  store: Store,
  given: readonly Pick<BootstrapToken, 'id'>[],
  now: number,
): Promise<void> {
  const items = await store.list(storePrefix({ group: '', plural: 'secrets' }, namespace)).then(
    (listed) => listed.items,
    (error: unknown) => {
      // Encrypted under a key that is not configured: they stay, as no one can use them either.
      if (error instanceof UnreadableValue) return [];
      throw error;
    },
  );
  for (const { key, object, revision } of items) {
    const token = bootstrapTokenOf(object);
    const isOver = token?.expiration !== undefined && now >= token.expiration;
    if (!isOver && !given.some(({ id }) => object.metadata.name === `bootstrap-token-${id}`)) continue;
    await store.remove(key, revision).catch((error: unknown) => {
      // Another process was faster.
      if (!(error instanceof StoreConflict)) throw error;
    });
  }
}
