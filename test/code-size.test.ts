import test from 'ava';
import { faultsOf, tokensIn } from '../bench/code-size.ts';

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

test('a module over its budget is named with both numbers and its largest files', (t) => {
  const files = [3000, 800, 700, 600, 500, 400].map((tokens) => ({ file: `src/wire/${tokens}.ts`, tokens }));
  const modules = new Map([
    ['core', { tokens: 1000, files: [{ file: 'src/core/a.ts', tokens: 1000 }] }],
    ['wire', { tokens: 6000, files }],
  ]);
  t.deepEqual(faultsOf(modules, { core: 1, wire: 6, all: 7 }), []);
  const [over, ...others] = faultsOf(modules, { core: 1, wire: 5.9, all: 7 });
  t.deepEqual(others, []);
  t.regex(over!, /^wire: 6000 tokens, its budget is 5900;/);
  t.regex(over!, /\n +3000 src\/wire\/3000\.ts\n/);
  t.notRegex(over!, /400\.ts/, 'five are enough');
  t.regex(faultsOf(modules, { core: 1, wire: 6, all: 6 }).join(), /^all: 7000 tokens/);
  t.regex(faultsOf(modules, { core: 1, all: 7 }).join(), /^wire: .*no budget/);
  t.regex(faultsOf(modules, { core: 1, wire: 6, gone: 2, all: 7 }).join(), /^gone: .*no such folder/);
});
