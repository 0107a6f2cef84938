/**
 * Implements `wirelab run`: reads the command line, loads and plans the scenario, and opens the files that a run writes.
 * `run/scenario-screen.ts` shows it on a screen, `run/in-lines.ts` prints it.
 *
 * 1. Files are opened before anything runs: an unwritable file is reported before the demonstration, not after it.
 * 2. Standard output carries only the report; everything else goes to standard error.
 * 3. A signal ends the run in order: sockets are closed, the capture file is completed, then it exits with the signal's code (`io/ending.ts`).
 */
import { UserError } from '../i18n/user-error.ts';
import { features } from '../features/registry.ts';
import type { SuppliedInput } from '../engine/extensions.ts';
import { loadScenario, scenarioNames } from '../engine/load.ts';
import { planScenario } from '../engine/planning.ts';
import type { Plan } from '../engine/plan.ts';
import type { CompiledScenario } from '../engine/scenario.ts';
import { mostShortStops } from '../engine/file/short.ts';
import { plannedStops } from '../engine/plan.ts';
import type { Command, Environment, Parsed } from './command.ts';
import { maxPayloadOf, memoryOptions } from './io/memory.ts';
import { goesWithout } from './io/options-only.ts';
import { checkSecrets, fileOptions, isForScreen, noFiles, openFiles } from './io/outlets.ts';
import type { Files } from './io/outlets.ts';
import { closePage, openPage, pageOption } from './run/page/file.ts';
import type { PageFile } from './run/page/file.ts';
import type { Recorded } from './run/replay/recorder.ts';
import { closeSave, openSave, saveOption } from './run/replay/save.ts';
import type { SaveFile } from './run/replay/save.ts';
import { screenOptions } from './io/screen-options.ts';
import { shellWord } from '../i18n/shell-word.ts';
import { watchEndingSignals } from './io/signals.ts';
import { noteUntranslated } from './author/untranslated.ts';
import { scenarioPlaces } from './places.ts';
import { askedHosts, canRunOnHosts, hostsOptions, scenariosOnHosts } from './run/hosts-options.ts';
import type { AskedHosts } from './run/hosts-options.ts';
import type { Opening } from './run/opening.ts';
import { paceOf } from './run/pace.ts';
import type { Playable } from './run/stage.ts';
import { shareOptions, sharedAt } from './run/share/options.ts';
import { worldOf } from './run/world.ts';

export const run: Command = {
  summary: {
    en: 'run a scenario, by name or by the path of its folder',
    ko: '시나리오를 실행합니다(이름 또는 폴더 경로)',
  },
  operands: 'NAME|PATH [...]',
  options: {
    'no-tui': {
      help: {
        en: 'plain text, no UI and no pauses',
        ko: '화면이나 멈춤 없이 줄 단위로 출력',
      },
    },
    json: {
      help: {
        en: 'one JSON object per line; the last one is the verdict',
        ko: '한 줄에 JSON 객체 하나씩 출력(마지막 줄이 판정)',
      },
    },
    pace: {
      value: 'auto|read|step|MILLISECONDS',
      help: {
        en: 'continue on a key (step), when the text has had time to be read (read), after a pause, or at once (auto; on the screen as read). Default: step on the screen, else auto',
        ko: '키를 누를 때(step), 글을 읽을 시간이 지난 뒤(read), 일정한 시간 뒤, 또는 바로(auto, 화면에서는 read와 같음) 진행. 기본값: 화면에서는 step, 그 밖에는 auto',
      },
    },
    loop: {
      help: {
        en: 'for a booth: begins anew after the verdict, until you quit; several NAMEs take turns. Any key takes over; after 2 minutes without one it begins again',
        ko: '전시용: 판정이 끝나면 처음부터 다시, 끝낼 때까지 반복. 시나리오 여럿을 번갈아 보여 줄 수 있음. 키를 누르면 넘겨받고, 2분 동안 누르지 않으면 다시 시작',
      },
    },
    short: {
      help: {
        en: 'only the way to the takeaway, in at most 12 steps; the claims about the others are not judged',
        ko: '핵심까지 12단계 이내로 짧게. 건너뛴 단계의 주장은 판정하지 않음',
      },
    },
    step: {
      value: 'N|ID',
      help: {
        en: 'open at a step, by its number or id (./wirelab list NAME); what lies before it has run. With --loop and one NAME, each round opens there',
        ko: '번호나 id로 고른 단계에서 시작(./wirelab list NAME으로 확인). 그 앞은 실행만 함. --loop로 시나리오 하나를 반복하면 매번 그 단계에서 시작',
      },
    },
    ...hostsOptions,
    ...fileOptions,
    ...pageOption,
    ...saveOption,
    ...shareOptions,
    ...memoryOptions,
    hold: {
      help: {
        en: 'keep the servers running afterwards; short commands (sh alice) run curl and openssl against them',
        ko: '끝난 뒤에도 계속 띄워 둡니다. 짧은 명령(sh alice)으로 curl과 openssl 접속을 해 볼 수 있습니다',
      },
    },
    peers: {
      help: {
        en: 'also run curl, openssl and gnutls-cli, and compare with the predicted output',
        ko: '출력을 예측해 둔 로그인을 curl, openssl, gnutls-cli로도 시도',
      },
    },
    csr: {
      value: 'FILE',
      help: {
        en: 'submit your own signing request to a scenario that accepts one (csr)',
        ko: '인증서 서명 요청(CSR)을 받는 시나리오(csr)에 직접 만든 요청을 제출',
      },
    },
    from: {
      value: 'FILE',
      help: {
        en: 'show TCP’s three-packet handshake from your own capture (handshake)',
        ko: '직접 캡처한 파일(pcap, pcapng)에 담긴 TCP 패킷 세 개를 보여 줌(handshake)',
      },
    },
    notes: {
      help: {
        en: "also print the speaker's notes; ./wirelab notes shows them in a second terminal instead",
        ko: '발표자 메모도 출력. ./wirelab notes는 두 번째 터미널에 보여 줌',
      },
    },
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
    ...screenOptions,
  },
  examples: [
    { line: './wirelab run plaintext', does: { en: 'a login leaks', ko: '로그인 정보가 유출됩니다' } },
    {
      line: './wirelab run mtls --lang ko',
      does: {
        en: 'a client without a valid certificate is refused, in Korean',
        ko: '올바른 인증서가 없는 클라이언트가 거부됩니다',
      },
    },
    {
      line: './wirelab run tls -w tls.pcapng --with-secrets',
      does: {
        en: 'a capture that Wireshark can decrypt',
        ko: 'Wireshark에서 바로 복호화되는 캡처 파일',
      },
    },
    {
      line: './wirelab run mtls --html mtls.html',
      does: {
        en: 'the run as a page, with every byte explained',
        ko: '실행 내용을 모든 바이트의 설명이 담긴 페이지로 저장',
      },
    },
    {
      line: './wirelab run mtls --save mtls.wirelab',
      does: {
        en: 'the run in a file, for ./wirelab replay',
        ko: '실행을 파일로 저장. ./wirelab replay로 다시 봅니다',
      },
    },
    {
      line: './wirelab run mtls --share 0.0.0.0:8080',
      does: {
        en: 'the room follows on its own screens; o shows the address as a QR code',
        ko: '청중이 각자의 화면에서 따라 봅니다. o를 누르면 주소가 QR 코드로 나옵니다',
      },
    },
    {
      line: './wirelab run tls --hold',
      does: {
        en: 'try it with your own curl; Ctrl-C ends it',
        ko: '직접 curl로 접속해 봅니다. Ctrl-C로 끝냅니다',
      },
    },
    {
      line: './wirelab run fake-site --hosts netns -w router.pcapng',
      does: {
        en: 'on three network stacks; the router’s tcpdump shows the lie',
        ko: '네트워크 스택 셋에서 실행. 라우터의 tcpdump에 거짓 응답이 보입니다',
      },
    },
    {
      line: './wirelab run mtls --short --step nobody',
      does: {
        en: 'the way to the takeaway, from the client without a certificate on',
        ko: '인증서가 없는 클라이언트부터 핵심까지 짧게',
      },
    },
    {
      line: './wirelab run plaintext tls mtls --loop',
      does: { en: 'again and again, at reading speed', ko: '읽는 속도로 계속 반복' },
    },
    {
      line: './wirelab run csr --csr my.csr',
      does: {
        en: 'how a CA processes your own request',
        ko: '직접 만든 요청을 CA가 어떻게 처리하는지 봅니다',
      },
    },
    {
      line: './wirelab run handshake --from my.pcapng',
      does: {
        en: "TCP's three-packet handshake from your own capture",
        ko: '직접 캡처한 파일에서 TCP 패킷 세 개를 봅니다',
      },
    },
    { line: './wirelab run mtls --json | tail -1', does: { en: 'only the verdict', ko: '판정만 보기' } },
  ],
  run: runCommand,
};

async function runCommand(parsed: Parsed, environment: Environment): Promise<number> {
  const { places } = environment;
  const isOnScreen = isForScreen(parsed, environment);
  const [name, ...more] = namesIn(parsed, environment);
  checkLoop(parsed, isOnScreen);
  const planned = (scenario: CompiledScenario, supplied: SuppliedInput = {}): Plan =>
    parsed.flag('short') ? shortPlan(scenario, supplied) : planScenario(features, scenario, supplied);
  const compiled = await loadScenario(name, scenarioPlaces(places));
  noteUntranslated(compiled, environment);
  const [csr, from] = [parsed.text('csr'), parsed.text('from')];
  const supplied: SuppliedInput = {
    ...(csr === undefined ? {} : await submittedRequest(csr, compiled)),
    ...(from === undefined ? {} : await submittedOpening(from, compiled)),
  };
  const plan = planned(compiled, supplied);
  const recorded = { compiled, plan, short: parsed.flag('short'), supplied };
  const others: Playable[] = [];
  for (const one of more) {
    const other = await loadScenario(one, scenarioPlaces(places));
    noteUntranslated(other, environment);
    others.push({ compiled: other, plan: planned(other) });
  }
  const opening = await openingOf(parsed, plan);
  const pace = paceOf(parsed, environment);
  checkSecrets('run', parsed);
  maxPayloadOf(parsed, 'run');
  const isLooped = parsed.flag('loop');
  const hosts = askedHosts(parsed);
  if (hosts) hosts.standsOf(plan, canRunOnHosts(plan) ? [] : await scenariosOnHosts(scenarioPlaces(places)));
  const share = sharedAt(parsed);
  const performance = { plan, pace, opening, hosts, share, parsed, environment };
  if (isOnScreen) {
    const { files, page, save } = isLooped
      ? { files: noFiles, page: undefined, save: undefined }
      : await outputsOf(parsed, environment, hosts, recorded);
    try {
      const { performOnScreen } = await import('./run/scenario-screen.ts');
      return await performOnScreen({
        ...performance,
        compiled,
        files,
        page,
        save,
        ...(isLooped ? { loop: others } : {}),
      });
    } finally {
      files.close();
      closePage(page, environment);
      closeSave(save, environment);
    }
  }
  // Before the files are opened: what is written for this run is removed, however early it ends.
  const ending = watchEndingSignals();
  try {
    const { files, page, save } = await outputsOf(parsed, environment, hosts, recorded);
    try {
      const [world, { performInLines }] = await Promise.all([
        worldOf(compiled, places),
        import('./run/in-lines.ts'),
      ]);
      return await performInLines({ ...performance, world, files, page, save, ending });
    } finally {
      files.close();
      closePage(page, environment);
      closeSave(save, environment);
    }
  } finally {
    ending.stop();
  }
}

/** Everything that is written beside the report. */
async function outputsOf(
  parsed: Parsed,
  environment: Environment,
  hosts: AskedHosts | undefined,
  recorded: Recorded,
): Promise<{
  readonly files: Files;
  readonly page: PageFile | undefined;
  readonly save: SaveFile | undefined;
}> {
  const files = await filesOf(parsed, environment, hosts);
  let page: PageFile | undefined;
  try {
    page = openPage(parsed);
    return { files, page, save: openSave(parsed, recorded) };
  } catch (error) {
    files.close();
    page?.abandon();
    throw error;
  }
}

/** On hosts of their own, the packets are the router's. */
async function filesOf(
  parsed: Parsed,
  environment: Environment,
  hosts: AskedHosts | undefined,
): Promise<Files> {
  const interfaces = hosts && (await import('./run/on-hosts.ts')).routerInterfaces;
  return openFiles(parsed, environment, undefined, interfaces);
}

/** The short version. @throws UserError where a long scenario has none. */
export function shortPlan(compiled: CompiledScenario, supplied: SuppliedInput = {}): Plan {
  const plan = planScenario(features, compiled, supplied, { short: true });
  const { length } = plannedStops(plan.steps);
  if (compiled.file.short || length <= mostShortStops) return plan;
  throw new UserError({
    what: { en: 'this scenario has no short version', ko: '이 시나리오에는 짧은 버전이 없습니다' },
    where: 'wirelab run --short',
    expected: {
      en: `short: with the steps that belong to it in its scenario.yaml, or at most ${mostShortStops} stops`,
      ko: `scenario.yaml의 short: 항목에 적은 단계들, 또는 모두 ${mostShortStops}단계 이하`,
    },
    received: compiled.name,
  });
}

async function openingOf(parsed: Parsed, plan: Plan): Promise<Opening | undefined> {
  const step = parsed.text('step');
  if (step === undefined) return undefined;
  if (parsed.flag('json'))
    throw new UserError({
      what: {
        en: '--step chooses what a person sees; --json prints the whole run',
        ko: '--step은 사람이 볼 곳을 고르고, --json은 전체를 출력합니다',
      },
      where: 'wirelab run',
      expected: { en: '--step without --json', ko: '--json 없이 --step' },
      received: '--step --json',
    });
  const { openingAt } = await import('./run/opening.ts');
  const list = [
    './wirelab list',
    shellWord(parsed.operands[0] ?? ''),
    ...(parsed.flag('short') ? ['--short'] : []),
  ];
  return openingAt(step, plan, list.join(' '));
}

/** A step is one of one scenario. */
function refuseStep(parsed: Parsed): void {
  const step = parsed.text('step');
  if (step === undefined) return;
  throw new UserError({
    what: {
      en: '--step opens one scenario; a loop of several begins each at its introduction',
      ko: '--step은 시나리오 하나를 그 단계에서 엽니다. 여럿을 반복하면 각각 소개부터 시작합니다',
    },
    where: 'wirelab run',
    expected: { en: '--step with one scenario', ko: '시나리오 하나와 --step' },
    received: `${parsed.operands.join(' ')} --loop --step ${step}`,
    remedy: {
      en: `./wirelab run ${parsed.operands[0]} --loop --step ${step} opens every round there.`,
      ko: `./wirelab run ${parsed.operands[0]} --loop --step ${step} 명령은 매번 그 단계에서 시작합니다.`,
    },
  });
}

/** A loop shows, and keeps nothing. */
function checkLoop(parsed: Parsed, isOnScreen: boolean): void {
  if (!parsed.flag('loop')) return;
  goesWithout(parsed, 'run', 'loop', ['hold', 'write', 'keylog', 'html', 'save', 'csr', 'from']);
  if (new Set(parsed.operands).size > 1) refuseStep(parsed);
  if (!isOnScreen)
    throw new UserError({
      what: { en: '--loop needs a terminal', ko: '--loop에는 터미널이 필요합니다' },
      where: 'wirelab run',
      expected: {
        en: 'input and output at a terminal, without --no-tui and --json',
        ko: '터미널에서 --no-tui와 --json 없이 실행',
      },
      received: '--loop',
    });
}

/** The signing request in a file; the scenario's CA decides about it. */
async function submittedRequest(path: string, { name, file }: CompiledScenario): Promise<SuppliedInput> {
  const [accepted] = features.all.flatMap(({ accepts }) =>
    accepts?.request?.isIn(file) ? [accepts.request] : [],
  );
  if (!accepted) {
    throw new UserError({
      what: {
        en: 'this scenario does not accept a signing request',
        ko: '인증서 서명 요청(CSR)을 받지 않는 시나리오입니다',
      },
      where: 'wirelab run --csr',
      received: name,
      remedy: { en: './wirelab run csr --csr FILE', ko: './wirelab run csr --csr FILE' },
    });
  }
  const [{ readKind }, { toPem }] = await Promise.all([
    import('./certs/files.ts'),
    import('../pki/keystore/pem.ts'),
  ]);
  const [{ request }] = readKind(path, 'request');
  return accepted.toInput(toPem('CERTIFICATE REQUEST', request.der));
}

/** The TCP handshake of the first TLS connection in a capture. */
async function submittedOpening(path: string, { name, file }: CompiledScenario): Promise<SuppliedInput> {
  const [accepted] = features.all.flatMap(({ accepts }) =>
    accepts?.opening?.isIn(file) ? [accepts.opening] : [],
  );
  if (!accepted) {
    throw new UserError({
      what: { en: 'this scenario does not accept a capture', ko: '캡처 파일을 받지 않는 시나리오입니다' },
      where: 'wirelab run --from',
      received: name,
      remedy: {
        en: 'Use ./wirelab run handshake --from FILE; ./wirelab inspect FILE shows any capture.',
        ko: './wirelab run handshake --from FILE. 캡처 파일 전체 보기: ./wirelab inspect FILE',
      },
    });
  }
  const { openingIn } = await import('./run/brought-opening.ts');
  return accepted.toInput(await openingIn(path));
}

/** The scenarios of the command line: one, or those of a loop in their order. */
function namesIn(parsed: Parsed, { places }: Environment): readonly [string, ...string[]] {
  const [name, ...more] = parsed.operands;
  if (name === undefined) {
    const names = scenarioNames(scenarioPlaces(places).compiled).join(', ');
    throw new UserError({
      what: { en: 'missing scenario name', ko: '어떤 시나리오를 실행할까요?' },
      where: 'wirelab run',
      expected: { en: `one of ${names}, or the path of a folder`, ko: `${names} 중 하나 또는 폴더 경로` },
      remedy: {
        en: 'Start with ./wirelab run plaintext. ./wirelab list describes each.',
        ko: '처음이라면: ./wirelab run plaintext. 각각의 설명: ./wirelab list',
      },
    });
  }
  if (more.length > 0 && !parsed.flag('loop')) {
    throw new UserError({
      what: { en: 'run accepts one scenario at a time', ko: '한 번에 시나리오 하나만 실행합니다' },
      where: 'wirelab run',
      expected: { en: 'one scenario, or --loop for several', ko: '시나리오 하나(여럿이면 --loop와 함께)' },
      received: parsed.operands.join(' '),
    });
  }
  return [name, ...new Set(more.filter((one) => one !== name))];
}
