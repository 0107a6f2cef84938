/**
 * Writes the manifests of the four static pods as kubeadm 1.32 does (cmd/kubeadm/app/phases/controlplane and
 * phases/etcd): flags in alphabetical order, probes, volumes, labels and annotations. Pure. `flags.ts` says what each
 * flag that names a file is for.
 *
 * Directories of certificates other than /etc/ssl/certs are those of Debian: kubeadm mounts the ones that exist.
 */
import { ipVersion } from '../../../core/ip-version.ts';
import type { Cluster } from '../certificates.ts';
import { fileFlags } from './flags.ts';
import type { StaticPodName } from './processes.ts';
import { yamlText } from './yaml-text.ts';
import type { YamlValue } from './yaml-text.ts';

/** The versions that kubeadm 1.32.3 deploys. */
export const kubernetesVersion = 'v1.32.3';
const etcdVersion = '3.5.16-0';

export interface PodFacts {
  readonly cluster: Cluster;
  /** Without the CA's key, kubeadm lets nothing be signed. */
  readonly signs: boolean;
}

interface Probe {
  readonly host: string;
  readonly path: string;
  readonly port: number;
  readonly scheme: 'HTTP' | 'HTTPS';
}

interface PodParts {
  readonly flags: Readonly<Record<string, string>>;
  readonly image: string;
  readonly requests: Readonly<Record<string, string>>;
  readonly live: Probe;
  readonly ready?: Probe;
  readonly start: Probe;
  readonly volumes: readonly Volume[];
  readonly annotations?: Readonly<Record<string, string>>;
}

/** By name: its path, the same inside and outside. */
type Volume = readonly [
  name: string,
  path: string,
  how?: { readonly writable?: true; readonly type?: 'FileOrCreate' },
];

const urlHost = (address: string): string => (ipVersion(address) === 6 ? `[${address}]` : address);

/** The port in the URL of this node's own API server. */
export const portOf = ({ localEndpoint }: Cluster): number => Number(new URL(localEndpoint).port || 443);

/** The flags that name files, as kubeadm sets them. */
const files = (process: StaticPodName): Record<string, string> =>
  Object.fromEntries(
    fileFlags
      .filter((row) => row.process === process)
      .map(({ flag, file }) => [flag, `/etc/kubernetes/${file}`]),
  );

const systemCertificates: readonly Volume[] = [
  ['ca-certs', '/etc/ssl/certs'],
  ['etc-ca-certificates', '/etc/ca-certificates'],
  ['usr-local-share-ca-certificates', '/usr/local/share/ca-certificates'],
  ['usr-share-ca-certificates', '/usr/share/ca-certificates'],
];

const clusterCertificates: Volume = ['k8s-certs', '/etc/kubernetes/pki'];
const kubeconfig = (file: string): Volume => [
  'kubeconfig',
  `/etc/kubernetes/${file}`,
  { type: 'FileOrCreate' },
];

const image = (name: string): string => `registry.k8s.io/${name}:${kubernetesVersion}`;

const parts: Readonly<Record<StaticPodName, (facts: PodFacts) => PodParts>> = {
  'kube-apiserver': ({ cluster }) => {
    const [address] = cluster.addresses;
    const port = portOf(cluster);
    const probe = (path: string): Probe => ({ host: address, path, port, scheme: 'HTTPS' });
    return {
      flags: {
        'advertise-address': address,
        'allow-privileged': 'true',
        'authorization-mode': 'Node,RBAC',
        'enable-admission-plugins': 'NodeRestriction',
        'enable-bootstrap-token-auth': 'true',
        'etcd-servers': `https://${ipVersion(address) === 6 ? '[::1]' : '127.0.0.1'}:2379`,
        'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
        'requestheader-allowed-names': 'front-proxy-client',
        'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
        'requestheader-group-headers': 'X-Remote-Group',
        'requestheader-username-headers': 'X-Remote-User',
        'secure-port': String(port),
        'service-account-issuer': `https://kubernetes.default.svc.${cluster.dnsDomain}`,
        'service-cluster-ip-range': cluster.serviceSubnet,
        ...files('kube-apiserver'),
      },
      image: image('kube-apiserver'),
      requests: { cpu: '250m' },
      live: probe('/livez'),
      ready: probe('/readyz'),
      start: probe('/livez'),
      volumes: [...systemCertificates, clusterCertificates],
      annotations: {
        'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${urlHost(address)}:${port}`,
      },
    };
  },
  'kube-controller-manager': ({ cluster, signs }) => {
    const healthy: Probe = { host: '127.0.0.1', path: '/healthz', port: 10_257, scheme: 'HTTPS' };
    return {
      flags: {
        'bind-address': '127.0.0.1',
        'cluster-name': cluster.name,
        controllers: '*,bootstrapsigner,tokencleaner',
        'leader-elect': 'true',
        'use-service-account-credentials': 'true',
        ...files('kube-controller-manager'),
        ...(signs ? {} : { 'cluster-signing-cert-file': '', 'cluster-signing-key-file': '' }),
      },
      image: image('kube-controller-manager'),
      requests: { cpu: '200m' },
      live: healthy,
      start: healthy,
      volumes: [
        ...systemCertificates,
        ['flexvolume-dir', '/usr/libexec/kubernetes/kubelet-plugins/volume/exec', { writable: true }],
        clusterCertificates,
        kubeconfig('controller-manager.conf'),
      ],
    };
  },
  'kube-scheduler': () => {
    const probe = (path: string): Probe => ({ host: '127.0.0.1', path, port: 10_259, scheme: 'HTTPS' });
    return {
      flags: { 'bind-address': '127.0.0.1', 'leader-elect': 'true', ...files('kube-scheduler') },
      image: image('kube-scheduler'),
      requests: { cpu: '100m' },
      live: probe('/livez'),
      ready: probe('/readyz'),
      start: probe('/livez'),
      volumes: [kubeconfig('scheduler.conf')],
    };
  },
  etcd: ({ cluster: { node, addresses } }) => {
    const [address] = addresses;
    const loopback = ipVersion(address) === 6 ? '::1' : '127.0.0.1';
    const url = (host: string, port: number): string => `https://${urlHost(host)}:${port}`;
    const probe = (path: string): Probe => ({ host: loopback, path, port: 2381, scheme: 'HTTP' });
    return {
      flags: {
        'advertise-client-urls': url(address, 2379),
        'client-cert-auth': 'true',
        'data-dir': '/var/lib/etcd',
        'experimental-initial-corrupt-check': 'true',
        'experimental-watch-progress-notify-interval': '5s',
        'initial-advertise-peer-urls': url(address, 2380),
        'initial-cluster': `${node}=${url(address, 2380)}`,
        'listen-client-urls': `${url(loopback, 2379)},${url(address, 2379)}`,
        'listen-metrics-urls': `http://${urlHost(loopback)}:2381`,
        'listen-peer-urls': url(address, 2380),
        name: node,
        'peer-client-cert-auth': 'true',
        'snapshot-count': '10000',
        ...files('etcd'),
      },
      image: `registry.k8s.io/etcd:${etcdVersion}`,
      requests: { cpu: '100m', memory: '100Mi' },
      live: probe('/livez'),
      ready: probe('/readyz'),
      start: probe('/readyz'),
      volumes: [
        ['etcd-data', '/var/lib/etcd', { writable: true }],
        ['etcd-certs', '/etc/kubernetes/pki/etcd', { writable: true }],
      ],
      annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': url(address, 2379) },
    };
  },
};

/** The command line of a process, its name first, as kubeadm writes it. */
export function commandOf(name: StaticPodName, facts: PodFacts): string[] {
  const { flags } = parts[name](facts);
  return [
    name,
    ...Object.keys(flags)
      .sort()
      .map((flag) => `--${flag}=${flags[flag] ?? ''}`),
  ];
}

/** The text of a manifest. */
export function manifestText(name: StaticPodName, facts: PodFacts): string {
  const { image: pulled, requests, live, ready, start, volumes, annotations } = parts[name](facts);
  // kubeadm sorts volumes by name, except those of etcd, which it writes in this order.
  const sorted = name === 'etcd' ? volumes : [...volumes].sort(([one], [other]) => (one < other ? -1 : 1));
  return yamlText({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations ? { annotations } : {}),
      creationTimestamp: null,
      labels: { component: name, tier: 'control-plane' },
      name,
      namespace: 'kube-system',
    },
    spec: {
      containers: [
        {
          command: commandOf(name, facts),
          image: pulled,
          imagePullPolicy: 'IfNotPresent',
          livenessProbe: probeOf(live, { failureThreshold: 8, initialDelaySeconds: 10, periodSeconds: 10 }),
          name,
          ...(ready ? { readinessProbe: probeOf(ready, { failureThreshold: 3, periodSeconds: 1 }) } : {}),
          resources: { requests },
          startupProbe: probeOf(start, { failureThreshold: 24, initialDelaySeconds: 10, periodSeconds: 10 }),
          volumeMounts: sorted.map(([volume, mountPath, how]) => ({
            mountPath,
            name: volume,
            ...(how?.writable ? {} : { readOnly: true }),
          })),
        },
      ],
      hostNetwork: true,
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: (name === 'etcd' ? sorted.toReversed() : sorted).map(([volume, path, how]) => ({
        hostPath: { path, type: how?.type ?? 'DirectoryOrCreate' },
        name: volume,
      })),
    },
    status: {},
  });
}

const probeOf = (httpGet: Probe, timing: Readonly<Record<string, number>>): YamlValue => ({
  ...timing,
  httpGet: { ...httpGet },
  timeoutSeconds: 15,
});
