/** Messages of k8s.io/apimachinery's meta/v1 (1.32). */
import { list, map, message, optional, text } from './message.ts';
import type { Message } from './message.ts';

const ownerReference = message('OwnerReference', {
  apiVersion: [5, 'string'],
  kind: [1, 'string'],
  name: [3, 'string'],
  uid: [4, text('types.UID')],
  controller: [6, 'bool'],
  blockOwnerDeletion: [7, 'bool'],
});

export const objectMeta = message('ObjectMeta', {
  name: [1, 'string'],
  generateName: [2, 'string'],
  namespace: [3, 'string'],
  selfLink: [4, 'string'],
  uid: [5, text('types.UID')],
  resourceVersion: [6, 'string'],
  generation: [7, optional('int64')],
  creationTimestamp: [8, 'time'],
  deletionTimestamp: [9, 'time'],
  deletionGracePeriodSeconds: [10, 'int64'],
  labels: [11, map('string')],
  annotations: [12, map('string')],
  ownerReferences: [13, list(ownerReference)],
  finalizers: [14, list('string')],
  managedFields: [17, 'any'],
});

export const fieldSelectorRequirement = message('FieldSelectorRequirement', {
  key: [1, 'string'],
  operator: [2, text('v1.FieldSelectorOperator')],
  values: [3, list('string')],
});

export const labelSelectorRequirement = message('LabelSelectorRequirement', {
  key: [1, 'string'],
  operator: [2, text('v1.LabelSelectorOperator')],
  values: [3, list('string')],
});

export const labelSelector = message('LabelSelector', {
  matchLabels: [1, map('string')],
  matchExpressions: [2, list(labelSelectorRequirement)],
});

export const condition = message('Condition', {
  type: [1, 'string'],
  status: [2, text('v1.ConditionStatus')],
  observedGeneration: [3, optional('int64')],
  lastTransitionTime: [4, 'time'],
  reason: [5, 'string'],
  message: [6, 'string'],
});

const preconditions = message('Preconditions', {
  uid: [1, text('types.UID')],
  resourceVersion: [2, 'string'],
});

export const deleteOptions = message('DeleteOptions', {
  gracePeriodSeconds: [1, 'int64'],
  preconditions: [2, preconditions],
  orphanDependents: [3, 'bool'],
  propagationPolicy: [4, text('v1.DeletionPropagation')],
  dryRun: [5, list('string')],
  ignoreStoreReadErrorWithClusterBreakingPotential: [6, 'bool'],
});

/** An object of the API: what every kind has, and its own fields. */
export const kind = (name: string, fields: Message['fields']): Message =>
  message(name, { metadata: [1, objectMeta], ...fields });
