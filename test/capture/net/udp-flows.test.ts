import test from 'ava';
import { readUdp, UdpFlows } from '../../../src/capture/net/udp-flows.ts';
import { udp } from '../support/packets.ts';

const at = (host: string, port: number) => ({ host, port });

test('a datagram is as long as its header says, without padding; what the capture cut off is counted', (t) => {
  const bytes = udp({ sourcePort: 5353, destinationPort: 443, payload: 'hello' });
  t.deepEqual(readUdp(Buffer.concat([bytes, Buffer.alloc(7)])), {
    sourcePort: 5353,
    destinationPort: 443,
    payload: Buffer.from('hello'),
    missing: 0,
  });
  t.is(readUdp(bytes.subarray(0, 10), 3)?.missing, 3);
  t.is(readUdp(bytes.subarray(0, 7)), undefined);
  const impossible = Buffer.from(bytes);
  impossible.writeUInt16BE(7, 4);
  t.is(readUdp(impossible), undefined);
});

test('both directions are one flow; the client is who began, unless a system port answers', (t) => {
  const flows = new UdpFlows();
  const [client, server] = [at('10.0.0.1', 40_000), at('10.0.0.2', 443)];
  t.like(flows.of(client, server), { number: 0, from: 'client', isNew: true, client, server });
  t.like(flows.of(server, client), { number: 0, from: 'server', isNew: false });
  t.like(flows.of(at('10.0.0.2', 53), at('10.0.0.1', 40_001)), { number: 1, from: 'server', isNew: true });
  t.like(flows.of(at('10.0.0.2', 4433), at('10.0.0.1', 40_001)), { number: 2, from: 'client' });
  t.like(flows.of(at('::1', 500), at('::1', 500)), { number: 3, from: 'client' });
  t.is(flows.count, 4);
});

test('of very many flows the one silent for longest is forgotten', (t) => {
  const flows = new UdpFlows(3);
  const send = (port: number): number => flows.of(at('10.0.0.1', port), at('10.0.0.2', 443)).number;
  t.deepEqual([2000, 2001, 2002, 2000, 2003, 2000, 2001].map(send), [0, 1, 2, 0, 3, 0, 4]);
});
