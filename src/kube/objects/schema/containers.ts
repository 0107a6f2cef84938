/** Containers: messages of core/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const containers = `
AppArmorProfile
  1 type v1.AppArmorProfileType
  2 localhostProfile string

Capabilities
  1 add []v1.Capability
  2 drop []v1.Capability

ConfigMapEnvSource
  1 inline LocalObjectReference
  2 optional bool

ConfigMapKeySelector
  1 inline LocalObjectReference
  2 key string
  3 optional bool

ContainerPort
  1 name string
  2 hostPort int32?
  3 containerPort int32
  4 protocol v1.Protocol
  5 hostIP string

SecretEnvSource
  1 inline LocalObjectReference
  2 optional bool

EnvFromSource
  1 prefix string
  2 configMapRef ConfigMapEnvSource
  3 secretRef SecretEnvSource

SecretKeySelector
  1 inline LocalObjectReference
  2 key string
  3 optional bool

EnvVarSource
  1 fieldRef ObjectFieldSelector
  2 resourceFieldRef ResourceFieldSelector
  3 configMapKeyRef ConfigMapKeySelector
  4 secretKeyRef SecretKeySelector

EnvVar
  1 name string
  2 value string
  3 valueFrom EnvVarSource

ResourceClaim
  1 name string
  2 request string

ResourceRequirements
  1 limits v1.ResourceList
  2 requests v1.ResourceList
  3 claims []ResourceClaim

ContainerResizePolicy
  1 resourceName v1.ResourceName
  2 restartPolicy v1.ResourceResizeRestartPolicy

VolumeMount
  1 name string
  2 readOnly bool?
  7 recursiveReadOnly v1.RecursiveReadOnlyMode
  3 mountPath string
  4 subPath string
  5 mountPropagation v1.MountPropagationMode
  6 subPathExpr string

VolumeDevice
  1 name string
  2 devicePath string

ExecAction
  1 command []string

HTTPHeader
  1 name string
  2 value string

HTTPGetAction
  1 path string
  2 port intOrString
  3 host string
  4 scheme v1.URIScheme
  5 httpHeaders []HTTPHeader

TCPSocketAction
  1 port intOrString
  2 host string

GRPCAction
  1 port int32
  2 service string

ProbeHandler
  1 exec ExecAction
  2 httpGet HTTPGetAction
  3 tcpSocket TCPSocketAction
  4 grpc GRPCAction

Probe
  1 inline ProbeHandler
  2 initialDelaySeconds int32?
  3 timeoutSeconds int32?
  4 periodSeconds int32?
  5 successThreshold int32?
  6 failureThreshold int32?
  7 terminationGracePeriodSeconds int64

SleepAction
  1 seconds int64

LifecycleHandler
  1 exec ExecAction
  2 httpGet HTTPGetAction
  3 tcpSocket TCPSocketAction
  4 sleep SleepAction

Lifecycle
  1 postStart LifecycleHandler
  2 preStop LifecycleHandler

SELinuxOptions
  1 user string
  2 role string
  3 type string
  4 level string

WindowsSecurityContextOptions
  1 gmsaCredentialSpecName string
  2 gmsaCredentialSpec string
  3 runAsUserName string
  4 hostProcess bool

SeccompProfile
  1 type v1.SeccompProfileType
  2 localhostProfile string

SecurityContext
  1 capabilities Capabilities
  2 privileged bool
  3 seLinuxOptions SELinuxOptions
  10 windowsOptions WindowsSecurityContextOptions
  4 runAsUser int64
  8 runAsGroup int64
  5 runAsNonRoot bool
  6 readOnlyRootFilesystem bool
  7 allowPrivilegeEscalation bool
  9 procMount v1.ProcMountType
  11 seccompProfile SeccompProfile
  12 appArmorProfile AppArmorProfile

Container
  1 name string
  2 image string
  3 command []string
  4 args []string
  5 workingDir string
  6 ports []ContainerPort
  19 envFrom []EnvFromSource
  7 env []EnvVar
  8 resources ResourceRequirements
  23 resizePolicy []ContainerResizePolicy
  24 restartPolicy v1.ContainerRestartPolicy
  9 volumeMounts []VolumeMount
  21 volumeDevices []VolumeDevice
  10 livenessProbe Probe
  11 readinessProbe Probe
  22 startupProbe Probe
  12 lifecycle Lifecycle
  13 terminationMessagePath string
  20 terminationMessagePolicy v1.TerminationMessagePolicy
  14 imagePullPolicy v1.PullPolicy
  15 securityContext SecurityContext
  16 stdin bool?
  17 stdinOnce bool?
  18 tty bool?

EphemeralContainerCommon = Container

EphemeralContainer
  1 inline EphemeralContainerCommon
  2 targetContainerName string
`;
