/** Keys in etcd are those of kube-apiserver 1.32. */
import test from 'ava';
import { resources, isVirtual, qualifiedName, storeKey } from '../../../../src/kube/apiserver/resources.ts';
import { StorageKeys } from '../../../../src/kube/etcd/storage/keys.ts';

/** As `etcdctl get /registry --prefix --keys-only` lists them in a cluster of kubeadm's. */
const upstream = {
  namespaces: '/registry/namespaces/x',
  pods: '/registry/pods/default/x',
  nodes: '/registry/minions/x',
  secrets: '/registry/secrets/default/x',
  services: '/registry/services/specs/default/x',
  configmaps: '/registry/configmaps/default/x',
  serviceaccounts: '/registry/serviceaccounts/default/x',
  resourcequotas: '/registry/resourcequotas/default/x',
  limitranges: '/registry/limitranges/default/x',
  events: '/registry/events/default/x',
  'clusterroles.rbac.authorization.k8s.io': '/registry/clusterroles/x',
  'clusterrolebindings.rbac.authorization.k8s.io': '/registry/clusterrolebindings/x',
  'roles.rbac.authorization.k8s.io': '/registry/roles/default/x',
  'rolebindings.rbac.authorization.k8s.io': '/registry/rolebindings/default/x',
  'certificatesigningrequests.certificates.k8s.io': '/registry/certificatesigningrequests/x',
  'leases.coordination.k8s.io': '/registry/leases/default/x',
  endpoints: '/registry/services/endpoints/default/x',
  'endpointslices.discovery.k8s.io': '/registry/endpointslices/default/x',
  'deployments.apps': '/registry/deployments/default/x',
  'jobs.batch': '/registry/jobs/default/x',
  'networkpolicies.networking.k8s.io': '/registry/networkpolicies/default/x',
} as const;

const keys = new StorageKeys();
const stored = resources.filter((row) => !isVirtual(row));

test('every object is where kube-apiserver has it', (t) => {
  for (const [name, place] of Object.entries(upstream)) {
    const row = stored.find((one) => qualifiedName(one) === name)!;
    const key = storeKey(row, 'default', 'x');
    t.is(keys.place(key), place);
    t.is(keys.keyAt(Buffer.from(place)), key);
    t.is(new StorageKeys('/other').place(key), place.replace('/registry', '/other'));
  }
});

test('no two resources share a prefix', (t) => {
  const places = stored.map((row) => keys.place(storeKey(row, 'default', 'x')));
  t.is(new Set(places).size, stored.length);
});

test('all of a group are at several places; a name is never taken for a resource', (t) => {
  t.deepEqual(keys.places('/registry/rbac.authorization.k8s.io/').toSorted(), [
    '/registry/clusterrolebindings/',
    '/registry/clusterroles/',
    '/registry/rolebindings/',
    '/registry/roles/',
  ]);
  t.deepEqual(keys.places('/registry/'), ['/registry/']);
  t.deepEqual(keys.places('/registry/core/secrets/'), ['/registry/secrets/']);
  t.deepEqual(keys.places('/registry/core/secrets/default/'), ['/registry/secrets/default/']);
  t.deepEqual(keys.places('/registry/core/services/default/web'), ['/registry/services/specs/default/web']);
});

test('what is of no resource stays where it is; what an earlier version stored is nobody’s', (t) => {
  t.is(keys.keyAt(Buffer.from('/registry/masterleases/10.0.0.1')), '/registry/masterleases/10.0.0.1');
  t.is(keys.keyAt(Buffer.from('/registry/ranges/servicenodeports')), '/registry/ranges/servicenodeports');
  t.is(keys.keyAt(Buffer.from('/registry/core/secrets/default/db')), undefined);
  t.is(keys.keyAt(Buffer.from('/registry/rbac.authorization.k8s.io/roles/default/x')), undefined);
  t.throws(() => keys.place('/elsewhere/x'));
});
