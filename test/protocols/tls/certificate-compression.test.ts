/**
 * Compressed certificates: as openssl sends them, and by hand in every algorithm; a bomb is named and stays shut.
 */
import { brotliCompressSync, deflateSync } from 'node:zlib';
import * as zlib from 'node:zlib';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Field } from '../../../src/core/field.ts';
import { findField } from '../../../src/core/field.ts';
import { openCompressedCertificate } from '../../../src/protocols/tls/certificate-compression.ts';
import type { OpenedCertificate } from '../../../src/protocols/tls/certificate-compression.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import { fieldOf } from '../../../src/protocols/tls/message/message-field.ts';
import { readHandshake } from '../../../src/protocols/tls/handshake.ts';
import type { CompressedCertificate } from '../../../src/protocols/tls/handshake.ts';
import { withInside } from '../../../src/protocols/tls/inside.ts';
import { tlsTexts } from '../../../src/protocols/tls/texts.ts';
import { withPeer } from '../../helpers/peer.ts';
import { selfSigned } from '../helpers/self-signed.ts';
import { Talker, withServer } from '../helpers/tapped-programs.ts';
import { allFields, coverageFaults } from '../helpers/tree.ts';

const shop = selfSigned('shop.localhost');
const uint24 = (value: number): Buffer => Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]);

/** The body of a Certificate message of TLS 1.3 with this one certificate. */
function certificateBody(der: Uint8Array): Buffer {
  const entry = Buffer.concat([uint24(der.length), der, Buffer.from([0, 0])]);
  return Buffer.concat([Buffer.from([0]), uint24(entry.length), entry]);
}

const body = certificateBody(shop.der);

function message(algorithm: number, compressed: Uint8Array, length = body.length): Uint8Array {
  const content = Buffer.concat([
    Buffer.from([algorithm >> 8, algorithm & 0xff]),
    uint24(length),
    uint24(compressed.length),
    compressed,
  ]);
  return new Uint8Array(Buffer.concat([Buffer.from([25]), uint24(content.length), content]));
}

function read(
  t: ExecutionContext,
  bytes: Uint8Array,
): { readonly opened: OpenedCertificate; readonly field: Field } {
  const step = readHandshake(bytes, { open: false, context: { version: 0x0304 } });
  if (!('got' in step)) throw new Error('it is a message');
  const { content } = step.got;
  t.is(content.type, 'compressed_certificate');
  return {
    opened: openCompressedCertificate(content as CompressedCertificate),
    field: withInside(step.field, content),
  };
}

const compressors = [
  [1, 'zlib', deflateSync],
  [2, 'brotli', brotliCompressSync],
] as const;

for (const [algorithm, name, compress] of compressors) {
  test(`a list of certificates that was compressed with ${name} is opened into the same list`, (t) => {
    const { opened, field } = read(t, message(algorithm, compress(body)));
    if (!('list' in opened)) return t.fail(opened.unopened);
    t.deepEqual(opened.list.certificates, [new Uint8Array(shop.der)]);
    const compressed = findField(field, 'tls.handshake.compressed_certificate.message');
    const list = findField(field, 'tls.handshake.certificate');
    t.truthy(
      list && findField(list, 'x509.tbs_certificate.subject'),
      'the certificate in it is taken to pieces',
    );
    const end = compressed?.range[1];
    for (const one of list ? allFields(list) : []) t.deepEqual(one.range, [end, end], one.id);
    t.deepEqual(coverageFaults(field), []);
  });
}

test('zstd is opened where this Node has it, and said to be missing where not', (t) => {
  const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array };
  const { opened } = read(t, message(3, zstdCompressSync?.(body) ?? Buffer.from('28b52ffd', 'hex')));
  if (zstdCompressSync) t.true('list' in opened);
  else t.deepEqual(opened, { unopened: 'unsupported' });
});

const bomb = (algorithm: number): Uint8Array =>
  (algorithm === 1 ? deflateSync : brotliCompressSync)(Buffer.alloc(64 * 1024 * 1024));
const refused = [
  ['it claims sixteen megabytes', message(1, deflateSync(body), 2 ** 24 - 1), 'too_long'],
  ['it claims little and holds 64 megabytes, zlib', message(1, bomb(1)), 'wrong_length'],
  ['it claims little and holds 64 megabytes, brotli', message(2, bomb(2)), 'wrong_length'],
  ['it is a byte longer than it claims', message(1, deflateSync(body), body.length - 1), 'wrong_length'],
  ['it is a byte shorter than it claims', message(1, deflateSync(body), body.length + 1), 'wrong_length'],
  ['it claims nothing', message(1, deflateSync(body), 0), 'wrong_length'],
  ['it is no compressed data', message(1, body), 'damaged'],
  ['it is cut', message(2, brotliCompressSync(body).subarray(0, 100)), 'damaged'],
  ['what was compressed is no list', message(1, deflateSync(Buffer.alloc(10, 0xff)), 10), 'damaged'],
  ['nobody knows its algorithm', message(0x4444, body), 'unknown_algorithm'],
] as const;

for (const [title, bytes, reason] of refused) {
  test(`a compressed certificate stays shut and says why: ${title}`, (t) => {
    const before = process.memoryUsage().arrayBuffers;
    const { opened, field } = read(t, bytes);
    t.deepEqual(opened, { unopened: reason });
    t.true(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024);
    const [remark] = findField(field, 'tls.handshake.compressed_certificate.message')?.remarks ?? [];
    t.is(remark?.id, `tls.handshake.compressed_certificate.${reason}`);
    t.true((remark?.id ?? '') in tlsTexts);
    t.is(findField(field, 'tls.handshake.certificate'), undefined);
  });
}

withPeer('openssl', 'what openssl compresses is opened', async (t) => {
  await withServer(shop, ['-tls1_3', '-cert_comp'], async ({ port, server, connections, keylog }) => {
    const client = new Talker('openssl', ['s_client', '-connect', `127.0.0.1:${port}`]);
    client.say('hello');
    await server.hears(/hello/);
    client.say('Q');
    await client.end();
    const conversation = new TlsConversation();
    for (const chunk of connections[0] ?? []) conversation.feed(chunk);
    conversation.openWith(await keylog());
    const shown = conversation.messages.find(({ content }) => content.type === 'compressed_certificate');
    if (shown?.content.type !== 'compressed_certificate') {
      t.log('this openssl was built without any compression');
      t.true(conversation.messages.some(({ content }) => content.type === 'certificate'));
      return;
    }
    t.deepEqual(coverageFaults(fieldOf(shown)), []);
    const opened = openCompressedCertificate(shown.content);
    if ('list' in opened)
      t.deepEqual(
        opened.list.certificates.map((der) => Buffer.from(der).toString('hex')),
        [Buffer.from(shop.der).toString('hex')],
      );
    else t.is(opened.unopened, 'unsupported');
  });
});
