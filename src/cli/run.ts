/**
 * Implements `wirelab run`: runs a scenario from its file to its verdict. It is the composition root of a run: it
 * connects the log, the judge, the report and the output files, and handles signals and the pace.
 *
 * 1. Files are opened before anything runs: an unwritable file is reported before the demonstration, not after it.
 * 2. Standard output carries only the report; everything else goes to standard error.
 * 3. A signal ends the run in order: sockets are closed, the capture file is completed, then it exits with 130 or 143.
 */
import type { CaptureEvent } from '../capture/event.ts';
import { CaptureLog } from '../capture/log.ts';
import { systemClock } from '../core/clock.ts';
import { wantsAscii } from '../i18n/ascii.ts';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import type { World } from '../pki/keystore/world.ts';
import { features } from '../features/registry.ts';
import type { SuppliedInput } from '../engine/extensions.ts';
import { loadScenario, scenarioNames } from '../engine/load.ts';
import { planScenario } from '../engine/planning.ts';
import type { Plan } from '../engine/plan.ts';
import type { ManualCommand } from '../engine/manual-commands.ts';
import { startScenario } from '../engine/run.ts';
import type { CompiledScenario } from '../engine/scenario.ts';
import { createJudge } from '../engine/verdict.ts';
import { forgetManualConnections } from '../engine/manual-connections.ts';
import type { Judge, Verdict } from '../engine/verdict.ts';
import type { ShownFeatures } from '../presentation/shown.ts';
import type { FormEntries, Scripts } from '../presentation/types/values.ts';
import type { Command, Environment, Parsed } from './command.ts';
import { exitCodes } from './io/ending.ts';
import { maxPayloadOf, memoryOptions } from './io/memory.ts';
import { checkSecrets, fileOptions, isForScreen, lineWriter, openFiles } from './io/outlets.ts';
import type { Files } from './io/outlets.ts';
import { ScriptFolder } from './io/script-folder.ts';
import { readVersion, scenarioPlaces } from './places.ts';
import type { Pace } from './run/pace.ts';
import { worldOf } from './run/world.ts';

/** Prints a run for a person or a program. */
interface Report {
  fold(event: CaptureEvent): void;
  reach(ways: readonly ManualCommand[], scripts?: Scripts): void;
  /** Nothing more is printed about that connection. */
  forget(conn: number): void;
  finish(verdict: Verdict): void;
}

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
      value: 'auto|step|MILLISECONDS',
      help: {
        en: 'continue at once, on Enter, or after a pause (default: step on a terminal, else auto)',
        ko: '바로, Enter를 누를 때, 또는 잠시 후 진행(기본값: 터미널에서는 step, 그 밖에는 auto)',
      },
    },
    ...fileOptions,
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
    notes: { help: { en: "also print the speaker's notes", ko: '발표자 메모도 출력' } },
    ascii: { help: { en: 'use only ASCII characters', ko: 'ASCII 문자로만 그리기' } },
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
      line: './wirelab run tls --hold',
      does: {
        en: 'try it with your own curl; Ctrl-C ends it',
        ko: '직접 curl로 접속해 봅니다. Ctrl-C로 끝냅니다',
      },
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
  const compiled = await loadScenario(oneScenario(parsed, environment), scenarioPlaces(places));
  const [csr, from] = [parsed.text('csr'), parsed.text('from')];
  const plan = planScenario(features, compiled, {
    ...(csr === undefined ? {} : await submittedRequest(csr, compiled)),
    ...(from === undefined ? {} : await submittedOpening(from, compiled)),
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

function oneScenario({ operands }: Parsed, { places }: Environment): string {
  const [name, ...more] = operands;
  if (name === undefined) {
    const names = scenarioNames(scenarioPlaces(places).compiled).join(', ');
    throw new UserError({
      what: { en: 'missing scenario name', ko: '어떤 시나리오를 실행할까요?' },
      where: 'wirelab run',
      expected: { en: `one of ${names}, or the path of a folder`, ko: `${names} 중 하나 또는 폴더 경로` },
      remedy: { en: 'Start with ./wirelab run plaintext.', ko: '처음이라면: ./wirelab run plaintext' },
    });
  }
  if (more.length > 0) {
    throw new UserError({
      what: { en: 'run accepts one scenario at a time', ko: '한 번에 시나리오 하나만 실행합니다' },
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
    what: { en: 'invalid value for --pace', ko: '--pace 옵션에 쓸 수 없는 값입니다' },
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
  const judge = await createJudge(features, { plan, source: log, ...(world ? { world } : {}) });
  const write = lineWriter(environment);
  const report = await createReport(plan, judge, parsed, environment, write);
  log.subscribe(judge.fold);
  for (const fold of files.folds) log.subscribe(fold);
  log.subscribe((event) => report.fold(event));

  const controller = new AbortController();
  let signalled: keyof typeof exitCodes | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    // A second signal ends it at once.
    if (signalled) process.exit(exitCodes[signalled]);
    signalled = signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
    controller.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const scripts = new ScriptFolder({ language: environment.language });
  const pacing = await createPacing(pace, controller.signal, environment, write);
  try {
    const { randomBytes } = await import('node:crypto');
    const scenario = await startScenario(features, {
      plan,
      log,
      clock: systemClock,
      random: (length) => randomBytes(length),
      ...(world ? { world } : {}),
      version: readVersion(environment.places.root),
      beforeStep: pacing.wait,
      variables: environment.variables,
      ...(parsed.flag('peers') ? { peers: true } : {}),
      signal: controller.signal,
    });
    try {
      await scenario.runSteps();
      if (signalled) return exitCodes[signalled];
      const holding = parsed.flag('hold');
      const isForProgram = parsed.flag('json');
      // Closing connections is part of the report, so the verdict follows it. With --hold, the verdict is printed
      // before.
      if (!holding) await scenario.close();
      const verdict = judge.verdict();
      if (!holding || !isForProgram) report.finish(verdict);
      if (holding) {
        log.subscribe(forgetManualConnections({ log, judge, onForget: (conn) => report.forget(conn) }));
        const ways = await scenario.openForManualUse();
        report.reach(ways, isForProgram ? undefined : scripts.write(ways));
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
    scripts.close();
    pacing.close();
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** The report of a run, as text or as JSON. */
export async function createReport(
  plan: Plan,
  judge: Judge,
  parsed: Parsed,
  { language, variables }: Pick<Environment, 'language' | 'variables'>,
  write: (line: string) => void,
): Promise<Report> {
  const secrets = new Map(plan.secrets.map(({ id, value }) => [id, value]));
  // A visitor's protocol is unknown, on every listener.
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
  const [{ TextReport }, { loadTls }, { ShownFeatures }, all] = await Promise.all([
    import('../ui/text/text.ts'),
    import('../ui/text/tls.ts'),
    import('../presentation/shown.ts'),
    features.shown(plan),
  ]);
  if (mayMeetTls) await loadTls();
  const shown = new ShownFeatures(all);
  return new TextReport({
    ...common,
    language,
    columns: 80,
    ascii: parsed.flag('ascii') || wantsAscii(variables),
    notes: parsed.flag('notes'),
    versions: versionsIn(plan, shown),
    shown,
  });
}

/** What one client does with several TLS versions, in a scenario about what stays visible with each. */
function versionsIn(
  plan: Plan,
  shown: ShownFeatures,
): { readonly steps: readonly string[]; readonly typed: FormEntries }[] {
  if (!features.all.some((feature) => feature.comparesVersions?.(plan))) return [];
  const groups = new Map<string, (typeof plan.steps)[number][]>();
  for (const step of plan.steps.filter(({ tls }) => tls !== undefined)) {
    const key = `${step.base} ${step.client}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((steps) => ({
      steps: steps.map(({ id }) => id),
      // How long the password is, is what is to be found out.
      typed: steps[0] ? shown.typed(steps[0], plan).filter(({ name }) => name !== 'password') : [],
    }));
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
    // An aborted pause counts as over; the run checks the signal itself.
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
  // After the end of input Enter cannot be pressed: the remaining steps run through.
  lines.on('close', () => {
    ended = true;
    for (const next of waiting.splice(0)) next();
  });
  signal.addEventListener('abort', () => lines.close());
  const prompt: Localized = { en: '    -- Enter: continue --', ko: '    -- Enter: 다음 --' };
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
    // An event listener keeps no process alive; the open servers do, and they close with the signal.
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
