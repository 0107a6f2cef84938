/**
 * Every byte of every handshake message has one field, whoever speaks: Node, openssl, gnutls, from TLS 1.0 to 1.3. The
 * trees are well-formed (children in order, within their parent, no gap, no byte twice), and the counts add up.
 */
import { writeFile } from 'node:fs/promises';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Field, FieldId } from '../../src/core/field.ts';
import { readStep } from '../../src/core/cursor.ts';
import { coverageOf, knowledgeOf } from '../../src/protocols/coverage.ts';
import { coverageOf as coverageOfMessage } from '../../src/analysis/conversation/tls-reading.ts';
import { handshakeFieldOf } from '../../src/protocols/tls/message/message-field.ts';
import { TlsConversation } from '../../src/protocols/tls/conversation.ts';
import type { TlsMessage } from '../../src/protocols/tls/message/message.ts';
import { readHandshake } from '../../src/protocols/tls/handshake.ts';
import { readCertificate } from '../../src/protocols/x509/certificate.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { pemCertificates } from '../../src/pki/keystore/pem.ts';
import { withPeer } from '../helpers/peer.ts';
import { alice, cases, recordingOf, shop } from './helpers/handshakes.ts';
import { recordTls } from './helpers/recorded-tls.ts';
import { selfSigned } from './helpers/self-signed.ts';
import { Talker, withServer } from './helpers/tapped-programs.ts';
import { allFields, treeFaults } from './helpers/tree.ts';

function leaf(id: string, start: number, end: number, value: Field['value'] = 1): Field {
  return { id: id as FieldId, range: [start, end], value, children: [], remarks: [], origin: 'wire' };
}

const parent = (id: string, start: number, end: number, ...children: readonly Field[]): Field => ({
  ...leaf(id, start, end, null),
  children,
});

test('each byte is counted once, and the kinds add up to the length', (t) => {
  const random = leaf('tls.handshake.client_hello.random', 2, 6, new Uint8Array(4));
  const tree = parent(
    'm',
    0,
    12,
    leaf('message.number', 0, 2),
    random,
    leaf('m.strange', 6, 9, new Uint8Array(3)),
    leaf('m.empty', 9, 10, null),
  );
  t.deepEqual(coverageOf(tree), { bytes: 12, named: 2, opaque: 4, unknown: 3, uncovered: 3 });
  t.deepEqual(
    coverageOf(tree, 20),
    { bytes: 20, named: 2, opaque: 4, unknown: 3, uncovered: 11 },
    'what a reader never reached is uncovered',
  );
  const twice = parent('m', 5, 9, leaf('m.a', 5, 8), leaf('m.b', 6, 9));
  t.deepEqual(coverageOf(twice), { bytes: 4, named: 4, opaque: 0, unknown: 0, uncovered: 0 });
  t.deepEqual(coverageOf(parent('m', 0, 0)), { bytes: 0, named: 0, opaque: 0, unknown: 0, uncovered: 0 });
});

test('a fault of a tree is found: a gap, a byte twice, a child outside of its parent', (t) => {
  t.deepEqual(treeFaults(parent('m', 0, 4, leaf('a', 0, 2), leaf('b', 2, 4))), []);
  t.is(treeFaults(parent('m', 0, 4, leaf('a', 0, 2), leaf('b', 3, 4))).length, 1);
  t.is(treeFaults(parent('m', 0, 4, leaf('a', 0, 3), leaf('b', 2, 4))).length, 1);
  t.is(treeFaults(parent('m', 0, 4, parent('p', 0, 2, leaf('a', 0, 3)), leaf('b', 2, 4))).length, 1);
  t.is(treeFaults(parent('m', 0, 4, leaf('a', 0, 3))).length, 1, 'a gap at the end');
});

test('what stands in a DER element is known by the element', (t) => {
  const value = leaf('x509.der.value', 2, 4, new Uint8Array(2));
  t.is(knowledgeOf(value, leaf('x509.signature_value', 0, 4, null)), 'opaque');
  t.is(knowledgeOf(value, leaf('x509.tbs_certificate.serial_number', 0, 4, new Uint8Array(2))), 'named');
  t.is(knowledgeOf(value, leaf('x509.general_name', 0, 4, 'DNS:shop')), 'named');
  t.is(
    knowledgeOf(value, leaf('x509.extension.crl_distribution_points.point', 0, 4, new Uint8Array(2))),
    'unknown',
  );
});

/** Complaints about the handshake messages of a conversation. */
function faultsOf(messages: readonly TlsMessage[]): string[] {
  const faults: string[] = [];
  for (const message of messages) {
    if (message.content.type === 'malformed') faults.push(`${message.title} is malformed`);
    const field = handshakeFieldOf(message);
    const coverage = coverageOfMessage(message);
    if (!field || !coverage) continue;
    const { bytes, named, opaque, unknown, uncovered } = coverage;
    faults.push(...treeFaults(field).map((fault) => `${message.title}: ${fault}`));
    if (bytes !== message.bytes?.length)
      faults.push(`${message.title}: ${bytes} of ${message.bytes?.length} bytes`);
    if (uncovered !== 0) faults.push(`${message.title}: ${uncovered} bytes without a field`);
    if (named + opaque + unknown !== bytes) faults.push(`${message.title}: the kinds do not add up`);
    for (const one of unknownIn(field)) faults.push(`${message.title}: nobody knows ${one}`);
  }
  return faults;
}

/** Ids of the leaves that have bytes and are unknown; the structures inside are not opened here, and opaque as a whole. */
function unknownIn(field: Field, around?: Field): string[] {
  if (field.children.length > 0) return field.children.flatMap((child) => unknownIn(child, field));
  const isStructure = /certificate\.certificate$|distinguished_name$/.test(field.id);
  return field.range[1] > field.range[0] && !isStructure && knowledgeOf(field, around) === 'unknown'
    ? [field.id]
    : [];
}

const titles = (messages: readonly TlsMessage[]): Set<string> => new Set(messages.map(({ title }) => title));

function read(recording: Awaited<ReturnType<typeof recordTls>>): readonly TlsMessage[] {
  const conversation = new TlsConversation();
  for (const event of recording.events) if (event.type === 'bytes') conversation.feed(event);
  conversation.openWith(recording.keylog);
  return conversation.messages;
}

for (const name of Object.keys(cases)) {
  test(`${name}: every byte of the handshake has a field, and none is unknown`, async (t) => {
    const messages = read(await recordingOf(name));
    t.deepEqual(faultsOf(messages), []);
    t.true(titles(messages).has('Finished'));
    for (const message of messages) t.is(coverageOfMessage(message)?.unknown ?? 0, 0, message.title);
  });
}

for (const version of ['TLSv1', 'TLSv1.1'] as const) {
  test(`${version} between two Node sockets, both with certificates`, async (t) => {
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
    const recording = await recordTls({
      server: {
        ...selfSigned('shop.localhost', 'RSA'),
        ...old,
        requestCert: true,
        rejectUnauthorized: false,
      },
      client: { ...alice, ...old, servername: 'shop.localhost' },
    });
    t.is(recording.agreed?.version, version);
    const messages = read(recording);
    t.deepEqual(faultsOf(messages), []);
    t.true(titles(messages).has('CertificateVerify'));
  });
}

test('a server that names the CAs that it takes: each name is opened', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const recording = await recordTls({
      server: {
        ...shop,
        ca: [shop.cert, alice.cert],
        requestCert: true,
        rejectUnauthorized: false,
        minVersion: version,
        maxVersion: version,
      },
      client: { ...alice, servername: 'shop.localhost' },
    });
    const messages = read(recording);
    t.deepEqual(faultsOf(messages), []);
    const request = messages.find(({ title }) => title === 'CertificateRequest');
    t.true(request?.content.type === 'certificate_request' && request.content.authorities.length === 2);
    t.is(request && coverageOfMessage(request)?.unknown, 0);
  }
});

test('an extension and a message that nobody here knows are counted as unknown, not as explained', (t) => {
  const extension = Buffer.from([0xfe, 0xed, 0, 3, 1, 2, 3]);
  const hello = Buffer.concat([
    Buffer.from([3, 3]),
    Buffer.alloc(32, 7),
    Buffer.from([0, 0, 2, 0x13, 1, 1, 0, 0, extension.length]),
    extension,
  ]);
  const step = readHandshake(Buffer.concat([Buffer.from([1, 0, 0, hello.length]), hello]));
  t.true('got' in step);
  if ('got' in step)
    t.deepEqual(coverageOf(step.field), {
      bytes: 4 + hello.length,
      named: 4 + hello.length - 32 - 3,
      opaque: 32,
      unknown: 3,
      uncovered: 0,
    });
  const strange = readHandshake(Buffer.from([99, 0, 0, 5, 1, 2, 3, 4, 5]));
  t.true('got' in strange);
  if ('got' in strange)
    t.deepEqual(coverageOf(strange.field), { bytes: 9, named: 4, opaque: 0, unknown: 5, uncovered: 0 });
});

test('a message that could be read to its middle only: the rest is uncovered', (t) => {
  const step = readStep('message', Buffer.from([1, 2, 3, 4, 5]), (cursor) => {
    cursor.uint16('message.number');
    cursor.fail('bad_value', 'message', 'another', 'this');
  });
  t.true('malformed' in step);
  if ('malformed' in step)
    t.deepEqual(coverageOf(step.partial, 5), { bytes: 5, named: 2, opaque: 0, unknown: 0, uncovered: 3 });
});

test('certificates of every profile and key are opened to the last byte', (t) => {
  const names = {
    san: [
      'DNS:shop.localhost',
      'IP:127.0.0.1',
      'IP:2001:db8::7',
      'URI:spiffe://workshop/shop',
      'email:shop@localhost',
    ],
  };
  const world = issueWorld(
    {
      certificates: {
        ca: { profile: 'root', subject: { CN: 'CA', O: '작업실' }, pathLength: 1 },
        middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle' }, key: 'RSA-2048' },
        shop: { profile: 'server', issuer: 'middle', subject: { CN: 'shop.localhost' }, ...names },
        eddy: { profile: 'peer', issuer: 'ca', subject: {}, key: 'Ed25519', ...names },
        alice: {
          profile: 'client',
          issuer: 'ca',
          subject: { C: 'KR', DC: ['localhost', 'shop'], CN: 'alice' },
          key: 'P-384',
        },
      },
    },
    { clock: { now: () => Date.UTC(2026, 0, 1) } },
  );
  for (const name of world.names) {
    const [der = new Uint8Array(0)] = pemCertificates(world.certificate(name));
    const step = readCertificate(der);
    t.true('got' in step, name);
    if (!('got' in step)) continue;
    t.deepEqual(treeFaults(step.field), [], name);
    const { bytes, unknown, uncovered } = coverageOf(step.field);
    t.deepEqual(
      { bytes, unknown, uncovered },
      { bytes: der.length, unknown: 0, uncovered: 0 },
      allFields(step.field)
        .map(({ id }) => id)
        .join(' '),
    );
  }
});

async function converse(
  t: ExecutionContext,
  serverParameters: readonly string[],
  program: string,
  clientParameters: (port: number, file: (name: string) => string, time: number) => readonly string[],
  times = 1,
): Promise<readonly TlsMessage[]> {
  return withServer(
    selfSigned('shop.localhost', 'RSA'),
    serverParameters,
    async ({ server, port, file, connections, keylog }) => {
      await Promise.all([
        writeFile(file('alice.key'), alice.key, { mode: 0o600 }),
        writeFile(file('alice.pem'), alice.cert),
      ]);
      for (let time = 0; time < times; time++) {
        const client = new Talker(program, clientParameters(port, file, time));
        client.say(`hello ${time}`);
        await server.hears(new RegExp(`hello ${time}`));
        server.say(`answer ${time}`);
        await client.hears(new RegExp(`answer ${time}`));
        if (program === 'openssl') client.say('Q');
        await client.end();
      }
      const lines = await keylog();
      const messages = connections.flatMap((chunks) => {
        const conversation = new TlsConversation();
        for (const chunk of chunks) conversation.feed(chunk);
        conversation.openWith(lines);
        return [...conversation.messages];
      });
      t.true(messages.length > 0);
      return messages;
    },
  );
}

const openssl =
  (...parameters: readonly string[]) =>
  (port: number, file: (name: string) => string): readonly string[] => [
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    ...parameters.map((word) => word.replace(/^@/, `${file('')}/`)),
  ];
const certificate = ['-cert', '@alice.pem', '-key', '@alice.key'] as const;
const withOpenssl: readonly (readonly [
  title: string,
  server: readonly string[],
  client: readonly string[],
])[] = [
  [
    'TLS 1.0',
    ['-tls1', '-cipher', 'ALL:@SECLEVEL=0', '-Verify', '1'],
    ['-tls1', '-cipher', 'ALL:@SECLEVEL=0', ...certificate],
  ],
  [
    'TLS 1.1',
    ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0', '-Verify', '1'],
    ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0', ...certificate],
  ],
  [
    'TLS 1.2',
    ['-tls1_2', '-Verify', '1', '-alpn', 'http/1.1'],
    ['-tls1_2', '-alpn', 'h2,http/1.1', '-status', '-servername', 'shop.localhost', ...certificate],
  ],
  [
    'TLS 1.3',
    ['-tls1_3', '-Verify', '1'],
    ['-tls1_3', '-status', '-servername', 'shop.localhost', ...certificate],
  ],
  [
    'TLS 1.2 with a pre-shared key',
    ['-tls1_2', '-psk', '0a0b', '-psk_hint', 'hint', '-nocert', '-cipher', 'PSK'],
    ['-tls1_2', '-psk', '0a0b', '-psk_identity', 'me', '-cipher', 'PSK'],
  ],
];

for (const [title, server, client] of withOpenssl) {
  withPeer('openssl', `openssl, ${title}: every byte of the handshake has a field`, async (t) => {
    const messages = await converse(t, server, 'openssl', openssl(...client));
    t.deepEqual(faultsOf(messages), []);
    t.true(titles(messages).has('Finished'), [...titles(messages)].join(' '));
  });
}

withPeer('openssl', 'openssl: a session that is resumed, by a ticket and by a pre-shared key', async (t) => {
  for (const [version, id] of [
    ['-tls1_2', 'tls.handshake.extension.session_ticket.ticket'],
    ['-tls1_3', 'tls.handshake.extension.pre_shared_key.binder'],
  ] as const) {
    const client = (port: number, file: (name: string) => string, time: number): readonly string[] =>
      openssl(version, time === 0 ? '-sess_out' : '-sess_in', '@session')(port, file);
    const messages = await converse(t, [version], 'openssl', client, 2);
    t.deepEqual(faultsOf(messages), []);
    const resumed = messages.filter(({ title }) => title === 'ClientHello')[1];
    const field = resumed && handshakeFieldOf(resumed);
    t.true(field && allFields(field).some((one) => one.id === id && one.range[1] - one.range[0] > 16), id);
  }
});

for (const priority of [
  'NORMAL:-VERS-ALL:+VERS-TLS1.3',
  'NORMAL:-VERS-ALL:+VERS-TLS1.2',
  'NORMAL:-VERS-ALL:+VERS-TLS1.0:%NO_ETM',
]) {
  withPeer(
    ['openssl', 'gnutls-cli'],
    `gnutls-cli, ${priority}: every byte of the handshake has a field`,
    async (t) => {
      const messages = await converse(
        t,
        ['-cipher', 'ALL:@SECLEVEL=0', '-min_protocol', 'TLSv1'],
        'gnutls-cli',
        (port) => [
          '--insecure',
          '--no-ca-verification',
          '--sni-hostname',
          'shop.localhost',
          '-p',
          String(port),
          '--priority',
          priority,
          '127.0.0.1',
        ],
      );
      t.deepEqual(faultsOf(messages), []);
      t.true(titles(messages).has('Finished'));
    },
  );
}
