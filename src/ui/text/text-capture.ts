/**
 * A capture as lines while it is read: those of a connection when it has closed, those of the connections that are still open at
 * the end. It decides when a connection is told and what of it is kept until then; what the lines say is `text.ts`'s.
 *
 * 1. Connections that are over can still be set beside others: the newest are kept, so many pieces of them.
 * 2. A connection of many pieces is told in parts, while it goes on; of fewer where very many are open at once.
 * 3. Of connections that never close so many are open at once; the one that has been silent for longest is told as far as it
 *    came, and forgotten. If it speaks again it is told again, as one that was joined late.
 */
import type { CaptureEvent } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { Connection, EventSource } from '../../capture/flows.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import type { CaptureFeed } from '../../capture/boundary.ts';
import { SilentConnections } from '../../capture/file/silent-connections.ts';
import { TextReport } from './text.ts';
import type { TextOptions } from './text.ts';

const mostRemembered = 1000;
const rememberedPieces = 100_000;

const mostPieces = 4096;
const piecesOpen = 400_000;
const fewestPieces = 4;

/** Each takes about 6 KB until it is told. */
const defaultOpen = 8192;

export interface TextCaptureOptions {
  readonly log: CaptureFeed;
  /** Where payload is looked up; the log itself, or what knows more of the file. */
  readonly source: EventSource;
  readonly report: Omit<TextOptions, 'flows'>;
  /** Before a connection is told that was not told in parts: its keys may come now. */
  readonly beforeTold?: (connection: Connection, flows: Flows) => void;
  /** Connections that are open at once, at most. */
  readonly mostOpen?: number;
  /** Of those that were told though they had not closed, so many are remembered at most. */
  readonly mostSilent?: number;
}

interface Open {
  /** That are kept. */
  pieces: number;
  /** It is told in parts. */
  isLong: boolean;
}

export class TextCapture {
  readonly #log: CaptureFeed;
  readonly #flows: Flows;
  readonly #forgetting: EventReleaser;
  readonly #report: TextReport;
  readonly #beforeTold: TextCaptureOptions['beforeTold'];
  readonly #mostOpen: number;
  /** Where there are many, those that have been silent for longest first. */
  readonly #open = new Map<number, Open>();
  #mostSilent: IterableIterator<number> | undefined;
  /** Of those, the ones that have said something and are not told in parts. */
  #short = 0;
  readonly #silent: SilentConnections;
  readonly #closed: number[] = [];
  readonly #remembered: { readonly conn: number; readonly pieces: number }[] = [];
  #allRemembered = 0;

  constructor({ log, source, report, beforeTold, mostOpen = defaultOpen, mostSilent }: TextCaptureOptions) {
    this.#silent = new SilentConnections(mostSilent);
    this.#log = log;
    this.#flows = new Flows(source);
    this.#forgetting = new EventReleaser(log);
    this.#report = new TextReport({ ...report, flows: this.#flows });
    this.#beforeTold = beforeTold;
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
    this.#flows.fold(event);
    this.#forgetting.fold(event);
    if (event.type === 'began') this.#report.fold(event);
    else if (event.type === 'opened') this.#heard(event.conn);
    else if (event.type === 'closed') this.#closed.push(event.conn);
    else if (event.type === 'bytes') this.#piece(event.conn);
  };

  /** What has closed, and what has been silent for longest where too many are open: to be called behind each event. */
  tell(): void {
    if (this.#closed.length > 0) this.#tellClosed();
    while (this.#open.size > this.#mostOpen) this.#tellMostSilent();
  }

  /** What is still open is told as far as it came. */
  end(): void {
    for (const { closed, conn } of this.#flows.connections) if (!closed) this.#prepare(conn);
    this.#report.tellAll();
  }

  /** Whether the event is about a connection that was told though it had not closed, and brings nothing new. */
  #isOver(conn: number, { type, seq }: CaptureEvent): boolean {
    if ((type !== 'closed' && type !== 'segments') || this.#open.has(conn)) return false;
    this.#log.releaseAt(seq);
    if (type === 'closed') this.#silent.delete(conn);
    return true;
  }

  #heard(conn: number): Open {
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
    const open = this.#heard(conn);
    if (open.isLong) return this.#report.tellOn(conn);
    if (open.pieces++ === 0) this.#short++;
    if (open.pieces <= Math.min(mostPieces, Math.max(fewestPieces, piecesOpen / this.#short))) return;
    open.isLong = true;
    this.#short--;
    this.#report.tellOn(conn);
  }

  #prepare(conn: number): void {
    const connection = this.#open.get(conn)?.isLong ? undefined : this.#flows.connection(conn);
    if (connection) this.#beforeTold?.(connection, this.#flows);
  }

  #forget(conn: number): void {
    this.#report.forget(conn);
    this.#flows.forget(conn);
    this.#forgetting.forget(conn);
  }

  /** Returns what was known of it. */
  #tellOne(conn: number): Open | undefined {
    this.#prepare(conn);
    this.#report.tellWhole(conn);
    const open = this.#open.get(conn);
    this.#open.delete(conn);
    if (open && !open.isLong && open.pieces > 0) this.#short--;
    return open;
  }

  #tellClosed(): void {
    for (const conn of this.#closed.splice(0)) {
      const { isLong = false, pieces = 0 } = this.#tellOne(conn) ?? {};
      // What was told in parts is not there any more.
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

  #tellMostSilent(): void {
    // Whoever speaks goes to the end: what stands next has been silent for longest.
    this.#mostSilent ??= this.#open.keys();
    const next = this.#mostSilent.next();
    if (next.done) {
      this.#mostSilent = undefined;
      return;
    }
    const conn = next.value;
    this.#silent.add(conn, this.#flows.connection(conn)?.opened);
    this.#tellOne(conn);
    this.#forget(conn);
  }
}
