/**
 * What a person can get wrong at the command line: one clear message on standard error, exit code 2, nothing on standard
 * output, no stack trace, nothing left behind. In both languages.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askWirelab } from '../helpers/wirelab.ts';

async function mistaken(
  t: ExecutionContext,
  words: readonly string[],
  ...says: readonly RegExp[]
): Promise<void> {
  for (const lang of ['en', 'ko']) {
    const { exitCode, stdout, stderr } = await askWirelab([...words, '--lang', lang]);
    t.is(exitCode, 2, `${lang}: ${stderr}`);
    t.is(stdout, '');
    t.notRegex(stderr, /^\s+at /m, 'a stack trace');
    t.true(stderr.startsWith('wirelab: '), stderr);
    if (lang === 'ko') t.regex(stderr, /[가-힣]/);
    else for (const pattern of says) t.regex(stderr, pattern);
  }
}

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bad-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const cases: readonly (readonly [title: string, words: readonly string[], ...says: RegExp[]])[] = [
  ['an unknown command', ['rum', 'plaintext'], /unknown command: "rum"/, /Did you mean .*run/],
  ['an unknown option', ['run', 'plaintext', '--jsn'], /unknown option: --jsn/, /--json/],
  ['an unknown short option', ['run', 'plaintext', '-z'], /unknown option: -z/],
  ['a switch with a value', ['run', 'plaintext', '--json=yes'], /--json does not accept a value/],
  ['a value that was forgotten', ['run', 'plaintext', '--keylog', '--json'], /missing value for --keylog/],
  ['a value that is not allowed', ['run', 'plaintext', '--pace', 'fast'], /--pace/, /auto/],
  ...(['run plaintext', 'proxy', 'inspect x.pcap', 'kube up'] as const).map(
    (line) =>
      [
        `a theme that ${line} does not know`,
        [...line.split(' '), '--theme', 'pink'],
        /--theme dark\|light\|contrast/,
        /pink/,
      ] as const,
  ),
  ['a negative pace', ['run', 'plaintext', '--pace=-5'], /--pace/],
  ['one as a word of its own', ['run', 'plaintext', '--pace', '-1'], /from 0 to 999999\n.*received: -1/],
  ['a negative step', ['run', 'plaintext', '--step', '-1'], /from 1 to 6[^]*wirelab list plaintext lists/],
  [
    'a step of no scenario of a short version',
    ['run', 'mtls', '--short', '--step', 'x'],
    /list mtls --short/,
  ],
  [
    'a step of one of several in a loop',
    ['run', 'tls', 'mtls', '--loop', '--step', '3'],
    /--step opens one scenario/,
    /run tls --loop --step 3/,
  ],
  [
    'a line break in a name',
    ['run', 'x\n  where: there\u001b[2J'],
    /received: x\\n {2}where: there\\x1b\[2J\n/,
  ],
  ['a line break in an option', ['run', '--x\nwirelab: y'], /^wirelab: unknown option: --x\\nwirelab: y\n/],
  ['a line break in a file', ['inspect', 'a\nwirelab: b'], /a\\nwirelab: b/],
  ['no scenario', ['run'], /missing scenario name/, /plaintext/],
  ['two scenarios', ['run', 'plaintext', 'tls'], /one scenario/],
  ['an unknown scenario', ['run', 'plaintxt'], /unknown scenario/, /Did you mean plaintext/, /wirelab list/],
  ['a path that is not there', ['run', './no/such/folder'], /no\/such\/folder/],
  ['secrets without a file to put them in', ['run', 'plaintext', '--with-secrets'], /--with-secrets/],
  ['two operands for list', ['list', 'plaintext', 'tls'], /list/],
  ['a short list of nothing', ['list', '--short'], /one NAME/],
  ['the steps of nothing', ['list', 'plaintxt'], /Did you mean plaintext/],
];
for (const [title, words, ...says] of cases) test(title, (t) => mistaken(t, words, ...says));

test('a language that is not spoken', async (t) => {
  const { exitCode, stdout, stderr } = await askWirelab(['run', 'plaintext', '--lang', 'fr']);
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /en\|ko/);
});

test('a capture file that cannot be written, and nothing of it is left', async (t) => {
  const folder = temporaryFolder(t);
  await mistaken(
    t,
    ['run', 'plaintext', '--no-tui', '-w', join(folder, 'missing', 'x.pcapng')],
    /missing\/x\.pcapng/,
  );
  mkdirSync(join(folder, 'x.pcapng'));
  await mistaken(t, ['run', 'plaintext', '--no-tui', '-w', join(folder, 'x.pcapng')], /x\.pcapng/);
  t.deepEqual(readdirSync(folder), ['x.pcapng']);
});

test('a key log that cannot be written', async (t) => {
  const folder = temporaryFolder(t);
  await mistaken(t, ['run', 'tls', '--no-tui', '--keylog', join(folder, 'missing', 'keys')], /missing\/keys/);
  t.false(existsSync(join(folder, 'missing')));
});

const scenarioText = (port: number): string => `secrets:
  password: { value: tiger-lily }
  rrn: { value: 900101-1234567 }
accounts:
  alice: { password: password, rrn: rrn }
servers:
  shop: { kind: login-server, port: ${port} }
clients:
  alice: {}
steps:
  - id: direct
    login: { client: alice, to: shop, wire: '0' }
`;
const narrationText =
  '# Title\n\nIntroduction.\n\n## direct: Direct\n\nBefore.\n\n## what-this-does-not-prove\n\nMuch.\n';

function writeScenario(folder: string, yaml: string): string {
  writeFileSync(join(folder, 'scenario.yaml'), yaml);
  writeFileSync(join(folder, 'en.md'), narrationText);
  writeFileSync(join(folder, 'ko.md'), narrationText.replace('Title', '제목'));
  return folder;
}

test('a port that is busy', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const folder = writeScenario(temporaryFolder(t), scenarioText(port));
  await mistaken(t, ['run', folder, '--no-tui'], new RegExp(`127\\.0\\.0\\.1:${port}`), /port/);
});

test('mistakes in a scenario file are named by file, line and what was expected', async (t) => {
  const folder = writeScenario(
    temporaryFolder(t),
    scenarioText(8080).replace('client: alice', 'client: alise'),
  );
  await mistaken(t, ['run', folder], /scenario\.yaml:12:14/, /alise/, /alice/);
  writeScenario(folder, scenarioText(8080).replace('kind: login-server', 'kind: mail-server'));
  await mistaken(t, ['run', folder], /scenario\.yaml:7/, /login-server/, /mail-server/);
  writeScenario(folder, scenarioText(8080).replace('steps:', 'steps: ['));
  await mistaken(t, ['run', folder], /scenario\.yaml:\d+/);
});
