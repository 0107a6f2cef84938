/**
 * A proxy as NDJSON while it runs: a line for each capture event, then, when a connection has closed, what its bytes were. It
 * keeps what has not been printed; the lines are `connection.ts`'s, those of a file `json-capture.ts`'s.
 *
 * 1. What was read is released: memory grows neither with the data of a connection nor with the number of connections.
 * 2. Keys arrive with the handshake that they open, some after its first bytes. Where they are used, a connection is read once
 *    an endpoint has reported it as secured, or when it has ended or sent more than any handshake.
 */
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { Exchange } from '../../analysis/summary/exchanges.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureEvent, EventOf } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import { defined } from '../../core/defined.ts';
import type { Flows } from '../../capture/flows.ts';
import { eventLine } from './json-events.ts';
import { ConnectionLines } from './connection.ts';
import { jsonText } from './line.ts';
import type { OutputLine } from './line.ts';

export interface JsonLiveOptions {
  readonly flows: Flows;
  /** Key log lines are printed, and sealed messages are opened with them. */
  readonly withSecrets: boolean;
  readonly write: (line: string) => void;
  /** Called with each line of a connection instead of `write`. */
  readonly writeOf?: (conn: number, line: string) => void;
  /** Looked for in the messages. */
  readonly texts?: readonly string[];
  readonly onLatency?: (latency: number, connection: Connection) => void;
  readonly onExchange?: (exchange: Exchange, connection: Connection) => void;
  /** Bytes of each body that are kept for `onExchange`; none by default. */
  readonly mostBody?: number;
  readonly onProgress?: (conn: number, summary: () => ConnectionSummary) => void;
  readonly onEnd?: (summary: ConnectionSummary, connection: Connection) => void;
  /** The connection has closed and everything is printed. */
  readonly onPrinted?: (conn: number) => void;
}

/** A handshake is shorter, in bytes of one direction: after that no key is waited for. */
const longestHandshake = 32 * 1024;
const mostChunks = 64;

export class JsonLive {
  readonly #options: JsonLiveOptions;
  readonly #hunt = new SecretHunt([]);
  readonly #open = new Map<number, ConnectionLines>();
  /** The keys that are in use, by the connections with which they came. */
  readonly #keys = new Map<number, KeyRing>();

  constructor(options: JsonLiveOptions) {
    this.#options = options;
  }

  /** How many connections wait to be printed. */
  get open(): number {
    return this.#open.size;
  }

  readonly fold = (event: CaptureEvent): void => {
    const { flows, withSecrets } = this.#options;
    const conn = 'conn' in event ? event.conn : undefined;
    if (event.type !== 'keylog' || withSecrets) this.#write(eventLine(event), conn);
    if (event.type === 'keylog' && event.conn !== undefined && withSecrets)
      this.#ringOf(event.conn).add([event.line]);
    const connection = 'conn' in event && event.conn !== undefined ? flows.connection(event.conn) : undefined;
    if (!connection) return;
    if (event.type === 'bytes') {
      const lines = this.#linesOf(connection);
      lines.read(event, this.#isReady(connection, event));
      this.#options.onProgress?.(connection.conn, () => lines.summary());
    } else if (event.type === 'closed') this.#closed(connection);
  };

  /** Two wires of one relayed connection are judged together. */
  #closed(connection: Connection): void {
    const { twin } = connection;
    if (twin && !twin.closed) return;
    const both = twin ? [connection, twin] : [connection];
    for (const one of both.toSorted((first, second) => first.conn - second.conn)) this.#finish(one);
    for (const { conn } of both) this.#options.onPrinted?.(conn);
  }

  /** Connections that are still open are printed as far as they have come. */
  end(): void {
    for (const connection of this.#options.flows.connections) {
      const { twin } = connection;
      // The other wire of one that has closed keeps its line back.
      if (!connection.closed || (twin && !twin.closed)) this.#finish(connection);
    }
  }

  #isReady(connection: Connection, { from }: EventOf<'bytes'>): boolean {
    const { secured, refused } = connection;
    if (
      !this.#options.withSecrets ||
      !connection.carriesTls ||
      secured.client ||
      secured.server ||
      refused.length > 0
    )
      return true;
    const { length, chunks } = connection.stream('wire', from);
    return length > longestHandshake || chunks.length > mostChunks;
  }

  #linesOf(connection: Connection): ConnectionLines {
    let lines = this.#open.get(connection.conn);
    if (!lines) {
      const { texts, onLatency, onExchange, mostBody } = this.#options;
      lines = new ConnectionLines(connection, {
        hunt: this.#hunt,
        secrets: new Map(),
        keys: this.#options.withSecrets ? this.#ringOf(connection.conn) : [],
        passing: true,
        ...defined({ texts, onLatency, onExchange, mostBody }),
        write: (line) => this.#write(line, connection.conn),
      });
      this.#open.set(connection.conn, lines);
    }
    return lines;
  }

  #finish(connection: Connection): void {
    const lines = this.#linesOf(connection);
    lines.finish();
    this.#options.onEnd?.(lines.summary(), connection);
    this.#open.delete(connection.conn);
    this.#keys.delete(connection.conn);
  }

  #ringOf(conn: number): KeyRing {
    let ring = this.#keys.get(conn);
    if (!ring) {
      ring = new KeyRing();
      this.#keys.set(conn, ring);
    }
    return ring;
  }

  #write(line: OutputLine, conn?: number): void {
    const { write, writeOf } = this.#options;
    if (writeOf && conn !== undefined) writeOf(conn, jsonText(line));
    else write(jsonText(line));
  }
}
