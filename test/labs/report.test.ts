/** A lab as blocks: page and terminal say the same of it, and nothing of it is markup. */
import test from 'ava';
import { languages, verbatim } from '../../src/i18n/language.ts';
import type { LabBoard } from '../../src/labs/board.ts';
import { labBlocks } from '../../src/labs/report.ts';
import { render } from '../../src/ui/html/element.ts';
import type { Html } from '../../src/ui/html/element.ts';
import { pageReport } from '../../src/ui/html/report.ts';
import { linesOf } from '../../src/ui/text/text.ts';
import { boardOf } from '../ui/tui/support/boards.ts';

const wordsOf = (text: string): readonly string[] => (text.match(/[\p{L}\p{N}]+/gu) ?? []).toSorted();

const said = (en: string, ko: string) => ({ en, ko });

const board: LabBoard = boardOf({
  intro: said('An introduction.\n\nIn two parts.', '소개.\n\n두 부분.'),
  end: said('That was all.', '모두 끝.'),
  tasks: [
    {
      id: 'first',
      title: said('The first', '첫째'),
      text: said('Do this:\n\n    openssl genrsa', '이것:\n\n    openssl genrsa'),
      isDone: true,
      shows: said('A key is a number.', '키는 숫자.'),
      finding: { isDone: true, says: said('the key is there', '키가 있음'), details: [] },
      hints: [said('Look around.', '둘러보세요.')],
      hintCount: 3,
    },
    {
      id: 'second',
      title: said('The second', '둘째'),
      text: said('Do that.', '저것.'),
      isDone: false,
      shows: said('Not yet.', '아직.'),
      finding: {
        isDone: false,
        reason: said('a file is missing', '파일 없음'),
        says: verbatim('server.crt <img src=x>'),
        details: [said('expected: a certificate', '필요한 것: 인증서')],
      },
      hints: [],
      hintCount: 2,
    },
  ],
  notes: [
    { at: Date.UTC(2026, 0, 2, 3, 4, 5), text: said('alice was let in', 'alice 허용'), isBad: false },
    { at: Date.UTC(2026, 0, 2, 3, 4, 6), text: said('mallory was not', 'mallory 거부'), isBad: true },
  ],
});

for (const language of languages)
  test(`page and terminal say the same, in ${language}`, (t) => {
    const blocks = labBlocks(board, said('1 of 2 done', '2개 중 1개'));
    const { sections } = pageReport(blocks, { toBytes: () => undefined });
    t.deepEqual(
      sections.map(({ id }) => id),
      ['intro', 'tasks', 'journal'],
    );
    const other = language === 'en' ? 'ko' : 'en';
    const page = sections
      .map(({ content }) => render(content as unknown as Html, language))
      .join(' ')
      .replace(new RegExp(`<(span|div) lang="${other}">.*?</\\1>`, 'gs'), ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));
    const lines = blocks.flatMap((block) => linesOf(block, { language, ascii: false, columns: 10_000 }));
    const journal = sections.at(-1)?.title[language] ?? '';
    t.deepEqual(wordsOf(`${page} ${journal}`), wordsOf(lines.join('\n')));
    t.true(lines.some((line) => line.includes('03:04:06')));
  });

test('what a learner’s file says is text; what a task shows is there once it is done', (t) => {
  const blocks = labBlocks(board, verbatim(''));
  const { sections } = pageReport(blocks, { toBytes: () => undefined });
  const page = sections.map(({ content }) => render(content as unknown as Html, 'en')).join('');
  t.false(page.includes('<img'));
  t.true(page.includes('A key is a number.'));
  t.false(page.includes('Not yet.'));
  t.false(page.includes('That was all.'), 'a task is open');
  const done = { ...board, tasks: board.tasks.map((task) => ({ ...task, isDone: true })) };
  t.true(
    labBlocks(done, verbatim('')).some(
      (block) => block.kind === 'narration' && block.text.en === 'That was all.',
    ),
  );
});
