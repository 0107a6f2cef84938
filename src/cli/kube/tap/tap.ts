/**
 * Implements `wirelab kube tap`: a mutual TLS proxy in front of a real API server, until a signal ends it. kubectl calls it with
 * a configuration of its own; who calls what is shown on the screen, or printed as a line. `tap-service.ts` runs it.
 */
import { existsSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { loadReadings } from '../../../analysis/conversation/conversation.ts';
import { EventReleaser } from '../../../capture/event-releaser.ts';
import { hostPort } from '../../../capture/event.ts';
import { Flows } from '../../../capture/flows.ts';
import { CaptureLog } from '../../../capture/log.ts';
import { systemClock } from '../../../core/clock.ts';
import { inEach } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import { safeText } from '../../../i18n/safe.ts';
import { UserError } from '../../../i18n/user-error.ts';
import { configFiles, readUserConfig } from '../../../kube/kubectl/user-config.ts';
import type { UserConfig } from '../../../kube/kubectl/user-config.ts';
import { TappedCalls } from '../../../kube/tapped-calls.ts';
import { LiveReport, loadLive } from '../../../ui/text/live.ts';
import { wantsAscii } from '../../../i18n/ascii.ts';
import { signalExits } from '../../command.ts';
import type { Command, Environment, Parsed } from '../../command.ts';
import { isLoopback } from '../../io/loopback.ts';
import { maxPayloadOf, memoryOptions } from '../../io/memory.ts';
import { optionsOnly } from '../../io/options-only.ts';
import {
  checkSecrets,
  fileOptions,
  isForScreen,
  isOnTerminal,
  lineWriter,
  openFiles,
} from '../../io/outlets.ts';
import { screenOptions } from '../../io/screen-options.ts';
import { shellWord } from '../../../i18n/shell-word.ts';
import { warningLine } from '../../io/user-error-text.ts';
import { readVersion } from '../../places.ts';
import { addressIn } from '../../proxy/setting-values.ts';
import { isTapConfig } from './file.ts';
import { warningsOf } from './warnings.ts';
import { prepareTap, startTap, tapWires } from './service.ts';
import type { Tap } from './service.ts';
import type { PreparedTap } from './settings.ts';
import { callLine, unansweredLine } from '../up-lines.ts';
import { untilSignal } from '../until-signal.ts';

const usualFile = 'tap.kubeconfig';

export const tap: Command = {
  summary: {
    en: 'watch kubectl and a real cluster, through a proxy with mutual TLS',
    ko: 'kubectl과 실제 클러스터의 통신을 상호 TLS 프록시에서 보여 줍니다',
  },
  operands: '[--kubeconfig FILE] [--context NAME] [--listen HOST:PORT]',
  options: {
    kubeconfig: {
      value: 'FILE',
      help: {
        en: 'your kubectl configuration, which is not changed (default: as kubectl, KUBECONFIG or ~/.kube/config)',
        ko: '평소 쓰는 kubectl 설정. 이 파일은 고치지 않습니다(기본값: kubectl처럼 KUBECONFIG나 ~/.kube/config)',
      },
    },
    context: {
      value: 'NAME',
      help: {
        en: 'a context of that configuration (default: its current one)',
        ko: '그 설정에서 쓸 컨텍스트(기본값: 현재 컨텍스트)',
      },
    },
    listen: {
      value: 'HOST:PORT',
      help: {
        en: 'where kubectl connects to, on this machine (default: 127.0.0.1:0, a free port)',
        ko: 'kubectl이 접속할 이 컴퓨터의 주소(기본값: 127.0.0.1:0, 빈 포트)',
      },
    },
    out: {
      value: 'FILE',
      help: {
        en: `the configuration for kubectl, with mode 0600; it is removed at the end (default: ${usualFile})`,
        ko: `kubectl에 줄 설정 파일. 권한은 0600이며 끝날 때 지웁니다(기본값: ${usualFile})`,
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
      line: './wirelab kube tap',
      does: {
        en: `then, in another terminal: export KUBECONFIG=${usualFile}; kubectl get pods`,
        ko: `다른 터미널에서: export KUBECONFIG=${usualFile}; kubectl get pods`,
      },
    },
    {
      line: './wirelab kube tap --context staging --no-tui -w calls.pcapng',
      does: {
        en: 'print a line for each call to another cluster, and keep the traffic for Wireshark',
        ko: '다른 클러스터에 대한 호출을 한 줄씩 출력하고, 통신은 Wireshark용으로 저장합니다',
      },
    },
  ],
  exits: {
    en: `Exit codes: 2 error in the command, the configuration, or a server that cannot be reached or trusted; ${signalExits.en}. Calls go to a real cluster and change it as they would without wirelab.`,
    ko: `종료 코드: 2는 명령이나 설정에 잘못이 있거나 서버에 접속할 수 없거나 신뢰할 수 없음, ${signalExits.ko}. 호출은 실제 클러스터로 가며, wirelab이 없을 때와 똑같이 클러스터를 바꿉니다.`,
  },
  run: runTap,
};

async function runTap(parsed: Parsed, environment: Environment): Promise<number> {
  optionsOnly(parsed, 'kube tap');
  checkSecrets('kube tap', parsed);
  maxPayloadOf(parsed, 'kube tap');
  const { variables } = environment;
  const listen = addressIn(parsed.text('listen') ?? '127.0.0.1:0', '--listen');
  if (!isLoopback(listen.host))
    throw new UserError({
      what: {
        en: '--listen is not a loopback address: others could reach a proxy that has your credentials',
        ko: '--listen이 루프백 주소가 아닙니다. 내 자격 증명을 쓰는 프록시에 다른 사람도 접속할 수 있게 됩니다',
      },
      where: 'wirelab kube tap',
      expected: { en: '127.0.0.1, [::1] or localhost', ko: '127.0.0.1, [::1] 또는 localhost' },
      received: listen.host,
    });
  const yaml = await import('yaml');
  const files = configFiles(parsed.text('kubeconfig'), variables, existsSync);
  refuseOwn(files);
  const file = resolvePath(parsed.text('out') ?? usualFile);
  refuseShared(file, parsed);
  const read = (context: string | undefined): UserConfig => readUserConfig(files, context, yaml);
  const prepared = await prepareTap(
    {
      config: read(parsed.text('context')),
      read,
      listen,
      file,
      version: readVersion(environment.places.root),
      variables,
      yaml,
    },
    isOnTerminal(environment),
  );
  if (isForScreen(parsed, environment))
    return (await import('./screen.ts')).tapOnScreen(prepared, greetingOnScreen, parsed, environment);
  for (const warning of warningsOf(prepared))
    environment.stderr.write(warningLine(warning, environment.language));
  return tapInLines(prepared, parsed, environment);
}

/** @throws UserError if another output would take the place of the configuration. */
function refuseShared(file: string, parsed: Parsed): void {
  const option = (['write', 'keylog'] as const).find((name) => {
    const path = parsed.text(name);
    return path !== undefined && resolvePath(path) === file;
  });
  if (option === undefined) return;
  throw new UserError({
    what: {
      en: `--${option} and the configuration for kubectl are the same file`,
      ko: `--${option} 파일과 kubectl 설정 파일이 같습니다`,
    },
    where: file,
    remedy: { en: 'Name another one with --out FILE.', ko: '--out FILE로 다른 이름을 지정하세요.' },
  });
}

function refuseOwn(files: readonly string[]): void {
  const own = files.find(isTapConfig);
  if (own === undefined) return;
  throw new UserError({
    what: {
      en: 'this is the configuration that kube tap wrote for kubectl, not that of your cluster',
      ko: '클러스터의 설정이 아니라 kube tap이 kubectl용으로 만든 설정입니다',
    },
    where: own,
    remedy: {
      en: 'Unset KUBECONFIG in this terminal, or name your own configuration with --kubeconfig FILE.',
      ko: '이 터미널에서 unset KUBECONFIG를 실행하거나, 원래 설정을 --kubeconfig FILE로 지정하세요.',
    },
  });
}

const greetingOnScreen = (prepared: PreparedTap, running: Pick<Tap, 'address'>): Localized =>
  inEach((language) =>
    [...warningsOf(prepared), greeting(prepared, running)].map((words) => words[language]).join('\n'),
  );

/** What is typed in another terminal. */
function greeting({ config, file }: PreparedTap, { address }: Pick<Tap, 'address'>): Localized {
  const [server, context] = [safeText(config.server), safeText(config.context)];
  const commands = [`  export KUBECONFIG=${shellWord(file)}`, '  kubectl auth whoami'];
  return {
    en: [
      `Context ${context}: ${server}, through the proxy on ${hostPort(address)}.`,
      'In another terminal:',
      ...commands,
      'The calls go to the real cluster. Ctrl-C ends the proxy and removes that file.',
    ].join('\n'),
    ko: [
      `${context} 컨텍스트: ${hostPort(address)} 프록시를 거쳐 ${server} 서버로 갑니다.`,
      '다른 터미널에서 실행하세요.',
      ...commands,
      '호출은 실제 클러스터로 갑니다. Ctrl-C를 누르면 프록시가 끝나고 위 파일은 지워집니다.',
    ].join('\n'),
  };
}

async function tapInLines(prepared: PreparedTap, parsed: Parsed, environment: Environment): Promise<number> {
  const { language, variables } = environment;
  const warn = (words: Localized): void => void environment.stderr.write(warningLine(words, language));
  const files = await openFiles(parsed, environment, ({ facts }) => warn(facts.what));
  const signal = untilSignal();
  const write = lineWriter(environment);
  await Promise.all([loadReadings(), loadLive('quiet')]);
  const log = new CaptureLog({
    clock: systemClock,
    endless: true,
    relaysFirst: true,
    ...maxPayloadOf(parsed, 'kube tap'),
  });
  const flows = new Flows(log);
  const forgetting = new EventReleaser(log);
  let running: Tap | undefined;
  const calls = new TappedCalls({
    flows,
    hop: tapWires.callers,
    certificate: () => running?.certificate(),
    onCall: (call) => write(callLine(call, language)),
    onUnanswered: (call) => write(unansweredLine(call, language)),
  });
  // Refusals have cards; the calls have lines of their own.
  const refusals = new LiveReport({
    flows,
    language,
    columns: 100,
    detail: 'quiet',
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    write,
    reproduce: () => undefined,
    onPrinted(conn) {
      flows.forget(conn);
      forgetting.forget(conn);
    },
  });
  for (const fold of files.folds) log.subscribe(fold);
  log.subscribe((event) => {
    flows.fold(event);
    forgetting.fold(event);
    calls.fold(event);
    refusals.fold(event);
  });
  try {
    running = await startTap(prepared, { log: log.openRun(), onNote: warn });
    for (const line of greeting(prepared, running)[language].split('\n')) write(line);
    return await signal;
  } finally {
    await running?.close();
    files.finish();
  }
}
