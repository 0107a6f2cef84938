/**
 * A run on the screen: joins the log, the runs behind the screen, the loop and the terminal, and owns signals and the end.
 * What is shown is decided in `tui/`; how the runs go on, in `stage.ts`.
 *
 * 1. Whatever ends the program, the terminal is given back first.
 * 2. Exit codes: 0, or 1 when a run that came to its end did not hold; 130, 143, 129 by Ctrl-C, SIGTERM and a terminal
 *    that went away; 70 for a fault of ours.
 */
import { loadTlsReading } from '../analysis/conversation.ts';
import { CaptureLog } from '../capture/log.ts';
import { systemClock } from '../core/clock.ts';
import { wantsAscii } from '../i18n/ascii.ts';
import { loadScenario } from '../scenario/load.ts';
import { planScenario } from '../scenario/plan.ts';
import type { Plan } from '../scenario/plan.ts';
import type { CompiledScenario } from '../scenario/scenario.ts';
import { loadExplanations } from '../story/explain.ts';
import { loadWireReading } from '../story/refusals.ts';
import { startLoop } from '../tui/loop.ts';
import { startModel } from '../tui/model.ts';
import type { Mode } from '../tui/model.ts';
import { coloursOf } from '../tui/palette.ts';
import { probeTerminal } from '../tui/probe.ts';
import { clipboardTool, copyWith } from './clipboard.ts';
import type { Environment, Parsed } from './command.ts';
import { scenarioPlaces } from './places.ts';
import type { Files, Pace } from './run.ts';
import { Stage } from './stage.ts';
import type { Playable } from './stage.ts';
import { findProgram } from './which.ts';

export interface ScreenOptions {
  readonly compiled: CompiledScenario;
  readonly plan: Plan;
  readonly pace: Pace;
  readonly files: Files;
  readonly parsed: Parsed;
  readonly environment: Environment;
}

/** The demonstrations that a key leads to, in the order of their keys. */
const counterparts = ['plaintext', 'tls', 'mtls'] as const;

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export async function performOnScreen(options: ScreenOptions): Promise<number> {
  const { environment, files, parsed, pace } = options;
  const { stdin, stdout, variables, language } = environment;
  const [{ openTerminal }, playable] = await Promise.all([import('../tui/blessed.ts'), playables(options), loadTlsReading(), loadWireReading(), loadExplanations()]);
  const ascii = parsed.flag('ascii') || wantsAscii(variables) || (await drawsCrookedly(environment));
  const log = new CaptureLog({ clock: systemClock });
  for (const fold of files.folds) log.subscribe(fold);

  const mode = options.plan.scenario;
  const terminal = openTerminal({ input: stdin, output: stdout, depth: coloursOf(variables).depth, mouse: true, title: `wirelab ${mode}` });
  let finish: (code: number) => void = () => {};
  const ended = new Promise<number>((resolve) => {
    finish = resolve;
  });
  let fault: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    fault ??= { error };
    finish(70);
  };
  const guarded = <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A): void => {
    try {
      act(...args);
    } catch (error) {
      fail(error);
    }
  };

  const stage = new Stage({ log, playable, environment, hold: parsed.flag('hold'), send: guarded((message) => loop.send(message)), fail });
  const copy = async (text: string, what: string): Promise<void> => {
    const tool = clipboardTool(variables, (program) => findProgram(program, variables));
    const byTool = tool !== undefined && (await copyWith(tool, text));
    const byTerminal = terminal.copy(text);
    if (byTool || byTerminal) loop.send({ type: 'copied', what });
  };
  const loop = startLoop({
    surface: {
      draw: guarded((frame, contrast) => terminal.draw(frame, contrast)),
      onMessage: (listener) => terminal.onMessage(guarded(listener)),
      setMouse: (on) => terminal.setMouse(on),
    },
    model: startModel({
      size: terminal.size,
      language,
      ascii,
      modes: modesOf(playable),
      mode,
      notes: parsed.flag('notes'),
      ...(pace === 'step' ? {} : { playMs: pace === 'auto' ? 0 : pace }),
    }),
    onError: fail,
    outside(effect) {
      switch (effect.type) {
        case 'advance':
          stage.advance(effect.mode);
          break;
        case 'start':
          stage.start(effect.mode, effect.through);
          break;
        case 'copy':
          copy(effect.text, effect.what).catch(fail);
          break;
        case 'quit':
          finish(effect.interrupted ? exitCodes.SIGINT : codeOf(stage, loop.model.mode));
      }
    },
  });
  const giveBack = (): void => {
    loop.stop();
    terminal.close();
  };
  const onSignal = (signal: keyof typeof exitCodes): void => finish(exitCodes[signal]);
  const onGone = (): void => finish(exitCodes.SIGHUP);
  const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  for (const signal of signals) process.on(signal, onSignal);
  process.on('exit', giveBack).on('uncaughtException', fail).on('unhandledRejection', fail);
  stdin.on('end', onGone).on('error', onGone);
  stdout.on('error', onGone);
  try {
    stage.start(mode);
    if (pace !== 'step') loop.send({ type: 'key', key: 'p' });
    const code = await ended;
    giveBack();
    await stage.close();
    if (fault) throw fault.error;
    return code;
  } finally {
    giveBack();
    for (const signal of signals) process.off(signal, onSignal);
    process.off('exit', giveBack).off('uncaughtException', fail).off('unhandledRejection', fail);
    stdin.off('end', onGone).off('error', onGone);
    stdout.off('error', onGone);
    files.finish();
  }
}

/** 1 when the run that is shown came to its end and did not hold. */
function codeOf(stage: Stage, mode: string): number {
  return stage.verdicts.get(mode) === 'failed' ? 1 : 0;
}

/** The scenario that was asked for, and its counterparts where they are there. */
async function playables({ compiled, plan, environment }: ScreenOptions): Promise<ReadonlyMap<string, Playable>> {
  const playable = new Map<string, Playable>();
  for (const name of counterparts) {
    if (name === plan.scenario) continue;
    const other = await loadScenario(name, scenarioPlaces(environment.places));
    playable.set(name, { compiled: other, plan: planScenario(other) });
  }
  playable.set(plan.scenario, { compiled, plan });
  return playable;
}

function modesOf(playable: ReadonlyMap<string, Playable>): Mode[] {
  return [...playable].map(([name, { plan }]): Mode => {
    const key = counterparts.findIndex((one) => one === name) + 1;
    const comparable = plan.steps.find(({ path }) => path.length > 1) ?? plan.steps[0];
    return { name, title: plan.title, comparable: comparable?.id ?? '', ...(key > 0 ? { key: String(key) } : {}) };
  });
}

/** Whether box lines and arrows would shift what stands behind them: then ASCII does. */
async function drawsCrookedly({ stdin, stdout }: Environment): Promise<boolean> {
  const { ambiguousAsWide, utf8, hangulCells, answered } = await probeTerminal(stdin, stdout);
  return answered && (ambiguousAsWide || !utf8 || hangulCells !== 2);
}
