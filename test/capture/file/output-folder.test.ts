/** A folder that a person names is made, or refused at once, whatever stands there. */
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import test from 'ava';
import { makeFolder } from '../../../src/capture/file/output-folder.ts';
import { UserError } from '../../../src/i18n/user-error.ts';

const root = mkdtempSync(join(tmpdir(), 'wirelab-folder-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

test('with those above it, and one that is there', (t) => {
  for (const path of ['a/b/c', 'a/b', 'a/x/../d/', 'a']) makeFolder(join(root, path));
  for (const path of ['a/b/c', 'a/d']) t.true(statSync(join(root, path)).isDirectory(), path);
});

test('a file in its place or above it is named', (t) => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'x/y'), '/dev/null'])
    t.like(
      t.throws(() => makeFolder(path), { instanceOf: UserError }),
      { facts: { where: path === '/dev/null' ? path : file } },
      path,
    );
});

test('a link to nothing is what the system says', (t) => {
  symlinkSync(join(root, 'nothing'), join(root, 'link'));
  t.throws(() => makeFolder(join(root, 'link')), { code: 'EEXIST' });
});

test('private, if asked for; one that is there stays as it is', (t) => {
  makeFolder(join(root, 'open'));
  makeFolder(join(root, 'open/own/deep'), 0o700);
  for (const [path, mode] of [
    ['open', 0o755],
    ['open/own', 0o700],
    ['open/own/deep', 0o700],
  ] as const)
    t.is(statSync(join(root, path)).mode & 0o777, mode, path);
});

test('no other code makes folders with their parents: it would not end', (t) => {
  const sources = resolve(import.meta.dirname, '../../../../src');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  t.true(files.length > 500);
  const found = files.filter((name) =>
    /mkdir(?:Sync)?\([^;]*recursive: true/.test(readFileSync(join(sources, name), 'utf8')),
  );
  t.deepEqual(found, []);
});

if (process.platform === 'linux')
  test('where nobody can make one, it ends', (t) =>
    void t.throws(() => makeFolder('/proc/wirelab/x'), { code: 'ENOENT' }));
