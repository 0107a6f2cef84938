/** The page of a run: the same blocks as its lines, gathered while it runs, and put into the file when it has its verdict. */
import type { CaptureEvent } from '../../../capture/event.ts';
import { features } from '../../../features/registry.ts';
import type { Plan } from '../../../engine/plan.ts';
import type { Judge, Verdict } from '../../../engine/verdict.ts';
import { loadTlsReport } from '../../../presentation/report/load.ts';
import { RunReport } from '../../../presentation/report/run-report.ts';
import { ShownFeatures } from '../../../presentation/shown.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import type { Environment } from '../../command.ts';
import { loadPage, pageOf } from './content.ts';
import type { PageFile } from './file.ts';
import { versionsIn } from '../versions.ts';

export class RunPage {
  readonly #judge: Judge;
  readonly #plan: Plan;
  readonly #environment: Environment;
  readonly #blocks: ReportBlock[] = [];
  readonly #report: RunReport;
  #hasVerdict = false;

  private constructor(
    plan: Plan,
    judge: Judge,
    shown: ShownFeatures,
    environment: Environment,
    notes: boolean,
  ) {
    this.#plan = plan;
    this.#judge = judge;
    this.#environment = environment;
    this.#report = new RunReport({
      flows: judge.flows,
      hunt: judge.hunt,
      secrets: this.#secrets,
      onBlock: (block) => void this.#blocks.push(block),
      notes,
      versions: versionsIn(plan, shown),
      findingsOf: (step) => judge.findingsOf(step),
      shown,
    });
  }

  static async start(plan: Plan, judge: Judge, environment: Environment, notes: boolean): Promise<RunPage> {
    const [all] = await Promise.all([features.shown(plan), loadTlsReport(), loadPage()]);
    return new RunPage(plan, judge, new ShownFeatures(all), environment, notes);
  }

  get #secrets(): ReadonlyMap<string, string> {
    return new Map(this.#plan.secrets.map(({ id, value }) => [id, value]));
  }

  /** Of each event, after the judge has it. */
  readonly fold = (event: CaptureEvent): void => {
    if (!this.#hasVerdict) this.#report.fold(event);
  };

  /** What comes afterwards is not in the page. */
  finish(verdict: Verdict): void {
    this.#hasVerdict = true;
    this.#report.finish(verdict);
  }

  /** @param isMasked the screen hides secrets */
  write(file: PageFile, isMasked: boolean): void {
    const { language, places } = this.#environment;
    const { flows } = this.#judge;
    file.write(
      pageOf(
        {
          blocks: this.#blocks,
          connections: flows.connections,
          name: this.#plan.scenario,
          keys: flows.keylog,
          secrets: this.#secrets,
          isMasked,
        },
        { language, places, now: new Date() },
      ),
    );
  }
}
