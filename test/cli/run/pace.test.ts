/** Which pace a run has: asked for, or by where it is shown. */
import test from 'ava';
import { parseCommand } from '../../../src/cli/command.ts';
import type { Environment } from '../../../src/cli/command.ts';
import { run } from '../../../src/cli/run.ts';
import { paceOf } from '../../../src/cli/run/pace.ts';
import type { Pace } from '../../../src/cli/run/pace.ts';
import { UserError } from '../../../src/i18n/user-error.ts';

function paceFor(words: readonly string[], isTTY: boolean, TERM = 'xterm'): Pace {
  const parsed = parseCommand('run', run.options, words);
  const stream = { isTTY };
  return paceOf(parsed, { stdout: stream, stdin: stream, variables: { TERM } } as unknown as Environment);
}

test('a person at a terminal is waited for, also at one without a screen', (t) => {
  t.is(paceFor([], true), 'step');
  t.is(paceFor([], true, 'dumb'), 'step');
  t.is(paceFor([], false), 'auto');
  t.is(paceFor(['--no-tui'], true), 'auto');
  t.is(paceFor(['--json'], true), 'auto');
});

test('what is asked for counts', (t) => {
  for (const pace of ['auto', 'read', 'step'] as const) t.is(paceFor(['--pace', pace], true), pace);
  t.is(paceFor(['--pace', '2500'], false), 2500);
});

test('a loop plays at reading speed, or at another that it is given', (t) => {
  t.is(paceFor(['--loop'], true), 'read');
  t.is(paceFor(['--loop', '--pace', '9000'], true), 9000);
  t.throws(() => paceFor(['--loop', '--pace', 'step'], true), { instanceOf: UserError });
});

for (const wrong of ['fast', '-5', '1.5', '1000000', 'Read'])
  test(`an unknown pace is refused: ${wrong}`, (t) => {
    const { facts } = t.throws(() => paceFor([`--pace=${wrong}`], true), { instanceOf: UserError });
    t.regex(facts.expected?.en ?? '', /auto, read, step, or milliseconds/);
  });
