/**
 * `wirelab run`: a scenario from its file to its verdict. The composition root of a run: it joins the log, the judge, a
 * report and the files that a person asked for, and owns signals and the pace.
 *
 * 1. Files are opened before anything runs: what cannot be written is said before the demonstration, not after it.
 * 2. Standard output carries the report only; everything else goes to standard error.
 * 3. A signal ends the run in order: sockets are closed, the capture file is put in place, then 130 or 143.
 */
import type { CaptureEvent, TcpOpening } from '../capture/event.ts';
import { CaptureLog } from '../capture/log.ts';
import { systemClock } from '../core/clock.ts';
import { wantsAscii } from '../i18n/ascii.ts';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import type { World } from '../pki/keystore/world.ts';
import { loadScenario, scenarioNames } from '../engine/load.ts';
import { planScenario } from '../engine/plan.ts';
import type { Plan } from '../engine/plan.ts';
import type { ManualCommand } from '../engine/manual-commands.ts';
import { startScenario } from '../engine/run.ts';
import type { CompiledScenario } from '../engine/scenario.ts';
import { createJudge } from '../engine/verdict.ts';
import { forgetVisitors } from '../engine/visitors.ts';
import type { Judge, Verdict } from '../engine/verdict.ts';
import type { Command, Environment, Parsed } from './command.ts';
import { exitCodes } from './io/ending.ts';
import { maxPayloadOf, memoryOptions } from './io/memory.ts';
import { checkSecrets, fileOptions, isForScreen, lineWriter, openFiles } from './io/outlets.ts';
import type { Files } from './io/outlets.ts';
import { readVersion, scenarioPlaces } from './places.ts';
import { worldOf } from './run/world.ts';

/** What a run tells a person or a program. */
interface Report {
  fold(event: CaptureEvent): void;
  reach(ways: readonly ManualCommand[]): void;
  /** Nothing is told of that connection any more. */
  forget(conn: number): void;
  finish(verdict: Verdict): void;
}

export type Pace = 'auto' | 'step' | number;

export const run: Command = {
  summary: {
    en: 'run a scenario: a name, or the path of a folder',
    ko: '시나리오를 실행합니다(이름 또는 폴더 경로)',
  },
  operands: 'NAME|PATH [...]',
  options: {
    'no-tui': {
      help: {
        en: 'told as lines, without the screen and without pauses',
        ko: '화면이나 멈춤 없이 줄 단위로 출력',
      },
    },
    json: {
      help: {
        en: 'a JSON object per line; the verdict is the last',
        ko: '한 줄에 JSON 객체 하나씩 출력(마지막 줄이 판정)',
      },
    },
    pace: {
      value: 'auto|step|MILLISECONDS',
      help: {
        en: 'go on at once, on Enter, or after a pause (default: step on a terminal, else auto)',
        ko: '바로, Enter를 누를 때, 또는 잠시 후 진행(기본값: 터미널에서는 step, 그 밖에는 auto)',
      },
    },
    ...fileOptions,
    ...memoryOptions,
    hold: {
      help: {
        en: 'keep everything up afterwards, and print how to reach it with curl and openssl',
        ko: '끝난 뒤에도 계속 띄워 두고 curl과 openssl 접속 명령을 출력',
      },
    },
    peers: {
      help: {
        en: 'let curl, openssl and gnutls-cli try the logins for which their words are predicted',
        ko: '출력을 예측해 둔 로그인을 curl, openssl, gnutls-cli로도 시도',
      },
    },
    csr: {
      value: 'FILE',
      help: {
        en: 'bring a signing request of your own to a scenario that takes one (csr)',
        ko: '인증서 서명 요청(CSR)을 받는 시나리오(csr)에 직접 만든 요청을 제출',
      },
    },
    from: {
      value: 'FILE',
      help: {
        en: 'tell of the three packets of TCP as they stand in a capture of your own (handshake)',
        ko: '직접 캡처한 파일(pcap, pcapng)에 담긴 TCP 패킷 세 개를 보여 줌(handshake)',
      },
    },
    notes: { help: { en: "print the speaker's notes too", ko: '발표자 메모도 출력' } },
    ascii: { help: { en: 'draw with ASCII only', ko: 'ASCII 문자로만 그리기' } },
  },
  examples: [
    { line: './wirelab run plaintext', does: { en: 'a login leaks', ko: '로그인 정보가 유출됩니다' } },
    {
      line: './wirelab run mtls --lang ko',
      does: {
        en: 'a client without a good certificate is turned away, told in Korean',
        ko: '올바른 인증서가 없는 클라이언트가 거부됩니다',
      },
    },
    {
      line: './wirelab run tls -w tls.pcapng --with-secrets',
      does: {
        en: 'a capture that Wireshark opens and decrypts',
        ko: 'Wireshark에서 바로 복호화되는 캡처 파일',
      },
    },
    {
      line: './wirelab run tls --hold',
      does: {
        en: 'try it with a curl of your own; Ctrl-C ends it',
        ko: '직접 curl로 접속해 봅니다. Ctrl-C로 끝냅니다',
      },
    },
    {
      line: './wirelab run csr --csr my.csr',
      does: {
        en: 'what a CA makes of your own request',
        ko: '직접 만든 요청을 CA가 어떻게 처리하는지 봅니다',
      },
    },
    {
      line: './wirelab run handshake --from my.pcapng',
      does: {
        en: "TCP's three packets as your own capture has them",
        ko: '직접 캡처한 파일에서 TCP 패킷 세 개를 봅니다',
      },
    },
    { line: './wirelab run mtls --json | tail -1', does: { en: 'the verdict alone', ko: '판정만 보기' } },
  ],
  run: runCommand,
};

async function runCommand(parsed: Parsed, environment: Environment): Promise<number> {
  const { places } = environment;
  const compiled = await loadScenario(oneScenario(parsed, environment), scenarioPlaces(places));
  const [csr, from] = [parsed.text('csr'), parsed.text('from')];
  const plan = planScenario(compiled, {
    ...(csr === undefined ? {} : { request: await broughtRequest(csr, compiled) }),
    ...(from === undefined ? {} : { opening: await openingIn(from, compiled) }),
  });
  const pace = paceOf(parsed, environment);
  checkSecrets('run', parsed);
  maxPayloadOf(parsed, 'run');
  const files = await openFiles(parsed, environment);
  try {
    if (isForScreen(parsed, environment)) {
      const { performOnScreen } = await import('./run/scenario-screen.ts');
      return await performOnScreen({ compiled, plan, pace, files, parsed, environment });
    }
    const world = await worldOf(compiled, places);
    return await perform({ plan, pace, world, files, parsed, environment });
  } finally {
    files.close();
  }
}

/** The request in a file, as PEM; what is decided about it is the CA's. */
async function broughtRequest(path: string, { name, file }: CompiledScenario): Promise<string> {
  if (!file.steps.some(({ enrol }) => enrol?.brought)) {
    throw new UserError({
      what: {
        en: 'this scenario takes no signing request',
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
  return toPem('CERTIFICATE REQUEST', request.der);
}

/** How the first connection of TLS in a capture was opened. */
async function openingIn(path: string, { name, file }: CompiledScenario): Promise<TcpOpening> {
  if (!file.steps.some(({ connect }) => connect)) {
    throw new UserError({
      what: { en: 'this scenario takes no capture', ko: '캡처 파일을 받지 않는 시나리오입니다' },
      where: 'wirelab run --from',
      received: name,
      remedy: {
        en: './wirelab run handshake --from FILE; any capture is shown by ./wirelab inspect FILE',
        ko: './wirelab run handshake --from FILE. 캡처 파일 전체 보기: ./wirelab inspect FILE',
      },
    });
  }
  const { broughtOpening } = await import('./run/brought-opening.ts');
  return broughtOpening(path);
}

function oneScenario({ operands }: Parsed, { places }: Environment): string {
  const [name, ...more] = operands;
  if (name === undefined) {
    const names = scenarioNames(scenarioPlaces(places).compiled).join(', ');
    throw new UserError({
      what: { en: 'which scenario?', ko: '어떤 시나리오를 실행할까요?' },
      where: 'wirelab run',
      expected: { en: `one of ${names}, or the path of a folder`, ko: `${names} 중 하나 또는 폴더 경로` },
      remedy: { en: './wirelab run plaintext is a good start.', ko: '처음이라면: ./wirelab run plaintext' },
    });
  }
  if (more.length > 0) {
    throw new UserError({
      what: { en: 'run takes one scenario at a time', ko: '한 번에 시나리오 하나만 실행합니다' },
      where: 'wirelab run',
      expected: { en: 'one scenario', ko: '시나리오 하나' },
      received: operands.join(' '),
    });
  }
  return name;
}

function paceOf(parsed: Parsed, environment: Environment): Pace {
  const given = parsed.text('pace');
  if (given === undefined)
    return !parsed.flag('no-tui') &&
      !parsed.flag('json') &&
      environment.stdout.isTTY &&
      environment.stdin.isTTY
      ? 'step'
      : 'auto';
  if (given === 'auto' || given === 'step') return given;
  if (/^\d{1,6}$/.test(given)) return Number(given);
  throw new UserError({
    what: { en: '--pace does not take this value', ko: '--pace 옵션에 쓸 수 없는 값입니다' },
    where: 'wirelab run',
    expected: { en: 'auto, step, or milliseconds up to 999999', ko: 'auto, step 또는 999999 이하의 밀리초' },
    received: given,
  });
}

interface Performance {
  readonly plan: Plan;
  readonly pace: Pace;
  readonly world: World | undefined;
  readonly files: Files;
  readonly parsed: Parsed;
  readonly environment: Environment;
}

async function perform({ plan, pace, world, files, parsed, environment }: Performance): Promise<number> {
  const log = new CaptureLog({ clock: systemClock, ...maxPayloadOf(parsed, 'run') });
  const judge = await createJudge({ plan, source: log, ...(world ? { world } : {}) });
  const write = lineWriter(environment);
  const report = await createReport(plan, judge, parsed, environment, write);
  log.subscribe(judge.fold);
  for (const fold of files.folds) log.subscribe(fold);
  log.subscribe((event) => report.fold(event));

  const controller = new AbortController();
  let signalled: keyof typeof exitCodes | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    // A second one means it.
    if (signalled) process.exit(exitCodes[signalled]);
    signalled = signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const pacing = await createPacing(pace, controller.signal, environment, write);
  try {
    const { randomBytes } = await import('node:crypto');
    const scenario = await startScenario({
      plan,
      log,
      clock: systemClock,
      random: (length) => randomBytes(length),
      ...(world ? { world } : {}),
      version: readVersion(environment.places.root),
      beforeStep: pacing.wait,
      variables: environment.variables,
      peers: parsed.flag('peers'),
      signal: controller.signal,
    });
    try {
      await scenario.runSteps();
      if (signalled) return exitCodes[signalled];
      const holding = parsed.flag('hold');
      const isForProgram = parsed.flag('json');
      // What is closed belongs to the story: the verdict comes after it. A person who wants to try things out reads it before.
      if (!holding) await scenario.close();
      const verdict = judge.verdict();
      if (!holding || !isForProgram) report.finish(verdict);
      if (holding) {
        log.subscribe(forgetVisitors({ log, judge, onForget: (conn) => report.forget(conn) }));
        report.reach(await scenario.openWays());
        await aborted(controller.signal);
        await scenario.close();
        if (isForProgram) report.finish(verdict);
      }
      return signalled ? exitCodes[signalled] : verdict.status === 'passed' ? 0 : 1;
    } finally {
      await scenario.close();
      files.finish();
    }
  } finally {
    pacing.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** What tells a run as lines or as JSON. */
export async function createReport(
  plan: Plan,
  judge: Judge,
  parsed: Parsed,
  { language, variables }: Pick<Environment, 'language' | 'variables'>,
  write: (line: string) => void,
): Promise<Report> {
  const secrets = new Map(plan.secrets.map(({ id, value }) => [id, value]));
  // A visitor speaks what he likes, at whichever door.
  const mayMeetTls = parsed.flag('hold') || plan.wires.some(({ security }) => security !== 'plain');
  const common = { flows: judge.flows, hunt: judge.hunt, secrets, write };
  if (parsed.flag('json')) {
    const [{ JsonReport }, { loadReadings }] = await Promise.all([
      import('../ui/json/json.ts'),
      import('../analysis/conversation/conversation.ts'),
    ]);
    await loadReadings();
    return new JsonReport({ ...common, withSecrets: parsed.flag('with-secrets') });
  }
  const { TextReport, loadTls } = await import('../ui/text/text.ts');
  if (mayMeetTls) await loadTls();
  return new TextReport({
    ...common,
    language,
    columns: 80,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    notes: parsed.flag('notes'),
    versions: versionsIn(plan),
  });
}

/** Logins of one client under several versions of TLS, of a scenario that is about what stays visible under each. */
function versionsIn(plan: Plan): {
  readonly steps: readonly string[];
  readonly typed: readonly { readonly name: string; readonly value: string }[];
}[] {
  if (!plan.claims.some(({ kind }) => kind === 'eavesdropper')) return [];
  const groups = new Map<string, (typeof plan.steps)[number][]>();
  for (const step of plan.steps.filter(({ tls }) => tls !== undefined)) {
    const key = `${step.base} ${step.client}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((steps) => {
      const account = plan.accounts.find(({ name }) => name === steps[0]?.login?.account);
      return {
        steps: steps.map(({ id }) => id),
        typed: account
          ? [
              { name: 'username', value: account.user },
              { name: 'rrn', value: account.rrn },
            ]
          : [],
      };
    });
}

interface Pacing {
  readonly wait: () => Promise<void>;
  close(): void;
}

async function createPacing(
  pace: Pace,
  signal: AbortSignal,
  environment: Environment,
  write: (line: string) => void,
): Promise<Pacing> {
  if (pace === 'auto') return { wait: async () => {}, close: () => {} };
  if (pace !== 'step') {
    const { setTimeout: pause } = await import('node:timers/promises');
    // An aborted pause is over; the run looks at the signal itself.
    return { wait: async () => pause(pace, undefined, { signal }).catch(() => {}), close: () => {} };
  }
  const { stdin, language } = environment;
  const { createInterface } = await import('node:readline');
  const lines = createInterface({ input: stdin });
  const waiting: (() => void)[] = [];
  let typedAhead = 0;
  let ended = false;
  const goOn = (): void => {
    const next = waiting.shift();
    if (next) next();
    else typedAhead++;
  };
  lines.on('line', goOn);
  // At the end of input nobody can press Enter any more: the rest runs through.
  lines.on('close', () => {
    ended = true;
    for (const next of waiting.splice(0)) next();
  });
  signal.addEventListener('abort', () => lines.close());
  const prompt: Localized = { en: '    -- Enter: go on --', ko: '    -- Enter: 다음 --' };
  return {
    async wait() {
      if (ended) return;
      if (typedAhead > 0) {
        typedAhead--;
        return;
      }
      write('');
      write(prompt[language]);
      await new Promise<void>((resolve) => waiting.push(resolve));
    },
    close: () => lines.close(),
  };
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    // A listener keeps no process alive; the open servers do, and they close with the signal.
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
