/**
 * The runs behind the screen: one for each demonstration that somebody has looked at, all of them up at once and writing
 * into one log, so that a key leads back to each. It starts them, lets them go on, and closes them; what is shown of them
 * is the screen's business.
 *
 * A run waits before each step until it is told to go on, but for the steps that it was asked to run through.
 */
import { randomBytes } from 'node:crypto';
import type { CaptureEvent } from '../../capture/event.ts';
import type { CaptureLog, RunLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { UserError } from '../../i18n/user-error.ts';
import type { World } from '../../pki/keystore/world.ts';
import { features } from '../../features/registry.ts';
import type { Plan } from '../../engine/plan.ts';
import { startScenario } from '../../engine/run.ts';
import type { RunningScenario } from '../../engine/run.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { createJudge } from '../../engine/verdict.ts';
import { forgetVisitors } from '../../engine/visitors.ts';
import type { Judge } from '../../engine/verdict.ts';
import type { Message } from '../../ui/tui/message.ts';
import { RunState } from '../../ui/tui/state/run-state.ts';
import type { Environment } from '../command.ts';
import { mistakeLines } from '../io/user-error-text.ts';
import { readVersion } from '../places.ts';
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
  /** Other programs try the predicted logins too. */
  readonly peers?: boolean;
  readonly send: (message: Message) => void;
  /** Our own fault, not a mistake of the user. */
  readonly fail: (error: unknown) => void;
}

/** Visitors' connections that are over and can still be looked at, on all wires. */
const mostVisitors = 2000;

interface Session {
  readonly controller: AbortController;
  /** Lets the run go on; absent while it does not wait. */
  goOn?: () => void;
  running?: RunningScenario;
  /** Settles when nothing more is done for it, whatever came of it. */
  performed?: Promise<void>;
  /** There is a scene of it on the screen, or could be. */
  isShown?: boolean;
  unsubscribe?: () => void;
}

export class Stage {
  readonly #options: StageOptions;
  readonly #sessions = new Map<string, Session>();
  /** Runs that go on, and those that are being closed. */
  readonly #pending = new Set<Promise<void>>();
  /** What the newest run of each mode came to, as an exit code: 0 its claims hold, 1 they do not, 2 it could not start. */
  readonly codes = new Map<string, 0 | 1 | 2>();

  constructor(options: StageOptions) {
    this.#options = options;
  }

  /** Begins a run of that mode; an earlier one is closed. */
  start(mode: string, through?: string): void {
    const before = this.#sessions.get(mode);
    const closed = before && this.#close(before);
    const session: Session = { controller: new AbortController() };
    this.#sessions.set(mode, session);
    this.codes.delete(mode);
    session.performed = this.#keep(
      this.#perform(mode, session, { through, closed }).catch((error: unknown) =>
        this.#onError(mode, session, error),
      ),
    );
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
    for (const session of this.#sessions.values()) void this.#close(session);
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  async #close(session: Session): Promise<void> {
    session.controller.abort();
    session.goOn?.();
    return this.#keep(
      (async (): Promise<void> => {
        await session.running?.close();
        // One that was still starting closes what it started.
        await session.performed;
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
    if (!(error instanceof UserError)) {
      fail(error);
      return;
    }
    // What went wrong before there was anything to see (certificates that can't be made) needs a place to be shown.
    if (!session.isShown) await this.#show(mode, session, undefined);
    this.codes.set(mode, 2);
    send({ type: 'state', mode, state: 'failed', error: mistakeLines(error, environment.language) });
  }

  /** What there is to see of a run, put on the screen empty. */
  async #show(
    mode: string,
    session: Session,
    world: World | undefined,
  ): Promise<{ readonly run: RunLog; readonly judge: Judge; readonly scene: RunState }> {
    const { plan } = this.#playable(mode);
    const run = this.#options.log.openRun();
    const judge = await createJudge(features, {
      plan,
      source: this.#options.log,
      ...(world ? { world } : {}),
    });
    const scene = new RunState({
      flows: judge.flows,
      hunt: judge.hunt,
      steps: judge.steps,
      ...(this.#options.hold ? { isEndless: true } : {}),
      findingsOf: (step) => judge.findingsOf(step),
      telling: new Set(
        plan.claims.filter(({ kind }) => features.expectation(kind).isHeadline).map(({ id }) => id),
      ),
      plan: plan.steps,
      secrets: new Map(plan.secrets.map(({ id, value }) => [id, value])),
      typed: ({ login, toyLogin }) => {
        const typed = typedBy(plan, (login ?? toyLogin)?.account);
        // With a public key the password is locked, and nothing beside it is sent.
        return toyLogin && toyLogin.lock !== 'shared-key'
          ? typed.filter(({ name }) => name !== 'rrn')
          : typed;
      },
    });
    if (!session.controller.signal.aborted) {
      session.isShown = true;
      this.#options.send({ type: 'session', mode, scene });
    }
    return { run, judge, scene };
  }

  #playable(mode: string): Playable {
    const found = this.#options.playable.get(mode);
    if (!found) throw new Error(`no demonstration is called ${mode}`);
    return found;
  }

  async #perform(
    mode: string,
    session: Session,
    { through, closed }: { readonly through: string | undefined; readonly closed: Promise<void> | undefined },
  ): Promise<void> {
    const { environment, hold, peers, send } = this.#options;
    const { compiled, plan } = this.#playable(mode);
    const { signal } = session.controller;
    const world = await worldOf(compiled, environment.places);
    const { run, judge, scene } = await this.#show(mode, session, world);
    // Ports that the file fixes have to be free again.
    if ([...plan.servers, ...plan.proxies].some(({ port }) => port !== undefined)) await closed;
    if (signal.aborted) return;
    const isCurrent = (): boolean => !signal.aborted;
    const state = (to: 'waiting' | 'running' | 'finished'): void => {
      if (isCurrent()) send({ type: 'state', mode, state: to });
    };
    let isThrough = through === undefined;
    const running = await startScenario(features, {
      plan,
      log: run,
      clock: systemClock,
      random: (length) => randomBytes(length),
      ...(world ? { world } : {}),
      version: readVersion(environment.places.root),
      variables: environment.variables,
      ...(peers ? { peers } : {}),
      signal,
      beforeStep: async ({ id }) => {
        if (isThrough && isCurrent()) {
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
    let forget = (_event: CaptureEvent): void => {};
    session.unsubscribe = run.subscribe((event) => {
      judge.fold(event);
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
    if (hold) forget = forgetVisitors({ log: this.#options.log, judge, mostClosed: mostVisitors });
    const ways = hold ? await running.openWays() : [];
    // What is closed belongs to the story: the verdict comes after it.
    if (!hold) await running.close();
    const verdict = judge.verdict();
    this.codes.set(mode, verdict.status === 'passed' ? 0 : 1);
    send({ type: 'judged', scene, verdict, ways });
    state('finished');
  }
}

/** What a client types into the form of the login page. */
function typedBy(
  { accounts }: Plan,
  account: string | undefined,
): { readonly name: string; readonly value: string }[] {
  const found = accounts.find(({ name }) => name === account);
  return found
    ? [
        { name: 'username', value: found.user },
        { name: 'password', value: found.password },
        { name: 'rrn', value: found.rrn },
      ]
    : [];
}
