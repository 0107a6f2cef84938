import test from 'ava';
import { Page } from '../../../src/ui/status/page.ts';

function written(text: string, columns: number, prefix = ''): string[] {
  const lines: string[] = [];
  new Page({ language: 'en', ascii: false, columns, write: (line) => lines.push(line) }).paragraphs(
    text,
    prefix,
  );
  return lines;
}

test('a paragraph is wrapped, and what it is indented by stays', (t) => {
  t.deepEqual(written('one two three four five', 18), ['one two three four', 'five']);
  t.deepEqual(written('  one two three four five', 20), ['  one two three four', '  five']);
  t.deepEqual(written('one\ntwo', 20, '? '), ['? one', '  two']);
});

test('columns of an indented line stay columns where there is room, and are words where there is none', (t) => {
  t.deepEqual(written('These:\n  A  kubectl    admin  \n  C  scheduler  system', 24), [
    'These:',
    '  A  kubectl    admin',
    '  C  scheduler  system',
  ]);
  t.deepEqual(written('  A  kubectl    an administrator', 20), ['  A kubectl an', '  administrator']);
});

test('what is harmful in an indented line is not written', (t) => {
  t.notRegex(written('  A\u001b[31m  b\u0007', 40).join(''), /[\u0000-\u001f]/);
});

test('code is printed as it is, however long', (t) => {
  const code = '    openssl req -new -key alice.key   -subj /CN=alice';
  t.deepEqual(written(`Run:\n${code}\n\n      more`, 20), ['Run:', code, '', '      more']);
  t.deepEqual(written(code, 20, '   '), [`   ${code}`]);
});
