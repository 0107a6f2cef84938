/** Nodes: messages of core/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import { kind } from './meta.ts';

const attachedVolume = message('AttachedVolume', {
  name: [1, text('v1.UniqueVolumeName')],
  devicePath: [2, 'string'],
});

const configMapNodeConfigSource = message('ConfigMapNodeConfigSource', {
  namespace: [1, 'string'],
  name: [2, 'string'],
  uid: [3, text('types.UID')],
  resourceVersion: [4, 'string'],
  kubeletConfigKey: [5, 'string'],
});

const containerImage = message('ContainerImage', {
  names: [1, list('string')],
  sizeBytes: [2, optional('int64')],
});

const daemonEndpoint = message('DaemonEndpoint', { Port: [1, 'int32'] });

const taint = message('Taint', {
  key: [1, 'string'],
  value: [2, 'string'],
  effect: [3, text('v1.TaintEffect')],
  timeAdded: [4, 'time'],
});

const nodeConfigSource = message('NodeConfigSource', { configMap: [2, configMapNodeConfigSource] });

const nodeSpec = message('NodeSpec', {
  podCIDR: [1, 'string'],
  podCIDRs: [7, list('string')],
  providerID: [3, 'string'],
  unschedulable: [4, optional('bool')],
  taints: [5, list(taint)],
  configSource: [6, nodeConfigSource],
  externalID: [2, 'string'],
});

const nodeCondition = message('NodeCondition', {
  type: [1, text('v1.NodeConditionType')],
  status: [2, text('v1.ConditionStatus')],
  lastHeartbeatTime: [3, 'time'],
  lastTransitionTime: [4, 'time'],
  reason: [5, 'string'],
  message: [6, 'string'],
});

const nodeAddress = message('NodeAddress', { type: [1, text('v1.NodeAddressType')], address: [2, 'string'] });
const nodeDaemonEndpoints = message('NodeDaemonEndpoints', { kubeletEndpoint: [1, daemonEndpoint] });

const nodeSystemInfo = message('NodeSystemInfo', {
  machineID: [1, 'string'],
  systemUUID: [2, 'string'],
  bootID: [3, 'string'],
  kernelVersion: [4, 'string'],
  osImage: [5, 'string'],
  containerRuntimeVersion: [6, 'string'],
  kubeletVersion: [7, 'string'],
  kubeProxyVersion: [8, 'string'],
  operatingSystem: [9, 'string'],
  architecture: [10, 'string'],
});

const nodeConfigStatus = message('NodeConfigStatus', {
  assigned: [1, nodeConfigSource],
  active: [2, nodeConfigSource],
  lastKnownGood: [3, nodeConfigSource],
  error: [4, 'string'],
});

const nodeRuntimeHandlerFeatures = message('NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: [1, 'bool'],
  userNamespaces: [2, 'bool'],
});

const nodeRuntimeHandler = message('NodeRuntimeHandler', {
  name: [1, 'string'],
  features: [2, nodeRuntimeHandlerFeatures],
});

const nodeFeatures = message('NodeFeatures', { supplementalGroupsPolicy: [1, 'bool'] });

const nodeStatus = message('NodeStatus', {
  capacity: [1, map('quantity', 'v1.ResourceList')],
  allocatable: [2, map('quantity', 'v1.ResourceList')],
  phase: [3, text('v1.NodePhase')],
  conditions: [4, list(nodeCondition)],
  addresses: [5, list(nodeAddress)],
  daemonEndpoints: [6, nodeDaemonEndpoints],
  nodeInfo: [7, nodeSystemInfo],
  images: [8, list(containerImage)],
  volumesInUse: [9, list(text('v1.UniqueVolumeName'))],
  volumesAttached: [10, list(attachedVolume)],
  config: [11, nodeConfigStatus],
  runtimeHandlers: [12, list(nodeRuntimeHandler)],
  features: [13, nodeFeatures],
});

export const node = kind('Node', { spec: [2, nodeSpec], status: [3, nodeStatus] });
