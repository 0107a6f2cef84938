/**
 * Reads pcapng (draft-ietf-opsawg-pcapng) in either byte order: sections, interfaces, packets of the three kinds,
 * decryption secrets. Other blocks are passed over. What is in the packets is for others; `pcap-reader.ts` reads the older format. A file that is cut or malformed gives what stands before the fault, and the fault.
 */

export interface CapturedInterface {
  /** LINKTYPE number: 1 Ethernet, 101 raw IP, 113 Linux cooked … */
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
}

export interface CapturedPacket {
  /** Index into `interfaces`. */
  readonly interface: number;
  /** Since the Unix epoch. */
  readonly microseconds: number;
  /** A view into the file. */
  readonly bytes: Uint8Array;
  /** Before it was cut by the capture's limit. */
  readonly originalLength: number;
  readonly comment?: string;
}

export interface CaptureFile {
  readonly application?: string;
  readonly interfaces: readonly CapturedInterface[];
  readonly packets: readonly CapturedPacket[];
  /** NSS key log lines, from Decryption Secrets Blocks. */
  readonly keylog: readonly string[];
  /** Where and why reading ended before the end of the file. */
  readonly problem?: { readonly offset: number; readonly kind: 'no_section' | 'cut' | 'bad_length' | 'unknown_interface'; readonly found: string };
}

interface ReadInterface {
  readonly facts: CapturedInterface;
  readonly unitsPerSecond: bigint;
  /** Added to every time, in microseconds. */
  readonly offset: bigint;
  /** Packets are cut to so many bytes; 0 for no limit. */
  readonly snapLength: number;
}

/** Block types (section 4 of the draft, and section 4.1 of its appendix for the obsolete packet). */
const sectionHeader = 0x0a0d0d0a;
const interfaceDescription = 1;
const obsoletePacket = 2;
const simplePacket = 3;
const enhancedPacket = 6;
const decryptionSecrets = 0x0a;

/** Where the fixed parts of a packet block stand in its body. */
interface PacketLayout {
  readonly interfaceId: (view: DataView, body: number, little: boolean) => number;
  readonly header: number;
}

/** Blocks that name their interface and time; in the older one a count of dropped packets stands beside a shorter id. */
const timedPackets: Readonly<Record<number, PacketLayout>> = {
  [enhancedPacket]: { interfaceId: (view, body, little) => view.getUint32(body, little), header: 20 },
  [obsoletePacket]: { interfaceId: (view, body, little) => view.getUint16(body, little), header: 20 },
};

const decoder = new TextDecoder();

/** A Simple Packet Block has no time: its packet is given that of the packet before it. */
export function readPcapng(bytes: Uint8Array): CaptureFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const interfaces: ReadInterface[] = [];
  const packets: CapturedPacket[] = [];
  const keylog: string[] = [];
  let application: string | undefined;
  let little = true;
  /** Interfaces are numbered anew in each section. */
  let sectionStart = 0;
  let inSection = false;

  const result = (problem?: CaptureFile['problem']): CaptureFile => ({
    interfaces: interfaces.map(({ facts }) => facts),
    packets,
    keylog,
    ...(application === undefined ? {} : { application }),
    ...(problem ? { problem } : {}),
  });

  for (let at = 0; at < bytes.length; ) {
    const left = bytes.length - at;
    if (left < 12) return result({ offset: at, kind: 'cut', found: `${left} bytes` });
    // The same in both byte orders, so that it can be read before the order is known.
    const isSection = view.getUint32(at) === sectionHeader;
    if (isSection) {
      const magic = view.getUint32(at + 8, true);
      if (magic !== 0x1a2b3c4d && magic !== 0x4d3c2b1a) return result({ offset: at + 8, kind: 'no_section', found: magic.toString(16) });
      little = magic === 0x1a2b3c4d;
    } else if (!inSection) {
      return result({ offset: at, kind: 'no_section', found: view.getUint32(at).toString(16) });
    }
    const type = view.getUint32(at, little);
    const length = view.getUint32(at + 4, little);
    const least = isSection ? 28 : (leastLengths[type] ?? 12);
    if (length < least || length % 4 !== 0) return result({ offset: at + 4, kind: 'bad_length', found: `${length}` });
    if (length > left) return result({ offset: at, kind: 'cut', found: `${left} of ${length} bytes` });
    if (view.getUint32(at + length - 4, little) !== length) return result({ offset: at + length - 4, kind: 'bad_length', found: 'two lengths that differ' });
    const body = at + 8;
    const end = at + length - 4;

    if (isSection) {
      inSection = true;
      sectionStart = interfaces.length;
      const found = readOptions(bytes, view, body + 16, end, little).get(4);
      if (found) application = decoder.decode(found);
    } else if (type === interfaceDescription) {
      interfaces.push(readInterface(bytes, view, body, end, little));
    } else if (timedPackets[type]) {
      const { interfaceId, header } = timedPackets[type];
      const id = sectionStart + interfaceId(view, body, little);
      const source = interfaces[id];
      const captured = view.getUint32(body + 12, little);
      if (!source) return result({ offset: body, kind: 'unknown_interface', found: `${id - sectionStart}` });
      if (body + header + captured > end) return result({ offset: body + 12, kind: 'bad_length', found: `${captured}` });
      const time = (BigInt(view.getUint32(body + 4, little)) << 32n) | BigInt(view.getUint32(body + 8, little));
      const comment = readOptions(bytes, view, body + header + padded(captured), end, little).get(1);
      packets.push({
        interface: id,
        microseconds: Number((time * 1_000_000n) / source.unitsPerSecond + source.offset),
        bytes: bytes.subarray(body + header, body + header + captured),
        originalLength: view.getUint32(body + 16, little),
        ...(comment ? { comment: decoder.decode(comment) } : {}),
      });
    } else if (type === simplePacket) {
      const source = interfaces[sectionStart];
      if (!source) return result({ offset: at, kind: 'unknown_interface', found: '0' });
      const originalLength = view.getUint32(body, little);
      const captured = Math.min(originalLength, source.snapLength || originalLength);
      if (body + 4 + captured > end) return result({ offset: body, kind: 'bad_length', found: `${originalLength}` });
      packets.push({ interface: sectionStart, microseconds: packets.at(-1)?.microseconds ?? 0, bytes: bytes.subarray(body + 4, body + 4 + captured), originalLength });
    } else if (type === decryptionSecrets && view.getUint32(body, little) === 0x544c534b) {
      const secrets = view.getUint32(body + 4, little);
      if (body + 8 + secrets > end) return result({ offset: body + 4, kind: 'bad_length', found: `${secrets}` });
      keylog.push(...decoder.decode(bytes.subarray(body + 8, body + 8 + secrets)).split(/\r?\n/).filter(Boolean));
    }
    at += length;
  }
  return result(inSection ? undefined : { offset: 0, kind: 'no_section', found: 'an empty file' });
}

/** What a block with its fixed part needs, by type. */
const leastLengths: Readonly<Record<number, number>> = { [interfaceDescription]: 20, [obsoletePacket]: 32, [simplePacket]: 16, [enhancedPacket]: 32, [decryptionSecrets]: 20 };

const padded = (length: number): number => Math.ceil(length / 4) * 4;

function readInterface(bytes: Uint8Array, view: DataView, body: number, end: number, little: boolean): ReadInterface {
  const options = readOptions(bytes, view, body + 8, end, little);
  const name = options.get(2);
  const description = options.get(3);
  // Power of ten, or of two where the highest bit is set; six when it is not said.
  const resolution = options.get(9)?.[0] ?? 6;
  const offset = options.get(14);
  return {
    facts: {
      linkType: view.getUint16(body, little),
      ...(name ? { name: decoder.decode(name) } : {}),
      ...(description ? { description: decoder.decode(description) } : {}),
    },
    snapLength: view.getUint32(body + 4, little),
    offset: offset?.length === 8 ? new DataView(offset.buffer, offset.byteOffset, 8).getBigInt64(0, little) * 1_000_000n : 0n,
    unitsPerSecond: resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution),
  };
}

/** The first value of each option; what does not fit into the block ends the list. */
function readOptions(bytes: Uint8Array, view: DataView, start: number, end: number, little: boolean): Map<number, Uint8Array> {
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
