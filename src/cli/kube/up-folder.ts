/**
 * Loads from a cluster's folder what the components of a control plane need; a folder without a cluster is filled
 * first. `pki/kubeadm/folder.ts` decides what is created, `pki/kubeadm/check.ts` what is wrong with a certificate.
 */
import { defined } from '../../core/defined.ts';
import { createPublicKey, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { matchesHostname } from '../../pki/x509/hostname.ts';
import { changedSettings } from '../../pki/kubeadm/check.ts';
import { problems } from '../../pki/kubeadm/check/finding.ts';
import type { Finding, Problem } from '../../pki/kubeadm/check/finding.ts';
import { accountKeyFaults } from '../../pki/kubeadm/faults.ts';
import { certificatePem, keyPem } from '../../pki/kubeadm/issue.ts';
import type { Issuing } from '../../pki/kubeadm/issue.ts';
import { clusterIn, completeCluster } from '../../pki/kubeadm/folder.ts';
import type { Completion } from '../../pki/kubeadm/folder.ts';
import {
  certificateFile,
  clusterOf,
  keyFile,
  kubeadmAuthorities,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  serviceAccountFiles,
} from '../../pki/kubeadm/certificates.ts';
import type { Cluster } from '../../pki/kubeadm/certificates.ts';
import { isPod } from '../../kube/components/kubelet/mirror-pods.ts';
import type { KubeObject } from '../../kube/objects/objects.ts';
import type { StaticPodName } from '../../pki/kubeadm/manifests/processes.ts';
import { kubeletFiles, manifestOf, staticPodNames } from '../../pki/kubeadm/manifests/processes.ts';
import { gotOf } from '../../pki/kubeadm/reading.ts';
import type { ClusterReading, Part } from '../../pki/kubeadm/reading.ts';
import { isKeyOf } from '../../pki/ca/signing-policy.ts';
import type { Identity } from '../../wire/endpoint.ts';
import { tlsContextOptions } from '../../wire/tls/context.ts';
import { shellWord } from '../../i18n/shell-word.ts';
import { checkFolder, inTurn, layoutFor, readCluster, writeCluster } from './folder.ts';

/** What a kubeconfig holds. */
export interface Owner {
  readonly identity: Identity;
  /** PEM of the CAs in it. */
  readonly trust: string;
}

export interface UpFolder {
  readonly apiserver: Identity;
  /** PEM of all certificates in ca.crt: while the CA is being replaced it holds the old one and the new one. */
  readonly authority: string;
  /** Absent if the CA's key is not in the folder: then no requests are signed. */
  readonly signer?: Identity;
  /**
   * From controller-manager.conf, scheduler.conf, and super-admin.conf or else admin.conf, whose rights can be revoked;
   * each is absent if its file is missing or unreadable.
   */
  readonly controllerManager?: Owner;
  readonly scheduler?: Owner;
  readonly admin?: Owner;
  /** From kubelet.conf, which names the node. */
  readonly kubelet?: Owner & { readonly node: string };
  /** The certificate of the kubelet's own server; absent if it makes one itself. */
  readonly kubeletServing?: Identity;
  /** Where the kubelet keeps the certificates that it is given. */
  readonly kubeletFolder?: string;
  /** As its kubeconfigs have it. */
  readonly cluster: Cluster;
  /** The static pods whose manifests can be read. */
  readonly staticPods: ReadonlyMap<StaticPodName, KubeObject>;
  /** The client certificate of the API server for kubelets. */
  readonly kubeletClient?: Identity;
  /** The keys of sa.key and sa.pub, PEM. */
  readonly serviceAccounts?: { readonly key: string; readonly publicKeys: readonly string[] };
  /** Absent without pki/etcd. */
  readonly etcd?: { readonly server: Identity; readonly authority: string; readonly client: Identity };
  readonly frontProxyAuthority?: string;
  /** The server URL of that kubeconfig. */
  readonly server?: string;
  /** What was created just now; absent if the folder already had a cluster. */
  readonly made?: Completion;
  /** Problems that do not prevent the start, as with a real API server: connections that rely on these files are refused. */
  readonly faults: readonly Finding[];
  /** Manifests and configurations that name other files than kubeadm's: they are not read here. */
  readonly unread: readonly string[];
  /** An administrator's kubeconfig in the folder; absent if there is none that can be read. */
  readonly kubeconfig?: string;
}

const issuing = (): Issuing => ({ now: systemClock.now(), random: randomBytes, keyKind: 'P-256' });

export interface OpenOptions {
  /** Whether etcd runs elsewhere: then the folder needs no certificates for one. */
  readonly externalEtcd?: boolean;
  /** Also with certificates that nobody would accept, as a real API server starts; they are in `faults`. */
  readonly ignoresFaults?: boolean;
}

/**
 * @param endpoint the server's address, for new kubeconfigs.
 * @throws UserError for existing files that cannot be used.
 */
export async function openClusterFolder(
  folder: string,
  endpoint: string,
  { externalEtcd = false, ignoresFaults = false }: OpenOptions = {},
): Promise<UpFolder> {
  return inTurn(folder, async () => {
    const found = await readCluster(folder);
    const isEmpty = found.paths.every((path) => !path.startsWith('pki/') && !path.endsWith('.conf'));
    if (!isEmpty) {
      const now = systemClock.now();
      const wrong = checkFolder(found, folder, now, { withoutManifests: true }).findings.filter(
        ({ problem }) => problems[problem] === 'wrong',
      );
      if (!externalEtcd) refuseEtcd(found, wrong);
      const needed = whatIsNeeded(found, folder);
      if (!ignoresFaults) refuseUntrusted(found, wrong, externalEtcd ? isOfEtcd : () => false);
      return {
        ...needed,
        faults: wrong.filter(({ problem }) => problem !== 'missing'),
        unread: changedSettings({ reading: found, now }).map((path) => found.where(path)),
      };
    }
    const made = await layoutFor(found, clusterOf({ localEndpoint: endpoint }), issuing(), { externalEtcd });
    writeCluster(found, made.files, false, made.links);
    return { ...whatIsNeeded(await readCluster(folder), folder), faults: [], unread: [], made };
  });
}

/** What the API server reads again when it changes. */
export const servedFiles = [
  certificateFile({ file: 'ca' }),
  certificateFile({ file: 'apiserver' }),
  keyFile({ file: 'apiserver' }),
] as const;

/** @throws UserError for files that cannot be used. */
export async function rereadServed(folder: string): Promise<Pick<UpFolder, 'apiserver' | 'authority'>> {
  const { bundle, pair } = partsOf(await readCluster(folder), folder);
  return { apiserver: pair('apiserver'), authority: bundle('ca') };
}

/** The certificates of etcd and of the API server as its client, and the CA of both. */
const etcdFiles = [
  ...['etcd/ca', 'etcd/server', 'apiserver-etcd-client'].map((file) => certificateFile({ file })),
  ...['etcd/server', 'apiserver-etcd-client'].map((file) => keyFile({ file })),
];
const isOfEtcd = (path: string): boolean =>
  path.startsWith('pki/etcd/') || path.startsWith('pki/apiserver-etcd-client.');
/** Problems that do not prevent the connection. */
const passable: readonly Problem[] = ['open_mode', 'ca_as_leaf', 'negative_serial'];

/**
 * Checked before anything starts: otherwise the only message would be that etcd does not answer.
 * @throws UserError
 */
function refuseEtcd(reading: ClusterReading, wrong: readonly Finding[]): void {
  if (!reading.paths.some((path) => path.startsWith('pki/etcd/'))) return;
  const isCalled = matchesHostname(
    gotOf(reading.certificate(certificateFile({ file: 'etcd/server' })))?.subjectAlternativeNames ?? [],
    '127.0.0.1',
  );
  const findings = wrong.flatMap((finding) => {
    const path = etcdFiles.find((one) => reading.where(one) === finding.file);
    const stops = !passable.includes(finding.problem) && !(finding.problem === 'missing_name' && isCalled);
    return path !== undefined && stops ? [etcdFacts(path, finding)] : [];
  });
  const [first, ...others] = findings;
  if (first) throw new UserError({ ...first, others });
}

const foreign: readonly Problem[] = ['wrong_authority', 'replaced_authority'];
/** Problems with which a certificate is refused by whoever receives it. */
const untrusted: readonly Problem[] = [
  ...foreign,
  'expired',
  'not_yet_valid',
  'bad_signature',
  'not_a_ca',
  'key_mismatch',
];
/** The cluster's own files that others are shown or trust; a CA's key is neither, and users' files are their own business. */
const clusterFiles: readonly string[] = [
  ...kubeadmAuthorities.map(certificateFile),
  ...kubeadmLeaves.flatMap((row) => [certificateFile(row), keyFile(row)]),
  ...kubeadmKubeconfigs.map(({ name }) => name),
];

/**
 * Checked before anything starts: otherwise each client would report, without a file, that a certificate is not accepted.
 * @throws UserError
 */
function refuseUntrusted(
  reading: ClusterReading,
  wrong: readonly Finding[],
  isUnused: (path: string) => boolean,
): void {
  // While a CA is being replaced, certificates are from one or the other, and a file may trust one alone.
  const isReplacing = (gotOf(reading.certificates(certificateFile({ file: 'ca' }))) ?? []).length > 1;
  const stops = isReplacing ? untrusted.filter((one) => !foreign.includes(one)) : untrusted;
  const [first, ...others] = wrong.flatMap(({ file, problem, what, expected, received, remedy }) => {
    const path = clusterFiles.find((one) => reading.where(one) === file);
    if (path === undefined || isUnused(path) || !stops.includes(problem)) return [];
    const facts: UserErrorFacts = defined({
      what: {
        en: `the cluster is not started because of ${path}: ${what.en}`,
        ko: `${path} 때문에 클러스터를 시작하지 않습니다: ${what.ko}`,
      },
      where: file,
      expected,
      received,
      remedy,
    });
    return [facts];
  });
  if (!first) return;
  const [last = first, ...before] = [first, ...others].toReversed();
  const shown = [
    ...before.toReversed(),
    {
      ...last,
      remedy: {
        en: `${last.remedy?.en ?? ''} (to start anyway, as a real API server does: --ignore-faults)`.trim(),
        ko: `${last.remedy?.ko ?? ''} (실제 API 서버처럼 그대로 시작하려면: --ignore-faults)`.trim(),
      },
    },
  ];
  throw new UserError({ ...(shown[0] ?? last), others: shown.slice(1) });
}

function etcdFacts(path: string, { file, what, expected, received, remedy }: Finding): UserErrorFacts {
  return defined({
    what: {
      en: `etcd cannot be started because of ${path}: ${what.en}`,
      ko: `${path} 때문에 etcd를 시작할 수 없습니다: ${what.ko}`,
    },
    where: file,
    expected,
    received,
    remedy,
  });
}

/** How files of the folder are read that must be there. */
interface Parts {
  readonly needed: <T>(path: string, part: Part<T>) => T;
  /** All certificates of a file, PEM. */
  readonly bundle: (file: string) => string;
  readonly pair: (file: string) => Identity;
}

function partsOf(reading: ClusterReading, folder: string): Parts {
  const needed = <T>(path: string, part: Part<T>): T => {
    if (part && 'got' in part) return part.got;
    throw part ? new UserError(part.trouble) : notWhole(reading, path, folder);
  };
  const bundle = (file: string): string => {
    const path = certificateFile({ file });
    return needed(path, reading.certificates(path)).map(certificatePem).join('');
  };
  const pair = (file: string): Identity => {
    const paths = [certificateFile({ file }), keyFile({ file })] as const;
    const [found, key] = [
      needed(paths[0], reading.certificates(paths[0])),
      needed(paths[1], reading.key(paths[1])),
    ];
    // A CA that is being replaced stands beside another one; whoever is no CA comes first.
    const [first] = found;
    const own = first.basicConstraints?.isCa ? (found.find((one) => isKeyOf(key, one)) ?? first) : first;
    if (!isKeyOf(key, own)) throw unpaired(paths.map((path) => reading.where(path)).join(', '), folder);
    const identity = { certificate: certificatePem(own), key: keyPem(key) };
    // A CA's certificate is never presented.
    return own.basicConstraints?.isCa ? identity : usable(identity, reading.where(paths[0]), folder);
  };
  return { needed, bundle, pair };
}

function whatIsNeeded(reading: ClusterReading, folder: string): Omit<UpFolder, 'faults' | 'unread' | 'made'> {
  const { needed, bundle, pair } = partsOf(reading, folder);
  const certificate = (path: string): string => certificatePem(needed(path, reading.certificate(path)));
  const frontProxy = certificateFile({ file: 'front-proxy-ca' });
  const optional = (file: string): Identity | undefined =>
    reading.has(certificateFile({ file })) && reading.has(keyFile({ file })) ? pair(file) : undefined;
  const authority = bundle('ca');
  const owner = (file: string): (Owner & { readonly commonName: string }) | undefined => {
    const kubeconfig = gotOf(reading.kubeconfig(file));
    const [own, key] = [gotOf(kubeconfig?.certificate), gotOf<KeyObject>(kubeconfig?.key)];
    if (!own || !key) return undefined;
    if (!isKeyOf(key, own)) throw unpaired(reading.where(file), folder);
    return {
      identity: usable({ certificate: certificatePem(own), key: keyPem(key) }, reading.where(file), folder),
      trust: gotOf(kubeconfig?.authorities)?.map(certificatePem).join('') ?? authority,
      commonName: own.subject.attributes.findLast(({ type }) => type === 'CN')?.value ?? '',
    };
  };
  const [controllerManager, scheduler, superAdmin, plainAdmin, kubelet] = [
    'controller-manager.conf',
    'scheduler.conf',
    'super-admin.conf',
    'admin.conf',
    'kubelet.conf',
  ].map(owner);
  const admin = superAdmin ?? plainAdmin;
  const node = /^system:node:(.+)$/.exec(kubelet?.commonName ?? '')?.[1];
  const kubeletClient = optional('apiserver-kubelet-client');
  const accountKey = reading.has(serviceAccountFiles.key)
    ? keyPem(
        accountKeyOf(
          needed(serviceAccountFiles.key, reading.key(serviceAccountFiles.key)),
          reading.where(serviceAccountFiles.key),
        ),
      )
    : undefined;
  const [etcdServer, etcdClient] = [optional('etcd/server'), optional('apiserver-etcd-client')];
  const etcdAuthority = reading.has(certificateFile({ file: 'etcd/ca' }))
    ? certificate(certificateFile({ file: 'etcd/ca' }))
    : undefined;
  // Of an administrator's, the one whose rights can be revoked comes first.
  const kubeconfig = [
    { name: 'admin.conf', identity: plainAdmin },
    { name: 'super-admin.conf', identity: superAdmin },
  ].find(({ name, identity }) => identity ?? gotOf(reading.kubeconfig(name)))?.name;
  const server = kubeconfig === undefined ? undefined : gotOf(reading.kubeconfig(kubeconfig))?.server;
  return defined({
    apiserver: pair('apiserver'),
    authority,
    signer: reading.has(keyFile({ file: 'ca' })) ? pair('ca') : undefined,
    controllerManager,
    scheduler,
    admin,
    kubelet: kubelet && node !== undefined ? { ...kubelet, node } : undefined,
    kubeletClient,
    kubeletServing: servingOf(reading),
    cluster: clusterIn(reading, defined({ node })),
    staticPods: new Map(
      staticPodNames.flatMap((name) => {
        const manifest = gotOf(reading.yaml(manifestOf(name)));
        return isPod(manifest) ? [[name, manifest] as const] : [];
      }),
    ),
    kubeletFolder: reading.has(kubeletFiles.current) ? join(folder, 'kubelet') : undefined,
    serviceAccounts:
      accountKey === undefined ? undefined : { key: accountKey, publicKeys: [publicPem(accountKey)] },
    etcd:
      etcdServer && etcdClient && etcdAuthority !== undefined
        ? { server: etcdServer, client: etcdClient, authority: etcdAuthority }
        : undefined,
    frontProxyAuthority: reading.has(frontProxy) ? certificate(frontProxy) : undefined,
    ...(server === undefined || kubeconfig === undefined ? {} : { server, kubeconfig }),
  });
}

/** A kubelet replaces what it cannot use, as the real one does. */
function servingOf(reading: ClusterReading): Identity | undefined {
  const { certificate, key } = kubeletFiles.serving;
  const chain = gotOf(reading.certificates(certificate));
  const secret = gotOf(reading.key(key));
  return chain && secret && isKeyOf(secret, chain[0])
    ? { certificate: chain.map((one) => certificatePem(one)).join(''), key: keyPem(secret) }
    : undefined;
}

/** Errors from OpenSSL are reported with the file's name. @throws UserError */
function usable(identity: Identity, where: string, folder: string): Identity {
  try {
    tlsContextOptions(identity, undefined);
    return identity;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const command = `./wirelab kube pki check ${shellWord(folder)}`;
    const { remedy } = error.facts;
    throw new UserError(
      {
        ...error.facts,
        where,
        remedy: {
          en: `${remedy?.en ?? ''} For details: ${command}`.trim(),
          ko: `${remedy?.ko ?? ''} 자세히 보기: ${command}`.trim(),
        },
      },
      { cause: error },
    );
  }
}

/** @throws UserError for a key that cannot sign tokens; a weak key can. */
function accountKeyOf(key: KeyObject, where: string): KeyObject {
  const unusable = accountKeyFaults(key).find(({ problem }) => problem === 'unusable_key');
  if (!unusable) return key;
  const { what, expected, received, remedy } = unusable;
  throw new UserError(defined({ what, where, expected, received, remedy }));
}

/** sa.pub contains the same; it may be missing. */
function publicPem(key: string): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

/** Missing files can be created by `kube pki`, unless it would refuse: then its reasons are reported. */
function notWhole(reading: ClusterReading, path: string, folder: string): UserError {
  const facts: UserErrorFacts = {
    what: { en: 'the cluster in this folder is incomplete', ko: '이 폴더의 클러스터에 빠진 파일이 있습니다' },
    where: reading.where(path),
  };
  try {
    completeCluster(reading, clusterIn(reading), issuing());
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { others = [], ...first } = error.facts;
    return new UserError({ ...facts, others: [first, ...others] });
  }
  const command = `./wirelab kube pki --out ${shellWord(folder)}`;
  return new UserError({
    ...facts,
    remedy: { en: `Run ${command} to create what is missing.`, ko: `빠진 파일 만들기: ${command}` },
  });
}

function unpaired(where: string, folder: string): UserError {
  const command = `./wirelab kube pki check ${shellWord(folder)}`;
  return new UserError({
    what: {
      en: 'the private key does not match the certificate',
      ko: '개인 키가 인증서와 짝이 맞지 않습니다',
    },
    where,
    remedy: {
      en: `Restore the key that the certificate was issued for. For details: ${command}`,
      ko: `인증서를 발급할 때 쓴 키로 되돌리세요. 자세히 보기: ${command}`,
    },
  });
}
