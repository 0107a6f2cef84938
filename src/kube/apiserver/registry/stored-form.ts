/** Makes what a client sends into what is stored: the fields that the server owns, and the parts that a write concerns. */
import { isDeepStrictEqual } from 'node:util';
import type { Clock, RandomBytes } from '../../../core/clock.ts';
import { objectAt, valueAt, withKeys } from '../../objects/json.ts';
import { isReleased } from '../../objects/namespace-deletion.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { withAddressOf } from '../../objects/service-address.ts';
import { findResource } from '../resources.ts';
import type { ResourceType } from '../resources.ts';

interface Sources {
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
}

/** @throws Error for an unknown resource. */
export function typeOf(group: string, plural: string): ResourceType {
  const type = findResource(group, 'v1', plural);
  if (!type) throw new Error(`no resource ${plural}`);
  return type;
}

export const namespaces = typeOf('', 'namespaces');
export const services = typeOf('', 'services');

const pods = typeOf('', 'pods');

/** A new object with server-owned fields and the kind's initial values. */
export function freshObject(type: ResourceType, given: KubeObject, { clock, random }: Sources): KubeObject {
  const metadata = withKeys(given.metadata, {
    uid: uuidOf(random(16)),
    creationTimestamp: timestamp(clock),
    resourceVersion: undefined,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    generation: type.counted.length > 0 ? 1 : undefined,
    selfLink: undefined,
  });
  return type.defaults(withKeys(given, { metadata, ...type.initial }));
}

/** The generation after a change: another one where what counts has changed. */
function generationOf({ counted }: ResourceType, changed: KubeObject, old: KubeObject): number | undefined {
  if (counted.length === 0) return old.metadata.generation;
  const part = (object: KubeObject, name: string): unknown =>
    name === 'annotations' ? (object.metadata.annotations ?? {}) : valueAt(object, name);
  // Objects of before have none.
  const generation = old.metadata.generation ?? 1;
  return counted.every((name) => isDeepStrictEqual(part(changed, name), part(old, name)))
    ? generation
    : generation + 1;
}

/** The current object, with the parts that this write concerns replaced. */
export function mergedObject(
  type: ResourceType,
  subresource: string,
  given: KubeObject,
  old: KubeObject,
): KubeObject {
  const part = subresource === '' ? undefined : type.subresources[subresource];
  if (part) return withKeys(old, Object.fromEntries(part.parts.map((name) => [name, valueAt(given, name)])));
  const {
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generateName,
    resourceVersion,
    name,
    namespace,
  } = old.metadata;
  const metadata = withKeys(given.metadata, {
    name,
    namespace,
    uid,
    creationTimestamp,
    deletionTimestamp,
    deletionGracePeriodSeconds,
    generateName,
    resourceVersion,
    generation: old.metadata.generation,
    selfLink: undefined,
  });
  // The status is written only through its own subresource; so are a namespace's finalizers.
  const kept = Object.values(type.subresources).flatMap(({ parts, verbs }) =>
    verbs.includes('update') ? parts : [],
  );
  const merged = type.defaults(
    withKeys(given, { metadata, ...Object.fromEntries(kept.map((field) => [field, valueAt(old, field)])) }),
  );
  if (type === services) return withAddressOf(old, merged);
  const generation = generationOf(type, merged, old);
  return generation === merged.metadata.generation
    ? merged
    : withKeys(merged, { metadata: withKeys(merged.metadata, { generation }) });
}

/** The object as one that is being deleted. @param grace seconds until it should be deleted. */
export function markedObject(
  type: ResourceType,
  object: KubeObject,
  clock: Sources['clock'],
  grace = 0,
): KubeObject {
  const metadata = withKeys(object.metadata, {
    deletionTimestamp: timestamp(clock, grace),
    ...(type === pods ? { deletionGracePeriodSeconds: grace } : {}),
    ...(object.metadata.generation === undefined ? {} : { generation: object.metadata.generation + 1 }),
  });
  return withKeys(object, {
    metadata,
    ...(type === namespaces
      ? { status: withKeys(objectAt(object, 'status'), { phase: 'Terminating' }) }
      : {}),
  });
}

const generatedLetters = 'bcdfghjklmnpqrstvwxz2456789';
/** The maximum length of a generated name; its end is random. */
const generatedLength = 63;

export function generatedName(prefix: string, random: RandomBytes): string {
  const letters = Array.from(random(5), (byte) => generatedLetters[byte % generatedLetters.length]);
  return prefix.slice(0, generatedLength - letters.length) + letters.join('');
}

/** A UUID of version 4 (RFC 9562 section 5.4) of sixteen random bytes. */
export function uuidOf(random: Uint8Array): string {
  const bytes = Buffer.from(random);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** RFC 3339, in seconds. @param ahead in seconds. */
export function timestamp(clock: Sources['clock'], ahead = 0): string {
  return new Date(clock.now() + ahead * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

export function hasFinalizers(type: ResourceType, object: KubeObject): boolean {
  return type === namespaces ? !isReleased(object) : (object.metadata.finalizers?.length ?? 0) > 0;
}
