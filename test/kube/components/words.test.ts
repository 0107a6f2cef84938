/** What components report, in words of every language. */
import test from 'ava';
import { componentWords } from '../../../src/kube/components/words.ts';
import type { ComponentReport } from '../../../src/kube/components/words.ts';

const address = { host: '127.0.0.1', port: 10_250 };
const day = Date.parse('2026-03-01T12:00:00Z');

const told: readonly (readonly [en: string | undefined, report: ComponentReport])[] = [
  [undefined, { what: 'watching', requests: 3 }],
  ['signed csr-1', { what: 'signed', name: 'csr-1' }],
  [
    'the API server does not accept who it says it is (401 Unauthorized); it is tried again',
    { what: 'disconnected', message: 'Unauthorized', code: 'Unauthorized' },
  ],
  ['lost its connection: no', { what: 'disconnected', message: 'no', code: 'ECONNREFUSED' }],
  [
    'waits: s0 holds the lease kube-system/kube-scheduler',
    { what: 'waiting', lease: 'kube-scheduler', holder: 's0' },
  ],
  ['node n1 has no taints any more', { what: 'tainted', name: 'n1', taints: [] }],
  [
    'node n1 is tainted: a:NoSchedule, b:NoExecute',
    { what: 'tainted', name: 'n1', taints: ['a:NoSchedule', 'b:NoExecute'] },
  ],
  ['bound default/web to n1', { what: 'bound', pod: 'default/web', node: 'n1' }],
  [
    'listens on 127.0.0.1:10250, and has no certificate to show yet',
    { what: 'listening', address, shows: 'nothing' },
  ],
  [
    'listens on 127.0.0.1:10250, with a certificate that it signed itself',
    { what: 'listening', address, shows: 'self-signed' },
  ],
  [
    'has a certificate: CN=x, until 2026-03-01T12:00:00Z; asks for the next one at 2026-03-01T12:00:00Z',
    { what: 'certificate', purpose: 'client', subject: 'CN=x', notAfter: day, rotates: day },
  ],
  [
    'got a token of default/default for default/web',
    { what: 'token', pod: 'default/web', account: 'default/default' },
  ],
  ['got a token, good until 2026-03-01T12:00:00Z', { what: 'token', expires: day }],
  ['got a token', { what: 'token' }],
  [
    'bob GET /pods 403',
    { what: 'answered', method: 'GET', target: '/pods', code: 403, user: { name: 'bob', groups: [] } },
  ],
  [
    '- GET /pods 401 no certificate',
    {
      what: 'answered',
      method: 'GET',
      target: '/pods',
      code: 401,
      why: { en: 'no certificate', ko: '인증서 없음' },
    },
  ],
  [
    'would have programmed default/web 10.96.0.7:80/TCP (it programs nothing)',
    { what: 'rules', service: 'default/web', rules: ['default/web 10.96.0.7:80/TCP'] },
  ],
];

for (const [en, report] of told)
  test(en ?? `nothing is said of ${report.what}`, (t) => t.is(componentWords(report)?.en, en));

test('what is said is said in Korean too', (t) => {
  for (const [en, report] of told) t.is(componentWords(report)?.ko === undefined, en === undefined);
});
