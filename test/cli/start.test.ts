/** The fast start: code is kept for the next start where there is none for this version, and done without where it cannot be. */
import test from 'ava';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ExecutionContext } from 'ava';
import { wirelabEnvironment } from '../helpers/wirelab.ts';

const root = resolve(import.meta.dirname, '../../..');

/** An installed package: the built program without code, its data and what it depends on. */
function installed(t: ExecutionContext): {
  readonly bundle: string;
  readonly run: (...words: string[]) => string;
} {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-start-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const bundle = join(folder, 'dist', 'bundle');
  mkdirSync(bundle, { recursive: true });
  for (const name of ['start', 'first', 'rest', 'cluster'])
    cpSync(join(root, 'dist', 'bundle', `${name}.cjs`), join(bundle, `${name}.cjs`));
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'dist', 'data'), join(folder, 'dist', 'data'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return {
    bundle,
    run: (...words) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [join(bundle, 'start.cjs'), ...words], {
        encoding: 'utf8',
        env: wirelabEnvironment(),
      });
      t.is(status, 0, stderr);
      t.is(stderr, '');
      return stdout;
    },
  };
}

const codeIn = (bundle: string): string[] => readdirSync(bundle).filter((name) => !name.endsWith('.cjs'));

test('a package has no code; a demonstration leaves it, and the next start takes it', (t) => {
  const { bundle, run } = installed(t);
  run('--help');
  t.deepEqual(codeIn(bundle), []);
  t.regex(run('run', 'plaintext', '--no-tui'), /Verdict: PASSED/);
  const [first, ...more] = codeIn(bundle);
  t.deepEqual(more, []);
  t.true(first?.startsWith(`first.cjs.${process.versions.v8}-`));
  t.regex(run('run', 'tls', '--no-tui'), /Verdict: PASSED/);
  t.is(codeIn(bundle).length, 2);
  t.regex(run('run', 'plaintext', '--no-tui'), /Verdict: PASSED/);
});

test('code that cannot be written is done without, and nothing half-written is left', (t) => {
  const { bundle, run } = installed(t);
  // A folder stands in its place.
  const name = `first.cjs.${process.versions.v8}-${process.arch}.cache`;
  mkdirSync(join(bundle, name));
  t.regex(run('run', 'plaintext', '--no-tui'), /Verdict: PASSED/);
  t.deepEqual(codeIn(bundle), [name]);
});

test('code that V8 does not take is replaced', (t) => {
  const { bundle, run } = installed(t);
  const name = `first.cjs.${process.versions.v8}-${process.arch}.cache`;
  writeFileSync(join(bundle, name), 'no code');
  for (let count = 0; count < 2; count++) t.regex(run('run', 'plaintext', '--no-tui'), /Verdict: PASSED/);
  t.deepEqual(codeIn(bundle), [name]);
});
