/** The Service `kubernetes`: made by the API server itself, and put back. */
import { randomBytes } from 'node:crypto';
import test from 'ava';
import { systemClock } from '../../../../src/core/clock.ts';
import { columns } from '../../../../src/kube/apiserver/columns.ts';
import { keepOwnService, ownServiceObjects } from '../../../../src/kube/apiserver/registry/own-service.ts';
import { storeKey } from '../../../../src/kube/apiserver/resources.ts';
import { services, typeOf } from '../../../../src/kube/apiserver/registry/stored-form.ts';
import { listAt, textAt, valueAt } from '../../../../src/kube/objects/json.ts';
import { MemoryStore } from '../../../../src/kube/store/memory-store.ts';
import { callAs, ca, startWhole } from '../../components/support/whole.ts';
import { world } from '../../support/control-plane.ts';

const none = { controllerManager: false, scheduler: false, kubelet: false } as const;
const [service, endpoints, slice] = [
  '/api/v1/namespaces/default/services/kubernetes',
  '/api/v1/namespaces/default/endpoints/kubernetes',
  '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes',
];

test('it has the first address of the network, and leads to where the API server listens', async (t) => {
  const { ask, controlPlane } = await startWhole(t, { ...none, keepsOwnService: true });
  const { port } = controlPlane.address;
  const own = await ask('GET', service);
  t.is(textAt(own, 'spec', 'clusterIP'), '10.96.0.1');
  t.deepEqual(own.metadata.labels, { component: 'apiserver', provider: 'kubernetes' });
  t.deepEqual(valueAt(own, 'spec', 'ports'), [
    { name: 'https', port: 443, protocol: 'TCP', targetPort: port },
  ]);
  t.deepEqual(valueAt(await ask('GET', endpoints), 'subsets'), [
    { addresses: [{ ip: '127.0.0.1' }], ports: [{ name: 'https', port, protocol: 'TCP' }] },
  ]);
  const found = await ask('GET', slice);
  t.is(textAt(found, 'addressType'), 'IPv4');
  t.deepEqual(listAt(found, 'endpoints'), [{ addresses: ['127.0.0.1'], conditions: { ready: true } }]);
  t.is(found.metadata.labels?.['kubernetes.io/service-name'], 'kubernetes');
});

test('a control plane that is not to keep one has none', async (t) => {
  const { controlPlane } = await startWhole(t, none);
  const proof = { identity: world.identity('admin.conf'), ca };
  t.is((await callAs(controlPlane.address.port, 'GET', service, proof)).code, 404);
});

test('what is deleted or led elsewhere is put back; what is right is not written', async (t) => {
  const store = new MemoryStore();
  const options = { store, clock: systemClock, random: randomBytes };
  const at = { host: '127.0.0.1', port: 6443 };
  await keepOwnService(options, at);
  const revision = async (): Promise<number> => (await store.list('/registry/')).revision;
  const before = await revision();
  await keepOwnService(options, at);
  t.is(await revision(), before);
  await store.remove(storeKey(services, 'default', 'kubernetes'));
  const key = storeKey(typeOf('', 'endpoints'), 'default', 'kubernetes');
  const stored = await store.get(key);
  t.truthy(stored);
  if (stored) await store.update(key, { ...stored.object, subsets: [] }, stored.revision);
  await keepOwnService(options, { ...at, port: 6444 });
  t.truthy(await store.get(storeKey(services, 'default', 'kubernetes')));
  t.deepEqual(
    (await store.get(key))?.object['subsets'],
    ownServiceObjects({ ...at, port: 6444 }).endpoints['subsets'],
  );
  t.is((await store.get(key))?.object.metadata.uid, stored?.object.metadata.uid);
});

test('an address that stands for all is written as one that can be reached', (t) => {
  const ipOf = (host: string): unknown =>
    valueAt(listAt(ownServiceObjects({ host, port: 1 }).endpoints, 'subsets')[0], 'addresses');
  t.deepEqual(ipOf('0.0.0.0'), [{ ip: '127.0.0.1' }]);
  t.deepEqual(ipOf('::'), [{ ip: '::1' }]);
  t.is(ownServiceObjects({ host: '::1', port: 1 }).slice['addressType'], 'IPv6');
});

test('endpoints of a client are checked and shown as those of kube-apiserver', async (t) => {
  const { ask } = await startWhole(t, none);
  const made = (subsets: unknown): object => ({
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name: 'web' },
    subsets,
  });
  const path = '/api/v1/namespaces/default/endpoints';
  const refused = await ask(
    'POST',
    path,
    made([{ addresses: [{ ip: '127.0.0.1' }] }, { ports: [{ port: 1 }] }]),
  );
  t.is(
    refused['message'],
    'Endpoints "web" is invalid: [subsets[0].addresses[0].ip: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128), subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`]',
  );
  const addresses = ['10.0.0.1', '10.0.0.2'].map((ip) => ({ ip }));
  await ask(
    'POST',
    path,
    made([
      {
        addresses,
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 81 },
        ],
      },
    ]),
  );
  const kept = await ask('GET', `${path}/web`);
  const shown = columns['endpoints']?.find((one) => one.name === 'Endpoints');
  t.is(shown?.value(kept, 0), '10.0.0.1:80,10.0.0.2:80,10.0.0.1:81 + 1 more...');
  const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices';
  const unlike = await ask('POST', slices, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web' },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['::1'] }, { addresses: [] }],
  });
  t.regex(
    String(unlike['message']),
    /endpoints\[0\]\.addresses\[0\]: Invalid value: "::1": must be a valid IPv4 address, endpoints\[1\]\.addresses: Required value: must contain at least 1 address/,
  );
});
