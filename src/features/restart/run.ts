/**
 * Runs the `restart` step, and reports what the process has read. Its counterpart is step.ts.
 *
 * 1. A restarted server listens on another port: its tapped listeners are opened again on next use.
 */
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { fileOf, filesOf, certificateFilesReport } from '../../peers/control-plane/certificate-files.ts';
import type { ControlPlaneProcess, ProcessFlags } from '../../peers/control-plane/processes.ts';
import type { NamedSetting } from '../../peers/reports/certificate-files.ts';

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
    const row = server.flagsOf?.(process)?.certificate;
    return row === undefined ? [] : [row];
  });
  // Without other flags, what is new of a process is what its files hold: its dates.
  const named = processes.some((one) => one.with)
    ? processes.flatMap(({ process }) => settingsOf(process, server.flagsOf?.(process) ?? {}))
    : [];
  log.append({
    type: 'observed',
    who: client,
    result: {
      ...(await certificateFilesReport(shown.map(fileOf), world, files, clock.now(), 'dates')),
      ...(named.length > 0 ? { named } : {}),
    },
  });
}

function settingsOf(process: ControlPlaneProcess, flags: ProcessFlags): NamedSetting[] {
  const rows: readonly (readonly [NamedSetting['setting'], readonly string[] | undefined])[] = [
    ['shows', flags.certificate === undefined ? undefined : [flags.certificate]],
    ['trusts', flags.trust],
    ['--client-ca-file', flags.clientAuthorities],
    ['--root-ca-file', flags.rootAuthorities],
    ['--cluster-signing-cert-file', flags.issuer === undefined ? undefined : [flags.issuer]],
  ];
  return rows.flatMap(([setting, named]) =>
    named === undefined || named.length === 0 ? [] : [{ process, setting, files: named.map(fileOf) }],
  );
}
