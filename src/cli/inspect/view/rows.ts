/**
 * The rows of an opened file, and those that a filter lets through: the same list as on the screen (`ui/tui/state/show/listing.ts`).
 * A little is read for each question, so that nothing goes on when nobody asks.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { isFault, parseFilter } from '../../../analysis/summary/filter.ts';
import type { Filter } from '../../../analysis/summary/filter.ts';
import type { Flows } from '../../../capture/flows.ts';
import { outcomeFor } from '../../../presentation/refusals.ts';
import { listedBlock } from '../../../presentation/report/capture-summary.ts';
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

  /** @param flows complete; await `loadTlsReport` and `loadCaptureReadings` before. @param language of what has room for one only */
  constructor(flows: Flows, language: Language) {
    this.#flows = flows;
    this.#language = language;
  }

  get count(): number {
    return this.#flows.connections.length;
  }

  async answer(expression: string, from: number, count: number): Promise<ViewRows | ViewFault> {
    const search = this.#search(expression.slice(0, longestFilter));
    if ('fault' in search) return search;
    const { filter } = search;
    const most = Math.min(count, mostRows);
    await this.#read(search, this.#shown(search, from, most));
    // What came into sight meanwhile.
    const shown = this.#shown(search, from, most);
    if (filter) await this.#read(search, shown, shown);
    const found = filter && search.listing.matches(filter);
    return {
      count: this.count,
      matches: found ? found.stops.length : this.count,
      tested: found ? found.tested : this.count,
      isDone: !search.listing.isReading,
      rows: shown.map((conn) => [conn, this.#markup(search, conn)]),
    };
  }

  #search(expression: string): Search | ViewFault {
    const known = this.#searches.get(expression);
    if (known) {
      this.#searches.delete(expression);
      this.#searches.set(expression, known);
      return known;
    }
    const filter = parseFilter(expression);
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
      stops: flows.connections.map(({ conn, firstSeq }) => ({ kind: 'visitor', conn, from: firstSeq })),
      firstVisit: 0,
      get version() {
        return run.version;
      },
      lastAt: 0,
      connection: (conn) => flows.connection(conn),
      outcomeOf: (connection, reader) => outcomeFor(connection, flows, reader),
    });
    const made = { filter, listing, run };
    this.#searches.set(expression, made);
    const [oldest] = this.#searches.keys();
    if (this.#searches.size > mostSearches && oldest !== undefined) this.#searches.delete(oldest);
    return made;
  }

  /** The connections of a stretch of rows. */
  #shown({ filter, listing }: Search, from: number, count: number): readonly number[] {
    const { connections } = this.#flows;
    if (!filter) return connections.slice(from, from + count).map(({ conn }) => conn);
    const stops = listing.matches(filter).stops.slice(from, from + count);
    return stops.flatMap((stop) => connections[stop]?.conn ?? []);
  }

  /** Reads these and what the filter comes to, for a while. @param only ends when these are read */
  async #read(
    { filter, listing, run }: Search,
    shown: readonly number[],
    only?: readonly number[],
  ): Promise<void> {
    const end = performance.now() + patience;
    for (;;) {
      listing.want(shown, filter);
      if (!listing.isReading || (only && only.every((conn) => listing.summary(conn)))) return;
      if (listing.read()) run.version++;
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
    return render(viewRow(listedBlock(summary, began)), this.#language);
  }
}
