/** Runs the `papers` step: reads each file as it would be in kubeadm's folder. Its counterpart is `step.ts`. */
import { filesOf, certificateFilesReport } from '../../peers/control-plane/certificate-files.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';

export async function runCertificateFiles(
  { id, client, papers }: PlannedStep,
  { log, world, clock }: RunOptions,
  context: RunContext,
): Promise<void> {
  if (!papers || !world) throw new Error(`incomplete plan for step ${id}`);
  log.append({
    type: 'observed',
    who: client,
    result: await certificateFilesReport(papers.files, world, filesOf(context), clock.now(), papers.shows),
  });
}
