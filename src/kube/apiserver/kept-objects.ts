/**
 * Caches the objects that the server's rules depend on, and updates them from its store: roles and bindings, bootstrap
 * tokens, and which node's pods use which objects. They are listed once, then watched; derived data is rebuilt on the
 * first use after a change.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { webhooksGroup } from '../admission/matching.ts';
import { webhooksOf } from '../admission/webhook.ts';
import type { Webhook } from '../admission/webhook.ts';
import { bootstrapTokenOf } from '../authn/authentication.ts';
import type { BootstrapToken } from '../authn/authentication.ts';
import type { IsUsedByNode } from '../authz/node-authorizer.ts';
import { usesOfPod } from '../authz/node-authorizer.ts';
import type { KubeObject } from '../objects/objects.ts';
import { policyOf, rbacGroup } from '../authz/rbac.ts';
import type { Policy } from '../authz/rbac.ts';
import { storePrefix } from './resources.ts';
import { StoreCompacted, StoreFailure, UnreadableValue } from '../store/store.ts';
import type { Store, StoreEvent, StoreKey } from '../store/store.ts';

export interface KeptObjects {
  readonly policy: () => Policy;
  readonly tokens: () => readonly BootstrapToken[];
  readonly isUsedByNode: IsUsedByNode;
  /** Of all configurations, in the order of their names. */
  readonly webhooks: () => readonly Webhook[];
  readonly close: () => void;
}

const prefixes = {
  policy: `/registry/${rbacGroup}/`,
  secrets: '/registry/core/secrets/kube-system/',
  pods: '/registry/core/pods/',
  webhooks: storePrefix({ group: webhooksGroup, plural: 'validatingwebhookconfigurations' }),
} as const;

export async function keepObjects(store: Store): Promise<KeptObjects> {
  const [policy, tokens, used, webhooks] = await Promise.all([
    keep(store, prefixes.policy, policyOf),
    keep(store, prefixes.secrets, (objects) =>
      Array.from(objects).flatMap((secret) => bootstrapTokenOf(secret) ?? []),
    ),
    keep(store, prefixes.pods, usedByNode),
    keep(store, prefixes.webhooks, (objects) =>
      Array.from(objects)
        .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1))
        .flatMap(webhooksOf),
    ),
  ]);
  return {
    policy: policy.get,
    tokens: tokens.get,
    isUsedByNode: (node, resource, namespace, name) =>
      used.get().get(node)?.has(`${resource} ${namespace}/${name}`) ?? false,
    webhooks: webhooks.get,
    close: () => {
      for (const one of [policy, tokens, used, webhooks]) one.close();
    },
  };
}

function usedByNode(pods: Iterable<KubeObject>): Map<string, Set<string>> {
  const nodes = new Map<string, Set<string>>();
  for (const pod of pods) {
    const found = usesOfPod(pod);
    if (!found) continue;
    const uses = nodes.get(found.node) ?? new Set();
    nodes.set(found.node, uses);
    for (const one of found.uses) uses.add(one);
  }
  return nodes;
}

/** Data derived from all objects under a prefix. */
async function keep<T>(
  store: Store,
  prefix: string,
  arrange: (objects: Iterable<KubeObject>) => T,
): Promise<{ readonly get: () => T; readonly close: () => void }> {
  const objects = new Map<StoreKey, KubeObject>();
  let arranged: { readonly value: T } | undefined;
  const ending = new AbortController();
  let stop = (): void => {};

  /** Repeated whenever events are lost; the old data applies until the new list is complete. */
  const follow = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      const { items, revision } = await store.list(prefix);
      objects.clear();
      for (const { key, object } of items) objects.set(key, object);
      arranged = undefined;
      try {
        stop = await store.watch(prefix, revision, onChange, () => void again());
        if (ending.signal.aborted) stop();
        return;
      } catch (error) {
        // The list is too old by now: list again.
        if (!(error instanceof StoreCompacted)) throw error;
      }
    }
  };
  const onChange = ({ type, key, object }: StoreEvent): void => {
    if (type === 'DELETED') objects.delete(key);
    else objects.set(key, object);
    arranged = undefined;
  };
  const again = async (): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        return await follow();
      } catch (error) {
        if (!(error instanceof StoreFailure)) throw error;
        await pause(1000, undefined, { ref: false, signal: ending.signal }).catch(() => {});
      }
    }
  };

  // With a value that no key opens, kube-apiserver starts as well, and its informers try again.
  await follow().catch((error: unknown) => {
    if (!(error instanceof UnreadableValue)) throw error;
    void again();
  });
  return {
    get: () => (arranged ??= { value: arrange(objects.values()) }).value,
    close: () => {
      ending.abort();
      stop();
    },
  };
}
