/** Progress is shown on a terminal, late, and taken back; anywhere else nothing is written. */
import test from 'ava';
import { showProgress, whileWorking } from '../../../src/cli/io/progress.ts';

function terminal(isTTY: boolean) {
  const written: string[] = [];
  const stderr = { isTTY, write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  return { written, to: { stderr, language: 'en' as const } };
}

const words = { en: 'reading', ko: '읽는 중' };

test('before the time nothing is shown, and behind the end neither', (t) => {
  const { written, to } = terminal(true);
  const progress = showProgress(to, words, 3_600_000);
  progress.at('12 %');
  progress.stop();
  progress.at('13 %');
  t.deepEqual(written, []);
});

test('work that does not yield shows what is done, not more often than one can read', (t) => {
  const { written, to } = terminal(true);
  const progress = showProgress(to, words, 0);
  for (const done of ['1 %', '2 %', '3 %']) progress.at(done);
  progress.stop();
  t.true(written.length <= 2, 'once, and the line is cleared');
});

test('after the time it is shown, and the line is cleared', async (t) => {
  const { written, to } = terminal(true);
  const progress = showProgress(to, words, 0);
  await new Promise<void>((resolve) => {
    const look = (): void => (written.length > 0 ? resolve() : void setImmediate(look));
    look();
  });
  progress.stop();
  t.regex(written[0] ?? '', /^\r\u001b\[Kreading \(\d+ s\)$/);
  t.is(written.at(-1), '\r\u001b[K');
});

test('no terminal: nothing is written', async (t) => {
  const { written, to } = terminal(false);
  const progress = showProgress(to, words, 0);
  progress.at('12 %');
  progress.stop();
  t.is(await whileWorking(to, words, () => 7), 7);
  t.deepEqual(written, []);
});

test('work that does not yield has its words before it, and none behind it, also where it fails', async (t) => {
  const { written, to } = terminal(true);
  await t.throwsAsync(
    whileWorking(to, words, () => {
      throw new Error('no');
    }),
  );
  t.deepEqual(written, ['reading …', '\r\u001b[K']);
});
