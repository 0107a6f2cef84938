/**
 * The messages of one wire during one stretch of the log, as a virtual list: it may have a million rows, and a screen shows
 * thirty. Connection by connection, in the order in which they were opened.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import { indexFrom, lastUpTo } from '../../../capture/flow-stream.ts';
import type { Connection } from '../../../capture/connection.ts';

/** A message with its connection. */
export interface Row {
  readonly connection: Connection;
  /** Its index among the messages of its connection. */
  readonly index: number;
  readonly message: WireMessage;
}

interface Stretch {
  readonly connection: Connection;
  readonly messages: readonly WireMessage[];
  readonly start: number;
  readonly end: number;
  /** How many rows precede it. */
  readonly before: number;
}

/** How many rows are searched at once. */
const lookAhead = 2000;

export class Rows {
  readonly #stretches: Stretch[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds those messages of a connection that were completed from event `first` to event `last`. */
  add(connection: Connection, messages: readonly WireMessage[], first: number, last: number): void {
    const start = placeOf(messages, first);
    const end = placeOf(messages, last + 1);
    if (end <= start) return;
    this.#stretches.push({ connection, messages, start, end, before: this.#length });
    this.#length += end - start;
  }

  at(index: number): Row | undefined {
    const stretch = this.#stretches[this.#stretchAt(index)];
    const message =
      stretch && index >= 0 && index < this.#length
        ? stretch.messages[stretch.start + index - stretch.before]
        : undefined;
    return (
      stretch &&
      message && { connection: stretch.connection, index: stretch.start + index - stretch.before, message }
    );
  }

  /** The index of that message of that connection; -1 if it is not among them. */
  indexOf(conn: number, message: number): number {
    const stretch = this.#stretches.find(({ connection }) => connection.conn === conn);
    return stretch && message >= stretch.start && message < stretch.end
      ? stretch.before + message - stretch.start
      : -1;
  }

  /** The first match among the rows searched at once; -1 if there is none. */
  findIndex(matches: (message: WireMessage) => boolean): number {
    for (const { messages, start, end, before } of this.#stretches) {
      for (let index = start; index < end; index++) {
        if (before + index - start >= lookAhead) return -1;
        const message = messages[index];
        if (message && matches(message)) return before + index - start;
      }
    }
    return -1;
  }

  slice(from: number, to: number): Row[] {
    const rows: Row[] = [];
    for (let index = Math.max(0, from); index < Math.min(to, this.#length); index++) {
      const row = this.at(index);
      if (row) rows.push(row);
    }
    return rows;
  }

  /** Index of the last stretch that begins at or before that row. */
  #stretchAt(row: number): number {
    return lastUpTo(this.#stretches.length, (index) => this.#stretches[index]?.before ?? 0, row);
  }
}

/** The first message of that event or a later one, in the order of completion. */
function placeOf(messages: readonly WireMessage[], seq: number): number {
  if (seq <= (messages[0]?.seq ?? 0)) return 0;
  if ((messages.at(-1)?.seq ?? -1) < seq) return messages.length;
  return indexFrom(messages.length, (index) => messages[index]?.seq ?? 0, seq);
}
