/** The report of a run as blocks, whatever lays them out: its lines, its page. */
import { secretValues } from '../../engine/plan.ts';
import type { Plan } from '../../engine/plan.ts';
import type { Judge } from '../../engine/verdict.ts';
import { features } from '../../features/registry.ts';
import type { ReportOptions } from '../../presentation/report/report-context.ts';
import { RunReport } from '../../presentation/report/run-report.ts';
import { ShownFeatures } from '../../presentation/shown.ts';
import type { FormEntries } from '../../presentation/types/values.ts';

/** What a report needs of a judge. */
export type JudgeFolds = Pick<Judge, 'flows' | 'hunt' | 'steps' | 'findingsOf'>;

/** Where TLS may be met, `loadTlsReport` must have been awaited. */
export async function reportOf(
  plan: Plan,
  judge: JudgeFolds,
  { notes, onBlock }: { readonly notes: boolean; readonly onBlock: ReportOptions['onBlock'] },
): Promise<RunReport> {
  const shown = new ShownFeatures(await features.shown(plan));
  return new RunReport({
    flows: judge.flows,
    hunt: judge.hunt,
    secrets: secretValues(plan),
    onBlock,
    notes,
    versions: versionsIn(plan, shown),
    findingsOf: (step) => judge.findingsOf(step),
    shown,
  });
}

/** What one client does with several TLS versions, in a scenario about what stays visible with each. */
function versionsIn(
  plan: Plan,
  shown: ShownFeatures,
): { readonly steps: readonly string[]; readonly typed: FormEntries }[] {
  if (!features.all.some((feature) => feature.comparesVersions?.(plan))) return [];
  const groups = new Map<string, (typeof plan.steps)[number][]>();
  for (const step of plan.steps.filter(({ tls }) => tls !== undefined)) {
    const key = `${step.base} ${step.client}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((steps) => ({
      steps: steps.map(({ id }) => id),
      // How long the password is, is what is to be found out.
      typed: steps[0] ? shown.typed(steps[0], plan).filter(({ name }) => name !== 'password') : [],
    }));
}
