/** What was reported is kept as lines that `class gather` reads, whole after a restart. */
import test from 'ava';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../../src/core/clock.ts';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { boardJson } from '../../../../src/cli/class/board.ts';
import { readHandedIn } from '../../../../src/cli/class/handed-in.ts';
import { Entries, TooManyLabs } from '../../../../src/cli/class/roster/entries.ts';
import { outputValidator } from '../../../helpers/output-schema.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { anEntry, folderFor } from './support.ts';

test('a report is on the disk when it is acknowledged, and the newest one counts', async (t) => {
  const path = join(folderFor(t), 'board.jsonl');
  const entries = new Entries(path, systemClock);
  await entries.put(anEntry());
  t.deepEqual(readHandedIn(path), [anEntry()]);
  // The learner's clock was set back.
  const later = anEntry({ at: '2020-01-01T00:00:00.000Z', hints: 2 });
  await entries.put(later);
  await entries.put(anEntry({ lab: 'be-a-ca' }));
  t.deepEqual(new Entries(path, systemClock).rows, [anEntry({ lab: 'be-a-ca' }), later]);
  const validate = outputValidator();
  for (const line of readFileSync(path, 'utf8').trim().split('\n'))
    t.true(validate(JSON.parse(line)), JSON.stringify(validate.errors));
  t.deepEqual(readdirSync(join(path, '..')), ['board.jsonl'], 'nothing half-written');
});

test('a check of a time to come is of now, and one without a time, too', async (t) => {
  const now = Date.parse('2026-03-02T00:00:00.000Z');
  const entries = new Entries(join(folderFor(t), 'board.jsonl'), { now: () => now });
  const { at: _at, ...timeless } = anEntry({ lab: 'revoke' });
  await Promise.all([entries.put(anEntry({ at: '2099-01-01T00:00:00.000Z' })), entries.put(timeless)]);
  t.deepEqual(
    entries.rows.map(({ at }) => at),
    ['2026-03-02T00:00:00.000Z', '2026-03-02T00:00:00.000Z'],
  );
});

test('a learner has room for more labs than there are, and no more', async (t) => {
  const entries = new Entries(join(folderFor(t), 'board.jsonl'), systemClock);
  await Promise.all(Array.from({ length: 50 }, async (_, at) => entries.put(anEntry({ lab: `lab-${at}` }))));
  await t.throwsAsync(entries.put(anEntry({ lab: 'one-more' })), { instanceOf: TooManyLabs });
  await entries.put(anEntry({ lab: 'lab-7', hints: 9 }));
  await entries.put(anEntry({ learner: 'bin' }));
  t.is(entries.rows.length, 51);
});

test('what many learners with long findings have reported is read again', (t) => {
  const path = join(folderFor(t), 'board.jsonl');
  const finding = { en: '🔒'.repeat(190), ko: '🔒'.repeat(190) };
  const rows = Array.from({ length: 3000 }, (_, at) =>
    anEntry({ learner: `learner-${Math.floor(at / 50)}`, lab: `lab-${at % 50}`, finding }),
  );
  writeFileSync(path, boardJson(rows));
  t.true(statSync(path).size > 4 * 1024 * 1024);
  t.is(new Entries(path, systemClock).rows.length, rows.length);
});

test('where it cannot be written nothing is acknowledged, and what is kept stays', async (t) => {
  const folder = join(folderFor(t), 'class');
  mkdirSync(folder);
  const path = join(folder, 'board.jsonl');
  const entries = new Entries(path, systemClock);
  await entries.put(anEntry());
  const before = readFileSync(path, 'utf8');
  rmSync(folder, { recursive: true });
  await t.throwsAsync(entries.put(anEntry({ hints: 5 })), { instanceOf: UserError });
  mkdirSync(folder);
  writeFileSync(path, before);
  await entries.put(anEntry({ hints: 6 }));
  t.is(new Entries(path, systemClock).rows[0]?.hints, 6);
  chmodSync(path, 0o600);
});

test('a file with something else in it is named, and left alone', (t) => {
  const path = join(folderFor(t), 'board.jsonl');
  for (const text of ['x', '{"v":2,"kind":"class-entry"}', '{"v":2,"kind":"verdict"}']) {
    writeFileSync(path, text);
    const error = t.throws(() => new Entries(path, systemClock), { instanceOf: UserError });
    t.is(error?.facts.where, path);
    t.is(readFileSync(path, 'utf8'), text);
  }
});

test('class gather reads what was reported beside what was handed in', async (t) => {
  const folder = folderFor(t);
  const entries = new Entries(join(folder, 'board.jsonl'), systemClock);
  await entries.put(anEntry());
  const { task: _task, finding: _finding, ...done } = anEntry({ learner: 'bin', done: 2 });
  await entries.put(done);
  const handedIn = {
    v: 2,
    kind: 'lab-check',
    lab: 'mutual-tls',
    learner: 'anna',
    at: '2026-03-01T13:00:00.000Z',
  };
  const tasks = ['a', 'b'].map((id) => ({
    id,
    status: 'done',
    says: { en: 'fine', ko: '완료' },
    findings: [],
  }));
  writeFileSync(join(folder, 'anna.json'), JSON.stringify({ ...handedIn, tasks }));
  const { exitCode, stdout, stderr } = await askWirelab(
    ['class', 'gather', 'board.jsonl', 'anna.json', '--format', 'json'],
    { cwd: folder },
  );
  t.is(exitCode, 0, stderr);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  t.is(rows.length, 2);
  t.like(rows[0], { learner: 'anna', done: 2 });
  t.like(rows[1], { learner: 'bin', done: 2 });
});
