/** Containers: messages of core/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import type { Fields } from './message.ts';
import { localObjectReference, objectFieldSelector, resourceFieldSelector } from './references.ts';

export const appArmorProfile = message('AppArmorProfile', {
  type: [1, text('v1.AppArmorProfileType')],
  localhostProfile: [2, 'string'],
});

const capabilities = message('Capabilities', {
  add: [1, list(text('v1.Capability'))],
  drop: [2, list(text('v1.Capability'))],
});

const configMapEnvSource = message(
  'ConfigMapEnvSource',
  {
    optional: [2, 'bool'],
  },
  [1, localObjectReference],
);

const configMapKeySelector = message(
  'ConfigMapKeySelector',
  {
    key: [2, 'string'],
    optional: [3, 'bool'],
  },
  [1, localObjectReference],
);

const containerPort = message('ContainerPort', {
  name: [1, 'string'],
  hostPort: [2, optional('int32')],
  containerPort: [3, 'int32'],
  protocol: [4, text('v1.Protocol')],
  hostIP: [5, 'string'],
});

const secretEnvSource = message('SecretEnvSource', { optional: [2, 'bool'] }, [1, localObjectReference]);

const envFromSource = message('EnvFromSource', {
  prefix: [1, 'string'],
  configMapRef: [2, configMapEnvSource],
  secretRef: [3, secretEnvSource],
});

const secretKeySelector = message(
  'SecretKeySelector',
  {
    key: [2, 'string'],
    optional: [3, 'bool'],
  },
  [1, localObjectReference],
);

const envVarSource = message('EnvVarSource', {
  fieldRef: [1, objectFieldSelector],
  resourceFieldRef: [2, resourceFieldSelector],
  configMapKeyRef: [3, configMapKeySelector],
  secretKeyRef: [4, secretKeySelector],
});

const envVar = message('EnvVar', { name: [1, 'string'], value: [2, 'string'], valueFrom: [3, envVarSource] });
const resourceClaim = message('ResourceClaim', { name: [1, 'string'], request: [2, 'string'] });

export const resourceRequirements = message('ResourceRequirements', {
  limits: [1, map('quantity', 'v1.ResourceList')],
  requests: [2, map('quantity', 'v1.ResourceList')],
  claims: [3, list(resourceClaim)],
});

const containerResizePolicy = message('ContainerResizePolicy', {
  resourceName: [1, text('v1.ResourceName')],
  restartPolicy: [2, text('v1.ResourceResizeRestartPolicy')],
});

const volumeMount = message('VolumeMount', {
  name: [1, 'string'],
  readOnly: [2, optional('bool')],
  recursiveReadOnly: [7, text('v1.RecursiveReadOnlyMode')],
  mountPath: [3, 'string'],
  subPath: [4, 'string'],
  mountPropagation: [5, text('v1.MountPropagationMode')],
  subPathExpr: [6, 'string'],
});

const volumeDevice = message('VolumeDevice', { name: [1, 'string'], devicePath: [2, 'string'] });
const execAction = message('ExecAction', { command: [1, list('string')] });
const httpHeader = message('HTTPHeader', { name: [1, 'string'], value: [2, 'string'] });

const httpGetAction = message('HTTPGetAction', {
  path: [1, 'string'],
  port: [2, 'intOrString'],
  host: [3, 'string'],
  scheme: [4, text('v1.URIScheme')],
  httpHeaders: [5, list(httpHeader)],
});

const tcpSocketAction = message('TCPSocketAction', { port: [1, 'intOrString'], host: [2, 'string'] });
const grpcAction = message('GRPCAction', { port: [1, 'int32'], service: [2, 'string'] });

const probeHandler = message('ProbeHandler', {
  exec: [1, execAction],
  httpGet: [2, httpGetAction],
  tcpSocket: [3, tcpSocketAction],
  grpc: [4, grpcAction],
});

const probe = message(
  'Probe',
  {
    initialDelaySeconds: [2, optional('int32')],
    timeoutSeconds: [3, optional('int32')],
    periodSeconds: [4, optional('int32')],
    successThreshold: [5, optional('int32')],
    failureThreshold: [6, optional('int32')],
    terminationGracePeriodSeconds: [7, 'int64'],
  },
  [1, probeHandler],
);

const sleepAction = message('SleepAction', { seconds: [1, 'int64'] });

const lifecycleHandler = message('LifecycleHandler', {
  exec: [1, execAction],
  httpGet: [2, httpGetAction],
  tcpSocket: [3, tcpSocketAction],
  sleep: [4, sleepAction],
});

const lifecycle = message('Lifecycle', { postStart: [1, lifecycleHandler], preStop: [2, lifecycleHandler] });

export const seLinuxOptions = message('SELinuxOptions', {
  user: [1, 'string'],
  role: [2, 'string'],
  type: [3, 'string'],
  level: [4, 'string'],
});

export const windowsSecurityContextOptions = message('WindowsSecurityContextOptions', {
  gmsaCredentialSpecName: [1, 'string'],
  gmsaCredentialSpec: [2, 'string'],
  runAsUserName: [3, 'string'],
  hostProcess: [4, 'bool'],
});

export const seccompProfile = message('SeccompProfile', {
  type: [1, text('v1.SeccompProfileType')],
  localhostProfile: [2, 'string'],
});

const securityContext = message('SecurityContext', {
  capabilities: [1, capabilities],
  privileged: [2, 'bool'],
  seLinuxOptions: [3, seLinuxOptions],
  windowsOptions: [10, windowsSecurityContextOptions],
  runAsUser: [4, 'int64'],
  runAsGroup: [8, 'int64'],
  runAsNonRoot: [5, 'bool'],
  readOnlyRootFilesystem: [6, 'bool'],
  allowPrivilegeEscalation: [7, 'bool'],
  procMount: [9, text('v1.ProcMountType')],
  seccompProfile: [11, seccompProfile],
  appArmorProfile: [12, appArmorProfile],
});

/** What a container and an ephemeral one have in common: every field, under the same numbers. */
const containerFields: Fields = {
  name: [1, 'string'],
  image: [2, 'string'],
  command: [3, list('string')],
  args: [4, list('string')],
  workingDir: [5, 'string'],
  ports: [6, list(containerPort)],
  envFrom: [19, list(envFromSource)],
  env: [7, list(envVar)],
  resources: [8, resourceRequirements],
  resizePolicy: [23, list(containerResizePolicy)],
  restartPolicy: [24, text('v1.ContainerRestartPolicy')],
  volumeMounts: [9, list(volumeMount)],
  volumeDevices: [21, list(volumeDevice)],
  livenessProbe: [10, probe],
  readinessProbe: [11, probe],
  startupProbe: [22, probe],
  lifecycle: [12, lifecycle],
  terminationMessagePath: [13, 'string'],
  terminationMessagePolicy: [20, text('v1.TerminationMessagePolicy')],
  imagePullPolicy: [14, text('v1.PullPolicy')],
  securityContext: [15, securityContext],
  stdin: [16, optional('bool')],
  stdinOnce: [17, optional('bool')],
  tty: [18, optional('bool')],
};

export const container = message('Container', containerFields);

const ephemeralContainerCommon = message('EphemeralContainerCommon', containerFields);

export const ephemeralContainer = message(
  'EphemeralContainer',
  {
    targetContainerName: [2, 'string'],
  },
  [1, ephemeralContainerCommon],
);
