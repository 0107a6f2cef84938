import test from 'ava';
import { listNameOf, unknownSuites } from '../../../src/wire/tls/cipher-names.ts';

test('entries of a cipher list that mean no suite are found, among others that do', (t) => {
  t.deepEqual(unknownSuites('AES128-GCM-SHA256:ECDHE-RSA-AES128-GMC-SHA256:AES256-SHA,nothing'), [
    'ECDHE-RSA-AES128-GMC-SHA256',
    'nothing',
  ]);
  for (const list of [
    'DEFAULT',
    'HIGH:!aNULL:!RC4:-SOMETHING:@STRENGTH',
    'ECDHE+AESGCM:kRSA',
    'ECDHE-ECDSA-NULL-SHA',
    'eNULL',
    'PSK',
    'DEFAULT@SECLEVEL=0',
    'TLS_AES_128_GCM_SHA256:AES128-GCM-SHA256',
    '',
  ])
    t.deepEqual(unknownSuites(list), [], list);
  t.deepEqual(unknownSuites('TLS_AES_128_GMC_SHA256'), ['TLS_AES_128_GMC_SHA256']);
});

test('a suite by its name in the standards has another one in OpenSSL', (t) => {
  t.is(listNameOf('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'), 'ECDHE-RSA-AES128-GCM-SHA256');
  t.is(listNameOf('TLS_RSA_WITH_AES_128_GCM_SHA256'), 'AES128-GCM-SHA256');
  t.is(listNameOf('TLS_RSA_WITH_AES_256_CBC_SHA'), 'AES256-SHA');
  t.is(listNameOf('TLS_NOTHING'), undefined);
  t.is(listNameOf('AES128-GCM-SHA256'), undefined);
});
