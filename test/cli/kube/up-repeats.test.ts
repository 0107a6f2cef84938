/** What is repeated is told once, until it has been quiet. */
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { Repeats } from '../../../src/cli/kube/up-repeats.ts';

test('a flood is told once, another thing at once, and the same again after a pause', (t) => {
  let now = 0;
  const repeats = new Repeats({ ...systemClock, now: () => now }, 10);
  const told: string[] = [];
  const say = (at: number, text: string): void => {
    now = at;
    if (repeats.isNew(text)) told.push(`${at} ${text}`);
  };
  for (let at = 0; at < 50; at++) say(at, 'a');
  say(50, 'b');
  say(51, 'a');
  say(61, 'a');
  say(72, 'a');
  say(72, 'b');
  t.deepEqual(told, ['0 a', '50 b', '72 a', '72 b']);
});
