/**
 * Runs the `restart` step, and reports what the process has read. Its counterpart is step.ts.
 *
 * 1. A restarted server listens on another port: its tapped listeners are opened again on next use.
 */
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { fileOf, filesOf, certificateFilesReport } from '../../peers/control-plane/certificate-files.ts';

export async function runRestart(
  { id, client, restart }: PlannedStep,
  { plan, log, world, clock }: RunOptions,
  context: RunContext,
): Promise<void> {
  const { servers, addresses, tappedAddresses } = context;
  const files = filesOf(context);
  const server = restart && servers.get(restart.server);
  if (!restart || !server?.restart || !world) throw new Error(`incomplete plan for step ${id}`);
  const processes = [{ process: restart.process, with: restart.with }, ...(restart.also ?? [])];
  await server.restart(processes, files);
  addresses.set(restart.server, server.address);
  for (const { to, wire } of plan.steps.flatMap((step) => step.entryPoints))
    if (to === restart.server && wire !== undefined) tappedAddresses.delete(wire);
  const shown = processes.flatMap(({ process }) => {
    const row = server.shownBy?.(process);
    return row === undefined ? [] : [row];
  });
  log.append({
    type: 'observed',
    who: client,
    result: await certificateFilesReport(shown.map(fileOf), world, files, clock.now(), 'dates'),
  });
}
