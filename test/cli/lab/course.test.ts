/** The course by the command: its order, progress over restarts, the reset of a task, commands that work, hand-outs. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptFolder } from '../../../src/cli/io/script-folder.ts';
import { scriptHead } from '../../../src/presentation/scripts.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { labCourse } from '../../../src/labs/load.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import type { ProgramResult } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';
import { askWirelab, mainFile, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { compiledLabs } from '../../labs/support/learner.ts';

interface Place {
  readonly cwd: string;
  readonly wirelab: (words: readonly string[], at?: string) => Promise<ProgramResult>;
}

/** A learner with a state of their own. */
function placeOf(t: ExecutionContext): Place {
  const cwd = mkdtempSync(join(tmpdir(), 'wirelab course-'));
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }));
  const env = { XDG_STATE_HOME: join(cwd, 'state') };
  return { cwd, wirelab: async (words, at = cwd) => askWirelab(words, { cwd: at, env }) };
}

const right = (settings: string): string =>
  settings
    .replace('kind: tls', 'kind: mtls')
    .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [staff-ca]\n');

test('the list has the order, the minutes and what one can do afterwards, in lines that fit', async (t) => {
  const { wirelab } = placeOf(t);
  for (const lang of ['en', 'ko'] as const) {
    const { exitCode, stdout, stderr } = await wirelab(['lab', 'list', '--lang', lang]);
    t.is(exitCode, 0, stderr);
    const course = labCourse(compiledLabs);
    t.is(course[0]?.name, 'find-the-password');
    let from = 0;
    for (const { name, tasks } of course) {
      const at = stdout.indexOf(` ${name}: `);
      t.true(at > from, name);
      from = at;
      t.true(stdout.slice(at).includes(`${tasks.course?.minutes}`), name);
    }
    // A command that is there to be copied is not broken.
    for (const line of stdout.split('\n'))
      t.true(cellWidth(line) <= 80 || /^ {4,}\S*wirelab /.test(line), line);
  }
  const validate = outputValidator();
  const lines = (await wirelab(['lab', 'list', '--json'])).stdout.trim().split('\n');
  t.is(lines.length, labCourse(compiledLabs).length);
  for (const line of lines) t.true(validate(JSON.parse(line)), JSON.stringify(validate.errors));
});

test('what is done stays done over restarts, a deleted folder, and what a learner writes into the folder', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  const mine = join(cwd, 'mine');
  await wirelab(['lab', 'mutual-tls', '--no-hold', '--folder', 'mine']);
  const record = join(mine, '.wirelab', 'lab.json');
  writeFileSync(
    record,
    JSON.stringify({
      ...(JSON.parse(readFileSync(record, 'utf8')) as object),
      done: ['ask-for-certificates', 'keep-mallory-out'],
    }),
  );
  const listed = async (): Promise<string> =>
    /mutual-tls: .*/.exec((await wirelab(['lab', 'list'])).stdout)?.[0] ?? '';
  t.regex(await listed(), /2 tasks\)/);
  t.regex((await wirelab(['lab', 'next'])).stdout, /^find-the-password: [^]*wirelab lab find-the-password\n/);
  writeFileSync(join(mine, 'settings.yaml'), right(readFileSync(join(mine, 'settings.yaml'), 'utf8')));
  t.is((await wirelab(['lab', 'check'], mine)).exitCode, 0);
  t.regex(await listed(), /done\)/);
  const json = JSON.parse((await wirelab(['lab', 'check', '--json', '--learner', 'anna'], mine)).stdout) as {
    at: string;
    learner: string;
    tasks: readonly { hints: number; doneAt: string }[];
  };
  t.is(json.learner, 'anna');
  t.true(json.tasks.every(({ hints, doneAt }) => hints === 0 && doneAt < json.at));
  rmSync(mine, { recursive: true });
  t.regex(await listed(), /done\)/);
});

test('the next lab is continued where it was begun', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'find-the-password', '--no-hold', '--folder', 'my lab']);
  const { stdout } = await wirelab(['lab', 'next']);
  t.true(stdout.includes(`lab find-the-password --folder '${join(cwd, 'my lab')}'`), stdout);
});

test('the finding of the current task is shown, with --all those of every task', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  const mine = join(cwd, 'lab-mend-five');
  await wirelab(['lab', 'mend-five', '--no-hold']);
  const current = (await wirelab(['lab', 'check'], mine)).stdout;
  t.regex(current, /^ ✗ 1\. .*\(tickets\)$/m);
  for (const later of ['mail', 'blog', 'files', 'office'])
    t.regex(current, new RegExp(`^ · \\d\\. .*\\(${later}\\)$`, 'm'));
  t.is(current.match(/refused|not belong|another public key/g)?.length, 1, current);
  t.regex(current, /lab check --all/);
  const all = (await wirelab(['lab', 'check', '--all'], mine)).stdout;
  t.is(all.match(/^ ✗ /gm)?.length, 5);
  t.true(all.length > current.length * 2);
});

test('a task is put back alone: its row of the settings, its files; what another task changed stays', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  const mine = join(cwd, 'lab-mend-five');
  await wirelab(['lab', 'mend-five', '--no-hold']);
  const of = (name: string): string => readFileSync(join(mine, name), 'utf8');
  const [tickets, blog, settings] = [of('tickets.crt'), of('blog.crt'), of('settings.yaml')];
  writeFileSync(join(mine, 'tickets.crt'), 'mine\n');
  writeFileSync(join(mine, 'blog.crt'), 'mine too\n');
  writeFileSync(join(mine, 'settings.yaml'), settings.replace('[visitors-ca]', '[staff-ca]'));
  const { exitCode, stdout, stderr } = await wirelab(['lab', 'reset', 'tickets'], mine);
  t.is(exitCode, 0, stderr);
  t.is(of('tickets.crt'), tickets);
  t.is(of('blog.crt'), 'mine too\n');
  t.regex(of('settings.yaml'), /\[staff-ca\]/);
  const aside = /before-reset-\S+?(?=\.\s)/.exec(stdout)?.[0] ?? '';
  t.is(readFileSync(join(mine, aside, 'tickets.crt'), 'utf8'), 'mine\n');
  await wirelab(['lab', 'reset', 'office'], mine);
  t.regex(of('settings.yaml'), /visitors-ca/);
  t.not(blog, of('blog.crt'));
  t.is((await wirelab(['lab', 'reset', 'nothing'], mine)).exitCode, 2);
});

test('files that the folder did not begin with go aside; tasks that share everything are named', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  const mine = join(cwd, 'lab-be-a-ca');
  await wirelab(['lab', 'be-a-ca', '--no-hold']);
  for (const name of ['root.crt', 'root.key', 'shop.crt', 'intermediate.crt', 'intermediate.key'])
    writeFileSync(join(mine, name), name);
  await wirelab(['lab', 'reset', 'put-an-intermediate-between'], mine);
  t.true(existsSync(join(mine, 'root.crt')) && existsSync(join(mine, 'shop.crt')));
  t.false(existsSync(join(mine, 'intermediate.crt')) || existsSync(join(mine, 'intermediate.key')));
  await wirelab(['lab', 'tls-in-front', '--no-hold']);
  const other = join(cwd, 'lab-tls-in-front');
  const shared = await wirelab(['lab', 'reset', 'prove-the-name'], other);
  t.is(shared.exitCode, 0, shared.stderr);
  t.regex(shared.stdout, /may be open again: seal-the-wire/);
  await wirelab(['lab', 'a-user-for-the-cluster', '--no-hold']);
  const cluster = await wirelab(
    ['lab', 'reset', 'make-alice-a-user'],
    join(cwd, 'lab-a-user-for-the-cluster'),
  );
  t.is(cluster.exitCode, 0, cluster.stderr);
  t.regex(cluster.stdout, /make-alice-a-user is back at its beginning/);
});

test('the commands that are printed work from the lab’s folder', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  const begun = await wirelab(['lab', 'mutual-tls', '--no-hold']);
  const mine = join(cwd, 'lab-mutual-tls');
  const { stdout } = await wirelab(['lab', 'commands'], mine);
  const [check = ''] = stdout.split('\n');
  t.regex(check, / lab check {2}#/);
  const word = check.slice(0, check.indexOf(' lab check'));
  for (const text of [begun.stdout, readFileSync(join(mine, 'README.md'), 'utf8')])
    t.true(text.includes(`${word} lab hint`), text);
  const ran = await runProgram('sh', ['-c', check], {
    cwd: mine,
    env: { ...wirelabEnvironment(), XDG_STATE_HOME: join(cwd, 'state') },
  });
  t.is(ran.exitCode, 1, ran.stderr);
  t.regex(ran.stdout, /ask-for-certificates/);
  // From elsewhere they name the folder.
  const elsewhere = await wirelab(['lab', 'commands', '--folder', mine]);
  const [there = ''] = elsewhere.stdout.split('\n');
  t.regex(there, / lab check --folder lab-mutual-tls {2}#/);
  t.regex(elsewhere.stdout, / lab next {2}#/);
  const again = await runProgram('sh', ['-c', there], {
    cwd,
    env: { ...wirelabEnvironment(), XDG_STATE_HOME: join(cwd, 'state') },
  });
  t.is(again.exitCode, 1, again.stderr);
});

test('an unknown name lists what may stand there', async (t) => {
  const { wirelab } = placeOf(t);
  const expected = async (...words: readonly string[]): Promise<string> =>
    /expected: (.*)/.exec((await wirelab(['lab', ...words])).stderr)?.[1] ?? '';
  t.regex(
    await expected('nothing'),
    /be-a-ca.*path.*check, hint, reset, list, next, commands, handout, verify$/,
  );
  t.regex(await expected('handout', 'nothing'), /be-a-ca.*tls-in-front, or the path of a lab’s folder$/);
  t.regex(await expected('verify', 'nothing'), /tls-in-front, or the path of a lab’s folder$/);
});

test('a hand-out has the tasks in both languages, and neither hints nor answers', async (t) => {
  const { wirelab } = placeOf(t);
  for (const { name, narration, tasks } of labCourse(compiledLabs)) {
    for (const lang of ['en', 'ko'] as const) {
      const { exitCode, stdout, stderr } = await wirelab(['lab', 'handout', name, '--lang', lang]);
      t.is(exitCode, 0, stderr);
      const { title, intro, tasks: texts, end } = narration[lang];
      const told = [intro, ...Object.values(texts).map((one) => one.text)].join('\n');
      t.true(stdout.startsWith(`# ${title}\n`));
      for (const { id } of tasks.tasks) {
        const text = texts[id];
        t.true(text !== undefined && stdout.includes(text.text) && stdout.includes(text.title), id);
        for (const part of [...(text?.hints ?? []), text?.done ?? '', end])
          for (const line of part.split('\n').filter((one) => one.length > 30 && !told.includes(one)))
            t.false(stdout.includes(line), line);
      }
    }
  }
  t.is((await wirelab(['lab', 'handout'])).exitCode, 2);
  t.regex((await wirelab(['lab', 'handout', 'be-a-cb'])).stderr, /Did you mean be-a-ca/);
});

test('a folder of another version of the lab, and of an older wirelab, is told once; a reset mends it', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'mutual-tls', '--no-hold']);
  const mine = join(cwd, 'lab-mutual-tls');
  const id = readFileSync(join(mine, '.wirelab', 'id'), 'utf8').trim();
  const progress = join(cwd, 'state', 'wirelab', 'labs', id, 'progress.json');
  const before = JSON.parse(readFileSync(progress, 'utf8')) as object;
  const place = join(mine, '.wirelab', 'lab.json');
  const own = JSON.parse(readFileSync(place, 'utf8')) as object;
  for (const older of [{ ...before, made: '0123456789abcdef' }, undefined]) {
    if (older) writeFileSync(progress, JSON.stringify(older));
    else {
      // All of it was in the folder.
      rmSync(progress);
      writeFileSync(place, JSON.stringify({ ...own, hints: {}, done: [], doneAt: {} }));
    }
    writeFileSync(join(mine, 'notes.txt'), 'mine\n');
    for (const words of [
      ['lab', 'check'],
      ['lab', 'mutual-tls', '--no-hold', '--folder', mine],
    ]) {
      const { exitCode, stdout, stderr } = await wirelab(words, mine);
      t.is(exitCode, 2);
      t.is(stdout, '');
      t.regex(stderr, /another version of the lab/);
    }
    t.is((await wirelab(['lab', 'reset'], mine)).exitCode, 0);
    t.is((await wirelab(['lab', 'check'], mine)).exitCode, 1);
    t.true(
      readdirSync(mine).some(
        (name) => name.startsWith('before-reset-') && existsSync(join(mine, name, 'notes.txt')),
      ),
    );
  }
});

test('a lab in a folder of another is none of its contents, and two labs do not share a folder', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'mutual-tls', '--no-hold', '--folder', 'mine']);
  const mine = join(cwd, 'mine');
  await wirelab(['lab', 'be-a-ca', '--no-hold', '--folder', 'mine/inner']);
  t.is((await wirelab(['lab', 'reset'], mine)).exitCode, 0);
  t.true(existsSync(join(mine, 'inner', 'shop.csr')));
  const second = await wirelab(['lab', 'be-a-ca', '--no-hold', '--folder', 'mine']);
  t.is(second.exitCode, 2);
  t.regex(second.stderr, /another lab was begun in this folder/);
});

withPeer('sh', 'without room on the disk a reset says so, and every file is as it was', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'mutual-tls', '--no-hold']);
  const mine = join(cwd, 'lab-mutual-tls');
  writeFileSync(join(mine, 'settings.yaml'), '# mine\n');
  const before = readdirSync(mine);
  // The limit of a file's size stands for a full disk.
  const { exitCode, stderr } = await runProgram(
    'sh',
    [
      '-c',
      'ulimit -f 0 && exec "$@"',
      'sh',
      process.execPath,
      mainFile,
      'lab',
      'reset',
      'ask-for-certificates',
    ],
    { cwd: mine, env: { ...wirelabEnvironment(), XDG_STATE_HOME: join(cwd, 'state') } },
  );
  t.is(exitCode, 2, stderr);
  t.regex(stderr, /The disk is full/);
  t.deepEqual(readdirSync(mine), before);
  t.is(readFileSync(join(mine, 'settings.yaml'), 'utf8'), '# mine\n');
  t.deepEqual(readdirSync(join(mine, '.wirelab')).toSorted(), ['id', 'lab.json']);
});

withPeer('sh', 'in a folder that was deleted a check says so', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'mutual-tls', '--no-hold']);
  const { exitCode, stderr } = await runProgram(
    'sh',
    [
      '-c',
      'cd lab-mutual-tls && rm -r ../lab-mutual-tls && exec "$@"',
      'sh',
      process.execPath,
      mainFile,
      'lab',
      'check',
    ],
    { cwd, env: wirelabEnvironment() },
  );
  t.is(exitCode, 2, stderr);
  t.regex(stderr, /no longer exists|not a lab folder/);
  t.notRegex(stderr, /^\s+at /m);
});

test('what is run in the folder of a lab speaks the language in which it was started', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'wirelab-lang-'));
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }));
  const folder = join(cwd, 'lab-catch-the-fake-site');
  const run = async (words: readonly string[], locale: string, at = folder): Promise<string> => {
    const env = { XDG_STATE_HOME: join(cwd, 'state'), LC_ALL: '', LC_MESSAGES: '', LANG: locale };
    return (await askWirelab(words, { cwd: at, env })).stdout;
  };
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8');
  await run(['lab', 'catch-the-fake-site', '--no-hold', '--lang', 'ko'], 'en_US.UTF-8', cwd);
  t.regex(read('client.sh'), /^# 앨리스로/);
  t.is(read('client.sh').replaceAll(/^#.*\n/gm, ''), startOf('client.sh').replaceAll(/^#.*\n/gm, ''));
  const korean = /힌트/;
  t.regex(await run(['lab', 'commands'], 'en_US.UTF-8'), korean, 'as it was started');
  t.regex(await run(['lab', 'commands'], ''), korean, 'no locale asks for anything');
  t.regex(await run(['lab', 'commands'], 'C.UTF-8'), korean, 'nor does this one');
  t.notRegex(await run(['lab', 'commands', '--lang', 'en'], ''), korean, 'asked for now');
  await run(['lab', 'reset'], '');
  t.regex(read('README.md'), /^# 가짜/);
  t.regex(read('client.sh'), /^# 앨리스로/);
  await run(['lab', 'catch-the-fake-site', '--no-hold'], 'ko_KR.UTF-8', cwd);
  t.notRegex(
    await run(['lab', 'commands'], 'en_US.UTF-8'),
    korean,
    'another locale than when it was started',
  );
});

function startOf(file: string): string {
  const lab = labCourse(compiledLabs).find(({ name }) => name === 'catch-the-fake-site');
  return lab?.start[file] ?? '';
}

test('from the folder above, the lab that is up is named', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  for (const name of ['be-a-ca', 'mutual-tls']) await wirelab(['lab', name, '--no-hold']);
  t.regex((await wirelab(['lab', 'check'])).stderr, /cd lab-be-a-ca/);
  const held = start(t, ['lab', 'mutual-tls', '--folder', join(cwd, 'lab-mutual-tls')], undefined, {
    XDG_STATE_HOME: join(cwd, 'state'),
  });
  await held.until(/try\/alice/);
  t.regex((await wirelab(['lab', 'check'])).stderr, /cd lab-mutual-tls/);
  held.child.kill('SIGINT');
  await held.exit;
});

test('a lab that is begun in the folder of another lies beside it; the same one goes on in its own', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'mutual-tls', '--no-hold', '--folder', 'mine']);
  const mine = join(cwd, 'mine');
  const again = await wirelab(['lab', 'mutual-tls', '--no-hold'], mine);
  t.regex(again.stdout, /as you left it/);
  const other = await wirelab(['lab', 'be-a-ca', '--no-hold'], mine);
  t.is(other.exitCode, 0, other.stderr);
  t.deepEqual(readdirSync(cwd).toSorted(), ['lab-be-a-ca', 'mine', 'state']);
  t.false(readdirSync(mine).some((name) => name.startsWith('lab-')));
  // A remembered folder is named only as long as it is there.
  await wirelab(['lab', 'find-the-password', '--no-hold'], mine);
  const gone = join(cwd, 'lab-find-the-password');
  t.true((await wirelab(['lab', 'next'], mine)).stdout.includes(`--folder '${gone}'`));
  rmSync(gone, { recursive: true });
  for (const words of [
    ['lab', 'next'],
    ['lab', 'list'],
    ['lab', 'list', '--json'],
  ]) {
    const { stdout } = await wirelab(words, mine);
    t.false(stdout.includes(gone), stdout);
  }
});

test('what the lab gave comes back with a task: deleted or overwritten, and what is as it was is left', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  const given: readonly (readonly [lab: string, task: string, files: readonly string[]])[] = [
    ['be-a-ca', 'certify-the-shop', ['shop.csr', 'bank.csr']],
    ['record-now', 'ticket-key', ['tickets.key', 'stolen.key', 'ca.crt']],
    ['find-the-password', 'read-monday', ['bank-ca.crt']],
  ];
  for (const [lab, task, files] of given) {
    await wirelab(['lab', lab, '--no-hold']);
    const mine = join(cwd, `lab-${lab}`);
    const of = (name: string): string => readFileSync(join(mine, name), 'utf8');
    const [first = '', ...others] = files;
    const before = new Map(files.map((name) => [name, of(name)]));
    rmSync(join(mine, first));
    for (const name of others) writeFileSync(join(mine, name), 'mine\n');
    const { exitCode, stdout, stderr } = await wirelab(['lab', 'reset', task], mine);
    t.is(exitCode, 0, stderr);
    const aside = /before-reset-\S+?(?=\.\s)/.exec(stdout)?.[0];
    t.is(aside === undefined, others.length === 0, stdout);
    for (const name of others) t.is(readFileSync(join(mine, aside ?? '', name), 'utf8'), 'mine\n');
    // A request is signed anew.
    for (const [name, text] of before)
      t.true(name.endsWith('.csr') ? of(name).includes('CERTIFICATE REQUEST') : of(name) === text, name);
    if (aside !== undefined)
      t.deepEqual(readdirSync(join(mine, aside)).toSorted(), [...others].toSorted(), 'and nothing else');
    const again = await wirelab(['lab', 'reset', task], mine);
    t.notRegex(again.stdout, /before-reset-/, 'nothing is aside of what is as it was');
  }
});

test('a given file that is missing is told as such, with the command that brings it back, by a path that works', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'mutual-tls', '--no-hold']);
  const mine = join(cwd, 'lab-mutual-tls');
  rmSync(join(mine, 'settings.yaml'));
  const { stdout } = await wirelab(['lab', 'check'], mine);
  const text = stdout.replaceAll(/\s+/g, ' ');
  t.regex(text, /settings\.yaml is missing; the lab gave it/);
  const command = /(\S*\/wirelab lab reset ask-for-certificates) brings it back/.exec(text)?.[1] ?? '';
  const { exitCode } = await runProgram('sh', ['-c', command], {
    cwd: mine,
    env: { ...wirelabEnvironment(), XDG_STATE_HOME: join(cwd, 'state') },
    timeout: 90_000,
  });
  t.is(exitCode, 0, command);
  t.true(existsSync(join(mine, 'settings.yaml')));
  const korean = await wirelab(['lab', 'check', '--lang', 'ko'], mine);
  t.notRegex(korean.stdout, /처음에 준/);
});

test('what a lab that was killed has left in try/ is not listed, and goes when the lab starts again', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'find-the-password', '--no-hold']);
  const mine = join(cwd, 'lab-find-the-password');
  mkdirSync(join(mine, 'try'));
  writeFileSync(join(mine, 'try', 'ghost'), `${scriptHead}\ncurl x\n`);
  writeFileSync(join(mine, 'try', 'own'), 'mine\n');
  t.notRegex((await wirelab(['lab', 'commands'], mine)).stdout, /sh try/);
  await wirelab(['lab', 'find-the-password', '--no-hold'], mine);
  t.true(existsSync(join(mine, 'try', 'ghost')), 'a lab may be up: only its start clears the folder');
  new ScriptFolder({ language: 'en', at: join(mine, 'try') }).clear();
  t.deepEqual(readdirSync(join(mine, 'try')), ['own']);
});

test('what another command prints to be run in a lab’s folder, and what its texts say, has the path that works there', async (t) => {
  const { cwd, wirelab } = placeOf(t);
  await wirelab(['lab', 'the-cluster-that-expired', '--no-hold']);
  const mine = join(cwd, 'lab-the-cluster-that-expired');
  const { exitCode, stdout } = await wirelab(['kube', 'pki', 'check', '.'], mine);
  t.is(exitCode, 1);
  t.regex(stdout, /\S+\/wirelab kube pki renew apiserver/);
  const none = await wirelab(['kube', 'pki', 'check', 'nowhere'], mine);
  t.regex(none.stderr, /\S+\/wirelab\s+kube pki --out nowhere/);
  const readme = readFileSync(join(mine, 'README.md'), 'utf8');
  t.regex(readme, /\S+\/wirelab\s+kube pki\s+check/);
  const hints = [];
  for (const _ of [1, 2, 3]) hints.push((await wirelab(['lab', 'hint'], mine)).stdout);
  t.regex(hints.join('\n'), /\S+\/wirelab kube pki renew apiserver --out \./);
  for (const text of [stdout, none.stderr, readme, ...hints])
    t.notRegex(text, /(?:^|\s)(?:\.\/)?wirelab kube/m);
});
