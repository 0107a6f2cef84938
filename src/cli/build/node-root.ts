/**
 * Lays out a root file system of this machine's own node and the programs of the labs, each with the shared libraries that
 * `ldd` names: the base of an image where no registry can be reached (`make image-from-node`). Nothing of the machine's
 * configuration, certificates or users goes in.
 *
 * 1. The shell is busybox, which has ls, cat, vi and three hundred more; without it sh and the few programs of the list.
 * 2. glibc reads names by itself (files, dns): no module of its name service is needed.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { UserError } from '../../i18n/user-error.ts';
import { findProgram } from '../io/which.ts';

/** Of the labs' README files and the launcher; the last row is needed where there is no busybox. */
const labPrograms = ['openssl', 'curl'] as const;
const withoutBusybox = [
  'sh',
  'ls',
  'cat',
  'cp',
  'mv',
  'rm',
  'mkdir',
  'ln',
  'chmod',
  'chown',
  'sleep',
  'head',
  'tail',
  'grep',
  'sed',
  'readlink',
  'id',
  'env',
  'vi',
] as const;

export interface NodeRoot {
  /** What a learner will not find in it. */
  readonly missing: readonly string[];
}

/**
 * Fills the folder.
 * @param node the program that runs wirelab in the image.
 * @throws UserError where its libraries cannot be told, or there is no shell.
 */
export function layNodeRoot(folder: string, node: string, variables: NodeJS.ProcessEnv): NodeRoot {
  for (const path of [
    'bin',
    'usr/bin',
    'usr/local/bin',
    'etc',
    'opt',
    'root',
    'proc',
    'sys',
    'dev',
    'run',
    'var/tmp',
  ])
    makeFolder(join(folder, path));
  mkdirSync(join(folder, 'tmp'));
  chmodSync(join(folder, 'tmp'), 0o1777);
  chmodSync(join(folder, 'var', 'tmp'), 0o1777);
  const missing: string[] = [];
  const take = (name: string, from: string): void => {
    place(folder, realpathSync(from), join('usr/bin', name), 0o755);
    for (const library of librariesOf(from)) place(folder, realpathSync(library), library, 0o755);
  };
  const busybox = findProgram('busybox', variables);
  const wanted = [...labPrograms, ...(busybox === undefined ? withoutBusybox : [])];
  take('node', node);
  for (const name of wanted) {
    const found = findProgram(name, variables);
    if (found === undefined) missing.push(name);
    else take(name, found);
  }
  if (busybox !== undefined) {
    take('busybox', busybox);
    const { stdout } = spawnSync(busybox, ['--list'], { encoding: 'utf8' });
    for (const applet of stdout.split('\n').filter((name) => /^[\w[.-]+$/.test(name)))
      if (!existsSync(join(folder, 'usr/bin', applet)))
        symlinkSync('busybox', join(folder, 'usr/bin', applet));
  }
  if (missing.includes('sh')) throw noShell();
  symlinkSync('../usr/bin/sh', join(folder, 'bin', 'sh'));
  const openssl = ['/etc/ssl/openssl.cnf', '/usr/lib/ssl/openssl.cnf'].find((path) => existsSync(path));
  if (openssl !== undefined) {
    place(folder, realpathSync(openssl), 'etc/ssl/openssl.cnf', 0o644);
    makeFolder(join(folder, 'usr/lib/ssl'));
    symlinkSync('/etc/ssl/openssl.cnf', join(folder, 'usr/lib/ssl/openssl.cnf'));
  }
  const texts: Readonly<Record<string, string>> = {
    passwd: 'root:x:0:0:root:/root:/bin/sh\nlearner:x:10001:10001:learner:/home/learner:/bin/sh\n',
    group: 'root:x:0:\nlearner:x:10001:\n',
    'nsswitch.conf': 'hosts: files dns\n',
    'os-release': 'NAME="wirelab"\nID=wirelab\nPRETTY_NAME="wirelab, from this machine’s node"\n',
  };
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(folder, 'etc', name), text);
  return { missing };
}

function place(folder: string, from: string, path: string, mode: number): void {
  const to = join(folder, path);
  if (existsSync(to)) return;
  makeFolder(dirname(to));
  copyFileSync(from, to);
  chmodSync(to, mode);
}

/** The paths of a program's shared libraries with its loader; none for one that is linked statically. */
export function librariesIn(said: string): readonly string[] {
  return said.split('\n').flatMap((line) => {
    const path = /(?:=>\s*)?(\/\S+)\s+\(0x/.exec(line)?.[1];
    return path === undefined ? [] : [path];
  });
}

function librariesOf(program: string): readonly string[] {
  const { status, stdout, stderr } = spawnSync('ldd', [program], { encoding: 'utf8' });
  if (status === 0) return librariesIn(stdout);
  if (/not a dynamic executable|statically linked/.test(`${stdout}${stderr}`)) return [];
  throw new UserError({
    what: {
      en: `ldd does not tell the libraries of ${basename(program)}`,
      ko: `ldd로 ${basename(program)}의 공유 라이브러리를 알 수 없습니다`,
    },
    where: program,
    expected: { en: 'a Linux with glibc’s ldd', ko: 'glibc의 ldd가 있는 리눅스' },
    remedy: {
      en: 'make image, where a registry can be reached',
      ko: '레지스트리에 접속할 수 있으면 make image',
    },
  });
}

function noShell(): UserError {
  return new UserError({
    what: { en: 'there is no shell to put into the image', ko: '이미지에 넣을 셸이 없습니다' },
    where: 'PATH',
    expected: { en: 'busybox, or sh', ko: 'busybox 또는 sh' },
    remedy: { en: 'apt-get install busybox-static', ko: 'apt-get install busybox-static' },
  });
}
