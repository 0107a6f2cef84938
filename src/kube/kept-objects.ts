/**
 * What the rules of a server go by, kept up to date from its store: roles and bindings, bootstrap tokens, and which node's
 * pods use what. Read once, then told of each change; arranged anew at the first question after one.
 */
import { bootstrapTokenOf } from './authentication.ts';
import type { BootstrapToken } from './authentication.ts';
import type { IsUsedByNode } from './node-authorizer.ts';
import { usesOfPod } from './node-authorizer.ts';
import type { KubeObject } from './objects.ts';
import { policyOf, rbacGroup } from './rbac.ts';
import type { Policy } from './rbac.ts';
import { StoreCompacted } from './store.ts';
import type { Store } from './store.ts';

export interface KeptObjects {
  readonly policy: () => Policy;
  readonly tokens: () => readonly BootstrapToken[];
  readonly isUsedByNode: IsUsedByNode;
  readonly close: () => void;
}

const prefixes = { policy: `/registry/${rbacGroup}/`, secrets: '/registry/core/secrets/kube-system/', pods: '/registry/core/pods/' } as const;

export async function keepObjects(store: Store): Promise<KeptObjects> {
  const [policy, tokens, used] = await Promise.all([
    keep(store, prefixes.policy, policyOf),
    keep(store, prefixes.secrets, (objects) => Array.from(objects).flatMap((secret) => bootstrapTokenOf(secret) ?? [])),
    keep(store, prefixes.pods, usedByNode),
  ]);
  return {
    policy: policy.get,
    tokens: tokens.get,
    isUsedByNode: (node, resource, namespace, name) => used.get().get(node)?.has(`${resource} ${namespace}/${name}`) ?? false,
    close: () => {
      for (const one of [policy, tokens, used]) one.close();
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

/** What is arranged of all objects under a prefix. */
async function keep<T>(store: Store, prefix: string, arrange: (objects: Iterable<KubeObject>) => T): Promise<{ readonly get: () => T; readonly close: () => void }> {
  for (;;) {
    const { items, revision } = await store.list(prefix);
    const objects = new Map(items.map(({ key, object }) => [key, object]));
    let arranged: { readonly value: T } | undefined;
    try {
      const close = await store.watch(prefix, revision, ({ type, key, object }) => {
        if (type === 'DELETED') objects.delete(key);
        else objects.set(key, object);
        arranged = undefined;
      });
      return { get: () => (arranged ??= { value: arrange(objects.values()) }).value, close };
    } catch (error) {
      // So much was written since the list: list again.
      if (!(error instanceof StoreCompacted)) throw error;
    }
  }
}
