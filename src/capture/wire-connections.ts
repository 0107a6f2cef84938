/** Finds the connections of a wire by a range of the log. */
import type { Connection } from './connection.ts';

/** The number of neighbours skipped at once in a list. */
export const neighbours = 128;

/** The connections of one wire, from which those of a stretch of the log are found without asking every one of them. */
export class WireConnections {
  /** What was removed leaves a hole until there are many. */
  #all: (Connection | undefined)[] = [];
  #count = 0;
  readonly #places = new Map<Connection, number>();
  /** The newest event about any of these neighbours. */
  #newest: number[] = [];

  get all(): Connection[] {
    return this.#all.filter((one) => one !== undefined);
  }

  add(connection: Connection): void {
    this.#places.set(connection, this.#all.length);
    this.#all.push(connection);
    this.#count++;
  }

  /** The newest event of the log is about that connection. */
  heard(connection: Connection, seq: number): void {
    this.#newest[Math.floor((this.#places.get(connection) ?? 0) / neighbours)] = seq;
  }

  remove(connection: Connection): void {
    const place = this.#places.get(connection);
    if (place === undefined) return;
    this.#places.delete(connection);
    this.#all[place] = undefined;
    this.#count--;
    if (this.#all.length > 2 * this.#count + neighbours) this.#closeUp();
  }

  between(first: number, last: number): readonly Connection[] {
    const found: Connection[] = [];
    for (let at = 0; at < this.#all.length; at++) {
      if (at % neighbours === 0 && (this.#newest[at / neighbours] ?? -1) < first) {
        at += neighbours - 1;
        continue;
      }
      const connection = this.#all[at];
      if (!connection) continue;
      if (connection.firstSeq > last) break;
      if (connection.lastSeq >= first) found.push(connection);
    }
    return found;
  }

  newest(last: number, most: number): readonly Connection[] {
    const found: Connection[] = [];
    for (let at = this.#all.length - 1; at >= 0 && found.length < most; at--) {
      const connection = this.#all[at];
      if (connection && connection.firstSeq <= last) found.push(connection);
    }
    return found;
  }

  #closeUp(): void {
    const kept = this.all;
    this.#all = [];
    this.#newest = [];
    this.#count = 0;
    for (const one of kept) {
      this.add(one);
      const at = Math.floor((this.#all.length - 1) / neighbours);
      this.#newest[at] = Math.max(this.#newest[at] ?? -1, one.lastSeq);
    }
  }
}
