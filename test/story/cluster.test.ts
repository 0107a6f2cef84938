/** What callers and servers of a cluster report, as lines: tables, what is told once, and words of strangers. */
import test from 'ava';
import { issuedLine, proofLines, servedLines, typedOf } from '../../src/story/cluster.ts';

const told = { kind: 'kubectl', program: 'kubectl', version: '1.32.3', line: 'get csr', exitCode: 0, output: '', words: '', connections: [] } as const;
const request = { conn: 1, method: 'GET', path: '/api/v1/pods', status: 200, user: 'alice', groups: ['dev'] } as const;

test('what is set in columns is a table', (t) => {
  const { table, lines } = typedOf({ ...told, output: 'NAME    AGE   SIGNERNAME   CONDITION\nalice   0s    a/b          Approved,Issued\n' }, 'en');
  t.deepEqual(table, { head: ['NAME', 'AGE', 'SIGNERNAME', 'CONDITION'], rows: [['alice', '0s', 'a/b', 'Approved,Issued']] });
  t.deepEqual(lines, []);
});

test('what is no table stays as it is', (t) => {
  for (const output of ['NAME   AGE\na b c   d   e\n', 'No resources found', 'Name:   x\nKind:   y\n']) t.is(typedOf({ ...told, output }, 'en').table, undefined, output);
});

test('kubectl’s tries are told once, with how often', (t) => {
  const words = ['E1126 06:39:30.160869    5121 memcache.go:265] "no"', 'E1126 06:39:31.000001    5121 memcache.go:265] "no"', 'error: no'].join('\n');
  t.deepEqual(typedOf({ ...told, words, exitCode: 1 }, 'en').lines, ['memcache.go:265] "no" (2×)', 'error: no']);
});

test('more lines than there is room for are counted', (t) => {
  const { lines } = typedOf({ ...told, output: Array.from({ length: 20 }, (_, at) => `line ${at}`).join('\n') }, 'ko');
  t.is(lines.length, 13);
  t.is(lines.at(-1), '… 이하 8줄');
});

test('who did it in kubectl’s place, and why, is said', (t) => {
  t.regex(typedOf({ ...told, program: 'wirelab', instead: 'absent' }, 'en').command, /not installed/);
  t.regex(typedOf({ ...told, program: 'wirelab', instead: 'asks' }, 'ko').command, /사용자 이름/);
});

test('of what a caller asked, what it came for is told', (t) => {
  const discovery = { ...request, path: '/api' };
  t.deepEqual(servedLines('server', { requests: [discovery, { ...request, method: 'DELETE', path: '/api/v1/x' }, { ...request, status: 404 }] }, 'en'), ['server knows alice (dev): DELETE /api/v1/x → 200']);
  t.deepEqual(servedLines('server', { requests: [request, discovery] }, 'en'), ['server knows alice (dev): GET /api/v1/pods → 200']);
  t.regex(servedLines('server', { requests: [{ conn: 1, method: 'GET', path: '/api', status: 401, unauthorized: { reason: 'unknown_ca', words: { en: 'nobody', ko: '아무도' } } }] }, 'en')[0] ?? '', /knows nobody \(nobody\).* 401/);
  t.regex(servedLines('server', { requests: [{ ...request, impersonator: 'root' }] }, 'en')[0] ?? '', /acted by root/);
});

test('nothing of a stranger moves the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const texts = [
    ...typedOf({ ...told, line: evil, output: evil, words: evil }, 'en').lines,
    typedOf({ ...told, line: evil }, 'ko').command,
    ...servedLines('s', { requests: [{ ...request, user: evil, groups: [evil], path: evil }] }, 'en'),
    issuedLine('w', { kind: 'certificate', subject: evil, issuer: evil, serial: '', notAfter: '' }, 'en'),
    ...proofLines({ client: { subject: evil, issuer: evil } as never, server: { subject: evil, issuer: evil } as never }, { client: 'c', server: 's' }, 'ko'),
  ];
  for (const text of texts) t.notRegex(text, /[\u0000-\u001f\u202e]/);
});

test('who shows no certificate is said, where the other side’s was seen', (t) => {
  t.deepEqual(proofLines({ server: { subject: 'CN=a', issuer: 'CN=ca' } as never }, { client: 'c', server: 's' }, 'en'), ['c shows no certificate', 's shows CN=a, signed by CN=ca']);
  t.deepEqual(proofLines({}, { client: 'c', server: 's' }, 'en'), []);
});
