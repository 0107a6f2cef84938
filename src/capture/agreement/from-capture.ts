/**
 * The events of a run with every byte of a wire taken from a capture of that wire. Of what the capture does not have the bytes
 * are dropped ones, so that nothing is proven by them; but what was not sent before a reset was never on the wire. What an endpoint reports stays as it is.
 */
import { payloadLength } from '../event.ts';
import type { CaptureEvent, EventOf, Side } from '../event.ts';
import type { EventSource } from '../flow-stream.ts';
import { capturedPieces } from './agreement.ts';
import type { Match, Piece } from './agreement.ts';
import type { RunEvents } from './run-events.ts';

/** @param matches the captured connection of each tapped one */
export function eventsFromCapture(
  { events, connections }: RunEvents,
  matches: ReadonlyMap<number, Match>,
): EventSource & { readonly events: readonly CaptureEvent[] } {
  const last = new Map<string, number>();
  for (const { opened, streams } of connections)
    for (const from of ['client', 'server'] as const) {
      const event = streams[from].events.at(-1);
      if (event) last.set(placeOf(opened.conn, from), event.seq);
    }
  const offsets = new Map<string, number>();
  const taken = events.map((event): CaptureEvent => {
    if (event.type !== 'bytes' || event.vantage !== 'wire') return event;
    const place = placeOf(event.conn, event.from);
    const offset = offsets.get(place) ?? 0;
    const length = payloadLength(event);
    offsets.set(place, offset + length);
    return fromCapture(event, matches.get(event.conn), offset, last.get(place) === event.seq);
  });
  const bySeq = new Map(taken.map((event) => [event.seq, event]));
  return { events: taken, eventAt: (seq) => bySeq.get(seq) };
}

const placeOf = (conn: number, from: Side): string => `${conn} ${from}`;

/** @param isLast it gets what was captured behind it, too */
function fromCapture(
  event: EventOf<'bytes'>,
  match: Match | undefined,
  offset: number,
  isLast: boolean,
): EventOf<'bytes'> {
  const { dropped: _, ...rest } = event;
  const length = payloadLength(event);
  const start = (match?.start[event.from] ?? 0) + offset;
  const end = isLast && match ? Math.max(start + length, match.end[event.from]) : start + length;
  const pieces = match ? capturedPieces(match.connection.stream('wire', event.from), start, end) : [];
  const bytes = Buffer.concat(joined(pieces));
  if (bytes.length >= length) return { ...rest, bytes };
  // What was not sent before a reset was never on the wire: nothing is missing there.
  if (match?.wasReset && !hasMore(match, event.from, start + bytes.length)) return { ...rest, bytes };
  return { ...rest, bytes: new Uint8Array(0), dropped: length };
}

/** Whether anything was captured behind that place. */
function hasMore(match: Match, from: Side, place: number): boolean {
  const end = Math.max(place, match.connection.lengthOf('wire', from));
  return capturedPieces(match.connection.stream('wire', from), place, end).length > 0;
}

/** The pieces up to the first gap. */
function joined(pieces: readonly Piece[]): Uint8Array[] {
  let at = 0;
  const all: Uint8Array[] = [];
  for (const { offset, bytes } of pieces) {
    if (offset !== at) break;
    all.push(bytes);
    at += bytes.length;
  }
  return all;
}
