/** A capture file as values: what a `CaptureReader` hands out, kept, from bytes that come in pieces of any length. */
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import type { CapturedInterface } from '../../../src/capture/file/pcapng-reader.ts';
import { PcapngPacket } from '../../../src/capture/file/pcapng-reader.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import type { PacketRecord, ReadProblem } from '../../../src/capture/file/window.ts';

export interface ReadPacket {
  readonly linkType: number;
  /** pcapng's alone. */
  readonly interface?: number;
  readonly microseconds: number;
  readonly bytes: Uint8Array;
  readonly originalLength: number;
  readonly comment?: string;
}

export interface ReadFile {
  readonly application?: string;
  readonly interfaces: readonly CapturedInterface[];
  readonly packets: readonly ReadPacket[];
  readonly keylog: readonly string[];
  readonly problem?: ReadProblem;
}

export interface ReadWays {
  readonly where?: string;
  readonly keeps?: boolean;
  readonly windowBytes?: number;
  /** At most so many bytes come at once. */
  readonly pieceBytes?: number;
}

/** Puts bytes into the room that a reader makes for them, until it has ended or they have. */
export function pourInto(reader: CaptureReader, bytes: Uint8Array, pieceBytes = Infinity): void {
  for (let at = 0; at < bytes.length && !reader.isOver; ) {
    const room = reader.room();
    const piece = bytes.subarray(at, at + Math.min(pieceBytes, room.length));
    room.set(piece);
    reader.took(piece.length);
    at += piece.length;
  }
}

/** @throws UserError when it is neither pcap nor pcapng */
export function readCaptureFile(bytes: Uint8Array, { pieceBytes, ...options }: ReadWays = {}): ReadFile {
  const interfaces: CapturedInterface[] = [];
  const packets: ReadPacket[] = [];
  const keylog: string[] = [];
  let application: string | undefined;
  const keep = (packet: PacketRecord): void => {
    const { linkType, microseconds, start, end, originalLength } = packet;
    const own =
      packet instanceof PcapngPacket
        ? {
            interface: packet.interface,
            ...(packet.comment === undefined ? {} : { comment: packet.comment }),
          }
        : {};
    packets.push({ linkType, microseconds, bytes: packet.bytes.slice(start, end), originalLength, ...own });
  };
  const reader = new CaptureReader(
    {
      packet: keep,
      secrets: (lines) => void keylog.push(...lines),
      application: (name) => void (application = name),
      interface: (facts) => void interfaces.push(facts),
    },
    options,
  );
  pourInto(reader, bytes, pieceBytes);
  const problem = reader.end();
  return {
    interfaces,
    packets,
    keylog,
    ...(application === undefined ? {} : { application }),
    ...(problem ? { problem } : {}),
  };
}

/** The same of bytes that may be anything: undefined where they are no capture. Whatever else is thrown is a fault. */
export function readIfCapture(bytes: Uint8Array, ways?: ReadWays): ReadFile | undefined {
  try {
    return readCaptureFile(bytes, ways);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return undefined;
  }
}
