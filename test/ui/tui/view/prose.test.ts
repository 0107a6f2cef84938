/** Text on the screen: paragraphs are wrapped, and code, lists and tables keep their lines. */
import test from 'ava';
import { Pen } from '../../../../src/ui/tui/pen.ts';
import { paragraphs, textOf } from '../../../../src/ui/tui/view/prose.ts';

const shown = (text: string, width = 24): string[] =>
  paragraphs(new Pen({ language: 'en', ascii: false }), text, width).map((line) => textOf(line).trimEnd());

test('paragraphs are wrapped between their margins, with one blank line between two', (t) => {
  t.deepEqual(shown('one two three four five six\n\n\nseven'), [
    ' one two three four',
    ' five six',
    '',
    ' seven',
  ]);
});

test('items of a list and rows of a table are not joined', (t) => {
  t.deepEqual(shown('1. one\n2. two\n- three\n| a | b |\n| 1 | 2 |'), [
    ' 1. one',
    ' 2. two',
    ' - three',
    ' | a | b |',
    ' | 1 | 2 |',
  ]);
});

test('of code every character is shown, in its place; a line that is too long goes on below', (t) => {
  t.deepEqual(shown('Run:\n\n    a   b\n      c\n\n    0123456789abcdefghijklmnop'), [
    ' Run:',
    '',
    '     a   b',
    '       c',
    '',
    '     0123456789abcdefgh',
    ' ijklmnop',
  ]);
});
