/** An author's lab as a learner works on it: begun by its path, then checked, hinted at and reset in the learner's folder. */
import test from 'ava';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { sourceOf } from '../../../src/labs/source.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import '../../helpers/state-home.ts';
import { made } from './support.ts';

test('an author’s lab is solved in the learner’s folder, from anywhere', async (t) => {
  const source = await made(t, 'lab');
  const place = join(source, '..');
  const begun = await askWirelab(['lab', 'mine', '--no-hold'], { cwd: place });
  t.is(begun.exitCode, 0, begun.stderr);
  const folder = join(place, 'lab-mine');
  // Neither the solution nor the wrong attempts reach a learner.
  t.deepEqual(
    readdirSync(folder).filter((name) => /solution|wrong|tasks|scenario/.test(name)),
    [],
  );
  const cwd = folder;
  const open = await askWirelab(['lab', 'check', '--json'], { cwd });
  t.is(open.exitCode, 1, open.stderr);
  t.like(JSON.parse(open.stdout), { lab: 'mine', done: 0, of: 2 });
  t.regex((await askWirelab(['lab', 'hint'], { cwd })).stdout, /seal-the-wire\)\nHint 1 of 2/);
  copyFileSync(join(source, 'solution', 'settings.yaml'), join(folder, 'settings.yaml'));
  const solved = await askWirelab(['lab', 'check'], { cwd });
  t.is(solved.exitCode, 0, solved.stdout);
  t.is((await askWirelab(['lab', 'reset'], { cwd })).exitCode, 0);
  t.regex(readFileSync(join(folder, 'settings.yaml'), 'utf8'), /kind: plaintext/);
});

test('a change of the author’s counts at the next check; a mistake in it is named', async (t) => {
  const source = await made(t, 'lab');
  const folder = join(source, '..', 'learner');
  t.is((await askWirelab(['lab', source, '--no-hold', '--folder', folder])).exitCode, 0);
  const tasks = join(source, 'tasks.yaml');
  writeFileSync(tasks, readFileSync(tasks, 'utf8').replace('still: [alice]', 'still: [alise]'));
  const { exitCode, stderr } = await askWirelab(['lab', 'check', '--folder', folder]);
  t.is(exitCode, 2);
  t.regex(stderr, /mine\/tasks\.yaml:\d+:\d+/);
  t.regex(stderr, /Did you mean alice\?/);
});

test('a lab whose folder was moved says so, and goes on from the new place', async (t) => {
  const source = await made(t, 'lab');
  const folder = join(source, '..', 'learner');
  t.is((await askWirelab(['lab', source, '--no-hold', '--folder', folder])).exitCode, 0);
  const moved = join(source, '..', 'elsewhere');
  mkdirSync(moved);
  renameSync(source, join(moved, 'mine'));
  const gone = await askWirelab(['lab', 'check', '--folder', folder]);
  t.is(gone.exitCode, 2);
  t.regex(gone.stderr, /comes from is gone/);
  t.true(gone.stderr.includes(source));
  t.is((await askWirelab(['lab', join(moved, 'mine'), '--no-hold', '--folder', folder])).exitCode, 0);
  t.is((await askWirelab(['lab', 'check', '--folder', folder])).exitCode, 1);
});

test('whence a lab comes is not in the learner’s folder: an edit there chooses no other tasks', async (t) => {
  const source = await made(t, 'lab');
  const folder = join(source, '..', 'learner');
  t.is((await askWirelab(['lab', source, '--no-hold', '--folder', folder])).exitCode, 0);
  t.is(sourceOf(folder), source);
  for (const name of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (name.isFile())
      t.false(readFileSync(join(name.parentPath, name.name), 'utf8').includes(source), name.name);
  writeFileSync(join(folder, '.wirelab', 'source.json'), JSON.stringify({ source: '/elsewhere' }));
  t.is(sourceOf(folder), source);
});

test('a lab of wirelab’s and an author’s of the same name do not share a folder', async (t) => {
  const source = await made(t, 'lab');
  const own = join(source, '..', 'tls-in-front');
  renameSync(source, own);
  const folder = join(own, '..', 'learner');
  t.is((await askWirelab(['lab', own, '--no-hold', '--folder', folder])).exitCode, 0);
  const bundled = await askWirelab(['lab', 'tls-in-front', '--no-hold', '--folder', folder]);
  t.is(bundled.exitCode, 2);
  t.regex(bundled.stderr, /another lab of the same name/);
  rmSync(folder, { recursive: true });
  t.is((await askWirelab(['lab', 'tls-in-front', '--no-hold', '--folder', folder])).exitCode, 0);
  t.is((await askWirelab(['lab', own, '--no-hold', '--folder', folder])).exitCode, 2);
  // A name stays a name where a folder has it too.
  const byName = await askWirelab(['lab', 'tls-in-front', '--no-hold'], { cwd: join(own, '..') });
  t.is(byName.exitCode, 0);
  t.is(sourceOf(join(own, '..', 'lab-tls-in-front')), undefined);
  t.true(existsSync(join(own, '..', 'lab-tls-in-front', 'ca.key')));
});

test('a file that only a comparison needs, and that is missing or is no certificate, leaves the task open', async (t) => {
  const source = await made(t, 'lab');
  const tasks = join(source, 'tasks.yaml');
  const folder = join(source, '..', 'learner');
  for (const compares of ['keysApart: [front, anybody-ca]', 'unchanged: [anybody-ca]']) {
    const text = readFileSync(tasks, 'utf8').replaceAll(/^ {4}(?:keysApart|unchanged):.*\n/gm, '');
    writeFileSync(tasks, text.replace('steps: [alice]\n', `steps: [alice]\n    ${compares}\n`));
    rmSync(folder, { recursive: true, force: true });
    t.is((await askWirelab(['lab', source, '--no-hold', '--folder', folder])).exitCode, 0);
    copyFileSync(join(source, 'solution', 'settings.yaml'), join(folder, 'settings.yaml'));
    const check = async (): Promise<string> => {
      const { exitCode, stdout, stderr } = await askWirelab(['lab', 'check', '--all', '--folder', folder]);
      t.is(exitCode, 1, `${stdout}${stderr}`);
      return stdout;
    };
    writeFileSync(join(folder, 'anybody-ca.crt'), 'no certificate\n');
    t.regex(await check(), /anybody-ca\.crt/, compares);
    rmSync(join(folder, 'anybody-ca.crt'));
    t.regex(await check(), /anybody-ca\.crt is missing; the lab gave it/, compares);
    // The other task is judged all the same.
    t.regex(await check(), /✓.*ask-who-comes|ask-who-comes[^]*✓|1 of 2/, compares);
    const empty = join(source, 'wrong', 'lost');
    mkdirSync(empty, { recursive: true });
    writeFileSync(join(empty, 'solve.sh'), 'rm anybody-ca.crt\n');
    copyFileSync(join(source, 'solution', 'settings.yaml'), join(empty, 'settings.yaml'));
    const proof = await askWirelab(['lab', 'verify', source]);
    t.regex(proof.stdout, /wrong.lost[^]*anybody-ca\.crt/, proof.stderr);
  }
});

test('a lab whose folder was moved and renamed goes on as the same lab; another lab does not', async (t) => {
  const source = await made(t, 'lab');
  const folder = join(source, '..', 'learner');
  t.is((await askWirelab(['lab', source, '--no-hold', '--folder', folder])).exitCode, 0);
  copyFileSync(join(source, 'solution', 'settings.yaml'), join(folder, 'settings.yaml'));
  t.is((await askWirelab(['lab', 'check', '--folder', folder])).exitCode, 0);
  const other = await made(t, 'lab', { place: join(source, '..'), name: 'other' });
  const taken = await askWirelab(['lab', other, '--no-hold', '--folder', folder]);
  t.is(taken.exitCode, 2, 'the one that was begun is still in its place');
  t.regex(taken.stderr, /another lab was begun in this folder/);
  const moved = join(source, '..', 'renamed');
  renameSync(source, moved);
  const gone = await askWirelab(['lab', 'check', '--folder', folder]);
  t.regex(gone.stderr, /comes from is gone[^]*whatever its name is there/);
  const begun = await askWirelab(['lab', moved, '--no-hold', '--folder', folder]);
  t.is(begun.exitCode, 0, begun.stderr);
  const check = await askWirelab(['lab', 'check', '--folder', folder]);
  t.is(check.exitCode, 0, `${check.stdout}${check.stderr}`);
  t.is((await askWirelab(['lab', 'hint', 'seal-the-wire', '--folder', folder])).exitCode, 0);
  // Its author changes it after that: a new version, and no other lab.
  writeFileSync(join(moved, 'tasks.yaml'), '  - id: more\n    steps: [alice]\n', { flag: 'a' });
  writeFileSync(
    join(moved, 'en.md'),
    readFileSync(join(moved, 'en.md'), 'utf8').replace(
      '## end',
      '## more: More\n\nMore.\n\n### hint\n\nA hint.\n\n### done\n\nDone.\n\n## end',
    ),
  );
  for (const verb of ['check', 'hint']) {
    const changed = await askWirelab(['lab', verb, '--folder', folder]);
    t.is(changed.exitCode, 2, verb);
    t.regex(changed.stderr, /another version of the lab/, verb);
  }
});

test('a hand-out of a lab of one’s own, by its path', async (t) => {
  const source = await made(t, 'lab');
  const { exitCode, stdout, stderr } = await askWirelab(['lab', 'handout', source]);
  t.is(exitCode, 0, stderr);
  t.true(stdout.includes(`    ./wirelab lab '${source}'\n    cd lab-mine\n`), stdout);
  t.notRegex(stdout, /clientAuthorities: \[staff-ca\]/, 'no hints');
  const unknown = await askWirelab(['lab', 'handout', 'nowhere']);
  t.is(unknown.exitCode, 2);
  t.regex(unknown.stderr, /or the path of a lab’s folder/);
});

test('a lab of one’s own is in the list once it was begun, beside one of wirelab’s of the same name', async (t) => {
  const first = await made(t, 'lab');
  const source = join(first, '..', 'tls-in-front');
  renameSync(first, source);
  const folder = join(source, '..', 'learner');
  t.is((await askWirelab(['lab', source, '--no-hold', '--folder', folder])).exitCode, 0);
  copyFileSync(join(source, 'wrong', 'tls-only', 'settings.yaml'), join(folder, 'settings.yaml'));
  t.is((await askWirelab(['lab', 'check', '--folder', folder])).exitCode, 1);
  const { stdout } = await askWirelab(['lab', 'list']);
  const [course = '', own = ''] = stdout.split('Of your own:\n');
  t.true(
    own.includes(`tls-in-front: mine: seal a wire, and know who comes (1 of 2 tasks done)\n     ${source}\n`),
    own,
  );
  t.regex(course, /2\. tls-in-front: .*\(30 minutes, 2 tasks\)/, 'wirelab’s own was not begun');
  const json = (await askWirelab(['lab', 'list', '--json'])).stdout.trim().split('\n');
  t.like(
    json.map((line) => JSON.parse(line) as { readonly source?: string }).find((one) => one.source === source),
    { name: 'tls-in-front', done: 1, of: 2, folder },
  );
  rmSync(source, { recursive: true });
  t.false((await askWirelab(['lab', 'list'])).stdout.includes(source));
});
