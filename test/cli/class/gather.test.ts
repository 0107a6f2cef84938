/** `wirelab class gather`: a table of what learners hand in, which may be anything. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellWidth } from '../../../src/i18n/width.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { withPeer } from '../../helpers/peer.ts';
import { runProgram } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

interface Task {
  readonly id: string;
  readonly status: 'done' | 'open';
  readonly hints?: number;
  readonly says?: string;
}

function check(learner: string, tasks: readonly Task[], more: object = {}): string {
  return JSON.stringify({
    v: 2,
    kind: 'lab-check',
    lab: 'mutual-tls',
    learner,
    at: '2026-03-01T12:34:56.000Z',
    done: tasks.filter(({ status }) => status === 'done').length,
    of: tasks.length,
    tasks: tasks.map(({ says = 'fine', ...task }) => ({
      ...task,
      says: { en: says, ko: `한 ${says}` },
      findings: [],
    })),
    ...more,
  });
}

const open: readonly Task[] = [
  { id: 'ask', status: 'done', hints: 1 },
  { id: 'keep', status: 'open', hints: 2, says: 'mallory was admitted' },
];
const done: readonly Task[] = open.map((task) => ({ ...task, status: 'done' }));

function handedIn(t: ExecutionContext, files: Readonly<Record<string, string>>) {
  const cwd = mkdtempSync(join(tmpdir(), 'wirelab gather-'));
  t.teardown(() => rmSync(cwd, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return {
    cwd,
    gather: async (...words: readonly string[]) =>
      askWirelab(['class', 'gather', ...Object.keys(files), ...words], { cwd }),
  };
}

test('one row for each learner: task, hints, time and finding; the last check counts', async (t) => {
  const { gather } = handedIn(t, {
    'b.json': check('bin', open),
    'a-old.json': check('anna', open, { at: '2026-03-01T10:00:00.000Z' }),
    'a.json': check('anna', done),
    // From a learner without a name, in two lines.
    '민준.json': `${check('', open)}\n${check('', open, { lab: 'be-a-ca' })}\n`,
  });
  for (const lang of ['en', 'ko']) {
    const { exitCode, stdout, stderr } = await gather('--lang', lang);
    t.is(exitCode, 0, stderr);
    const lines = stdout.trimEnd().split('\n');
    for (const line of lines) t.true(cellWidth(line) <= 80, line);
    t.is(stdout.match(/anna/g)?.length, 1);
    t.is(stdout.match(/민준/g)?.length, 2);
  }
  const json = await gather('--format', 'json');
  const rows = json.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  const validate = outputValidator();
  for (const row of rows) t.true(validate(row), JSON.stringify(validate.errors));
  t.like(rows[0], { learner: 'anna', done: 2, of: 2, hints: 3 });
  t.false('task' in (rows[0] ?? {}));
  t.like(rows[1], {
    learner: 'bin',
    task: 'keep',
    number: 2,
    done: 1,
    finding: { en: 'mallory was admitted' },
  });
});

test('what is no check is named with what was expected; the rest is gathered, and the exit code is 2', async (t) => {
  const good = check('anna', open);
  const bad: Readonly<Record<string, string>> = {
    'empty.json': '',
    'text.json': 'I am done',
    'cut.json': good.slice(0, 200),
    'null.json': 'null',
    'list.json': `[${good}]`,
    'foreign.json': '{"kind":"verdict","v":2}',
    'older.json': good.replace('"v":2', '"v":1'),
    'no-tasks.json': check('x', []),
    'status.json': good.replace('"status":"open"', '"status":"perfect"'),
    'hints.json': good.replace('"hints":2', '"hints":-7'),
    'says.json': good.replace('"says":{', '"says":["",{').replace('},"findings"', '}],"findings"'),
  };
  const { cwd, gather } = handedIn(t, { ...bad, 'good.json': good });
  const { exitCode, stdout, stderr } = await gather('missing.json', '.');
  t.is(exitCode, 2);
  t.regex(stdout, /anna/);
  for (const name of [...Object.keys(bad), 'missing.json']) t.true(stderr.includes(name), name);
  t.regex(stderr, /"kind":"lab-check"/);
  t.false(stderr.includes('good.json'));
  t.notRegex(stderr, /^\s+at /m);
  const out = await askWirelab(['class', 'gather', 'text.json', 'good.json', '--out', 'board.csv'], { cwd });
  t.is(out.exitCode, 2);
  t.regex(readFileSync(join(cwd, 'board.csv'), 'utf8'), /anna/);
  t.is((await askWirelab(['class', 'gather', 'text.json', '--out', 'none.csv'], { cwd })).exitCode, 2);
  t.false(existsSync(join(cwd, 'none.csv')));
  for (const words of [[], ['good.json', '--format', 'pdf'], ['good.json', '--out', 'board.pdf']])
    t.is((await askWirelab(['class', 'gather', ...words], { cwd })).exitCode, 2);
});

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '=HYPERLINK("http://x","y")',
  ' +1',
  '-2+3',
  '@SUM(A1)',
  '＝1+1',
  '\u001b[31mred',
  '\u202eevil',
  'a,b"c',
  'x'.repeat(5000),
];

test('in the page everything foreign is text, and nothing refers to the outside', async (t) => {
  const { cwd, gather } = handedIn(
    t,
    Object.fromEntries(
      hostile.map((text, at) => [
        `${at}.json`,
        check(text, [{ id: text, status: 'open', says: text }], { lab: text, at: text }),
      ]),
    ),
  );
  t.is((await gather('--out', 'board.html')).exitCode, 0);
  const page = readFileSync(join(cwd, 'board.html'), 'utf8');
  // The page’s own style and script are at its head and at its end.
  const parts = page.replace(/<style>[^]*?<\/style>/, '').split('<script>');
  t.is(parts.length, 2, 'no script but the page’s own');
  const [body = ''] = parts;
  t.notRegex(body, /<(?:img|script|iframe|link|form|a href="(?!#))/i);
  t.notRegex(body, /\b(?:src|action|url|on\w+)\s*[=(]\s*["'(]/);
  t.regex(body, /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;/);
  t.notRegex(body, /unsafe-inline/);
  t.true(page.includes('&#60;script&#62;alert(1)&#60;/script&#62;'));
  t.false(/[\u001b\u202e]/.test(page));
  t.true(body.length < 30_000, `${body.length}`);
  const terminal = await gather();
  t.false(/[\u001b\u202e]/.test(terminal.stdout));
});

withPeer(
  'python3',
  'in the table for spreadsheets no cell is a formula, and a reader of CSV has every cell',
  async (t) => {
    const { cwd, gather } = handedIn(
      t,
      Object.fromEntries(
        hostile.map((text, at) => [`${at}.json`, check(text, [{ id: text, status: 'open', says: text }])]),
      ),
    );
    t.is((await gather('--out', 'board.csv')).exitCode, 0);
    const read = await runProgram(
      'python3',
      [
        '-c',
        'import csv,json;print(json.dumps(list(csv.reader(open("board.csv",encoding="utf-8-sig",newline="")))))',
      ],
      { cwd },
    );
    t.is(read.exitCode, 0, read.stderr);
    const rows = JSON.parse(read.stdout) as readonly (readonly string[])[];
    t.is(rows.length, hostile.length + 1);
    for (const row of rows) {
      t.is(row.length, 7);
      for (const cell of row) t.notRegex(cell, /^[\s\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]/, cell);
    }
    t.true(rows.flat().includes('a,b"c'));
  },
);
