/**
 * The commands of openssl and kubectl that do what `kube user` does, step by step, in the same files. They can be
 * copied: each stands on its own, long ones on several lines.
 */
import type { Localized } from '../../../i18n/language.ts';
import { shellWord } from '../../../i18n/shell-word.ts';

export interface UserPaths {
  readonly key: string;
  readonly request: string;
  /** The object for the Certificates API. */
  readonly manifest: string;
  readonly certificate: string;
  readonly kubeconfig: string;
}

/** Who signs: the running cluster through its Certificates API, or the key of its CA. */
export type Signing =
  /** `admin`: the options that make kubectl the administrator of this cluster. */
  | { readonly by: 'api'; readonly name: string; readonly admin: readonly string[] }
  | { readonly by: 'key'; readonly key: string; readonly days: number };

export interface ByHand {
  readonly name: string;
  readonly groups: readonly string[];
  readonly paths: UserPaths;
  /** The certificate of the cluster's CA. */
  readonly authority: string;
  readonly server: string;
  readonly cluster: string;
  readonly signing: Signing;
}

export interface Step {
  readonly does: Localized;
  readonly commands: readonly string[];
}

const width = 76;

/** A command, broken between its options where it is too long. */
export function command(words: readonly string[]): string {
  const lines: string[] = [];
  let line = '';
  for (const unit of unitsOf(words)) {
    if (line !== '' && line.length + unit.length + 3 > width) {
      lines.push(`${line} \\`);
      line = `  ${unit}`;
    } else line = line === '' ? unit : `${line} ${unit}`;
  }
  return [...lines, line].join('\n');
}

/** Words, an option together with its value. */
function unitsOf(words: readonly string[]): string[] {
  const units: string[] = [];
  for (const [at, word] of words.entries()) {
    const before = words[at - 1];
    const isValue =
      before !== undefined && /^-[^=]*$/.test(before) && !word.startsWith('-') && units.length > 0;
    if (isValue) units.push(`${units.pop() ?? ''} ${shellWord(word)}`);
    else units.push(shellWord(word));
  }
  return units;
}

/** As openssl takes it: slashes and what else has a meaning there behind a backslash. */
export const opensslSubject = (groups: readonly string[], name: string): string =>
  [...groups.map((group) => `/O=${escaped(group)}`), `/CN=${escaped(name)}`].join('');

const escaped = (text: string): string => text.replace(/[\\/+]/g, (character) => `\\${character}`);

export function stepsByHand({
  name,
  groups,
  paths,
  authority,
  server,
  cluster,
  signing,
}: ByHand): readonly Step[] {
  const { key, request, manifest, certificate, kubeconfig } = paths;
  const config = (...words: readonly string[]): string =>
    command(['kubectl', 'config', ...words, `--kubeconfig=${kubeconfig}`]);
  return [
    {
      does: { en: `a key, which stays with ${name}`, ko: `개인 키. ${name} 사용자만 갖고 있습니다` },
      commands: [
        command([
          'openssl',
          'genpkey',
          '-algorithm',
          'EC',
          '-pkeyopt',
          'ec_paramgen_curve:P-256',
          '-out',
          key,
        ]),
      ],
    },
    {
      does: {
        en: 'a signing request: CN is the user, O the groups',
        ko: '서명 요청(CSR). CN은 사용자, O는 그룹입니다',
      },
      commands: [
        command([
          'openssl',
          'req',
          '-new',
          '-key',
          key,
          '-subj',
          opensslSubject(groups, name),
          '-out',
          request,
        ]),
      ],
    },
    signing.by === 'api'
      ? {
          does: {
            en: 'posted to the API server, and approved; its controller manager signs',
            ko: '실행 중인 API 서버에 보내 승인하면 컨트롤러 매니저가 서명합니다',
          },
          commands: [
            command(['kubectl', ...signing.admin, 'apply', '-f', manifest]),
            command(['kubectl', ...signing.admin, 'certificate', 'approve', signing.name]),
            `${command([
              'kubectl',
              ...signing.admin,
              'get',
              'csr',
              signing.name,
              '-o',
              'jsonpath={.status.certificate}',
            ])} |\n  base64 -d > ${shellWord(certificate)}`,
          ],
        }
      : {
          does: {
            en: 'signed with the key of the CA; the cluster keeps no record of it',
            ko: 'CA의 키로 서명합니다. 클러스터에는 기록이 남지 않습니다',
          },
          commands: [
            `echo extendedKeyUsage=clientAuth > ${shellWord(extensionsFile(certificate))}`,
            command([
              'openssl',
              'x509',
              '-req',
              '-in',
              request,
              '-CA',
              authority,
              '-CAkey',
              signing.key,
              '-days',
              String(signing.days),
              '-extfile',
              extensionsFile(certificate),
              '-out',
              certificate,
            ]),
          ],
        },
    {
      does: {
        en: 'a kubeconfig: where the cluster is, who comes, and both together',
        ko: 'kubeconfig. 클러스터의 위치와 사용자, 그리고 둘을 묶은 컨텍스트입니다',
      },
      commands: [
        config(
          'set-cluster',
          cluster,
          `--server=${server}`,
          `--certificate-authority=${authority}`,
          '--embed-certs',
        ),
        config(
          'set-credentials',
          name,
          `--client-certificate=${certificate}`,
          `--client-key=${key}`,
          '--embed-certs',
        ),
        config('set-context', `${name}@${cluster}`, `--cluster=${cluster}`, `--user=${name}`),
        config('use-context', `${name}@${cluster}`),
      ],
    },
  ];
}

const extensionsFile = (certificate: string): string => certificate.replace(/(?:\.crt)?$/, '.ext');
