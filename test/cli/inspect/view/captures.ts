/** Captures of many connections. The bench makes them too, so that nothing here is of a test. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { ipv4, pcap, tcp } from '../../../capture/support/packets.ts';
import type { PcapPacket } from '../../../capture/support/packets.ts';

/** What a client asks, and what it is answered. */
export type Exchanged = readonly [asked: string, answered: string];

/** Every tenth has failed. */
export const usual = (index: number): Exchanged => [
  `GET /page-${index} HTTP/1.1\r\nHost: shop-${index % 7}.example\r\n\r\n`,
  `HTTP/1.1 ${index % 10 === 3 ? '404 Not Found' : '200 OK'}\r\nContent-Length: 2\r\n\r\nok`,
];

/** So many are written at once. */
const batch = 5000;

/**
 * Writes a capture of connections, one after the other, each with a request and its response.
 * @param pace from one packet of a connection to the next, in microseconds
 */
export function writeCapture(
  path: string,
  count: number,
  exchanged: (index: number) => Exchanged = usual,
  pace: (index: number) => number = () => 1,
): void {
  let packets: PcapPacket[] = [];
  let microseconds = 1_000_000_000_000_000;
  writeFileSync(path, pcap([]));
  for (let index = 0; index < count; index++) {
    const [asked, answered] = exchanged(index);
    const [source, destination] = [`10.1.${index >> 14}.${(index >> 7) & 127}`, '10.0.0.2'];
    const port = 20_000 + (index & 127);
    const [question, response] = [Buffer.from(asked), Buffer.from(answered)];
    const out = { sourcePort: port, destinationPort: 80 };
    const back = { sourcePort: 80, destinationPort: port };
    const put = (bytes: Uint8Array): void => {
      microseconds += pace(index);
      packets.push({ bytes, microseconds });
    };
    const client = (bytes: Uint8Array): void => put(ipv4(bytes, { source, destination }));
    const server = (bytes: Uint8Array): void =>
      put(ipv4(bytes, { source: destination, destination: source }));
    const [ends, answeredTo] = [101 + question.length, 501 + response.length];
    client(tcp({ ...out, sequence: 100, flags: 'S' }));
    server(tcp({ ...back, sequence: 500, acknowledged: 101, flags: 'S' }));
    client(tcp({ ...out, sequence: 101, acknowledged: 501, payload: question }));
    server(tcp({ ...back, sequence: 501, acknowledged: ends, payload: response }));
    client(tcp({ ...out, sequence: ends, acknowledged: answeredTo, flags: 'F' }));
    server(tcp({ ...back, sequence: answeredTo, acknowledged: ends + 1, flags: 'F' }));
    client(tcp({ ...out, sequence: ends + 1, acknowledged: answeredTo + 1 }));
    if (index % batch !== batch - 1 && index < count - 1) continue;
    appendFileSync(path, pcap(packets).subarray(pcap([]).length));
    packets = [];
  }
}
