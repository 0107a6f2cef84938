/**
 * Checks a write against the stored object, and builds the errors for what conflicts with it.
 */
import { defined } from '../../../core/defined.ts';
import type { DeleteOptions } from '../../objects/codec.ts';
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
    throw failedPrecondition(type, name, 'UID', given.uid, current.uid);
  if (given.resourceVersion === undefined || given.resourceVersion === current.resourceVersion) return;
  if (!/^\d{1,19}$/.test(given.resourceVersion))
    throw invalidObject(type.kind, type.group, name, [
      invalid('metadata.resourceVersion', given.resourceVersion, 'must be a number'),
    ]);
  throw modified(type, name);
}

export function checkPreconditions(
  type: ResourceType,
  name: string,
  { uid, resourceVersion }: DeleteOptions,
  current: ObjectMeta,
): void {
  if (uid !== undefined && uid !== current.uid) throw failedPrecondition(type, name, 'UID', uid, current.uid);
  if (resourceVersion !== undefined && resourceVersion !== current.resourceVersion)
    throw failedPrecondition(type, name, 'ResourceVersion', resourceVersion, current.resourceVersion);
}

function detailsOf(
  { group, plural }: ResourceType,
  name: string,
): { name: string; group?: string; kind: string } {
  return { name, ...defined({ group: group || undefined }), kind: plural };
}

function failedPrecondition(
  type: ResourceType,
  name: string,
  what: string,
  wanted: string,
  found: string | undefined,
): ApiFailure {
  const why = `Precondition failed: ${what} in precondition: ${wanted.slice(0, 128)}, ${what} in object meta: ${found ?? ''}`;
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
