/**
 * The connections of a run as rows of a list, and those that a filter lets through. A connection is read when its row is shown, or
 * when the filter comes to it: a little in each turn, so that no key waits. What is kept of one is its summary; of many, the newest.
 *
 * In an order of what only reading shows, all of them are read.
 *
 * Only `read` reads. Querying a row or the matches returns what is known.
 */
import { ConversationReader } from '../../../../analysis/conversation/conversation.ts';
import { SummaryReader } from '../../../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../../../analysis/summary/connection-summary.ts';
import type { Filter } from '../../../../analysis/summary/filter.ts';
import type { Connection } from '../../../../capture/connection.ts';
import { indexFrom } from '../../../../capture/flow-stream.ts';
import { KeyRing } from '../../../../protocols/tls/keys/keylog.ts';
import type { Flows } from '../../../../capture/flows.ts';
import type { Outcome } from '../../../../analysis/outcome/outcome-facts.ts';
import type { Stop } from '../../../../presentation/moment.ts';
import { isReadFor } from '../../../../presentation/report/list-orders.ts';
import type { ListOrder } from '../../../../presentation/report/list-orders.ts';
import { arrange, readKeysOf } from './list-order.ts';
import type { ReadKeys } from './list-order.ts';

/** The run whose connections are listed. */
export interface ListedRun {
  readonly sources: { readonly flows: Flows; readonly isCapture?: boolean };
  readonly stops: readonly Stop[];
  readonly firstVisit: number;
  readonly version: number;
  /** The newest event, in microseconds since the run began. */
  readonly lastAt: number;
  connection(conn: number): Connection | undefined;
  outcomeOf(connection: Connection, reader: ConversationReader): Outcome | undefined;
}

/** Rows that are kept: far more than a screen shows. */
const mostKept = 4096;

/** What one turn reads: a few milliseconds. */
const chunksAtOnce = 400;
const bytesAtOnce = 1024 * 1024;
const connectionsAtOnce = 60;
/** Messages that a reader keeps, for the verdict alone. */
const mostMessages = 256;

interface Known {
  /** The newest event about it when it was read. */
  readonly at: number;
  readonly keys: number;
  readonly texts: string;
  readonly summary: ConnectionSummary;
}

interface Job {
  readonly connection: Connection;
  readonly texts: string;
  readonly summary: SummaryReader;
  readonly readers: readonly ConversationReader[];
  readonly keys: number;
}

/** A filter, and how far it has come. */
interface Search {
  readonly filter: Filter;
  /** The first events of stops that it lets through. */
  matches: number[];
  /** Every stop up to that event was tested. */
  tested: number;
  /** Connections that are open and undecided, or may change. */
  readonly open: Map<number, { readonly conn: number; at: number }>;
}

export interface Matches {
  /** Indexes of stops, in their order. */
  readonly stops: readonly number[];
  /** Of how many connections it is known, and how many there are. */
  readonly tested: number;
  readonly count: number;
}

/** Rows in an order. */
export interface Arranged {
  /** Indexes of stops. */
  readonly stops: readonly number[];
  /** The row of each. */
  readonly rows: ReadonlyMap<number, number>;
}

class Rows implements Arranged {
  readonly stops: readonly number[];
  #rows: Map<number, number> | undefined;

  constructor(stops: readonly number[]) {
    this.stops = stops;
  }

  get rows(): ReadonlyMap<number, number> {
    return (this.#rows ??= new Map(this.stops.map((stop, row) => [stop, row])));
  }
}

/** Up to so many rows are put in order whenever something has changed; more of them only once enough has. */
const fewRows = 4000;

/** Lets everything through: all are read. */
const everything: Filter = { expression: '', texts: [], test: () => true };

export class Listing {
  readonly #scene: ListedRun;
  /** What the order of the rows needs of connections that were read: far less than their summaries. */
  readonly #read = new Map<number, ReadKeys>();
  /** How often that has changed. */
  #finished = 0;
  #arranged:
    | { readonly of: string; readonly version: number; readonly finished: number; readonly value: Arranged }
    | undefined;
  /** Most recently used last. */
  readonly #known = new Map<number, Known>();
  #job: Job | undefined;
  #search: Search | undefined;
  #wanted: readonly number[] = [];
  #matches: { readonly version: number; readonly filter: Filter; readonly matches: Matches } | undefined;

  constructor(scene: ListedRun) {
    this.#scene = scene;
  }

  /** What is known of a connection; undefined before it was read. */
  summary(conn: number): ConnectionSummary | undefined {
    return this.#known.get(conn)?.summary;
  }

  /** The stops that a filter lets through, as far as it has come. */
  matches(filter: Filter): Matches {
    const { stops, firstVisit, version } = this.#scene;
    const known = this.#matches;
    if (known && known.version === version && known.filter === filter) return known.matches;
    const count = stops.length - firstVisit;
    const search = this.#search;
    const isSame = search?.filter.expression === filter.expression;
    const found = isSame
      ? search.matches.flatMap((from) => {
          const index = this.#stopAt(from);
          return index === undefined ? [] : [index];
        })
      : [];
    const tested = isSame ? this.#indexFrom(search.tested + 1) - firstVisit : 0;
    const matches = { stops: found, tested: Math.max(0, tested), count };
    this.#matches = { version, filter, matches };
    return matches;
  }

  /** Of how many connections everything is known that a filter or an order asks for. */
  get tested(): number {
    const { stops, firstVisit } = this.#scene;
    return this.#search ? this.#indexFrom(this.#search.tested + 1) - firstVisit : stops.length - firstVisit;
  }

  /** All stops, or those that a filter lets through, in an order. */
  arranged(order: ListOrder, filter: Filter | undefined): Arranged {
    const { stops, version } = this.#scene;
    const of = `${order} ${filter?.expression ?? ''}`;
    const known = this.#arranged;
    if (known?.of === of) {
      const changes = version - known.version + (isReadFor(order) ? this.#finished - known.finished : 0);
      const isEnough = known.value.stops.length < fewRows || changes > known.value.stops.length / 16;
      if (changes === 0 || (!isEnough && this.isReading)) return known.value;
    }
    const shown = filter ? this.matches(filter).stops : stops.map((_, index) => index);
    const value = arrange(shown, order, {
      connectionAt: (stop) => {
        const conn = stops[stop]?.conn;
        return conn === undefined ? undefined : this.#scene.connection(conn);
      },
      read: (conn) => this.#read.get(conn),
      lastAt: this.#scene.lastAt,
    });
    this.#arranged = {
      of,
      version,
      finished: this.#finished,
      value: new Rows(value),
    };
    return this.#arranged.value;
  }

  /** What is shown: these connections first, then the filter's; in some orders all. */
  want(conns: readonly number[], filter: Filter | undefined, order: ListOrder = 'opened'): void {
    this.#wanted = conns;
    const sought = filter ?? (isReadFor(order) ? everything : undefined);
    if (!sought) this.#search = undefined;
    else if (this.#search?.filter.expression !== sought.expression)
      this.#search = { filter: sought, matches: [], tested: -1, open: new Map() };
  }

  /** Whether something that is wanted remains to be read. */
  get isReading(): boolean {
    return this.#job !== undefined || this.#next() !== undefined;
  }

  /** Reads a little further. Returns whether anything changed. */
  read(): boolean {
    let hasChanged = false;
    let chunks = 0;
    for (let count = 0; count < connectionsAtOnce && chunks < chunksAtOnce; count++) {
      const conn = this.#job?.connection.conn ?? this.#next();
      if (conn === undefined) break;
      this.#job ??= this.#begin(conn);
      const job = this.#job;
      if (!job) {
        this.#skip(conn);
        continue;
      }
      hasChanged = true;
      const before = chunksOf(job);
      const hasMore = job.readers.some((reader) => reader.advance(chunksAtOnce, bytesAtOnce));
      chunks += 4 + chunksOf(job) - before;
      if (hasMore) continue;
      this.#finish(job);
      this.#job = undefined;
    }
    return hasChanged;
  }

  /** The next connection to read. */
  #next(): number | undefined {
    const texts = this.#texts;
    for (const conn of this.#wanted) if (this.#isStale(conn, texts)) return conn;
    const search = this.#search;
    if (!search) return undefined;
    for (const [, one] of search.open) {
      const connection = this.#scene.connection(one.conn);
      if (connection && lastOf(connection) !== one.at) return one.conn;
    }
    const stop = this.#scene.stops[this.#indexFrom(search.tested + 1)];
    return stop?.conn;
  }

  get #texts(): string {
    return this.#search?.filter.texts.join('\n') ?? '';
  }

  #isStale(conn: number, texts: string): boolean {
    const connection = this.#scene.connection(conn);
    if (!connection) return false;
    const known = this.#known.get(conn);
    return (
      known?.at !== lastOf(connection) || known.texts !== texts || known.keys !== this.#keysOf(connection)
    );
  }

  /** Keys decrypt only in a capture, whose owner gave them; they may come behind what they decrypt. */
  #keysOf({ carriesTls }: Connection): number {
    const { isCapture, flows } = this.#scene.sources;
    return isCapture && carriesTls ? flows.keylogLength : 0;
  }

  #begin(conn: number): Job | undefined {
    const connection = this.#scene.connection(conn);
    if (!connection) return undefined;
    const { isCapture, flows } = this.#scene.sources;
    const texts = this.#texts;
    const summary = new SummaryReader(connection, { texts: texts === '' ? [] : texts.split('\n') });
    const { onHttp, onTls } = summary;
    const onMessage = (message: Parameters<SummaryReader['onMessage']>[0]): void =>
      summary.onMessage(message);
    const common = { onHttp, onMessage, mostMessages, facts: texts !== '' };
    const wire = new ConversationReader(connection, {
      ...common,
      onTls,
      keys: isCapture ? new KeyRing(flows) : [],
    });
    const isTapped =
      connection.lengthOf('plaintext', 'client') + connection.lengthOf('plaintext', 'server') > 0;
    const readers = isTapped
      ? [wire, new ConversationReader(connection, { ...common, vantage: 'plaintext' })]
      : [wire];
    return { connection, texts, summary, readers, keys: this.#keysOf(connection) };
  }

  #finish({ connection, texts, summary, readers: [wire], keys }: Job): void {
    const { conn, firstSeq } = connection;
    const outcome = wire && this.#scene.outcomeOf(connection, wire);
    if (connection.closed) summary.end();
    const found = summary.summary(wire?.tls?.negotiated, outcome);
    this.#known.delete(conn);
    this.#known.set(conn, { at: lastOf(connection), keys, texts, summary: found });
    const [oldest] = this.#known.keys();
    if (this.#known.size > mostKept && oldest !== undefined) this.#known.delete(oldest);
    const [keysBefore, keysNow] = [this.#read.get(conn), readKeysOf(found)];
    if (keysBefore?.latency !== keysNow.latency || keysBefore?.name !== keysNow.name) this.#finished++;
    this.#read.set(conn, keysNow);
    if (this.#read.size > 2 * this.#scene.stops.length + mostKept)
      for (const one of this.#read.keys()) if (!this.#scene.connection(one)) this.#read.delete(one);
    this.#test(connection, found, firstSeq);
  }

  #test(connection: Connection, summary: ConnectionSummary, from: number): void {
    const search = this.#search;
    const stop = this.#stopAt(from);
    if (!search || stop === undefined) return;
    if (from > search.tested && this.#indexFrom(search.tested + 1) !== stop) return;
    search.tested = Math.max(search.tested, from);
    const passes = search.filter.test(summary);
    const place = indexFrom(search.matches.length, (index) => search.matches[index] ?? 0, from);
    const isThere = search.matches[place] === from;
    if (passes === true && !isThere) search.matches.splice(place, 0, from);
    if (passes !== true && isThere) search.matches.splice(place, 1);
    if (summary.isOver) search.open.delete(from);
    else search.open.set(from, { conn: connection.conn, at: lastOf(connection) });
  }

  /** A connection that is gone. */
  #skip(conn: number): void {
    const search = this.#search;
    if (!search) return;
    const stop = this.#scene.stops[this.#indexFrom(search.tested + 1)];
    if (stop?.conn === conn) search.tested = stop.from;
    for (const [from, one] of search.open) if (one.conn === conn) search.open.delete(from);
  }

  /** The first stop of a connection from that event on. */
  #indexFrom(seq: number): number {
    const { stops, firstVisit } = this.#scene;
    const count = stops.length - firstVisit;
    return firstVisit + indexFrom(count, (index) => stops[firstVisit + index]?.from ?? 0, seq);
  }

  #stopAt(from: number): number | undefined {
    const index = this.#indexFrom(from);
    return this.#scene.stops[index]?.from === from ? index : undefined;
  }
}

const chunksOf = ({ readers }: Job): number => readers.reduce((sum, { chunksRead }) => sum + chunksRead, 0);

const lastOf = ({ lastSeq, twin }: Connection): number => Math.max(lastSeq, twin?.lastSeq ?? -1);
