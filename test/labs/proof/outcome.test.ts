/** What must come of each kind of attempt at a lab. */
import test from 'ava';
import { comesOutRight } from '../../../src/labs/proof/outcome.ts';
import type { AttemptKind } from '../../../src/labs/proof/outcome.ts';

const done = { status: 'done' } as const;
const open = { status: 'open' } as const;
const illegible = { status: 'open', reason: 'bad_settings' } as const;
const noFile = { status: 'open', reason: 'unreadable_file' } as const;
const noUse = { ...noFile, isRead: true } as const;

for (const [kind, results, isRight] of [
  ['start', [open, open], true],
  ['start', [done, open], false],
  ['start', [done, done], false],
  ['solution', [done, done], true],
  ['solution', [done, open], false],
  ['wrong', [open, open], true],
  ['wrong', [done, open], true],
  ['wrong', [done, done], false],
  ['wrong', [illegible, noFile], false],
  ['wrong', [illegible, open], true],
  ['wrong', [done, noUse], true],
  ['start', [illegible, open], true],
] as const satisfies readonly (readonly [AttemptKind, readonly object[], boolean])[]) {
  const tasks = results.map((one) => Object.values(one).join(' ')).join(', ');
  test(`${kind}: ${tasks} is ${isRight ? 'as it must be' : 'reported'}`, (t) => {
    t.is(comesOutRight(kind, results), isRight);
  });
}
