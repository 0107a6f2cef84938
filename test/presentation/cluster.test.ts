/** What callers and servers of a cluster report, as lines: tables, what is told once, and words of strangers. */
import test from 'ava';
import { inLanguage, verbatim } from '../../src/i18n/language.ts';
import type { In, Language } from '../../src/i18n/language.ts';
import * as cluster from '../../src/presentation/cluster.ts';
import type { Typed } from '../../src/presentation/cluster.ts';

const typedOf = (told: Parameters<typeof cluster.typedOf>[0], language: Language): In<Typed> =>
  inLanguage(cluster.typedOf(told), language);
const servedLines = (
  who: string,
  told: Parameters<typeof cluster.servedLines>[1],
  language: Language,
): readonly string[] => inLanguage(cluster.servedLines(who, told), language);
const storedLines = (
  who: string,
  told: Parameters<typeof cluster.storedLines>[1],
  language: Language,
): readonly string[] => inLanguage(cluster.storedLines(who, told), language);
const issuedLine = (
  who: string,
  told: Parameters<typeof cluster.issuedLine>[1],
  language: Language,
): string => cluster.issuedLine(who, told)[language];
const proofLines = (
  proofs: Parameters<typeof cluster.proofLines>[0],
  { client, server }: { readonly client: string; readonly server: string },
  language: Language,
): readonly string[] =>
  inLanguage(cluster.proofLines(proofs, { client: verbatim(client), server: verbatim(server) }), language);

const told = {
  kind: 'kubectl',
  program: 'kubectl',
  version: '1.32.3',
  line: 'get csr',
  exitCode: 0,
  output: '',
  words: '',
  connections: [],
} as const;
const request = {
  conn: 1,
  method: 'GET',
  path: '/api/v1/pods',
  status: 200,
  user: 'alice',
  groups: ['dev'],
} as const;

test('what is set in columns is a table', (t) => {
  const { table, lines } = typedOf(
    { ...told, output: 'NAME    AGE   SIGNERNAME   CONDITION\nalice   0s    a/b          Approved,Issued\n' },
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
    t.is(typedOf({ ...told, output }, 'en').table, undefined, output);
});

test('kubectl’s tries are told once, with how often', (t) => {
  const words = [
    'E1126 06:39:30.160869    5121 memcache.go:265] "no"',
    'E1126 06:39:31.000001    5121 memcache.go:265] "no"',
    'error: no',
  ].join('\n');
  t.deepEqual(typedOf({ ...told, words, exitCode: 1 }, 'en').lines, [
    'memcache.go:265] "no" (2×)',
    'error: no',
  ]);
});

test('more lines than there is room for are counted', (t) => {
  const { lines } = typedOf(
    { ...told, output: Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n') },
    'ko',
  );
  t.is(lines.length, 13);
  t.is(lines.at(-1), '… 이하 8줄');
});

test('who did it in kubectl’s place, and why, is said', (t) => {
  t.regex(typedOf({ ...told, program: 'wirelab', instead: 'absent' }, 'en').command, /not installed/);
  t.regex(typedOf({ ...told, program: 'wirelab', instead: 'asks' }, 'ko').command, /사용자 이름/);
});

test('etcdctl’s tries are told in the words of its log, once', (t) => {
  const line = (attempt: number): string =>
    JSON.stringify({
      level: 'warn',
      msg: 'retrying of unary invoker failed',
      attempt,
      error: 'rpc error: \u001b[2J',
    });
  const { command, lines } = typedOf(
    {
      ...told,
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

test('who did it in etcdctl’s place, and why, is said', (t) => {
  const stood = { ...told, kind: 'etcdctl', program: 'wirelab' } as const;
  t.regex(typedOf({ ...stood, instead: 'unspoken' }, 'en').command, /etcdctl speaks gRPC/);
  t.regex(typedOf({ ...stood, instead: 'gateway' }, 'ko').command, /JSON 게이트웨이/);
  t.regex(typedOf({ ...stood, instead: 'absent' }, 'ko').command, /etcdctl이 설치되어 있지 않아/);
});

test('an etcd tells each caller and each reason once', (t) => {
  const asked = { conn: 1, path: '/v3/kv/range', status: 200 } as const;
  const no = { reason: 'unknown_ca', words: 'x509: unknown' };
  const stored = {
    requests: [
      asked,
      { ...asked, caller: 'bob' },
      { ...asked, caller: 'bob', path: '/v3/kv/txn', status: 400 },
    ],
    rejected: [no, no, { reason: 'wrong_usage', words: 'x509: \u001b[2J' }],
  };
  const lines = storedLines('etcd', stored, 'en');
  t.deepEqual(lines.slice(0, 3), [
    'etcd knows nobody, and answers: /v3/kv/range → 200',
    'etcd lets in bob: /v3/kv/txn → 400',
    'etcd turned a client away; in its log: x509: unknown',
  ]);
  t.is(lines.length, 4);
  t.notRegex(lines.join(''), /\u001b/);
  for (const line of storedLines('etcd', stored, 'ko')) t.regex(line, /[가-힣]/);
  t.deepEqual(storedLines('etcd', { requests: [], rejected: [] }, 'en'), []);
});

test('of what a caller asked, what it came for is told', (t) => {
  const discovery = { ...request, path: '/api' };
  t.deepEqual(
    servedLines(
      'server',
      {
        requests: [
          discovery,
          { ...request, method: 'DELETE', path: '/api/v1/x' },
          { ...request, status: 404 },
        ],
      },
      'en',
    ),
    ['server knows alice (dev): DELETE /api/v1/x → 200'],
  );
  t.deepEqual(servedLines('server', { requests: [request, discovery] }, 'en'), [
    'server knows alice (dev): GET /api/v1/pods → 200',
  ]);
  t.regex(
    servedLines(
      'server',
      {
        requests: [
          {
            conn: 1,
            method: 'GET',
            path: '/api',
            status: 401,
            unauthorized: { reason: 'unknown_ca', words: { en: 'nobody', ko: '아무도' } },
          },
        ],
      },
      'en',
    )[0] ?? '',
    /knows nobody \(nobody\).* 401/,
  );
  t.regex(
    servedLines('server', { requests: [{ ...request, impersonator: 'root' }] }, 'en')[0] ?? '',
    /acted by root/,
  );
});

test('nothing of a stranger moves the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const texts = [
    ...typedOf({ ...told, line: evil, output: evil, words: evil }, 'en').lines,
    typedOf({ ...told, line: evil }, 'ko').command,
    ...servedLines('s', { requests: [{ ...request, user: evil, groups: [evil], path: evil }] }, 'en'),
    issuedLine(
      'w',
      {
        kind: 'certificate',
        subject: evil,
        issuer: evil,
        serial: '',
        notBefore: '2026-01-01T00:00:00Z',
        notAfter: '',
      },
      'en',
    ),
    ...proofLines(
      { client: { subject: evil, issuer: evil } as never, server: { subject: evil, issuer: evil } as never },
      { client: 'c', server: 's' },
      'ko',
    ),
  ];
  for (const text of texts) t.notRegex(text, /[\u0000-\u001f\u202e]/);
});

test('who shows no certificate is said, where the other side’s was seen', (t) => {
  t.deepEqual(
    proofLines({ server: { subject: 'CN=a', issuer: 'CN=ca' } as never }, { client: 'c', server: 's' }, 'en'),
    ['c shows no certificate', 's shows CN=a, signed by CN=ca'],
  );
  t.deepEqual(proofLines({}, { client: 'c', server: 's' }, 'en'), []);
});
