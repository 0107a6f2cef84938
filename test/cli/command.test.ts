import test from 'ava';
import { parseCommand } from '../../src/cli/command.ts';
import type { OptionTable } from '../../src/cli/command.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { verbatim } from '../../src/i18n/language.ts';

const table: OptionTable = {
  json: { short: 'j', help: verbatim('') },
  quiet: { short: 'q', help: verbatim('') },
  write: { short: 'w', value: 'FILE', help: verbatim('') },
  pace: { value: 'auto|step', choices: ['auto', 'step'], help: verbatim('') },
};
const parse = (...words: string[]) => parseCommand('run', table, words);

for (const words of [['--write', 'f'], ['--write=f'], ['-w', 'f'], ['-wf']]) {
  test(`${words.join(' ')} is a value`, (t) => {
    const parsed = parse('name', ...words);
    t.is(parsed.text('write'), 'f');
    t.deepEqual(parsed.operands, ['name']);
    t.false(parsed.flag('write'));
  });
}

test('switches, alone and together, and what was not given', (t) => {
  for (const words of [['--json', '--quiet'], ['-j', '-q'], ['-jq'], ['-qj']]) {
    const parsed = parse(...words);
    t.true(parsed.flag('json') && parsed.flag('quiet'), words.join(' '));
  }
  t.false(parse().flag('json'));
  t.is(parse().text('write'), undefined);
});

test('flags may precede a value option in one word', (t) => {
  const parsed = parse('-jwf', 'name');
  t.true(parsed.flag('json'));
  t.is(parsed.text('write'), 'f');
  t.deepEqual(parsed.operands, ['name']);
});

test('behind -- everything is an operand, and a lone dash is one anywhere', (t) => {
  t.deepEqual(parse('a', '-', '--', '--json', '-w').operands, ['a', '-', '--json', '-w']);
});

test('a value may contain an equals sign, or begin with a dash in the same word', (t) => {
  t.is(parse('--write=a=b').text('write'), 'a=b');
  t.is(parse('--write=-x').text('write'), '-x');
  t.is(parse('--write', '-').text('write'), '-');
});

test('a negative number is a value; of another word with a dash the error says how to give it', (t) => {
  t.is(parse('--write', '-1').text('write'), '-1');
  t.is(parse('-w', '-.5').text('write'), '-.5');
  const remedyOf = (...words: string[]): string =>
    t.throws(() => parse(...words), { instanceOf: UserError }).facts.remedy?.en ?? '';
  t.regex(remedyOf('--write', '-x'), /: --write=-x\./);
  t.regex(remedyOf('-w', '-x'), /: -w-x\./);
  t.notRegex(remedyOf('--write', '--json'), /attached/);
});

test('a repeatable option gives every value in order', (t) => {
  const many: OptionTable = { 'allow-cn': { value: 'NAME', many: true, help: verbatim('') } };
  t.deepEqual(parseCommand('proxy', many, ['--allow-cn', 'a', '--allow-cn=b']).all('allow-cn'), ['a', 'b']);
  t.deepEqual(parseCommand('proxy', many, []).all('allow-cn'), []);
});

test('the last of several counts', (t) => t.is(parse('--write', 'a', '--write', 'b').text('write'), 'b'));

for (const words of [
  ['--writ', 'f'],
  ['-z'],
  ['-jz'],
  ['--json=yes'],
  ['--write'],
  ['--write='],
  ['-w'],
  ['--write', '--json'],
  ['--pace', 'fast'],
  ['--constructor'],
  ['--__proto__', 'x'],
  ['--'],
]) {
  const isFine = words[0] === '--';
  test(`${words.join(' ')} is ${isFine ? 'fine' : 'a mistake'}`, (t) => {
    if (isFine) t.notThrows(() => parse(...words));
    else t.throws(() => parse(...words), { instanceOf: UserError });
  });
}

test('a value that may be left out is the next word only where it looks like one', (t) => {
  const options = { at: { value: '[PORT]', optional: /^\d+$/, help: { en: '', ko: '' } } } as const;
  const read = (...words: string[]): readonly [boolean, string | undefined, readonly string[]] => {
    const parsed = parseCommand('x', options, words);
    return [parsed.flag('at'), parsed.text('at'), parsed.operands];
  };
  t.deepEqual(read('name'), [false, undefined, ['name']]);
  t.deepEqual(read('--at', 'name'), [true, undefined, ['name']]);
  t.deepEqual(read('--at', '80', 'name'), [true, '80', ['name']]);
  t.deepEqual(read('name', '--at'), [true, undefined, ['name']]);
  t.deepEqual(read('--at=80'), [true, '80', []]);
  t.throws(() => read('--at='));
});
