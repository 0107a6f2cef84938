/** One frame on its way: what a terminal gets to see that answers late, never, or in between. Time is the test's. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mock } from 'node:test';
import { openTerminal } from '../../../src/ui/tui/blessed.ts';
import type { Terminal } from '../../../src/ui/tui/blessed.ts';
import type { Message } from '../../../src/ui/tui/message.ts';
import { askStatus, startPacer, statusAnswer } from '../../../src/ui/tui/pacer.ts';
import type { Pacer } from '../../../src/ui/tui/pacer.ts';
import { Emulator } from './support/emulator.ts';

interface Started {
  readonly pacer: Pacer;
  readonly draw: (...frames: readonly string[]) => void;
  /** What was written since the last look; `?` for a question. */
  readonly written: () => string;
}

function start(t: ExecutionContext): Started {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  let written = '';
  const write = (text: string): void => void (written += text.replace(askStatus, '?'));
  const pacer = startPacer(write);
  return {
    pacer,
    draw(...frames) {
      for (const frame of frames)
        pacer.draw(() => {
          write(frame);
          return frame !== '';
        });
    },
    written() {
      const all = written;
      written = '';
      return all;
    },
  };
}

test.serial('while a frame is on its way only the newest one is kept', (t) => {
  const { pacer, draw, written } = start(t);
  draw('a');
  pacer.answered();
  t.is(written(), 'a?');
  t.false(pacer.isBehind);
  draw('b', 'c', 'd');
  t.is(written(), 'b?');
  t.true(pacer.isBehind);
  pacer.answered();
  t.is(written(), 'd?', 'c was dropped');
  pacer.answered();
  t.is(written(), '');
  t.false(pacer.isBehind);
  draw('e');
  t.is(written(), 'e?', 'at once');
});

test.serial('a frame without a change is no reason to ask', (t) => {
  const { pacer, draw, written } = start(t);
  draw('');
  t.is(written(), '');
  t.false(pacer.isBehind);
});

test.serial('nothing waits for a terminal that never answers, and it is soon left alone', async (t) => {
  const { pacer, draw, written } = start(t);
  draw('a', 'b');
  t.is(written(), 'a?b');
  for (let times = 0; times < 5; times++) {
    mock.timers.tick(1000);
    draw('c');
  }
  t.is(written(), 'c?c?ccc');
  t.false(pacer.isBehind);
  await pacer.settle();
});

test.serial('one that answers late is waited for, but not for ever', (t) => {
  const { pacer, draw, written } = start(t);
  draw('a');
  pacer.answered();
  draw('b', 'c');
  mock.timers.tick(9999);
  t.is(written(), 'a?b?');
  mock.timers.tick(1);
  t.is(written(), 'c?');
});

test.serial('the end waits for the answer that is on its way, and draws nothing more', async (t) => {
  const { pacer, draw, written } = start(t);
  draw('a');
  pacer.answered();
  await pacer.settle();
  pacer.reset();
  draw('b', 'c');
  written();
  let settled = 0;
  const both = [pacer.settle(), pacer.settle()].map(async (end) => end.then(() => void settled++));
  draw('d');
  await Promise.resolve();
  t.is(settled, 0);
  pacer.answered();
  await Promise.all(both);
  t.is(written(), '');
  // After the shell had the terminal.
  pacer.reset();
  draw('e');
  t.is(written(), 'e?');
});

test.serial('the end does not wait for ever', async (t) => {
  const { pacer, draw } = start(t);
  draw('a');
  pacer.answered();
  draw('b');
  const end = pacer.settle();
  mock.timers.tick(5000);
  await end;
  t.pass();
});

test.serial(
  'the terminal drops old frames on a slow line, acts on keys meanwhile, and is left without answers',
  async (t) => {
    const emulator = new Emulator(20, 2);
    const messages: Message[] = [];
    const terminal: Terminal = openTerminal({
      input: emulator.input,
      output: emulator.output,
      depth: '256',
      mouse: false,
    });
    terminal.onMessage((message) => messages.push(message));
    const draw = (text: string): void =>
      terminal.draw({
        columns: 20,
        rows: 2,
        lines: [text, ''].map((line) => [{ text: line.padEnd(20), role: 'plain' }]),
        regions: [],
      });
    const answer = async (): Promise<void> => emulator.type(statusAnswer);
    draw('one');
    await answer();
    draw('two');
    t.true(terminal.isBehind());
    const before = emulator.output.log.length;
    draw('three');
    draw('four');
    await emulator.type('x');
    t.deepEqual(messages, [{ type: 'key', key: 'x' }]);
    t.is(emulator.output.log.length, before, 'nothing is written meanwhile');
    await answer();
    t.true(emulator.output.log.length > before);
    await emulator.settled();
    t.regex(emulator.screen()[0] ?? '', /^four/);
    t.notRegex(emulator.output.log, /three/);
    t.deepEqual(messages, [{ type: 'key', key: 'x' }], 'an answer is no key');
    draw('five');
    const left = terminal.settle().then(() => terminal.close());
    t.true(emulator.alternate);
    await answer();
    await left;
    await emulator.settled();
    t.false(emulator.alternate);
  },
);
