/** The order in which a terminal is given to the shell and taken back. What a shell sees is in `ui/tui/program/`. */
import test from 'ava';
import { setImmediate as turn } from 'node:timers/promises';
import { watchForSuspension } from '../../../src/cli/io/suspending.ts';

test.serial(
  'the terminal is given back before the job stops, and taken back once it continues',
  async (t) => {
    const acts: string[] = [];
    const terminal = { suspend: () => void acts.push('suspend'), resume: () => void acts.push('resume') };
    const suspension = watchForSuspension(
      () => terminal,
      () => void acts.push(`stop, ${process.listenerCount('SIGTSTP')} listeners`),
    );
    suspension.suspend();
    // Typed together with the first: one stop.
    suspension.suspend();
    t.deepEqual(acts.splice(0), ['suspend', 'stop, 0 listeners']);
    await turn();
    await turn();
    await turn();
    t.deepEqual(acts.splice(0), ['resume']);
    suspension.suspend();
    t.deepEqual(acts.splice(0), ['suspend', 'stop, 0 listeners'], 'and again');
    await turn();
    await turn();
    await turn();
    acts.length = 0;
    // After SIGSTOP the terminal was not given back.
    process.emit('SIGCONT', 'SIGCONT');
    t.deepEqual(acts.splice(0), ['suspend', 'resume']);
    suspension.stop();
    t.is(process.listenerCount('SIGTSTP') + process.listenerCount('SIGCONT'), 0);
  },
);

test.serial('before there is a terminal and after the end nothing is given or taken', async (t) => {
  let stops = 0;
  const suspension = watchForSuspension(
    () => undefined,
    () => void stops++,
  );
  suspension.suspend();
  suspension.stop();
  await turn();
  t.is(stops, 1);
  t.is(process.listenerCount('SIGTSTP') + process.listenerCount('SIGCONT'), 0);
});
