/** A packet in a packet stands for what it carries: each tunnel by hand, in each other, in fragments; what is none stays. */
import test from 'ava';
import * as fc from 'fast-check';
import { FragmentTable, readIp } from '../../../src/capture/net/ip.ts';
import { carriedBy } from '../../../src/capture/net/tunnels.ts';
import { fromHex } from '../../../src/core/hex.ts';
import { ethernet, ipv4, ipv6, tcp } from '../support/packets.ts';

const segment = tcp({ sourcePort: 50_001, destinationPort: 8080, sequence: 1, payload: 'question' });
const inner4 = ipv4(segment, { source: '192.168.7.1', destination: '192.168.7.2' });
const inner6 = ipv6(segment);
const before = (hex: string, packet: Uint8Array): Uint8Array => Buffer.concat([fromHex(hex), packet]);
const udp = (port: number, payload: Uint8Array): Uint8Array =>
  before(`c000 ${port.toString(16).padStart(4, '0')} 0000 0000`, payload);

const carries = test.macro((t, outer: Uint8Array, inner: Uint8Array) => {
  const found = readIp(outer);
  t.deepEqual(found, readIp(inner));
  t.is(found?.protocol, 6);
  t.deepEqual(found && Buffer.from(found.payload), Buffer.from(segment));
});

test('GTP-U', carries, ipv4(udp(2152, before('30ff ffff 00000001', inner4)), { protocol: 17 }), inner4);
test(
  'GTP-U with a number and an extension header',
  carries,
  ipv4(udp(2152, before('36ff ffff 00000001 0001 00 85 01 1234 00', inner6)), { protocol: 17 }),
  inner6,
);
test('Teredo', carries, ipv4(udp(3544, inner6), { protocol: 17 }), inner6);
test(
  'Teredo behind an authentication and an origin',
  carries,
  ipv4(udp(3544, before(`0001 00 00 ${'11'.repeat(8)} 00 0000 1234 01020304`, inner6)), { protocol: 17 }),
  inner6,
);
test('VXLAN-GPE', carries, ipv4(udp(4790, before('0c000001 00000700', inner4)), { protocol: 17 }), inner4);
test('GRE over UDP', carries, ipv4(udp(4754, before('0000 86dd', inner6)), { protocol: 17 }), inner6);
test('MPLS over UDP', carries, ipv4(udp(6635, before('00011140', inner4)), { protocol: 17 }), inner4);
test(
  'an authentication header is skipped',
  (t, outer: Uint8Array) => t.deepEqual(Buffer.from(readIp(outer)?.payload ?? []), Buffer.from(segment)),
  ipv4(before(`0604 0000 00000001 00000001 ${'22'.repeat(12)}`, segment), { protocol: 51 }),
);
test('IPv4 in IPv4', carries, ipv4(inner4, { protocol: 4 }), inner4);
test('IPv6 in IPv4 (6in4)', carries, ipv4(inner6, { protocol: 41 }), inner6);
test('IPv4 in IPv6', carries, ipv6(inner4, { next: 4 }), inner4);
test('IPv6 in IPv6', carries, ipv6(inner6, { next: 41 }), inner6);
test('GRE', carries, ipv4(before('0000 0800', inner4), { protocol: 47 }), inner4);
test(
  'GRE with checksum, key and number',
  carries,
  ipv4(before('b000 86dd 11111111 22222222 33333333', inner6), { protocol: 47 }),
  inner6,
);
test(
  'GRE that carries Ethernet',
  carries,
  ipv4(before('2000 6558 00000100', ethernet(inner4, 0x0800, [0x8100])), { protocol: 47 }),
  inner4,
);
test('GRE that carries MPLS', carries, ipv4(before('0000 8847 00010140', inner4), { protocol: 47 }), inner4);
test(
  'PPTP',
  carries,
  ipv4(before('3081 880b 0010 0001 00000001 00000001 ff03 0021', inner4), { protocol: 47 }),
  inner4,
);
test(
  'frames that a switch mirrors, the first kind',
  carries,
  ipv4(before('0000 88be', ethernet(inner4)), { protocol: 47 }),
  inner4,
);
test(
  'frames that a switch mirrors, the second kind',
  carries,
  ipv4(before('1000 88be 00000001 1001000100000000', ethernet(inner4)), { protocol: 47 }),
  inner4,
);
test(
  'frames that a switch mirrors, the third kind',
  carries,
  ipv4(before('1000 22eb 00000001 2001 0001 00000000 00000000', ethernet(inner4)), { protocol: 47 }),
  inner4,
);
test(
  'VXLAN',
  carries,
  ipv4(udp(4789, before('08000000 00002a00', ethernet(inner4))), { protocol: 17 }),
  inner4,
);
test(
  'VXLAN as Linux had it first',
  carries,
  ipv6(udp(8472, before('08000000 00002a00', ethernet(inner6, 0x86dd))), { next: 17 }),
  inner6,
);
test(
  'GENEVE with options',
  carries,
  ipv4(udp(6081, before('0100 6558 00000100 01020304', ethernet(inner4))), { protocol: 17 }),
  inner4,
);
test(
  'tunnels in tunnels',
  carries,
  ipv4(
    before(
      '0000 86dd',
      ipv6(udp(4789, before('08000000 00000100', ethernet(ipv4(inner4, { protocol: 4 })))), { next: 17 }),
    ),
    { protocol: 47 },
  ),
  inner4,
);

test('what carries no IP stands for itself', (t) => {
  for (const [protocol, payload] of [
    [17, udp(53, inner4)],
    [17, udp(4789, before('00000000 00000100', ethernet(inner4)))],
    [17, udp(4789, before('08000000 00000100', ethernet(Buffer.alloc(46), 0x0806)))],
    [47, before('4000 0800', inner4)],
    [47, before('0002 0800', inner4)],
    [47, fromHex('0000')],
    [4, fromHex('45')],
    [41, inner4.subarray(0, 10)],
  ] as const) {
    const found = readIp(ipv4(payload, { protocol }));
    t.is(found?.protocol, protocol);
    t.is(found?.source, '10.0.0.1');
  }
});

test('a tunnel whose packets came in fragments is put together, and so is what was cut before it entered the tunnel', (t) => {
  const outer = before('0000 0800', inner4);
  const split = 24;
  const parts = [
    ipv4(outer.subarray(0, split), { protocol: 47, id: 7, more: true }),
    ipv4(outer.subarray(split), { protocol: 47, id: 7, offset: split }),
  ];
  const table = new FragmentTable();
  const whole = parts.map((part, at) => table.add(readIp(part)!, at)).at(-1);
  t.deepEqual(whole && Buffer.from(whole.payload), Buffer.from(segment));
  t.is(whole?.source, '192.168.7.1');
  const cut = [
    ipv4(segment.subarray(0, 16), { id: 9, more: true }),
    ipv4(segment.subarray(16), { id: 9, offset: 16 }),
  ].map((part) => ipv4(part, { protocol: 4 }));
  const again = cut.map((part, at) => table.add(readIp(part)!, at)).at(-1);
  t.deepEqual(again && Buffer.from(again.payload), Buffer.from(segment));
  t.is(table.incomplete, 0);
});

test('a packet that a capture cut in its tunnel says how much is missing', (t) => {
  const outer = ipv4(before('0000 0800', inner4), { protocol: 47 });
  t.is(readIp(outer.subarray(0, outer.length - 5))?.missing, 5);
});

test('a hundred packets in each other end somewhere, and random bytes never throw', (t) => {
  let nest: Uint8Array = inner4;
  for (let depth = 0; depth < 100; depth++) nest = ipv4(nest, { protocol: 4 });
  t.is(readIp(nest)?.protocol, 4);
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.constantFrom(4, 17, 41, 47),
        fc.uint8Array({ maxLength: 80 }),
        (protocol, bytes) => void carriedBy(protocol, bytes),
      ),
      { numRuns: 3000 },
    ),
  );
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.constantFrom(4789, 6081, 8472),
        fc.uint8Array({ maxLength: 60 }),
        (port, bytes) => void readIp(ipv4(udp(port, bytes), { protocol: 17 })),
      ),
      { numRuns: 1000 },
    ),
  );
});
