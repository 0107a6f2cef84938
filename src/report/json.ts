/**
 * A run as NDJSON: a line for each capture event, then, when a connection has settled, what its bytes were (handshake
 * messages, alerts, HTTP, secrets that could be read, what became of it), and the verdict as the last line.
 *
 * 1. A pure function of the log. Key log lines are printed only where secrets are asked for.
 * 2. The lines about content say what an eavesdropper could know; nothing is opened with keys unless asked for.
 */
import { createHash } from 'node:crypto';
import { chainOf } from '../analysis/chain.ts';
import { conversation, readToEnd } from '../analysis/conversation.ts';
import type { Message } from '../analysis/conversation.ts';
import { outcomeOf } from '../analysis/outcome.ts';
import { coverageOf } from '../analysis/tls-reading.ts';
import type { SecretHunt } from '../analysis/secret-hunt.ts';
import { formatAddress } from '../capture/event.ts';
import type { CaptureEvent, Side } from '../capture/event.ts';
import type { Connection, Flows } from '../capture/flows.ts';
import { toCode } from '../core/hex.ts';
import { openCompressedCertificate } from '../dissect/tls/certificate-compression.ts';
import { compressionName, contentTypes, handshakeTypeName, nameOrCode } from '../dissect/tls/codes.ts';
import { ja3Of, ja4Of } from '../dissect/tls/fingerprint.ts';
import type { CertificateList } from '../dissect/tls/handshake.ts';
import type { TlsConversation, TlsMessage } from '../dissect/tls/conversation.ts';
import { certificateSummary, readCertificate } from '../dissect/x509/certificate.ts';
import { ocspSummary } from '../dissect/x509/ocsp.ts';
import type { Reach } from '../scenario/reach.ts';
import type { Verdict } from '../scenario/verdict.ts';
import { eventLine } from './json-events.ts';

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
  /** In which frame of a capture file an event came, by the event's number. */
  readonly frameOf?: (seq: number) => number | undefined;
  readonly write: (line: string) => void;
}

type Line = Readonly<Record<string, unknown>>;

/** What JSON lets stand and a terminal acts on: DEL, C1 controls, bidirectional and invisible characters. Escaped they mean the same. */
const actsOnTerminals = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

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

  reach(ways: readonly Reach[]): void {
    for (const way of ways) this.#write({ v: 1, kind: 'reach', ...way });
  }

  /** What is still open is told as far as it came. */
  end(): void {
    for (const connection of this.#options.flows.connections) this.#tell(connection);
  }

  finish(verdict: Verdict): void {
    this.end();
    this.#write({ v: 1, kind: 'verdict', ...verdict });
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
    const { flows, withSecrets, opens = withSecrets } = this.#options;
    const keys = opens ? flows.keylog : [];
    const ends = endsOf(connection);
    const reading = readToEnd(connection, { keys });
    const { tls, messages } = reading;
    for (const message of tls?.messages ?? []) for (const line of tlsLines(connection, message, ends)) this.#write(this.#framed(line, message.lastTag));
    for (const message of messages) {
      if (message.protocol !== 'http') continue;
      const placed = { stream: connection.conn, hop: connection.hop, event: message.seq, ...directed(ends, message.from ?? 'client') };
      this.#write(this.#framed({ v: 1, kind: 'http', ...placed, vantage: message.vantage, title: message.title.en, length: message.length }, message.seq));
    }
    this.#secrets(connection);
    // What an endpoint reads above TLS holds secrets too; on a wire without TLS it is the wire itself.
    const above = connection.carriesTls ? conversation(connection, { vantage: 'plaintext' }) : [];
    for (const message of [...messages, ...above]) this.#credentials(message);
    this.#write(streamLine(connection, tls, ends, this.#outcome(connection, reading)));
  }

  #secrets({ conn, hop }: Connection): void {
    const { hunt, secrets } = this.#options;
    for (const hit of hunt.hits) {
      if (hit.conn !== conn) continue;
      const value = secrets.get(hit.secret);
      if (value === undefined) continue;
      const { vantage, from, offset, encoding, seq } = hit;
      this.#write({ v: 1, kind: 'secret', stream: conn, hop, vantage, from, protocol: 'http', field: hit.secret, value, offset, encoding, event: seq });
    }
  }

  /** Secrets by their shape, where no known one stands. */
  #credentials({ conn, hop, vantage, from, seq, protocol, credentials }: Message): void {
    if (from === null) return;
    const known = this.#options.hunt.hits.filter((hit) => hit.conn === conn && hit.vantage === vantage && hit.from === from);
    for (const { kind: encoding, name: field, value, offset, length } of credentials()) {
      if (known.some((hit) => hit.offset < offset + length && offset < hit.offset + hit.length)) continue;
      this.#write({ v: 1, kind: 'secret', stream: conn, hop, vantage, from, protocol, field, value, offset, encoding, event: seq });
    }
  }

  /** What an event shows, a packet of a file shows. */
  #outcome(connection: Connection, reading: ReturnType<typeof readToEnd>): Line {
    const { evidence, ...outcome } = outcomeOf(connection, { reading });
    return { ...outcome, evidence: evidence.map((place) => this.#framed({ ...place }, place.event)) };
  }

  #framed(line: Line, seq: number): Line {
    const frame = this.#options.frameOf?.(seq);
    return frame === undefined ? line : { ...line, frame };
  }

  #write(line: Line): void {
    this.#options.write(JSON.stringify(line).replace(actsOnTerminals, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`));
  }
}

type Ends = Readonly<Record<Side, string>>;

function endsOf(connection: Connection): Ends {
  const { opened } = connection;
  return { client: opened ? formatAddress(opened.from) : '', server: opened ? formatAddress(opened.to) : '' };
}

function directed(ends: Ends, from: Side): { readonly from: string; readonly to: string } {
  return from === 'client' ? { from: ends.client, to: ends.server } : { from: ends.server, to: ends.client };
}

function tlsLines(connection: Connection, message: TlsMessage, ends: Ends): Line[] {
  const { content } = message;
  const placed = { stream: connection.conn, hop: connection.hop, event: message.lastTag, ...directed(ends, message.from) };
  switch (content.type) {
    case 'alert':
      return [{ v: 1, kind: 'alert', ...placed, ...content.alert, encrypted: message.encrypted }];
    case 'sealed':
      // Up to TLS 1.2 the outer type still says that it is an alert; what it says is sealed.
      return message.contentType === 21 ? [{ v: 1, kind: 'alert', ...placed, encrypted: true }] : [];
    case 'malformed': {
      const { id, offset, expected, found } = content.malformed;
      const problem = { v: 1, kind: 'problem', stream: connection.conn, hop: connection.hop, from: placed.from, what: id, offset, expected, found };
      const type = wholeHandshakeType(message);
      if (type === undefined) return [problem];
      return [{ v: 1, kind: 'handshake', ...placed, message: handshakeTypeName(type) ?? 'other_handshake', length: bodyLength(message), encrypted: message.encrypted }, problem];
    }
    case 'change_cipher_spec':
    case 'application_data':
    case 'heartbeat':
      return [];
    // Every other content is a handshake message, named by its type.
    default:
      return [{ v: 1, kind: 'handshake', ...placed, message: content.type, length: bodyLength(message), encrypted: message.encrypted, ...coverageFacts(message), ...handshakeFacts(message) }];
  }
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
function coverageFacts(message: TlsMessage): Line {
  const covered = coverageOf(message);
  return covered ? { coverage: { bytes: covered.bytes, named: covered.named, opaque: covered.opaque, unknown: covered.unknown } } : {};
}

function handshakeFacts({ content }: TlsMessage): Line {
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
    return { cipherSuite: toCode(content.cipherSuite), version: toCode(content.version), helloRetryRequest: content.helloRetryRequest };
  }
  if (content.type === 'certificate') return listFacts(content);
  if (content.type === 'compressed_certificate') {
    const opened = openCompressedCertificate(content);
    return { compression: nameOrCode(compressionName, content.algorithm), ...('list' in opened ? listFacts(opened.list) : { unopened: opened.unopened }) };
  }
  if (content.type === 'certificate_status' && content.response) return { ocsp: ocspSummary(content.response) };
  return {};
}

function listFacts({ certificates, stapled }: CertificateList): Line {
  const chain = chainOf(certificates);
  return { certificates: certificates.map(certificateFacts), ...(chain && { chain }), ...(stapled && { ocsp: ocspSummary(stapled) }) };
}

function certificateFacts(der: Uint8Array): Line {
  const read = readCertificate(der);
  if (!('got' in read)) return { sha256: createHash('sha256').update(der).digest('hex') };
  const { sha256, subject, issuer, serial, notBefore, notAfter, san } = certificateSummary(read.got);
  return { sha256, subject, issuer, serial, notBefore, notAfter, san };
}

function streamLine(connection: Connection, tls: TlsConversation | undefined, ends: Ends, outcome: Line): Line {
  const records = { toServer: tls?.applicationData('client').records ?? 0, toClient: tls?.applicationData('server').records ?? 0 };
  const digests = { toServer: digestOf(connection, tls, 'client'), toClient: digestOf(connection, tls, 'server') };
  return {
    v: 1,
    kind: 'stream',
    stream: connection.conn,
    hop: connection.hop,
    ...ends,
    applicationDataRecords: records,
    ...(digests.toServer || digests.toClient ? { plaintext: digests } : {}),
    outcome,
  };
}

/** What an endpoint read, as a tap above TLS recorded it, or as the keys opened it; undefined where nobody can know, or a part is not there. */
function digestOf(connection: Connection, tls: TlsConversation | undefined, from: Side): Line | undefined {
  const tapped = tls ? connection.stream('plaintext', from) : connection.plaintextStream(from);
  const isTapped = tls === undefined || tapped.length > 0;
  const parts = isTapped ? [tapped.all()] : tls.plaintext(from).map(({ bytes }) => bytes);
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  const hash = createHash('sha256');
  let length = 0;
  for (const part of parts) {
    hash.update(part!);
    length += part!.length;
  }
  return { bytes: length, sha256: hash.digest('hex') };
}
