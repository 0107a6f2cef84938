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
  const planned = plan.servers.find(({ name }) => name === restart?.server);
  const manager = plan.clients.find(({ name }) => name === planned?.controlPlane?.controllerManager?.client);
  const row = restart?.process === 'kube-controller-manager' ? manager?.certificate : planned?.certificate;
  if (!restart || !server?.restart || !world || row === undefined)
    throw new Error(`incomplete plan for step ${id}`);
  await server.restart(restart.process, files);
  addresses.set(restart.server, server.address);
  for (const { to, wire } of plan.steps.flatMap((step) => step.entryPoints))
    if (to === restart.server && wire !== undefined) tappedAddresses.delete(wire);
  log.append({
    type: 'observed',
    who: client,
    result: await certificateFilesReport([fileOf(row)], world, files, clock.now(), 'dates'),
  });
}
