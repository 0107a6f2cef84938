/**
 * The messages of one wire during one stretch of the log, as a list that is never built: it may be a million long, and a
 * screen shows thirty. Connection by connection, in the order in which they were opened.
 */
import type { Message as WireMessage } from '../analysis/conversation.ts';
import type { Connection } from '../capture/flows.ts';

/** A message with where it came from. */
export interface Row {
  readonly connection: Connection;
  /** Its place among the messages of its connection. */
  readonly index: number;
  readonly message: WireMessage;
}

interface Stretch {
  readonly connection: Connection;
  readonly messages: readonly WireMessage[];
  readonly start: number;
  readonly end: number;
}

/** Further than this nothing is looked for at once. */
const lookAhead = 2000;

export class Rows {
  readonly #stretches: Stretch[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Adds those messages of a connection that were completed from event `first` to event `last`. */
  add(connection: Connection, messages: readonly WireMessage[], first: number, last: number): void {
    const start = firstFrom(messages, first);
    const end = firstFrom(messages, last + 1);
    if (end <= start) return;
    this.#stretches.push({ connection, messages, start, end });
    this.#length += end - start;
  }

  at(index: number): Row | undefined {
    let left = index;
    for (const { connection, messages, start, end } of this.#stretches) {
      const message = left >= 0 && left < end - start ? messages[start + left] : undefined;
      if (message) return { connection, index: start + left, message };
      left -= end - start;
    }
    return undefined;
  }

  /** Where that message of that connection stands; -1 when it is not among them. */
  indexOf(conn: number, message: number): number {
    let before = 0;
    for (const { connection, start, end } of this.#stretches) {
      if (connection.conn === conn && message >= start && message < end) return before + message - start;
      before += end - start;
    }
    return -1;
  }

  /** The first of them, as far as one looks at once; -1 when there is none. */
  findIndex(matches: (message: WireMessage) => boolean): number {
    for (let index = 0; index < Math.min(this.#length, lookAhead); index++) {
      const row = this.at(index);
      if (row && matches(row.message)) return index;
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
}

/** Messages stand in the order in which they were completed. */
function firstFrom(messages: readonly WireMessage[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((messages[middle]?.seq ?? 0) < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
