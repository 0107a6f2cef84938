/** An API server's report of its clients, as lines: repeats are shown once, and foreign words are made safe. */
import test from 'ava';
import type { Observation } from '../../../src/capture/event.ts';
import { shown } from '../../../src/features/kubectl/shown.ts';
import { inLanguage } from '../../../src/i18n/language.ts';
import type { Language } from '../../../src/i18n/language.ts';
import { reportOf, shownBy } from '../support/reports.ts';

const servedLines = (
  who: string,
  { requests }: Pick<Extract<Observation, { kind: 'api' }>, 'requests'>,
  language: Language,
): readonly string[] =>
  inLanguage(
    shownBy(shown, reportOf(who, { kind: 'api', requests, total: requests.length }), (own, report) =>
      own.served?.([report]),
    ),
    language,
  );

const request = {
  conn: 1,
  method: 'GET',
  path: '/api/v1/pods',
  status: 200,
  user: 'alice',
  groups: ['dev'],
} as const;

test('of the requests of a client, the main one is shown', (t) => {
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
    ['server identifies alice (dev): DELETE /api/v1/x → 200'],
  );
  t.deepEqual(servedLines('server', { requests: [request, discovery] }, 'en'), [
    'server identifies alice (dev): GET /api/v1/pods → 200',
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
    /identifies no user \(nobody\).* 401/,
  );
  t.regex(
    servedLines('server', { requests: [{ ...request, impersonator: 'root' }] }, 'en')[0] ?? '',
    /impersonated by root/,
  );
});

test('several reports of a server give one line per client', (t) => {
  const pieces = [request, { ...request, conn: 2, path: '/api/v1/nodes' }].map((one) =>
    reportOf('server', { kind: 'api', requests: [one], total: 1 }),
  );
  const served = (conn?: number): readonly string[] =>
    inLanguage(
      shownBy(shown, reportOf('server', { kind: 'api', requests: [], total: 0 }), (own) =>
        own.served?.(pieces, conn),
      ),
      'en',
    );
  t.deepEqual(served(), ['server identifies alice (dev): GET /api/v1/nodes → 200']);
  t.deepEqual(served(1), ['server identifies alice (dev): GET /api/v1/pods → 200']);
});

test('foreign output cannot move the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const texts = [
    ...servedLines('s', { requests: [{ ...request, user: evil, groups: [evil], path: evil }] }, 'en'),
  ];
  for (const text of texts) t.notRegex(text, /[\u0000-\u001f\u202e]/);
});
