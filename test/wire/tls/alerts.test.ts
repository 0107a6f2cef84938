import test from 'ava';
import { randomBytes } from 'node:crypto';
import { refusalReasons } from '../../../src/capture/vocabulary.ts';
import type { RefusalReason } from '../../../src/capture/vocabulary.ts';
import { aeadSuiteNamed, openRecord } from '../../../src/protocols/tls/keys/key-schedule.ts';
import { alertFor, clearAlertRecord, sealedAlertRecord } from '../../../src/wire/tls/alerts.ts';

const rows: readonly (readonly [RefusalReason, in12: number, in13: number])[] = [
  ['certificate_missing', 40, 116],
  ['unknown_ca', 48, 48],
  ['intermediate_missing', 48, 48],
  ['self_signed', 48, 48],
  ['certificate_expired', 45, 45],
  ['certificate_not_yet_valid', 42, 42],
  ['wrong_usage', 43, 43],
  ['certificate_revoked', 44, 44],
  ['crl_expired', 45, 45],
  ['name_not_admitted', 49, 49],
];

test('the alert of each reason is the one that openssl sends for it', (t) => {
  for (const [reason, in12, in13] of rows) {
    t.is(alertFor(reason, 'TLSv1.2')?.code, in12, reason);
    t.is(alertFor(reason, 'TLSv1.3')?.code, in13, reason);
  }
});

test('in the manner of Go it is the one that crypto/tls sends', (t) => {
  const rowsOfGo: typeof rows = [
    ['certificate_missing', 42, 116],
    ['unknown_ca', 48, 48],
    ['self_signed', 48, 48],
    ['certificate_expired', 45, 45],
    ['certificate_not_yet_valid', 45, 45],
    ['wrong_usage', 42, 42],
    ['no_common_protocol', 120, 120],
  ];
  for (const [reason, in12, in13] of rowsOfGo) {
    t.is(alertFor(reason, 'TLSv1.2', 'go')?.code, in12, reason);
    t.is(alertFor(reason, 'TLSv1.3', 'go')?.code, in13, reason);
  }
});

test('every alert of the table has a name in the standard', (t) => {
  for (const reason of refusalReasons) {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      for (const manner of ['openssl', 'go'] as const)
        t.notRegex(alertFor(reason, version, manner)?.description ?? '', /^unknown_\d/);
    }
  }
});

test('an alert in clear is seven bytes, with the version that was agreed on', (t) => {
  const alert = alertFor('unknown_ca', 'TLSv1.2')!;
  t.deepEqual([...clearAlertRecord(alert, 'TLSv1.2')], [21, 3, 3, 0, 2, 2, 48]);
  t.deepEqual([...clearAlertRecord(alert, 'TLSv1')], [21, 3, 1, 0, 2, 2, 48]);
});

test('a sealed alert opens as the first record under the server’s traffic secret, in every suite of TLS 1.3', (t) => {
  const alert = alertFor('certificate_revoked', 'TLSv1.3')!;
  for (const name of [
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_CCM_SHA256',
  ]) {
    const suite = aeadSuiteNamed(name)!;
    const secret = randomBytes(suite.hash === 'sha384' ? 48 : 32);
    const record = sealedAlertRecord(alert, name, secret)!;
    t.is(record.length, 24);
    t.like(openRecord({ suite, secret, sequence: 0, record }), {
      contentType: 21,
      content: Buffer.from([2, 44]),
    });
    t.is(openRecord({ suite, secret, sequence: 1, record }), undefined);
  }
  t.is(sealedAlertRecord(alert, 'TLS_NO_SUCH_SUITE', randomBytes(32)), undefined);
});
