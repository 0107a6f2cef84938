/**
 * Decides what to write into a cluster's folder: missing files, or renewed certificates. Everything is decided before
 * anything is written; `pki/kubeadm/reading.ts` reads the files, the caller writes them.
 *
 * 1. Existing files are kept, as by kubeadm: existing CAs sign what is missing. Inconsistent files are refused, all in
 *    one error, and nothing is created.
 * 2. Certificates are renewed, CAs never: the same subject, names and usages, a new key, another year.
 */
import { defined } from '../../core/defined.ts';
import type { KeyObject } from 'node:crypto';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import type { Localized } from '../../i18n/language.ts';
import { nearest } from '../../i18n/nearest.ts';
import { josa } from '../../i18n/josa.ts';
import {
  certificateFile,
  clusterOf,
  hostOf,
  keyFile,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  isAuthorityRow,
  leafFacts,
  serviceAccountFiles,
} from './certificates.ts';
import type {
  AuthorityRow,
  Cluster,
  KubeadmKeyKind,
  KubeconfigRow,
  LeafFacts,
  LeafRow,
} from './certificates.ts';
import { checkCluster } from './check.ts';
import { problems } from './check/finding.ts';
import type { Finding } from './check/finding.ts';
import { certificatePem, issueAuthority, issueLeaf, keyPem, publicKeyPem } from './issue.ts';
import type { Issuing, KeyedCertificate, NewCertificate } from './issue.ts';
import { gotOf } from './reading.ts';
import type { ClusterReading, Part } from './reading.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { makeKey } from '../ca/sign.ts';
import { isKeyOf } from '../ca/signing-policy.ts';

export interface PlannedFile {
  /** In the cluster's folder. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

export interface Completion {
  readonly files: readonly PlannedFile[];
  /** Rows, in kubeadm's order. */
  readonly made: readonly string[];
  readonly kept: readonly string[];
}

const secret = 0o600;
const open = 0o644;

const pairFiles = (row: AuthorityRow | LeafRow, { der, key }: NewCertificate): PlannedFile[] => [
  { path: certificateFile(row), text: certificatePem({ der }), mode: open },
  { path: keyFile(row), text: keyPem(key), mode: secret },
];

/**
 * The cluster's settings, from the request and the folder. The API server's URL comes from the existing kubeconfigs, if
 * they agree, and as far as they match the node's address.
 */
export function clusterIn(reading: ClusterReading, asked: Partial<Cluster> = {}): Cluster {
  const address = asked.addresses?.[0];
  const [shared, local] = (['controlPlaneEndpoint', 'localEndpoint'] as const).map((endpoint) =>
    serverOf(reading, endpoint),
  );
  const isOfNode = (server: string | undefined): server is string =>
    server !== undefined && hostOf(server) === (address ?? clusterOf().addresses[0]);
  const localEndpoint = [local, shared].find(isOfNode);
  return clusterOf(
    defined({
      controlPlaneEndpoint:
        shared !== undefined && (address === undefined || isOfNode(shared)) ? shared : undefined,
      localEndpoint,
      ...asked,
    }),
  );
}

/** The one URL in all kubeconfigs that use this endpoint; undefined if they differ. */
function serverOf(reading: ClusterReading, endpoint: KubeconfigRow['endpoint']): string | undefined {
  const servers = kubeadmKubeconfigs
    .filter((row) => row.endpoint === endpoint)
    .flatMap(({ name }) => gotOf(reading.kubeconfig(name))?.server ?? []);
  const [server, ...others] = new Set(servers);
  return others.length === 0 && server !== undefined && hostOf(server) !== undefined ? server : undefined;
}

/**
 * Creates what a cluster lacks. With an external etcd nothing of the etcd CA is created: kubeadm expects etcd/ca.crt and
 * apiserver-etcd-client to be brought from where that etcd runs, and keeps what is there.
 * @throws UserError that lists what is inconsistent.
 */
export function completeCluster(
  reading: ClusterReading,
  cluster: Cluster,
  issuing: Issuing,
  { externalEtcd = false }: { readonly externalEtcd?: boolean } = {},
): Completion {
  refuseWhatDoesNotFit(reading, cluster, issuing, externalEtcd);
  const files: PlannedFile[] = [];
  const made: string[] = [];
  const kept: string[] = [];
  const authorities = new Map<string, Authority>();
  for (const row of kubeadmCertificates) {
    if (externalEtcd && isOfEtcd(row) && !reading.has(certificateFile(row))) continue;
    const isThere = reading.has(certificateFile(row));
    (isThere ? kept : made).push(row.name);
    if (!isAuthorityRow(row)) {
      if (!isThere)
        files.push(
          ...pairFiles(row, issueLeaf(leafFacts(row, cluster), signing(authorities, row.authority), issuing)),
        );
    } else if (isThere) {
      authorities.set(row.name, {
        certificate: got(reading.certificate(certificateFile(row))),
        key: gotOf(reading.key(keyFile(row))),
      });
    } else {
      const authority = issueAuthority(row, issuing);
      authorities.set(row.name, authority);
      files.push(...pairFiles(row, authority));
    }
  }
  for (const row of kubeadmKubeconfigs) {
    if (reading.has(row.name)) {
      kept.push(row.name);
      continue;
    }
    const facts = leafFacts(row, cluster);
    const authority = signing(authorities, 'ca');
    const { der, key } = issueLeaf(facts, authority, issuing);
    const text = kubeconfigText({
      cluster: cluster.name,
      server: cluster[row.endpoint],
      user: facts.commonName,
      authority: certificatePem(authority.certificate),
      proof: { certificate: certificatePem({ der }), key: keyPem(key) },
    });
    files.push({ path: row.name, text, mode: secret });
    made.push(row.name);
  }
  const keys = serviceAccountKeys(reading, issuing.keyKind);
  files.push(...keys);
  (keys.length > 0 ? made : kept).push('sa');
  return { files, made, kept };
}

function isOfEtcd(row: AuthorityRow | LeafRow): boolean {
  return (isAuthorityRow(row) ? row.name : row.authority) === 'etcd-ca';
}

interface Authority {
  readonly certificate: Certificate;
  readonly key: KeyObject | undefined;
}

function signing(authorities: ReadonlyMap<string, Authority>, name: string): KeyedCertificate {
  const authority = authorities.get(name);
  if (authority?.key) return { certificate: authority.certificate, key: authority.key };
  throw new Error(`${name} should sign but has no key`);
}

/**
 * The public half of the existing key, or both halves of a new one, of the same type as all others (kubeadm 1.31 and
 * later).
 */
function serviceAccountKeys(reading: ClusterReading, kind: KubeadmKeyKind): PlannedFile[] {
  const { key: keyPath, publicKey } = serviceAccountFiles;
  if (reading.has(keyPath) && reading.has(publicKey)) return [];
  const isThere = reading.has(keyPath);
  const key = isThere ? got(reading.key(keyPath)) : makeKey(kind);
  // kubeadm gives the public half the mode of the private one.
  return [
    ...(isThere ? [] : [{ path: keyPath, text: keyPem(key), mode: secret }]),
    { path: publicKey, text: publicKeyPem(key), mode: secret },
  ];
}

function got<T>(part: Part<T>): T {
  if (part && 'got' in part) return part.got;
  throw new Error('a checked file cannot be parsed');
}

function refuseWhatDoesNotFit(
  reading: ClusterReading,
  cluster: Cluster,
  { now }: Issuing,
  externalEtcd: boolean,
): void {
  const isWritten = (file: string): boolean =>
    file === reading.where(serviceAccountFiles.publicKey) && reading.has(serviceAccountFiles.key);
  const findings = checkCluster({ reading, now, cluster, withoutManifests: true }).findings.filter(
    ({ problem, file }) =>
      problems[problem] === 'wrong' &&
      problem !== 'missing' &&
      problem !== 'open_mode' &&
      problem !== 'open_folder' &&
      !(problem === 'half' && isWritten(file)),
  );
  throwAll([
    ...findings.map(
      ({ file, what, expected, received, remedy }): UserErrorFacts =>
        defined({ what, where: file, expected, received, remedy }),
    ),
    ...kubeadmAuthorities
      .filter((row) => !externalEtcd || !isOfEtcd(row))
      .flatMap((row) => unsigned(row, reading)),
  ]);
}

/** A CA that cannot sign what is missing: its key is elsewhere, or it is new and old certificates exist. */
function unsigned(row: AuthorityRow, reading: ClusterReading): UserErrorFacts[] {
  const leaves = kubeadmLeaves.filter(({ authority }) => authority === row.name);
  const kubeconfigs = row.name === 'ca' ? kubeadmKubeconfigs : [];
  const names = [
    ...leaves.map((leaf) => [leaf.name, certificateFile(leaf)] as const),
    ...kubeconfigs.map(({ name }) => [name, name] as const),
  ];
  const absent = names.filter(([, path]) => !reading.has(path)).map(([name]) => name);
  const present = names.filter(([, path]) => reading.has(path)).map(([name]) => name);
  const hasCertificate = reading.has(certificateFile(row));
  if (hasCertificate && !reading.has(keyFile(row)) && absent.length > 0) {
    return [
      {
        what: {
          en: `${row.name} has no key in this folder and cannot sign what is missing: ${absent.join(', ')}`,
          ko: `${row.name}의 키가 없어 빠진 것에 서명할 수 없습니다: ${absent.join(', ')}`,
        },
        where: reading.where(keyFile(row)),
        remedy: {
          en: 'Copy its key here temporarily, or have these signed where the key is kept.',
          ko: '키를 잠시 가져오거나, 키를 보관하는 곳에서 서명해 오세요.',
        },
      },
    ];
  }
  if (hasCertificate || reading.has(keyFile(row)) || present.length === 0) return [];
  return [
    {
      what: {
        en: `${row.name} is missing, but certificates that it signed exist: ${present.join(', ')}; a new CA would not match them`,
        ko: `${josa(row.name, '은/는')} 없고 그 CA가 서명한 것만 있습니다: ${present.join(', ')}. CA를 새로 만들면 이것들과 맞지 않습니다`,
      },
      where: reading.where(certificateFile(row)),
      remedy: {
        en: 'Restore the CA, or move these files aside.',
        ko: 'CA를 다시 가져오거나 이 파일들을 다른 곳으로 옮기세요.',
      },
    },
  ];
}

function throwAll(mistakes: readonly UserErrorFacts[]): void {
  const [first, ...others] = mistakes;
  if (first) throw new UserError({ ...first, ...(others.length > 0 ? { others } : {}) });
}

export interface Renewal {
  readonly files: readonly PlannedFile[];
  readonly renewed: readonly {
    readonly name: string;
    readonly from: number;
    readonly to: number;
    readonly endsWithAuthority: boolean;
  }[];
  readonly left: readonly { readonly name: string; readonly why: Localized }[];
}

export interface Renewing extends Omit<Issuing, 'keyKind'> {
  /** Undefined: each key keeps its type. */
  readonly keyKind: KubeadmKeyKind | undefined;
}

/** The names that `renew` accepts, in kubeadm's order. */
export const renewable: readonly string[] = [
  ...kubeadmLeaves.map(({ name }) => name),
  ...kubeadmKubeconfigs.filter(({ renewed }) => renewed).map(({ name }) => name),
];

const kubeletWords: Localized = {
  en: 'the kubelet renews its own certificate with its own signing requests',
  ko: 'kubelet은 서명 요청(CSR)을 보내 자기 인증서를 직접 갱신합니다',
};

/**
 * Replaces certificates by new ones.
 * @param asked one of `renewable`, or `all`.
 * @throws UserError for another name, for a missing certificate, and for a CA that cannot sign.
 */
export function renewCluster(reading: ClusterReading, asked: string, renewing: Renewing): Renewal {
  if (asked !== 'all' && !renewable.includes(asked)) throw notRenewable(asked);
  const files: PlannedFile[] = [];
  const renewed: { name: string; from: number; to: number; endsWithAuthority: boolean }[] = [];
  const { findings } = checkCluster({ reading, now: renewing.now, withoutManifests: true });
  const left: { name: string; why: Localized }[] = [];
  const mistakes: UserErrorFacts[] = [];
  for (const name of asked === 'all' ? renewable : [asked]) {
    const row = [...kubeadmLeaves, ...kubeadmKubeconfigs].find((one) => one.name === name) as
      | LeafRow
      | KubeconfigRow;
    const path = 'file' in row ? certificateFile(row) : row.name;
    if (!reading.has(path)) {
      const why = { en: `${path} is missing`, ko: `${path} 파일이 없습니다` };
      if (asked === 'all') left.push({ name, why });
      else
        mistakes.push({
          what: why,
          where: reading.where(path),
          remedy: {
            en: 'Run ./wirelab kube pki --out DIR to create what is missing.',
            ko: './wirelab kube pki --out DIR 명령으로 없는 것을 만드세요.',
          },
        });
      continue;
    }
    const current =
      'file' in row ? reading.certificate(path) : partOf(reading.kubeconfig(path), reading.where(path));
    if (!current || 'trouble' in current) {
      if (current) mistakes.push(current.trouble);
      continue;
    }
    const authority = authorityFor(row, reading, findings);
    if ('trouble' in authority) mistakes.push(authority.trouble);
    else if (authority.got === undefined)
      left.push({ name, why: { en: 'its CA’s key is kept elsewhere', ko: 'CA의 키가 다른 곳에 있습니다' } });
    else {
      const fresh = issueLeaf(factsOf(current.got), authority.got, {
        ...renewing,
        keyKind: renewing.keyKind ?? kindOf(current.got),
      });
      if ('file' in row) files.push(...pairFiles(row, fresh));
      else
        files.push({
          path,
          text: reading.withCredentials(path, {
            certificate: certificatePem(fresh.certificate),
            key: keyPem(fresh.key),
          }),
          mode: secret,
        });
      renewed.push({
        name,
        from: current.got.notAfter,
        to: fresh.certificate.notAfter,
        endsWithAuthority: fresh.certificate.notAfter === authority.got.certificate.notAfter,
      });
    }
  }
  throwAll(
    mistakes.filter(
      ({ what, where }, index) =>
        mistakes.findIndex((other) => other.what.en === what.en && other.where === where) === index,
    ),
  );
  if (asked === 'all' && reading.has('kubelet.conf')) left.push({ name: 'kubelet.conf', why: kubeletWords });
  return { files, renewed, left };
}

function partOf(config: ReturnType<ClusterReading['kubeconfig']>, where: string): Part<Certificate> {
  if (!config || 'trouble' in config) return config;
  return (
    config.got.certificate ?? {
      trouble: {
        what: {
          en: 'the kubeconfig has no client certificate to renew',
          ko: 'kubeconfig에 갱신할 클라이언트 인증서가 없습니다',
        },
        where,
      },
    }
  );
}

function notRenewable(name: string): UserError {
  const isAuthority = kubeadmAuthorities.some((row) => row.name === name);
  const near = nearest(name, renewable);
  return new UserError(
    defined({
      what: isAuthority
        ? {
            en: 'a CA is not renewed: everything that it signed and everything that trusts it would have to be replaced, too',
            ko: 'CA는 갱신하지 않습니다. CA가 서명한 모든 것과 CA를 신뢰하는 모든 곳까지 함께 바꿔야 합니다',
          }
        : name === 'kubelet.conf'
          ? kubeletWords
          : { en: 'unknown certificate', ko: '그런 이름의 인증서는 없습니다' },
      where: 'wirelab kube pki renew',
      expected: {
        en: `all, or one of ${renewable.join(', ')}`,
        ko: `all, 또는 다음 중 하나: ${renewable.join(', ')}`,
      },
      received: name,
      remedy:
        near && !isAuthority && name !== 'kubelet.conf'
          ? { en: `Did you mean ${near}?`, ko: `${josa(near, '을/를')} 찾으셨나요?` }
          : undefined,
    }),
  );
}

/** `got` is undefined for a CA whose key is missing. Problems of the CA are reported for the certificates it signs. */
function authorityFor(
  row: LeafRow | KubeconfigRow,
  reading: ClusterReading,
  findings: readonly Finding[],
): { readonly got: KeyedCertificate | undefined } | { readonly trouble: UserErrorFacts } {
  const name = 'authority' in row ? row.authority : 'ca';
  const authority = kubeadmAuthorities.find((one) => one.name === name) as AuthorityRow;
  const certificate = reading.certificate(certificateFile(authority));
  if (!certificate)
    return {
      trouble: {
        what: { en: `${name} is missing and cannot sign`, ko: `서명할 ${josa(name, '이/가')} 없습니다` },
        where: reading.where(certificateFile(authority)),
      },
    };
  if ('trouble' in certificate) return certificate;
  const key = reading.key(keyFile(authority));
  if (!key) return { got: undefined };
  if ('trouble' in key) return key;
  const [fault] = findings.filter(
    ({ file, problem }) =>
      file === reading.where(certificateFile(authority)) &&
      problems[problem] === 'wrong' &&
      problem !== 'open_mode',
  );
  if (fault) {
    const { file, what, expected, received, remedy } = fault;
    return {
      trouble: defined({
        what: {
          en: `certificates that ${name} signs now would not be trusted: ${what.en}`,
          ko: `지금 ${name}의 서명은 신뢰받지 못합니다: ${what.ko}`,
        },
        where: file,
        expected,
        received,
        remedy,
      }),
    };
  }
  if (isKeyOf(key.got, certificate.got)) return { got: { certificate: certificate.got, key: key.got } };
  return {
    trouble: {
      what: {
        en: 'the private key does not match the CA certificate',
        ko: '개인 키가 CA 인증서와 맞지 않습니다',
      },
      where: `${reading.where(certificateFile(authority))}, ${reading.where(keyFile(authority))}`,
      remedy: {
        en: 'For details: ./wirelab kube pki check DIR',
        ko: '자세히 보기: ./wirelab kube pki check DIR',
      },
    },
  };
}

/** The contents that kubeadm copies when renewing: common name, organizations, DNS names and addresses, usages. */
function factsOf({ subject, subjectAlternativeNames, extendedKeyUsage }: Certificate): LeafFacts {
  return {
    commonName: subject.attributes.findLast(({ type }) => type === 'CN')?.value ?? '',
    organizations: subject.attributes.filter(({ type }) => type === 'O').map(({ value }) => value),
    usages: (extendedKeyUsage ?? []).filter((usage) => usage === 'serverAuth' || usage === 'clientAuth'),
    san: (subjectAlternativeNames ?? [])
      .filter(({ kind }) => kind === 'DNS' || kind === 'IP')
      .map(({ kind, value }) => `${kind}:${value}`),
  };
}

function kindOf({ publicKey: { name } }: Certificate): KubeadmKeyKind {
  const kinds: Readonly<Record<string, KubeadmKeyKind>> = {
    'P-256': 'P-256',
    'P-384': 'P-384',
    'RSA-2048': 'RSA-2048',
    'RSA-3072': 'RSA-3072',
    'RSA-4096': 'RSA-4096',
  };
  return (Object.hasOwn(kinds, name) ? kinds[name] : undefined) ?? 'P-256';
}
