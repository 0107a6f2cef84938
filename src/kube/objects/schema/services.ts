/** Services: messages of core/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import { condition, kind } from './meta.ts';

const clientIPConfig = message('ClientIPConfig', { timeoutSeconds: [1, 'int32'] });

const portStatus = message('PortStatus', {
  port: [1, 'int32'],
  protocol: [2, text('v1.Protocol')],
  error: [3, 'string'],
});

const loadBalancerIngress = message('LoadBalancerIngress', {
  ip: [1, 'string'],
  hostname: [2, 'string'],
  ipMode: [3, text('v1.LoadBalancerIPMode')],
  ports: [4, list(portStatus)],
});

const loadBalancerStatus = message('LoadBalancerStatus', { ingress: [1, list(loadBalancerIngress)] });

const servicePort = message('ServicePort', {
  name: [1, 'string'],
  protocol: [2, text('v1.Protocol')],
  appProtocol: [6, 'string'],
  port: [3, 'int32'],
  targetPort: [4, 'intOrString'],
  nodePort: [5, optional('int32')],
});

const sessionAffinityConfig = message('SessionAffinityConfig', { clientIP: [1, clientIPConfig] });

const serviceSpec = message('ServiceSpec', {
  ports: [1, list(servicePort)],
  selector: [2, map('string')],
  clusterIP: [3, 'string'],
  clusterIPs: [18, list('string')],
  type: [4, text('v1.ServiceType')],
  externalIPs: [5, list('string')],
  sessionAffinity: [7, text('v1.ServiceAffinity')],
  loadBalancerIP: [8, 'string'],
  loadBalancerSourceRanges: [9, list('string')],
  externalName: [10, 'string'],
  externalTrafficPolicy: [11, text('v1.ServiceExternalTrafficPolicy')],
  healthCheckNodePort: [12, optional('int32')],
  publishNotReadyAddresses: [13, optional('bool')],
  sessionAffinityConfig: [14, sessionAffinityConfig],
  ipFamilies: [19, list(text('v1.IPFamily'))],
  ipFamilyPolicy: [17, text('v1.IPFamilyPolicy')],
  allocateLoadBalancerNodePorts: [20, 'bool'],
  loadBalancerClass: [21, 'string'],
  internalTrafficPolicy: [22, text('v1.ServiceInternalTrafficPolicy')],
  trafficDistribution: [23, 'string'],
});

const serviceStatus = message('ServiceStatus', {
  loadBalancer: [1, loadBalancerStatus],
  conditions: [2, list(condition)],
});

export const service = kind('Service', { spec: [2, serviceSpec], status: [3, serviceStatus] });
