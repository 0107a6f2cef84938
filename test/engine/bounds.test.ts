/** What is read of an author's files: regular files, of a bounded size, nested no deeper and holding no more than any scenario needs. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/i18n/user-error.ts';
import type { UserErrorFacts } from '../../src/i18n/user-error.ts';
import { features } from '../../src/features/registry.ts';
import { compileScenario } from '../../src/engine/compile.ts';
import { headingIn } from '../../src/engine/file/narration.ts';
import { textLines } from '../../src/engine/file/text-lines.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';

const root = join(import.meta.dirname, '../../..');
const recipeFolders = [join(root, 'certs/recipes')];
const place = mkdtempSync(join(tmpdir(), 'wirelab-bounds-'));
test.after.always(() => rmSync(place, { recursive: true, force: true }));
let count = 0;

/** A copy of a scenario. */
function copy(name = 'plaintext'): string {
  const folder = join(place, `${++count}`);
  cpSync(join(root, 'scenarios', name), folder, { recursive: true });
  return folder;
}

const compile = async (folder: string): Promise<unknown> =>
  compileScenario(features, folder, { recipeFolders, shownAs: 'mine' });

async function errorOf(t: ExecutionContext, folder: string): Promise<UserErrorFacts> {
  const error = await t.throwsAsync(async () => compile(folder), { instanceOf: UserError });
  return (error as UserError | undefined)?.facts ?? { what: { en: '', ko: '' } };
}

/** Things other than a file in a file's place. */
const others: Readonly<Record<string, (path: string) => Promise<(() => void) | undefined>>> = {
  'a named pipe': async (path) => void (await runProgram('mkfifo', [path])),
  'a device that never ends': async (path) => symlinkSync('/dev/zero', path) as undefined,
  'a socket': async (path) => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    return () => void server.close();
  },
};

for (const file of ['scenario.yaml', 'en.md', 'ko.md', 'predictions.yaml']) {
  for (const [what, make] of Object.entries(others)) {
    const run = async (t: ExecutionContext): Promise<void> => {
      const folder = copy();
      rmSync(join(folder, file), { force: true });
      const undo = await make(join(folder, file));
      if (undo) t.teardown(undo);
      const facts = await errorOf(t, folder);
      t.is(facts.what.en, 'it is not a regular file');
      t.is(facts.where, join('mine', file));
      t.true(facts.what.ko.length > 0);
    };
    const title = `${file} is ${what}: that is reported, without waiting`;
    if (what === 'a named pipe') withPeer('mkfifo', title, run);
    else test(title, run);
  }
}

withPeer(
  'mkfifo',
  'a recipe beside the scenario that is a named pipe, and a part that is a folder: an error',
  async (t) => {
    const piped = copy('tls');
    const recipe = /^certificates: (\S+)/m.exec(readFileSync(join(piped, 'scenario.yaml'), 'utf8'))?.[1];
    await runProgram('mkfifo', [join(piped, `${recipe}.yaml`)]);
    t.is((await errorOf(t, piped)).what.en, 'it is not a regular file');
    const nested = copy();
    rmSync(join(nested, 'en.md'));
    mkdirSync(join(nested, 'en.md'));
    t.like(await errorOf(t, nested), { where: join('mine', 'en.md'), received: 'EISDIR' });
  },
);

for (const file of ['scenario.yaml', 'en.md', 'predictions.yaml']) {
  test(`${file} of 10 MB is too large: the bound is said, and the file is not read`, async (t) => {
    const folder = copy();
    writeFileSync(join(folder, file), 'x'.repeat(10_000_000));
    t.like(await errorOf(t, folder), {
      what: { en: 'the file is too large', ko: '파일이 너무 큽니다' },
      where: join('mine', file),
      expected: { en: 'at most 256 KB', ko: '최대 256 KB' },
    });
  });
}

test('a secret beyond the limit is an error at its line and column; one at the limit is not', async (t) => {
  const folder = copy();
  const path = join(folder, 'scenario.yaml');
  const text = readFileSync(path, 'utf8');
  const [, before = '', indent = ''] = /^([^]*?\n)( +)[a-z-]+: *\{ *value:/.exec(text) ?? [];
  const withSecret = (length: number): string =>
    text.replace(/value: [^}]+/, `value: "${'s'.repeat(length)}" `);
  writeFileSync(path, withSecret(4096));
  await t.notThrowsAsync(async () => compile(folder));
  writeFileSync(path, withSecret(4097));
  const facts = await errorOf(t, folder);
  t.is(facts.what.en, 'value too large');
  t.regex(
    facts.where ?? '',
    new RegExp(`^mine/scenario\\.yaml:${before.split('\n').length}:\\d+: secrets\\.`),
  );
  t.true(indent.length > 0);
  t.like(facts.expected, { en: 'at most 4096 characters', ko: '4096자 이하' });
});

for (const [what, more, received] of [
  ['brackets', `x: ${'['.repeat(3000)}${']'.repeat(3000)}\n`, 'nested more than 100 deep'],
  ['brackets that never close', `x: ${'['.repeat(3000)}`, 'nested more than 100 deep'],
  ['maps in one line', `x: ${'{a: '.repeat(3000)}1${'}'.repeat(3000)}\n`, 'nested more than 100 deep'],
  ['dashes in one line', `x:\n  ${'- '.repeat(3000)}a\n`, 'nested more than 100 deep'],
  [
    'lines, each further in',
    `x:\n${Array.from({ length: 500 }, (_, depth) => `${' '.repeat(depth + 1)}a:\n`).join('')}`,
    'nested more than 100 deep',
  ],
  [
    'twenty thousand keys',
    Array.from({ length: 20_000 }, (_, index) => `k${index}: 1\n`).join(''),
    'more than 1000 entries in one list or map',
  ],
] as const) {
  test(`YAML without measure (${what}): an error with its line, before anything is built from it`, async (t) => {
    const folder = copy();
    const path = join(folder, 'scenario.yaml');
    const lines = readFileSync(path, 'utf8').split('\n').length;
    writeFileSync(path, `${readFileSync(path, 'utf8')}${more}`);
    const facts = await errorOf(t, folder);
    t.is(facts.received, received);
    const line = Number(/^mine\/scenario\.yaml:(\d+):\d+$/.exec(facts.where ?? '')?.[1]);
    t.true(line >= lines, facts.where);
  });
}

test('aliases of aliases of aliases are an error', async (t) => {
  const folder = copy();
  const path = join(folder, 'scenario.yaml');
  const laughs = Array.from(
    { length: 12 },
    (_, index) =>
      `b${index + 1}: &b${index + 1} [${Array.from({ length: 9 }, () => `*b${index}`).join(', ')}]\n`,
  );
  writeFileSync(path, `${readFileSync(path, 'utf8')}b0: &b0 [x, x, x]\n${laughs.join('')}`);
  t.regex((await errorOf(t, folder)).what.en, /^the aliases in this file/);
});

test('headings and comments of the text are read in one pass: a quarter of a megabyte of their beginnings is no work', (t) => {
  const began = process.cpuUsage();
  const withoutComments = (text: string): readonly string[] => textLines(text).map((line) => line.text);
  t.deepEqual(withoutComments('<!--'.repeat(65_536)), ['<!--'.repeat(65_536)]);
  t.deepEqual(withoutComments('a<!--b\nc-->d<!-->e--><!--f'), ['a', 'd<!--f']);
  t.deepEqual(headingIn(`## a${' '.repeat(260_000)}b  `), { marks: '##', words: `a${' '.repeat(260_000)}b` });
  t.is(headingIn('####'), undefined);
  t.is(headingIn('#a'), undefined);
  // Both took minutes: a second is far from either.
  t.true(process.cpuUsage(began).user < 1_000_000);
});
