/**
 * Measuring a terminal: answers in any pieces, none, nonsense, a person who types meanwhile; and a real one in tmux.
 */
import test from 'ava';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { cellWidth } from '../../../src/i18n/width.ts';
import { probeTerminal, readBackgroundReport, readCursorReports } from '../../../src/ui/tui/probe.ts';
import type { TerminalProbe } from '../../../src/ui/tui/probe.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const root = resolve(import.meta.dirname, '../../../..');
/** Long enough for any machine, where an answer comes. */
const patient = { timeoutMs: 30_000 };
const brief = { timeoutMs: 20 };

class Keyboard extends PassThrough {
  isRaw = false;
  readonly modes: boolean[] = [];

  setRawMode(raw: boolean): this {
    this.isRaw = raw;
    this.modes.push(raw);
    return this;
  }

  /** What was put back for the next reader. */
  left(): string {
    return (this.read() as Buffer | null)?.toString() ?? '';
  }
}

/** What a terminal answers to the question, given how many cells it takes for a text. */
function answersTo(question: string, cells: (text: string) => number): string[] {
  return question
    .split('\u001b[6n')
    .slice(0, -1)
    .map((piece) => `\u001b[12;${cells(piece.split('\u001b[2K').at(-1) ?? '') + 1}R`);
}

interface Terminal {
  readonly input: Keyboard;
  readonly written: () => string;
  readonly output: { write(text: string): void };
}

function terminal(answer: (question: string, input: Keyboard) => void): Terminal {
  const input = new Keyboard();
  let written = '';
  return {
    input,
    written: () => written,
    output: {
      write(text) {
        written += text;
        answer(text, input);
      },
    },
  };
}

const narrow = (text: string): number => cellWidth(text);
const wide = (text: string): number => cellWidth(text, { ambiguousAsWide: true });
/** Eight bits a character; 80 to 9f are controls without a width. */
const latin1 = (text: string): number => Buffer.from(text).filter((byte) => byte >= 0xa0).length;

const terminals: readonly (readonly [
  name: string,
  cells: (text: string) => number,
  expected: TerminalProbe,
])[] = [
  ['a UTF-8 terminal', narrow, { answered: true, ambiguousAsWide: false, hangulCells: 2, utf8: true }],
  [
    'a Korean terminal with wide arrows',
    wide,
    { answered: true, ambiguousAsWide: true, hangulCells: 2, utf8: true },
  ],
  [
    'a terminal that draws only check marks wide',
    (text) => (text === '✓' ? 2 : narrow(text)),
    { answered: true, ambiguousAsWide: true, hangulCells: 2, utf8: true },
  ],
  [
    'a terminal that gives Hangul one cell',
    (text) => (text === '한' ? 1 : narrow(text)),
    { answered: true, ambiguousAsWide: false, hangulCells: 1, utf8: true },
  ],
  ['a Latin-1 terminal', latin1, { answered: true, ambiguousAsWide: false, hangulCells: 1, utf8: false }],
  [
    'a terminal that shows every byte',
    (text) => Buffer.byteLength(text),
    { answered: true, ambiguousAsWide: false, hangulCells: 3, utf8: false },
  ],
];

for (const [name, cells, expected] of terminals) {
  test(`${name} is measured, and left as it was`, async (t) => {
    const { input, output, written } = terminal(
      (question, keyboard) => void keyboard.write(answersTo(question, cells).join('')),
    );
    t.deepEqual(await probeTerminal(input, output, patient), expected);
    t.deepEqual(input.modes, [true, false]);
    t.is(input.left(), '');
    t.deepEqual(
      [input.listenerCount('data'), input.listenerCount('error')],
      [0, new Keyboard().listenerCount('error')],
    );
    t.true(written().startsWith('\r'));
    t.true(written().endsWith('\r\u001b[2K'));
  });
}

test('answers that come byte by byte, or split anywhere, say the same', async (t) => {
  const [, , expected] = terminals[1] ?? t.fail();
  let whole = '';
  const bytewise = terminal((question, keyboard) => {
    whole = answersTo(question, wide).join('');
    for (const byte of Buffer.from(whole)) keyboard.write(Buffer.of(byte));
  });
  t.deepEqual(await probeTerminal(bytewise.input, bytewise.output, patient), expected);
  for (let at = 1; at < whole.length; at++) {
    const split = terminal((_, keyboard) => {
      keyboard.write(whole.slice(0, at));
      setImmediate(() => keyboard.write(whole.slice(at)));
    });
    t.deepEqual(await probeTerminal(split.input, split.output, patient), expected, String(at));
    t.is(split.input.left(), '');
  }
});

test('what a person types meanwhile is not lost, wherever it falls', async (t) => {
  // The two halves of a Hangul syllable around an answer: the bytes stay in order.
  const syllable = Buffer.from('ㅏ');
  const { input, output } = terminal((question, keyboard) => {
    const answers = answersTo(question, narrow);
    keyboard.write('n');
    keyboard.write(answers[0]);
    keyboard.write(syllable.subarray(0, 1));
    keyboard.write(answers[1]);
    keyboard.write(syllable.subarray(1));
    keyboard.write(`\u001b[A${answers[2]}${answers[3]} ${answers[4]}q`);
  });
  t.is((await probeTerminal(input, output, patient)).answered, true);
  t.is(input.left(), 'nㅏ\u001b[A q');
});

test('typing is kept for a reader that wants text', async (t) => {
  const { input, output } = terminal(
    (question, keyboard) => void keyboard.write(`ㅂ${answersTo(question, narrow).join('')}`),
  );
  input.setEncoding('utf8');
  t.true((await probeTerminal(input, output, patient)).answered);
  t.is(input.read(), 'ㅂ');
});

test('an input that was raw and flowing stays so', async (t) => {
  const { input, output } = terminal(
    (question, keyboard) => void keyboard.write(answersTo(question, narrow).join('')),
  );
  input.isRaw = true;
  input.resume();
  t.true((await probeTerminal(input, output, patient)).answered);
  t.true(input.isRaw);
  t.true(input.readableFlowing);
});

test('for a screen that follows the input stays raw, so that a late answer is not echoed', async (t) => {
  for (const [staysRaw, modes] of [
    [true, [true]],
    [false, [true, false]],
  ] as const) {
    const { input, output } = terminal(() => {});
    t.false((await probeTerminal(input, output, { ...brief, staysRaw })).answered);
    t.deepEqual(input.modes, modes);
  }
});

test('without an answer the time limit ends it, and typing is kept', async (t) => {
  const { input, output, written } = terminal((_, keyboard) => void keyboard.write('abc'));
  t.deepEqual(await probeTerminal(input, output, brief), {
    answered: false,
    ambiguousAsWide: false,
    hangulCells: 2,
    utf8: true,
  });
  t.deepEqual(input.modes, [true, false]);
  t.is(input.left(), 'abc');
  t.true(written().endsWith('\r\u001b[2K'));
});

test('half an answer is none, and is not taken for keys', async (t) => {
  const { input, output } = terminal(
    (question, keyboard) => void keyboard.write(`x${answersTo(question, narrow).join('').slice(0, -2)}`),
  );
  t.false((await probeTerminal(input, output, brief)).answered);
  t.is(input.left(), 'x');
});

test('an input that ends, or fails, is an answer as well', async (t) => {
  const ended = terminal((_, keyboard) => void keyboard.end('x'));
  t.false((await probeTerminal(ended.input, ended.output, patient)).answered);
  const failed = terminal((_, keyboard) => void keyboard.destroy(new Error('gone')));
  t.false((await probeTerminal(failed.input, failed.output, patient)).answered);
  t.false(ended.input.isRaw || failed.input.isRaw);
});

test('positions that no character could lead to are no answer', async (t) => {
  for (const column of [0, 40, 9999]) {
    const { input, output } = terminal((_, keyboard) => void keyboard.write(`\u001b[1;${column}R`.repeat(5)));
    t.false((await probeTerminal(input, output, patient)).answered, String(column));
  }
});

/** The same with a report of the background before the positions. */
const reporting =
  (report: string) =>
  (question: string, keyboard: Keyboard): void =>
    void keyboard.write(report + answersTo(question, narrow).join(''));

for (const [report, background] of [
  ['\u001b]11;rgb:0000/0000/0000\u001b\\', [0, 0, 0]],
  ['\u001b]11;rgb:ffff/ffff/ffff\u0007', [1, 1, 1]],
  ['\u001b]11;rgb:1e/80/ff\u001b\\', [0x1e / 0xff, 0x80 / 0xff, 1]],
  ['\u001b]11;rgba:FFFF/0000/8000/FFFF\u001b\\', [1, 0, 0x8000 / 0xffff]],
  ['\u001b]11;rgb:f/0/8\u0007', [1, 0, 8 / 15]],
] as const) {
  test(`a terminal that reports ${JSON.stringify(report)} has that background`, async (t) => {
    const { input, output, written } = terminal(reporting(`k${report}`));
    t.deepEqual(await probeTerminal(input, output, patient), {
      answered: true,
      ambiguousAsWide: false,
      hangulCells: 2,
      utf8: true,
      background: [...background],
    });
    t.is(input.left(), 'k');
    t.true(written().includes('\u001b]11;?\u001b\\'));
  });
}

test('a background that is split anywhere, or without positions after it, is known as well', async (t) => {
  const report = '\u001b]11;rgb:ffff/ffff/ffff\u001b\\';
  for (let at = 1; at < report.length; at++) {
    const { input, output } = terminal((question, keyboard) => {
      keyboard.write(report.slice(0, at));
      setImmediate(() => keyboard.write(report.slice(at) + answersTo(question, narrow).join('')));
    });
    t.deepEqual((await probeTerminal(input, output, patient)).background, [1, 1, 1], String(at));
    t.is(input.left(), '');
  }
  const alone = terminal((_, keyboard) => void keyboard.write(report));
  t.like(await probeTerminal(alone.input, alone.output, brief), { answered: false, background: [1, 1, 1] });
});

test('the background alone is asked for without a character on the screen', async (t) => {
  const { input, output, written } = terminal(
    (_, keyboard) => void keyboard.write('\u001b]11;rgb:ffff/ffff/ffff\u001b\\\u001b[1;1R'),
  );
  t.deepEqual(await probeTerminal(input, output, { ...patient, asked: 'background' }), {
    answered: true,
    ambiguousAsWide: false,
    hangulCells: 2,
    utf8: true,
    background: [1, 1, 1],
  });
  t.regex(written(), /^(?:\r\u001b\[2K|\u001b\]11;\?\u001b\\|\u001b\[6n)+$/);
});

test('a truncated or unknown report of the background is none, and is not taken for keys', (t) => {
  const report = '\u001b]11;rgb:ffff/ffff/ffff\u001b\\';
  for (let length = 2; length < report.length; length++)
    t.deepEqual(readBackgroundReport(`x${report.slice(0, length)}`), { background: undefined, rest: 'x' });
  for (const other of ['\u001b]10;rgb:0/0/0\u0007', '\u001b]11;black\u0007', '\u001b', 'rgb:0/0/0', ''])
    t.deepEqual(readBackgroundReport(other), { background: undefined, rest: other });
});

test('garbage is never an answer and never throws', async (t) => {
  for (const garbage of [
    '\u001b[;R\u001b[1R\u001b[R',
    '\u001b[99999;1R',
    '\u0000\u001b',
    '\u001b]0;1;2R\u0007',
    '1;2R'.repeat(9),
  ]) {
    const { input, output } = terminal((_, keyboard) => void keyboard.write(garbage));
    t.false((await probeTerminal(input, output, brief)).answered, JSON.stringify(garbage));
    t.is(input.left(), garbage);
  }
});

test('cursor reports are taken out, as many as were asked for', (t) => {
  const two = '\u001b[1;2R\u001b[30;4R';
  t.deepEqual(readCursorReports(`a${two}b`), {
    reports: [
      { row: 1, column: 2 },
      { row: 30, column: 4 },
    ],
    rest: 'ab',
  });
  // Shift-F3 looks like a report: what comes after the last that was asked for is a key.
  t.deepEqual(readCursorReports(two, 1), { reports: [{ row: 1, column: 2 }], rest: '\u001b[30;4R' });
  t.deepEqual(readCursorReports(''), { reports: [], rest: '' });
  for (const key of ['\u001b', '\u001b[', '\u001b[A', '\u001bOP', '\u001b[15~'])
    t.is(readCursorReports(key).rest, key);
});

withPeer('tmux', 'a real terminal answers, and keeps its line clean', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-probe-'));
  const { PATH, HOME, NODE_V8_COVERAGE } = process.env;
  const env = {
    PATH,
    HOME,
    ...(NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}),
    TMUX_TMPDIR: folder,
    LC_ALL: 'C.UTF-8',
    TERM: 'xterm-256color',
    SHELL: '/bin/sh',
  };
  const tmux = async (...words: string[]): ReturnType<typeof runProgram> =>
    runProgram('tmux', ['-f', '/dev/null', ...words], { env });
  t.teardown(async () => {
    await tmux('kill-server');
    rmSync(folder, { recursive: true, force: true });
  });
  const file = join(folder, 'probe.json');
  const script = [
    `import { probeTerminal } from ${JSON.stringify(pathToFileURL(join(root, 'dist/src/ui/tui/probe.js')).href)};`,
    `import { writeFileSync } from 'node:fs';`,
    `writeFileSync(${JSON.stringify(file)}, JSON.stringify(await probeTerminal(process.stdin, process.stdout, ${JSON.stringify(patient)})));`,
  ].join('\n');
  // The channel remembers a signal that nobody waits for yet; cat keeps the screen.
  const { exitCode, stderr } = await tmux(
    'new-session',
    '-d',
    '-x',
    '80',
    '-y',
    '24',
    `'${process.execPath}' --input-type=module -e '${script.replaceAll("'", String.raw`'\''`)}'; tmux wait-for -S done; exec cat`,
  );
  t.is(exitCode, 0, stderr);
  await tmux('wait-for', 'done');
  t.deepEqual(JSON.parse(readFileSync(file, 'utf8')), {
    answered: true,
    ambiguousAsWide: false,
    hangulCells: 2,
    utf8: true,
  });
  t.is((await tmux('capture-pane', '-p')).stdout.trim(), '');
});
