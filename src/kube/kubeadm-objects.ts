/**
 * Lists a cluster's initial objects beside its roles: kubeadm's, created once (an account for kube-proxy, and cluster
 * information for joining nodes), and kube-apiserver's, created at each start (what extension servers need to trust its
 * front proxy). Data.
 */
import type { Dictionary } from '../core/dictionary.ts';
import { defined } from '../core/defined.ts';
import type { Address } from '../capture/event.ts';
import type { KubeObject } from './objects/objects.ts';
import { authorityOf } from './go-client-words.ts';

export interface TrustFacts {
  /** PEM. */
  readonly clientAuthorities: readonly string[];
  readonly frontProxyAuthority?: string;
  readonly allowedNames: readonly string[];
}

export interface ClusterFacts {
  /** PEM: the cluster's CA. */
  readonly root?: string;
  /** Where the API server is, as far as that is known before it listens. */
  readonly server: Address;
}

const configMap = (namespace: string, name: string, data: Dictionary<string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data,
});

/** The CAs that the API server trusts, and those that its front proxy trusts. */
export function extensionTrust({
  clientAuthorities,
  frontProxyAuthority,
  allowedNames,
}: TrustFacts): KubeObject {
  return configMap('kube-system', 'extension-apiserver-authentication', {
    ...(clientAuthorities.length === 0 ? {} : { 'client-ca-file': clientAuthorities.join('') }),
    ...(frontProxyAuthority === undefined
      ? {}
      : {
          'requestheader-allowed-names': JSON.stringify(allowedNames),
          'requestheader-client-ca-file': frontProxyAuthority,
          'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
          'requestheader-group-headers': '["X-Remote-Group"]',
          'requestheader-username-headers': '["X-Remote-User"]',
        }),
  });
}

/** @param data by the names of the ConfigMaps, in kube-system. */
export function configMapsOf(data: Dictionary<Dictionary<string>>): KubeObject[] {
  return Object.entries(data).map(([name, own]) => {
    const made = configMap('kube-system', name, own);
    return name === 'kube-proxy'
      ? { ...made, metadata: { ...made.metadata, labels: { app: 'kube-proxy' } } }
      : made;
  });
}

export function kubeadmObjects({ root, server }: ClusterFacts): KubeObject[] {
  const info = clusterInfo({ ...defined({ root }), server });
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'kube-proxy', namespace: 'kube-system' } },
    ...(info ? [info] : []),
  ];
}

/** What a node that joins reads first; undefined without a CA, or without an address that leads to one server. */
export function clusterInfo({ root, server }: ClusterFacts): KubeObject | undefined {
  const isReachable = server.port !== 0 && !['0.0.0.0', '::'].includes(server.host);
  return root !== undefined && isReachable
    ? configMap('kube-public', 'cluster-info', { kubeconfig: joinConfig(root, server) })
    : undefined;
}

/** A kubeconfig with a cluster and no user: joining nodes have a token. */
function joinConfig(authority: string, server: Address): string {
  return [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${Buffer.from(authority).toString('base64')}`,
    `    server: https://${authorityOf(server)}`,
    '  name: ""',
    'contexts: null',
    'current-context: ""',
    'kind: Config',
    'preferences: {}',
    'users: null',
    '',
  ].join('\n');
}
