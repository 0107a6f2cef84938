/**
 * Parses pcapng (draft-ietf-opsawg-pcapng) in either byte order: sections, interfaces, the three packet types,
 * decryption secrets. Other blocks are skipped. It does not parse packets; `pcap-reader.ts` parses the older format.
 * For a truncated or malformed file it returns what precedes the fault, and the fault.
 */
import type { CaptureSink, Mutable, PacketRecord, ReadProblem, RecordReader, Window } from './window.ts';

export interface CapturedInterface {
  /** LINKTYPE number: 1 Ethernet, 101 raw IP, 113 Linux cooked … */
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
}

interface ReadInterface {
  readonly facts: CapturedInterface;
  readonly unitsPerSecond: bigint;
  /** So many units are a microsecond; undefined where that is no whole number that is easily divided by. */
  readonly unitsPerMicrosecond: 1 | 1000 | undefined;
  /** Added to every time, in microseconds. */
  readonly offset: bigint;
  /** Packets are truncated to this many bytes; 0 for no limit. */
  readonly snapLength: number;
}

/** Block types (section 4 of the draft, and section 4.1 of its appendix for the obsolete packet). */
const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const obsoletePacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;
const decryptionSecrets = 0x0a;
/** "TLSK": the secrets are lines of an NSS key log. */
const secretsTypeTls = 0x544c534b;

/** What stands before the bytes of a packet that names its interface and its time. */
const packetHeader = 20;

const decoder = new TextDecoder();

/** The same in both byte orders, so that it can be read before the order is known. */
export function isPcapng(bytes: Uint8Array): boolean {
  return (
    bytes.length >= 4 && bytes[0] === 0x0a && bytes[1] === 0x0d && bytes[2] === 0x0d && bytes[3] === 0x0a
  );
}

export interface PcapngSink extends CaptureSink {
  /** The program that wrote a section. */
  application?(name: string): void;
  /** The comment of a section. */
  comment?(text: string): void;
  interface?(facts: CapturedInterface): void;
}

/** The packet at hand, with what only this format has. */
export class PcapngPacket implements Mutable<PacketRecord> {
  linkType = 0;
  /** Place of its interface among all of the file. */
  interface = 0;
  microseconds = 0;
  bytes: Uint8Array = nothing;
  view: DataView = new DataView(nothing.buffer);
  start = 0;
  end = 0;
  originalLength = 0;
  /** Where its block ends, and in which byte order. */
  blockEnd = 0;
  little = true;

  get comment(): string | undefined {
    const comment = readOptions(
      this.bytes,
      this.view,
      this.start + padded(this.end - this.start),
      this.blockEnd,
      this.little,
    ).get(1);
    return comment && decoder.decode(comment);
  }
}

/** A Simple Packet Block has no time: its packet is given that of the packet before it. */
export class PcapngReader implements RecordReader {
  readonly #sink: PcapngSink;
  readonly #interfaces: ReadInterface[] = [];
  readonly #packet = new PcapngPacket();
  #little = true;
  /** Interfaces are numbered from 0 in each section. */
  #sectionStart = 0;
  #inSection = false;
  #wanted = 0;
  #problem: ReadProblem | undefined;

  constructor(sink: PcapngSink) {
    this.#sink = sink;
  }

  get problem(): ReadProblem | undefined {
    return this.#problem;
  }

  get wanted(): number {
    return this.#wanted;
  }

  read(window: Window, from: number): number {
    const { view, filled, base } = window;
    let at = from;
    while (filled - at >= 12) {
      const isSection = view.getUint32(at) === sectionHeader;
      if (isSection) {
        const magic = view.getUint32(at + 8, true);
        if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a)
          return this.#fail(at, base + at + 8, 'no_section', magic.toString(16));
        this.#little = magic === 0x1a2b3c4d;
      } else if (!this.#inSection) {
        return this.#fail(at, base + at, 'no_section', view.getUint32(at).toString(16));
      }
      const type = view.getUint32(at, this.#little);
      const length = view.getUint32(at + 4, this.#little);
      if (length < leastLength(type, isSection) || length % 4 !== 0)
        return this.#fail(at, base + at + 4, 'bad_length', `${length}`);
      this.#wanted = length;
      if (at + length > filled) return at;
      if (view.getUint32(at + length - 4, this.#little) !== length)
        return this.#fail(at, base + at + length - 4, 'bad_length', 'two lengths that differ');
      if (!this.#block(window, type, isSection, at + 8, at + length - 4)) return at;
      at += length;
      this.#wanted = 0;
    }
    return at;
  }

  end(offset: number, left: number): ReadProblem | undefined {
    if (this.#problem) return this.#problem;
    if (left > 0)
      return { offset, kind: 'cut', found: left < 12 ? `${left} bytes` : `${left} of ${this.#wanted} bytes` };
    return this.#inSection ? undefined : { offset: 0, kind: 'no_section', found: 'an empty file' };
  }

  /** Reads the body of a block; returns false where it is at fault. */
  #block(window: Window, type: number, isSection: boolean, body: number, end: number): boolean {
    const little = this.#little;
    const { bytes, view, base } = window;
    if (isSection) {
      this.#inSection = true;
      this.#sectionStart = this.#interfaces.length;
      const options = readOptions(bytes, view, body + 16, end, little);
      const [comment, application] = [options.get(1), options.get(4)];
      if (comment) this.#sink.comment?.(decoder.decode(comment));
      if (application) this.#sink.application?.(decoder.decode(application));
      return true;
    }
    switch (type) {
      case enhancedPacket:
        return this.#timedPacket(window, view.getUint32(body, little), body, end);
      // A count of dropped packets stands beside a shorter id.
      case obsoletePacket:
        return this.#timedPacket(window, view.getUint16(body, little), body, end);
      case simplePacket:
        return this.#simplePacket(window, body, end);
      case interfaceDescription: {
        const read = readInterface(bytes, view, body, end, little);
        this.#interfaces.push(read);
        this.#sink.interface?.(read.facts);
        return true;
      }
      case decryptionSecrets: {
        if (view.getUint32(body, little) !== secretsTypeTls) return true;
        const length = view.getUint32(body + 4, little);
        if (body + 8 + length > end) return this.#fault(base + body + 4, 'bad_length', `${length}`);
        this.#sink.secrets?.(
          decoder
            .decode(bytes.subarray(body + 8, body + 8 + length))
            .split(/\r?\n/)
            .filter(Boolean),
        );
        return true;
      }
      default:
        return true;
    }
  }

  #timedPacket({ bytes, view, base }: Window, interfaceId: number, body: number, end: number): boolean {
    const little = this.#little;
    const source = this.#interfaces[this.#sectionStart + interfaceId];
    const captured = view.getUint32(body + 12, little);
    if (!source) return this.#fault(base + body, 'unknown_interface', `${interfaceId}`);
    if (body + packetHeader + captured > end)
      return this.#fault(base + body + 12, 'bad_length', `${captured}`);
    const packet = this.#packet;
    packet.microseconds = timeOf(source, view.getUint32(body + 4, little), view.getUint32(body + 8, little));
    packet.originalLength = view.getUint32(body + 16, little);
    packet.start = body + packetHeader;
    packet.end = packet.start + captured;
    packet.interface = this.#sectionStart + interfaceId;
    packet.linkType = source.facts.linkType;
    packet.bytes = bytes;
    packet.view = view;
    packet.blockEnd = end;
    packet.little = little;
    this.#sink.packet(packet);
    return true;
  }

  #simplePacket({ bytes, view, base }: Window, body: number, end: number): boolean {
    const source = this.#interfaces[this.#sectionStart];
    if (!source) return this.#fault(base + body - 8, 'unknown_interface', '0');
    const packet = this.#packet;
    packet.originalLength = view.getUint32(body, this.#little);
    const captured = Math.min(packet.originalLength, source.snapLength || packet.originalLength);
    if (body + 4 + captured > end) return this.#fault(base + body, 'bad_length', `${packet.originalLength}`);
    packet.start = body + 4;
    packet.end = packet.start + captured;
    packet.interface = this.#sectionStart;
    packet.linkType = source.facts.linkType;
    packet.bytes = bytes;
    packet.view = view;
    // It has no options.
    packet.blockEnd = packet.end;
    this.#sink.packet(packet);
    return true;
  }

  #fault(offset: number, kind: ReadProblem['kind'], found: string): false {
    this.#problem = { offset, kind, found };
    return false;
  }

  #fail(at: number, offset: number, kind: ReadProblem['kind'], found: string): number {
    this.#fault(offset, kind, found);
    return at;
  }
}

/** What a block with its fixed part needs. */
function leastLength(type: number, isSection: boolean): number {
  if (isSection) return 28;
  switch (type) {
    case enhancedPacket:
    case obsoletePacket:
      return 32;
    case interfaceDescription:
    case decryptionSecrets:
      return 20;
    case simplePacket:
      return 16;
    default:
      return 12;
  }
}

const padded = (length: number): number => Math.ceil(length / 4) * 4;
const nothing = new Uint8Array(0);

/** The time of a packet in whole microseconds, of its two halves. */
function timeOf(
  { unitsPerMicrosecond, unitsPerSecond, offset }: ReadInterface,
  high: number,
  low: number,
): number {
  if (unitsPerMicrosecond === 1) return high * 0x100000000 + low;
  // 2^32 is 4,294,967 thousands and 296: no number on the way is too large to be exact.
  if (unitsPerMicrosecond === 1000) return high * 4_294_967 + Math.floor((high * 296 + low) / 1000);
  const time = (BigInt(high) << 32n) | BigInt(low);
  return Number((time * 1_000_000n) / unitsPerSecond + offset);
}

function readInterface(
  bytes: Uint8Array,
  view: DataView,
  body: number,
  end: number,
  little: boolean,
): ReadInterface {
  const options = readOptions(bytes, view, body + 8, end, little);
  const name = options.get(2);
  const description = options.get(3);
  // Power of ten, or of two where the highest bit is set; six when it is not said.
  const resolution = options.get(9)?.[0] ?? 6;
  const offsetOption = options.get(14);
  const offset =
    offsetOption?.length === 8
      ? new DataView(offsetOption.buffer, offsetOption.byteOffset, 8).getBigInt64(0, little) * 1_000_000n
      : 0n;
  return {
    facts: {
      linkType: view.getUint16(body, little),
      ...(name ? { name: decoder.decode(name) } : {}),
      ...(description ? { description: decoder.decode(description) } : {}),
    },
    snapLength: view.getUint32(body + 4, little),
    offset,
    unitsPerSecond: resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution),
    unitsPerMicrosecond:
      offset === 0n && resolution === 6 ? 1 : offset === 0n && resolution === 9 ? 1000 : undefined,
  };
}

/** The first value of each option; what does not fit into the block ends the list. */
function readOptions(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  little: boolean,
): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let at = start; at + 4 <= end; ) {
    const code = view.getUint16(at, little);
    const length = view.getUint16(at + 2, little);
    if (code === 0 || at + 4 + length > end) break;
    if (!options.has(code)) options.set(code, bytes.subarray(at + 4, at + 4 + length));
    at += 4 + padded(length);
  }
  return options;
}
