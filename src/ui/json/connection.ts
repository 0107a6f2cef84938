/**
 * The JSON lines of one connection: handshake messages and alerts, HTTP messages, the secrets in them, and finally its outcome.
 * They are collected while it is read and written when it ends.
 */
import { isoTime } from '../../core/iso-time.ts';
import { conversation, ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/message.ts';
import { SummaryReader, isFailed, nameIn, wallClockOf } from '../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary, SummaryOptions } from '../../analysis/summary/connection-summary.ts';
import type { Exchange } from '../../analysis/summary/exchanges.ts';
import { outcomeOf } from '../../analysis/outcome/outcome.ts';
import type { Outcome } from '../../analysis/outcome/outcome-facts.ts';
import { unknownAmong } from '../../analysis/secrets/credential-shapes.ts';
import type { FoundCredential } from '../../analysis/secrets/credential-shapes.ts';
import type { Hit, SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { EventOf, Side } from '../../capture/event.ts';
import { streamOf } from '../../capture/stream-number.ts';
import type { Connection } from '../../capture/connection.ts';
import { protectionOf } from '../../protocols/shared/credential.ts';
import type { HttpHead } from '../../protocols/protocol.ts';
import { defined } from '../../core/defined.ts';
import type { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { KeysFor, TlsConversation } from '../../protocols/tls/conversation.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import { Digest } from './digest.ts';
import type { DigestLine } from './digest.ts';
import type { LineOf, OutputLine } from './line.ts';
import { directed, endsOf, tlsLines } from './tls-lines.ts';
import type { EndpointViews } from './tls-lines.ts';

export interface ConnectionOptions {
  readonly hunt: SecretHunt;
  readonly secrets: ReadonlyMap<string, string>;
  readonly keys: Iterable<string> | KeyRing;
  readonly write: (line: OutputLine) => void;
  /** It is read as its bytes arrive, and what was read is released. */
  readonly passing?: boolean;
  readonly keysFor?: KeysFor | undefined;
  readonly tsharkName?: SummaryOptions['tsharkName'];
  /** Looked for in the messages. */
  readonly texts?: readonly string[];
  /** Called with each message as it is read. */
  readonly onMessage?: (message: Message) => void;
  readonly onExchange?: (exchange: Exchange, connection: Connection) => void;
  /** Of each response, in microseconds. */
  readonly onLatency?: (latency: number, connection: Connection) => void;
  /** Bytes of each body that are kept for `onExchange`; none by default. */
  readonly mostBody?: number;
}

/** Lines of a connection that wait for its end; a connection with more is printed in parts. */
const mostLines = 256;
/** The first messages whose packets are remembered: the evidence of an outcome is among them, or at the end. */
const mostFrames = 256;

export class ConnectionLines {
  readonly reader: ConversationReader;
  readonly #connection: Connection;
  readonly #options: ConnectionOptions;
  readonly #ends: EndpointViews;
  /** The packet of each of the first TLS messages, by event. */
  readonly #frames = new Map<number, number>();
  #tls: OutputLine[] = [];
  #said: OutputLine[] = [];
  #secrets: OutputLine[] = [];
  /** Of the decrypted plaintext. */
  readonly #opened: Partial<Record<Side, Digest>> = {};
  /** Of a wire without TLS, and of the plaintext that a tap recorded, where neither can be read again at the end. */
  readonly #wire: Partial<Record<Side, Digest>> = {};
  readonly #tapped: Partial<Record<Side, Digest>> = {};
  /** Reads that plaintext. */
  #above: ConversationReader | undefined;
  #secretsAbove: OutputLine[] = [];
  readonly #summary: SummaryReader;
  /** Of the response at hand. */
  #latency: number | undefined;
  #outcomeFound: Outcome | undefined;

  constructor(connection: Connection, options: ConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#ends = endsOf(connection);
    const { keys, passing = false, keysFor, texts, onExchange, onLatency, mostBody, tsharkName } = options;
    this.#summary = new SummaryReader(connection, {
      ...(texts ? { texts } : {}),
      tsharkName,
      ...(mostBody === undefined ? {} : { mostBody }),
      onLatency: (latency) => {
        this.#latency = latency;
        onLatency?.(latency, connection);
      },
      ...(onExchange ? { onExchange: (exchange: Exchange) => onExchange(exchange, connection) } : {}),
    });
    this.reader = new ConversationReader(connection, {
      keys,
      passing,
      keysFor,
      mostBody,
      onMessage: (message) => this.#message(message),
      onTls: (message, frame) => {
        this.#summary.onTls(message);
        this.#tlsMessage(message, frame);
      },
      onHttp: this.#summary.onHttp,
    });
  }

  /**
   * Reads bytes that have just arrived.
   * @param isReady false if the keys for them are still to come: they are read with later ones
   */
  read({ from, vantage, bytes, dropped }: EventOf<'bytes'>, isReady = true): void {
    if (vantage === 'plaintext') this.#readAbove(from, dropped ? undefined : bytes);
    else if (isReady) this.reader.advance();
    if (vantage === 'wire' && !this.reader.tls && !this.#connection.carriesTls)
      (this.#wire[from] ??= new Digest()).add(dropped ? undefined : bytes);
    if (this.#tls.length + this.#said.length + this.#secrets.length + this.#secretsAbove.length > mostLines)
      this.#flush();
  }

  #readAbove(from: Side, bytes: Uint8Array | undefined): void {
    (this.#tapped[from] ??= new Digest()).add(bytes);
    this.#above ??= new ConversationReader(this.#connection, {
      vantage: 'plaintext',
      passing: true,
      mostBody: this.#options.mostBody,
      onHttp: this.#summary.onHttp,
      onMessage: (message) => {
        const found = message.credentials();
        this.#summary.onMessage(message, found);
        for (const line of this.#credentials(message, found)) this.#secretsAbove.push(line);
      },
    });
    this.#above.advance();
  }

  /** The connection has ended. */
  finish(): void {
    const connection = this.#connection;
    this.reader.end();
    this.#above?.end();
    this.#summary.end();
    this.#flush();
    const { tls } = this.reader;
    const outcome = this.#outcome();
    this.#options.write(
      streamLine(connection, tls, this.#ends, outcome, this.summary(), {
        toServer: this.#digest('client')?.line(),
        toClient: this.#digest('server')?.line(),
      }),
    );
  }

  /** As far as it was read; with its outcome once it is finished. */
  summary(): ConnectionSummary {
    return this.#summary.summary(this.reader.negotiated, this.#outcomeFound);
  }

  /** The outcome, with the packets that show its evidence. */
  #outcome(): LineOf<'stream'>['outcome'] {
    const { reader } = this;
    const { opened, closed } = this.#connection;
    const found = outcomeOf(this.#connection, { reading: reader });
    this.#outcomeFound = found;
    const { seen: _, evidence, ...outcome } = found;
    const frameOf = (seq: number): number | undefined =>
      [opened, closed].find((event) => event?.seq === seq)?.frame ??
      this.#frames.get(seq) ??
      reader.frameOf(seq) ??
      reader.messages.find((message) => message.seq === seq)?.frame;
    return {
      ...outcome,
      evidence: evidence.map((place) => this.#framed({ ...place }, frameOf(place.event))),
    };
  }

  #flush(): void {
    const { write } = this.#options;
    for (const line of this.#tls) write(line);
    for (const line of this.#said) write(line);
    this.#knownSecrets();
    for (const line of this.#secrets) write(line);
    // What an endpoint reads above TLS holds secrets too; on a wire without TLS it is the wire itself.
    for (const line of this.#secretsAbove) write(line);
    const isTapped =
      !this.#options.passing &&
      this.#connection.lengthOf('plaintext', 'client') + this.#connection.lengthOf('plaintext', 'server') > 0;
    if (isTapped)
      for (const message of conversation(this.#connection, { vantage: 'plaintext' }))
        for (const line of this.#credentials(message, message.credentials())) write(line);
    this.#tls = [];
    this.#said = [];
    this.#secrets = [];
    this.#secretsAbove = [];
  }

  #tlsMessage(message: TlsMessage, frame: number | undefined): void {
    const { from, plaintextLength, bytes } = message;
    if (plaintextLength > 0) (this.#opened[from] ??= new Digest()).add(bytes);
    if (frame !== undefined && this.#frames.size < mostFrames) this.#frames.set(message.lastTag, frame);
    for (const line of tlsLines(this.#connection, message, this.#ends))
      this.#tls.push(this.#framed(line, frame));
  }

  #message(message: Message): void {
    this.#options.onMessage?.(message);
    const found = message.credentials();
    this.#summary.onMessage(message, found);
    const latency = this.#latency;
    this.#latency = undefined;
    if (message.protocol === 'http') {
      const { conn, hop, seq, from, vantage, title, length, begins } = message;
      const placed = { ...streamOf(conn), hop, event: seq, ...directed(this.#ends, from ?? 'client') };
      this.#said.push(
        this.#framed(
          {
            v: 2,
            kind: 'http',
            ...placed,
            at: message.at,
            vantage,
            title: title.en,
            length,
            ...(begins && { begins }),
            ...(latency === undefined ? {} : { latency }),
          },
          message.frame,
        ),
      );
    }
    const line = this.#protocolLine(message, latency);
    if (line) this.#said.push(this.#framed(line, message.frame));
    for (const secret of this.#credentials(message, found)) this.#secrets.push(secret);
  }

  /** With the packet that completed it, and the file of that, where there are several. */
  #framed<Line extends object>(
    line: Line,
    frame: number | undefined,
  ): Line & { readonly frame?: number; readonly file?: number } {
    if (frame === undefined) return line;
    const { file } = this.#connection.opened ?? {};
    return { ...line, frame, ...(file === undefined ? {} : { file }) };
  }

  /** Of a protocol without a line of its own. */
  #protocolLine(message: Message, latency: number | undefined): LineOf<'message'> | undefined {
    const { at, hop, seq: event, from, vantage, protocol, title, facts, length, http } = message;
    // Data that nobody recognises says so once.
    const isSaid = protocol === 'data' && message.facts.en !== '';
    if (from === null || (withOwnLine.has(protocol) && !isSaid)) return undefined;
    return {
      v: 2,
      kind: 'message',
      ...streamOf(this.#connection.conn),
      hop,
      event,
      ...directed(this.#ends, from),
      at,
      vantage,
      protocol,
      title: title.en,
      ...(facts.en !== '' && { facts: facts.en }),
      length,
      ...(http && { http: headLine(http) }),
      ...(latency === undefined ? {} : { latency }),
    };
  }

  #knownSecrets(): void {
    const { conn, hop } = this.#connection;
    const { hunt, secrets, write } = this.#options;
    for (const hit of hunt.hits) {
      if (hit.conn !== conn) continue;
      const value = secrets.get(hit.secret);
      if (value === undefined) continue;
      const { offset, encoding, secret: field } = hit;
      write(
        secretLine(
          { ...hit, hop },
          {
            protocol: 'http',
            field,
            value,
            offset,
            encoding,
            protection: 'readable',
          },
        ),
      );
    }
  }

  /** Credentials found by their shape, except where a known secret is. */
  #credentials(message: Message, found: readonly FoundCredential[]): OutputLine[] {
    const { conn, hop, vantage, from, seq, protocol } = message;
    if (from === null) return [];
    if (found.length === 0) return [];
    const known = this.#options.hunt.hits.filter(
      (hit) => hit.conn === conn && hit.vantage === vantage && hit.from === from,
    );
    return unknownAmong(found, known).map(({ kind: encoding, name: field, value, offset }) =>
      secretLine(
        { conn, hop, vantage, from, seq },
        {
          protocol,
          field,
          value,
          offset,
          encoding,
          protection: protectionOf(encoding),
        },
      ),
    );
  }

  /** The plaintext of a direction, as a tap above TLS recorded it or as the keys opened it; undefined if neither did. */
  #digest(from: Side): Digest | undefined {
    const { tls, handshake } = this.reader;
    // TLS inside of datagrams: what they hold is sealed.
    if (!tls && handshake) return undefined;
    const tapped = tls ? this.#connection.stream('plaintext', from) : this.#connection.plaintextStream(from);
    if (tls && tapped.length === 0) return this.#opened[from];
    if (this.#options.passing)
      return (this.#connection.carriesTls ? this.#tapped[from] : this.#wire[from]) ?? new Digest();
    const digest = new Digest();
    digest.add(tapped.all());
    return digest;
  }
}

/** `data` is counted beyond its first bytes, and `tcp` is in the lines of the events. */
const withOwnLine: ReadonlySet<string> = new Set(['tls', 'http', 'data', 'tcp']);

function headLine(http: HttpHead): NonNullable<LineOf<'message'>['http']> {
  const { kind, stream, method, scheme, authority, path, status, headers, unknown, isTrailer, endsStream } =
    http;
  return defined({
    kind,
    stream,
    method,
    scheme,
    authority,
    path,
    status,
    headers,
    unknown,
    isTrailer,
    endsStream,
  });
}

type SecretLine = LineOf<'secret'>;

function secretLine(
  { conn, hop, vantage, from, seq }: Pick<Hit, 'conn' | 'hop' | 'vantage' | 'from' | 'seq'>,
  found: Pick<SecretLine, 'protocol' | 'field' | 'value' | 'offset' | 'encoding' | 'protection'>,
): SecretLine {
  return { v: 2, kind: 'secret', ...streamOf(conn), hop, vantage, from, ...found, event: seq };
}

interface Digests {
  readonly toServer: DigestLine | undefined;
  readonly toClient: DigestLine | undefined;
}

/** What a connection is found by: when it was, its packets and sizes, its name, what it spoke. */
function summaryFacts(
  connection: Connection,
  summary: ConnectionSummary,
): Pick<
  LineOf<'stream'>,
  | 'opened'
  | 'duration'
  | 'frames'
  | 'bytes'
  | 'name'
  | 'protocols'
  | 'tshark'
  | 'tls'
  | 'http'
  | 'login'
  | 'failed'
> {
  const { openedAt, closedAt, frames, bytes, protocols, version, suite, alpn } = summary;
  const login = summary.logins.at(-1);
  const { requests, latency } = summary;
  const name = nameIn(summary);
  return {
    opened: isoTime(wallClockOf(connection, openedAt)),
    ...(closedAt === undefined ? {} : { duration: closedAt - openedAt }),
    ...(frames ? { frames: { first: frames[0], last: frames[1] } } : {}),
    bytes: { toServer: bytes.client, toClient: bytes.server },
    ...(name === undefined ? {} : { name }),
    protocols,
    ...(summary.tshark === undefined ? {} : { tshark: summary.tshark }),
    ...(version === undefined && suite === undefined
      ? {}
      : {
          tls: {
            ...(version === undefined ? {} : { version }),
            ...(suite === undefined ? {} : { suite }),
            ...(alpn === undefined ? {} : { alpn }),
          },
        }),
    ...(requests === 0 ? {} : { http: { requests, ...(latency ? { slowest: latency.most } : {}) } }),
    ...(login === undefined ? {} : { login }),
    failed: isFailed(summary) === true,
  };
}

/** Where there are several files: which of them have it, and where they differ. */
function sightings({ opened }: Connection): Pick<LineOf<'stream'>, 'file' | 'seen' | 'differences'> {
  const { file, seen, differences } = opened ?? {};
  return {
    ...(file === undefined ? {} : { file }),
    ...(seen ? { seen: [...seen] } : {}),
    ...(differences ? { differences: [...differences] } : {}),
  };
}

function streamLine(
  connection: Connection,
  tls: TlsConversation | undefined,
  ends: EndpointViews,
  outcome: LineOf<'stream'>['outcome'],
  summary: ConnectionSummary,
  { toServer, toClient }: Digests,
): LineOf<'stream'> {
  const records = {
    toServer: tls?.applicationData('client').records ?? 0,
    toClient: tls?.applicationData('server').records ?? 0,
  };
  return {
    v: 2,
    kind: 'stream',
    ...streamOf(connection.conn),
    hop: connection.hop,
    ...ends,
    ...summaryFacts(connection, summary),
    ...sightings(connection),
    applicationDataRecords: records,
    ...(toServer || toClient
      ? { plaintext: { ...(toServer && { toServer }), ...(toClient && { toClient }) } }
      : {}),
    outcome,
  };
}
