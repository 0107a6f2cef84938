/** A text's lines: what is joined to a paragraph, and what is printed as it was written. */
import test from 'ava';
import { paragraphs, textLines } from '../../../src/engine/file/text-lines.ts';

const laidOut = (text: string): string => paragraphs(textLines(text));

test('the lines of a paragraph are joined; items, rows of a table and code stay lines', (t) => {
  t.is(laidOut('one\ntwo\n\nthree\n'), 'one two\n\nthree');
  t.is(laidOut('1. one\ngoes on\n2. two\n10) three'), '1. one goes on\n2. two\n10) three');
  t.is(laidOut('- one\n- two\n* three'), '- one\n- two\n* three');
  t.is(laidOut('| a | b |\n|---|---|\n| 1 | 2 |'), '| a | b |\n|---|---|\n| 1 | 2 |');
  t.is(laidOut('Run:\n    a --long\n    b\nand then'), 'Run:\n    a --long\n    b\nand then');
  t.is(laidOut('TLS\n1.3 is newer, since\n2018. Older'), 'TLS 1.3 is newer, since 2018. Older');
});

test('a fenced block is code as it was written: blank lines, indentation, headings and comments in it', (t) => {
  t.is(
    laidOut('Write:\n\n```yaml\nproxies:\n  front:\n\n\n# no heading\n<!-- no comment -->\n```\nand save.'),
    'Write:\n\n    proxies:\n      front:\n\n\n    # no heading\n    <!-- no comment -->\n\nand save.',
  );
  t.is(laidOut('~~~~\n```\n~~~\n~~~~'), '    ```\n    ~~~', 'another fence, or a shorter one, ends none');
  t.is(
    laidOut('  ```\n  a\n    b\n  ```'),
    '    a\n      b',
    'the indentation of the fence is not of the code',
  );
  t.is(laidOut('```\nnever ended'), '    never ended');
  t.is(laidOut('a ``` b\nc'), 'a ``` b c');
  t.is(laidOut('<!--\n```\n-->a'), 'a', 'a fence in a comment begins none');
});

test('every line is there: mistakes name the right one', (t) => {
  for (const text of ['a\n<!-- b\nc -->\n\n```\n# d\n```\ne', '<!--\n\n', '```\n\n\n', ''])
    t.is(textLines(text).length, text.split('\n').length, JSON.stringify(text));
  t.deepEqual(
    textLines('```\n# a\n```\n# b').map(({ isCode }) => isCode),
    [true, true, true, false],
  );
});
