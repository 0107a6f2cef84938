/**
 * Parses pcap (draft-ietf-opsawg-pcap) in either byte order, with times in microseconds or nanoseconds. It does not
 * parse packets; the counterpart for the newer format is `pcapng-reader.ts`. For a truncated or malformed file it
 * returns what precedes the fault, and the fault.
 */
import type { CaptureSink, Mutable, PacketRecord, ReadProblem, RecordReader, Window } from './window.ts';

interface Variant {
  /** Parts of a second that the second number of a time counts. */
  readonly unitsPerSecond: number;
  /** What stands before the bytes of each packet. */
  readonly recordHeader: number;
}

/** By magic number, as it reads in the byte order of the file. */
const variants: Readonly<Record<number, Variant>> = {
  0xa1b2c3d4: { unitsPerSecond: 1_000_000, recordHeader: 16 },
  0xa1b23c4d: { unitsPerSecond: 1_000_000_000, recordHeader: 16 },
  // Alexey Kuznetzov's: the interface, the protocol and the direction of each packet follow its lengths.
  0xa1b2cd34: { unitsPerSecond: 1_000_000, recordHeader: 24 },
};

const fileHeader = 24;

/** The largest packet that libpcap writes, whatever snapshot length the file claims: a length beyond it is no length. */
const largestPacket = 262_144;
/** The longest that a snapshot length is believed. */
const longestPacket = 256 * 1024 * 1024;

/** Whether the bytes begin as such a file does. */
export function isPcap(bytes: Uint8Array): boolean {
  return variantOf(bytes) !== undefined;
}

function variantOf(bytes: Uint8Array): (Variant & { readonly little: boolean }) | undefined {
  if (bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const little of [true, false]) {
    const variant = variants[view.getUint32(0, little)];
    if (variant) return { ...variant, little };
  }
  return undefined;
}

/** All packets are of one interface. Times are cut to whole microseconds. */
export class PcapReader implements RecordReader {
  readonly #sink: CaptureSink;
  readonly #packet: Mutable<PacketRecord> = {
    linkType: 0,
    microseconds: 0,
    bytes: nothing,
    view: new DataView(nothing.buffer),
    start: 0,
    end: 0,
    originalLength: 0,
  };
  #little = true;
  #unitsPerSecond = 1_000_000;
  /** 0 until the file's own header was read. */
  #recordHeader = 0;
  #minorVersion = 4;
  #longest = largestPacket;
  #wanted = 0;
  #problem: ReadProblem | undefined;

  constructor(sink: CaptureSink) {
    this.#sink = sink;
  }

  get problem(): ReadProblem | undefined {
    return this.#problem;
  }

  get wanted(): number {
    return this.#wanted;
  }

  read(window: Window, from: number): number {
    const { view, bytes, filled, base } = window;
    let at = from;
    if (this.#recordHeader === 0) {
      if (filled - at < fileHeader || !this.#begin(bytes.subarray(at, at + fileHeader), base + at)) return at;
      at += fileHeader;
    }
    const little = this.#little;
    const packet = this.#packet;
    packet.bytes = bytes;
    packet.view = view;
    while (filled - at >= this.#recordHeader) {
      let captured = view.getUint32(at + 8, little);
      let originalLength = view.getUint32(at + 12, little);
      // Before version 2.3 the two lengths stood the other way round; some writers of 2.3 kept that.
      if (this.#minorVersion < 3 || (this.#minorVersion === 3 && captured > originalLength))
        [captured, originalLength] = [originalLength, captured];
      if (captured > this.#longest) {
        this.#problem = { offset: base + at + 8, kind: 'bad_length', found: `${captured}` };
        return at;
      }
      const start = at + this.#recordHeader;
      this.#wanted = this.#recordHeader + captured;
      if (start + captured > filled) return at;
      const fraction = view.getUint32(at + 4, little);
      packet.microseconds =
        view.getUint32(at, little) * 1_000_000 +
        (this.#unitsPerSecond === 1_000_000
          ? fraction
          : Math.floor((fraction * 1_000_000) / this.#unitsPerSecond));
      packet.start = start;
      packet.end = start + captured;
      packet.originalLength = originalLength;
      this.#sink.packet(packet);
      at = start + captured;
      this.#wanted = 0;
    }
    return at;
  }

  end(offset: number, left: number): ReadProblem | undefined {
    if (this.#problem) return this.#problem;
    if (this.#recordHeader === 0) return { offset, kind: 'cut', found: `${left} of ${fileHeader} bytes` };
    if (left === 0) return undefined;
    const header = this.#recordHeader;
    return {
      offset,
      kind: 'cut',
      found:
        left < header ? `${left} of ${header} bytes` : `${left - header} of ${this.#wanted - header} bytes`,
    };
  }

  #begin(header: Uint8Array, offset: number): boolean {
    const variant = variantOf(header);
    if (!variant) {
      this.#problem = { offset, kind: 'no_section', found: 'no magic number of pcap' };
      return false;
    }
    const view = new DataView(header.buffer, header.byteOffset, header.length);
    this.#little = variant.little;
    this.#unitsPerSecond = variant.unitsPerSecond;
    this.#recordHeader = variant.recordHeader;
    this.#minorVersion = view.getUint16(6, variant.little);
    this.#longest = Math.min(longestPacket, Math.max(largestPacket, view.getUint32(16, variant.little)));
    // The upper half says how long the frame check sequence is; IP knows its own length.
    this.#packet.linkType = view.getUint32(20, variant.little) & 0xffff;
    return true;
  }
}

const nothing = new Uint8Array(0);
