/** An etcd's report of its clients, as lines. */
import test from 'ava';
import type { Observation } from '../../../src/capture/event.ts';
import { shown } from '../../../src/features/etcdctl/shown.ts';
import { inLanguage } from '../../../src/i18n/language.ts';
import type { Language } from '../../../src/i18n/language.ts';
import { reportOf, shownBy } from '../support/reports.ts';

const storedLines = (
  who: string,
  stored: Pick<Extract<Observation, { kind: 'etcd' }>, 'requests' | 'rejected'>,
  language: Language,
): readonly string[] =>
  inLanguage(
    shownBy(shown, reportOf(who, { kind: 'etcd', program: 'etcd', total: 0, ...stored }), (own, report) =>
      own.served?.([report]),
    ),
    language,
  );

test('an etcd lists each client and each reason once', (t) => {
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
    'etcd answers without identifying the client: /v3/kv/range → 200',
    'etcd admits bob: /v3/kv/txn → 400',
    'etcd rejected a client; in its log: x509: unknown',
  ]);
  t.is(lines.length, 4);
  t.notRegex(lines.join(''), /\u001b/);
  for (const line of storedLines('etcd', stored, 'ko')) t.regex(line, /[가-힣]/);
  t.deepEqual(storedLines('etcd', { requests: [], rejected: [] }, 'en'), []);
});
