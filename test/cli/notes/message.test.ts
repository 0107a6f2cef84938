/** What arrives over the channel is checked: well-formed lines pass, anything else is refused as a whole. */
import test from 'ava';
import { keyIn, keyLine, lineReader, pageIn, pageLine } from '../../../src/cli/notes/message.ts';
import type { SpeakerMessage } from '../../../src/cli/notes/message.ts';

const page: SpeakerMessage = {
  v: 1,
  began: 1,
  show: 'tls',
  title: { en: 'TLS', ko: 'TLS' },
  stop: 1,
  stops: 8,
  kind: 'intro',
  notes: { en: 'one\ntwo', ko: '하나\n둘' },
};

test('a page and a key arrive as they were sent', (t) => {
  t.deepEqual(pageIn(pageLine(page)), page);
  t.is(keyIn(keyLine('space')), 'space');
  t.is(keyIn(keyLine('b')), 'b');
});

test('text cannot move the cursor of the terminal', (t) => {
  const hostile = { ...page, show: 'a\u001b[2J', notes: { en: 'x\u001b]0;title\u0007\u202e', ko: '\u009b' } };
  const checked = pageIn(pageLine(hostile));
  t.is(checked?.show, 'a·[2J');
  t.deepEqual(checked?.notes, { en: 'x·]0;title··', ko: '·' });
});

for (const [what, line] of [
  ['no JSON', 'page'],
  ['an empty line', ''],
  ['another value', '[1]'],
  ['null', 'null'],
  ['another version', JSON.stringify({ ...page, v: 2 })],
  ['a stop beyond the last', JSON.stringify({ ...page, stop: 9 })],
  ['a stop that is no number', JSON.stringify({ ...page, stop: '1' })],
  ['a negative time', JSON.stringify({ ...page, began: -1 })],
  ['an unknown kind', JSON.stringify({ ...page, kind: 'toString' })],
  ['a text in one language', JSON.stringify({ ...page, notes: { en: 'one' } })],
  ['a text that is none', JSON.stringify({ ...page, next: 3 })],
  ['no title', JSON.stringify({ ...page, title: undefined })],
] as const)
  test(`refused: ${what}`, (t) => {
    t.is(pageIn(line), undefined);
    t.is(keyIn(line), undefined);
  });

test('keys other than those two are refused', (t) => {
  for (const key of ['Q', 'ctrl-c', 'q', '', 5]) t.is(keyIn(JSON.stringify({ key })), undefined);
});

test('lines are read in pieces, and one that is too long ends the reading', (t) => {
  const lines: string[] = [];
  const read = lineReader('key', (line) => lines.push(line));
  for (const piece of ['{"key"', ':"b"}\n{"ke', 'y":"space"}\n']) t.true(read(piece));
  t.deepEqual(lines.map(keyIn), ['b', 'space']);
  t.false(read('x'.repeat(100)));
  t.false(lineReader('key', () => {})(`${'x'.repeat(100)}\n`));
});
