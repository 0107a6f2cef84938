/** Namespaces, Secrets, ConfigMaps, ServiceAccounts, Events and Bindings: messages of core/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import { kind } from './meta.ts';
import { localObjectReference, objectReference } from './references.ts';

export const binding = kind('Binding', { target: [2, objectReference] });

export const configMap = kind('ConfigMap', {
  immutable: [4, 'bool'],
  data: [2, map('string')],
  binaryData: [3, map('bytes')],
});

const eventSource = message('EventSource', { component: [1, 'string'], host: [2, 'string'] });
const eventSeries = message('EventSeries', { count: [1, optional('int32')], lastObservedTime: [2, 'time'] });

export const event = kind('Event', {
  involvedObject: [2, objectReference],
  reason: [3, 'string'],
  message: [4, 'string'],
  source: [5, eventSource],
  firstTimestamp: [6, 'time'],
  lastTimestamp: [7, 'time'],
  count: [8, optional('int32')],
  type: [9, 'string'],
  eventTime: [10, 'time'],
  series: [11, eventSeries],
  action: [12, 'string'],
  related: [13, objectReference],
  reportingComponent: [14, 'string'],
  reportingInstance: [15, 'string'],
});

const namespaceSpec = message('NamespaceSpec', { finalizers: [1, list(text('v1.FinalizerName'))] });

const namespaceCondition = message('NamespaceCondition', {
  type: [1, text('v1.NamespaceConditionType')],
  status: [2, text('v1.ConditionStatus')],
  lastTransitionTime: [4, 'time'],
  reason: [5, 'string'],
  message: [6, 'string'],
});

const namespaceStatus = message('NamespaceStatus', {
  phase: [1, text('v1.NamespacePhase')],
  conditions: [2, list(namespaceCondition)],
});

export const namespace = kind('Namespace', { spec: [2, namespaceSpec], status: [3, namespaceStatus] });

export const secret = kind('Secret', {
  immutable: [5, 'bool'],
  data: [2, map('bytes')],
  stringData: [4, map('string')],
  type: [3, text('v1.SecretType')],
});

export const serviceAccount = kind('ServiceAccount', {
  secrets: [2, list(objectReference)],
  imagePullSecrets: [3, list(localObjectReference)],
  automountServiceAccountToken: [4, 'bool'],
});
