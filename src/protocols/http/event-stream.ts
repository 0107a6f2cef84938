/**
 * Server-sent events (WHATWG HTML section 9.2): finds the end of each event in a body that comes in pieces, and reads an event.
 */
import { headerValue } from './message.ts';
import type { Head } from './message.ts';

/** An event, a comment, or the end of the stream. */
export interface HttpEvent {
  readonly type: 'event';
  readonly name?: string;
  readonly id?: string;
  /** Its lines, joined; empty for a comment and for the end. */
  readonly data: string;
  readonly isComment: boolean;
  /** The same in the form of the stream. */
  readonly body: Uint8Array;
  /** Where the body stands in the direction, between what frames it. */
  readonly places: readonly (readonly [start: number, end: number])[];
}

/** Whether a response goes on as events; one that is compressed is not read as it comes. */
export function isEventStream(head: Head): boolean {
  return (
    head.type === 'response' &&
    /^\s*text\/event-stream\b/i.test(headerValue(head, 'content-type') ?? '') &&
    /^(\s*identity\s*)?$/i.test(headerValue(head, 'content-encoding') ?? '')
  );
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Finds empty lines, over the pieces in which a body comes. */
export class EventSplitter {
  /** Of the line under way, without its end. */
  #lineLength = 0;
  #endsInReturn = false;
  #hasLines = false;

  /** @returns how many of the bytes belong to the event under way; fewer than all, or all, where `isWhole` */
  take(bytes: Uint8Array): number {
    this.isWhole = false;
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at];
      const wasReturn = this.#endsInReturn;
      this.#endsInReturn = byte === carriageReturn;
      if (byte === lineFeed && wasReturn) continue;
      if (byte !== lineFeed && byte !== carriageReturn) {
        this.#lineLength++;
        continue;
      }
      const isEmpty = this.#lineLength === 0;
      this.#lineLength = 0;
      if (!isEmpty) this.#hasLines = true;
      else if (this.#hasLines) {
        this.#hasLines = false;
        this.isWhole = true;
        // The second half of this line's end belongs to it, where it is there already.
        const ends = byte === carriageReturn && bytes[at + 1] === lineFeed;
        if (ends) this.#endsInReturn = false;
        return at + (ends ? 2 : 1);
      }
    }
    return bytes.length;
  }

  isWhole = false;
}

export function readEvent(body: Uint8Array, places: HttpEvent['places']): HttpEvent {
  const data: string[] = [];
  let name: string | undefined;
  let id: string | undefined;
  let hasComment = false;
  for (const line of Buffer.from(body)
    .toString('utf8')
    .split(/\r\n|\n|\r/)) {
    const [whole, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (whole === undefined || whole === '') continue;
    if (field === '') hasComment = true;
    else if (field === 'data') data.push(value);
    else if (field === 'event') name = value;
    else if (field === 'id') id = value;
  }
  return {
    type: 'event',
    data: data.join('\n'),
    isComment: hasComment && data.length === 0,
    body,
    places,
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
  };
}
