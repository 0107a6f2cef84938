/**
 * The certificates of a control plane as rows of a recipe, so that a scenario has them beside rows of its own: named as
 * kubeadm names them (`apiserver`, `etcd-ca`, `admin.conf`). Pure. What kubeadm writes to the letter, with its files and
 * forms of PEM, is made by `kubeadm-issue.ts`; both read the same table.
 */
import { clusterOf, isAuthorityRow, kubeadmCertificates, kubeadmKubeconfigs, leafFacts, validity } from './kubeadm.ts';
import type { Cluster, KubeadmUsage } from './kubeadm.ts';
import type { CertificateRow, ProfileName } from './recipe.ts';

const seconds = (milliseconds: number): string => `${milliseconds / 1000}s`;
const days = (milliseconds: number): string => `${milliseconds / 86_400_000}d`;
const from = seconds(-validity.backdate);

/** In kubeadm's order: a CA before what it signs. */
export function controlPlaneRows(given: Partial<Cluster> = {}): Readonly<Record<string, CertificateRow>> {
  const cluster = clusterOf(given);
  const certificates = kubeadmCertificates.map((row): [string, CertificateRow] => {
    if (!isAuthorityRow(row)) return [row.name, leafRow(row.authority, leafFacts(row, cluster), row.usages)];
    return [
      row.name,
      {
        profile: 'root',
        subject: { CN: row.commonName },
        san: [`DNS:${row.commonName}`],
        validity: { from, to: days(validity.authority) },
        keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
      },
    ];
  });
  const kubeconfigs = kubeadmKubeconfigs.map((row): [string, CertificateRow] => [row.name, leafRow('ca', leafFacts(row, cluster), ['clientAuth'])]);
  return Object.fromEntries([...certificates, ...kubeconfigs]);
}

function leafRow(issuer: string, { commonName, organizations, san }: ReturnType<typeof leafFacts>, usages: readonly KubeadmUsage[]): CertificateRow {
  return {
    profile: profileOf(usages),
    issuer,
    subject: { ...(organizations.length > 0 ? { O: organizations } : {}), CN: commonName },
    ...(san.length > 0 ? { san } : {}),
    validity: { from, to: days(validity.leaf) },
    keyUsage: ['digitalSignature', 'keyEncipherment'],
  };
}

function profileOf(usages: readonly KubeadmUsage[]): ProfileName {
  if (usages.length > 1) return 'peer';
  return usages[0] === 'serverAuth' ? 'server' : 'client';
}
