import test from 'ava';
import { tokensIn } from '../bench/code-size.ts';

const cases: Readonly<Record<string, readonly [source: string, tokens: number]>> = {
  'names, numbers and punctuation': ['const a = f(1);', 8],
  'comments and imports are left out': ["import { a } from './a.ts';\n/** Why. */\na(); // how\n", 4],
  'an import over several lines': ["import {\n  a,\n  b,\n} from './a.ts';\na();", 4],
  'a text is one token, however long': ["say('one'); say('one, two; three')", 9],
  'what a template evaluates counts, its text does not': ['`many words, and ${a + b} more`', 4],
  'a template within a template': ['`${f(`${a} b`)} c`', 6],
  'an object within a template': ['`${f({ a: { b } })}`', 11],
  'a trailing comma is layout': ['f(\n  a, // one\n  b, // two\n);', 7],
  'a regular expression is one token': ["x.replace(/[/'`]+/g, y)", 8],
};

for (const [title, [source, tokens]] of Object.entries(cases)) {
  test(`tokens of code: ${title}`, (t) => t.is(tokensIn(source), tokens));
}
