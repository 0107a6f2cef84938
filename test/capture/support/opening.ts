/** The packets with which a client opens a connection of TCP, and what it says first, as a network card hands them over. */
import { ethernet, ipv4, tcp } from './packets.ts';
import type { SegmentFacts } from './packets.ts';

/** The beginning of a record with a ClientHello. */
export const hello = Buffer.from('1603010200010001fc0303', 'hex');
/** MSS 1460, SACK permitted, time stamps 0x01020304, NOP, window scale 7. */
const synOptions = Buffer.from('020405b40402080a010203040000000001030307', 'hex');

export interface OpeningSide {
  readonly port?: number;
  readonly isn: number;
}

export const segment = (
  facts: SegmentFacts,
  options: Uint8Array = new Uint8Array(0),
  window = 64_240,
): Buffer => {
  const bytes = Buffer.from(tcp(facts, options.length));
  bytes.writeUInt16BE(window, 14);
  bytes.set(options, 20);
  return bytes;
};

export const fromClient = (bytes: Uint8Array): Uint8Array => ethernet(ipv4(bytes));
const fromServer = (bytes: Uint8Array): Uint8Array =>
  ethernet(ipv4(bytes, { source: '10.0.0.2', destination: '10.0.0.1' }));

/** SYN, SYN with ACK, ACK, and what the client says first, of a connection with these first numbers. */
export function opened({
  client,
  server,
  says = hello,
  port = 443,
}: {
  readonly client: OpeningSide;
  readonly server: OpeningSide;
  readonly says?: Uint8Array;
  readonly port?: number;
}): readonly Uint8Array[] {
  const own = { sourcePort: client.port ?? 40_000, destinationPort: port };
  const other = { sourcePort: port, destinationPort: own.sourcePort };
  const after = (isn: number, count = 1): number => (isn + count) % 2 ** 32;
  return [
    fromClient(segment({ ...own, sequence: client.isn, flags: 'S' }, synOptions)),
    fromServer(
      segment(
        { ...other, sequence: server.isn, acknowledged: after(client.isn), flags: 'S' },
        Buffer.from('0204058c', 'hex'),
        65_535,
      ),
    ),
    fromClient(
      segment({ ...own, sequence: after(client.isn), acknowledged: after(server.isn) }, undefined, 502),
    ),
    fromClient(
      segment({
        ...own,
        sequence: after(client.isn),
        acknowledged: after(server.isn),
        flags: 'P',
        payload: says,
      }),
    ),
  ];
}
