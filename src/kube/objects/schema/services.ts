/** Services: messages of core/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const services = `
ClientIPConfig
  1 timeoutSeconds int32

PortStatus
  1 port int32
  2 protocol v1.Protocol
  3 error string

LoadBalancerIngress
  1 ip string
  2 hostname string
  3 ipMode v1.LoadBalancerIPMode
  4 ports []PortStatus

LoadBalancerStatus
  1 ingress []LoadBalancerIngress

ServicePort
  1 name string
  2 protocol v1.Protocol
  6 appProtocol string
  3 port int32
  4 targetPort intOrString
  5 nodePort int32?

SessionAffinityConfig
  1 clientIP ClientIPConfig

ServiceSpec
  1 ports []ServicePort
  2 selector map[string]string
  3 clusterIP string
  18 clusterIPs []string
  4 type v1.ServiceType
  5 externalIPs []string
  7 sessionAffinity v1.ServiceAffinity
  8 loadBalancerIP string
  9 loadBalancerSourceRanges []string
  10 externalName string
  11 externalTrafficPolicy v1.ServiceExternalTrafficPolicy
  12 healthCheckNodePort int32?
  13 publishNotReadyAddresses bool?
  14 sessionAffinityConfig SessionAffinityConfig
  19 ipFamilies []v1.IPFamily
  17 ipFamilyPolicy v1.IPFamilyPolicy
  20 allocateLoadBalancerNodePorts bool
  21 loadBalancerClass string
  22 internalTrafficPolicy v1.ServiceInternalTrafficPolicy
  23 trafficDistribution string

ServiceStatus
  1 loadBalancer LoadBalancerStatus
  2 conditions []Condition

Service
  1 metadata ObjectMeta
  2 spec ServiceSpec
  3 status ServiceStatus
`;
