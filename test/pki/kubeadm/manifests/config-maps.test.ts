/** kubeadm's ConfigMaps: what a cluster was made with. */
import test from 'ava';
import { parse } from 'yaml';
import { systemClock } from '../../../../src/core/clock.ts';
import { clusterOf } from '../../../../src/pki/kubeadm/certificates.ts';
import { kubeadmConfigMaps } from '../../../../src/pki/kubeadm/manifests/config-maps.ts';
import { kubeletConfig } from '../../../../src/pki/kubeadm/manifests/node-files.ts';
import { issueWorld } from '../../../../src/pki/ca/issue.ts';

const world = issueWorld(
  { certificates: { ca: { profile: 'root', subject: { CN: 'kubernetes' } } } },
  { clock: systemClock },
);
const authority = world.authority('ca');
const configuration = (change: Partial<Parameters<typeof kubeadmConfigMaps>[0]> = {}) =>
  parse(
    kubeadmConfigMaps({ cluster: clusterOf(), authority, ...change })['kubeadm-config']?.[
      'ClusterConfiguration'
    ] ?? '',
  ) as Record<string, unknown>;

test('ClusterConfiguration is that of kubeadm 1.32 for the same cluster', (t) => {
  const { encryptionAlgorithm, ...others } = configuration();
  t.regex(String(encryptionAlgorithm), /^(?:RSA-2048|ECDSA-P256)$/);
  t.deepEqual(others, {
    apiServer: {},
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    caCertificateValidityPeriod: '87600h0m0s',
    certificateValidityPeriod: '8760h0m0s',
    certificatesDir: '/etc/kubernetes/pki',
    clusterName: 'kubernetes',
    controllerManager: {},
    dns: {},
    etcd: { local: { dataDir: '/var/lib/etcd' } },
    imageRepository: 'registry.k8s.io',
    kind: 'ClusterConfiguration',
    kubernetesVersion: 'v1.32.3',
    networking: { dnsDomain: 'cluster.local', serviceSubnet: '10.96.0.0/12' },
    proxy: {},
    scheduler: {},
  });
});

test('a shared endpoint, additional names and an etcd elsewhere are in it', (t) => {
  const cluster = clusterOf({ controlPlaneEndpoint: 'https://k8s.example:6443', certSANs: ['k8s.example'] });
  const files = {
    authority: '/etc/etcd/ca.crt',
    certificate: '/etc/etcd/client.crt',
    key: '/etc/etcd/client.key',
  };
  t.like(configuration({ cluster, externalEtcd: { endpoints: ['https://127.0.0.1:12379'], files } }), {
    apiServer: { certSANs: ['k8s.example'] },
    controlPlaneEndpoint: 'k8s.example:6443',
    etcd: {
      external: {
        caFile: '/etc/etcd/ca.crt',
        certFile: '/etc/etcd/client.crt',
        endpoints: ['https://127.0.0.1:12379'],
        keyFile: '/etc/etcd/client.key',
      },
    },
  });
});

test('the others hold what is in the files of a node', (t) => {
  const maps = kubeadmConfigMaps({ cluster: clusterOf(), authority });
  t.is(maps['kubelet-config']?.['kubelet'], kubeletConfig(clusterOf()));
  t.deepEqual(Object.keys(maps['kube-proxy'] ?? {}), ['config.conf', 'kubeconfig.conf']);
});

test('durations and networks are written as Kubernetes writes them', (t) => {
  const text = kubeadmConfigMaps({ cluster: clusterOf(), authority })['kubeadm-config']?.[
    'ClusterConfiguration'
  ];
  t.regex(text ?? '', /^certificateValidityPeriod: 8760h0m0s$/m);
  t.regex(text ?? '', /^ {2}serviceSubnet: 10\.96\.0\.0\/12$/m);
});
