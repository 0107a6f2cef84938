/**
 * Requests messages that are no longer in memory when the cursor moves into a gap that the recording can fill, and places the
 * cursor when it is filled. `cli/io/read-back.ts` reads the recording.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import { readAt } from './reading.ts';
import { pointed } from './selection.ts';
import type { Selection } from './selection.ts';
import type { Cursor, Message, Page, PageWanted } from '../message.ts';
import { placeOf, withPlace, withPlaceWithout, without } from './model.ts';
import type { Model } from './model.ts';
import { isFromPage, messagesOf } from './page.ts';
import type { Row } from './rows.ts';

export function cursorOn({ connection, index, message }: Row): Cursor {
  return { conn: connection.conn, message: index, offset: message.offset };
}

interface Gap {
  /** The row at which the cursor stops. */
  readonly stopAt: number;
  readonly wanted: Omit<PageWanted, 'cursor'>;
}

/** The first gap on the way from the chosen row to another. */
export function gapOnTheWay(look: Selection, to: number): Gap | undefined {
  const { rows, chosen } = look;
  const step = to < chosen ? -1 : 1;
  for (let index = chosen; index !== to; ) {
    index += step;
    if (rows.at(index)?.message.notKept !== undefined) return gapAt(look, index, step);
  }
  return undefined;
}

export function gapAt({ rows }: Selection, index: number, step: 1 | -1): Gap | undefined {
  const row = rows.at(index);
  if (!row) return undefined;
  const { conn } = row.connection;
  const before = rows.at(index - 1);
  const at = before?.connection === row.connection ? before.message.at : -1;
  return {
    stopAt: index,
    wanted: step < 0 ? { conn, direction: 'before', at: row.message.at } : { conn, direction: 'behind', at },
  };
}

/** The first messages are in memory; what follows them, and their bytes, may not be. */
export function gapAtTheBeginning({ rows, place }: Selection, { opened }: Model): Gap | undefined {
  const index = rows.findIndex(({ notKept }) => notKept !== undefined);
  const row = rows.at(index);
  if (!row || rows.at(0)?.connection !== row.connection) return undefined;
  const isWhole = isFromPage(rows.at(0), place.page, opened) && !isFromPage(row, place.page, opened);
  return isWhole
    ? undefined
    : { stopAt: 0, wanted: { conn: row.connection.conn, direction: 'behind', at: -1 } };
}

/** The cursor is on a gap: requests the last messages in it. */
export function wantHere(model: Model): Model {
  const look = readAt(model);
  const { cursor } = placeOf(model);
  if (
    !look ||
    !cursor ||
    model.recording === undefined ||
    look.rows.at(look.chosen)?.message.notKept === undefined
  )
    return model;
  const gap = gapAt(look, look.chosen, -1);
  return gap ? withPlace(model, { wanted: { ...gap.wanted, cursor } }) : model;
}

/** The requested messages have arrived, or will not. A cursor that has moved meanwhile stays where it is. */
export function withResult(
  model: Model,
  { mode, wanted, result }: Extract<Message, { type: 'read-back' }>,
): Model {
  const place = model.places[mode];
  if (place?.wanted !== wanted) return model;
  const rest: Model = { ...model, places: { ...model.places, [mode]: without(place, 'wanted') } };
  if (mode !== model.mode) return rest;
  if ('failure' in result) return { ...rest, notice: result.failure };
  const look = readAt(rest);
  if (!look) return rest;
  const page = numbered(result.page, look);
  const shown = withPlace(rest, { page });
  const messages = messagesOf(page, model.opened);
  if (place.cursor === wanted.cursor) {
    const index =
      wanted.direction === 'before'
        ? messages.length - 1
        : Math.max(
            0,
            messages.findIndex(({ at, notKept }) => at > wanted.at && notKept === undefined),
          );
    return withPlace(shown, {
      cursor: { conn: wanted.conn, message: index, offset: messages[index]?.offset ?? 0 },
    });
  }
  const before = place.cursor && pointed(look)?.row;
  const after = before && sameRow(shown, before);
  return after
    ? withPlace(shown, { cursor: { ...cursorOn(after), offset: place.cursor.offset } })
    : withPlaceWithout(shown, 'cursor');
}

/** The new position of the same message. */
function sameRow(model: Model, { connection, message }: Row): Row | undefined {
  const rows = readAt(model)?.rows;
  for (let index = 0; index < (rows?.length ?? 0); index++) {
    const row = rows?.at(index);
    if (row?.connection === connection && isSame(row.message, message)) return row;
  }
  return undefined;
}

function isSame(one: WireMessage, other: WireMessage): boolean {
  return (
    one.at === other.at &&
    one.from === other.from &&
    one.vantage === other.vantage &&
    one.offset === other.offset &&
    one.title.en === other.title.en
  );
}

/** A recording has times but no event numbers: between two messages in memory, the time gives the approximate position. */
function numbered(page: Page, { rows }: Selection): Page {
  const known: WireMessage[] = [];
  for (let index = 0; index < rows.length; index++) {
    const row = rows.at(index);
    if (row?.connection.conn === page.conn) known.push(row.message);
  }
  return {
    ...page,
    sealed: withNumbers(page.sealed, known),
    opened: page.opened === page.sealed ? withNumbers(page.sealed, known) : withNumbers(page.opened, known),
  };
}

function withNumbers(messages: readonly WireMessage[], known: readonly WireMessage[]): WireMessage[] {
  let next = 0;
  return messages.map((message) => {
    while ((known[next]?.at ?? Infinity) <= message.at) next++;
    const before = known[next - 1];
    const behind = known[next];
    const start = before?.seq ?? behind?.seq ?? 0;
    const share = before && behind ? (message.at - before.at) / (behind.at - before.at) : 0;
    return { ...message, seq: start + Math.floor(share * ((behind?.seq ?? start) - start)) };
  });
}
