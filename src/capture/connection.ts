/** Gathers what the log holds of one connection. */
import type { ConnectionSegments, EventOf, Side, Vantage } from './event.ts';
import { FlowStream } from './flow-stream.ts';
import type { EventSource } from './flow-stream.ts';

/** Everything that the log says of one connection. */
export class Connection {
  readonly run: number;
  readonly conn: number;
  readonly hop: string;
  readonly #source: EventSource;
  readonly #streams: Record<Vantage, Partial<Record<Side, FlowStream>>> = { wire: {}, plaintext: {} };
  /** The run that it belongs to; absent where its beginning was not folded. */
  began?: EventOf<'began'>;
  /** Absent when a tap joined late. */
  opened?: EventOf<'opened'>;
  /** Who began to close it, and how; absent while it is open. */
  closed?: EventOf<'closed'>;
  /** What the packets show besides the bytes; absent if there were none, or nothing notable. */
  segments?: ConnectionSegments;
  /** By the side that reports it. */
  readonly secured: { client?: EventOf<'secured'>; server?: EventOf<'secured'> } = {};
  readonly refused: EventOf<'refused'>[] = [];
  /** The connection that carries its bytes on, or whose bytes it carries on, unchanged: one connection to both endpoints. */
  twin?: Connection | undefined;
  /** Whether it is the second of the two, from the one that relays to the server. */
  isSecond = false;
  /** The client's connection for which a proxy opened this one; a proxy that keeps it may use it for others too. */
  cause?: Connection | undefined;
  /** The wire of the client's connection for which a proxy opened this one, unchanged or not; undefined for a client's own. */
  behind?: string;
  /** What a proxy opened for this connection and is still kept. */
  readonly led = new Set<Connection>();
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

  stream(vantage: Vantage, from: Side): FlowStream {
    return (this.#streams[vantage][from] ??= new FlowStream(this.#source, vantage, from));
  }

  /** The length of a stream, without making one. */
  lengthOf(vantage: Vantage, from: Side): number {
    return this.#streams[vantage][from]?.length ?? 0;
  }

  /** Lets go of what the log has of its bytes. @internal Called by `Flows` alone. */
  letGo(): void {
    for (const { client, server } of Object.values(this.#streams)) {
      client?.letGo();
      server?.letGo();
    }
  }

  /**
   * Whether TLS is spoken on it: an endpoint said so, plaintext was tapped above it, or the client's first
   * bytes are the header of a handshake record (RFC 8446 section 5.1), which a relay that ends no TLS sees too, or a hello
   * in the form of SSL 2.0 that offers more (RFC 5246 appendix E.2). It may begin later too, as after STARTTLS.
   */
  get carriesTls(): boolean {
    const { plaintext } = this.#streams;
    if (
      this.secured.client ||
      this.secured.server ||
      (plaintext.client?.length ?? 0) > 0 ||
      (plaintext.server?.length ?? 0) > 0
    )
      return true;
    const { client } = this.#streams.wire;
    if (!client || client.helloAt !== undefined) return client !== undefined;
    const first = client.headByte(0) ?? 0;
    if (first >= 0x80) return client.headByte(2) === 0x01 && client.headByte(3) === 0x03;
    return first === 0x16 && client.headByte(1) === 0x03;
  }

  /** Up to where the client spoke something else before it turned to TLS; 0 where it did not. */
  get readableBefore(): number {
    return this.#streams.wire.client?.helloAt ?? 0;
  }

  /** What an endpoint reads and writes: above TLS where there is TLS, else the wire itself. */
  plaintextStream(from: Side): FlowStream {
    return this.stream(this.carriesTls ? 'plaintext' : 'wire', from);
  }
}
