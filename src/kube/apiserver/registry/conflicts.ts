/**
 * Checks a write against the stored object, and builds the errors for what conflicts with it.
 */
import { defined } from '../../../core/defined.ts';
import type { DeleteOptions } from '../../objects/codec.ts';
import { storageName } from '../../etcd/storage/keys.ts';
import { textAt } from '../../objects/json.ts';
import { ApiFailure } from '../../objects/objects.ts';
import type { KubeObject, ObjectMeta } from '../../objects/objects.ts';
import { qualifiedName } from '../resources.ts';
import type { ResourceType } from '../resources.ts';
import { invalid, invalidObject } from '../../objects/field-error.ts';
import type { FieldError } from '../../objects/field-error.ts';

/** @throws ApiFailure 422 if there are any. */
export function refuseFaults(
  { kind, group }: ResourceType,
  name: string,
  faults: readonly FieldError[],
): void {
  if (faults.length > 0) throw invalidObject(kind, group, name, faults);
}

export function checkNamespace({ metadata }: KubeObject, namespace: string | undefined): void {
  if (namespace !== undefined && metadata.namespace !== undefined && metadata.namespace !== namespace) {
    throw new ApiFailure(
      'BadRequest',
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}

/** @throws ApiFailure 409 if the client refers to another version, or another object with this name. */
export function checkVersion(type: ResourceType, name: string, given: ObjectMeta, current: ObjectMeta): void {
  if (given.uid !== undefined && given.uid !== current.uid)
    throw anotherObject(type, name, given.uid, current);
  if (given.resourceVersion === undefined || given.resourceVersion === current.resourceVersion) return;
  if (!/^\d{1,19}$/.test(given.resourceVersion))
    throw invalidObject(type.kind, type.group, name, [
      invalid('metadata.resourceVersion', given.resourceVersion, 'must be a number'),
    ]);
  throw modified(type, name);
}

/** What a deletion refers to; kube-apiserver names the kind there, not the resource. */
export function checkPreconditions(
  { kind, group }: ResourceType,
  name: string,
  { uid, resourceVersion }: DeleteOptions,
  current: ObjectMeta,
): void {
  const refused = (what: string, wanted: string, found: string | undefined, means: string): ApiFailure =>
    new ApiFailure(
      'Conflict',
      `Operation cannot be fulfilled on ${group === '' ? kind : `${kind}.${group}`} ${JSON.stringify(name)}: the ${what} in the precondition (${wanted.slice(0, 128)}) does not match the ${what} in record (${found ?? ''}). The object might have been ${means}`,
      { name, ...defined({ group: group || undefined }), kind },
    );
  if (uid !== undefined && uid !== current.uid)
    throw refused('UID', uid, current.uid, 'deleted and then recreated');
  if (resourceVersion !== undefined && resourceVersion !== current.resourceVersion)
    throw refused('ResourceVersion', resourceVersion, current.resourceVersion, 'modified');
}

function detailsOf(
  { group, plural }: ResourceType,
  name: string,
): { name: string; group?: string; kind: string } {
  return { name, ...defined({ group: group || undefined }), kind: plural };
}

/** An object of this name is there, and it is another: found by the store, which names its key. */
function anotherObject(
  type: ResourceType,
  name: string,
  wanted: string,
  { uid = '', namespace }: ObjectMeta,
): ApiFailure {
  const key = `/registry/${storageName(type)}/${namespace === undefined ? '' : `${namespace}/`}${name}`;
  const why = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted.slice(0, 128)}, UID in object meta: ${uid}`;
  return new ApiFailure(
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(type)} ${JSON.stringify(name)}: ${why}`,
    detailsOf(type, name),
  );
}

export function modified(type: ResourceType, name: string): ApiFailure {
  const why = 'the object has been modified; please apply your changes to the latest version and try again';
  return new ApiFailure(
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedName(type)} ${JSON.stringify(name)}: ${why}`,
    detailsOf(type, name),
  );
}

export function alreadyExists(type: ResourceType, name: string): ApiFailure {
  return new ApiFailure(
    'AlreadyExists',
    `${qualifiedName(type)} ${JSON.stringify(name)} already exists`,
    detailsOf(type, name),
  );
}

/** The status of a deletion: clients wait for exactly this object to be gone. */
export function deletedStatus(type: ResourceType, object: KubeObject): object {
  const details = { ...detailsOf(type, object.metadata.name), uid: textAt(object, 'metadata', 'uid') };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
