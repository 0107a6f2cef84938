/**
 * Reassembles TCP streams from captured segments: out of order, retransmitted, lost, or started before the capture. It
 * assigns segments to connections, determines the client, and orders the bytes; dissectors interpret them.
 *
 * 1. Bytes are delivered in the order of their sequence numbers. Of bytes received twice the first count, even if the
 *    second differ, because the receiver has already delivered them. New parts are accepted.
 * 2. At a gap, reassembly waits, since a capture may be out of order. The gap becomes final, and reading continues
 *    after it, when it can hardly be filled any more: the receiver has acknowledged the bytes, so that they are not
 *    retransmitted, and some time has passed; or too much is waiting; or the connection or the file ends.
 * 3. A response waits for what it acknowledges: bytes are never delivered before bytes that their sender had received,
 *    whatever the order of the file.
 * 4. The client is the sender of the SYN. If the capture joined later: the side that sends what only clients send, or
 *    whose peer sends what only servers send; else the side with the higher port; else the first sender.
 * 5. A retransmitted SYN without an answer is a connection that timed out; a single SYN may still be answered.
 * 6. A SYN with another sequence number on the same ports starts a new connection.
 * 7. A reset ends a connection only after a while (`expire`): data in transit follows it, and if both sides continue,
 *    the reset was not accepted.
 * 8. A sequence number far from every window is accepted once a second segment is near it: a single one is stale or
 *    forged.
 * 9. If a server's SYNs have different numbers, the one counts that the client acknowledges, or that the server
 *    continues from.
 * 10. Of a closed connection only its end is remembered, and only of a limited number: later packets on the same ports
 *     form a new connection.
 * 11. Of a very large number of open connections the idle ones are packed (`packed`): nothing is lost, and their next
 *     packet unpacks them. The number of packed ones is limited; the one packed first ends as at the end of the
 *     capture, and later packets on its ports form a connection that was joined late.
 * 12. If a connection continues normally (the next bytes, nothing waiting, nothing missing), `addPlain` reports the
 *     same as `add`, allocating only the event.
 */
import type { Address, ConnectionSegments, Side } from '../event.ts';
import type { TcpSegment } from './ip.ts';
import { packRow, unpackRow } from '../file/packed-row.ts';
import {
  countAcknowledged,
  countPacket,
  countRepeated,
  countSelective,
  newCounts,
  segmentsOf,
} from './segment-counts.ts';
import type { SegmentCounts } from './segment-counts.ts';
import { flowWords, tcpFlags } from './plain-packet.ts';
import type { PlainPacket } from './plain-packet.ts';

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

/** What becomes known, in order. `connection` counts from 1 in the order in which they open; `frame` is the packet that says so. */
export type StreamEvent = { readonly connection: number; readonly frame: number } & (
  | {
      readonly type: 'opened';
      readonly client: Address;
      readonly server: Address;
      /** False where the capture joined after the handshake. */
      readonly fromStart: boolean;
    }
  | { readonly type: 'data'; readonly from: Side; readonly bytes: Uint8Array }
  /** So many bytes went by that the capture does not have. */
  | { readonly type: 'gap'; readonly from: Side; readonly length: number }
  /** Precedes `closed`, or the end of the capture, if the packets show more than the bytes. */
  | { readonly type: 'segments'; readonly segments: ConnectionSegments }
  | {
      readonly type: 'closed';
      readonly by: Side | 'unknown';
      readonly how: 'end' | 'reset' | 'timeout';
      /** The client's SYN was answered by a reset, or sent again and never answered. */
      readonly unaccepted?: true;
    }
);

/** Ends of a connection while client and server are unknown: `low` has the key's first address. */
type End = 'low' | 'high';
const ends = ['low', 'high'] as const satisfies readonly End[];
const otherEnd = (end: End): End => (end === 'low' ? 'high' : 'low');

interface Waiting {
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
interface Direction {
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

interface Stream {
  readonly key: string;
  /** 0 until it has opened. */
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

interface Ending {
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

const sequenceSpace = 2 ** 32;
/** The largest window (RFC 7323 section 2.3): what claims to stand further ahead is no part of the stream. */
const largestWindow = 2 ** 30;

/** More than any sender has in transit: a number further ahead is doubted at first. */
const doubtfulJump = 2 ** 24;

/** What was under way when a connection was reset has come by then, and what is sent again once. */
const lingerMicroseconds = 1_000_000;

/** SYNs with different numbers that are remembered. */
const maxCandidates = 8;

/**
 * A gap that the receiver has acknowledged becomes final after this many further segments of the connection, or this
 * much time.
 */
const patienceSegments = 64;
const patienceMicroseconds = 1_000_000;
/** Of one direction: what waits behind a hole at most. */
const maxWaitingSegments = 8192;
const maxWaitingBytes = 16 * 1024 * 1024;

/** So many connections that have closed are remembered: far more than end within the minutes that a late segment is under way. */
const maxClosed = 8192;

/** The maximum number of unpacked open connections, and of remembered idle ones. */
const maxUnpacked = 4000;
const maxPacked = 200_000;
/** The number examined per new connection; one that has sent since is skipped once. */
const lookedAt = 4;

const latin1 = new TextDecoder('latin1');

/**
 * Called before bytes of a connection that continues normally are delivered; false if no reader needs them. They are
 * then not delivered, and the callee has counted them.
 */
export type Wants = (connection: number, from: Side, length: number, frame: number) => boolean;

export class TcpReassembly {
  readonly #emit: (event: StreamEvent) => void;
  readonly #wants: Wants | undefined;
  /** In the order in which they were first heard of; a string is one that is packed. */
  readonly #streams = new Map<string, Stream | string>();
  /** Unpacked connections, with the packet number up to which each had been active when last examined. */
  readonly #unpacked = new Map<Stream, number>();
  /** Goes round those. */
  #hand: IterableIterator<[Stream, number]> | undefined;
  readonly #maxUnpacked: number;
  readonly #maxPacked: number;
  #packed = 0;
  /** Goes through all that are known, for the oldest that is packed. */
  #oldest: IterableIterator<[string, Stream | string]> | undefined;
  readonly #flows = new FlowTable();
  /** In the order of their ends. */
  readonly #closed = new Set<Stream>();
  /** Connections that were reset, in the order of their resets. */
  readonly #ending = new Set<Stream>();
  #connections = 0;
  #afterEnd = 0;
  #strays = 0;
  #repeatedBytes = 0;

  constructor(
    emit: (event: StreamEvent) => void,
    wants?: Wants,
    bounds: { readonly unpacked?: number; readonly packed?: number } = {},
  ) {
    this.#emit = emit;
    this.#wants = wants;
    this.#maxUnpacked = bounds.unpacked ?? maxUnpacked;
    this.#maxPacked = bounds.packed ?? maxPacked;
  }

  /** Open connections: those that are at hand, and those that have said nothing for long. */
  get held(): { readonly unpacked: number; readonly packed: number } {
    return { unpacked: this.#unpacked.size, packed: this.#packed };
  }

  /** Connections that have opened: after the end, all of which anything was seen. */
  get connections(): number {
    return this.#connections;
  }

  /** Segments with payload after the end of their connection, and far outside every window: both are ignored. */
  get leftOut(): number {
    return this.#afterEnd + this.#strays;
  }

  /** Retransmitted bytes. */
  get repeatedBytes(): number {
    return this.#repeatedBytes;
  }

  /**
   * Takes a packet of a connection that goes on as usual; returns false where it does not, and `add` must take it.
   * The event's bytes are a view into the packet.
   */
  addPlain(packet: PlainPacket, frame: number, at = 0): boolean {
    const slot = this.#flows.find(packet);
    if (
      slot < 0 ||
      (packet.flags & (tcpFlags.syn | tcpFlags.fin | tcpFlags.rst | tcpFlags.ack)) !== tcpFlags.ack
    )
      return false;
    const stream = this.#flows.streamIn(slot);
    // Selective acknowledgements take more room than time stamps do.
    if (
      !stream ||
      stream.closed ||
      stream.isPacked ||
      stream.ending ||
      stream.client === undefined ||
      packet.options > 12
    )
      return false;
    const from = this.#flows.fromIn(slot);
    const own = stream.directions[from];
    const other = stream.directions[otherEnd(from)];
    if (
      packet.sequence !== own.next ||
      other.next === undefined ||
      own.waiting.length > 0 ||
      other.waiting.length > 0
    )
      return false;
    const received = (packet.acknowledged - other.next) | 0;
    const reached = own.reached + packet.end - packet.start;
    if (
      received > 0 ||
      own.far ||
      own.doubtful !== undefined ||
      other.acknowledged > other.reached ||
      own.acknowledged > reached ||
      own.finAt !== undefined ||
      other.finAt !== undefined
    )
      return false;
    stream.segments++;
    stream.lastFrame = frame;
    stream.lastAt = at;
    own.seen = true;
    own.owedSince = undefined;
    other.owedSince = undefined;
    countPacket(own.counts, packet.ttl);
    if (other.reached + received > other.acknowledged) {
      other.acknowledged = other.reached + received;
      countAcknowledged(other.counts, other.acknowledged);
    }
    if (packet.end === packet.start) return true;
    stream.freshAt = at;
    own.sent = Math.max(own.sent, reached);
    const length = packet.end - packet.start;
    advance(own, length);
    const side = sideOf(stream, from);
    if (this.#wants && !this.#wants(stream.connection, side, length, frame)) return true;
    this.#emit({
      type: 'data',
      connection: stream.connection,
      frame,
      from: side,
      bytes: packet.bytes.subarray(packet.start, packet.end),
    });
    return true;
  }

  /** @param plain the same segment as a packet, so that `addPlain` knows its connection from now on */
  add(segment: SeenSegment, plain?: PlainPacket): void {
    const source = `${segment.source}:${segment.sourcePort}`;
    const destination = `${segment.destination}:${segment.destinationPort}`;
    const from: End = source <= destination ? 'low' : 'high';
    const key = from === 'low' ? `${source} ${destination}` : `${destination} ${source}`;
    let stream = this.#known(key);
    if (stream && beginsAnew(stream, from, segment)) {
      this.#end(stream);
      stream = undefined;
    }
    if (!stream) {
      stream = beginning(key, from, segment);
      this.#streams.set(key, stream);
      this.#keepAtHand(stream);
    }
    if (plain) this.#flows.set(plain, stream, from);
    this.#take(stream, from, segment);
  }

  /** Ends the connections that were reset so long before that time, in microseconds, that nothing more can be under way. */
  expire(at: number): void {
    for (const stream of this.#ending) {
      if (!stream.ending || at - stream.ending.since < lingerMicroseconds) return;
      this.#endReset(stream);
    }
  }

  /** The capture ends: what waits comes out with its gaps. A connection of which an end was seen is closed. */
  end(): void {
    for (const [key, known] of this.#streams)
      this.#end(typeof known === 'string' ? unpacked(key, known) : known, false);
    this.#streams.clear();
    this.#unpacked.clear();
    this.#packed = 0;
    this.#closed.clear();
    this.#ending.clear();
  }

  #known(key: string): Stream | undefined {
    const known = this.#streams.get(key);
    if (typeof known !== 'string') return known;
    const stream = unpacked(key, known);
    this.#streams.set(key, stream);
    this.#packed--;
    this.#keepAtHand(stream);
    return stream;
  }

  #keepAtHand(stream: Stream): void {
    for (let left = lookedAt; left > 0 && this.#unpacked.size >= this.#maxUnpacked; left--) {
      this.#hand ??= this.#unpacked.entries();
      const { value } = this.#hand.next() as { readonly value?: readonly [Stream, number] };
      if (value) this.#look(...value);
      else this.#hand = undefined;
    }
    this.#unpacked.set(stream, stream.lastFrame);
  }

  /** A connection that was idle since the last examination, and waits for nothing, is packed. */
  #look(stream: Stream, heard: number): void {
    const row = stream.lastFrame === heard ? packed(stream) : undefined;
    this.#unpacked.delete(stream);
    if (row === undefined) return void this.#unpacked.set(stream, stream.lastFrame);
    stream.isPacked = true;
    this.#streams.set(stream.key, row);
    if (++this.#packed > this.#maxPacked) this.#forgetPacked();
  }

  #forgetPacked(): void {
    // Every idle connection is found by the second round.
    for (let round = 0; round < 2; round++) {
      this.#oldest ??= this.#streams.entries();
      for (let next = this.#oldest.next(); !next.done; next = this.#oldest.next()) {
        const [key, known] = next.value;
        if (typeof known !== 'string') continue;
        this.#packed--;
        this.#streams.delete(key);
        return this.#end(unpacked(key, known), false);
      }
      this.#oldest = undefined;
    }
  }

  #take(stream: Stream, from: End, segment: SeenSegment): void {
    const { payload } = segment;
    if (stream.closed) {
      if (payload.length > 0) this.#afterEnd++;
      return;
    }
    stream.segments++;
    stream.lastFrame = segment.frame;
    stream.lastAt = segment.at;
    stream.directions[from].seen = true;
    const own = stream.directions[from];
    const other = stream.directions[otherEnd(from)];
    if (!segment.rst) countPacket(own.counts, segment.ttl);
    if (segment.syn) {
      const first = (segment.sequence + 1) >>> 0;
      if (segment.acknowledged === undefined) stream.syns++;
      stream.initial[from] ??= segment.sequence;
      if (own.next === undefined) own.next = first;
      else if (isUntouched(own) && own.next !== first && own.candidates.length < maxCandidates)
        own.candidates.push(own.next, first);
      if (stream.client === undefined)
        this.#open(stream, segment.acknowledged === undefined ? from : otherEnd(from), true);
    }
    if (segment.acknowledged !== undefined && !segment.rst) this.#acknowledge(other, segment);
    // What a reset carries is a word on its cause, no part of the stream (RFC 9293 section 3.5.2).
    if (segment.rst) return this.#reset(stream, from, segment);
    if (!segment.syn) confirm(own, segment.sequence);
    this.#payload(stream, from, segment);
    this.#release(stream, segment.at);
    if (stream.ending) return;
    if (stream.directions.low.finDone && stream.directions.high.finDone)
      this.#close(stream, stream.firstFin, 'end');
  }

  /** @param segment of the other side, which says what it has of this direction */
  #acknowledge(
    direction: Direction,
    { acknowledged = 0, selective }: Pick<SeenSegment, 'acknowledged' | 'selective'>,
  ): void {
    if (direction.candidates.includes(acknowledged) && isUntouched(direction)) begin(direction, acknowledged);
    if (direction.next === undefined) {
      direction.next = acknowledged;
      return;
    }
    const position = positionOf(direction, direction.next, acknowledged);
    if (position - direction.reached > largestWindow) return;
    if (position - Math.max(direction.reached, direction.sent) > doubtfulJump) {
      direction.doubtful = position;
      return;
    }
    if (position > direction.acknowledged) {
      direction.acknowledged = position;
      countAcknowledged(direction.counts, position);
    }
    if (selective) {
      for (const [start] of selective)
        countSelective(
          direction.counts,
          positionOf(direction, direction.next, start),
          direction.acknowledged,
        );
    }
  }

  /** A segment that stands far ahead of everything is kept until another stands near it; returns whether it may be taken. */
  #mayTake(stream: Stream, from: End, position: number, segment: SeenSegment): boolean {
    const direction = stream.directions[from];
    if (position - Math.max(direction.reached, direction.sent, direction.acknowledged) <= doubtfulJump)
      return true;
    const { far } = direction;
    direction.far = segment;
    if (!far || Math.abs((segment.sequence - far.sequence) | 0) > doubtfulJump) {
      if (far) this.#strays++;
      return false;
    }
    direction.far = undefined;
    // The capture lost the bytes in between: both are accepted, the earlier first.
    direction.sent = Math.max(direction.sent, position);
    this.#payload(stream, from, far);
    return true;
  }

  #payload(stream: Stream, from: End, segment: SeenSegment): void {
    const direction = stream.directions[from];
    const { payload, missing, frame } = segment;
    const sequence = segment.syn ? (segment.sequence + 1) >>> 0 : segment.sequence;
    const length = payload.length + missing;
    if (length > 0 && direction.candidates.includes(sequence) && isUntouched(direction))
      begin(direction, sequence);
    if (direction.next === undefined) {
      if (length === 0 && !segment.fin) return;
      direction.next = sequence;
    }
    const position = positionOf(direction, direction.next, sequence);
    if (position - direction.reached > largestWindow) {
      this.#strays++;
      return;
    }
    if (length > 0) {
      if (!this.#mayTake(stream, from, position, segment)) return;
      if (stream.firstFin !== undefined && stream.firstFin !== from && position + length > direction.sent)
        stream.saidAfterFin += position + length - Math.max(position, direction.sent);
      direction.sent = Math.max(direction.sent, position + length);
      if (stream.client === undefined) this.#open(stream, clientBy(stream, from, payload), false);
      const after = stream.directions[otherEnd(from)].acknowledged;
      const fresh = hold(direction, { position, length: payload.length, bytes: payload, frame, after });
      const unseen = hold(direction, {
        position: position + payload.length,
        length: missing,
        bytes: undefined,
        frame,
        after,
      });
      if (fresh > 0) stream.freshAt = segment.at;
      this.#repeatedBytes += payload.length - fresh;
      // One old byte asks only whether the other side is still there (RFC 9293 section 3.8.4).
      if (fresh + unseen === 0 && !(length === 1 && position + 1 === direction.reached))
        countRepeated(direction.counts, position, length, direction.acknowledged);
      if (stream.ending && position + length > (stream.ending.position ?? Infinity))
        this.#continue(stream, stream.ending, from, fresh);
    }
    if (segment.fin && position + length >= direction.reached) {
      direction.finAt ??= position + length;
      if (stream.firstFin === undefined)
        stream.finSeen = { at: segment.at, quiet: Math.max(0, segment.at - stream.freshAt) };
      stream.firstFin ??= from;
    }
  }

  /** Lets out what comes next, and gives up what has been waited for long enough. */
  #release(stream: Stream, at: number): void {
    do this.#letOutBoth(stream);
    while (this.#giveUp(stream, 'low', at) || this.#giveUp(stream, 'high', at));
  }

  #letOutBoth(stream: Stream): void {
    while (this.#letOut(stream, 'low') || this.#letOut(stream, 'high'));
  }

  /** Lets out what is next in one direction; returns whether anything was. With `force` the first does not wait for the other direction. */
  #letOut(stream: Stream, from: End, force = false): boolean {
    const direction = stream.directions[from];
    const other = stream.directions[otherEnd(from)];
    let count = 0;
    for (const { position, length, bytes, frame, after } of direction.waiting) {
      if (position > direction.reached || (!(force && count === 0) && other.seen && owes(other, after)))
        break;
      count++;
      direction.waitingBytes -= length;
      advance(direction, length);
      const place = { connection: stream.connection, frame, from: sideOf(stream, from) };
      this.#emit(bytes ? { type: 'data', ...place, bytes } : { type: 'gap', ...place, length });
    }
    if (count > 0) direction.waiting.splice(0, count);
    if (direction.finAt !== undefined && direction.reached >= direction.finAt) direction.finDone = true;
    return count > 0;
  }

  /** Makes a gap of bytes that were acknowledged long ago, or of a hole behind which too much waits; returns whether it did. */
  #giveUp(stream: Stream, from: End, at: number): boolean {
    const direction = stream.directions[from];
    const [first] = direction.waiting;
    if (owes(direction, direction.acknowledged)) direction.owedSince ??= { at, segments: stream.segments };
    else direction.owedSince = undefined;
    const since = direction.owedSince;
    const isLate =
      since !== undefined &&
      (stream.segments - since.segments >= patienceSegments || at - since.at >= patienceMicroseconds);
    if (
      !isLate &&
      direction.waiting.length <= maxWaitingSegments &&
      direction.waitingBytes <= maxWaitingBytes
    )
      return false;
    // Unacknowledged data will be retransmitted.
    const until = Math.min(
      isLate ? direction.acknowledged : Infinity,
      direction.finAt ?? Infinity,
      first?.position ?? Infinity,
    );
    if (this.#gap(stream, from, until, first?.frame ?? stream.lastFrame)) return true;
    if (first) this.#getPast(stream, from, first);
    return first !== undefined;
  }

  /** Stops waiting for whatever the first that waits in a direction waits for: a hole before it, or what its sender had received. */
  #getPast(stream: Stream, from: End, first: Waiting): void {
    if (this.#gap(stream, from, first.position, first.frame)) return;
    const other = stream.directions[otherEnd(from)];
    const until = Math.min(first.after, other.finAt ?? Infinity, other.waiting[0]?.position ?? Infinity);
    if (!this.#gap(stream, otherEnd(from), until, first.frame)) this.#letOut(stream, from, true);
  }

  #gap(stream: Stream, from: End, until: number, frame: number): boolean {
    const direction = stream.directions[from];
    const length = until - direction.reached;
    if (length <= 0) return false;
    if (stream.client === undefined) this.#open(stream, clientByPort(stream), false);
    advance(direction, length);
    this.#emit({ type: 'gap', connection: stream.connection, frame, from: sideOf(stream, from), length });
    return true;
  }

  #reset(stream: Stream, from: End, { sequence, at, frame, ttl }: SeenSegment): void {
    if (stream.ending) return;
    // A reset in response to the other side's end, or to data after one's own, only means that the socket is gone: the
    // sender of the first FIN has ended the connection.
    const fin = stream.firstFin;
    const isEnd = fin !== undefined && (fin !== from || stream.saidAfterFin > 0);
    const direction = stream.directions[from];
    const position =
      direction.next === undefined ? undefined : positionOf(direction, direction.next, sequence);
    stream.ending = {
      by: isEnd ? fin : from,
      how: isEnd ? 'end' : 'reset',
      from,
      frame,
      since: at,
      ttl: ttl ?? 0,
      position,
      continued: { low: 0, high: 0 },
    };
    // A port on which nothing listens says nothing more, and a scan meets thousands of them.
    if (isUnaccepted(stream)) this.#endReset(stream);
    else this.#ending.add(stream);
  }

  #continue(stream: Stream, ending: Ending, from: End, length: number): void {
    ending.continued[from] += length;
    if (ending.continued.low === 0 || ending.continued.high === 0) return;
    // Both continue: the reset, whoever sent it, was not accepted.
    stream.ending = undefined;
    this.#ending.delete(stream);
  }

  #endReset(stream: Stream): void {
    const { ending } = stream;
    this.#ending.delete(stream);
    if (!ending || stream.closed) return;
    this.#drain(stream);
    this.#close(stream, ending.by, ending.how);
  }

  /** @param isOver another connection takes its ports, so that this one cannot go on */
  #end(stream: Stream, isOver = true): void {
    if (stream.closed) return;
    if (stream.ending) return this.#endReset(stream);
    this.#drain(stream);
    if (!isOver && stream.firstFin === undefined && !isUnanswered(stream)) return this.#tellSegments(stream);
    if (stream.firstFin === undefined && isUnanswered(stream)) this.#close(stream, undefined, 'timeout');
    else if (isOver || stream.firstFin !== undefined) this.#close(stream, stream.firstFin, 'end');
  }

  /** Everything that waits, and at the end what was sent or acknowledged and never seen. */
  #drain(stream: Stream): void {
    if (stream.client === undefined) this.#open(stream, clientByPort(stream), false);
    stream.segmentsAtEnd ??= segmentsIn(stream);
    for (;;) {
      this.#letOutBoth(stream);
      const from = firstSeenOf(stream);
      const [first] = from ? stream.directions[from].waiting : [];
      if (!from || !first) break;
      this.#getPast(stream, from, first);
    }
    for (const from of ends) {
      const direction = stream.directions[from];
      this.#gap(stream, from, direction.finAt ?? sentWithoutFin(direction), stream.lastFrame);
    }
  }

  #open(stream: Stream, client: End, fromStart: boolean): void {
    stream.client = client;
    stream.connection = ++this.#connections;
    this.#emit({
      type: 'opened',
      connection: stream.connection,
      frame: stream.lastFrame,
      client: stream.addresses[client],
      server: stream.addresses[otherEnd(client)],
      fromStart,
    });
  }

  #tellSegments(stream: Stream): void {
    const segments = stream.segmentsAtEnd ?? segmentsIn(stream);
    if (segments && stream.client !== undefined)
      this.#emit({ type: 'segments', connection: stream.connection, frame: stream.lastFrame, segments });
  }

  #forgetClosed(): void {
    const [oldest] = this.#closed;
    if (!oldest) return;
    this.#closed.delete(oldest);
    if (this.#streams.get(oldest.key) === oldest) this.#streams.delete(oldest.key);
  }

  #close(stream: Stream, by: End | undefined, how: 'end' | 'reset' | 'timeout'): void {
    if (stream.client === undefined) this.#open(stream, clientByPort(stream), false);
    stream.closed = true;
    this.#unpacked.delete(stream);
    this.#tellSegments(stream);
    for (const from of ends) stream.directions[from].waiting = [];
    this.#closed.add(stream);
    if (this.#closed.size > maxClosed) this.#forgetClosed();
    this.#emit({
      type: 'closed',
      connection: stream.connection,
      frame: stream.ending?.frame ?? stream.lastFrame,
      by: by === undefined ? 'unknown' : sideOf(stream, by),
      how,
      ...(isUnaccepted(stream) ? { unaccepted: true } : {}),
    });
  }
}

/** The connection of a common packet, by its address bytes; an entry holds the most recent one. */
class FlowTable {
  static readonly #slots = 4096;
  readonly #words = new Int32Array(FlowTable.#slots * flowWords);
  readonly #streams: (Stream | undefined)[] = Array.from({ length: FlowTable.#slots }, () => undefined);
  readonly #from: End[] = Array.from({ length: FlowTable.#slots }, () => 'low');
  readonly #versions = new Uint8Array(FlowTable.#slots);

  /** -1 where it is not there. */
  find({ hash, flow, version }: PlainPacket): number {
    const slot = hash % FlowTable.#slots;
    if (this.#versions[slot] !== version) return -1;
    const start = slot * flowWords;
    for (let word = flowWords - 1; word >= 0; word--) if (this.#words[start + word] !== flow[word]) return -1;
    return slot;
  }

  streamIn(slot: number): Stream | undefined {
    return this.#streams[slot];
  }

  fromIn(slot: number): End {
    return this.#from[slot] ?? 'low';
  }

  set({ hash, flow, version }: PlainPacket, stream: Stream, from: End): void {
    const slot = hash % FlowTable.#slots;
    this.#versions[slot] = version;
    this.#words.set(flow, slot * flowWords);
    this.#streams[slot] = stream;
    this.#from[slot] = from;
  }
}

function beginning(key: string, from: End, segment: SeenSegment): Stream {
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

function silent(): Direction {
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

/** What most connections that say nothing have in common; NaN is what is not known. */
const usualDirection = [NaN, 0, 0, 0, NaN, NaN, NaN, NaN, 0, 0, 0, 0, NaN, 64, 64];
const usualRow = [0, NaN, NaN, 1, 0, 0, 0, 0, 0, NaN, NaN, 0, ...usualDirection, ...usualDirection];
const streamNumbers = 12;

/** Undefined for one that waits for something, or of which more is known than numbers. */
function packed(stream: Stream): string | undefined {
  const {
    connection,
    client,
    firstHeard,
    initial,
    syns,
    firstFin,
    finSeen,
    saidAfterFin,
    segments,
    lastFrame,
    lastAt,
    freshAt,
    ending,
    segmentsAtEnd,
    closed,
    directions,
  } = stream;
  if (client === undefined || ending || segmentsAtEnd || closed) return undefined;
  const numbers = [
    connection,
    initial.low ?? NaN,
    initial.high ?? NaN,
    syns,
    segments,
    lastFrame,
    lastAt,
    freshAt,
    saidAfterFin,
    finSeen?.at ?? NaN,
    finSeen?.quiet ?? NaN,
    0,
  ];
  const bits = [client === 'high', firstHeard === 'high', firstFin !== undefined, firstFin === 'high'];
  for (const end of ends) {
    const {
      next,
      reached,
      sent,
      acknowledged,
      waiting,
      finAt,
      finDone,
      seen,
      doubtful,
      far,
      candidates,
      counts,
      owedSince,
    } = directions[end];
    if (waiting.length > 0 || far || candidates.length > 0) return undefined;
    numbers.push(
      next ?? NaN,
      reached,
      sent,
      acknowledged,
      finAt ?? NaN,
      doubtful ?? NaN,
      owedSince?.at ?? NaN,
      owedSince?.segments ?? NaN,
    );
    numbers.push(
      counts.packets,
      counts.repeated,
      counts.oldestRepeats,
      counts.oldestLength,
      counts.behindHole ?? NaN,
      counts.ttlLeast,
      counts.ttlMost,
    );
    bits.push(finDone, seen);
  }
  numbers[streamNumbers - 1] = bits.reduce((sum, bit, index) => sum + (bit ? 2 ** index : 0), 0);
  return packRow(numbers, usualRow);
}

function unpacked(key: string, row: string): Stream {
  const numbers = unpackRow(row, usualRow).map((number) => (Number.isNaN(number) ? undefined : number));
  const sure = (index: number): number => numbers[index] ?? 0;
  const bits = sure(streamNumbers - 1);
  const has = (bit: number): boolean => (bits & (2 ** bit)) !== 0;
  const directionAt = (first: number, bit: number): Direction => {
    const [owedAt, owedSegments] = [numbers[first + 6], numbers[first + 7]];
    return {
      ...silent(),
      next: numbers[first],
      reached: sure(first + 1),
      sent: sure(first + 2),
      acknowledged: sure(first + 3),
      finAt: numbers[first + 4],
      doubtful: numbers[first + 5],
      owedSince:
        owedAt === undefined || owedSegments === undefined
          ? undefined
          : { at: owedAt, segments: owedSegments },
      counts: {
        packets: sure(first + 8),
        repeated: sure(first + 9),
        oldestRepeats: sure(first + 10),
        oldestLength: sure(first + 11),
        behindHole: numbers[first + 12],
        ttlLeast: sure(first + 13),
        ttlMost: sure(first + 14),
      },
      finDone: has(bit),
      seen: has(bit + 1),
    };
  };
  const [low = '', high = ''] = key.split(' ');
  const [initialLow, initialHigh] = [numbers[1], numbers[2]];
  const [finAt, finQuiet] = [numbers[9], numbers[10]];
  return {
    key,
    connection: sure(0),
    addresses: { low: addressIn(low), high: addressIn(high) },
    directions: {
      low: directionAt(streamNumbers, 4),
      high: directionAt(streamNumbers + usualDirection.length, 6),
    },
    client: has(0) ? 'high' : 'low',
    firstHeard: has(1) ? 'high' : 'low',
    initial: {
      ...(initialLow === undefined ? {} : { low: initialLow }),
      ...(initialHigh === undefined ? {} : { high: initialHigh }),
    },
    syns: sure(3),
    firstFin: has(2) ? (has(3) ? 'high' : 'low') : undefined,
    finSeen: finAt === undefined || finQuiet === undefined ? undefined : { at: finAt, quiet: finQuiet },
    saidAfterFin: sure(8),
    segments: sure(4),
    lastFrame: sure(5),
    lastAt: sure(6),
    freshAt: sure(7),
    ending: undefined,
    segmentsAtEnd: undefined,
    closed: false,
    isPacked: false,
  };
}

function addressIn(text: string): Address {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

/** Rule 6. A SYN that was only sent or captured again has the number that the stream began with. */
function beginsAnew(stream: Stream, from: End, { syn, sequence, acknowledged }: SeenSegment): boolean {
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
function isUnaccepted({ client, initial, syns, directions }: Stream): boolean {
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

function isUnanswered(stream: Stream): boolean {
  return (
    isUnaccepted(stream) &&
    stream.syns > 1 &&
    stream.client !== undefined &&
    !stream.directions[otherEnd(stream.client)].seen
  );
}

/** Nothing of a direction has come: where it begins can still be another place. */
function isUntouched({ reached, sent, waiting }: Direction): boolean {
  return reached === 0 && sent === 0 && waiting.length === 0;
}

/** Rule 9. */
function begin(direction: Direction, number: number): void {
  direction.next = number;
  direction.acknowledged = 0;
  direction.candidates.length = 0;
}

/** Rule 8: the sender of a direction stands where an acknowledgement said that it does. */
function confirm(direction: Direction, sequence: number): void {
  const { doubtful, next } = direction;
  if (doubtful === undefined || next === undefined) return;
  if (Math.abs(positionOf(direction, next, sequence) - doubtful) > doubtfulJump) return;
  direction.acknowledged = Math.max(direction.acknowledged, doubtful);
  direction.doubtful = undefined;
}

/** What its packets showed, if it is notable. */
function segmentsIn({
  client,
  directions,
  ending,
  initial,
  lastAt,
  freshAt,
  firstFin,
  finSeen,
  saidAfterFin,
}: Stream): ConnectionSegments | undefined {
  if (client === undefined) return undefined;
  const server = otherEnd(client);
  // For a connection that was never accepted, the end contains everything.
  if (initial[client] !== undefined && !directions[server].seen && directions[server].next === undefined)
    return undefined;
  const reset =
    ending?.how === 'reset'
      ? {
          by: ending.from === client ? ('client' as const) : ('server' as const),
          from: directions[ending.from].counts,
          ttl: ending.ttl,
          continued: ending.continued[ending.from],
        }
      : undefined;
  // Who ends waits no longer, however long the other side takes to end as well.
  const quiet = finSeen?.quiet ?? Math.max(0, (ending?.since ?? lastAt) - freshAt);
  const fin = finSeen && {
    by: firstFin === client ? ('client' as const) : ('server' as const),
    answered: saidAfterFin,
    lingered: Math.max(0, (ending?.since ?? lastAt) - finSeen.at),
  };
  return segmentsOf(directions[client], directions[server], reset, quiet, fin);
}

/** Where a sequence number stands in the stream: the position nearest to what has been reached (RFC 9293 section 3.4). */
function positionOf({ reached }: Direction, next: number, sequence: number): number {
  const distance = (sequence - next) | 0;
  return reached + distance;
}

function advance(direction: Direction, length: number): void {
  direction.reached += length;
  direction.owedSince = undefined;
  direction.next = ((direction.next ?? 0) + length) % sequenceSpace;
}

/** The direction whose first waiting segment stands first in the file; undefined when none waits. */
function firstSeenOf({ directions }: Stream): End | undefined {
  const frameOf = (end: End): number => directions[end].waiting[0]?.frame ?? Infinity;
  const end: End = frameOf('low') <= frameOf('high') ? 'low' : 'high';
  return directions[end].waiting.length > 0 ? end : undefined;
}

/** Whether bytes up to a position that the receiver has are still missing. */
function owes(direction: Direction, position: number): boolean {
  const { reached, sent, finAt } = direction;
  if (finAt !== undefined) return Math.min(position, finAt) > reached;
  return position > reached && position !== Math.max(reached, sent) + 1;
}

/** Acknowledged by one more than was ever seen: that is a FIN, which takes a number and is no byte. */
function sentWithoutFin({ reached, sent, acknowledged }: Direction): number {
  const seen = Math.max(reached, sent);
  return acknowledged === seen + 1 ? seen : Math.max(seen, acknowledged);
}

function sideOf(stream: Stream, end: End): Side {
  return stream.client === end ? 'client' : 'server';
}

/** Adds bytes that were neither delivered nor are waiting; returns their number. */
function hold(direction: Direction, { position, length, bytes, frame, after }: Waiting): number {
  const { waiting } = direction;
  const end = position + length;
  let start = Math.max(position, direction.reached);
  if (start >= end) return 0;
  let added = 0;
  let index = firstBehind(waiting, start);
  while (start < end) {
    const next = waiting[index];
    const free = Math.min(end, next?.position ?? end);
    if (free > start) {
      waiting.splice(index, 0, {
        position: start,
        length: free - start,
        bytes: bytes?.subarray(start - position, free - position),
        frame,
        after,
      });
      added += free - start;
      index++;
    }
    if (!next) break;
    start = Math.max(start, next.position + next.length);
    index++;
  }
  direction.waitingBytes += added;
  return added;
}

/** Index of the first that ends behind `position`; their number where there is none. */
function firstBehind(waiting: readonly Waiting[], position: number): number {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const one = waiting[middle];
    if (one && one.position + one.length <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Rule 4, by the first bytes of a side. */
function clientBy(stream: Stream, from: End, payload: Uint8Array): End {
  const speaks = speakerOf(payload);
  if (speaks === 'client') return from;
  return speaks === 'server' ? otherEnd(from) : clientByPort(stream);
}

function clientByPort({ addresses, firstHeard }: Stream): End {
  if (addresses.low.port === addresses.high.port) return firstHeard;
  return addresses.low.port > addresses.high.port ? 'low' : 'high';
}

/** Who begins like that: a ClientHello (1) or a ServerHello (2) in a handshake record, an HTTP request or an answer to one. */
function speakerOf(payload: Uint8Array): Side | undefined {
  if (payload[0] === 0x16 && payload[1] === 0x03)
    return payload[5] === 1 ? 'client' : payload[5] === 2 ? 'server' : undefined;
  const start = latin1.decode(payload.subarray(0, 16));
  if (/^(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PRI) /.test(start)) return 'client';
  return start.startsWith('HTTP/') ? 'server' : undefined;
}
