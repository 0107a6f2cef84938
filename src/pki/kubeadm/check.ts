/**
 * Checks the certificates of a Kubernetes control plane: problems per file with a remedy, and the expirations in the
 * order of `kubeadm certs check-expiration`. It checks kubeadm's tree, the user's own certificates beside it, and
 * kubeconfigs from anywhere. Pure: `pki/kubeadm/reading.ts` reads the files, the clock is an argument.
 *
 * 1. One cause, one finding: what cannot be judged because of another problem is skipped.
 * 2. Requested settings of the cluster are required; without them, the folder's own data applies (the hosts in its
 *    kubeconfigs, the node in their names). Files are required if the folder looks like a control plane's.
 * 3. A CA without its key is managed elsewhere ("externally managed"), which is not a problem.
 */
import { sameBytes } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isAbsolute, resolve } from 'node:path';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import { isoTime } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import type { UserErrorFacts } from '../../i18n/user-error.ts';
import { contentNames } from '../x509/contents.ts';
import { examine } from '../x509/examination.ts';
import { strayText } from '../keystore/go-pem.ts';
import { namesAsIssuer } from '../x509/go-x509.ts';
import { matchesHostname } from '../x509/hostname.ts';
import { isOpenToOthers } from '../keystore/key-file.ts';
import { accountKeyFaults, certificateFaults } from './faults.ts';
import {
  certificateFile,
  clusterOf,
  hostOf,
  keyFile,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  kubernetesNames,
  leafFacts,
  serviceAccountFiles,
} from './certificates.ts';
import type { AuthorityRow, Cluster, KubeconfigRow, LeafRow } from './certificates.ts';
import { gotOf } from './reading.ts';
import type { ClusterReading, FoundFolder, ReadKubeconfig } from './reading.ts';
import { visible } from '../x509/lint.ts';
import { isKeyOf } from '../ca/signing-policy.ts';
import { constraintFault } from '../x509/name-constraints.ts';
import { validityState } from '../x509/validity.ts';
import { isAuthority, isIssuedBy, prepareTrust, sameName } from '../x509/verify.ts';

/** Every problem with its severity: a warning breaks nothing today. */
export const problems = {
  missing: 'wrong',
  half: 'wrong',
  unreadable: 'wrong',
  key_mismatch: 'wrong',
  not_a_ca: 'wrong',
  ca_as_leaf: 'wrong',
  wrong_authority: 'wrong',
  replaced_authority: 'wrong',
  bad_signature: 'wrong',
  expired: 'wrong',
  not_yet_valid: 'wrong',
  wrong_usage: 'wrong',
  missing_name: 'wrong',
  wrong_identity: 'wrong',
  no_credentials: 'wrong',
  unverified_server: 'wrong',
  wrong_server: 'wrong',
  open_mode: 'wrong',
  open_folder: 'wrong',
  weak_key: 'wrong',
  unusable_key: 'wrong',
  weak_signature: 'wrong',
  negative_serial: 'wrong',
  unknown_extension: 'wrong',
  refused: 'wrong',
  absent: 'warning',
  ending_soon: 'warning',
  outlives_authority: 'warning',
  odd_serial: 'warning',
  constrained: 'warning',
  stray_content: 'warning',
  shared_authority: 'warning',
  unrevocable: 'warning',
  other_server: 'warning',
  group_writable: 'warning',
} as const satisfies Readonly<Record<string, 'wrong' | 'warning'>>;

export type Problem = keyof typeof problems;

export interface Finding {
  /** The path as shown to the user. */
  readonly file: string;
  readonly problem: Problem;
  readonly what: Localized;
  readonly expected?: Localized;
  readonly received?: string;
  readonly remedy: Localized;
}

/** A line of the table of expirations. */
export interface Expiration {
  readonly name: string;
  readonly file: string;
  /** Milliseconds since the epoch; absent if missing or unreadable. */
  readonly notAfter?: number;
  /** The row of its CA; absent for a CA. */
  readonly authority?: AuthorityRow['name'];
  /** The CA's key is missing, so that the certificate cannot be renewed. */
  readonly externallyManaged: boolean;
}

export interface Checkup {
  readonly certificates: readonly Expiration[];
  readonly authorities: readonly Expiration[];
  readonly findings: readonly Finding[];
}

export interface CheckQuestion {
  readonly reading: ClusterReading;
  readonly now: number;
  /** The requested settings of the cluster. */
  readonly cluster?: Cluster;
}

export function checkCluster(question: CheckQuestion): Checkup {
  const check = new Check(question);
  return { findings: check.findings(), ...check.expirations() };
}

const soon = 30 * 86_400_000;
const rowOf = (name: string): AuthorityRow | undefined => kubeadmAuthorities.find((row) => row.name === name);

/** The files of one row. */
interface Pair {
  readonly certificate: string;
  readonly key: string;
}

class Check {
  readonly #reading: ClusterReading;
  readonly #now: number;
  readonly #cluster: Cluster | undefined;
  readonly #findings: Finding[] = [];
  /** CAs whose own certificate spells their name differently from all certificates that they issued. */
  readonly #respelt = new Set<AuthorityRow['name']>();
  #knownCalls: readonly Call[] | undefined;
  readonly #verifiers = new Map<string, ReturnType<typeof prepareTrust>>();

  constructor({ reading, now, cluster }: CheckQuestion) {
    this.#reading = reading;
    this.#now = now;
    this.#cluster = cluster;
  }

  findings(): readonly Finding[] {
    for (const folder of this.#reading.folders ?? []) this.#folder(folder);
    for (const row of kubeadmAuthorities) this.#authority(row);
    this.#sharedAuthorities();
    for (const row of kubeadmLeaves) this.#leaf(row);
    this.#serviceAccount();
    for (const row of kubeadmKubeconfigs) this.#kubeconfigRow(row);
    this.#ports();
    for (const base of this.#otherBases()) this.#other(base);
    for (const path of this.#looseKeys()) this.#mode(path);
    for (const path of this.#otherKubeconfigs()) this.#kubeconfig(path);
    return this.#findings;
  }

  expirations(): Pick<Checkup, 'certificates' | 'authorities'> {
    const shown = (row: AuthorityRow | LeafRow): boolean => this.#isDemanded(row) || this.#has(pairOf(row));
    const certificates = [
      ...kubeadmLeaves
        .filter(shown)
        .map((row) => this.#expiration(row.name, certificateFile(row), row.authority)),
      ...kubeadmKubeconfigs
        .filter(({ name, renewed }) => renewed && (this.#demandsKubeconfigs() || this.#reading.has(name)))
        .map(({ name }) => this.#expiration(name, name, 'ca')),
    ].sort(byName);
    const authorities = kubeadmAuthorities
      .filter(shown)
      .map((row) => this.#expiration(row.name, certificateFile(row)))
      .sort(byName);
    return { certificates, authorities };
  }

  #expiration(name: string, path: string, authority?: AuthorityRow['name']): Expiration {
    const certificate = gotOf(
      path.endsWith('.conf')
        ? gotOf(this.#reading.kubeconfig(path))?.certificate
        : this.#reading.certificate(path),
    );
    const row = rowOf(authority ?? name);
    const externallyManaged =
      row !== undefined && this.#reading.has(certificateFile(row)) && !this.#reading.has(keyFile(row));
    return defined({
      name,
      file: this.#reading.where(path),
      notAfter: certificate?.notAfter,
      authority,
      externallyManaged,
    });
  }

  // Files that should exist.

  #isControlPlane(): boolean {
    if (this.#cluster) return true;
    const there = kubeadmLeaves.filter((row) => this.#has(pairOf(row)));
    return there.length > 2 || there.some(({ name }) => name === 'apiserver');
  }

  /** If only `pki` was given, the kubeconfigs were not looked for. */
  #demandsKubeconfigs(): boolean {
    return this.#isControlPlane() && !this.#reading.isPkiAlone;
  }

  /** With an external etcd, only its CA and the API server's client certificate are here. */
  #isDemanded(row: AuthorityRow | LeafRow): boolean {
    const isEtcd = (one: AuthorityRow | LeafRow): boolean =>
      ('authority' in one ? one.authority : one.name) === 'etcd-ca';
    if (!this.#isControlPlane()) return false;
    if (this.#cluster !== undefined || !isEtcd(row)) return true;
    const isShared = (one: AuthorityRow | LeafRow): boolean =>
      one.name === 'etcd-ca' || one.name === 'apiserver-etcd-client';
    const isHere = kubeadmCertificates.some(
      (one) =>
        isEtcd(one) &&
        (isShared(one) ? one.name === 'etcd-ca' && this.#reading.has(keyFile(one)) : this.#has(pairOf(one))),
    );
    return (
      isHere || (isShared(row) && kubeadmCertificates.some((one) => isEtcd(one) && this.#has(pairOf(one))))
    );
  }

  #has({ certificate, key }: Pair): boolean {
    return this.#reading.has(certificate) || this.#reading.has(key);
  }

  /** A non-CA in a CA's place, or another CA of the cluster, is its own finding and is not used for verification. */
  #authorityOf(name: AuthorityRow['name']): Certificate | undefined {
    const row = rowOf(name);
    const certificate = row && gotOf(this.#reading.certificate(certificateFile(row)));
    return certificate && isAuthority(certificate, true) && !misplaced(row, certificate)
      ? certificate
      : undefined;
  }

  /** All CAs in a CA's file: users of the file trust all of them. */
  #rootsOf(name: AuthorityRow['name']): readonly Certificate[] {
    const row = rowOf(name);
    return this.#authorityOf(name) && row
      ? (gotOf(this.#reading.certificates(certificateFile(row))) ?? []).filter((one) =>
          isAuthority(one, true),
        )
      : [];
  }

  /** A problem prevents its use. */
  #isFaulty(path: string): boolean {
    const file = this.#reading.where(path);
    return this.#findings.some(
      (finding) =>
        finding.file === file && problems[finding.problem] === 'wrong' && finding.problem !== 'open_mode',
    );
  }

  // Rows.

  #authority(row: AuthorityRow): void {
    const pair = pairOf(row);
    if (!this.#has(pair)) {
      if (this.#isDemanded(row)) this.#add(pair.certificate, 'missing', missing(row.name));
      return;
    }
    if (!this.#reading.has(pair.certificate))
      return this.#add(pair.certificate, 'half', halfWithout(this.#reading.where(pair.key)));
    const certificate = this.#readable(pair.certificate, this.#reading.certificate(pair.certificate));
    this.#pairedKey(pair, certificate);
    if (!certificate) return;
    const namesake = misplaced(row, certificate);
    if (!isAuthority(certificate, true)) this.#add(pair.certificate, 'not_a_ca', notACa(certificate));
    else if (namesake)
      this.#add(pair.certificate, 'wrong_authority', anotherInPlace(row, namesake, certificate));
    this.#dates(pair.certificate, certificate, undefined, row.name);
    this.#faults(pair.certificate, certificate, true);
    for (const other of (gotOf(this.#reading.certificates(pair.certificate)) ?? []).slice(1))
      this.#add(
        pair.certificate,
        'stray_content',
        isAuthority(other, true) ? anotherBeside(other, this.#now) : noCaBeside(other),
      );
    this.#form(pair.certificate, 'certificate');
    this.#spelling(row, pair.certificate, certificate);
  }

  /** If all certificates of a CA spell its name differently, the CA's own certificate was replaced. */
  #spelling({ name }: AuthorityRow, path: string, certificate: Certificate): void {
    const leaves = [
      ...kubeadmLeaves.flatMap((leaf) =>
        leaf.authority === name ? (gotOf(this.#reading.certificate(certificateFile(leaf))) ?? []) : [],
      ),
      ...(name === 'ca'
        ? kubeadmKubeconfigs.flatMap(
            (one) => gotOf(gotOf(this.#reading.kubeconfig(one.name))?.certificate) ?? [],
          )
        : []),
    ];
    const roots = this.#rootsOf(name);
    const issued = leaves.filter((leaf) => roots.some((root) => isIssuedBy(leaf, root)));
    const [first] = issued;
    if (
      !first ||
      !issued.every((leaf) =>
        isRespelt(
          leaf,
          roots.filter((root) => isIssuedBy(leaf, root)),
        ),
      )
    )
      return;
    this.#respelt.add(name);
    this.#add(path, 'wrong_authority', renamed(certificate, first));
  }

  /** One CA for several purposes: certificates for one of them are accepted for the others. */
  #sharedAuthorities(): void {
    const known: [AuthorityRow, Certificate][] = [];
    for (const row of kubeadmAuthorities) {
      const certificate = this.#authorityOf(row.name);
      if (!certificate) continue;
      const same = known.find(([, other]) => sameBytes(other.publicKey.der, certificate.publicKey.der));
      if (same) this.#add(certificateFile(row), 'shared_authority', sharedWords(row.name, same[0].name));
      known.push([row, certificate]);
    }
  }

  #leaf(row: LeafRow): void {
    const pair = pairOf(row);
    if (!this.#has(pair)) {
      if (this.#isDemanded(row)) this.#add(pair.certificate, 'missing', missing(row.name));
      return;
    }
    if (!this.#reading.has(pair.certificate))
      return this.#add(pair.certificate, 'half', halfWithout(this.#reading.where(pair.key)));
    const certificate = this.#readable(pair.certificate, this.#reading.certificate(pair.certificate));
    if (
      this.#isBehind(
        pair.certificate,
        gotOf(this.#reading.certificates(pair.certificate)) ?? [],
        gotOf(this.#reading.key(pair.key)),
        pair.key,
      )
    )
      return;
    if (this.#reading.has(pair.key)) this.#pairedKey(pair, certificate);
    else this.#add(pair.key, 'half', halfWithout(this.#reading.where(pair.certificate)));
    if (!certificate) return;
    this.#issuer(pair.certificate, certificate, row.authority, row.name);
    this.#dates(pair.certificate, certificate, this.#authorityOf(row.authority), row.name);
    this.#usages(pair.certificate, certificate, row.usages);
    this.#identity(pair.certificate, certificate, identities[row.name]);
    this.#place(pair.certificate, certificate, row);
    this.#names(pair.certificate, certificate, row);
    this.#faults(pair.certificate, certificate, false);
    this.#behind(pair.certificate, gotOf(this.#reading.certificates(pair.certificate)) ?? []);
    this.#form(pair.certificate, 'certificate');
    this.#verified(
      pair.certificate,
      gotOf(this.#reading.certificates(pair.certificate)) ?? [],
      row.authority,
      row.usages,
      row.name,
    );
  }

  /** The certificate of another row, recognized by its kubeadm name. */
  #place(path: string, certificate: Certificate, row: LeafRow | KubeconfigRow): void {
    if (this.#isFaulty(path)) return;
    const name = commonNameOf(certificate) ?? '';
    const other = [...kubeadmLeaves, ...kubeadmKubeconfigs].find(
      (one) => one.name !== row.name && fixedNames.get(one.name) === name,
    );
    if (other && fixedNames.get(row.name) !== name)
      this.#add(
        path,
        'wrong_identity',
        anothersWords(other.name, fixedNames.get(row.name), visible(certificate.subject.text)),
      );
  }

  #serviceAccount(): void {
    const { key, publicKey } = serviceAccountFiles;
    const hasKey = this.#reading.has(key);
    const hasPublic = this.#reading.has(publicKey);
    if (!hasKey && !hasPublic) {
      if (this.#isControlPlane()) this.#add(key, 'missing', missing('sa'));
      return;
    }
    if (!hasKey) this.#add(key, 'half', halfWithout(this.#reading.where(publicKey)));
    if (!hasPublic) this.#add(publicKey, 'half', halfWithout(this.#reading.where(key)));
    const secret = hasKey ? this.#secretKey(key) : undefined;
    if (secret) for (const { problem, ...words } of accountKeyFaults(secret)) this.#add(key, problem, words);
    const halves = hasPublic ? this.#readable(publicKey, this.#reading.publicKeys(publicKey)) : undefined;
    if (hasPublic) this.#form(publicKey, 'public-key');
    const own = secret && createPublicKey(secret).export({ type: 'spki', format: 'der' });
    // Several are accepted while the key is being replaced.
    if (own && halves && !halves.some((half) => own.equals(half))) {
      this.#add(publicKey, 'key_mismatch', {
        what: {
          en: 'it does not match sa.key: the API server rejects every token that the controller manager signs',
          ko: 'sa.key가 아닌 다른 키의 공개 키입니다. 컨트롤러 매니저가 서명한 토큰을 API 서버가 모두 거부합니다',
        },
        remedy: {
          en: 'openssl pkey -in sa.key -pubout -out sa.pub',
          ko: 'openssl pkey -in sa.key -pubout -out sa.pub',
        },
      });
    }
  }

  #kubeconfigRow(row: KubeconfigRow): void {
    if (this.#reading.has(row.name)) return this.#kubeconfig(row.name, row);
    if (!this.#demandsKubeconfigs()) return;
    if (row.name === 'super-admin.conf' && !this.#cluster) {
      this.#add(row.name, 'absent', {
        what: {
          en: 'it is missing: only the node that initialized the cluster has it',
          ko: '파일이 없습니다. 클러스터를 처음 만든 노드에만 있는 파일입니다',
        },
        remedy: {
          en: 'No action is needed if it is stored safely; it bypasses every role (system:masters).',
          ko: '안전한 곳에 따로 두었다면 그대로 두세요. 모든 인가 검사를 건너뛰는 파일입니다(system:masters).',
        },
      });
    } else this.#add(row.name, 'missing', missing(row.name));
  }

  // Files outside kubeadm's tree.

  #otherBases(): string[] {
    const known = new Set(kubeadmCertificates.map((row) => `pki/${row.file}`));
    // Files that a kubeconfig names are outside the folder and are checked with it.
    return this.#reading.paths
      .filter((path) => path.endsWith('.crt'))
      .map((path) => path.slice(0, -4))
      .filter((base) => !known.has(base) && !isAbsolute(base));
  }

  /** Keys outside the tree, without a certificate. */
  #looseKeys(): string[] {
    const known = new Set(kubeadmCertificates.map(keyFile));
    // Files that a kubeconfig names were checked with it.
    const named = new Set(
      this.#reading.otherKubeconfigs.flatMap((path) => gotOf(this.#reading.kubeconfig(path))?.keyFile ?? []),
    );
    return this.#reading.paths.filter(
      (path) =>
        !named.has(resolve(this.#reading.where(path))) &&
        path.endsWith('.key') &&
        !known.has(path) &&
        path !== serviceAccountFiles.key &&
        !isAbsolute(path) &&
        !this.#reading.has(`${path.slice(0, -4)}.crt`) &&
        gotOf(this.#reading.key(path)),
    );
  }

  #otherKubeconfigs(): string[] {
    const known = new Set(kubeadmKubeconfigs.map(({ name }) => name));
    return this.#reading.otherKubeconfigs.filter((path) => !known.has(path));
  }

  #other(base: string): void {
    const pair = { certificate: `${base}.crt`, key: `${base}.key` };
    const certificate = this.#readable(pair.certificate, this.#reading.certificate(pair.certificate));
    this.#pairedKey(pair, certificate);
    if (!certificate) return;
    this.#dates(pair.certificate, certificate, undefined);
    this.#faults(pair.certificate, certificate, certificate.basicConstraints?.isCa ?? false);
    this.#form(pair.certificate, 'certificate');
    this.#unrevocable(pair.certificate, certificate);
    if (
      certificate.extendedKeyUsage?.includes('serverAuth') &&
      (certificate.subjectAlternativeNames ?? []).length === 0
    )
      this.#add(pair.certificate, 'missing_name', nameless);
    if (sameName(certificate.subject, certificate.issuer) && isIssuedBy(certificate, certificate)) return;
    const authorities = this.#allAuthorities();
    const issuer = authorities.find(([, authority]) => isIssuedBy(certificate, authority));
    if (issuer && !certificate.basicConstraints?.isCa) {
      const usages = (['clientAuth', 'serverAuth'] as const).filter(
        (usage) => certificate.extendedKeyUsage?.includes(usage) ?? usage === 'clientAuth',
      );
      this.#verified(
        pair.certificate,
        gotOf(this.#reading.certificates(pair.certificate)) ?? [],
        issuer[0],
        usages,
      );
    }
    if (authorities.length === 0 || issuer) return;
    const [namesake] = authorities.filter(([, authority]) => sameName(authority.subject, certificate.issuer));
    this.#issuer(pair.certificate, certificate, namesake?.[0] ?? 'ca');
  }

  #allAuthorities(): [AuthorityRow['name'], Certificate][] {
    return kubeadmAuthorities.flatMap(({ name }) => {
      const certificate = this.#authorityOf(name);
      return certificate ? [[name, certificate] as [AuthorityRow['name'], Certificate]] : [];
    });
  }

  // Kubeconfigs.

  #kubeconfig(path: string, row?: KubeconfigRow): void {
    const config = this.#readable(path, this.#reading.kubeconfig(path));
    if (!config) return;
    this.#mode(path);
    if (config.keyFile !== undefined && this.#reading.has(config.keyFile)) this.#mode(config.keyFile);
    this.#server(path, config, row);
    const stale = this.#trust(path, config, row);
    // kubeadm's own kubelet.conf refers to files of the kubelet, which are only on its node.
    if (
      row?.name === 'kubelet.conf' &&
      config.absent.length > 0 &&
      config.absent.every((file) => file.startsWith('/var/lib/kubelet/'))
    )
      return this.#add(path, 'absent', onTheNode(config.absent));
    const certificate = config.certificate && this.#readable(path, config.certificate);
    const key = config.key && this.#readable(path, config.key);
    if (config.certificate === undefined || config.key === undefined) {
      if (config.otherProof) return;
      return this.#add(path, 'no_credentials', {
        what: {
          en: `the user ${visible(config.user)} has no credentials: no client certificate with its key, no token, and no program for one`,
          ko: `${visible(config.user)} 사용자를 증명할 수단이 없습니다. 클라이언트 인증서와 키도, 토큰도, 토큰을 받아 오는 프로그램도 없습니다`,
        },
        remedy: {
          en: 'kubectl config set-credentials NAME --client-certificate=CRT --client-key=KEY --embed-certs',
          ko: 'kubectl config set-credentials 이름 --client-certificate=CRT --client-key=KEY --embed-certs',
        },
      });
    }
    if (!certificate) return;
    if (this.#isBehind(path, gotOf(config.chain) ?? [], key, path)) return;
    if (key && !isKeyOf(key, certificate)) this.#add(path, 'key_mismatch', mismatch(path, path));
    if (!stale) this.#issuer(path, certificate, 'ca', path);
    this.#dates(
      path,
      certificate,
      stale ? undefined : this.#authorityOf('ca'),
      row?.renewed ? row.name : undefined,
    );
    this.#usages(path, certificate, ['clientAuth']);
    this.#identity(path, certificate, (row && identities[row.name]) ?? anyUser);
    if (row) this.#place(path, certificate, row);
    if (row?.name === 'kubelet.conf') this.#node(path, certificate);
    if (row?.name !== 'super-admin.conf') this.#unrevocable(path, certificate);
    this.#faults(path, certificate, false);
    const chain = gotOf(config.chain) ?? [];
    this.#behind(path, chain);
    if (!stale) this.#verified(path, chain, 'ca', ['clientAuth'], row?.name);
  }

  /** A group that bypasses every role, and that the key's holder keeps. */
  #unrevocable(path: string, { subject }: Certificate): void {
    if (
      this.#isFaulty(path) ||
      !subject.attributes.some(({ type, value }) => type === 'O' && value === 'system:masters')
    )
      return;
    this.#add(path, 'unrevocable', unrevocableWords(path === 'admin.conf'));
  }

  /** The node of a kubelet.conf is this folder's node, as far as other files show. */
  #node(path: string, certificate: Certificate): void {
    const name = commonNameOf(certificate) ?? '';
    const node = name.startsWith(nodePrefix) ? name.slice(nodePrefix.length) : '';
    const { own, isKnown } = this.#nodeNames();
    if (this.#cluster || node === '' || own === undefined || own === node || !isKnown) return;
    this.#add(path, 'wrong_identity', {
      what: {
        en: `it belongs to another node: pki/apiserver.crt is valid for ${own}, not for ${node}`,
        ko: `다른 노드의 파일입니다. pki/apiserver.crt는 ${own}용이며 ${node}에는 유효하지 않습니다`,
      },
      expected: verbatim(`O=system:nodes, CN=${nodePrefix}${own}`),
      received: visible(certificate.subject.text),
      remedy: {
        en: 'Restore the kubelet.conf of this node, or join it again.',
        ko: '이 노드의 kubelet.conf를 되돌리거나 노드를 다시 등록(join)하세요.',
      },
    });
  }

  #server(path: string, { server }: ReadKubeconfig, row: KubeconfigRow | undefined): void {
    const expected = row && this.#cluster?.[row.endpoint];
    const odd = this.#cluster ? undefined : this.#calls().find((call) => call.path === path && call.isOdd);
    if (odd)
      return this.#add(
        path,
        'wrong_server',
        anotherHost(odd.name, gotOf(this.#reading.certificate('pki/apiserver.crt'))),
      );
    if (hostOf(server) !== undefined && (expected === undefined || expected === server)) return;
    this.#add(path, 'wrong_server', {
      what:
        hostOf(server) === undefined
          ? {
              en: 'its server is not an https URL: certificates would not be verified',
              ko: 'server가 https URL이 아닙니다. 이대로면 인증서를 전혀 확인하지 않습니다',
            }
          : { en: 'it connects to another API server', ko: '다른 API 서버를 가리킵니다' },
      expected: verbatim(expected ?? 'https://HOST:6443'),
      received: server,
      remedy: {
        en: 'kubectl config set-cluster NAME --server=URL',
        ko: 'kubectl config set-cluster 이름 --server=URL',
      },
    });
  }

  /** Kubeconfigs that share an endpoint use the same port of a host; the odd one out is reported. */
  #ports(): void {
    if (this.#cluster) return;
    for (const endpoint of ['controlPlaneEndpoint', 'localEndpoint'] as const) {
      const calls = kubeadmKubeconfigs.flatMap((row) => {
        const server =
          row.endpoint === endpoint ? gotOf(this.#reading.kubeconfig(row.name))?.server : undefined;
        return server !== undefined && hostOf(server) !== undefined
          ? [{ path: row.name, url: new URL(server) }]
          : [];
      });
      for (const { path, url } of calls) {
        const others = calls.filter((other) => other.path !== path && other.url.hostname === url.hostname);
        const [first] = others;
        const isOdd =
          first !== undefined &&
          others.every((other) => other.url.port === first.url.port) &&
          first.url.port !== url.port;
        // Of two different ones it is unknown which is right: the later row is reported.
        if (
          isOdd &&
          (others.length > 1 ||
            calls.findIndex((call) => call.path === first.path) <
              calls.findIndex((call) => call.path === path))
        ) {
          this.#add(
            path,
            'other_server',
            otherPort(first.url.origin, this.#reading.where(first.path), url.origin),
          );
        }
      }
    }
  }

  /**
   * Whether it trusts a CA other than the cluster's: then its own certificate is from that CA, and that is no second
   * problem.
   */
  #trust(path: string, config: ReadKubeconfig, row: KubeconfigRow | undefined): boolean {
    const { authorities, insecure } = config;
    if (insecure) {
      this.#add(path, 'unverified_server', {
        what: {
          en: 'insecure-skip-tls-verify: it trusts every server, so it would send its token or request to an impostor',
          ko: 'insecure-skip-tls-verify가 켜져 있어 어떤 서버든 믿습니다. 가짜 서버에도 토큰과 요청을 보냅니다',
        },
        remedy: {
          en: 'Remove it, and add the CA as certificate-authority-data.',
          ko: '이 설정을 빼고 certificate-authority-data에 CA를 넣으세요.',
        },
      });
      return false;
    }
    if (authorities === undefined) {
      this.#add(path, 'unverified_server', {
        what: {
          en: 'it specifies no CA: the system’s root certificates do not include the cluster’s CA',
          ko: 'CA가 없습니다. 시스템의 루트 인증서로는 클러스터 CA를 검증할 수 없습니다',
        },
        remedy: {
          en: 'kubectl config set-cluster NAME --certificate-authority=ca.crt --embed-certs',
          ko: 'kubectl config set-cluster 이름 --certificate-authority=ca.crt --embed-certs',
        },
      });
      return false;
    }
    const trusted = this.#readable(path, authorities);
    const own = this.#authorityOf('ca');
    const [trustedFirst] = trusted ?? [];
    if (
      trustedFirst &&
      trusted?.every((one) => validityState(one, this.#now) !== 'valid') &&
      !(own && sameBytes(trustedFirst.der, own.der))
    ) {
      this.#add(path, 'expired', {
        what: {
          en: `the CA that it trusts is not valid now (only from ${isoTime(trustedFirst.notBefore)} to ${isoTime(trustedFirst.notAfter)}): every server is refused`,
          ko: `신뢰하는 CA가 지금 유효하지 않아(유효 기간 ${isoTime(trustedFirst.notBefore)} – ${isoTime(trustedFirst.notAfter)}) 어떤 서버도 받아들이지 않습니다`,
        },
        remedy: {
          en: 'kubectl config set-cluster NAME --certificate-authority=ca.crt --embed-certs',
          ko: 'kubectl config set-cluster 이름 --certificate-authority=ca.crt --embed-certs',
        },
      });
      return true;
    }
    if (!trusted || !own || trusted.some(({ der }) => sameBytes(der, own.der))) return false;
    // The same key in a renewed certificate is the same CA.
    if (
      trusted.some(
        (one) => sameName(one.subject, own.subject) && sameBytes(one.publicKey.der, own.publicKey.der),
      )
    )
      return false;
    const namesake = trusted.find((one) => sameName(one.subject, own.subject));
    const [first] = trusted;
    const name = visible((namesake ?? first)?.subject.text ?? '');
    this.#add(
      path,
      namesake ? 'replaced_authority' : 'wrong_authority',
      namesake
        ? {
            what: {
              en: `it is from before the CA was re-created: it trusts a ${name} with another key, valid from ${isoTime(namesake.notBefore)}; the cluster’s is valid from ${isoTime(own.notBefore)}`,
              ko: `CA를 다시 만들기 전의 파일입니다. 이름은 같은 ${name}이지만 키가 다른 CA를 신뢰합니다(파일의 CA는 ${isoTime(namesake.notBefore)}부터, 클러스터의 CA는 ${isoTime(own.notBefore)}부터)`,
            },
            remedy: row
              ? {
                  en: `Move it aside, then run ./wirelab kube pki --out DIR to create a new ${row.name}.`,
                  ko: `다른 곳으로 옮기고 ./wirelab kube pki --out DIR 명령으로 ${row.name}을(를) 새로 만드세요.`,
                }
              : {
                  en: 'Copy the current one: cp admin.conf ~/.kube/config',
                  ko: '새 파일을 복사하세요: cp admin.conf ~/.kube/config',
                },
          }
        : {
            what: {
              en: 'it trusts a CA other than the cluster’s',
              ko: '클러스터의 CA가 아닌 다른 CA를 신뢰합니다',
            },
            expected: verbatim(visible(own.subject.text)),
            received: name,
            remedy: {
              en: 'kubectl config set-cluster NAME --certificate-authority=ca.crt --embed-certs',
              ko: 'kubectl config set-cluster 이름 --certificate-authority=ca.crt --embed-certs',
            },
          },
    );
    return true;
  }

  // Checks for every certificate.

  #issuer(path: string, certificate: Certificate, name: AuthorityRow['name'], row?: string): void {
    const authority = this.#authorityOf(name);
    if (!authority) return;
    const issuers = this.#rootsOf(name).filter((root) => isIssuedBy(certificate, root));
    if (issuers.length > 0) {
      const [namesake] = issuers;
      if (namesake && !this.#respelt.has(name) && isRespelt(certificate, issuers))
        this.#add(path, 'wrong_authority', respelt(namesake, certificate, renewRemedy(row)));
      return;
    }
    // An intermediate that follows it may lead there.
    const behind =
      (path.endsWith('.crt')
        ? gotOf(this.#reading.certificates(path))
        : gotOf(gotOf(this.#reading.kubeconfig(path))?.chain)
      )?.slice(1) ?? [];
    if (behind.some((one) => isIssuedBy(certificate, one))) return;
    const remedy = renewRemedy(row);
    const issuer = visible(certificate.issuer.text);
    if (sameName(certificate.issuer, authority.subject)) {
      const sameKey =
        certificate.authorityKeyId !== undefined &&
        authority.keyId !== undefined &&
        sameBytes(certificate.authorityKeyId, authority.keyId);
      return this.#add(
        path,
        sameKey ? 'bad_signature' : 'replaced_authority',
        sameKey
          ? {
              what: {
                en: 'the CA’s signature does not verify: the certificate was changed after it was signed',
                ko: 'CA의 서명이 맞지 않습니다. 서명한 뒤에 내용이 바뀌었습니다',
              },
              remedy,
            }
          : {
              what: {
                en: `it was signed by a CA with the same name (${issuer}) but another key: the CA was re-created since, or it is an impostor`,
                ko: `이름은 같지만(${issuer}) 키가 다른 CA가 서명했습니다. 그 뒤로 CA를 다시 만들었거나, 이름만 같은 가짜 CA입니다`,
              },
              remedy,
            },
      );
    }
    const actual = this.#allAuthorities().find(([, one]) => isIssuedBy(certificate, one))?.[0];
    this.#add(path, 'wrong_authority', {
      what: actual
        ? {
            en: `it was signed by ${actual} instead of ${name}: its verifiers trust only ${name}`,
            ko: `${name}이(가) 아니라 ${actual}이(가) 서명했습니다. 상대방은 ${name}만 신뢰합니다`,
          }
        : {
            en: `it was signed by a CA other than ${name} of this folder`,
            ko: `이 폴더에 ${name}(으)로 있는 CA가 아니라 다른 CA가 서명했습니다`,
          },
      expected: verbatim(visible(authority.subject.text)),
      received: issuer,
      remedy,
    });
  }

  /**
   * Whether its verifiers accept it, according to the verifier of the proxies and the API server, which follows OpenSSL
   * (`verify.ts`). It runs last: more specific findings, and the CA's own problems, are not repeated.
   */
  #verified(
    path: string,
    chain: readonly Certificate[],
    name: AuthorityRow['name'],
    usages: readonly string[],
    leafName?: string,
  ): void {
    const row = rowOf(name);
    const roots = this.#rootsOf(name);
    const [leaf, ...others] = chain;
    if (!row || !leaf || roots.length === 0) return;
    for (const usage of usages) {
      if (this.#isFaulty(path) || this.#isFaulty(certificateFile(row))) return;
      const purpose = usage === 'serverAuth' ? 'server' : 'client';
      const verdict = once(this.#verifiers, `${name} ${purpose}`, () =>
        prepareTrust({ roots: roots.map(({ der }) => der), purpose }),
      )({ chain: chain.map(({ der }) => der), at: this.#now });
      if (verdict.admitted) continue;
      const { path: way, checks } = examine({ chain: [leaf, ...others], roots, purpose, at: this.#now });
      const failed =
        checks.find((check) => check.status === 'failed' && check.reason === verdict.reason) ??
        checks.find((check) => check.status === 'failed');
      const blamed = way[verdict.depth];
      const outside = verdict.reason === 'name_constraint_violated' ? constraintFault(way) : undefined;
      const limiting = outside && way[outside.issuer];
      if (outside && limiting) {
        const isRoot = roots.some(({ der }) => sameBytes(der, limiting.der));
        this.#add(
          path,
          'refused',
          constrained(
            isRoot ? this.#reading.where(certificateFile(row)) : visible(limiting.subject.text),
            visible(outside.name),
            failed?.expected,
          ),
        );
        continue;
      }
      if (problemOf[verdict.reason] === 'wrong_authority' && roots.some((root) => isIssuedBy(leaf, root))) {
        this.#add(path, 'refused', misidentified(renewRemedy(leafName)));
        continue;
      }
      const isCas =
        verdict.depth > 0 && blamed !== undefined && roots.some(({ der }) => sameBytes(der, blamed.der));
      this.#add(
        isCas ? certificateFile(row) : path,
        problemOf[verdict.reason] ?? 'refused',
        defined({
          what: failed?.found ?? {
            en: `verifiers refuse it: ${verdict.reason}`,
            ko: `거부됩니다: ${verdict.reason}`,
          },
          expected: failed?.expected,
          remedy: failed?.remedy ?? { en: 'Have it reissued.', ko: '다시 발급받으세요.' },
        }),
      );
    }
  }

  #faults(path: string, certificate: Certificate, isAnchor: boolean): void {
    for (const { problem, ...words } of certificateFaults(certificate, isAnchor))
      this.#add(path, problem, words);
  }

  /** Whether its own certificate follows another one: everything else would be reported about the first. */
  #isBehind(
    path: string,
    chain: readonly Certificate[],
    key: KeyObject | undefined,
    keyPath: string,
  ): boolean {
    const at = key ? chain.findIndex((one) => isKeyOf(key, one)) : -1;
    if (at < 1) return false;
    this.#add(path, 'key_mismatch', notFirst(at, this.#reading.where(keyPath)));
    return true;
  }

  /** Certificates after a leaf must lead from it to its CA. */
  #behind(path: string, [leaf, ...others]: readonly Certificate[]): void {
    const before = leaf ? [leaf] : [];
    for (const other of others) {
      if (!before.some((one) => sameName(one.issuer, other.subject)))
        this.#add(path, 'stray_content', strayCertificate(other));
      before.push(other);
    }
  }

  /** Other contents of a certificate or public key file: a private key, text. */
  #form(path: string, kind: 'certificate' | 'public-key'): void {
    const bytes = this.#reading.bytes(path);
    const contents = gotOf(this.#reading.contents(path));
    if (!bytes || !contents) return;
    const mode = this.#reading.mode(path);
    if (contents.some((one) => one.kind === 'private-key'))
      this.#add(
        path,
        mode === undefined || isOpenToOthers(mode) ? 'open_mode' : 'stray_content',
        keyInside(mode),
      );
    else if (mode !== undefined) this.#writable(path, mode);
    const other = contents.find((one) => one.kind !== kind && one.kind !== 'private-key');
    const stray = other ? contentNames[other.kind].en : strayText(bytes);
    if (stray !== undefined) this.#add(path, 'stray_content', strayWords(stray));
  }

  #writable(path: string, mode: number): void {
    if ((mode & 0o022) === 0) return;
    const octal = octalOf(mode);
    this.#add(path, mode & 0o002 ? 'open_mode' : 'group_writable', {
      what: {
        en: `users other than its owner can write to it (mode ${octal}) and so decide what is trusted`,
        ko: `소유자가 아닌 사용자도 쓸 수 있습니다(모드 ${octal}). 누구를 신뢰할지 그 사람이 정하게 됩니다`,
      },
      expected: verbatim('0644'),
      received: octal,
      remedy: {
        en: `chmod go-w ${this.#reading.where(path)}`,
        ko: `chmod go-w ${this.#reading.where(path)}`,
      },
    });
  }

  /** A user who can write to a folder can replace any file in it, whatever the file's mode. */
  #folder({ path, mode }: FoundFolder): void {
    if ((mode & 0o022) === 0) return;
    // In a folder with the sticky bit, such as /tmp, users cannot replace each other's files.
    const isSticky = (mode & 0o1000) !== 0;
    const octal = octalOf(mode);
    this.#findings.push({
      file: path,
      problem: mode & 0o002 && !isSticky ? 'open_folder' : 'group_writable',
      what: {
        en: `users other than its owner can write to the folder (mode ${octal}): they can replace a CA or a key with their own`,
        ko: `소유자가 아닌 사용자도 이 폴더에 쓸 수 있습니다(모드 ${octal}). CA나 키를 자기 것으로 바꿔 놓을 수 있습니다`,
      },
      expected: verbatim('0755'),
      received: octal,
      remedy: {
        en: `chmod go-w ${path}; then compare the files in it with a backup`,
        ko: `chmod go-w ${path} 실행 후, 안에 있는 파일을 사본과 비교하세요`,
      },
    });
  }

  #dates(path: string, certificate: Certificate, authority: Certificate | undefined, row?: string): void {
    const state = validityState(certificate, this.#now);
    const isCa = row !== undefined && rowOf(row) !== undefined;
    const remedy = isCa
      ? {
          en: 'A CA is not renewed: create a new one, and distribute it to everything that trusts the old one.',
          ko: 'CA는 갱신하지 않습니다. 새 CA를 만들어 예전 CA를 신뢰하던 모든 곳에 배포해야 합니다.',
        }
      : renewRemedy(row);
    const end = isoTime(certificate.notAfter);
    if (state === 'expired' || state === 'never')
      return this.#add(path, 'expired', {
        what: { en: `it expired at ${end}`, ko: `${end}에 만료되었습니다` },
        remedy,
      });
    if (state === 'not_yet_valid') {
      return this.#add(path, 'not_yet_valid', {
        what: {
          en: `it is not valid before ${isoTime(certificate.notBefore)}`,
          ko: `${isoTime(certificate.notBefore)}부터 유효합니다`,
        },
        remedy: {
          en: 'Check the clocks of this machine and of the one that signed it.',
          ko: '이 컴퓨터와 서명한 컴퓨터의 시계를 확인하세요.',
        },
      });
    }
    if (certificate.notAfter - this.#now < soon)
      this.#add(path, 'ending_soon', {
        what: { en: `it expires soon: at ${end}`, ko: `곧 만료됩니다: ${end}` },
        remedy,
      });
    else if (
      authority &&
      validityState(authority, this.#now) === 'valid' &&
      certificate.notAfter > authority.notAfter &&
      isIssuedBy(certificate, authority)
    ) {
      this.#add(path, 'outlives_authority', {
        what: {
          en: `it is valid until ${end}, but its CA expires earlier, at ${isoTime(authority.notAfter)}: from then on it is useless`,
          ko: `인증서는 ${end}까지지만 CA가 먼저(${isoTime(authority.notAfter)}) 만료됩니다. 그때부터는 쓸 수 없습니다`,
        },
        remedy: { en: 'Plan to replace the CA before that day.', ko: '그 전에 CA 교체를 준비하세요.' },
      });
    }
  }

  #usages(path: string, certificate: Certificate, usages: readonly string[]): void {
    const { extendedKeyUsage, keyUsage } = certificate;
    if (certificate.basicConstraints?.isCa) {
      return this.#add(path, 'ca_as_leaf', {
        what: {
          en: 'it is a CA certificate (CA:TRUE): the holder of its key can issue certificates in its name',
          ko: 'CA 인증서입니다(CA:TRUE). 이 키를 가진 사람은 다른 인증서까지 발급할 수 있습니다',
        },
        expected: verbatim('CA:FALSE'),
        remedy: {
          en: 'Reissue it with basicConstraints = critical, CA:FALSE.',
          ko: 'basicConstraints = critical, CA:FALSE로 다시 발급하세요.',
        },
      });
    }
    // Without an extended key usage all usages are allowed, in Go and in OpenSSL.
    const absent = extendedKeyUsage
      ? usages.filter(
          (usage) => !extendedKeyUsage.includes(usage) && !extendedKeyUsage.includes('anyExtendedKeyUsage'),
        )
      : [];
    const noSignature = keyUsage !== undefined && !keyUsage.includes('digitalSignature');
    if (absent.length === 0 && !noSignature) return;
    const [first] = absent;
    this.#add(path, 'wrong_usage', {
      what:
        first === undefined
          ? {
              en: 'its keyUsage lacks digitalSignature: it cannot be used in a handshake',
              ko: 'keyUsage에 digitalSignature가 없어 핸드셰이크에서 자신을 증명할 수 없습니다',
            }
          : (usageWords[first] ?? usageWords['clientAuth']!),
      expected: verbatim([...(noSignature ? ['digitalSignature'] : []), ...usages].join(', ')),
      received: [...(noSignature ? keyUsage : []), ...(extendedKeyUsage ?? [])].join(', '),
      remedy: {
        en: `Reissue it with extendedKeyUsage = ${usages.join(', ')}.`,
        ko: `extendedKeyUsage = ${usages.join(', ')}로 다시 발급하세요.`,
      },
    });
  }

  #identity(path: string, certificate: Certificate, identity: Identity | undefined): void {
    if (!identity) return;
    const { attributes, text } = certificate.subject;
    const name = commonNameOf(certificate) ?? '';
    const groups = attributes.filter(({ type }) => type === 'O').map(({ value }) => value);
    const node =
      this.#cluster && identity.name.endsWith(':') ? `${identity.name}${this.#cluster.node}` : undefined;
    const nameFits =
      node === undefined
        ? identity.name.endsWith(':')
          ? name.startsWith(identity.name) && name.length > identity.name.length
          : identity.name === ''
            ? name !== ''
            : name === identity.name
        : name === node;
    const groupFits =
      identity.groups === undefined || identity.groups.some((group) => groups.includes(group));
    if (nameFits && groupFits) return;
    const wanted = [
      ...(identity.groups ? [`O=${identity.groups[0]}`] : []),
      ...(identity.name === ''
        ? ['CN=USER']
        : [`CN=${node ?? (identity.name.endsWith(':') ? `${identity.name}NODE` : identity.name)}`]),
    ].join(', ');
    this.#add(path, 'wrong_identity', {
      what: identity.why,
      expected: verbatim(wanted),
      received: visible(text),
      remedy: {
        en: `Reissue it for this subject: O is the group, CN the user.`,
        ko: '이 주체로 다시 발급하세요. O는 그룹, CN은 사용자 이름입니다.',
      },
    });
  }

  #names(path: string, certificate: Certificate, row: LeafRow): void {
    if (!row.names) return;
    const names = certificate.subjectAlternativeNames ?? [];
    const absent = this.#wantedNames(row, certificate).filter(({ name }) => !matchesHostname(names, name));
    if (absent.length === 0) return;
    const list = absent.map(({ name }) => name).join(', ');
    const callers = [...new Set(absent.flatMap(({ caller }) => (caller === undefined ? [] : [caller])))].join(
      ', ',
    );
    this.#add(path, 'missing_name', {
      what:
        names.length === 0
          ? namelessWords
          : {
              en: `it is not valid for every name that clients use${callers ? ` (${callers})` : ''}`,
              ko: `접속할 때 쓰는 이름 가운데 SAN에 없는 것이 있습니다${callers ? `(${callers})` : ''}`,
            },
      expected: verbatim(list),
      received: names.map(({ kind, value }) => `${kind}:${value}`).join(', '),
      remedy: {
        en: 'Move it and its key aside, and create it again with these names: ./wirelab kube pki --help',
        ko: '인증서와 키를 다른 곳으로 옮기고 이 이름까지 넣어 새로 만드세요: ./wirelab kube pki --help',
      },
    });
  }

  #wantedNames(
    row: LeafRow,
    certificate: Certificate,
  ): { readonly name: string; readonly caller?: string }[] {
    if (this.#cluster)
      return leafFacts(row, this.#cluster).san.map((entry) => ({
        name: entry.slice(entry.indexOf(':') + 1),
      }));
    const names = certificate.subjectAlternativeNames ?? [];
    if (row.name !== 'apiserver') {
      const hosts = this.#calls();
      const loopback =
        hosts.length > 0 && hosts.every(({ name }) => name.includes(':')) ? '::1' : '127.0.0.1';
      const own = commonNameOf(certificate);
      // kubeadm names it after its node; the documentation for manual setup uses kube-etcd.
      return [
        'localhost',
        loopback,
        ...(own !== undefined && own === this.#nodeNames().own ? [own] : []),
      ].map((name) => ({ name }));
    }
    const { own: node, isKnown } = this.#nodeNames();
    const etcd = gotOf(this.#reading.certificate('pki/etcd/server.crt'));
    const calls = this.#calls().filter(({ isOdd }) => !isOdd);
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
      ...(hasService ? [] : [{ name: '10.96.0.1' }]),
      ...calls,
    ];
  }

  /**
   * The node of this folder: according to kubelet.conf and etcd's server certificate, as far as the API server's
   * certificate agrees (`isKnown`); if that names no node, according to them alone.
   */
  #nodeNames(): { readonly own: string | undefined; readonly isKnown: boolean } {
    const names = gotOf(this.#reading.certificate('pki/apiserver.crt'))?.subjectAlternativeNames ?? [];
    const kubelet = commonNameOf(gotOf(gotOf(this.#reading.kubeconfig('kubelet.conf'))?.certificate));
    const etcd = gotOf(this.#reading.certificate('pki/etcd/server.crt'));
    const etcdNode = commonNameOf(etcd);
    const candidates = [
      ...(kubelet?.startsWith(nodePrefix) ? [kubelet.slice(nodePrefix.length)] : []),
      ...(etcdNode !== undefined && matchesHostname(etcd?.subjectAlternativeNames ?? [], etcdNode)
        ? [etcdNode]
        : []),
    ].filter((name) => name !== '');
    const agreed = candidates.find((name) => matchesHostname(names, name));
    if (agreed !== undefined) return { own: agreed, isKnown: true };
    const called = new Set(this.#calls().map(({ name }) => name));
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
  #calls(): readonly Call[] {
    if (this.#knownCalls) return this.#knownCalls;
    const own = this.#authorityOf('ca');
    const names = gotOf(this.#reading.certificate('pki/apiserver.crt'))?.subjectAlternativeNames ?? [];
    const all = [
      ...kubeadmKubeconfigs,
      ...this.#otherKubeconfigs().map((name) => ({ name, endpoint: undefined })),
    ].flatMap(({ name: path, endpoint }) => {
      const config = gotOf(this.#reading.kubeconfig(path));
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
        caller: this.#reading.where(path),
        isOdd: !isValid && !peers.some((one) => one.name === name) && peers.some((one) => one.isValid),
      };
    });
    return (this.#knownCalls = found.filter(
      ({ name, isOdd }, index) =>
        isOdd || found.findIndex((other) => other.name === name && !other.isOdd) === index,
    ));
  }

  #pairedKey(pair: Pair, certificate: Certificate | undefined): void {
    const key = this.#reading.has(pair.key) ? this.#secretKey(pair.key) : undefined;
    if (key && certificate && !isKeyOf(key, certificate))
      this.#add(
        pair.key,
        'key_mismatch',
        mismatch(this.#reading.where(pair.certificate), this.#reading.where(pair.key)),
      );
  }

  #secretKey(path: string): KeyObject | undefined {
    this.#mode(path);
    const keys =
      gotOf(this.#reading.contents(path))?.filter(({ kind }) => kind === 'private-key').length ?? 0;
    if (keys > 1) this.#add(path, 'stray_content', anotherKey);
    return this.#readable(path, this.#reading.key(path));
  }

  #mode(path: string): void {
    const mode = this.#reading.mode(path);
    if (mode === undefined || !isOpenToOthers(mode)) return;
    const octal = octalOf(mode);
    this.#add(path, 'open_mode', {
      what: {
        en: `users other than its owner can access it (mode ${octal}), and it contains a private key`,
        ko: `개인 키가 들어 있는데 소유자가 아닌 사용자도 열 수 있습니다(모드 ${octal})`,
      },
      expected: verbatim('0600'),
      received: octal,
      remedy: {
        en: `chmod 600 ${this.#reading.where(path)}; earlier readers still have the key`,
        ko: `chmod 600 ${this.#reading.where(path)} (이미 읽은 사람에게는 키가 남아 있습니다)`,
      },
    });
  }

  #readable<T>(
    path: string,
    part: { readonly got: T } | { readonly trouble: UserErrorFacts } | undefined,
  ): T | undefined {
    if (part && 'trouble' in part) {
      const { what, expected, received, remedy } = part.trouble;
      this.#add(
        path,
        'unreadable',
        defined({
          what,
          expected,
          received,
          remedy: remedy ?? {
            en: 'Copy the complete file again, or have it reissued.',
            ko: '전체를 다시 복사하거나 다시 발급받으세요.',
          },
        }),
      );
    }
    return gotOf(part);
  }

  #add(path: string, problem: Problem, words: Omit<Finding, 'file' | 'problem'>): void {
    this.#findings.push({ file: this.#reading.where(path), problem, ...words });
  }
}

interface Call {
  /** A host. */
  readonly name: string;
  readonly path: string;
  readonly caller: string;
  readonly isOdd: boolean;
}

const nodePrefix = 'system:node:';
const commonNameOf = (certificate: Certificate | undefined): string | undefined =>
  certificate?.subject.attributes.findLast(({ type }) => type === 'CN')?.value;
const octalOf = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

/** Common names that are the same in every cluster of kubeadm's. */
const fixedNames: ReadonlyMap<string, string> = new Map(
  [...kubeadmLeaves, ...kubeadmKubeconfigs].flatMap((row) => {
    const [one, other] = ['a', 'b'].map((node) => row.commonName(clusterOf({ node })));
    return one !== undefined && one === other ? [[row.name, one] as const] : [];
  }),
);

/** Translates the verifier's reasons into problems. */
const problemOf: Readonly<Partial<Record<RefusalReason, Problem>>> = {
  certificate_expired: 'expired',
  certificate_not_yet_valid: 'not_yet_valid',
  wrong_usage: 'wrong_usage',
  weak_key: 'weak_key',
  weak_signature: 'weak_signature',
  unhandled_critical_extension: 'unknown_extension',
  not_a_ca: 'not_a_ca',
  ca_as_leaf: 'ca_as_leaf',
  bad_signature: 'bad_signature',
  unknown_ca: 'wrong_authority',
  self_signed: 'wrong_authority',
  intermediate_missing: 'wrong_authority',
};

function once<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name) ?? make();
  known.set(name, found);
  return found;
}

const pairOf = (row: AuthorityRow | LeafRow): Pair => ({
  certificate: certificateFile(row),
  key: keyFile(row),
});
const byName = (left: Expiration, right: Expiration): number => (left.name < right.name ? -1 : 1);

interface Identity {
  /** Ends with a colon if a node's name follows; empty for any. */
  readonly name: string;
  /** One of these; the first is what kubeadm writes today. */
  readonly groups?: readonly string[];
  readonly why: Localized;
}

/** A client without a name: the API server answers 401. */
const anyUser: Identity = {
  name: '',
  why: {
    en: 'its certificate has no common name, so it names no user',
    ko: '인증서에 공통 이름(CN)이 없어 사용자를 나타내지 못합니다',
  },
};

/** Users and groups that roles are bound to. */
const identities: Readonly<Record<string, Identity>> = {
  'apiserver-kubelet-client': {
    name: '',
    groups: ['kubeadm:cluster-admins', 'system:masters'],
    why: {
      en: 'the kubelet allows only this group to read logs and run commands',
      ko: 'kubelet은 이 그룹만 로그 조회와 명령 실행을 허용합니다',
    },
  },
  'front-proxy-client': {
    name: 'front-proxy-client',
    why: {
      en: 'extension API servers accept the headers of this name only (--requestheader-allowed-names)',
      ko: '확장 API 서버는 이 이름이 보낸 헤더만 믿습니다(--requestheader-allowed-names)',
    },
  },
  'admin.conf': {
    name: '',
    groups: ['kubeadm:cluster-admins', 'system:masters'],
    why: { en: 'its user is not in an administrator group', ko: '관리자 그룹에 속하지 않은 사용자입니다' },
  },
  'super-admin.conf': {
    name: '',
    groups: ['system:masters'],
    why: { en: 'its user is not in system:masters', ko: 'system:masters 그룹에 속하지 않은 사용자입니다' },
  },
  'kubelet.conf': {
    name: 'system:node:',
    groups: ['system:nodes'],
    why: {
      en: 'the node authorizer identifies a node by this user and group',
      ko: '노드 인가(Node authorizer)는 이 사용자 이름과 그룹으로 노드를 알아봅니다',
    },
  },
  'controller-manager.conf': {
    name: 'system:kube-controller-manager',
    why: {
      en: 'the controller manager’s role is bound to this user',
      ko: '컨트롤러 매니저의 롤은 이 사용자에게 연결되어 있습니다',
    },
  },
  'scheduler.conf': {
    name: 'system:kube-scheduler',
    why: {
      en: 'the scheduler’s role is bound to this user',
      ko: '스케줄러의 롤은 이 사용자에게 연결되어 있습니다',
    },
  },
};

const usageWords: Readonly<Record<string, Localized>> = {
  serverAuth: {
    en: 'its extended key usage does not include servers: clients refuse it',
    ko: '확장 키 사용에 서버 용도가 없어 클라이언트가 거부합니다',
  },
  clientAuth: {
    en: 'its extended key usage does not include clients: servers refuse it',
    ko: '확장 키 사용에 클라이언트 용도가 없어 서버가 거부합니다',
  },
};

type Words = Omit<Finding, 'file' | 'problem'>;

const missing = (name: string): Words => ({
  what: { en: `${name} is missing`, ko: `${name}이(가) 없습니다` },
  remedy: {
    en: 'Run ./wirelab kube pki --out DIR to create what is missing.',
    ko: './wirelab kube pki --out DIR 명령으로 없는 것을 만드세요.',
  },
});

const halfWithout = (other: string): Words => ({
  what: {
    en: `it is missing, but ${other} exists: both are needed`,
    ko: `이 파일은 없고 ${other}만 있습니다. 둘이 함께 있어야 쓸 수 있습니다`,
  },
  remedy: {
    en: 'Restore it from where they were created, or move the other aside and create both again.',
    ko: '만든 곳에서 다시 가져오거나, 남은 파일을 다른 곳으로 옮기고 둘 다 새로 만드세요.',
  },
});

const notACa = (certificate: Certificate): Words => ({
  what: {
    en: 'it is not a CA certificate: nothing that it signs is trusted',
    ko: 'CA 인증서가 아닙니다. 이 인증서로 서명한 것은 아무도 믿지 않습니다',
  },
  expected: verbatim('CA:TRUE, keyCertSign'),
  received: `CA:${certificate.basicConstraints?.isCa ? 'TRUE' : 'FALSE'}, ${certificate.keyUsage?.join(', ') ?? '-'}`,
  remedy: { en: 'Replace it with the CA’s certificate.', ko: '이 자리에 CA 인증서를 두세요.' },
});

/** The row that this CA belongs to by its name, if it is another one: the user's own CA may have any other name. */
function misplaced(row: AuthorityRow, { subject }: Certificate): AuthorityRow | undefined {
  const name = subject.attributes.findLast(({ type }) => type === 'CN')?.value;
  return name === row.commonName
    ? undefined
    : kubeadmAuthorities.find(({ commonName }) => commonName === name);
}

const anotherInPlace = (row: AuthorityRow, namesake: AuthorityRow, certificate: Certificate): Words => ({
  what: {
    en: `it is another CA of the cluster, ${namesake.name}, in place of ${row.name}: certificates that ${namesake.name} signed are accepted instead of those that ${row.name} signed`,
    ko: `${row.name} 자리에 클러스터의 다른 CA인 ${namesake.name}이(가) 있습니다. 그 CA가 서명한 인증서를 받아들이고 ${row.name}이(가) 서명한 인증서는 거부하게 됩니다`,
  },
  expected: verbatim(`CN=${row.commonName}`),
  received: visible(certificate.subject.text),
  remedy: {
    en: `Restore the certificate of ${row.name} and its key.`,
    ko: `${row.name}의 인증서와 키를 제자리에 되돌려 놓으세요.`,
  },
});

const anotherBeside = (other: Certificate, now: number): Words => ({
  what: {
    en: `it also contains another CA, ${visible(other.subject.text)}${validityState(other, now) === 'valid' ? '' : ' (not valid now)'}: certificates signed by that CA are accepted too`,
    ko: `다른 CA도 들어 있습니다: ${visible(other.subject.text)}${validityState(other, now) === 'valid' ? '' : '(지금은 유효하지 않음)'}. 이 CA가 서명한 인증서도 받아들이게 됩니다`,
  },
  remedy: {
    en: 'Leave it while the CA is being replaced; otherwise remove it.',
    ko: 'CA를 교체하는 중이라면 그대로 두고, 아니라면 빼세요.',
  },
});

const noCaBeside = (other: Certificate): Words => ({
  what: {
    en: `it contains a certificate that is not a CA certificate: ${visible(other.subject.text)}`,
    ko: `CA가 아닌 인증서도 들어 있습니다: ${visible(other.subject.text)}`,
  },
  remedy: {
    en: 'Remove it: this file is only for CAs that are trusted to sign.',
    ko: '빼세요. 서명을 신뢰할 CA만 두는 파일입니다.',
  },
});

const strayCertificate = (other: Certificate): Words => ({
  what: {
    en: `its certificate is followed by one that did not issue it: ${visible(other.subject.text)}`,
    ko: `인증서 뒤에, 그 발급자가 아닌 인증서가 있습니다: ${visible(other.subject.text)}`,
  },
  remedy: {
    en: 'Remove it: a certificate may be followed only by its issuers.',
    ko: '빼세요. 인증서 뒤에는 발급자의 인증서만 둡니다.',
  },
});

const anotherKey: Words = {
  what: {
    en: 'it contains more than one private key: only the first is used',
    ko: '개인 키가 둘 이상 들어 있습니다. 첫 번째 키만 쓰입니다',
  },
  remedy: {
    en: 'Remove the others, and find out whose they are.',
    ko: '나머지를 빼고, 누구의 키인지 확인하세요.',
  },
};

const strayWords = (found: string): Words => ({
  what: {
    en: 'the file has content that does not belong there; Kubernetes ignores it',
    ko: '파일에 다른 내용이 섞여 있습니다. Kubernetes는 이를 무시합니다',
  },
  received: visible(found.length > 60 ? `${found.slice(0, 60)}…` : found),
  remedy: {
    en: 'Remove it, or copy the file again from where it was made.',
    ko: '빼거나, 파일을 만든 곳에서 다시 복사하세요.',
  },
});

const keyInside = (mode: number | undefined): Words => ({
  what: {
    en: `it contains a private key, which does not belong there${mode === undefined ? '' : ` (mode ${octalOf(mode)})`}: files like this are given to others`,
    ko: `여기에 있으면 안 되는 개인 키가 들어 있습니다${mode === undefined ? '' : `(모드 ${octalOf(mode)})`}. 이 파일은 다른 사람에게 나눠 주는 파일입니다`,
  },
  remedy: {
    en: 'Remove the key; if anyone else could read the file, make a new key.',
    ko: '키를 빼세요. 다른 사람이 읽을 수 있었다면 키를 새로 만드세요.',
  },
});

const sharedWords = (name: string, other: string): Words => ({
  what: {
    en: `${name} is the same CA as ${other}: a certificate signed for one purpose is accepted for the other${name === 'etcd-ca' ? ', so every user of the cluster can read all of etcd' : ''}`,
    ko: `두 CA가 같습니다: ${name}, ${other}. 한쪽 용도로 서명한 인증서가 다른 쪽에서도 통합니다${name === 'etcd-ca' ? '. 클러스터의 모든 사용자가 etcd 전체를 읽을 수 있습니다' : ''}`,
  },
  remedy: {
    en: 'Use separate CAs, as kubeadm does, unless this is intended.',
    ko: '의도한 것이 아니라면 kubeadm처럼 CA를 따로 두세요.',
  },
});

const anothersWords = (other: string, own: string | undefined, received: string): Words =>
  defined({
    what: {
      en: `it is the certificate of ${other}, in the place of another one`,
      ko: `다른 자리에 있어야 할 ${other}의 인증서입니다`,
    },
    expected: own === undefined ? undefined : verbatim(`CN=${own}`),
    received,
    remedy: {
      en: 'Put each back in its own place, with its key.',
      ko: '각 인증서를 키와 함께 제자리에 되돌려 놓으세요.',
    },
  });

const unrevocableWords = (isAdmin: boolean): Words =>
  defined({
    what: {
      en: 'its user is in system:masters: no role limits it, and only a new CA revokes this access',
      ko: 'system:masters 그룹의 사용자입니다. 어떤 롤로도 제한할 수 없고, CA를 바꾸지 않는 한 권한을 회수할 수 없습니다',
    },
    expected: isAdmin ? verbatim('O=kubeadm:cluster-admins') : undefined,
    remedy: isAdmin
      ? {
          en: 'Since 1.29 kubeadm reserves that group for super-admin.conf: move this file aside and create a new one (./wirelab kube pki --out DIR).',
          ko: '1.29부터 kubeadm은 이 그룹을 super-admin.conf에만 씁니다. 이 파일을 옮기고 새로 만드세요(./wirelab kube pki --out DIR).',
        }
      : {
          en: 'Use a separate group, and bind a role to it.',
          ko: '별도의 그룹을 주고 그 그룹에 롤을 바인딩하세요.',
        },
  });

const onTheNode = (files: readonly string[]): Words => ({
  what: {
    en: `it refers to kubelet files that exist only on the node: ${files.join(', ')}`,
    ko: `노드에만 있는 kubelet 파일을 가리킵니다: ${files.join(', ')}`,
  },
  remedy: {
    en: 'No action is needed if this is a copy. On the node itself, the kubelet has lost its certificate and must join again.',
    ko: '이 폴더가 사본이라면 그대로 두세요. 노드에서 직접 점검한 것이라면 kubelet이 인증서를 잃은 것이므로 다시 등록(join)하세요.',
  },
});

const otherPort = (expected: string, where: string, received: string): Words => ({
  what: {
    en: `it connects to the same host as ${where}, but on another port`,
    ko: `호스트는 ${where}에 있는 것과 같지만 포트가 다릅니다`,
  },
  expected: verbatim(expected),
  received,
  remedy: {
    en: 'kubectl config set-cluster NAME --server=URL, unless this is intended',
    ko: '의도한 것이 아니라면: kubectl config set-cluster 이름 --server=URL',
  },
});

const anotherHost = (name: string, server: Certificate | undefined): Words => ({
  what: {
    en: 'it connects to a host for which the API server’s certificate is not valid',
    ko: 'API 서버의 인증서에 없는 호스트에 접속합니다',
  },
  expected: verbatim((server?.subjectAlternativeNames ?? []).map(({ value }) => visible(value)).join(', ')),
  received: visible(name),
  remedy: {
    en: 'kubectl config set-cluster NAME --server=URL; or reissue apiserver.crt with this name as well',
    ko: 'kubectl config set-cluster 이름 --server=URL 명령으로 고치거나, 이 이름까지 넣어 apiserver.crt를 새로 만드세요',
  },
});

const constrained = (authority: string, name: string, expected: Localized | undefined): Words =>
  defined({
    what: {
      en: `the name constraints of ${authority} do not permit ${name}: verifiers refuse it`,
      ko: `${authority}의 이름 제약(name constraints)이 ${name}을(를) 허용하지 않아 상대방이 거부합니다`,
    },
    expected,
    received: name,
    remedy: {
      en: 'Reissue the CA without name constraints, as kubeadm does, or with this name permitted.',
      ko: 'kubeadm처럼 이름 제약 없이, 또는 이 이름을 허용하도록 CA를 다시 발급하세요.',
    },
  });

const misidentified = (remedy: Localized): Words => ({
  what: {
    en: 'its authority key identifier belongs to a CA other than its signer: OpenSSL and curl look for that CA and refuse it, Go does not',
    ko: '발급자 키 식별자(authority key identifier)가 실제로 서명한 CA의 것이 아닙니다. OpenSSL과 curl은 그 CA를 찾다가 거부하고, Go는 받아들입니다',
  },
  remedy,
});

const notFirst = (at: number, key: string): Words => ({
  what: {
    en: `its own certificate is not the first: the private key in ${key} matches certificate ${at + 1}`,
    ko: `자기 인증서가 맨 앞에 있지 않습니다. ${key}의 개인 키는 ${at + 1}번째 인증서와 짝입니다`,
  },
  expected: { en: 'its own certificate, then its issuers', ko: '자기 인증서 다음에 발급자의 인증서' },
  remedy: {
    en: 'Put the certificate of the key first, followed by those of its issuers.',
    ko: '키와 짝인 인증서를 맨 앞에 두고 발급자의 인증서를 그 뒤에 두세요.',
  },
});

/** Only the name's encoding differs: OpenSSL accepts that. @param issuers the CAs whose signature it has. */
const isRespelt = (certificate: Certificate, issuers: readonly Certificate[]): boolean =>
  !issuers.some((root) => namesAsIssuer(certificate, root)) &&
  issuers.some((root) => sameName(certificate.issuer, root.subject));

const spelt = ({ text, der }: Certificate['subject']): string =>
  `${visible(text)} (${Buffer.from(der).toString('hex').slice(0, 80)})`;

const renamed = (authority: Certificate, leaf: Certificate): Words => ({
  what: {
    en: 'it writes the CA’s name differently from all certificates that it signed (another string type or case): Kubernetes and etcd (Go) compare names byte for byte, and refuse all of them',
    ko: 'CA 이름의 문자열 타입이나 대소문자가 이 CA가 서명한 인증서들에 적힌 것과 다릅니다. Kubernetes와 etcd(Go)는 바이트 단위로 비교하므로 모두 거부합니다',
  },
  expected: verbatim(spelt(leaf.issuer)),
  received: spelt(authority.subject),
  remedy: {
    en: 'Restore the previous CA certificate, or reissue it with a byte-identical subject.',
    ko: '이전 CA 인증서를 되돌리거나, 주체(subject)를 바이트까지 같게 해서 다시 발급하세요.',
  },
});

const respelt = (authority: Certificate, certificate: Certificate, remedy: Localized): Words => ({
  what: {
    en: 'it writes the name of its CA differently from the CA certificate (another string type or case): Kubernetes and etcd (Go) compare names byte for byte, and find no CA',
    ko: 'CA 이름의 문자열 타입이나 대소문자가 CA 인증서와 다르게 적혀 있습니다. Kubernetes와 etcd(Go)는 바이트 단위로 비교하므로 CA를 찾지 못합니다',
  },
  expected: verbatim(spelt(authority.subject)),
  received: spelt(certificate.issuer),
  remedy,
});

const mismatch = (certificate: string, key: string): Words => ({
  what: {
    en:
      certificate === key
        ? 'its private key does not match its client certificate'
        : `the private key does not match the certificate in ${certificate}`,
    ko:
      certificate === key
        ? '개인 키가 클라이언트 인증서와 맞지 않습니다'
        : `개인 키가 ${certificate} 인증서와 맞지 않습니다`,
  },
  remedy: {
    en: 'Restore the key that the certificate was issued for, or reissue both.',
    ko: '그 인증서를 만들 때 쓴 키를 두거나 둘 다 다시 발급하세요.',
  },
});

const namelessWords: Localized = {
  en: 'it has no subject alternative name: a common name alone is not sufficient',
  ko: '주체 대체 이름(SAN)이 없습니다. 공통 이름(CN)만으로는 이름이 증명되지 않습니다',
};

const nameless: Words = {
  what: namelessWords,
  remedy: {
    en: 'Reissue it with subjectAltName = DNS:NAME, IP:ADDRESS for every name that clients use.',
    ko: '접속할 때 쓰는 이름을 모두 subjectAltName = DNS:이름, IP:주소로 넣어 다시 발급하세요.',
  },
};

function renewRemedy(row: string | undefined): Localized {
  if (row === 'kubelet.conf')
    return {
      en: 'The kubelet renews it itself; if it no longer can, the node must join again.',
      ko: 'kubelet이 직접 갱신합니다. 갱신할 수 없게 되었다면 노드를 다시 등록(join)하세요.',
    };
  const known =
    kubeadmLeaves.some(({ name }) => name === row) || kubeadmKubeconfigs.some(({ name }) => name === row);
  return known
    ? verbatim(`./wirelab kube pki renew ${row} --out DIR`)
    : { en: 'Have it reissued by the current CA.', ko: '지금의 CA로 다시 발급받으세요.' };
}
