/**
 * Reads the certificate files of a control plane's folder, in kubeadm's layout: which recipe row each file holds now, and
 * what the certificate says. A kubeconfig is parsed back from its text.
 */
import { certificateFile, kubeadmAuthorities, kubeadmCertificates } from '../../pki/kubeadm/certificates.ts';
import { kubeconfigText, readKubeconfig } from '../../pki/kubeadm/kubeconfig.ts';
import { certificateFileOf } from '../../pki/x509/certificate-report.ts';
import type { World } from '../../pki/keystore/world.ts';
import { perRun } from '../../engine/run-context.ts';
import type { CertificateFilesReport } from '../reports/certificate-files.ts';

/** Certificates replaced on disk since start, by original. Servers still have in memory what they read before. */
export const filesOf = perRun(() => new Map<string, string>());

/**
 * The report of a client that reads these files now.
 * @param replaced certificates replaced on disk since start, by original
 */
export async function certificateFilesReport(
  files: readonly string[],
  world: World,
  replaced: ReadonlyMap<string, string>,
  now: number,
  about?: 'dates',
): Promise<{ readonly kind: 'papers' } & CertificateFilesReport> {
  const yaml = await import('yaml');
  const rowAt = (name: string): string => replaced.get(name) ?? name;
  const authorities = new Map([
    ...kubeadmAuthorities.map((row) => [certificateFile(row), world.certificate(rowAt(row.name))] as const),
    // CAs beside kubeadm's, such as the one that replaces it.
    ...world.names
      .filter((name) => world.summary(name).isCa && kubeadmAuthorities.every((row) => row.name !== name))
      .map((name) => [fileOf(name), world.certificate(name)] as const),
  ]);
  const papers = files.map((file) => {
    const row =
      kubeadmCertificates.find((one) => certificateFile(one) === file)?.name ??
      world.names.find((name) => fileOf(name) === file && !isKubeconfig(name));
    return certificateFileOf(
      file,
      row === undefined ? certificateInKubeconfig(rowAt(file), world, yaml) : world.certificate(rowAt(row)),
      authorities,
      now,
    );
  });
  return { kind: 'papers', papers, ...(about === undefined ? {} : { about }) };
}

/** The file of a row's certificate: kubeadm's, or one beside them. */
export function fileOf(row: string): string {
  const certificate = kubeadmCertificates.find(({ name }) => name === row);
  if (certificate) return certificateFile(certificate);
  return isKubeconfig(row) ? row : certificateFile({ file: row });
}

const isKubeconfig = (row: string): boolean => row.endsWith('.conf');

/** The certificate inside a row's kubeconfig, parsed back from its text. */
function certificateInKubeconfig(row: string, world: World, yaml: typeof import('yaml')): string {
  const text = kubeconfigText({
    cluster: 'kubernetes',
    server: 'https://127.0.0.1:6443',
    user: row,
    authority: world.certificate('ca'),
    proof: world.identity(row),
  });
  const { certificate } = readKubeconfig(Buffer.from(text), row, yaml);
  if (!certificate || !('data' in certificate)) throw new Error(`${row} has no certificate inside`);
  return Buffer.from(certificate.data).toString();
}
