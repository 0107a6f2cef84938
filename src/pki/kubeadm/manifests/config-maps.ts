/**
 * Writes the data of the ConfigMaps in which kubeadm 1.32 keeps what a cluster was made with (its phases upload-config and
 * addon/kube-proxy), for nodes that join and for upgrades. Pure.
 */
import { createPublicKey } from 'node:crypto';
import type { Cluster } from '../certificates.ts';
import { kubeletConfig, kubeProxyConfig, kubeProxyKubeconfig } from './node-files.ts';
import { kubernetesVersion } from './static-pods.ts';
import { yamlText } from './yaml-text.ts';
import type { YamlValue } from './yaml-text.ts';

export interface ConfigMapFacts {
  readonly cluster: Cluster;
  /** PEM of the cluster's CA: new keys are like its own. */
  readonly authority: string;
  /** Of an etcd that runs elsewhere: its URLs, and the files to reach it. */
  readonly externalEtcd?: {
    readonly endpoints: readonly string[];
    readonly files: { readonly authority: string; readonly certificate: string; readonly key: string };
  };
}

/** By name, in kube-system. */
export function kubeadmConfigMaps(facts: ConfigMapFacts): Readonly<Record<string, Record<string, string>>> {
  const { cluster } = facts;
  return {
    'kubeadm-config': { ClusterConfiguration: clusterConfiguration(facts) },
    'kubelet-config': { kubelet: kubeletConfig(cluster) },
    'kube-proxy': {
      'config.conf': kubeProxyConfig(),
      'kubeconfig.conf': kubeProxyKubeconfig(cluster),
    },
  };
}

function clusterConfiguration({ cluster, authority, externalEtcd }: ConfigMapFacts): string {
  const { name, certSANs, controlPlaneEndpoint, localEndpoint, dnsDomain, serviceSubnet } = cluster;
  const algorithm = keyAlgorithm(authority);
  return yamlText({
    apiServer: certSANs.length === 0 ? {} : { certSANs: [...certSANs] },
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    caCertificateValidityPeriod: '87600h0m0s',
    certificateValidityPeriod: '8760h0m0s',
    certificatesDir: '/etc/kubernetes/pki',
    clusterName: name,
    ...(controlPlaneEndpoint === localEndpoint
      ? {}
      : { controlPlaneEndpoint: controlPlaneEndpoint.replace(/^https:\/\//, '') }),
    controllerManager: {},
    dns: {},
    ...(algorithm === undefined ? {} : { encryptionAlgorithm: algorithm }),
    etcd: externalEtcd ? { external: externalOf(externalEtcd) } : { local: { dataDir: '/var/lib/etcd' } },
    imageRepository: 'registry.k8s.io',
    kind: 'ClusterConfiguration',
    kubernetesVersion,
    networking: { dnsDomain, serviceSubnet },
    proxy: {},
    scheduler: {},
  });
}

const externalOf = ({ endpoints, files }: NonNullable<ConfigMapFacts['externalEtcd']>): YamlValue => ({
  caFile: files.authority,
  certFile: files.certificate,
  endpoints: [...endpoints],
  keyFile: files.key,
});

/** `RSA-2048`, `ECDSA-P256`; undefined for a key that kubeadm does not make. */
function keyAlgorithm(certificate: string): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = createPublicKey(certificate);
  if (type === 'rsa' && [2048, 3072, 4096].includes(details?.modulusLength ?? 0))
    return `RSA-${details?.modulusLength ?? 0}`;
  return type === 'ec' && details?.namedCurve === 'prime256v1' ? 'ECDSA-P256' : undefined;
}
