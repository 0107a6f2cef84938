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
