/** Files of definitions that are hostile: each ends with the line where reading stopped, and soon. */
import test from 'ava';
import { definitionsOf, parseProto } from '../../../src/protocols/grpc/proto-file.ts';

const faultOf = (text: string): string | undefined => {
  const file = parseProto(text);
  return 'fault' in file ? `${file.fault.line}: ${file.fault.expected.en}` : undefined;
};

for (const [what, text] of [
  ['groups', 'message M {\n' + 'optional group A = 1 {'.repeat(50_000)],
  ['messages', 'message M {\n' + 'message A {'.repeat(50_000)],
  ['choices', 'message M {\n' + 'oneof a {'.repeat(50_000)],
] as const)
  test(`${what} inside each other are counted`, (t) => {
    t.is(faultOf(text), '2: at most 64 messages inside each other');
  });

test('a name has one part, and a package is short: each part is a scope in which types are looked up', (t) => {
  t.is(faultOf(`message a${'.a'.repeat(60_000)} {}`), '1: the name of a message');
  t.is(faultOf(`package a${'.a'.repeat(60_000)};`), '1: the name of the package, in 512 characters at most');
  t.is(faultOf('package shop.v1; message M { group G = 1 { string a = 1; } }'), undefined);
});

test('a long text is read, and one that does not end is named by its line', (t) => {
  const long = parseProto(`import "${'a'.repeat(12e6)}"; option a = '${String.raw`\n`.repeat(4e6)}';`);
  t.false('fault' in long);
  t.is(faultOf('syntax = "proto3";\nimport "a\n";'), '2: a .proto file');
  t.is(faultOf('import "a\\'), '1: a .proto file');
});

test('messages may be made of each other', (t) => {
  const file = parseProto(
    'message A { B b = 1; A a = 2; } message B { A a = 1; } service S { rpc R (A) returns (B); }',
  );
  if ('fault' in file) return t.fail();
  t.is(definitionsOf([file]).get('/S/R')?.request?.fields.get(1)?.message?.name, 'B');
});
