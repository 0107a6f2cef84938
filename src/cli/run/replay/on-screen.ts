/**
 * Shows a saved run on the screen: the same screen as `run`, whose events come from the bundle. It waits before each step, as the
 * run did; a restart plays it again from its beginning. Redacted bytes are marked.
 */
import { features } from '../../../features/registry.ts';
import { secretValues } from '../../../engine/plan.ts';
import { ShownFeatures } from '../../../presentation/shown.ts';
import type { Loop } from '../../../ui/tui/loop.ts';
import type { Message } from '../../../ui/tui/message.ts';
import { RunState } from '../../../ui/tui/state/run-state.ts';
import type { Mode } from '../../../ui/tui/state/model.ts';
import type { Environment, Parsed } from '../../command.ts';
import { noFiles } from '../../io/outlets.ts';
import type { Pace } from '../pace.ts';
import { modesOf } from '../scenario-screen.ts';
import { showOnScreen } from '../screen.ts';
import type { RunController } from '../screen.ts';
import type { OpenedRun } from './checked.ts';
import { RecordedRun } from './recorded.ts';
import { replayNotice } from './redaction.ts';

export interface ScreenOptions {
  readonly pace: Pace;
  readonly parsed: Parsed;
  readonly environment: Environment;
  /** Called when the screen is up; gives a test access to the model. */
  readonly onScreen?: (loop: Loop) => void;
}

export async function replayOnScreen(opened: OpenedRun, options: ScreenOptions): Promise<number> {
  const modes = replayModes(opened);
  return showOnScreen({
    ...options,
    modes,
    mode: opened.plan.scenario,
    files: noFiles,
    controller: ({ send, fail }) => new ReplayStage(opened, send, fail),
  });
}

/** Only the run itself: its counterparts are not in the bundle. */
export function replayModes({ bundle, plan }: OpenedRun): readonly Mode[] {
  return modesOf(new Map([[plan.scenario, { compiled: bundle.scenario.compiled, plan }]])).map(
    ({ name, title, comparable }) => ({ name, title, comparable }),
  );
}

/** Plays a bundle to a screen. */
export class ReplayStage implements RunController {
  readonly codes = new Map<string, number>();
  readonly #opened: OpenedRun;
  readonly #send: (message: Message) => void;
  readonly #fail: (error: unknown) => void;
  #run: RecordedRun | undefined;
  #scene: RunState | undefined;

  constructor(opened: OpenedRun, send: (message: Message) => void, fail: (error: unknown) => void) {
    this.#opened = opened;
    this.#send = send;
    this.#fail = fail;
  }

  start(_mode: string, through?: string): void {
    this.begin(through).catch(this.#fail);
  }

  advance(): void {
    // The screen is in the middle of a message.
    queueMicrotask(() => {
      try {
        this.goOn();
      } catch (error) {
        this.#fail(error);
      }
    });
  }

  /** Plays on at once, if the run waits. */
  goOn(): void {
    if (this.#run?.waitsHere) this.#play(this.#run);
  }

  async close(): Promise<void> {
    this.#run = undefined;
    return Promise.resolve();
  }

  /** Shows an empty page, and plays to the first step that waits; up to the end of step `through` none does. */
  async begin(through?: string): Promise<void> {
    const { bundle, plan } = this.#opened;
    const shown = new ShownFeatures(await features.shown(plan));
    const run = new RecordedRun(bundle, plan);
    const scene = new RunState({
      flows: run.flows,
      hunt: run.hunt,
      steps: run.steps,
      findingsOf: (step) => run.findingsOf(step),
      summaryClaims: new Set(
        plan.claims.filter(({ kind }) => features.expectation(kind).isHeadline).map(({ id }) => id),
      ),
      plan: plan.steps,
      secrets: secretValues(plan),
      typed: (step) => shown.typed(step, plan),
      shown,
      redactions: bundle.redactions,
    });
    this.#run = run;
    this.#scene = scene;
    const mode = plan.scenario;
    this.#send({ type: 'session', mode, scene });
    this.#send({ type: 'state', mode, state: 'running' });
    this.#send({ type: 'notice', text: replayNotice(this.#opened.bundle) });
    this.#play(
      run,
      plan.steps.findIndex(({ id }) => id === through),
    );
  }

  /** To the next step that waits, or to the verdict. @param last index of the last step that does not wait */
  #play(run: RecordedRun, last = -1): void {
    const { bundle, plan } = this.#opened;
    const scene = this.#scene;
    if (!scene) return;
    const mode = plan.scenario;
    const send = (state: 'waiting' | 'running' | 'finished'): void =>
      this.#send({ type: 'state', mode, state });
    send('running');
    const from = run.log.length;
    for (let isFirst = true; !run.isOver; isFirst = false) {
      const { next } = run;
      const waits =
        run.waitsHere && next?.type === 'step' && plan.steps.findIndex(({ id }) => id === next.id) > last;
      // The one that was waited for goes on.
      if (waits && !(isFirst && from > 0)) break;
      run.advance();
    }
    this.#send({ type: 'captured', scene, events: run.log.events.slice(from) });
    if (!run.isOver) return send('waiting');
    const { verdict } = bundle;
    this.codes.set(mode, verdict.status === 'passed' ? 0 : 1);
    this.#send({ type: 'judged', scene, verdict, ways: [] });
    send('finished');
  }
}
