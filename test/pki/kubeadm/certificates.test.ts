/** The table of kubeadm's certificates itself, and what it says of a cluster. */
import test from 'ava';
import {
  clusterOf,
  hostOf,
  isAuthorityRow,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
  sortedNames,
} from '../../../src/pki/kubeadm/certificates.ts';
import type { LeafRow } from '../../../src/pki/kubeadm/certificates.ts';

test('a CA stands before its leaves, and no leaf is an orphan', (t) => {
  const before = new Set<string>();
  for (const row of kubeadmCertificates) {
    if (isAuthorityRow(row)) before.add(row.name);
    else t.true(before.has(row.authority), row.name);
  }
  t.is(kubeadmAuthorities.length, 3);
  for (const { name } of kubeadmAuthorities)
    t.true(
      kubeadmLeaves.some(({ authority }) => authority === name),
      `${name} signs nothing`,
    );
});

test('names and files are each its own', (t) => {
  for (const all of [
    kubeadmCertificates.map(({ name }) => name),
    kubeadmCertificates.map(({ file }) => file),
    kubeadmKubeconfigs.map(({ name }) => name),
  ])
    t.is(new Set<string>(all).size, all.length);
});

const cluster = clusterOf({
  node: 'cp1',
  addresses: ['192.0.2.10', '2001:db8::10'],
  controlPlaneEndpoint: 'https://lab.example:6443',
  certSANs: ['more.example', '192.0.2.99'],
});
const apiserverNames = [
  'DNS:cp1',
  'DNS:kubernetes',
  'DNS:kubernetes.default',
  'DNS:kubernetes.default.svc',
  'DNS:kubernetes.default.svc.cluster.local',
  'DNS:lab.example',
  'DNS:more.example',
  'IP:10.96.0.1',
  'IP:192.0.2.10',
  'IP:2001:db8::10',
  'IP:192.0.2.99',
];
const etcdNames = ['DNS:cp1', 'DNS:localhost', 'IP:192.0.2.10', 'IP:127.0.0.1', 'IP:::1', 'IP:2001:db8::10'];

/** kubeadm 1.32, in its order: name, file, signer, CN, O, extended key usage, names. */
const reference = [
  ['ca', 'ca', 'self', 'kubernetes'],
  ['apiserver', 'apiserver', 'ca', 'kube-apiserver', [], ['serverAuth'], apiserverNames],
  [
    'apiserver-kubelet-client',
    'apiserver-kubelet-client',
    'ca',
    'kube-apiserver-kubelet-client',
    ['kubeadm:cluster-admins'],
    ['clientAuth'],
    [],
  ],
  ['front-proxy-ca', 'front-proxy-ca', 'self', 'front-proxy-ca'],
  [
    'front-proxy-client',
    'front-proxy-client',
    'front-proxy-ca',
    'front-proxy-client',
    [],
    ['clientAuth'],
    [],
  ],
  ['etcd-ca', 'etcd/ca', 'self', 'etcd-ca'],
  ['etcd-server', 'etcd/server', 'etcd-ca', 'cp1', [], ['serverAuth', 'clientAuth'], etcdNames],
  ['etcd-peer', 'etcd/peer', 'etcd-ca', 'cp1', [], ['serverAuth', 'clientAuth'], etcdNames],
  [
    'etcd-healthcheck-client',
    'etcd/healthcheck-client',
    'etcd-ca',
    'kube-etcd-healthcheck-client',
    [],
    ['clientAuth'],
    [],
  ],
  [
    'apiserver-etcd-client',
    'apiserver-etcd-client',
    'etcd-ca',
    'kube-apiserver-etcd-client',
    [],
    ['clientAuth'],
    [],
  ],
] as const;

test('every row is kubeadm’s, in kubeadm’s order', (t) => {
  t.deepEqual(
    kubeadmCertificates.map(({ name }) => name),
    reference.map(([name]) => name),
  );
  for (const [index, [name, file, signer, commonName, organizations, usages, san]] of reference.entries()) {
    const row = kubeadmCertificates[index] as (typeof kubeadmCertificates)[number];
    t.is(row.file, file, name);
    if (isAuthorityRow(row)) t.deepEqual([signer, row.commonName], ['self', commonName]);
    else
      t.deepEqual(
        { signer: row.authority, ...leafFacts(row, cluster) },
        {
          signer,
          commonName,
          organizations: [...(organizations ?? [])],
          usages: [...(usages ?? [])],
          san: [...(san ?? [])],
        },
        name,
      );
  }
});

test('every kubeconfig’s user and server are kubeadm’s', (t) => {
  t.deepEqual(
    kubeadmKubeconfigs.map((row) => [
      row.name,
      cluster[row.endpoint],
      leafFacts(row, cluster).commonName,
      leafFacts(row, cluster).organizations.join(),
    ]),
    [
      ['admin.conf', 'https://lab.example:6443', 'kubernetes-admin', 'kubeadm:cluster-admins'],
      ['super-admin.conf', 'https://lab.example:6443', 'kubernetes-super-admin', 'system:masters'],
      ['kubelet.conf', 'https://lab.example:6443', 'system:node:cp1', 'system:nodes'],
      ['controller-manager.conf', 'https://192.0.2.10:6443', 'system:kube-controller-manager', ''],
      ['scheduler.conf', 'https://192.0.2.10:6443', 'system:kube-scheduler', ''],
    ],
  );
  for (const row of kubeadmKubeconfigs) t.deepEqual(leafFacts(row, cluster).usages, ['clientAuth'], row.name);
});

test('a name stands once, however it is written, DNS before addresses', (t) => {
  t.deepEqual(sortedNames(['b', '::1', 'a', '127.0.0.1', 'a', '0:0:0:0:0:0:0:1', '127.0.0.1']), [
    'DNS:a',
    'DNS:b',
    'IP:0:0:0:0:0:0:0:1',
    'IP:127.0.0.1',
  ]);
  const { addresses, localEndpoint, controlPlaneEndpoint } = clusterOf({ addresses: ['::1'] });
  t.deepEqual(
    [addresses[0], localEndpoint, controlPlaneEndpoint],
    ['::1', 'https://[::1]:6443', 'https://[::1]:6443'],
  );
  t.deepEqual(
    leafFacts(kubeadmLeaves.find(({ name }) => name === 'etcd-server') as LeafRow, clusterOf()).san,
    ['DNS:control-plane', 'DNS:localhost', 'IP:127.0.0.1', 'IP:::1'],
  );
});

test('only an https URL has a host to be proven', (t) => {
  t.deepEqual(
    ['https://a.example:6443/x', 'https://[::1]:1', 'http://a.example', 'a.example:6443', '', 'https://'].map(
      hostOf,
    ),
    ['a.example', '::1', undefined, undefined, undefined, undefined],
  );
  // What only browsers take for one.
  for (const url of [
    'https:/a.example',
    'https:a.example',
    'https:\\\\a.example',
    'https://a.example ',
    ' https://a.example',
    'https://127.1:6443',
    'https://a.example:0',
    'https://a%2eexample',
    'https://fd00::5:6443',
  ])
    t.is(hostOf(url), undefined, url);
  t.is(hostOf('HTTPS://user@A.example:06443/'), 'a.example');
});
