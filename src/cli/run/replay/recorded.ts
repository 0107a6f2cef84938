/**
 * A run from a bundle: its plan, and a log that grows event by event as it did then. What only the run could judge (findings, the
 * secrets that were found) is taken from the bundle; everything else is made from the events, as ever.
 */
import type { CaptureEvent } from '../../../capture/event.ts';
import { Flows } from '../../../capture/flows.ts';
import { CaptureLog } from '../../../capture/log.ts';
import { Steps } from '../../../capture/steps.ts';
import { SecretHunt } from '../../../analysis/secrets/secret-hunt.ts';
import type { Hit } from '../../../analysis/secrets/secret-hunt.ts';
import { planScenario } from '../../../engine/planning.ts';
import type { Plan } from '../../../engine/plan.ts';
import { scenarioSchema } from '../../../engine/file/schema.ts';
import { checkReferences } from '../../../engine/file/references.ts';
import { withoutInheritance } from '../../../engine/file/parse.ts';
import type { Finding } from '../../../engine/verdict.ts';
import { features } from '../../../features/registry.ts';
import type { JudgeFolds } from '../report.ts';
import { mostSteps } from '../../../ui/bundle/limits.ts';
import type { RunBundle } from '../../../ui/bundle/limits.ts';

/** A hunt that finds what was found. */
class RecordedHunt extends SecretHunt {
  readonly #recorded: readonly Hit[];
  readonly #reached: Hit[] = [];

  constructor(recorded: readonly Hit[]) {
    super([]);
    this.#recorded = recorded;
  }

  override get hits(): readonly Hit[] {
    return this.#reached;
  }

  /** What was completed by the event of that number. */
  reach(seq: number): void {
    for (let next = this.#recorded[this.#reached.length]; next && next.seq <= seq; ) {
      this.#reached.push(next);
      next = this.#recorded[this.#reached.length];
    }
  }
}

/** The folds of a run that is played again. */
export class RecordedRun implements JudgeFolds {
  readonly plan: Plan;
  readonly #bundle: RunBundle;
  readonly #findings: ReadonlyMap<string, readonly Finding[]>;
  #at = 0;
  readonly log: CaptureLog;
  readonly flows: Flows;
  readonly steps = new Steps();
  readonly hunt: RecordedHunt;

  constructor(bundle: RunBundle, plan: Plan) {
    this.#bundle = bundle;
    this.plan = plan;
    this.#findings = new Map(bundle.findings.map(({ step, findings }) => [step, findings]));
    this.hunt = new RecordedHunt(bundle.hits);
    // A clock that shows the time of the event that is appended.
    this.log = new CaptureLog({
      clock: { now: () => 0, microseconds: () => this.#at },
      maxPayload: Infinity,
    });
    this.flows = new Flows(this.log);
    this.log.subscribe(this.fold);
  }

  readonly fold = (event: CaptureEvent): void => {
    this.flows.fold(event);
    this.steps.fold(event);
    this.hunt.fold(event);
    this.hunt.reach(event.seq);
  };

  findingsOf(step: string): Finding[] {
    return [...(this.#findings.get(step) ?? [])];
  }

  get isOver(): boolean {
    return this.log.length >= this.#bundle.events.length;
  }

  /** The event that comes next. */
  get next(): CaptureEvent | undefined {
    return this.#bundle.events[this.log.length];
  }

  /** Whether the run waited before the next event: each step that does not start by itself waits once it was announced. */
  get waitsHere(): boolean {
    const { next } = this;
    return (
      next?.type === 'step' &&
      next.state === 'started' &&
      this.plan.steps.find(({ id }) => id === next.id)?.goesOn !== true
    );
  }

  /** Appends what is left. */
  finish(): void {
    while (!this.isOver) this.advance();
  }

  /** Appends the next event; folds that have subscribed to the log are given it. */
  advance(): void {
    const { next } = this;
    if (!next) return;
    this.#at = next.at;
    const { seq: _, run: __, at: ___, ...draft } = next;
    this.log.append(draft.type === 'began' ? asOfNow(draft, next.at) : draft);
  }
}

/** The log takes the wall clock as of now, and keeps that of the run's time 0. */
function asOfNow<Began extends { readonly wallClock: string }>(began: Began, at: number): Began {
  return { ...began, wallClock: new Date(Date.parse(began.wallClock) + Math.ceil(at / 1000)).toISOString() };
}

/** @throws where the scenario of a bundle is none; `checked.ts` says that */
export function planOf({ scenario, certificates }: RunBundle): Plan {
  const { compiled, short, supplied } = scenario;
  const { name, narration } = compiled;
  const file = withoutInheritance(scenarioSchema(features.schemas).parse(compiled.file));
  if (file.steps.length > mostSteps) throw new Error(`${file.steps.length} steps`);
  const rows = certificates.map((one) => one.name);
  const names = { identities: rows, authorities: rows, revocations: rows };
  const [problem] = checkReferences(features, file, file.certificates === undefined ? undefined : names);
  if (problem) throw new Error(`${problem.path.join('.')}: ${problem.what.en}`);
  const predictions = compiled.predictions ? { predictions: compiled.predictions } : {};
  return planScenario(features, { v: 1, name, file, narration, ...predictions }, supplied, { short });
}
