/**
 * Evaluates the label and field selectors of a list or a watch, combined into one predicate for objects.
 */
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { ResourceType } from './resources.ts';
import { parseFieldSelector, parseLabelSelector, SelectorError } from '../objects/selectors.ts';

/** Fields that are selectable for every object. */
const commonFields: ResourceType['fields'] = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
};

/** @throws ApiFailure 400 */
export function selectionOf(
  { fields: ofKind }: ResourceType,
  query: URLSearchParams,
): (object: KubeObject) => boolean {
  const labels = query.get('labelSelector') ?? '';
  const fields = query.get('fieldSelector') ?? '';
  const known = { ...commonFields, ...ofKind };
  try {
    const hasLabels = parseLabelSelector(labels);
    const wanted = parseFieldSelector(fields).map(({ field, value, equals }) => {
      const read = Object.hasOwn(known, field) ? known[field] : undefined;
      if (!read)
        throw new SelectorError(
          Object.keys(ofKind).length > 0
            ? `field label not supported: ${field}`
            : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
        );
      return (object: KubeObject): boolean => (read(object) === value) === equals;
    });
    return (object) => hasLabels(object.metadata.labels ?? {}) && wanted.every((meets) => meets(object));
  } catch (error) {
    if (error instanceof SelectorError) throw new ApiFailure('BadRequest', error.message);
    throw error;
  }
}
