/**
 * The address of a Service in the cluster (`spec.clusterIP`): a free one of the network of services for each that does not
 * name its own, as kube-apiserver hands them out. Nobody listens there: wirelab programs no rules.
 */
import type { RandomBytes } from '../core/clock.ts';
import { objectAt, textAt, withKeys } from './json.ts';
import type { KubeObject } from './objects.ts';

/** kubeadm's `--service-cluster-ip-range`: 10.96.0.0/12, without its first sixteen, which have their owners (10.96.0.1, 10.96.0.10), and its last. */
const [first, count] = [(10 << 24) + (96 << 16) + 16, 2 ** 20 - 17];

/** @param others the services that there are. */
export function withClusterAddress(service: KubeObject, others: readonly KubeObject[], random: RandomBytes): KubeObject {
  if (textAt(service, 'spec', 'clusterIP') !== '' || textAt(service, 'spec', 'type') === 'ExternalName') return service;
  const taken = new Set(others.map((one) => textAt(one, 'spec', 'clusterIP')));
  const from = Buffer.from(random(4)).readUInt32BE();
  for (let tried = 0; tried < count; tried++) {
    const address = textOf(first + ((from + tried) % count));
    if (!taken.has(address)) return withAddress(service, address);
  }
  return service;
}

/** Who writes it anew and does not name the address keeps it. */
export function withAddressOf(old: KubeObject, service: KubeObject): KubeObject {
  const address = textAt(old, 'spec', 'clusterIP');
  const isLeftOut = textAt(service, 'spec', 'clusterIP') === '' && textAt(service, 'spec', 'type') !== 'ExternalName';
  return isLeftOut && address !== '' ? withAddress(service, address) : service;
}

const withAddress = (service: KubeObject, clusterIP: string): KubeObject => withKeys(service, { spec: { ...objectAt(service, 'spec'), clusterIP } });

const textOf = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 0xff).join('.');
