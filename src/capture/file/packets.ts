/**
 * Synthesizes packets from socket events, so that a run can be opened in Wireshark. `pcapng-writer.ts` writes the file.
 * Only what an eavesdropper sees becomes packets: the vantage `wire`.
 *
 * 1. A user-space tap sees no packets. The bytes, their order and times are real; segmentation, handshakes,
 *    acknowledgements and ends are not, and packets without tapped bytes are marked.
 * 2. Every connection is complete: numbers and acknowledgements match (RFC 9293), checksums are right, nothing is lost.
 *    Payload that a bounded log has dropped leaves a gap in the numbers, as with a lossy tap.
 * 3. After `closed` a connection has no more packets.
 */
import { otherSide } from '../event.ts';
import type { Address, CaptureEvent, EventOf, Side } from '../event.ts';
import type { OpenedFor } from './pcapng-blocks.ts';

export interface Packet {
  readonly hop: string;
  /** The run and its time, in microseconds since the run began. */
  readonly run: number;
  readonly at: number;
  /** From the first byte of the IP header. */
  readonly bytes: Uint8Array;
  /** No tap saw anything of it. */
  readonly reconstructed: boolean;
  /** Of the packet that opens a connection which a proxy opened for a client's. */
  readonly openedFor?: OpenedFor;
}

export type EmitPacket = (packet: Packet) => void;

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;

/** The maximum transmission unit of Ethernet: what packets on a real wire would be cut to. */
const maximumPacket = 1500;
const tcpHeader = 20;
/** The receiver acknowledges at least this often, so that no window looks full. */
const acknowledgeEvery = 64 * 1024;
/** Of the window that both sides announce, as a power of two (RFC 7323): 65535 << 7 is 8 MB. */
const windowScale = 7;

interface Endpoints {
  readonly addresses: Readonly<Record<Side, Uint8Array>>;
  readonly ports: Readonly<Record<Side, number>>;
  readonly transport: 'tcp' | 'udp';
}

interface ConnectionState extends Endpoints {
  /** The number of each side's next byte, modulo 2^32. */
  readonly next: Record<Side, number>;
  closed: boolean;
}

/** Draws the packets of a log, event by event. */
export class PacketMaker {
  readonly #connections = new Map<number, ConnectionState>();
  readonly #emit: EmitPacket;

  constructor(emit: EmitPacket) {
    this.#emit = emit;
  }

  readonly fold = (event: CaptureEvent): void => {
    if (event.type === 'opened') this.#opened(event);
    else if (event.type === 'bytes' && event.vantage === 'wire') this.#bytes(event);
    else if (event.type === 'closed') this.#closed(event);
  };

  #opened(event: EventOf<'opened'>): void {
    const state = beginning(event.conn, endpointsOf(event));
    this.#connections.set(event.conn, state);
    if (state.transport === 'udp') return;
    this.#segment(event, state, 'client', SYN, undefined, openedForOf(event));
    this.#segment(event, state, 'server', SYN | ACK);
    this.#segment(event, state, 'client', ACK);
  }

  #bytes(event: EventOf<'bytes'>): void {
    let state = this.#connections.get(event.conn);
    if (!state) {
      state = beginning(event.conn, unknownEndpoints(event.conn));
      this.#connections.set(event.conn, state);
    }
    if (state.closed) return;
    if (state.transport === 'udp')
      return this.#emit({
        ...placeOf(event),
        bytes: udpPacket(state, event.from, event.bytes),
        reconstructed: false,
      });
    if (event.dropped) state.next[event.from] = (state.next[event.from] + event.dropped) >>> 0;
    const { bytes, from } = event;
    const largest = maximumPacket - ipHeaderLength(state) - tcpHeader;
    for (let at = 0, unacknowledged = 0; at < bytes.length; at += largest) {
      const payload = bytes.subarray(at, at + largest);
      const last = at + largest >= bytes.length;
      this.#segment(event, state, from, last ? PSH | ACK : ACK, payload);
      unacknowledged += payload.length;
      if (last || unacknowledged >= acknowledgeEvery) {
        this.#segment(event, state, otherSide[from], ACK);
        unacknowledged = 0;
      }
    }
  }

  #closed(event: EventOf<'closed'>): void {
    const state = this.#connections.get(event.conn);
    if (!state || state.closed) return;
    if (state.transport === 'tcp') {
      const first: Side = event.by === 'unknown' ? 'server' : event.by;
      if (event.how === 'end') {
        this.#segment(event, state, first, FIN | ACK);
        this.#segment(event, state, otherSide[first], FIN | ACK);
        this.#segment(event, state, first, ACK);
      } else if (event.how === 'reset' || event.by !== 'unknown') {
        this.#segment(event, state, first, RST | ACK);
      }
    }
    state.closed = true;
  }

  #segment(
    event: EventOf<'opened' | 'bytes' | 'closed'>,
    state: ConnectionState,
    from: Side,
    flags: number,
    payload?: Uint8Array,
    openedFor?: OpenedFor,
  ): void {
    this.#emit({
      ...placeOf(event),
      bytes: tcpPacket(state, from, flags, payload ?? nothing),
      reconstructed: payload === undefined,
      ...(openedFor ? { openedFor } : {}),
    });
    const counted = (payload?.length ?? 0) + (flags & (SYN | FIN) ? 1 : 0);
    state.next[from] = (state.next[from] + counted) >>> 0;
  }
}

const nothing = new Uint8Array(0);

function placeOf({ hop, run, at }: EventOf<'opened' | 'bytes' | 'closed'>): {
  hop: string;
  run: number;
  at: number;
} {
  return { hop, run, at };
}

function openedForOf({ relays, onBehalfOf }: EventOf<'opened'>): OpenedFor | undefined {
  const client = relays ?? onBehalfOf;
  if (client === undefined) return undefined;
  return { how: relays === undefined ? 'onBehalfOf' : 'relays', sequence: firstNumbers(client).client };
}

/** First numbers that differ from connection to connection, so that a reused port is no retransmission: by them a connection is found again. */
export function firstNumbers(conn: number): Record<Side, number> {
  return { client: Math.imul(conn, 0x9e3779b1) >>> 0, server: Math.imul(conn, 0x85ebca6b) >>> 0 };
}

function beginning(conn: number, endpoints: Endpoints): ConnectionState {
  return { ...endpoints, next: firstNumbers(conn), closed: false };
}

function endpointsOf({ from, to, transport }: EventOf<'opened'>): Endpoints {
  let [client, server] = [addressBytes(from), addressBytes(to)];
  if (client.length !== server.length) [client, server] = [mapped(client), mapped(server)];
  return {
    addresses: { client, server },
    ports: { client: from.port & 0xffff, server: to.port & 0xffff },
    // No program taps frames: they are only read.
    transport: transport === 'tcp' ? 'tcp' : 'udp',
  };
}

/** For a connection of which only bytes are known. */
function unknownEndpoints(conn: number): Endpoints {
  const unspecified = Uint8Array.of(127, 0, 0, 1);
  return {
    addresses: { client: unspecified, server: unspecified },
    ports: { client: 1024 + (conn % 64_000), server: 1 },
    transport: 'tcp',
  };
}

/** Four or sixteen bytes; IPv4 in the clothes of IPv6 is IPv4, and a name that is no address is drawn as loopback. */
function addressBytes({ host }: Address): Uint8Array {
  const plain = host.replace(/^\[|\]$|%.*$/g, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (/^\d+\.\d+\.\d+\.\d+$/.test(plain)) return Uint8Array.from(plain.split('.'), Number);
  if (!plain.includes(':')) return Uint8Array.of(127, 0, 0, 1);
  const [head = '', tail] = plain.split('::');
  const groups = (text: string | undefined): number[] =>
    text ? text.split(':').map((group) => Number.parseInt(group, 16) || 0) : [];
  const before = groups(head);
  const after = groups(tail);
  const all = [
    ...before,
    ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => 0),
    ...after,
  ].slice(0, 8);
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 0xff]));
}

function mapped(address: Uint8Array): Uint8Array {
  return address.length === 16
    ? address
    : Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...address);
}

function ipHeaderLength({ addresses }: Endpoints): number {
  return addresses.client.length === 4 ? 20 : 40;
}

/** A TCP segment in its IP packet; a SYN carries the options maximum segment size and window scale. */
function tcpPacket(state: ConnectionState, from: Side, flags: number, payload: Uint8Array): Uint8Array {
  const to = otherSide[from];
  const ip = ipHeaderLength(state);
  const header = tcpHeader + (flags & SYN ? 8 : 0);
  // From Node's pool, and not zeroed: what is not header is payload.
  const bytes = Buffer.allocUnsafe(ip + header + payload.length).fill(0, 0, ip + header);
  const view = new DataView(bytes.buffer, bytes.byteOffset + ip);
  view.setUint16(0, state.ports[from]);
  view.setUint16(2, state.ports[to]);
  view.setUint32(4, state.next[from]);
  view.setUint32(8, flags & ACK ? state.next[to] : 0);
  view.setUint8(12, (header / 4) << 4);
  view.setUint8(13, flags);
  view.setUint16(14, 65_535);
  if (flags & SYN) {
    view.setUint32(20, 0x02040000 | (maximumPacket - ip - tcpHeader));
    view.setUint32(24, 0x01030300 | windowScale);
  }
  bytes.set(payload, ip + header);
  view.setUint16(16, transportChecksum(state, 6, bytes.subarray(ip)));
  writeIpHeader(bytes, state, from, 6);
  return bytes;
}

/** One datagram (RFC 768). */
function udpPacket(state: ConnectionState, from: Side, payload: Uint8Array): Uint8Array {
  const ip = ipHeaderLength(state);
  const bytes = new Uint8Array(ip + 8 + payload.length);
  const view = new DataView(bytes.buffer, ip);
  view.setUint16(0, state.ports[from]);
  view.setUint16(2, state.ports[otherSide[from]]);
  view.setUint16(4, (8 + payload.length) & 0xffff);
  bytes.set(payload, ip + 8);
  // A computed zero is sent as all ones: zero means that there is no checksum.
  view.setUint16(6, transportChecksum(state, 17, bytes.subarray(ip)) || 0xffff);
  writeIpHeader(bytes, state, from, 17);
  return bytes;
}

/** RFC 791 section 3.1, RFC 8200 section 3. Not fragmented, so that no identification is needed (RFC 6864). */
function writeIpHeader(bytes: Uint8Array, state: ConnectionState, from: Side, protocol: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const source = state.addresses[from];
  const destination = state.addresses[otherSide[from]];
  if (source.length === 4) {
    view.setUint16(0, 0x4500);
    view.setUint16(2, bytes.length & 0xffff);
    view.setUint16(6, 0x4000);
    view.setUint8(8, 64);
    view.setUint8(9, protocol);
    bytes.set(source, 12);
    bytes.set(destination, 16);
    view.setUint16(10, foldSum(sumOf(bytes.subarray(0, 20), 0)));
  } else {
    view.setUint8(0, 0x60);
    view.setUint16(4, (bytes.length - 40) & 0xffff);
    view.setUint8(6, protocol);
    view.setUint8(7, 64);
    bytes.set(source, 8);
    bytes.set(destination, 24);
  }
}

/** Over the pseudo header and the segment (RFC 9293 section 3.1); the field itself still zero. */
function transportChecksum({ addresses }: Endpoints, protocol: number, segment: Uint8Array): number {
  const pseudo = sumOf(addresses.client, sumOf(addresses.server, protocol + segment.length));
  return foldSum(sumOf(segment, pseudo));
}

/** Sum of 16-bit words, an odd last byte as the high one; well within 2^53 for any packet. */
function sumOf(bytes: Uint8Array, start: number): number {
  let sum = start;
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const two = view.getUint32(at);
    sum += (two >>> 16) + (two & 0xffff);
  }
  if (at + 2 <= length) {
    sum += view.getUint16(at);
    at += 2;
  }
  return at < length ? sum + (view.getUint8(at) << 8) : sum;
}

/** Ones' complement of the sum (RFC 1071). */
function foldSum(sum: number): number {
  let folded = sum;
  while (folded > 0xffff) folded = (folded % 0x10000) + Math.floor(folded / 0x10000);
  return ~folded & 0xffff;
}
