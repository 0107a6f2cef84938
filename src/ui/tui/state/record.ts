/**
 * The selected record in three views: read without keys, its bytes, and decrypted with the keys. `view/record.ts` draws them.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import type { Connection } from '../../../capture/connection.ts';
import { lookAt, pointed, underOtherReading } from './selection.ts';
import type { Selection } from './selection.ts';
import { withPlaceWithout } from './model.ts';
import type { Model } from './model.ts';

export interface RecordViews {
  readonly connection: Connection;
  /** Read without keys. */
  readonly sealed: WireMessage;
  /** Its decrypted content, in order: handshake messages, requests; empty without keys, or if none are needed. */
  readonly opened: readonly WireMessage[];
}

export function recordViews(model: Model, look: Selection): RecordViews | undefined {
  const place = pointed(look);
  if (!place || place.row.message.from === null) return undefined;
  const { connection } = place.row;
  const other = lookAt(withPlaceWithout({ ...model, opened: !model.opened }, 'cursor'));
  const [closedLook, openedLook] = model.opened ? [other, look] : [look, other];
  const sealed =
    model.opened && other ? underOtherReading(look, other, place.row)?.message : place.row.message;
  if (!sealed || !closedLook) return undefined;
  return {
    connection,
    sealed,
    opened: openedLook && sealed.sealed ? insideOf(openedLook, connection, sealed) : [],
  };
}

/** Messages in the position of a record, and their content. */
function insideOf(
  look: Selection,
  connection: Connection,
  { from, offset, length }: WireMessage,
): WireMessage[] {
  const found: WireMessage[] = [];
  const isThere = (message: WireMessage): boolean =>
    message.conn === connection.conn &&
    message.from === from &&
    message.vantage === 'wire' &&
    message.offset < offset + length &&
    message.offset + message.length > offset;
  const first = look.rows.findIndex(isThere);
  const end = first < 0 ? first : look.rows.length;
  for (let index = first; index < end && found.length < mostInside; index++) {
    const row = look.rows.at(index);
    if (!row || row.connection !== connection) break;
    const { message } = row;
    if (message.vantage === 'wire' && message.from === from && !isThere(message)) break;
    if (message.from !== from) continue;
    if (message.vantage !== 'wire' || message.opened) found.push(message);
  }
  // The request is more specific than the record that carries it.
  return found.some(({ vantage }) => vantage !== 'wire')
    ? found.filter(({ vantage }) => vantage !== 'wire')
    : found;
}

/** A record holds a handful of handshake messages. */
const mostInside = 16;
