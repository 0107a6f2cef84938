/** `wirelab new` by the real command: what it makes runs as it is, and what it refuses leaves nothing behind. */
import test from 'ava';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { compileScenario } from '../../../src/engine/compile.ts';
import { features } from '../../../src/features/registry.ts';
import { compileLab } from '../../../src/labs/compile.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { made, placeOf } from './support.ts';

const root = resolve(import.meta.dirname, '../../../..');
const recipeFolders = [join(root, 'certs', 'recipes')];

test('a new scenario runs by its path and by its name, and proves every claim', async (t) => {
  const folder = await made(t, 'scenario');
  for (const words of [[folder], ['./mine'], ['mine']]) {
    const { exitCode, stdout, stderr } = await askWirelab(['run', ...words, '--json'], {
      cwd: join(folder, '..'),
    });
    t.is(exitCode, 0, stderr);
    t.is(stderr, '');
    const verdict = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    t.like(verdict, { kind: 'verdict', status: 'passed', scenario: 'mine' });
  }
});

test('each file of a new folder names a schema that is there and that accepts it', async (t) => {
  const ajv = new Ajv2020({ strict: false });
  for (const kind of ['lab', 'scenario'] as const) {
    const folder = await made(t, kind);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.yaml'),
    );
    t.is(files.length, kind === 'lab' ? 7 : 2);
    for (const file of files) {
      const text = readFileSync(join(folder, file), 'utf8');
      const [, url = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
      const schema = JSON.parse(readFileSync(fileURLToPath(url), 'utf8')) as object;
      const validate = ajv.compile(schema);
      t.true(validate(parse(text)), `${file} ${JSON.stringify(validate.errors)}`);
    }
  }
});

test('an author who works in Korean gets both texts, which are complete', async (t) => {
  const scenario = await made(t, 'scenario', { words: ['--lang', 'ko'] });
  const { narration } = await compileScenario(features, scenario, { recipeFolders });
  t.regex(narration.ko.title, /[가-힣]/);
  const lab = await compileLab(await made(t, 'lab', { words: ['--lang', 'ko'] }), {
    recipeFolders,
    shownAs: 'mine',
  });
  t.regex(lab.narration.ko.title, /[가-힣]/);
});

test('without a Korean text the English one is shown, and that is said once', async (t) => {
  const folder = await made(t, 'scenario');
  const { exitCode, stdout, stderr } = await askWirelab(['run', folder, '--no-tui', '--lang', 'ko']);
  t.is(exitCode, 0);
  t.regex(stdout, /The password is readable in the café/);
  t.is(stderr, 'wirelab: mine: 한국어 글(ko.md)이 없어 영어로 보여 줍니다\n');
  renameSync(join(folder, 'en.md'), join(folder, 'ko.md'));
  const english = await askWirelab(['run', folder, '--no-tui']);
  t.is(english.exitCode, 0);
  t.is(english.stderr, 'wirelab: mine has no English text (en.md): its Korean is shown\n');
});

for (const [word, remedy] of [
  ['My Lab', /Did you mean my-lab\?/],
  ['../mine', /--folder DIR/],
  ['a/b', /--folder DIR/],
  [String.raw`a\b`, /--folder DIR/],
  ['.', /such as my-lab/],
  ['-x-', /unknown option/],
  ['', /such as my-lab/],
  ['실습', /such as my-lab/],
  ['a'.repeat(41), /Did you mean a{40}\?/],
  ['mutual-tls', /such as my-mutual-tls/],
] as const) {
  test(`the name ${JSON.stringify(word)} is refused, and nothing is made`, async (t) => {
    const place = placeOf(t);
    const { exitCode, stdout, stderr } = await askWirelab(['new', 'lab', word], { cwd: place });
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, remedy);
    t.deepEqual(readdirSync(place), []);
  });
}

test('the help of new, and of each of its actions, has the exit codes of new', async (t) => {
  for (const words of [['new'], ['new', 'lab'], ['new', 'scenario']])
    t.regex((await askWirelab([...words, '--help'])).stdout, /^Exit codes: 0 made; 2 error\.$/m);
});

test('a name for a scenario is proposed as one of a scenario', async (t) => {
  const { stderr } = await askWirelab(['new', 'scenario', '.'], { cwd: placeOf(t) });
  t.regex(stderr, /such as my-scenario\./);
});

test('the path of a folder reaches the terminal without its escape sequences', async (t) => {
  const cwd = placeOf(t);
  const { exitCode, stdout } = await askWirelab(['new', 'lab', 'mine', '--folder', '\u001B[31m'], { cwd });
  t.is(exitCode, 0);
  t.true(stdout.startsWith(String.raw`Made ./\x1b[31m/mine:`), stdout);
  t.true(stdout.includes(String.raw`lab verify $'./\x1b[31m/mine'`), stdout);
  t.false(stdout.includes('\u001B'));
});

test('a scenario may have the name of a lab, and not that of a scenario', async (t) => {
  const place = placeOf(t);
  t.is((await askWirelab(['new', 'scenario', 'tls'], { cwd: place })).exitCode, 2);
  t.is((await askWirelab(['new', 'scenario', 'mutual-tls'], { cwd: place })).exitCode, 0);
  t.deepEqual(readdirSync(place), ['mutual-tls']);
});

test('what is there already is not overwritten: a folder, an empty one, a file, a link that leads nowhere', async (t) => {
  for (const put of [
    (path: string) => {
      mkdirSync(path);
      writeFileSync(join(path, 'scenario.yaml'), 'mine');
    },
    (path: string) => mkdirSync(path),
    (path: string) => writeFileSync(path, 'mine'),
    (path: string) => symlinkSync('nowhere', path),
  ]) {
    const place = placeOf(t);
    put(join(place, 'mine'));
    const before = readdirSync(place, { recursive: true });
    const { exitCode, stderr } = await askWirelab(['new', 'scenario', 'mine'], { cwd: place });
    t.is(exitCode, 2);
    t.regex(stderr, /exists already/);
    t.deepEqual(readdirSync(place, { recursive: true }), before);
  }
});

test('the folder above is made; where that is impossible nothing is left behind', async (t) => {
  const place = placeOf(t);
  const folder = join(place, 'a', 'b');
  t.is((await askWirelab(['new', 'lab', 'mine', '--folder', folder])).exitCode, 0);
  t.true(existsSync(join(folder, 'mine', 'tasks.yaml')));
  t.deepEqual(readdirSync(folder), ['mine']);
  writeFileSync(join(place, 'file'), '');
  const refused = await askWirelab(['new', 'lab', 'mine', '--folder', join(place, 'file', 'c')]);
  t.is(refused.exitCode, 2, refused.stderr);
  t.deepEqual(readdirSync(place).toSorted(), ['a', 'file']);
  const system = await askWirelab(['new', 'lab', 'mine', '--folder', '/proc/wirelab']);
  t.is(system.exitCode, 2, system.stderr);
  t.regex(system.stderr, /cannot be created/);
});

test('a mistake in an author’s folder is reported with file, line and column', async (t) => {
  const folder = await made(t, 'lab');
  const tasks = join(folder, 'tasks.yaml');
  const text = readFileSync(tasks, 'utf8');
  writeFileSync(tasks, text.replace('steps: [alice]', 'steps: [alise]'));
  const { exitCode, stderr } = await askWirelab(['lab', './mine', '--no-hold'], { cwd: join(folder, '..') });
  t.is(exitCode, 2);
  const line = text.split('\n').findIndex((one) => one.includes('steps: [alice]')) + 1;
  t.regex(stderr, new RegExp(`where: mine/tasks\\.yaml:${line}:13: tasks\\[0\\]\\.steps\\[0\\]\\n`));
  t.regex(stderr, /Did you mean alice\?/);
  t.false(existsSync(join(folder, '..', 'lab-mine')));
});

test('a lab is not run and a scenario is no lab: each says which command it needs', async (t) => {
  const place = placeOf(t);
  const lab = await made(t, 'lab', { place });
  const run = await askWirelab(['run', lab, '--no-tui']);
  t.is(run.exitCode, 2);
  t.true(run.stderr.includes(`./wirelab lab ${lab}`));
  rmSync(lab, { recursive: true });
  const scenario = await made(t, 'scenario', { place });
  const asLab = await askWirelab(['lab', scenario, '--no-hold'], { cwd: place });
  t.is(asLab.exitCode, 2);
  // From another folder: by a path that works there.
  t.true(asLab.stderr.includes(`/wirelab run ${scenario}`));
  for (const path of ['./nothing', 'mine/en.md/within']) {
    const nothing = await askWirelab(['lab', path, '--no-hold'], { cwd: place });
    t.is(nothing.exitCode, 2);
    t.regex(nothing.stderr, /no such folder/);
    t.is((await askWirelab(['run', path, '--no-tui'], { cwd: place })).exitCode, 2);
  }
  t.deepEqual(readdirSync(place), ['mine']);
});
