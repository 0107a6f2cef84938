/**
 * Where a service leads: Endpoints of core/v1 and EndpointSlices of discovery.k8s.io/v1 (k8s.io/api, 1.32). `message.ts`
 * defines the notation. Both packages have an EndpointPort; that of slices has its package in its name here.
 */
export const endpoints = `
EndpointAddress
  1 ip string
  3 hostname string
  4 nodeName string
  2 targetRef ObjectReference

EndpointPort
  1 name string
  2 port int32
  3 protocol v1.Protocol
  4 appProtocol string

EndpointSubset
  1 addresses []EndpointAddress
  2 notReadyAddresses []EndpointAddress
  3 ports []EndpointPort

Endpoints
  1 metadata ObjectMeta
  2 subsets []EndpointSubset

EndpointConditions
  1 ready bool
  2 serving bool
  3 terminating bool

ForZone
  1 name string

EndpointHints
  1 forZones []ForZone

Endpoint
  1 addresses []string
  2 conditions EndpointConditions
  3 hostname string
  4 targetRef ObjectReference
  5 deprecatedTopology map[string]string
  6 nodeName string
  7 zone string
  8 hints EndpointHints

DiscoveryEndpointPort
  1 name string
  2 protocol v1.Protocol
  3 port int32
  4 appProtocol string

EndpointSlice
  1 metadata ObjectMeta
  4 addressType v1.AddressType
  2 endpoints []Endpoint
  3 ports []DiscoveryEndpointPort
`;
