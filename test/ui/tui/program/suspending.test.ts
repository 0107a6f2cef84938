/**
 * Ctrl-Z gives the terminal to the shell as it was, and `fg` takes it back whole; so it is after SIGSTOP and SIGCONT, of which
 * the program knows only afterwards. In tmux, where a shell with job control looks at the modes of the line.
 */
import test from 'ava';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { withPeer } from '../../../helpers/peer.ts';
import { launcher, sharedTmux } from '../support/tmux.ts';
import type { Pane } from '../support/tmux.ts';

const tmux = sharedTmux();
const folder = mkdtempSync(join(tmpdir(), 'wirelab-suspending-'));
test.after.always(async () => {
  await tmux.close();
  rmSync(folder, { recursive: true, force: true });
});

let files = 0;

interface Started {
  readonly pane: Pane;
  /** The state of the terminal before. */
  readonly state: string;
  readonly pid: () => number;
  /** Waits for the shell to say that the job is stopped, and checks that the terminal is as it was. */
  readonly expectStopped: () => Promise<void>;
  /** What the shell's terminal says of its line. */
  readonly modes: () => Promise<string>;
}

async function start(t: ExecutionContext, command: string): Promise<Started> {
  const pane = await tmux.open(t, { columns: 100, rows: 40 });
  await pane.setTitle('before');
  const file = join(folder, String(++files));
  const modes = async (): Promise<string> => {
    const number = ++files;
    const to = join(folder, String(number));
    await pane.type(`clear; stty -a >${to}; echo done=${number}\r`);
    await pane.until(new RegExp(`^done=${number}$`, 'm'));
    return readFileSync(to, 'utf8');
  };
  const before = await modes();
  const state = await pane.state();
  await pane.type(`clear; sh -c 'echo $$ >${file}; exec ${command}'; echo "exit=$?"\r`);
  return {
    pane,
    state,
    modes,
    pid: () => Number(readFileSync(file, 'utf8')),
    async expectStopped() {
      await pane.until(/Stopped[^]*ready>$/m);
      t.is(await pane.state(), state);
      t.is(await modes(), before);
    },
  };
}

const plain = `${launcher} run plaintext`;

/** Rules reach from edge to edge, and the last row has the hints: nothing of the shell is left. */
const isWhole = (text: string): boolean =>
  text.split('\n').length === 40 && /^─[─ ┬┴┼\w]*─$/m.test(text) && !text.includes('ready>');

for (const [what, keys, at] of [
  ['in the middle', '  ', /step 3\/6[^]*tiger-lily[^]*space next/],
  ['in the list of steps', ' g', /step 2\/6[^]*── steps[^]*Esc close/],
  ['while a search is typed', '  /tiger', /step 3\/6[^]* \/tiger/],
  ['while it asks whether to end', ' q', /step 2\/6[^]*End the show/],
] as const) {
  withPeer('tmux', `Ctrl-Z ${what} gives the terminal back, and fg shows the same again`, async (t) => {
    const { pane, expectStopped } = await start(t, plain);
    await pane.until(/step 1\/6/);
    await pane.type(keys);
    await pane.until(at);
    const running = await pane.state();
    for (let times = 0; times < 2; times++) {
      await pane.type('\x1a');
      await expectStopped();
      await pane.type('fg\r');
      await pane.until((text) => at.test(text) && !text.includes('ready>'));
      // Nothing of the shell is left, and every row is drawn.
      t.notRegex((await pane.screen()).join('\n'), /ready>|Stopped|done=/);
      t.is(await pane.state(), running);
    }
    // Keys are read again, one by one and without an echo.
    await pane.type('\x1b?');
    await pane.until(/what stands on|── keys|\/tiger\?/);
    await pane.type('\x03');
    await pane.until(/ready>$/m);
  });
}

withPeer(
  'tmux',
  'Ctrl-Z gives the terminal of the speaker’s notes back, and fg shows them again',
  async (t) => {
    const state = mkdtempSync(join(folder, 'state-'));
    const { pane, pid, expectStopped } = await start(
      t,
      `env WIRELAB_STATE=${state} TMPDIR=${state} ${launcher} notes`,
    );
    const waiting = /^No show is running/m;
    await pane.until(waiting);
    const running = await pane.state();
    for (const stop of [async () => pane.type('\x1a'), async () => void process.kill(pid(), 'SIGTSTP')]) {
      await stop();
      await expectStopped();
      await pane.type('fg\r');
      await pane.until((text) => waiting.test(text) && !text.includes('ready>'));
      t.is(await pane.state(), running);
    }
    // Keys are read again, without Enter.
    await pane.type('q');
    await pane.until(/ready>$/m);
    await pane.type('echo "code=$?"\r');
    await pane.until(/^code=0$/m);
  },
);

withPeer('tmux', 'SIGTSTP from outside is the same as Ctrl-Z', async (t) => {
  const { pane, pid, expectStopped } = await start(t, plain);
  await pane.until(/step 1\/6/);
  process.kill(pid(), 'SIGTSTP');
  await expectStopped();
  await pane.type('fg\r');
  await pane.until(/step 1\/6/);
  await pane.type(' ');
  await pane.until(/step 2\/6/);
  await pane.type('Q');
  await pane.until(/ready>$/m);
});

withPeer(
  'tmux',
  'after SIGSTOP, which no program can prepare for, fg takes the terminal anew: raw, whole, with the mouse',
  async (t) => {
    const { pane, pid, state, modes } = await start(t, plain);
    await pane.until(/step 1\/6/);
    await pane.type('  ');
    const shown = await pane.until(/step 3\/6[^]*tiger-lily[^]*space next/);
    const running = await pane.state();
    const before = pid();
    process.kill(before, 'SIGSTOP');
    await pane.until(/Stopped[^]*ready>/);
    // The line is still raw: Enter sends no line feed.
    await pane.type('stty sane; clear; echo something else\n');
    await pane.until(/something else\nready>$/m);
    // A line feed ends a line in either mode.
    await pane.type('fg\n');
    await pane.until((text) => isWhole(text) && /step 3\/6[^]*tiger-lily/.test(text));
    t.is((await pane.screen()).join('\n'), shown);
    t.is(await pane.state(), running);
    // A key is one without Enter, and is not echoed.
    await pane.type('x');
    await pane.until(/(?:[0-9a-f]{2} ){4}/);
    await pane.type('\x03');
    await pane.until(/ready>$/m);
    t.is(await pane.state(), state);
    t.regex(await modes(), /(?<!-)icanon/);
  },
);

withPeer('tmux', 'a stopped show that is sent SIGTERM ends, and the terminal is as it was', async (t) => {
  const { pane, pid, expectStopped, state } = await start(t, plain);
  await pane.until(/step 1\/6/);
  await pane.type('\x1a');
  await expectStopped();
  process.kill(pid(), 'SIGTERM');
  await pane.type('fg\r');
  await pane.until(/fg\n[^]*ready>$/m);
  await pane.type('echo ended\r');
  await pane.until(/^ended\nready>$/m);
  t.is(await pane.state(), state);
});
