/** Messages of core/v1 (k8s.io/api, 1.32) that refer to other objects, and selectors of nodes and fields. */
import { list, message, text } from './message.ts';

const nodeSelectorRequirement = message('NodeSelectorRequirement', {
  key: [1, 'string'],
  operator: [2, text('v1.NodeSelectorOperator')],
  values: [3, list('string')],
});

export const nodeSelectorTerm = message('NodeSelectorTerm', {
  matchExpressions: [1, list(nodeSelectorRequirement)],
  matchFields: [2, list(nodeSelectorRequirement)],
});

export const nodeSelector = message('NodeSelector', { nodeSelectorTerms: [1, list(nodeSelectorTerm)] });

export const objectReference = message('ObjectReference', {
  kind: [1, 'string'],
  namespace: [2, 'string'],
  name: [3, 'string'],
  uid: [4, text('types.UID')],
  apiVersion: [5, 'string'],
  resourceVersion: [6, 'string'],
  fieldPath: [7, 'string'],
});

export const localObjectReference = message('LocalObjectReference', { name: [1, 'string'] });

export const objectFieldSelector = message('ObjectFieldSelector', {
  apiVersion: [1, 'string'],
  fieldPath: [2, 'string'],
});

export const resourceFieldSelector = message('ResourceFieldSelector', {
  containerName: [1, 'string'],
  resource: [2, 'string'],
  divisor: [3, 'quantity'],
});

export const typedLocalObjectReference = message('TypedLocalObjectReference', {
  apiGroup: [1, 'string'],
  kind: [2, 'string'],
  name: [3, 'string'],
});

export const typedObjectReference = message('TypedObjectReference', {
  apiGroup: [1, 'string'],
  kind: [2, 'string'],
  name: [3, 'string'],
  namespace: [4, 'string'],
});
