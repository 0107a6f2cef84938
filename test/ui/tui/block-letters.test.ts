/** The letters of blocks: which there are, and that each is a shape of its own. */
import test from 'ava';
import { blockLetters, blockRows } from '../../../src/ui/tui/block-letters.ts';
import { cellWidth } from '../../../src/i18n/width.ts';

const drawable = `ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;!?-_+=/%'"()[]<>#*&@`;

for (const size of ['large', 'small'] as const) {
  test(`capitals, digits and punctuation are rows of one width, and no two are alike: ${size}`, (t) => {
    const shapes = Array.from(drawable, (character) => {
      const rows = blockLetters(character, size) ?? [];
      t.is(rows.length, blockRows[size], character);
      t.is(new Set(rows.map((row) => cellWidth(row))).size, 1, character);
      t.true((rows[0]?.length ?? 9) <= 5, character);
      for (const row of rows) t.regex(row, size === 'large' ? /^[ █]+$/ : /^[ ▀▄█]+$/, character);
      t.is(
        character === ' ',
        rows.every((row) => row.trim() === ''),
        character,
      );
      return rows.join('\n');
    });
    t.is(new Set(shapes).size, shapes.length);
  });
}

test('small letters are half as high, and narrower', (t) => {
  t.deepEqual(blockLetters('TLS', 'small'), ['▀█▀ █   ▄▀▀', ' █  █    ▀▄', ' ▀  ▀▀▀ ▀▀ ']);
});

test('a word is its letters side by side, small letters as capitals', (t) => {
  t.deepEqual(blockLetters('Tls'), [
    '█████ █     ███',
    '  █   █    █   ',
    '  █   █     ██ ',
    '  █   █       █',
    '  █   ████ ███ ',
  ]);
  t.deepEqual(blockLetters('a’b–c…'), blockLetters("A'B-C..."));
  for (const accented of ['café', 'cafe\u0301']) t.deepEqual(blockLetters(accented), blockLetters('CAFE'));
});

test('what has no blocks has none: Hangul, other scripts, controls, and Object’s own names', (t) => {
  for (const text of ['유출', 'A유', '✓', '\u0000', 'ß'.concat('{'), '한'.normalize('NFD')])
    t.is(blockLetters(text), undefined, text);
  t.deepEqual(blockLetters('constructor'), blockLetters('CONSTRUCTOR'));
  t.is(blockLetters('')?.join(''), '');
});
