/**
 * The judge: folds the log as it grows and reports at any time which claims of the plan are met, missed or not observed.
 * Pure over the log; each feature defines what its claims mean.
 *
 * 1. One missed or unobserved finding fails the verdict, and so does a plan without claims: an empty run never passes.
 * 2. A step that did not finish proves nothing: its findings are unobserved, unless the bytes captured already contradict
 *    the claim.
 * 3. The newest run is judged.
 */
import type { CaptureEvent, EventOf, EvidenceRef } from '../capture/event.ts';
import type { Agreement } from '../capture/agreement/agreement.ts';
import { Flows } from '../capture/flows.ts';
import type { EventSource } from '../capture/flow-stream.ts';
import { Steps } from '../capture/steps.ts';
import { SecretHunt } from '../analysis/secrets/secret-hunt.ts';
import type { Secret } from '../analysis/secrets/secret-hunt.ts';
import type { SizeChart } from '../presentation/types/sizes.ts';
import type { Localized } from '../i18n/language.ts';
import type { CertificateSummary } from '../capture/vocabulary.ts';
import type { World } from '../pki/keystore/world.ts';
import type { Features } from './features.ts';
import type { Toolbox } from './instrument.ts';
import type { FindingStatus, Judged } from './kinds.ts';
import type { LeftOut, Plan, PlannedStep } from './plan.ts';
import { View } from './view.ts';

export interface Finding {
  /** The claim's id. */
  readonly expectation: string;
  /** The step that it applies to; absent where it applies to the whole run. */
  readonly step?: string;
  readonly status: FindingStatus;
  readonly evidence: readonly EvidenceRef[];
  /** One sentence with the figures. */
  readonly says: Localized;
  readonly chart?: SizeChart;
}

export interface Verdict {
  readonly scenario: string;
  readonly status: 'passed' | 'failed';
  readonly findings: readonly Finding[];
  /** What the short version of a scenario left out. */
  readonly leftOut?: LeftOut;
  /** What a router on the way captured, compared with the taps: the findings are about its bytes then. */
  readonly router?: Agreement;
}

export interface JudgeSources {
  readonly features: Features;
  readonly plan: Plan;
  /** The log: source of the bytes of an event. */
  readonly source: EventSource;
  /** Secrets searched for besides the plan's; without them, claims about them can't be judged. */
  readonly hunted?: readonly Secret[];
  /** The content of a recipe row. */
  readonly certificate?: (row: string) => CertificateSummary;
  /** What claims need besides the log; a claim whose instrument is missing is not observed. */
  readonly toolbox?: Toolbox;
}

export class Judge {
  readonly #plan: Plan;
  readonly #flows: Flows;
  readonly #steps = new Steps();
  readonly #hunt: SecretHunt;
  readonly #sources: JudgeSources;
  readonly #toolbox: Toolbox;
  readonly #byId: ReadonlyMap<string, PlannedStep>;
  #observed: EventOf<'observed'>[] = [];
  #run = 0;

  constructor(sources: JudgeSources) {
    this.#sources = sources;
    this.#toolbox = sources.toolbox ?? {};
    this.#plan = sources.plan;
    this.#flows = new Flows(sources.source);
    this.#hunt = new SecretHunt([...sources.plan.secrets, ...(sources.hunted ?? [])]);
    this.#byId = new Map(sources.plan.steps.map((step) => [step.id, step]));
  }

  get flows(): Flows {
    return this.#flows;
  }

  get steps(): Steps {
    return this.#steps;
  }

  get hunt(): SecretHunt {
    return this.#hunt;
  }

  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'began') {
      this.#run = event.run;
      this.#observed = [];
    }
    if (event.type === 'observed') this.#observed.push(event);
    this.#flows.fold(event);
    this.#steps.fold(event);
    this.#hunt.fold(event);
  };

  /** The verdict at this point of the log. */
  verdict(): Verdict {
    const view = this.#view();
    const findings = this.#plan.claims.flatMap((claim) => this.#find(claim, view));
    const passed = findings.length > 0 && findings.every(({ status }) => status === 'met');
    const { scenario, leftOut } = this.#plan;
    return { scenario, status: passed ? 'passed' : 'failed', findings, ...(leftOut ? { leftOut } : {}) };
  }

  /** The findings of one step, for a screen that shows them as the step ends. */
  findingsOf(step: string): Finding[] {
    const view = this.#view();
    return this.#plan.claims
      .filter((claim) => claim.step === step)
      .flatMap((claim) => this.#find(claim, view));
  }

  /** None where the claim has no evidence for or against it. */
  #find(claim: Plan['claims'][number], view: View): Finding[] {
    const step = claim.step === undefined ? undefined : this.#byId.get(claim.step);
    const judgement = this.#judge(claim, view, step);
    return judgement
      ? [{ expectation: claim.id, ...(claim.step === undefined ? {} : { step: claim.step }), ...judgement }]
      : [];
  }

  #judge(claim: Plan['claims'][number], view: View, step: PlannedStep | undefined): Judged {
    const judgement = this.#sources.features.judge(claim, view, step);
    if (!judgement) return undefined;
    const waited = (step ? [step] : this.#plan.steps).flatMap((one) => {
      const why = view.unsettled(one);
      return why ? [{ id: one.id, why }] : [];
    });
    const [first] = waited;
    // A claim of the run needs every step; a missed claim stays missed.
    if (!first || judgement.status === 'missed') return judgement;
    return { status: 'unobserved', evidence: judgement.evidence, says: unsettledWords(first.id, first.why) };
  }

  #view(): View {
    const { source, certificate, hunted = [] } = this.#sources;
    const run = this.#run;
    const windows = new Map(
      this.#steps.windows.filter((window) => window.run === run).map((window) => [window.id, window]),
    );
    return new View({
      plan: this.#plan,
      flows: this.#flows,
      hunt: this.#hunt,
      windows,
      observed: this.#observed,
      run,
      hunted,
      events: source.events,
      certificate,
      toolbox: this.#toolbox,
    });
  }
}

/**
 * A judge with everything that this plan's claims need; code for TLS and keys is loaded only where a claim needs it.
 * @param sources.world the certificates of the run, whose private keys are searched for; a saved log has none.
 */
export async function createJudge(
  features: Features,
  { plan, source, world }: { plan: Plan; source: EventSource; world?: World | undefined },
): Promise<Judge> {
  const { claims } = plan;
  const kinds = [...new Set(claims.map(({ kind }) => kind))].map((kind) => features.expectation(kind));
  const toolbox: Toolbox = {};
  const needed = new Set(kinds.flatMap(({ needs = [] }) => needs));
  const [hunted] = await Promise.all([
    Promise.all(kinds.map(async (kind) => (world && kind.hunts?.(world)) ?? [])),
    ...Array.from(needed, async (instrument) => instrument.loadInto(toolbox, world)),
  ]);
  return new Judge({
    features,
    plan,
    source,
    toolbox,
    hunted: hunted.flat(),
    ...(world ? { certificate: (row: string) => world.summary(row) } : {}),
  });
}

function unsettledWords(step: string, why: NonNullable<ReturnType<View['unsettled']>>): Localized {
  const words: Readonly<Record<typeof why, Localized>> = {
    'not-run': { en: 'it did not run', ko: '실행되지 않았습니다' },
    'cut-off': { en: 'it was interrupted', ko: '도중에 끊겼습니다' },
    'no-report': { en: 'its client did not report in time', ko: '클라이언트가 제시간에 보고하지 않았습니다' },
    'still-open': { en: 'its connection did not close in time', ko: '연결이 제시간에 닫히지 않았습니다' },
  };
  return {
    en: `step ${step} proves nothing: ${words[why].en}`,
    ko: `${step} 단계로는 아무것도 증명되지 않습니다. ${words[why].ko}`,
  };
}
