import test from 'ava';
import * as fc from 'fast-check';
import { FragmentTable, readIp, readTcp } from '../../../src/capture/net/ip.ts';
import type { IpPacket } from '../../../src/capture/net/ip.ts';
import { fromHex } from '../../../src/core/hex.ts';
import { present } from '../../helpers/capture.ts';
import { ipv4, ipv6, tcp } from '../support/packets.ts';

const payload = Buffer.from('0123456789abcdef');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const read = (bytes: Uint8Array): IpPacket => present(readIp(bytes));

test('IPv4: addresses, protocol, options, and no padding', (t) => {
  const packet = read(
    Buffer.concat([
      ipv4(payload, { source: '192.168.0.1', destination: '8.8.4.4', options: Buffer.alloc(8, 1) }),
      Buffer.alloc(6),
    ]),
  );
  t.like(packet, { version: 4, source: '192.168.0.1', destination: '8.8.4.4', protocol: 6, missing: 0 });
  t.is(packet.fragment, undefined);
  t.is(text(packet.payload), text(payload));
});

test('what a capture cut off is counted, and a length of zero is that of a packet that is still to be cut up', (t) => {
  t.like(read(ipv4(payload).subarray(0, 25)), { missing: 11 });
  t.like(read(ipv6(payload).subarray(0, 50)), { missing: 6 });
  for (const packet of [ipv4(payload, { totalLength: 0 }), ipv6(payload, { payloadLength: 0 })]) {
    t.is(read(packet).missing, 0);
    t.is(text(read(packet).payload), text(payload));
  }
});

test('IPv4 headers that cannot be are no packets', (t) => {
  t.is(readIp(new Uint8Array(0)), undefined);
  t.is(readIp(ipv4(payload, { totalLength: 19 })), undefined);
  const short = ipv4(payload);
  short[0] = 0x44;
  t.is(readIp(short), undefined);
  t.is(readIp(ipv4(payload).subarray(0, 19)), undefined);
  t.is(readIp(ipv6(payload).subarray(0, 39)), undefined);
});

// RFC 5952 section 4, each of its rules.
for (const [hex, expected] of [
  ['20010db8 00000000 00000000 00020001', '2001:db8::2:1'],
  ['20010db8 00000001 00010001 00010001', '2001:db8:0:1:1:1:1:1'],
  ['20010000 00000001 00000000 00000001', '2001:0:0:1::1'],
  ['20010db8 00000000 00010000 00000001', '2001:db8::1:0:0:1'],
  ['20010db8 aaaabbbb ccccdddd eeee0aaa', '2001:db8:aaaa:bbbb:cccc:dddd:eeee:aaa'],
  ['00000000 00000000 00000000 00000000', '::'],
  ['00000000 00000000 00000000 00000001', '::1'],
  ['fe800000 00000000 00000000 00000000', 'fe80::'],
  ['00000000 00000000 0000ffff c0000201', '::ffff:192.0.2.1'],
] as const) {
  test(`IPv6 address ${expected}`, (t) => {
    const address = Buffer.from(fromHex(hex)).toString('hex');
    t.is(read(ipv6(payload, { source: address })).source, expected);
    t.is(read(ipv6(payload, { destination: address })).destination, expected);
  });
}

test('IPv6 extension headers are passed over', (t) => {
  const hopByHop = fromHex('2b 00 0102 00000000');
  const routing = fromHex('3c 01 0000 00000000 0000000000000000');
  const destination = fromHex('33 00 0102 00000000');
  const authentication = fromHex('2c 01 0000 00000001 00000002');
  const wholeInOneFragment = fromHex('06 00 0000 00000007');
  const packet = read(
    ipv6(payload, {
      next: 0,
      headers: Buffer.concat([hopByHop, routing, destination, authentication, wholeInOneFragment]),
    }),
  );
  t.like(packet, { protocol: 6, missing: 0 });
  t.is(packet.fragment, undefined);
  t.is(text(packet.payload), text(payload));
});

test('a chain of extension headers that reaches beyond the packet is no packet', (t) => {
  t.is(readIp(ipv6(payload, { next: 0, headers: fromHex('06 ff 0102 00000000') })), undefined);
});

test('TCP: ports, numbers, flags, options', (t) => {
  const segment = present(
    readTcp(
      tcp(
        {
          sourcePort: 50_000,
          destinationPort: 443,
          sequence: 0xfffffff0,
          acknowledged: 7,
          flags: 'SF',
          payload: 'hello',
        },
        12,
      ),
    ),
  );
  t.like(segment, {
    sourcePort: 50_000,
    destinationPort: 443,
    sequence: 0xfffffff0,
    acknowledged: 7,
    syn: true,
    fin: true,
    rst: false,
    missing: 0,
  });
  t.is(text(segment.payload), 'hello');
  t.like(present(readTcp(tcp({ sourcePort: 1, destinationPort: 2, sequence: 0, flags: 'R' }))), {
    acknowledged: undefined,
    syn: false,
    fin: false,
    rst: true,
  });
});

test('a TCP header that is cut or too short is no segment; options that the capture cut are no payload', (t) => {
  const whole = tcp({ sourcePort: 1, destinationPort: 2, sequence: 0, payload: 'abc' }, 8);
  for (let length = 0; length < 28; length++) t.is(readTcp(whole.subarray(0, length)), undefined);
  t.like(present(readTcp(whole.subarray(0, 22), 9)), { missing: 3 });
  t.is(present(readTcp(whole.subarray(0, 22), 9)).payload.length, 0);
  whole[12] = 0x40;
  t.is(readTcp(whole), undefined);
});

const big = Buffer.from(Array.from({ length: 100 }, (_, index) => index));
const pieces = [
  [0, 24],
  [24, 64],
  [64, 88],
  [88, 100],
] as const;
const v4Fragments = pieces.map(([start, end]) =>
  read(ipv4(big.subarray(start, end), { id: 9, offset: start, more: end < big.length })),
);
const v6Fragments = pieces.map(([start, end]) => {
  const field = (start | (end < big.length ? 1 : 0)).toString(16).padStart(4, '0');
  return read(ipv6(big.subarray(start, end), { next: 44, headers: fromHex(`06 00 ${field} 00000009`) }));
});

for (const [name, fragments] of [
  ['IPv4', v4Fragments],
  ['IPv6', v6Fragments],
] as const) {
  test(`fragments of ${name} in any order, some of them twice, make the packet once`, (t) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), fc.nat(3), (order, again) => {
        const table = new FragmentTable();
        const wholes = order.flatMap((index) => table.add(present(fragments[index]), 0) ?? []);
        t.is(wholes.length, 1);
        t.deepEqual(Buffer.from(present(wholes[0]).payload), big);
        t.is(present(wholes[0]).protocol, 6);
        t.is(table.incomplete, 0);
        t.is(table.add(present(fragments[again]), 0), undefined);
      }),
    );
  });

  test(`a packet of ${name} that lacks any fragment never comes`, (t) => {
    for (const lost of [0, 1, 2, 3]) {
      const table = new FragmentTable();
      fragments.forEach((fragment, index) => index !== lost && t.is(table.add(fragment, 0), undefined));
      t.is(table.incomplete, 3);
    }
  });
}

test('where fragments overlap the first stands', (t) => {
  const table = new FragmentTable();
  const part = (offset: number, fill: string, length: number, more: boolean): IpPacket =>
    read(ipv4(Buffer.alloc(length, fill), { id: 1, offset, more }));
  t.is(table.add(part(8, 'b', 8, true), 0), undefined);
  t.is(table.add(part(0, 'a', 16, true), 0), undefined);
  t.is(
    text(present(table.add(part(8, 'c', 12, false), 0)).payload),
    'a'.repeat(8) + 'b'.repeat(8) + 'c'.repeat(4),
  );
});

test('fragments of different packets do not mix, and those of a minute ago are of another packet', (t) => {
  const table = new FragmentTable();
  const halves = (id: number, source: string): IpPacket[] => [
    read(ipv4(big.subarray(0, 48), { id, source, more: true })),
    read(ipv4(big.subarray(48), { id, source, offset: 48 })),
  ];
  const [a1, a2] = halves(1, '10.0.0.1');
  const [b1, b2] = halves(2, '10.0.0.1');
  const [c1] = halves(1, '10.0.0.3');
  for (const part of [a1, b1, c1]) t.is(table.add(present(part), 0), undefined);
  t.truthy(table.add(present(a2), 0));
  t.is(table.add(present(b2), 60_000_001), undefined);
});

test('fragments that wait are bounded, and those that no packet can come of are not kept', (t) => {
  const table = new FragmentTable();
  for (let id = 0; id < 20_000; id++)
    table.add({ ...present(v4Fragments[0]), fragment: { id, offset: 0, more: true } }, 0);
  t.is(table.incomplete, 20_000, 'all are accounted for');
  t.truthy(
    table.add(
      {
        ...present(v4Fragments[1]),
        payload: big.subarray(24),
        fragment: { id: 19_999, offset: 24, more: false },
      },
      0,
    ),
    'the newest is there',
  );
  t.is(
    table.add(
      { ...present(v4Fragments[1]), payload: big.subarray(24), fragment: { id: 0, offset: 24, more: false } },
      0,
    ),
    undefined,
    'the oldest is gone',
  );
  const other = new FragmentTable();
  t.is(other.add({ ...present(v4Fragments[0]), missing: 1 }, 0), undefined);
  t.is(
    other.add({ ...present(v4Fragments[0]), fragment: { id: 1, offset: 65_528, more: true } }, 0),
    undefined,
    'beyond the largest packet',
  );
  t.is(other.add({ ...present(v4Fragments[0]), fragment: { id: 2, offset: 0, more: true } }, 0), undefined);
  t.is(
    other.add({ ...present(v4Fragments[3]), missing: 1, fragment: { id: 2, offset: 24, more: false } }, 0),
    undefined,
    'its end is not in the capture',
  );
  t.is(other.incomplete, 4);
});

test('random bytes, and packets with any byte changed, never throw', (t) => {
  const look = (bytes: Uint8Array): void => {
    const packet = readIp(bytes);
    if (!packet) return;
    const whole = new FragmentTable().add(packet, 0);
    if (whole) readTcp(whole.payload, whole.missing);
  };
  const segment = tcp({ sourcePort: 1, destinationPort: 2, sequence: 3, payload: 'abc' });
  fc.assert(
    fc.property(fc.constantFrom(0x45, 0x4f, 0x60), fc.uint8Array({ maxLength: 100 }), (first, rest) =>
      look(Uint8Array.of(first, ...rest)),
    ),
    { numRuns: 2000 },
  );
  for (const packet of [ipv4(segment), ipv6(segment, { next: 0, headers: fromHex('06 00 0102 00000000') })]) {
    for (let at = 0; at < packet.length; at++) {
      for (const value of [0, 1, 0x7f, 0xff]) {
        const bent = Uint8Array.from(packet);
        bent[at] = value;
        look(bent);
        look(bent.subarray(0, at));
      }
    }
  }
  t.pass();
});
