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
    'the API server does not accept its credentials (401 Unauthorized); retrying',
    { what: 'disconnected', message: 'Unauthorized', code: 'Unauthorized' },
  ],
  ['lost its connection: no', { what: 'disconnected', message: 'no', code: 'ECONNREFUSED' }],
  [
    'waiting: s0 holds the lease kube-system/kube-scheduler',
    { what: 'waiting', lease: 'kube-scheduler', holder: 's0' },
  ],
  ['removed all taints of node n1', { what: 'tainted', name: 'n1', taints: [] }],
  [
    'node n1 is tainted: a:NoSchedule, b:NoExecute',
    { what: 'tainted', name: 'n1', taints: ['a:NoSchedule', 'b:NoExecute'] },
  ],
  ['bound default/web to n1', { what: 'bound', pod: 'default/web', node: 'n1' }],
  [
    'listening on 127.0.0.1:10250, without a certificate so far',
    { what: 'listening', address, shows: 'nothing' },
  ],
  [
    'listening on 127.0.0.1:10250, with a self-signed certificate',
    { what: 'listening', address, shows: 'self-signed' },
  ],
  [
    'received a certificate: CN=x, valid until 2026-03-01T12:00:00Z; requests the next one at 2026-03-01T12:00:00Z',
    { what: 'certificate', purpose: 'client', subject: 'CN=x', notAfter: day, rotates: day },
  ],
  [
    'received a token of default/default for default/web',
    { what: 'token', pod: 'default/web', account: 'default/default' },
  ],
  ['received a token, valid until 2026-03-01T12:00:00Z', { what: 'token', expires: day }],
  ['received a token', { what: 'token' }],
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
