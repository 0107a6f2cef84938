/**
 * Writes the configuration of a node's kubelet and kube-proxy as kubeadm 1.32 does: /var/lib/kubelet/config.yaml, what
 * kube-proxy finds in /var/lib/kube-proxy, and kubelet.conf once the kubelet keeps its own certificate (kubeadm's phase
 * kubelet-finalize). Pure.
 *
 * kubelet.conf names the link by a path from its own folder, so that the folder works wherever it is; on a node it is
 * /var/lib/kubelet/pki/kubelet-client-current.pem.
 */
import type { Cluster } from '../certificates.ts';
import { addressInNetwork } from '../networks.ts';
import { kubeletFiles } from './processes.ts';
import { yamlText } from './yaml-text.ts';
import type { YamlValue } from './yaml-text.ts';

/** KubeletConfiguration: what it verifies clients with, and that its own certificate rotates. */
export function kubeletConfig({ dnsDomain, serviceSubnet }: Cluster): string {
  const durations = (...names: readonly string[]): Record<string, YamlValue> =>
    Object.fromEntries(names.map((name) => [name, '0s']));
  return yamlText({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { cacheTTL: '0s', enabled: true },
      x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' },
    },
    authorization: {
      mode: 'Webhook',
      webhook: durations('cacheAuthorizedTTL', 'cacheUnauthorizedTTL'),
    },
    cgroupDriver: 'systemd',
    // As kubeadm reserves it.
    clusterDNS: [addressInNetwork(serviceSubnet, 10) ?? ''],
    clusterDomain: dnsDomain,
    containerRuntimeEndpoint: '',
    crashLoopBackOff: {},
    healthzBindAddress: '127.0.0.1',
    healthzPort: 10_248,
    logging,
    memorySwap: {},
    rotateCertificates: true,
    staticPodPath: '/etc/kubernetes/manifests',
    ...durations(
      'cpuManagerReconcilePeriod',
      'evictionPressureTransitionPeriod',
      'fileCheckFrequency',
      'httpCheckFrequency',
      'imageMaximumGCAge',
      'imageMinimumGCAge',
      'nodeStatusReportFrequency',
      'nodeStatusUpdateFrequency',
      'runtimeRequestTimeout',
      'shutdownGracePeriod',
      'shutdownGracePeriodCriticalPods',
      'streamingConnectionIdleTimeout',
      'syncFrequency',
      'volumeStatsAggPeriod',
    ),
  });
}

const logging: YamlValue = {
  flushFrequency: 0,
  options: { json: { infoBufferSize: '0' }, text: { infoBufferSize: '0' } },
  verbosity: 0,
};

/** KubeProxyConfiguration. */
export function kubeProxyConfig(): string {
  return yamlText({
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    bindAddress: '0.0.0.0',
    bindAddressHardFail: false,
    clientConnection: {
      acceptContentTypes: '',
      burst: 0,
      contentType: '',
      kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf',
      qps: 0,
    },
    clusterCIDR: '',
    configSyncPeriod: '0s',
    conntrack: {
      maxPerCore: null,
      min: null,
      tcpBeLiberal: false,
      tcpCloseWaitTimeout: null,
      tcpEstablishedTimeout: null,
      udpStreamTimeout: '0s',
      udpTimeout: '0s',
    },
    detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
    detectLocalMode: '',
    enableProfiling: false,
    healthzBindAddress: '',
    hostnameOverride: '',
    iptables: {
      localhostNodePorts: null,
      masqueradeAll: false,
      masqueradeBit: null,
      minSyncPeriod: '0s',
      syncPeriod: '0s',
    },
    ipvs: {
      excludeCIDRs: null,
      minSyncPeriod: '0s',
      scheduler: '',
      strictARP: false,
      syncPeriod: '0s',
      tcpFinTimeout: '0s',
      tcpTimeout: '0s',
      udpTimeout: '0s',
    },
    logging,
    metricsBindAddress: '',
    mode: '',
    nftables: { masqueradeAll: false, masqueradeBit: null, minSyncPeriod: '0s', syncPeriod: '0s' },
    nodePortAddresses: null,
    oomScoreAdj: null,
    portRange: '',
    showHiddenMetricsForVersion: '',
    winkernel: {
      enableDSR: false,
      forwardHealthCheckVip: false,
      networkName: '',
      rootHnsEndpointName: '',
      sourceVip: '',
    },
  });
}

/** A CA and a token, both by path, and no certificate: its Pod's service account is its proof. */
export function kubeProxyKubeconfig({ controlPlaneEndpoint }: Cluster): string {
  const account = '/var/run/secrets/kubernetes.io/serviceaccount';
  return yamlText({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        cluster: { 'certificate-authority': `${account}/ca.crt`, server: controlPlaneEndpoint },
        name: 'default',
      },
    ],
    contexts: [{ context: { cluster: 'default', namespace: 'default', user: 'default' }, name: 'default' }],
    'current-context': 'default',
    users: [{ name: 'default', user: { tokenFile: `${account}/token` } }],
  });
}

/** A kubeconfig as `kubeconfigText` writes it, with the kubelet's own file in place of its embedded certificate. */
export function finalized(kubeconfig: string): string {
  return kubeconfig
    .replace(/^( *)client-certificate-data: .*$/m, `$1client-certificate: ${kubeletFiles.current}`)
    .replace(/^( *)client-key-data: .*$/m, `$1client-key: ${kubeletFiles.current}`);
}
