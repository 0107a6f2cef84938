/**
 * The runs behind the screen: one for each demonstration that somebody has looked at, all of them up at once and writing
 * into one log, so that a key leads back to each. It starts them, lets them go on, and closes them; what is shown of them
 * is the screen's business.
 *
 * A run waits before each step until it is told to go on, but for the steps that it was asked to run through.
 */
import { randomBytes } from 'node:crypto';
import { SecretHunt } from '../analysis/secret-hunt.ts';
import { Flows } from '../capture/flows.ts';
import type { CaptureLog } from '../capture/log.ts';
import { Steps } from '../capture/steps.ts';
import { systemClock } from '../core/clock.ts';
import { Mistake } from '../i18n/mistake.ts';
import type { Plan } from '../scenario/plan.ts';
import { startScenario } from '../scenario/run.ts';
import type { RunningScenario } from '../scenario/run.ts';
import type { CompiledScenario } from '../scenario/scenario.ts';
import { createJudge } from '../scenario/verdict.ts';
import type { Message } from '../tui/message.ts';
import { Scene } from '../tui/scene.ts';
import type { Environment } from './command.ts';
import { mistakeLines } from './mistake-text.ts';
import { readVersion } from './places.ts';
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
  /** Everything stays up when the steps are done, and says how it is reached. */
  readonly hold: boolean;
  readonly send: (message: Message) => void;
  /** Our own fault, not a mistake of the user. */
  readonly fail: (error: unknown) => void;
}

interface Session {
  readonly controller: AbortController;
  /** Lets the run go on; absent while it does not wait. */
  goOn?: () => void;
  running?: RunningScenario;
  /** The screen has been given its scene. */
  hasScene?: boolean;
  unsubscribe?: () => void;
}

export class Stage {
  readonly #options: StageOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #closing = new Set<Promise<void>>();
  /** How the runs that came to their end were judged, by mode; the newest of each. */
  readonly verdicts = new Map<string, 'passed' | 'failed'>();

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** Begins a run of that mode; an earlier one is closed. */
  start(mode: string, through?: string): void {
    const before = this.#sessions.get(mode);
    if (before) this.#close(before);
    const session: Session = { controller: new AbortController() };
    this.#sessions.set(mode, session);
    this.#perform(mode, session, through).catch((error: unknown) => {
      if (session.controller.signal.aborted) return;
      if (!(error instanceof Mistake)) {
        this.#options.fail(error);
        return;
      }
      // What failed before the run had a scene (certificates that cannot be read) is told in an empty one.
      if (!session.hasScene) this.#options.send({ type: 'session', mode, scene: this.#emptyScene() });
      this.#options.send({ type: 'state', mode, state: 'failed', error: mistakeLines(error, this.#options.environment.language) });
    });
  }

  /** A run that waits goes on. */
  advance(mode: string): void {
    const session = this.#sessions.get(mode);
    const goOn = session?.goOn;
    if (!session || !goOn) return;
    delete session.goOn;
    goOn();
  }

  /** Every run ends and everything is closed. */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) this.#close(session);
    await Promise.all(this.#closing);
  }

  #close(session: Session): void {
    session.controller.abort();
    session.goOn?.();
    const closed = (async (): Promise<void> => {
      await session.running?.close();
      session.unsubscribe?.();
    })();
    this.#closing.add(closed);
    void closed.finally(() => this.#closing.delete(closed));
  }

  #emptyScene(): Scene {
    return new Scene({ flows: new Flows(this.#options.log), hunt: new SecretHunt([]), steps: new Steps(), findingsOf: () => [], plan: [], secrets: new Map(), typed: () => [] });
  }

  async #perform(mode: string, session: Session, through: string | undefined): Promise<void> {
    const { environment, hold, log, playable, send } = this.#options;
    const found = playable.get(mode);
    if (!found) throw new Error(`no demonstration is called ${mode}`);
    const { compiled, plan } = found;
    const { signal } = session.controller;
    const run = log.openRun();
    const world = await worldOf(compiled, environment.places);
    const judge = await createJudge({ plan, source: log, ...(world ? { world } : {}) });
    const scene = new Scene({
      flows: judge.flows,
      hunt: judge.hunt,
      steps: judge.steps,
      findingsOf: (step) => judge.findingsOf(step),
      plan: plan.steps,
      secrets: new Map(plan.secrets.map(({ id, value }) => [id, value])),
      typed: ({ login }) => typedBy(plan, login.account),
    });
    if (signal.aborted) return;
    const isCurrent = (): boolean => !signal.aborted;
    session.hasScene = true;
    send({ type: 'session', mode, scene });
    const state = (to: 'waiting' | 'running' | 'finished'): void => {
      if (isCurrent()) send({ type: 'state', mode, state: to });
    };
    let isThrough = through === undefined;
    const running = await startScenario({
      plan,
      log: run,
      clock: systemClock,
      random: (length) => randomBytes(length),
      ...(world ? { world } : {}),
      version: readVersion(environment.places.root),
      signal,
      beforeStep: async ({ id }) => {
        if (isThrough) {
          await new Promise<void>((resolve) => {
            session.goOn = resolve;
            state('waiting');
          });
        }
        if (id === through) isThrough = true;
        state('running');
      },
    });
    session.running = running;
    // From here on: `began` is there, and says which run this is.
    session.unsubscribe = run.subscribe((event) => {
      judge.fold(event);
      scene.fold(event);
      if (isCurrent()) send({ type: 'captured' });
    });
    if (signal.aborted) {
      await running.close();
      return;
    }
    state('running');
    await running.runSteps();
    if (!isCurrent()) return;
    const ways = hold ? await running.openWays() : [];
    // What is closed belongs to the story: the verdict comes after it.
    if (!hold) await running.close();
    const verdict = judge.verdict();
    this.verdicts.set(mode, verdict.status);
    scene.finish(verdict, ways);
    state('finished');
  }
}

/** What a client types into the form of the login page. */
function typedBy({ accounts }: Plan, account: string): { readonly name: string; readonly value: string }[] {
  const found = accounts.find(({ name }) => name === account);
  return found ? [{ name: 'username', value: found.user }, { name: 'password', value: found.password }, { name: 'rrn', value: found.rrn }] : [];
}
