/**
 * Formats objects as a Table (meta.k8s.io/v1), which `kubectl get` requests and prints. `columns.ts` has the columns.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { ResourceType } from './resources.ts';

export type IncludeObject = 'None' | 'Metadata' | 'Object';

export interface TableOptions {
  /** The object data included in each row. */
  readonly includeObject: IncludeObject;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** For the list's metadata. */
  readonly metadata: Dictionary<unknown>;
  /** A watch sends its columns once. */
  readonly withoutColumns?: boolean;
}

/** How each object is included in its row. */
const included: Readonly<Record<IncludeObject, (object: KubeObject) => unknown>> = {
  None: () => undefined,
  Metadata: partialObject,
  Object: (object) => object,
};

export function tableOf(
  { columns }: ResourceType,
  objects: readonly KubeObject[],
  { includeObject, at, metadata, withoutColumns = false }: TableOptions,
): object {
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: withoutColumns
      ? []
      : columns.map(({ name, type, format, description, wide }) => ({
          name,
          type,
          format: format ?? '',
          description,
          priority: wide ? 1 : 0,
        })),
    rows: objects.map((object) => {
      const shown = included[includeObject](object);
      return {
        cells: columns.map(({ value }) => value(object, at)),
        ...defined({ object: shown }),
      };
    }),
  };
}

export function partialObject({ metadata }: KubeObject): object {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata };
}
