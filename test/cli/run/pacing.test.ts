/** The pace without a screen: how long each step waits, with the pauses recorded instead of made. */
import test from 'ava';
import { Readable } from 'node:stream';
import { createPacing } from '../../../src/cli/run/pacing.ts';
import type { PacingOptions } from '../../../src/cli/run/pacing.ts';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { lookMs } from '../../../src/presentation/reading-time.ts';
import { tickingClock } from '../../helpers/capture.ts';

function paced(pace: PacingOptions['pace'], language: 'en' | 'ko' = 'en') {
  const pauses: number[] = [];
  const log = new CaptureLog({ clock: tickingClock() });
  const pacing = createPacing({
    pace,
    signal: new AbortController().signal,
    stdin: () => Readable.from([]),
    language,
    write: () => {},
    pause: async (milliseconds) => void pauses.push(milliseconds),
  });
  log.subscribe(pacing.fold);
  return { pauses, pacing, log };
}

const text = { en: 'ten words ten words ten words ten words ten words', ko: '다섯 글자다' };
const note = (part: 'intro' | 'before' | 'question' | 'speaker' | 'after'): CaptureDraft => ({
  type: 'note',
  part,
  text,
});

test('read: a step waits as long as reading takes what was printed since the last one', async (t) => {
  for (const [language, one] of [
    ['en', 3000],
    ['ko', 750],
  ] as const) {
    const { pauses, pacing, log } = paced('read', language);
    for (const part of ['intro', 'before', 'speaker'] as const) log.append(note(part));
    await pacing.wait();
    log.append({ type: 'step', id: 'one', state: 'done' });
    for (const part of ['after', 'before', 'question'] as const) log.append(note(part));
    await pacing.wait();
    await pacing.wait();
    t.deepEqual(pauses, [2 * one, 3 * one + lookMs.bytes + lookMs.question, 0]);
  }
});

test('milliseconds: every step waits the same', async (t) => {
  const { pauses, pacing, log } = paced(250);
  await pacing.wait();
  log.append(note('question'));
  await pacing.wait();
  t.deepEqual(pauses, [250, 250]);
});
