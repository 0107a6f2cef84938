/** Ids of fields and numbers of registries are types: what no protocol has, and a number of another registry, does not compile. */
import test from 'ava';
import { alertCodeNamed, alertOf, knownAlertName } from '../../src/capture/vocabulary.ts';
import type { AlertCode, AlertName } from '../../src/capture/vocabulary.ts';
import type { FieldId } from '../../src/core/field.ts';
import {
  cipherSuiteName,
  extensionName,
  groupName,
  nameOrCode,
  signatureName,
} from '../../src/protocols/tls/codes.ts';
import type {
  CipherSuite,
  ExtensionType,
  NamedGroup,
  SignatureScheme,
} from '../../src/protocols/tls/codes.ts';
import { tlsFieldIds } from '../../src/protocols/tls/ids.ts';
import { x509FieldIds } from '../../src/protocols/x509/ids.ts';

test('an id that no protocol has does not compile; a length has the id of what it is the length of', (t) => {
  const ids: readonly FieldId[] = [
    'tls.handshake.client_hello.random',
    'tls.handshake.extension.server_name.list.length',
    'x509.tbs_certificate.subject',
    'http.response.trailer.name',
    'dns.data.address',
    'commands.reply.text',
    // @ts-expect-error -- A slip of the pen.
    'tls.handshake.client_hello.randon',
    // @ts-expect-error -- A part of another extension.
    'tls.handshake.extension.server_name.group',
    // @ts-expect-error -- A protocol that is not there.
    'smtp.command',
    // @ts-expect-error -- A length of a length.
    'tls.handshake.length.length',
  ];
  t.is(ids.length, 10);
});

test('each id stands once in its list', (t) => {
  for (const list of [tlsFieldIds, x509FieldIds] as const) {
    t.true(list.length > 150);
    t.deepEqual(
      list.filter((id, index) => (list as readonly string[]).indexOf(id) !== index),
      [],
    );
  }
});

test('a number of one registry does not pass for one of another; any number is one that a peer may send', (t) => {
  const suite: CipherSuite = 0x1301;
  const group: NamedGroup = 29;
  const scheme: SignatureScheme = 0x0403;
  const extension: ExtensionType = 0;
  t.is(cipherSuiteName(suite), 'TLS_AES_128_GCM_SHA256');
  t.is(groupName(group), 'x25519');
  t.is(signatureName(scheme), 'ecdsa_secp256r1_sha256');
  t.is(extensionName(extension), 'server_name');
  // @ts-expect-error -- A suite is no group.
  t.is(groupName(suite), undefined);
  // @ts-expect-error -- A group is no suite.
  t.not(cipherSuiteName(group), 'x25519');
  // @ts-expect-error -- An extension is no alert.
  t.is(knownAlertName(extension), 'close_notify');
  t.is(nameOrCode(groupName, 0xfefe), '0xfefe');
  t.is(nameOrCode(groupName, 0x1a1a), 'GREASE');
});

test('an alert has the name of the standard, and one that no standard names has its number', (t) => {
  const unknown: AlertCode = 200;
  const names: readonly AlertName[] = [
    alertOf(48).description,
    alertOf(unknown).description,
    // @ts-expect-error -- No standard has it.
    'unknown_authority',
  ];
  t.deepEqual(names, ['unknown_ca', 'unknown_200', 'unknown_authority']);
  t.is(alertCodeNamed('unknown_ca'), 48);
  t.is(alertCodeNamed('user_cancelled'), 90, 'as OpenSSL spells it');
  t.is(alertCodeNamed('user_canceled'), 90);
  t.is(alertCodeNamed('unknown_200'), undefined);
  t.is(alertCodeNamed('constructor'), undefined);
});
