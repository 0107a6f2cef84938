/** docs/authors.md, followed to the letter from an empty folder: each block of it that is typed or pasted, in its order. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { askWirelab } from '../../helpers/wirelab.ts';
import { blocksOf, placeOf } from './support.ts';

const root = resolve(import.meta.dirname, '../../../..');

class Author {
  readonly place: string;
  readonly #blocks: string[];
  readonly #t: ExecutionContext;

  constructor(t: ExecutionContext, heading: string) {
    this.#t = t;
    this.place = placeOf(t);
    this.#blocks = blocksOf(heading);
  }

  /** The next block, which must begin so. */
  next(start: string): string {
    const block = this.#blocks.shift() ?? '';
    this.#t.true(block.trimStart().startsWith(start), `${start}: ${block}`);
    return block;
  }

  get rest(): readonly string[] {
    return this.#blocks;
  }

  append(file: string, text: string): void {
    writeFileSync(join(this.place, file), text, { flag: 'a' });
  }

  change(file: string, from: string | RegExp, to: (found: string) => string): void {
    const path = join(this.place, file);
    const before = readFileSync(path, 'utf8');
    const after = before.replace(from, to);
    this.#t.not(after, before, file);
    writeFileSync(path, after);
  }

  async run(line: string, exitCode: number): Promise<string> {
    const words = line.split(' ').slice(1);
    const result = await askWirelab(words, { cwd: this.place });
    this.#t.is(result.exitCode, exitCode, `${line}\n${result.stdout}${result.stderr}`);
    return `${result.stdout}${result.stderr}`;
  }
}

/** The commands of a block, without their comments. */
const commandsIn = (block: string): string[] =>
  block
    .trim()
    .split('\n')
    .map((line) => line.replace(/ +#.*$/, ''));

test('a scenario: made, failed on purpose, and one step longer', async (t) => {
  const author = new Author(t, 'A scenario in ten minutes');
  const [make = '', , run = ''] = commandsIn(author.next('wirelab new scenario first'));
  await author.run(make, 0);
  await author.run(run, 0);
  const scenario = 'first/scenario.yaml';
  author.change(scenario, /(sealed: .*)wires: \[A\]/, (found) => found.replace('[A]', '[B]'));
  t.regex(await author.run(run, 1), /FAILED[^]*✗/);
  author.change(scenario, /(sealed: .*)wires: \[B\]/, (found) => found.replace('[B]', '[A]'));
  author.append('first/keyring.yaml', author.next('other-ca:'));
  const client = author.next('stranger:');
  author.change(scenario, /^ {2}customer:.*\n/m, (found) => found + client);
  author.append(scenario, author.next('- id: unknown-ca'));
  t.regex(await author.run(run, 2), /where: first\/en\.md:\d+/);
  const section = author.next('## unknown-ca');
  author.change('first/en.md', '## takeaway', (found) => `${section}\n${found}`);
  t.regex(await author.run(run, 0), /10 of 10 claims proven/);
  t.deepEqual(author.rest, []);
});

test('a protocol of lines: the example holds, and fails where the server asks for no certificate', async (t) => {
  const author = new Author(t, 'A protocol of lines');
  const [copy = '', run = ''] = commandsIn(author.next('cp -r examples/cache'));
  const [from = '', to = ''] = copy.split(' ').slice(2);
  cpSync(join(root, from), join(author.place, to), { recursive: true });
  t.regex(await author.run(run, 0), /19 of 19 claims proven/);
  author.change('second/scenario.yaml', / {4}security: mtls\n(.*\n) {4}clientAuthorities: .*\n/, (found) =>
    found.replace('mtls', 'tls').replace(/ *clientAuthorities.*\n/, ''),
  );
  t.regex(await author.run(run, 1), /FAILED[^]*✗/);
  t.deepEqual(author.rest, []);
});

test('a lab: made, proven, one task longer, and proven again', async (t) => {
  const author = new Author(t, 'A lab in an hour');
  const [make = '', verify = '', begin = ''] = commandsIn(author.next('wirelab new lab desk'));
  await author.run(make, 0);
  await author.run(verify, 0);
  await author.run(`${begin} --no-hold`, 0);
  const [check = '', hint = ''] = commandsIn(author.next('wirelab lab check'));
  await author.run(`${check} --folder lab-desk`, 1);
  await author.run(`${hint} --folder lab-desk`, 0);
  author.append('desk/keyring.yaml', author.next('bob:'));
  const client = author.next('bob: { certificate');
  author.change('desk/scenario.yaml', /^ {2}mallory:.*\n/m, (found) => found + client);
  author.append('desk/scenario.yaml', author.next('- id: bob'));
  author.append('desk/tasks.yaml', author.next('- id: keep-bob-out'));
  const section = author.next('## keep-bob-out');
  author.change('desk/en.md', '## end', (found) => `${section}\n${found}`);
  t.regex(await author.run(verify, 1), /✗ desk\/solution[^]*keep-bob-out/);
  const [, from = '', to = ''] = author.next('cp -r ').trim().split(' ').slice(1);
  cpSync(join(author.place, from), join(author.place, to), { recursive: true });
  const line = author.next('revocations:');
  author.change('desk/solution/settings.yaml', /^ *clientAuthorities:.*\n/m, (found) => found + line);
  t.regex(await author.run(verify, 0), /3 wrong attempts are not/);
  t.deepEqual(author.rest, []);
});
