/**
 * A capture as NDJSON while it is read: the lines of a connection when it has closed, those of the connections that are still
 * open at the end. It keeps what has not been printed; the lines are `connection.ts`'s.
 *
 * 1. Bytes in the middle of a sealed record without keys are counted, not read.
 * 2. Keys open what follows them: keys for the whole file come first.
 * 3. The number of open connections is bounded; the one that has been silent for longest is printed as far as it has come.
 *    If it sends again, it is printed again, as a connection that was joined late.
 */
import type { ConversationReader } from '../../analysis/conversation/conversation.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureDraft, CaptureEvent, Side } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { Connection } from '../../capture/connection.ts';
import { PassingLog } from '../../capture/passing-log.ts';
import { SilentConnections } from '../../capture/file/silent-connections.ts';
import type { Clock } from '../../core/clock.ts';
import type { KeysFor } from '../../protocols/tls/conversation.ts';
import { ConnectionLines } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { jsonText } from './line.ts';
import type { LineOf, OutputLine } from './line.ts';
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { Exchange } from '../../analysis/summary/exchanges.ts';

export interface JsonCaptureOptions {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** The secrets that a server's key yields, asked for at each key exchange of a client. */
  readonly keysFor?: KeysFor | undefined;
  /** Connections that are open at once, at most. */
  readonly mostOpen?: number;
  /** Connections that were printed before they closed, and are remembered, at most. */
  readonly mostSilent?: number;
  /** Looked for in the messages. */
  readonly texts?: readonly string[];
  /** Another program's name for a connection, by the number of its first packet. */
  readonly tsharkName?: ConnectionOptions['tsharkName'];
  /** Called with each line of a connection instead of `write`. */
  readonly writeOf?: (conn: number, line: string) => void;
  /** What became of a connection, once it has ended: its last line. */
  readonly onStream?: (line: LineOf<'stream'>) => void;
  /** A connection has ended, and all of it was written. */
  readonly onSummary?: (
    summary: ConnectionSummary,
    connection: Connection,
    reader: ConversationReader,
  ) => void;
  /** Called with each message as it is read. */
  readonly onMessage?: ConnectionOptions['onMessage'];
  readonly onExchange?: (exchange: Exchange, connection: Connection) => void;
  /** Of each response, in microseconds. */
  readonly onLatency?: (latency: number, connection: Connection) => void;
  /** Bytes of each body that are kept for `onExchange`; none by default. */
  readonly mostBody?: number;
}

/** Each takes about 20 KB while it is read. */
const defaultOpen = 3276;

interface Open {
  readonly connection: Connection;
  readonly lines: ConnectionLines;
  readonly reader: ConversationReader;
  readonly beginning: number[];
}

/** In each direction, in bytes. */
const keptBeginning = 2048;

export class JsonCapture {
  readonly #log: PassingLog;
  readonly #flows: Flows;
  /** All that were given, and what was asked of them. */
  readonly keys = new KeyRing();
  readonly #hunt = new SecretHunt([]);
  /** If there are many, in the order of their silence, the longest first. */
  readonly #open = new Map<number, Open>();
  readonly #mostOpen: number;
  #mostSilent: IterableIterator<number> | undefined;
  readonly #silent: SilentConnections;
  /** The first bytes of open connections, by their events: an outcome quotes them. */
  readonly #beginnings = new Map<number, Uint8Array>();
  readonly #write: JsonCaptureOptions['write'];
  readonly #keysFor: JsonCaptureOptions['keysFor'];
  readonly #options: JsonCaptureOptions;

  constructor(options: JsonCaptureOptions) {
    const { clock, write, keysFor, mostOpen = defaultOpen, mostSilent } = options;
    this.#options = options;
    this.#silent = new SilentConnections(mostSilent);
    this.#write = write;
    this.#mostOpen = mostOpen;
    this.#keysFor = keysFor;
    this.#log = new PassingLog(clock, (event) => this.#fold(event));
    this.#flows = new Flows({
      events: [],
      payloadOf: (chunk) => this.#log.payloadOf(chunk) ?? this.#beginnings.get(chunk.seq),
    });
  }

  /** Connections of which something is kept. */
  get kept(): number {
    return this.#flows.connections.length;
  }

  readonly append = (draft: CaptureDraft): void => this.#log.append(draft);

  /** Whether the next bytes of a connection are read; if not, they are counted here. */
  readonly wants = (conn: number, from: Side, length: number, frame: number): boolean => {
    const open = this.#open.get(conn);
    if (!open?.reader.isPassing(from, length)) return true;
    const seq = this.#log.pass();
    open.reader.pass(from, length, { seq, at: this.#log.now(), frame });
    open.connection.lastSeq = seq;
    return false;
  };

  /** A part of the file that could not be read. */
  problem({
    what,
    offset,
    found,
  }: {
    readonly what: string;
    readonly offset?: number;
    readonly found: string;
  }): void {
    this.#write(
      jsonText({ v: 2, kind: 'problem', what, ...(offset === undefined ? {} : { offset }), found }),
    );
  }

  /** Connections that are still open are printed as far as they have come. */
  end(): void {
    for (const { lines, connection } of this.#open.values()) this.#finish(lines, connection);
    this.#open.clear();
  }

  #fold(event: CaptureEvent): void {
    if (event.type === 'keylog') return this.keys.add([event.line]);
    // A connection that was printed early and has sent nothing since has no more lines, even if it is no longer remembered.
    if ((event.type === 'closed' || event.type === 'segments') && !this.#open.has(event.conn)) {
      if (event.type === 'closed') this.#silent.delete(event.conn);
      return;
    }
    this.#flows.fold(event);
    if (event.type === 'bytes') {
      const { connection, lines, beginning } = this.#of(event.conn);
      if (connection.stream('wire', event.from).length - event.bytes.length < keptBeginning) {
        this.#beginnings.set(event.seq, event.bytes);
        beginning.push(event.seq);
      }
      lines.read(event);
    } else if (event.type === 'opened') this.#of(event.conn);
    else if (event.type === 'closed') this.#print(event.conn, this.#of(event.conn));
  }

  #finish(lines: ConnectionLines, connection: Connection): void {
    lines.finish();
    this.#options.onSummary?.(lines.summary(), connection, lines.reader);
  }

  #print(conn: number, { beginning, lines, connection }: Open): void {
    this.#finish(lines, connection);
    for (const seq of beginning) this.#beginnings.delete(seq);
    this.#open.delete(conn);
    this.#flows.forget(conn);
  }

  #printSilent(): void {
    // A connection that sends moves to the end: the next one has been silent for longest.
    this.#mostSilent ??= this.#open.keys();
    const next = this.#mostSilent.next();
    const open = next.done ? undefined : this.#open.get(next.value);
    if (next.done || !open) {
      this.#mostSilent = undefined;
      return;
    }
    this.#silent.add(next.value, open.connection.opened);
    this.#print(next.value, open);
  }

  #of(conn: number): Open {
    const known = this.#open.get(conn);
    if (known) {
      if (this.#open.size > this.#mostOpen / 2) {
        this.#open.delete(conn);
        this.#open.set(conn, known);
      }
      return known;
    }
    const connection = this.#flows.connection(conn);
    if (!connection) throw new Error(`connection ${conn} was never opened`);
    const opened = this.#silent.take(conn);
    if (opened) connection.opened ??= opened;
    while (this.#open.size >= this.#mostOpen) this.#printSilent();
    const { writeOf, onStream, texts, onMessage, onExchange, onLatency, mostBody, tsharkName } =
      this.#options;
    const put = writeOf ? (line: string) => writeOf(conn, line) : this.#write;
    const lines = new ConnectionLines(connection, {
      ...(texts ? { texts } : {}),
      ...(tsharkName ? { tsharkName } : {}),
      ...(onMessage ? { onMessage } : {}),
      ...(onExchange ? { onExchange } : {}),
      ...(onLatency ? { onLatency } : {}),
      ...(mostBody === undefined ? {} : { mostBody }),
      hunt: this.#hunt,
      secrets: new Map(),
      keys: this.keys,
      keysFor: this.#keysFor,
      passing: true,
      write(line: OutputLine) {
        if (line.kind === 'stream') onStream?.(line);
        put(jsonText(line));
      },
    });
    const open = { connection, lines, reader: lines.reader, beginning: [] };
    this.#open.set(conn, open);
    return open;
  }
}
