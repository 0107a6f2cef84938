/**
 * Puts a capture file into a log as if it had been tapped: its key log lines, its connections, their bytes, their gaps,
 * their ends, at the times of the packets. Whatever folds a live run folds it too. It joins the readers of this room and
 * decides nothing about what the bytes mean.
 */
import type { Clock } from '../core/clock.ts';
import type { Topology } from './event.ts';
import { FragmentTable, readIp, readTcp } from './ip.ts';
import { ipPacketOf } from './link-layers.ts';
import type { CaptureLog } from './log.ts';
import type { CapturedPacket, CaptureFile } from './pcapng-reader.ts';
import { TcpReassembly } from './reassembly.ts';
import type { StreamEvent } from './reassembly.ts';

/** A clock that stands at the time of the packet at hand: the one that the log of a replay must have. It never goes back. */
export class PacketClock implements Clock {
  #microseconds = 0;

  /** @param microseconds since the Unix epoch; an earlier time than before leaves it where it stands */
  set(microseconds: number): void {
    this.#microseconds = Math.max(this.#microseconds, microseconds);
  }

  now(): number {
    return this.#microseconds / 1000;
  }

  microseconds(): number {
    return this.#microseconds;
  }
}

/** Why a packet brought nothing. */
export type SkipReason =
  /** A link layer that is not read here. */
  | 'link_type'
  | 'not_ip'
  | 'not_tcp'
  /** It ends inside a header, or a header cannot be. */
  | 'cut'
  /** A part of a packet that never became whole. */
  | 'fragment'
  /** TCP payload after the end of its connection, or outside every window. */
  | 'left_out';

export interface Replay {
  /** By the `seq` of an event: the number of the packet in the file that brought it, from 1; 0 where none did. */
  readonly frames: readonly number[];
  readonly connections: number;
  /** Packets that brought nothing, each reason that there is. */
  readonly skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** LINKTYPE numbers that are not read here, each once. */
  readonly unreadLinkTypes: readonly number[];
  /** Connections that the capture joined after their handshake. */
  readonly joinedLate: readonly number[];
  /** Bytes that went by and are not in the file. */
  readonly lostBytes: number;
  /** Bytes that are in the file more than once. */
  readonly repeatedBytes: number;
}

export interface ReplayOptions {
  /** The clock of the log. */
  readonly clock: PacketClock;
  /** Of this program. */
  readonly version: string;
}

const hop = 'A';

/** Who is who differs from connection to connection: the drawing has one of each. */
const topology: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'server', role: 'server' },
  ],
  wires: [{ hop, from: 'client', to: 'server', protocol: 'tcp' }],
};

/** Appends everything; events of connections that are still open at the end of the file have no `closed`. */
export function replayCapture(file: CaptureFile, log: CaptureLog, { clock, version }: ReplayOptions): Replay {
  const frames: number[] = [];
  const skipped: Partial<Record<SkipReason, number>> = {};
  const unreadLinkTypes = new Set<number>();
  const joinedLate: number[] = [];
  let lostBytes = 0;
  const numbers = new Map<number, number>();

  const append = (frame: number, draft: Parameters<CaptureLog['append']>[0]): void => {
    frames[log.append(draft).seq] = frame;
  };
  const skip = (reason: SkipReason, count = 1): void => {
    if (count > 0) skipped[reason] = (skipped[reason] ?? 0) + count;
  };
  const numberOf = (connection: number): number => {
    let conn = numbers.get(connection);
    if (conn === undefined) numbers.set(connection, (conn = log.nextConnection()));
    return conn;
  };
  const tell = (event: StreamEvent): void => {
    const conn = numberOf(event.connection);
    const { frame } = event;
    switch (event.type) {
      case 'opened':
        if (!event.fromStart) joinedLate.push(conn);
        return append(frame, { type: 'opened', conn, hop, transport: 'tcp', from: event.client, to: event.server, ...(event.fromStart ? {} : { late: true }) });
      case 'data':
        return append(frame, { type: 'bytes', conn, hop, vantage: 'wire', from: event.from, bytes: event.bytes });
      case 'gap':
        lostBytes += event.length;
        return append(frame, { type: 'bytes', conn, hop, vantage: 'wire', from: event.from, bytes: nothing, dropped: event.length });
      case 'closed':
        return append(frame, { type: 'closed', conn, hop, by: event.by, how: event.how, ...(event.unaccepted ? { unaccepted: true } : {}) });
    }
  };

  const reassembly = new TcpReassembly(tell);
  const fragments = new FragmentTable();
  const take = (packet: CapturedPacket, frame: number): void => {
    const linkType = file.interfaces[packet.interface]?.linkType ?? -1;
    const link = ipPacketOf(linkType, packet.bytes);
    if ('without' in link) {
      if (link.without === 'link_type') unreadLinkTypes.add(linkType);
      return skip(link.without);
    }
    const part = readIp(link.ip);
    if (!part) return skip('cut');
    const whole = fragments.add(part, packet.microseconds);
    if (!whole) return;
    if (whole.protocol !== 6) return skip('not_tcp');
    const segment = readTcp(whole.payload, whole.missing);
    if (!segment) return skip('cut');
    const { source, destination } = whole;
    reassembly.add({ ...segment, source, destination, frame, at: packet.microseconds });
  };

  clock.set(file.packets[0]?.microseconds ?? 0);
  append(0, { type: 'began', version, wallClock: isoTime(file.packets[0]?.microseconds ?? 0), topology });
  for (const line of file.keylog) append(0, { type: 'keylog', line });
  file.packets.forEach((packet, index) => {
    clock.set(packet.microseconds);
    take(packet, index + 1);
  });
  reassembly.end();
  skip('fragment', fragments.incomplete);
  skip('left_out', reassembly.leftOut);
  return {
    frames: Array.from(frames, (frame) => frame ?? 0),
    connections: reassembly.connections,
    skipped,
    unreadLinkTypes: [...unreadLinkTypes],
    joinedLate,
    lostBytes,
    repeatedBytes: reassembly.repeatedBytes,
  };
}

const nothing = new Uint8Array(0);

/** The largest time that a Date has, in milliseconds either way of the epoch. */
const furthestDate = 8.64e15;

/** A time that no calendar has, out of a file that lies, is the last that it has. */
function isoTime(microseconds: number): string {
  return new Date(Math.min(furthestDate, Math.max(-furthestDate, microseconds / 1000))).toISOString();
}
