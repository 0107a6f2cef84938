/** Holds what every check of a cluster needs: the files that were read, the findings so far, and the CAs to rely on. */
import { sameBytes } from '../../../core/bytes.ts';
import type { UserErrorFacts } from '../../../i18n/user-error.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import { isAuthority, prepareTrust } from '../../x509/verify.ts';
import {
  kubeadmKubeconfigs,
  certificateFile,
  keyFile,
  kubeadmAuthorities,
  kubeadmCertificates,
  kubeadmLeaves,
} from '../certificates.ts';
import type { AuthorityRow, Cluster, LeafRow } from '../certificates.ts';
import { gotOf } from '../reading.ts';
import type { ClusterReading, ReadKubeconfig } from '../reading.ts';
import { problems, words } from './finding.ts';
import type { Finding, Problem } from './finding.ts';

export interface CheckQuestion {
  readonly reading: ClusterReading;
  readonly now: number;
  /** The requested settings of the cluster. */
  readonly cluster?: Cluster;
  /** Only certificates, keys and kubeconfigs; not which of them the processes are given. */
  readonly withoutManifests?: boolean;
}

export interface Call {
  /** A host. */
  readonly name: string;
  readonly path: string;
  readonly caller: string;
  readonly isOdd: boolean;
}

/** The files of one row. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

export const pairOf = (row: AuthorityRow | LeafRow): Pair => ({
  certificate: certificateFile(row),
  key: keyFile(row),
});

export const rowOf = (name: string): AuthorityRow | undefined =>
  kubeadmAuthorities.find((row) => row.name === name);

export const commonNameOf = (certificate: Certificate | undefined): string | undefined =>
  certificate?.subject.attributes.findLast(({ type }) => type === 'CN')?.value;

/** The row that this CA belongs to by its name, if it is another one: the user's own CA may have any other name. */
export function misplaced(row: AuthorityRow, { subject }: Certificate): AuthorityRow | undefined {
  const name = subject.attributes.findLast(({ type }) => type === 'CN')?.value;
  return name === row.commonName
    ? undefined
    : kubeadmAuthorities.find(({ commonName }) => commonName === name);
}

export const octalOf = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0');

export class CheckContext {
  readonly reading: ClusterReading;
  readonly now: number;
  readonly cluster: Cluster | undefined;
  readonly findings: Finding[] = [];
  /** CAs whose own certificate spells their name differently from all certificates that they issued. */
  readonly respelt = new Set<AuthorityRow['name']>();
  readonly verifiers = new Map<string, ReturnType<typeof prepareTrust>>();
  knownCalls: readonly Call[] | undefined;

  constructor({ reading, now, cluster }: CheckQuestion) {
    this.reading = reading;
    this.now = now;
    this.cluster = cluster;
  }

  isControlPlane(): boolean {
    if (this.cluster) return true;
    const there = kubeadmLeaves.filter((row) => this.has(pairOf(row)));
    return there.length > 2 || there.some(({ name }) => name === 'apiserver');
  }

  /** If only `pki` was given, the kubeconfigs were not looked for. */
  demandsKubeconfigs(): boolean {
    return this.isControlPlane() && !this.reading.isPkiAlone;
  }

  /** With an external etcd, only its CA and the API server's client certificate are here. */
  isDemanded(row: AuthorityRow | LeafRow): boolean {
    const isEtcd = (one: AuthorityRow | LeafRow): boolean =>
      ('authority' in one ? one.authority : one.name) === 'etcd-ca';
    if (!this.isControlPlane()) return false;
    if (this.cluster !== undefined || !isEtcd(row)) return true;
    const isShared = (one: AuthorityRow | LeafRow): boolean =>
      one.name === 'etcd-ca' || one.name === 'apiserver-etcd-client';
    const isHere = kubeadmCertificates.some(
      (one) =>
        isEtcd(one) &&
        (isShared(one) ? one.name === 'etcd-ca' && this.reading.has(keyFile(one)) : this.has(pairOf(one))),
    );
    return (
      isHere || (isShared(row) && kubeadmCertificates.some((one) => isEtcd(one) && this.has(pairOf(one))))
    );
  }

  has({ certificate, key }: Pair): boolean {
    return this.reading.has(certificate) || this.reading.has(key);
  }

  /** A non-CA in a CA's place, or another CA of the cluster, is its own finding and is not used for verification. */
  authorityOf(name: AuthorityRow['name']): Certificate | undefined {
    const row = rowOf(name);
    const certificate = row && gotOf(this.reading.certificate(certificateFile(row)));
    return certificate && isAuthority(certificate, true) && !misplaced(row, certificate)
      ? certificate
      : undefined;
  }

  /** All CAs in a CA's file: users of the file trust all of them. */
  rootsOf(name: AuthorityRow['name']): readonly Certificate[] {
    const row = rowOf(name);
    return this.authorityOf(name) && row
      ? (gotOf(this.reading.certificates(certificateFile(row))) ?? []).filter((one) => isAuthority(one, true))
      : [];
  }

  allAuthorities(): [AuthorityRow['name'], Certificate][] {
    return kubeadmAuthorities.flatMap(({ name }) => {
      const certificate = this.authorityOf(name);
      return certificate ? [[name, certificate] as [AuthorityRow['name'], Certificate]] : [];
    });
  }

  /** The CA that has this key. @param spki DER of a SubjectPublicKeyInfo. */
  authorityWithKey(spki: Uint8Array): AuthorityRow['name'] | undefined {
    return this.allAuthorities().find(([, { publicKey }]) => sameBytes(publicKey.der, spki))?.[0];
  }

  /** A problem prevents its use. */
  isFaulty(path: string): boolean {
    const file = this.reading.where(path);
    return this.findings.some(
      (finding) =>
        finding.file === file && problems[finding.problem] === 'wrong' && finding.problem !== 'open_mode',
    );
  }

  readable<T>(
    path: string,
    part: { readonly got: T } | { readonly trouble: UserErrorFacts } | undefined,
  ): T | undefined {
    if (part && 'trouble' in part) {
      const { what, where, expected, received, remedy } = part.trouble;
      // A file that another one names is itself what cannot be read; a certificate and its key may be in one file.
      const named =
        where === undefined
          ? undefined
          : this.reading.paths.map((one) => this.reading.where(one)).find((one) => where === one);
      const file = named ?? this.reading.where(path);
      const isKnown = this.findings.some((one) => one.file === file && one.what.en === what.en);
      if (!isKnown)
        this.findings.push({
          file,
          problem: 'unreadable',
          ...words(
            what,
            remedy ?? {
              en: 'Copy the complete file again, or have it reissued.',
              ko: '전체를 다시 복사하거나 다시 발급받으세요.',
            },
            { expected, received },
          ),
        });
    }
    return gotOf(part);
  }

  add(path: string, problem: Problem, words: Omit<Finding, 'file' | 'problem'>): void {
    this.findings.push({ file: this.reading.where(path), problem, ...words });
  }

  /** The first certificate of a file. */
  certificate(path: string): Certificate | undefined {
    return gotOf(this.reading.certificate(path));
  }

  /** All certificates of a file. */
  chain(path: string): readonly Certificate[] {
    return gotOf(this.reading.certificates(path)) ?? [];
  }

  kubeconfig(path: string): ReadKubeconfig | undefined {
    return gotOf(this.reading.kubeconfig(path));
  }

  /** Kubeconfigs that kubeadm did not make. */
  get otherKubeconfigs(): string[] {
    const known = new Set(kubeadmKubeconfigs.map(({ name }) => name));
    return this.reading.otherKubeconfigs.filter((path) => !known.has(path));
  }
}
