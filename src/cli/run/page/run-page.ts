/** The page of a run: the same blocks as its lines, gathered while it runs, and put into the file when it has its verdict. */
import type { CaptureEvent } from '../../../capture/event.ts';
import { secretValues } from '../../../engine/plan.ts';
import type { Plan } from '../../../engine/plan.ts';
import type { Verdict } from '../../../engine/verdict.ts';
import { loadTlsReport } from '../../../presentation/report/load.ts';
import type { RunReport } from '../../../presentation/report/run-report.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import type { Environment } from '../../command.ts';
import { loadPage, pageOf } from './content.ts';
import type { PageContent } from './content.ts';
import type { PageFile } from './file.ts';
import { reportOf } from '../report.ts';
import type { JudgeFolds } from '../report.ts';

export class RunPage {
  readonly #judge: JudgeFolds;
  readonly #plan: Plan;
  readonly #secrets: ReadonlyMap<string, string>;
  readonly #environment: Environment;
  readonly #blocks: readonly ReportBlock[];
  readonly #report: RunReport;
  #hasVerdict = false;
  /** Called after each event, for who shows the page while it grows. */
  onChange: (() => void) | undefined;

  private constructor(
    plan: Plan,
    judge: JudgeFolds,
    environment: Environment,
    { blocks, report }: { readonly blocks: readonly ReportBlock[]; readonly report: RunReport },
  ) {
    this.#plan = plan;
    this.#judge = judge;
    this.#secrets = secretValues(plan);
    this.#environment = environment;
    this.#blocks = blocks;
    this.#report = report;
  }

  static async start(
    plan: Plan,
    judge: JudgeFolds,
    environment: Environment,
    notes: boolean,
  ): Promise<RunPage> {
    const blocks: ReportBlock[] = [];
    const [report] = await Promise.all([
      reportOf(plan, judge, { notes, onBlock: (block) => void blocks.push(block) }),
      loadTlsReport(),
      loadPage(),
    ]);
    return new RunPage(plan, judge, environment, { blocks, report });
  }

  /** Of each event, after the judge has it. */
  readonly fold = (event: CaptureEvent): void => {
    if (this.#hasVerdict) return;
    this.#report.fold(event);
    this.onChange?.();
  };

  /** What comes afterwards is not in the page. */
  finish(verdict: Verdict): void {
    this.#hasVerdict = true;
    this.#report.finish(verdict);
    this.onChange?.();
  }

  get scenario(): string {
    return this.#plan.scenario;
  }

  /** Those so far: the list grows. */
  get blocks(): readonly ReportBlock[] {
    return this.#blocks;
  }

  get secrets(): ReadonlyMap<string, string> {
    return this.#secrets;
  }

  /** What the page is made of, so far. */
  get content(): Omit<PageContent, 'isMasked'> {
    const { flows } = this.#judge;
    return {
      blocks: this.#blocks,
      connections: flows.connections,
      name: this.#plan.scenario,
      keys: flows.keylog,
      secrets: this.#secrets,
    };
  }

  /**
   * @param isMasked the screen hides secrets
   * @param saved of a saved run: `redacted` if its secrets are not known any more
   */
  write(file: PageFile, isMasked: boolean, saved: Pick<PageContent, 'redacted' | 'notice'> = {}): void {
    const { language, places } = this.#environment;
    const secrets = saved.redacted ? new Map<string, string>() : this.#secrets;
    file.write(
      pageOf({ ...this.content, secrets, ...saved, isMasked }, { language, places, now: new Date() }),
    );
  }
}
