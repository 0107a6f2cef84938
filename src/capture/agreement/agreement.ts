/**
 * Compares what the taps recorded with what was captured on the wires themselves: every connection of the log with the captured
 * one between the same addresses and ports, each direction by its length and its SHA-256.
 *
 * 1. Bytes that differ, that only one of both has, or that the capture is missing are differences.
 * 2. Two things are none, and are counted: bytes that were written, and never sent because the connection was reset (a lost one is not sent again then); and bytes that
 *    were never read, because the end that should have read them had closed (it has reset the connection, or its FIN came before the other one).
 * 3. Of datagrams, those are not read that come when the question is settled.
 */
import { sha256Hex } from '../../core/sha256.ts';
import { formatAddress, otherSide } from '../event.ts';
import type { Address, Side } from '../event.ts';
import type { Connection } from '../connection.ts';
import type { FlowStream } from '../flow-stream.ts';
import type { TappedConnection, TappedStream } from './run-events.ts';
import type { CapturedLink } from './captured-link.ts';

export type DifferenceKind =
  /** The capture has no connection between these addresses. */
  | 'not_captured'
  /** No tap has recorded it. */
  | 'not_tapped'
  /** At this place another byte was captured. */
  | 'bytes_differ'
  /** Recorded by the tap, and never seen on the wire. */
  | 'never_crossed'
  /** Seen on the wire, and never recorded. */
  | 'never_recorded'
  /** It went by, and the capture does not have it. */
  | 'lost_by_capture';

export interface Difference {
  readonly kind: DifferenceKind;
  readonly hop?: string;
  readonly conn?: number;
  readonly client: Address;
  readonly server: Address;
  readonly from?: Side;
  /** Where in the stream it begins, and how long it is. */
  readonly offset?: number;
  readonly length?: number;
}

/** One direction of a connection, as both have it. */
export interface ComparedStream {
  readonly bytes: number;
  readonly sha256: string;
}

export interface ComparedConnection {
  readonly conn: number;
  readonly hop: string;
  readonly client: ComparedStream;
  readonly server: ComparedStream;
}

export interface Agreement {
  /** Those that agree in both directions. */
  readonly connections: readonly ComparedConnection[];
  readonly differences: readonly Difference[];
  /** Bytes that were written and never sent, and bytes that were sent and never read, where that is no difference. */
  readonly unsent: number;
  readonly unread: number;
  readonly packets: number;
}

/** A captured connection, and which part of its streams belongs to the one that was tapped. */
export interface Match {
  readonly connection: Connection;
  readonly start: Readonly<Record<Side, number>>;
  readonly end: Readonly<Record<Side, number>>;
  /** And the capture has every packet. */
  readonly wasReset: boolean;
  /** The packet with which each side ended its direction, by its number in the capture. */
  readonly endOf: Readonly<Partial<Record<Side, number>>>;
}

const sides = ['client', 'server'] as const;

const keyOf = (transport: string, from: Address, to: Address): string =>
  `${transport} ${formatAddress(from)} ${formatAddress(to)}`;

/**
 * The captured connection of each tapped one, by its number. The links are in the order in which a client's packets cross them: a
 * connection that crosses several is taken from the first.
 */
export function matchConnections(
  tapped: readonly TappedConnection[],
  links: readonly CapturedLink[],
): { readonly matches: ReadonlyMap<number, Match>; readonly left: readonly Connection[] } {
  const captured = new Map<string, { readonly connection: Connection; readonly link: CapturedLink }[]>();
  const elsewhere = new Set<string>();
  for (const link of links) {
    const own = new Set<string>();
    for (const connection of link.flows.connections) {
      if (!connection.opened) continue;
      const { transport, from, to } = connection.opened;
      const key = keyOf(transport, from, to);
      if (elsewhere.has(key)) continue;
      own.add(key);
      captured.set(key, [...(captured.get(key) ?? []), { connection, link }]);
    }
    for (const key of own) elsewhere.add(key);
  }
  const matches = new Map<number, Match>();
  const counts = new Map<string, number>();
  const used = new Map<Connection, Record<Side, number>>();
  const lastOf = new Map<Connection, number>();
  for (const { opened, streams } of tapped) {
    const { transport, from, to, conn } = opened;
    const key = keyOf(transport, from, to);
    const index = counts.get(key) ?? 0;
    counts.set(key, index + 1);
    const all = captured.get(key) ?? [];
    // All datagrams between two ports are one flow.
    const found = transport === 'tcp' ? all[index] : all[0];
    if (!found) continue;
    const { connection, link } = found;
    const start = used.get(connection) ?? { client: 0, server: 0 };
    const end = {
      client: start.client + streams.client.length,
      server: start.server + streams.server.length,
    };
    used.set(connection, end);
    lastOf.set(connection, conn);
    const wasReset = transport === 'tcp' && link.isComplete && link.endings.wasReset(from, to, index);
    const endOf = transport === 'tcp' ? link.endings.endOf(from, to, index) : {};
    matches.set(conn, { connection, start, end, wasReset, endOf });
  }
  // The last of several has what follows.
  for (const [connection, conn] of lastOf) {
    const match = matches.get(conn);
    const wire = {
      client: connection.lengthOf('wire', 'client'),
      server: connection.lengthOf('wire', 'server'),
    };
    if (match)
      matches.set(conn, {
        ...match,
        end: {
          client: Math.max(match.end.client, wire.client),
          server: Math.max(match.end.server, wire.server),
        },
      });
  }
  const left = [...captured.values()]
    .flat()
    .map(({ connection }) => connection)
    .filter((connection) => !used.has(connection));
  return { matches, left };
}

/** Bytes with their place in a stream. */
export interface Piece {
  readonly offset: number;
  readonly bytes: Buffer;
}

const endOfPiece = ({ offset, bytes }: Piece): number => offset + bytes.length;

/** What a direction had captured from `start` up to `end`: pieces with their places, none where nothing was captured. */
export function capturedPieces(stream: FlowStream, start: number, end: number): Piece[] {
  return stream.chunks.flatMap((chunk) => {
    const { buffer, byteOffset, length } = stream.payload(chunk);
    const bytes = Buffer.from(buffer, byteOffset, length);
    const from = Math.max(start, chunk.offset);
    const to = Math.min(end, chunk.offset + bytes.length);
    return bytes.length < chunk.length || from >= to
      ? []
      : [{ offset: from - start, bytes: bytes.subarray(from - chunk.offset, to - chunk.offset) }];
  });
}

interface StreamResult {
  readonly compared: ComparedStream;
  readonly difference?: Pick<Difference, 'kind' | 'offset' | 'length'>;
  readonly unsent: number;
  readonly unread: number;
}

function compareStream(tapped: TappedStream, match: Match, from: Side): StreamResult {
  const stream = match.connection.stream('wire', from);
  const [start, end] = [match.start[from], match.end[from]];
  const own = Buffer.concat(tapped.events.map(({ bytes }) => bytes));
  const pieces = capturedPieces(stream, start, end);
  const wire = Buffer.concat(pieces.map(({ bytes }) => bytes));
  // Of both, what both should have.
  const common = Buffer.concat(pieces.map((piece) => own.subarray(piece.offset, endOfPiece(piece))));
  const sha256 = sha256Hex(common);
  const compared = { bytes: common.length, sha256 };
  const unsent = own.length - common.length;
  const unread = wire.length - common.length;
  const differs = (kind: DifferenceKind, offset: number, length?: number): StreamResult => ({
    compared,
    difference: { kind, offset, ...(length === undefined ? {} : { length }) },
    unsent: 0,
    unread: 0,
  });
  const within = pieces.map(({ offset, bytes }) => bytes.subarray(0, Math.max(0, own.length - offset)));
  if (sha256 !== sha256Hex(Buffer.concat(within))) {
    for (const { offset, bytes } of pieces) {
      const at = firstDifference(own.subarray(offset), bytes);
      if (at !== undefined) return differs('bytes_differ', offset + at);
    }
  }
  const length = Math.max(0, Math.min(stream.length, end) - start);
  const gap = firstGap(pieces, length);
  if (match.wasReset) return { compared, unsent, unread };
  if (gap !== undefined) return differs('lost_by_capture', gap, length - wire.length);
  if (unsent > 0) return differs('never_crossed', common.length, unsent);
  const [ownEnd = Infinity, readersEnd] = [match.endOf[from], match.endOf[otherSide[from]]];
  // Who ends a connection first need not read on, and nobody reads datagrams that come too late.
  const needNotRead =
    match.connection.opened?.transport === 'udp' || (readersEnd !== undefined && readersEnd < ownEnd);
  if (unread > 0 && !needNotRead) return differs('never_recorded', common.length, unread);
  return { compared, unsent, unread };
}

/** Compares every connection. @param left captured ones that no tap has recorded */
export function compare(
  tapped: readonly TappedConnection[],
  { matches, left }: ReturnType<typeof matchConnections>,
  packets: number,
): Agreement {
  const connections: ComparedConnection[] = [];
  const differences: Difference[] = [];
  let [unsent, unread] = [0, 0];
  for (const { opened, streams } of tapped) {
    const { conn, hop, from: client, to: server } = opened;
    const place = { hop, conn, client, server };
    const match = matches.get(conn);
    if (!match) {
      differences.push({ kind: 'not_captured', ...place });
      continue;
    }
    const results = sides.map((from) => ({ from, ...compareStream(streams[from], match, from) }));
    for (const { from, difference } of results)
      if (difference) differences.push({ ...place, from, ...difference });
    for (const result of results) {
      unsent += result.unsent;
      unread += result.unread;
    }
    const [ofClient, ofServer] = results;
    if (ofClient && ofServer && !results.some(({ difference }) => difference))
      connections.push({ conn, hop, client: ofClient.compared, server: ofServer.compared });
  }
  for (const connection of left) {
    const { opened } = connection;
    // An attempt that nobody answered carries nothing.
    const length = connection.lengthOf('wire', 'client') + connection.lengthOf('wire', 'server');
    if (opened && length > 0)
      differences.push({ kind: 'not_tapped', client: opened.from, server: opened.to, length });
  }
  return { connections, differences, unsent, unread, packets };
}

function firstGap(pieces: readonly Piece[], length: number): number | undefined {
  let at = 0;
  for (const piece of pieces) {
    if (piece.offset > at) return at;
    at = endOfPiece(piece);
  }
  return at < length ? at : undefined;
}

/** As far as both go. */
function firstDifference(one: Uint8Array, other: Uint8Array): number | undefined {
  const at = one.findIndex((byte, index) => index < other.length && byte !== other[index]);
  return at < 0 ? undefined : at;
}
