/**
 * Validates objects of the right shape: names, labels, annotations, and the rules of their kind (kube-apiserver's
 * validation packages, for these kinds; `rbac-validation.ts` has roles and bindings). All errors together become one
 * 422 with a cause each. Authorization rules are hooks.
 */
import { isDeepStrictEqual } from 'node:util';
import { forbiddenField, invalid, invalidObject, required, tooLong } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { listAt, objectAt, textAt, valueAt } from './json.ts';
import { configKeyFault, labelKeyFault, labelValueFault, nameFaults } from './names.ts';
import type { KubeObject } from './objects.ts';
import { rbacErrors } from '../authz/rbac-validation.ts';
import type { ResourceType } from '../apiserver/resources.ts';
import type { Kind } from './schema.ts';
import { nodeChanges, nodeFaults } from './validation/nodes.ts';
import { newPodFaults, podChanges, podFaults } from './validation/pods.ts';
import { secretTypeFaults } from './validation/secrets.ts';
import { serviceChanges, serviceFaults } from './validation/services.ts';

const annotationsLimit = 256 * 1024;

/** @throws ApiFailure 422 */
export function validateCreate(type: ResourceType, object: KubeObject): void {
  throwFaults(type, object, [
    ...metadataFaults(type, object),
    ...(kindFaults[type.kind]?.(object) ?? []),
    ...(type.kind === 'Pod' ? newPodFaults(object) : []),
    ...rbacErrors(object),
  ]);
}

/**
 * @param subresource empty for the object itself; what may not change is what only a subresource writes.
 * @throws ApiFailure 422
 */
export function validateUpdate(
  type: ResourceType,
  object: KubeObject,
  old: KubeObject,
  subresource: string,
): void {
  // Who writes a status is not held to what a spec says that was there before. What was stored without a default that there is
  // now has it all the same.
  const own =
    subresource === ''
      ? [
          ...(kindFaults[type.kind]?.(object) ?? []),
          ...(changeFaults[type.kind]?.(object, type.defaults(old)) ?? []),
        ]
      : type.kind === 'Namespace'
        ? namespaceFaults(object)
        : [];
  throwFaults(type, object, [
    ...metadataFaults(type, object),
    ...finalizerChanges(object, old),
    ...rbacErrors(object, old),
    ...own,
  ]);
}

/** What is on its way out is held by nothing new. */
function finalizerChanges(
  { metadata: { deletionTimestamp, finalizers = [] } }: KubeObject,
  { metadata: { finalizers: before = [] } }: KubeObject,
): FieldError[] {
  const known = new Set(before);
  const more = deletionTimestamp === undefined ? [] : finalizers.filter((one) => !known.has(one)).toSorted();
  if (more.length === 0) return [];
  return [
    forbiddenField(
      'metadata.finalizers',
      `no new finalizers can be added if the object is being deleted, found new finalizers []string{${more.map((one) => JSON.stringify(one)).join(', ')}}`,
    ),
  ];
}

/** Kubernetes' own finalizers; all others need a domain prefix. */
const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function finalizerFaults(field: string, name: string): FieldError[] {
  const fault = labelKeyFault(name);
  if (fault !== undefined) return [invalid(field, name, fault)];
  return name.includes('/') || standardFinalizers.includes(name)
    ? []
    : [invalid(field, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function namespaceFaults(object: KubeObject): FieldError[] {
  return listAt(object, 'spec', 'finalizers').flatMap((name, index) =>
    finalizerFaults(`spec.finalizers[${index}]`, String(name)),
  );
}

function throwFaults({ kind, group }: ResourceType, object: KubeObject, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalidObject(kind, group, object.metadata.name, faults);
}

function metadataFaults(
  { nameRule, namespaced, group }: ResourceType,
  { metadata }: KubeObject,
): FieldError[] {
  const { name, generateName, namespace, labels = {}, annotations = {}, finalizers = [] } = metadata;
  const faults: FieldError[] = [];
  if (generateName) {
    // What is completed to a name may end with a dash.
    const fault = nameFaults[nameRule](generateName.endsWith('-') ? `${generateName}a` : generateName);
    if (fault !== undefined) faults.push(invalid('metadata.generateName', generateName, fault));
  }
  if (name === '') faults.push(required('metadata.name', 'name or generateName is required'));
  else {
    const fault = nameFaults[nameRule](name);
    if (fault !== undefined) faults.push(invalid('metadata.name', name, fault));
  }
  if (namespaced) {
    const fault = namespace ? nameFaults.label(namespace) : undefined;
    if (!namespace) faults.push(required('metadata.namespace'));
    else if (fault !== undefined) faults.push(invalid('metadata.namespace', namespace, fault));
  } else if (namespace) faults.push(forbiddenField('metadata.namespace', 'not allowed on this type'));
  for (const [key, value] of Object.entries(labels)) {
    const keyFault = labelKeyFault(key);
    const valueFault = labelValueFault(value);
    if (keyFault !== undefined) faults.push(invalid('metadata.labels', key, keyFault));
    if (valueFault !== undefined) faults.push(invalid('metadata.labels', value, valueFault));
  }
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    // Annotations are permitted to be written in capital letters.
    const fault = labelKeyFault(key.toLowerCase());
    if (fault !== undefined) faults.push(invalid('metadata.annotations', key, fault));
    size += key.length + value.length;
  }
  if (size > annotationsLimit) faults.push(tooLong('metadata.annotations', annotationsLimit));
  for (const [index, finalizer] of finalizers.entries()) {
    const fault = labelKeyFault(finalizer);
    if (fault !== undefined) faults.push(invalid('metadata.finalizers', finalizer, fault));
    else if (group === '') faults.push(...finalizerFaults(`metadata.finalizers[${index}]`, finalizer));
  }
  return faults;
}

const dataLimit = 1024 * 1024;

function dataFaults(object: KubeObject, ...fields: readonly string[]): FieldError[] {
  const faults: FieldError[] = [];
  let size = 0;
  for (const field of fields) {
    for (const [key, value] of Object.entries(objectAt(object, field))) {
      const fault = configKeyFault(key);
      if (fault !== undefined) faults.push(invalid(`${field}[${key}]`, key, fault));
      size += typeof value === 'string' ? value.length : 0;
    }
  }
  if (size > dataLimit) faults.push(tooLong(fields[0] ?? '', dataLimit));
  return faults;
}

function leaseFaults(object: KubeObject): FieldError[] {
  const [seconds, transitions] = ['leaseDurationSeconds', 'leaseTransitions'].map((field) =>
    valueAt(object, 'spec', field),
  );
  return [
    ...(typeof seconds === 'number' && seconds <= 0
      ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')]
      : []),
    ...(typeof transitions === 'number' && transitions < 0
      ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}

/** A key stands for one value. */
function configMapFaults(object: KubeObject): FieldError[] {
  const binary = objectAt(object, 'binaryData');
  const twice = Object.keys(objectAt(object, 'data')).filter((key) => Object.hasOwn(binary, key));
  return [
    ...dataFaults(object, 'data', 'binaryData'),
    ...twice.map((key) => invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')),
  ];
}

const kindFaults: Readonly<Partial<Record<Kind, (object: KubeObject) => FieldError[]>>> = {
  ConfigMap: configMapFaults,
  Secret: (object) => [...dataFaults(object, 'data'), ...secretTypeFaults(object)],
  Pod: podFaults,
  Service: serviceFaults,
  Node: nodeFaults,
  Namespace: namespaceFaults,
  Lease: leaseFaults,
};

const immutableDetail = 'field is immutable';

/** What was marked immutable stays so, and what it holds stays as it is. */
const sealed =
  (...fields: readonly string[]) =>
  (object: KubeObject, old: KubeObject): FieldError[] => {
    if (valueAt(old, 'immutable') !== true) return [];
    const marked =
      valueAt(object, 'immutable') === true
        ? []
        : [forbiddenField('immutable', 'field is immutable when `immutable` is set')];
    return [
      ...marked,
      ...fields
        .filter((field) => !isDeepStrictEqual(objectAt(object, field), objectAt(old, field)))
        .map((field) => forbiddenField(field, 'field is immutable when `immutable` is set')),
    ];
  };

const changeFaults: Readonly<Partial<Record<Kind, (object: KubeObject, old: KubeObject) => FieldError[]>>> = {
  ConfigMap: sealed('data', 'binaryData'),
  Secret: (object, old) => [
    ...sealed('data')(object, old),
    ...(textAt(object, 'type') === textAt(old, 'type')
      ? []
      : [invalid('type', textAt(object, 'type'), immutableDetail)]),
  ],
  Pod: podChanges,
  Service: serviceChanges,
  Node: nodeChanges,
};
