/**
 * Implements `wirelab kube up`: runs an API server, its etcd and its components, each over its own wire, with the
 * certificates of a folder, until a signal ends it. On a terminal the wires are shown on the screen; otherwise each
 * request is a line. `up-service.ts` runs the control plane.
 */
import { randomBytes, X509Certificate } from 'node:crypto';
import { createServer } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import { formatAddress } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { releaseDelivered } from '../../capture/event-releaser.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { safeText } from '../../i18n/safe.ts';
import type { AnswerReport } from '../../kube/apiserver/server.ts';
import { listenError } from '../../wire/tcp/listen-error.ts';
import { repeated } from '../command.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { maxPayloadOf, memoryOptions } from '../io/memory.ts';
import { checkSecrets, fileOptions, isForScreen, lineWriter, openFiles } from '../io/outlets.ts';
import type { Files } from '../io/outlets.ts';
import { readVersion } from '../places.ts';
import { shellWord } from '../io/shell-word.ts';
import { defaultFolder } from './folder.ts';
import { openClusterFolder } from './up-folder.ts';
import type { UpFolder } from './up-folder.ts';
import { Repeats } from './up-repeats.ts';
import { optionalComponents, startUp } from './up-service.ts';
import type { Listening, OptionalComponent, UpSettings } from './up-service.ts';
import { etcdChoices } from './up-store.ts';

const defaults = { port: 6443, host: '127.0.0.1' } as const;

export const up: Command = {
  summary: {
    en: 'run an API server for the real kubectl',
    ko: '실제 kubectl로 접속하는 API 서버를 띄웁니다',
  },
  operands: '[--out DIR] [--port N]',
  options: {
    out: {
      value: 'DIR',
      help: {
        en: `the folder of the cluster; an empty one is filled as by kube pki (default: ${defaultFolder})`,
        ko: `클러스터 폴더. 비어 있으면 kube pki처럼 채웁니다(기본값: ${defaultFolder})`,
      },
    },
    port: {
      value: 'N',
      help: {
        en: `the port on ${defaults.host}; 0 selects a free one (default: ${defaults.port})`,
        ko: `${defaults.host}에서 연결을 받을 포트. 0은 빈 포트를 고릅니다(기본값: ${defaults.port})`,
      },
    },
    token: {
      value: 'ID.SECRET',
      help: {
        en: 'the bootstrap token for kubelets to request certificates, valid for 24 hours (default: a new one)',
        ko: 'kubelet이 인증서를 요청할 때 쓰는 부트스트랩 토큰. 24시간 동안 유효합니다(기본값: 새로 만듦)',
      },
    },
    etcd: {
      value: etcdChoices.join('|'),
      choices: etcdChoices,
      help: {
        en: 'the store for objects: the embedded etcd, the real one, or the real one if installed (default: embedded)',
        ko: '객체를 저장할 etcd: 내장 etcd(embedded), 실제 etcd(real), 설치되어 있으면 실제 etcd(auto). 기본값: embedded',
      },
    },
    without: {
      value: optionalComponents.join('|'),
      choices: optionalComponents,
      many: true,
      help: {
        en: 'a component to leave out: pods stay Pending without a scheduler',
        ko: '실행하지 않을 컴포넌트. 예를 들어 스케줄러가 없으면 파드는 Pending으로 남습니다',
      },
    },
    ...fileOptions,
    ...memoryOptions,
    'no-tui': { help: { en: 'plain text, no UI', ko: '화면 없이 줄 단위로 출력' } },
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
  },
  examples: [
    {
      line: './wirelab kube up',
      does: {
        en: 'then, in another terminal, run the printed export KUBECONFIG=...',
        ko: '화면에 나온 export KUBECONFIG=... 명령을 다른 터미널에서 실행합니다',
      },
    },
    {
      line: './wirelab kube up --etcd real',
      does: { en: 'with data that etcdctl can read too', ko: 'etcdctl로도 살펴볼 수 있습니다' },
    },
    {
      line: './wirelab kube up --out lab --port 16443 -w seen.pcapng --with-secrets',
      does: {
        en: 'another cluster and port, with the traffic of kubectl saved for Wireshark',
        ko: '다른 클러스터와 포트로 띄우고, kubectl과 주고받은 내용을 Wireshark용으로 저장합니다',
      },
    },
  ],
  exits: {
    en: 'Exit codes: 2 error in the command, a file or a port; 130, 143 ended by a signal. Objects are stored in the folder’s etcd and are available again at the next start.',
    ko: '종료 코드: 2는 명령이나 파일, 포트에 잘못이 있음, 130과 143은 시그널로 종료됨. 객체는 폴더 안의 etcd에 저장되어 다음에 시작할 때 그대로 있습니다.',
  },
  run: runUp,
};

async function runUp(parsed: Parsed, environment: Environment): Promise<number> {
  if (parsed.operands.length > 0) {
    const components = parsed.operands.filter((word) =>
      optionalComponents.some((component) => component === word),
    );
    throw misused(
      parsed.operands.join(' '),
      { en: 'options only', ko: '옵션만' },
      components.length > 0
        ? repeated('kube up', '--without', [...parsed.all('without').slice(-1), ...components])
        : undefined,
    );
  }
  checkSecrets('kube up', parsed);
  maxPayloadOf(parsed, 'kube up');
  const name = parsed.text('out') ?? defaultFolder;
  const port = portAsked(parsed);
  const token = tokenAsked(parsed);
  // Before anything is written: new kubeconfigs contain the port.
  if (port !== 0) await refuseTakenPort({ host: defaults.host, port });
  const folder = await openClusterFolder(
    name,
    `https://${defaults.host}:${port === 0 ? defaults.port : port}`,
  );
  const etcd = etcdChoices.find((choice) => choice === parsed.text('etcd'));
  const without = optionalComponents.filter((component) => parsed.all('without').includes(component));
  const settings: UpSettings = {
    listen: { host: defaults.host, port },
    folder,
    path: resolvePath(name),
    token,
    version: readVersion(environment.places.root),
    variables: environment.variables,
    ...(etcd ? { etcd } : {}),
    without,
  };
  if (isForScreen(parsed, environment))
    return (await import('./up-screen.ts')).upOnScreen({ settings, name, greeting }, parsed, environment);
  return upInLines(settings, name, parsed, environment);
}

async function upInLines(
  settings: UpSettings,
  name: string,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const { language } = environment;
  const warn = (words: Localized): void => void environment.stderr.write(`wirelab: ${words[language]}\n`);
  const files = await openFiles(parsed, environment, ({ facts }) => warn(facts.what));
  const signal = untilSignal();
  const write = lineWriter(environment);
  const repeats = new Repeats(systemClock, quiet);
  /** Connections that are aborted by the shutdown are not reported. */
  let isEnding = false;
  let running: Awaited<ReturnType<typeof startUp>> | undefined;
  try {
    const log = files.folds.length > 0 ? passingLog(files) : undefined;
    running = await startUp({
      ...settings,
      ...(log ? { log } : {}),
      onAnswered(report) {
        if (!isEnding && !isRoutine(report) && (!isComplaint(report) || repeats.isNew(complaintOf(report))))
          write(lineOf(report, language));
      },
      onSaid(who, text) {
        if (!isEnding) write(safeText(`${who}: ${text[language]}`));
      },
    });
    for (const line of greeting(settings, name, running)[language].split('\n')) write(line);
    const code = await signal;
    isEnding = true;
    const ended = running;
    running = undefined;
    await ended.close();
    return code;
  } finally {
    await running?.close(0);
    files.finish();
  }
}

function misused(
  received: string,
  expected: Localized,
  remedy: Localized = {
    en: 'Run ./wirelab kube up --help for examples.',
    ko: '예시 보기: ./wirelab kube up --help',
  },
): UserError {
  return new UserError({
    what: { en: 'invalid operand or option for kube up', ko: 'kube up으로 할 수 없는 작업입니다' },
    where: 'wirelab kube up',
    expected,
    received,
    remedy,
  });
}

function portAsked(parsed: Parsed): number {
  const text = parsed.text('port');
  if (text === undefined) return defaults.port;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw misused(`--port ${text}`, { en: 'a port from 0 to 65535', ko: '0에서 65535 사이의 포트' });
}

/** @throws UserError if the port is in use or not permitted. */
async function refuseTakenPort(listen: Address): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, listen)));
    server.listen({ ...listen, exclusive: true }, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/** A token in kubeadm's alphabet: lower-case letters and digits. */
function tokenAsked(parsed: Parsed): UpSettings['token'] {
  const text = parsed.text('token');
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(text ?? '') ?? [];
  if (id !== undefined && secret !== undefined) return { id, secret };
  if (text !== undefined)
    throw misused('--token', {
      en: 'six and sixteen lower-case letters or digits: abcdef.0123456789abcdef',
      ko: '소문자나 숫자 6자리와 16자리: abcdef.0123456789abcdef',
    });
  const drawn = [...randomBytes(64)]
    .filter((byte) => byte < 252)
    .map((byte) => 'abcdefghijklmnopqrstuvwxyz0123456789'[byte % 36] ?? '')
    .join('');
  return { id: drawn.slice(0, 6), secret: drawn.slice(6, 22) };
}

/** Output to files needs no memory: an event is released when the files have it. */
function passingLog({ folds }: Files): RunLog {
  const log = new CaptureLog({ clock: systemClock, endless: true });
  for (const fold of folds) log.subscribe(fold);
  log.subscribe(releaseDelivered(log));
  return log.openRun();
}

/** The exit code of the first signal; a second signal ends the process at once. */
async function untilSignal(): Promise<number> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first !== undefined) process.exit(first);
      first = exitCodes[signal as 'SIGINT' | 'SIGTERM'];
      resolve(first);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}

/** The instructions for connecting, printed once the server listens. */
export function greeting(
  { folder, token }: Pick<UpSettings, 'folder' | 'token'>,
  name: string,
  running: Listening,
): Localized {
  const url = `https://${formatAddress(running.address)}`;
  const shown = safeText(name);
  // If the certificate is for another address, the name that every cluster certificate has is used.
  const named =
    new X509Certificate(folder.apiserver.certificate).checkIP(defaults.host) === undefined
      ? '--tls-server-name=kubernetes '
      : '';
  const commands = howToCome(folder, name, url, named);
  const signs = whoSigns(folder, running);
  const [kept, others] = [
    whereKept(name, running),
    [
      unusedData(name, running),
      whoRuns(folder, running),
      whoCannot(running),
      ...whatIsWrong(folder, name),
    ].filter((words) => words !== undefined),
  ];
  const look = howToLook(name, running);
  return {
    en: [
      ...(folder.made
        ? [
            `Created in ${shown}: ${folder.made.made.length} certificates, keys and kubeconfigs, as kubeadm creates them.`,
          ]
        : []),
      `API server of ${shown}: ${url}`,
      kept.en,
      ...others.map(({ en }) => en),
      signs.en,
      `Bootstrap token: ${token.id}.${token.secret}`,
      'In another terminal:',
      commands.en,
      ...(look === undefined ? [] : ['To see what is stored in etcd:', look]),
      running.etcd
        ? 'Ctrl-C ends it; the objects are available again at the next start.'
        : 'Ctrl-C ends it; the objects are then lost.',
    ].join('\n'),
    ko: [
      ...(folder.made
        ? [`${shown}에 새로 만듦: kubeadm과 같은 인증서, 키, kubeconfig ${folder.made.made.length}개`]
        : []),
      `${shown} 클러스터의 API 서버: ${url}`,
      kept.ko,
      ...others.map(({ ko }) => ko),
      signs.ko,
      `부트스트랩 토큰: ${token.id}.${token.secret}`,
      '다른 터미널에서 실행하세요.',
      commands.ko,
      ...(look === undefined ? [] : ['etcd에 저장된 내용을 보려면:', look]),
      running.etcd
        ? 'Ctrl-C로 종료합니다. 저장된 객체는 다음에 시작할 때 그대로 있습니다.'
        : 'Ctrl-C로 종료합니다. 저장된 객체는 종료하면 사라집니다.',
    ].join('\n'),
  };
}

/**
 * Without a kubeconfig, kubectl uses ~/.kube/config, which belongs to another cluster: if this cluster has none, print
 * the requests that work without one.
 */
function howToCome(
  { kubeconfig, server }: Pick<UpFolder, 'kubeconfig' | 'server'>,
  name: string,
  url: string,
  named: string,
): Localized {
  if (kubeconfig !== undefined)
    return verbatim(
      `  export KUBECONFIG=${shellWord(resolvePath(name, kubeconfig))}\n  kubectl ${server === url ? '' : `--server=${url} ${named}`}auth whoami`,
    );
  const make = `./wirelab kube pki --out ${shellWord(name)}`;
  const ask = `  curl --cacert ${shellWord(resolvePath(name, 'pki', 'ca.crt'))} ${url}/version`;
  return {
    en: `${ask}\n  (kubectl needs an admin.conf, and there is none here. To create one: ${make}. Without it, kubectl uses the cluster in ~/.kube/config.)`,
    ko: `${ask}\n  (kubectl에 필요한 admin.conf가 없습니다. 만들려면: ${make}. 이 파일 없이 실행하면 kubectl은 ~/.kube/config의 클러스터에 접속합니다.)`,
  };
}

/** Number of problems on the first page. */
const mostFaults = 5;

/**
 * A real API server also starts with an expired certificate, and so does this one; the consequences and remedies are
 * printed.
 */
function whatIsWrong({ faults }: Pick<UpFolder, 'faults'>, name: string): Localized[] {
  const problems = faults.slice(0, mostFaults).map(
    ({ file, what, remedy }): Localized => ({
      en: `Problem: ${safeText(file)}: ${what.en}. ${remedy.en}`,
      ko: `잘못됨: ${safeText(file)}: ${what.ko}. ${remedy.ko}`,
    }),
  );
  if (problems.length === 0) return [];
  const command = `./wirelab kube pki check ${shellWord(name)}`;
  return [
    ...problems,
    {
      en: `The cluster runs anyway, but connections that rely on ${problems.length === 1 ? 'this file' : 'these files'} are refused. Full report: ${command}`,
      ko: `클러스터는 그래도 실행되지만, 이 파일을 쓰는 연결은 거부됩니다. 전체 점검: ${command}`,
    },
  ];
}

function whereKept(name: string, { etcd }: Listening): Localized {
  if (!etcd)
    return {
      en: 'Objects are stored in memory: this folder has no certificates for an etcd (pki/etcd).',
      ko: '객체는 메모리에 저장됩니다. 이 폴더에 etcd용 인증서(pki/etcd)가 없습니다.',
    };
  const [url, folder] = [
    `https://${formatAddress(etcd.visitorAddress ?? etcd.address)}`,
    safeText(`${name}/${etcd.folder.split('/').at(-1) ?? ''}`),
  ];
  return etcd.kind === 'real'
    ? {
        en: `Objects are stored in etcd ${etcd.version}, over mutual TLS: ${url} (data in ${folder})`,
        ko: `객체 저장: etcd ${etcd.version}, 상호 TLS: ${url}(데이터: ${folder})`,
      }
    : {
        en: `Objects are stored in the embedded etcd, over mutual TLS: ${url} (data in ${folder})`,
        ko: `객체 저장: 내장 etcd, 상호 TLS: ${url}(데이터: ${folder})`,
      };
}

/** Data of an etcd that does not run: a user who looks for it would not find it. */
function unusedData(name: string, { unused }: Listening): Localized | undefined {
  if (unused.length === 0) return undefined;
  const folders = unused.map((one) => `${safeText(name)}/${one.name}`).join(', ');
  const options = unused.map(({ kind }) => `--etcd ${kind}`).join(', ');
  return {
    en: `Not used: the data of another etcd in ${folders} (${options}).`,
    ko: `사용하지 않음: 다른 etcd의 데이터(${folders}, 옵션 ${options})`,
  };
}

const programOf = (component: OptionalComponent): string =>
  component === 'controller-manager' || component === 'scheduler' ? `kube-${component}` : component;

/** A missing signer is reported on a separate line. */
function whoCannot({ impossible }: Listening): Localized | undefined {
  const absent = [...impossible].filter(([component]) => component !== 'controller-manager');
  if (absent.length === 0) return undefined;
  const list = (gap: string): string =>
    absent.map(([component, files]) => `${programOf(component)}${gap}(${files.join(', ')})`).join(', ');
  return {
    en: `Not running: ${list(' ')}: these files are missing or unreadable.`,
    ko: `파일이 없거나 읽을 수 없어 실행하지 않음: ${list('')}`,
  };
}

function whoRuns({ kubelet }: UpFolder, { components }: Listening): Localized | undefined {
  const names = [...components].map(programOf).join(', ');
  if (names === '') return undefined;
  const node = components.has('kubelet') && kubelet ? safeText(kubelet.node) : undefined;
  return {
    en: `Also running: ${names}.${node === undefined ? '' : ` The node is ${node}; its kubelet runs no containers.`}`,
    ko: `함께 실행 중: ${names}.${node === undefined ? '' : ` 노드는 ${node}이며, 이 kubelet은 컨테이너를 실행하지 않습니다.`}`,
  };
}

/** With a certificate that may read everything: the contents of etcd, key by key. */
function howToLook(name: string, { etcd }: Listening): string | undefined {
  if (!etcd) return undefined;
  const folder = shellWord(resolvePath(name, 'pki', 'etcd'));
  const url = `https://${formatAddress(etcd.visitorAddress ?? etcd.address)}`;
  const proof = (option: string): string =>
    `--cacert "$E/ca.crt" ${option} "$E/healthcheck-client.crt" --key "$E/healthcheck-client.key"`;
  const [from, to] = ['/registry/', '/registry0'].map((key) => Buffer.from(key).toString('base64'));
  const asked =
    etcd.kind === 'real'
      ? `ETCDCTL_API=3 etcdctl --endpoints=${url} ${proof('--cert')} get /registry/ --prefix --keys-only`
      : `curl ${proof('--cert')} ${url}/v3/kv/range -d '{"key":"${from ?? ''}","range_end":"${to ?? ''}","keys_only":true}'`;
  return `  E=${folder}\n  ${asked}`;
}

function whoSigns({ signer, controllerManager }: UpFolder, { components }: Listening): Localized {
  if (signer && controllerManager && !components.has('controller-manager'))
    return {
      en: 'Certificate requests are not signed: the controller manager is not running.',
      ko: '서명하는 컴포넌트가 없습니다. 컨트롤러 매니저를 실행하지 않았습니다.',
    };
  if (!signer)
    return {
      en: 'Certificate requests are not signed: pki/ca.key is missing.',
      ko: '서명하는 컴포넌트가 없습니다. pki/ca.key가 이 폴더에 없습니다.',
    };
  if (!controllerManager)
    return {
      en: 'Certificate requests are not signed: controller-manager.conf is missing or unreadable.',
      ko: '서명하는 컴포넌트가 없습니다. controller-manager.conf가 없거나 읽을 수 없습니다.',
    };
  return {
    en: 'The controller manager signs approved requests; it connects over its own wire.',
    ko: '승인된 요청에는 컨트롤러 매니저가 서명합니다. 컨트롤러 매니저는 별도 구간으로 접속합니다.',
  };
}

/** `kubernetes-admin GET /api/v1/pods 200`. Text chosen by a client is made safe to print and shortened. */
export function lineOf(
  { user, impersonator, rejected, fault, method, target, code, message }: AnswerReport,
  language: Language,
): string {
  const who = [impersonator, user].flatMap((one) => (one ? [one.name.slice(0, 64)] : [])).join(' as ') || '-';
  const why =
    rejected?.words[language] ?? (fault instanceof Error ? (fault.stack ?? fault.message) : message);
  return safeText(
    [
      who,
      method.slice(0, 16),
      target.slice(0, 200),
      code,
      ...(why === undefined ? [] : [why.slice(0, 300)]),
    ].join(' '),
  );
}

/** Requests that components repeat all the time, successfully; "not found" and "already exists" are normal for them. */
function isRoutine({ user, code }: AnswerReport): boolean {
  return (code < 400 || code === 404 || code === 409) && user !== undefined && ownNames.test(user.name);
}

/** A component must succeed for this many milliseconds before the same error is reported again. */
const quiet = 60_000;

/** While the store fails, every component repeats all its requests. */
function isComplaint({ user, code }: AnswerReport): boolean {
  return code >= 500 && user !== undefined && ownNames.test(user.name);
}

const complaintOf = ({ user, code, message = '' }: AnswerReport): string =>
  `${user?.name ?? ''} ${code} ${message}`;

const ownNames =
  /^system:(?:kube-controller-manager|kube-scheduler|node:.+|serviceaccount:kube-system:kube-proxy)$/;
