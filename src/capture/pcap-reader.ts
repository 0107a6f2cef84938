/**
 * Reads pcap (draft-ietf-opsawg-pcap) in either byte order, with times in microseconds or nanoseconds. What is in the
 * packets is for others; the counterpart for the younger format is `pcapng-reader.ts`. A file that is cut or malformed
 * gives what stands before the fault, and the fault.
 */
import type { CapturedPacket, CaptureFile } from './pcapng-reader.ts';

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
export function readPcap(bytes: Uint8Array): CaptureFile {
  const variant = variantOf(bytes);
  if (!variant) return { interfaces: [], packets: [], keylog: [], problem: { offset: 0, kind: 'no_section', found: bytes.length === 0 ? 'an empty file' : 'no magic number of pcap' } };
  const { little, unitsPerSecond, recordHeader } = variant;
  if (bytes.length < fileHeader) return { interfaces: [], packets: [], keylog: [], problem: { offset: 0, kind: 'cut', found: `${bytes.length} of ${fileHeader} bytes` } };

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const minorVersion = view.getUint16(6, little);
  const longest = Math.max(largestPacket, view.getUint32(16, little));
  // The upper half says how long the frame check sequence is; IP knows its own length.
  const interfaces = [{ linkType: view.getUint32(20, little) & 0xffff }];
  const packets: CapturedPacket[] = [];
  const result = (problem?: CaptureFile['problem']): CaptureFile => ({ interfaces, packets, keylog: [], ...(problem ? { problem } : {}) });

  for (let at = fileHeader; at < bytes.length; ) {
    const left = bytes.length - at;
    if (left < recordHeader) return result({ offset: at, kind: 'cut', found: `${left} of ${recordHeader} bytes` });
    let captured = view.getUint32(at + 8, little);
    let originalLength = view.getUint32(at + 12, little);
    // Before version 2.3 the two lengths stood the other way round; some writers of 2.3 kept that.
    if (minorVersion < 3 || (minorVersion === 3 && captured > originalLength)) [captured, originalLength] = [originalLength, captured];
    if (captured > longest) return result({ offset: at + 8, kind: 'bad_length', found: `${captured}` });
    if (captured > left - recordHeader) return result({ offset: at, kind: 'cut', found: `${left - recordHeader} of ${captured} bytes` });
    const start = at + recordHeader;
    packets.push({
      interface: 0,
      microseconds: view.getUint32(at, little) * 1_000_000 + Math.floor((view.getUint32(at + 4, little) * 1_000_000) / unitsPerSecond),
      bytes: bytes.subarray(start, start + captured),
      originalLength,
    });
    at = start + captured;
  }
  return result();
}
