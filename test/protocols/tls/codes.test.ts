import test from 'ava';
import { isCode, isTls13, nameOfCode, versionName } from '../../../src/protocols/tls/codes.ts';

test('a code is named by the registry of the field that it stands in', (t) => {
  t.is(nameOfCode('tls.handshake.server_hello.cipher_suite', 0x1301), 'TLS_AES_128_GCM_SHA256');
  t.is(nameOfCode('tls.handshake.extension.key_share.group', 0x001d), 'x25519');
  t.is(nameOfCode('tls.handshake.extension.supported_versions.version', 0x0304), 'TLSv1.3');
  t.is(nameOfCode('tls.handshake.extension.type', 0), 'server_name');
});

test('a code without a name, and a field that is no code, have none', (t) => {
  t.is(nameOfCode('tls.handshake.server_hello.cipher_suite', 0xfefe), undefined);
  t.is(nameOfCode('tls.handshake.client_hello.random', 0x1301), undefined);
});

test('a code without a name is still a code, which a length or a random is not', (t) => {
  t.true(isCode('tls.handshake.server_hello.cipher_suite'));
  for (const id of ['tls.handshake.length', 'tls.handshake.extension.server_name.name_type', 'constructor'])
    t.false(isCode(id), id);
});

test('drafts of TLS 1.3 are TLS 1.3, Facebook’s among them', (t) => {
  t.is(versionName(0x7f12), 'TLSv1.3 draft 18');
  t.is(versionName(0xfb1a), 'TLSv1.3 draft 26');
  t.true([0x0304, 0x7f1c, 0xfb17, 0xfb1a].every(isTls13));
  t.false([0x0303, 0xfefd, undefined].some(isTls13));
});
