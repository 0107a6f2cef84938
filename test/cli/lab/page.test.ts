/** `wirelab lab NAME --html`: when the lab has ended, its tasks as they stand and the learner's connections are a page. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doorOf, knock, logIn } from '../../helpers/door.ts';
import { start } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

function folderFor(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-lab-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

test('the tasks as they stand, the hints that were given, the wires with a refusal as a card', async (t) => {
  const parent = folderFor(t);
  const [folder, path] = [join(parent, 'mine'), join(parent, 'page.html')];
  const words = ['lab', 'mutual-tls', '--folder', folder, '--lang', 'en'];
  await askWirelab([...words, '--no-hold']);
  const settings = join(folder, 'settings.yaml');
  const given = readFileSync(settings, 'utf8');
  writeFileSync(
    settings,
    given
      .replace('kind: tls', 'kind: mtls')
      .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [staff-ca]\n'),
  );
  const lab = start(t, [...words, '--html', path]);
  await lab.until(/cat try\/\S+ shows it/);
  await knock(doorOf(folder, 'alice'));
  await lab.until(/REFUSED by front: the client \(no certificate\)[^]*client +had sent/);
  writeFileSync(
    settings,
    given.replace('kind: tls', 'kind: plaintext').replace(/^ +certificate: front\n/m, ''),
  );
  await lab.until(/Checked after the change of settings\.yaml/);
  t.is(await logIn(doorOf(folder, 'alice')), 302);
  await lab.until(/B #\d+ → POST \/login[^]*A #\d+ ← 302 Found/);
  const hint = await askWirelab(['lab', 'hint', '--folder', folder, '--lang', 'en']);
  lab.child.kill('SIGINT');
  t.deepEqual([...(await lab.exit)], [0, null]);
  const page = readFileSync(path, 'utf8');
  const section = (id: string): string =>
    new RegExp(`<section id="${id}".*?</section>`, 's').exec(page)?.[0] ?? '';
  const tasks = section('tasks');
  t.true(tasks.split('<article class="task').length > 2, 'each task');
  t.regex(tasks, /the current task/);
  t.regex(tasks, /Hint 1 of \d/);
  const said =
    hint.stdout
      .split('\n')
      .find((line) => line.startsWith('  '))
      ?.trim() ?? '?';
  t.true(tasks.includes(said.slice(0, 20)), said);
  t.regex(section('conversations'), /<article class="card">/);
  t.regex(section('conversations'), /POST \/login/);
  // Of two runs, each connection under the participants of its own.
  t.regex(section('connections'), /no certificate/);
  t.false(readdirSync(folder).includes('page.html'));
});

test('the passwords that a lab draws are not on its page', async (t) => {
  const parent = folderFor(t);
  const [folder, path] = [join(parent, 'mine'), join(parent, 'page.html')];
  const lab = start(t, ['lab', 'find-the-password', '--folder', folder, '--lang', 'ko', '--html', path]);
  await lab.until(/:\d+\/A\.pcapng/);
  const monday = readFileSync(join(folder, 'monday.pcapng')).toString('latin1');
  lab.child.kill('SIGINT');
  t.deepEqual([...(await lab.exit)], [0, null]);
  const page = readFileSync(path, 'utf8');
  t.regex(page, /<html lang="ko">/);
  const [, password = '?'] = /password=([^&\s]+)/.exec(monday) ?? [];
  t.not(password, '?');
  t.false(page.includes(decodeURIComponent(password)));
});

test('only of a lab that runs, and only where a page can be written', async (t) => {
  const parent = folderFor(t);
  for (const words of [['check'], ['find-the-password', '--no-hold']]) {
    const { exitCode, stderr } = await askWirelab(['lab', ...words, '--html', join(parent, 'page.html')]);
    t.is(exitCode, 2);
    t.regex(stderr, /--html is the page of a lab that has run/);
  }
  const { exitCode } = await askWirelab([
    'lab',
    'find-the-password',
    '--folder',
    join(parent, 'mine'),
    '--html',
    join(parent, 'no', 'page'),
  ]);
  t.is(exitCode, 2);
  t.deepEqual(readdirSync(parent), []);
});
