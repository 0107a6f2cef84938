/**
 * `wirelab run` on an emulated terminal, from the first frame to the exit code, with everything behind it real: the runs,
 * their sockets, blessed. A test types, and waits until a text stands on the screen.
 */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findPlaces, scenarioPlaces } from '../../../../src/cli/places.ts';
import { parseCommand } from '../../../../src/cli/command.ts';
import type { Environment } from '../../../../src/cli/command.ts';
import { inspect } from '../../../../src/cli/inspect.ts';
import { inspectOnScreen } from '../../../../src/cli/inspect/on-screen.ts';
import type { ShownOptions } from '../../../../src/cli/inspect/on-screen.ts';
import { readRequest } from '../../../../src/cli/inspect/request.ts';
import { openClusterFolder } from '../../../../src/cli/kube/up-folder.ts';
import { upOnScreen } from '../../../../src/cli/kube/up-screen.ts';
import { greeting, usage } from '../../../../src/cli/kube/up-greeting.ts';
import { up } from '../../../../src/cli/kube/up.ts';
import { proxy } from '../../../../src/cli/proxy.ts';
import { performOnScreen as performProxy } from '../../../../src/cli/proxy/on-screen.ts';
import { readSettings } from '../../../../src/cli/proxy/settings.ts';
import { run } from '../../../../src/cli/run.ts';
import type { TcpOpening } from '../../../../src/capture/event.ts';
import type { Files } from '../../../../src/cli/io/outlets.ts';
import type { PageFile } from '../../../../src/cli/run/page/file.ts';
import { performOnScreen } from '../../../../src/cli/run/scenario-screen.ts';
import { sharedAt } from '../../../../src/cli/run/share/options.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { features } from '../../../../src/features/registry.ts';
import { loadScenario } from '../../../../src/engine/load.ts';
import { planScenario } from '../../../../src/engine/planning.ts';
import type { CompiledScenario } from '../../../../src/engine/scenario.ts';
import type { Loop } from '../../../../src/ui/tui/loop.ts';
import { view } from '../../../../src/ui/tui/view.ts';
import type { Editable } from '../../../engine/support/demonstration.ts';
import { certificatesFolder } from '../../../helpers/wirelab.ts';
import { stateHome } from '../../../helpers/state-home.ts';
import { Emulator } from './emulator.ts';
import type { Answers } from './emulator.ts';

export interface PerformedOptions {
  /** A name, or the path of a folder. */
  readonly scenario?: string;
  /** Options as they are typed. */
  readonly words?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly language?: Language;
  readonly answers?: Answers;
  /** The background that the terminal reports; it reports none without one. */
  readonly background?: string;
  readonly variables?: NodeJS.ProcessEnv;
  readonly folds?: Files['folds'];
  /** The file of its page. */
  readonly page?: PageFile;
  /** The opening of a connection, from a user's capture. */
  readonly opening?: TcpOpening;
  /** Changes the scenario before it is planned. */
  readonly edit?: (scenario: Editable<CompiledScenario>) => void;
  /** Told of the emulator before anything is written on it. */
  readonly prepare?: (emulator: Emulator) => void;
}

export interface Performed {
  readonly emulator: Emulator;
  readonly loop: Loop;
  /** With the exit code. */
  readonly ended: Promise<number>;
  /** How often the files of the run were put in place. */
  readonly finished: () => number;
  press(this: void, keys: string): Promise<void>;
  /** Resolves with the text when this is shown and the screen equals, cell by cell, the view of the model. */
  until(this: void, what: RegExp | ((text: string) => boolean)): Promise<string>;
  /** Types it and quits normally; resolves with the exit code. */
  leave(): Promise<number>;
}

/** Long enough for any machine; on a timeout the test reports what is shown instead. */
const patience = 20_000;

export async function performed(t: ExecutionContext, options: PerformedOptions = {}): Promise<Performed> {
  const { scenario = 'plaintext', words = [], folds = [], page, edit } = options;
  const variables = { ...usual, ...options.variables };
  const compiled = await loadScenario(scenario, scenarioPlaces(findPlaces(variables)));
  edit?.(compiled as Editable<CompiledScenario>);
  const parsed = parseCommand('run', run.options, words);
  let finished = 0;
  const screen = await onEmulator(t, options, (environment, onScreen) =>
    performOnScreen({
      compiled,
      plan: planScenario(features, compiled, options.opening ? { opening: options.opening } : {}),
      pace: 'step',
      files: { folds, finish: () => finished++, close: () => {} },
      page,
      share: sharedAt(parsed),
      parsed,
      environment,
      onScreen,
    }),
  );
  return { ...screen, finished: () => finished };
}

/** `wirelab proxy` on an emulated terminal. */
export async function performedProxy(
  t: ExecutionContext,
  words: readonly string[],
  options: Pick<PerformedOptions, 'columns' | 'rows' | 'language'> = {},
): Promise<Omit<Performed, 'finished'>> {
  const parsed = parseCommand('proxy', proxy.options, words);
  return onEmulator(t, options, (environment, onScreen) =>
    performProxy(readSettings(parsed), parsed, environment, onScreen),
  );
}

/** `wirelab kube up` on an emulated terminal, for a cluster in a folder. */
export async function performedUp(
  t: ExecutionContext,
  folder: string,
  options: Pick<PerformedOptions, 'columns' | 'rows' | 'language'> = {},
): Promise<Omit<Performed, 'finished'>> {
  const parsed = parseCommand('kube up', up.options, ['--out', folder, '--port', '0']);
  return onEmulator(t, options, async (environment, onScreen) => {
    const settings = {
      listen: { host: '127.0.0.1', port: 0 },
      folder: await openClusterFolder(folder, 'https://127.0.0.1:6443'),
      path: folder,
      token: { id: 'abcdef', secret: '0123456789abcdef' },
      version: '0.0.0',
      variables: environment.variables,
    };
    return upOnScreen({ settings, name: folder, greeting, usage }, parsed, environment, onScreen);
  });
}

/** `wirelab inspect` on an emulated terminal. */
export async function inspectWords(
  t: ExecutionContext,
  words: readonly string[],
  {
    shown,
    ...options
  }: Pick<PerformedOptions, 'columns' | 'rows' | 'language'> & {
    readonly shown?: Omit<ShownOptions, 'onScreen'>;
  } = {},
): Promise<Omit<Performed, 'finished'>> {
  const parsed = parseCommand('inspect', inspect.options, words);
  return onEmulator(t, options, async (environment, onScreen) =>
    inspectOnScreen(readRequest(parsed, environment), parsed, environment, { ...shown, onScreen }),
  );
}

const usual: NodeJS.ProcessEnv = {
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
  WIRELAB_NO_MOTION: '1',
  WIRELAB_CERTS: certificatesFolder,
  XDG_STATE_HOME: stateHome,
};

let shown = 0;

async function onEmulator(
  t: ExecutionContext,
  {
    columns = 80,
    rows = 24,
    language = 'en',
    answers = 'truly',
    background,
    prepare,
    ...options
  }: PerformedOptions,
  perform: (environment: Environment, onScreen: (loop: Loop) => void) => Promise<number>,
): Promise<Omit<Performed, 'finished'>> {
  // What one screen remembers is not offered on the next one.
  const state = { WIRELAB_STATE: join(stateHome, String(++shown)) };
  const variables = { ...usual, ...state, ...options.variables };
  const emulator = new Emulator(columns, rows, answers);
  if (background !== undefined) emulator.reportBackground(background);
  prepare?.(emulator);
  let onScreen: (loop: Loop) => void = () => {};
  const opened = new Promise<Loop>((resolve) => {
    onScreen = resolve;
  });
  const environment: Environment = {
    variables,
    places: findPlaces(variables),
    language,
    stdin: emulator.input as unknown as NodeJS.ReadStream,
    stdout: emulator.output as unknown as NodeJS.WriteStream,
    stderr: process.stderr,
  };
  const ended = perform(environment, onScreen);
  ended.catch(() => {});
  t.teardown(async () => {
    emulator.input.write('\x03');
    await ended.catch(() => {});
  });
  const loop = await Promise.race([
    opened,
    ended.then(() => Promise.reject(new Error('it ended before there was a screen'))),
  ]);

  const until: Performed['until'] = async (what) => {
    const matches = typeof what === 'function' ? what : (text: string): boolean => what.test(text);
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), patience);
    const late = once(deadline.signal, 'abort');
    const over = ended.then((code) => Promise.reject(new Error(`it ended with ${code}`)));
    over.catch(() => {});
    try {
      for (;;) {
        await emulator.settled();
        const wrote = emulator.wrote();
        const text = textOf(loop).join('\n');
        if (matches(text) && isShown(text, emulator.screen().join('\n'))) return text;
        // A change that is not seen (in a window that is too small) is not written.
        await Promise.race([wrote, late, over, pause(20)]);
        if (deadline.signal.aborted)
          throw new Error(
            `not there: ${String(what)}; the view says\n${textOf(loop).join('\n')}\n\nthe screen shows\n${emulator.screen().join('\n')}`,
          );
      }
    } finally {
      clearTimeout(timer);
    }
  };
  return {
    emulator,
    loop,
    ended,
    press: async (keys) => emulator.type(keys),
    until,
    async leave() {
      // A search or a help that is open is closed first.
      await emulator.type('\x1b[0~');
      while (!emulator.input.isPaused()) await emulator.type('q');
      return ended;
    },
  };
}

/** The rows that the view says now, as text. */
export function textOf(loop: Loop): string[] {
  return view(loop.model).lines.map((line) => line.map(({ text }) => text).join(''));
}

/** Whether that text is shown, cell by cell; a character of ambiguous width is shown as full stops. */
function isShown(text: string, shown: string): boolean {
  if (text === shown) return true;
  let at = 0;
  for (const character of text) {
    const cells = character === '\n' ? 1 : cellWidth(character);
    if (cells > 0 && shown.startsWith(character, at)) at += character.length;
    else if (shown.startsWith('.'.repeat(cells), at)) at += cells;
    else return false;
  }
  return at === shown.length;
}

/** Whether every row takes as many cells as the screen has columns. */
export function isWhole(lines: readonly string[], columns: number): boolean {
  return lines.every((line) => cellWidth(line) === columns);
}
