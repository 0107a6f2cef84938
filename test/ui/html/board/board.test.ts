/** The board of a class as parts: a reader is sent those that have changed, and what is foreign in them is text. */
import test from 'ava';
import { BoardParts, boardSections } from '../../../../src/ui/html/board/board.ts';
import type { BoardContent } from '../../../../src/ui/html/board/board.ts';
import { sectionOf } from '../../../../src/ui/html/document.ts';
import { render, textIn } from '../../../../src/ui/html/element.ts';

const hostile = '<script>alert(1)</script>"\'&\u202e\u001b[31m';

const content = (more: Partial<BoardContent> = {}): BoardContent => ({
  table: { head: ['learner', 'lab'], rows: [['anna', 'mutual-tls']] },
  facts: [{ en: 'one learner', ko: '수강생 한 명' }],
  cards: [],
  ...more,
});

const words = { en: 'news', ko: '소식' };

test('a reader is sent what has changed since, and everything by another server', (t) => {
  const parts = new BoardParts('en');
  t.true(parts.take(content(), words));
  t.false(parts.take(content(), words));
  t.is(parts.revision, 1);
  const row = { table: { head: ['learner', 'lab'], rows: [['bin', 'revoke']] } };
  t.true(parts.take(content(row), words));
  t.deepEqual(
    parts.since(1).sections.map(([id]) => id),
    ['learners'],
  );
  t.deepEqual(parts.since(2).sections, []);
  t.is(parts.since(0).sections.length, 2);
  t.is(parts.since(99).sections.length, 2);
  t.true(parts.take(content(row), { en: 'more', ko: '더' }), 'the sentence alone');
  t.deepEqual(parts.since(2).sections, []);
  t.deepEqual(parts.since(2).latest, ['more', '더']);
});

test('names, findings and cards are text, in both languages', (t) => {
  const text = { en: hostile, ko: hostile };
  const made = boardSections(
    content({
      table: { head: ['learner', 'lab'], rows: [[hostile, text]] },
      facts: [text],
      cards: [
        {
          card: { headline: text, rows: [{ kind: 'because', label: text, text }] },
          time: hostile,
          count: 2,
        },
      ],
    }),
  ).map(sectionOf);
  const markup = render(made, 'en');
  t.notRegex(markup, /<script|[\u001b\u202e]/);
  t.is(markup.match(/&#60;script&#62;/g)?.length, 8);
  for (const language of ['en', 'ko'] as const)
    t.true(textIn(made, language).includes('<script>alert(1)</script>'));
});
