/** Validates services, and their immutable fields (kube-apiserver, ValidateService and ValidateServiceUpdate). */
import type { FieldError } from '../field-error.ts';
import { Place } from './place.ts';
import {
  address,
  labels,
  named,
  numberFault,
  oneOf,
  oneOfOrNone,
  portNumber,
  portNumberOrName,
  protocols,
  qualifiedName,
  repetition,
  requiredName,
  specialAddressFaults,
} from './rules.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const noAddress = 'None';
const mostAffinity = 86_400;
/** `--service-node-port-range`. */
export const nodePorts = { least: 30_000, most: 32_767 } as const;

export function serviceFaults(service: Place): FieldError[] {
  const spec = service.at('spec');
  const type = spec.at('type').text;
  const ports = spec.at('ports');
  const clusterIP = spec.at('clusterIP').as('spec.clusterIPs[0]');
  const isHeadless = clusterIP.text === noAddress;
  const isExternalName = type === 'ExternalName';
  const isExternal = type === 'LoadBalancer' || type === 'NodePort';
  const onlyForBalancers = (field: Place, isGiven: boolean): FieldError[] =>
    field.forbiddenIf(isGiven && type !== 'LoadBalancer', "may only be used when `type` is 'LoadBalancer'");
  const sourceRanges = spec.at('loadBalancerSourceRanges');
  const allocates = spec.at('allocateLoadBalancerNodePorts');
  const balancerClass = spec.at('loadBalancerClass');
  return [
    ...ports.requiredIf(ports.items.length === 0 && !isHeadless && !isExternalName),
    ...clusterIP.invalidIf(isHeadless && isExternal, `may not be set to 'None' for ${type} services`),
    ...(isExternalName ? externalNameFaults(spec) : []),
    ...portFaults(ports),
    ...labels(spec.at('selector')),
    ...oneOf(spec.at('sessionAffinity'), ['ClientIP', 'None']),
    ...affinityFaults(spec),
    ...(isExternalName ? [] : addressFaults(spec, clusterIP)),
    ...spec.at('externalIPs').items.flatMap((ip) => {
      const faults = address(ip);
      return faults.length > 0 ? faults : specialAddressFaults(ip);
    }),
    ...oneOf(spec.at('type'), types),
    ...ports.items.flatMap((port) => nodePortFaults(port.at('nodePort'), type)),
    ...repeatedFaults(ports, 'nodePort', (port) => port.at('nodePort')),
    ...repeatedFaults(
      ports,
      'port',
      (port) => new Place({ port: port.at('port').value, protocol: port.at('protocol').text }, port.path),
    ),
    ...onlyForBalancers(sourceRanges.as('spec.LoadBalancerSourceRanges'), sourceRanges.items.length > 0),
    ...onlyForBalancers(allocates, allocates.isSet),
    ...onlyForBalancers(balancerClass, balancerClass.text !== ''),
    ...externalTrafficFaults(
      spec.at('externalTrafficPolicy'),
      isExternal || spec.at('externalIPs').items.length > 0,
    ),
    ...oneOfOrNone(spec.at('internalTrafficPolicy'), ['Cluster', 'Local']),
    ...oneOfOrNone(spec.at('trafficDistribution'), ['PreferClose']),
  ];
}

function externalNameFaults(spec: Place): FieldError[] {
  const field = spec.at('externalName');
  const name = new Place(field.text.replace(/\.$/, ''), field.path);
  return [
    ...spec
      .at('clusterIPs')
      .forbiddenIf(spec.at('clusterIP').text !== '', 'may not be set for ExternalName services'),
    ...requiredName(name, 'subdomain'),
  ];
}

function portFaults(ports: Place): FieldError[] {
  const isRepeated = repetition();
  return ports.items.flatMap((port) => {
    const [name, appProtocol] = [port.at('name'), port.at('appProtocol')];
    return [
      ...(name.text === '' ? name.requiredIf(ports.items.length > 1) : named(name, 'label')),
      ...name.duplicateIf(isRepeated(name.text)),
      ...portNumber(port.at('port')),
      ...oneOf(port.at('protocol'), protocols),
      ...portNumberOrName(port.at('targetPort')),
      ...(appProtocol.text === '' ? [] : qualifiedName(appProtocol)),
    ];
  });
}

function affinityFaults(spec: Place): FieldError[] {
  const config = spec.at('sessionAffinityConfig');
  return spec.at('sessionAffinity').text === 'None'
    ? config.forbidden('must not be set when session affinity is None')
    : numberFault(
        config.at('clientIP', 'timeoutSeconds'),
        (seconds) => seconds <= 0 || seconds > mostAffinity,
        `must be greater than 0 and less than ${mostAffinity}`,
      );
}

function addressFaults(spec: Place, clusterIP: Place): FieldError[] {
  return [
    ...(['', noAddress].includes(clusterIP.text) ? [] : address(clusterIP)),
    ...spec.at('ipFamilies').items.flatMap((family) => oneOf(family, ['IPv4', 'IPv6'])),
    ...oneOfOrNone(spec.at('ipFamilyPolicy'), ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
  ];
}

function nodePortFaults(nodePort: Place, type: string): FieldError[] {
  const { value } = nodePort.or(0);
  if (value === 0) return [];
  return type === 'ClusterIP'
    ? nodePort.forbidden("may not be used when `type` is 'ClusterIP'")
    : numberFault(
        nodePort,
        (port) => port < nodePorts.least || port > nodePorts.most,
        `provided port is not in the valid range. The range of valid ports is ${nodePorts.least}-${nodePorts.most}`,
      );
}

/** @param shown what an error names: the field, or the port. */
function repeatedFaults(ports: Place, field: string, shown: (port: Place) => Place): FieldError[] {
  const isRepeated = repetition();
  return ports.items.flatMap((port) => {
    const { value } = port.at(field).or(0);
    return value === 0
      ? []
      : shown(port).duplicateIf(isRepeated(`${port.at('protocol').text}/${String(value)}`));
  });
}

function externalTrafficFaults(policy: Place, isReachable: boolean): FieldError[] {
  return isReachable
    ? oneOfOrNone(policy, ['Cluster', 'Local'])
    : policy.invalidIf(policy.text !== '', 'may only be set for externally-accessible services');
}

/** Its address is immutable, because clients know it. */
export function serviceChanges(service: Place, old: Place): FieldError[] {
  if ([service, old].some((one) => one.at('spec', 'type').text === 'ExternalName')) return [];
  const now = service.at('spec', 'clusterIP');
  const before = old.at('spec', 'clusterIP').text;
  return now
    .as('spec.clusterIPs[0]')
    .invalidIf(before !== '' && now.text !== before, 'may not change once set', [now.text]);
}
