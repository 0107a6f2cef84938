/**
 * Reports a capture while it is read: a connection when it has closed, and those that are still open at the end. It decides when
 * a connection is reported and what is kept until then; `run-report.ts` makes the blocks.
 *
 * 1. Closed connections can still be compared with others: the newest are kept, up to a number of pieces.
 * 2. A connection of many pieces is reported in parts while it is open; of fewer pieces if very many are open at once.
 * 3. The number of open connections is bounded; the one that has been silent for longest is reported as far as it has come,
 *    and released. If it sends again, it is reported again, as a connection that was joined late.
 */
import type { CaptureEvent } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { Connection } from '../../capture/connection.ts';
import type { EventSource } from '../../capture/flow-stream.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import type { CaptureFeed } from '../../capture/boundary.ts';
import { SilentConnections } from '../../capture/file/silent-connections.ts';
import type { ReportOptions } from './report-context.ts';
import { RunReport } from './run-report.ts';

const mostRemembered = 1000;
const rememberedPieces = 100_000;

const mostPieces = 4096;
const piecesOpen = 400_000;
const fewestPieces = 4;

/** Each takes about 6 KB until it is reported. */
const defaultOpen = 8192;

export interface CaptureReportOptions {
  readonly log: CaptureFeed;
  /** Where payload is looked up: the log itself, or a source that keeps more of the file. */
  readonly source: EventSource;
  readonly report: Omit<ReportOptions, 'flows'>;
  /** Called before a connection is reported as a whole: its keys may be added now. */
  readonly beforeReport?: (connection: Connection, flows: Flows) => void;
  /** Connections that are open at once, at most. */
  readonly mostOpen?: number;
  /** Connections that were reported before they closed, and are remembered, at most. */
  readonly mostSilent?: number;
}

interface Open {
  /** The pieces that are kept. */
  pieces: number;
  /** It is reported in parts. */
  isLong: boolean;
}

export class CaptureReport {
  readonly #log: CaptureFeed;
  readonly #flows: Flows;
  readonly #releaser: EventReleaser;
  readonly #report: RunReport;
  readonly #beforeReport: CaptureReportOptions['beforeReport'];
  readonly #mostOpen: number;
  /** If there are many, in the order of their silence, the longest first. */
  readonly #open = new Map<number, Open>();
  #mostSilent: IterableIterator<number> | undefined;
  /** How many of them have sent data and are not reported in parts. */
  #short = 0;
  readonly #silent: SilentConnections;
  readonly #closed: number[] = [];
  readonly #remembered: { readonly conn: number; readonly pieces: number }[] = [];
  #allRemembered = 0;

  constructor({
    log,
    source,
    report,
    beforeReport,
    mostOpen = defaultOpen,
    mostSilent,
  }: CaptureReportOptions) {
    this.#silent = new SilentConnections(mostSilent);
    this.#log = log;
    this.#flows = new Flows(source);
    this.#releaser = new EventReleaser(log);
    this.#report = new RunReport({ ...report, flows: this.#flows });
    this.#beforeReport = beforeReport;
    this.#mostOpen = mostOpen;
  }

  /** Connections of which something is kept. */
  get kept(): number {
    return this.#flows.connections.length;
  }

  readonly fold = (event: CaptureEvent): void => {
    if (
      'conn' in event &&
      event.conn !== undefined &&
      event.type !== 'keylog' &&
      this.#isOver(event.conn, event)
    )
      return;
    if (event.type === 'opened' && event.late) this.#reportAgain(event.conn);
    this.#flows.fold(event);
    this.#releaser.fold(event);
    if (event.type === 'began') this.#report.fold(event);
    else if (event.type === 'opened') this.#touch(event.conn);
    else if (event.type === 'closed') this.#closed.push(event.conn);
    else if (event.type === 'bytes') this.#piece(event.conn);
  };

  /** A connection that goes on behind its end is reported once more, by itself. */
  #reportAgain(conn: number): void {
    const index = this.#remembered.findIndex((one) => one.conn === conn);
    const [known] = index < 0 ? [] : this.#remembered.splice(index, 1);
    if (!known) return;
    this.#allRemembered -= known.pieces;
    this.#forget(conn);
  }

  /** Reports closed connections, and the most silent ones if too many are open. Call it after each event. */
  reportDue(): void {
    if (this.#closed.length > 0) this.#reportClosed();
    while (this.#open.size > this.#mostOpen) this.#reportMostSilent();
  }

  /** Connections that are still open are reported as far as they have come. @param includes those that are compared at the end */
  end(includes?: (conn: number) => boolean): void {
    for (const { closed, conn } of this.#flows.connections) if (!closed) this.#prepare(conn);
    this.#report.reportAll(includes);
  }

  /** Whether the event is about a connection that was reported before it closed, and adds nothing. */
  #isOver(conn: number, { type, seq }: CaptureEvent): boolean {
    if ((type !== 'closed' && type !== 'segments') || this.#open.has(conn)) return false;
    this.#log.releaseAt(seq);
    if (type === 'closed') this.#silent.delete(conn);
    return true;
  }

  #touch(conn: number): Open {
    let open = this.#open.get(conn);
    if (open && this.#open.size <= this.#mostOpen / 2) return open;
    if (open) this.#open.delete(conn);
    else {
      open = { pieces: 0, isLong: false };
      const opened = this.#silent.take(conn);
      const connection = this.#flows.connection(conn);
      if (opened && connection) connection.opened ??= opened;
    }
    this.#open.set(conn, open);
    return open;
  }

  #piece(conn: number): void {
    const open = this.#touch(conn);
    if (open.isLong) return this.#reportSoFar(conn);
    if (open.pieces++ === 0) this.#short++;
    if (open.pieces <= Math.min(mostPieces, Math.max(fewestPieces, piecesOpen / this.#short))) return;
    open.isLong = true;
    this.#short--;
    this.#reportSoFar(conn);
  }

  #reportSoFar(conn: number): void {
    this.#report.reportSoFar(conn);
  }

  #prepare(conn: number): void {
    const connection = this.#open.get(conn)?.isLong ? undefined : this.#flows.connection(conn);
    if (connection) this.#beforeReport?.(connection, this.#flows);
  }

  #forget(conn: number): void {
    this.#report.forget(conn);
    this.#flows.forget(conn);
    this.#releaser.forget(conn);
  }

  /** Returns what was known of it. */
  #reportOne(conn: number): Open | undefined {
    this.#prepare(conn);
    this.#report.reportWhole(conn);
    const open = this.#open.get(conn);
    this.#open.delete(conn);
    if (open && !open.isLong && open.pieces > 0) this.#short--;
    return open;
  }

  #reportClosed(): void {
    for (const conn of this.#closed.splice(0)) {
      const { isLong = false, pieces = 0 } = this.#reportOne(conn) ?? {};
      // The pieces of a connection that was reported in parts are gone.
      if (isLong) this.#forget(conn);
      else {
        this.#remembered.push({ conn, pieces });
        this.#allRemembered += pieces;
      }
    }
    while (this.#remembered.length > mostRemembered || this.#allRemembered > rememberedPieces) {
      const oldest = this.#remembered.shift();
      if (!oldest) break;
      this.#allRemembered -= oldest.pieces;
      this.#forget(oldest.conn);
    }
  }

  #reportMostSilent(): void {
    // A connection that sends moves to the end: the next one has been silent for longest.
    this.#mostSilent ??= this.#open.keys();
    const next = this.#mostSilent.next();
    if (next.done) {
      this.#mostSilent = undefined;
      return;
    }
    const conn = next.value;
    this.#silent.add(conn, this.#flows.connection(conn)?.opened);
    this.#reportOne(conn);
    this.#forget(conn);
  }
}
