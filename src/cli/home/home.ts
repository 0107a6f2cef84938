/**
 * Implements `wirelab` without a command, on a terminal: the list of what can be opened. What was chosen runs as if its command
 * had been typed; after it the list comes back, with the same entry chosen. `ui/tui/home/` decides what is shown.
 *
 * 1. The terminal is given back before a command runs, and whatever ends the program.
 * 2. A command that is ended by a signal ends the list too, with the same code.
 */
import { wantsAscii } from '../../i18n/ascii.ts';
import { UserError } from '../../i18n/user-error.ts';
import { openTerminal } from '../../ui/tui/blessed.ts';
import type { Terminal } from '../../ui/tui/blessed.ts';
import { startHome } from '../../ui/tui/home/model.ts';
import type { HomeEffect, HomeModel } from '../../ui/tui/home/model.ts';
import { updateHome } from '../../ui/tui/home/update.ts';
import { homeView } from '../../ui/tui/home/view.ts';
import type { Message } from '../../ui/tui/message.ts';
import { coloursOf } from '../../ui/tui/palette.ts';
import { drawsCrookedly, probeTerminal } from '../../ui/tui/probe.ts';
import { themeFor } from '../../ui/tui/theme.ts';
import type { Theme } from '../../ui/tui/theme.ts';
import { parseCommand } from '../command.ts';
import type { Environment } from '../command.ts';
import { exitCodes, watchForTheEnd } from '../io/ending.ts';
import { themeAskedFor } from '../io/screen-options.ts';
import { watchForSuspension } from '../io/suspending.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { homeEntries } from './entries.ts';
import { readSeen } from './seen.ts';

/** Runs a command line; resolves with its exit code, or throws its UserError. */
export type Open = (words: readonly string[], environment: Environment) => Promise<number>;

const bySignal: readonly number[] = Object.values(exitCodes);

/** @returns the exit code. */
export async function home(environment: Environment, open: Open): Promise<number> {
  const { variables, language, places, stdout } = environment;
  let model = startHome({
    size: { columns: stdout.columns, rows: stdout.rows },
    language,
    ascii: wantsAscii(variables),
    entries: await homeEntries(places),
    seen: readSeen(variables),
  });
  // Measured once, at the first frame.
  let looks: Looks | undefined;
  for (;;) {
    const chosen = await choose(model, environment, looks);
    ({ model, looks } = chosen);
    if (!chosen.words) return chosen.code;
    let code = 0;
    try {
      code = await open(chosen.words, { ...environment, language: model.language });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      model = { ...model, failure: userErrorLines(error, model.language) };
    }
    if (bySignal.includes(code)) return code;
    model = { ...model, seen: readSeen(variables) };
  }
}

/** How this terminal is drawn on. */
interface Looks {
  readonly ascii: boolean;
  readonly theme: Theme;
}

async function looksOf({ stdin, stdout, variables }: Environment): Promise<Looks> {
  const theme = themeAskedFor(parseCommand('', {}, []), variables);
  const isAscii = wantsAscii(variables);
  const probe = await probeTerminal(stdin, stdout, {
    asked: isAscii ? 'background' : 'characters',
    staysRaw: true,
  });
  return { ascii: isAscii || drawsCrookedly(probe), theme: theme ?? themeFor(variables, probe.background) };
}

type Chosen = { readonly model: HomeModel; readonly looks: Looks | undefined } & (
  | { readonly words: readonly string[] }
  | { readonly words?: undefined; readonly code: number }
);

/** Shows the list until something is chosen, or the program is to end. */
async function choose(first: HomeModel, environment: Environment, known: Looks | undefined): Promise<Chosen> {
  const { stdin, stdout, variables } = environment;
  let giveBack = (): void => {};
  let terminal: Terminal | undefined;
  const suspension = watchForSuspension(() => terminal, environment.stopJob);
  const ending = watchForTheEnd(environment, () => giveBack());
  let isOpened = false;
  let looks = known;
  let model = first;
  let words: readonly string[] | undefined;
  try {
    if (ending.code === undefined) looks ??= await looksOf(environment);
    if (looks && ending.code === undefined) {
      const opened = openTerminal({
        input: stdin,
        output: stdout,
        depth: coloursOf(variables).depth,
        theme: looks.theme,
        mouse: true,
        title: 'wirelab',
      });
      // Size changes between two frames leave a truncated frame, which the output's own `resize` does not report.
      const onWindow = (): void => opened.repaint();
      process.on('SIGWINCH', onWindow);
      giveBack = (): void => {
        process.off('SIGWINCH', onWindow);
        terminal = undefined;
        opened.close();
      };
      terminal = opened;
      isOpened = true;
      model = { ...model, ascii: looks.ascii, size: opened.size };
      const perform = (effect: HomeEffect): void => {
        if (effect.type === 'suspend') opened.settle().then(() => suspension.suspend(), ending.fail);
        else if (effect.type === 'quit') ending.finish(effect.interrupted ? exitCodes.SIGINT : 0);
        else {
          ({ words } = effect);
          ending.finish(0);
        }
      };
      const take = (message: Message): void => {
        // What was typed after the choice is for the command, or lost with it.
        if (ending.code !== undefined) return;
        try {
          const [next, effects] = updateHome(model, message);
          model = next;
          opened.draw(homeView(model));
          for (const effect of effects) perform(effect);
        } catch (error) {
          ending.fail(error);
        }
      };
      opened.onMessage(take);
      opened.draw(homeView(model));
    }
    const code = await ending.ended;
    // Only a terminal that answers is waited for: what is typed meanwhile would be lost for the command.
    if (code !== exitCodes.SIGHUP && terminal?.isBehind()) await terminal.settle();
    if (ending.fault) throw ending.fault.error;
    return words ? { model, looks, words } : { model, looks, code };
  } finally {
    giveBack();
    // Ended while the terminal was probed.
    if (!isOpened) stdin.setRawMode(false);
    suspension.stop();
    ending.stop();
  }
}
