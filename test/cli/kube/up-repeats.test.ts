/** A repeated message is reported once, until a quiet period. */
import test from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { Repeats } from '../../../src/cli/kube/up-repeats.ts';

test('a flood is reported once, another message at once, and the same again after a pause', (t) => {
  let now = 0;
  const repeats = new Repeats({ ...systemClock, now: () => now }, 10);
  const reported: string[] = [];
  const say = (at: number, text: string): void => {
    now = at;
    if (repeats.isNew(text)) reported.push(`${at} ${text}`);
  };
  for (let at = 0; at < 50; at++) say(at, 'a');
  say(50, 'b');
  say(51, 'a');
  say(61, 'a');
  say(72, 'a');
  say(72, 'b');
  t.deepEqual(reported, ['0 a', '50 b', '72 a', '72 b']);
});
