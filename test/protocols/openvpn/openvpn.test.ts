/** OpenVPN: the TLS handshake of the control channel, over TCP and UDP, whatever protects it, in any order of packets. */
import test from 'ava';
import type { Side } from '../../../src/capture/event.ts';
import { loadProtocols, recognise } from '../../../src/protocols/index.ts';
import { openvpn } from '../../../src/protocols/openvpn/protocol.ts';
import { explainedOpenVpnFields } from '../../../src/protocols/openvpn/texts.ts';
import type { ProtocolMessage } from '../../../src/protocols/protocol.ts';
import { KeyRing } from '../../../src/protocols/tls/keys/keylog.ts';
import { present } from '../../helpers/capture.ts';
import { allFields, tilingFaults, treeFaults } from '../helpers/tree.ts';

const loaded = present(await openvpn.load?.());

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const sessions: Readonly<Record<Side, Buffer>> = { client: Buffer.alloc(8, 1), server: Buffer.alloc(8, 2) };

interface PacketFacts {
  readonly hmac?: number;
  readonly key?: number;
  readonly acknowledges?: readonly number[];
}

/** A control packet; `number` is its own, absent in an acknowledgement. */
function packet(
  from: Side,
  opcode: number,
  number: number | undefined,
  payload: Uint8Array = Buffer.alloc(0),
  { hmac = 0, key = 0, acknowledges = [] }: PacketFacts = {},
): Buffer {
  return Buffer.concat([
    Buffer.of((opcode << 3) | key),
    sessions[from],
    ...(hmac > 0 ? [Buffer.alloc(hmac, 7), u32((number ?? 50) + 1), u32(1_700_000_000)] : []),
    Buffer.of(acknowledges.length),
    ...acknowledges.map(u32),
    ...(acknowledges.length > 0 ? [sessions[from === 'client' ? 'server' : 'client']] : []),
    ...(number === undefined ? [] : [u32(number)]),
    payload,
  ]);
}

const inRecord = (message: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(22, 3, 1, message.length >> 8, message.length & 0xff), message]);

const clientHello = inRecord(
  Buffer.concat([
    Buffer.of(1, 0, 0, 43, 3, 3),
    Buffer.alloc(32, 9),
    Buffer.of(0, 0, 2, 0xc0, 0x2f, 1, 0, 0, 0),
  ]),
);
const serverHello = inRecord(
  Buffer.concat([Buffer.of(2, 0, 0, 38, 3, 3), Buffer.alloc(32, 8), Buffer.of(0, 0xc0, 0x2f, 0)]),
);

type Said = readonly [from: Side, bytes: Buffer];

function overUdp(said: readonly Said[]): string[] {
  const reader = present(loaded.datagrams)(() => new KeyRing());
  const offsets = { client: 0, server: 0 };
  return said.flatMap(([from, bytes]) => {
    const content = reader.feed({ from, offset: offsets[from], bytes, tag: 1 });
    offsets[from] += bytes.length;
    return (content ?? []).map((one) => ('tls' in one ? `${from} ${one.tls.title}` : checked(one)));
  });
}

function overTcp(said: readonly Said[], size: number): string[] {
  const reader = present(loaded.reader)();
  const offsets = { client: 0, server: 0 };
  const messages: ProtocolMessage[] = [];
  const lines: string[] = [];
  for (const [from, packetBytes] of said) {
    const bytes = Buffer.concat([Buffer.of(packetBytes.length >> 8, packetBytes.length & 0xff), packetBytes]);
    for (let at = 0; at < bytes.length; at += size) {
      const piece = bytes.subarray(at, at + size);
      for (const message of reader.feed({ from, offset: offsets[from], bytes: piece, tag: 1 })) {
        messages.push(message);
        lines.push(checked(message));
      }
      for (const message of reader.takeCarried?.() ?? []) lines.push(`${from} ${message.title}`);
      offsets[from] += piece.length;
    }
  }
  for (const from of ['client', 'server'] as const)
    if (
      tilingFaults(
        messages
          .filter((message) => message.from === from)
          .map((message) => ({ ...message, title: message.title.en })),
        offsets[from],
      ).length > 0
    )
      throw new Error('the messages do not cover the stream');
  return lines;
}

const seen = new Set<string>();

function checked(message: ProtocolMessage): string {
  const field = present(message.field());
  const faults = treeFaults(field);
  if (faults.length > 0) throw new Error(faults.join('; '));
  for (const { id } of allFields(field)) seen.add(id);
  return message.title.en;
}

const handshake = (facts: PacketFacts = {}): Said[] => [
  ['client', packet('client', 7, 0, undefined, facts)],
  ['server', packet('server', 8, 0, undefined, { ...facts, acknowledges: [0] })],
  ['client', packet('client', 5, undefined, undefined, { ...facts, acknowledges: [0] })],
  ['client', packet('client', 4, 1, clientHello.subarray(0, 20), facts)],
  ['client', packet('client', 4, 2, clientHello.subarray(20), facts)],
  ['server', packet('server', 4, 1, serverHello, { ...facts, acknowledges: [1, 2] })],
  ['client', Buffer.concat([Buffer.of(6 << 3), Buffer.alloc(60, 5)])],
];

const expected = [
  'OpenVPN client reset',
  'OpenVPN server reset',
  'OpenVPN acknowledgement',
  'OpenVPN control',
  'OpenVPN control',
  'client ClientHello',
  'OpenVPN control',
  'server ServerHello',
  'OpenVPN data',
];

for (const hmac of [0, 16, 20, 32, 64])
  test(`with ${hmac === 0 ? 'no HMAC' : `an HMAC of ${hmac} bytes`} the handshake is read over UDP and TCP`, (t) => {
    t.deepEqual(overUdp(handshake({ hmac })), expected);
    for (const size of [1, 7, 1000]) t.deepEqual(overTcp(handshake({ hmac }), size), expected);
  });

test('packets may overtake each other and come again', (t) => {
  const [reset, answer, , first, second, hello] = handshake();
  const said = [reset, answer, second, first, first, hello].flatMap((one) => (one ? [one] : []));
  t.deepEqual(
    overUdp(said).filter((line) => line.includes('Hello')),
    ['client ClientHello', 'server ServerHello'],
  );
});

test('a new key begins another TLS connection, with numbers from 0', (t) => {
  const again: Said[] = [
    ['client', packet('client', 3, 0, undefined, { key: 1 })],
    ['client', packet('client', 4, 1, clientHello, { key: 1 })],
  ];
  t.deepEqual(overUdp([...handshake(), ...again]).slice(expected.length), [
    'OpenVPN new key',
    'OpenVPN control',
    'client ClientHello',
  ]);
});

test('with tls-crypt only the kinds of packets are seen', (t) => {
  const sealed = (opcode: number, from: Side): Buffer =>
    Buffer.concat([Buffer.of(opcode << 3), sessions[from], u32(1), u32(1_700_000_000), Buffer.alloc(37, 6)]);
  const said: Said[] = [
    ['client', sealed(7, 'client')],
    ['server', sealed(8, 'server')],
    ['client', sealed(4, 'client')],
  ];
  t.deepEqual(overUdp(said), ['OpenVPN client reset', 'OpenVPN server reset', 'OpenVPN control']);
});

test('nothing is OpenVPN before a client’s reset, and what is too short for it never', (t) => {
  t.deepEqual(overUdp(handshake().slice(1)), []);
  const [first] = handshake({ hmac: 20 });
  const bytes = present(first)[1];
  for (let length = 0; length < bytes.length; length++)
    if (length !== 14) t.deepEqual(overUdp([['client', bytes.subarray(0, length)]]), [], String(length));
});

test('packets that are cut anywhere throw nothing', (t) => {
  const said = handshake({ hmac: 20 });
  for (let length = 0; length < 120; length++)
    t.notThrows(() =>
      overUdp([...said.slice(0, 1), ...said.map(([from, bytes]): Said => [from, bytes.subarray(0, length)])]),
    );
});

test('a stream is recognised by the length and the opcode of its first packet; a question of DNS is none', async (t) => {
  await loadProtocols();
  const [first] = handshake();
  const bytes = present(first)[1];
  t.is(recognise(Buffer.concat([Buffer.of(0, bytes.length), bytes]), 'client'), 'openvpn');
  const dns = Buffer.from('002a380001000001000000000000', 'hex');
  t.is(recognise(Buffer.concat([dns, Buffer.alloc(30, 3)]), 'client'), 'dns');
});

test.after('every field that is explained occurs', (t) => {
  t.deepEqual(
    explainedOpenVpnFields.filter((id) => !seen.has(id)),
    [],
  );
});
