/**
 * The Makefile, in a folder with a blank and Korean letters in its name, with stand-ins for npm, the compiler and the
 * program that write down what was run: nothing is done twice, and nothing that is due is left out.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** What a stand-in does: it writes down its name and its words. */
const writesDown = (name: string): string => `echo ${name} "$@" >>"$LOG"`;

const npm = `#!/bin/sh
case $1 in
config) echo "\${CACHE:-$HOME/.npm}"; exit ;;
esac
${writesDown('npm')}
[ -z "$npm_config_cache" ] || echo "cache aside" >>"$LOG"
mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho tsc >>"$LOG"\\nmkdir -p dist\\n' >node_modules/.bin/tsc
chmod +x node_modules/.bin/tsc
touch node_modules/.package-lock.json
`;
const node = (version: string): string =>
  `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; exit; fi\n${writesDown('node')}\n`;

interface Workplace {
  readonly path: (name: string) => string;
  /** Runs make and hands back its exit code, its words, and what it started. */
  readonly make: (
    words: readonly string[],
    more?: NodeJS.ProcessEnv,
  ) => { status: number | null; stdout: string; stderr: string; ran: readonly string[] };
}

/** What says how everything is installed and compiled. */
const settings = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'tsconfig.json',
  'src/ui/html/client/tsconfig.json',
];

function workplace(t: ExecutionContext, nodeVersion = 'v20.19.0'): Workplace {
  const scratch = mkdtempSync(join(tmpdir(), 'wirelab-make-'));
  t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
  const folder = join(scratch, '내 작업 folder');
  const path = (name: string): string => join(folder, name);
  const write = (file: string, text: string, mode = 0o644): void => {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  for (const name of [...settings, 'src/a.ts', 'src/room/b.ts', 'test/a.ts', 'bench/a.ts'])
    write(path(name), '');
  for (const name of [
    'certs/recipes/r.yaml',
    'scenarios/one/scenario.yaml',
    'scenarios/two words #2/scenario.yaml',
  ])
    write(path(name), '');
  copyFileSync(join(root, 'Makefile'), path('Makefile'));
  write(path('wirelab'), `#!/bin/sh\n${writesDown('wirelab')}\necho '{}'\n`, 0o755);
  write(join(scratch, 'bin/npm'), npm, 0o755);
  write(join(scratch, 'bin/node'), node(nodeVersion), 0o755);
  // All of it is older than anything that make does from now on.
  const old = new Date(Date.now() - 60_000);
  for (const name of settings) utimesSync(path(name), old, old);
  const home = join(scratch, 'home');
  mkdirSync(home);
  const log = join(scratch, 'log');
  return {
    path,
    make(words, more = {}) {
      writeFileSync(log, '');
      // Not the environment of a make that runs this test.
      const env = {
        PATH: `${join(scratch, 'bin')}:${process.env['PATH'] ?? ''}`,
        HOME: home,
        LOG: log,
        LC_ALL: 'C',
        ...more,
      };
      const { status, stdout, stderr } = spawnSync('make', words, { cwd: folder, env, encoding: 'utf8' });
      return {
        status,
        stdout,
        stderr,
        ran: readFileSync(log, 'utf8')
          .split('\n')
          .filter((line) => line !== ''),
      };
    },
  };
}

const compile = 'node dist/src/cli/build/compile.js';
/** The sources for Node, then those for browsers; then what is made by them. */
const compiles = ['tsc', 'tsc', compile];
const installs = 'npm ci --include=dev --ignore-scripts --no-audit --no-fund --loglevel=error';

/** As if it was saved just now, after everything that make did. */
function touch(file: string): void {
  const now = new Date();
  utimesSync(file, now, now);
}

test('the first start sets everything up, the second one only starts; options are passed on', (t) => {
  const { make } = workplace(t);
  const first = make(['scenario-one']);
  t.deepEqual([first.status, first.ran], [0, [installs, ...compiles, 'wirelab run one']], first.stderr);
  t.is(first.stdout, '{}\n', 'standard output belongs to the program');
  t.deepEqual(make(['scenario-one', 'ARGS=--no-tui --json']).ran, ['wirelab run one --no-tui --json']);
});

for (const [title, change, expected] of [
  ['a source that was touched', ({ path }) => touch(path('src/room/b.ts')), compiles],
  ['a source that is gone', ({ path }) => rmSync(path('src/room/b.ts')), compiles],
  ['a test', ({ path }) => touch(path('test/a.ts')), compiles],
  ['the compiler’s options', ({ path }) => touch(path('tsconfig.json')), compiles],
  [
    'the compiler’s options for browsers',
    ({ path }) => touch(path('src/ui/html/client/tsconfig.json')),
    compiles,
  ],
  ['the lock file', ({ path }) => touch(path('package-lock.json')), [installs, ...compiles]],
  ['the packages', ({ path }) => rmSync(path('node_modules'), { recursive: true }), [installs, ...compiles]],
  ['a recipe', ({ path }) => touch(path('certs/recipes/r.yaml')), [compile]],
  [
    'a scenario with a blank in its name',
    ({ path }) => touch(path('scenarios/two words #2/scenario.yaml')),
    [compile],
  ],
  ['a scenario that is gone', ({ path }) => rmSync(path('scenarios/one'), { recursive: true }), [compile]],
  ['a file that is no source', ({ path }) => writeFileSync(path('README.md'), ''), []],
] as readonly (readonly [string, (place: Workplace) => void, readonly string[]])[]) {
  test(`what is due is made anew: ${title}`, (t) => {
    const place = workplace(t);
    t.is(place.make(['build']).status, 0);
    t.deepEqual(place.make(['build']).ran, []);
    change(place);
    const { status, stderr, ran } = place.make(['build']);
    t.is(status, 0, stderr);
    t.deepEqual(ran, expected);
    t.deepEqual(place.make(['build']).ran, [], 'once is enough');
  });
}

test('what failed is done again, though nothing changed since', (t) => {
  const { make, path } = workplace(t);
  t.is(make(['build']).status, 0);
  const compiler = readFileSync(path('node_modules/.bin/tsc'), 'utf8');
  writeFileSync(path('node_modules/.bin/tsc'), `${compiler}exit 1\n`);
  touch(path('src/a.ts'));
  t.is(make(['build']).status, 2);
  writeFileSync(path('node_modules/.bin/tsc'), compiler);
  const old = new Date(Date.now() - 60_000);
  utimesSync(path('src/a.ts'), old, old);
  t.deepEqual(make(['build']).ran, compiles);
});

test('clean leaves the sources and the packages', (t) => {
  const { make, path } = workplace(t);
  make(['build']);
  mkdirSync(path('certs/out'));
  t.is(make(['clean']).status, 0);
  t.deepEqual(
    ['dist', 'certs/out', 'node_modules', 'src/a.ts', 'certs/recipes'].map((name) => existsSync(path(name))),
    [false, false, true, true, true],
  );
  t.deepEqual(make(['build']).ran, compiles);
});

for (const [version, accepted] of [
  ['v20.19.0', true],
  ['v22.0.0', true],
  ['v100.1.2-nightly', true],
  ['v20.18.3', false],
  ['v18.20.8', false],
  ['v0.10.48', false],
  ['nonsense', false],
] as const) {
  test(`Node ${version} is ${accepted ? 'accepted' : 'refused in one message, before anything is done'}`, (t) => {
    const { status, stdout, stderr, ran } = workplace(t, version).make(['scenario-one']);
    if (accepted) {
      t.is(status, 0, stderr);
    } else {
      t.is(status, 2);
      t.is(stdout, '');
      t.deepEqual(ran, []);
      const [message, ...rest] = stderr.trimEnd().split('\n');
      t.is(
        message,
        `wirelab needs Node.js 20.19 or newer (found: ${version}). Install it from https://nodejs.org, then run make again.`,
      );
      t.deepEqual(
        rest.filter((line) => !line.startsWith('make: ***')),
        [],
      );
    }
  });
}

test('npm gets a folder of its own where its cache cannot be written', (t) => {
  const { make } = workplace(t);
  const { status, stderr, ran } = make(['build'], { CACHE: '/dev/null/cache' });
  t.is(status, 0, stderr);
  t.deepEqual(ran, [installs, 'cache aside', ...compiles]);
});

test('make alone lists every target that has a comment, and the scenarios', (t) => {
  const { status, stdout } = spawnSync('make', [], {
    cwd: root,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  });
  t.is(status, 0);
  for (const name of [
    'setup',
    'build',
    'test',
    'lint',
    'bench',
    'clean',
    'test-node-versions',
    'scenario-plaintext',
    'scenario-%',
  ])
    t.regex(stdout, new RegExp(`^  make ${name} +\\S`, 'm'));
  for (const name of ['mtls', 'plaintext', 'tls'])
    t.regex(stdout, new RegExp(`^scenarios:.* ${name}(?: |$)`, 'm'));
});
