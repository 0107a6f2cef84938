/** Checks the names of the servers' certificates against those that clients use. */
import { sameBytes } from '../../../core/bytes.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { addressBytes } from '../../../protocols/x509/oids.ts';
import { matchesHostname } from '../../x509/hostname.ts';
import { hostOf, kubeadmKubeconfigs, kubernetesNames, leafFacts } from '../certificates.ts';
import type { LeafRow } from '../certificates.ts';
import { manifestOf } from '../manifests/processes.ts';
import { commandIn, flagValue } from '../manifests/read-manifest.ts';
import { addressInNetwork } from '../networks.ts';
import { gotOf } from '../reading.ts';
import { commonNameOf } from './context.ts';
import type { Call, CheckContext } from './context.ts';
import { words } from './finding.ts';
import { namelessWords } from './texts.ts';

export function checkNames(check: CheckContext, path: string, certificate: Certificate, row: LeafRow): void {
  if (!row.names) return;
  const names = certificate.subjectAlternativeNames ?? [];
  const absent = wantedNames(check, row, certificate).filter(({ name }) => !matchesHostname(names, name));
  if (absent.length === 0) return;
  const list = absent.map(({ name }) => name).join(', ');
  const callers = [...new Set(absent.flatMap(({ caller }) => (caller === undefined ? [] : [caller])))].join(
    ', ',
  );
  check.add(
    path,
    'missing_name',
    words(
      names.length === 0
        ? namelessWords
        : [
            `it is not valid for every name that clients use${callers ? ` (${callers})` : ''}`,
            `접속할 때 쓰는 이름 가운데 SAN에 없는 것이 있습니다${callers ? `(${callers})` : ''}`,
          ],
      [
        'Move it and its key aside, and create it again with these names: ./wirelab kube pki --help',
        '인증서와 키를 다른 곳으로 옮기고 이 이름까지 넣어 새로 만드세요: ./wirelab kube pki --help',
      ],
      { expected: verbatim(list), received: names.map(({ kind, value }) => `${kind}:${value}`).join(', ') },
    ),
  );
}

export function wantedNames(
  check: CheckContext,
  row: LeafRow,
  certificate: Certificate,
): { readonly name: string; readonly caller?: string }[] {
  if (check.cluster)
    return leafFacts(row, check.cluster).san.map((entry) => ({
      name: entry.slice(entry.indexOf(':') + 1),
    }));
  const names = certificate.subjectAlternativeNames ?? [];
  if (row.name !== 'apiserver') {
    const hosts = callsOf(check);
    const loopback = hosts.length > 0 && hosts.every(({ name }) => name.includes(':')) ? '::1' : '127.0.0.1';
    const own = commonNameOf(certificate);
    // The node's own address, by which etcd's members call each other: kubeadm writes it into both certificates.
    const both = ['pki/etcd/server.crt', 'pki/etcd/peer.crt'].map(
      (path) => check.certificate(path)?.subjectAlternativeNames ?? [],
    );
    const addresses = localHosts(check).filter(
      (name) => addressBytes(name) !== undefined && both.some((names) => matchesHostname(names, name)),
    );
    // kubeadm names it after its node; the documentation for manual setup uses kube-etcd.
    return [
      ...new Set([
        'localhost',
        loopback,
        ...(own !== undefined && own === nodeNames(check).own ? [own] : []),
        ...addresses,
      ]),
    ].map((name) => ({ name }));
  }
  const { own: node, isKnown } = nodeNames(check);
  const serviceAddress = serviceAddressOf(check);
  const etcd = check.certificate('pki/etcd/server.crt');
  const calls = callsOf(check).filter(({ isOdd }) => !isOdd);
  const [alone, ...qualified] = kubernetesNames('cluster.local');
  const ownDomain = names.find(
    ({ kind, value }) => kind === 'DNS' && value.startsWith('kubernetes.default.svc.'),
  )?.value;
  // An address that is neither the node's nor any client's target is the service network's.
  const nodes = new Set([
    ...(etcd?.subjectAlternativeNames ?? []).map(({ value }) => value),
    ...calls.map(({ name }) => name),
  ]);
  const hasService = names.some(({ kind, value }) => kind === 'IP' && !nodes.has(value));
  return [
    ...(node !== undefined && !isKnown ? [{ name: node }] : []),
    { name: alone ?? '' },
    ...qualified.slice(0, 2).map((name) => ({ name })),
    { name: ownDomain ?? qualified[2] ?? '' },
    ...(serviceAddress !== undefined
      ? [{ name: serviceAddress }]
      : hasService
        ? []
        : [{ name: '10.96.0.1' }]),
    ...calls,
  ];
}

/** The first address of the services' network, according to the API server's manifest. */
function serviceAddressOf(check: CheckContext): string | undefined {
  const path = manifestOf('kube-apiserver');
  const command = check.reading.has(path) ? commandIn(gotOf(check.reading.yaml(path))) : undefined;
  const [network = ''] = (command && flagValue(command, 'service-cluster-ip-range'))?.split(',') ?? [];
  return addressInNetwork(network, 1);
}

/** The hosts that the node's own processes call: kubeadm gives them its own API server. */
const localHosts = (check: CheckContext): string[] =>
  kubeadmKubeconfigs.flatMap(({ name, endpoint }) => {
    const config = endpoint === 'localEndpoint' ? check.kubeconfig(name) : undefined;
    return (config && hostOf(config.server)) ?? [];
  });

/**
 * The node of this folder: according to kubelet.conf and etcd's server certificate, as far as the API server's
 * certificate agrees (`isKnown`); if that names no node, according to them alone.
 */
export function nodeNames(check: CheckContext): {
  readonly own: string | undefined;
  readonly isKnown: boolean;
} {
  const names = check.certificate('pki/apiserver.crt')?.subjectAlternativeNames ?? [];
  const kubelet = commonNameOf(gotOf(check.kubeconfig('kubelet.conf')?.certificate));
  const etcd = check.certificate('pki/etcd/server.crt');
  const etcdNode = commonNameOf(etcd);
  const candidates = [
    ...(kubelet?.startsWith(nodePrefix) ? [kubelet.slice(nodePrefix.length)] : []),
    ...(etcdNode !== undefined && matchesHostname(etcd?.subjectAlternativeNames ?? [], etcdNode)
      ? [etcdNode]
      : []),
  ].filter((name) => name !== '');
  const agreed = candidates.find((name) => matchesHostname(names, name));
  if (agreed !== undefined) return { own: agreed, isKnown: true };
  const called = new Set(callsOf(check).map(({ name }) => name));
  const another = names.find(
    ({ kind, value }) =>
      kind === 'DNS' && !/^kubernetes(?:\.|$)/.test(value) && value !== 'localhost' && !called.has(value),
  )?.value;
  // Two of them agree on a node for which the certificate is not valid.
  if (another !== undefined && !(candidates.length > 1 && candidates[0] === candidates[1]))
    return { own: another, isKnown: true };
  return { own: candidates[0], isKnown: false };
}

/**
 * The hosts in the kubeconfigs of this cluster, and which files use them. A kubeconfig is wrong if the API server's
 * certificate is valid for the host that the others of its kind use, but not for its own.
 */
export function callsOf(check: CheckContext): readonly Call[] {
  if (check.knownCalls) return check.knownCalls;
  const own = check.authorityOf('ca');
  const names = check.certificate('pki/apiserver.crt')?.subjectAlternativeNames ?? [];
  const all = [
    ...kubeadmKubeconfigs,
    ...check.otherKubeconfigs.map((name) => ({ name, endpoint: undefined })),
  ].flatMap(({ name: path, endpoint }) => {
    const config = check.kubeconfig(path);
    const host =
      config && hostOf(config.server) !== undefined
        ? (config.serverName ?? hostOf(config.server))
        : undefined;
    const isOurs = own && gotOf(config?.authorities)?.some((one) => sameBytes(one.der, own.der));
    return host !== undefined && isOurs
      ? [{ name: host, path, endpoint, isValid: matchesHostname(names, host) }]
      : [];
  });
  const found = all.map(({ name, path, endpoint, isValid }) => {
    const peers = all.filter(
      (one) => one.path !== path && (endpoint === undefined || one.endpoint === endpoint),
    );
    return {
      name,
      path,
      caller: check.reading.where(path),
      isOdd: !isValid && !peers.some((one) => one.name === name) && peers.some((one) => one.isValid),
    };
  });
  return (check.knownCalls = found.filter(
    ({ name, isOdd }, index) =>
      isOdd || found.findIndex((other) => other.name === name && !other.isOdd) === index,
  ));
}

export const nodePrefix = 'system:node:';
