/**
 * Reads the manifest of a static pod, as far as a process of the lab needs it: whether it is one, and which files its flags
 * name. The learner may have changed it arbitrarily; reading is bounded.
 *
 * 1. Flags are in `command` and `args` of the first container, as `--name=value` or in two entries; the last of several counts.
 * 2. A path is relative to the folder, and /etc/kubernetes/ is the folder.
 * 3. A flag that is not in the table is ignored, as the manifests themselves say; those in the table are required, but for those
 *    that a process can do without.
 */
import { relative, resolve } from 'node:path';
import * as yaml from 'yaml';
import { UserError } from '../../i18n/user-error.ts';
import { josa } from '../../i18n/josa.ts';
import { textAt } from '../../kube/objects/json.ts';
import { readBoundedYaml } from '../../pki/kubeadm/kubeconfig.ts';
import { flagsOf } from '../../pki/kubeadm/manifests/flags.ts';
import { manifestOf } from '../../pki/kubeadm/manifests/processes.ts';
import { commandIn, flagValue } from '../../pki/kubeadm/manifests/read-manifest.ts';
import { bytesOf, FileError } from '../own-files.ts';

/** The flags that name files. */
interface FilesOf {
  readonly 'kube-apiserver': Readonly<
    Record<'client-ca-file' | 'tls-cert-file' | 'tls-private-key-file', string>
  >;
  readonly 'kube-controller-manager': Readonly<
    Record<'kubeconfig' | 'cluster-signing-cert-file' | 'cluster-signing-key-file', string> &
      Partial<Record<'root-ca-file', string>>
  >;
}

/** Flags that a process can do without. */
const optional: Readonly<Record<ProcessName, readonly string[]>> = {
  'kube-apiserver': [],
  'kube-controller-manager': ['root-ca-file'],
};
const fileOf = (process: ProcessName, flag: string): string =>
  flagsOf(process).find((row) => row.flag === flag)?.file ?? '';

/** The initial manifests, as kubeadm writes them. */
const firstFiles: FilesOf = {
  'kube-apiserver': {
    'client-ca-file': fileOf('kube-apiserver', 'client-ca-file'),
    'tls-cert-file': fileOf('kube-apiserver', 'tls-cert-file'),
    'tls-private-key-file': fileOf('kube-apiserver', 'tls-private-key-file'),
  },
  'kube-controller-manager': {
    kubeconfig: fileOf('kube-controller-manager', 'kubeconfig'),
    'cluster-signing-cert-file': fileOf('kube-controller-manager', 'cluster-signing-cert-file'),
    'cluster-signing-key-file': fileOf('kube-controller-manager', 'cluster-signing-key-file'),
  },
};

export type ProcessName = keyof FilesOf;

export const processNames = Object.keys(firstFiles) as ProcessName[];

/** The files that a process is started with, by flag. @throws FileError */
export function filesNamedIn<Name extends ProcessName>(folder: string, process: Name): FilesOf[Name] {
  const where = manifestOf(process);
  const pod = readManifest(bytesOf(folder, where), where);
  const words = commandIn(pod);
  if (!words) {
    throw new FileError('unreadable_file', {
      what: {
        en: 'the manifest is not a Pod with a container',
        ko: '컨테이너가 있는 Pod의 매니페스트가 아닙니다',
      },
      where,
      expected: {
        en: 'apiVersion: v1, kind: Pod, and spec.containers',
        ko: 'apiVersion: v1, kind: Pod, spec.containers',
      },
      received: textAt(pod, 'kind') === '' ? 'no kind' : `kind: ${textAt(pod, 'kind')}`,
      remedy: asAtFirst,
    });
  }
  const named = (path: string): string =>
    relative(folder, resolve(folder, path.replace(/^\/etc\/kubernetes\//, '')));
  const others = optional[process].flatMap((flag) => {
    const path = flagValue(words, flag) ?? '';
    return path === '' ? [] : [[flag, named(path)] as const];
  });
  const paths = Object.entries<string>(firstFiles[process]).map(([flag, first]) => {
    const path = flagValue(words, flag);
    if (path === undefined || path === '') {
      throw new FileError('unreadable_file', {
        what: {
          en: `the manifest does not have the flag --${flag}, without which ${process} does not start here`,
          ko: `매니페스트에 --${flag} 플래그가 없습니다. 여기서는 이 플래그가 있어야 ${josa(process, '이/가')} 시작됩니다`,
        },
        where,
        expected: { en: `--${flag}=${first}, or another file`, ko: `--${flag}=${first} 또는 다른 파일` },
        remedy: asAtFirst,
      });
    }
    return [flag, named(path)] as const;
  });
  return Object.fromEntries([...paths, ...others]) as FilesOf[Name];
}

/** The files that the initial manifest of a process names. */
export function firstFilesOf<Name extends ProcessName>(process: Name): FilesOf[Name] {
  return firstFiles[process];
}

/** As `filesNamedIn`, without errors: the initial files if the manifest cannot be read. */
export function likelyFiles<Name extends ProcessName>(folder: string, process: Name): FilesOf[Name] {
  try {
    return filesNamedIn(folder, process);
  } catch (error) {
    if (error instanceof FileError) return firstFiles[process];
    throw error;
  }
}

const asAtFirst = {
  en: 'Correct it, or restore all initial files with wirelab lab reset.',
  ko: '매니페스트를 바로잡으세요. wirelab lab reset을 실행하면 모든 것이 처음 상태로 돌아갑니다.',
};

function readManifest(bytes: Uint8Array, where: string): unknown {
  try {
    return readBoundedYaml(bytes, where, yaml, asAtFirst);
  } catch (error) {
    if (error instanceof UserError) throw new FileError('unreadable_file', error.facts);
    throw error;
  }
}
