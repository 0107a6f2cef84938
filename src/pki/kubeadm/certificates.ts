/**
 * Lists the certificates of a Kubernetes control plane as kubeadm creates them (1.29 and later): one row each, CAs
 * before the certificates they sign, and the kubeconfigs with their client certificates. Pure: it determines names,
 * subjects, usages and files for a cluster; `pki/kubeadm/issue.ts` creates keys and signatures, `pki/kubeadm/check.ts`
 * checks a folder.
 *
 * 1. Names are kubeadm's: the CA that its documentation calls kubernetes-ca has the common name `kubernetes`.
 * 2. A subject is an optional organization and a common name: the group and the name of a Kubernetes user.
 * 3. Certificates list DNS names alphabetically, then addresses in the order of the row, without duplicates.
 */
import { isIPv4 } from 'node:net';
import { withoutBrackets } from '../../core/ip-version.ts';
import { addressBytes } from '../../protocols/x509/oids.ts';

/** Key types that kubeadm supports (ClusterConfiguration.encryptionAlgorithm), under our names. */
export const kubeadmKeyKinds = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072', 'RSA-4096'] as const;
export type KubeadmKeyKind = (typeof kubeadmKeyKinds)[number];

export interface Cluster {
  readonly node: string;
  /** The node's addresses: the first is the advertise address; its servers' certificates contain all. */
  readonly addresses: readonly [string, ...string[]];
  /** The first address of the service network: `kubernetes.default.svc` resolves to it. */
  readonly serviceAddress: string;
  /** The service network. */
  readonly serviceSubnet: string;
  readonly dnsDomain: string;
  /** Used only in kubeconfigs. */
  readonly name: string;
  /** The API server's URL for people and kubelets; the server's certificate contains its host. */
  readonly controlPlaneEndpoint: string;
  /** The URL of this node's own API server, for the controller manager and the scheduler. */
  readonly localEndpoint: string;
  /** Additional names and addresses of the API server (apiServer.certSANs). */
  readonly certSANs: readonly string[];
}

/** A cluster on this machine only. */
export function clusterOf(given: Partial<Cluster> = {}): Cluster {
  const addresses = given.addresses ?? ['127.0.0.1'];
  const [address] = addresses;
  const localEndpoint =
    given.localEndpoint ?? `https://${address.includes(':') ? `[${address}]` : address}:6443`;
  return {
    node: 'control-plane',
    serviceAddress: '10.96.0.1',
    serviceSubnet: '10.96.0.0/12',
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
  /** Names and addresses, in the order of kubeadm's sources; absent for pure clients. */
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

/** In kubeadm's order. A CA's only name is its common name; it is valid for ten years, the others for one. */
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
  // Its gateway connects to etcd itself, with this certificate (etcd-io/etcd#9785).
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
  /** The file, and its name for `renew`. */
  readonly name: string;
  readonly endpoint: 'controlPlaneEndpoint' | 'localEndpoint';
  readonly commonName: (cluster: Cluster) => string;
  readonly organization?: string;
  /** The kubelet renews its own certificate with signing requests. */
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

/** The key pair for signing and verifying service account tokens; not a certificate. */
export const serviceAccountFiles = { key: 'pki/sa.key', publicKey: 'pki/sa.pub' } as const;

/** Paths in the folder of the cluster. */
export const certificateFile = ({ file }: Pick<LeafRow, 'file'>): string => `pki/${file}.crt`;
export const keyFile = ({ file }: Pick<LeafRow, 'file'>): string => `pki/${file}.key`;

/** The contents of a certificate that describe its holder. */
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

/**
 * The host of an https URL, an IPv6 address without its brackets; undefined for anything else, also for what only
 * browsers take for a URL: blanks around it, a backslash, a missing slash, an address written in another way.
 */
export function hostOf(url: string): string | undefined {
  const [, written] =
    /^https:\/\/(?:[^\s/?#@\\]*@)?(\[[^\]\s]*\]|[^\s/?#:@%\\]+)(?::\d*)?(?:[/?#][^\s\\]*)?$/i.exec(url) ?? [];
  if (written === undefined || !URL.canParse(url)) return undefined;
  const { hostname, port } = new URL(url);
  if (hostname === '' || port === '0' || (isIPv4(hostname) && hostname !== written)) return undefined;
  return withoutBrackets(hostname);
}

const day = 86_400_000;
/** Milliseconds. A CA is backdated, to tolerate clock differences; the certificates it signs start with it. */
export const validity = { authority: 3650 * day, leaf: 365 * day, backdate: 300_000 } as const;
