/** The speaker's page: what stands on it, in both languages and in any size. */
import test from 'ava';
import { bodyLines, headLine, mostScroll, screenLines, waitingWords } from '../../../src/cli/notes/page.ts';
import type { SpeakerMessage } from '../../../src/cli/notes/message.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { speakerPage } from '../../../src/ui/tui/speaker.ts';
import { present } from '../../helpers/capture.ts';
import { recorded } from '../../ui/tui/support/scenes.ts';

const began = new Date(2026, 0, 2, 12, 0, 0).getTime();
const now = began + 3_723_000;
const page: SpeakerMessage = {
  v: 1,
  began,
  show: 'tls',
  title: { en: 'TLS', ko: 'TLS' },
  stop: 3,
  stops: 8,
  kind: 'reveal',
  step: { en: 'The sealed login', ko: '암호화된 로그인' },
  notes: { en: `Press k here.\n\n${'word '.repeat(60)}`, ko: '여기서 k를 누르세요.' },
  next: { en: 'The proxy', ko: '프록시' },
};

test('the page says where the show is, what time it is and how long it has been', (t) => {
  const head = headLine(page, { language: 'en', columns: 80, now });
  t.regex(head, /^tls {3}step 3\/8 {3}result +since the start 1:02:03 {3}13:02:03$/);
  t.is(cellWidth(head), 80);
  t.regex(headLine(page, { language: 'ko', columns: 80, now }), /3\/8 단계 +결과 +시작한 지 1:02:03/);
});

test('the page has the notes and the title of the next step, and says where there are none', (t) => {
  const text = bodyLines(page, { language: 'en', columns: 80, now }).join('\n');
  t.regex(text, /^The sealed login\n\n {2}Press k here\.\n\n {2}word/);
  t.regex(text, /\nnext: The proxy$/);
  const { notes: _, next: __, ...bare } = page;
  t.regex(bodyLines(bare, { language: 'en', columns: 80, now }).join('\n'), /\(no notes here\)[^]*ends here/);
});

for (const [columns, rows] of [
  [80, 24],
  [30, 8],
  [20, 5],
] as const)
  for (const language of ['en', 'ko'] as const)
    test(`the page fits ${columns}x${rows}, and scrolls to its end (${language})`, (t) => {
      const options = { language, columns, rows, now };
      const lines = screenLines(page, { ...options, scroll: 0 });
      t.is(lines.length, rows);
      for (const line of lines) t.true(cellWidth(line) <= columns, line);
      const end = screenLines(page, { ...options, scroll: mostScroll(page, options) });
      const last = bodyLines(page, options).at(-1);
      t.true(end.includes(present(last)), end.join('\n'));
      t.deepEqual(screenLines(page, { ...options, scroll: 1000 }), end);
    });

test('without a show it says so', (t) => {
  t.regex(waitingWords(undefined, 'en'), /No show is running/);
  t.regex(waitingWords('tls', 'en'), /No show tls/);
});

test('from the introduction to the verdict the page names every next stop', (t) => {
  const { driver } = recorded('tls');
  const seen: string[] = [];
  for (;;) {
    const { stop, stops, kind, next, step, title } = present(speakerPage(driver.model));
    t.is(stops, driver.scene.planned);
    t.is(stop, seen.length + 1);
    const before = seen.at(-1);
    if (kind === 'question') t.is(before, step?.en);
    if (kind === 'reveal') t.is(before, `the result of: ${step?.en}`);
    if (kind === 'verdict') t.is(before, 'the verdict');
    t.true(title.ko.length > 0);
    if (next === undefined) break;
    seen.push(next.en);
    driver.press('space');
  }
  t.is(driver.stop, 'verdict');
  t.true(seen.length > 3);
});

test('at the introduction the notes are the way to the end, at the verdict what to say last', (t) => {
  const { driver } = recorded('tls');
  const first = present(present(speakerPage(driver.model)).notes);
  t.regex(first.en, /^8 stops, 3 questions to the audience/);
  const headlines = driver.scene.sources.plan.flatMap(({ text }) => text.headline?.en ?? []);
  t.true(headlines.length > 2);
  t.deepEqual(
    first.en.split('\n').filter((line) => line.startsWith('- ')),
    headlines.map((one) => `- ${one}`),
  );
  t.regex(first.ko, /질문은 3개/);
  t.true(driver.press('N').screen().includes(present(headlines[0])), driver.screen());
  driver.press('N');
  while (driver.stop !== 'verdict') driver.press('space');
  const last = present(present(speakerPage(driver.model)).notes);
  t.true(last.en.startsWith(`To take home:\n\n${driver.scene.narration.takeaway?.en}`), last.en);
  t.regex(last.en, /Common misconceptions:[^]*What this does not prove:/);
  t.true(last.ko.includes(driver.scene.narration.takeaway?.ko ?? '-'));
});
