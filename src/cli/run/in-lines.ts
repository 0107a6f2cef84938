/**
 * Runs a scenario without a screen, as lines for a person or as JSON: it connects the log, the judge, the report and the
 * output files, and ends with a signal. `pacing.ts` keeps the pace; `stage.ts` is its counterpart on the screen.
 */
import type { Address, CaptureEvent } from '../../capture/event.ts';
import { CaptureLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import type { Language } from '../../i18n/language.ts';
import type { World } from '../../pki/keystore/world.ts';
import { features } from '../../features/registry.ts';
import { secretValues } from '../../engine/plan.ts';
import type { Plan } from '../../engine/plan.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import { startScenario } from '../../engine/run.ts';
import { createJudge } from '../../engine/verdict.ts';
import { forgetManualConnections } from '../../engine/manual-connections.ts';
import type { Verdict } from '../../engine/verdict.ts';
import type { Scripts } from '../../presentation/types/values.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { lineWriter } from '../io/outlets.ts';
import type { Files } from '../io/outlets.ts';
import type { SaveFile } from './replay/save.ts';
import type { PageFile } from './page/file.ts';
import type { JudgeFolds } from './report.ts';
import { ScriptFolder } from '../io/script-folder.ts';
import type { EndingSignals } from '../io/signals.ts';
import { readVersion } from '../places.ts';
import type { Share } from './share/share.ts';
import { Curtain } from './opening.ts';
import type { AskedHosts } from './hosts-options.ts';
import type { RunOnHosts } from './on-hosts.ts';
import type { Opening } from './opening.ts';
import type { Pace } from './pace.ts';

/** Prints a run for a person or a program. */
interface Report {
  fold(event: CaptureEvent): void;
  reach(ways: readonly ManualCommand[], scripts?: Scripts): void;
  /** Nothing more is printed about that connection. */
  forget(conn: number): void;
  finish(verdict: Verdict): void;
}

export interface Performance {
  readonly plan: Plan;
  readonly pace: Pace;
  readonly world: World | undefined;
  readonly files: Files;
  /** The file of its page. */
  readonly page?: PageFile | undefined;
  /** The file of its bundle. */
  readonly save?: SaveFile | undefined;
  /** Watched since before the files were opened. */
  readonly ending: EndingSignals;
  /** Where the lines begin. */
  readonly opening?: Opening | undefined;
  /** Hosts of their own for the participants. */
  readonly hosts?: AskedHosts | undefined;
  /** Where viewers' browsers can follow. */
  readonly share?: Address | undefined;
  readonly parsed: Parsed;
  readonly environment: Environment;
}

export async function performInLines(performance: Performance): Promise<number> {
  const { hosts: asked, plan, files, ending, environment } = performance;
  if (ending.exitCode !== undefined) return ending.exitCode;
  if (!asked) return performRun(performance);
  const { RunOnHosts } = await import('./on-hosts.ts');
  try {
    const onHosts = await RunOnHosts.start({ asked, plan, files, environment });
    try {
      return ending.exitCode ?? (await performRun({ ...performance, plan: onHosts.plan }, onHosts));
    } finally {
      await onHosts.close();
    }
  } catch (error) {
    // Ctrl-C reaches the programs that the hosts are made with as well: that they fail then is no mistake.
    if (ending.exitCode !== undefined) return ending.exitCode;
    throw error;
  }
}

/** A shared run stays up until a signal ends it: viewers look around in it. */
async function performRun(performance: Performance, onHosts?: RunOnHosts): Promise<number> {
  const { share: listen, plan, parsed, ending, environment } = performance;
  if (!listen) return performShared(performance, onHosts, undefined);
  const { openShare, shareLines } = await import('./share/share.ts');
  const shown = { mode: plan.scenario, presented: undefined, isMasked: false };
  const share = await openShare(listen, shown, parsed, environment);
  try {
    for (const words of shareLines(share)) environment.stderr.write(`${words[environment.language]}\n`);
    const code = await performShared(performance, onHosts, share);
    await aborted(ending.signal);
    return ending.exitCode ?? code;
  } finally {
    await share.close();
  }
}

async function performShared(
  { plan, pace, world, files, page: file, save, ending, opening, parsed, environment }: Performance,
  onHosts: RunOnHosts | undefined,
  share: Share | undefined,
): Promise<number> {
  const log = new CaptureLog({ clock: systemClock, ...maxPayloadOf(parsed, 'run') });
  const judge = await createJudge(features, { plan, source: log, ...(world ? { world } : {}) });
  const curtain = opening && new Curtain(opening);
  const lines = lineWriter(environment);
  const write = curtain
    ? (line: string): void => {
        if (curtain.isOpen) lines(line);
      }
    : lines;
  if (opening && !curtain?.isOpen) lines(leftOutWords[environment.language](opening.stop));
  const report = await createReport(plan, judge, parsed, environment, write);
  log.subscribe(judge.fold);
  for (const fold of files.folds) log.subscribe(fold);
  if (onHosts) log.subscribe(onHosts.fold);
  if (curtain) log.subscribe(curtain.fold);
  log.subscribe((event) => report.fold(event));
  const page =
    (file ?? share) &&
    (await (
      await import('./page/run-page.ts')
    ).RunPage.start(plan, judge, environment, parsed.flag('notes')));
  if (page) {
    share?.add(plan.scenario, page);
    log.subscribe(page.fold);
  }
  const recorder = await save?.record(judge, world);
  if (recorder) log.subscribe(recorder.fold);

  const { language } = environment;
  const scripts = new ScriptFolder({ language });
  const pacing =
    pace === 'auto'
      ? undefined
      : (await import('./pacing.ts')).createPacing({
          pace,
          signal: ending.signal,
          stdin: () => environment.stdin,
          language,
          write,
        });
  if (pacing)
    log.subscribe((event) => {
      if (curtain?.isOpen ?? true) pacing.fold(event);
    });
  try {
    const { randomBytes } = await import('node:crypto');
    const scenario = await startScenario(features, {
      plan,
      log,
      clock: systemClock,
      random: (length) => randomBytes(length),
      ...(world ? { world } : {}),
      ...onHosts?.options,
      version: readVersion(environment.places.root),
      ...(pacing
        ? {
            beforeStep: async (step) => {
              if (curtain?.waitsFor(step, plan.steps) ?? true) await pacing.wait();
            },
          }
        : {}),
      variables: environment.variables,
      ...(parsed.flag('peers') ? { peers: true } : {}),
      signal: ending.signal,
    });
    try {
      await scenario.runSteps();
      if (ending.exitCode !== undefined) return ending.exitCode;
      const holding = parsed.flag('hold');
      const isForProgram = parsed.flag('json');
      // Closing connections is part of the report, so the verdict follows it. With --hold, the verdict is printed
      // before.
      if (!holding) await scenario.close();
      const verdict = onHosts ? await onHosts.conclude(world) : judge.verdict();
      curtain?.open();
      page?.finish(verdict);
      recorder?.finish(verdict);
      if (file) page?.write(file, false);
      if (recorder) save?.put(recorder, environment);
      if (!holding || !isForProgram) report.finish(verdict);
      if (holding) {
        log.subscribe(forgetManualConnections({ log, judge, onForget: (conn) => report.forget(conn) }));
        const ways = await scenario.openForManualUse();
        report.reach(ways, scripts.write(ways));
        await aborted(ending.signal);
        await scenario.close();
        if (isForProgram) report.finish(verdict);
      }
      return ending.exitCode ?? (verdict.status === 'passed' ? 0 : 1);
    } finally {
      await scenario.close();
      files.finish();
    }
  } finally {
    scripts.close();
    pacing?.close();
  }
}

const leftOutWords: Readonly<Record<Language, (count: number) => string>> = {
  en: (count) => `(what lies before step ${count + 1} has run; its lines are left out)`,
  ko: (count) => `(${count + 1}번 단계 앞은 실행만 하고 출력하지 않습니다)`,
};

/** The report of a run, as text or as JSON. */
export async function createReport(
  plan: Plan,
  judge: JudgeFolds,
  parsed: Parsed,
  { language, variables }: Pick<Environment, 'language' | 'variables'>,
  write: (line: string) => void,
): Promise<Report> {
  if (parsed.flag('json')) {
    const [{ JsonReport }, { loadReadings }] = await Promise.all([
      import('../../ui/json/json.ts'),
      import('../../analysis/conversation/conversation.ts'),
    ]);
    await loadReadings();
    return new JsonReport({
      flows: judge.flows,
      hunt: judge.hunt,
      secrets: secretValues(plan),
      write,
      withSecrets: parsed.flag('with-secrets'),
    });
  }
  const [{ TextReport }, { reportOf }, { loadTlsReport }] = await Promise.all([
    import('../../ui/text/text.ts'),
    import('./report.ts'),
    import('../../presentation/report/load.ts'),
  ]);
  // A visitor's protocol is unknown, on every listener.
  if (parsed.flag('hold') || usesTls(plan)) await loadTlsReport();
  const ascii = parsed.flag('ascii') || wantsAscii(variables);
  const text = new TextReport({ language, columns: 80, ascii, write });
  return reportOf(plan, judge, { notes: parsed.flag('notes'), onBlock: text.set });
}

/** Whether a handshake may take place: a wire that begins in clear turns to TLS where a script says so. */
function usesTls({ wires, servers, proxies, clients }: Plan): boolean {
  return (
    wires.some(({ security }) => security !== 'plain') ||
    [...servers, ...proxies].some(({ certificate }) => certificate !== undefined) ||
    clients.some(({ certificate, trust }) => certificate !== undefined || trust !== undefined)
  );
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    // An event listener keeps no process alive; the open servers do, and they close with the signal.
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
