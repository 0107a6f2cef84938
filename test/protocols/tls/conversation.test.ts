import { spawn } from 'node:child_process';
import { EventEmitter, on, once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import test from 'ava';
import * as fc from 'fast-check';
import { findField } from '../../../src/core/field.ts';
import type { Side } from '../../../src/capture/event.ts';
import { HttpConversation } from '../../../src/protocols/http/conversation.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import { fieldOf } from '../../../src/protocols/tls/message/message-field.ts';
import type { TlsContent, TlsMessage } from '../../../src/protocols/tls/message/message.ts';
import { aeadSuite, sealRecord } from '../../../src/protocols/tls/keys/key-schedule.ts';
import type { AeadSuite } from '../../../src/protocols/tls/keys/key-schedule.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { present } from '../../helpers/capture.ts';
import { withPeer } from '../../helpers/peer.ts';
import { alice, answer, cases, login, only, recordingOf, shop } from '../helpers/handshakes.ts';
import { exchange, recordTls } from '../helpers/recorded-tls.ts';
import type { Recorded, Recording } from '../helpers/recorded-tls.ts';
import { allFields, coverageFaults, tilingFaults } from '../helpers/tree.ts';

type Bytes = Extract<Recorded, { type: 'bytes' }>;
const bytesOf = (recording: Recording): Bytes[] => recording.events.filter((event) => event.type === 'bytes');

/** Feeds the recorded bytes in pieces of the given sizes, each event with its number as tag. */
function read(
  recording: Recording,
  conversation = new TlsConversation(),
  sizes: readonly number[] = [Infinity],
): TlsConversation {
  let turn = 0;
  for (const [tag, { from, offset, bytes }] of bytesOf(recording).entries()) {
    for (let at = 0; at < bytes.length; ) {
      const size = sizes[turn++ % sizes.length] ?? 1;
      conversation.feed({ from, offset: offset + at, bytes: bytes.subarray(at, at + size), tag });
      at += size;
    }
  }
  return conversation;
}

const titles = (messages: readonly TlsMessage[], from?: Side): string[] =>
  messages.filter((message) => !from || message.from === from).map((message) => message.title);
const summary = ({ frames, bytes, ...message }: TlsMessage) => ({
  ...message,
  bytes: bytes && Buffer.from(bytes),
  frames: frames.length,
});

function contentOf<T extends TlsContent['type']>(
  messages: readonly TlsMessage[],
  type: T,
): Extract<TlsContent, { type: T }> {
  const found = messages.find(({ content }) => content.type === type);
  if (!found) throw new Error(`no ${type}`);
  return found.content as Extract<TlsContent, { type: T }>;
}

for (const name of Object.keys(cases)) {
  for (const withKeys of [false, true]) {
    const keys = withKeys ? 'with the keys' : 'without keys';
    test(`${name}, ${keys}: the messages tile both streams and their leaves name every byte`, async (t) => {
      const recording = await recordingOf(name);
      const conversation = read(recording);
      if (withKeys) conversation.openWith(recording.keylog);
      for (const from of ['client', 'server'] as const) {
        const messages = conversation.messages.filter((message) => message.from === from);
        t.deepEqual(tilingFaults(messages, recording.stream(from).length), []);
      }
      for (const message of conversation.messages) {
        const field = fieldOf(message);
        t.deepEqual(coverageFaults(field), [], message.title);
        t.deepEqual([...field.range], [message.offset, message.offset + message.length]);
        t.not(message.content.type, 'malformed');
        t.is(message.opened, message.encrypted && withKeys, message.title);
      }
    });

    test(`${name}, ${keys}: byte by byte and in odd chunks gives the same messages`, async (t) => {
      const recording = await recordingOf(name);
      const ring = new KeyRing();
      if (withKeys) ring.add(recording.keylog);
      const whole = read(recording, new TlsConversation({ keys: ring })).messages.map(summary);
      for (const sizes of [[1], [3, 7, 1], [1000, 1, 5]]) {
        t.deepEqual(read(recording, new TlsConversation({ keys: ring }), sizes).messages.map(summary), whole);
      }
    });
  }

  test(`${name}: keys that come late open what keys from the start open`, async (t) => {
    const recording = await recordingOf(name);
    const keys = new KeyRing();
    keys.add(recording.keylog);
    const early = read(recording, new TlsConversation({ keys }));
    const late = read(recording);
    t.true(late.openWith(recording.keylog));
    t.false(late.openWith(recording.keylog));
    t.deepEqual(late.messages.map(summary), early.messages.map(summary));
    t.deepEqual(late.negotiated, early.negotiated);
    const live = new TlsConversation();
    for (const event of recording.events) {
      if (event.type === 'bytes') live.feed(event);
      else live.openWith([event.line]);
    }
    t.deepEqual(
      live.messages.map(({ title, opened }) => [title, opened]),
      early.messages.map(({ title, opened }) => [title, opened]),
    );
  });

  test(`${name}: the login is read as HTTP, and each byte knows its place on the wire`, async (t) => {
    const recording = await recordingOf(name);
    const conversation = read(recording);
    t.deepEqual(conversation.plaintext('client'), []);
    conversation.openWith(recording.keylog);
    for (const [from, expected] of [
      ['client', login],
      ['server', answer],
    ] as const) {
      const pieces = conversation.plaintext(from);
      const plaintext = Buffer.concat(pieces.map((piece) => piece.bytes ?? Buffer.alloc(0)));
      t.deepEqual(plaintext, expected);
      for (const { wireOffset, length, message } of pieces) {
        t.true(wireOffset >= message.offset && wireOffset + length <= message.offset + message.length);
      }
    }
    const http = new HttpConversation();
    const said = conversation.plaintextChunks().flatMap((chunk) => http.feed(chunk));
    t.deepEqual(
      said.map((message) => message.title),
      ['POST /login', '200 OK'],
    );
  });
}

test('TLS 1.3: what the hellos say', async (t) => {
  const recording = await recordingOf('TLS 1.3');
  const conversation = read(recording);
  const hello = contentOf(conversation.messages, 'client_hello');
  t.is(hello.extensions.serverName, 'shop.localhost');
  t.deepEqual(hello.extensions.alpn, ['h2', 'http/1.1']);
  t.true(hello.extensions.supportedVersions?.includes(0x0304));
  t.is(hello.random, recording.keylog[0]?.split(' ')[1] ?? '');
  t.is(conversation.negotiated.version, 'TLSv1.3');
  t.is(conversation.negotiated.cipherName, recording.agreed?.cipher ?? '');
  t.is(conversation.negotiated.alpn, undefined, 'ALPN is sealed');
  conversation.openWith(recording.keylog);
  t.is(conversation.negotiated.alpn, 'http/1.1');
  t.deepEqual(
    contentOf(conversation.messages, 'certificate').certificates.map((der) => Buffer.from(der)),
    [Buffer.from(shop.der)],
  );
  const host = findField(
    fieldOf(conversation.messages[0] as TlsMessage),
    'tls.handshake.extension.server_name.host_name',
  );
  t.is(host?.value, 'shop.localhost');
  t.is(Buffer.from(recording.stream('client')).toString('latin1', ...(host?.range ?? [])), 'shop.localhost');
});

test('TLS 1.3: without keys every record after ServerHello is application data; with them a handshake', async (t) => {
  const recording = await recordingOf('mutual TLS 1.3');
  const conversation = read(recording);
  t.deepEqual(
    new Set(titles(conversation.messages, 'server').slice(1)),
    new Set(['ChangeCipherSpec', 'ApplicationData']),
  );
  conversation.openWith(recording.keylog);
  const handshake = [
    'ServerHello',
    'ChangeCipherSpec',
    'EncryptedExtensions',
    'CertificateRequest',
    'Certificate',
    'CertificateVerify',
    'Finished',
  ];
  t.deepEqual(titles(conversation.messages, 'server').slice(0, 7), handshake);
  t.deepEqual(titles(conversation.messages, 'client').slice(0, 5), [
    'ClientHello',
    'ChangeCipherSpec',
    'Certificate',
    'CertificateVerify',
    'Finished',
  ]);
});

test('TLS 1.3: a client with nothing to present sends a Certificate without certificates', async (t) => {
  const recording = await recordingOf('mutual TLS 1.3 with nothing to present');
  const conversation = read(recording);
  conversation.openWith(recording.keylog);
  const fromClient = conversation.messages.filter((message) => message.from === 'client');
  t.deepEqual(contentOf(fromClient, 'certificate').certificates, []);
});

test('TLS 1.3: a HelloRetryRequest is told from a ServerHello by its random', async (t) => {
  const recording = await recordingOf('TLS 1.3 with a HelloRetryRequest');
  const conversation = read(recording);
  t.deepEqual(titles(conversation.messages, 'client').filter((title) => title === 'ClientHello').length, 2);
  t.deepEqual(titles(conversation.messages, 'server').slice(0, 3), [
    'HelloRetryRequest',
    'ChangeCipherSpec',
    'ServerHello',
  ]);
  t.is(conversation.negotiated.group, 'secp384r1');
});

test('TLS 1.2: the certificates travel in clear, both ways', async (t) => {
  const recording = await recordingOf('mutual TLS 1.2, ECDHE-ECDSA');
  const conversation = read(recording);
  const server = ['ServerHello', 'Certificate', 'ServerKeyExchange', 'CertificateRequest', 'ServerHelloDone'];
  t.deepEqual(titles(conversation.messages, 'server').slice(0, 5), server);
  const client = [
    'ClientHello',
    'Certificate',
    'ClientKeyExchange',
    'CertificateVerify',
    'ChangeCipherSpec',
    'Handshake',
  ];
  t.deepEqual(titles(conversation.messages, 'client').slice(0, 6), client);
  const presented = contentOf(
    conversation.messages.filter((message) => message.from === 'client'),
    'certificate',
  );
  t.deepEqual(
    presented.certificates.map((der) => Buffer.from(der)),
    [Buffer.from(alice.der)],
  );
  conversation.openWith(recording.keylog);
  t.is(titles(conversation.messages, 'client')[5], 'Finished');
});

const suite = aeadSuite(0x1302) as AeadSuite;
const secretOf = (recording: Recording, label: string): Uint8Array =>
  Buffer.from(recording.keylog.find((line) => line.startsWith(`${label} `))?.split(' ')[2] ?? '', 'hex');

test('TLS 1.3: a sealed alert is an alert only to whoever has the keys', async (t) => {
  const silent = {
    server: { ...shop, ...only('TLSv1.3'), ciphers: suite.name },
    client: { servername: 'shop.localhost', ciphers: suite.name },
  } as const;
  const recording = await recordTls({
    ...silent,
    talk: async (client, server) => exchange(client, server, login),
  });
  const { length } = recording.stream('server');
  const before = read(recording);
  before.openWith(recording.keylog);
  // Numbers count per secret: the session tickets that the server has sent come first.
  const sequence = titles(before.messages, 'server').filter((title) => title === 'NewSessionTicket').length;
  const alert = sealRecord({
    suite,
    secret: secretOf(recording, 'SERVER_TRAFFIC_SECRET_0'),
    sequence,
    contentType: 21,
    content: Uint8Array.of(2, 48),
  });
  const conversation = read(recording);
  const [sealed] = conversation.feed({ from: 'server', offset: length, bytes: alert });
  t.like(sealed, {
    title: 'ApplicationData',
    length: 24,
    encrypted: true,
    opened: false,
    content: { type: 'sealed' },
  });
  conversation.openWith(recording.keylog);
  const opened = conversation.messages.at(-1);
  t.like(opened, { title: 'Alert', length: 24, encrypted: true, opened: true });
  t.deepEqual(opened?.content, {
    type: 'alert',
    alert: { level: 'fatal', code: 48, description: 'unknown_ca' },
  });
  t.deepEqual(coverageFaults(fieldOf(opened as TlsMessage)), []);
});

test('TLS 1.2: an alert in clear is read, before the handshake ends', (t) => {
  const conversation = new TlsConversation();
  const [message] = conversation.feed({
    from: 'server',
    offset: 0,
    bytes: Uint8Array.of(21, 3, 3, 0, 2, 2, 42),
  });
  t.like(message, {
    title: 'Alert',
    encrypted: false,
    content: { type: 'alert', alert: { code: 42, description: 'bad_certificate' } },
  });
});

withPeer('openssl', 'the key updates of openssl s_client are followed in both directions', async (t) => {
  const server = createTlsServer({ ...shop, ...only('TLSv1.3') });
  const conversation = new TlsConversation();
  server.on('keylog', (line) => conversation.openWith([line.toString()]));
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => socket.write(Buffer.from(chunk.toString().toUpperCase())));
  });
  // The tap: a plain socket in front of the server.
  const offsets = { client: 0, server: 0 };
  const passing = new EventEmitter();
  const tap = createServer((socket) => {
    const upstream = connect((server.address() as AddressInfo).port, '127.0.0.1');
    for (const [from, source, sink] of [
      ['client', socket, upstream],
      ['server', upstream, socket],
    ] as const) {
      source.on('data', (bytes: Buffer) => {
        conversation.feed({ from, offset: offsets[from], bytes });
        offsets[from] += bytes.length;
        sink.write(bytes);
        passing.emit(from);
      });
      source.on('end', () => sink.end());
      source.on('error', () => sink.destroy());
    }
  });
  await Promise.all(
    [server, tap].map(
      async (listener) => new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve)),
    ),
  );
  const { port } = tap.address() as AddressInfo;
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-quiet', '-no_ign_eof'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const heard = async (text: string): Promise<void> => {
    for await (const chunk of on(child.stdout, 'data')) if (String(chunk).includes(text)) return;
  };
  child.stdin.write('before\n');
  await heard('BEFORE');
  // K, alone in what s_client reads: update the keys, and ask the server to update its own.
  const updated = once(passing, 'client');
  child.stdin.write('K\n');
  await updated;
  child.stdin.write('after\n');
  await heard('AFTER');
  child.stdin.end();
  await once(child, 'close');
  tap.close();
  server.close();
  t.true(titles(conversation.messages, 'client').includes('KeyUpdate'));
  t.true(titles(conversation.messages, 'server').includes('KeyUpdate'));
  t.true(conversation.messages.every((message) => !message.encrypted || message.opened));
  t.is(
    Buffer.concat(conversation.plaintext('server').map((piece) => piece.bytes ?? Buffer.alloc(0))).toString(),
    'BEFORE\nAFTER\n',
  );
});

test('TLS 1.3: after a KeyUpdate the next secret opens what follows', async (t) => {
  const recording = await recordTls({
    server: { ...shop, ...only('TLSv1.3'), ciphers: suite.name },
    client: { servername: 'shop.localhost', ciphers: suite.name },
    talk: async (client, server) => exchange(client, server, login),
  });
  const { nextTrafficSecret } = await import('../../../src/protocols/tls/keys/key-schedule.ts');
  const secret = secretOf(recording, 'CLIENT_TRAFFIC_SECRET_0');
  const keyUpdate = sealRecord({
    suite,
    secret,
    sequence: 1,
    contentType: 22,
    content: Uint8Array.of(24, 0, 0, 1, 0),
  });
  const after = [0, 1].map((sequence) => {
    const content = Buffer.from(`after ${sequence}`);
    return sealRecord({
      suite,
      secret: nextTrafficSecret(suite, secret),
      sequence,
      contentType: 23,
      content,
      padding: 9,
    });
  });
  const conversation = read(recording);
  conversation.openWith(recording.keylog);
  conversation.feed({
    from: 'client',
    offset: recording.stream('client').length,
    bytes: Buffer.concat([keyUpdate, ...after]),
  });
  const last = conversation.messages.slice(-3);
  t.deepEqual(titles(last), ['KeyUpdate', 'ApplicationData', 'ApplicationData']);
  t.is(Buffer.from(last[2]?.bytes ?? []).toString(), 'after 1');
  for (const message of last) t.deepEqual(coverageFaults(fieldOf(message)), []);
});

test('a handshake message split over records and two in one record keep their ranges', async (t) => {
  const recording = await recordingOf('mutual TLS 1.2, ECDHE-ECDSA');
  const hellos = read(recording)
    .messages.filter((message) => message.from === 'server' && message.content.type !== 'sealed')
    .slice(0, 5);
  const flight = Buffer.concat(hellos.map((message) => message.bytes ?? Buffer.alloc(0)));
  for (const size of [1, 50, 100, flight.length]) {
    const records: Buffer[] = [];
    for (let at = 0; at < flight.length; at += size) {
      const part = flight.subarray(at, at + size);
      records.push(Buffer.concat([Buffer.from([22, 3, 3, part.length >> 8, part.length & 0xff]), part]));
    }
    const stream = Buffer.concat(records);
    const conversation = new TlsConversation();
    conversation.feed({ from: 'server', offset: 0, bytes: stream });
    t.deepEqual(titles(conversation.messages), titles(hellos), `records of ${size} bytes`);
    t.deepEqual(tilingFaults(conversation.messages, stream.length), []);
    for (const [index, message] of conversation.messages.entries()) {
      const found = Buffer.concat([...message.ranges].map(([start, end]) => stream.subarray(start, end)));
      t.deepEqual(found, Buffer.from(hellos[index]?.bytes ?? []));
      t.is(findField(fieldOf(message), 'tls.handshake.type')?.range[0], message.ranges.at(0)?.[0]);
    }
  }
});

test('two sealed messages in one record share it: the first owns the header, the last the tag', async (t) => {
  const recording = await recordTls({
    server: { ...shop, ...only('TLSv1.3'), ciphers: suite.name },
    client: { servername: 'shop.localhost', ciphers: suite.name },
    talk: async (client, server) => exchange(client, server, login),
  });
  const conversation = read(recording);
  conversation.openWith(recording.keylog);
  const ticket =
    conversation.messages.find((message) => message.title === 'NewSessionTicket')?.bytes ?? new Uint8Array(0);
  const sequence = titles(conversation.messages, 'server').filter(
    (title) => title === 'NewSessionTicket',
  ).length;
  const content = Buffer.concat([ticket, ticket, ticket.subarray(0, 10)]);
  const rest = ticket.subarray(10);
  const secret = secretOf(recording, 'SERVER_TRAFFIC_SECRET_0');
  const records = [content, rest].map((content, index) =>
    sealRecord({ suite, secret, sequence: sequence + index, contentType: 22, content, padding: 3 }),
  );
  const offset = recording.stream('server').length;
  for (const [index, bytes] of records.entries())
    conversation.feed({
      from: 'server',
      offset: offset + (records[0]?.length ?? 0) * index,
      bytes,
      tag: 70 + index,
    });
  const added = conversation.messages.slice(-3);
  t.deepEqual(titles(added), ['NewSessionTicket', 'NewSessionTicket', 'NewSessionTicket']);
  t.deepEqual(
    added.map(({ firstTag, lastTag, records, opened }) => [firstTag, lastTag, records, opened]),
    [
      [70, 70, 1, true],
      [70, 70, 1, true],
      [70, 71, 2, true],
    ],
  );
  t.deepEqual(
    added.map(({ length }) => length),
    [5 + ticket.length, ticket.length, ticket.length + 2 * (1 + 3 + 16) + 5],
  );
  for (const message of added) {
    const field = fieldOf(message);
    t.is(findField(field, 'tls.handshake')?.origin, 'decrypted');
    const headers = field.children.filter((child) => child.id === 'tls.record.header').length;
    const tags = field.children.filter((child) => child.id === 'tls.record.authentication_tag').length;
    t.deepEqual([headers, tags], message === added[0] ? [1, 0] : message === added[1] ? [0, 0] : [1, 2]);
  }
});

test('TLS 1.2: a renegotiation inside the connection changes the keys, and is followed', async (t) => {
  const recording = await recordTls({
    server: { ...shop, ...only('TLSv1.2') },
    client: { servername: 'shop.localhost' },
    talk: async (client, server) => {
      await exchange(client, server, login);
      await new Promise<void>((resolve, reject) =>
        client.renegotiate({ rejectUnauthorized: false }, (error) => (error ? reject(error) : resolve())),
      );
      await exchange(client, server, login);
      await exchange(server, client, answer);
    },
  });
  const conversation = read(recording);
  conversation.openWith(recording.keylog);
  t.is(titles(conversation.messages, 'client').filter((title) => title === 'ClientHello').length, 2);
  t.true(conversation.messages.every((message) => !message.encrypted || message.opened));
  const bytes = conversation.plaintext('client').map((piece) => piece.bytes ?? Buffer.alloc(0));
  t.deepEqual(Buffer.concat(bytes), Buffer.concat([login, login]));
});

test('TLS 1.2: the key log line of a renegotiation may come after its ChangeCipherSpec', async (t) => {
  const recording = await recordTls({
    server: { ...shop, ...only('TLSv1.2') },
    client: { servername: 'shop.localhost' },
    talk: async (client, server) => {
      await exchange(client, server, login);
      await new Promise<void>((resolve, reject) =>
        client.renegotiate({ rejectUnauthorized: false }, (error) => (error ? reject(error) : resolve())),
      );
      await exchange(client, server, login);
    },
  });
  const [first = '', second = ''] = recording.keylog;
  const early = new TlsConversation();
  early.openWith([first]);
  const late = read(recording);
  t.true(late.openWith([first]));
  for (const conversation of [read(recording, early), late]) {
    t.is(conversation.plaintext('client').length, 1);
    t.true(conversation.openWith([second]));
    t.is(conversation.plaintext('client').length, 2);
    t.false(conversation.openWith([first, second]));
  }
});

test('SSL 3.0 is parsed in clear, and stays shut behind its ChangeCipherSpec', (t) => {
  const record = (type: number, ...bytes: readonly number[]): Uint8Array =>
    Uint8Array.of(type, 3, 0, 0, bytes.length, ...bytes);
  const message = (type: number, ...body: readonly number[]): Uint8Array =>
    record(22, type, 0, 0, body.length, ...body);
  const random = Array.from<number>({ length: 32 }).fill(7);
  const conversation = new TlsConversation();
  const offsets = { client: 0, server: 0 };
  const feed = (from: Side, bytes: Uint8Array): void => {
    conversation.feed({ from, offset: offsets[from], bytes });
    offsets[from] += bytes.length;
  };
  feed('client', message(1, 3, 0, ...random, 0, 0, 2, 0, 0x0a, 1, 0));
  feed('server', message(2, 3, 0, ...random, 0, 0, 0x0a, 0));
  feed('server', message(14));
  // The encrypted premaster secret has no length before it in SSL 3.0.
  feed('client', message(16, ...random));
  feed('client', record(20, 1));
  feed('client', record(22, ...random, ...random));
  t.true(conversation.openWith([`CLIENT_RANDOM ${'07'.repeat(32)} ${'01'.repeat(48)}`]));
  t.deepEqual(titles(conversation.messages), [
    'ClientHello',
    'ServerHello',
    'ServerHelloDone',
    'ClientKeyExchange',
    'ChangeCipherSpec',
    'Handshake',
  ]);
  t.is(conversation.negotiated.versionCode, 0x0300);
  t.is(conversation.negotiated.cipherName, 'TLS_RSA_WITH_3DES_EDE_CBC_SHA');
  t.is(conversation.messages.at(-1)?.content.type, 'sealed');
  for (const each of conversation.messages) t.deepEqual(coverageFaults(fieldOf(each)), [], each.title);
});

test('a hello in the form of SSL 2.0 opens a connection like any other', async (t) => {
  const recording = await recordingOf('TLS 1.2, RSA key exchange');
  const random = read(recording).negotiated.clientRandom ?? '';
  const challenge = Buffer.from(random, 'hex');
  const hello = Buffer.from([
    0x80,
    9 + 6 + 32,
    1,
    3,
    3,
    0,
    6,
    0,
    0,
    0,
    32,
    0,
    0,
    0x9d,
    0x07,
    0,
    0xc0,
    ...challenge,
  ]);
  const length = (bytesOf(recording)[0]?.bytes.length ?? 0) - hello.length;
  const conversation = new TlsConversation();
  for (const [index, { from, offset, bytes }] of bytesOf(recording).entries()) {
    if (index === 0) conversation.feed({ from, offset, bytes: hello });
    else conversation.feed({ from, offset: from === 'client' ? offset - length : offset, bytes });
  }
  t.like(contentOf(conversation.messages, 'client_hello'), {
    version: 0x0303,
    random,
    cipherSuites: [0x009d],
  });
  conversation.openWith(recording.keylog);
  t.deepEqual(
    Buffer.concat(conversation.plaintext('client').map((piece) => piece.bytes ?? Buffer.alloc(0))),
    login,
  );
  const [first] = conversation.messages;
  t.like(first, { title: 'ClientHello', offset: 0, length: hello.length, encrypted: false });
  t.deepEqual(coverageFaults(fieldOf(first as TlsMessage)), []);
  for (const [at, value] of [
    [10, 15],
    [10, 33],
    [6, 7],
    [8, 1],
  ] as const) {
    const harmed = Uint8Array.from(hello);
    harmed[at] = value;
    const [message] = new TlsConversation().feed({ from: 'client', offset: 0, bytes: harmed });
    t.is(message?.content.type, 'malformed', `byte ${at}`);
    t.notThrows(() => fieldOf(message as TlsMessage));
  }
});

test('the version in the header of a record in clear may be any', async (t) => {
  const recording = await recordingOf('TLS 1.2, RSA key exchange');
  for (const minor of [0, 1, 2, 3, 4]) {
    const conversation = new TlsConversation();
    for (const [index, { from, offset, bytes }] of bytesOf(recording).entries()) {
      const changed = Uint8Array.from(bytes);
      if (index < 2) changed[2] = minor;
      conversation.feed({ from, offset, bytes: changed });
    }
    conversation.openWith(recording.keylog);
    t.true(
      conversation.messages.every((message) => !message.encrypted || message.opened),
      String(minor),
    );
    t.is(conversation.negotiated.version, 'TLSv1.2');
  }
});

test('what was compressed before it was sealed stays shut', async (t) => {
  const recording = await recordingOf('TLS 1.2, RSA key exchange');
  const conversation = new TlsConversation();
  const sessionLength = contentOf(read(recording).messages, 'server_hello').sessionId.length;
  for (const [index, { from, offset, bytes }] of bytesOf(recording).entries()) {
    const changed = Uint8Array.from(bytes);
    if (index === 1) changed[5 + 4 + 2 + 32 + 1 + sessionLength + 2] = 1;
    conversation.feed({ from, offset, bytes: changed });
  }
  t.is(contentOf(conversation.messages, 'server_hello').compressionMethod, 1);
  conversation.openWith(recording.keylog);
  t.deepEqual(conversation.plaintext('client'), []);
  t.true(conversation.messages.every((message) => message.content.type !== 'malformed'));
});

test('what is kept keeps no larger chunk alive', async (t) => {
  const recording = await recordingOf('TLS 1.3');
  const stream = recording.stream('client');
  const slab = new Uint8Array(1024 * 1024);
  slab.set(stream);
  const conversation = new TlsConversation();
  conversation.feed({ from: 'client', offset: 0, bytes: slab.subarray(0, stream.length) });
  for (const { bytes } of conversation.messages) t.true((bytes?.buffer.byteLength ?? 0) < 100_000);
});

test('hostile bytes never throw: random ones', (t) => {
  const chunks = fc.array(
    fc.record({ from: fc.constantFrom<Side>('client', 'server'), bytes: fc.uint8Array({ maxLength: 80 }) }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(chunks, (chunks) => {
      const conversation = new TlsConversation({ maxKept: 300 });
      const offsets = { client: 0, server: 0 };
      for (const { from, bytes } of chunks) {
        conversation.feed({ from, offset: offsets[from], bytes });
        offsets[from] += bytes.length;
      }
      conversation.end();
      conversation.messages.map(fieldOf);
    }),
  );
  t.pass();
});

test('hostile bytes never throw: records of any type with anything in them, still tiled and named', (t) => {
  const fragment = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(
        fc.constantFrom(0, 1, 2, 4, 8, 11, 12, 13, 15, 16, 20, 24, 25, 99),
        fc.uint8Array({ maxLength: 60 }),
      )
      .map(([type, body]) => Uint8Array.of(type, 0, 0, body.length, ...body)),
  );
  const records = fc.array(
    fc.record({
      from: fc.constantFrom<Side>('client', 'server'),
      type: fc.integer({ min: 20, max: 24 }),
      fragment,
    }),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(records, (records) => {
      const conversation = new TlsConversation();
      const offsets = { client: 0, server: 0 };
      for (const { from, type, fragment } of records) {
        const bytes = Uint8Array.of(type, 3, 3, 0, fragment.length, ...fragment);
        conversation.feed({ from, offset: offsets[from], bytes });
        offsets[from] += bytes.length;
      }
      conversation.end();
      for (const from of ['client', 'server'] as const) {
        t.deepEqual(
          tilingFaults(
            conversation.messages.filter((message) => message.from === from),
            offsets[from],
          ),
          [],
        );
      }
      for (const message of conversation.messages)
        if (message.content.type !== 'malformed') t.deepEqual(coverageFaults(fieldOf(message)), []);
    }),
    { numRuns: 300 },
  );
});

test('hostile bytes never throw: a live handshake with bits flipped, bytes lost and bytes cut off', async (t) => {
  for (const name of ['mutual TLS 1.2, ECDHE-ECDSA', 'TLS 1.2, CBC', 'TLS 1.3']) {
    const recording = await recordingOf(name);
    const events = bytesOf(recording).slice(0, 8);
    const harm = fc.record({
      event: fc.nat(events.length - 1),
      at: fc.nat(400),
      flip: fc.integer({ min: 1, max: 255 }),
      lose: fc.boolean(),
      keys: fc.boolean(),
    });
    fc.assert(
      fc.property(harm, ({ event, at, flip, lose, keys }) => {
        const conversation = new TlsConversation();
        for (const [index, { from, offset, bytes }] of events.entries()) {
          const changed = Uint8Array.from(bytes);
          if (index === event) changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ flip;
          if (index === event && lose)
            conversation.feed({ from, offset, bytes: changed.subarray(0, at % bytes.length) });
          else conversation.feed({ from, offset, bytes: changed });
        }
        if (keys) conversation.openWith(recording.keylog);
        conversation.end();
        conversation.messages.map(fieldOf);
      }),
      { numRuns: 200 },
    );
  }
  t.pass();
});

test('plain HTTP on a TLS connection is one malformed message, and the rest of that direction is passed over', (t) => {
  const conversation = new TlsConversation();
  const [message, ...others] = conversation.feed({
    from: 'client',
    offset: 0,
    bytes: Buffer.from('GET / HTTP/1.1\r\n'),
  });
  t.is(message?.title, 'Malformed');
  t.like(message?.content, { type: 'malformed', malformed: { id: 'tls.record.content_type', offset: 0 } });
  t.deepEqual(others, []);
  t.deepEqual(conversation.feed({ from: 'client', offset: 16, bytes: Buffer.from('\r\n') }), []);
});

test('memory is bounded: a long connection is summed up, counted exactly, and its last alert still opens', async (t) => {
  const recording = await recordTls({
    server: { ...shop, ...only('TLSv1.3'), ciphers: suite.name },
    client: { servername: 'shop.localhost', ciphers: suite.name },
    talk: async (client, server) => exchange(client, server, login),
  });
  const secret = secretOf(recording, 'CLIENT_TRAFFIC_SECRET_0');
  for (const keysFirst of [false, true]) {
    const conversation = new TlsConversation({ maxKept: 40_000 });
    if (keysFirst) conversation.openWith(recording.keylog);
    read(recording, conversation);
    let offset = recording.stream('client').length;
    const before = conversation.applicationData('client');
    const [recordsBefore, bytesBefore] = [before.records, before.bytes];
    const content = Buffer.alloc(10_000, 7);
    for (let sequence = 1; sequence <= 20; sequence++) {
      const bytes = sealRecord({ suite, secret, sequence, contentType: 23, content });
      const messages = conversation.feed({ from: 'client', offset, bytes });
      t.is(messages.length, 1);
      t.is(messages[0]?.plaintextLength, keysFirst ? 10_000 : 0);
      offset += bytes.length;
    }
    const alert = sealRecord({ suite, secret, sequence: 21, contentType: 21, content: Uint8Array.of(1, 0) });
    conversation.feed({ from: 'client', offset, bytes: alert });
    conversation.openWith(recording.keylog);
    const last = conversation.messages.at(-1);
    t.like(last?.content, { type: 'alert', alert: { description: 'close_notify' } });
    t.is(conversation.applicationData('client').records - recordsBefore, 21);
    t.is(
      conversation.applicationData('client').bytes - bytesBefore,
      offset + alert.length - recording.stream('client').length,
    );
    t.true(conversation.messages.some((message) => message.records > 10));
    t.deepEqual(
      tilingFaults(
        conversation.messages.filter((message) => message.from === 'client'),
        offset + alert.length,
      ),
      [],
    );
    t.is(
      conversation.plaintext('client').reduce((sum, piece) => sum + piece.length, 0),
      login.length +
        (keysFirst
          ? 200_000
          : 10_000 * (20 - (conversation.messages.find((message) => message.records > 1)?.records ?? 0))),
    );
  }
});

test('every id that a live handshake shows is made of lower-case words', async (t) => {
  for (const name of Object.keys(cases)) {
    const recording = await recordingOf(name);
    const conversation = read(recording);
    conversation.openWith(recording.keylog);
    for (const message of conversation.messages)
      for (const field of allFields(fieldOf(message))) t.regex(field.id, /^(tls|x509)(\.[a-z0-9_]+)+$/);
  }
});

const many: NonNullable<Parameters<typeof recordTls>[0]['talk']> = async (client, server) => {
  for (let index = 0; index < 8; index++) {
    await exchange(client, server, Buffer.from(`question ${index}`));
    await exchange(server, client, Buffer.from(`answer ${index} `.repeat(40)));
  }
};

for (const [name, opens] of [
  ['TLS 1.3', true],
  ['TLS 1.2, ECDHE-ECDSA', true],
  ['TLS 1.2, RSA key exchange', true],
  ['TLS 1.2, CBC', false],
] as const) {
  test(`${name}: where whole records were not captured the gap is told and reading goes on${opens ? ', opened too' : '; a MAC that counts records stays unchecked, so nothing is opened'}`, async (t) => {
    const recording = await recordTls({ ...present(cases[name]), talk: many });
    const whole = read(recording);
    whole.openWith(recording.keylog);
    const events = bytesOf(recording);
    // Two answers in a row: the records between them stand in the other direction.
    const spoken = events
      .flatMap((event, index) => (event.from === 'server' && event.bytes[0] === 23 ? [index] : []))
      .slice(-8);
    const lost = new Set(spoken.slice(2, 4));
    for (const early of [true, false]) {
      const conversation = new TlsConversation();
      if (early) conversation.openWith(recording.keylog);
      for (const [tag, { from, offset, bytes }] of events.entries())
        if (!lost.has(tag)) conversation.feed({ from, offset, bytes, tag });
      conversation.end();
      if (!early) conversation.openWith(recording.keylog);
      const messages = conversation.messages.filter(({ from }) => from === 'server');
      t.deepEqual(tilingFaults(messages, recording.stream('server').length), []);
      const faults = messages.filter(({ content }) => content.type === 'malformed');
      t.deepEqual(
        faults.map(({ content }) => content.type === 'malformed' && content.malformed.id),
        ['tls.record'],
      );
      t.is(
        faults[0]?.length,
        [...lost].reduce((sum, index) => sum + present(events[index]).bytes.length, 0),
      );
      const said = Buffer.concat(
        conversation.plaintext('server').map(({ bytes }) => bytes ?? Buffer.alloc(0)),
      ).toString();
      for (let index = 0; index < 8; index++)
        t.is(said.includes(`answer ${index} `), index < 2 || (index > 3 && opens), `answer ${index}`);
      t.deepEqual(
        conversation.plaintext('client').map(({ length }) => length),
        whole.plaintext('client').map(({ length }) => length),
      );
    }
  });
}

test('behind a gap what is no record is not taken for one, and the direction ends there if nothing follows', async (t) => {
  const recording = await recordingOf('TLS 1.3');
  const conversation = new TlsConversation();
  const [hello] = bytesOf(recording);
  conversation.feed({ ...present(hello), tag: 0 });
  const { length } = present(hello).bytes;
  t.deepEqual(
    conversation.feed({
      from: 'client',
      offset: length + 100,
      bytes: Buffer.from([23, 3, 3, 0, 4, 1, 2]),
      tag: 1,
    }).length,
    1,
    'bulk data is as long as it says',
  );
  const other = new TlsConversation();
  other.feed({ ...present(hello), tag: 0 });
  t.deepEqual(
    other.feed({ from: 'client', offset: length + 100, bytes: Buffer.from([22, 3, 3, 0, 4, 1, 2]), tag: 1 }),
    [],
  );
  t.deepEqual(other.feed({ from: 'client', offset: length + 107, bytes: Buffer.from('text'), tag: 2 }), []);
  const [fault] = other.end('client');
  t.is(fault?.content.type, 'malformed');
  t.deepEqual([fault?.offset, fault?.length], [length, 111]);
});

test('behind a gap an alert that is longer than an alert is sealed: the keys may have changed in what is missing', async (t) => {
  const recording = await recordingOf('TLS 1.2, ECDHE-ECDSA');
  const conversation = new TlsConversation();
  const [hello] = bytesOf(recording);
  conversation.feed({ ...present(hello), tag: 0 });
  const { length } = present(hello).bytes;
  const alert = Buffer.from([21, 3, 3, 0, 26, ...Buffer.alloc(26, 9)]);
  const [fault, message] = conversation.feed({ from: 'client', offset: length + 100, bytes: alert, tag: 1 });
  t.deepEqual(
    [fault?.content.type, message?.content.type, message?.contentType],
    ['malformed', 'sealed', 21],
  );
});
