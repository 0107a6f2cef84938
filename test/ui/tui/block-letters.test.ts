/** The letters of blocks: which there are, and that each is a shape of its own. */
import test from 'ava';
import { blockLetters, blockRows } from '../../../src/ui/tui/block-letters.ts';
import { cellWidth } from '../../../src/i18n/width.ts';

const drawable = `ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:;!?-_+=/%'"()[]<>#*&@`;

test('capitals, digits and punctuation are five rows of one width, and no two are alike', (t) => {
  const shapes = Array.from(drawable, (character) => {
    const rows = blockLetters(character) ?? [];
    t.is(rows.length, blockRows, character);
    t.is(new Set(rows.map((row) => cellWidth(row))).size, 1, character);
    t.true((rows[0]?.length ?? 9) <= 5, character);
    for (const row of rows) t.regex(row, /^[ █]+$/, character);
    t.is(
      character === ' ',
      rows.every((row) => row.trim() === ''),
      character,
    );
    return rows.join('\n');
  });
  t.is(new Set(shapes).size, shapes.length);
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
});

test('what has no blocks has none: Hangul, accents, other scripts, and Object’s own names', (t) => {
  for (const text of ['유출', 'café', 'A유', '✓', '\u0000', 'é'.normalize('NFD')])
    t.is(blockLetters(text), undefined, text);
  t.deepEqual(blockLetters('constructor'), blockLetters('CONSTRUCTOR'));
  t.is(blockLetters('')?.join(''), '');
});
