/**
 * Computes the status of a namespace that is being deleted, and what still prevents it
 * (kubernetes/pkg/controller/namespace/deletion): first its contents, then its finalizer `kubernetes`, then other
 * finalizers. Pure; `registry.ts` writes.
 */
import { listAt, objectAt, textAt, withKeys } from './json.ts';
import type { KubeObject } from './objects.ts';
import { qualifiedName } from '../apiserver/resources.ts';
import type { ResourceType } from '../apiserver/resources.ts';

/** What stayed in it, for its finalizers. */
export interface Remaining {
  readonly type: Pick<ResourceType, 'group' | 'plural'>;
  readonly finalizers: readonly string[];
}

/** Whether nothing holds it any more. */
export function isReleased({ metadata, ...namespace }: KubeObject): boolean {
  return (metadata.finalizers?.length ?? 0) === 0 && listAt(namespace, 'spec', 'finalizers').length === 0;
}

/** The namespace with what is said of it; what is empty is held by others alone. @param at RFC 3339. */
export function emptiedNamespace(
  namespace: KubeObject,
  remaining: readonly Remaining[],
  at: string,
): KubeObject {
  const finalizers = listAt(namespace, 'spec', 'finalizers').filter(
    (one) => one !== 'kubernetes' || remaining.length > 0,
  );
  const known = listAt(namespace, 'status', 'conditions');
  const conditions = conditionsOf(remaining).map((condition) => {
    const before = known.find((one) => textAt(one, 'type') === condition.type);
    const isSame =
      textAt(before, 'status') === condition.status && textAt(before, 'message') === condition.message;
    return isSame ? before : { ...condition, lastTransitionTime: at };
  });
  return withKeys(namespace, {
    spec: { ...objectAt(namespace, 'spec'), finalizers },
    status: { ...objectAt(namespace, 'status'), conditions },
  });
}

function counted(names: readonly string[]): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted(([one], [other]) => (one < other ? -1 : 1));
}

interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False';
  readonly reason: string;
  readonly message: string;
}

function conditionsOf(remaining: readonly Remaining[]): Condition[] {
  // Of the core group too the name has its dot.
  const kinds = counted(
    remaining.map(({ type }) => (type.group === '' ? `${type.plural}.` : qualifiedName(type))),
  ).map(([name, count]) => `${name} has ${count} resource instances`);
  const held = counted(remaining.flatMap(({ finalizers }) => finalizers)).map(
    ([name, count]) => `${name} in ${count} resource instances`,
  );
  const fine = (type: string, reason: string, message: string): Condition => ({
    type,
    status: 'False',
    reason,
    message,
  });
  return [
    fine('NamespaceDeletionDiscoveryFailure', 'ResourcesDiscovered', 'All resources successfully discovered'),
    fine(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    fine(
      'NamespaceDeletionContentFailure',
      'ContentDeleted',
      'All content successfully deleted, may be waiting on finalization',
    ),
    kinds.length === 0
      ? fine('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed')
      : {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${kinds.join(', ')}`,
        },
    held.length === 0
      ? fine(
          'NamespaceFinalizersRemaining',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        )
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
        },
  ];
}
