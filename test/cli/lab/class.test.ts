/** `wirelab lab NAME --class FILE`: who opts in is on the board of the class, and the lab never waits for it. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import { ClassFolder } from '../../../src/cli/class/roster/class-folder.ts';
import { ClassReporter } from '../../../src/cli/lab/class/reporter.ts';
import { keptInvitation } from '../../../src/cli/lab/class/kept.ts';
import type { ClassNews } from '../../../src/labs/hold/holding.ts';
import { start } from '../../helpers/running.ts';
import { until } from '../../helpers/until.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { anEntry, folderFor, invited, opened } from '../class/roster/support.ts';
import type { OpenedClass } from '../class/roster/support.ts';

interface Taught extends OpenedClass {
  readonly parent: string;
  readonly invitation: string;
  /** The folder of the lab. */
  readonly folder: string;
}

/** A class with one learner, whose invitation leads to its door. */
async function taught(t: ExecutionContext): Promise<Taught> {
  const parent = folderFor(t);
  ClassFolder.begin(join(parent, 'class'), systemClock);
  const door = await opened(t, parent);
  await invited(parent, ['anna'], { port: door.server.address.port });
  door.renew();
  return { ...door, parent, invitation: join(parent, 'anna.pem'), folder: join(parent, 'mine') };
}

test('own and automatic checks are reported, and nothing but the row of the table', async (t) => {
  const { entries, folder, invitation } = await taught(t);
  const words = ['lab', 'mutual-tls', '--folder', folder, '--lang', 'en'];
  const lab = start(t, [...words, '--class', invitation]);
  await lab.until(/You take part in the class at 127\.0\.0\.1:\d+ as anna/);
  t.true(await until(() => entries.rows.length === 1));
  t.deepEqual(entries.rows[0]?.task, { id: 'ask-for-certificates', number: 1 });
  await lab.until(/cat try\/\S+ shows it/);
  const settings = join(folder, 'settings.yaml');
  const given = readFileSync(settings, 'utf8');
  writeFileSync(
    settings,
    given
      .replace('kind: tls', 'kind: mtls')
      .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [anybody-ca, staff-ca]\n'),
  );
  // By itself.
  t.true(await until(() => entries.rows[0]?.done === 1));
  t.regex(entries.rows[0]?.finding?.en ?? '', /mallory/);
  // In another terminal.
  await askWirelab(['lab', 'hint', '--folder', folder]);
  t.true(await until(() => entries.rows[0]?.hints === 1));
  writeFileSync(settings, given);
  const checked = await askWirelab(['lab', 'check', '--folder', folder, '--lang', 'en']);
  t.is(checked.stderr, '');
  t.is(entries.rows[0]?.done, 0, 'it is told when the check has ended');
  t.regex(entries.rows[0]?.finding?.en ?? '', /admitted/);
  t.is(
    Object.keys(entries.rows[0] ?? {})
      .toSorted()
      .join(' '),
    'at done finding hints lab learner of task',
  );
  if (process.platform !== 'win32') t.is(statSync(keptInvitation(folder)).mode & 0o777, 0o600);
  t.false(
    readdirSync(folder).some((name) => name.endsWith('.pem')),
    'the invitation is not in the learner’s folder',
  );
  lab.child.kill('SIGINT');
  t.deepEqual([...(await lab.exit)], [0, null]);
});

test('who has opted in is so at the next start, until --no-class', async (t) => {
  const { entries, folder, invitation, parent } = await taught(t);
  const words = ['lab', 'find-the-password', '--folder', folder, '--lang', 'en'];
  const joined = await askWirelab([...words, '--class', invitation, '--no-hold']);
  t.is(joined.exitCode, 0, joined.stderr);
  t.deepEqual(entries.rows, [], 'nothing was checked yet');
  // What becomes of the file is no matter.
  rmSync(invitation);
  await askWirelab(['lab', 'check', '--folder', folder]);
  t.is(entries.rows[0]?.lab, 'find-the-password');
  const again = start(t, words);
  await again.until(/You take part in the class/);
  again.child.kill('SIGINT');
  await again.exit;
  const left = start(t, [...words, '--no-class']);
  t.notRegex(await left.until(/Wire A is live/), /You take part/);
  left.child.kill('SIGINT');
  await left.exit;
  const before = readFileSync(join(parent, 'class', 'board.jsonl'), 'utf8');
  await askWirelab(['lab', 'hint', '--folder', folder]);
  await askWirelab(['lab', 'check', '--folder', folder]);
  t.is(readFileSync(join(parent, 'class', 'board.jsonl'), 'utf8'), before);
});

test('when the class is away the lab goes on and says so once, and the newest state follows', async (t) => {
  const { entries, folder, invitation, parent, server } = await taught(t);
  const words = ['lab', 'find-the-password', '--folder', folder, '--lang', 'en'];
  const lab = start(t, [...words, '--class', invitation]);
  t.true(await until(() => entries.rows.length === 1));
  await server.close();
  for (const _ of [1, 2]) await askWirelab(['lab', 'hint', '--folder', folder]);
  await lab.until(/The class at \S+ does not answer \(ECONNREFUSED\)/);
  const checked = await askWirelab(['lab', 'check', '--folder', folder, '--lang', 'en']);
  t.is(checked.exitCode, 1, 'the exit code is that of the check');
  t.regex(checked.stderr, /the class at \S+ was not told: ECONNREFUSED/);
  const back = await opened(t, parent, { port: server.address.port });
  const printed = await lab.until(/The class at \S+ is back/);
  t.is(printed.match(/does not answer/g)?.length, 1);
  t.like(back.entries.rows[0], { learner: 'anna', hints: 2 });
  t.truthy(back.entries.rows[0]?.finding);
  lab.child.kill('SIGINT');
  t.deepEqual([...(await lab.exit)], [0, null]);
});

test('who is turned away is told why, and the lab goes on', async (t) => {
  const { entries, folder, invitation, place, renew } = await taught(t);
  await place.withdraw(['anna']);
  renew();
  const lab = start(t, [
    'lab',
    'find-the-password',
    '--folder',
    folder,
    '--lang',
    'ko',
    '--class',
    invitation,
  ]);
  const printed = await lab.until(/anna의 상태를 보낼 수 없습니다[^]*초대장을 새로 받으세요/);
  t.regex(printed.replace(/\s+/g, ' '), /폐기/);
  t.notRegex(printed, /\.\. /);
  for (const [language, expected] of [
    ['en', /was not told: .*revoked.*[^.]\. Ask your instructor for another invitation\n$/],
    ['ko', /알리지 못했습니다: .*폐기.*[^.]\. 강사에게 초대장을 새로 받으세요\n$/],
  ] as const) {
    const checked = await askWirelab(['lab', 'check', '--folder', folder, '--lang', language]);
    t.regex(checked.stderr, expected);
  }
  t.deepEqual(entries.rows, []);
  lab.child.kill('SIGINT');
  t.deepEqual([...(await lab.exit)], [0, null]);
});

test('a file that is no invitation is one sentence, exit code 2, and nothing is begun', async (t) => {
  const parent = folderFor(t);
  await invited(parent, ['anna']);
  const good = readFileSync(join(parent, 'anna.pem'), 'utf8');
  const files: Readonly<Record<string, string>> = {
    'text.pem': 'hello',
    'cut.pem': good.slice(0, 900),
    'empty.pem': '',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(parent, name), text);
  mkdirSync(join(parent, 'folder.pem'));
  for (const name of [...Object.keys(files), 'folder.pem', 'missing.pem']) {
    const words = [
      'lab',
      'find-the-password',
      '--folder',
      join(parent, 'mine'),
      '--class',
      join(parent, name),
    ];
    const { exitCode, stdout, stderr } = await askWirelab([...words, '--lang', 'en']);
    t.is(exitCode, 2, name);
    t.is(stdout, '');
    t.true(stderr.includes(name), stderr);
    t.false(readdirSync(parent).includes('mine'), name);
  }
  for (const words of [
    ['lab', 'check', '--class', join(parent, 'anna.pem')],
    ['lab', 'list', '--no-class'],
    ['lab', 'find-the-password', '--class', join(parent, 'anna.pem'), '--no-class'],
  ])
    t.is((await askWirelab(words, { cwd: parent })).exitCode, 2, words.join(' '));
  t.false(readdirSync(parent).includes('lab-find-the-password'));
});

test('a class that accepts and says nothing keeps no lab from ending', async (t) => {
  const parent = folderFor(t);
  const silent = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  const [anna] = await invited(parent, ['anna'], { port: (silent.address() as AddressInfo).port });
  if (!anna) return void t.fail();
  const news: ClassNews[] = [];
  const reporter = new ClassReporter({
    invitation: anna,
    clock: systemClock,
    entry: () => anEntry(),
    onNews: (one) => void news.push(one),
  });
  const began = performance.now();
  await reporter.close();
  t.true(performance.now() - began < 4000);
  t.deepEqual(
    news.map(({ state }) => state),
    ['joined'],
  );
});
