import test from 'ava';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import {
  addressFaults,
  withAddressOf,
  withClusterAddress,
} from '../../../src/kube/objects/service-address.ts';

const service = (spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec,
});
const least = (length: number): Uint8Array => new Uint8Array(length);
const most = (length: number): Uint8Array => new Uint8Array(length).fill(255);
const addressOf = ({ spec }: KubeObject): unknown => (spec as { clusterIP?: unknown }).clusterIP;

test('a service gets an address that nobody has, of 10.96.0.0/12', (t) => {
  t.is(addressOf(withClusterAddress(service({}), [], least)), '10.96.0.16');
  t.is(
    addressOf(
      withClusterAddress(
        service({}),
        [service({ clusterIP: '10.96.0.16' }), service({ clusterIP: '10.96.0.17' })],
        least,
      ),
    ),
    '10.96.0.18',
  );
  t.regex(
    String(addressOf(withClusterAddress(service({}), [], most))),
    /^10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+$/,
  );
});

test('one that names its own, wants none, or lies elsewhere keeps what it says', (t) => {
  const family = { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
  for (const clusterIP of ['10.96.0.20', 'None'])
    t.deepEqual(withClusterAddress(service({ clusterIP }), [], least)['spec'], {
      ...family,
      clusterIP,
      clusterIPs: [clusterIP],
    });
  const elsewhere = { type: 'ExternalName', externalName: 'example.com' };
  t.deepEqual(withClusterAddress(service(elsewhere), [], least)['spec'], elsewhere);
});

test('a service of type NodePort gets a port of every node that nobody has, and keeps it', (t) => {
  const ports = (given: KubeObject): unknown =>
    (given['spec'] as { ports: { nodePort?: number }[] }).ports.map(({ nodePort }) => nodePort);
  const nodePort = service({
    type: 'NodePort',
    ports: [
      { port: 80, protocol: 'TCP' },
      { port: 443, protocol: 'TCP', nodePort: 30_001 },
    ],
  });
  const made = withClusterAddress(
    nodePort,
    [service({ type: 'NodePort', ports: [{ port: 1, nodePort: 30_000 }] })],
    least,
  );
  t.deepEqual(ports(made), [30_002, 30_001]);
  t.deepEqual(ports(withAddressOf(made, nodePort)), [30_002, 30_001]);
  t.deepEqual(ports(withAddressOf(made, service({ ...(made['spec'] as object), type: 'ClusterIP' }))), [
    undefined,
    undefined,
  ]);
  t.deepEqual(ports(withClusterAddress(service({ type: 'ClusterIP', ports: [{ port: 80 }] }), [], least)), [
    undefined,
  ]);
});

const fault = (spec: object, ...others: readonly object[]): string[] =>
  addressFaults(service(spec), others.map(service)).map(({ field, message }) => `${field}: ${message}`);

test('a service that asks for what it cannot have is told', (t) => {
  t.deepEqual(fault({ clusterIP: '10.1.2.3' }), [
    'spec.clusterIPs: Invalid value: []string{"10.1.2.3"}: failed to allocate IP 10.1.2.3: the provided IP (10.1.2.3) is not in the valid range. The range of valid IPs is 10.96.0.0/12',
  ]);
  t.deepEqual(fault({ clusterIP: '10.96.0.20' }, { clusterIP: '10.96.0.20' }), [
    'spec.clusterIPs: Invalid value: []string{"10.96.0.20"}: failed to allocate IP 10.96.0.20: provided IP is already allocated',
  ]);
  t.deepEqual(fault({ ports: [{ nodePort: 30_000 }] }, { ports: [{ nodePort: 30_000 }] }), [
    'spec.ports[0].nodePort: Invalid value: 30000: provided port is already allocated',
  ]);
  t.deepEqual(fault({ clusterIP: 'None' }, { clusterIP: 'None' }), []);
});

test('who writes it anew without its address does not take it away', (t) => {
  t.is(addressOf(withAddressOf(service({ clusterIP: '10.96.0.20' }), service({ ports: [] }))), '10.96.0.20');
  t.is(
    addressOf(withAddressOf(service({ clusterIP: '10.96.0.20' }), service({ clusterIP: 'None' }))),
    'None',
  );
  t.is(addressOf(withAddressOf(service({}), service({}))), undefined);
});
