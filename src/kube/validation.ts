/**
 * What an object of the right shape must say: names, labels, annotations, and what its kind demands (kube-apiserver's
 * validation packages, as far as they are about these kinds; roles and bindings are `rbac-validation.ts`'s). The faults
 * together become one 422 with a cause each. Rules about who may write what are hooks, not this file's.
 */
import { isDeepStrictEqual } from 'node:util';
import { duplicate, forbiddenField, invalid, invalidObject, notSupported, required, tooLong } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { listAt, objectAt, textAt, valueAt, withKeys } from './json.ts';
import { configKeyFault, labelKeyFault, labelValueFault, nameFaults } from './names.ts';
import type { KubeObject } from './objects.ts';
import { rbacErrors } from './rbac-validation.ts';
import type { ResourceType } from './resources.ts';
import type { Kind } from './schema.ts';

const annotationsLimit = 256 * 1024;

/** @throws ApiFailure 422 */
export function validateCreate(type: ResourceType, object: KubeObject): void {
  throwFaults(type, object, [...metadataFaults(type, object), ...(kindFaults[type.kind]?.(object) ?? []), ...rbacErrors(object)]);
}

/**
 * @param subresource empty for the object itself; what may not change is what only a subresource writes.
 * @throws ApiFailure 422
 */
export function validateUpdate(type: ResourceType, object: KubeObject, old: KubeObject, subresource: string): void {
  const changes = subresource === '' ? (changeFaults[type.kind]?.(object, old) ?? []) : [];
  throwFaults(type, object, [...metadataFaults(type, object), ...(kindFaults[type.kind]?.(object) ?? []), ...rbacErrors(object, old), ...changes]);
}

function throwFaults({ kind, group }: ResourceType, object: KubeObject, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalidObject(kind, group, object.metadata.name, faults);
}

function metadataFaults({ nameRule, namespaced }: ResourceType, { metadata }: KubeObject): FieldError[] {
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
  for (const finalizer of finalizers) {
    const fault = labelKeyFault(finalizer);
    if (fault !== undefined) faults.push(invalid('metadata.finalizers', finalizer, fault));
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

const mostPorts = 65_535;
const restartPolicies = ['Always', 'OnFailure', 'Never'];

function podFaults(object: KubeObject): FieldError[] {
  const containers = listAt(object, 'spec', 'containers');
  const faults: FieldError[] = containers.length === 0 ? [required('spec.containers')] : [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const at = `spec.containers[${index}]`;
    const name = textAt(container, 'name');
    const fault = nameFaults.label(name);
    if (name === '') faults.push(required(`${at}.name`));
    else if (fault !== undefined) faults.push(invalid(`${at}.name`, name, fault));
    else if (names.has(name)) faults.push(duplicate(`${at}.name`, name));
    names.add(name);
    if (textAt(container, 'image') === '') faults.push(required(`${at}.image`));
    faults.push(...portFaults(container, at));
  }
  const policy = textAt(object, 'spec', 'restartPolicy');
  if (!restartPolicies.includes(policy)) faults.push(notSupported('spec.restartPolicy', policy, restartPolicies));
  return faults;
}

function portFaults(container: unknown, at: string): FieldError[] {
  return listAt(container, 'ports').flatMap((given, index) => {
    const field = `${at}.ports[${index}].containerPort`;
    const port = valueAt(given, 'containerPort') ?? 0;
    if (port === 0) return [required(field)];
    return typeof port === 'number' && port >= 1 && port <= mostPorts ? [] : [invalid(field, port, `must be between 1 and ${mostPorts}, inclusive`)];
  });
}

function leaseFaults(object: KubeObject): FieldError[] {
  const [seconds, transitions] = ['leaseDurationSeconds', 'leaseTransitions'].map((field) => valueAt(object, 'spec', field));
  return [
    ...(typeof seconds === 'number' && seconds <= 0 ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
    ...(typeof transitions === 'number' && transitions < 0 ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')] : []),
  ];
}

const kindFaults: Readonly<Partial<Record<Kind, (object: KubeObject) => FieldError[]>>> = {
  ConfigMap: (object) => dataFaults(object, 'data', 'binaryData'),
  Secret: (object) => dataFaults(object, 'data'),
  Pod: podFaults,
  Lease: leaseFaults,
};

const immutableDetail = 'field is immutable';

/** What was marked immutable stays so, and what it holds stays as it is. */
const sealed =
  (...fields: readonly string[]) =>
  (object: KubeObject, old: KubeObject): FieldError[] => {
    if (valueAt(old, 'immutable') !== true) return [];
    const marked = valueAt(object, 'immutable') === true ? [] : [forbiddenField('immutable', 'field is immutable when `immutable` is set')];
    return [...marked, ...fields.filter((field) => !isDeepStrictEqual(objectAt(object, field), objectAt(old, field))).map((field) => forbiddenField(field, 'field is immutable when `immutable` is set'))];
  };

/** What runs, runs: of a pod hardly anything can be another. */
function podChanges(object: KubeObject, old: KubeObject): FieldError[] {
  if (!isDeepStrictEqual(containersOf(object), containersOf(old))) return [forbiddenField('spec.containers', 'pod updates may not add or remove containers')];
  if (isDeepStrictEqual(fixedSpec(object), fixedSpec(old))) return [];
  return [
    forbiddenField(
      'spec',
      'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
    ),
  ];
}

/** A pod's spec without what may change. */
function fixedSpec(object: KubeObject): object {
  const spec = objectAt(object, 'spec');
  const withoutImages = (field: string): Record<string, unknown> => (Object.hasOwn(spec, field) ? { [field]: listAt(spec, field).map((container) => withKeys(objectAt({ container }, 'container'), { image: undefined, imagePullPolicy: undefined })) } : {});
  return withKeys({ ...spec, ...withoutImages('containers'), ...withoutImages('initContainers') }, { activeDeadlineSeconds: undefined, tolerations: undefined, terminationGracePeriodSeconds: undefined });
}

const containersOf = (object: KubeObject): readonly unknown[] => listAt(object, 'spec', 'containers').map((container) => textAt(container, 'name'));

const changeFaults: Readonly<Partial<Record<Kind, (object: KubeObject, old: KubeObject) => FieldError[]>>> = {
  ConfigMap: sealed('data', 'binaryData'),
  Secret: (object, old) => [
    ...sealed('data')(object, old),
    ...(textAt(object, 'type') === textAt(old, 'type') ? [] : [invalid('type', textAt(object, 'type'), immutableDetail)]),
  ],
  Pod: podChanges,
};
