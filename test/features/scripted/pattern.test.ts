/** Patterns of scripted peers: what they match, what they refuse, and that no line and no pattern can hang them. */
import test from 'ava';
import { matches, readPattern } from '../../../src/features/scripted/pattern.ts';
import { PatternError, valueOf } from '../../../src/features/scripted/text.ts';
import type { Values } from '../../../src/features/scripted/text.ts';

const values: Values = {
  user: 'alice',
  password: 'tiger.lily*',
  rrn: '900101-1234567',
  secrets: new Map([['token', 'a|b']]),
};
const matched = (pattern: string, line: string): boolean =>
  matches(readPattern(pattern), line, (placeholder) => valueOf(placeholder, values));

/** As JavaScript has them: the same answer for each line. */
const alike = [
  '/^EHLO /',
  '/^ehlo /i',
  '/^250[ -]/',
  '/^250-STARTTLS$/',
  '/a|bc|/',
  '/^(?:220|250) .*ready$/i',
  String.raw`/^\$\d+$/`,
  String.raw`/^\+OK\b?$/`.replace(String.raw`\b?`, ''),
  '/^[^A-Z]{2,3}$/',
  '/^[A-Z]{2,}x?$/',
  '/(ab)+c/',
  '/^a{3}$/',
  String.raw`/\S+\s\S+/`,
  '/[]x]/'.replace('[]x]', String.raw`[\]x]`),
  '/^$/',
];
const lines = [
  '',
  'EHLO laptop',
  'ehlo laptop',
  '250-STARTTLS',
  '250 OK',
  '220 mail READY',
  '$14',
  '+OK',
  'abab',
  'ababc',
  'AB',
  'ABCx',
  'aaa',
  'ab1',
  'bc',
  ']',
  'x',
];

for (const pattern of alike) {
  test(`${pattern} matches as a regular expression does`, (t) => {
    const [, body = '', flags = ''] = /^\/(.*)\/(i?)$/.exec(pattern) ?? [];
    for (const line of lines) t.is(matched(pattern, line), new RegExp(body, flags).test(line), line);
  });
}

test('a placeholder stands for its value, character by character', (t) => {
  t.true(matched('/^AUTH {user} {password}$/', 'AUTH alice tiger.lily*'));
  t.false(matched('/^AUTH {user} {password}$/', 'AUTH alice tigerXlily'));
  t.true(matched('/^{secret:token}$/', 'a|b'));
  t.false(matched('/^{secret:token}$/', 'a'));
  const plain = Buffer.from('\0alice\0tiger.lily*').toString('base64');
  t.true(matched(String.raw`/^AUTH PLAIN {base64:\0{user}\0{password}}$/`, `AUTH PLAIN ${plain}`));
});

for (const pattern of [
  'EHLO',
  '//',
  '/a/g',
  '/(a/',
  '/a)/',
  '/*a/',
  '/a**/',
  '/[a/',
  '/[z-a]/',
  '/a{3,2}/',
  '/{pasword}/',
  '/{base64:{user}/',
  `/${'a'.repeat(501)}/`,
]) {
  test(`${pattern.slice(0, 40)} is refused`, (t) => {
    t.throws(() => readPattern(pattern), { instanceOf: PatternError });
  });
}

test('a repetition, a class and an escaped brace are no placeholders', (t) => {
  t.true(matched(String.raw`/^a{2}[{u}]\{user\}$/`, 'aa{{user}'));
});

test('with /i a value keeps its case', (t) => {
  t.true(matched('/^auth {user} {password}$/i', 'AUTH alice tiger.lily*'));
  t.false(matched('/^auth {user} {password}$/i', 'AUTH alice Tiger.lily*'));
});

test('a pattern that backtracks without end, and a line of more than 4 KiB, do not match', (t) => {
  for (const pattern of ['/^(a+)+$/', '/^(a|a)*$/', '/(.*a){10}$/']) {
    const began = process.cpuUsage();
    t.false(matched(pattern, `${'a'.repeat(4000)}!`), pattern);
    t.true(process.cpuUsage(began).user < 5_000_000, pattern);
  }
  t.true(matched('/a$/', 'a'.repeat(4096)));
  t.false(matched('/a$/', 'a'.repeat(4097)));
});
