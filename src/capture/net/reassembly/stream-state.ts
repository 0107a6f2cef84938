/**
 * Defines the state of a TCP stream under reassembly, and where a sequence number is in it. The rules are those of
 * `reassembly.ts`.
 */
import type { Address, ConnectionSegments, Side } from '../../event.ts';
import type { TcpSegment } from '../ip.ts';
import { newCounts } from '../segment-counts.ts';
import type { SegmentCounts } from '../segment-counts.ts';

/** A segment with where and when it was seen. */
export interface SeenSegment extends TcpSegment {
  readonly source: string;
  readonly destination: string;
  /** Time to live, or hop limit, of its packet. */
  readonly ttl?: number;
  /** Number of its packet in the capture, from 1. */
  readonly frame: number;
  /** Microseconds, as the capture counts them. */
  readonly at: number;
}

/** Ends of a connection while client and server are unknown: `low` has the key's first address. */
export type End = 'low' | 'high';

export const ends = ['low', 'high'] as const satisfies readonly End[];

export const otherEnd = (end: End): End => (end === 'low' ? 'high' : 'low');

export interface Waiting {
  /** Of its first byte, in the stream. */
  readonly position: number;
  readonly length: number;
  /** Undefined for what the capture cut off from its packet: it will come by no other. */
  readonly bytes: Uint8Array | undefined;
  readonly frame: number;
  /** Up to where its sender had received the other direction. */
  readonly after: number;
}

/** One direction. Positions count from 0 at its first byte and never wrap. */
export interface Direction {
  /** The sequence number at position `reached`; undefined until it is known. */
  next: number | undefined;
  /** Everything before it has come out. */
  reached: number;
  /** Up to where its sender is known to have sent, by its own segments or by the other side's acknowledgements. */
  sent: number;
  /** Up to where the other side has acknowledged. */
  acknowledged: number;
  /** By position, none overlapping another. */
  waiting: Waiting[];
  waitingBytes: number;
  /** Where its FIN stands; undefined until one was seen. */
  finAt: number | undefined;
  finDone: boolean;
  /** Whether any segment of its sender is in the capture. */
  seen: boolean;
  /** A place far ahead that one acknowledgement named: believed once its sender stands there too. */
  doubtful: number | undefined;
  /** A segment far ahead of everything: taken once another stands near it. */
  far: SeenSegment | undefined;
  /** Possible start numbers from SYNs that differ from the first. */
  readonly candidates: number[];
  readonly counts: SegmentCounts;
  /** Since when bytes are missing that the receiver has acknowledged. */
  owedSince: { readonly at: number; readonly segments: number } | undefined;
}

export interface Stream {
  readonly key: string;
  /** Counted from 0 in the order of their first packets. */
  connection: number;
  readonly addresses: Readonly<Record<End, Address>>;
  readonly directions: Readonly<Record<End, Direction>>;
  /** Undefined until it is known. */
  client: End | undefined;
  firstHeard: End;
  /** The first number of each side that sent a SYN. */
  readonly initial: Partial<Record<End, number>>;
  /** How often the side that opens it has sent its SYN. */
  syns: number;
  firstFin: End | undefined;
  /** When it was seen, and how long nothing new had been said by then, in microseconds. */
  finSeen: { readonly at: number; readonly quiet: number } | undefined;
  /** Bytes that the side that did not end first sent after the other's end. */
  saidAfterFin: number;
  segments: number;
  lastFrame: number;
  /** Of the last packet, and of the last new bytes (at first: of the first packet), in microseconds. */
  lastAt: number;
  freshAt: number;
  /** A reset was seen: whose, when, and where in its sender's direction it stands. */
  ending: Ending | undefined;
  /** What its packets showed before waiting data was released. */
  segmentsAtEnd: ConnectionSegments | undefined;
  closed: boolean;
  /** Another object, or none, stands for the connection now. */
  isPacked: boolean;
}

export interface Ending {
  readonly by: End;
  readonly how: 'end' | 'reset';
  /** Who sent the reset, which may answer the other side's end. */
  readonly from: End;
  readonly frame: number;
  readonly since: number;
  readonly ttl: number;
  /** Undefined where its number stands nowhere in the stream. */
  readonly position: number | undefined;
  /** New bytes that each side sent behind it. */
  readonly continued: Record<End, number>;
}

export const sequenceSpace = 2 ** 32;

/** The largest window (RFC 7323 section 2.3): what claims to lie further ahead is not part of the stream. */
export const largestWindow = 2 ** 30;

/** More than any sender has in transit: a number further ahead is doubted at first. */
export const doubtfulJump = 2 ** 24;

export function beginning(key: string, from: End, segment: SeenSegment): Stream {
  const source = { host: segment.source, port: segment.sourcePort };
  const destination = { host: segment.destination, port: segment.destinationPort };
  return {
    key,
    connection: 0,
    addresses: from === 'low' ? { low: source, high: destination } : { low: destination, high: source },
    directions: { low: silent(), high: silent() },
    client: undefined,
    firstHeard: from,
    initial: {},
    syns: 0,
    firstFin: undefined,
    finSeen: undefined,
    saidAfterFin: 0,
    segments: 0,
    lastFrame: segment.frame,
    lastAt: segment.at,
    freshAt: segment.at,
    ending: undefined,
    segmentsAtEnd: undefined,
    closed: false,
    isPacked: false,
  };
}

export function silent(): Direction {
  return {
    next: undefined,
    reached: 0,
    sent: 0,
    acknowledged: 0,
    waiting: [],
    waitingBytes: 0,
    finAt: undefined,
    finDone: false,
    seen: false,
    owedSince: undefined,
    doubtful: undefined,
    far: undefined,
    candidates: [],
    counts: newCounts(),
  };
}

/** Rule 6. A SYN that was only sent or captured again has the number that the stream began with. */
export function beginsAnew(stream: Stream, from: End, { syn, sequence, acknowledged }: SeenSegment): boolean {
  if (!syn) return false;
  const known = stream.initial[from];
  const isOver = stream.closed || stream.ending !== undefined;
  if (known !== undefined) return known !== sequence && (acknowledged === undefined || isOver);
  if (isOver) return true;
  const direction = stream.directions[from];
  if (direction.next === undefined) return false;
  // The handshake may stand behind the first data in the file.
  return acknowledged === undefined && positionOf(direction, direction.next, (sequence + 1) >>> 0) !== 0;
}

/** Whether a SYN was seen, and neither the other side's nor anything that only an open connection carries. */
export function isUnaccepted({ client, initial, syns, directions }: Stream): boolean {
  if (
    client === undefined ||
    syns === 0 ||
    initial[otherEnd(client)] !== undefined ||
    directions[otherEnd(client)].next !== undefined
  )
    return false;
  return (
    directions.low.sent === 0 &&
    directions.high.sent === 0 &&
    directions.low.finAt === undefined &&
    directions.high.finAt === undefined
  );
}

export function isUnanswered(stream: Stream): boolean {
  return (
    isUnaccepted(stream) &&
    stream.syns > 1 &&
    stream.client !== undefined &&
    !stream.directions[otherEnd(stream.client)].seen
  );
}

/** Nothing of a direction has come: where it begins can still be another place. */
export function isUntouched({ reached, sent, waiting }: Direction): boolean {
  return reached === 0 && sent === 0 && waiting.length === 0;
}

/** Rule 9. */
export function begin(direction: Direction, number: number): void {
  direction.next = number;
  direction.acknowledged = 0;
  direction.candidates.length = 0;
}

/** Rule 8: the sender of a direction stands where an acknowledgement said that it does. */
export function confirm(direction: Direction, sequence: number): void {
  const { doubtful, next } = direction;
  if (doubtful === undefined || next === undefined) return;
  if (Math.abs(positionOf(direction, next, sequence) - doubtful) > doubtfulJump) return;
  direction.acknowledged = Math.max(direction.acknowledged, doubtful);
  direction.doubtful = undefined;
}

/** Where a sequence number is in the stream: the position nearest to what has been reached (RFC 9293 section 3.4). */
export function positionOf({ reached }: Direction, next: number, sequence: number): number {
  const distance = (sequence - next) | 0;
  return reached + distance;
}

export function advance(direction: Direction, length: number): void {
  direction.reached += length;
  direction.owedSince = undefined;
  direction.next = ((direction.next ?? 0) + length) % sequenceSpace;
}

/** The direction whose first waiting segment stands first in the file; undefined when none waits. */
export function firstSeenOf({ directions }: Stream): End | undefined {
  const frameOf = (end: End): number => directions[end].waiting[0]?.frame ?? Infinity;
  const end: End = frameOf('low') <= frameOf('high') ? 'low' : 'high';
  return directions[end].waiting.length > 0 ? end : undefined;
}

/** Whether bytes up to a position that the receiver has are still missing. */
export function owes(direction: Direction, position: number): boolean {
  const { reached, sent, finAt } = direction;
  if (finAt !== undefined) return Math.min(position, finAt) > reached;
  return position > reached && position !== Math.max(reached, sent) + 1;
}

/** Acknowledged by one more than was ever seen: that is a FIN, which takes a number and is no byte. */
export function sentWithoutFin({ reached, sent, acknowledged }: Direction): number {
  const seen = Math.max(reached, sent);
  return acknowledged === seen + 1 ? seen : Math.max(seen, acknowledged);
}

export function sideOf(stream: Stream, end: End): Side {
  return stream.client === end ? 'client' : 'server';
}
