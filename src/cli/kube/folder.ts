/**
 * Reads and writes a cluster's folder: reads its files within bounds, whatever the folder contains, and writes them so
 * that nothing is lost or left half-written. `pki/kubeadm/` decides on the contents.
 *
 * 1. It reads the folder itself, its `pki` and its `pki/etcd` without further subfolders, the manifests and the node's
 *    files in kubeadm's places, and files that kubeconfigs and manifests name; no pipes, no devices. A folder with its
 *    own `ca.crt` is taken for the `pki`.
 * 2. Every file is complete under a temporary name before the first is put into place; one process at a time.
 * 3. A link is put into place before the files: what names it is never there without it.
 */
import { lstatSync, readlinkSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { isFull, noRoom } from '../../capture/file/output-file.ts';
import { makeFolder, removeFolders } from '../../capture/file/output-folder.ts';
import { UserError } from '../../i18n/user-error.ts';
import { selfSigned } from '../../kube/components/self-signed.ts';
import { checkCluster } from '../../pki/kubeadm/check.ts';
import type { Checkup } from '../../pki/kubeadm/check.ts';
import type { CheckQuestion } from '../../pki/kubeadm/check/context.ts';
import { completeCluster } from '../../pki/kubeadm/folder.ts';
import type { PlannedFile } from '../../pki/kubeadm/folder.ts';
import type { Issuing } from '../../pki/kubeadm/issue.ts';
import {
  certificateFile,
  keyFile,
  kubeadmCertificates,
  kubeadmKubeconfigs,
  serviceAccountFiles,
} from '../../pki/kubeadm/certificates.ts';
import type { Cluster } from '../../pki/kubeadm/certificates.ts';
import { flagsOf } from '../../pki/kubeadm/manifests/flags.ts';
import { completeLayout } from '../../pki/kubeadm/manifests/layout.ts';
import type { Layout, PlannedLink } from '../../pki/kubeadm/manifests/layout.ts';
import {
  inFolder,
  kubeletFiles,
  kubeProxyFiles,
  manifestOf,
  staticPodNames,
} from '../../pki/kubeadm/manifests/processes.ts';
import { commandIn, flagValue, settingIn } from '../../pki/kubeadm/manifests/read-manifest.ts';
import { ClusterReading, gotOf } from '../../pki/kubeadm/reading.ts';
import type { ClusterFiles, Found, FoundFolder } from '../../pki/kubeadm/reading.ts';
import { largestKubeconfig, readKubeconfig } from '../../pki/kubeadm/kubeconfig.ts';
import { takeTurn } from '../../pki/keystore/turn.ts';
import { writeNewFiles } from '../certs/files.ts';
import { codeOf, readBytes } from '../../i18n/read-file.ts';
import { defined } from '../../core/defined.ts';
import { safeText } from '../../i18n/safe.ts';
import { shellWord } from '../../i18n/shell-word.ts';

/** The default folder of a cluster. */
export const defaultFolder = 'kubernetes';

/** A cluster's folder has fewer files; the rest is ignored. */
const mostFiles = 500;
const interesting = /\.(?:crt|key|pub|conf|kubeconfig)$/;
/** The files of the processes, by their paths in the folder. */
const processFiles = [
  ...staticPodNames.map(manifestOf),
  kubeletFiles.config,
  kubeletFiles.current,
  ...Object.values(kubeletFiles.serving),
  ...Object.values(kubeProxyFiles),
];
/** Every kubeadm file of the PKI, by its path in the folder. */
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
  if (!isPkiAlone)
    for (const path of processFiles) if (exists(where(path))) files.set(path, read(where(path)));
  const cluster: ClusterFiles = {
    files,
    kubeconfigs: others,
    where,
    // The folder stands for the node's own: a path of the node is looked for in it first.
    reference: (path, file) => {
      const place = isAbsolute(file) ? inFolder(file) : undefined;
      return place !== undefined && !place.split('/').includes('..') && exists(where(place))
        ? resolve(where(place))
        : resolve(dirname(where(path)), file);
    },
    isOnNode: resolve(folder) === '/etc/kubernetes',
    ...(process.platform !== 'win32' && [...files.keys()].some((path) => path.startsWith('pki/'))
      ? {
          folders: modesOf([
            ...new Set([
              folder,
              pki,
              join(pki, 'etcd'),
              ...(isPkiAlone ? [] : ['manifests', 'kubelet', 'kubelet/pki'].map((one) => join(folder, one))),
            ]),
          ]),
        }
      : {}),
    isPkiAlone,
  };
  if (others.length === 0 && !processFiles.some((path) => files.has(path)))
    return new ClusterReading(cluster, undefined);
  const yaml = await import('yaml');
  const reading = new ClusterReading(cluster, yaml);
  for (const path of namedBySettings(reading))
    if (!files.has(path) && exists(where(path))) files.set(path, read(where(path)));
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

/** The files in the folder that the flags of processes name; unreadable manifests are reported by the check. */
function namedBySettings(reading: ClusterReading): string[] {
  const named = staticPodNames.flatMap((process) => {
    const command = commandIn(gotOf(reading.yaml(manifestOf(process)))) ?? [];
    return flagsOf(process).map(({ flag }) => flagValue(command, flag));
  });
  const config = gotOf(reading.yaml(kubeletFiles.config));
  return [...named, ...flagsOf('kubelet').map(({ flag }) => settingIn(config, flag))].flatMap((path) => {
    const place = path === undefined || path === '' ? undefined : inFolder(path);
    return place === undefined || place.split('/').includes('..') ? [] : [place];
  });
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
export function checkFolder(
  reading: ClusterReading,
  folder: string,
  now: number,
  asked: Pick<CheckQuestion, 'withoutManifests'> = {},
): Checkup {
  const checkup = checkCluster({ reading, now, ...asked });
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
    const target = targetOf(path);
    const received = target === undefined ? undefined : `-> ${safeText(target)}`;
    if (error instanceof UserError) return { trouble: defined({ received, ...error.facts }) };
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

/** What the folder lacks of all that kubeadm lays out. @throws UserError for existing files that do not fit. */
export async function layoutFor(
  reading: ClusterReading,
  cluster: Cluster,
  issuing: Issuing,
  etcd: Parameters<typeof completeCluster>[3] = {},
): Promise<Layout> {
  return completeLayout(reading, cluster, completeCluster(reading, cluster, issuing, etcd), {
    now: issuing.now,
    serving: (node) => selfSigned(node, issuing.now, issuing.random),
    yaml: await import('yaml'),
  });
}

/** Where a symbolic link leads; undefined if the path is none. */
function targetOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
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
export function writeCluster(
  reading: ClusterReading,
  files: readonly PlannedFile[],
  replace: boolean,
  links: readonly PlannedLink[] = [],
): void {
  const placed = files.map(({ path, text, mode }) => ({
    path: reading.where(path),
    flag: '--out',
    text,
    mode,
  }));
  const made: string[] = [];
  const linked: string[] = [];
  try {
    for (const folder of new Set(placed.map(({ path }) => dirname(path)))) made.push(...madeFolder(folder));
    for (const { path, target } of links) linked.push(...placedLink(reading.where(path), target));
    writeNewFiles(placed, replace);
  } catch (error) {
    for (const path of linked) rmSync(path, { force: true });
    removeFolders(made);
    throw error;
  }
}

/** In place of a link that leads nowhere, too. @returns it, if it is new. */
function placedLink(path: string, target: string): string[] {
  const next = `${path}.${process.pid}.new`;
  const isNew = !exists(path);
  try {
    rmSync(next, { force: true });
    symlinkSync(target, next);
    renameSync(next, path);
  } catch (error) {
    rmSync(next, { force: true });
    throw notWritable(dirname(path), error);
  }
  return isNew ? [path] : [];
}

function madeFolder(folder: string): string[] {
  try {
    return makeFolder(folder);
  } catch (error) {
    throw notWritable(folder, error);
  }
}
