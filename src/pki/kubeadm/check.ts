/**
 * Checks the certificates of a Kubernetes control plane: problems per file with a remedy, and the expirations in the
 * order of `kubeadm certs check-expiration`. It checks kubeadm's tree, the user's own certificates beside it, and
 * kubeconfigs from anywhere. Pure: `pki/kubeadm/reading.ts` reads the files, the clock is an argument.
 *
 * 1. One cause, one finding: what cannot be judged because of another problem is skipped.
 * 2. Requested settings of the cluster are required; without them, the folder's own data applies (the hosts in its
 *    kubeconfigs, the node in their names). Files are required if the folder looks like a control plane's.
 * 3. A CA without its key is managed elsewhere ("externally managed"), which is not a problem.
 */
import { defined } from '../../core/defined.ts';
import {
  certificateFile,
  keyFile,
  kubeadmAuthorities,
  kubeadmKubeconfigs,
  kubeadmLeaves,
} from './certificates.ts';
import type { AuthorityRow, LeafRow } from './certificates.ts';
import { CheckContext, pairOf, rowOf } from './check/context.ts';
import type { CheckQuestion } from './check/context.ts';
import { checkFolder, checkMode, looseKeys } from './check/files.ts';
import type { Finding } from './check/finding.ts';
import { checkKubeconfig, checkKubeconfigRow, checkPorts } from './check/kubeconfigs.ts';
import { changedManifests, checkManifests } from './check/manifests.ts';
import {
  checkAuthority,
  checkLeaf,
  checkOther,
  checkServiceAccount,
  checkSharedAuthorities,
  otherBases,
} from './check/rows.ts';
import { gotOf } from './reading.ts';

/** A line of the table of expirations. */
export interface Expiration {
  readonly name: string;
  readonly file: string;
  /** Milliseconds since the epoch; absent if missing or unreadable. */
  readonly notAfter?: number;
  /** The row of its CA; absent for a CA. */
  readonly authority?: AuthorityRow['name'];
  /** The CA's key is missing, so that the certificate cannot be renewed. */
  readonly externallyManaged: boolean;
}

export interface Checkup {
  readonly certificates: readonly Expiration[];
  readonly authorities: readonly Expiration[];
  readonly findings: readonly Finding[];
}

export function checkCluster(question: CheckQuestion): Checkup {
  const check = new CheckContext(question);
  checkAll(check);
  if (question.withoutManifests !== true) checkManifests(check);
  return { findings: check.findings, ...expirations(check) };
}

/** The files of the folder that give a process other certificates, keys or kubeconfigs than kubeadm does. */
export const changedSettings = (question: CheckQuestion): readonly string[] =>
  changedManifests(new CheckContext(question));

function checkAll(check: CheckContext): void {
  for (const folder of check.reading.folders ?? []) checkFolder(check, folder);
  for (const row of kubeadmAuthorities) checkAuthority(check, row);
  checkSharedAuthorities(check);
  for (const row of kubeadmLeaves) checkLeaf(check, row);
  checkServiceAccount(check);
  for (const row of kubeadmKubeconfigs) checkKubeconfigRow(check, row);
  checkPorts(check);
  for (const base of otherBases(check)) checkOther(check, base);
  for (const path of looseKeys(check)) checkMode(check, path);
  for (const path of check.otherKubeconfigs) checkKubeconfig(check, path);
}

function expirations(check: CheckContext): Pick<Checkup, 'certificates' | 'authorities'> {
  const shown = (row: AuthorityRow | LeafRow): boolean => check.isDemanded(row) || check.has(pairOf(row));
  const certificates = [
    ...kubeadmLeaves
      .filter(shown)
      .map((row) => expirationOf(check, row.name, certificateFile(row), row.authority)),
    ...kubeadmKubeconfigs
      .filter(({ name, renewed }) => renewed && (check.demandsKubeconfigs() || check.reading.has(name)))
      .map(({ name }) => expirationOf(check, name, name, 'ca')),
  ].sort(byName);
  const authorities = kubeadmAuthorities
    .filter(shown)
    .map((row) => expirationOf(check, row.name, certificateFile(row)))
    .sort(byName);
  return { certificates, authorities };
}

function expirationOf(
  check: CheckContext,
  name: string,
  path: string,
  authority?: AuthorityRow['name'],
): Expiration {
  const certificate = gotOf(
    path.endsWith('.conf') ? check.kubeconfig(path)?.certificate : check.reading.certificate(path),
  );
  const row = rowOf(authority ?? name);
  const externallyManaged =
    row !== undefined && check.reading.has(certificateFile(row)) && !check.reading.has(keyFile(row));
  return defined({
    name,
    file: check.reading.where(path),
    notAfter: certificate?.notAfter,
    authority,
    externallyManaged,
  });
}

const byName = (left: Expiration, right: Expiration): number => (left.name < right.name ? -1 : 1);
