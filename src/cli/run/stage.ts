/**
 * Controls the runs behind the screen: one for each demonstration that was opened, all running and writing into one
 * log, so that a key leads back to each. It starts, continues and closes them; the screen shows them.
 *
 * 1. A run waits before each step until it is continued, except for the steps that it was started to run through.
 * 2. In a loop each run has a log of its own, which goes with it, and an error ends the run alone.
 */
import { randomBytes } from 'node:crypto';
import type { CaptureEvent } from '../../capture/event.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { defined } from '../../core/defined.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { World } from '../../pki/keystore/world.ts';
import { features } from '../../features/registry.ts';
import { secretValues } from '../../engine/plan.ts';
import type { Plan } from '../../engine/plan.ts';
import { startScenario } from '../../engine/run.ts';
import type { RunningScenario } from '../../engine/run.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { createJudge } from '../../engine/verdict.ts';
import { forgetManualConnections } from '../../engine/manual-connections.ts';
import type { Judge } from '../../engine/verdict.ts';
import { ShownFeatures } from '../../presentation/shown.ts';
import type { Message } from '../../ui/tui/message.ts';
import { RunState } from '../../ui/tui/state/run-state.ts';
import type { Environment } from '../command.ts';
import { ScriptFolder } from '../io/script-folder.ts';
import { userErrorLines } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
import type { HostsOptions, RunOnHosts } from './on-hosts.ts';
import type { RunRecorder } from './replay/recorder.ts';
import type { RunPage } from './page/run-page.ts';
import { worldOf } from './world.ts';

/** A demonstration that can be started. */
export interface Playable {
  readonly compiled: CompiledScenario;
  readonly plan: Plan;
}

export interface StageOptions {
  readonly log: CaptureLog;
  readonly playable: ReadonlyMap<string, Playable>;
  readonly environment: Environment;
  /** Keeps everything running after the last step, and prints how to connect. */
  readonly hold: boolean;
  /** Runs other programs for the predicted logins too. */
  readonly peers?: boolean;
  /** Runs follow each other for an unlimited time. */
  readonly loops?: boolean;
  /** Each run has hosts of its own for its participants; and where the packets of its router go. */
  readonly onHosts?: Pick<HostsOptions, 'asked' | 'files'>;
  /** Begins the page of a run, if it gets one; and called with the page of a run that has its verdict. */
  readonly pageOf?: (mode: string, judge: Judge) => Promise<RunPage | undefined>;
  readonly onPage?: (page: RunPage) => void;
  /** The same for what is kept of a run, for its bundle. */
  readonly recorderOf?: (
    mode: string,
    judge: Judge,
    world: World | undefined,
  ) => Promise<RunRecorder | undefined>;
  readonly onRecorded?: (recorder: RunRecorder) => void;
  readonly send: (message: Message) => void;
  /** An internal error, not a user error. */
  readonly fail: (error: unknown) => void;
}

/** Visitors' closed connections that can still be viewed, on all wires. */
const mostVisitors = 2000;

interface Session {
  readonly controller: AbortController;
  /** Continues the run; absent while it does not wait. */
  goOn?: () => void;
  running?: RunningScenario;
  hosts?: RunOnHosts;
  /** Settles when nothing more is done for the run, whatever its result. */
  performed?: Promise<void>;
  /** Whether the screen has its state, or could have it. */
  isShown?: boolean;
  unsubscribe?: () => void;
}

export class Stage {
  readonly #options: StageOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #scripts = new Map<string, ScriptFolder>();
  /** Runs in progress, and those that are being closed. */
  readonly #pending = new Set<Promise<void>>();
  /** The exit code of the newest run of each mode: 0 its claims hold, 1 they do not, 2 it could not start, 70 a fault of ours. */
  readonly codes = new Map<string, 0 | 1 | 2 | 70>();

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** Starts a run of that mode; an earlier one is closed, and so is every other one if it is to be alone. */
  start(mode: string, through?: string, alone = false): void {
    const before = [...this.#sessions].filter(([name]) => alone || name === mode);
    for (const [name] of before) {
      this.#sessions.delete(name);
      this.codes.delete(name);
    }
    const closed = Promise.all(before.map(async ([, session]) => this.#close(session)));
    const session: Session = { controller: new AbortController() };
    this.#sessions.set(mode, session);
    session.performed = this.#keep(
      this.#perform(mode, session, { through, closed }).catch((error: unknown) =>
        this.#onError(mode, session, error),
      ),
    );
  }

  /** Continues a waiting run. */
  advance(mode: string): void {
    const session = this.#sessions.get(mode);
    const goOn = session?.goOn;
    if (!session || !goOn) return;
    delete session.goOn;
    goOn();
  }

  /** Ends every run and closes everything. */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) void this.#close(session);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
    for (const folder of this.#scripts.values()) folder.close();
  }

  /** A restarted run has its scripts where they were: somebody is in that folder. */
  #scriptsOf(mode: string): ScriptFolder {
    const known = this.#scripts.get(mode);
    const folder = known ?? new ScriptFolder({ language: this.#options.environment.language });
    this.#scripts.set(mode, folder);
    return folder;
  }

  async #close(session: Session): Promise<void> {
    session.controller.abort();
    session.goOn?.();
    return this.#keep(
      (async (): Promise<void> => {
        await session.running?.close();
        // A run that was still starting closes what it has started.
        await session.performed;
        await session.hosts?.close();
        session.unsubscribe?.();
      })(),
    );
  }

  async #keep(work: Promise<void>): Promise<void> {
    const kept = work.finally(() => this.#pending.delete(kept));
    this.#pending.add(kept);
    return kept;
  }

  async #onError(mode: string, session: Session, error: unknown): Promise<void> {
    const { environment, fail, send } = this.#options;
    if (session.controller.signal.aborted) return;
    const isOurs = !(error instanceof UserError);
    if (isOurs && !this.#options.loops) {
      fail(error);
      return;
    }
    // An error before the first event (certificates that cannot be created) needs a page to be shown on.
    if (!session.isShown) await this.#show(mode, session, undefined);
    this.codes.set(mode, isOurs ? 70 : 2);
    const lines = isOurs
      ? [`wirelab: ${error instanceof Error ? error.message : String(error)}`]
      : userErrorLines(error, environment.language);
    send({ type: 'state', mode, state: 'failed', error: lines });
    // What the run had started must not keep the ports of the next round.
    if (this.#options.loops) await session.running?.close();
  }

  /** Puts an empty page for a run on the screen. */
  async #show(
    mode: string,
    session: Session,
    world: World | undefined,
  ): Promise<{
    readonly log: CaptureLog;
    readonly run: RunLog;
    readonly judge: Judge;
    readonly scene: RunState;
  }> {
    const { plan } = this.#playable(mode);
    const log = this.#options.loops ? new CaptureLog({ clock: systemClock }) : this.#options.log;
    const run = log.openRun();
    const [judge, shown] = await Promise.all([
      createJudge(features, { plan, source: log, ...(world ? { world } : {}) }),
      features.shown(plan).then((all) => new ShownFeatures(all)),
    ]);
    const scene = new RunState({
      flows: judge.flows,
      hunt: judge.hunt,
      steps: judge.steps,
      ...(this.#options.hold ? { isEndless: true } : {}),
      findingsOf: (step) => judge.findingsOf(step),
      summaryClaims: new Set(
        plan.claims.filter(({ kind }) => features.expectation(kind).isHeadline).map(({ id }) => id),
      ),
      plan: plan.steps,
      secrets: secretValues(plan),
      typed: (step) => shown.typed(step, plan),
      shown,
    });
    if (!session.controller.signal.aborted) {
      session.isShown = true;
      this.#options.send({ type: 'session', mode, scene });
    }
    return { log, run, judge, scene };
  }

  #playable(mode: string): Playable {
    const found = this.#options.playable.get(mode);
    if (!found) throw new Error(`unknown demonstration: ${mode}`);
    return found;
  }

  async #startHosts(plan: Plan): Promise<RunOnHosts | undefined> {
    const { environment, onHosts } = this.#options;
    if (!onHosts) return undefined;
    const { RunOnHosts } = await import('./on-hosts.ts');
    return RunOnHosts.start({ ...onHosts, plan, environment });
  }

  async #perform(
    mode: string,
    session: Session,
    { through, closed }: { readonly through: string | undefined; readonly closed: Promise<unknown> },
  ): Promise<void> {
    const { environment, hold, onPage, onRecorded, pageOf, peers, recorderOf, send } = this.#options;
    const { compiled, plan } = this.#playable(mode);
    const { signal } = session.controller;
    const world = await worldOf(compiled, environment.places);
    const { log, run, judge, scene } = await this.#show(mode, session, world);
    const page = await pageOf?.(mode, judge);
    const recorder = await recorderOf?.(mode, judge, world);
    // Ports that the file fixes must be free again.
    if ([...plan.servers, ...plan.proxies].some(({ port }) => port !== undefined)) await closed;
    if (signal.aborted) return;
    const isCurrent = (): boolean => !signal.aborted;
    const state = (to: 'waiting' | 'running' | 'finished'): void => {
      if (isCurrent()) send({ type: 'state', mode, state: to });
    };
    const last = plan.steps.findIndex(({ id }) => id === through);
    const onHosts = await this.#startHosts(plan);
    if (onHosts) session.hosts = onHosts;
    if (signal.aborted) {
      await onHosts?.close();
      return;
    }
    const running = await startScenario(features, {
      plan: onHosts?.plan ?? plan,
      ...onHosts?.options,
      log: run,
      clock: systemClock,
      random: (length) => randomBytes(length),
      ...(world ? { world } : {}),
      version: readVersion(environment.places.root),
      variables: environment.variables,
      ...(peers ? { peers } : {}),
      signal,
      beforeStep: async (step) => {
        if (plan.steps.indexOf(step) > last && isCurrent()) {
          await new Promise<void>((resolve) => {
            session.goOn = resolve;
            state('waiting');
          });
        }
        state('running');
      },
    });
    session.running = running;
    // Only now: `began` has been logged and identifies the run.
    let forget = (_event: CaptureEvent): void => {};
    session.unsubscribe = run.subscribe((event) => {
      judge.fold(event);
      page?.fold(event);
      recorder?.fold(event);
      onHosts?.fold(event);
      if (isCurrent()) send({ type: 'captured', scene, events: [event] });
      forget(event);
    });
    if (signal.aborted) {
      await running.close();
      return;
    }
    state('running');
    await running.runSteps();
    if (!isCurrent()) return;
    if (hold) forget = forgetManualConnections({ log, judge, mostClosed: mostVisitors });
    const ways = hold ? await running.openForManualUse() : [];
    const scripts = this.#scriptsOf(mode).write(ways);
    // Closing connections is part of the report, so the verdict follows it.
    if (!hold) await running.close();
    const verdict = onHosts ? await onHosts.conclude(world) : judge.verdict();
    await onHosts?.close();
    if (!isCurrent()) return;
    page?.finish(verdict);
    if (page) onPage?.(page);
    recorder?.finish(verdict);
    if (recorder) onRecorded?.(recorder);
    this.codes.set(mode, verdict.status === 'passed' ? 0 : 1);
    send(defined({ type: 'judged', scene, verdict, ways, scripts }));
    state('finished');
  }
}
