/**
 * The terminal as a person sees it: the contents of an emulator's screen, and the messages that keys and clicks cause.
 */
import test from 'ava';
import * as fc from 'fast-check';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cellWidth, fitToCells } from '../../../src/i18n/width.ts';
import { openTerminal, type Terminal, type TerminalOptions } from '../../../src/ui/tui/blessed.ts';
import { roles, type Frame, type Line, type Role, type Size } from '../../../src/ui/tui/frame.ts';
import type { Message } from '../../../src/ui/tui/message.ts';
import { Emulator } from './support/emulator.ts';

interface Opened {
  readonly emulator: Emulator;
  readonly terminal: Terminal;
  readonly messages: Message[];
}

function open({ columns = 40, rows = 6, ...options }: Partial<Size & TerminalOptions> = {}): Opened {
  const emulator = new Emulator(columns, rows);
  const messages: Message[] = [];
  const terminal = openTerminal({
    input: emulator.input,
    output: emulator.output,
    depth: '256',
    mouse: true,
    ...options,
  });
  terminal.onMessage((message) => messages.push(message));
  return { emulator, terminal, messages };
}

/** A frame of plain lines, padded to its size. */
function frameOf(lines: readonly string[], { columns, rows }: Size): Frame {
  return frameOfLines(
    Array.from(
      { length: rows },
      (_, row): Line => [{ text: fitToCells(lines[row] ?? '', columns), role: 'plain' }],
    ),
    columns,
  );
}

function frameOfLines(lines: readonly Line[], columns: number): Frame {
  return { columns, rows: lines.length, lines, regions: [] };
}

const textOf = (frame: Frame): string[] => frame.lines.map((line) => line.map(({ text }) => text).join(''));

/** Any line of exactly so many cells, in spans of any role. */
function lineOf(columns: number): fc.Arbitrary<Line> {
  const text = fc.string({
    unit: fc.constantFrom(...Array.from('aZ09 .한글ㅂ漢─│┌┘┴→✓é·…“')),
    minLength: 1,
    maxLength: 12,
  });
  return fc.array(fc.record({ text, role: fc.constantFrom(...roles) }), { maxLength: 8 }).map((spans) => {
    const line: { text: string; role: Role }[] = [];
    let left = columns;
    for (const { text, role } of [...spans, { text: ' '.repeat(columns), role: 'plain' as const }]) {
      const cut = fitToCells(text, Math.min(left, cellWidth(text)));
      left -= cellWidth(cut);
      line.push({ text: cut, role });
    }
    return line;
  });
}

const frames = (size: Size, most: number): fc.Arbitrary<Frame[]> =>
  fc.array(
    fc
      .array(lineOf(size.columns), { minLength: size.rows, maxLength: size.rows })
      .map((lines) => frameOfLines(lines, size.columns)),
    { minLength: 1, maxLength: most },
  );

test('the screen shows the newest frame, whatever frames preceded it', async (t) => {
  await fc.assert(
    fc.asyncProperty(frames({ columns: 23, rows: 4 }, 6), async (sequence) => {
      const { emulator, terminal } = open({ columns: 23, rows: 4 });
      for (const frame of sequence) {
        terminal.draw(frame);
        await emulator.settled();
        t.deepEqual(emulator.screen(), textOf(frame));
      }
      terminal.close();
    }),
    { numRuns: 60 },
  );
});

test('Hangul and ASCII take turns in the same cells a hundred times', async (t) => {
  const { emulator, terminal } = open({ columns: 12, rows: 4 });
  const texts = [
    ['한글한글한글', ' 한글한글한 ', 'ab한글cd한글', '┌──────────┐'],
    ['abcdefghijkl', '한글한글한글', 'a한글bc한글d', '│한글한글한│'],
    [' 한글한글한 ', 'abcdefghijkl', '한글ab한글cd', '└한─────글─┘'],
  ];
  for (let draw = 0; draw < 100; draw += 1) {
    const frame = frameOf(texts[draw % 3] ?? [], terminal.size);
    terminal.draw(frame);
    await emulator.settled();
    t.deepEqual(emulator.screen(), textOf(frame), `draw ${draw}`);
  }
  // tmux would show letters of the alternate character set (SCS, SO).
  t.notRegex(emulator.output.log, /\x1b\(0|\x0e/);
});

test('a frame that did not change writes next to nothing', (t) => {
  const { emulator, terminal } = open({ columns: 200, rows: 50 });
  const lines = Array.from({ length: 50 }, () => 'x'.repeat(200));
  terminal.draw(frameOf(lines, terminal.size));
  const before = emulator.output.log.length;
  terminal.draw(frameOf(lines, terminal.size));
  t.is(emulator.output.log.length, before);
  terminal.draw(frameOf(['y', ...lines.slice(1)], terminal.size));
  t.true(emulator.output.log.length - before < 300);
});

test('a character on whose width opinions differ leaves the rest of its line in place', async (t) => {
  const { emulator, terminal } = open({ columns: 24, rows: 3 });
  for (const text of [
    '⌚ a watch│',
    '✅│',
    'e\u0301│',
    '\u1112\u1161\u11ab│',
    '😀│',
    '\ud83d│',
    '\ua960│',
    '㋿│',
    '\u303f│',
    '\u3040│',
    '｡│',
  ]) {
    const frame = frameOf(['first', text, 'last'], terminal.size);
    terminal.draw(frame);
    await emulator.settled();
    const [first, , last] = emulator.screen();
    t.deepEqual([first, last], [textOf(frame)[0], textOf(frame)[2]], text);
    t.is(emulator.cellsAt(1)[cellWidth(text) - 1]?.text, '│', text);
  }
});

test('no character of the basic plane shifts its row', async (t) => {
  const size = { columns: 64, rows: 64 };
  const { emulator, terminal } = open(size);
  for (let first = 0; first < 0x10000; first += size.rows * 16) {
    const lines = Array.from({ length: size.rows }, (_, row) =>
      Array.from({ length: 16 }, (_, at) => String.fromCharCode(first + row * 16 + at)).join(''),
    );
    terminal.draw(
      frameOfLines(
        lines.map((text) => [{ text: `${fitToCells(text, size.columns - 1)}|`, role: 'plain' }]),
        size.columns,
      ),
    );
    await emulator.settled();
    for (let row = 0; row < size.rows; row += 1)
      t.is(emulator.cellsAt(row).at(-1)?.text, '|', `U+${(first + row * 16).toString(16)}`);
  }
  t.is(emulator.title, '');
});

test("text of a frame can't steer the terminal", async (t) => {
  const { emulator, terminal } = open({ columns: 40, rows: 3, title: 'ours\x07\x1b[2J' });
  const frame = frameOf(
    ['\x1b]0;theirs\x07', '\x9b2J\x1b[31mred\x1b[m', 'a\r\n\tb\u202ec{bold}d'],
    terminal.size,
  );
  terminal.draw(frame);
  await emulator.settled();
  t.deepEqual(
    emulator.screen(),
    ['.]0;theirs.', '.2J.[31mred.[m', 'a...b.c{bold}d'].map((line) => line.padEnd(40)),
  );
  t.is(emulator.title, 'ours··[2J');
  t.true(emulator.cellsAt(1).every(({ foreground }) => foreground === undefined));
});

interface Looks {
  readonly secret: object;
  /** Of the bar below it. */
  readonly bar: object;
}

const secretLooks = test.macro(
  async (t, options: Partial<TerminalOptions>, contrast: boolean, { secret, bar }: Looks) => {
    const { emulator, terminal } = open({ columns: 20, rows: 2, ...options });
    terminal.draw(
      frameOfLines(
        [[{ text: '암호'.padEnd(18), role: 'secret' }], [{ text: ' '.repeat(20), role: 'bar' }]],
        20,
      ),
      contrast,
    );
    await emulator.settled();
    const { bold, underline, inverse, foreground, background } = emulator.cellsAt(0)[0] ?? {};
    t.deepEqual(
      { bold, underline, inverse, foreground, background },
      {
        inverse: false,
        bold: true,
        underline: true,
        foreground: undefined,
        background: undefined,
        ...secret,
      },
    );
    t.deepEqual<unknown, unknown>(emulator.cellsAt(1)[19], {
      text: ' ',
      width: 1,
      bold: false,
      underline: false,
      inverse: false,
      foreground: undefined,
      background: undefined,
      ...bar,
    });
  },
);

const isInverse = { inverse: true };
const inContrast = {
  secret: { foreground: 231, background: 124 },
  bar: { bold: true, foreground: 16, background: 231 },
};
test('a secret without colours is bold and underlined', secretLooks, { depth: 'none' }, false, {
  secret: {},
  bar: isInverse,
});
test('a secret in 16 colours is red', secretLooks, { depth: '16' }, false, {
  secret: { foreground: 9 },
  bar: isInverse,
});
test(
  'a secret in 16 colours on a light ground is a darker red',
  secretLooks,
  { depth: '16', theme: 'light' },
  false,
  {
    secret: { foreground: 1 },
    bar: isInverse,
  },
);
test('a secret in 256 colours is a red of its own', secretLooks, {}, false, {
  secret: { foreground: 210 },
  bar: { foreground: 16, background: 250 },
});
test('a secret on a light ground is another', secretLooks, { theme: 'light' }, false, {
  secret: { foreground: 124 },
  bar: { foreground: 231, background: 238 },
});
test('in high contrast both colours are set', secretLooks, { theme: 'contrast' }, false, inContrast);
test(
  'a projector shows high contrast, whatever the theme',
  secretLooks,
  { theme: 'light' },
  true,
  inContrast,
);
test('a projector in 16 colours uses none of them', secretLooks, { depth: '16' }, true, {
  secret: {},
  bar: isInverse,
});

test('without colours no colour is written, whatever the roles', async (t) => {
  const { emulator, terminal } = open({ columns: 30, rows: roles.length, depth: 'none' });
  for (const contrast of [false, true]) {
    terminal.draw(
      frameOfLines(
        roles.map((role) => [{ text: role.padEnd(30), role }]),
        30,
      ),
      contrast,
    );
  }
  await emulator.settled();
  for (const [row, role] of roles.entries()) {
    t.true(
      emulator
        .cellsAt(row)
        .every(({ foreground, background }) => foreground === undefined && background === undefined),
      role,
    );
  }
  t.deepEqual(
    [...new Set(emulator.output.log.match(/\x1b\[[\d;]*m/g))].filter(
      (sequence) => !/^\x1b\[(?:[147](?:;[147])*)?m$/.test(sequence),
    ),
    [],
  );
});

for (const [typed, ...keys] of [
  ['q', 'q'],
  ['Q?', 'Q', '?'],
  ['ㅂ', 'ㅂ'],
  ['한글', '한', '글'],
  ['é😀', 'é'],
  [' ', 'space'],
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\t', 'tab'],
  ['\x1b[Z', 'shift-tab'],
  ['\x7f', 'backspace'],
  ['\b', 'backspace'],
  ['\x03', 'ctrl-c'],
  ['\x1a', 'ctrl-z'],
  ['\x1b[A\x1b[B\x1b[C\x1b[D', 'up', 'down', 'right', 'left'],
  ['\x1bOA\x1bOB\x1bOC\x1bOD', 'up', 'down', 'right', 'left'],
  ['\x1b[1;5A\x1b[1;2D', 'up', 'left'],
  ['\x1b[H\x1b[F\x1bOH\x1bOF', 'home', 'end', 'home', 'end'],
  ['\x1b[1~\x1b[4~\x1b[7~\x1b[8~', 'home', 'end', 'home', 'end'],
  ['\x1b[5~\x1b[6~\x1b[3~', 'pageup', 'pagedown', 'delete'],
  ['\x1b[5;2~', 'pageup'],
  // The keypad, in the mode that the screen asks for.
  ['\x1bOM\x1bOq\x1bOk', 'enter', '1', '+'],
  // Alt.
  ['\x1bx', 'escape', 'x'],
  ['\x1b한', 'escape', '한'],
  ['\x1b\x1b[A', 'escape', 'up'],
  // Keys without a name here: insert, F1, F5, the console's F1, an answer about the cursor, focus.
  ['\x1b[2~\x1bOP\x1b[15~\x1b[[A\x1b[3;4R\x1b[I'],
  // A report about the background that came late, in both forms.
  ['\x1b]11;rgb:1111/2222/3333\x1b\\x\x1b]11;rgb:1111/2222/3333\x07y', 'x', 'y'],
  // What broke off is dropped, what follows is read.
  ['\x1b[12한', '한'],
  ['\x1b[1;\x1b[Bz', 'down', 'z'],
] as const) {
  const name = JSON.stringify(typed).replaceAll('\x7f', '\\u007f');
  test(`typing ${name} says ${keys.join(', ') || 'nothing'}`, async (t) => {
    const { emulator, messages } = open();
    await emulator.type(typed);
    t.deepEqual(
      messages,
      keys.map((key) => ({ type: 'key', key })),
    );
  });
  test(`typing ${name} byte by byte says the same`, async (t) => {
    const { emulator, messages } = open();
    // Nothing but what was typed comes between: the wait for the rest of a key is longer than a turn of the loop.
    const bytes = Buffer.from(typed);
    for (let at = 0; at < bytes.length; at += 1) emulator.input.emit('data', bytes.subarray(at, at + 1));
    t.deepEqual(
      messages,
      keys.map((key) => ({ type: 'key', key })),
    );
  });
}

for (const [typed, ...keys] of [
  ['\x1b', 'escape'],
  ['a\x1b', 'a', 'escape'],
  ['\x1b\x1b', 'escape', 'escape'],
  ['\x1b[', 'escape', '['],
  ['\x1bO', 'escape', 'O'],
] as const) {
  test(`${JSON.stringify(typed)} and no more says ${keys.join(', ')}, after a moment`, async (t) => {
    const { emulator, terminal, messages } = open();
    const all = new Promise<void>((resolve) =>
      terminal.onMessage(() => messages.length === keys.length && resolve()),
    );
    await emulator.type(typed);
    await all;
    t.deepEqual(
      messages,
      keys.map((key) => ({ type: 'key', key })),
    );
  });
}

test('clicks and the wheel arrive with their cells, all of those that come at once', async (t) => {
  const { emulator, messages } = open();
  t.true(emulator.output.log.includes('\x1b[?1006h'));
  await emulator.type('\x1b[<0;1;1M\x1b[<0;1;1mj\x1b[<0;300;6M\x1b[<64;3;2M\x1b[<65;3;2M\x1b[<65;4;2M');
  t.deepEqual(messages, [
    { type: 'clicked', column: 0, row: 0 },
    { type: 'key', key: 'j' },
    { type: 'clicked', column: 299, row: 5 },
    { type: 'scrolled', column: 2, row: 1, lines: -3 },
    { type: 'scrolled', column: 2, row: 1, lines: 3 },
    { type: 'scrolled', column: 3, row: 1, lines: 3 },
  ]);
});

test('other buttons, movements and old forms of the mouse say nothing', async (t) => {
  const { emulator, messages } = open();
  await emulator.type(
    '\x1b[<1;1;1M\x1b[<2;1;1M\x1b[<32;1;1M\x1b[<35;1;1M\x1b[<66;1;1M\x1b[M !!\x1b[M#qj\x1b[0;1;1Mk',
  );
  t.deepEqual(messages, [{ type: 'key', key: 'k' }]);
});

test('the mouse is taken and given back', async (t) => {
  const { emulator, terminal } = open({ mouse: false });
  const tracking = async (): Promise<string> => {
    await emulator.settled();
    return emulator.mouseTracking;
  };
  t.is(await tracking(), 'none');
  terminal.setMouse(true);
  t.is(await tracking(), 'vt200');
  terminal.setMouse(false);
  t.is(await tracking(), 'none');
});

test('a hundred new sizes: each is reported, and each frame of the new size is shown completely', async (t) => {
  const { emulator, terminal, messages } = open({ columns: 80, rows: 24 });
  for (let at = 0; at < 100; at += 1) {
    const size = { columns: 20 + ((at * 37) % 90), rows: 2 + ((at * 13) % 40) };
    const old = frameOf(['old'], terminal.size);
    emulator.resize(size.columns, size.rows);
    t.deepEqual(terminal.size, size);
    t.deepEqual(messages.at(-1), { type: 'resized', ...size });
    // A frame that was under way must not be cut into the new size.
    const before = emulator.output.log.length;
    if (old.columns !== size.columns) terminal.draw(old);
    t.is(emulator.output.log.length, before);
    const frame = frameOf(
      Array.from({ length: size.rows }, (_, row) => `${at} ${row} 한글`.padEnd(size.columns - 2, '─')),
      size,
    );
    terminal.draw(frame);
    await emulator.settled();
    t.deepEqual(emulator.screen(), textOf(frame), `size ${at}`);
  }
  t.is(messages.length, 100);
});

test('a size that came and went leaves nothing cut: the next frame is written as a whole', async (t) => {
  const { emulator, terminal, messages } = open({ columns: 40, rows: 6 });
  const frame = frameOf(['first', 'x'.repeat(40), 'last'], terminal.size);
  terminal.draw(frame);
  await emulator.settled();
  // Not the program, but the terminal itself has cut it.
  emulator.output.write('\x1b[2J');
  terminal.repaint();
  t.deepEqual(messages, [{ type: 'resized', columns: 40, rows: 6 }]);
  terminal.draw(frame);
  await emulator.settled();
  t.deepEqual(emulator.screen(), textOf(frame));
});

test('a terminal that says 0 by 0 is drawn as 80 by 24', (t) => {
  const { emulator, terminal } = open();
  emulator.output.columns = 0;
  emulator.output.emit('resize');
  t.deepEqual(terminal.size, { columns: 80, rows: 24 });
});

test('copied text reaches the clipboard, too much of it does not', async (t) => {
  const { emulator, terminal } = open();
  t.true(terminal.copy('비밀 secret'));
  await emulator.settled();
  t.is(emulator.clipboard, '비밀 secret');
  t.true(terminal.copy('x'.repeat(74_994)));
  await emulator.settled();
  t.is(emulator.clipboard?.length, 74_994);
  const before = emulator.output.log.length;
  t.false(terminal.copy('x'.repeat(74_995)));
  t.is(emulator.output.log.length, before);
});

test('closing gives the terminal back', async (t) => {
  const { emulator, terminal, messages } = open({ title: 'wirelab' });
  terminal.draw(frameOf(['hello'], terminal.size));
  await emulator.settled();
  t.deepEqual(
    [
      emulator.alternate,
      emulator.cursorHidden,
      emulator.input.isRaw,
      emulator.mouseTracking,
      emulator.keypad,
      emulator.title,
    ],
    [true, true, true, 'vt200', true, 'wirelab'],
  );
  // At once, before its moment is over.
  emulator.input.emit('data', Buffer.from('\x1b['));
  terminal.close();
  await emulator.settled();
  t.deepEqual(
    [
      emulator.alternate,
      emulator.cursorHidden,
      emulator.input.isRaw,
      emulator.mouseTracking,
      emulator.keypad,
    ],
    [false, false, false, 'none', false],
  );
  t.true(emulator.input.isPaused());
  t.false(emulator.modes.has(1006));
  t.deepEqual(
    emulator.screen(),
    Array.from({ length: 6 }, () => ' '.repeat(40)),
  );
  // The title that the terminal had is put aside and taken back (xterm's window operations 22 and 23).
  t.regex(emulator.output.log, /\x1b\[22;2t\x1b\]2;wirelab\x07[^]*\x1b\[23;2t$/);
  // The scrolling region is the whole window again (DECSTBM), while the other buffer's cursor is not yet back.
  t.regex(emulator.output.log, /\x1b\[r[^]*\x1b\[\?1049l/);

  const before = emulator.output.log;
  terminal.close();
  terminal.draw(frameOf(['late'], terminal.size));
  terminal.setMouse(true);
  t.false(terminal.copy('late'));
  await emulator.type('x');
  await emulator.settled();
  t.is(emulator.output.log, before);
  t.deepEqual(messages, []);
});

test.serial('opened and closed twenty times, nothing is left on the process and the streams', async (t) => {
  const listenersOf = (emitter: NodeJS.EventEmitter): string[] =>
    emitter.eventNames().map((event) => `${String(event)} ${emitter.listenerCount(event)}`);
  const emulator = new Emulator();
  const all = (): string[][] =>
    [process as NodeJS.EventEmitter, process.stdin, process.stdout, emulator.input, emulator.output].map(
      listenersOf,
    );
  const onProcess = listenersOf(process);
  const before = all();
  for (let time = 0; time < 20; time += 1) {
    const terminal = openTerminal({
      input: emulator.input,
      output: emulator.output,
      depth: '16',
      mouse: true,
    });
    // While it is open as well: signals and exits are the loop's.
    t.deepEqual(listenersOf(process), onProcess);
    terminal.draw(frameOf([`${time}`], terminal.size));
    await emulator.settled();
    t.is(emulator.screen()[0]?.trim(), `${time}`);
    terminal.close();
  }
  t.deepEqual(all(), before);
});

test('suspended, the terminal is as it was and nothing is drawn or read; resumed, it is taken as at the start', async (t) => {
  const { emulator, terminal, messages } = open({ title: 'wirelab tls' });
  const { input } = emulator;
  terminal.draw(frameOf(['one'], terminal.size));
  await emulator.settled();
  const state = (): unknown => [
    emulator.alternate,
    emulator.cursorHidden,
    emulator.mouseTracking,
    input.isRaw,
    input.listenerCount('data'),
    emulator.output.listenerCount('resize'),
  ];
  const running = state();
  for (let times = 0; times < 3; times++) {
    terminal.suspend();
    terminal.suspend();
    terminal.draw(frameOf(['unseen'], terminal.size));
    terminal.setMouse(true);
    terminal.repaint();
    t.false(terminal.copy('unseen'));
    await emulator.settled();
    t.deepEqual(state(), [false, false, 'none', false, 0, 0]);
    t.true(emulator.screen().every((line) => line.trim() === ''));
    messages.length = 0;
    terminal.resume();
    terminal.resume();
    t.deepEqual(messages, [{ type: 'resized', columns: 40, rows: 6 }], 'a whole frame is requested, once');
    terminal.draw(frameOf(['two'], terminal.size));
    await emulator.settled();
    t.deepEqual(state(), running);
    t.is(emulator.screen()[0]?.trim(), 'two');
    await emulator.type('x');
    t.deepEqual(messages.at(-1), { type: 'key', key: 'x' });
  }
  t.is(emulator.output.log.split('\x1b[?1049h').length, 5);
  terminal.close();
  terminal.resume();
  await emulator.settled();
  t.deepEqual(state(), [false, false, 'none', false, 0, 0]);
});

test('a mouse that was left to the terminal stays so after a suspension', async (t) => {
  const { emulator, terminal } = open();
  terminal.setMouse(false);
  terminal.suspend();
  terminal.resume();
  await emulator.settled();
  t.is(emulator.mouseTracking, 'none');
});

test('closed while suspended, the terminal is not touched again', (t) => {
  const { emulator, terminal } = open();
  terminal.suspend();
  const { length } = emulator.output.log;
  terminal.close();
  terminal.resume();
  t.is(emulator.output.log.length, length);
});

test('while it is open a signal is a signal: the loop decides, or the process ends by it', async (t) => {
  const program = `
    import { openTerminal } from ${JSON.stringify(new URL('../../../src/ui/tui/blessed.js', import.meta.url).href)};
    openTerminal({ input: process.stdin, output: process.stdout, depth: '16', mouse: true }).onMessage(() => process.kill(process.pid, 'SIGTERM'));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  child.stdin.write('q');
  // With blessed's own handlers it would be [0, null].
  t.deepEqual(await once(child, 'exit'), [null, 'SIGTERM']);
});

test('an output that is gone is written to no more', async (t) => {
  const { emulator, terminal } = open();
  emulator.output.destroy();
  await once(emulator.output, 'close');
  t.notThrows(() => {
    terminal.draw(frameOf(['nobody sees it'], terminal.size));
    terminal.close();
  });
});

test('whatever is typed, nothing throws, and the next key is heard', async (t) => {
  const hostile = fc.oneof(
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    fc
      .string({ unit: fc.constantFrom(...Array.from('\x1b[<O;0159MmAZ~?$ \x9b한\u0301')), maxLength: 40 })
      .map((text) => Buffer.from(text)),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 6 }), async (chunks) => {
      const { emulator, terminal, messages } = open();
      for (const chunk of chunks) emulator.input.emit('data', chunk);
      // Ends whatever was begun, be it a character, a sequence or three bytes of an old mouse.
      await emulator.type('\x1b[B   \x1b[B~');
      t.deepEqual(messages.at(-1), { type: 'key', key: '~' });
      for (const message of messages)
        if (message.type === 'key')
          t.regex(message.key, /^(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp} ]|[a-z]+|shift-tab|ctrl-[a-z])$/u);
      terminal.close();
    }),
    { numRuns: 300 },
  );
});

for (const [what, text] of [
  ['text', '한글 text\n'.repeat(10_000)],
  ['escapes', '\x1b'.repeat(100_000)],
  ['keys', '\x1b[A'.repeat(33_000)],
  ['the beginning of a sequence', `\x1b[${'1;'.repeat(50_000)}`],
] as const) {
  test(`a paste of 100 kB of ${what} is read through`, async (t) => {
    const { emulator, messages } = open();
    await emulator.type(text);
    await emulator.type('\x1b[B \x1b[B$');
    t.deepEqual(messages.at(-1), { type: 'key', key: '$' });
  });
}
