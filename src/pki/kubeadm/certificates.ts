/**
 * The certificates of a Kubernetes control plane as kubeadm makes them (1.29 and later): a row each, CAs before what they
 * sign, and the kubeconfigs with the client certificates in them. Pure: it decides names, subjects, usages and files for a
 * cluster; keys and signatures are made by `pki/kubeadm/issue.ts`, what lies in a folder is judged by `pki/kubeadm/check.ts`.
 *
 * 1. Names are kubeadm's: what its documentation calls kubernetes-ca has the common name `kubernetes`.
 * 2. A subject is an organization, if any, and then a common name: the group and the name of a Kubernetes user.
 * 3. Certificates carry DNS names in the order of the alphabet, then addresses in the order of the row, each once.
 */
import { addressBytes } from '../../protocols/x509/oids.ts';

/** Kinds of keys that kubeadm knows (ClusterConfiguration.encryptionAlgorithm), by the names that they have here. */
export const kubeadmKeyKinds = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072', 'RSA-4096'] as const;
export type KubeadmKeyKind = (typeof kubeadmKeyKinds)[number];

export interface Cluster {
  readonly node: string;
  /** Where the node is reached: the first is the advertise address, all stand in the certificates of its servers. */
  readonly addresses: readonly [string, ...string[]];
  /** The first address of the service network: `kubernetes.default.svc` resolves to it. */
  readonly serviceAddress: string;
  readonly dnsDomain: string;
  /** Stands in kubeconfigs only. */
  readonly name: string;
  /** URL by which people and kubelets call the API server; its host stands in the server's certificate. */
  readonly controlPlaneEndpoint: string;
  /** URL of this node's own API server, for the controller manager and the scheduler. */
  readonly localEndpoint: string;
  /** More names and addresses of the API server (apiServer.certSANs). */
  readonly certSANs: readonly string[];
}

/** A cluster on this machine alone. */
export function clusterOf(given: Partial<Cluster> = {}): Cluster {
  const addresses = given.addresses ?? ['127.0.0.1'];
  const [address] = addresses;
  const localEndpoint =
    given.localEndpoint ?? `https://${address.includes(':') ? `[${address}]` : address}:6443`;
  return {
    node: 'control-plane',
    serviceAddress: '10.96.0.1',
    dnsDomain: 'cluster.local',
    name: 'kubernetes',
    certSANs: [],
    controlPlaneEndpoint: localEndpoint,
    ...given,
    addresses,
    localEndpoint,
  };
}

export type KubeadmUsage = 'serverAuth' | 'clientAuth';

export interface AuthorityRow {
  readonly name: 'ca' | 'front-proxy-ca' | 'etcd-ca';
  /** In the folder `pki`, without `.crt` and `.key`. */
  readonly file: string;
  readonly commonName: string;
}

export interface LeafRow {
  readonly name: string;
  readonly file: string;
  readonly authority: AuthorityRow['name'];
  readonly commonName: (cluster: Cluster) => string;
  readonly organization?: string;
  readonly usages: readonly KubeadmUsage[];
  /** Names and addresses, in the order of kubeadm's sources; none for who only calls others. */
  readonly names?: (cluster: Cluster) => readonly string[];
}

const node = (cluster: Cluster): string => cluster.node;
const etcdNames = (cluster: Cluster): string[] => [
  cluster.node,
  'localhost',
  cluster.addresses[0],
  '127.0.0.1',
  '::1',
  ...cluster.addresses.slice(1),
];

export const kubernetesNames = (dnsDomain: string): string[] => [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  `kubernetes.default.svc.${dnsDomain}`,
];

/** In kubeadm's order. A CA has its own common name as its only name; it lasts ten years, the others one. */
export const kubeadmCertificates: readonly (AuthorityRow | LeafRow)[] = [
  { name: 'ca', file: 'ca', commonName: 'kubernetes' },
  {
    name: 'apiserver',
    file: 'apiserver',
    authority: 'ca',
    commonName: () => 'kube-apiserver',
    usages: ['serverAuth'],
    names: ({
      node: name,
      dnsDomain,
      serviceAddress,
      addresses: [address, ...more],
      controlPlaneEndpoint,
      certSANs,
    }) => [
      name,
      ...kubernetesNames(dnsDomain),
      serviceAddress,
      address,
      ...[hostOf(controlPlaneEndpoint)].filter((host) => host !== undefined),
      ...more,
      ...certSANs,
    ],
  },
  {
    name: 'apiserver-kubelet-client',
    file: 'apiserver-kubelet-client',
    authority: 'ca',
    commonName: () => 'kube-apiserver-kubelet-client',
    organization: 'kubeadm:cluster-admins',
    usages: ['clientAuth'],
  },
  { name: 'front-proxy-ca', file: 'front-proxy-ca', commonName: 'front-proxy-ca' },
  {
    name: 'front-proxy-client',
    file: 'front-proxy-client',
    authority: 'front-proxy-ca',
    commonName: () => 'front-proxy-client',
    usages: ['clientAuth'],
  },
  { name: 'etcd-ca', file: 'etcd/ca', commonName: 'etcd-ca' },
  // Its gateway calls etcd itself, with this certificate (etcd-io/etcd#9785).
  {
    name: 'etcd-server',
    file: 'etcd/server',
    authority: 'etcd-ca',
    commonName: node,
    usages: ['serverAuth', 'clientAuth'],
    names: etcdNames,
  },
  {
    name: 'etcd-peer',
    file: 'etcd/peer',
    authority: 'etcd-ca',
    commonName: node,
    usages: ['serverAuth', 'clientAuth'],
    names: etcdNames,
  },
  {
    name: 'etcd-healthcheck-client',
    file: 'etcd/healthcheck-client',
    authority: 'etcd-ca',
    commonName: () => 'kube-etcd-healthcheck-client',
    usages: ['clientAuth'],
  },
  {
    name: 'apiserver-etcd-client',
    file: 'apiserver-etcd-client',
    authority: 'etcd-ca',
    commonName: () => 'kube-apiserver-etcd-client',
    usages: ['clientAuth'],
  },
];

export const isAuthorityRow = (row: AuthorityRow | LeafRow): row is AuthorityRow => !('authority' in row);
export const kubeadmAuthorities: readonly AuthorityRow[] = kubeadmCertificates.filter(isAuthorityRow);
export const kubeadmLeaves: readonly LeafRow[] = kubeadmCertificates.filter(
  (row): row is LeafRow => !isAuthorityRow(row),
);

/** A client certificate of the cluster's CA, inside a kubeconfig. */
export interface KubeconfigRow {
  /** The file, and the name that `renew` knows it by. */
  readonly name: string;
  readonly endpoint: 'controlPlaneEndpoint' | 'localEndpoint';
  readonly commonName: (cluster: Cluster) => string;
  readonly organization?: string;
  /** The kubelet renews its own certificate, by signing requests. */
  readonly renewed: boolean;
}

export const kubeadmKubeconfigs: readonly KubeconfigRow[] = [
  {
    name: 'admin.conf',
    endpoint: 'controlPlaneEndpoint',
    commonName: () => 'kubernetes-admin',
    organization: 'kubeadm:cluster-admins',
    renewed: true,
  },
  {
    name: 'super-admin.conf',
    endpoint: 'controlPlaneEndpoint',
    commonName: () => 'kubernetes-super-admin',
    organization: 'system:masters',
    renewed: true,
  },
  {
    name: 'kubelet.conf',
    endpoint: 'controlPlaneEndpoint',
    commonName: (cluster) => `system:node:${cluster.node}`,
    organization: 'system:nodes',
    renewed: false,
  },
  {
    name: 'controller-manager.conf',
    endpoint: 'localEndpoint',
    commonName: () => 'system:kube-controller-manager',
    renewed: true,
  },
  {
    name: 'scheduler.conf',
    endpoint: 'localEndpoint',
    commonName: () => 'system:kube-scheduler',
    renewed: true,
  },
];

/** The key pair that signs and verifies the tokens of service accounts; no certificate. */
export const serviceAccountFiles = { key: 'pki/sa.key', publicKey: 'pki/sa.pub' } as const;

/** Paths in the folder of the cluster. */
export const certificateFile = ({ file }: Pick<LeafRow, 'file'>): string => `pki/${file}.crt`;
export const keyFile = ({ file }: Pick<LeafRow, 'file'>): string => `pki/${file}.key`;

/** What a certificate says of its holder. */
export interface LeafFacts {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly usages: readonly string[];
  /** `DNS:…` and `IP:…`. */
  readonly san: readonly string[];
}

export function leafFacts(row: LeafRow | KubeconfigRow, cluster: Cluster): LeafFacts {
  return {
    commonName: row.commonName(cluster),
    organizations: row.organization === undefined ? [] : [row.organization],
    usages: 'usages' in row ? row.usages : ['clientAuth'],
    san: 'names' in row && row.names ? sortedNames(row.names(cluster)) : [],
  };
}

/** Rule 3. */
export function sortedNames(names: readonly string[]): string[] {
  const isAddress = (name: string): boolean => addressBytes(name) !== undefined;
  const addresses = new Map(
    names
      .filter(isAddress)
      .map((address) => [Buffer.from(addressBytes(address) ?? []).toString('hex'), address]),
  );
  const dns = new Set(names.filter((name) => !isAddress(name)));
  return [
    ...[...dns].sort().map((name) => `DNS:${name}`),
    ...Array.from(addresses.values(), (address) => `IP:${address}`),
  ];
}

/** The host of an https URL, an IPv6 address without its brackets; undefined for what is none. */
export function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' && hostname !== '' ? hostname.replace(/^\[(.*)\]$/, '$1') : undefined;
}

const day = 86_400_000;
/** Milliseconds. A CA is backdated, so that clocks may differ a little; what it signs begins with it. */
export const validity = { authority: 3650 * day, leaf: 365 * day, backdate: 300_000 } as const;
