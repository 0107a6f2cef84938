/**
 * Validates objects of the right shape: names, labels, annotations, and the rules of their kind (kube-apiserver's
 * validation packages, for these kinds; `rbac-validation.ts` has roles and bindings). All errors together become one
 * 422 with a cause each. Authorization rules are hooks.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Dictionary } from '../../core/dictionary.ts';
import { forbiddenField, invalidObject } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { configKeyFault, labelKeyFault, nameFaults } from './names.ts';
import type { KubeObject } from './objects.ts';
import { rbacErrors } from '../authz/rbac-validation.ts';
import type { ResourceType } from '../apiserver/resources.ts';
import type { Kind } from './schema.ts';
import { endpointSliceChanges, endpointSliceFaults, endpointsFaults } from './validation/endpoints.ts';
import { limitRangeFaults, networkPolicyFaults, quotaFaults } from './validation/policies.ts';
import { nodeChanges, nodeFaults } from './validation/nodes.ts';
import { Place } from './validation/place.ts';
import { podChanges } from './validation/pod-changes.ts';
import { newPodFaults, podFaults } from './validation/pods.ts';
import {
  atLeastZero,
  checked,
  labels,
  moreThanZero,
  named,
  qualifiedName,
  requiredName,
} from './validation/rules.ts';
import { secretTypeFaults } from './validation/secrets.ts';
import { serviceChanges, serviceFaults } from './validation/services.ts';
import { webhookConfigurationFaults } from './validation/webhooks.ts';
import { deploymentChanges, deploymentFaults, jobChanges, jobFaults } from './validation/workloads.ts';

const annotationsLimit = 256 * 1024;

/** @throws ApiFailure 422 */
export function validateCreate(type: ResourceType, object: KubeObject): void {
  const place = new Place(object);
  throwFaults(type, object, [
    ...metadataFaults(type, place),
    ...(kindFaults[type.kind]?.(place) ?? []),
    ...(type.kind === 'Pod' ? newPodFaults(place) : []),
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
  const place = new Place(object);
  // Who writes a status is not held to what a spec says that was there before.
  const checksKind = subresource === '' || type.kind === 'Namespace';
  throwFaults(type, object, [
    ...metadataFaults(type, place),
    ...finalizerChanges(object, old),
    ...rbacErrors(object, old),
    ...(checksKind ? (kindFaults[type.kind]?.(place) ?? []) : []),
    // What was stored without a default that there is now has it all the same.
    ...(subresource === '' ? (changeFaults[type.kind]?.(place, new Place(type.defaults(old))) ?? []) : []),
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

const finalizerFaults = (finalizer: Place): FieldError[] =>
  checked(
    finalizer,
    (name) =>
      labelKeyFault(name) ??
      (name.includes('/') || standardFinalizers.includes(name)
        ? undefined
        : 'name is neither a standard finalizer name nor is it fully qualified'),
  );

const namespaceFaults = (namespace: Place): FieldError[] =>
  namespace.at('spec', 'finalizers').items.flatMap(finalizerFaults);

function throwFaults({ kind, group }: ResourceType, object: KubeObject, faults: readonly FieldError[]): void {
  if (faults.length > 0) throw invalidObject(kind, group, object.metadata.name, faults);
}

function metadataFaults({ nameRule, namespaced, group }: ResourceType, object: Place): FieldError[] {
  const metadata = object.at('metadata');
  const [name, generateName, namespace] = ['name', 'generateName', 'namespace'].map((field) =>
    metadata.at(field),
  ) as [Place, Place, Place];
  const annotations = metadata.at('annotations');
  const size = annotations.members.reduce((sum, [key, { text }]) => sum + key.length + text.length, 0);
  return [
    // What is completed to a name may end with a dash.
    ...(generateName.text === ''
      ? []
      : checked(generateName, (text) => nameFaults[nameRule](text.endsWith('-') ? `${text}a` : text))),
    ...(name.text === '' ? name.required('name or generateName is required') : named(name, nameRule)),
    ...(namespaced
      ? requiredName(namespace, 'label')
      : namespace.forbiddenIf(namespace.text !== '', 'not allowed on this type')),
    ...labels(metadata.at('labels')),
    // Annotations are permitted to be written in capital letters.
    ...annotations.members.flatMap(([key]) =>
      checked(annotations, (text) => labelKeyFault(text.toLowerCase()), key),
    ),
    ...annotations.tooLongIf(size > annotationsLimit, annotationsLimit),
    ...metadata
      .at('finalizers')
      .items.flatMap((finalizer) =>
        labelKeyFault(finalizer.text) === undefined
          ? group === ''
            ? finalizerFaults(finalizer)
            : []
          : qualifiedName(finalizer.as('metadata.finalizers')),
      ),
  ];
}

const dataLimit = 1024 * 1024;

/** The keys and the size of what one or two fields hold. */
function dataFaults(
  object: Place,
  fields: Dictionary<'utf8' | 'base64'>,
  whole = object.at(Object.keys(fields)[0] ?? ''),
): FieldError[] {
  const parts = Object.entries(fields).map(([field, encoding]) => ({
    encoding,
    members: object.at(field).members,
  }));
  const all = parts.flatMap(({ members }) => members);
  const size = parts.reduce(
    (sum, { encoding, members }) =>
      members.reduce((total, [, { text }]) => total + Buffer.byteLength(text, encoding), sum),
    0,
  );
  return [
    ...all.flatMap(([key, value]) => checked(value, configKeyFault, key)),
    ...whole.tooLongIf(size > dataLimit, dataLimit),
  ];
}

const leaseFaults = (lease: Place): FieldError[] => [
  ...moreThanZero(lease.at('spec', 'leaseDurationSeconds')),
  ...atLeastZero(lease.at('spec', 'leaseTransitions')),
];

/** A key stands for one value. */
function configMapFaults(object: Place): FieldError[] {
  const binary = object.at('binaryData').value ?? {};
  return [
    // kube-apiserver names no field here, and Go writes an empty path so.
    ...dataFaults(object, { data: 'utf8', binaryData: 'base64' }, object.as('[]')),
    ...object
      .at('data')
      .members.flatMap(([key, value]) =>
        value.invalidIf(Object.hasOwn(binary, key), 'duplicate of key present in binaryData', key),
      ),
  ];
}

const kindFaults: Readonly<Partial<Record<Kind, (object: Place) => FieldError[]>>> = {
  ConfigMap: configMapFaults,
  Secret: (object) => [...dataFaults(object, { data: 'base64' }), ...secretTypeFaults(object)],
  Pod: podFaults,
  Service: serviceFaults,
  Endpoints: endpointsFaults,
  EndpointSlice: endpointSliceFaults,
  Node: nodeFaults,
  Namespace: namespaceFaults,
  Lease: leaseFaults,
  Deployment: deploymentFaults,
  Job: jobFaults,
  NetworkPolicy: networkPolicyFaults,
  ResourceQuota: quotaFaults,
  LimitRange: limitRangeFaults,
  ValidatingWebhookConfiguration: webhookConfigurationFaults,
};

/** What was marked immutable stays so, and what it holds stays as it is. */
const sealed =
  (...fields: readonly string[]) =>
  (object: Place, old: Place): FieldError[] => {
    if (old.at('immutable').value !== true) return [];
    const detail = 'field is immutable when `immutable` is set';
    return [
      ...object.at('immutable').forbiddenIf(object.at('immutable').value !== true, detail),
      ...fields.flatMap((field) => {
        const part = object.at(field).or({});
        return part.forbiddenIf(!isDeepStrictEqual(part.value, old.at(field).or({}).value), detail);
      }),
    ];
  };

const changeFaults: Readonly<Partial<Record<Kind, (object: Place, old: Place) => FieldError[]>>> = {
  ConfigMap: sealed('data', 'binaryData'),
  Secret: (object, old) => [
    ...sealed('data')(object, old),
    ...object.at('type').invalidIf(object.at('type').text !== old.at('type').text, 'field is immutable'),
  ],
  Pod: podChanges,
  Service: serviceChanges,
  EndpointSlice: endpointSliceChanges,
  Node: nodeChanges,
  Deployment: deploymentChanges,
  Job: jobChanges,
};
