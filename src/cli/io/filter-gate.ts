/**
 * Lets the lines of those connections through that a filter wants. Lines wait until it is known; what is known early (a name, a
 * status) opens the gate for all that follows.
 */
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { Filter } from '../../analysis/summary/filter.ts';
import { LineSpool } from './line-spool.ts';

export class FilterGate {
  readonly #filter: Filter;
  readonly #write: (line: string) => void;
  readonly #spool = new LineSpool();
  /** Of open connections whose fate is known. */
  readonly #known = new Map<number, boolean>();

  constructor(filter: Filter, write: (line: string) => void) {
    this.#filter = filter;
    this.#write = write;
  }

  readonly line = (conn: number, line: string): void => {
    const passes = this.#known.get(conn);
    if (passes === true) this.#write(line);
    else if (passes === undefined) this.#spool.add(conn, line);
  };

  /** More of a connection was read. */
  readonly progress = (conn: number, summary: () => ConnectionSummary): void => {
    if (!this.#known.has(conn)) this.#decide(conn, this.#filter.test(summary()));
  };

  /** All of its lines were given. */
  readonly ended = (summary: ConnectionSummary): void => {
    const { stream } = summary;
    if (!this.#known.has(stream)) this.#decide(stream, this.#filter.test(summary) === true);
    this.#known.delete(stream);
    this.#spool.drop(stream);
  };

  close(): void {
    this.#spool.close();
  }

  #decide(conn: number, passes: boolean | undefined): void {
    if (passes === undefined) return;
    this.#known.set(conn, passes);
    if (passes) for (const line of this.#spool.take(conn)) this.#write(line);
    else this.#spool.drop(conn);
  }
}
