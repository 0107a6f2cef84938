/**
 * Converts between the objects of an API server and the values and events of its etcd.
 */
import { isJsonObject, JsonError, parseJson, withKeys } from '../objects/json.ts';
import type { KubeObject } from '../objects/objects.ts';
import { atRevision, StoreFailure } from '../store/store.ts';
import type { StoreEvent, StoreKey } from '../store/store.ts';
import type { KeyValue, WatchedEvent } from './client-messages.ts';

/** Without the version, which etcd counts. */
export function valueOf(object: KubeObject): string {
  return JSON.stringify({ ...object, metadata: withKeys(object.metadata, { resourceVersion: undefined }) });
}

/** @throws StoreFailure */
export function objectOf({ key, value }: KeyValue): KubeObject {
  try {
    const object = parseJson(value.toString());
    if (
      isJsonObject(object) &&
      typeof object['apiVersion'] === 'string' &&
      typeof object['kind'] === 'string'
    ) {
      const metadata = object['metadata'];
      if (isJsonObject(metadata) && typeof metadata['name'] === 'string')
        return object as unknown as KubeObject;
    }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
  }
  throw new StoreFailure(`what is stored under ${key.toString()} is no object`);
}

/** It is deleted, whatever it was: a value that was not an object is reported by its key. */
export function removedOf(item: KeyValue): KubeObject {
  try {
    return objectOf(item);
  } catch (error) {
    if (!(error instanceof StoreFailure)) throw error;
    return {
      apiVersion: 'v1',
      kind: 'Unknown',
      metadata: { name: item.key.toString().split('/').at(-1) ?? '' },
    };
  }
}

/** A value that is not an object counts as absent: nothing is reported for it. */
export function storeEvent(
  key: StoreKey,
  { type, item, previous: before }: WatchedEvent,
): StoreEvent | undefined {
  const revision = item.modRevision;
  const previous = before && readable(before);
  const object = type === 'PUT' ? readable(item) : undefined;
  if (!object)
    return previous && { type: 'DELETED', key, object: atRevision(previous, revision), previous, revision };
  if (previous) return { type: 'MODIFIED', key, object, previous, revision };
  return { type: before || item.createRevision === revision ? 'ADDED' : 'MODIFIED', key, object, revision };
}

function readable(item: KeyValue): KubeObject | undefined {
  try {
    return atRevision(objectOf(item), item.modRevision);
  } catch (error) {
    if (error instanceof StoreFailure) return undefined;
    throw error;
  }
}
