/** Pods: messages of core/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const pods = `
PreferredSchedulingTerm
  1 weight int32
  2 preference NodeSelectorTerm

NodeAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution NodeSelector
  2 preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm

PodAffinityTerm
  1 labelSelector LabelSelector
  2 namespaces []string
  3 topologyKey string
  4 namespaceSelector LabelSelector
  5 matchLabelKeys []string
  6 mismatchLabelKeys []string

WeightedPodAffinityTerm
  1 weight int32
  2 podAffinityTerm PodAffinityTerm

PodAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm

PodAntiAffinity
  1 requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
  2 preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm

Affinity
  1 nodeAffinity NodeAffinity
  2 podAffinity PodAffinity
  3 podAntiAffinity PodAntiAffinity

ContainerStateWaiting
  1 reason string
  2 message string

ContainerStateRunning
  1 startedAt time

ContainerStateTerminated
  1 exitCode int32
  2 signal int32?
  3 reason string
  4 message string
  5 startedAt time
  6 finishedAt time
  7 containerID string

ContainerState
  1 waiting ContainerStateWaiting
  2 running ContainerStateRunning
  3 terminated ContainerStateTerminated

VolumeMountStatus
  1 name string
  2 mountPath string
  3 readOnly bool?
  4 recursiveReadOnly v1.RecursiveReadOnlyMode

LinuxContainerUser
  1 uid int64
  2 gid int64
  3 supplementalGroups []int64

ContainerUser
  1 linux LinuxContainerUser

ResourceHealth
  1 resourceID v1.ResourceID
  2 health v1.ResourceHealthStatus

ResourceStatus
  1 name v1.ResourceName
  2 resources []ResourceHealth

ContainerStatus
  1 name string
  2 state ContainerState
  3 lastState ContainerState
  4 ready bool
  5 restartCount int32
  6 image string
  7 imageID string
  8 containerID string
  9 started bool
  10 allocatedResources v1.ResourceList
  11 resources ResourceRequirements
  12 volumeMounts []VolumeMountStatus
  13 user ContainerUser
  14 allocatedResourcesStatus []ResourceStatus

HostAlias
  1 ip string
  2 hostnames []string

HostIP
  1 ip string

Sysctl
  1 name string
  2 value string

PodSecurityContext
  1 seLinuxOptions SELinuxOptions
  8 windowsOptions WindowsSecurityContextOptions
  2 runAsUser int64
  6 runAsGroup int64
  3 runAsNonRoot bool
  4 supplementalGroups []int64
  12 supplementalGroupsPolicy v1.SupplementalGroupsPolicy
  5 fsGroup int64
  7 sysctls []Sysctl
  9 fsGroupChangePolicy v1.PodFSGroupChangePolicy
  10 seccompProfile SeccompProfile
  11 appArmorProfile AppArmorProfile
  13 seLinuxChangePolicy v1.PodSELinuxChangePolicy

Toleration
  1 key string
  2 operator v1.TolerationOperator
  3 value string
  4 effect v1.TaintEffect
  5 tolerationSeconds int64

PodDNSConfigOption
  1 name string
  2 value string

PodDNSConfig
  1 nameservers []string
  2 searches []string
  3 options []PodDNSConfigOption

PodReadinessGate
  1 conditionType v1.PodConditionType

TopologySpreadConstraint
  1 maxSkew int32
  2 topologyKey string
  3 whenUnsatisfiable v1.UnsatisfiableConstraintAction
  4 labelSelector LabelSelector
  5 minDomains int32
  6 nodeAffinityPolicy v1.NodeInclusionPolicy
  7 nodeTaintsPolicy v1.NodeInclusionPolicy
  8 matchLabelKeys []string

PodOS
  1 name v1.OSName

PodSchedulingGate
  1 name string

PodResourceClaim
  1 name string
  3 resourceClaimName string
  4 resourceClaimTemplateName string

PodSpec
  1 volumes []Volume
  20 initContainers []Container
  2 containers []Container
  34 ephemeralContainers []EphemeralContainer
  3 restartPolicy v1.RestartPolicy
  4 terminationGracePeriodSeconds int64
  5 activeDeadlineSeconds int64
  6 dnsPolicy v1.DNSPolicy
  7 nodeSelector map[string]string
  8 serviceAccountName string
  9 serviceAccount string
  21 automountServiceAccountToken bool
  10 nodeName string
  11 hostNetwork bool?
  12 hostPID bool?
  13 hostIPC bool?
  27 shareProcessNamespace bool
  14 securityContext PodSecurityContext
  15 imagePullSecrets []LocalObjectReference
  16 hostname string
  17 subdomain string
  18 affinity Affinity
  19 schedulerName string
  22 tolerations []Toleration
  23 hostAliases []HostAlias
  24 priorityClassName string
  25 priority int32
  26 dnsConfig PodDNSConfig
  28 readinessGates []PodReadinessGate
  29 runtimeClassName string
  30 enableServiceLinks bool
  31 preemptionPolicy v1.PreemptionPolicy
  32 overhead v1.ResourceList
  33 topologySpreadConstraints []TopologySpreadConstraint
  35 setHostnameAsFQDN bool
  36 os PodOS
  37 hostUsers bool
  38 schedulingGates []PodSchedulingGate
  39 resourceClaims []PodResourceClaim
  40 resources ResourceRequirements

PodCondition
  1 type v1.PodConditionType
  2 status v1.ConditionStatus
  3 lastProbeTime time
  4 lastTransitionTime time
  5 reason string
  6 message string

PodIP
  1 ip string

PodResourceClaimStatus
  1 name string
  2 resourceClaimName string

PodStatus
  1 phase v1.PodPhase
  2 conditions []PodCondition
  3 message string
  4 reason string
  11 nominatedNodeName string
  5 hostIP string
  16 hostIPs []HostIP
  6 podIP string
  12 podIPs []PodIP
  7 startTime time
  10 initContainerStatuses []ContainerStatus
  8 containerStatuses []ContainerStatus
  9 qosClass v1.PodQOSClass
  13 ephemeralContainerStatuses []ContainerStatus
  14 resize v1.PodResizeStatus
  15 resourceClaimStatuses []PodResourceClaimStatus

Pod
  1 metadata ObjectMeta
  2 spec PodSpec
  3 status PodStatus
`;
