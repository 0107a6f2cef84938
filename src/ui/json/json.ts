/**
 * A run as NDJSON: a line for each capture event, then, when a connection has settled, what its bytes were (handshake
 * messages, alerts, HTTP, secrets that could be read, what became of it), and the verdict as the last line.
 *
 * 1. A pure function of the log. Key log lines are printed only where secrets are asked for.
 * 2. The lines about content say what an eavesdropper could know; nothing is opened with keys unless asked for.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { chainOf } from '../../analysis/eavesdropper/chain.ts';
import { conversation, ConversationReader } from '../../analysis/conversation/conversation.ts';
import type { Message } from '../../analysis/conversation/conversation.ts';
import { outcomeOf } from '../../analysis/outcome/outcome.ts';
import { presentedCertificate, summaryOf } from '../../analysis/known-certificates.ts';
import { coverageOf } from '../../analysis/conversation/tls-reading.ts';
import type { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import { formatAddress } from '../../capture/event.ts';
import type { CaptureEvent, EventOf, Side } from '../../capture/event.ts';
import type { Connection, Flows } from '../../capture/flows.ts';
import type { Malformed } from '../../core/field.ts';
import { toCode } from '../../core/hex.ts';
import { openCompressedCertificate } from '../../protocols/tls/certificate-compression.ts';
import { compressionName, contentTypes, handshakeTypeName, nameOrCode } from '../../protocols/tls/codes.ts';
import { ja3Of, ja4Of } from '../../protocols/tls/fingerprint.ts';
import type { CertificateList } from '../../protocols/tls/handshake.ts';
import { KeyRing } from '../../protocols/tls/keylog.ts';
import type { KeysFor, TlsConversation, TlsMessage } from '../../protocols/tls/conversation.ts';
import { ocspSummary } from '../../protocols/x509/ocsp.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { Verdict } from '../../engine/verdict.ts';
import { eventLine } from './json-events.ts';
import { jsonText, outputLine } from './line.ts';
import type { LineOf, OutputLine } from './line.ts';

export interface JsonOptions {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** Secrets' values by id, for the `secret` lines. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Key log lines are printed, and sealed messages are opened with them. */
  readonly withSecrets: boolean;
  /** Sealed messages are opened, also where the keys are not printed. */
  readonly opens?: boolean;
  /** False: a line for what the bytes are, none for the events that brought them. */
  readonly events?: boolean;
  readonly write: (line: string) => void;
}

export class JsonReport {
  readonly #options: JsonOptions;
  readonly #told = new Set<number>();
  #inStep = false;

  constructor(options: JsonOptions) {
    this.#options = options;
  }

  readonly fold = (event: CaptureEvent): void => {
    const { events = true, withSecrets } = this.#options;
    if (events && (event.type !== 'keylog' || withSecrets)) this.#write(eventLine(event));
    if (event.type === 'step') {
      this.#inStep = event.state === 'started';
      if (event.state === 'done') this.#tellSettled();
    }
    if (event.type === 'closed' && !this.#inStep) this.#tellOf(event.conn);
  };

  reach(ways: readonly ManualCommand[]): void {
    for (const way of ways) this.#write(outputLine({ v: 1, kind: 'reach', ...way }));
  }

  /** What is still open is told as far as it came. */
  end(): void {
    for (const connection of this.#options.flows.connections) this.#tell(connection);
  }

  /** Nothing is told of that connection any more. */
  forget(conn: number): void {
    this.#told.delete(conn);
  }

  finish(verdict: Verdict): void {
    this.end();
    this.#write(outputLine({ v: 1, kind: 'verdict', ...verdict }));
  }

  #tellSettled(): void {
    for (const connection of this.#options.flows.connections) if (connection.closed) this.#tell(connection);
  }

  #tellOf(conn: number): void {
    const connection = this.#options.flows.connection(conn);
    if (connection) this.#tell(connection);
  }

  #tell(connection: Connection): void {
    if (this.#told.has(connection.conn)) return;
    this.#told.add(connection.conn);
    const { flows, withSecrets, opens = withSecrets, hunt, secrets } = this.#options;
    const told = new ConnectionLines(connection, {
      hunt,
      secrets,
      write: (line) => this.#write(line),
      keys: opens ? new KeyRing(flows) : [],
    });
    told.finish();
  }

  #write(line: OutputLine): void {
    this.#options.write(jsonText(line));
  }
}

export interface ConnectionOptions {
  readonly hunt: SecretHunt;
  readonly secrets: ReadonlyMap<string, string>;
  readonly keys: Iterable<string> | KeyRing;
  readonly write: (line: OutputLine) => void;
  /** It is read as its bytes come, each event before the next, and what was read is let go. */
  readonly passing?: boolean;
  readonly keysFor?: KeysFor | undefined;
}

/** So many lines of a connection wait for its end: in one that goes on for longer they are told in parts. */
const mostLines = 256;
/** Of so many of its first messages the packet is remembered: what its outcome points at stands there, or at its end. */
const mostFrames = 256;

/**
 * What is told of one connection: handshake messages and alerts, then what was said, then the secrets in it, and at last what
 * became of it. Gathered while it is read, told when it ends.
 */
export class ConnectionLines {
  readonly reader: ConversationReader;
  readonly #connection: Connection;
  readonly #options: ConnectionOptions;
  readonly #ends: EndpointViews;
  /** Of events that messages of TLS came with, the first ones. */
  readonly #frames = new Map<number, number>();
  #tls: OutputLine[] = [];
  #said: OutputLine[] = [];
  #secrets: OutputLine[] = [];
  /** Of what was said above TLS, where keys opened it. */
  readonly #opened: Partial<Record<Side, Digest>> = {};
  /** Of the wire where no TLS is spoken, and of what a tap above TLS recorded, when nobody can read it once more at the end. */
  readonly #wire: Partial<Record<Side, Digest>> = {};
  readonly #tapped: Partial<Record<Side, Digest>> = {};
  /** Reads what was tapped above TLS, likewise. */
  #above: ConversationReader | undefined;
  #secretsAbove: OutputLine[] = [];

  constructor(connection: Connection, options: ConnectionOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#ends = endsOf(connection);
    const { keys, passing = false, keysFor } = options;
    this.reader = new ConversationReader(connection, {
      keys,
      passing,
      keysFor,
      onMessage: (message) => this.#message(message),
      onTls: (message, frame) => this.#tlsMessage(message, frame),
    });
  }

  /**
   * Reads bytes that have just come.
   * @param isReady false where what opens them is still to come: they are read with later ones
   */
  read({ from, vantage, bytes, dropped }: EventOf<'bytes'>, isReady = true): void {
    if (vantage === 'plaintext') this.#readAbove(from, dropped ? undefined : bytes);
    else if (isReady) this.reader.advance();
    if (vantage === 'wire' && !this.reader.tls && !this.#connection.carriesTls)
      (this.#wire[from] ??= new Digest()).add(dropped ? undefined : bytes);
    if (this.#tls.length + this.#said.length + this.#secrets.length + this.#secretsAbove.length > mostLines)
      this.#tell();
  }

  #readAbove(from: Side, bytes: Uint8Array | undefined): void {
    (this.#tapped[from] ??= new Digest()).add(bytes);
    this.#above ??= new ConversationReader(this.#connection, {
      vantage: 'plaintext',
      passing: true,
      onMessage: (message) => {
        for (const line of this.#credentials(message)) this.#secretsAbove.push(line);
      },
    });
    this.#above.advance();
  }

  /** Nothing more comes. */
  finish(): void {
    const connection = this.#connection;
    this.reader.end();
    this.#above?.end();
    this.#tell();
    const { tls } = this.reader;
    this.#options.write(
      streamLine(connection, tls, this.#ends, this.#outcome(), {
        toServer: this.#digest('client')?.line(),
        toClient: this.#digest('server')?.line(),
      }),
    );
  }

  /** What an event shows, a packet of a file shows. */
  #outcome(): LineOf<'stream'>['outcome'] {
    const { reader } = this;
    const { opened, closed } = this.#connection;
    const { seen: _, evidence, ...outcome } = outcomeOf(this.#connection, { reading: reader });
    const frameOf = (seq: number): number | undefined =>
      [opened, closed].find((event) => event?.seq === seq)?.frame ??
      this.#frames.get(seq) ??
      reader.frameOf(seq) ??
      reader.messages.find((message) => message.seq === seq)?.frame;
    return { ...outcome, evidence: evidence.map((place) => framed({ ...place }, frameOf(place.event))) };
  }

  #tell(): void {
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
        for (const line of this.#credentials(message)) write(line);
    this.#tls = [];
    this.#said = [];
    this.#secrets = [];
    this.#secretsAbove = [];
  }

  #tlsMessage(message: TlsMessage, frame: number | undefined): void {
    const { from, plaintextLength, bytes } = message;
    if (plaintextLength > 0) (this.#opened[from] ??= new Digest()).add(bytes);
    if (frame !== undefined && this.#frames.size < mostFrames) this.#frames.set(message.lastTag, frame);
    for (const line of tlsLines(this.#connection, message, this.#ends)) this.#tls.push(framed(line, frame));
  }

  #message(message: Message): void {
    if (message.protocol === 'http') {
      const { conn, hop, seq, from, vantage, title, length } = message;
      const placed = { stream: conn, hop, event: seq, ...directed(this.#ends, from ?? 'client') };
      this.#said.push(
        framed({ v: 1, kind: 'http', ...placed, vantage, title: title.en, length }, message.frame),
      );
    }
    for (const line of this.#credentials(message)) this.#secrets.push(line);
  }

  #knownSecrets(): void {
    const { conn, hop } = this.#connection;
    const { hunt, secrets, write } = this.#options;
    for (const hit of hunt.hits) {
      if (hit.conn !== conn) continue;
      const value = secrets.get(hit.secret);
      if (value === undefined) continue;
      const { vantage, from, offset, encoding, seq } = hit;
      write({
        v: 1,
        kind: 'secret',
        stream: conn,
        hop,
        vantage,
        from,
        protocol: 'http',
        field: hit.secret,
        value,
        offset,
        encoding,
        event: seq,
      });
    }
  }

  /** Secrets by their shape, where no known one stands. */
  #credentials({ conn, hop, vantage, from, seq, protocol, credentials }: Message): OutputLine[] {
    if (from === null) return [];
    const found = credentials();
    if (found.length === 0) return [];
    const known = this.#options.hunt.hits.filter(
      (hit) => hit.conn === conn && hit.vantage === vantage && hit.from === from,
    );
    return found
      .filter(
        ({ offset, length }) =>
          !known.some((hit) => hit.offset < offset + length && offset < hit.offset + hit.length),
      )
      .map(({ kind: encoding, name: field, value, offset }) => ({
        v: 1,
        kind: 'secret',
        stream: conn,
        hop,
        vantage,
        from,
        protocol,
        field,
        value,
        offset,
        encoding,
        event: seq,
      }));
  }

  /** What an endpoint read, as a tap above TLS recorded it, or as the keys opened it; nothing where nobody can know. */
  #digest(from: Side): Digest | undefined {
    const { tls } = this.reader;
    const tapped = tls ? this.#connection.stream('plaintext', from) : this.#connection.plaintextStream(from);
    if (tls && tapped.length === 0) return this.#opened[from];
    if (this.#options.passing)
      return (this.#connection.carriesTls ? this.#tapped[from] : this.#wire[from]) ?? new Digest();
    const digest = new Digest();
    digest.add(tapped.all());
    return digest;
  }
}

const longestFirst = 512;
const hashOfNothing = createHash('sha256').digest('hex');

interface DigestLine {
  readonly bytes: number;
  readonly sha256: string;
}

/** SHA-256 of bytes that come in pieces, and how many they are. */
class Digest {
  #hash: Hash | undefined;
  /** The first piece by itself: most connections of a large capture say no more, and a hash is a large thing. */
  #first: Uint8Array | undefined;
  #bytes = 0;
  #isBroken = false;

  /** Undefined for a piece that is not there: then nothing can be said of the whole. */
  add(piece: Uint8Array | undefined): void {
    if (!piece) this.#isBroken = true;
    if (!piece || this.#isBroken) return;
    this.#bytes += piece.length;
    if (!this.#hash && !this.#first && piece.length <= longestFirst) {
      this.#first = piece.slice();
      return;
    }
    this.#hash ??= this.#begin();
    this.#hash.update(piece);
  }

  /** Undefined where a part was missing. */
  line(): DigestLine | undefined {
    if (this.#isBroken) return undefined;
    if (this.#bytes === 0) return { bytes: 0, sha256: hashOfNothing };
    return { bytes: this.#bytes, sha256: (this.#hash ?? this.#begin()).digest('hex') };
  }

  #begin(): Hash {
    const hash = createHash('sha256');
    if (this.#first) hash.update(this.#first);
    this.#first = undefined;
    return hash;
  }
}

/** With the packet of a capture file that completed the message. */
function framed<Line extends object>(
  line: Line,
  frame: number | undefined,
): Line & { readonly frame?: number } {
  return frame === undefined ? line : { ...line, frame };
}

type EndpointViews = Readonly<Record<Side, string>>;

function endsOf(connection: Connection): EndpointViews {
  const { opened } = connection;
  return { client: opened ? formatAddress(opened.from) : '', server: opened ? formatAddress(opened.to) : '' };
}

function directed(ends: EndpointViews, from: Side): { readonly from: string; readonly to: string } {
  return from === 'client' ? { from: ends.client, to: ends.server } : { from: ends.server, to: ends.client };
}

type TlsLine = LineOf<'handshake'> | LineOf<'alert'> | LineOf<'problem'>;

function tlsLines(connection: Connection, message: TlsMessage, ends: EndpointViews): TlsLine[] {
  const { content } = message;
  const placed = {
    stream: connection.conn,
    hop: connection.hop,
    event: message.lastTag,
    ...directed(ends, message.from),
  };
  switch (content.type) {
    case 'alert':
      return [{ v: 1, kind: 'alert', ...placed, ...content.alert, encrypted: message.encrypted }];
    case 'sealed':
      // Up to TLS 1.2 the outer type still says that it is an alert; what it says is sealed.
      return message.contentType === 21 ? [{ v: 1, kind: 'alert', ...placed, encrypted: true }] : [];
    case 'malformed': {
      const problem = problemLine(connection, placed.from, content.malformed);
      const type = wholeHandshakeType(message);
      if (type === undefined) return [problem];
      return [
        {
          v: 1,
          kind: 'handshake',
          ...placed,
          message: handshakeTypeName(type) ?? 'other_handshake',
          length: bodyLength(message),
          encrypted: message.encrypted,
        },
        problem,
      ];
    }
    case 'change_cipher_spec':
    case 'application_data':
    case 'heartbeat':
      return [];
    // Every other content is a handshake message, named by its type.
    default: {
      const told: LineOf<'handshake'> = {
        v: 1,
        kind: 'handshake',
        ...placed,
        message: content.type,
        length: bodyLength(message),
        encrypted: message.encrypted,
        ...coverageFacts(message),
        ...handshakeFacts(message),
      };
      const fault = 'fault' in content ? content.fault : undefined;
      return fault ? [told, problemLine(connection, placed.from, fault)] : [told];
    }
  }
}

function problemLine(
  { conn, hop }: Connection,
  from: string,
  { id, offset, expected, found }: Malformed,
): LineOf<'problem'> {
  return { v: 1, kind: 'problem', stream: conn, hop, from, what: id, offset, expected, found };
}

/** The type of a malformed handshake message that is as long as it claims, so that it is known as a message all the same. */
function wholeHandshakeType({ contentType, bytes }: TlsMessage): number | undefined {
  if (contentType !== contentTypes.handshake || !bytes || bytes.length < 4) return undefined;
  const [type = 0, high = 0, middle = 0, low = 0] = bytes;
  return bytes.length === 4 + high * 65_536 + middle * 256 + low ? type : undefined;
}

/** The handshake body without its header of four bytes. */
function bodyLength({ bytes, length }: TlsMessage): number {
  return Math.max(0, (bytes?.length ?? length) - 4);
}

/** A handshake message that was read has no byte without a field. */
/** What a handshake message says, beside what every one of them has. */
type HandshakeFacts = Partial<Omit<LineOf<'handshake'>, 'v' | 'kind'>>;

function coverageFacts(message: TlsMessage): HandshakeFacts {
  const covered = coverageOf(message);
  return covered
    ? {
        coverage: {
          bytes: covered.bytes,
          named: covered.named,
          opaque: covered.opaque,
          unknown: covered.unknown,
        },
      }
    : {};
}

function handshakeFacts({ content }: TlsMessage): HandshakeFacts {
  if (content.type === 'client_hello') {
    const { serverName, alpn, supportedVersions } = content.extensions;
    return {
      sni: serverName ?? null,
      cipherSuites: content.cipherSuites.map((code) => toCode(code)),
      alpn: alpn ?? [],
      supportedVersions: (supportedVersions ?? []).map((code) => toCode(code)),
      ja3: ja3Of(content),
      ja4: ja4Of(content),
    };
  }
  if (content.type === 'server_hello') {
    return {
      cipherSuite: toCode(content.cipherSuite),
      version: toCode(content.version),
      helloRetryRequest: content.helloRetryRequest,
    };
  }
  if (content.type === 'certificate') return listFacts(content);
  if (content.type === 'compressed_certificate') {
    const opened = openCompressedCertificate(content);
    return {
      compression: nameOrCode(compressionName, content.algorithm),
      ...('list' in opened ? listFacts(opened.list) : { unopened: opened.unopened }),
    };
  }
  if (content.type === 'certificate_status' && content.response)
    return { ocsp: ocspSummary(content.response) };
  return {};
}

function listFacts({ certificates, stapled }: CertificateList): HandshakeFacts {
  const chain = chainOf(certificates);
  return {
    certificates: certificates.map(certificateFacts),
    ...(chain && { chain }),
    ...(stapled && { ocsp: ocspSummary(stapled) }),
  };
}

function certificateFacts(der: Uint8Array): NonNullable<HandshakeFacts['certificates']>[number] {
  const certificate = presentedCertificate(der);
  if (!certificate) return { sha256: createHash('sha256').update(der).digest('hex') };
  const { sha256, subject, issuer, serial, notBefore, notAfter, san } = summaryOf(certificate);
  return { sha256, subject, issuer, serial, notBefore, notAfter, san };
}

interface Digests {
  readonly toServer: DigestLine | undefined;
  readonly toClient: DigestLine | undefined;
}

function streamLine(
  connection: Connection,
  tls: TlsConversation | undefined,
  ends: EndpointViews,
  outcome: LineOf<'stream'>['outcome'],
  { toServer, toClient }: Digests,
): LineOf<'stream'> {
  const records = {
    toServer: tls?.applicationData('client').records ?? 0,
    toClient: tls?.applicationData('server').records ?? 0,
  };
  return {
    v: 1,
    kind: 'stream',
    stream: connection.conn,
    hop: connection.hop,
    ...ends,
    applicationDataRecords: records,
    ...(toServer || toClient
      ? { plaintext: { ...(toServer && { toServer }), ...(toClient && { toClient }) } }
      : {}),
    outcome,
  };
}
