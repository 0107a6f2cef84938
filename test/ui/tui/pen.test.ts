/** Text set into cells: exact widths whatever the text is, nothing lost that fits, and a mark where something was cut. */
import test from 'ava';
import * as fc from 'fast-check';
import { cellWidth } from '../../../src/i18n/width.ts';
import { roles } from '../../../src/ui/tui/frame.ts';
import { lineWidth, Pen, span, topOf } from '../../../src/ui/tui/pen.ts';
import { beside, moved, sheet, stack, tall } from '../../../src/ui/tui/view/sheet.ts';
import { holds } from './support/holds.ts';
import { hostileText } from './support/hostile.ts';

const pens = fc
  .record({ language: fc.constantFrom('en', 'ko'), ascii: fc.boolean() })
  .map((options) => new Pen(options));
const cells = fc.integer({ min: 0, max: 60 });
const plain = new Pen({ language: 'en', ascii: false });
const textOf = (line: readonly { readonly text: string }[]): string => line.map(({ text }) => text).join('');

test('plain text is plain already', (t) =>
  holds(
    t,
    fc.property(pens, hostileText, (pen, text) => pen.plain(pen.plain(text)) === pen.plain(text)),
    300,
  ));

test('plain text holds no control character, no mark, no half of a character', (t) => {
  holds(
    t,
    fc.property(
      pens,
      hostileText,
      (pen, text) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Mark}]/u.test(pen.plain(text)),
    ),
    300,
  );
});

test('fitted text is exactly as wide as was asked', (t) => {
  holds(
    t,
    fc.property(pens, hostileText, cells, (pen, text, width) => cellWidth(pen.fit(text, width)) === width),
    300,
  );
});

test('what fits is not cut, and what is cut says so', (t) => {
  t.is(plain.fit('abc', 3), 'abc');
  t.is(plain.fit('abc', 5), 'abc  ');
  t.is(plain.fit('abcd', 3), 'ab…');
  t.is(plain.fit('한글날', 5), '한글…');
  t.is(plain.fit('한글날', 4), '한… ');
  t.is(new Pen({ language: 'en', ascii: true }).fit('abcdef', 5), 'ab...');
  t.is(plain.fit('abc', 0), '');
});

const spans = fc.array(fc.record({ text: hostileText, role: fc.constantFrom(...roles) }), { maxLength: 6 });

test('a line is exactly as wide as was asked', (t) => {
  holds(
    t,
    fc.property(pens, spans, cells, (pen, set, width) => lineWidth(pen.line(set, width)) === width),
    400,
  );
});

test('a line that fits says all of it, one that does not says the beginning and that there is more', (t) => {
  holds(
    t,
    fc.property(pens, spans, cells, (pen, set, width) => {
      const whole = set.map(({ text }) => pen.plain(text)).join('');
      const text = textOf(pen.line(set, width));
      if (cellWidth(whole) <= width) return text.trimEnd() === whole.trimEnd();
      const mark = pen.plain('…');
      // In ASCII it has three cells, of which there may be one left.
      return width === 0 || text.trimEnd().endsWith(mark.slice(0, 1));
    }),
    400,
  );
});

test('wrapped lines fit, and no word is lost', (t) => {
  holds(
    t,
    fc.property(pens, hostileText, fc.integer({ min: 2, max: 60 }), (pen, text, width) => {
      const lines = pen.wrap(text, width);
      const bare = (words: string): string => words.replace(/\s/g, '');
      return (
        lines.every((line) => cellWidth(line) <= width) &&
        bare(lines.join('')) ===
          bare(
            text
              .split('\n')
              .map((line) => pen.plain(line))
              .join(''),
          )
      );
    }),
    400,
  );
});

test('columns of a line that fits stay columns', (t) => {
  t.deepEqual(plain.wrap('NAME  STATUS\nweb   Running  ', 12), ['NAME  STATUS', 'web Running']);
  t.deepEqual(plain.wrap('NAME  STATUS\nweb   Running', 13), ['NAME  STATUS', 'web   Running']);
});

test('every line of a paragraph is exactly as wide as was asked, head included', (t) => {
  holds(
    t,
    fc.property(pens, hostileText, hostileText, cells, (pen, text, head, width) =>
      pen.paragraph(text, width, { head: head.slice(0, 12) }).every((line) => lineWidth(line) === width),
    ),
    400,
  );
});

test('a paragraph’s further lines are indented to its text', (t) => {
  t.deepEqual(plain.paragraph('one two three', 8, { head: '- ' }).map(textOf), [
    '- one   ',
    '  two   ',
    '  three ',
  ]);
});

const words = fc.array(fc.record({ at: fc.nat(70), text: hostileText }), { maxLength: 3 });

test('a rule has exactly the requested width, whatever words are in it', (t) => {
  holds(
    t,
    fc.property(
      pens,
      words,
      cells,
      (pen, set, width) =>
        lineWidth(
          pen.rule(
            width,
            set.toSorted((one, other) => one.at - other.at),
            { 3: '┴', 9: '┼' },
          ),
        ) === width,
    ),
    400,
  );
});

test('a rule has its words and marks in their places', (t) => {
  t.is(textOf(plain.rule(20, [{ at: 1, text: 'words' }], { 12: '┴' })), '─ words ────┴───────');
  t.is(textOf(new Pen({ language: 'en', ascii: true }).rule(6, [], { 2: '┬' })), '--+---');
});

test('hidden words become dots of the same width, wherever and however often they occur', (t) => {
  const pen = new Pen({ language: 'ko', ascii: false, hidden: ['비밀', 'tiger'] });
  t.is(pen.plain('a tiger, 비밀 tiger'), 'a •••••, •••• •••••');
  t.is(textOf(pen.line([span('tiger')], 8)), '•••••   ');
  t.deepEqual(pen.wrap('tigertiger', 7), ['•••••••', '•••']);
});

test('the chosen row of a list is in its window, and the window in the list', (t) => {
  holds(
    t,
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 50 }),
      fc.nat(499),
      (length, height, at) => {
        const chosen = Math.min(at, length - 1);
        const top = topOf(chosen, length, height);
        return top >= 0 && chosen >= top && chosen < top + height && (top === 0 || top + height <= length);
      },
    ),
    300,
  );
});

const sheets = fc
  .tuple(
    fc.integer({ min: 1, max: 20 }),
    fc.nat(6),
    fc.array(fc.record({ row: fc.nat(6), column: fc.nat(25), width: fc.integer({ min: 1, max: 25 }) }), {
      maxLength: 4,
    }),
  )
  .map(([width, height, regions]) =>
    sheet(
      width,
      Array.from({ length: height }, () => plain.blank(width)),
      regions.map((region) => ({ ...region, message: { type: 'choose-wire' as const, hop: 'A' } })),
    ),
  );

test('sheets side by side, one below the other and cut to a height keep their widths, and their regions within them', (t) => {
  holds(
    t,
    fc.property(fc.array(sheets, { minLength: 1, maxLength: 4 }), fc.nat(8), (parts, height) => {
      const row = beside(
        plain,
        parts.map((part) => tall(plain, part, height)),
        height,
      );
      const width = parts.reduce((sum, part) => sum + part.width, 0) + parts.length - 1;
      if (
        row.width !== width ||
        row.lines.length !== height ||
        row.lines.some((line) => lineWidth(line) !== width)
      )
        throw new Error('side by side');
      if (
        row.regions.some(
          (region) => region.row < 0 || region.row >= height || region.column + region.width > width,
        )
      )
        throw new Error('a region outside');
      const column = stack(20, parts);
      if (column.lines.length !== parts.reduce((sum, part) => sum + part.lines.length, 0))
        throw new Error('below each other');
      if (column.regions.length !== parts.reduce((sum, part) => sum + part.regions.length, 0))
        throw new Error('regions were lost');
    }),
    200,
  );
});

test('what is cut off answers to no click', (t) => {
  const message = { type: 'choose-wire', hop: 'A' } as const;
  const { regions } = sheet(
    10,
    [],
    [
      { row: 0, column: 8, width: 9, message },
      { row: 0, column: 10, width: 1, message },
    ],
  );
  t.deepEqual(regions, [{ row: 0, column: 8, width: 2, message }]);
  t.deepEqual(moved(regions, 2, 3), [{ row: 2, column: 11, width: 2, message }]);
  t.deepEqual(
    tall(plain, sheet(10, [plain.blank(10)], [{ row: 4, column: 0, width: 1, message }]), 2).regions,
    [],
  );
});

test('text in a width leaves a cell free behind it, and one before it where it has a margin', (t) => {
  const lines = plain.text('one two three', 9, { head: '- ', role: 'strong' });
  t.deepEqual(lines.map(textOf), ['- one    ', '  two    ', '  three  ']);
  t.deepEqual(plain.text('one two', 9, { margin: true }).map(textOf), [' one two ']);
  t.deepEqual(plain.text('one two', 20, { widest: 4 }).map(textOf), ['one'.padEnd(20), 'two'.padEnd(20)]);
});

test('a pen has the words of the screen in its language, those that are made of data too', (t) => {
  const korean = new Pen({ language: 'ko', ascii: false });
  t.is(plain.words.more, 'more');
  t.is(korean.words.more, '더 있음');
  t.is(plain.words.step(2, 5), 'step 2/5');
  t.is(korean.words.step(2, 5), '2/5단계');
});
