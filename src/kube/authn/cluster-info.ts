/**
 * Keeps cluster-info, which anybody may read, signed for nodes that join with a bootstrap token (kube-controller-manager's
 * bootstrapsigner): who has the token verifies with it which CA to trust, before trusting any.
 *
 * 1. A signature for each token that may sign (`usage-bootstrap-signing`) and has not expired; those of others go.
 */
import { createHmac } from 'node:crypto';
import { objectAt, textAt, withKeys } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import { freshObject, typeOf } from '../apiserver/registry/stored-form.ts';
import { storeKey, storePrefix } from '../apiserver/resources.ts';
import { StoreConflict, UnreadableValue } from '../store/store.ts';
import type { Store } from '../store/store.ts';
import { bootstrapTokenOf } from './authentication.ts';

const prefix = 'jws-kubeconfig-';
const configMaps = typeOf('', 'configmaps');
const key = storeKey(configMaps, 'kube-public', 'cluster-info');

/** A JSON Web Signature without its payload (RFC 7515 appendix F), by HMAC with SHA-256. */
export function detachedSignature(content: string, id: string, secret: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'HS256', kid: id })).toString('base64url');
  const signed = `${header}.${Buffer.from(content).toString('base64url')}`;
  return `${header}..${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

/** The ConfigMap with the signatures of exactly these tokens. */
export function signedInfo(
  info: KubeObject,
  tokens: readonly { readonly id: string; readonly secret: string }[],
): KubeObject {
  const content = textAt(info, 'data', 'kubeconfig');
  if (content === '') return info;
  const unsigned = Object.entries(objectAt(info, 'data')).filter(([name]) => !name.startsWith(prefix));
  const signatures = tokens.map(
    ({ id, secret }) => [prefix + id, detachedSignature(content, id, secret)] as const,
  );
  return withKeys(info, { data: Object.fromEntries([...unsigned, ...signatures]) });
}

export interface ClusterInfoOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
}

/**
 * Signs it for the tokens of now.
 * @param info created where there is none; one that leads elsewhere leads here again, since a free port is another each time.
 */
export async function keepClusterInfo(
  options: ClusterInfoOptions,
  info: KubeObject | undefined,
): Promise<void> {
  const { store, clock } = options;
  const found = info && (await store.get(key));
  if (info && !found)
    await store.create(key, freshObject(configMaps, info, options)).catch(unlessWrittenByOthers);
  else if (found && textAt(found.object, 'data', 'kubeconfig') !== textAt(info, 'data', 'kubeconfig'))
    await store
      .update(key, withKeys(found.object, { data: objectAt(info, 'data') }), found.revision)
      .catch(unlessWrittenByOthers);
  await signClusterInfo(store, clock.now());
}

/** Does nothing without cluster-info. @param now milliseconds since the epoch. */
export async function signClusterInfo(store: Store, now: number): Promise<void> {
  const found = await store.get(key);
  if (!found) return;
  const { items } = await store
    .list(storePrefix({ group: '', plural: 'secrets' }, 'kube-system'))
    .catch((error: unknown) => {
      // Encrypted under a key that is not configured: no one can join with them.
      if (error instanceof UnreadableValue) return { items: [] };
      throw error;
    });
  const tokens = items.flatMap(({ object }) => {
    const token = bootstrapTokenOf(object, 'signing');
    return token && now < (token.expiration ?? Number.POSITIVE_INFINITY) ? [token] : [];
  });
  const signed = signedInfo(found.object, tokens);
  if (JSON.stringify(signed) === JSON.stringify(found.object)) return;
  await store.update(key, signed, found.revision).catch(unlessWrittenByOthers);
}

function unlessWrittenByOthers(error: unknown): void {
  if (!(error instanceof StoreConflict)) throw error;
}
