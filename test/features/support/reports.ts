/** A report as it is in the log, and how a feature shows it. */
import type { Observation } from '../../../src/capture/event.ts';
import type { Shown } from '../../../src/engine/shown.ts';
import { ShownFeatures } from '../../../src/presentation/shown.ts';
import type { AnyShown, Report } from '../../../src/presentation/shown.ts';

export const reportOf = (who: string, result: Observation, seq = 0): Report => ({
  type: 'observed',
  seq,
  run: 1,
  at: 0,
  who,
  result,
});

/** What `say` makes of the report with what the feature shows. */
export function shownBy<T>(
  shown: Shown,
  report: Report,
  say: (own: AnyShown, report: Report) => T | undefined,
): T {
  const said = say(new ShownFeatures([shown]).of(report), report);
  if (said === undefined) throw new Error(`nothing is shown of ${report.result.kind}`);
  return said;
}
