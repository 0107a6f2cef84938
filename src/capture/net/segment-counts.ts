/**
 * Counts what the packets of a connection show besides its bytes, for `reassembly.ts`: retransmissions, unacknowledged
 * data, losses reported by the receiver, and the apparent distance of each side.
 */
import { otherSide } from '../event.ts';
import type { ConnectionSegments, Side, SideSegments } from '../event.ts';

/** Of one direction; positions are those of its stream. */
export interface SegmentCounts {
  packets: number;
  /** The newest of these; 0 of a connection that has rested since. */
  lastFrame: number;
  repeated: number;
  /** How often the first segment that is not acknowledged was sent again, and its length. */
  oldestRepeats: number;
  oldestLength: number;
  /** Where the first bytes stand that its receiver has behind a hole; undefined while it reports none. */
  behindHole: number | undefined;
  ttlLeast: number;
  ttlMost: number;
  /** Its newest packet has a window of zero. */
  isFull: boolean;
}

export function newCounts(): SegmentCounts {
  return {
    packets: 0,
    lastFrame: 0,
    repeated: 0,
    oldestRepeats: 0,
    oldestLength: 0,
    behindHole: undefined,
    ttlLeast: 256,
    ttlMost: -1,
    isFull: false,
  };
}

/** Any packet of its sender but a reset. */
export function countPacket(counts: SegmentCounts, frame: number, ttl: number | undefined): void {
  counts.packets++;
  counts.lastFrame = frame;
  if (ttl === undefined) return;
  if (ttl < counts.ttlLeast) counts.ttlLeast = ttl;
  if (ttl > counts.ttlMost) counts.ttlMost = ttl;
}

/** Its receiver has everything before `position`, which it had not before. */
export function countAcknowledged(counts: SegmentCounts, position: number): void {
  counts.oldestRepeats = 0;
  if (counts.behindHole !== undefined && counts.behindHole <= position) counts.behindHole = undefined;
}

/** A segment of which every byte had come before. */
export function countRepeated(
  counts: SegmentCounts,
  position: number,
  length: number,
  acknowledged: number,
): void {
  counts.repeated++;
  if (position > acknowledged || position + length <= acknowledged) return;
  counts.oldestRepeats++;
  counts.oldestLength = length;
}

/** Its receiver has bytes from `start` on, but not those before. What it has twice it reports as well (RFC 2883). */
export function countSelective(counts: SegmentCounts, start: number, acknowledged: number): void {
  if (start > acknowledged && start < (counts.behindHole ?? Infinity)) counts.behindHole = start;
}

/** The part of a direction that `segmentsOf` uses. */
interface CountedDirection {
  readonly counts: SegmentCounts;
  readonly reached: number;
  readonly sent: number;
  readonly acknowledged: number;
  /** Segments that wait for others before them. */
  readonly waiting: readonly { readonly position: number; readonly frame: number }[];
}

interface CountedReset {
  readonly by: 'client' | 'server';
  readonly from: SegmentCounts;
  readonly ttl: number;
  readonly continued: number;
  readonly frame: number;
}

interface CountedEnd {
  readonly by: Side;
  /** Bytes that the other side sent after it. */
  readonly answered: number;
  /** From it to the last packet, in microseconds. */
  readonly lingered: number;
}

/** Microseconds for which a connection may be half closed before that says more than its close does. */
const worthALinger = 500_000;

/** Undefined if there is nothing that the bytes and the end of the connection do not show. */
export function segmentsOf(
  client: CountedDirection,
  server: CountedDirection,
  reset: CountedReset | undefined,
  quiet: number,
  end?: CountedEnd,
): ConnectionSegments | undefined {
  const hasAnswer = end !== undefined && end.answered > 0;
  const sides = {
    quiet,
    client: sideOf(client, server),
    server: sideOf(server, client),
    ...(hasAnswer ? { afterEnd: { from: otherSide[end.by], bytes: end.answered } } : {}),
  };
  const isWorthAWord =
    reset !== undefined ||
    hasAnswer ||
    (end?.lingered ?? 0) >= worthALinger ||
    [sides.client, sides.server].some(
      ({ packets, repeated, unacknowledged, missing, full }) =>
        packets === 0 || repeated > 0 || unacknowledged > 0 || missing > 0 || full,
    );
  if (!isWorthAWord) return undefined;
  if (!reset) return sides;
  const { by, from, ttl, continued, frame } = reset;
  return {
    ...sides,
    reset: {
      by,
      ttl,
      continued,
      ...(from.lastFrame > frame ? { followed: true } : {}),
      ...(from.ttlMost < 0 ? {} : { usual: [from.ttlLeast, from.ttlMost] }),
    },
  };
}

function sideOf(own: CountedDirection, other: CountedDirection): SideSegments {
  const { counts, sent, reached, acknowledged, waiting } = own;
  // Acknowledgements of a direction that was not captured are unknown.
  const unacknowledged = other.counts.packets === 0 ? 0 : Math.max(0, sent - acknowledged);
  const [first] = waiting;
  // Only a packet that the receiver sent later shows that it still waits; what it has may be missing in the capture alone.
  const isAwaited = first !== undefined && other.counts.lastFrame > first.frame;
  const hole = isAwaited && first.position > reached && acknowledged <= reached ? first.position : undefined;
  const behind = Math.min(counts.behindHole ?? Infinity, hole ?? Infinity);
  return {
    packets: counts.packets,
    repeated: counts.repeated,
    unacknowledged,
    ...(counts.isFull ? { full: true } : {}),
    ...(unacknowledged > 0 && counts.oldestRepeats > 0
      ? { oldest: { length: counts.oldestLength, times: counts.oldestRepeats + 1 } }
      : {}),
    missing: Number.isFinite(behind) ? Math.max(0, behind - acknowledged) : 0,
  };
}
