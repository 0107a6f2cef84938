import test from 'ava';
import type { KubeObject } from '../../src/kube/objects.ts';
import { withAddressOf, withClusterAddress } from '../../src/kube/service-address.ts';

const service = (spec: object): KubeObject => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'default' }, spec });
const least = (length: number): Uint8Array => new Uint8Array(length);
const most = (length: number): Uint8Array => new Uint8Array(length).fill(255);
const addressOf = ({ spec }: KubeObject): unknown => (spec as { clusterIP?: unknown }).clusterIP;

test('a service gets an address that nobody has, of 10.96.0.0/12', (t) => {
  t.is(addressOf(withClusterAddress(service({}), [], least)), '10.96.0.16');
  t.is(addressOf(withClusterAddress(service({}), [service({ clusterIP: '10.96.0.16' }), service({ clusterIP: '10.96.0.17' })], least)), '10.96.0.18');
  t.regex(String(addressOf(withClusterAddress(service({}), [], most))), /^10\.(?:9[6-9]|10\d|11[01])\.\d+\.\d+$/);
});

test('one that names its own, wants none, or lies elsewhere is left as it is', (t) => {
  for (const spec of [{ clusterIP: '10.96.0.20' }, { clusterIP: 'None' }, { type: 'ExternalName', externalName: 'example.com' }]) t.deepEqual(withClusterAddress(service(spec), [], least)['spec'], spec);
});

test('who writes it anew without its address does not take it away', (t) => {
  t.is(addressOf(withAddressOf(service({ clusterIP: '10.96.0.20' }), service({ ports: [] }))), '10.96.0.20');
  t.is(addressOf(withAddressOf(service({ clusterIP: '10.96.0.20' }), service({ clusterIP: 'None' }))), 'None');
  t.is(addressOf(withAddressOf(service({}), service({}))), undefined);
});
