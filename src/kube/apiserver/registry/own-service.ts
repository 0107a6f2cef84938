/**
 * Keeps the Service `kubernetes` in `default` (kube-apiserver's kubernetes-service controller): the first address of the
 * service network, which leads to the API server itself, and its Endpoints and EndpointSlice.
 *
 * 1. They are created when the API server listens, and again where they are missing or lead elsewhere.
 * 2. They say where the server really listens, which may be a loopback address. From clients, those are refused.
 */
import { isIPv6 } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { Address } from '../../../capture/event.ts';
import type { Clock, RandomBytes } from '../../../core/clock.ts';
import { addressInNetwork } from '../../../pki/kubeadm/networks.ts';
import { withKeys } from '../../objects/json.ts';
import type { KubeObject } from '../../objects/objects.ts';
import { serviceNetwork } from '../../objects/service-address.ts';
import { StoreConflict } from '../../store/store.ts';
import type { Store } from '../../store/store.ts';
import { storeKey } from '../resources.ts';
import { freshObject, services, typeOf } from './stored-form.ts';

export interface OwnServiceOptions {
  readonly store: Store;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: RandomBytes;
}

const [name, namespace] = ['kubernetes', 'default'];
const endpoints = typeOf('', 'endpoints');
const endpointSlices = typeOf('discovery.k8s.io', 'endpointslices');

/** The objects for a server that listens there. Addresses that stand for all are written as loopback. */
export function ownServiceObjects({ host, port }: Address): {
  readonly service: KubeObject;
  readonly endpoints: KubeObject;
  readonly slice: KubeObject;
} {
  const ip = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const clusterIP = addressInNetwork(serviceNetwork, 1) ?? '';
  const ports = [{ name: 'https', port, protocol: 'TCP' }];
  const mirrored = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  return {
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels: { component: 'apiserver', provider: 'kubernetes' } },
      spec: {
        clusterIP,
        clusterIPs: [clusterIP],
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: port }],
        sessionAffinity: 'None',
        type: 'ClusterIP',
      },
    },
    endpoints: {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels: mirrored },
      subsets: [{ addresses: [{ ip }], ports }],
    },
    slice: {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      addressType: isIPv6(ip) ? 'IPv6' : 'IPv4',
      endpoints: [{ addresses: [ip], conditions: { ready: true } }],
      ports,
    },
  };
}

/** Writes what is missing or wrong; what is right is only read. */
export async function keepOwnService(options: OwnServiceOptions, address: Address): Promise<void> {
  const wanted = ownServiceObjects(address);
  for (const [type, object, owned] of [
    // As there, the service's own ports are left to whoever changed them.
    [services, wanted.service, []],
    [endpoints, wanted.endpoints, ['subsets']],
    [endpointSlices, wanted.slice, ['endpoints', 'ports']],
  ] as const) {
    const { store } = options;
    const key = storeKey(type, namespace, name);
    const found = await store.get(key);
    const parts = Object.fromEntries(owned.map((field) => [field, object[field]]));
    const isRight = owned.every((field) => isDeepStrictEqual(found?.object[field], object[field]));
    try {
      if (!found) await store.create(key, freshObject(type, object, options));
      else if (!isRight) await store.update(key, withKeys(found.object, parts), found.revision);
    } catch (error) {
      // Another writer was faster: the next round looks again.
      if (!(error instanceof StoreConflict)) throw error;
    }
  }
}
