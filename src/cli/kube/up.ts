/**
 * Implements `wirelab kube up`: runs an API server, its etcd and its components, each over its own wire, with the
 * certificates of a folder, until a signal ends it. On a terminal the wires are shown on the screen; otherwise each
 * request is a line. `up-service.ts` runs the control plane.
 */
import { releaseDelivered } from '../../capture/event-releaser.ts';
import type { Address } from '../../capture/event.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { UserError } from '../../i18n/user-error.ts';
import { listenError } from '../../wire/tcp/listen-error.ts';
import { repeated, signalExits } from '../command.ts';
import type { Command, Environment, Parsed } from '../command.ts';
import { maxPayloadOf, memoryOptions } from '../io/memory.ts';
import { checkSecrets, fileOptions, isForScreen, lineWriter, openFiles } from '../io/outlets.ts';
import { screenOptions } from '../io/screen-options.ts';
import type { Files } from '../io/outlets.ts';
import { warningLine } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import { examplesOf } from '../io/options-only.ts';
import { externalEtcdAsked, externalEtcdOptions } from './etcd/external-etcd.ts';
import { readEncryptionFile } from './etcd/encryption-file.ts';
import { defaultFolder } from './folder.ts';
import { openClusterFolder } from './up-folder.ts';
import { defaults, greeting, usage } from './up-greeting.ts';
import { complaintOf, isComplaint, isRoutine, lineOf, quiet } from './up-lines.ts';
import { Repeats } from './up-repeats.ts';
import { optionalComponents, startUp } from './up-service.ts';
import type { UpSettings } from './up-service.ts';
import { demandEtcd, etcdChoices } from './up-store.ts';
import { untilSignal } from './until-signal.ts';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { resolve as resolvePath } from 'node:path';

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
    ...externalEtcdOptions,
    'encryption-provider-config': {
      value: 'FILE',
      help: {
        en: 'an EncryptionConfiguration: which resources are encrypted in etcd, and how',
        ko: 'etcd에 무엇을 어떻게 암호화해 저장할지 적은 EncryptionConfiguration 파일',
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
    'ignore-faults': {
      help: {
        en: 'start also with expired or foreign certificates, as a real API server does',
        ko: '만료되었거나 다른 CA가 서명한 인증서가 있어도 실제 API 서버처럼 시작',
      },
    },
    ...fileOptions,
    ...memoryOptions,
    'no-tui': { help: { en: 'plain text, no UI', ko: '화면 없이 줄 단위로 출력' } },
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
    ...screenOptions,
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
    en: `Exit codes: 2 error in the command, a file or a port; ${signalExits.en}. Objects are stored in the folder’s etcd and are available again at the next start.`,
    ko: `종료 코드: 2는 명령이나 파일, 포트에 잘못이 있음, ${signalExits.ko}. 객체는 폴더 안의 etcd에 저장되어 다음에 시작할 때 그대로 있습니다.`,
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
  const encryptionFile = parsed.text('encryption-provider-config');
  const encryption = encryptionFile === undefined ? undefined : await readEncryptionFile(encryptionFile);
  const external = externalEtcdAsked(parsed);
  const etcd = etcdChoices.find((choice) => choice === parsed.text('etcd'));
  if (etcd === 'real') await demandEtcd(environment.variables);
  // Before anything is written: new kubeconfigs contain the port.
  if (port !== 0) await refuseTakenPort({ host: defaults.host, port });
  const folder = await openClusterFolder(
    name,
    `https://${defaults.host}:${port === 0 ? defaults.port : port}`,
    { externalEtcd: external !== undefined, ignoresFaults: parsed.flag('ignore-faults') },
  );
  const without = optionalComponents.filter((component) => parsed.all('without').includes(component));
  const settings: UpSettings = {
    listen: { host: defaults.host, port },
    folder,
    path: resolvePath(name),
    token,
    version: readVersion(environment.places.root),
    variables: environment.variables,
    ...(etcd ? { etcd } : {}),
    ...(encryption ? { encryption } : {}),
    ...(external ? { external } : {}),
    without,
  };
  if (isForScreen(parsed, environment))
    return (await import('./up-screen.ts')).upOnScreen(
      { settings, name, greeting, usage },
      parsed,
      environment,
    );
  return upInLines(settings, name, parsed, environment);
}

async function upInLines(
  settings: UpSettings,
  name: string,
  parsed: Parsed,
  environment: Environment,
): Promise<number> {
  const { language } = environment;
  const warn = (words: Localized): void => void environment.stderr.write(warningLine(words, language));
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
    for (const line of greeting(settings, name, running)[language].split('\n')) write(safeText(line));
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
  remedy: Localized = examplesOf('kube up'),
): UserError {
  return new UserError({
    what: { en: 'invalid operand or option for kube up', ko: 'kube up에 쓸 수 없는 인수나 옵션입니다' },
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
