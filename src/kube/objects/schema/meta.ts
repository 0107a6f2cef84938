/** Messages of k8s.io/apimachinery's meta/v1 (1.32). `message.ts` defines the notation. */
export const meta = `
OwnerReference
  5 apiVersion string
  1 kind string
  3 name string
  4 uid types.UID
  6 controller bool
  7 blockOwnerDeletion bool

ObjectMeta
  1 name string
  2 generateName string
  3 namespace string
  4 selfLink string
  5 uid types.UID
  6 resourceVersion string
  7 generation int64?
  8 creationTimestamp time
  9 deletionTimestamp time
  10 deletionGracePeriodSeconds int64
  11 labels map[string]string
  12 annotations map[string]string
  13 ownerReferences []OwnerReference
  14 finalizers []string
  17 managedFields any

FieldSelectorRequirement
  1 key string
  2 operator v1.FieldSelectorOperator
  3 values []string

LabelSelectorRequirement
  1 key string
  2 operator v1.LabelSelectorOperator
  3 values []string

LabelSelector
  1 matchLabels map[string]string
  2 matchExpressions []LabelSelectorRequirement

Condition
  1 type string
  2 status v1.ConditionStatus
  3 observedGeneration int64?
  4 lastTransitionTime time
  5 reason string
  6 message string

Preconditions
  1 uid types.UID
  2 resourceVersion string

DeleteOptions
  1 gracePeriodSeconds int64
  2 preconditions Preconditions
  3 orphanDependents bool
  4 propagationPolicy v1.DeletionPropagation
  5 dryRun []string
  6 ignoreStoreReadErrorWithClusterBreakingPotential bool
`;
