/**
 * Every way out gives the terminal back and ends with the right code: keys, signals at any moment, faults, a terminal that
 * goes away. In tmux, where a shell looks at the code and at the modes of the line; and on an emulated terminal.
 */
import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { withPeer } from '../../../helpers/peer.ts';
import { wirelabEnvironment } from '../../../helpers/wirelab.ts';
import { performed } from '../support/performed.ts';
import { launcher, root, sharedTmux } from '../support/tmux.ts';
import type { Pane } from '../support/tmux.ts';

// Each screen listens for signals of the process.
process.setMaxListeners(40);

const tmux = sharedTmux();
const folder = mkdtempSync(join(tmpdir(), 'wirelab-leaving-'));
test.after.always(async () => {
  await tmux.close();
  rmSync(folder, { recursive: true, force: true });
});

let started = 0;

interface Started {
  readonly pane: Pane;
  /** The number of the process, as soon as it has one. */
  readonly pid: () => Promise<number>;
  /** Waits for the shell, and checks what it says of the code and of the terminal. */
  readonly expectShell: (t: ExecutionContext, code: number, said?: RegExp) => Promise<string>;
}

/** Starts a command at a shell that has looked at its terminal before, and looks again afterwards. */
async function start(t: ExecutionContext, command: string): Promise<Started> {
  const pane = await tmux.open(t, { columns: 100, rows: 50 });
  const file = join(folder, String(++started));
  await pane.setTitle('before');
  // A short command line: whatever is printed later is told apart from it.
  await pane.type(
    `run() { stty -a >${file}.before; sh -c 'echo $$ >${file}.new; mv ${file}.new ${file}; exec ${command}'; echo "exit=$?"; stty -a >${file}.after; }\r`,
  );
  await pane.type('clear; seq 101 110\r');
  await pane.until(/110\nready>$/m);
  const state = await pane.state();
  await pane.type('run\r');
  return {
    pane,
    pid: async () => {
      while (!existsSync(file)) await pause(1);
      return Number(readFileSync(file, 'utf8'));
    },
    async expectShell(t, code, said) {
      const text = (await pane.until(/exit=\d+\nready>$/m)).trimEnd();
      t.regex(text, new RegExp(`exit=${code}\\nready>$`, 'm'), text);
      t.is(await pane.state(), state);
      t.is(readFileSync(`${file}.after`, 'utf8'), readFileSync(`${file}.before`, 'utf8'));
      // Nothing of a frame is left, and what stood there stands there; a fault's own words come after that.
      t.regex(
        text,
        said ? /101\n[^]*110\nready> run\n/ : /101\n[^]*110\nready> run\n(?:\^C)?exit=\d+\nready>$/m,
        text,
      );
      if (said) t.regex(text, said);
      return text;
    },
  };
}

const plain = `${launcher} run plaintext`;

const keysOut: readonly (readonly [what: string, keys: string, code: number])[] = [
  ['q', 'q', 0],
  ['q on a Korean keyboard', 'ㅂ', 0],
  ['Ctrl-C', '\x03', 130],
  ['Ctrl-C twice', '\x03\x03', 130],
  ['Ctrl-C in a search', '/tiger\x03', 130],
  ['Ctrl-C in the help', '?\x03', 130],
  ['Ctrl-C while another mode is starting', ' 3\x03', 130],
  ['q while another mode is starting, and again', ' 3qq', 0],
  ['Q in the middle', ' Q', 0],
  ['q right after a restart', 'rq', 0],
];

for (const [what, keys, code] of keysOut) {
  withPeer('tmux', `${what} ends with ${code}, and the terminal is as it was`, async (t) => {
    const { pane, expectShell } = await start(t, plain);
    await pane.until(/step 1\/6/);
    await pane.type(keys);
    await expectShell(t, code);
  });
}

const signalsOut = [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['SIGINT', 130],
  ['SIGQUIT', 131],
] as const;

for (const [signal, code] of signalsOut) {
  withPeer('tmux', `${signal} ends with ${code}, and the terminal is as it was`, async (t) => {
    const { pane, pid, expectShell } = await start(t, plain);
    await pane.until(/step 1\/6/);
    process.kill(await pid(), signal);
    await expectShell(t, code);
  });
}

withPeer('tmux', 'a second SIGTERM changes nothing, nor does one while a mode is starting', async (t) => {
  const { pane, pid, expectShell } = await start(t, plain);
  await pane.until(/step 1\/6/);
  await pane.type('3');
  process.kill(await pid(), 'SIGTERM');
  try {
    process.kill(await pid(), 'SIGTERM');
  } catch {
    // It has ended already.
  }
  await expectShell(t, 143);
});

// From before there is a program until after the first frame: whenever it comes.
for (const milliseconds of [0, 40, 80, 120, 160, 200, 250, 300, 400]) {
  withPeer('tmux', `SIGTERM ${milliseconds} ms after the start leaves the terminal as it was`, async (t) => {
    const { pid, expectShell } = await start(t, `${launcher} run mtls`);
    const program = await pid();
    await pause(milliseconds);
    process.kill(program, 'SIGTERM');
    await expectShell(t, 143, /exit=143/);
  });
}

withPeer(
  'tmux',
  'a window that is closed ends the program with 129, and its capture is put in place',
  async (t) => {
    const code = join(folder, 'closed.code');
    const capture = join(folder, 'closed');
    const pane = await tmux.open(t);
    // The shell outlives the window for long enough to say what it saw.
    await pane.type(
      `sh -c 'trap : HUP; mkdir ${capture}; ${plain} -w ${capture}/x.pcapng; echo $? >${code}.new; mv ${code}.new ${code}'\r`,
    );
    await pane.until(/step 1\/6/);
    await pane.type('  ');
    await pane.until(/READABLE/);
    await pane.kill();
    const deadline = Date.now() + 20_000;
    while (!existsSync(code) && Date.now() < deadline) await pause(10);
    t.is(readFileSync(code, 'utf8').trim(), '129');
    t.deepEqual(readdirSync(capture), ['x.pcapng']);
    t.true(readFileSync(join(capture, 'x.pcapng')).includes('tiger-lily'));
  },
);

/** The program with something broken in it, in a terminal. */
function broken(fault: string): string {
  const file = join(folder, `fault-${++started}.mjs`);
  writeFileSync(
    file,
    `import { main } from '${pathToFileURL(join(root, 'dist/src/cli/program.js')).href}';\n${fault};\nawait main(['run', 'plaintext']);\n`,
  );
  return `${process.execPath} ${file}`;
}

const faults: readonly (readonly [where: string, fault: string])[] = [
  [
    'a draw',
    "const { write } = process.stdout; process.on('SIGUSR2', () => { process.stdout.write = () => { process.stdout.write = write; throw new TypeError('broken on purpose') } })",
  ],
  ['a timer', "process.on('SIGUSR2', () => setTimeout(() => { throw new TypeError('broken on purpose') }))"],
  ['a promise', "process.on('SIGUSR2', () => Promise.reject(new TypeError('broken on purpose')))"],
];

for (const [where, fault] of faults) {
  withPeer(
    'tmux',
    `a fault of ours in ${where} ends with 70, told on the terminal that was given back`,
    async (t) => {
      const { pane, pid, expectShell } = await start(t, broken(fault));
      await pane.until(/step 1\/6/);
      process.kill(await pid(), 'SIGUSR2');
      if (where === 'a draw') await pane.type('L');
      await expectShell(t, 70, /internal error in wirelab[^]*TypeError: broken on purpose/);
    },
  );
}

withPeer('tmux', 'a terminal that is dumb gets lines, and Ctrl-C ends them', async (t) => {
  const { pane, expectShell } = await start(t, `env TERM=dumb ${plain}`);
  await pane.until(/Enter: continue/);
  t.regex(await pane.state(), /alternate 0, cursor 1/);
  await pane.type('\x03');
  await expectShell(t, 130, /\^C/);
});

withPeer(
  'tmux',
  'a terminal without a name, in the C locale and without colours, is drawn in ASCII',
  async (t) => {
    const { pane, expectShell } = await start(t, `env -u TERM LANG=C LC_ALL=C NO_COLOR=1 ${plain}`);
    t.regex(await pane.until(/step 1\/6/), /^[\x20-\x7e\n]*$/);
    await pane.type('q');
    await expectShell(t, 0);
  },
);

withPeer(
  'script',
  'SIGTERM while the terminal is measured, which never answers, ends with 143 and leaves no frame',
  async (t) => {
    const file = join(folder, 'measured');
    const command = `stty -a >${file}.before; sh -c 'echo $$ >${file}; exec ${plain}'; echo exit=$?; stty -a >${file}.after`;
    const child = spawn('script', ['-qfc', command, '/dev/null'], {
      env: wirelabEnvironment({ TERM: 'xterm', SHELL: '/bin/sh' }),
    });
    t.teardown(() => child.kill('SIGKILL'));
    let written = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (!written.includes('\x1b[6n') && (written + text).includes('\x1b[6n'))
        process.kill(Number(readFileSync(file, 'utf8')), 'SIGTERM');
      written += text;
    });
    await once(child, 'close');
    t.regex(written, /exit=143/);
    // On a busy machine the measuring is over by then: a frame that was begun is taken away again.
    t.is(written.split('\x1b[?1049h').length, written.split('\x1b[?1049l').length);
    t.is(readFileSync(`${file}.after`, 'utf8'), readFileSync(`${file}.before`, 'utf8'));
  },
);

// ---------------------------------------------------------------- on an emulated terminal

for (const [what, act] of [
  ['the end of its input', ({ emulator }) => emulator.input.end()],
  ['an input that breaks', ({ emulator }) => emulator.input.destroy(new Error('read EIO'))],
  ['an output that breaks', ({ emulator }) => emulator.output.destroy(new Error('write EIO'))],
  ['an output that is closed', ({ emulator }) => emulator.output.destroy()],
] as readonly (readonly [string, (screen: Awaited<ReturnType<typeof performed>>) => unknown])[]) {
  test(`${what} is a terminal that went away: 129, raw mode off, files in place`, async (t) => {
    const screen = await performed(t);
    await screen.until(/plaintext/);
    act(screen);
    t.is(await screen.ended, 129);
    t.false(screen.emulator.input.isRaw);
    t.is(screen.finished(), 1);
  });
}

test('an input that is over before the first frame changes nothing on the terminal for good', async (t) => {
  await t.throwsAsync(performed(t, { answers: 'never', prepare: ({ input }) => input.end() }), {
    message: 'it ended before there was a screen',
  });
});

test('a fault in a draw is thrown after the terminal was given back, once', async (t) => {
  let armed = false;
  const screen = await performed(t, {
    prepare: ({ output }) => {
      const write = output.write.bind(output) as (...args: unknown[]) => boolean;
      Object.assign(output, {
        write: (...args: unknown[]) => {
          if (armed) {
            armed = false;
            throw new TypeError('broken on purpose');
          }
          return write(...args);
        },
      });
    },
  });
  await screen.until(/plaintext/);
  armed = true;
  await screen.press(' ');
  await t.throwsAsync(screen.ended, { message: 'broken on purpose' });
  await screen.emulator.settled();
  t.deepEqual(
    [screen.emulator.alternate, screen.emulator.cursorHidden, screen.emulator.input.isRaw],
    [false, false, false],
  );
  t.is(screen.finished(), 1);
});

test('a fault in a run is thrown after the terminal was given back', async (t) => {
  let armed = false;
  const screen = await performed(t, {
    folds: [
      ({ type }) => {
        if (armed && type === 'step') throw new TypeError('broken on purpose');
      },
    ],
  });
  await screen.until(/plaintext/);
  await screen.press(' ');
  await screen.until(/step 2/);
  armed = true;
  await screen.press(' ');
  await t.throwsAsync(screen.ended, { message: 'broken on purpose' });
  await screen.emulator.settled();
  t.deepEqual([screen.emulator.alternate, screen.emulator.input.isRaw], [false, false]);
});

test('nothing is left on the process and the streams', async (t) => {
  const screen = await performed(t);
  const { input, output } = screen.emulator;
  await screen.until(/plaintext/);
  t.is(await screen.leave(), 0);
  t.is(input.listenerCount('data') + output.listenerCount('resize'), 0);
});
