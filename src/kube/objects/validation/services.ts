/** Validates services, and their immutable fields (kube-apiserver, ValidateService and ValidateServiceUpdate). */
import { duplicate, forbiddenField, invalid, notSupported, required } from '../field-error.ts';
import type { FieldError } from '../field-error.ts';
import { listAt, objectAt, textAt, valueAt } from '../json.ts';
import type { KubeObject } from '../objects.ts';
import {
  address,
  labels,
  named,
  oneOf,
  oneOfOrNone,
  portNumber,
  portNumberOrName,
  protocols,
  qualifiedName,
} from './rules.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const noAddress = 'None';
const mostAffinity = 86_400;
/** `--service-node-port-range`. */
export const nodePorts = { least: 30_000, most: 32_767 } as const;

export function serviceFaults(service: KubeObject): FieldError[] {
  const spec = objectAt(service, 'spec');
  const [type, clusterIP, affinity] = [
    textAt(spec, 'type'),
    textAt(spec, 'clusterIP'),
    textAt(spec, 'sessionAffinity'),
  ];
  const ports = listAt(spec, 'ports');
  const isHeadless = clusterIP === noAddress;
  const isExternalName = type === 'ExternalName';
  const isReachable =
    type === 'LoadBalancer' || type === 'NodePort' || listAt(spec, 'externalIPs').length > 0;
  return [
    ...(ports.length === 0 && !isHeadless && !isExternalName ? [required('spec.ports')] : []),
    ...(isHeadless && (type === 'LoadBalancer' || type === 'NodePort')
      ? [invalid('spec.clusterIPs[0]', clusterIP, `may not be set to 'None' for ${type} services`)]
      : []),
    ...(isExternalName ? externalNameFaults(spec) : []),
    ...portFaults(ports),
    ...labels('spec.selector', objectAt(spec, 'selector')),
    ...oneOf('spec.sessionAffinity', affinity, ['ClientIP', 'None']),
    ...affinityFaults(spec, affinity),
    ...(isExternalName ? [] : addressFaults(spec)),
    ...listAt(spec, 'externalIPs').flatMap((ip, index) => {
      const field = `spec.externalIPs[${index}]`;
      const own = address(field, String(ip));
      return own.length > 0 ? own : specialAddress(field, String(ip));
    }),
    ...oneOf('spec.type', type, types),
    ...ports.flatMap((port, index) => nodePortFaults(port, `spec.ports[${index}].nodePort`, type)),
    ...repeated(
      ports,
      'nodePort',
      (index) => `spec.ports[${index}].nodePort`,
      (port) => valueAt(port, 'nodePort'),
    ),
    ...repeated(
      ports,
      'port',
      (index) => `spec.ports[${index}]`,
      (port) => ({ port: valueAt(port, 'port'), protocol: textAt(port, 'protocol') }),
    ),
    ...(listAt(spec, 'loadBalancerSourceRanges').length > 0 && type !== 'LoadBalancer'
      ? [forbiddenField('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'")]
      : []),
    ...(valueAt(spec, 'allocateLoadBalancerNodePorts') !== undefined && type !== 'LoadBalancer'
      ? [
          forbiddenField(
            'spec.allocateLoadBalancerNodePorts',
            "may only be used when `type` is 'LoadBalancer'",
          ),
        ]
      : []),
    ...(textAt(spec, 'loadBalancerClass') !== '' && type !== 'LoadBalancer'
      ? [forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")]
      : []),
    ...externalTrafficFaults(textAt(spec, 'externalTrafficPolicy'), isReachable),
    ...oneOfOrNone('spec.internalTrafficPolicy', textAt(spec, 'internalTrafficPolicy'), ['Cluster', 'Local']),
    ...oneOfOrNone('spec.trafficDistribution', textAt(spec, 'trafficDistribution'), ['PreferClose']),
  ];
}

function externalNameFaults(spec: unknown): FieldError[] {
  const name = textAt(spec, 'externalName').replace(/\.$/, '');
  return [
    ...(textAt(spec, 'clusterIP') === ''
      ? []
      : [forbiddenField('spec.clusterIPs', 'may not be set for ExternalName services')]),
    ...(name === '' ? [required('spec.externalName')] : named('spec.externalName', name, 'subdomain')),
  ];
}

function portFaults(ports: readonly unknown[]): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, index) => {
    const at = `spec.ports[${index}]`;
    const [name, appProtocol] = [textAt(port, 'name'), textAt(port, 'appProtocol')];
    const again = name !== '' && names.has(name) ? [duplicate(`${at}.name`, name)] : [];
    names.add(name);
    return [
      ...(name === ''
        ? ports.length > 1
          ? [required(`${at}.name`)]
          : []
        : named(`${at}.name`, name, 'label')),
      ...again,
      ...portNumber(`${at}.port`, valueAt(port, 'port')),
      ...oneOf(`${at}.protocol`, textAt(port, 'protocol'), protocols),
      ...portNumberOrName(`${at}.targetPort`, valueAt(port, 'targetPort')),
      ...(appProtocol === '' ? [] : qualifiedName(`${at}.appProtocol`, appProtocol)),
    ];
  });
}

function affinityFaults(spec: unknown, affinity: string): FieldError[] {
  const at = 'spec.sessionAffinityConfig';
  const config = valueAt(spec, 'sessionAffinityConfig');
  if (affinity === 'None')
    return config === undefined ? [] : [forbiddenField(at, 'must not be set when session affinity is None')];
  const seconds = valueAt(config, 'clientIP', 'timeoutSeconds');
  return typeof seconds === 'number' && (seconds <= 0 || seconds > mostAffinity)
    ? [
        invalid(
          `${at}.clientIP.timeoutSeconds`,
          seconds,
          `must be greater than 0 and less than ${mostAffinity}`,
        ),
      ]
    : [];
}

function addressFaults(spec: unknown): FieldError[] {
  const clusterIP = textAt(spec, 'clusterIP');
  const policy = textAt(spec, 'ipFamilyPolicy');
  return [
    ...(clusterIP === '' || clusterIP === noAddress ? [] : address('spec.clusterIPs[0]', clusterIP)),
    ...listAt(spec, 'ipFamilies').flatMap((family, index) =>
      oneOf(`spec.ipFamilies[${index}]`, String(family), ['IPv4', 'IPv6']),
    ),
    ...oneOfOrNone('spec.ipFamilyPolicy', policy, ['PreferDualStack', 'RequireDualStack', 'SingleStack']),
  ];
}

const special: readonly (readonly [RegExp, (ip: string) => string])[] = [
  [/^(?:0\.0\.0\.0|::)$/, (ip) => `may not be unspecified (${ip})`],
  [/^(?:127\.|::1$)/, () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(?:169\.254\.|fe[89ab])/i, () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(?:224\.0\.0\.|ff02)/i, () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

const specialAddress = (field: string, ip: string): FieldError[] =>
  special.flatMap(([range, detail]) => (range.test(ip) ? [invalid(field, ip, detail(ip))] : []));

function nodePortFaults(port: unknown, field: string, type: string): FieldError[] {
  const nodePort = valueAt(port, 'nodePort');
  if (typeof nodePort !== 'number' || nodePort === 0) return [];
  if (type === 'ClusterIP') return [forbiddenField(field, "may not be used when `type` is 'ClusterIP'")];
  return nodePort >= nodePorts.least && nodePort <= nodePorts.most
    ? []
    : [
        invalid(
          field,
          nodePort,
          `provided port is not in the valid range. The range of valid ports is ${nodePorts.least}-${nodePorts.most}`,
        ),
      ];
}

function repeated(
  ports: readonly unknown[],
  key: string,
  field: (index: number) => string,
  shown: (port: unknown) => unknown,
): FieldError[] {
  const seen = new Set<string>();
  return ports.flatMap((port, index) => {
    const value = valueAt(port, key);
    if (typeof value !== 'number' || value === 0) return [];
    const pair = `${textAt(port, 'protocol')}/${value}`;
    if (seen.has(pair)) return [duplicate(field(index), shown(port))];
    seen.add(pair);
    return [];
  });
}

function externalTrafficFaults(policy: string, isReachable: boolean): FieldError[] {
  const field = 'spec.externalTrafficPolicy';
  if (!isReachable)
    return policy === ''
      ? []
      : [invalid(field, policy, 'may only be set for externally-accessible services')];
  return policy === '' || ['Cluster', 'Local'].includes(policy)
    ? []
    : [notSupported(field, policy, ['Cluster', 'Local'])];
}

/** Its address is immutable, because clients know it. */
export function serviceChanges(service: KubeObject, old: KubeObject): FieldError[] {
  if ([service, old].some((one) => textAt(one, 'spec', 'type') === 'ExternalName')) return [];
  const [now, before] = [textAt(service, 'spec', 'clusterIP'), textAt(old, 'spec', 'clusterIP')];
  return before === '' || now === before
    ? []
    : [invalid('spec.clusterIPs[0]', [now], 'may not change once set')];
}
