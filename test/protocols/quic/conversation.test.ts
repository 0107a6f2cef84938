import test from 'ava';
import * as fc from 'fast-check';
import type { Side } from '../../../src/capture/event.ts';
import { coverageOf } from '../../../src/protocols/coverage.ts';
import { QuicConversation } from '../../../src/protocols/quic/conversation.ts';
import type { QuicDatagram } from '../../../src/protocols/quic/conversation.ts';
import { quicMessage } from '../../../src/protocols/quic/datagram.ts';
import { initialKeys, packetKeys, updatedKeys } from '../../../src/protocols/quic/protection.ts';
import type { PacketKeys } from '../../../src/protocols/quic/protection.ts';
import { quicTexts } from '../../../src/protocols/quic/texts.ts';
import { quicVersion, version2Code } from '../../../src/protocols/quic/versions.ts';
import { ja4Of } from '../../../src/protocols/tls/fingerprint.ts';
import { aeadSuite } from '../../../src/protocols/tls/keys/key-schedule.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { present } from '../../helpers/capture.ts';
import { allFields, treeFaults } from '../helpers/tree.ts';
import { clientHello, cryptoFrame, hex, longPacket, serverInitials, shortPacket, varint } from './packets.ts';

/** RFC 9001 appendix A, RFC 9369 appendix A: the messages are the same in both. */
const chosenId = hex('8394c8f03e515708');
const serverId = hex('f067a5502a4262b5');
const retries = {
  1: hex('ff000000010008f067a5502a4262b5746f6b656e04a265ba2eff4d829058fb3f0f2496ba'),
  2: hex('cf6b3343cf0008f067a5502a4262b5746f6b656ec8646ce8bfe33952d955543665dcc7b6'),
};

const version1 = present(quicVersion(1));
const keys1 = initialKeys(version1, chosenId);
const noToken = Buffer.alloc(0);

function clientInitial(content: Uint8Array, number = 2, keys: PacketKeys = keys1.client): Buffer {
  const padded = Buffer.concat([content, Buffer.alloc(Math.max(0, 1162 - content.length))]);
  return longPacket({ first: 0xc0, destination: chosenId, token: noToken, number, content: padded, keys });
}

class Dialogue {
  readonly ring = new KeyRing();
  readonly #conversation = new QuicConversation(() => this.ring);
  readonly #offsets = { client: 0, server: 0 };

  feed(from: Side, bytes: Uint8Array): QuicDatagram | undefined {
    const offset = this.#offsets[from];
    this.#offsets[from] += bytes.length;
    const piece = { from, offset, bytes, tag: 1 };
    const found = this.#conversation.feed(piece);
    if (found) {
      const field = present(quicMessage(piece, found).field());
      if (treeFaults(field).length > 0) throw new Error(treeFaults(field).join('; '));
    }
    return found;
  }
}

const titlesOf = (found: QuicDatagram | undefined): string[] =>
  present(found).messages.map(({ title }) => title);

test('the client’s Initial of RFC 9001 opens without keys, and says whom it asks for', (t) => {
  const packet = clientInitial(cryptoFrame(0, clientHello));
  t.is(
    packet.subarray(0, 64).toString('hex').slice(0, 60),
    'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8',
  );
  t.is(packet.subarray(-16).toString('hex'), 'e221af44860018ab0856972e194cd934');
  const found = present(new Dialogue().feed('client', packet));
  t.deepEqual(
    found.packets.map(({ type, opened, frames }) => [type, opened?.number, frames?.names]),
    [['initial', 2, ['CRYPTO', 'PADDING']]],
  );
  const { content, encrypted, opened } = present(found.messages[0]);
  t.deepEqual([encrypted, opened], [false, false]);
  if (content.type !== 'client_hello') return t.fail();
  t.is(content.extensions.serverName, 'example.com');
  t.deepEqual(content.extensions.alpn, ['alpn']);
  t.regex(ja4Of(content), /^q13d0211an_/);
});

test('the client’s Initial of version 2 (RFC 9369) opens too, under keys of its own', (t) => {
  const version = present(quicVersion(version2Code));
  const packet = longPacket({
    first: 0xd0,
    version: version2Code,
    destination: chosenId,
    token: noToken,
    number: 2,
    content: Buffer.concat([cryptoFrame(0, clientHello), Buffer.alloc(917)]),
    keys: initialKeys(version, chosenId).client,
  });
  t.is(packet.subarray(-16).toString('hex'), 'a18b2faa745b6fe189cf772a9f84cbfc');
  t.deepEqual(titlesOf(new Dialogue().feed('client', packet)), ['ClientHello']);
});

for (const version of [1, 2] as const)
  test(`the server’s answers in version ${version}: Initial with ServerHello; Retry with its tag`, (t) => {
    const code = version === 1 ? 1 : version2Code;
    const first = longPacket({
      first: version === 1 ? 0xc0 : 0xd0,
      version: code,
      destination: chosenId,
      token: noToken,
      number: 0,
      content: Buffer.concat([cryptoFrame(0, clientHello), Buffer.alloc(917)]),
      keys: initialKeys(present(quicVersion(code)), chosenId).client,
    });
    const dialogue = new Dialogue();
    dialogue.feed('client', first);
    t.deepEqual(titlesOf(dialogue.feed('server', serverInitials[version])), ['ServerHello']);
    const retried = new Dialogue();
    retried.feed('client', first);
    const isGenuine = (bytes: Uint8Array): boolean | undefined =>
      retried.feed('server', bytes)?.packets[0]?.isGenuine;
    t.true(isGenuine(retries[version]));
    const forged = Buffer.from(retries[version]);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    t.false(isGenuine(forged));
    // The client comes again: with the token, and under keys of the ID that the server chose.
    const again = longPacket({
      first: version === 1 ? 0xc0 : 0xd0,
      version: code,
      destination: serverId,
      token: Buffer.from('token'),
      number: 1,
      content: Buffer.concat([cryptoFrame(0, clientHello), Buffer.alloc(917)]),
      keys: initialKeys(present(quicVersion(code)), serverId).client,
    });
    t.deepEqual(present(retried.feed('client', again)).packets[0]?.frames?.names, ['CRYPTO', 'PADDING']);
  });

test('a ChaCha20 packet with a short header opens (RFC 9001 appendix A.5)', (t) => {
  const suite = present(aeadSuite(0x1303));
  const secret = hex('9ac312a7f877468ebe69422748ad00a15443f18203a07d6060f688f30f21632b');
  const keys = packetKeys(suite, secret, version1);
  t.is(
    Buffer.from(keys.hp).toString('hex'),
    '25a282b9e82f06f21f488917a4fc8f1b73573685608597d0efcb076b0ab7a7a4',
  );
  t.is(
    Buffer.from(updatedKeys(keys, version1).secret).toString('hex'),
    '1223504755036d556342ee9361d253421a826c9ecdf3c7148684b36b714881f9',
  );
});

test('a ClientHello over several datagrams, in any order and repeated, is one message', (t) => {
  const parts = [
    clientInitial(cryptoFrame(150, clientHello.subarray(150)), 1),
    clientInitial(
      Buffer.concat([
        cryptoFrame(90, clientHello.subarray(90, 160)),
        cryptoFrame(0, clientHello.subarray(0, 40)),
      ]),
      0,
    ),
    clientInitial(cryptoFrame(30, clientHello.subarray(30, 100)), 2),
  ];
  const dialogue = new Dialogue();
  const titles = [...parts, ...parts].map((part) => titlesOf(dialogue.feed('client', part)));
  t.deepEqual(titles, [[], [], ['ClientHello'], [], [], []]);
});

const clientRandom = 'ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c';
const suite = present(aeadSuite(0x1301));
const secrets = {
  CLIENT_HANDSHAKE_TRAFFIC_SECRET: '11'.repeat(32),
  SERVER_HANDSHAKE_TRAFFIC_SECRET: '22'.repeat(32),
  CLIENT_TRAFFIC_SECRET_0: '33'.repeat(32),
  SERVER_TRAFFIC_SECRET_0: '44'.repeat(32),
};
const keysOf = (label: keyof typeof secrets): PacketKeys => packetKeys(suite, hex(secrets[label]), version1);
const keylog = Object.entries(secrets).map(([label, secret]) => `${label} ${clientRandom} ${secret}`);
const encryptedExtensions = hex('080000020000');

/** Behind the two hellos. */
function greeted(lines: readonly string[]): Dialogue {
  const dialogue = new Dialogue();
  dialogue.ring.add(lines);
  dialogue.feed('client', clientInitial(cryptoFrame(0, clientHello)));
  dialogue.feed('server', serverInitials[1]);
  return dialogue;
}

const handshakePacket = longPacket({
  first: 0xe0,
  destination: noToken,
  source: serverId,
  number: 0,
  content: cryptoFrame(0, encryptedExtensions),
  keys: keysOf('SERVER_HANDSHAKE_TRAFFIC_SECRET'),
});

test('handshake packets stay sealed without the key log, and open with it; older labels have QUIC in front', (t) => {
  t.is(present(greeted([]).feed('server', handshakePacket)).packets[0]?.opened, undefined);
  for (const lines of [keylog, keylog.map((line) => `QUIC_${line}`)]) {
    const found = present(greeted(lines).feed('server', handshakePacket));
    t.deepEqual(
      found.messages.map(({ title, encrypted, opened }) => [title, encrypted, opened]),
      [['EncryptedExtensions', true, true]],
    );
  }
});

test('coalesced packets are read one by one, and what stands behind them is told', (t) => {
  const found = present(
    greeted(keylog).feed('server', Buffer.concat([serverInitials[1], handshakePacket, Buffer.alloc(9)])),
  );
  t.deepEqual(
    found.packets.map(({ type }) => type),
    ['initial', 'handshake'],
  );
  const field = present(
    quicMessage(
      {
        from: 'server',
        offset: 0,
        tag: 0,
        bytes: Buffer.concat([serverInitials[1], handshakePacket, Buffer.alloc(9)]),
      },
      found,
    ).field(),
  );
  t.is(field.children.at(-1)?.id, 'quic.trailing');
});

test('1-RTT packets open over an update of the keys, and one that was under way meanwhile', (t) => {
  const dialogue = greeted(keylog);
  dialogue.feed('server', handshakePacket);
  const keys = keysOf('CLIENT_TRAFFIC_SECRET_0');
  const next = updatedKeys(keys, version1);
  const stream = Buffer.concat([Buffer.of(0x0a, 0), varint(5), Buffer.from('hello'), Buffer.alloc(8)]);
  const sent = (number: number, phase: number, one: PacketKeys): unknown =>
    present(dialogue.feed('client', shortPacket(serverId, { number, phase, content: stream, keys: one })))
      .packets[0]?.frames?.names;
  const first = present(
    dialogue.feed('client', shortPacket(serverId, { number: 0, phase: 0, content: stream, keys })),
  );
  t.is(first.packets[0]?.frames?.streamed, 5);
  t.is(
    quicMessage({ from: 'client', offset: 0, bytes: new Uint8Array(0), tag: 0 }, first).facts?.en,
    'STREAM PADDING: 5 bytes in streams, whose content (HTTP/3 …) is not read',
  );
  t.deepEqual(sent(0, 0, keys), ['STREAM', 'PADDING']);
  t.deepEqual(sent(300, 1, next), ['STREAM', 'PADDING']);
  t.deepEqual(sent(299, 0, keys), ['STREAM', 'PADDING']);
  t.deepEqual(sent(301, 1, next), ['STREAM', 'PADDING']);
  t.is(sent(302, 0, keysOf('SERVER_TRAFFIC_SECRET_0')), undefined);
});

test('packets without the fixed bit (RFC 9287) are read in a connection that is known, and nowhere else', (t) => {
  const dialogue = greeted(keylog);
  const [first = 0, ...others] = handshakePacket;
  const greased = Buffer.of(first & 0xbf, ...others);
  t.is(present(dialogue.feed('server', greased)).packets[0]?.type, 'handshake');
  const content = Buffer.concat([Buffer.of(0x0a, 0), varint(5), Buffer.from('hello'), Buffer.alloc(8)]);
  const short = shortPacket(serverId, {
    fixedBit: 0,
    number: 0,
    content,
    keys: keysOf('CLIENT_TRAFFIC_SECRET_0'),
  });
  t.deepEqual(present(dialogue.feed('client', short)).packets[0]?.frames?.names, ['STREAM', 'PADDING']);
  const elsewhere = Buffer.from(short);
  elsewhere[1] = (elsewhere[1] ?? 0) ^ 1;
  t.is(dialogue.feed('client', elsewhere), undefined, 'for another connection ID');
  t.is(new Dialogue().feed('server', greased), undefined, 'as the first of a flow');
});

test('a CONNECTION_CLOSE with an error of TLS is an alert, once, in words', (t) => {
  const dialogue = greeted([]);
  const close = (code: number): Buffer =>
    Buffer.concat([Buffer.of(0x1c), varint(code), Buffer.of(6, 2), Buffer.from('no')]);
  const bytes = clientInitial(close(0x100 + 48), 3);
  const found = present(dialogue.feed('client', bytes));
  t.deepEqual(
    found.messages.map(({ content }) => content),
    [{ type: 'alert', alert: { level: 'fatal', code: 48, description: 'unknown_ca' } }],
  );
  t.is(
    quicMessage({ from: 'client', offset: 0, bytes, tag: 0 }, found).facts?.en,
    'version 1, to 8394c8f03e515708, CONNECTION_CLOSE TLS alert 48 (unknown_ca): no',
  );
  t.deepEqual(titlesOf(dialogue.feed('client', clientInitial(close(0x100 + 48), 4))), []);
  t.deepEqual(titlesOf(greeted([]).feed('client', clientInitial(close(0x0a), 3))), []);
});

test('a Version Negotiation names the versions of the server', (t) => {
  const bytes = hex('ea00000000 00 08f067a5502a4262b5 1a2a3a4a 00000001 6b3343cf');
  const found = present(new Dialogue().feed('server', bytes));
  t.is(quicMessage({ from: 'server', offset: 0, bytes, tag: 0 }, found).facts?.en, 'the server speaks 1, 2');
  t.is(new Dialogue().feed('server', hex('ea00000000 00 08f067a5502a4262b5 12345678')), undefined);
});

test('another connection on the same ports is read as well', (t) => {
  const dialogue = greeted([]);
  const otherId = hex('0102030405060708');
  const packet = longPacket({
    first: 0xc0,
    destination: otherId,
    token: noToken,
    number: 0,
    content: Buffer.concat([cryptoFrame(0, clientHello), Buffer.alloc(917)]),
    keys: initialKeys(version1, otherId).client,
  });
  t.deepEqual(titlesOf(dialogue.feed('client', packet)), ['ClientHello']);
});

test('every prefix of a datagram, and any bytes, give no exception and a tree without gaps', (t) => {
  const whole = Buffer.concat([serverInitials[1], handshakePacket]);
  for (let length = 0; length < whole.length; length++)
    greeted(keylog).feed('server', whole.subarray(0, length));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 60 }), (bytes, frames) => {
      const dialogue = greeted(keylog);
      dialogue.feed('client', bytes);
      dialogue.feed('client', clientInitial(frames, 5));
      const mutated = Buffer.from(whole);
      for (const [index, byte] of bytes.entries()) mutated[(index * 7 + byte) % mutated.length] = byte;
      dialogue.feed('server', mutated);
      dialogue.feed(
        'client',
        shortPacket(serverId, {
          number: 1,
          content: Buffer.concat([Buffer.from(frames), Buffer.alloc(20)]),
          keys: keysOf('CLIENT_TRAFFIC_SECRET_0'),
        }),
      );
    }),
    { numRuns: 200 },
  );
  t.pass();
});

test('CRYPTO frames far ahead of what was read are dropped, and an endless flow keeps nothing', (t) => {
  const dialogue = new Dialogue();
  const before = process.memoryUsage().arrayBuffers;
  for (let number = 0; number < 3000; number++)
    dialogue.feed(
      'client',
      clientInitial(cryptoFrame(1_000_000 + number * 1000, Buffer.alloc(1000)), number),
    );
  t.true(process.memoryUsage().arrayBuffers - before < 40_000_000);
  t.deepEqual(titlesOf(dialogue.feed('client', clientInitial(cryptoFrame(0, clientHello), 4000))), [
    'ClientHello',
  ]);
});

test('every field of QUIC has words, and its bytes a known meaning', (t) => {
  const frames = Buffer.concat([
    hex('01 02 05 00 01 02 00 00 03 05 00 00 00 01 02 03 04 02 01 05 04 01 02 06 04 01'),
    hex('07 03 aabbcc 10 05 11 01 05 12 05 14 05 15 01 05 16 05 18 01 00 04 01020304'),
    Buffer.alloc(16, 7),
    hex('19 01 1a 0102030405060708 1b 0102030405060708 1e 0c 04 01 31 02 aabb 0e 01 05 01 ff'),
    hex('1c 0a 06 01 41'),
  ]);
  const bytes = Buffer.concat([clientInitial(Buffer.concat([frames, Buffer.alloc(20)])), Buffer.alloc(3)]);
  const found = present(new Dialogue().feed('client', bytes));
  const retried = hex('ea00000000 00 08f067a5502a4262b5 1a2a3a4a 00000001 6b3343cf');
  const fields = [
    quicMessage({ from: 'client', offset: 0, bytes, tag: 0 }, found).field(),
    quicMessage(
      { from: 'server', offset: 0, bytes: retried, tag: 0 },
      present(new Dialogue().feed('server', retried)),
    ).field(),
    quicMessage(
      { from: 'server', offset: 0, bytes: retries[1], tag: 0 },
      present(new Dialogue().feed('server', retries[1])),
    ).field(),
  ].map((field) => present(field));
  const seen = new Set(
    fields.flatMap((field) => allFields(field).map(({ id }) => id.replace(/\.length$/, ''))),
  );
  t.deepEqual(
    [...seen].filter((id) => id !== 'quic' && !(id in quicTexts)),
    ['quic.packet'].filter((id) => !(id in quicTexts)),
  );
  t.is(coverageOf(present(fields[0])).uncovered, 0);
});
