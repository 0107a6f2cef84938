/** Gathers what the log holds of one connection. */
import type { ConnectionSegments, EventOf, Side, Vantage } from './event.ts';
import { FlowStream } from './flow-stream.ts';
import type { EventSource } from './flow-stream.ts';

interface Secured {
  readonly client?: EventOf<'secured'>;
  readonly server?: EventOf<'secured'>;
}

/** What most connections of a capture never have is one and the same: there may be hundreds of thousands of them. */
const nobodyYet: Secured = {};
const nothingYet: readonly EventOf<'refused'>[] = [];
const noneYet: ReadonlySet<Connection> = new Set();

/** Everything that the log says of one connection. */
export class Connection {
  readonly run: number;
  readonly conn: number;
  readonly hop: string;
  readonly #source: EventSource;
  #wireClient: FlowStream | undefined;
  #wireServer: FlowStream | undefined;
  #plaintextClient: FlowStream | undefined;
  #plaintextServer: FlowStream | undefined;
  /** The run that it belongs to; absent where its beginning was not folded. */
  began?: EventOf<'began'>;
  /** Absent when a tap joined late. */
  opened?: EventOf<'opened'>;
  /** Who began to close it, and how; absent while it is open. */
  closed?: EventOf<'closed'>;
  /** What the packets show besides the bytes; absent if there were none, or nothing notable. */
  segments?: ConnectionSegments;
  /** By the side that reports it. */
  secured: Secured = nobodyYet;
  #refused: EventOf<'refused'>[] | undefined;
  /** The connection that carries its bytes on, or whose bytes it carries on, unchanged: one connection to both endpoints. */
  twin?: Connection | undefined;
  /** Whether it is the second of the two, from the one that relays to the server. */
  isSecond = false;
  /** The client's connection for which a proxy opened this one; a proxy that keeps it may use it for others too. */
  cause?: Connection | undefined;
  /** The wire of the client's connection for which a proxy opened this one, unchanged or not; undefined for a client's own. */
  behind?: string;
  #led: Set<Connection> | undefined;
  /** Whether there was any. */
  hasLed = false;
  /** The oldest event about it. */
  readonly firstSeq: number;
  /** The newest event about it. */
  lastSeq = -1;

  constructor(
    source: EventSource,
    event: { readonly run: number; readonly conn: number; readonly hop: string; readonly seq: number },
  ) {
    this.firstSeq = event.seq;
    this.run = event.run;
    this.conn = event.conn;
    this.hop = event.hop;
    this.#source = source;
  }

  get refused(): readonly EventOf<'refused'>[] {
    return this.#refused ?? nothingYet;
  }

  /** What a proxy opened for this connection and is still kept. */
  get led(): ReadonlySet<Connection> {
    return this.#led ?? noneYet;
  }

  stream(vantage: Vantage, from: Side): FlowStream {
    const known = this.#known(vantage, from);
    if (known) return known;
    const made = new FlowStream(this.#source, vantage, from);
    if (vantage === 'wire') {
      if (from === 'client') this.#wireClient = made;
      else this.#wireServer = made;
    } else if (from === 'client') this.#plaintextClient = made;
    else this.#plaintextServer = made;
    return made;
  }

  /** The length of a stream, without making one. */
  lengthOf(vantage: Vantage, from: Side): number {
    return this.#known(vantage, from)?.length ?? 0;
  }

  #known(vantage: Vantage, from: Side): FlowStream | undefined {
    if (vantage === 'wire') return from === 'client' ? this.#wireClient : this.#wireServer;
    return from === 'client' ? this.#plaintextClient : this.#plaintextServer;
  }

  /** Lets go of what the log has of its bytes. @internal Called by `Flows` alone. */
  letGo(): void {
    this.#wireClient?.letGo();
    this.#wireServer?.letGo();
    this.#plaintextClient?.letGo();
    this.#plaintextServer?.letGo();
  }

  /** Takes what an event says of it. @internal These are called by `Flows` alone. */
  foldSecured(event: EventOf<'secured'>): void {
    this.secured = { ...this.secured, [event.side]: event };
  }

  foldRefused(event: EventOf<'refused'>): void {
    (this.#refused ??= []).push(event);
  }

  /** Few bytes come behind the end: the streams take no more room than they need. */
  foldClosed(event: EventOf<'closed'>): void {
    this.closed ??= event;
    this.#wireClient?.closeUp();
    this.#wireServer?.closeUp();
    this.#plaintextClient?.closeUp();
    this.#plaintextServer?.closeUp();
  }

  lead(connection: Connection): void {
    (this.#led ??= new Set()).add(connection);
    this.hasLed = true;
  }

  leadNoMore(connection: Connection): void {
    this.#led?.delete(connection);
  }

  /**
   * Whether TLS is spoken on it: an endpoint said so, plaintext was tapped above it, or the client's first
   * bytes are the header of a handshake record (RFC 8446 section 5.1), which a relay that ends no TLS sees too, or a hello
   * in the form of SSL 2.0 that offers more (RFC 5246 appendix E.2). It may begin later too, as after STARTTLS.
   */
  get carriesTls(): boolean {
    if (
      this.secured.client ||
      this.secured.server ||
      this.lengthOf('plaintext', 'client') > 0 ||
      this.lengthOf('plaintext', 'server') > 0
    )
      return true;
    const client = this.#wireClient;
    if (!client || client.helloAt !== undefined) return client !== undefined;
    const first = client.headByte(0) ?? 0;
    if (first >= 0x80) return client.headByte(2) === 0x01 && client.headByte(3) === 0x03;
    return first === 0x16 && client.headByte(1) === 0x03;
  }

  /** Up to where the client spoke something else before it turned to TLS; 0 where it did not. */
  get readableBefore(): number {
    return this.#wireClient?.helloAt ?? 0;
  }

  /** What an endpoint reads and writes: above TLS where there is TLS, else the wire itself. */
  plaintextStream(from: Side): FlowStream {
    return this.stream(this.carriesTls ? 'plaintext' : 'wire', from);
  }
}
