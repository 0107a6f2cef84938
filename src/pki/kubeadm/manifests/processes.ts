/** The processes that kubeadm configures with files on disk, and where their configuration is in the cluster's folder. */

/** Static pods, in kubeadm's order. */
export const staticPodNames = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'etcd',
] as const;
export type StaticPodName = (typeof staticPodNames)[number];

/** Its manifest: the process runs as long as the file is there. */
export const manifestOf = <Name extends StaticPodName>(name: Name): `manifests/${Name}.yaml` =>
  `manifests/${name}.yaml`;

/** What stands for /var/lib/kubelet and /var/lib/kube-proxy; the folder itself stands for /etc/kubernetes. */
export const kubeletFiles = {
  config: 'kubelet/config.yaml',
  current: 'kubelet/pki/kubelet-client-current.pem',
  serving: { certificate: 'kubelet/pki/kubelet.crt', key: 'kubelet/pki/kubelet.key' },
} as const;
export const kubeProxyFiles = {
  config: 'kube-proxy/config.conf',
  kubeconfig: 'kube-proxy/kubeconfig.conf',
} as const;

/** A dated certificate of the kubelet with its key. @param at milliseconds since the epoch */
export function datedPair(at: number): string {
  const stamp = new Date(at).toISOString().slice(0, 19).replaceAll(/[T:]/g, '-');
  return `kubelet-client-${stamp}.pem`;
}

const places = [
  ['/etc/kubernetes/', ''],
  ['/var/lib/kubelet/', 'kubelet/'],
  ['/var/lib/kube-proxy/', 'kube-proxy/'],
] as const;

/** Where a path of the node is in the cluster's folder; undefined for one that kubeadm does not lay out there. */
export function inFolder(path: string): string | undefined {
  const place = places.find(([node]) => path.startsWith(node));
  if (place) return place[1] + path.slice(place[0].length);
  return path.startsWith('/') ? undefined : path.replace(/^\.\//, '');
}
