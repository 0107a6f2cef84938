/** Namespaces, Secrets, ConfigMaps, ServiceAccounts, Events and Bindings: messages of core/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const core = `
Binding
  1 metadata ObjectMeta
  2 target ObjectReference

ConfigMap
  1 metadata ObjectMeta
  4 immutable bool
  2 data map[string]string
  3 binaryData map[string]bytes

EventSource
  1 component string
  2 host string

EventSeries
  1 count int32?
  2 lastObservedTime microTime

Event
  1 metadata ObjectMeta
  2 involvedObject ObjectReference
  3 reason string
  4 message string
  5 source EventSource
  6 firstTimestamp time
  7 lastTimestamp time
  8 count int32?
  9 type string
  10 eventTime microTime
  11 series EventSeries
  12 action string
  13 related ObjectReference
  14 reportingComponent string
  15 reportingInstance string

NamespaceSpec
  1 finalizers []v1.FinalizerName

NamespaceCondition
  1 type v1.NamespaceConditionType
  2 status v1.ConditionStatus
  4 lastTransitionTime time
  5 reason string
  6 message string

NamespaceStatus
  1 phase v1.NamespacePhase
  2 conditions []NamespaceCondition

Namespace
  1 metadata ObjectMeta
  2 spec NamespaceSpec
  3 status NamespaceStatus

Secret
  1 metadata ObjectMeta
  5 immutable bool
  2 data map[string]bytes
  4 stringData map[string]string
  3 type v1.SecretType

ServiceAccount
  1 metadata ObjectMeta
  2 secrets []ObjectReference
  3 imagePullSecrets []LocalObjectReference
  4 automountServiceAccountToken bool
`;
