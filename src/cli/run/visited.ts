/**
 * Shows a proxy, a control plane or a capture file on the screen, each connection like a visitor's in a demonstration. It feeds
 * the log into the run state, keeps the newest closed connections, reports a failed start, and restarts with an empty page. What
 * runs is an argument (`Visited`); `screen.ts` is the screen itself, and `stage.ts` controls demonstrations.
 */
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import { NewestClosed } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import type { CaptureFeed } from '../../capture/boundary.ts';
import type { CaptureLog, RunLog } from '../../capture/log.ts';
import { Steps } from '../../capture/steps.ts';
import type { Localized } from '../../i18n/language.ts';
import type { LabBoard } from '../../labs/board.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { LabAct } from '../../ui/tui/state/effect.ts';
import type { SessionState } from '../../ui/tui/message.ts';
import { RunState } from '../../ui/tui/state/run-state.ts';
import type { RunSources } from '../../ui/tui/state/run-state.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import { noFiles, openFiles } from '../io/outlets.ts';
import type { Files } from '../io/outlets.ts';
import { filterOf } from '../io/read-filter.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { showOnScreen } from './screen.ts';
import type { RunController, RunHost, ShowOptions } from './screen.ts';

/** What was started. */
export interface Running {
  close(): Promise<void>;
  /** Handles SIGHUP. */
  reload?(): Promise<unknown>;
  /** Does what a key of a lab asks for. */
  act?(act: LabAct): void;
}

/** What is shown, and how to start it. */
export interface Visited<R extends Running> {
  readonly mode: string;
  readonly title: Localized;
  /**
   * Starts it; resolves when it is ready.
   * @param before the previous instance, which this closes to use its port again
   * @throws UserError if it cannot be started: the screen shows the reason
   */
  start(page: Page, before: Promise<R | undefined>): Promise<R>;
  /** The exit code of a failed start; 2 by default. */
  readonly failureCode?: number;
  /** Cancels a pending start. */
  readonly abandon?: () => void;
}

/** The interface to the screen for what is started. */
export interface Page {
  /** Shows a notice that belongs to no conversation. */
  readonly notify: (text: Localized) => void;
  /** Reports how much of a file has been read, from 0 to 1. */
  readonly progress: (done: number | undefined) => void;
  /** Opens an empty page for a run in the screen's own log: every event is shown when it is logged. */
  readonly openRun: (sources?: Partial<RunSources>) => RunLog;
  /** Opens an empty page for whatever is logged from now on in the screen's own log, by any number of runs. */
  readonly openLog: (sources?: Partial<RunSources>) => CaptureLog;
  /** Shows how far a learner has come. */
  readonly board: (board: LabBoard) => void;
  /** Ends the program with that exit code. */
  readonly finish: (code: number) => void;
  /** What runs has failed. */
  readonly fail: (error: unknown) => void;
  /** Opens an empty page for another log, whose owner adds the events. */
  readonly open: (sources: Pick<RunSources, 'flows' | 'steps'> & Partial<RunSources>) => Shown;
}

export interface Shown {
  readonly add: (events: readonly CaptureEvent[]) => void;
  readonly state: (state: SessionState) => void;
}

export interface VisitedOptions {
  readonly parsed: Parsed;
  readonly environment: Environment;
  /** Called when the screen is up; gives a test access to the model. */
  readonly onScreen?: ShowOptions['onScreen'];
  /** Called when the screen is left. */
  readonly onEnd?: ShowOptions['onEnd'];
  /** For a capturing command, which runs until it is stopped and writes the files of the command line. Absent when a file is read. */
  readonly captures?: {
    readonly command: string;
    /** It writes none of the command line's files. */
    readonly files?: Files;
    /** SIGHUP is for it. */
    readonly reloads?: boolean;
    /** Reads the log beside the screen. */
    readonly beside?: ((log: CaptureFeed) => (event: CaptureEvent) => void) | undefined;
  };
}

/** @returns the exit code */
export async function showVisited<R extends Running>(
  visited: Visited<R>,
  { parsed, environment, onScreen, onEnd, captures }: VisitedOptions,
): Promise<number> {
  const { mode, title } = visited;
  let notify = (_text: Localized): void => {};
  const files =
    captures === undefined
      ? noFiles
      : (captures.files ?? (await openFiles(parsed, environment, ({ facts }) => notify(facts.what))));
  try {
    return await showOnScreen({
      modes: [{ name: mode, title, comparable: '' }],
      mode,
      pace: 'step',
      files,
      parsed,
      environment,
      onScreen,
      ...(onEnd ? { onEnd } : {}),
      filter: filterOf(parsed),
      ...(captures
        ? { endless: true, ...maxPayloadOf(parsed, captures.command), reloads: captures.reloads ?? false }
        : {}),
      controller(host) {
        notify = (text) => host.send({ type: 'notice', text });
        const beside = captures?.beside?.(host.log);
        if (beside) host.log.subscribe(beside);
        return new VisitedStage(visited, environment, host);
      },
    });
  } finally {
    files.close();
  }
}

/** How many closed connections can still be viewed, on all wires. */
const mostClosed = 2000;

class VisitedStage<R extends Running> implements RunController {
  readonly codes = new Map<string, number>();
  readonly #visited: Visited<R>;
  readonly #environment: Environment;
  readonly #host: RunHost;
  #running: Promise<R | undefined> = Promise.resolve(undefined);
  /** Stops showing the previous instance. */
  #silence = (): void => {};

  constructor(visited: Visited<R>, environment: Environment, host: RunHost) {
    this.#visited = visited;
    this.#environment = environment;
    this.#host = host;
  }

  start(): void {
    const before = this.#running;
    this.#running = this.#begin(before).catch((error: unknown) => {
      this.#onError(error);
      return undefined;
    });
  }

  readonly act = (what: LabAct): void => {
    this.#running.then((running) => running?.act?.(what)).catch(this.#host.fail);
  };

  #onError(error: unknown): void {
    if (error instanceof UserError) this.#onUserError(error);
    else this.#host.fail(error);
  }

  readonly reload = (): void => {
    this.#running.then(async (running) => running?.reload?.()).catch(this.#host.fail);
  };

  /** Nothing waits for a key. */
  advance(): void {}

  async close(): Promise<void> {
    this.#visited.abandon?.();
    await (await this.#running)?.close();
  }

  async #begin(before: Promise<R | undefined>): Promise<R> {
    const { send } = this.#host;
    const { mode } = this.#visited;
    const running = await this.#visited.start(
      {
        notify: (text) => send({ type: 'notice', text }),
        progress: (done) => send({ type: 'progress', mode, done }),
        openRun: (sources) => this.#openRun(sources),
        openLog: (sources) => this.#openLog(sources),
        board: (board) => send({ type: 'lab', board }),
        finish: this.#host.finish,
        fail: (error) => this.#onError(error),
        open: (sources) => this.#open(sources),
      },
      before,
    );
    send({ type: 'state', mode, state: 'finished' });
    return running;
  }

  #onUserError(error: UserError): void {
    const { mode, failureCode = 2 } = this.#visited;
    this.codes.set(mode, failureCode);
    const lines = userErrorLines(error, this.#environment.language);
    this.#host.send({ type: 'state', mode, state: 'failed', error: lines });
  }

  #openRun(sources: Partial<RunSources> = {}): RunLog {
    const run = this.#host.log.openRun();
    this.#follow(run, sources);
    return run;
  }

  #openLog(sources: Partial<RunSources> = {}): CaptureLog {
    const { log } = this.#host;
    const from = log.nextSeq;
    this.#follow(
      {
        subscribe: (fold) =>
          log.subscribe((event) => {
            if (event.seq >= from) fold(event);
          }),
      },
      sources,
    );
    return log;
  }

  #follow(followed: Pick<RunLog, 'subscribe'>, sources: Partial<RunSources>): void {
    const { log } = this.#host;
    this.#silence();
    const flows = new Flows(log);
    const hunt = new SecretHunt([]);
    const steps = new Steps();
    const closed = new NewestClosed(log, flows, mostClosed);
    const { add } = this.#open({ flows, hunt, steps, isEndless: true, ...sources });
    this.#silence = followed.subscribe((event) => {
      flows.fold(event);
      hunt.fold(event);
      steps.fold(event);
      add([event]);
      closed.fold(event);
    });
  }

  #open(sources: Pick<RunSources, 'flows' | 'steps'> & Partial<RunSources>): Shown {
    const { send } = this.#host;
    const { mode } = this.#visited;
    const scene = new RunState({
      hunt: new SecretHunt([]),
      isVisited: true,
      findingsOf: () => [],
      plan: [],
      secrets: new Map(),
      typed: () => [],
      ...sources,
    });
    send({ type: 'session', mode, scene });
    return {
      add: (events) => send({ type: 'captured', scene, events }),
      state: (state) => send({ type: 'state', mode, state }),
    };
  }
}
