/**
 * What a class without internet is given, unpacked into a folder with a blank in its name and used by somebody who has Node,
 * a shell, and nothing else: no npm, no HOME, no other program.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { unpackTar } from 'modern-tar';
import { classArchive } from '../../../src/cli/build/archive.ts';
import { loadLab } from '../../../src/labs/load.ts';
import { findPlaces } from '../../../src/cli/places.ts';
import { withPeerAtLength } from '../../helpers/at-length.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';

const root = resolve(import.meta.dirname, '../../../..');
const archive = await classArchive(root);
/** Bytes: what goes over a classroom's network in a second. */
const largest = 12_000_000;

/** Where programs are, for a shell that is given no PATH. */
function placeOf(program: string): string {
  const found = (process.env['PATH'] ?? '')
    .split(':')
    .map((folder) => join(folder, program))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`no ${program}`);
  return found;
}

interface Class {
  /** The unpacked folder. */
  readonly folder: string;
  readonly scratch: string;
  /** Runs the launcher of a folder with an environment that has next to nothing in it. */
  readonly wirelab: (
    words: readonly string[],
    more?: { readonly folder?: string; readonly variables?: Readonly<Record<string, string>> },
  ) => Promise<ProgramResult>;
}

async function unpacked(t: ExecutionContext): Promise<Class> {
  const scratch = mkdtempSync(join(tmpdir(), 'wirelab class '));
  t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
  writeFileSync(join(scratch, archive.name), archive.bytes);
  const { exitCode, stderr } = await runProgram('tar', ['-xzf', archive.name], { cwd: scratch });
  t.is(exitCode, 0, stderr);
  t.deepEqual(readdirSync(scratch).toSorted(), [archive.folder, archive.name].toSorted());
  const path = join(scratch, 'only these');
  mkdirSync(path);
  symlinkSync(process.execPath, join(path, 'node'));
  symlinkSync(placeOf('sh'), join(path, 'sh'));
  const folder = join(scratch, archive.folder);
  return {
    folder,
    scratch,
    wirelab: async (words, { folder: of = folder, variables = {} } = {}) => {
      const set = Object.entries({ PATH: path, ...variables }).map(([name, value]) => `${name}=${value}`);
      return runProgram('env', ['-i', ...set, './wirelab', ...words], { cwd: of, timeout: 60_000 });
    },
  };
}

test('two archives of one checkout are the same bytes', async (t) => {
  t.true(Buffer.from((await classArchive(root)).bytes).equals(archive.bytes));
});

test('it is small, and holds the program, its data, and the packages that it runs with, each with its licence', (t) => {
  t.log(`${archive.name}: ${archive.bytes.length} bytes, ${archive.paths.length} files`);
  t.true(archive.bytes.length < largest, `${archive.bytes.length} bytes`);
  const scenarios = readdirSync(join(root, 'scenarios'));
  t.true(scenarios.length > 3);
  const wanted = [
    'wirelab',
    'README.md',
    'LICENSE',
    'SHA256SUMS',
    'package.json',
    'dist/bundle/start.cjs',
    'dist/bundle/first.cjs',
    'dist/bundle/rest.cjs',
    'dist/bundle/cluster.cjs',
    'dist/data/page.js',
    'certs/recipes/workshop.yaml',
  ];
  for (const name of scenarios)
    wanted.push(
      `dist/data/scenarios/${name}.json`,
      `scenarios/${name}/scenario.yaml`,
      `scenarios/${name}/ko.md`,
    );
  t.deepEqual(
    wanted.filter((path) => !archive.paths.includes(path)),
    [],
  );

  const labs = readdirSync(join(root, 'labs'));
  t.true(labs.length > 0);
  t.deepEqual(
    labs.filter((name) => !archive.paths.includes(`dist/data/labs/${name}.json.gz`)),
    [],
  );

  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean }>;
  };
  const installed = Object.entries(packages).filter(([path]) => path !== '');
  const runs = installed.filter(([, { dev }]) => !dev).map(([path]) => path);
  t.true(runs.length >= 6 && installed.length > runs.length);
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  for (const path of [...runs, ...Object.keys(dependencies).map((name) => `node_modules/${name}`)]) {
    t.true(archive.paths.includes(`${path}/package.json`), path);
    t.true(
      archive.paths.some(
        (file) => file.startsWith(`${path}/`) && /^licen[cs]e/i.test(file.slice(path.length + 1)),
      ),
      `${path} without its licence`,
    );
  }
  const packaged = archive.paths.filter((path) => path.startsWith('node_modules/'));
  t.deepEqual(
    packaged.filter((path) => !runs.some((of) => path.startsWith(`${of}/`))),
    [],
  );
});

const files = async (bytes: Uint8Array): Promise<{ readonly path: string; readonly bytes: Buffer }[]> =>
  (await unpackTar(gunzipSync(bytes))).flatMap(({ header, data }) =>
    data ? [{ path: header.name, bytes: Buffer.from(data) }] : [],
  );

/** The lines of a lab's solutions that stand for themselves: its hints' commands and the instructor's. */
function answersOf(name: string): readonly string[] {
  const { narration, start } = loadLab(name, join(root, 'dist/data/labs'));
  const hints = Object.values(narration).flatMap(({ tasks }) =>
    Object.values(tasks).flatMap(({ hints }) => hints.at(-1) ?? ''),
  );
  const pages = ['en', 'ko'].map((language) =>
    readFileSync(join(root, 'labs', name, `instructor.${language}.md`), 'utf8'),
  );
  return [...hints, ...pages]
    .flatMap((text) => text.split('\n'))
    .map((line) => line.trim())
    .filter((line) => line.length >= 30 && !Object.values(start).some((text) => text.includes(line)));
}

test('the learners’ archive has no answers: no instructor’s page, no solution, in any of its files', async (t) => {
  const labs = readdirSync(join(root, 'labs'));
  const learners = await files(archive.bytes);
  t.is(learners.length, archive.paths.length);
  t.deepEqual(
    archive.paths.filter((path) => /^labs\/|instructor/.test(path)),
    [],
  );
  const all = Buffer.concat(learners.map(({ bytes }) => bytes));
  for (const name of labs) {
    const answers = answersOf(name);
    t.true(answers.length > 5, name);
    t.deepEqual(
      answers.filter((line) => all.includes(line)),
      [],
      name,
    );
  }
});

test('the instructor’s archive has the answers, and everything that learners are given', async (t) => {
  const instructors = await classArchive(root, 'instructor');
  t.regex(instructors.name, /^wirelab-class-instructor-\d/);
  t.is(instructors.folder, archive.folder);
  const all = Buffer.concat((await files(instructors.bytes)).map(({ bytes }) => bytes));
  for (const name of readdirSync(join(root, 'labs'))) {
    for (const language of ['en', 'ko'])
      t.true(instructors.paths.includes(`labs/${name}/instructor.${language}.md`), name);
    t.true(
      answersOf(name).some((line) => all.includes(line)),
      name,
    );
  }
  t.deepEqual(
    archive.paths.filter(
      (path) => !instructors.paths.includes(path.replace(/^(dist\/data\/labs\/.*)\.gz$/, '$1')),
    ),
    [],
  );
});

test('no test, no source, no map, no file of npm’s and nothing generated is in it', (t) => {
  const strange =
    /(?:^|\/)(?:tests?|bench|coverage|\.bin)\/|\.(?:[cm]?ts|map|node|cache|key|crt|pcapng)$|^(?:src|certs\/out)\/|(?:^|\/)\.|package-lock/;
  t.deepEqual(
    archive.paths.filter((path) => strange.test(path)),
    [],
  );
  for (const planted of [
    'src/a.ts',
    'node_modules/x/test/a.js',
    'node_modules/x/a.d.cts',
    'certs/out/a',
    'dist/bundle/first.cjs.11.3-x64.cache',
    'node_modules/.package-lock.json',
  ])
    t.regex(planted, strange);
});

withPeer(
  'tar',
  'with Node and a shell alone it tells a scenario in plaintext and one with certificates, examines the machine, and lists',
  async (t) => {
    const { folder, wirelab } = await unpacked(t);
    const plaintext = await wirelab(['run', 'plaintext', '--no-tui']);
    t.is(plaintext.exitCode, 0, plaintext.stdout + plaintext.stderr);
    t.regex(plaintext.stdout, /tiger-lily/);
    const mtls = await wirelab(['run', 'mtls', '--no-tui', '--lang', 'ko']);
    t.is(mtls.exitCode, 0, mtls.stdout + mtls.stderr);
    t.regex(mtls.stdout, /거부/);
    t.true(
      existsSync(join(folder, 'certs/out/workshop/wirelab.json')),
      'certificates lie in the folder, which needs no home',
    );
    const listed = await wirelab(['list']);
    t.is(listed.exitCode, 0, listed.stderr);
    for (const name of readdirSync(join(root, 'scenarios')))
      t.regex(listed.stdout, new RegExp(`^ *${name}\\b`, 'm'));
    const doctor = await wirelab(['doctor']);
    t.is(doctor.exitCode, 0, doctor.stdout + doctor.stderr);
    t.is((await wirelab(['--version'])).stdout, `${archive.folder.replace('-', ' ')}\n`);
  },
);

withPeerAtLength(
  'tar',
  'an author makes a scenario and a lab there, which are compiled as they are run',
  async (t) => {
    const { folder, wirelab } = await unpacked(t);
    t.false(existsSync(join(folder, 'src')));
    for (const kind of ['scenario', 'lab']) {
      const made = await wirelab(['new', kind, `my-${kind}`]);
      t.is(made.exitCode, 0, made.stdout + made.stderr);
    }
    const run = await wirelab(['run', './my-scenario', '--no-tui']);
    t.is(run.exitCode, 0, run.stdout + run.stderr);
    const proven = await wirelab(['lab', 'verify', './my-lab']);
    t.is(proven.exitCode, 0, proven.stdout + proven.stderr);
    const line = readFileSync(join(folder, 'my-lab', 'tasks.yaml'), 'utf8').split('\n')[0] ?? '';
    t.true(existsSync(fileURLToPath(line.replace(/^.*=/, ''))), line);
  },
);

withPeerAtLength('tar', 'a lab begins there, in a folder of the learner’s own', async (t) => {
  const { folder, wirelab } = await unpacked(t);
  const begun = await wirelab(['lab', 'mutual-tls', '--no-hold']);
  t.is(begun.exitCode, 0, begun.stdout + begun.stderr);
  t.true(readdirSync(join(folder, 'lab-mutual-tls')).length > 0);
});

withPeerAtLength('tar', 'a scenario of a learner’s own runs there, and the screen is found', async (t) => {
  const { folder, wirelab } = await unpacked(t);
  const own = await wirelab(['run', 'scenarios/plaintext', '--no-tui']);
  t.is(own.exitCode, 0, own.stdout + own.stderr);
  // Everything that the program loads from outside of its own scripts.
  const loads =
    "for (const name of Object.keys(require('./package.json').dependencies)) require(name); require('follow-redirects')";
  const { exitCode, stderr } = await runProgram(process.execPath, ['-e', loads], { cwd: folder, env: {} });
  t.is(exitCode, 0, stderr);
});

withPeerAtLength(
  ['tar', 'sha256sum'],
  'SHA256SUMS names every file and agrees; a file that was changed is found',
  async (t) => {
    const { folder } = await unpacked(t);
    const { exitCode, stdout, stderr } = await runProgram('sha256sum', ['-c', '--strict', 'SHA256SUMS'], {
      cwd: folder,
    });
    t.is(exitCode, 0, stderr);
    t.is(stdout.trim().split('\n').length, archive.paths.length - 1);
    writeFileSync(join(folder, 'README.md'), 'changed');
    t.not((await runProgram('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], { cwd: folder })).exitCode, 0);
  },
);

withPeerAtLength(
  ['tar', 'cp'],
  'a copy with cp -r works like the first, with certificates of its own',
  async (t) => {
    const { folder, scratch, wirelab } = await unpacked(t);
    const copy = join(scratch, "Bob's copy");
    t.is((await runProgram('cp', ['-r', folder, copy])).exitCode, 0);
    const { exitCode, stdout, stderr } = await wirelab(['run', 'tls', '--no-tui'], { folder: copy });
    t.is(exitCode, 0, stdout + stderr);
    t.true(existsSync(join(copy, 'certs/out/workshop')));
    t.false(existsSync(join(folder, 'certs/out')));
  },
);

withPeerAtLength(
  'tar',
  'a folder that is kept for all and cannot be written keeps certificates in the user’s own state',
  async (t) => {
    const { folder, scratch, wirelab } = await unpacked(t);
    const certs = join(folder, 'certs');
    // For root no folder is closed, but one that is not there cannot be written either.
    if (process.getuid?.() === 0) rmSync(certs, { recursive: true });
    else chmodSync(certs, 0o555);
    const [state, home] = [join(scratch, 'state'), join(scratch, 'home')];
    for (const [variables, place] of [
      [{ XDG_STATE_HOME: state, HOME: home }, join(state, 'wirelab')],
      [{ HOME: home }, join(home, '.local/state/wirelab')],
    ] as const) {
      const { exitCode, stdout, stderr } = await wirelab(['run', 'tls', '--no-tui'], { variables });
      t.is(exitCode, 0, stdout + stderr);
      t.true(existsSync(join(place, 'certs/workshop')), place);
    }
    t.false(existsSync(join(certs, 'out')));
    if (existsSync(certs)) chmodSync(certs, 0o755);
  },
);

withPeerAtLength(
  'tar',
  'a HOME that cannot be written is not asked for, nor one that is empty',
  async (t) => {
    const { scratch, wirelab } = await unpacked(t);
    const notAFolder = join(scratch, 'home');
    writeFileSync(notAFolder, '');
    const { exitCode, stdout, stderr } = await wirelab(['run', 'tls', '--no-tui'], {
      variables: { HOME: notAFolder },
    });
    t.is(exitCode, 0, stdout + stderr);
    t.is(readFileSync(notAFolder, 'utf8'), '');
    const empty = await wirelab(['run', 'tls', '--no-tui'], { variables: { HOME: '' } });
    t.is(empty.exitCode, 0, empty.stdout + empty.stderr);
  },
);

withPeer('tar', 'without Node the launcher says what is needed', async (t) => {
  const { folder, scratch } = await unpacked(t);
  const empty = join(scratch, 'empty');
  mkdirSync(empty);
  const { exitCode, stderr } = await runProgram(
    'env',
    ['-i', `PATH=${empty}`, placeOf('sh'), './wirelab', 'list'],
    { cwd: folder },
  );
  t.is(exitCode, 2);
  t.regex(stderr, /needs Node\.js 20\.19 or newer/);
});

test('a checkout keeps its certificates beside its recipes, whatever HOME is', (t) => {
  t.is(findPlaces({ HOME: '/nowhere' }).certificates, join(root, 'certs', 'out'));
});
