/**
 * A run on the screen: joins the log, the runs behind the screen, the loop and the terminal. What is shown is decided in
 * `tui/`; how the runs go on, in `stage.ts`; what ends it all, in `ending.ts`.
 *
 * 1. Whatever ends the program, the terminal is given back first: then the runs are closed, then a fault is told.
 * 2. Exit codes: 0, 1 when the run that is shown did not hold, 2 when it could not start; the others are `ending.ts`’s.
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
import type { Terminal, TerminalOptions } from '../tui/blessed.ts';
import { startLoop } from '../tui/loop.ts';
import type { Loop } from '../tui/loop.ts';
import { startModel } from '../tui/model.ts';
import type { Mode } from '../tui/model.ts';
import { coloursOf } from '../tui/palette.ts';
import { probeTerminal } from '../tui/probe.ts';
import { clipboardTool, copyWith } from './clipboard.ts';
import type { Environment, Parsed } from './command.ts';
import { exitCodes, watchForTheEnd } from './ending.ts';
import type { Ending } from './ending.ts';
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
  /** Told when the screen is up: who looks over its shoulder (a test) sees the model. */
  readonly onScreen?: (loop: Loop) => void;
}

/** The demonstrations that a key leads to, in the order of their keys. */
const counterparts = ['plaintext', 'tls', 'mtls'] as const;

export async function performOnScreen(options: ScreenOptions): Promise<number> {
  const { environment, files } = options;
  let giveBack = (): void => {};
  const ending = watchForTheEnd(environment, () => giveBack());
  let stage: Stage | undefined;
  try {
    const [{ openTerminal }, playable] = await Promise.all([import('../tui/blessed.ts'), playables(options), loadTlsReading(), loadWireReading(), loadExplanations()]);
    const ascii = options.parsed.flag('ascii') || wantsAscii(environment.variables) || (ending.code === undefined && (await drawsCrookedly(environment)));
    if (ending.code === undefined) {
      const opened = openScreen(options, { openTerminal, playable, ascii, ending, onOpen: (close) => (giveBack = close) });
      stage = opened.stage;
      opened.begin();
    }
    const code = await ending.ended;
    giveBack();
    await stage?.close();
    if (ending.fault) throw ending.fault.error;
    return code;
  } finally {
    giveBack();
    ending.stop();
    files.finish();
  }
}

interface Opening {
  readonly openTerminal: (options: TerminalOptions) => Terminal;
  readonly playable: ReadonlyMap<string, Playable>;
  readonly ascii: boolean;
  readonly ending: Ending;
  /** Told how the terminal is given back, as soon as it is taken. */
  readonly onOpen: (giveBack: () => void) => void;
}

function openScreen(options: ScreenOptions, { openTerminal, playable, ascii, ending, onOpen }: Opening): { readonly stage: Stage; begin(): void } {
  const { environment, files, parsed, pace } = options;
  const { stdin, stdout, variables, language } = environment;
  const { fail, finish } = ending;
  const log = new CaptureLog({ clock: systemClock });
  for (const fold of files.folds) log.subscribe(fold);
  const mode = options.plan.scenario;
  const terminal = openTerminal({ input: stdin, output: stdout, depth: coloursOf(variables).depth, mouse: true, title: `wirelab ${mode}` });
  // Sizes that came and went between two looks leave a cut frame behind, of which the output's own `resize` knows nothing.
  const onWindow = (): void => terminal.repaint();
  process.on('SIGWINCH', onWindow);
  const close = (): void => {
    process.off('SIGWINCH', onWindow);
    terminal.close();
  };
  onOpen(close);
  const guarded = <A extends readonly unknown[]>(act: (...args: A) => void) => (...args: A): void => {
    try {
      act(...args);
    } catch (error) {
      fail(error);
    }
  };
  const stage = new Stage({ log, playable, environment, hold: parsed.flag('hold'), peers: parsed.flag('peers'), send: guarded((message) => loop.send(message)), fail });
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
          finish(effect.interrupted ? exitCodes.SIGINT : stage.codes.get(loop.model.mode) ?? 0);
      }
    },
  });
  onOpen(() => {
    loop.stop();
    close();
  });
  return {
    stage,
    begin() {
      options.onScreen?.(loop);
      stage.start(mode);
      if (pace !== 'step') loop.send({ type: 'key', key: 'p' });
    },
  };
}

/** The scenario that was asked for, and its counterparts where they are there. */
export async function playables({ compiled, plan, environment }: Pick<ScreenOptions, 'compiled' | 'plan' | 'environment'>): Promise<ReadonlyMap<string, Playable>> {
  const playable = new Map<string, Playable>();
  for (const name of counterparts) {
    if (name === plan.scenario) continue;
    const other = await loadScenario(name, scenarioPlaces(environment.places));
    playable.set(name, { compiled: other, plan: planScenario(other) });
  }
  playable.set(plan.scenario, { compiled, plan });
  return playable;
}

/** The demonstrations as the screen names them, with their keys. */
export function modesOf(playable: ReadonlyMap<string, Playable>): Mode[] {
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
