/**
 * Provides a control plane's certificates as rows of a recipe, for scenarios: named as by kubeadm (`apiserver`,
 * `etcd-ca`, `admin.conf`). Pure. `pki/kubeadm/issue.ts` creates kubeadm's exact files and PEM; both use the same
 * table.
 */
import { defined } from '../../core/defined.ts';
import {
  clusterOf,
  isAuthorityRow,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
  validity,
} from './certificates.ts';
import type { Cluster, KubeadmUsage } from './certificates.ts';
import type { CertificateRow } from '../ca/recipe.ts';
import type { ProfileName } from '../ca/plan.ts';

const day = 86_400_000;
const days = (milliseconds: number): string => `${milliseconds / day}d`;

/** The validity of a certificate of a cluster that was created this many days ago. */
function lasting(lifetime: number, madeDaysAgo: number): NonNullable<CertificateRow['validity']> {
  const begins = -madeDaysAgo * day - validity.backdate;
  // In minutes, six digits are enough for more than a year.
  return {
    from: madeDaysAgo === 0 ? `${begins / 1000}s` : `${begins / 60_000}m`,
    to: days(lifetime - madeDaysAgo * day),
  };
}

/** In kubeadm's order: a CA before the certificates it signs. */
export function controlPlaneRows(
  given: Partial<Cluster> = {},
  madeDaysAgo = 0,
): Readonly<Record<string, CertificateRow>> {
  const cluster = clusterOf(given);
  const certificates = kubeadmCertificates.map((row): [string, CertificateRow] => {
    if (!isAuthorityRow(row))
      return [row.name, leafRow(row.authority, leafFacts(row, cluster), row.usages, madeDaysAgo)];
    return [
      row.name,
      {
        profile: 'root',
        subject: { CN: row.commonName },
        san: [`DNS:${row.commonName}`],
        validity: lasting(validity.authority, madeDaysAgo),
        keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
      },
    ];
  });
  const kubeconfigs = kubeadmKubeconfigs.map((row): [string, CertificateRow] => [
    row.name,
    leafRow('ca', leafFacts(row, cluster), ['clientAuth'], madeDaysAgo),
  ]);
  return Object.fromEntries([...certificates, ...kubeconfigs]);
}

/** What `kubeadm certs renew all` renews, under other names: all but the CAs and the certificates that the kubelet renews. */
export function renewedRows(given: Partial<Cluster> = {}): Readonly<Record<string, CertificateRow>> {
  const renewed = new Set(
    [...kubeadmLeaves, ...kubeadmKubeconfigs.filter((row) => row.renewed)].map(({ name }) => name),
  );
  return Object.fromEntries(
    Object.entries(controlPlaneRows(given)).flatMap(([name, row]) =>
      renewed.has(name) ? [[`renewed-${name}`, row]] : [],
    ),
  );
}

function leafRow(
  issuer: string,
  { commonName, organizations, san }: ReturnType<typeof leafFacts>,
  usages: readonly KubeadmUsage[],
  madeDaysAgo: number,
): CertificateRow {
  return {
    profile: profileOf(usages),
    issuer,
    subject: defined({ O: organizations.length > 0 ? organizations : undefined, CN: commonName }),
    ...(san.length > 0 ? { san } : {}),
    validity: lasting(validity.leaf, madeDaysAgo),
    keyUsage: ['digitalSignature', 'keyEncipherment'],
  };
}

function profileOf(usages: readonly KubeadmUsage[]): ProfileName {
  if (usages.length > 1) return 'peer';
  return usages[0] === 'serverAuth' ? 'server' : 'client';
}
