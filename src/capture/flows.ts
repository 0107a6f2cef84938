/**
 * Folds the log into connections and their byte streams. It assigns bytes to connections and stream offsets; dissectors
 * interpret the bytes, `analysis` the outcome.
 *
 * 1. A connection's number is unique within a log, whatever the run.
 * 2. Payload is not held here: a stream stores the `seq` of its chunks and reads the bytes from the log. Payload that a
 *    bounded log has dropped is reported as missing (`complete`, `availableFrom`) instead of being kept alive.
 * 3. A connection without TLS has one stream per direction, at the vantage `wire`; `plaintextStream` returns it.
 */
import { Connection } from './connection.ts';
import type { CaptureEvent, EventOf } from './event.ts';
import { indexFrom } from './flow-stream.ts';
import type { EventSource } from './flow-stream.ts';
import { WireConnections, neighbours } from './wire-connections.ts';

/** What joins an NSS key log line to a connection, in lower case; undefined when it is no such line. */
export function clientRandomOf(line: string): string | undefined {
  return /^[A-Z][A-Z0-9_]* ([0-9a-fA-F]{64}) [0-9a-fA-F]+\s*$/.exec(line)?.[1]?.toLowerCase();
}

/** A refusal with the connection that it is about. */
export interface ConnectionRefusal {
  readonly connection: Connection;
  readonly refusal: EventOf<'refused'>;
}

export class Flows {
  readonly #source: EventSource;
  readonly #byNumber = new Map<number, Connection>();
  readonly #connections: Connection[] = [];
  /** Of these, the ones that were forgotten and still stand there. */
  #forgotten = 0;
  readonly #wires = new Map<string, WireConnections>();
  readonly #refusals: ConnectionRefusal[] = [];
  /** Of these, the ones whose connection was forgotten and that still stand there. */
  #forgottenRefusals = 0;
  /** Of each run: several may run beside each other, each with a time of its own. */
  readonly #began = new Map<number, EventOf<'began'>>();
  #keylogLength = 0;
  readonly #keylog = new Map<string, Set<string>>();
  /** The client randoms of the key log lines with a connection's number. */
  readonly #randoms = new Map<number, Set<string>>();

  constructor(source: EventSource) {
    this.#source = source;
  }

  /** In the order in which they were first heard of; the list grows as the log does. */
  get connections(): readonly Connection[] {
    if (this.#forgotten > 0) this.#closeUp();
    return this.#connections;
  }

  connection(conn: number): Connection | undefined {
    return this.#byNumber.get(conn);
  }

  /** The connections of a wire about which there is an event from `first` to `last`, or one on either side of these. */
  onWireBetween(hop: string, first: number, last: number): readonly Connection[] {
    return this.#wires.get(hop)?.between(first, last) ?? [];
  }

  /** The newest connections of a wire up to event `last`, at most this many, newest first. */
  newestOnWire(hop: string, last: number, most: number): readonly Connection[] {
    return this.#wires.get(hop)?.newest(last, most) ?? [];
  }

  /** What was refused in a stretch of the log, both ends included, in the order of the log. */
  refusalsBetween(first: number, last: number): readonly ConnectionRefusal[] {
    if (this.#forgottenRefusals > 0) this.#closeUpRefusals();
    const refusals = this.#refusals;
    return refusals.slice(
      indexFrom(refusals.length, (index) => refusals[index]?.refusal.seq ?? 0, first),
      indexFrom(refusals.length, (index) => refusals[index]?.refusal.seq ?? 0, last + 1),
    );
  }

  /** The connections of a wire, of one run or of all. */
  onWire(hop: string, run?: number): Connection[] {
    return (this.#wires.get(hop)?.all ?? []).filter(
      (connection) => run === undefined || connection.run === run,
    );
  }

  /** Key log lines of the connection whose ClientHello has that random (32 bytes in hex), each once; none without one. */
  keylogOf(clientRandom: string | undefined): readonly string[] {
    return [...(this.#keylog.get(clientRandom?.toLowerCase() ?? '') ?? [])];
  }

  /**
   * All key log lines, without duplicates. It iterates over all connections: for readers of a whole log. For one
   * connection use `keylogOf`.
   */
  get keylog(): readonly string[] {
    return [...this.#keylog.values()].flatMap((lines) => [...lines]);
  }

  /** How many lines `keylog` has. */
  get keylogLength(): number {
    return this.#keylogLength;
  }

  /** Forgets a connection. Later events about it start a new one. */
  forget(conn: number): void {
    const connection = this.#byNumber.get(conn);
    if (!connection) return;
    this.#byNumber.delete(conn);
    connection.letGo();
    if (connection.twin) connection.twin.twin = undefined;
    connection.cause?.leadNoMore(connection);
    for (const one of connection.led) one.cause = undefined;
    // Removed when there are many, or on access.
    if (++this.#forgotten > this.#byNumber.size / 4 + neighbours) this.#closeUp();
    this.#wires.get(connection.hop)?.remove(connection);
    this.#forgottenRefusals += connection.refused.length;
    if (this.#forgottenRefusals > this.#refusals.length / 2 + neighbours) this.#closeUpRefusals();
    for (const clientRandom of this.#randoms.get(conn) ?? []) {
      this.forgetKeylog(clientRandom);
    }
    this.#randoms.delete(conn);
  }

  /** For key log lines without a connection: those of that random are no longer needed. */
  forgetKeylog(clientRandom: string): void {
    this.#keylogLength -= this.#keylog.get(clientRandom)?.size ?? 0;
    this.#keylog.delete(clientRandom);
  }

  #closeUp(): void {
    const kept = this.#connections.filter((one) => this.#byNumber.get(one.conn) === one);
    this.#connections.length = 0;
    for (const one of kept) this.#connections.push(one);
    this.#forgotten = 0;
  }

  #closeUpRefusals(): void {
    const kept = this.#refusals.filter(
      ({ connection }) => this.#byNumber.get(connection.conn) === connection,
    );
    this.#refusals.length = 0;
    for (const one of kept) this.#refusals.push(one);
    this.#forgottenRefusals = 0;
  }

  readonly fold = (event: CaptureEvent): void => {
    switch (event.type) {
      case 'opened':
        this.#opened(event);
        break;
      case 'bytes':
        this.#of(event).stream(event.vantage, event.from).append(event);
        break;
      case 'secured':
        this.#of(event).foldSecured(event);
        break;
      case 'refused':
        this.#refused(event);
        break;
      case 'closed':
        this.#of(event).foldClosed(event);
        break;
      case 'segments':
        this.#of(event).segments = event.segments;
        break;
      case 'keylog':
        this.#foldKeylog(event);
        break;
      case 'began':
        this.#began.set(event.run, event);
        break;
      case 'step':
      case 'observed':
      case 'note':
        break;
    }
  };

  #of(event: {
    readonly run: number;
    readonly conn: number;
    readonly hop: string;
    readonly seq: number;
  }): Connection {
    let connection = this.#byNumber.get(event.conn);
    if (!connection) {
      connection = new Connection(this.#source, event);
      const began = this.#began.get(event.run);
      if (began) connection.began = began;
      this.#byNumber.set(event.conn, connection);
      this.#connections.push(connection);
      this.#wire(connection.hop).add(connection);
    }
    connection.lastSeq = event.seq;
    this.#wire(connection.hop).heard(connection, event.seq);
    return connection;
  }

  #wire(hop: string): WireConnections {
    let wire = this.#wires.get(hop);
    if (!wire) {
      wire = new WireConnections();
      this.#wires.set(hop, wire);
    }
    return wire;
  }

  #opened(event: EventOf<'opened'>): void {
    const connection = this.#of(event);
    // A connection that goes on behind its end is opened once more.
    connection.opened ??= event;
    const client = this.#byNumber.get(event.relays ?? event.onBehalfOf ?? -1);
    if (client && client !== connection) connection.behind = client.hop;
    this.#join(connection, event.relays);
    this.#attribute(connection, event.onBehalfOf);
  }

  /** Of two connections with the same bytes each knows the other, as long as both are kept. */
  #join(second: Connection, relays: number | undefined): void {
    const first = relays === undefined ? undefined : this.#byNumber.get(relays);
    if (!first || first.twin || first === second) return;
    first.twin = second;
    second.twin = first;
    second.isSecond = true;
  }

  #attribute(connection: Connection, client: number | undefined): void {
    const cause = client === undefined ? undefined : this.#byNumber.get(client);
    if (!cause || cause === connection) return;
    connection.cause = cause;
    cause.lead(connection);
  }

  #refused(refusal: EventOf<'refused'>): void {
    const connection = this.#of(refusal);
    this.#join(connection, refusal.relays);
    this.#attribute(connection, refusal.onBehalfOf);
    connection.foldRefused(refusal);
    this.#refusals.push({ connection, refusal });
  }

  #foldKeylog({ conn, line }: EventOf<'keylog'>): void {
    const clientRandom = clientRandomOf(line);
    if (clientRandom === undefined) return;
    if (conn !== undefined) this.#randoms.set(conn, (this.#randoms.get(conn) ?? new Set()).add(clientRandom));
    const lines = this.#keylog.get(clientRandom) ?? new Set<string>();
    const before = lines.size;
    this.#keylog.set(clientRandom, lines.add(line.trimEnd()));
    this.#keylogLength += lines.size - before;
  }
}
