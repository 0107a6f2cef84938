/**
 * Assigns addresses to Services like kube-apiserver: a free address of the service network (`spec.clusterIP`) unless
 * one is given, and for NodePort and LoadBalancer a port on every node. Nothing listens there: wirelab programs no
 * rules.
 */
import type { RandomBytes } from '../../core/clock.ts';
import { invalid } from './field-error.ts';
import type { FieldError } from './field-error.ts';
import { listAt, objectAt, textAt, valueAt, withKeys } from './json.ts';
import type { KubeObject } from './objects.ts';
import { nodePorts } from './validation/services.ts';

/** kubeadm's `--service-cluster-ip-range`: 10.96.0.0/12, without its first sixteen, which have their owners (10.96.0.1, 10.96.0.10), and its last. */
const [first, count] = [(10 << 24) + (96 << 16) + 16, 2 ** 20 - 17];

export const serviceNetwork = '10.96.0.0/12';
const noAddress = 'None';

/** @param others the services that there are. */
export function withClusterAddress(
  service: KubeObject,
  others: readonly KubeObject[],
  random: RandomBytes,
): KubeObject {
  return withNodePorts(withAddress(service, freeAddress(service, others, random)), others, random);
}

/** Undefined where it has one, or needs none. */
function freeAddress(
  service: KubeObject,
  others: readonly KubeObject[],
  random: RandomBytes,
): string | undefined {
  const own = textAt(service, 'spec', 'clusterIP');
  if (own !== '' || textAt(service, 'spec', 'type') === 'ExternalName') return own || undefined;
  const taken = new Set(others.map((one) => textAt(one, 'spec', 'clusterIP')));
  const from = Buffer.from(random(4)).readUInt32BE();
  for (let tried = 0; tried < count; tried++) {
    const address = textOf(first + ((from + tried) % count));
    if (!taken.has(address)) return address;
  }
  return undefined;
}

const portsOf = (service: KubeObject): number[] =>
  listAt(service, 'spec', 'ports')
    .flatMap((port) => valueAt(port, 'nodePort') ?? [])
    .filter((port): port is number => typeof port === 'number');

function needsNodePorts(service: KubeObject): boolean {
  const type = textAt(service, 'spec', 'type');
  return (
    type === 'NodePort' ||
    (type === 'LoadBalancer' && valueAt(service, 'spec', 'allocateLoadBalancerNodePorts') !== false)
  );
}

function withNodePorts(service: KubeObject, others: readonly KubeObject[], random: RandomBytes): KubeObject {
  const ports = listAt(service, 'spec', 'ports');
  if (!needsNodePorts(service) || ports.length === 0) return service;
  const size = nodePorts.most - nodePorts.least + 1;
  const taken = new Set([...others, service].flatMap(portsOf));
  let next = Buffer.from(random(4)).readUInt32BE();
  const free = (): number | undefined => {
    for (let tried = 0; tried < size; tried++) {
      const port = nodePorts.least + (next++ % size);
      if (taken.has(port)) continue;
      taken.add(port);
      return port;
    }
    return undefined;
  };
  const given = ports.map((port) =>
    withKeys(objectAt({ port }, 'port'), { nodePort: valueAt(port, 'nodePort') ?? free() }),
  );
  return withKeys(service, { spec: { ...objectAt(service, 'spec'), ports: given } });
}

/** An update that omits the assigned values keeps them; values that its type no longer needs are removed. */
export function withAddressOf(old: KubeObject, service: KubeObject): KubeObject {
  const [spec, type] = [objectAt(service, 'spec'), textAt(service, 'spec', 'type')];
  const before = textAt(old, 'spec', 'clusterIP');
  const kept =
    type === 'ExternalName' || textAt(spec, 'clusterIP') !== '' || before === ''
      ? service
      : withAddress(service, before);
  const known = listAt(old, 'spec', 'ports');
  const ports = listAt(spec, 'ports').map((port) => {
    const same = known.find(
      (one) =>
        textAt(one, 'protocol') === textAt(port, 'protocol') &&
        valueAt(one, 'port') === valueAt(port, 'port'),
    );
    const [own, was] = [valueAt(port, 'nodePort'), valueAt(same, 'nodePort')];
    const nodePort = needsNodePorts(service) ? (own ?? was) : own === was ? undefined : own;
    return withKeys(objectAt({ port }, 'port'), { nodePort });
  });
  const isReachable =
    type === 'NodePort' || type === 'LoadBalancer' || listAt(spec, 'externalIPs').length > 0;
  const gone = {
    ...(type === 'ExternalName' && textAt(spec, 'clusterIP') === before
      ? { clusterIP: undefined, clusterIPs: undefined, ipFamilies: undefined, ipFamilyPolicy: undefined }
      : {}),
    ...(isReachable || textAt(old, 'spec', 'externalTrafficPolicy') !== textAt(spec, 'externalTrafficPolicy')
      ? {}
      : { externalTrafficPolicy: undefined }),
    ...(type !== 'LoadBalancer' &&
    valueAt(old, 'spec', 'allocateLoadBalancerNodePorts') === valueAt(spec, 'allocateLoadBalancerNodePorts')
      ? { allocateLoadBalancerNodePorts: undefined }
      : {}),
  };
  return withKeys(kept, {
    spec: withKeys(objectAt(kept, 'spec'), {
      ...(listAt(spec, 'ports').length > 0 ? { ports } : {}),
      ...gone,
    }),
  });
}

/** The requested values that are not available. @param others the other services. */
export function addressFaults(service: KubeObject, others: readonly KubeObject[]): FieldError[] {
  const address = textAt(service, 'spec', 'clusterIP');
  const refused = (why: string): FieldError[] => [
    invalid('spec.clusterIPs', [address], `failed to allocate IP ${address}: ${why}`),
  ];
  const ofAddress =
    address === '' || address === noAddress
      ? []
      : !isInNetwork(address)
        ? refused(
            `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${serviceNetwork}`,
          )
        : others.some((one) => textAt(one, 'spec', 'clusterIP') === address)
          ? refused('provided IP is already allocated')
          : [];
  const taken = new Set(others.flatMap(portsOf));
  const ofPorts = listAt(service, 'spec', 'ports').flatMap((port, index) => {
    const nodePort = valueAt(port, 'nodePort');
    return typeof nodePort === 'number' && taken.has(nodePort)
      ? [invalid(`spec.ports[${index}].nodePort`, nodePort, 'provided port is already allocated')]
      : [];
  });
  return [...ofAddress, ...ofPorts];
}

function isInNetwork(address: string): boolean {
  const [one = 0, two = 0, ...more] = address.split('.').map(Number);
  return one === 10 && (two & 0xf0) === 96 && more.length === 2;
}

function withAddress(service: KubeObject, clusterIP: string | undefined): KubeObject {
  if (clusterIP === undefined) return service;
  const spec = objectAt(service, 'spec');
  return withKeys(service, {
    spec: {
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ...spec,
      clusterIP,
      clusterIPs: [clusterIP],
    },
  });
}

const textOf = (address: number): string =>
  [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
