/** The real etcd's words of refusal, and the embedded one's, as reasons. That the real one writes them is seen in etcdctl-refused.test.ts. */
import test from 'ava';
import { assert, property, string } from 'fast-check';
import { reasonOfLog } from '../../../src/kube/etcd/log-words.ts';

const time = '2026-11-26T08:46:52Z';

for (const [words, reason] of [
  ["tls: client didn't provide a certificate", 'certificate_missing'],
  ['tls: failed to verify certificate: x509: certificate signed by unknown authority', 'unknown_ca'],
  [
    'tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "etcd-ca")',
    'unknown_ca',
  ],
  [
    `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ${time} is after 2026-11-25T08:35:36Z`,
    'certificate_expired',
  ],
  [
    `tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time ${time} is before 2027-11-25T08:35:36Z`,
    'certificate_not_yet_valid',
  ],
  ['tls: failed to verify certificate: x509: certificate specifies an incompatible key usage', 'wrong_usage'],
  ['tls: first record does not look like a TLS handshake', 'plaintext_on_tls_port'],
  ['remote error: tls: bad certificate', undefined],
  ['EOF', undefined],
  ['', undefined],
] as const) {
  test(`${reason ?? 'no reason'}: ${words}`, (t) => t.is(reasonOfLog(words), reason));
}

test('any words are read', (t) => {
  assert(property(string(), (words) => void reasonOfLog(words)));
  t.pass();
});
