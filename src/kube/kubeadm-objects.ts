/**
 * What kubeadm and kube-apiserver put into a new cluster beside its roles: for kube-proxy an account, for those who join
 * a look at the cluster, and for extension servers what they need to believe the API server's front proxy. Data.
 */
import type { Address } from '../capture/event.ts';
import type { KubeObject } from './objects.ts';
import { authorityOf } from './pod-logs.ts';

export interface ClusterFacts {
  /** PEM. */
  readonly clientAuthorities: readonly string[];
  readonly frontProxyAuthority?: string;
  readonly allowedNames: readonly string[];
  /** Where the API server is, as far as that is known before it listens. */
  readonly server: Address;
}

const configMap = (namespace: string, name: string, data: Readonly<Record<string, string>>): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data });

export function kubeadmObjects({ clientAuthorities, frontProxyAuthority, allowedNames, server }: ClusterFacts): KubeObject[] {
  const [root] = clientAuthorities;
  const isReachable = server.port !== 0 && !['0.0.0.0', '::'].includes(server.host);
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'kube-proxy', namespace: 'kube-system' } },
    configMap('kube-system', 'extension-apiserver-authentication', {
      'client-ca-file': clientAuthorities.join(''),
      ...(frontProxyAuthority === undefined
        ? {}
        : {
            'requestheader-allowed-names': JSON.stringify(allowedNames),
            'requestheader-client-ca-file': frontProxyAuthority,
            'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
            'requestheader-group-headers': '["X-Remote-Group"]',
            'requestheader-username-headers': '["X-Remote-User"]',
          }),
    }),
    ...(root !== undefined && isReachable ? [configMap('kube-public', 'cluster-info', { kubeconfig: joinConfig(root, server) })] : []),
  ];
}

/** A kubeconfig that names a cluster and no user: whoever joins has a token. */
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
