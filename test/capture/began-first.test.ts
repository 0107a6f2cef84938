/** A run's beginning is given first, whatever was told before it, and its wall clock is that of the run's time 0. */
import test from 'ava';
import { beganFirst } from '../../src/capture/began-first.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { tickingClock, topology } from '../helpers/capture.ts';

const note = (text: string): Parameters<CaptureLog['append']>[0] => ({ type: 'note', text: { en: text, ko: text } });

test('what was told before a run began is given behind its beginning, in its order; other runs are not kept waiting', (t) => {
  const log = new CaptureLog({ clock: tickingClock() });
  const [one, other] = [log.openRun(), log.openRun()];
  const heard: string[] = [];
  log.subscribe(beganFirst((event) => heard.push(`${event.run} ${event.type === 'note' ? event.text.en : event.type}`)));
  one.append(note('early'));
  other.append(note('other'));
  one.append(note('earlier than began'));
  t.deepEqual(heard, []);
  one.append({ type: 'began', version: '0', wallClock: '', topology });
  one.append(note('late'));
  t.deepEqual(heard, ['1 began', '1 early', '1 earlier than began', '1 late']);
  other.append({ type: 'began', version: '0', wallClock: '', topology });
  t.deepEqual(heard.slice(4), ['2 began', '2 other']);
});

test('the wall clock of a beginning is that of time 0, when the first event came', (t) => {
  const clock = tickingClock();
  const log = new CaptureLog({ clock });
  const early = log.append(note('early'));
  clock.advance(1_499_999);
  const began = log.append({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:01.500Z', topology });
  t.deepEqual([early.at, began.at], [0, 1_500_000]);
  t.is(began.type === 'began' && began.wallClock, '2026-01-01T00:00:00.000Z');
  const nonsense = new CaptureLog({ clock });
  nonsense.append(note('early'));
  const kept = nonsense.append({ type: 'began', version: '0', wallClock: '', topology });
  t.is(kept.type === 'began' && kept.wallClock, '');
});
