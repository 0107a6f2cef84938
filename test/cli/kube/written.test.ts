/** What is written for a cluster: no wider than asked for under any umask, and all of it or nothing. */
import {
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { writeNewFiles } from '../../../src/cli/certs/files.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { runProgram } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';
import { snapshot } from './support/desk.ts';

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-written-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Everything below a folder that others than its owner may write, and every secret that they may read. */
function tooWide(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const mode = lstatSync(path).mode & 0o777;
    // kube-proxy's configuration names the file of its token, and holds none.
    const isSecret =
      /\.(?:key|conf)$|^wirelab\.json$|lock/.test(entry.name) && !entry.parentPath.endsWith('kube-proxy');
    return !entry.isSymbolicLink() && (mode & (isSecret ? 0o077 : 0o022)) !== 0
      ? [`${mode.toString(8)} ${path.slice(folder.length + 1)}`]
      : [];
  });
}

const limited = async (before: string, ...words: readonly string[]): Promise<ProgramResult> =>
  runProgram('sh', ['-c', `${before}; exec "$@"`, 'sh', process.execPath, mainFile, ...words], {
    env: wirelabEnvironment(),
  });

const onPosix = process.platform === 'win32' ? test.skip : test;

onPosix(
  'under umask 000: nothing that kube pki, kube up and certs make write may be written by others, and no secret read',
  async (t) => {
    const folder = folderOf(t);
    t.is((await limited('umask 000', 'kube', 'pki', '--out', join(folder, 'a/b/lab'))).exitCode, 0);
    t.is(
      (await limited(`umask 000; WIRELAB_CERTS=${folder}/certs; export WIRELAB_CERTS`, 'certs', 'make'))
        .exitCode,
      0,
    );
    t.true(existsSync(join(folder, 'certs')));
    const up = start(t, ['kube', 'up', '--out', join(folder, 'up'), '--port', '0'], 'umask 000');
    await up.until(/Ctrl-C/);
    t.deepEqual(tooWide(folder), [], 'while it runs');
    up.child.kill('SIGTERM');
    await up.exit;
    t.deepEqual(tooWide(folder), []);
    t.is(lstatSync(join(folder, 'a')).mode & 0o777, 0o755);
  },
);

onPosix('under umask 077 folders and files are for their owner alone', async (t) => {
  const folder = folderOf(t);
  t.is((await limited('umask 077', 'kube', 'pki', '--out', join(folder, 'lab'))).exitCode, 0);
  for (const name of ['lab', 'lab/pki', 'lab/pki/etcd', 'lab/pki/ca.crt'])
    t.is(lstatSync(join(folder, name)).mode & 0o077, 0, name);
});

onPosix(
  'where there is no room the file that did not fit is named, and nothing stays: kube pki, kube up, certs make',
  async (t) => {
    const folder = folderOf(t);
    const lab = join(folder, 'lab');
    // A file of at most 512 bytes: the lock fits, and no certificate.
    for (const words of [
      ['kube', 'pki', '--out', lab],
      ['kube', 'up', '--out', lab, '--port', '0'],
    ]) {
      const { exitCode, stdout, stderr } = await limited('ulimit -f 1', ...words);
      t.deepEqual([exitCode, stdout], [2, ''], words.join(' '));
      t.regex(
        stderr,
        /there is no room for this file \(EFBIG\): none of the 37 files was written\n {2}where: \S+lab\/\S+\n/,
        words.join(' '),
      );
      t.notRegex(stderr, /recording|recorded/);
      t.false(existsSync(lab), words.join(' '));
    }
    const nothing = await limited('ulimit -f 0', 'kube', 'pki', '--out', lab, '--lang', 'ko');
    t.deepEqual(
      [nothing.exitCode, /공간이 부족합니다\(EFBIG\)/.test(nothing.stderr)],
      [2, true],
      nothing.stderr,
    );
    t.false(existsSync(lab));
    const world = await limited(
      `ulimit -f 1; WIRELAB_CERTS=${folder}/certs; export WIRELAB_CERTS`,
      'certs',
      'make',
    );
    t.is(world.exitCode, 2);
    t.regex(world.stderr, /there is no room for this file \(EFBIG\)[^]*where: \S+certs\/\S+\.(?:crt|key)\n/);
    t.deepEqual(
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name),
      [],
    );
  },
);

onPosix('a kube up whose etcd finds no room says that, and sends nobody to the certificates', async (t) => {
  const lab = join(folderOf(t), 'lab');
  // The certificates fit, and not the log of what the API server puts into its etcd at first.
  const { exitCode, stderr } = await limited('ulimit -f 24', 'kube', 'up', '--out', lab, '--port', '0');
  t.is(exitCode, 2, stderr);
  t.regex(
    stderr,
    /the API server cannot start: the etcd's log cannot be written: EFBIG[^]*where: \S+lab\/etcd-embedded\n/,
  );
  t.notRegex(stderr, /pki check/);
});

onPosix('a renewal for which there is no room changes nothing', async (t) => {
  const lab = join(folderOf(t), 'lab');
  t.is((await limited('umask 022', 'kube', 'pki', '--out', lab)).exitCode, 0);
  const before = snapshot(lab);
  const { exitCode, stderr } = await limited('ulimit -f 1', 'kube', 'pki', 'renew', '--out', lab);
  t.is(exitCode, 2);
  t.regex(stderr, /none of the 18 files was written/);
  t.deepEqual(snapshot(lab), before);
});

test('of several files that take their places, one that cannot leaves all as they were', (t) => {
  const folder = folderOf(t);
  const path = (name: string): string => join(folder, name);
  const file = (name: string, text: string) => ({ path: path(name), flag: '--out', text, mode: 0o644 });
  writeFileSync(path('kept'), 'before');
  // The last one replaces the first, with another spelling.
  const mistake = t.throws(
    () =>
      writeNewFiles(
        [file('a', 'one'), file('b', 'two'), file('./a', 'three')].map((one, at) =>
          at === 2 ? { ...one, path: `${folder}/./a` } : one,
        ),
        false,
      ),
    { instanceOf: UserError },
  );
  t.regex(mistake.message, /already exists/);
  t.deepEqual(readdirSync(folder), ['kept']);
  t.is(readFileSync(path('kept'), 'utf8'), 'before');
});
