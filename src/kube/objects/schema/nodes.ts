/** Nodes: messages of core/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const nodes = `
AttachedVolume
  1 name v1.UniqueVolumeName
  2 devicePath string

ConfigMapNodeConfigSource
  1 namespace string
  2 name string
  3 uid types.UID
  4 resourceVersion string
  5 kubeletConfigKey string

ContainerImage
  1 names []string
  2 sizeBytes int64?

DaemonEndpoint
  1 Port int32

Taint
  1 key string
  2 value string
  3 effect v1.TaintEffect
  4 timeAdded time

NodeConfigSource
  2 configMap ConfigMapNodeConfigSource

NodeSpec
  1 podCIDR string
  7 podCIDRs []string
  3 providerID string
  4 unschedulable bool?
  5 taints []Taint
  6 configSource NodeConfigSource
  2 externalID string

NodeCondition
  1 type v1.NodeConditionType
  2 status v1.ConditionStatus
  3 lastHeartbeatTime time
  4 lastTransitionTime time
  5 reason string
  6 message string

NodeAddress
  1 type v1.NodeAddressType
  2 address string

NodeDaemonEndpoints
  1 kubeletEndpoint DaemonEndpoint

NodeSystemInfo
  1 machineID string
  2 systemUUID string
  3 bootID string
  4 kernelVersion string
  5 osImage string
  6 containerRuntimeVersion string
  7 kubeletVersion string
  8 kubeProxyVersion string
  9 operatingSystem string
  10 architecture string

NodeConfigStatus
  1 assigned NodeConfigSource
  2 active NodeConfigSource
  3 lastKnownGood NodeConfigSource
  4 error string

NodeRuntimeHandlerFeatures
  1 recursiveReadOnlyMounts bool
  2 userNamespaces bool

NodeRuntimeHandler
  1 name string
  2 features NodeRuntimeHandlerFeatures

NodeFeatures
  1 supplementalGroupsPolicy bool

NodeStatus
  1 capacity v1.ResourceList
  2 allocatable v1.ResourceList
  3 phase v1.NodePhase
  4 conditions []NodeCondition
  5 addresses []NodeAddress
  6 daemonEndpoints NodeDaemonEndpoints
  7 nodeInfo NodeSystemInfo
  8 images []ContainerImage
  9 volumesInUse []v1.UniqueVolumeName
  10 volumesAttached []AttachedVolume
  11 config NodeConfigStatus
  12 runtimeHandlers []NodeRuntimeHandler
  13 features NodeFeatures

Node
  1 metadata ObjectMeta
  2 spec NodeSpec
  3 status NodeStatus
`;
