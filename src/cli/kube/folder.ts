/**
 * Reads and writes a cluster's folder: reads its files within bounds, whatever the folder contains, and writes them so
 * that nothing is lost or left half-written. `pki/kubeadm/` decides on the contents.
 *
 * 1. It reads the folder itself, its `pki` and its `pki/etcd` without further subfolders, and files named in their
 *    kubeconfigs; no pipes, no devices. A folder with its own `ca.crt` is taken for the `pki`.
 * 2. Every file is complete under a temporary name before the first is put into place; one process at a time.
 */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { isFull, noRoom } from '../../capture/file/output-file.ts';
import { makeFolder, removeFolders } from '../../capture/file/output-folder.ts';
import { UserError } from '../../i18n/user-error.ts';
import { checkCluster } from '../../pki/kubeadm/check.ts';
import type { Checkup } from '../../pki/kubeadm/check.ts';
import type { PlannedFile } from '../../pki/kubeadm/folder.ts';
import {
  certificateFile,
  keyFile,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  serviceAccountFiles,
} from '../../pki/kubeadm/certificates.ts';
import { ClusterReading } from '../../pki/kubeadm/reading.ts';
import type { ClusterFiles, Found, FoundFolder } from '../../pki/kubeadm/reading.ts';
import { largestKubeconfig, readKubeconfig } from '../../pki/kubeadm/kubeconfig.ts';
import { takeTurn } from '../../pki/keystore/turn.ts';
import { writeNewFiles } from '../certs/files.ts';
import { codeOf, readBytes } from '../../i18n/read-file.ts';
import { shellWord } from '../../i18n/shell-word.ts';

/** The default folder of a cluster. */
export const defaultFolder = 'kubernetes';

/** A cluster's folder has fewer files; the rest is ignored. */
const mostFiles = 500;
const interesting = /\.(?:crt|key|pub|conf|kubeconfig)$/;
/** Every kubeadm file, by its path in the folder. */
const treeFiles = [
  ...kubeadmCertificates.flatMap((row) => [certificateFile(row), keyFile(row)]),
  ...Object.values(serviceAccountFiles),
  ...kubeadmKubeconfigs.map(({ name }) => name),
];
const isKubeconfig = /\.(?:conf|kubeconfig)$/;

/**
 * Reads the cluster in a folder; an empty one if the folder does not exist.
 * @param kubeconfigs additional ones from other places.
 * @throws UserError if a folder cannot be listed.
 */
export async function readCluster(
  folder: string,
  kubeconfigs: readonly string[] = [],
): Promise<ClusterReading> {
  const isFlat = !exists(join(folder, 'pki')) && exists(join(folder, 'ca.crt'));
  const pki = isFlat ? folder : join(folder, 'pki');
  const files = new Map<string, Found>();
  const others: string[] = [];
  for (const name of listed(folder)) {
    if (isKubeconfig.test(name)) {
      files.set(name, read(join(folder, name)));
      others.push(name);
    } else if (isFlat) files.set(`pki/${name}`, read(join(folder, name)));
    // A user's own kubeconfig, beside the tree.
    else files.set(name, read(join(folder, name)));
  }
  if (!isFlat) for (const name of listed(pki)) files.set(`pki/${name}`, read(join(pki, name)));
  for (const name of listed(join(pki, 'etcd'))) files.set(`pki/etcd/${name}`, read(join(pki, 'etcd', name)));
  for (const path of kubeconfigs) {
    files.set(path, read(path));
    others.push(path);
  }
  const isPkiAlone = isFlat && !kubeadmKubeconfigs.some(({ name }) => files.has(name));
  const where = (path: string): string => {
    if (kubeconfigs.includes(path) || isAbsolute(path)) return path;
    return isFlat && path.startsWith('pki/') ? join(folder, path.slice('pki/'.length)) : join(folder, path);
  };
  // A folder in place of a file is reported, not treated as a missing file.
  for (const path of treeFiles)
    if (!files.has(path) && exists(where(path))) files.set(path, read(where(path)));
  const cluster: ClusterFiles = {
    files,
    kubeconfigs: others,
    where,
    reference: (path, file) => resolve(dirname(where(path)), file),
    ...(process.platform !== 'win32' && [...files.keys()].some((path) => path.startsWith('pki/'))
      ? { folders: modesOf([...new Set([folder, pki, join(pki, 'etcd')])]) }
      : {}),
    isPkiAlone,
  };
  if (others.length === 0) return new ClusterReading(cluster, undefined);
  const yaml = await import('yaml');
  for (const path of others) {
    const found = files.get(path);
    if (!found || 'trouble' in found) continue;
    for (const file of namedFiles(found.bytes, path, yaml)) {
      const at = cluster.reference(path, file);
      if (!files.has(at) && exists(at)) files.set(at, read(at));
    }
  }
  return new ClusterReading(cluster, yaml);
}

/** The files that exist. */
function modesOf(folders: readonly string[]): FoundFolder[] {
  return folders.flatMap((path) => {
    try {
      const { mode } = statSync(path);
      return [{ path, mode: mode & 0o7777 }];
    } catch {
      return [];
    }
  });
}

/** The problems, with commands that can be copied: they contain the cluster's folder, even if its `pki` was given. */
export function checkFolder(reading: ClusterReading, folder: string, now: number): Checkup {
  const checkup = checkCluster({ reading, now });
  const cluster = reading.isPkiAlone && basename(resolve(folder)) === 'pki' ? join(folder, '..') : folder;
  const named = (text: string): string => text.replaceAll('--out DIR', `--out ${shellWord(cluster)}`);
  return {
    ...checkup,
    findings: checkup.findings.map((finding) => ({
      ...finding,
      remedy: { en: named(finding.remedy.en), ko: named(finding.remedy.ko) },
    })),
  };
}

/** The files that a kubeconfig names; its errors are reported by the check. */
function namedFiles(bytes: Uint8Array, path: string, yaml: typeof import('yaml')): string[] {
  try {
    const { authority, certificate, key, tokenFile } = readKubeconfig(bytes, path, yaml);
    return [
      ...[authority, certificate, key].flatMap((one) => (one && 'file' in one ? [one.file] : [])),
      ...(tokenFile === undefined ? [] : [tokenFile]),
    ];
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

/** Whether the path exists, even as a dangling symbolic link. */
function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether the path exists and is not a folder; links are followed. */
export function isNoFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false;
  }
}

/** @throws UserError if the path exists but cannot be listed as a folder. */
function listed(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((one) => !one.isDirectory() && interesting.test(one.name))
      .map(({ name }) => name)
      .sort()
      .slice(0, mostFiles);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw new UserError(
      {
        what: { en: 'the folder cannot be read', ko: '폴더를 읽을 수 없습니다' },
        where: folder,
        received: codeOf(error),
        remedy: {
          en: 'Specify a folder that you are allowed to read.',
          ko: '읽기 권한이 있는 폴더를 지정하세요.',
        },
      },
      { cause: error },
    );
  }
}

function read(path: string): Found {
  try {
    const bytes = readBytes(path, largestKubeconfig);
    return { bytes, ...(process.platform === 'win32' ? {} : { mode: statSync(path).mode & 0o777 }) };
  } catch (error) {
    if (error instanceof UserError) return { trouble: error.facts };
    return {
      trouble: {
        what: {
          en: `the file cannot be read (${codeOf(error)})`,
          ko: `파일을 읽을 수 없습니다(${codeOf(error)})`,
        },
        where: path,
      },
    };
  }
}

/**
 * Lets one process at a time read, decide and write.
 * @throws UserError if the folder cannot be created or written.
 */
export async function inTurn<T>(folder: string, work: () => Promise<T>): Promise<T> {
  let release: () => void;
  let made: readonly string[] = [];
  try {
    made = makeFolder(folder);
    release = await takeTurn(join(folder, '.wirelab.lock'));
  } catch (error) {
    removeFolders(made);
    throw notWritable(folder, error);
  }
  try {
    return await work();
  } finally {
    release();
    // Removes the folder again if nothing was written into it.
    removeFolders(made);
  }
}

function notWritable(folder: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (isFull(error))
    return noRoom(folder, { en: 'nothing was written', ko: '아무것도 쓰지 않았습니다' }, error);
  return new UserError(
    {
      what: { en: 'the certificates cannot be written', ko: '인증서를 저장할 수 없습니다' },
      where: folder,
      received: codeOf(error),
      remedy: {
        en: 'Make the folder writable, or choose another.',
        ko: '폴더에 쓰기 권한을 주거나 다른 폴더를 지정하세요.',
      },
    },
    { cause: error },
  );
}

/**
 * Writes each file to the place that it was read from, or would have been.
 * @param replace whether existing files may be replaced: they are renewed.
 * @throws UserError
 */
export function writeCluster(reading: ClusterReading, files: readonly PlannedFile[], replace: boolean): void {
  const placed = files.map(({ path, text, mode }) => ({
    path: reading.where(path),
    flag: '--out',
    text,
    mode,
  }));
  const made: string[] = [];
  try {
    for (const folder of new Set(placed.map(({ path }) => dirname(path)))) made.push(...madeFolder(folder));
    writeNewFiles(placed, replace);
  } catch (error) {
    removeFolders(made);
    throw error;
  }
}

function madeFolder(folder: string): string[] {
  try {
    return makeFolder(folder);
  } catch (error) {
    throw notWritable(folder, error);
  }
}
