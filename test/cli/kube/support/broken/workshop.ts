/** The tools with which a control plane's folder is broken: in memory, then on the disk. */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ExtendedKeyUsage } from '../../../../../src/pki/ca/plan.ts';
import { makeKey } from '../../../../../src/pki/ca/sign.ts';
import {
  clusterOf,
  kubeadmAuthorities,
  kubeadmKubeconfigs,
  kubeadmLeaves,
  leafFacts,
} from '../../../../../src/pki/kubeadm/certificates.ts';
import type {
  AuthorityRow,
  Cluster,
  KubeconfigRow,
  LeafRow,
} from '../../../../../src/pki/kubeadm/certificates.ts';
import type { Problem } from '../../../../../src/pki/kubeadm/check/finding.ts';
import { certificatePem, issueAuthority, issueLeaf, keyPem } from '../../../../../src/pki/kubeadm/issue.ts';
import type { KeyedCertificate } from '../../../../../src/pki/kubeadm/issue.ts';
import * as yaml from 'yaml';
import { selfSigned } from '../../../../../src/kube/components/self-signed.ts';
import { completeLayout } from '../../../../../src/pki/kubeadm/manifests/layout.ts';
import type { Layout } from '../../../../../src/pki/kubeadm/manifests/layout.ts';
import { finalized } from '../../../../../src/pki/kubeadm/manifests/node-files.ts';
import { completed, edit, keyedOf, now, put, readingOf } from '../../../../pki/support/cluster.ts';
import type { MemoryFolder } from '../../../../pki/support/cluster.ts';
import { craft } from '../../../../pki/support/craft.ts';
import type { Craft } from '../../../../pki/support/craft.ts';

export const day = 86_400_000;

/** One fault, and what is true of it: written before the check is asked. */
export interface BrokenFolder {
  readonly title: string;
  /** It begins with the files of the processes as well. */
  readonly isLaidOut?: true;
  readonly spoil?: (folder: MemoryFolder) => unknown;
  /** What only a disk has: modes of folders, links, devices. */
  readonly onDisk?: (root: string) => unknown;
  /** Each of them is named with one of these problems, or the folder is refused with its path. */
  readonly files: readonly string[];
  readonly problems: readonly (Problem | 'refused_folder')[];
  /** Files that may be called wrong with it. */
  readonly also?: readonly string[];
}

export const cluster: Cluster = clusterOf({
  node: 'cp1',
  addresses: ['192.0.2.10'],
  controlPlaneEndpoint: 'https://lab.example:6443',
});
export const issuing = { now, random: randomBytes, keyKind: 'P-256' } as const;

const sound = completed(new Map(), cluster);
export const soundFolder = (): MemoryFolder => new Map(sound);

const laidOutOf = (folder: MemoryFolder): readonly [MemoryFolder, Layout['links']] => {
  const { files, links } = completeLayout(
    readingOf(folder),
    cluster,
    { files: [], made: [], kept: [] },
    { now, serving: (node) => selfSigned(node, now, randomBytes), yaml },
  );
  const all = new Map([...folder, ...files.map(({ path, text, mode }) => [path, { text, mode }] as const)]);
  edit(all, 'kubelet.conf', finalized);
  return [all, links];
};
const [laidOut, laidOutLinks] = laidOutOf(sound);
/** With manifests, and with the kubelet's certificate where a running kubelet keeps it. */
export const laidOutFolder = (): MemoryFolder => new Map(laidOut);

export const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');
export const textOf = (folder: MemoryFolder, path: string): string => String(folder.get(path)?.text);
export const replace = (folder: MemoryFolder, path: string, text: string | Uint8Array): unknown =>
  folder.set(path, { text, mode: folder.get(path)?.mode ?? (path.endsWith('.crt') ? 0o644 : 0o600) });

export const leafRow = (name: string): LeafRow => kubeadmLeaves.find((row) => row.name === name) as LeafRow;
export const authorityRow = (name: string): AuthorityRow =>
  kubeadmAuthorities.find((row) => row.name === name) as AuthorityRow;
export const configRow = (name: string): KubeconfigRow =>
  kubeadmKubeconfigs.find((row) => row.name === name) as KubeconfigRow;
const rowNamed = (name: string): LeafRow | KubeconfigRow =>
  name.endsWith('.conf') ? configRow(name) : leafRow(name);

export const authorityBase = (name: string): string => `pki/${authorityRow(name).file}`;
export const authorityNameOf = (name: string): AuthorityRow['name'] =>
  name.endsWith('.conf') ? 'ca' : leafRow(name).authority;

/** A CA of the same name, with another key. */
export const namesake = (name: AuthorityRow['name']): KeyedCertificate =>
  issueAuthority(authorityRow(name), issuing);
export const stranger = issueAuthority({ name: 'ca', file: 'ca', commonName: 'Another CA' }, issuing);

export type Change = Partial<Craft> & {
  /** The CA that signs it in place of its own; its own file if a name is given. */
  readonly by?: KeyedCertificate | AuthorityRow['name'];
  /** Names and addresses to leave out. */
  readonly without?: readonly string[];
  readonly cluster?: Cluster;
};

/** A certificate as kubeadm makes it for this row, with something changed. */
export function remade(
  folder: MemoryFolder,
  name: string,
  { by, without = [], cluster: other = cluster, ...change }: Change,
): KeyedCertificate {
  const { commonName, organizations, san, usages } = leafFacts(rowNamed(name), other);
  const key = change.key ?? makeKey('P-256');
  const issuer =
    by === undefined || typeof by === 'string'
      ? keyedOf(folder, authorityBase(by ?? authorityNameOf(name)))
      : by;
  const certificate = craft({
    subject: [...organizations.map((one) => ['O', one] as const), ['CN', commonName]],
    san: san.filter((entry) => !without.includes(entry.slice(entry.indexOf(':') + 1))),
    extendedKeyUsage: usages as readonly ExtendedKeyUsage[],
    keyUsage: ['digitalSignature', 'keyEncipherment'],
    notBefore: now - day,
    notAfter: now + 300 * day,
    ...change,
    key,
    issuer,
  });
  return { certificate, key };
}

/** Replaces the certificate and key of a row, in its files or in its kubeconfig. */
export function place(folder: MemoryFolder, name: string, keyed: KeyedCertificate): void {
  if (!name.endsWith('.conf')) return put(folder, `pki/${leafRow(name).file}`, keyed);
  edit(folder, name, (text) =>
    text
      .replace(
        /client-certificate-data: .*/,
        `client-certificate-data: ${base64(certificatePem(keyed.certificate))}`,
      )
      .replace(/client-key-data: .*/, `client-key-data: ${base64(keyPem(keyed.key))}`),
  );
}

export const remake = (folder: MemoryFolder, name: string, change: Change): void =>
  place(folder, name, remade(folder, name, change));

/** The CA in a kubeconfig. */
export const trusts = (folder: MemoryFolder, name: string, pem: string): void =>
  edit(folder, name, (text) =>
    text.replace(/certificate-authority-data: .*/, `certificate-authority-data: ${base64(pem)}`),
  );

/** The same CA and key, with something else in its certificate; kubeconfigs have it as well. */
export function reshape(folder: MemoryFolder, name: AuthorityRow['name'], change: Partial<Craft>): void {
  const row = authorityRow(name);
  const { certificate, key } = keyedOf(folder, `pki/${row.file}`);
  put(folder, `pki/${row.file}`, {
    certificate: craft({
      subject: [],
      name: certificate.subject.der,
      key,
      notBefore: now - 30 * day,
      notAfter: now + 3000 * day,
      isCa: true,
      keyUsage: ['digitalSignature', 'keyEncipherment', 'keyCertSign'],
      san: [`DNS:${row.commonName}`],
      ...change,
    }),
    key,
  });
  if (name !== 'ca') return;
  for (const config of kubeadmKubeconfigs) trusts(folder, config.name, textOf(folder, 'pki/ca.crt'));
}

/** Another CA in the place of one, and everything signed by it. */
export function rebuild(folder: MemoryFolder, name: AuthorityRow['name'], authority: KeyedCertificate): void {
  put(folder, authorityBase(name), authority);
  for (const row of kubeadmLeaves.filter(({ authority: own }) => own === name))
    place(folder, row.name, issueLeaf(leafFacts(row, cluster), authority, issuing));
  if (name !== 'ca') return;
  for (const row of kubeadmKubeconfigs) {
    place(folder, row.name, issueLeaf(leafFacts(row, cluster), authority, issuing));
    trusts(folder, row.name, certificatePem(authority.certificate));
  }
}

/** A kubeconfig of the cluster's admin under another name, changed. */
export const otherConfig = (folder: MemoryFolder, path: string, change: (text: string) => string): void => {
  replace(folder, path, textOf(folder, 'admin.conf'));
  edit(folder, path, change);
};

/** A kubeconfig's user with these lines in place of certificate and key. */
export const userLines = (text: string, ...lines: readonly string[]): string =>
  text.replace(
    / {4}client-certificate-data: .*\n {4}client-key-data: .*\n/,
    lines.map((line) => `    ${line}\n`).join(''),
  );

/** An unsigned-looking token of JSON parts, signed by nobody. */
export const tokenOf = (claims: unknown): string =>
  [JSON.stringify({ alg: 'RS256', kid: 'x' }), JSON.stringify(claims), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

/** @param before what the folder holds already. */
export function writeFolder(root: string, folder: MemoryFolder, before?: MemoryFolder): void {
  for (const path of before?.keys() ?? []) if (!folder.has(path)) rmSync(join(root, path));
  for (const [path, file] of folder) {
    const at = join(root, path);
    const old = before?.get(path);
    if (old?.text === file.text && old.mode === file.mode) continue;
    if (!before) mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, file.text);
    chmodSync(at, file.mode);
  }
  if (before) return;
  for (const { path, target } of laidOutLinks)
    if (folder.has(join(dirname(path), target))) symlinkSync(target, join(root, path));
}
