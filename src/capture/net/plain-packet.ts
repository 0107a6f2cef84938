/**
 * Parses the most common packets in place: complete TCP in IPv4 without options or fragments, or in IPv6 without
 * extension headers, on a link layer with a fixed length. Nearly every packet is one, and nothing is allocated for it.
 * All others are left to `link-layers.ts` and `ip.ts`, which give the same result for these.
 */
import type { PacketRecord } from '../file/window.ts';

/** By LINKTYPE number: the offset of the payload type (-1: its first byte is used), and the length of the header. */
const layers: Readonly<Record<number, readonly [typeAt: number, length: number]>> = {
  0: [-1, 4],
  1: [12, 14],
  12: [-1, 0],
  14: [-1, 0],
  101: [-1, 0],
  108: [-1, 4],
  113: [14, 16],
  228: [-1, 0],
  229: [-1, 0],
  276: [0, 20],
};

/** The number of 32-bit words that identify one direction of a connection: two IPv6 addresses and both ports. */
export const flowWords = 9;

export const tcpFlags = { fin: 0x01, syn: 0x02, rst: 0x04, ack: 0x10 } as const;

export class PlainPacket {
  version: 4 | 6 = 4;
  sequence = 0;
  /** Of the number that is acknowledged only where the flag ACK is set. */
  acknowledged = 0;
  flags = 0;
  /** Time to live, or hop limit. */
  ttl = 0;
  /** Bytes of TCP options. */
  options = 0;
  /** The payload is `bytes` from `start` to `end`. */
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
  /** Source address, destination address, ports; what IPv4 does not need stays zero. */
  readonly flow = new Int32Array(flowWords);
  /** Of these words. */
  hash = 0;

  /** Returns false for any other packet; what stands here then means nothing. */
  read({ linkType, bytes, view, start, end }: PacketRecord): boolean {
    const layer = layers[linkType];
    if (!layer) return false;
    const ip = start + layer[1];
    // The shortest that IPv4 and TCP can be.
    if (ip + 40 > end) return false;
    const first = view.getUint8(ip);
    if (layer[0] >= 0 && view.getUint16(start + layer[0]) !== (first === 0x45 ? 0x0800 : 0x86dd))
      return false;
    if (layer[1] === 4 && !isLoopbackOf(first, view.getUint32(start), view.getUint32(start, true)))
      return false;
    if (first === 0x45) return this.#ipv4(bytes, view, ip, end);
    return first >> 4 === 6 && this.#ipv6(bytes, view, ip, end);
  }

  #ipv4(bytes: Uint8Array, view: DataView, ip: number, end: number): boolean {
    const length = view.getUint16(ip + 2);
    // A first fragment and a later one; protocol 6; more than was captured, or the zero that a network card fills in.
    if (
      (view.getUint16(ip + 6) & 0x3fff) !== 0 ||
      view.getUint8(ip + 9) !== 6 ||
      length < 40 ||
      ip + length > end
    )
      return false;
    const { flow } = this;
    this.version = 4;
    this.ttl = view.getUint8(ip + 8);
    flow.fill(0);
    flow[0] = view.getInt32(ip + 12);
    flow[4] = view.getInt32(ip + 16);
    return this.#tcp(bytes, view, ip + 20, ip + length);
  }

  #ipv6(bytes: Uint8Array, view: DataView, ip: number, end: number): boolean {
    const length = view.getUint16(ip + 4);
    if (view.getUint8(ip + 6) !== 6 || length < 20 || ip + 40 + length > end) return false;
    const { flow } = this;
    this.version = 6;
    this.ttl = view.getUint8(ip + 7);
    for (let word = 0; word < 8; word++) flow[word] = view.getInt32(ip + 8 + 4 * word);
    return this.#tcp(bytes, view, ip + 40, ip + 40 + length);
  }

  #tcp(bytes: Uint8Array, view: DataView, tcp: number, end: number): boolean {
    const payload = tcp + (view.getUint8(tcp + 12) >> 4) * 4;
    // A window of zero is worth a word.
    if (payload < tcp + 20 || payload > end || view.getUint16(tcp + 14) === 0) return false;
    const { flow } = this;
    flow[8] = view.getInt32(tcp);
    this.sequence = view.getUint32(tcp + 4);
    this.acknowledged = view.getUint32(tcp + 8);
    this.flags = view.getUint8(tcp + 13);
    this.options = payload - tcp - 20;
    this.bytes = bytes;
    this.start = payload;
    this.end = end;
    let hash = flow[8] ?? 0;
    if (this.version === 4) hash = Math.imul(hash ^ (flow[0] ?? 0), 0x9e3779b1) ^ (flow[4] ?? 0);
    else for (let word = 0; word < 8; word++) hash = Math.imul(hash ^ (flow[word] ?? 0), 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
    this.hash = (hash ^ (hash >>> 13)) >>> 0;
    return true;
  }
}

/** AF_INET, and the numbers that AF_INET6 has on this or that system, in either byte order. */
function isLoopbackOf(first: number, big: number, little: number): boolean {
  const family = Math.min(big, little);
  return first === 0x45 ? family === 2 : family === 10 || family === 24 || family === 28 || family === 30;
}
