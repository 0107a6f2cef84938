/**
 * Accompanies a run with predictions: reports the demo client's own result, and runs other programs for the same login.
 * Programs are looked up only where a step uses them.
 */
import type { RunLog } from '../../capture/log.ts';
import type { Companion, ProgramTrial, Registry } from '../../engine/feature.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions } from '../../engine/run-context.ts';
import { isPredicted, otherVersionWords, predictedFor } from './predictions.ts';
import type { Build } from './predictions.ts';

export async function accompany(options: RunOptions, registry: Registry): Promise<Companion> {
  const { plan, log } = options;
  const { predictions = {} } = plan;
  if (predictions.node && !predictedFor(predictions, 'node', ownBuild))
    log.append({ type: 'note', text: otherVersionWords(predictions, 'node', ownBuild), part: 'programs' });
  const trialOf = (step: PlannedStep): ProgramTrial | undefined => {
    const { byPrograms } = registry.stepKind(step.kind);
    return byPrograms && (options.peers === true || byPrograms.isAskedFor(step)) ? byPrograms : undefined;
  };
  const programs = options.variables && plan.steps.some(trialOf) ? await import('./run.ts') : undefined;
  const installed = await programs?.findPrograms(options);
  return {
    settled(step) {
      if (isPredicted(predictions, 'node', step)) tellOfNode(step, log);
    },
    async afterStep(step, addresses) {
      const trial = trialOf(step);
      if (programs && installed && trial)
        await programs.runPrograms(step, trial, installed, options, addresses);
    },
  };
}

const ownBuild: Build = { version: process.versions.node };

/** The demo client's result, in the form of a program's. */
function tellOfNode(step: PlannedStep, log: RunLog): void {
  const report = log.events.findLast(
    (event) => event.type === 'observed' && event.who === step.client && event.result.kind === 'login',
  );
  if (report?.type !== 'observed' || report.result.kind !== 'login') return;
  const { error, outcome } = report.result;
  const words = error?.code ?? outcome;
  log.append({
    type: 'observed',
    who: 'node',
    result: { kind: 'program', program: 'node', ...ownBuild, exitCode: null, words },
  });
}
