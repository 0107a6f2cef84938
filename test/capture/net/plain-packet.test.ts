/** The quick way for usual packets against the general one: what both read is the same, and so is what becomes of a capture. */
import test from 'ava';
import * as fc from 'fast-check';
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { readIp, readTcp } from '../../../src/capture/net/ip.ts';
import { ipPacketOf } from '../../../src/capture/net/link-layers.ts';
import { PlainPacket, tcpFlags } from '../../../src/capture/net/plain-packet.ts';
import { PacketClock, Replay } from '../../../src/capture/file/replay.ts';
import { ethernet, ipv4, ipv6, pcap, tcp } from '../support/packets.ts';
import { pourInto } from '../support/read.ts';

function plainOf(linkType: number, bytes: Uint8Array): PlainPacket | undefined {
  const plain = new PlainPacket();
  // Not at the beginning of its buffer, and with bytes behind it.
  const window = Buffer.concat([Buffer.alloc(3, 0xee), bytes, Buffer.alloc(64, 0xee)]);
  const view = new DataView(window.buffer, window.byteOffset, window.length);
  return plain.read({
    linkType,
    bytes: window,
    view,
    start: 3,
    end: 3 + bytes.length,
    microseconds: 0,
    originalLength: bytes.length,
  })
    ? plain
    : undefined;
}

const segment = (payload = 'hello', optionBytes = 0): Uint8Array =>
  tcp(
    { sourcePort: 50_001, destinationPort: 443, sequence: 0xfffffff0, acknowledged: 77, flags: 'P', payload },
    optionBytes,
  );
const loopback = (family: readonly number[], packet: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(family), packet]);
const cooked = (type: number, packet: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.alloc(14), Buffer.from([type >> 8, type & 0xff]), packet]);
const cooked2 = (type: number, packet: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([type >> 8, type & 0xff]), Buffer.alloc(18), packet]);

for (const [name, linkType, bytes] of [
  ['raw IPv4', 101, ipv4(segment())],
  ['raw IPv6', 229, ipv6(segment())],
  ['Ethernet, with padding', 1, ethernet(Buffer.concat([ipv4(segment('')), Buffer.alloc(6, 1)]))],
  ['Ethernet, IPv6', 1, ethernet(ipv6(segment()), 0x86dd)],
  ['loopback', 0, loopback([2, 0, 0, 0], ipv4(segment()))],
  ['loopback, IPv6, big-endian', 108, loopback([0, 0, 0, 30], ipv6(segment()))],
  ['Linux cooked', 113, cooked(0x0800, ipv4(segment()))],
  ['Linux cooked 2', 276, cooked2(0x86dd, ipv6(segment()))],
  ['TCP options', 101, ipv4(segment('x', 12))],
] as const) {
  test(`the usual packet is read where it lies: ${name}`, (t) => {
    const plain = plainOf(linkType, bytes);
    if (!plain) return t.fail('it is usual');
    t.is(
      Buffer.from(plain.bytes.subarray(plain.start, plain.end)).toString(),
      name.includes('padding') ? '' : name.includes('options') ? 'x' : 'hello',
    );
    t.like(plain, { sequence: 0xfffffff0, acknowledged: 77, flags: tcpFlags.ack | 0x08 });
  });
}

for (const [name, linkType, bytes] of [
  ['a link layer that is not known', 105, ipv4(segment())],
  ['a VLAN tag', 1, ethernet(ipv4(segment()), 0x0800, [0x8100])],
  ['IP options', 101, ipv4(segment(), { options: Buffer.alloc(4, 1) })],
  ['the first fragment', 101, ipv4(segment(), { more: true })],
  ['a later fragment', 101, ipv4(segment(), { offset: 8 })],
  ['UDP', 101, ipv4(segment(), { protocol: 17 })],
  ['a length that the network card fills in', 101, ipv4(segment(), { totalLength: 0 })],
  ['cut by the capture', 101, ipv4(segment()).subarray(0, 43)],
  ['an extension header', 101, ipv6(segment(), { next: 60, headers: Buffer.from([6, 0, 1, 4, 0, 0, 0, 0]) })],
  ['ARP', 1, ethernet(Buffer.alloc(46), 0x0806)],
  ['another family', 0, loopback([7, 0, 0, 0], ipv4(segment()))],
] as const) {
  test(`what is not usual is left to the general way: ${name}`, (t) =>
    t.is(plainOf(linkType, bytes), undefined));
}

test('whatever the bytes, what the quick way reads the general one reads too', (t) => {
  const seeds = [
    ipv4(segment()),
    ipv6(segment()),
    ethernet(ipv4(segment())),
    ethernet(ipv6(segment()), 0x86dd),
  ];
  let read = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(0, 1, 101, 113, 276),
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 3 }),
      fc.oneof(fc.nat(90), fc.constant(90)),
      (linkType, seed, changes, length) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const cut = bytes.subarray(0, length);
        const plain = plainOf(linkType, cut);
        if (!plain) return;
        read++;
        const link = ipPacketOf(linkType, cut);
        const ip = 'ip' in link ? readIp(link.ip) : undefined;
        const found = ip && readTcp(ip.payload, ip.missing);
        t.is(ip?.fragment, undefined);
        t.like(found, {
          sequence: plain.sequence,
          missing: 0,
          syn: (plain.flags & 2) !== 0,
          fin: (plain.flags & 1) !== 0,
          rst: (plain.flags & 4) !== 0,
        });
        t.deepEqual(
          Buffer.from(found?.payload ?? []),
          Buffer.from(plain.bytes.subarray(plain.start, plain.end)),
        );
      },
    ),
    { numRuns: 3000 },
  );
  t.true(read > 200, `${read}`);
});

function told(packets: readonly Uint8Array[]): CaptureDraft[] {
  const drafts: CaptureDraft[] = [];
  const replay = new Replay({
    append: (draft) => drafts.push(draft),
    clock: new PacketClock(),
    version: '0.0.0',
  });
  pourInto(new CaptureReader({ packet: (packet) => replay.packet(packet) }, { keeps: true }), pcap(packets));
  replay.end();
  return drafts.map((draft) =>
    draft.type === 'bytes' ? { ...draft, bytes: Buffer.from(draft.bytes) } : draft,
  );
}

/** Steps of two sides: mostly the next bytes, now and then something out of order, twice, lost, or an end. */
const steps = fc.array(
  fc.record({
    side: fc.constantFrom('client', 'server'),
    port: fc.constantFrom(50_001, 50_002),
    length: fc.constantFrom(0, 1, 5, 100),
    behind: fc.constantFrom(0, 0, 0, 0, 0, -5, 5, 100),
    owed: fc.constantFrom(0, 0, 0, 3, -3, 1),
    flags: fc.constantFrom('', '', '', '', '', '', 'F', 'S', 'R', 'P'),
  }),
  { maxLength: 60 },
);

test('a server that begins twice is left to the general way: which of its numbers counts is still open', (t) => {
  const packet = (
    side: 'client' | 'server',
    sequence: number,
    acknowledged: number,
    flags: string,
    length = 0,
  ) => ({
    bytes: tcp({
      ...(side === 'client'
        ? { sourcePort: 50_001, destinationPort: 443 }
        : { sourcePort: 443, destinationPort: 50_001 }),
      sequence,
      acknowledged,
      flags,
      payload: 'x'.repeat(length),
    }),
    ends: side === 'client' ? {} : { source: '10.0.0.2', destination: '10.0.0.1' },
  });
  const segments = [
    packet('client', 0xffffffe0, 0xffffffe0, ''),
    packet('client', 0xffffffe0, 0xffffffe3, ''),
    packet('server', 0xffffffe0, 0xffffffe0, 'S'),
    packet('server', 0xffffffe0, 0xffffffe0, '', 100),
  ];
  t.deepEqual(
    told(segments.map(({ bytes, ends }) => ipv4(bytes, ends))),
    told(segments.map(({ bytes, ends }) => ipv4(bytes, { ...ends, options: Buffer.alloc(4, 1) }))),
  );
});

test('a capture whose packets go the quick way tells the same as one whose packets all have IP options', (t) => {
  let events = 0;
  fc.assert(
    fc.property(steps, (drawn) => {
      const sent = new Map<string, number>();
      const of = (side: string, port: number): number => sent.get(`${side} ${port}`) ?? 0xffffffe0;
      const segments = drawn.map(({ side, port, length, behind, owed, flags }) => {
        const other = side === 'client' ? 'server' : 'client';
        const sequence = (of(side, port) + behind) >>> 0;
        const bytes = tcp({
          ...(side === 'client'
            ? { sourcePort: port, destinationPort: 443 }
            : { sourcePort: 443, destinationPort: port }),
          sequence,
          acknowledged: (of(other, port) + owed) >>> 0,
          flags,
          payload: String.fromCharCode(97 + (sequence % 26)).repeat(length),
        });
        if (behind === 0) sent.set(`${side} ${port}`, (sequence + length) >>> 0);
        return { bytes, ends: side === 'client' ? {} : { source: '10.0.0.2', destination: '10.0.0.1' } };
      });
      const quick = told(segments.map(({ bytes, ends }) => ipv4(bytes, ends)));
      const general = told(
        segments.map(({ bytes, ends }) => ipv4(bytes, { ...ends, options: Buffer.alloc(4, 1) })),
      );
      events += quick.length;
      t.deepEqual(quick, general);
    }),
    { numRuns: 500 },
  );
  t.true(events > 1000);
});
