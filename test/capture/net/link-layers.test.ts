import test from 'ava';
import * as fc from 'fast-check';
import { ipPacketOf } from '../../../src/capture/net/link-layers.ts';
import { linkTypeName } from '../../../src/capture/net/link-type-names.ts';
import { fromHex } from '../../../src/core/hex.ts';
import { ethernet, ipv4, ipv6 } from '../support/packets.ts';

const v4 = ipv4(Buffer.from('payload'));
const v6 = ipv6(Buffer.from('payload'));
const before = (hex: string, packet: Uint8Array): Uint8Array => Buffer.concat([fromHex(hex), packet]);

const finds = test.macro((t, linkType: number, frame: Uint8Array, packet: Uint8Array) => {
  const found = ipPacketOf(linkType, frame);
  t.deepEqual('ip' in found ? Buffer.from(found.ip) : found, Buffer.from(packet));
  for (let length = 0; length < frame.length - packet.length; length++)
    t.deepEqual(ipPacketOf(linkType, frame.subarray(0, length)), { without: 'cut' }, `cut to ${length}`);
});

test('Ethernet, IPv4', finds, 1, ethernet(v4), v4);
test('Ethernet, IPv6', finds, 1, ethernet(v6, 0x86dd), v6);
test('Ethernet, one VLAN tag', finds, 1, ethernet(v4, 0x0800, [0x8100]), v4);
test('Ethernet, two VLAN tags', finds, 1, ethernet(v6, 0x86dd, [0x88a8, 0x8100]), v6);
test('Ethernet, PPPoE', finds, 1, before(`${'02'.repeat(12)} 8864 1100 0001 0000 0021`, v4), v4);
test('Ethernet, MPLS, two labels', finds, 1, before(`${'02'.repeat(12)} 8847 00010040 00011140`, v6), v6);
test(
  'Ethernet, MPLS that carries Ethernet',
  finds,
  1,
  before(`${'02'.repeat(12)} 8847 00011140 00000000 ${'04'.repeat(12)} 8100 0007 0800`, v4),
  v4,
);
test(
  'Ethernet, a VLAN tag, then MPLS',
  finds,
  1,
  before(`${'02'.repeat(12)} 88a8 0007 8847 00011140`, v4),
  v4,
);
test(
  'Ethernet in the older form, with LLC and SNAP',
  finds,
  1,
  before(`${'02'.repeat(12)} 0040 aaaa03 000000 0800`, v4),
  v4,
);
test('PPPoE by itself', finds, 51, before('1100 0001 0000 0021', v4), v4);
test(
  'a security group tag of Cisco, before a VLAN tag and behind one',
  finds,
  1,
  before(`${'02'.repeat(12)} 8100 0007 8909 0101 0001 0003 8100 0008 0800`, v4),
  v4,
);
test('Frame Relay, IP by its number', finds, 107, before('1841 03 cc', v4), v4);
test(
  'Frame Relay, SNAP behind padding, a direction before it',
  finds,
  206,
  before('00 1841 03 00 80 000000 86dd', v6),
  v6,
);
test('Frame Relay of Cisco', finds, 107, before('1841 0800', v4), v4);
test(
  'Token Ring with a route',
  finds,
  6,
  before(`1040 ${'02'.repeat(6)} 82${'03'.repeat(5)} 0410 0011 aaaa03 000000 0800`, v4),
  v4,
);
test('FDDI', finds, 10, before(`50 ${'02'.repeat(12)} aaaa03 000000 86dd`, v6), v6);
test('ATM with LLC', finds, 100, before('aaaa03 000000 0800', v4), v4);
test('the log of OpenBSD’s packet filter', finds, 117, before(`3d02 0000 ${'00'.repeat(60)}`, v4), v4);
test('IP over FireWire', finds, 138, before(`${'01'.repeat(16)} 0800`, v4), v4);
test('MPLS by itself', finds, 219, before('00010040 00011140', v4), v4);
test('netANALYZER, with preamble', finds, 241, before('01020304 55555555555555d5', ethernet(v4)), v4);
test('Ethernet with preamble', finds, 274, before('55555555555555d5', ethernet(v6, 0x86dd)), v6);
test(
  'PKTAP of Apple, over Ethernet',
  finds,
  258,
  Buffer.concat([fromHex('10000000 00000000 01000000 00000000'), ethernet(v4)]),
  v4,
);
test(
  'Prism, before IEEE 802.11',
  finds,
  119,
  before(`44000000 0c000000 00000000 0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`, v4),
  v4,
);

test('PPPoE: what stands behind its length is padding', (t) => {
  const frame = Buffer.concat([
    fromHex('1100 0001'),
    Buffer.of(0, v4.length + 2),
    fromHex('0021'),
    v4,
    Buffer.alloc(9),
  ]);
  const found = ipPacketOf(51, frame);
  t.deepEqual('ip' in found ? Buffer.from(found.ip) : found, Buffer.from(v4));
});

test('link types have names; a number without one stands alone', (t) => {
  t.is(linkTypeName(107), 'FRELAY (107)');
  t.is(linkTypeName(249), 'USBPCAP (249)');
  t.is(linkTypeName(150), 'USER3 (150)');
  t.is(linkTypeName(4711), '4711');
});
test('HDLC of Cisco', finds, 104, before('0f00 86dd', v6), v6);
test(
  'IEEE 802.11, a data frame to an access point',
  finds,
  105,
  before(`0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`, v4),
  v4,
);
test(
  'IEEE 802.11, with quality of service',
  finds,
  105,
  before(`8802 0000 ${'02'.repeat(18)} 1000 0000 aaaa03 000000 86dd`, v6),
  v6,
);
test(
  'IEEE 802.11, between access points',
  finds,
  105,
  before(`0803 0000 ${'02'.repeat(18)} 1000 ${'03'.repeat(6)} aaaa03 000000 0800`, v4),
  v4,
);
test(
  'IEEE 802.11, with a word for high throughput',
  finds,
  105,
  before(`8881 0000 ${'02'.repeat(18)} 1000 0000 00000000 aaaa03 000000 0800`, v4),
  v4,
);
test(
  'radiotap',
  finds,
  127,
  before(`0000 0800 00000000 0801 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`, v4),
  v4,
);
test(
  'radiotap with a clock and padding behind the header',
  finds,
  127,
  before(
    `0000 1a00 03000080 00000000 00000000 1122334455667788 20 00 8802 0000 ${'02'.repeat(18)} 1000 0000 0000 aaaa03 000000 0800`,
    v4,
  ),
  v4,
);
test(
  'per-packet information',
  finds,
  192,
  before(`0000 0c00 01000000 00000000 ${'02'.repeat(12)} 0800`, v4),
  v4,
);
test('IPsec of OpenBSD', finds, 109, before('00000002 00000001 00000003', v4), v4);
test('HDLC of Cisco that a capture calls PPP', finds, 9, before('0f00 0800', v4), v4);
test('the same, to all, with IPv6', finds, 50, before('8f00 86dd', v6), v6);
test('PPP of pppd, with its direction', finds, 166, before('0003 0021', v4), v4);
test('PPP behind its direction', finds, 204, before('01 ff03 0057', v6), v6);
test('NFLOG', finds, 239, before('02000000 0500 0a00 61000000 1f00 0900', v4), v4);
test('NULL, little-endian host, IPv4', finds, 0, before('02000000', v4), v4);
test('NULL, big-endian host, IPv4', finds, 0, before('00000002', v4), v4);
test('NULL, IPv6 of Darwin', finds, 0, before('1e000000', v6), v6);
test('NULL, IPv6 of FreeBSD', finds, 0, before('1c000000', v6), v6);
test('LOOP, IPv6 of OpenBSD', finds, 108, before('00000018', v6), v6);
test('Linux cooked', finds, 113, before('0000 0001 0006 020202020202 0000 0800', v4), v4);
test(
  'Linux cooked, a VLAN tag',
  finds,
  113,
  before('0000 0001 0006 020202020202 0000 8100 0007 86dd', v6),
  v6,
);
test(
  'Linux cooked, the second',
  finds,
  276,
  before('86dd 0000 00000002 0001 00 06 0202020202020000', v6),
  v6,
);
test('PPP with its framing', finds, 9, before('ff03 0021', v4), v4);
test('PPP without', finds, 9, before('0057', v6), v6);
test('PPP, one byte for the protocol', finds, 9, before('21', v4), v4);
for (const linkType of [12, 14, 101, 228]) test(`raw IP, ${linkType}`, finds, linkType, v4, v4);
test('raw IPv6, 229', finds, 229, v6, v6);

test('what is no IP is told from what is cut and from what is not read here', (t) => {
  t.deepEqual(ipPacketOf(1, ethernet(Buffer.alloc(46), 0x0806)), { without: 'not_ip' }, 'ARP');
  t.deepEqual(
    ipPacketOf(1, ethernet(Buffer.alloc(46, 0xff), 0x0800)),
    { without: 'not_ip' },
    'a version that there is not',
  );
  t.deepEqual(ipPacketOf(0, before('0000000f', v4)), { without: 'not_ip' });
  t.deepEqual(ipPacketOf(9, before('ff03 c021', v4)), { without: 'not_ip' }, 'LCP');
  for (const [hex, what] of [
    ['4801', 'without data'],
    ['0841', 'encrypted'],
    ['0805', 'a fragment'],
    ['8001', 'a beacon'],
    ['b400', 'control'],
  ] as const) {
    t.deepEqual(
      ipPacketOf(105, before(`${hex} 0000 ${'02'.repeat(18)} 1000 aaaa03 000000 0800`, v4)),
      { without: 'not_ip' },
      what,
    );
  }
  t.deepEqual(
    ipPacketOf(105, before(`8801 0000 ${'02'.repeat(18)} 1000 8000 aaaa03 000000 0800`, v4)),
    { without: 'not_ip' },
    'several in one',
  );
  t.deepEqual(
    ipPacketOf(1, before(`${'02'.repeat(12)} 0040 424203 000000 0800`, v4)),
    { without: 'not_ip' },
    'spanning tree',
  );
  t.deepEqual(ipPacketOf(249, v4), { without: 'link_type' }, 'USB');
});

test('random bytes of any link type never throw', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 9, 50, 51, 101, 104, 105, 108, 109, 113, 127, 166, 192, 204, 239, 276),
        fc.uint8Array({ maxLength: 60 }),
        (linkType, bytes) => void ipPacketOf(linkType, bytes),
      ),
      { numRuns: 2000 },
    ),
  );
});
