/** A whole control plane in memory, and its folder as a map that a test may spoil in one place. */
import { randomBytes } from 'node:crypto';
import * as yaml from 'yaml';
import { checkCluster } from '../../../src/pki/kubeadm/check.ts';
import type { CheckQuestion } from '../../../src/pki/kubeadm/check/context.ts';
import { completeCluster } from '../../../src/pki/kubeadm/folder.ts';
import { certificatePem, keyPem } from '../../../src/pki/kubeadm/issue.ts';
import type { KeyedCertificate } from '../../../src/pki/kubeadm/issue.ts';
import { clusterOf } from '../../../src/pki/kubeadm/certificates.ts';
import type { KubeadmKeyKind } from '../../../src/pki/kubeadm/certificates.ts';
import { ClusterReading, gotOf } from '../../../src/pki/kubeadm/reading.ts';

export const now = Date.UTC(2026, 5, 1, 12);
export const issuing = { now, random: randomBytes, keyKind: 'P-256' as KubeadmKeyKind };

export interface MemoryFile {
  readonly text: string | Uint8Array;
  readonly mode: number;
}

export type MemoryFolder = Map<string, MemoryFile>;

export function readingOf(
  folder: ReadonlyMap<string, MemoryFile>,
  kubeconfigs: readonly string[] = [...folder.keys()].filter((path) => path.endsWith('.conf')),
): ClusterReading {
  return new ClusterReading(
    {
      files: new Map(
        Array.from(folder, ([path, { text, mode }]) => [
          path,
          { bytes: new Uint8Array(Buffer.from(text)), mode },
        ]),
      ),
      kubeconfigs,
      where: (path) => path,
      reference: (_kubeconfig, file) => file,
    },
    yaml,
  );
}

/** What is missing is made. */
export function completed(
  folder: MemoryFolder = new Map(),
  cluster = clusterOf(),
  how = issuing,
): MemoryFolder {
  const { files } = completeCluster(readingOf(folder), cluster, how);
  return new Map([...folder, ...files.map(({ path, text, mode }) => [path, { text, mode }] as const)]);
}

/** Made once for all tests of a file: each takes a copy. */
const sound = completed();
export const soundCluster = (): MemoryFolder => new Map(sound);

export function keyedOf(folder: MemoryFolder, base: string): KeyedCertificate {
  const reading = readingOf(folder);
  const certificate = gotOf(reading.certificate(`${base}.crt`));
  const key = gotOf(reading.key(`${base}.key`));
  if (!certificate || !key) throw new Error(`there is no ${base}`);
  return { certificate, key };
}

export function put(folder: MemoryFolder, base: string, { certificate, key }: KeyedCertificate): void {
  folder.set(`${base}.crt`, { text: certificatePem(certificate), mode: 0o644 });
  folder.set(`${base}.key`, { text: keyPem(key), mode: 0o600 });
}

/** A kubeconfig, changed as text. */
export function edit(folder: MemoryFolder, path: string, change: (text: string) => string): void {
  const file = folder.get(path);
  if (!file) throw new Error(`there is no ${path}`);
  const text = change(String(file.text));
  if (text === file.text) throw new Error(`nothing of ${path} was changed`);
  folder.set(path, { ...file, text });
}

export function findingsOf(
  folder: MemoryFolder,
  question: Partial<Omit<CheckQuestion, 'reading'>> = {},
): string[] {
  return checkCluster({ reading: readingOf(folder), now, ...question }).findings.map(
    ({ file, problem }) => `${file} ${problem}`,
  );
}
