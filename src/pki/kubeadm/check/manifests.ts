/**
 * Checks the files that the processes' flags name: that they are there, of the right kind, from the right CA, and
 * belong together. A file in kubeadm's own place is checked as such elsewhere, and is not reported again here.
 */
import { sameBytes } from '../../../core/bytes.ts';
import { verbatim } from '../../../i18n/language.ts';
import { josa } from '../../../i18n/josa.ts';
import type { Pair as Words } from '../../../i18n/language.ts';
import { isKeyOf } from '../../ca/signing-policy.ts';
import { visible } from '../../x509/name-lint.ts';
import { isAuthority, isIssuedBy } from '../../x509/verify.ts';
import { clusterOf, keyFile, kubeadmKubeconfigs, kubeadmLeaves } from '../certificates.ts';
import type { AuthorityRow } from '../certificates.ts';
import { flagsOf } from '../manifests/flags.ts';
import type { FileFlag, FlagProcess } from '../manifests/flags.ts';
import { inFolder, kubeletFiles, manifestOf, staticPodNames } from '../manifests/processes.ts';
import { commandIn, flagValue, settingIn } from '../manifests/read-manifest.ts';
import { gotOf } from '../reading.ts';
import { commonNameOf, rowOf } from './context.ts';
import type { CheckContext } from './context.ts';
import { checkMode, checkPairedKey, checkWritable } from './files.ts';
import { words } from './finding.ts';
import type { Problem } from './finding.ts';
import { createPublicKey } from 'node:crypto';

export function checkManifests(check: CheckContext): void {
  const settings = settingsOf(check);
  for (const { process, where, valueOf } of settings) {
    const mode = check.reading.mode(where);
    if (mode !== undefined) checkWritable(check, where, mode);
    const servers = process === 'kube-apiserver' ? (valueOf('etcd-servers') ?? '') : '';
    const isPlain = servers !== '' && servers.split(',').every((url) => url.startsWith('http://'));
    for (const row of flagsOf(process)) {
      if (isPlain && row.flag.startsWith('etcd-')) continue;
      new FlagCheck(check, where, row, valueOf).check();
    }
    const etcd = settings.find((one) => one.process === 'etcd')?.valueOf('listen-client-urls') ?? '';
    if (servers.includes('http://') && etcd !== '' && !etcd.includes('http://'))
      check.add(where, 'wrong_server', plainEtcd(etcd, servers));
  }
  const { certificate, key } = kubeletFiles.serving;
  if (check.reading.has(certificate))
    checkPairedKey(check, kubeletFiles.serving, gotOf(check.reading.certificate(certificate)));
  else if (check.reading.has(key)) checkMode(check, key);
}

/** Whether a process was given other files than kubeadm gives it; the manifests that say so. */
export function changedManifests(check: CheckContext): string[] {
  return settingsOf(check)
    .filter(({ process, valueOf }) =>
      flagsOf(process).some(({ flag, file }) => {
        const value = valueOf(flag) ?? '';
        // Without the CA's key, kubeadm leaves what signs empty.
        const isUnsigned =
          value === '' && flag.startsWith('cluster-signing-') && !check.reading.has(keyFile({ file: 'ca' }));
        return !isUnsigned && inFolder(value) !== file;
      }),
    )
    .map(({ where }) => where);
}

interface Settings {
  readonly process: FlagProcess;
  /** The file that has them. */
  readonly where: string;
  readonly valueOf: (flag: string) => string | undefined;
}

/** Of the processes whose files are there and can be read; of the others it is reported. */
function settingsOf(check: CheckContext): Settings[] {
  const pods = staticPodNames.flatMap((process): Settings[] => {
    const where = manifestOf(process);
    if (!check.reading.has(where)) return [];
    const manifest = check.readable(where, check.reading.yaml(where));
    const command = commandIn(manifest);
    if (command) return [{ process, where, valueOf: (flag) => flagValue(command, flag) }];
    if (manifest !== undefined)
      check.add(
        where,
        'unreadable',
        words(['it is not a Pod with a container', '컨테이너가 있는 Pod가 아닙니다'], again, {
          expected: verbatim('apiVersion: v1, kind: Pod, spec.containers'),
        }),
      );
    return [];
  });
  const { config } = kubeletFiles;
  const found = check.reading.has(config) ? check.readable(config, check.reading.yaml(config)) : undefined;
  return [
    ...pods,
    ...(found === undefined
      ? []
      : [{ process: 'kubelet' as const, where: config, valueOf: (flag: string) => settingIn(found, flag) }]),
  ];
}

const plainEtcd = (expected: string, received: string): ReturnType<typeof words> =>
  words(
    [
      '--etcd-servers has no TLS, but this folder’s etcd listens with TLS only',
      '--etcd-servers에는 TLS가 없는데, 이 폴더의 etcd는 TLS로만 접속을 받습니다',
    ],
    correct,
    { expected: verbatim(visible(expected)), received: visible(received) },
  );

const correct: Words = [
  'Correct it; the process reads it at its next start.',
  '바로잡으세요. 프로세스는 다음에 시작할 때 읽습니다.',
];

/** The flag is as kubeadm writes it. */
const bring: Words = [
  'Put the file there, or make it: ./wirelab kube pki. That of an external etcd comes from those who run it.',
  '파일을 그 자리에 두거나 ./wirelab kube pki로 만드세요. 외부 etcd의 파일은 etcd 운영자에게 받습니다.',
];

const again: Words = [
  'Move it aside, then run ./wirelab kube pki --out DIR to create it again.',
  '다른 곳으로 옮기고 ./wirelab kube pki --out DIR 명령으로 다시 만드세요.',
];

class FlagCheck {
  readonly #check: CheckContext;
  readonly #where: string;
  readonly #row: FileFlag;
  readonly #valueOf: (flag: string) => string | undefined;

  constructor(check: CheckContext, where: string, row: FileFlag, valueOf: Settings['valueOf']) {
    this.#check = check;
    this.#where = where;
    this.#row = row;
    this.#valueOf = valueOf;
  }

  check(): void {
    const value = this.#valueOf(this.#row.flag) ?? '';
    if (value === '') return this.#checkAbsent();
    const path = inFolder(value);
    // Files elsewhere on the node are not in this folder.
    if (path === undefined) return;
    if (!this.#check.reading.has(path))
      return this.#add('flag_without_file', [
        `${this.#name} names a file that does not exist: ${visible(value)}`,
        `${josa(this.#name, '이/가')} 가리키는 파일이 없습니다: ${visible(value)}`,
      ]);
    if (path === this.#row.file) return;
    const problem = this.#wrongContents(path);
    if (problem) this.#add(...problem, visible(path));
    else this.#checkHalves(path);
  }

  get #name(): string {
    return this.#row.process === 'kubelet' ? this.#row.flag : `--${this.#row.flag}`;
  }

  #checkAbsent(): void {
    const { flag, optional, without } = this.#row;
    const isExternal =
      flag.startsWith('cluster-signing-') && !this.#check.reading.has(keyFile({ file: 'ca' }));
    if (optional || isExternal) return;
    this.#add('flag_absent', [
      `${this.#name} is missing: ${without.en}`,
      `${josa(this.#name, '이/가')} 없습니다. ${without.ko}`,
    ]);
  }

  #add(problem: Problem, what: Words, received?: string): void {
    const { process, file, flag } = this.#row;
    const isMissing = problem === 'flag_without_file' && inFolder(this.#valueOf(flag) ?? '') === file;
    const expected =
      process === 'kubelet' ? `${flag}: /etc/kubernetes/${file}` : `--${flag}=/etc/kubernetes/${file}`;
    this.#check.add(
      this.#where,
      problem,
      words(what, isMissing ? bring : correct, {
        ...(isMissing ? {} : { expected: verbatim(expected) }),
        received,
      }),
    );
  }

  /** Of a file in another place than kubeadm's. */
  #wrongContents(path: string): readonly [Problem, Words] | undefined {
    const { kind } = this.#row;
    return kind === 'ca'
      ? this.#wrongAuthority(path)
      : kind === 'certificate'
        ? this.#wrongCertificate(path)
        : kind === 'kubeconfig'
          ? this.#wrongKubeconfig(path)
          : this.#wrongKey(path);
  }

  #otherKind(path: string, en: string, ko: string): readonly [Problem, Words] {
    return [
      'flag_wrong_file',
      [
        `${this.#name} needs ${en}, and ${path} is none`,
        `${josa(this.#name, '은/는')} ${ko} 파일을 가리켜야 하는데 ${path} 파일은 그렇지 않습니다`,
      ],
    ];
  }

  #wrongAuthority(path: string): readonly [Problem, Words] | undefined {
    const found = gotOf(this.#check.reading.certificates(path));
    if (!found?.some((one) => isAuthority(one, true)))
      return this.#otherKind(path, 'a CA certificate', 'CA 인증서');
    const own = this.#check.authorityOf(this.#row.row as AuthorityRow['name']);
    if (!own || found.some((one) => sameBytes(one.publicKey.der, own.publicKey.der))) return undefined;
    return this.#foreign(path);
  }

  #foreign(path: string): readonly [Problem, Words] {
    const { row } = this.#row;
    const leaf = kubeadmLeaves.find(({ name }) => name === row);
    const authority = rowOf(leaf?.authority ?? row)?.name ?? row;
    return [
      'flag_wrong_authority',
      leaf
        ? [
            `${this.#name} names a certificate that ${authority} has not signed: ${path}`,
            `${josa(this.#name, '이/가')} 가리키는 인증서는 ${josa(authority, '이/가')} 서명한 것이 아닙니다: ${path}`,
          ]
        : [
            `${this.#name} names a CA other than ${authority}: ${path}`,
            `${josa(this.#name, '이/가')} 가리키는 CA는 ${josa(authority, '이/가')} 아닙니다: ${path}`,
          ],
    ];
  }

  #wrongCertificate(path: string): readonly [Problem, Words] | undefined {
    const leaf = kubeadmLeaves.find(({ name }) => name === this.#row.row);
    const chain = gotOf(this.#check.reading.certificates(path)) ?? [];
    const [certificate] = chain;
    if (!leaf || !certificate || certificate.basicConstraints?.isCa)
      return this.#otherKind(path, 'a certificate', '인증서');
    const usages = certificate.extendedKeyUsage;
    const lacking = leaf.usages.find(
      (usage) => usages && !usages.includes(usage) && !usages.includes('anyExtendedKeyUsage'),
    );
    const roots = this.#check.rootsOf(leaf.authority);
    if (roots.length > 0 && !chain.some((one) => roots.some((root) => isIssuedBy(one, root))))
      return this.#foreign(path);
    return lacking === 'serverAuth'
      ? this.#otherKind(path, 'a server certificate', '서버 인증서')
      : lacking === 'clientAuth'
        ? this.#otherKind(path, 'a client certificate', '클라이언트 인증서')
        : undefined;
  }

  #wrongKey(path: string): readonly [Problem, Words] | undefined {
    const kinds = new Set((gotOf(this.#check.reading.contents(path)) ?? []).map(({ kind }) => kind));
    if (this.#row.kind === 'key')
      return kinds.has('private-key') ? undefined : this.#otherKind(path, 'a private key', '개인 키');
    return kinds.has('public-key') || kinds.has('private-key')
      ? undefined
      : this.#otherKind(path, 'a public key', '공개 키');
  }

  #wrongKubeconfig(path: string): readonly [Problem, Words] | undefined {
    const config = gotOf(this.#check.reading.kubeconfig(path));
    if (!config) return this.#otherKind(path, 'a kubeconfig', 'kubeconfig');
    const name = commonNameOf(gotOf(config.certificate));
    const row = kubeadmKubeconfigs.find((one) => one.name === this.#row.row);
    const expected = row?.commonName(clusterOf());
    return name === undefined || expected === undefined || name === expected
      ? undefined
      : [
          'flag_wrong_file',
          [
            `${this.#name} names the kubeconfig of ${visible(name)}: its roles are bound to ${expected}`,
            `${josa(this.#name, '이/가')} 가리키는 kubeconfig는 ${visible(name)} 사용자의 것입니다. 롤은 ${expected} 사용자에게 연결되어 있습니다`,
          ],
        ];
  }

  /** A certificate and a key that belong to different pairs, reported once, at the flag of the key. */
  #checkHalves(path: string): void {
    const { half, kind, row } = this.#row;
    const { reading } = this.#check;
    const other = half === undefined ? undefined : inFolder(this.#valueOf(half) ?? '');
    const isKeyKept =
      this.#row.kind === 'certificate' && other !== undefined && isOwn(this.#row.process, half, other);
    const [certificatePath, keyPath] = kind === 'key' ? [other, path] : [path, other];
    if (half === undefined) return row === 'sa' ? this.#checkAccountKey(path) : undefined;
    if (kind !== 'key' && !isKeyKept) return;
    const certificate =
      certificatePath === undefined ? undefined : gotOf(reading.certificate(certificatePath));
    const key = keyPath === undefined ? undefined : gotOf(reading.key(keyPath));
    if (certificate && key && !isKeyOf(key, certificate))
      this.#add('flag_wrong_file', [
        `--${half} and ${this.#name} name files that do not belong together: ${other}, ${path}`,
        `--${half} 파일과 ${this.#name} 파일은 서로 짝이 아닙니다: ${other}, ${path}`,
      ]);
  }

  /** Tokens are signed with sa.key and verified with sa.pub. */
  #checkAccountKey(path: string): void {
    const key = gotOf(this.#check.reading.key('pki/sa.key'));
    const own = key && createPublicKey(key).export({ type: 'spki', format: 'der' });
    const secret = gotOf(this.#check.reading.key(path));
    const halves = [
      ...(gotOf(this.#check.reading.publicKeys(path)) ?? []),
      ...(secret ? [createPublicKey(secret).export({ type: 'spki', format: 'der' })] : []),
    ];
    if (own && !halves.some((half) => own.equals(half)))
      this.#add('flag_wrong_file', [
        `${this.#name} names another key than sa.key: tokens that are signed with one are refused with the other`,
        `${josa(this.#name, '이/가')} sa.key와 다른 키를 가리킵니다. 한쪽으로 서명한 토큰을 다른 쪽에서 거부합니다`,
      ]);
  }
}

/** Whether a flag names its file in kubeadm's place. */
const isOwn = (process: FlagProcess, flag: string | undefined, path: string): boolean =>
  flagsOf(process).some((row) => row.flag === flag && row.file === path);
