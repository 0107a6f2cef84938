/** A command's output: tables, repeats shown once, and foreign words made safe. */
import test from 'ava';
import { commandOutput } from '../../../src/peers/reports/command-output.ts';
import { inLanguage } from '../../../src/i18n/language.ts';
import type { In, Language } from '../../../src/i18n/language.ts';
import type { CommandOutput } from '../../../src/presentation/types/values.ts';

const typedOf = (result: Parameters<typeof commandOutput>[0], language: Language): In<CommandOutput> =>
  inLanguage(commandOutput(result), language);

const shown = {
  kind: 'kubectl',
  program: 'kubectl',
  version: '1.32.3',
  line: 'get csr',
  exitCode: 0,
  output: '',
  words: '',
  connections: [],
} as const;

test('what is set in columns is a table', (t) => {
  const { table, lines } = typedOf(
    {
      ...shown,
      output: 'NAME    AGE   SIGNERNAME   CONDITION\nalice   0s    a/b          Approved,Issued\n',
    },
    'en',
  );
  t.deepEqual(table, {
    head: ['NAME', 'AGE', 'SIGNERNAME', 'CONDITION'],
    rows: [['alice', '0s', 'a/b', 'Approved,Issued']],
  });
  t.deepEqual(lines, []);
});

test('what is no table stays as it is', (t) => {
  for (const output of ['NAME   AGE\na b c   d   e\n', 'No resources found', 'Name:   x\nKind:   y\n'])
    t.is(typedOf({ ...shown, output }, 'en').table, undefined, output);
});

test('kubectl’s retries are shown once, with a count', (t) => {
  const words = [
    'E1126 06:39:30.160869    5121 memcache.go:265] "no"',
    'E1126 06:39:31.000001    5121 memcache.go:265] "no"',
    'error: no',
  ].join('\n');
  t.deepEqual(typedOf({ ...shown, words, exitCode: 1 }, 'en').lines, [
    'memcache.go:265] "no" (2×)',
    'error: no',
  ]);
});

test('in brief a certificate in base64 is its beginning; the whole output has all of it', (t) => {
  const base64 = 'LS0tLS1CRUdJ'.repeat(40);
  const { brief, lines } = typedOf({ ...shown, output: `certificate: ${base64}\n` }, 'ko');
  t.deepEqual(lines, [`certificate: ${base64}`]);
  t.deepEqual(brief, [`certificate: ${base64.slice(0, 60)}…`]);
  t.deepEqual(typedOf({ ...shown, output: `${'a'.repeat(100)}\n` }, 'ko').brief, ['a'.repeat(100)]);
});

test('more lines than there is room for are counted', (t) => {
  const { lines } = typedOf(
    { ...shown, output: Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n') },
    'ko',
  );
  t.is(lines.length, 13);
  t.is(lines.at(-1), '… 이하 8줄');
});

test('the stand-in for kubectl, and why it ran, is shown', (t) => {
  t.regex(typedOf({ ...shown, program: 'wirelab', instead: 'absent' }, 'en').command, /not installed/);
  t.regex(typedOf({ ...shown, program: 'wirelab', instead: 'asks' }, 'ko').command, /사용자 이름/);
});

test('etcdctl’s retries are shown once, in the words of its log', (t) => {
  const line = (attempt: number): string =>
    JSON.stringify({
      level: 'warn',
      msg: 'retrying of unary invoker failed',
      attempt,
      error: 'rpc error: \u001b[2J',
    });
  const { command, lines } = typedOf(
    {
      ...shown,
      kind: 'etcdctl',
      program: 'etcdctl',
      version: '3.5.16',
      line: 'get /a',
      words: [line(0), line(1), '{"error":7}', '{', 'Error: no'].join('\n'),
    },
    'en',
  );
  t.is(command, '$ etcdctl get /a   (3.5.16)');
  t.is(lines.length, 4);
  t.regex(lines[0] ?? '', /^rpc error: .*\(2×\)$/);
  t.notRegex(lines.join(''), /\u001b/);
  t.deepEqual(lines.slice(1), ['{"error":7}', '{', 'Error: no']);
});

test('the stand-in for etcdctl, and why it ran, is shown', (t) => {
  const stood = { ...shown, kind: 'etcdctl', program: 'wirelab' } as const;
  t.regex(typedOf({ ...stood, instead: 'unspoken' }, 'en').command, /etcdctl requires gRPC/);
  t.regex(typedOf({ ...stood, instead: 'gateway' }, 'ko').command, /JSON 게이트웨이/);
  t.regex(typedOf({ ...stood, instead: 'absent' }, 'ko').command, /etcdctl이 설치되어 있지 않아/);
});

test('foreign output cannot move the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const texts = [
    ...typedOf({ ...shown, line: evil, output: evil, words: evil }, 'en').lines,
    typedOf({ ...shown, line: evil }, 'ko').command,
  ];
  for (const text of texts) t.notRegex(text, /[\u0000-\u001f\u202e]/);
});
