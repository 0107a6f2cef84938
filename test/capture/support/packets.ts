/**
 * Packets and capture files as other programs write them, made at run time: what `packets.ts` does not draw, such as
 * numbers out of order, fragments, link layers and the other byte order.
 */

export interface SegmentFacts {
  readonly source?: string;
  readonly destination?: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly sequence: number;
  /** Sets ACK. */
  readonly acknowledged?: number;
  readonly flags?: string;
  readonly payload?: Uint8Array | string;
  /** What its sender can take. */
  readonly window?: number;
}

const flagBits: Readonly<Record<string, number>> = { F: 0x01, S: 0x02, R: 0x04, P: 0x08 };

const bytesOf = (value: Uint8Array | string): Uint8Array =>
  typeof value === 'string' ? Buffer.from(value, 'latin1') : value;

/** A TCP segment; the checksum stays zero, as a network card that fills it in leaves it. */
export function tcp(
  {
    sourcePort,
    destinationPort,
    sequence,
    acknowledged,
    flags = '',
    payload = '',
    window = 0xffff,
  }: SegmentFacts,
  options: number | Uint8Array = 0,
): Uint8Array {
  const optionBytes = typeof options === 'number' ? options : options.length;
  const header = Buffer.alloc(20 + optionBytes, 1);
  header.fill(0, 0, 20);
  if (typeof options !== 'number') header.set(options, 20);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header.writeUInt32BE((acknowledged ?? 0) >>> 0, 8);
  header[12] = ((20 + optionBytes) / 4) << 4;
  header[13] = Array.from(flags).reduce(
    (sum, flag) => sum | (flagBits[flag] ?? 0),
    acknowledged === undefined ? 0 : 0x10,
  );
  header.writeUInt16BE(window, 14);
  return Buffer.concat([header, bytesOf(payload)]);
}

export function udp({
  sourcePort,
  destinationPort,
  payload,
}: {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array | string;
}): Uint8Array {
  const bytes = bytesOf(payload);
  const header = Buffer.alloc(8);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt16BE(8 + bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

export interface Ipv4Facts {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: number;
  readonly id?: number;
  /** In bytes. */
  readonly offset?: number;
  readonly more?: boolean;
  /** Time to live. */
  readonly ttl?: number;
  readonly options?: Uint8Array;
  /** What the header claims, where it is not the truth. */
  readonly totalLength?: number;
}

export function ipv4(payload: Uint8Array, facts: Ipv4Facts = {}): Uint8Array {
  const {
    source = '10.0.0.1',
    destination = '10.0.0.2',
    protocol = 6,
    id = 0,
    offset = 0,
    more = false,
    ttl = 64,
    options = new Uint8Array(0),
  } = facts;
  const header = Buffer.alloc(20);
  header[0] = 0x45 + options.length / 4;
  header.writeUInt16BE(facts.totalLength ?? 20 + options.length + payload.length, 2);
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6);
  header[8] = ttl;
  header[9] = protocol;
  header.set(source.split('.').map(Number), 12);
  header.set(destination.split('.').map(Number), 16);
  return Buffer.concat([header, options, payload]);
}

/** Addresses are given as 32 hex digits. `headers` stand between, and `next` names the first of them. */
export function ipv6(
  payload: Uint8Array,
  facts: {
    readonly source?: string;
    readonly destination?: string;
    readonly next?: number;
    readonly headers?: Uint8Array;
    readonly payloadLength?: number;
  } = {},
): Uint8Array {
  const {
    source = `${'0'.repeat(31)}1`,
    destination = `fd${'0'.repeat(29)}2`.padEnd(32, '0'),
    next = 6,
    headers = new Uint8Array(0),
  } = facts;
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(facts.payloadLength ?? headers.length + payload.length, 4);
  header[6] = next;
  header[7] = 64;
  header.set(Buffer.from(source, 'hex'), 8);
  header.set(Buffer.from(destination, 'hex'), 24);
  return Buffer.concat([header, headers, payload]);
}

export function ethernet(payload: Uint8Array, etherType = 0x0800, tags: readonly number[] = []): Uint8Array {
  const types = [...tags, etherType];
  const head = Buffer.alloc(12, 2);
  const parts = types.map((type, index) =>
    Buffer.from([type >> 8, type & 0xff, ...(index < tags.length ? [0, 7] : [])]),
  );
  return Buffer.concat([head, ...parts, payload]);
}

export interface PcapFacts {
  readonly linkType?: number;
  readonly little?: boolean;
  readonly nanoseconds?: boolean;
  readonly snapLength?: number;
}

export interface PcapPacket {
  readonly bytes: Uint8Array;
  /** Since the Unix epoch. */
  readonly microseconds?: number;
  readonly originalLength?: number;
}

/** A whole pcap file. */
export function pcap(
  packets: readonly (PcapPacket | Uint8Array)[],
  { linkType = 101, little = true, nanoseconds = false, snapLength = 65_535 }: PcapFacts = {},
): Uint8Array {
  const numbers = (...values: readonly number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, index) =>
      little ? bytes.writeUInt32LE(value, 4 * index) : bytes.writeUInt32BE(value, 4 * index),
    );
    return bytes;
  };
  const version = little ? Buffer.from([2, 0, 4, 0]) : Buffer.from([0, 2, 0, 4]);
  const records = packets.map((packet, index) => {
    const {
      bytes,
      microseconds = 1_000_000_000_000_000 + index,
      originalLength = bytes.length,
    }: PcapPacket = packet instanceof Uint8Array ? { bytes: packet } : packet;
    const fraction = (microseconds % 1_000_000) * (nanoseconds ? 1000 : 1);
    return Buffer.concat([
      numbers(Math.floor(microseconds / 1_000_000), fraction, bytes.length, originalLength),
      bytes,
    ]);
  });
  return Buffer.concat([
    numbers(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4),
    version,
    numbers(0, 0, snapLength, linkType),
    ...records,
  ]);
}

/** A block of pcapng in either byte order; the body is padded. */
export function pcapngBlock(type: number, body: Uint8Array, little = true): Uint8Array {
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  return Buffer.concat([
    uint32(type, little),
    uint32(padded.length + 12, little),
    padded,
    uint32(padded.length + 12, little),
  ]);
}

export function uint32(value: number, little = true): Buffer {
  const bytes = Buffer.alloc(4);
  if (little) bytes.writeUInt32LE(value);
  else bytes.writeUInt32BE(value);
  return bytes;
}

export function uint16(value: number, little = true): Buffer {
  return Buffer.from(little ? [value & 0xff, value >> 8] : [value >> 8, value & 0xff]);
}

/** Section Header Block of unknown length. */
export function pcapngSection(little = true): Uint8Array {
  return pcapngBlock(
    0x0a0d0d0a,
    Buffer.concat([uint32(0x1a2b3c4d, little), uint16(1, little), uint16(0, little), Buffer.alloc(8, 0xff)]),
    little,
  );
}

/** Interface Description Block; options are pairs of a code and a value. */
export function pcapngInterface(
  linkType: number,
  options: readonly (readonly [number, Uint8Array])[] = [],
  little = true,
  snapLength = 0,
): Uint8Array {
  const written = options.map(([code, value]) =>
    Buffer.concat([
      uint16(code, little),
      uint16(value.length, little),
      value,
      Buffer.alloc((4 - (value.length % 4)) % 4),
    ]),
  );
  return pcapngBlock(
    1,
    Buffer.concat([uint16(linkType, little), uint16(0, little), uint32(snapLength, little), ...written]),
    little,
  );
}

/** Enhanced Packet Block. */
export function pcapngPacket(id: number, time: bigint, bytes: Uint8Array, little = true): Uint8Array {
  const high = Number(time >> 32n);
  const low = Number(time & 0xffffffffn);
  return pcapngBlock(
    6,
    Buffer.concat([
      uint32(id, little),
      uint32(high, little),
      uint32(low, little),
      uint32(bytes.length, little),
      uint32(bytes.length, little),
      bytes,
    ]),
    little,
  );
}
