/** Pods: messages of core/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import {
  appArmorProfile,
  container,
  ephemeralContainer,
  resourceRequirements,
  seLinuxOptions,
  seccompProfile,
  windowsSecurityContextOptions,
} from './containers.ts';
import { kind, labelSelector } from './meta.ts';
import { localObjectReference, nodeSelector, nodeSelectorTerm } from './references.ts';
import { volume } from './volumes.ts';

const preferredSchedulingTerm = message('PreferredSchedulingTerm', {
  weight: [1, 'int32'],
  preference: [2, nodeSelectorTerm],
});

const nodeAffinity = message('NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: [1, nodeSelector],
  preferredDuringSchedulingIgnoredDuringExecution: [2, list(preferredSchedulingTerm)],
});

const podAffinityTerm = message('PodAffinityTerm', {
  labelSelector: [1, labelSelector],
  namespaces: [2, list('string')],
  topologyKey: [3, 'string'],
  namespaceSelector: [4, labelSelector],
  matchLabelKeys: [5, list('string')],
  mismatchLabelKeys: [6, list('string')],
});

const weightedPodAffinityTerm = message('WeightedPodAffinityTerm', {
  weight: [1, 'int32'],
  podAffinityTerm: [2, podAffinityTerm],
});

const podAffinity = message('PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: [1, list(podAffinityTerm)],
  preferredDuringSchedulingIgnoredDuringExecution: [2, list(weightedPodAffinityTerm)],
});

const podAntiAffinity = message('PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: [1, list(podAffinityTerm)],
  preferredDuringSchedulingIgnoredDuringExecution: [2, list(weightedPodAffinityTerm)],
});

const affinity = message('Affinity', {
  nodeAffinity: [1, nodeAffinity],
  podAffinity: [2, podAffinity],
  podAntiAffinity: [3, podAntiAffinity],
});

const containerStateWaiting = message('ContainerStateWaiting', {
  reason: [1, 'string'],
  message: [2, 'string'],
});

const containerStateRunning = message('ContainerStateRunning', { startedAt: [1, 'time'] });

const containerStateTerminated = message('ContainerStateTerminated', {
  exitCode: [1, 'int32'],
  signal: [2, optional('int32')],
  reason: [3, 'string'],
  message: [4, 'string'],
  startedAt: [5, 'time'],
  finishedAt: [6, 'time'],
  containerID: [7, 'string'],
});

const containerState = message('ContainerState', {
  waiting: [1, containerStateWaiting],
  running: [2, containerStateRunning],
  terminated: [3, containerStateTerminated],
});

const volumeMountStatus = message('VolumeMountStatus', {
  name: [1, 'string'],
  mountPath: [2, 'string'],
  readOnly: [3, optional('bool')],
  recursiveReadOnly: [4, text('v1.RecursiveReadOnlyMode')],
});

const linuxContainerUser = message('LinuxContainerUser', {
  uid: [1, 'int64'],
  gid: [2, 'int64'],
  supplementalGroups: [3, list('int64')],
});

const containerUser = message('ContainerUser', { linux: [1, linuxContainerUser] });

const resourceHealth = message('ResourceHealth', {
  resourceID: [1, text('v1.ResourceID')],
  health: [2, text('v1.ResourceHealthStatus')],
});

const resourceStatus = message('ResourceStatus', {
  name: [1, text('v1.ResourceName')],
  resources: [2, list(resourceHealth)],
});

const containerStatus = message('ContainerStatus', {
  name: [1, 'string'],
  state: [2, containerState],
  lastState: [3, containerState],
  ready: [4, 'bool'],
  restartCount: [5, 'int32'],
  image: [6, 'string'],
  imageID: [7, 'string'],
  containerID: [8, 'string'],
  started: [9, 'bool'],
  allocatedResources: [10, map('quantity', 'v1.ResourceList')],
  resources: [11, resourceRequirements],
  volumeMounts: [12, list(volumeMountStatus)],
  user: [13, containerUser],
  allocatedResourcesStatus: [14, list(resourceStatus)],
});

const hostAlias = message('HostAlias', { ip: [1, 'string'], hostnames: [2, list('string')] });
const hostIP = message('HostIP', { ip: [1, 'string'] });
const sysctl = message('Sysctl', { name: [1, 'string'], value: [2, 'string'] });

const podSecurityContext = message('PodSecurityContext', {
  seLinuxOptions: [1, seLinuxOptions],
  windowsOptions: [8, windowsSecurityContextOptions],
  runAsUser: [2, 'int64'],
  runAsGroup: [6, 'int64'],
  runAsNonRoot: [3, 'bool'],
  supplementalGroups: [4, list('int64')],
  supplementalGroupsPolicy: [12, text('v1.SupplementalGroupsPolicy')],
  fsGroup: [5, 'int64'],
  sysctls: [7, list(sysctl)],
  fsGroupChangePolicy: [9, text('v1.PodFSGroupChangePolicy')],
  seccompProfile: [10, seccompProfile],
  appArmorProfile: [11, appArmorProfile],
  seLinuxChangePolicy: [13, text('v1.PodSELinuxChangePolicy')],
});

const toleration = message('Toleration', {
  key: [1, 'string'],
  operator: [2, text('v1.TolerationOperator')],
  value: [3, 'string'],
  effect: [4, text('v1.TaintEffect')],
  tolerationSeconds: [5, 'int64'],
});

const podDNSConfigOption = message('PodDNSConfigOption', { name: [1, 'string'], value: [2, 'string'] });

const podDNSConfig = message('PodDNSConfig', {
  nameservers: [1, list('string')],
  searches: [2, list('string')],
  options: [3, list(podDNSConfigOption)],
});

const podReadinessGate = message('PodReadinessGate', { conditionType: [1, text('v1.PodConditionType')] });

const topologySpreadConstraint = message('TopologySpreadConstraint', {
  maxSkew: [1, 'int32'],
  topologyKey: [2, 'string'],
  whenUnsatisfiable: [3, text('v1.UnsatisfiableConstraintAction')],
  labelSelector: [4, labelSelector],
  minDomains: [5, 'int32'],
  nodeAffinityPolicy: [6, text('v1.NodeInclusionPolicy')],
  nodeTaintsPolicy: [7, text('v1.NodeInclusionPolicy')],
  matchLabelKeys: [8, list('string')],
});

const podOS = message('PodOS', { name: [1, text('v1.OSName')] });
const podSchedulingGate = message('PodSchedulingGate', { name: [1, 'string'] });

const podResourceClaim = message('PodResourceClaim', {
  name: [1, 'string'],
  resourceClaimName: [3, 'string'],
  resourceClaimTemplateName: [4, 'string'],
});

const podSpec = message('PodSpec', {
  volumes: [1, list(volume)],
  initContainers: [20, list(container)],
  containers: [2, list(container)],
  ephemeralContainers: [34, list(ephemeralContainer)],
  restartPolicy: [3, text('v1.RestartPolicy')],
  terminationGracePeriodSeconds: [4, 'int64'],
  activeDeadlineSeconds: [5, 'int64'],
  dnsPolicy: [6, text('v1.DNSPolicy')],
  nodeSelector: [7, map('string')],
  serviceAccountName: [8, 'string'],
  serviceAccount: [9, 'string'],
  automountServiceAccountToken: [21, 'bool'],
  nodeName: [10, 'string'],
  hostNetwork: [11, optional('bool')],
  hostPID: [12, optional('bool')],
  hostIPC: [13, optional('bool')],
  shareProcessNamespace: [27, 'bool'],
  securityContext: [14, podSecurityContext],
  imagePullSecrets: [15, list(localObjectReference)],
  hostname: [16, 'string'],
  subdomain: [17, 'string'],
  affinity: [18, affinity],
  schedulerName: [19, 'string'],
  tolerations: [22, list(toleration)],
  hostAliases: [23, list(hostAlias)],
  priorityClassName: [24, 'string'],
  priority: [25, 'int32'],
  dnsConfig: [26, podDNSConfig],
  readinessGates: [28, list(podReadinessGate)],
  runtimeClassName: [29, 'string'],
  enableServiceLinks: [30, 'bool'],
  preemptionPolicy: [31, text('v1.PreemptionPolicy')],
  overhead: [32, map('quantity', 'v1.ResourceList')],
  topologySpreadConstraints: [33, list(topologySpreadConstraint)],
  setHostnameAsFQDN: [35, 'bool'],
  os: [36, podOS],
  hostUsers: [37, 'bool'],
  schedulingGates: [38, list(podSchedulingGate)],
  resourceClaims: [39, list(podResourceClaim)],
  resources: [40, resourceRequirements],
});

const podCondition = message('PodCondition', {
  type: [1, text('v1.PodConditionType')],
  status: [2, text('v1.ConditionStatus')],
  lastProbeTime: [3, 'time'],
  lastTransitionTime: [4, 'time'],
  reason: [5, 'string'],
  message: [6, 'string'],
});

const podIP = message('PodIP', { ip: [1, 'string'] });

const podResourceClaimStatus = message('PodResourceClaimStatus', {
  name: [1, 'string'],
  resourceClaimName: [2, 'string'],
});

const podStatus = message('PodStatus', {
  phase: [1, text('v1.PodPhase')],
  conditions: [2, list(podCondition)],
  message: [3, 'string'],
  reason: [4, 'string'],
  nominatedNodeName: [11, 'string'],
  hostIP: [5, 'string'],
  hostIPs: [16, list(hostIP)],
  podIP: [6, 'string'],
  podIPs: [12, list(podIP)],
  startTime: [7, 'time'],
  initContainerStatuses: [10, list(containerStatus)],
  containerStatuses: [8, list(containerStatus)],
  qosClass: [9, text('v1.PodQOSClass')],
  ephemeralContainerStatuses: [13, list(containerStatus)],
  resize: [14, text('v1.PodResizeStatus')],
  resourceClaimStatuses: [15, list(podResourceClaimStatus)],
});

export const pod = kind('Pod', { spec: [2, podSpec], status: [3, podStatus] });
