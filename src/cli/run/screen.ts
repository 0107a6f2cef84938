/**
 * Runs the screen: connects the log, the controller of the runs (`stage.ts`, `visited.ts`), the event loop and
 * the terminal. `ui/tui/` decides what is shown; `ending.ts` what ends it.
 *
 * 1. Whatever ends the program, the terminal is restored first: then the runs are closed, then an internal error is
 *    printed.
 * 2. Exit codes: 0, also for quitting early; 1 if the run that is shown did not hold, 2 if it could not start; the
 *    others are in `ending.ts`.
 */
import { defined } from '../../core/defined.ts';
import { basename } from 'node:path';
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { CaptureLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { wantsAscii } from '../../i18n/ascii.ts';
import { safeText } from '../../i18n/safe.ts';
import { loadExplanations } from '../../presentation/conversation/explain.ts';
import { loadWireReading } from '../../presentation/refusals.ts';
import type { Terminal, TerminalOptions } from '../../ui/tui/blessed.ts';
import { startLoop } from '../../ui/tui/loop.ts';
import type { Loop } from '../../ui/tui/loop.ts';
import type { Message } from '../../ui/tui/message.ts';
import type { LabAct } from '../../ui/tui/state/effect.ts';
import { startModel } from '../../ui/tui/state/model.ts';
import type { Mode, Model } from '../../ui/tui/state/model.ts';
import { coloursOf } from '../../ui/tui/palette.ts';
import type { Filter } from '../../analysis/summary/filter.ts';
import { drawsCrookedly, probeTerminal } from '../../ui/tui/probe.ts';
import { themeFor } from '../../ui/tui/theme.ts';
import type { Theme } from '../../ui/tui/theme.ts';
import type { PageWanted } from '../../ui/tui/message.ts';
import { clipboardTool, copyWith } from '../io/clipboard.ts';
import type { Environment, Parsed } from '../command.ts';
import type { Channel } from '../notes/channel.ts';
import { exitCodes, watchForTheEnd } from '../io/ending.ts';
import type { Ending } from '../io/ending.ts';
import { watchForSuspension } from '../io/suspending.ts';
import type { Suspension } from '../io/suspending.ts';
import type { Files } from '../io/outlets.ts';
import { themeAskedFor, wantsMotion } from '../io/screen-options.ts';
import type { Share } from './share/share.ts';
import type { Pace } from './pace.ts';
import { findProgram } from '../io/which.ts';

/** Controls the runs behind the screen. */
export interface RunController {
  /** Starts the run of that mode, or restarts it; alone, all others are closed. */
  start(mode: string, through?: string, alone?: boolean): void;
  /** Continues a waiting run. */
  advance(mode: string): void;
  close(): Promise<void>;
  /** Handles SIGHUP, if it means anything but the end. */
  readonly reload?: () => void;
  /** Does what a key of a lab asks for. */
  readonly act?: (act: LabAct) => void;
  /** Exit codes by mode; 0 for an unknown one. */
  readonly codes: ReadonlyMap<string, number>;
}

/** The interface of a controller to the screen. */
export interface RunHost {
  readonly log: CaptureLog;
  readonly send: (message: Message) => void;
  /** Ends the program with that exit code. */
  readonly finish: (code: number) => void;
  /** An internal error, not a user error. */
  readonly fail: (error: unknown) => void;
}

export interface ShowOptions {
  readonly modes: readonly Mode[];
  /** The mode that is shown first. */
  readonly mode: string;
  readonly pace: Pace;
  /** The modes that are shown in turn, again and again. */
  readonly loop?: readonly string[];
  readonly files: Files;
  readonly parsed: Parsed;
  readonly environment: Environment;
  /** The stop where it opens, and the last step before it. */
  readonly opening?: { readonly stop: number; readonly through?: string };
  /** Speakers' terminals can follow it. */
  readonly hasSpeaker?: boolean;
  /** Viewers' browsers follow it, at the addresses that the screen can show. */
  readonly share?: Pick<Share, 'urls' | 'authority' | 'present'>;
  /** The controller handles SIGHUP as long as the terminal is there. */
  readonly reloads?: boolean;
  /** It runs for an unlimited time: closed connections leave the log. */
  readonly endless?: boolean;
  /** Payload that the log keeps, in bytes. */
  readonly maxPayload?: number;
  readonly controller: (host: RunHost) => RunController;
  /** The stop of the first mode, by its index, at which it was left last time. */
  readonly resume?: number | undefined;
  /** Called at the end with the model as it was last. */
  readonly onEnd?: (model: Model) => void;
  /** Called when the screen is up; gives a test access to the model. */
  readonly onScreen?: ((loop: Loop) => void) | undefined;
  /** The list of connections is shown first, as far as this lets them through. */
  readonly filter?: Filter | undefined;
}

/** @returns the exit code. The files are completed in any case. */
export async function showOnScreen(options: ShowOptions): Promise<number> {
  const { environment, files } = options;
  const theme = themeAskedFor(options.parsed, environment.variables);
  let giveBack = (): void => {};
  let stage: RunController | undefined;
  let speaker: Channel | undefined;
  let terminal: Terminal | undefined;
  const suspension = watchForSuspension(() => terminal, environment.stopJob);
  const ending = watchForTheEnd(
    environment,
    () => giveBack(),
    options.reloads ? () => stage?.reload?.() : undefined,
  );
  try {
    const [{ openTerminal }] = await Promise.all([
      import('../../ui/tui/blessed.ts'),
      loadReadings(),
      loadWireReading(),
      loadExplanations(),
    ]);
    const { stdin, stdout, variables } = environment;
    const isAscii = options.parsed.flag('ascii') || wantsAscii(variables);
    const asked = isAscii ? 'background' : 'characters';
    // Without colours there is nothing to choose.
    const isThemeOpen = theme === undefined && coloursOf(variables).depth !== 'none';
    const probe =
      ending.code === undefined && (!isAscii || isThemeOpen)
        ? await probeTerminal(stdin, stdout, { asked, staysRaw: true })
        : undefined;
    let onEnd = (): void => {};
    let leaving = async (): Promise<void> => {};
    if (ending.code === undefined) {
      const opened = openScreen(options, {
        openTerminal,
        ascii: isAscii || (probe !== undefined && drawsCrookedly(probe)),
        theme: theme ?? themeFor(variables, probe?.background),
        ending,
        suspension,
        onOpen: (close) => (giveBack = close),
      });
      ({ terminal } = opened);
      stage = opened.stage;
      onEnd = () => opened.end();
      leaving = async () => {
        opened.loop.stop();
        await opened.terminal.settle();
      };
      opened.begin();
      if (options.share) await followWith(options.share, opened);
      speaker = options.hasSpeaker ? await openSpeaker(opened, options) : undefined;
    }
    const code = await ending.ended;
    // Of a lost terminal no answer comes.
    if (code !== exitCodes.SIGHUP) await leaving();
    giveBack();
    onEnd();
    await stage?.close();
    if (ending.fault) throw ending.fault.error;
    return code;
  } finally {
    speaker?.close();
    giveBack();
    // Ended while the terminal was probed.
    if (!terminal) environment.stdin.setRawMode(false);
    suspension.stop();
    ending.stop();
    files.finish();
  }
}

interface Opening {
  readonly openTerminal: (options: TerminalOptions) => Terminal;
  readonly ascii: boolean;
  readonly theme: Theme;
  readonly ending: Ending;
  readonly suspension: Suspension;
  /** Called with the function that restores the terminal, as soon as it is changed. */
  readonly onOpen: (giveBack: () => void) => void;
}

interface Opened {
  readonly stage: RunController;
  readonly terminal: Terminal;
  readonly loop: Loop;
  readonly begin: () => void;
  readonly end: () => void;
  /** Called after each frame. */
  readonly watch: (listener: () => void) => void;
}

function openScreen(
  options: ShowOptions,
  { openTerminal, ascii, theme, ending, suspension, onOpen }: Opening,
): Opened {
  const { environment, files, loop: looped, modes, mode, opening, parsed, pace } = options;
  const { stdin, stdout, variables, language } = environment;
  const { fail, finish } = ending;
  const log = new CaptureLog(
    defined({ clock: systemClock, endless: options.endless || undefined, maxPayload: options.maxPayload }),
  );
  for (const fold of files.folds) log.subscribe(fold);
  const terminal = openTerminal({
    input: stdin,
    output: stdout,
    depth: coloursOf(variables).depth,
    theme,
    mouse: true,
    title: `wirelab ${mode}`,
  });
  // Size changes between two frames leave a truncated frame, which the output's own `resize` does not report.
  const onWindow = (): void => terminal.repaint();
  process.on('SIGWINCH', onWindow);
  const close = (): void => {
    process.off('SIGWINCH', onWindow);
    terminal.close();
  };
  onOpen(close);
  const guarded =
    <A extends readonly unknown[]>(act: (...args: A) => void) =>
    (...args: A): void => {
      try {
        act(...args);
      } catch (error) {
        fail(error);
      }
    };
  const watchers: (() => void)[] = [];
  const stage = options.controller({ log, send: guarded((message) => loop.send(message)), finish, fail });
  const copy = async (text: string, what: string): Promise<void> => {
    const tool = clipboardTool(variables, (program) => findProgram(program, variables));
    const byTool = tool !== undefined && (await copyWith(tool, text));
    const byTerminal = terminal.copy(text);
    if (byTool || byTerminal) loop.send({ type: 'copied', what });
  };
  const { recording } = files;
  let reading = new AbortController();
  const readOlder = async (wanted: PageWanted, shownMode: string): Promise<void> => {
    // A newer request has replaced this one.
    reading.abort();
    reading = new AbortController();
    const { signal } = reading;
    const { readBack } = await import('../io/read-back.ts');
    const { flows } = loop.model.sessions[shownMode]?.scene.sources ?? {};
    const result = await readBack({ path: recording ?? '', flows, wanted, signal });
    if (!signal.aborted) loop.send({ type: 'read-back', mode: shownMode, wanted, result });
  };
  const loop = startLoop({
    surface: {
      draw: guarded((frame, contrast) => {
        terminal.draw(frame, contrast);
        for (const watcher of watchers) watcher();
      }),
      onMessage: (listener) => terminal.onMessage(guarded(listener)),
      setMouse: (on) => terminal.setMouse(on),
      isBehind: () => terminal.isBehind(),
    },
    model: startModel(
      defined({
        size: terminal.size,
        language,
        ascii,
        modes,
        mode,
        notes: parsed.flag('notes'),
        filter: options.filter,
        sheet: options.filter ? 'steps' : undefined,
        resume: options.resume === undefined ? undefined : { mode, stop: options.resume },
        recording: recording === undefined ? undefined : safeText(basename(recording)),
        pace: typeof pace === 'number' ? pace : undefined,
        loop: looped,
        shared: options.share && { urls: options.share.urls, authority: options.share.authority },
        opens: looped && opening ? defined({ stop: opening.stop, through: opening.through }) : undefined,
        // The time of the first stop begins when it is shown.
        goal: pace === 'step' && !opening ? undefined : { mode, stop: opening?.stop ?? 0 },
        ...(pace === 'step' ? {} : { playing: 1, plays: 1 }),
      }),
    ),
    motionClock: wantsMotion(parsed, variables) ? () => performance.now() : undefined,
    onError: fail,
    outside(effect) {
      switch (effect.type) {
        case 'advance':
          stage.advance(effect.mode);
          break;
        case 'start':
          stage.start(effect.mode, effect.through, effect.alone);
          break;
        case 'lab':
          stage.act?.(effect.act);
          break;
        case 'copy':
          copy(effect.text, effect.what).catch(fail);
          break;
        case 'read-back':
          readOlder(effect.wanted, effect.mode).catch(fail);
          break;
        case 'suspend':
          terminal.settle().then(() => suspension.suspend(), fail);
          break;
        case 'quit':
          finish(effect.interrupted ? exitCodes.SIGINT : (stage.codes.get(loop.model.mode) ?? 0));
      }
    },
  });
  onOpen(() => {
    loop.stop();
    reading.abort();
    close();
  });
  return {
    stage,
    terminal,
    loop,
    watch(listener) {
      watchers.push(listener);
      listener();
    },
    end: () => options.onEnd?.(loop.model),
    begin() {
      options.onScreen?.(loop);
      stage.start(mode, opening?.through);
    },
  };
}

/** Viewers see the stop that the screen is at, and what it masks is masked for them. */
async function followWith({ present }: Pick<Share, 'present'>, { loop, watch }: Opened): Promise<void> {
  const { shownStop } = await import('../../ui/tui/speaker.ts');
  watch(() => {
    const { model } = loop;
    present({ mode: model.mode, presented: shownStop(model), isMasked: model.masked });
  });
}

/** Lets speakers' terminals follow the show, wherever the screen is. */
async function openSpeaker(
  { loop, watch }: Opened,
  { mode, environment }: ShowOptions,
): Promise<Channel | undefined> {
  const [{ openChannel }, { speakerPage }] = await Promise.all([
    import('../notes/channel.ts'),
    import('../../ui/tui/speaker.ts'),
  ]);
  const channel = await openChannel({
    name: mode,
    variables: environment.variables,
    began: systemClock.now(),
    onKey: (key) => loop.send({ type: 'key', key }),
  });
  watch(() => channel?.publish(speakerPage(loop.model)));
  return channel;
}
