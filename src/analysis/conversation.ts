/**
 * One connection as a list of messages for people: who said what, in the order of capture. It joins a connection's
 * streams with the dissectors; what the bytes mean is for `dissect`, what became of the connection for `outcome.ts`.
 * It loads the dissectors: import it on demand.
 *
 * 1. Asked for the vantage `wire`, it says what an eavesdropper can know. Messages of a direction tile its stream, so
 *    that their lengths add up to the bytes on the wire.
 * 2. With keys, sealed messages are opened in place, and what was said inside follows the record that completed it, at
 *    the vantage `plaintext` and marked `opened`: the keys say it, no endpoint did.
 * 3. Asked for the vantage `plaintext`, it says what an endpoint reads and writes.
 * 4. TCP's own packets were seen by no tap; its messages are marked `reconstructed`.
 * 5. Names and texts from the other side are made harmless here.
 */
import { credentialsIn } from './credential-shapes.ts';
import type { FoundCredential } from './credential-shapes.ts';
import type { EvidenceRef, Side, Vantage } from '../capture/event.ts';
import type { Connection, FlowStream } from '../capture/flows.ts';
import type { Alert } from '../capture/vocabulary.ts';
import type { Field } from '../core/field.ts';
import { fieldOfHttp, HttpConversation } from '../dissect/http/conversation.ts';
import type { HttpMessage } from '../dissect/http/conversation.ts';
import { headerValue } from '../dissect/http/message.ts';
import { recognise } from '../dissect/index.ts';
import type { Protocol } from '../dissect/index.ts';
import type { TlsConversation, TlsMessage } from '../dissect/tls/conversation.ts';
import type { Localized } from '../i18n/language.ts';
import { verbatim } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { empty, foreign, joined, unexpected } from './facts.ts';

export interface Message {
  readonly run: number;
  readonly conn: number;
  readonly hop: string;
  readonly vantage: Vantage;
  /** Null for what both sides did together. */
  readonly from: Side | null;
  /** Where it stands in its direction of its vantage, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** The event that completed it, and its time. */
  readonly seq: number;
  readonly at: number;
  readonly protocol: 'tcp' | 'tls' | 'http' | 'data';
  /** `ClientHello`, `POST /login`. */
  readonly title: Localized;
  /** What is worth knowing at a glance: `TLS 1.3, 3 suites, shop.localhost`; may be empty. */
  readonly facts: Localized;
  /** Unreadable as it stands here. */
  readonly sealed: boolean;
  /** Was sealed on the wire, and the keys opened it. */
  readonly opened: boolean;
  readonly reconstructed: boolean;
  /** For an alert that could be read. */
  readonly alert?: Alert;
  /** The outer type of a TLS record that stays sealed (20 to 24), or of what was in it. */
  readonly contentType?: number;
  /** Made when it is asked for; undefined for what has no fields. */
  readonly field: () => Field | undefined;
  /** Secrets by their shape (fields named password, authorization, cookies), whoever sent them; looked for when asked. */
  readonly credentials: () => readonly FoundCredential[];
}

export interface ConversationOptions {
  /** NSS key log lines, of this connection or of all. */
  readonly keys?: Iterable<string>;
  /** `wire` unless said otherwise. */
  readonly vantage?: Vantage;
}

/** The message as evidence. */
export function evidenceOfMessage({ run, conn, hop, vantage, from, offset, length, seq }: Message): EvidenceRef {
  return from === null ? { event: seq } : { run, conn, hop, vantage, from, offset, length };
}

type TlsReading = typeof import('./tls-reading.ts');
let tlsReading: TlsReading | undefined;

/** Loads what reads TLS, once. A conversation that is read before shows TLS as data: it is asked for where TLS may be spoken. */
export async function loadTlsReading(): Promise<void> {
  tlsReading ??= await import('./tls-reading.ts');
}

export function conversation(connection: Connection, options: ConversationOptions = {}): Message[] {
  return new Reader(connection, options).read();
}

const sides = ['client', 'server'] as const satisfies readonly Side[];
type Draft = Pick<Message, 'vantage' | 'from' | 'offset' | 'length' | 'seq' | 'protocol' | 'title'> & Partial<Message>;

class Reader {
  readonly #connection: Connection;
  readonly #vantage: Vantage;
  readonly #reading = tlsReading;
  readonly #tls: TlsConversation | undefined;
  /** Above the wire, or above TLS where keys opened it. */
  readonly #http = new HttpConversation();
  readonly #messages: Message[] = [];
  readonly #times = new Map<number, number>();
  /** What each direction speaks, as it was recognised; of the opened plaintext apart. */
  readonly #inside: Partial<Record<Side, Protocol>> = {};
  readonly #insideLength: Record<Side, number> = { client: 0, server: 0 };

  constructor(connection: Connection, { keys = [], vantage = 'wire' }: ConversationOptions) {
    this.#connection = connection;
    this.#vantage = vantage;
    this.#tls = this.#reading?.startReading(keys);
  }

  read(): Message[] {
    const { opened, closed } = this.#connection;
    if (opened && opened.transport === 'tcp') this.#tcp(opened, { en: 'TCP opened', ko: 'TCP 연결됨' }, empty);
    this.#readStreams();
    if (closed) this.#tcp(closed, { en: 'TCP closed', ko: 'TCP 종료됨' }, closingFacts(closed));
    return this.#messages;
  }

  #readStreams(): void {
    const { client, server } = this.#streams();
    const protocols = { client: this.#protocolOf(client), server: this.#protocolOf(server) };
    const chunks = [...client.chunks.map((chunk) => ({ stream: client, chunk })), ...server.chunks.map((chunk) => ({ stream: server, chunk }))];
    chunks.sort((a, b) => a.chunk.seq - b.chunk.seq);
    for (const { stream, chunk } of chunks) {
      const { from, vantage } = stream;
      const bytes = stream.payload(chunk);
      this.#times.set(chunk.seq, chunk.at);
      // Dropped payload leaves a gap, which the dissectors know how to say.
      if (bytes.length !== chunk.length) continue;
      const piece = { from, offset: chunk.offset, bytes, tag: chunk.seq };
      if (protocols[from] === 'tls') this.#tlsMessages(this.#tls?.feed(piece) ?? []);
      else if (protocols[from] === 'http') this.#httpMessages(this.#http.feed(piece), vantage);
      else this.#data({ vantage, from, offset: chunk.offset, length: chunk.length, seq: chunk.seq });
    }
    for (const from of sides) {
      if (protocols[from] === 'tls') this.#tlsMessages(this.#tls?.end(from) ?? []);
    }
    this.#httpMessages(this.#http.end(), client.vantage === 'wire' && protocols.client === 'tls' ? 'plaintext' : client.vantage);
  }

  #protocolOf(stream: FlowStream): Protocol {
    const protocol = recognise(stream.head) ?? 'opaque';
    return protocol === 'tls' && !this.#tls ? 'opaque' : protocol;
  }

  #streams(): Record<Side, FlowStream> {
    const connection = this.#connection;
    if (this.#vantage === 'wire') return { client: connection.stream('wire', 'client'), server: connection.stream('wire', 'server') };
    return { client: connection.plaintextStream('client'), server: connection.plaintextStream('server') };
  }

  #add(draft: Draft): void {
    const { run, conn, hop } = this.#connection;
    const at = this.#times.get(draft.seq) ?? 0;
    this.#messages.push({ run, conn, hop, at, facts: empty, sealed: false, opened: false, reconstructed: false, field: () => undefined, credentials: () => [], ...draft });
  }

  #tcp(event: { readonly seq: number; readonly at: number }, title: Localized, facts: Localized): void {
    this.#add({ vantage: 'wire', from: null, offset: 0, length: 0, seq: event.seq, at: event.at, protocol: 'tcp', title, facts, reconstructed: true });
  }

  #data(place: Pick<Message, 'vantage' | 'from' | 'offset' | 'length' | 'seq'> & { readonly opened?: boolean }): void {
    this.#add({ ...place, protocol: 'data', title: { en: 'data', ko: '데이터' } });
  }

  #tlsMessages(messages: readonly TlsMessage[]): void {
    const { tlsFacts, fieldOf } = this.#reading ?? {};
    for (const message of messages) {
      const { from, offset, length, lastTag: seq, opened, content, contentType } = message;
      this.#add({
        vantage: 'wire',
        from,
        offset,
        length,
        seq,
        protocol: 'tls',
        title: verbatim(content.type === 'server_hello' && content.helloRetryRequest ? 'HelloRetryRequest' : message.title),
        facts: tlsFacts?.(message) ?? empty,
        sealed: message.encrypted && !opened,
        opened,
        contentType,
        ...(content.type === 'alert' ? { alert: content.alert } : {}),
        field: () => fieldOf?.(message),
      });
      if (opened && message.bytes && message.plaintextLength > 0) this.#openedData(from, message.bytes, seq);
    }
  }

  /** Application data that the keys opened: what is said above TLS. */
  #openedData(from: Side, bytes: Uint8Array, seq: number): void {
    const offset = this.#insideLength[from];
    this.#insideLength[from] += bytes.length;
    this.#inside[from] ??= recognise(bytes) ?? 'opaque';
    if (this.#inside[from] === 'http') this.#httpMessages(this.#http.feed({ from, offset, bytes, tag: seq }), 'plaintext');
    else this.#data({ vantage: 'plaintext', from, offset, length: bytes.length, seq, opened: true });
  }

  #httpMessages(messages: readonly HttpMessage[], vantage: Vantage): void {
    const opened = this.#vantage === 'wire' && vantage === 'plaintext';
    for (const message of messages) {
      const { from, offset, length, lastTag: seq } = message;
      if (message.content.type === 'opaque') this.#data({ vantage, from, offset, length, seq, opened });
      else this.#add({ vantage, from, offset, length, seq, protocol: 'http', title: foreign(message.title), facts: httpFacts(message), opened, field: () => fieldOfHttp(message), credentials: () => credentialsIn(message) });
    }
  }
}

const ends: Readonly<Record<'end' | 'reset' | 'timeout', Localized>> = {
  end: empty,
  reset: { en: 'broken off (RST)', ko: '강제 종료(RST)' },
  timeout: { en: 'timed out', ko: '시간 초과' },
};
const closers: Readonly<Record<Side | 'unknown', Localized>> = {
  client: { en: 'by the client', ko: '클라이언트가 먼저' },
  server: { en: 'by the server', ko: '서버가 먼저' },
  unknown: empty,
};

function closingFacts({ by, how }: { readonly by: Side | 'unknown'; readonly how: 'end' | 'reset' | 'timeout' }): Localized {
  return joined([closers[by], ends[how]]);
}

function httpFacts({ content, complete }: HttpMessage): Localized {
  const cut = complete ? undefined : { en: 'cut off', ko: '중간에 끊김' };
  if (content.type === 'malformed') return unexpected(content.malformed);
  if (content.type === 'opaque') return joined([cut]);
  if (content.type === 'request') {
    const fields = content.form?.map(({ name }) => name).join(', ');
    return joined([foreign(headerValue(content, 'host')), fields ? { en: `form: ${safeText(fields)}`, ko: `양식: ${safeText(fields)}` } : undefined, cut]);
  }
  const location = headerValue(content, 'location');
  return joined([
    location ? { en: `to ${safeText(location)}`, ko: `이동: ${safeText(location)}` } : undefined,
    foreign(headerValue(content, 'content-type')?.split(';')[0]),
    cut,
  ]);
}
