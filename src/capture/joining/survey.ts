/**
 * Surveys one of several captures: what each of its connections is recognised by in the others. Bytes are not kept: of a stream of
 * TCP its beginning and a hash for each block, of datagrams a hash of each of the first ones.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Address, CaptureDraft, Side, Topology, Transport } from '../event.ts';
import { PacketClock, Replay } from '../file/replay.ts';
import type { ReplayOptions } from '../file/replay.ts';
import type { CapturedInterface } from '../file/pcapng-reader.ts';
import type { PacketRecord } from '../file/window.ts';

/** Streams are compared in blocks of so many bytes. */
export const blockBytes = 4096;
const headBytes = 64;
/** Of a direction: places at which times are compared, datagrams that are remembered, pieces that stand for all of them. */
const mostMarks = 64;
const mostDatagrams = 256;
const mostPieces = 16;
/** The same of a connection that has closed where there are very many. */
const sealedMarks = 2;
const sealedPieces = 4;
const sealedHead = 16;
/** From so many connections on they are sealed. */
const fewConnections = 4096;
/** A shorter piece says little. */
const shortestPiece = 8;

/** Of a file, so many of its first connections are compared with other files': each takes up to a kilobyte. */
export const mostCompared = 50_000;

export interface Datagram {
  readonly hash: number;
  readonly length: number;
  readonly frame: number;
  readonly at: number;
  readonly offset: number;
}

const none: readonly never[] = [];

export class SeenStream {
  length = 0;
  /** Bytes that went by and are not in the file. */
  lost = 0;
  /** Its first bytes, a character each. */
  head = '';
  /** Of complete blocks; NaN where something is missing in it. */
  blocks: readonly number[] = none;
  /** Pairs: the end in the stream that a packet brought it to (-1: the SYN), and when, in microseconds by the file's own clock. */
  marks: readonly number[] = none;
  datagrams: readonly Datagram[] = none;
  /** The smallest hashes of all pieces: two captures of the same bytes have some of them in common, wherever they begin. */
  pieces: readonly number[] = none;
  #hash: Hash | number = emptyHash;

  /** Of what follows the last complete block; NaN where something is missing in it. */
  get tail(): number {
    return typeof this.#hash === 'number' ? this.#hash : this.#hash.value;
  }

  /** What comes later counts as missing. @param isLean keeps only what recognises it */
  seal(isLean: boolean): void {
    this.#hash = this.tail;
    if (!isLean) return;
    this.marks = this.marks.slice(0, 2 * sealedMarks);
    // What is short is hardly joined in its middle: its beginning is enough.
    this.pieces = this.length > blockBytes ? this.pieces.slice(0, sealedPieces) : none;
    this.datagrams = this.datagrams.slice(0, sealedMarks);
    this.head = this.head.slice(0, sealedHead);
  }

  add(bytes: Uint8Array): void {
    if (this.head.length < headBytes && this.head.length === this.length)
      this.head += latin1Text(bytes.subarray(0, headBytes - this.head.length));
    for (let at = 0; at < bytes.length; ) {
      const end = Math.min(bytes.length, at + blockBytes - (this.length % blockBytes));
      if (this.#hash === emptyHash && this.length % blockBytes === 0) this.#hash = new Hash();
      if (typeof this.#hash !== 'number') this.#hash.add(bytes, at, end);
      else this.#hash = Number.NaN;
      this.#advance(end - at);
      at = end;
    }
  }

  skip(length: number): void {
    this.lost += length;
    for (let left = length; left > 0; ) {
      const step = Math.min(left, blockBytes - (this.length % blockBytes));
      this.#hash = Number.NaN;
      this.#advance(step);
      left -= step;
    }
  }

  mark(reached: number, at: number): void {
    if (this.marks.length < 2 * mostMarks) this.marks = pushed(this.marks, reached, at);
  }

  datagram(one: Datagram): void {
    if (this.datagrams.length < mostDatagrams) this.datagrams = pushed(this.datagrams, one);
  }

  piece(hash: number): void {
    const { pieces } = this;
    if (pieces.length === mostPieces && hash >= (pieces.at(-1) ?? 0)) return;
    if (pieces.includes(hash)) return;
    this.pieces = [...pieces, hash].sort((one, other) => one - other).slice(0, mostPieces);
  }

  #advance(length: number): void {
    this.length += length;
    if (this.length % blockBytes !== 0) return;
    this.blocks = pushed(this.blocks, this.tail);
    this.#hash = emptyHash;
  }
}

/** The same list with more at its end; a list of its own where it was the one that all begin with. */
function pushed<T>(list: readonly T[], ...more: readonly T[]): readonly T[] {
  if (list === none) return more;
  (list as T[]).push(...more);
  return list;
}

/** 53 bits: enough to tell streams apart that nobody made to be mistaken for each other. */
class Hash {
  #low = 0x811c9dc5;
  #high = 0x2f0b4c47;

  get value(): number {
    return (this.#low >>> 0) * 0x200000 + (this.#high >>> 11);
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    let low = this.#low;
    let high = this.#high;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] ?? 0;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x5bd1e995) ^ (high >>> 15);
    }
    this.#low = low;
    this.#high = high;
  }
}

/** Of no bytes. */
const emptyHash = new Hash().value;

function hashOf(bytes: Uint8Array): number {
  const hash = new Hash();
  hash.add(bytes, 0, bytes.length);
  return hash.value;
}

export interface SeenConnection {
  /** Its number in that file. */
  readonly conn: number;
  readonly transport: Transport;
  /** The wire, as that file names it. */
  readonly hop: string;
  readonly client: Address;
  readonly server: Address;
  /** Of its first packet. */
  readonly frame: number;
  readonly late: boolean;
  readonly reconstructed: boolean;
  /** Of a capture of wirelab: the client's connection for which a proxy opened it, by its number in that file. */
  readonly relays?: number | undefined;
  readonly onBehalfOf?: number | undefined;
  /** Initial sequence numbers. */
  readonly initial: Partial<Record<Side, number>>;
  streams: Readonly<Record<Side, SeenStream>>;
  /** The reset that ended it. */
  reset?: { readonly by: Side | 'unknown'; readonly frame: number };
}

const nothingSeen = { client: new SeenStream(), server: new SeenStream() };

/** What one file holds. */
export interface Survey {
  readonly topology: Topology | undefined;
  /** Its connections and flows, also those that are not compared. */
  readonly count: number;
  readonly connections: ReadonlyMap<number, SeenConnection>;
}

/** Takes what a `CaptureReader` reads of one file. */
export class Surveyor implements Survey {
  readonly connections = new Map<number, SeenConnection>();
  topology: Topology | undefined;
  count = 0;
  readonly #clock = new PacketClock();
  readonly #replay: Replay;
  #frame = 0;
  #at = 0;

  readonly #most: number;

  /** @param most connections that are compared, at most */
  constructor(topologyOf: NonNullable<ReplayOptions['topologyOf']>, most = mostCompared) {
    this.#most = most;
    this.#replay = new Replay({
      clock: this.#clock,
      version: '',
      copies: true,
      topologyOf: (interfaces) => (this.topology = topologyOf(interfaces)),
      append: (draft) => this.#fold(draft),
      onSyn: (conn, from, sequence) => this.#syn(conn, from, sequence),
    });
  }

  interface(facts: CapturedInterface): void {
    this.#replay.interface(facts);
  }

  packet(packet: PacketRecord): void {
    this.#frame++;
    this.#at = packet.microseconds;
    this.#replay.packet(packet);
  }

  end(): void {
    this.#replay.end();
  }

  /** Everything has been compared: of a connection only its place in the file is still needed. */
  release(): void {
    for (const connection of this.connections.values()) connection.streams = nothingSeen;
    this.connections.clear();
  }

  #syn(conn: number, from: Side, sequence: number): void {
    const connection = this.connections.get(conn);
    if (!connection || connection.initial[from] !== undefined) return;
    connection.initial[from] = sequence;
    connection.streams[from].mark(-1, this.#at);
  }

  #fold(draft: CaptureDraft): void {
    if (draft.type === 'opened') {
      // A connection that goes on behind its end is opened once more.
      if (this.connections.has(draft.conn)) return;
      this.count++;
      if (this.connections.size >= this.#most) return;
      this.connections.set(draft.conn, {
        conn: draft.conn,
        transport: draft.transport,
        hop: draft.hop,
        client: draft.from,
        server: draft.to,
        frame: draft.frame ?? 0,
        late: draft.late === true,
        reconstructed: draft.reconstructed === true,
        relays: draft.relays,
        onBehalfOf: draft.onBehalfOf,
        initial: {},
        streams: { client: new SeenStream(), server: new SeenStream() },
      });
    } else if (draft.type === 'closed') {
      const connection = this.connections.get(draft.conn);
      if (!connection) return;
      if (draft.how === 'reset') connection.reset = { by: draft.by, frame: draft.frame ?? 0 };
      for (const stream of Object.values(connection.streams))
        stream.seal(this.connections.size > fewConnections);
    } else if (draft.type === 'bytes') this.#bytes(draft);
  }

  #bytes({ conn, from, bytes, dropped, frame }: Extract<CaptureDraft, { type: 'bytes' }>): void {
    const connection = this.connections.get(conn);
    if (!connection) return;
    const stream = connection.streams[from];
    if (dropped) stream.skip(dropped);
    if (bytes.length === 0) return;
    const offset = stream.length;
    stream.add(bytes);
    const isDatagram = connection.transport !== 'tcp';
    const isNow = frame === this.#frame;
    if (isDatagram || bytes.length >= shortestPiece) {
      const hash = hashOf(isDatagram ? bytes : bytes.subarray(0, headBytes));
      stream.piece(hash);
      if (isDatagram)
        stream.datagram({ hash, length: bytes.length, frame: frame ?? 0, at: this.#at, offset });
    }
    if (isNow && !isDatagram) stream.mark(stream.length, this.#at);
  }
}
