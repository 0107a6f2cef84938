/**
 * Holds the report of a capture back where it has to wait: for the summary that stands before it, for the order of opening, for
 * what a filter says of a connection at its end. Lines wait in `LineSpool`, in bounded memory.
 */
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import { LineSpool } from '../io/line-spool.ts';

export interface HeldReportOptions {
  /** All waits for the end: a file is summed up first. A pipe may never end: what it brings is printed as it comes. */
  readonly isOrdered: boolean;
  /** Connections wait for their end: only then is it known whether they are wanted. */
  readonly isFiltered: boolean;
  readonly write: (line: string) => void;
}

export class HeldReport {
  readonly #options: HeldReportOptions;
  readonly #lines = new LineSpool();
  readonly #rows = new LineSpool();
  /** Of no connection: they stand at the end. */
  readonly #closing: string[] = [];
  /** When each was opened. */
  readonly #opened = new Map<number, number>();
  /** Those that the filter lets through. */
  readonly #passed = new Set<number>();
  /** Connections whose last lines are being printed. */
  readonly #unwanted = new Set<number>();
  readonly #wanted = new Set<number>();

  constructor(options: HeldReportOptions) {
    this.#options = options;
  }

  /** @param conn undefined for what belongs to no connection */
  line(conn: number | undefined, line: string): void {
    const { isOrdered, isFiltered, write } = this.#options;
    if (conn === undefined) this.#closing.push(line);
    else if (isOrdered || isFiltered) this.#lines.add(conn, line);
    else write(line);
  }

  /** A connection is over. @param rows what stands of it in the list behind the summary */
  ended({ stream, openedAt }: ConnectionSummary, passes: boolean, rows: () => readonly string[]): void {
    const { isOrdered, isFiltered } = this.#options;
    this.#opened.set(stream, openedAt);
    if (!passes) {
      this.#lines.drop(stream);
      this.#unwanted.add(stream);
      return;
    }
    if (isFiltered) this.#passed.add(stream);
    if (!isOrdered) this.#wanted.add(stream);
    else for (const row of rows()) this.#rows.add(stream, row);
  }

  /** Whether the filter, if there is one, has let a connection through. */
  readonly isWanted = (conn: number): boolean => !this.#options.isFiltered || this.#passed.has(conn);

  /** Prints the connections that have ended and need not wait, and forgets those that nobody wants. */
  flush(): void {
    if (this.#unwanted.size + this.#wanted.size === 0) return;
    for (const conn of this.#unwanted) this.#lines.drop(conn);
    for (const conn of this.#wanted) for (const line of this.#lines.take(conn)) this.#options.write(line);
    this.#unwanted.clear();
    this.#wanted.clear();
  }

  get hasRows(): boolean {
    return this.#rows.connections.length > 0;
  }

  /** Prints what has waited: rows, connections in the order of opening, what belongs to none. */
  async print(untilWritten: () => Promise<void>): Promise<void> {
    const { write } = this.#options;
    const openedAt = (conn: number): number => this.#opened.get(conn) ?? 0;
    for (const from of [this.#rows, this.#lines]) {
      const inOrder = from.connections.toSorted(
        (one, other) => openedAt(one) - openedAt(other) || one - other,
      );
      for (const conn of inOrder) {
        for (const line of from.take(conn)) write(line);
        await untilWritten();
      }
    }
    for (const line of this.#closing) write(line);
  }

  close(): void {
    this.#lines.close();
    this.#rows.close();
  }
}
