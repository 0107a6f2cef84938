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
 * 10. Of a closed connection only its end is remembered, and only of a limited number. New bytes behind the end open it
 *     once more, as one that was joined late; where its end is forgotten, they form a new connection.
 * 11. Of a very large number of open connections the idle ones are packed (`packed`): nothing is lost, and their next
 *     packet unpacks them. The number of packed ones is limited; the one packed first ends as at the end of the
 *     capture, and later packets on its ports form a connection that was joined late.
 * 12. If a connection continues normally (the next bytes, nothing waiting, nothing missing), `addPlain` reports the
 *     same as `add`, allocating only the event.
 */
import type { Address, ConnectionSegments, Side } from '../event.ts';
import { tcpFlags } from './plain-packet.ts';
import type { PlainPacket } from './plain-packet.ts';
import { clientBy, clientByPort } from './reassembly/client-side.ts';
import { FlowTable } from './reassembly/flow-table.ts';
import { StreamTable } from './reassembly/stream-table.ts';
import type { StreamBounds } from './reassembly/stream-table.ts';
import { segmentsIn } from './reassembly/segments.ts';
import {
  advance,
  begin,
  beginning,
  beginsAnew,
  confirm,
  doubtfulJump,
  ends,
  firstSeenOf,
  isUnaccepted,
  isUnanswered,
  isUntouched,
  largestWindow,
  otherEnd,
  owes,
  positionOf,
  sentWithoutFin,
  sequenceSpace,
  sideOf,
} from './reassembly/stream-state.ts';
import type { Direction, End, Ending, SeenSegment, Stream, Waiting } from './reassembly/stream-state.ts';
import { hold } from './reassembly/waiting.ts';
import { countAcknowledged, countPacket, countRepeated, countSelective } from './segment-counts.ts';

/** A finding of the reassembly, in order. `connection` counts from 1 in the order in which they open; `frame` is the packet that says so. */
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
      /** When it was reset, in microseconds, where that is reported later. */
      readonly at?: number;
      /** The client's SYN was answered by a reset, or sent again and never answered. */
      readonly unaccepted?: true;
    }
);

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

/**
 * Called before bytes of a connection that continues normally are delivered; false if no reader needs them. They are
 * then not delivered, and the callee has counted them.
 */
export type Wants = (connection: number, from: Side, length: number, frame: number) => boolean;

/** Called for each SYN of a connection whose client is known: with its sequence number, and who sent it. */
export type OnSyn = (connection: number, from: Side, sequence: number) => void;

export class TcpReassembly {
  readonly #onSyn: OnSyn | undefined;
  readonly #emit: (event: StreamEvent) => void;
  readonly #wants: Wants | undefined;
  readonly #streams: StreamTable;
  readonly #flows = new FlowTable();
  /** In the order of their ends. */
  readonly #closed = new Set<Stream>();
  /** Connections that were reset, in the order of their resets. */
  readonly #ending = new Set<Stream>();
  #connections = 0;
  #afterEnd = 0;
  #strays = 0;
  #repeatedBytes = 0;

  constructor(emit: (event: StreamEvent) => void, wants?: Wants, bounds: StreamBounds = {}, onSyn?: OnSyn) {
    this.#onSyn = onSyn;
    this.#emit = emit;
    this.#wants = wants;
    this.#streams = new StreamTable(bounds, (stream) => this.#end(stream, false));
  }

  /** Open connections: those that are at hand, and those that have said nothing for long. */
  get held(): { readonly unpacked: number; readonly packed: number } {
    return this.#streams.held;
  }

  /** Connections of which anything was seen. Their numbers count from 0 in the order of their first packets, as tshark's do. */
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
   * Takes a packet of a connection that continues normally; returns false if it does not, and `add` must take it.
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
      other.waiting.length > 0 ||
      own.candidates.length > 0 ||
      other.candidates.length > 0
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
      other.finAt !== undefined ||
      own.counts.isFull
    )
      return false;
    stream.segments++;
    stream.lastFrame = frame;
    stream.lastAt = at;
    own.seen = true;
    own.owedSince = undefined;
    other.owedSince = undefined;
    countPacket(own.counts, frame, packet.ttl);
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
    let stream = this.#streams.get(key);
    if (stream && beginsAnew(stream, from, segment)) {
      this.#end(stream);
      stream = undefined;
    }
    if (!stream) {
      stream = beginning(key, from, segment);
      stream.connection = this.#connections++;
      this.#streams.add(stream);
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
    for (const stream of this.#streams.all()) this.#end(stream, false);
    this.#streams.clear();
    this.#closed.clear();
    this.#ending.clear();
  }

  #take(stream: Stream, from: End, segment: SeenSegment): void {
    const { payload } = segment;
    if (stream.closed) {
      if (payload.length > 0) this.#goOn(stream, from, segment);
      return;
    }
    stream.segments++;
    stream.lastFrame = segment.frame;
    stream.lastAt = segment.at;
    stream.directions[from].seen = true;
    const own = stream.directions[from];
    const other = stream.directions[otherEnd(from)];
    if (!segment.rst) {
      countPacket(own.counts, segment.frame, segment.ttl);
      own.counts.isFull = segment.window === 0 && !segment.syn && !segment.fin;
    }
    if (segment.syn) {
      const first = (segment.sequence + 1) >>> 0;
      if (segment.acknowledged === undefined) stream.syns++;
      stream.initial[from] ??= segment.sequence;
      if (own.next === undefined) own.next = first;
      else if (isUntouched(own) && own.next !== first && own.candidates.length < maxCandidates)
        own.candidates.push(own.next, first);
      if (stream.client === undefined)
        this.#open(stream, segment.acknowledged === undefined ? from : otherEnd(from), true);
      this.#onSyn?.(stream.connection, sideOf(stream, from), segment.sequence);
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

  /**
   * Rule 10. A connection that has closed and goes on is opened once more, under its number; what had come before is only
   * repeated.
   */
  #goOn(stream: Stream, from: End, segment: SeenSegment): void {
    const { client } = stream;
    const own = stream.directions[from];
    const { length } = segment.payload;
    const distance = own.next === undefined ? 0 : positionOf(own, own.next, segment.sequence) - own.reached;
    if (distance + length <= 0) {
      this.#repeatedBytes += length;
      return;
    }
    if (client === undefined || distance > doubtfulJump) {
      this.#afterEnd++;
      return;
    }
    this.#closed.delete(stream);
    this.#streams.remove(stream);
    const again = beginning(stream.key, from, segment);
    again.connection = stream.connection;
    again.client = client;
    Object.assign(again.initial, stream.initial);
    for (const end of ends) {
      const { next, finDone } = stream.directions[end];
      // The end of a direction takes a number.
      again.directions[end].next =
        next === undefined ? undefined : (next + (finDone ? 1 : 0)) % sequenceSpace;
    }
    this.#streams.add(again);
    this.#emit({
      type: 'opened',
      connection: again.connection,
      frame: segment.frame,
      client: again.addresses[client],
      server: again.addresses[otherEnd(client)],
      fromStart: false,
    });
    this.#take(again, from, segment);
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
    // Both continue: the reset was not accepted, whichever side sent it.
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
    if (!isOver && stream.firstFin === undefined && !isUnanswered(stream))
      return this.#reportSegments(stream);
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
    this.#emit({
      type: 'opened',
      connection: stream.connection,
      frame: stream.lastFrame,
      client: stream.addresses[client],
      server: stream.addresses[otherEnd(client)],
      fromStart,
    });
  }

  #reportSegments(stream: Stream): void {
    const segments = stream.segmentsAtEnd ?? segmentsIn(stream);
    if (segments && stream.client !== undefined)
      this.#emit({ type: 'segments', connection: stream.connection, frame: stream.lastFrame, segments });
  }

  #forgetClosed(): void {
    const [oldest] = this.#closed;
    if (!oldest) return;
    this.#closed.delete(oldest);
    this.#streams.remove(oldest);
  }

  #close(stream: Stream, by: End | undefined, how: 'end' | 'reset' | 'timeout'): void {
    if (stream.client === undefined) this.#open(stream, clientByPort(stream), false);
    stream.closed = true;
    this.#streams.letGo(stream);
    this.#reportSegments(stream);
    for (const from of ends) stream.directions[from].waiting = [];
    this.#closed.add(stream);
    if (this.#closed.size > maxClosed) this.#forgetClosed();
    this.#emit({
      type: 'closed',
      connection: stream.connection,
      frame: stream.ending?.frame ?? stream.lastFrame,
      by: by === undefined ? 'unknown' : sideOf(stream, by),
      how,
      ...(stream.ending ? { at: stream.ending.since } : {}),
      ...(isUnaccepted(stream) ? { unaccepted: true } : {}),
    });
  }
}
