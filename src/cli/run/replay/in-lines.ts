/** Prints a saved run as lines, for a person or as JSON: the same report as `run/in-lines.ts`, of the events of the bundle. */
import type { Environment, Parsed } from '../../command.ts';
import type { EndingSignals } from '../../io/signals.ts';
import { lineWriter } from '../../io/outlets.ts';
import { createReport } from '../in-lines.ts';
import type { Pace } from '../pace.ts';
import type { OpenedRun } from './checked.ts';
import { RecordedRun } from './recorded.ts';

export interface LinesOptions {
  readonly pace: Pace;
  readonly parsed: Parsed;
  readonly environment: Environment;
  readonly ending: EndingSignals;
}

/** @returns the exit code: that of the run. */
export async function replayInLines(
  { bundle, plan }: OpenedRun,
  { pace, parsed, environment, ending }: LinesOptions,
): Promise<number> {
  const run = new RecordedRun(bundle, plan);
  const write = lineWriter(environment);
  const report = await createReport(plan, run, parsed, environment, write);
  run.log.subscribe((event) => report.fold(event));
  const pacing =
    pace === 'auto'
      ? undefined
      : (await import('../pacing.ts')).createPacing({
          pace,
          signal: ending.signal,
          stdin: () => environment.stdin,
          language: environment.language,
          write,
        });
  if (pacing) run.log.subscribe(pacing.fold);
  try {
    while (!run.isOver && !ending.signal.aborted) {
      if (run.waitsHere) await pacing?.wait();
      run.advance();
    }
    if (ending.exitCode !== undefined) return ending.exitCode;
    report.finish(bundle.verdict);
    return bundle.verdict.status === 'passed' ? 0 : 1;
  } finally {
    pacing?.close();
  }
}
