/**
 * A capture as NDJSON while it is read: the lines of a connection when it has closed, those of the connections that are still
 * open at the end. It keeps what has not been told; what a line says is `json.ts`'s.
 *
 * 1. Bytes in the middle of a sealed record that nobody can open are counted, not looked at.
 * 2. Keys open what comes behind them: whoever has keys for the whole file gives them before.
 * 3. Of connections that never close so many are open at once; the one that has been silent for longest is told as far as it
 *    came. If it speaks again it is told again, as one that was joined late.
 */
import type { ConversationReader } from '../../analysis/conversation/conversation.ts';
import { KeyRing } from '../../analysis/conversation/readings.ts';
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureDraft, CaptureEvent, Side } from '../../capture/event.ts';
import { Flows } from '../../capture/flows.ts';
import type { Connection } from '../../capture/flows.ts';
import { PassingLog } from '../../capture/passing-log.ts';
import { SilentConnections } from '../../capture/file/silent-connections.ts';
import type { Clock } from '../../core/clock.ts';
import type { KeysFor } from '../../protocols/tls/conversation.ts';
import { ConnectionLines } from './json.ts';
import { jsonText } from './line.ts';

export interface JsonCaptureOptions {
  readonly clock: Clock;
  readonly write: (line: string) => void;
  /** What a server's key opens: asked at each key exchange of a client. */
  readonly keysFor?: KeysFor | undefined;
  /** Connections that are open at once, at most. */
  readonly mostOpen?: number;
  /** Of those that were told though they had not closed, so many are remembered at most. */
  readonly mostSilent?: number;
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
  readonly #keys = new KeyRing();
  readonly #hunt = new SecretHunt([]);
  /** Where there are many, those that have been silent for longest first. */
  readonly #open = new Map<number, Open>();
  readonly #mostOpen: number;
  #mostSilent: IterableIterator<number> | undefined;
  readonly #silent: SilentConnections;
  /** The first bytes of open connections, by their events: an outcome quotes them. */
  readonly #beginnings = new Map<number, Uint8Array>();
  readonly #write: JsonCaptureOptions['write'];
  readonly #keysFor: JsonCaptureOptions['keysFor'];

  constructor({ clock, write, keysFor, mostOpen = defaultOpen, mostSilent }: JsonCaptureOptions) {
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

  /** Whether anybody looks at the next bytes of a connection; where nobody does, they are counted here. */
  readonly wants = (conn: number, from: Side, length: number, frame: number): boolean => {
    const open = this.#open.get(conn);
    if (!open?.reader.isPassing(from, length)) return true;
    const seq = this.#log.pass();
    open.reader.pass(from, length, { seq, at: this.#log.now(), frame });
    open.connection.lastSeq = seq;
    return false;
  };

  /** Something of the file that could not be read. */
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
      jsonText({ v: 1, kind: 'problem', what, ...(offset === undefined ? {} : { offset }), found }),
    );
  }

  /** What is still open is told as far as it came. */
  end(): void {
    for (const { lines } of this.#open.values()) lines.finish();
    this.#open.clear();
  }

  #fold(event: CaptureEvent): void {
    if (event.type === 'keylog') return this.#keys.add([event.line]);
    // One that was told as far as it came, and has said nothing since, has nothing to tell, also where nobody remembers it.
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
    else if (event.type === 'closed') this.#tell(event.conn, this.#of(event.conn));
  }

  #tell(conn: number, { beginning, lines }: Open): void {
    lines.finish();
    for (const seq of beginning) this.#beginnings.delete(seq);
    this.#open.delete(conn);
    this.#flows.forget(conn);
  }

  #tellSilent(): void {
    // Whoever speaks goes to the end: what stands next has been silent for longest.
    this.#mostSilent ??= this.#open.keys();
    const next = this.#mostSilent.next();
    const open = next.done ? undefined : this.#open.get(next.value);
    if (next.done || !open) {
      this.#mostSilent = undefined;
      return;
    }
    this.#silent.add(next.value, open.connection.opened);
    this.#tell(next.value, open);
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
    if (!connection) throw new Error(`nothing was heard of connection ${conn}`);
    const opened = this.#silent.take(conn);
    if (opened) connection.opened ??= opened;
    while (this.#open.size >= this.#mostOpen) this.#tellSilent();
    const lines = new ConnectionLines(connection, {
      hunt: this.#hunt,
      secrets: new Map(),
      keys: this.#keys,
      keysFor: this.#keysFor,
      passing: true,
      write: (line) => this.#write(jsonText(line)),
    });
    const open = { connection, lines, reader: lines.reader, beginning: [] };
    this.#open.set(conn, open);
    return open;
  }
}
