/**
 * What is wrong with the certificates of a Kubernetes control plane, file by file, with what to do about it; and when they
 * expire, as `kubeadm certs check-expiration` has it. Judges kubeadm's tree, a learner's own certificates beside it, and
 * kubeconfigs from anywhere. Pure: the files were read by `kubeadm-reading.ts`, the clock is an argument.
 *
 * 1. One cause, one finding: what cannot be judged because something else is wrong is passed over.
 * 2. What was asked of a cluster is demanded; where nothing was asked, what the folder itself tells (the hosts that its
 *    kubeconfigs call, the node in their names). Files are demanded of a folder that looks like a control plane's.
 * 3. A CA without its key is kept elsewhere ("externally managed"), and that is no fault.
 */
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isAbsolute } from 'node:path';
import { isoTime } from '../dissect/x509/certificate.ts';
import type { Certificate } from '../dissect/x509/certificate.ts';
import type { Localized } from '../i18n/language.ts';
import { verbatim } from '../i18n/language.ts';
import type { MistakeFacts } from '../i18n/mistake.ts';
import { matchesHostname } from './hostname.ts';
import { isOpenToOthers } from './key-file.ts';
import {
  certificateFile,
  hostOf,
  keyFile,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  kubernetesNames,
  leafFacts,
  serviceAccountFiles,
} from './kubeadm.ts';
import type { AuthorityRow, Cluster, KubeconfigRow, LeafRow } from './kubeadm.ts';
import { gotOf } from './kubeadm-reading.ts';
import type { ClusterReading, ReadKubeconfig } from './kubeadm-reading.ts';
import { visible } from './peculiarities.ts';
import { isKeyOf } from './signing-policy.ts';
import { validityState } from './validity.ts';
import { isAuthority, isIssuedBy, sameName } from './verify.ts';

/** Every problem, with how grave it is: a warning spoils nothing today. */
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
  absent: 'warning',
  ending_soon: 'warning',
  outlives_authority: 'warning',
} as const satisfies Readonly<Record<string, 'wrong' | 'warning'>>;

export type Problem = keyof typeof problems;

export interface Finding {
  /** As a person knows the file. */
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
  /** Milliseconds since the epoch; absent for what is missing or cannot be read. */
  readonly notAfter?: number;
  /** The row of its CA; absent for a CA. */
  readonly authority?: string;
  /** The CA's key is not here, so that nothing can be renewed. */
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
  /** What the cluster was asked to be. */
  readonly cluster?: Cluster;
}

export function checkCluster(question: CheckQuestion): Checkup {
  const check = new Check(question);
  return { findings: check.findings(), ...check.expirations() };
}

const soon = 30 * 86_400_000;
const rowOf = (name: string): AuthorityRow | undefined => kubeadmAuthorities.find((row) => row.name === name);

/** Files of one row that belong together. */
interface Pair {
  readonly certificate: string;
  readonly key: string;
}

class Check {
  readonly #reading: ClusterReading;
  readonly #now: number;
  readonly #cluster: Cluster | undefined;
  readonly #findings: Finding[] = [];

  constructor({ reading, now, cluster }: CheckQuestion) {
    this.#reading = reading;
    this.#now = now;
    this.#cluster = cluster;
  }

  findings(): readonly Finding[] {
    for (const row of kubeadmAuthorities) this.#authority(row);
    for (const row of kubeadmLeaves) this.#leaf(row);
    this.#serviceAccount();
    for (const row of kubeadmKubeconfigs) this.#kubeconfigRow(row);
    for (const base of this.#otherBases()) this.#other(base);
    for (const path of this.#otherKubeconfigs()) this.#kubeconfig(path);
    return this.#findings;
  }

  expirations(): Pick<Checkup, 'certificates' | 'authorities'> {
    const shown = (row: AuthorityRow | LeafRow): boolean => this.#isDemanded(row) || this.#has(pairOf(row));
    const certificates = [
      ...kubeadmLeaves.filter(shown).map((row) => this.#expiration(row.name, certificateFile(row), row.authority)),
      ...kubeadmKubeconfigs.filter(({ name, renewed }) => renewed && (this.#isControlPlane() || this.#reading.has(name))).map(({ name }) => this.#expiration(name, name, 'ca')),
    ].sort(byName);
    const authorities = kubeadmAuthorities.filter(shown).map((row) => this.#expiration(row.name, certificateFile(row))).sort(byName);
    return { certificates, authorities };
  }

  #expiration(name: string, path: string, authority?: AuthorityRow['name']): Expiration {
    const certificate = gotOf(path.endsWith('.conf') ? gotOf(this.#reading.kubeconfig(path))?.certificate : this.#reading.certificate(path));
    const row = rowOf(authority ?? name);
    const externallyManaged = row !== undefined && this.#reading.has(certificateFile(row)) && !this.#reading.has(keyFile(row));
    return { name, file: this.#reading.where(path), ...(certificate ? { notAfter: certificate.notAfter } : {}), ...(authority ? { authority } : {}), externallyManaged };
  }

  // What there is to be.

  #isControlPlane(): boolean {
    if (this.#cluster) return true;
    const there = kubeadmLeaves.filter((row) => this.#has(pairOf(row)));
    return there.length > 2 || there.some(({ name }) => name === 'apiserver');
  }

  /** An etcd that is kept elsewhere leaves no file here. */
  #isDemanded(row: AuthorityRow | LeafRow): boolean {
    const isEtcd = (one: AuthorityRow | LeafRow): boolean => ('authority' in one ? one.authority : one.name) === 'etcd-ca';
    return this.#isControlPlane() && (this.#cluster !== undefined || !isEtcd(row) || kubeadmCertificates.some((one) => isEtcd(one) && this.#has(pairOf(one))));
  }

  #has({ certificate, key }: Pair): boolean {
    return this.#reading.has(certificate) || this.#reading.has(key);
  }

  /** What stands in a CA's place and is none, or another of the cluster's, judges nobody: that is its own finding. */
  #authorityOf(name: AuthorityRow['name']): Certificate | undefined {
    const row = rowOf(name);
    const certificate = row && gotOf(this.#reading.certificate(certificateFile(row)));
    return certificate && isAuthority(certificate, true) && !misplaced(row, certificate) ? certificate : undefined;
  }

  // Rows.

  #authority(row: AuthorityRow): void {
    const pair = pairOf(row);
    if (!this.#has(pair)) {
      if (this.#isDemanded(row)) this.#add(pair.certificate, 'missing', missing(row.name));
      return;
    }
    if (!this.#reading.has(pair.certificate)) return this.#add(pair.certificate, 'half', halfWithout(this.#reading.where(pair.key)));
    const certificate = this.#readable(pair.certificate, this.#reading.certificate(pair.certificate));
    this.#pairedKey(pair, certificate);
    if (!certificate) return;
    const namesake = misplaced(row, certificate);
    if (!isAuthority(certificate, true)) this.#add(pair.certificate, 'not_a_ca', notACa(certificate));
    else if (namesake) this.#add(pair.certificate, 'wrong_authority', anotherInPlace(row, namesake, certificate));
    this.#dates(pair.certificate, certificate, undefined, row.name);
  }

  #leaf(row: LeafRow): void {
    const pair = pairOf(row);
    if (!this.#has(pair)) {
      if (this.#isDemanded(row)) this.#add(pair.certificate, 'missing', missing(row.name));
      return;
    }
    if (!this.#reading.has(pair.certificate)) return this.#add(pair.certificate, 'half', halfWithout(this.#reading.where(pair.key)));
    const certificate = this.#readable(pair.certificate, this.#reading.certificate(pair.certificate));
    if (this.#reading.has(pair.key)) this.#pairedKey(pair, certificate);
    else this.#add(pair.key, 'half', halfWithout(this.#reading.where(pair.certificate)));
    if (!certificate) return;
    this.#issuer(pair.certificate, certificate, row.authority, row.name);
    this.#dates(pair.certificate, certificate, this.#authorityOf(row.authority), row.name);
    this.#usages(pair.certificate, certificate, row.usages);
    this.#identity(pair.certificate, certificate, identities[row.name]);
    this.#names(pair.certificate, certificate, row);
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
    const half = hasPublic ? this.#readable(publicKey, this.#reading.publicKey(publicKey)) : undefined;
    if (secret && half && !Buffer.from(half).equals(createPublicKey(secret).export({ type: 'spki', format: 'der' }))) {
      this.#add(publicKey, 'key_mismatch', {
        what: { en: 'it is the public half of another key than sa.key: the API server refuses every token that the controller manager signs', ko: 'sa.key가 아닌 다른 키의 공개 키입니다. 컨트롤러 매니저가 서명한 토큰을 API 서버가 모두 거부합니다' },
        remedy: { en: 'openssl pkey -in sa.key -pubout -out sa.pub', ko: 'openssl pkey -in sa.key -pubout -out sa.pub' },
      });
    }
  }

  #kubeconfigRow(row: KubeconfigRow): void {
    if (this.#reading.has(row.name)) return this.#kubeconfig(row.name, row);
    if (!this.#isControlPlane()) return;
    if (row.name === 'super-admin.conf' && !this.#cluster) {
      this.#add(row.name, 'absent', {
        what: { en: 'it is not here: only the node where the cluster began has it', ko: '파일이 없습니다. 클러스터를 처음 만든 노드에만 있는 파일입니다' },
        remedy: { en: 'Nothing, if it lies in a safe place; it passes by every role (system:masters).', ko: '안전한 곳에 따로 두었다면 그대로 두세요. 모든 인가 검사를 건너뛰는 파일입니다(system:masters).' },
      });
    } else this.#add(row.name, 'missing', missing(row.name));
  }

  // What lies beside the tree.

  #otherBases(): string[] {
    const known = new Set(kubeadmCertificates.map((row) => `pki/${row.file}`));
    // What a kubeconfig names lies elsewhere and is judged with it.
    return this.#reading.paths.filter((path) => path.endsWith('.crt')).map((path) => path.slice(0, -4)).filter((base) => !known.has(base) && !isAbsolute(base));
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
    if (certificate.extendedKeyUsage?.includes('serverAuth') && (certificate.subjectAlternativeNames ?? []).length === 0) this.#add(pair.certificate, 'missing_name', nameless);
    if (sameName(certificate.subject, certificate.issuer) && isIssuedBy(certificate, certificate)) return;
    const authorities = this.#allAuthorities();
    if (authorities.length === 0 || authorities.some(([, authority]) => isIssuedBy(certificate, authority))) return;
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
    this.#server(path, config, row);
    const stale = this.#trust(path, config, row);
    const certificate = config.certificate && this.#readable(path, config.certificate);
    const key = config.key && this.#readable(path, config.key);
    if (config.certificate === undefined || config.key === undefined) {
      if (config.otherProof) return;
      return this.#add(path, 'no_credentials', {
        what: { en: `the user ${visible(config.user)} proves nothing: there is no client certificate with its key, no token and no program for one`, ko: `${visible(config.user)} 사용자를 증명할 수단이 없습니다. 클라이언트 인증서와 키도, 토큰도, 토큰을 받아 오는 프로그램도 없습니다` },
        remedy: { en: 'kubectl config set-credentials NAME --client-certificate=CRT --client-key=KEY --embed-certs', ko: 'kubectl config set-credentials 이름 --client-certificate=CRT --client-key=KEY --embed-certs' },
      });
    }
    if (!certificate) return;
    if (key && !isKeyOf(key, certificate)) this.#add(path, 'key_mismatch', mismatch(path, path));
    if (!stale) this.#issuer(path, certificate, 'ca', path);
    this.#dates(path, certificate, stale ? undefined : this.#authorityOf('ca'), row?.renewed ? row.name : undefined);
    this.#usages(path, certificate, ['clientAuth']);
    this.#identity(path, certificate, row && identities[row.name]);
  }

  #server(path: string, { server }: ReadKubeconfig, row: KubeconfigRow | undefined): void {
    const expected = row && this.#cluster?.[row.endpoint];
    if (hostOf(server) !== undefined && (expected === undefined || expected === server)) return;
    this.#add(path, 'wrong_server', {
      what: hostOf(server) === undefined ? { en: 'its server is no https URL: no certificate would be looked at', ko: 'server가 https URL이 아닙니다. 이대로면 인증서를 전혀 확인하지 않습니다' } : { en: 'it calls another API server', ko: '다른 API 서버를 가리킵니다' },
      expected: verbatim(expected ?? 'https://HOST:6443'),
      received: server,
      remedy: { en: 'kubectl config set-cluster NAME --server=URL', ko: 'kubectl config set-cluster 이름 --server=URL' },
    });
  }

  /** Whether it trusts another CA than the cluster's: then its own certificate is of that one, and that is no second fault. */
  #trust(path: string, config: ReadKubeconfig, row: KubeconfigRow | undefined): boolean {
    const { authorities, insecure } = config;
    if (insecure) {
      this.#add(path, 'unverified_server', {
        what: { en: 'insecure-skip-tls-verify: it believes every server, and sends its token or request to an impostor', ko: 'insecure-skip-tls-verify가 켜져 있어 어떤 서버든 믿습니다. 가짜 서버에도 토큰과 요청을 보냅니다' },
        remedy: { en: 'Take it out, and put the CA in: certificate-authority-data.', ko: '이 설정을 빼고 certificate-authority-data에 CA를 넣으세요.' },
      });
      return false;
    }
    if (authorities === undefined) {
      this.#add(path, 'unverified_server', {
        what: { en: 'it names no CA: the roots of the system do not know the cluster’s', ko: 'CA가 없습니다. 시스템의 루트 인증서로는 클러스터 CA를 검증할 수 없습니다' },
        remedy: { en: 'kubectl config set-cluster NAME --certificate-authority=ca.crt --embed-certs', ko: 'kubectl config set-cluster 이름 --certificate-authority=ca.crt --embed-certs' },
      });
      return false;
    }
    const trusted = this.#readable(path, authorities);
    const own = this.#authorityOf('ca');
    if (!trusted || !own || trusted.some(({ der }) => Buffer.from(der).equals(own.der))) return false;
    // The same key in a renewed certificate is the same CA.
    if (trusted.some((one) => sameName(one.subject, own.subject) && Buffer.from(one.publicKey.der).equals(own.publicKey.der))) return false;
    const namesake = trusted.find((one) => sameName(one.subject, own.subject));
    const [first] = trusted;
    const name = visible((namesake ?? first)?.subject.text ?? '');
    this.#add(
      path,
      namesake ? 'replaced_authority' : 'wrong_authority',
      namesake
        ? {
            what: { en: `it is from before the CA was re-created: it trusts a ${name} of another key, begun ${isoTime(namesake.notBefore)}, where the cluster’s began ${isoTime(own.notBefore)}`, ko: `CA를 다시 만들기 전의 파일입니다. 이름은 같은 ${name}이지만 키가 다른 CA를 신뢰합니다(파일의 CA는 ${isoTime(namesake.notBefore)}부터, 클러스터의 CA는 ${isoTime(own.notBefore)}부터)` },
            remedy: row
              ? { en: `Move it aside; ./wirelab kube pki --out DIR makes a new ${row.name}.`, ko: `다른 곳으로 옮기고 ./wirelab kube pki --out DIR 명령으로 ${row.name}을(를) 새로 만드세요.` }
              : { en: 'Copy a fresh one: cp admin.conf ~/.kube/config', ko: '새 파일을 복사하세요: cp admin.conf ~/.kube/config' },
          }
        : {
            what: { en: 'it trusts another CA than the cluster’s', ko: '클러스터의 CA가 아닌 다른 CA를 신뢰합니다' },
            expected: verbatim(visible(own.subject.text)),
            received: name,
            remedy: { en: 'kubectl config set-cluster NAME --certificate-authority=ca.crt --embed-certs', ko: 'kubectl config set-cluster 이름 --certificate-authority=ca.crt --embed-certs' },
          },
    );
    return true;
  }

  // What every certificate is asked.

  #issuer(path: string, certificate: Certificate, name: AuthorityRow['name'], row?: string): void {
    const authority = this.#authorityOf(name);
    if (!authority || isIssuedBy(certificate, authority)) return;
    const remedy = renewRemedy(row);
    const issuer = visible(certificate.issuer.text);
    if (sameName(certificate.issuer, authority.subject)) {
      const sameKey = certificate.authorityKeyId !== undefined && authority.keyId !== undefined && Buffer.from(certificate.authorityKeyId).equals(authority.keyId);
      return this.#add(
        path,
        sameKey ? 'bad_signature' : 'replaced_authority',
        sameKey
          ? { what: { en: 'the CA’s signature does not fit: it was changed after it was signed', ko: 'CA의 서명이 맞지 않습니다. 서명한 뒤에 내용이 바뀌었습니다' }, remedy }
          : { what: { en: `a CA of the same name (${issuer}) and another key signed it: the CA was re-created since, or an impostor did`, ko: `이름은 같지만(${issuer}) 키가 다른 CA가 서명했습니다. 그 뒤로 CA를 다시 만들었거나, 이름만 같은 가짜 CA입니다` }, remedy },
      );
    }
    const actual = this.#allAuthorities().find(([, one]) => isIssuedBy(certificate, one))?.[0];
    this.#add(path, 'wrong_authority', {
      what: actual ? { en: `${actual} signed it, not ${name}: whoever asks for it trusts ${name} alone`, ko: `${name}이(가) 아니라 ${actual}이(가) 서명했습니다. 상대방은 ${name}만 신뢰합니다` } : { en: `another CA signed it than the one that is here as ${name}`, ko: `이 폴더에 ${name}(으)로 있는 CA가 아니라 다른 CA가 서명했습니다` },
      expected: verbatim(visible(authority.subject.text)),
      received: issuer,
      remedy,
    });
  }

  #dates(path: string, certificate: Certificate, authority: Certificate | undefined, row?: string): void {
    const state = validityState(certificate, this.#now);
    const isCa = row !== undefined && rowOf(row) !== undefined;
    const remedy = isCa ? { en: 'A CA is not renewed: a new one has to be made and carried to everybody who trusts the old one.', ko: 'CA는 갱신하지 않습니다. 새 CA를 만들어 예전 CA를 신뢰하던 모든 곳에 배포해야 합니다.' } : renewRemedy(row);
    const end = isoTime(certificate.notAfter);
    if (state === 'expired' || state === 'never') return this.#add(path, 'expired', { what: { en: `it expired at ${end}`, ko: `${end}에 만료되었습니다` }, remedy });
    if (state === 'not_yet_valid') {
      return this.#add(path, 'not_yet_valid', {
        what: { en: `it is not valid before ${isoTime(certificate.notBefore)}`, ko: `${isoTime(certificate.notBefore)}부터 유효합니다` },
        remedy: { en: 'Look at the clocks of this machine and of the one that signed it.', ko: '이 컴퓨터와 서명한 컴퓨터의 시계를 확인하세요.' },
      });
    }
    if (certificate.notAfter - this.#now < soon) this.#add(path, 'ending_soon', { what: { en: `it expires soon: at ${end}`, ko: `곧 만료됩니다: ${end}` }, remedy });
    else if (authority && validityState(authority, this.#now) === 'valid' && certificate.notAfter > authority.notAfter && isIssuedBy(certificate, authority)) {
      this.#add(path, 'outlives_authority', {
        what: { en: `it says ${end}, but its CA expires before, at ${isoTime(authority.notAfter)}: from then on it is worth nothing`, ko: `인증서는 ${end}까지지만 CA가 먼저(${isoTime(authority.notAfter)}) 만료됩니다. 그때부터는 쓸 수 없습니다` },
        remedy: { en: 'Plan the change of the CA before that day.', ko: '그 전에 CA 교체를 준비하세요.' },
      });
    }
  }

  #usages(path: string, certificate: Certificate, usages: readonly string[]): void {
    const { extendedKeyUsage, keyUsage } = certificate;
    if (certificate.basicConstraints?.isCa) {
      return this.#add(path, 'ca_as_leaf', {
        what: { en: 'it is a CA’s certificate (CA:TRUE): who holds its key can issue others in its name', ko: 'CA 인증서입니다(CA:TRUE). 이 키를 가진 사람은 다른 인증서까지 발급할 수 있습니다' },
        expected: verbatim('CA:FALSE'),
        remedy: { en: 'Issue it anew, with basicConstraints = critical, CA:FALSE.', ko: 'basicConstraints = critical, CA:FALSE로 다시 발급하세요.' },
      });
    }
    // An absent extended key usage admits to everything, to Go as to OpenSSL.
    const absent = extendedKeyUsage ? usages.filter((usage) => !extendedKeyUsage.includes(usage) && !extendedKeyUsage.includes('anyExtendedKeyUsage')) : [];
    const noSignature = keyUsage !== undefined && !keyUsage.includes('digitalSignature');
    if (absent.length === 0 && !noSignature) return;
    const [first] = absent;
    this.#add(path, 'wrong_usage', {
      what: first === undefined ? { en: 'its keyUsage has no digitalSignature: it cannot prove itself in a handshake', ko: 'keyUsage에 digitalSignature가 없어 핸드셰이크에서 자신을 증명할 수 없습니다' } : usageWords[first] ?? usageWords['clientAuth']!,
      expected: verbatim([...(noSignature ? ['digitalSignature'] : []), ...usages].join(', ')),
      received: [...(noSignature ? keyUsage : []), ...(extendedKeyUsage ?? [])].join(', '),
      remedy: { en: `Issue it anew, with extendedKeyUsage = ${usages.join(', ')}.`, ko: `extendedKeyUsage = ${usages.join(', ')}로 다시 발급하세요.` },
    });
  }

  #identity(path: string, certificate: Certificate, identity: Identity | undefined): void {
    if (!identity) return;
    const { attributes, text } = certificate.subject;
    const name = attributes.findLast(({ type }) => type === 'CN')?.value ?? '';
    const groups = attributes.filter(({ type }) => type === 'O').map(({ value }) => value);
    const node = this.#cluster && identity.name.endsWith(':') ? `${identity.name}${this.#cluster.node}` : undefined;
    const nameFits = node === undefined ? (identity.name.endsWith(':') ? name.startsWith(identity.name) && name.length > identity.name.length : identity.name === '' || name === identity.name) : name === node;
    const groupFits = identity.groups === undefined || identity.groups.some((group) => groups.includes(group));
    if (nameFits && groupFits) return;
    const wanted = [...(identity.groups ? [`O=${identity.groups[0]}`] : []), ...(identity.name === '' ? [] : [`CN=${node ?? (identity.name.endsWith(':') ? `${identity.name}NODE` : identity.name)}`])].join(', ');
    this.#add(path, 'wrong_identity', {
      what: identity.why,
      expected: verbatim(wanted),
      received: visible(text),
      remedy: { en: `Issue it anew for this subject: O is the group, CN the user.`, ko: '이 주체로 다시 발급하세요. O는 그룹, CN은 사용자 이름입니다.' },
    });
  }

  #names(path: string, certificate: Certificate, row: LeafRow): void {
    if (!row.names) return;
    const names = certificate.subjectAlternativeNames ?? [];
    const absent = this.#wantedNames(row, certificate).filter(({ name }) => !matchesHostname(names, name));
    if (absent.length === 0) return;
    const list = absent.map(({ name }) => name).join(', ');
    const callers = [...new Set(absent.flatMap(({ caller }) => (caller === undefined ? [] : [caller])))].join(', ');
    this.#add(path, 'missing_name', {
      what:
        names.length === 0
          ? namelessWords
          : { en: `it is not valid for every name by which it is called${callers ? ` (${callers})` : ''}`, ko: `접속할 때 쓰는 이름 가운데 SAN에 없는 것이 있습니다${callers ? `(${callers})` : ''}` },
      expected: verbatim(list),
      received: names.map(({ kind, value }) => `${kind}:${value}`).join(', '),
      remedy: { en: 'Move it and its key aside, and make it anew with these names too: ./wirelab kube pki --help', ko: '인증서와 키를 다른 곳으로 옮기고 이 이름까지 넣어 새로 만드세요: ./wirelab kube pki --help' },
    });
  }

  #wantedNames(row: LeafRow, certificate: Certificate): { readonly name: string; readonly caller?: string }[] {
    if (this.#cluster) return leafFacts(row, this.#cluster).san.map((entry) => ({ name: entry.slice(entry.indexOf(':') + 1) }));
    const commonName = (one: Certificate | undefined): string | undefined => one?.subject.attributes.findLast(({ type }) => type === 'CN')?.value;
    if (row.name !== 'apiserver') return ['localhost', '127.0.0.1', '::1', commonName(certificate)].filter((name) => name !== undefined && name !== '').map((name) => ({ name: name ?? '' }));
    const calls = this.#calls();
    const etcd = gotOf(this.#reading.certificate('pki/etcd/server.crt'));
    const kubelet = commonName(gotOf(gotOf(this.#reading.kubeconfig('kubelet.conf'))?.certificate));
    const node = kubelet?.startsWith('system:node:') ? kubelet.slice('system:node:'.length) : commonName(etcd);
    const names = certificate.subjectAlternativeNames ?? [];
    const [alone, ...qualified] = kubernetesNames('cluster.local');
    const ownDomain = names.find(({ kind, value }) => kind === 'DNS' && value.startsWith('kubernetes.default.svc.'))?.value;
    // An address that is neither the node's nor anybody's to call is that of the service network.
    const nodes = new Set([...(etcd?.subjectAlternativeNames ?? []).map(({ value }) => value), ...calls.map(({ name }) => name)]);
    const hasService = names.some(({ kind, value }) => kind === 'IP' && !nodes.has(value));
    return [
      ...(node ? [{ name: node }] : []),
      { name: alone ?? '' },
      ...qualified.slice(0, 2).map((name) => ({ name })),
      { name: ownDomain ?? qualified[2] ?? '' },
      ...(hasService ? [] : [{ name: '10.96.0.1' }]),
      ...calls,
    ];
  }

  /** The hosts that kubeconfigs of this cluster call, and which of them. */
  #calls(): { readonly name: string; readonly caller: string }[] {
    const own = this.#authorityOf('ca');
    return [...kubeadmKubeconfigs.map(({ name }) => name), ...this.#otherKubeconfigs()].flatMap((path) => {
      const config = gotOf(this.#reading.kubeconfig(path));
      const host = config && hostOf(config.server);
      const isOurs = own && gotOf(config?.authorities)?.some((one) => Buffer.from(one.der).equals(own.der));
      return host !== undefined && isOurs ? [{ name: host, caller: this.#reading.where(path) }] : [];
    }).filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);
  }

  #pairedKey(pair: Pair, certificate: Certificate | undefined): void {
    const key = this.#reading.has(pair.key) ? this.#secretKey(pair.key) : undefined;
    if (key && certificate && !isKeyOf(key, certificate)) this.#add(pair.key, 'key_mismatch', mismatch(this.#reading.where(pair.certificate), this.#reading.where(pair.key)));
  }

  #secretKey(path: string): KeyObject | undefined {
    this.#mode(path);
    return this.#readable(path, this.#reading.key(path));
  }

  #mode(path: string): void {
    const mode = this.#reading.mode(path);
    if (mode === undefined || !isOpenToOthers(mode)) return;
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    this.#add(path, 'open_mode', {
      what: { en: `others than its owner may open it (mode ${octal}), and there is a private key in it`, ko: `개인 키가 들어 있는데 소유자가 아닌 사용자도 열 수 있습니다(모드 ${octal})` },
      expected: verbatim('0600'),
      received: octal,
      remedy: { en: `chmod 600 ${this.#reading.where(path)}; whoever read it before has the key still`, ko: `chmod 600 ${this.#reading.where(path)} (이미 읽은 사람에게는 키가 남아 있습니다)` },
    });
  }

  #readable<T>(path: string, part: { readonly got: T } | { readonly trouble: MistakeFacts } | undefined): T | undefined {
    if (part && 'trouble' in part) {
      const { what, expected, received, remedy } = part.trouble;
      this.#add(path, 'unreadable', {
        what,
        ...(expected ? { expected } : {}),
        ...(received === undefined ? {} : { received }),
        remedy: remedy ?? { en: 'Copy it again, whole, or have it issued anew.', ko: '전체를 다시 복사하거나 다시 발급받으세요.' },
      });
    }
    return gotOf(part);
  }

  #add(path: string, problem: Problem, words: Omit<Finding, 'file' | 'problem'>): void {
    this.#findings.push({ file: this.#reading.where(path), problem, ...words });
  }
}

const pairOf = (row: AuthorityRow | LeafRow): Pair => ({ certificate: certificateFile(row), key: keyFile(row) });
const byName = (left: Expiration, right: Expiration): number => (left.name < right.name ? -1 : 1);

interface Identity {
  /** Ends with a colon where a node's name follows; empty for any. */
  readonly name: string;
  /** One of these; the first is what kubeadm writes today. */
  readonly groups?: readonly string[];
  readonly why: Localized;
}

/** Of what is looked at: rules are bound to these users and groups. */
const identities: Readonly<Record<string, Identity>> = {
  'apiserver-kubelet-client': {
    name: '',
    groups: ['kubeadm:cluster-admins', 'system:masters'],
    why: { en: 'the kubelet lets only this group read logs and run commands', ko: 'kubelet은 이 그룹만 로그 조회와 명령 실행을 허용합니다' },
  },
  'front-proxy-client': {
    name: 'front-proxy-client',
    why: { en: 'extension API servers believe the headers of this name alone (--requestheader-allowed-names)', ko: '확장 API 서버는 이 이름이 보낸 헤더만 믿습니다(--requestheader-allowed-names)' },
  },
  'admin.conf': {
    name: '',
    groups: ['kubeadm:cluster-admins', 'system:masters'],
    why: { en: 'its user is in no group of administrators', ko: '관리자 그룹에 속하지 않은 사용자입니다' },
  },
  'super-admin.conf': { name: '', groups: ['system:masters'], why: { en: 'its user is not in system:masters', ko: 'system:masters 그룹에 속하지 않은 사용자입니다' } },
  'kubelet.conf': {
    name: 'system:node:',
    groups: ['system:nodes'],
    why: { en: 'the node authorizer knows a node by this user and this group', ko: '노드 인가(Node authorizer)는 이 사용자 이름과 그룹으로 노드를 알아봅니다' },
  },
  'controller-manager.conf': {
    name: 'system:kube-controller-manager',
    why: { en: 'the controller manager’s role is bound to this user', ko: '컨트롤러 매니저의 롤은 이 사용자에게 연결되어 있습니다' },
  },
  'scheduler.conf': { name: 'system:kube-scheduler', why: { en: 'the scheduler’s role is bound to this user', ko: '스케줄러의 롤은 이 사용자에게 연결되어 있습니다' } },
};

const usageWords: Readonly<Record<string, Localized>> = {
  serverAuth: { en: 'its extended key usage does not let it be a server: clients refuse it', ko: '확장 키 사용에 서버 용도가 없어 클라이언트가 거부합니다' },
  clientAuth: { en: 'its extended key usage does not let it be a client: servers refuse it', ko: '확장 키 사용에 클라이언트 용도가 없어 서버가 거부합니다' },
};

type Words = Omit<Finding, 'file' | 'problem'>;

const missing = (name: string): Words => ({
  what: { en: `there is no ${name}`, ko: `${name}이(가) 없습니다` },
  remedy: { en: './wirelab kube pki --out DIR makes what is missing.', ko: './wirelab kube pki --out DIR 명령으로 없는 것을 만드세요.' },
});

const halfWithout = (other: string): Words => ({
  what: { en: `it is not here, but ${other} is: one is worth nothing without the other`, ko: `이 파일은 없고 ${other}만 있습니다. 둘이 함께 있어야 쓸 수 있습니다` },
  remedy: { en: 'Bring it back from where they were made, or move the other aside and make both anew.', ko: '만든 곳에서 다시 가져오거나, 남은 파일을 다른 곳으로 옮기고 둘 다 새로 만드세요.' },
});

const notACa = (certificate: Certificate): Words => ({
  what: { en: 'it is no CA’s certificate: nothing that it signs is believed', ko: 'CA 인증서가 아닙니다. 이 인증서로 서명한 것은 아무도 믿지 않습니다' },
  expected: verbatim('CA:TRUE, keyCertSign'),
  received: `CA:${certificate.basicConstraints?.isCa ? 'TRUE' : 'FALSE'}, ${certificate.keyUsage?.join(', ') ?? '-'}`,
  remedy: { en: 'Put the CA’s certificate in its place.', ko: '이 자리에 CA 인증서를 두세요.' },
});

/** The row whose CA this is by its name, where that is another one: a CA of somebody's own may have any other name. */
function misplaced(row: AuthorityRow, { subject }: Certificate): AuthorityRow | undefined {
  const name = subject.attributes.findLast(({ type }) => type === 'CN')?.value;
  return name === row.commonName ? undefined : kubeadmAuthorities.find(({ commonName }) => commonName === name);
}

const anotherInPlace = (row: AuthorityRow, namesake: AuthorityRow, certificate: Certificate): Words => ({
  what: {
    en: `it is another CA of the cluster, ${namesake.name}, in the place of ${row.name}: whoever asks for ${row.name} lets in what that one signed, and refuses what ${row.name} did`,
    ko: `${row.name} 자리에 클러스터의 다른 CA인 ${namesake.name}이(가) 있습니다. 그 CA가 서명한 인증서를 받아들이고 ${row.name}이(가) 서명한 인증서는 거부하게 됩니다`,
  },
  expected: verbatim(`CN=${row.commonName}`),
  received: visible(certificate.subject.text),
  remedy: { en: `Put the certificate of ${row.name} and its key back in their place.`, ko: `${row.name}의 인증서와 키를 제자리에 되돌려 놓으세요.` },
});

const mismatch = (certificate: string, key: string): Words => ({
  what: { en: certificate === key ? 'its private key does not belong to its client certificate' : `the private key does not belong to the certificate in ${certificate}`, ko: certificate === key ? '개인 키가 클라이언트 인증서와 맞지 않습니다' : `개인 키가 ${certificate} 인증서와 맞지 않습니다` },
  remedy: { en: 'Put the key in its place that the certificate was made for, or issue both anew.', ko: '그 인증서를 만들 때 쓴 키를 두거나 둘 다 다시 발급하세요.' },
});

const namelessWords: Localized = { en: 'it has no subject alternative name: a common name alone names nobody', ko: '주체 대체 이름(SAN)이 없습니다. 공통 이름(CN)만으로는 이름이 증명되지 않습니다' };

const nameless: Words = {
  what: namelessWords,
  remedy: { en: 'Issue it anew, with subjectAltName = DNS:NAME, IP:ADDRESS for every name by which it is called.', ko: '접속할 때 쓰는 이름을 모두 subjectAltName = DNS:이름, IP:주소로 넣어 다시 발급하세요.' },
};

function renewRemedy(row: string | undefined): Localized {
  if (row === 'kubelet.conf') return { en: 'The kubelet renews it itself; where it no longer can, the node has to join again.', ko: 'kubelet이 직접 갱신합니다. 갱신할 수 없게 되었다면 노드를 다시 등록(join)하세요.' };
  const known = kubeadmLeaves.some(({ name }) => name === row) || kubeadmKubeconfigs.some(({ name }) => name === row);
  return known ? verbatim(`./wirelab kube pki renew ${row} --out DIR`) : { en: 'Have it issued anew by the CA of today.', ko: '지금의 CA로 다시 발급받으세요.' };
}
