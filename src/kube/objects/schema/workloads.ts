/** Deployments and Jobs: messages of apps/v1 and batch/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const workloads = `
PodTemplateSpec
  1 metadata ObjectMeta
  2 spec PodSpec

RollingUpdateDeployment
  1 maxUnavailable intOrString
  2 maxSurge intOrString

DeploymentStrategy
  1 type v1.DeploymentStrategyType
  2 rollingUpdate RollingUpdateDeployment

DeploymentSpec
  1 replicas int32
  2 selector LabelSelector
  3 template PodTemplateSpec
  4 strategy DeploymentStrategy
  5 minReadySeconds int32?
  6 revisionHistoryLimit int32
  7 paused bool?
  9 progressDeadlineSeconds int32

DeploymentCondition
  1 type v1.DeploymentConditionType
  2 status v1.ConditionStatus
  4 reason string
  5 message string
  6 lastUpdateTime time
  7 lastTransitionTime time

DeploymentStatus
  1 observedGeneration int64?
  2 replicas int32?
  3 updatedReplicas int32?
  4 availableReplicas int32?
  5 unavailableReplicas int32?
  6 conditions []DeploymentCondition
  7 readyReplicas int32?
  8 collisionCount int32

Deployment
  1 metadata ObjectMeta
  2 spec DeploymentSpec
  3 status DeploymentStatus

PodFailurePolicyOnExitCodesRequirement
  1 containerName string
  2 operator v1.PodFailurePolicyOnExitCodesOperator
  3 values []int32

PodFailurePolicyOnPodConditionsPattern
  1 type v1.PodConditionType
  2 status v1.ConditionStatus

PodFailurePolicyRule
  1 action v1.PodFailurePolicyAction
  2 onExitCodes PodFailurePolicyOnExitCodesRequirement
  3 onPodConditions []PodFailurePolicyOnPodConditionsPattern

PodFailurePolicy
  1 rules []PodFailurePolicyRule

SuccessPolicyRule
  1 succeededIndexes string
  2 succeededCount int32

SuccessPolicy
  1 rules []SuccessPolicyRule

JobSpec
  1 parallelism int32
  2 completions int32
  3 activeDeadlineSeconds int64
  4 selector LabelSelector
  5 manualSelector bool
  6 template PodTemplateSpec
  7 backoffLimit int32
  8 ttlSecondsAfterFinished int32
  9 completionMode v1.CompletionMode
  10 suspend bool
  11 podFailurePolicy PodFailurePolicy
  12 backoffLimitPerIndex int32
  13 maxFailedIndexes int32
  14 podReplacementPolicy v1.PodReplacementPolicy
  15 managedBy string
  16 successPolicy SuccessPolicy

JobCondition
  1 type v1.JobConditionType
  2 status v1.ConditionStatus
  3 lastProbeTime time
  4 lastTransitionTime time
  5 reason string
  6 message string

UncountedTerminatedPods
  1 succeeded []types.UID
  2 failed []types.UID

JobStatus
  1 conditions []JobCondition
  2 startTime time
  3 completionTime time
  4 active int32?
  5 succeeded int32?
  6 failed int32?
  7 completedIndexes string
  8 uncountedTerminatedPods UncountedTerminatedPods
  9 ready int32
  10 failedIndexes string
  11 terminating int32

Job
  1 metadata ObjectMeta
  2 spec JobSpec
  3 status JobStatus
`;
