/**
 * Runs the steps `flags` and `manifest`: the manifests are those that `kube pki` writes, read back as a kubelet does. Their
 * counterpart is manifest-step.ts.
 *
 * 1. A process reads its manifest when it starts: what is not in it, it does not have.
 * 2. A server that was started anew listens on other ports; one that has ended, on none.
 */
import * as yaml from 'yaml';
import { defined } from '../../core/defined.ts';
import { certificateFileOf } from '../../pki/x509/certificate-report.ts';
import { certificateFile, clusterOf, kubeadmAuthorities } from '../../pki/kubeadm/certificates.ts';
import { flagsOf } from '../../pki/kubeadm/manifests/flags.ts';
import type { FlagProcess } from '../../pki/kubeadm/manifests/flags.ts';
import { kubeletConfig } from '../../pki/kubeadm/manifests/node-files.ts';
import { inFolder } from '../../pki/kubeadm/manifests/processes.ts';
import { commandIn, flagValue, settingIn } from '../../pki/kubeadm/manifests/read-manifest.ts';
import { manifestText } from '../../pki/kubeadm/manifests/static-pods.ts';
import type { World } from '../../pki/keystore/world.ts';
import { filesOf } from '../../peers/control-plane/certificate-files.ts';
import { removableFlags } from '../../peers/control-plane/processes.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunContext, RunOptions } from '../../engine/run-context.ts';
import type { NamedFile } from './manifest-observations.ts';

const facts = { cluster: clusterOf(), signs: true };

export async function runFlags(
  { id, client, flags }: PlannedStep,
  { log, world, clock }: RunOptions,
): Promise<void> {
  if (!flags || !world) throw new Error(`incomplete plan for step ${id}`);
  const read = flags.of.flatMap((process) => filesNamedBy(process, world, clock.now()));
  log.append({ type: 'observed', who: client, result: { kind: 'flags', flags: read } });
  await Promise.resolve();
}

function filesNamedBy(process: FlagProcess, world: World, now: number): NamedFile[] {
  const valueOf = settingsOf(process);
  const authorities = new Map(
    kubeadmAuthorities.map((row) => [certificateFile(row), world.certificate(row.name)]),
  );
  return flagsOf(process).map(({ flag, kind, row }): NamedFile => {
    const file = inFolder(valueOf(flag) ?? '') ?? '';
    const held = row === 'sa' ? undefined : certificateFileOf(file, world.certificate(row), authorities, now);
    return defined({ process, flag, kind, file, commonName: held?.commonName, signer: held?.signer });
  });
}

/** Of the file that kubeadm writes for a process. */
function settingsOf(process: FlagProcess): (flag: string) => string | undefined {
  if (process === 'kubelet') {
    const config: unknown = yaml.parse(kubeletConfig(facts.cluster));
    return (flag) => settingIn(config, flag);
  }
  const command = commandIn(yaml.parse(manifestText(process, facts))) ?? [];
  return (flag) => flagValue(command, flag);
}

export async function runManifest(
  { id, client, manifest }: PlannedStep,
  { plan, log }: RunOptions,
  context: RunContext,
): Promise<void> {
  const { servers, addresses, tappedAddresses } = context;
  const server = manifest && servers.get(manifest.server);
  if (!manifest || !server?.given) throw new Error(`incomplete plan for step ${id}`);
  const text = manifestText('kube-apiserver', facts);
  const lines = text.split('\n');
  const isTaken = (line: string): boolean =>
    manifest.without.some((flag) => line.trim().startsWith(`- --${flag}=`));
  const command = commandIn(yaml.parse(lines.filter((line) => !isTaken(line)).join('\n'))) ?? [];
  const absent = removableFlags.filter((flag) => flagValue(command, flag) === undefined);
  const ended = await server.given(absent, filesOf(context));
  addresses.set(manifest.server, server.address);
  for (const { to, wire } of plan.steps.flatMap((step) => step.entryPoints))
    if (to === manifest.server && wire !== undefined) tappedAddresses.delete(wire);
  log.append({
    type: 'observed',
    who: client,
    result: defined({
      kind: 'manifest' as const,
      process: 'kube-apiserver',
      without: lines.filter(isTaken).map((line) => line.trim().slice(2)),
      state: ended === undefined ? ('running' as const) : ('ended' as const),
      words: ended,
    }),
  });
}
