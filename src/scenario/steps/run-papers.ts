/**
 * Does what `papers` planned: each file is read as it would lie in kubeadm's folder, a kubeconfig from its text. Its
 * counterpart is papers.ts.
 */
import { certificateFile, kubeadmAuthorities, kubeadmCertificates } from '../../pki/kubeadm.ts';
import { kubeconfigText, readKubeconfig } from '../../pki/kubeconfig.ts';
import { paperOf } from '../../pki/certificate-report.ts';
import type { World } from '../../pki/world.ts';
import type { PlannedStep } from '../plan.ts';
import type { RunOptions } from '../surroundings.ts';

export async function runPapers({ id, client, papers }: PlannedStep, { log, world }: RunOptions): Promise<void> {
  if (!papers || !world) throw new Error(`the plan of step ${id} has a hole`);
  const yaml = await import('yaml');
  const authorities = new Map(kubeadmAuthorities.map((row) => [certificateFile(row), world.certificate(row.name)]));
  const read = papers.files.map((file) => {
    const row = kubeadmCertificates.find((one) => certificateFile(one) === file);
    return paperOf(file, row ? world.certificate(row.name) : certificateInKubeconfig(file, world, yaml), authorities);
  });
  log.append({ type: 'observed', who: client, result: { kind: 'papers', papers: read } });
}

/** What the kubeconfig of a row has inside, read back from its text. */
function certificateInKubeconfig(file: string, world: World, yaml: typeof import('yaml')): string {
  const text = kubeconfigText({ cluster: 'kubernetes', server: 'https://127.0.0.1:6443', user: file, authority: world.certificate('ca'), proof: world.identity(file) });
  const { certificate } = readKubeconfig(Buffer.from(text), file, yaml);
  if (!certificate || !('data' in certificate)) throw new Error(`${file} has no certificate inside`);
  return Buffer.from(certificate.data).toString();
}
