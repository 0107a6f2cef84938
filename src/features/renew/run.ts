/** Runs the `renew` step, and reports what the files contain now. Its counterpart is step.ts. */
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { fileOf, filesOf, certificateFilesReport } from '../../peers/control-plane/certificate-files.ts';

export async function runRenew(
  { id, client, renew }: PlannedStep,
  { log, world, clock }: RunOptions,
  context: RunContext,
): Promise<void> {
  if (!renew || !world) throw new Error(`incomplete plan for step ${id}`);
  const files = filesOf(context);
  for (const { was, becomes } of renew.files) files.set(was, becomes);
  for (const server of context.servers.values()) server.reread?.(files);
  const renewed = renew.files.map(({ was }) => fileOf(was));
  log.append({
    type: 'observed',
    who: client,
    result: await certificateFilesReport(renewed, world, files, clock.now(), 'dates'),
  });
}
