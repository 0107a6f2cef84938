/**
 * Converts between the objects of an API server and the values and events of its etcd: protobuf, as kube-apiserver stores
 * it (JSON, its `--storage-media-type=application/json`, is read as well, and written where protobuf cannot express an
 * object), inside what the resource's encryption makes of it.
 */
import { identity } from '../../encryption/encryption.ts';
import type { Encryption } from '../../encryption/encryption.ts';
import { apiVersionOf, resources } from '../../apiserver/resources.ts';
import type { ResourceType } from '../../apiserver/resources.ts';
import { isJsonObject, JsonError, parseJson, textAt, withKeys } from '../../objects/json.ts';
import type { JsonObject } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { magic, ProtobufError, readEnvelope, readMessage } from '../../objects/protobuf.ts';
import { writeEnvelope } from '../../objects/protobuf-writer.ts';
import { shapeObject, ShapeError } from '../../objects/shape.ts';
import { atRevision, StoreFailure, UnreadableValue } from '../../store/store.ts';
import type { StoreEvent, StoreKey } from '../../store/store.ts';
import type { KeyValue, WatchedEvent } from '../client-messages.ts';
import { prefixOf } from './keys.ts';

export interface OpenedValue {
  readonly object: KubeObject;
  /** It would be written in another form now. */
  readonly stale: boolean;
}

export class StoredValues {
  readonly #encryption: Encryption | undefined;

  constructor(encryption?: Encryption) {
    this.#encryption = encryption;
  }

  /** @param place the key in etcd, to which the value is bound where the encryption can do that. */
  seal(key: StoreKey, place: string, object: KubeObject): Uint8Array {
    const transformer = this.#encryption?.transformerOf(prefixOf(key)?.row);
    const value = valueOf(object);
    return transformer ? transformer.toStorage(value, Buffer.from(place)) : value;
  }

  /** @throws UnreadableValue where no key opens it, StoreFailure for what is no object. */
  open(key: StoreKey, item: KeyValue): OpenedValue {
    const { value, stale } = this.#decrypted(key, item);
    const object = isProtobuf(value) ? fromProtobuf(value) : fromJson(value);
    const wanted = prefixOf(key)?.row.kind;
    if (object && (wanted === undefined || object.kind === wanted))
      return { object, stale: stale || !isProtobuf(value) };
    throw new StoreFailure(
      `what is stored under ${item.key.toString()} is no object${object ? ' of its resource' : ''}`,
    );
  }

  /** It is deleted, whatever it was: a value that was not an object is reported by its key. */
  removed(key: StoreKey, item: KeyValue): KubeObject {
    return (
      this.#readable(key, item) ?? {
        apiVersion: 'v1',
        kind: 'Unknown',
        metadata: { name: key.split('/').at(-1) ?? '' },
      }
    );
  }

  /** A value that is not an object counts as absent: nothing is reported for it. */
  event(key: StoreKey, { type, item, previous: before }: WatchedEvent): StoreEvent | undefined {
    const revision = item.modRevision;
    const previous = before && this.#readable(key, before);
    const object = type === 'PUT' ? this.#readable(key, item) : undefined;
    if (!object)
      return previous && { type: 'DELETED', key, object: atRevision(previous, revision), previous, revision };
    if (previous) return { type: 'MODIFIED', key, object, previous, revision };
    return { type: before || item.createRevision === revision ? 'ADDED' : 'MODIFIED', key, object, revision };
  }

  #readable(key: StoreKey, item: KeyValue): KubeObject | undefined {
    try {
      return atRevision(this.open(key, item).object, item.modRevision);
    } catch (error) {
      if (error instanceof StoreFailure) return undefined;
      throw error;
    }
  }

  #decrypted(key: StoreKey, item: KeyValue): { readonly value: Uint8Array; readonly stale: boolean } {
    const transformer = this.#encryption?.transformerOf(prefixOf(key)?.row) ?? identity;
    const opened = transformer.fromStorage(item.value, item.key);
    if ('value' in opened) return opened;
    throw new UnreadableValue(item.key.toString(), opened.failure);
  }
}

/** Without its version, which etcd counts. */
function valueOf(object: KubeObject): Buffer {
  const kept = { ...object, metadata: withKeys(object.metadata, { resourceVersion: undefined }) };
  const type = typeOf(object.apiVersion, object.kind);
  return (type && writeEnvelope(kept, type.schema)) ?? Buffer.from(JSON.stringify(kept));
}

function isProtobuf(value: Uint8Array): boolean {
  return magic.equals(value.subarray(0, magic.length));
}

function fromProtobuf(value: Uint8Array): KubeObject | undefined {
  try {
    const { apiVersion, kind, raw } = readEnvelope(value);
    const type = typeOf(apiVersion, kind);
    return type && asObject({ apiVersion, kind, ...readMessage(raw, type.schema) });
  } catch (error) {
    if (error instanceof ProtobufError) return undefined;
    throw error;
  }
}

function fromJson(value: Uint8Array): KubeObject | undefined {
  try {
    const object = parseJson(Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString());
    if (!isJsonObject(object)) return undefined;
    const type = typeOf(textAt(object, 'apiVersion'), textAt(object, 'kind'));
    const { metadata } = object;
    // Whoever reads it relies on the types of its metadata; other fields are looked at as of unknown shape.
    return asObject(
      type && metadata !== undefined
        ? { ...object, ...shapeObject({ metadata }, type.schema).object }
        : object,
    );
  } catch (error) {
    if (error instanceof JsonError || error instanceof ShapeError) return undefined;
    throw error;
  }
}

function asObject(object: JsonObject): KubeObject | undefined {
  const { apiVersion, kind, metadata } = object;
  const isObject =
    typeof apiVersion === 'string' &&
    typeof kind === 'string' &&
    isJsonObject(metadata) &&
    typeof metadata['name'] === 'string';
  return isObject ? (object as unknown as KubeObject) : undefined;
}

function typeOf(apiVersion: string, kind: string): ResourceType | undefined {
  return resources.find((row) => row.kind === kind && apiVersionOf(row) === apiVersion);
}
