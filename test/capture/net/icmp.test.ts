/** What is read of ICMP: who reports what about which packet, and nothing of any other message. */
import test from 'ava';
import { readIcmp } from '../../../src/capture/net/icmp.ts';
import { readIp } from '../../../src/capture/net/ip.ts';
import { ipv4, ipv6, tcp, udp } from '../support/packets.ts';

const about = ipv4(tcp({ sourcePort: 50_001, destinationPort: 443, sequence: 1, payload: 'x'.repeat(40) }));

function report(type: number, code: number, quoted: Uint8Array, more = 0): Uint8Array {
  const head = Buffer.alloc(8);
  head[0] = type;
  head[1] = code;
  head.writeUInt32BE(more, 4);
  return Buffer.concat([head, quoted]);
}

const v4 = (payload: Uint8Array) => {
  const packet = readIp(ipv4(payload, { source: '10.0.9.9', destination: '10.0.0.1', protocol: 1 }));
  return packet && readIcmp(packet);
};
const v6 = (payload: Uint8Array) => {
  const packet = readIp(ipv6(payload, { next: 58 }));
  return packet && readIcmp(packet);
};

test('a report names its sender, its kind and the packet, of which eight bytes are enough', (t) => {
  const quoted = about.subarray(0, 28);
  t.deepEqual(v4(report(3, 13, quoted)), {
    kind: 'prohibited',
    reporter: '10.0.9.9',
    transport: 'tcp',
    source: { host: '10.0.0.1', port: 50_001 },
    destination: { host: '10.0.0.2', port: 443 },
  });
  t.like(v4(report(3, 4, quoted, 1280)), { kind: 'too_big', mtu: 1280 });
  // Routers before RFC 1191 name none.
  t.is(v4(report(3, 4, quoted))?.mtu, undefined);
  t.like(v4(report(11, 0, quoted)), { kind: 'time_exceeded' });
  const datagram = ipv4(udp({ sourcePort: 50_001, destinationPort: 443, payload: 'x' }), { protocol: 17 });
  t.like(v4(report(3, 3, datagram)), { kind: 'port', transport: 'udp' });
});

test('the same of ICMPv6, whose MTU has 32 bits', (t) => {
  const quoted = ipv6(tcp({ sourcePort: 50_001, destinationPort: 443, sequence: 1 }));
  t.like(v6(report(2, 0, quoted, 1280)), { kind: 'too_big', mtu: 1280, destination: { port: 443 } });
  const kinds = [0, 1, 3, 4, 5, 6].map((code) => v6(report(1, code, quoted))?.kind);
  t.deepEqual(kinds, ['network', 'prohibited', 'host', 'port', 'prohibited', 'prohibited']);
});

test('an echo, a report that is cut, and one about a later fragment say nothing', (t) => {
  t.is(v4(report(8, 0, about)), undefined);
  t.is(v4(report(3, 1, about.subarray(0, 22))), undefined);
  t.is(v4(report(3, 1, new Uint8Array(0))), undefined);
  t.is(v4(report(3, 99, about)), undefined);
  t.is(v4(report(3, 1, ipv4(Buffer.alloc(40), { offset: 800 }))), undefined);
  for (let length = 0; length < about.length; length++)
    t.notThrows(() => v4(report(3, 1, about.subarray(0, length))));
});
