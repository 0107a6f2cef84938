/**
 * The rows of an opened file, and those that a filter lets through: the same list as on the screen (`ui/tui/state/show/listing.ts`).
 * A little is read for each question, so that nothing goes on when nobody asks.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isFault, parseFilter } from '../../../analysis/summary/filter.ts';
import type { Filter } from '../../../analysis/summary/filter.ts';
import type { Flows } from '../../../capture/flows.ts';
import { outcomeFor } from '../../../presentation/refusals.ts';
import { isReadFor } from '../../../presentation/report/list-orders.ts';
import type { ListOrder } from '../../../presentation/report/list-orders.ts';
import { listedRow } from '../../../presentation/report/listed-row.ts';
import type { Stop } from '../../../presentation/moment.ts';
import { textOf } from '../../../ui/html/bytes/texts.ts';
import { render } from '../../../ui/html/element.ts';
import type { ViewFault, ViewRows } from '../../../ui/html/view/format.ts';
import { longestFilter, mostRows } from '../../../ui/html/view/format.ts';
import { viewRow } from '../../../ui/html/view/view.ts';
import type { Language } from '../../../i18n/language.ts';
import { Listing } from '../../../ui/tui/state/show/listing.ts';
import { screenWords } from '../../../ui/tui/state/words.ts';

/** How long a question is worked on, in milliseconds. */
const patience = 200;

/** Filters that are kept as far as they have come: as many as pages are open beside each other. */
const mostSearches = 4;

/** What a page asks for. */
export interface RowsAsked {
  readonly filter: string;
  readonly order: ListOrder;
  readonly from: number;
  readonly count: number;
  /** A connection whose row is wanted. */
  readonly conn?: number | undefined;
}

interface Search {
  readonly filter: Filter | undefined;
  readonly listing: Listing;
  readonly run: { version: number };
}

export class ViewedRows {
  readonly #flows: Flows;
  readonly #language: Language;
  /** By their expressions, the most recently used last. */
  readonly #searches = new Map<string, Search>();
  readonly #stops: readonly Stop[];
  readonly #lastAt: number;

  /**
   * @param flows complete; await `loadTlsReport` and `loadCaptureReadings` before
   * @param language of what has room for one only
   * @param lastAt the newest event, in microseconds since the run began
   */
  constructor(flows: Flows, language: Language, lastAt: number) {
    this.#flows = flows;
    this.#language = language;
    this.#lastAt = lastAt;
    this.#stops = flows.connections.map(({ conn, firstSeq }) => ({ kind: 'visitor', conn, from: firstSeq }));
  }

  get count(): number {
    return this.#flows.connections.length;
  }

  async answer({ filter: expression, order, from, count, conn }: RowsAsked): Promise<ViewRows | ViewFault> {
    const search = this.#search(expression.slice(0, longestFilter), order);
    if ('fault' in search) return search;
    const { filter, listing } = search;
    const most = Math.min(count, mostRows);
    await this.#read(search, order, this.#shown(search, order, from, most));
    // What came into sight meanwhile.
    const shown = this.#shown(search, order, from, most);
    if (filter || order !== 'opened') await this.#read(search, order, shown, shown);
    const place = conn === undefined ? -1 : this.#placeOf(search, order, conn);
    return {
      count: this.count,
      matches: filter ? listing.matches(filter).stops.length : this.count,
      tested: listing.tested,
      isDone: !listing.isReading,
      ...(place >= 0 ? { place } : {}),
      rows: shown.map((one) => [one, this.#markup(search, one)]),
    };
  }

  #search(expression: string, order: ListOrder): Search | ViewFault {
    const filter = parseFilter(expression);
    // Without a filter, some orders read everything, and others nothing.
    const key = !filter && isReadFor(order) ? ' ' : expression.trim();
    const known = this.#searches.get(key);
    if (known) {
      this.#searches.delete(key);
      this.#searches.set(key, known);
      return known;
    }
    if (filter && isFault(filter)) {
      const { badFilter } = screenWords.notices;
      const place = String(filter.at + 1);
      return {
        fault: textOf({
          en: badFilter.en(filter.what.en, place, filter.expected.en),
          ko: badFilter.ko(filter.what.ko, place, filter.expected.ko),
        }),
      };
    }
    const flows = this.#flows;
    const run = { version: 0 };
    const listing = new Listing({
      sources: { flows, isCapture: true },
      stops: this.#stops,
      firstVisit: 0,
      get version() {
        return run.version;
      },
      lastAt: this.#lastAt,
      connection: (conn) => flows.connection(conn),
      outcomeOf: (connection, reader) => outcomeFor(connection, flows, reader),
    });
    const made = { filter, listing, run };
    this.#searches.set(key, made);
    const [oldest] = this.#searches.keys();
    if (this.#searches.size > mostSearches && oldest !== undefined) this.#searches.delete(oldest);
    return made;
  }

  /** The connections of a stretch of rows. */
  #shown({ filter, listing }: Search, order: ListOrder, from: number, count: number): readonly number[] {
    const { connections } = this.#flows;
    if (!filter && order === 'opened') return connections.slice(from, from + count).map(({ conn }) => conn);
    const stops = listing.arranged(order, filter).stops.slice(from, from + count);
    return stops.flatMap((stop) => connections[stop]?.conn ?? []);
  }

  /** -1 where the list does not have it. */
  #placeOf({ filter, listing }: Search, order: ListOrder, conn: number): number {
    const stop = this.#flows.connections.findIndex((one) => one.conn === conn);
    if (stop < 0 || (!filter && order === 'opened')) return stop;
    return listing.arranged(order, filter).stops.indexOf(stop);
  }

  /** Reads these and what the filter or the order comes to, for a while. @param only ends when these are read */
  async #read(
    { filter, listing, run }: Search,
    order: ListOrder,
    shown: readonly number[],
    only?: readonly number[],
  ): Promise<void> {
    const end = performance.now() + patience;
    for (;;) {
      listing.want(shown, filter, order);
      if (!listing.isReading || (only && only.every((conn) => listing.summary(conn)))) return;
      const before = listing.tested;
      // A row that is read again changes nothing.
      if (listing.read() && listing.tested !== before) run.version++;
      if (performance.now() > end) return;
      // Others have their turn.
      await nextTurn();
    }
  }

  #markup({ listing }: Search, conn: number): string {
    const summary = listing.summary(conn);
    const connection = this.#flows.connection(conn);
    if (!summary || !connection) return '';
    const began = Date.parse(connection.began?.wallClock ?? '1970-01-01T00:00:00Z');
    return render(viewRow(listedRow(summary, began, this.#lastAt)), this.#language);
  }
}
