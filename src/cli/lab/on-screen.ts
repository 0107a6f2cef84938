/**
 * Shows a running lab on the screen: how far the learner has come, and each connection as it comes. `run/visited.ts` joins log and
 * screen, `labs/hold/` is the lab, `labs/board.ts` what is known of the learner's progress.
 */
import { randomBytes } from 'node:crypto';
import { systemClock } from '../../core/clock.ts';
import { boardAfter, currentTask, startBoard, withProgress } from '../../labs/board.ts';
import type { LabBoard, NextLab } from '../../labs/board.ts';
import { progressIn, readLabFolder, remember } from '../../labs/folder.ts';
import { holdLab } from '../../labs/hold/hold.ts';
import type { HoldOptions, LabEvent } from '../../labs/hold/holding.ts';
import { KeptCommands } from '../../labs/hold/printed-commands.ts';
import { WireCaptures } from '../../labs/hold/wire-captures.ts';
import type { CompiledLab } from '../../labs/lab.ts';
import { labCalledAs } from '../../labs/wirelab-command.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { World } from '../../pki/keystore/world.ts';
import { commandsAfter, LabSpeech, verbCommands } from '../../ui/text/lab-speech.ts';
import type { Environment, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { noFiles } from '../io/outlets.ts';
import type { ScriptFolder } from '../io/script-folder.ts';
import type { ShowOptions } from '../run/screen.ts';
import { showVisited } from '../run/visited.ts';
import type { Page, Running } from '../run/visited.ts';
import { launcherFrom } from '../places.ts';
import type { Invitation } from '../class/roster/invitation.ts';
import { loadReporting } from './class/reporting.ts';
import type { Reporting } from './class/reporting.ts';
import type { LabPage } from './page.ts';

export interface ShownLab {
  readonly lab: CompiledLab;
  readonly folder: string;
  readonly world: World;
  readonly version: string;
  readonly scripts: ScriptFolder;
  readonly next: NextLab | undefined;
  readonly page?: LabPage | undefined;
  /** Where its state is reported. */
  readonly invitation?: Invitation | undefined;
}

/** How the learner left the screen. */
export interface LeftLab {
  readonly code: number;
  /** To begin the next lab. */
  readonly goesOn: boolean;
}

/** How often it is looked what was recorded by a check or for a hint in another terminal, in milliseconds. */
const lookMs = 1000;

/** @throws UserError if the lab ended by itself. */
export async function labOnScreen(
  shown: ShownLab,
  parsed: Parsed,
  environment: Environment,
  onScreen?: ShowOptions['onScreen'],
): Promise<LeftLab> {
  const { narration } = shown.lab;
  const { page: htmlPage } = shown;
  let goesOn = false;
  let isMasked = false;
  let last: ScreenLab | undefined;
  let failure: UserError | undefined;
  const code = await showVisited(
    {
      mode: 'lab',
      title: { en: narration.en.title, ko: narration.ko.title },
      async start(page, before: Promise<ScreenLab | undefined>) {
        await (await before)?.close();
        failure = undefined;
        return (last = new ScreenLab(shown, page, {
          command: launcherFrom(shown.folder, environment),
          reporting: await loadReporting(shown.folder, shown.lab, shown.invitation),
          onNext() {
            goesOn = true;
            page.finish(0);
          },
          onFailure(error) {
            if (error instanceof UserError) failure = error;
            page.fail(error);
          },
        }));
      },
    },
    {
      parsed,
      environment,
      onScreen,
      onEnd: (model) => (isMasked = model.masked),
      captures: { command: 'lab', files: noFiles, beside: htmlPage && (() => htmlPage.fold) },
    },
  );
  if (last && !failure) htmlPage?.write(last.board, environment, isMasked);
  // The screen is gone: it is said in the shell, too.
  if (failure) throw failure;
  // Ctrl-C is the normal way to end a lab.
  return { code: code === exitCodes.SIGINT ? 0 : code, goesOn };
}

interface ScreenLabOptions {
  /** How wirelab is called from the lab's folder. */
  readonly command: string;
  /** To the learner's class. */
  readonly reporting: Reporting | undefined;
  readonly onNext: () => void;
  readonly onFailure: (error: unknown) => void;
}

class ScreenLab implements Running {
  readonly #shown: ShownLab;
  readonly #page: Page;
  readonly #onNext: () => void;
  readonly #ending = new AbortController();
  readonly #speech: LabSpeech;
  readonly #captures: WireCaptures;
  readonly #kept: KeptCommands;
  readonly #held: Promise<void>;
  readonly #timer: NodeJS.Timeout;
  readonly #reporting: Reporting | undefined;
  #board: LabBoard;

  constructor(shown: ShownLab, page: Page, { command, reporting, onNext, onFailure }: ScreenLabOptions) {
    const { folder, next } = shown;
    const lab = labCalledAs(shown.lab, command);
    this.#shown = { ...shown, lab };
    this.#page = page;
    this.#onNext = onNext;
    this.#reporting = reporting;
    this.#speech = new LabSpeech(lab);
    const begun = startBoard(lab, progressIn(folder));
    this.#kept = new KeptCommands(folder);
    this.#board = { ...begun, ...(next ? { next } : {}), verbs: verbCommands(command) };
    const log = page.openLog({ isLab: true });
    page.board(this.#board);
    this.#captures = new WireCaptures({
      folder,
      onFailure: (file, { facts }) => this.#onEvent({ kind: 'unrecorded', file, mistake: facts }),
    });
    const unsubscribe = log.subscribe(this.#captures.fold);
    this.#held = this.#hold(log, command).finally(unsubscribe);
    this.#held.catch(onFailure);
    this.#timer = setInterval(() => this.#look(), lookMs);
    reporting?.start(this.#onEvent);
  }

  async #hold(log: NonNullable<HoldOptions['log']>, command: string): Promise<void> {
    const { lab, folder, world, version } = this.#shown;
    await holdLab({
      lab,
      folder,
      world,
      clock: systemClock,
      random: (length) => randomBytes(length),
      version,
      command,
      signal: this.#ending.signal,
      log,
      follows: true,
      onEvent: this.#onEvent,
    });
  }

  /** With what was recorded last. */
  get board(): LabBoard {
    const { lab, folder } = this.#shown;
    return withProgress(this.#board, lab, progressIn(folder));
  }

  act(what: 'hint' | 'next'): void {
    if (what === 'next') this.#onNext();
    else this.#hint();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#ending.abort();
    await Promise.all([this.#held.catch(() => {}), this.#reporting?.close()]);
    this.#captures.close();
    this.#kept.close();
  }

  /** Gives the next hint of the current task, as `lab hint` does. */
  #hint(): void {
    const { folder } = this.#shown;
    this.#look();
    const task = currentTask(this.#board);
    const record = readLabFolder(folder);
    if (!task || !record || task.hints.length >= task.hintCount) return;
    remember(folder, { hints: { ...record.hints, [task.id]: task.hints.length + 1 } });
    this.#look();
  }

  #look(): void {
    this.#show(this.board);
  }

  readonly #onEvent = (event: LabEvent): void => {
    const { scripts } = this.#shown;
    this.#reporting?.onEvent(event);
    const written =
      event.kind === 'open' ? scripts.write(event.ways, event.tasks.join(' '), event.others) : undefined;
    const commands = commandsAfter(event, written);
    this.#kept.after(event, commands);
    const said = this.#speech.say(event);
    this.#show(boardAfter(this.#board, event, systemClock.now(), { said, commands }));
  };

  #show(board: LabBoard): void {
    if (board === this.#board) return;
    this.#board = board;
    this.#page.board(board);
  }
}
