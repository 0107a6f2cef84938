/**
 * Implements `wirelab kube user NAME`: makes a key and a request, has it signed, and writes a kubeconfig for the real
 * kubectl; beside each step, the commands of openssl and kubectl that do the same. `obtain.ts` speaks with the API
 * server, `by-hand.ts` has the commands.
 *
 * 1. A running cluster signs through its Certificates API; if none answers, the CA's key in the folder signs. Which of
 *    both is printed.
 * 2. Nothing is written before everything is there, and nothing that exists is overwritten without --force.
 */
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { systemClock } from '../../../core/clock.ts';
import { defined } from '../../../core/defined.ts';
import type { Localized } from '../../../i18n/language.ts';
import { verbatim } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { shellWord } from '../../../i18n/shell-word.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { ApiFailure } from '../../../kube/objects/objects.ts';
import { requestFor, signRequest } from '../../../pki/ca/request.ts';
import { makeKey } from '../../../pki/ca/sign.ts';
import { isKeyOf } from '../../../pki/ca/signing-policy.ts';
import { certificateFile, hostOf, keyFile } from '../../../pki/kubeadm/certificates.ts';
import { certificatePem, keyPem } from '../../../pki/kubeadm/issue.ts';
import { kubeconfigText } from '../../../pki/kubeadm/kubeconfig.ts';
import { yamlText } from '../../../pki/kubeadm/manifests/yaml-text.ts';
import { gotOf } from '../../../pki/kubeadm/reading.ts';
import type { ClusterReading } from '../../../pki/kubeadm/reading.ts';
import { pemCertificates } from '../../../pki/keystore/pem.ts';
import { isoTime, readCertificate } from '../../../protocols/x509/certificate.ts';
import type { Certificate } from '../../../protocols/x509/certificate.ts';
import type { Identity } from '../../../wire/endpoint.ts';
import { BrokenAnswer } from '../../../wire/http/client.ts';
import { outputLine } from '../../../ui/json/line.ts';
import type { LineOf } from '../../../ui/json/line.ts';
import { checkNewFiles, writeNewFiles } from '../../certs/files.ts';
import type { NewFile } from '../../certs/files.ts';
import { printJson, printTo } from '../../certs/print.ts';
import type { Command, Environment, Parsed } from '../../command.ts';
import { examplesOf } from '../../io/options-only.ts';
import { defaultFolder, readCluster } from '../folder.ts';
import { command, stepsByHand } from './by-hand.ts';
import type { ByHand, Signing, UserPaths } from './by-hand.ts';
import { objectName, signedByCluster, signingRequest } from './obtain.ts';
import type { Cluster } from './obtain.ts';

const days = 365;

export const user: Command = {
  summary: {
    en: 'make a user: a key, a certificate of the cluster’s CA, and a kubeconfig',
    ko: '사용자를 만듭니다: 키, 클러스터 CA가 서명한 인증서, kubeconfig',
  },
  operands: 'NAME',
  options: {
    group: {
      value: 'NAME',
      many: true,
      help: { en: 'a group of the user (O in the certificate)', ko: '사용자의 그룹(인증서의 O)' },
    },
    out: {
      value: 'FILE',
      help: {
        en: 'the kubeconfig; key, request and certificate beside it (default: NAME.conf)',
        ko: 'kubeconfig 파일. 키, 요청, 인증서는 그 옆에 둡니다(기본값: NAME.conf)',
      },
    },
    cluster: {
      value: 'DIR',
      help: {
        en: `the folder of the cluster (default: ${defaultFolder})`,
        ko: `클러스터 폴더(기본값: ${defaultFolder})`,
      },
    },
    server: {
      value: 'URL',
      help: {
        en: 'the API server’s URL (default: the one in admin.conf)',
        ko: 'API 서버의 URL(기본값: admin.conf에 적힌 값)',
      },
    },
    force: { help: { en: 'overwrite existing files', ko: '이미 있는 파일을 덮어쓰기' } },
    json: { help: { en: 'one JSON object', ko: 'JSON 객체 하나로 출력' } },
  },
  examples: [
    {
      line: './wirelab kube user alice --group dev',
      does: {
        en: 'asks the running kube up; if there is none, signs with pki/ca.key',
        ko: '실행 중인 kube up에 요청합니다. 없으면 pki/ca.key로 서명합니다',
      },
    },
    {
      line: 'kubectl --kubeconfig alice.conf auth whoami',
      does: { en: 'what the cluster takes alice for', ko: '클러스터가 alice를 누구로 알아보는지 확인합니다' },
    },
  ],
  exits: {
    en: 'Exit codes: 0 done; 2 error in the command, a file or the cluster’s answer, and nothing was written.',
    ko: '종료 코드: 0은 완료, 2는 명령이나 파일, 클러스터의 응답에 잘못이 있음(아무것도 쓰지 않음).',
  },
  run: makeUser,
};

interface Asked {
  readonly name: string;
  readonly groups: readonly string[];
  readonly folder: string;
  readonly paths: UserPaths;
  readonly server?: string;
  readonly force: boolean;
}

async function makeUser(parsed: Parsed, environment: Environment): Promise<number> {
  const asked = askedIn(parsed);
  const { name, groups, folder, paths, force } = asked;
  checkNewFiles(
    Object.values(paths).map((path) => ({ path, flag: '--out' })),
    force,
  );
  const found = clusterFound(await readCluster(folder), asked);
  const key = makeKey('P-256');
  const request = requestFor(key, {
    subject: [...groups.map((group) => ['O', group] as const), ['CN', name] as const],
  });
  const { certificate, signing, note } = await signedFor(request, found, asked);
  const cluster = 'kubernetes';
  const proof = { certificate, key: keyPem(key) };
  const issued = leafOf(certificate);
  // An API server may have made it up.
  if (!issued || !isKeyOf(key, issued)) throw anotherKeys(name, found.server);
  const files: NewFile[] = [
    { path: paths.key, text: proof.key, mode: 0o600 },
    { path: paths.request, text: request, mode: 0o644 },
    ...(signing.by === 'api'
      ? [{ path: paths.manifest, text: yamlText(signingRequest(signing.name, request)), mode: 0o644 }]
      : []),
    { path: paths.certificate, text: certificate, mode: 0o644 },
    {
      path: paths.kubeconfig,
      text: kubeconfigText({ cluster, server: found.server, user: name, authority: found.authority, proof }),
      mode: 0o600,
    },
  ].map((file) => ({ ...file, flag: '--out' }));
  writeNewFiles(files, force);
  const byHand = {
    name,
    groups,
    paths,
    authority: found.authorityFile,
    server: found.server,
    cluster,
    signing,
  };
  if (parsed.flag('json')) printJson(environment, madeJson(byHand, certificate, files));
  else printMade(byHand, certificate, found, note, environment);
  return 0;
}

function anotherKeys(name: string, server: string): UserError {
  return new UserError({
    what: {
      en: 'the certificate that the cluster has issued is not for the requested key',
      ko: '클러스터가 발급한 인증서가 요청한 키의 것이 아닙니다',
    },
    where: server,
    expected: { en: 'a certificate for the key in the request', ko: '요청에 든 키에 대한 인증서' },
    remedy: {
      en: `Look at what was requested and issued: kubectl get csr ${objectName(name)} -o yaml`,
      ko: `요청한 것과 발급된 것을 살펴보세요: kubectl get csr ${objectName(name)} -o yaml`,
    },
  });
}

function askedIn(parsed: Parsed): Asked {
  const [name, ...more] = parsed.operands;
  if (name === undefined || more.length > 0)
    throw misused(parsed.operands.join(' '), { en: 'the name of one user', ko: '사용자 이름 하나' });
  const groups = parsed.all('group');
  for (const [where, text] of [
    ['NAME', name],
    ...groups.map((group) => ['--group', group] as const),
  ] as const)
    if (!/^[^\p{Cc}]{1,64}$/u.test(text) || text.trim() !== text)
      throw misused(text, {
        en: `${where}: 1 to 64 characters, as a certificate takes them`,
        ko: `${where}: 인증서에 넣을 수 있는 1–64자`,
      });
  if (name.startsWith('-'))
    throw misused(name, {
      en: 'NAME: no dash at its start, which kubectl and openssl take for an option',
      ko: 'NAME: kubectl과 openssl이 옵션으로 읽는 줄표(-)로 시작하지 않는 이름',
    });
  const out = parsed.text('out') ?? `${name.replaceAll(/[/\\]/g, '-')}.conf`;
  const base = out.replace(/\.(?:conf|kubeconfig)$/, '');
  return defined({
    name,
    groups,
    folder: parsed.text('cluster') ?? defaultFolder,
    paths: {
      key: `${base}.key`,
      request: `${base}.csr`,
      manifest: `${base}-csr.yaml`,
      certificate: `${base}.crt`,
      kubeconfig: out,
    },
    server: serverAsked(parsed),
    force: parsed.flag('force'),
  });
}

function serverAsked(parsed: Parsed): string | undefined {
  const server = parsed.text('server');
  if (server === undefined || hostOf(server) !== undefined) return server;
  throw misused(`--server ${server}`, verbatim('https://HOST:6443'));
}

function misused(received: string, expected: Localized): UserError {
  return new UserError({
    what: { en: 'invalid operand or option for kube user', ko: 'kube user에 쓸 수 없는 인수나 옵션입니다' },
    where: 'wirelab kube user',
    expected,
    received,
    remedy: examplesOf('kube user'),
  });
}

interface Found {
  readonly server: string;
  /** PEM. */
  readonly authority: string;
  /** Its file, for commands. */
  readonly authorityFile: string;
  /** The options of kubectl for it. */
  readonly admin?: { readonly options: readonly string[]; readonly identity: Identity };
  readonly signer?: { readonly file: string; readonly identity: Identity };
}

/** @throws UserError for a folder that has neither an administrator nor the key of the CA. */
function clusterFound(reading: ClusterReading, { folder, server: asked }: Asked): Found {
  const [certificatePath, keyPath] = [certificateFile({ file: 'ca' }), keyFile({ file: 'ca' })];
  const certificate = reading.certificate(certificatePath);
  if (certificate && 'trouble' in certificate) throw new UserError(certificate.trouble);
  if (!certificate) throw nothingToSign(folder);
  const authority = certificatePem(certificate.got);
  const key = gotOf(reading.key(keyPath));
  const admins = ['admin.conf', 'super-admin.conf'].flatMap((file) => {
    const config = gotOf(reading.kubeconfig(file));
    const [own, secret] = [gotOf(config?.certificate), gotOf(config?.key)];
    return config && own && secret
      ? [
          {
            file: reading.where(file),
            server: config.server,
            identity: { certificate: certificatePem(own), key: keyPem(secret) },
          },
        ]
      : [];
  });
  const [admin] = admins;
  if (!admin && !key) throw nothingToSign(folder);
  return defined({
    server: asked ?? admin?.server ?? 'https://127.0.0.1:6443',
    authority,
    authorityFile: reading.where(certificatePath),
    admin: admin && {
      options: [
        `--kubeconfig=${admin.file}`,
        ...(asked === undefined || asked === admin.server ? [] : [`--server=${asked}`]),
      ],
      identity: admin.identity,
    },
    signer: key && {
      file: reading.where(keyPath),
      identity: { certificate: authority, key: keyPem(key) },
    },
  });
}

function nothingToSign(folder: string): UserError {
  return new UserError({
    what: existsSync(folder)
      ? {
          en: 'the folder has neither an administrator’s kubeconfig nor the key of the CA',
          ko: '폴더에 관리자의 kubeconfig도 CA의 키도 없습니다',
        }
      : { en: 'the folder does not exist', ko: '그런 폴더가 없습니다' },
    where: folder,
    expected: verbatim('pki/ca.crt, admin.conf | pki/ca.key'),
    remedy: {
      en: `Run ./wirelab kube pki --out ${shellWord(folder)} to create them.`,
      ko: `만들려면: ./wirelab kube pki --out ${shellWord(folder)}`,
    },
  });
}

interface Outcome {
  readonly certificate: string;
  readonly signing: Signing;
  /** Why no API server was asked. */
  readonly note?: Localized;
}

/** Rule 1. @throws UserError */
async function signedFor(request: string, found: Found, asked: Asked): Promise<Outcome> {
  const { admin, server, authority, signer } = found;
  const host = hostOf(server);
  let note: Localized | undefined;
  if (admin && host !== undefined) {
    const to = { host, port: Number(new URL(server).port || 443) };
    const signed = await byCluster({ to, authority, admin: admin.identity }, request, asked, server);
    if (signed.outcome === 'signed')
      return {
        certificate: signed.certificate,
        signing: { by: 'api', name: signed.name, admin: admin.options },
      };
    const isAbsent = signed.code === 'ECONNREFUSED';
    const message = safeText(signed.message);
    note = isAbsent
      ? { en: `nothing listens at ${server}`, ko: `${server}: 연결을 받는 서버가 없습니다` }
      : {
          en: `no API server of this cluster is at ${server} (${message})`,
          ko: `${server}: 이 클러스터의 API 서버가 아닙니다(${message})`,
        };
  }
  if (!signer)
    throw new UserError({
      what: {
        en: `no API server answers, and the key of the CA is not in the folder${note ? `: ${note.en}` : ''}`,
        ko: `응답하는 API 서버도, 폴더 안의 CA 키도 없습니다${note ? `. ${note.ko}` : ''}`,
      },
      where: asked.folder,
      remedy: {
        en: `Start the cluster: ./wirelab kube up --out ${shellWord(asked.folder)}; or name its server: --server URL`,
        ko: `클러스터를 띄우세요: ./wirelab kube up --out ${shellWord(asked.folder)}. 다른 주소에 있다면 --server URL을 쓰세요`,
      },
    });
  const certificate = signRequest(request, {
    authority: signer.identity,
    profile: 'client',
    clock: systemClock,
    random: randomBytes,
    validity: { from: '-300s', to: `${days}d` },
  });
  return defined({ certificate, signing: { by: 'key' as const, key: signer.file, days }, note });
}

/** @throws UserError for what the API server refuses. */
async function byCluster(
  cluster: Cluster,
  request: string,
  { name }: Asked,
  server: string,
): ReturnType<typeof signedByCluster> {
  try {
    return await signedByCluster(cluster, name, request, AbortSignal.timeout(30_000));
  } catch (error) {
    if (!(error instanceof ApiFailure) && !(error instanceof BrokenAnswer)) throw error;
    throw new UserError(
      {
        what: {
          en: 'the cluster has not signed the request',
          ko: '클러스터가 요청에 서명하지 않았습니다',
        },
        where: server,
        received: safeText(error.message),
        remedy: {
          en: `Is there a request? kubectl get csr ${objectName(name)} -o yaml shows its conditions.`,
          ko: `요청이 있다면 kubectl get csr ${objectName(name)} -o yaml 명령으로 상태(conditions)를 살펴보세요.`,
        },
      },
      { cause: error },
    );
  }
}

function leafOf(certificate: string): Certificate | undefined {
  const [der] = pemCertificates(certificate);
  const step = der ? readCertificate(der) : undefined;
  return step && 'got' in step ? step.got : undefined;
}

function endOf(certificate: string): string | undefined {
  const leaf = leafOf(certificate);
  return leaf && isoTime(leaf.notAfter);
}

function madeJson(
  { name, groups, server, signing }: ByHand,
  certificate: string,
  files: readonly NewFile[],
): LineOf<'kube-user'> {
  return outputLine({
    v: 2,
    kind: 'kube-user',
    user: name,
    groups,
    server,
    signedBy: signing.by,
    ...(signing.by === 'api' ? { request: signing.name } : {}),
    expires: endOf(certificate) ?? '',
    files: files.map(({ path, mode }) => ({ path, mode: mode.toString(8).padStart(4, '0') })),
  });
}

function printMade(
  byHand: ByHand,
  certificate: string,
  { admin }: Found,
  note: Localized | undefined,
  environment: Environment,
): void {
  const { name, groups, signing, server, paths } = byHand;
  const print = printTo(environment);
  const [shown, end] = [safeText(name), endOf(certificate) ?? ''];
  const of = groups.length === 0 ? '' : ` (${safeText(groups.join(', '))})`;
  print.mark(
    '✓',
    signing.by === 'api'
      ? {
          en: `${shown}${of}: signed by the cluster at ${server}, request ${signing.name}, until ${end}`,
          ko: `${shown}${of}: ${server} 클러스터가 서명함. 요청 ${signing.name}, 만료 ${end}`,
        }
      : {
          en: `${shown}${of}: signed with ${signing.key}, until ${end}${note ? `; ${note.en}` : ''}`,
          ko: `${shown}${of}: ${signing.key} 키로 서명함. 만료 ${end}${note ? `. ${note.ko}` : ''}`,
        },
    0,
  );
  if (groups.includes('system:masters'))
    print.mark('!', {
      en: 'system:masters bypasses every role, and no binding takes that back: only a new CA does',
      ko: 'system:masters는 모든 인가 검사를 건너뜁니다. 바인딩을 지워도 막을 수 없고 CA를 바꿔야 합니다',
    });
  print.page.blank();
  print.say({
    en: 'Step by step, and the same by hand:',
    ko: '단계별로 한 일과, 같은 일을 직접 하는 명령:',
  });
  for (const [at, { does, commands }] of stepsByHand(byHand).entries()) {
    print.page.behind(` ${at + 1}. `, does[environment.language]);
    for (const line of commands.flatMap((one) => one.split('\n'))) print.page.verbatim(`    ${line}`);
  }
  print.page.blank();
  print.say({
    en: 'A certificate gives a name and groups; roles give rights. In kubectl:',
    ko: '인증서는 이름과 그룹을, 롤은 권한을 줍니다. kubectl로:',
  });
  print.page.verbatim(`  kubectl --kubeconfig=${shellWord(paths.kubeconfig)} auth whoami`);
  if (!admin) return;
  const words = ['kubectl', ...admin.options, 'create', 'rolebinding', `${objectName(name)}-view`];
  for (const line of command([...words, '--clusterrole=view', `--user=${name}`]).split('\n'))
    print.page.verbatim(`  ${line}`);
}
