/**
 * Searches the shown conversation: titles, facts and bytes. A long conversation is searched in several turns, so that no key
 * waits for it. At messages that are only in the recording it stops, and continues when they are read back.
 */
import type { Selection } from './selection.ts';
import { pointed } from './selection.ts';
import type { Cursor } from '../message.ts';
import type { Going } from './going.ts';
import type { Model } from './model.ts';
import type { Row } from './rows.ts';

export type Searched =
  | { readonly going: Going }
  | { readonly gap: number; readonly isRound: boolean }
  | { readonly cursor?: Cursor; readonly wrapped?: boolean };

/** How many messages or bytes are searched in one turn: some milliseconds. */
const messagesAtOnce = 5000;
const bytesAtOnce = 4 * 1024 * 1024;

export function searchOn(model: Model, look: Selection, going: Going): Searched {
  const { step, looked, begun } = going;
  const { rows, chosen } = look;
  const sought = model.search.sought;
  const bytes = Buffer.from(sought, 'utf8');
  const words = sought.toLowerCase();
  let read = 0;
  let index = 0;
  const origin = begun && rowAt(look, begun);
  // The message where the search began comes last again, up to the cursor.
  const last = looked < 0 ? rows.length - 1 : rows.length;
  for (let at = looked; at <= last; at++) {
    if (index++ >= messagesAtOnce || read >= bytesAtOnce) return { going: { ...going, looked: at } };
    const position =
      (((chosen + step * Math.max(0, at + (looked < 0 ? 1 : 0))) % rows.length) + rows.length) % rows.length;
    const row = rows.at(position);
    if (!row) continue;
    const isBehind = step > 0 ? position < chosen : position > chosen;
    const isRound = isBehind || begun?.isRound === true;
    // Wrapping twice would never end.
    if (isBehind && begun?.isRound) return {};
    if (isRound && origin !== undefined && (step > 0 ? position > origin : position < origin)) return {};
    if (row.message.notKept !== undefined && model.recording !== undefined && position !== chosen)
      return { gap: position, isRound };
    read += row.message.length;
    // The message under the cursor may contain another match after the cursor.
    const behind = at === 0 && looked >= 0 ? pointed(look)?.offset : undefined;
    const found = foundIn(row, { words, bytes, step, behind, language: model.language });
    if (found === undefined) continue;
    return {
      cursor: { conn: row.connection.conn, message: row.index, offset: found },
      wrapped: isRound || at === rows.length,
    };
  }
  return {};
}

/** The first row of a connection from a time on, or the row after it. */
function rowAt(
  { rows }: Selection,
  { conn, at }: { readonly conn: number; readonly at: number },
): number | undefined {
  for (let index = 0; index < rows.length; index++) {
    const row = rows.at(index);
    if (row?.connection.conn === conn && row.message.at >= at) return index;
  }
  return undefined;
}

interface Sought {
  readonly words: string;
  readonly bytes: Buffer;
  readonly step: 1 | -1;
  /** Only beyond this byte, in the direction of the search. */
  readonly behind: number | undefined;
  readonly language: Model['language'];
}

function foundIn({ message }: Row, { words, bytes, step, behind, language }: Sought): number | undefined {
  const payload = message.bytes();
  if (payload && bytes.length > 0) {
    const whole = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    const from = behind === undefined ? undefined : behind - message.offset;
    const at =
      step > 0
        ? whole.indexOf(bytes, from === undefined ? 0 : from + 1)
        : from === 0
          ? -1
          : whole.lastIndexOf(bytes, from === undefined ? undefined : from - 1);
    if (at >= 0) return message.offset + at;
  }
  if (behind !== undefined) return undefined;
  return `${message.title[language]} ${message.facts[language]}`.toLowerCase().includes(words)
    ? message.offset
    : undefined;
}
