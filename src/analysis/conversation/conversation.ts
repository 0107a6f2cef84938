/**
 * Reads one connection into a list of messages for people, in capture order. It combines the connection's streams with
 * the dissectors; `protocols` interprets the bytes, `outcome.ts` the outcome. It loads the dissectors: import it on
 * demand.
 *
 * 1. At the vantage `wire` it shows what an eavesdropper can know. The messages of a direction cover its stream without
 *    overlap, so that their lengths add up to the bytes on the wire.
 * 2. With keys, encrypted messages are decrypted in place, and their contents follow the record that completed them, at
 *    the vantage `plaintext` and marked `opened`: from keys, not from an endpoint.
 * 3. At the vantage `plaintext` it shows what an endpoint reads and writes.
 * 4. No tap sees TCP's own packets; their messages are marked `reconstructed`, unless a capture has the packets.
 * 5. Names and texts from peers are made safe to print here.
 * 6. Messages are only added. Incomplete data (a truncated message, a stream too short to recognize, opaque bytes that
 *    may continue) becomes one only when the connection has closed or `end` is called.
 * 7. Uncaptured bytes are a message too, so that offsets add up, unless a dissector reports them itself.
 * 8. Consecutive opaque bytes of a direction form one message of whole chunks, up to 64 KiB, until the other side
 *    sends. A datagram is a message of its own, and UDP has no opening or closing.
 */
import { otherSide } from '../../capture/event.ts';
import type { EventOf, Side, Vantage } from '../../capture/event.ts';
import type { Chunk, FlowStream } from '../../capture/flow-stream.ts';
import type { Connection } from '../../capture/connection.ts';
import { defined } from '../../core/defined.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { HttpMessage } from '../../protocols/http/http-message.ts';
import { loadProtocols } from '../../protocols/index.ts';
import type { Piece } from '../../protocols/piece.ts';
import type { ProtocolMessage } from '../../protocols/protocol.ts';
import type { Agreement, Negotiated } from '../../protocols/tls/agreement.ts';
import type { HandshakeContent } from '../../protocols/tls/handshake.ts';
import type { KeysFor, TlsConversation } from '../../protocols/tls/conversation.ts';
import type { TlsMessage } from '../../protocols/tls/message/message.ts';
import type { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import { credentialsInFrame } from '../secrets/framed-http.ts';
import { credentialsInText, shownText } from '../secrets/text-content.ts';
import type { FoundCredential } from '../secrets/credential-shapes.ts';
import { HandshakeGist } from '../outcome/handshake-gist.ts';
import { mayHoldCredentials } from '../secrets/credential-shapes.ts';
import { empty, foreign, joined, safely, unexpected } from './facts.ts';
import { kept, noCredentials, readAgain } from './http-message.ts';
import type { OnDemand } from './http-message.ts';
import { closingFacts, contentOfEvent, cutOff, httpFacts, titleOfEvent } from './message-facts.ts';
import type { Message } from './message.ts';
import { ProtocolDispatcher } from './protocol-dispatcher.ts';
import type { DispatcherReaders, Spoken } from './protocol-dispatcher.ts';

export interface ConversationOptions {
  /**
   * NSS key log lines, of this connection or of all. Later ones need a new reader, because they change earlier
   * messages. A ring is queried when its keys are used.
   */
  readonly keys?: Iterable<string> | KeyRing;
  /** `wire` unless said otherwise. */
  readonly vantage?: Vantage;
  /** Called for each message as it is read. */
  readonly onMessage?: (message: Message) => void;
  /** Called when the head of a message of HTTP has arrived before its body. */
  readonly onBeginning?: (beginning: MessageBeginning) => void;
  /** Called for each message of HTTP/1 before its message for people. */
  readonly onHttp?: (message: HttpMessage, times: MessageTimes) => void;
  /** Called for each TLS message before its message for people. */
  readonly onTls?: (message: TlsMessage, frame: number | undefined) => void;
  /**
   * Releases what has been read, also in the connection, and keeps no messages: each is delivered once.
   * For a reader that reads each event before the next comes.
   */
  readonly passing?: boolean;
  /** While passing, each encrypted record is delivered too, even among many. */
  readonly tellsBulk?: boolean;
  /** While passing, the bytes and fields of encrypted records can be read too, as they are delivered. */
  readonly tellsContent?: boolean;
  /** Also reports the notable facts of TLS messages; by default, unless the reader passes. */
  readonly facts?: boolean;
  /** Bytes of a body of HTTP that are kept, instead of the usual. */
  readonly mostBody?: number | undefined;
  /** The maximum number of messages kept, the first and the newest; the number of omitted ones is reported. */
  readonly mostMessages?: number;
  /** Further key log lines, requested at each key exchange of the client. */
  readonly keysFor?: KeysFor | undefined;
  /** No message of opaque bytes extends over this event: the bytes before it have already been delivered. */
  readonly cutBefore?: number;
}

/** When a message came, in microseconds since the run began, and the packet of a capture file that completed it. */
export interface MessageTimes {
  /** Of its first byte, and its last. */
  readonly firstAt: number;
  readonly lastAt: number;
  readonly frame?: number | undefined;
}

/** A message that is under way; it is delivered when it is complete. */
export type MessageBeginning = Pick<Message, 'vantage' | 'from' | 'offset' | 'title' | 'seq'>;

type Readings = typeof import('./readings.ts') & Pick<DispatcherReaders, 'protocols'>;

let readings: Readings | undefined;

/**
 * Loads the readers for TLS and for protocols that may switch to it, once. Before that, a conversation shows everything
 * but HTTP as data: call it where other protocols may occur.
 */
export async function loadReadings(): Promise<void> {
  await loadWith(loadProtocols());
}

/** The same for a capture of any origin: also for what no connection of this program carries. */
export async function loadCaptureReadings(): Promise<void> {
  await loadWith(loadProtocols(true));
}

async function loadWith(loading: ReturnType<typeof loadProtocols>): Promise<void> {
  const [protocols, ofTls] = await Promise.all([loading, import('./readings.ts')]);
  readings ??= { ...ofTls, protocols };
}

/** Everything so far, as if the log ended here: of a connection that is still open, what is incomplete too. */
export function conversation(connection: Connection, options: ConversationOptions = {}): readonly Message[] {
  return readToEnd(connection, options).messages;
}

/** The complete messages of an open connection; all messages of a closed one. */
export function conversationSoFar(
  connection: Connection,
  options: ConversationOptions = {},
): readonly Message[] {
  const reader = new ConversationReader(connection, options);
  reader.advance();
  return reader.messages;
}

/** The same with its reader, which knows what TLS agreed on. */
export function readToEnd(connection: Connection, options: ConversationOptions = {}): ConversationReader {
  const reader = new ConversationReader(connection, options);
  reader.end();
  return reader;
}

/** Bytes of a direction that went by and are not in a message yet. */
export interface Pending {
  readonly offset: number;
  readonly length: number;
}

const sides = ['client', 'server'] as const satisfies readonly Side[];

type Draft = Pick<Message, 'vantage' | 'from' | 'offset' | 'length' | 'seq' | 'protocol' | 'title'> &
  Partial<Message>;

type Place = Pick<Message, 'vantage' | 'from' | 'offset' | 'length' | 'seq'>;

const dataTitle: Localized = { en: 'data', ko: '데이터' };

const gapTitle: Localized = { en: 'not captured', ko: '캡처되지 않음' };

/** It was captured, and the log has let it go since. */
const droppedTitle: Localized = { en: 'no longer in memory', ko: '메모리에 남아 있지 않음' };

const nothing = (): undefined => undefined;

/** A message of which nothing is known but its place and title. */
const bare = {
  facts: empty,
  sealed: false,
  opened: false,
  reconstructed: false,
  field: nothing,
  coverage: nothing,
  bytes: nothing,
  credentials: noCredentials,
} as const satisfies Partial<Message>;

/** More opaque bytes than this make another message. */
const maxOpaque = 64 * 1024;

/** First bytes that may say what is spoken. */
const longestStart = 512;

/** Datagrams of a direction that are named at most. */
const mostNamings = 8;

/** While passing, no message is kept; the packets of the first and newest ones are remembered. */
const framesFirst = 128;

const framesNewest = 32;

/** If the number of kept messages is limited, this many are the first ones. */
const keptFirst = 24;

/** Chunks kept per direction while passing: a message truncated by the end is in one of the newest. */
const keptChunks = 8;

/** Of a message under way in passing: a head, and as much of a body. */
const keptBody = 64 * 1024;

/** Bytes kept per direction while passing where content is told: more than a record has. */
const keptContent = 32 * 1024;

/** If the number of kept messages is limited, this many of their records are kept, too. */
const keptRecords = 1024 * 1024;

/** The placeholder for messages that are not kept. */
export const notKeptWords = (count: number): Localized => ({
  en: `${grouped(count)} older messages are not kept`,
  ko: `이전 메시지 ${grouped(count)}개는 보관하지 않음`,
});

/**
 * Reads a connection as its chunks arrive, each once. Made before `loadReadings` it shows TLS as data. Its messages keep
 * alive what they were read from, also when the log drops it: let a reader go with the connection that is looked at.
 */
interface Begun {
  readonly beginning: MessageBeginning;
  /** When its head came. */
  readonly at: number;
  /** It is not over, and its beginning has not been told. */
  isOpen: boolean;
}

export class ConversationReader {
  readonly #connection: Connection;
  readonly #vantage: Vantage;
  readonly #cutBefore: number;
  readonly #passing: boolean;
  readonly #tellsContent: boolean;
  /** Where content is told, the first chunk of each direction that is kept. */
  readonly #keptFrom: Record<Side, number> = { client: 0, server: 0 };
  readonly #facts: boolean;
  readonly #mostMessages: number;
  readonly #mostBody: number | undefined;
  /** Messages that are not kept. */
  #notKept = 0;
  /** In passing: events that completed messages, and the packets that brought them, by turns. */
  readonly #frames: number[] = [];
  readonly #onMessage: ConversationOptions['onMessage'];
  readonly #onTls: ConversationOptions['onTls'];
  readonly #onBeginning: ConversationOptions['onBeginning'];
  readonly #onHttp: ConversationOptions['onHttp'];
  readonly #readings = readings;
  readonly #startTls: () => TlsConversation | undefined;
  #ring: KeyRing | undefined;
  /** Of TLS inside another protocol. */
  #carried: Agreement | undefined;
  /** Absent until TLS is recognized: most connections of a large capture never use it. */
  #tls: TlsConversation | undefined;
  #gist: HandshakeGist | undefined;
  /** The wire, or what an endpoint reads; and what stands above TLS where keys opened it. */
  #layer: ProtocolDispatcher;
  #inside: ProtocolDispatcher | undefined;
  readonly #insideLength: Record<Side, number> = { client: 0, server: 0 };
  readonly #messages: Message[] = [];
  #streams: Readonly<Record<Side, FlowStream>> | undefined;
  /** The next chunk of each direction, and up to where its bytes are in messages or lost. */
  readonly #next: Record<Side, number> = { client: 0, server: 0 };
  readonly #readUpTo: Record<Side, number> = { client: 0, server: 0 };
  readonly #speaksTls = new Set<Side>();
  /** A suite without a cipher was agreed on: no key is needed to look inside. */
  #isUnencrypted = false;
  /** The newest message of HTTP of each direction whose head came before its body, and when; whether it is still to be told. */
  readonly #begun: Partial<Record<Side, Begun>> = {};
  /** Opaque bytes that more may join. */
  #opaque: Place | undefined;
  /** Their first ones, where they may say what is spoken. */
  #opaqueStart: Uint8Array | undefined;
  /** How often a direction was asked what it speaks. */
  readonly #namings = new Map<string, number>();
  /** Protocols of which was said what is plain in them. */
  readonly #toldNotes = new Set<string>();
  #hasBegun = false;
  /** No more data follows; the incomplete tails have been delivered. */
  #isSettled = false;
  #hasEnded = false;

  constructor(
    connection: Connection,
    {
      keys = [],
      vantage = 'wire',
      cutBefore = 0,
      passing = false,
      facts = !passing,
      tellsBulk = false,
      tellsContent = false,
      mostMessages = Infinity,
      mostBody = passing ? keptBody : undefined,
      onMessage,
      onTls,
      onBeginning,
      onHttp,
      keysFor,
    }: ConversationOptions = {},
  ) {
    this.#connection = connection;
    this.#vantage = vantage;
    this.#cutBefore = cutBefore;
    this.#passing = passing;
    this.#tellsContent = tellsContent;
    this.#facts = facts;
    this.#mostMessages = mostMessages;
    this.#onMessage = onMessage;
    this.#onTls = onTls;
    this.#onBeginning = onBeginning;
    this.#onHttp = onHttp;
    this.#startTls = () =>
      this.#readings?.startReading(
        keys,
        defined({
          passing,
          tellsBulk,
          keysFor,
          maxKept: mostMessages === Infinity ? undefined : keptRecords,
        }),
      );
    this.#mostBody = mostBody;
    this.#layer = new ProtocolDispatcher(this.#readings, undefined, mostBody, () => {
      this.#ring ??= this.#readings?.ringOf(keys);
      if (!this.#ring) throw new Error('what reads datagrams is loaded with TLS');
      return this.#ring;
    });
  }

  /** TLS's part of it: what was agreed on, its records; undefined where no TLS was met. */
  get tls(): TlsConversation | undefined {
    return this.#speaksTls.size > 0 ? this.#tls : undefined;
  }

  /** What TLS agreed on, in records of its own or inside another protocol. */
  get negotiated(): Negotiated | undefined {
    return this.tls?.negotiated ?? this.#carried?.negotiated();
  }

  /** What a judge of the connection needs of its TLS messages; undefined where no TLS was met. */
  get handshake(): HandshakeGist | undefined {
    return this.#gist;
  }

  /** In capture order; a message here never changes, and moves only if the number of kept ones is limited. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** In passing: the packet that completed the message of that event, of the first messages and the newest. */
  frameOf(seq: number): number | undefined {
    for (let at = 0; at < this.#frames.length; at += 2)
      if (this.#frames[at] === seq) return this.#frames[at + 1];
    return undefined;
  }

  /** Messages that were delivered and not kept. */
  get notKept(): number {
    return this.#notKept;
  }

  /** What went by of each direction and is no message yet, unread chunks included. */
  get pending(): Readonly<Record<Side, Pending>> {
    return { client: this.#pendingOf('client'), server: this.#pendingOf('server') };
  }

  /** Chunks that were read so far. */
  get chunksRead(): number {
    return this.#next.client + this.#next.server;
  }

  /** Reads new chunks, at most this many, and stops after this many bytes. Returns whether more can be read now. */
  advance(maxChunks = Infinity, maxBytes = Infinity): boolean {
    if (this.#connection.closed) this.#isSettled = true;
    this.#begin();
    let bytes = 0;
    for (let read = 0; ; read++) {
      const stream = this.#upcoming();
      if (!stream) break;
      if (read >= maxChunks || bytes >= maxBytes) return true;
      bytes += this.#readChunk(stream);
    }
    if (this.#isSettled) this.#finish();
    return false;
  }

  /** Whether this many more bytes of a direction can be skipped: everything before them was read, and they are bulk data. */
  isPassing(from: Side, length: number): boolean {
    return (
      !this.#hasEnded &&
      this.#speaksTls.has(from) &&
      this.#connection.carriesTls &&
      this.#tls?.isPassing(from, length) === true
    );
  }

  /** This many such bytes were received. */
  pass(from: Side, length: number, chunk: Pick<Chunk, 'seq' | 'at' | 'frame'>): void {
    this.#tls?.pass(from, length, chunk.seq);
    this.#layer.pass(from, length);
    if (this.#connection.stream('wire', from).pass(length, chunk)) this.#next[from]++;
  }

  /** The log ends here: incomplete data is delivered as it is. A closed connection ends by itself. */
  end(): void {
    this.#isSettled = true;
    this.advance();
  }

  #begin(): void {
    const { opened } = this.#connection;
    if (this.#hasBegun || !opened) return;
    this.#hasBegun = true;
    if (!this.#isOfDatagrams) this.#tcp(opened, { en: 'TCP opened', ko: 'TCP 연결됨' }, empty);
  }

  /** Datagrams or frames: each is read by itself, and nothing opens or ends the flow. */
  get #isOfDatagrams(): boolean {
    return (this.#connection.opened?.transport ?? 'tcp') !== 'tcp';
  }

  /** The stream whose next chunk is next in the log; undefined when there is none, or when it cannot be read yet. */
  #upcoming(): FlowStream | undefined {
    this.#streams ??= this.#chooseStreams();
    if (!this.#streams) return undefined;
    if (this.#speaksTls.size > 0 && this.#vantage === 'plaintext') this.#riseAboveTls(this.#streams);
    const { client, server } = this.#streams;
    const ofClient = this.#upcomingOf(client);
    const ofServer = this.#upcomingOf(server);
    if (!ofClient && !ofServer) return undefined;
    return ofClient && (!ofServer || ofClient.seq < ofServer.seq) ? client : server;
  }

  /** Unreadable chunks are skipped and leave a gap. */
  #upcomingOf(stream: FlowStream): Chunk | undefined {
    const { from } = stream;
    this.#next[from] = stream.numberFrom(this.#next[from]);
    return stream.chunkNumber(this.#next[from]);
  }

  /**
   * TLS began in the middle of the connection, and an endpoint tells what stands in it: the wire has nothing more to add. What was
   * spoken before goes on above it.
   */
  #riseAboveTls(streams: Readonly<Record<Side, FlowStream>>): void {
    if (streams.client.vantage === 'plaintext') return;
    const client = this.#connection.stream('plaintext', 'client');
    const server = this.#connection.stream('plaintext', 'server');
    if (client.length === 0 && server.length === 0) return;
    this.#tellOpaque();
    const below = this.#layer;
    this.#layer = new ProtocolDispatcher(this.#readings, below, this.#passing ? keptBody : undefined);
    this.#report(below.end(), 'wire');
    this.#streams = { client, server };
    for (const from of sides) {
      this.#next[from] = 0;
      this.#readUpTo[from] = 0;
    }
  }

  /** Without TLS, the plaintext is the wire itself, which is known once the client has sent data. */
  #chooseStreams(): Readonly<Record<Side, FlowStream>> | undefined {
    const connection = this.#connection;
    const wire = { client: connection.stream('wire', 'client'), server: connection.stream('wire', 'server') };
    if (this.#vantage === 'wire') return wire;
    const { head, length } = wire.client;
    const isKnown =
      this.#isSettled ||
      connection.carriesTls ||
      head.length >= ((head[0] ?? 0) < 0x80 ? 2 : 4) ||
      length > head.length;
    if (!isKnown) return undefined;
    // What precedes TLS is read first: it says what is spoken above.
    if (connection.readableBefore > 0) return wire;
    return { client: connection.plaintextStream('client'), server: connection.plaintextStream('server') };
  }

  /** While passing, the number of the first chunk that is still needed. */
  #firstKept(stream: FlowStream, { offset, length }: Chunk): number {
    const { from } = stream;
    const newest = this.#next[from] - keptChunks;
    if (!this.#tellsContent) return newest;
    const needed = offset + length - keptContent;
    const endOf = (chunk: Chunk | undefined): number => (chunk ? chunk.offset + chunk.length : 0);
    while (this.#keptFrom[from] < newest && endOf(stream.chunkNumber(this.#keptFrom[from])) <= needed)
      this.#keptFrom[from]++;
    return this.#keptFrom[from];
  }

  /** Returns how many bytes it has read. */
  #readChunk(stream: FlowStream): number {
    const { from, vantage } = stream;
    const chunk = stream.chunkNumber(this.#next[from]++);
    if (!chunk) throw new Error('the upcoming chunk is there');
    this.#hasBegun = true;
    if (this.#passing) stream.letGoBefore(this.#firstKept(stream, chunk));
    const { offset, length, seq } = chunk;
    const bytes = stream.payload(chunk);
    if (this.#opaque?.from !== from) this.#tellOpaque();
    // Dropped payload leaves a gap, which is reported when data follows.
    if (bytes.length !== length) {
      if (offset === 0) this.#layer.remember(from, stream.head);
      return 0;
    }
    // After the end the dissectors take nothing more.
    if (this.#hasEnded) this.#joinOpaque({ vantage, from, offset, length, seq });
    else if (this.#isOfDatagrams) {
      const piece = { from, offset, bytes, tag: seq };
      const isFrame = this.#connection.opened?.transport === 'eapol';
      this.#report(isFrame ? this.#layer.frame(piece) : this.#layer.datagram(piece), vantage);
      this.#tellOpaque();
    } else {
      this.#report(this.#layer.feed({ from, offset, bytes, tag: seq }), vantage);
      this.#tellBeginnings(this.#layer, vantage);
    }
    // Opaque data is not inspected.
    return this.#layer.protocolOf(from) === 'opaque' ? 0 : length;
  }

  #finish(): void {
    if (this.#hasEnded) return this.#tellOpaque();
    this.#hasEnded = true;
    this.#report(this.#layer.end(), this.#streams?.client.vantage ?? this.#vantage);
    for (const from of sides) if (this.#speaksTls.has(from)) this.#tlsMessages(this.#tls?.end(from) ?? []);
    this.#report(this.#inside?.end() ?? [], 'plaintext', true);
    this.#tellOpaque();
    const { closed } = this.#connection;
    if (closed && !this.#isOfDatagrams)
      this.#tcp(closed, { en: 'TCP closed', ko: 'TCP 종료됨' }, closingFacts(closed));
  }

  #pendingOf(from: Side): Pending {
    const offset = this.#readUpTo[from];
    const { length } = this.#streams?.[from] ?? this.#connection.stream('wire', from);
    return { offset, length: this.#hasEnded ? 0 : length - offset };
  }

  /** @param bytes of the place, or its first ones */
  #joinOpaque(place: Place, bytes?: Uint8Array): void {
    const open = this.#opaque;
    const joins =
      open?.vantage === place.vantage &&
      open.offset + open.length === place.offset &&
      open.length + place.length <= maxOpaque;
    if (open && joins && !(open.seq < this.#cutBefore && place.seq >= this.#cutBefore))
      this.#opaque = { ...open, length: open.length + place.length, seq: place.seq };
    else {
      this.#tellOpaque();
      this.#opaque = place;
      this.#opaqueStart = undefined;
    }
    this.#keepStart(bytes);
    if (this.#opaque.length >= maxOpaque) this.#tellOpaque();
  }

  #tellOpaque(): void {
    const place = this.#opaque;
    this.#opaque = undefined;
    const start = this.#opaqueStart;
    this.#opaqueStart = undefined;
    if (place) this.#data(place, start);
  }

  #add(draft: Draft): void {
    const { run, conn, hop } = this.#connection;
    const chunk = draft.at === undefined ? this.#chunkOf(draft.seq) : undefined;
    const at = draft.at ?? chunk?.at ?? 0;
    if (draft.from && draft.vantage === this.#streams?.[draft.from].vantage)
      this.#readUpTo[draft.from] = draft.offset + draft.length;
    const frame = chunk?.frame === undefined ? undefined : { frame: chunk.frame };
    const message: Message = {
      run,
      conn,
      hop,
      at,
      ...bare,
      ...frame,
      ...draft,
    };
    this.#onMessage?.(message);
    if (!this.#passing) this.#messages.push(message);
    else {
      this.#notKept++;
      if (message.frame !== undefined) this.#remember(message.seq, message.frame);
    }
    // Many at once, so that each is moved seldom.
    if (this.#messages.length > this.#mostMessages) this.#letGoOfOlder();
  }

  #remember(seq: number, frame: number): void {
    if (this.#frames.length === 2 * (framesFirst + framesNewest)) this.#frames.splice(2 * framesFirst, 2);
    this.#frames.push(seq, frame);
  }

  /** Half of what is kept goes; in its place stands how many messages are not there. */
  #letGoOfOlder(): void {
    const from = Math.min(keptFirst, this.#mostMessages >> 2);
    const hasPlace = this.#notKept > 0;
    const gone = this.#messages.splice(from, this.#mostMessages >> 1);
    const last = gone.at(-1);
    this.#notKept += gone.length - (hasPlace ? 1 : 0);
    if (last)
      this.#messages.splice(from, 0, {
        ...last,
        notKept: this.#notKept,
        vantage: 'wire',
        from: null,
        offset: 0,
        length: 0,
        protocol: 'data',
        title: notKeptWords(this.#notKept),
        ...bare,
      });
  }

  /** Nearly always the chunk read last; a message truncated by the end is in an earlier one. */
  #chunkOf(seq: number): Chunk | undefined {
    for (const from of sides) {
      const stream = this.#streams?.[from];
      const newest = stream?.chunkNumber(this.#next[from] - 1);
      const chunk = newest?.seq === seq ? newest : stream?.chunkOf(seq);
      if (chunk) return chunk;
    }
    return undefined;
  }

  /** Of packets in a capture, or of what a socket reported: then no packet was seen. */
  #tcp(event: EventOf<'opened' | 'closed'>, title: Localized, facts: Localized): void {
    this.#add({
      vantage: 'wire',
      from: null,
      offset: 0,
      length: 0,
      seq: event.seq,
      at: event.at,
      ...(event.frame === undefined ? {} : { frame: event.frame }),
      protocol: 'tcp',
      title,
      facts,
      reconstructed: event.frame === undefined || event.reconstructed === true,
    });
  }

  /** Of the first bytes that nobody reads of a direction, and of the first datagrams: they may say what is spoken. */
  #keepStart(bytes: Uint8Array | undefined): void {
    const { from, vantage } = this.#opaque ?? {};
    if (!bytes || !from || !vantage || !this.#mayName(vantage, from)) return;
    const before = this.#opaqueStart ?? new Uint8Array(0);
    if (before.length >= longestStart) return;
    this.#opaqueStart = Buffer.concat([before, bytes.subarray(0, longestStart - before.length)]);
  }

  #mayName(vantage: Vantage, from: Side): boolean {
    return (this.#namings.get(`${vantage} ${from}`) ?? 0) < (this.#isOfDatagrams ? mostNamings : 1);
  }

  /** What the first bytes of a direction say; nothing where they were asked before. */
  #named(
    { vantage, from, length }: Place,
    start: Uint8Array | undefined,
  ): Pick<Draft, 'protocol' | 'title' | 'facts'> | undefined {
    if (from === null || !start || start.length === 0 || !this.#readings || !this.#mayName(vantage, from))
      return undefined;
    const key = `${vantage} ${from}`;
    const before = this.#namings.get(key) ?? 0;
    this.#namings.set(key, before + 1);
    const named = this.#readings.nameOf(start, from, this.#isOfDatagrams ? 'udp' : 'tcp', length);
    if (!named)
      return before > 0 || this.#toldNotes.size > 0
        ? undefined
        : { protocol: 'data', title: dataTitle, facts: this.#readings.notRecognised(start) };
    const { protocol, title, facts = empty } = named;
    const isTold = this.#toldNotes.has(protocol);
    this.#toldNotes.add(protocol);
    return { protocol, title: safely(title), facts: isTold ? empty : facts };
  }

  #data(
    place: Place & { readonly opened?: boolean; readonly bytes?: Message['bytes'] },
    start?: Uint8Array,
  ): void {
    const { vantage, from, offset, length } = place;
    this.#add({
      bytes: () => (from === null ? undefined : this.#connection.stream(vantage, from).read(offset, length)),
      ...place,
      protocol: 'data',
      title: dataTitle,
      ...this.#named(place, start),
    });
  }

  /** @param isInside what was inside of records stays behind them: it joins nothing. */
  #report(spoken: readonly Spoken[], vantage: Vantage, isInside = false): void {
    const opened = isInside && !this.#isUnencrypted;
    for (const one of spoken) {
      if (one.type !== 'opaque') this.#tellOpaque();
      switch (one.type) {
        case 'tls':
          // TLS within TLS is data: one reader of records is enough for people.
          if (isInside) this.#opaqueInside(one.piece, opened);
          // What follows bytes that are no records is read by nobody, and is there all the same.
          else if (this.#tls?.hasEnded(one.piece.from))
            this.#joinOpaque({ ...placeOf(one.piece), vantage }, one.piece.bytes);
          else {
            this.#speaksTls.add(one.piece.from);
            this.#tls ??= this.#startTls();
            this.#tlsMessages(this.#tls?.feed(one.piece) ?? []);
          }
          break;
        case 'opaque':
          if (isInside) this.#opaqueInside(one.piece, opened);
          else this.#joinOpaque({ ...placeOf(one.piece), vantage }, one.piece.bytes);
          break;
        case 'gap':
          this.#add({
            vantage,
            from: one.from,
            offset: one.offset,
            length: one.length,
            seq: one.tag,
            protocol: 'data',
            ...(this.#connection.stream(vantage, one.from).hasGap || isInside
              ? { title: gapTitle }
              : { title: droppedTitle, notKept: 0 }),
          });
          break;
        case 'http':
          this.#httpMessage(one.message, vantage, isInside, opened);
          break;
        case 'carried_tls':
          this.#carriedTls(one.message);
          break;
        case 'message':
          this.#message(one.message, vantage, opened);
      }
    }
  }

  #tlsMessages(messages: readonly TlsMessage[]): void {
    const { fieldOf, coverageOf, shownBytes } = this.#readings ?? {};
    for (const message of messages) {
      const { from, offset, length, lastTag: seq, opened, content } = message;
      this.#gist ??= new HandshakeGist();
      this.#gist.add(message);
      this.#onTls?.(message, this.#chunkOf(seq)?.frame);
      const isBulk =
        this.#passing &&
        !this.#tellsContent &&
        (content.type === 'sealed' || content.type === 'application_data');
      this.#add(
        defined({
          ...this.#tlsDraft(message),
          vantage: 'wire',
          ...(isBulk
            ? {}
            : {
                field: () => fieldOf?.(message),
                coverage: () => coverageOf?.(message),
                bytes: () =>
                  shownBytes?.(message, this.#connection.stream('wire', from).read(offset, length)),
              }),
        }),
      );
      if (!message.bytes || message.plaintextLength === 0) continue;
      if (!opened) this.#isUnencrypted = true;
      this.#inside ??= new ProtocolDispatcher(this.#readings, this.#layer, this.#mostBody);
      this.#report(
        this.#inside.feed({ from, offset: this.#insideLength[from], bytes: message.bytes, tag: seq }),
        'plaintext',
        true,
      );
      this.#tellBeginnings(this.#inside, 'plaintext');
      this.#insideLength[from] += message.bytes.length;
    }
  }

  /** What a message of TLS says, wherever it was found. */
  #tlsDraft(message: TlsMessage) {
    const { from, offset, length, lastTag: seq, opened, content, contentType } = message;
    return {
      from,
      offset,
      length,
      seq,
      protocol: 'tls',
      title: verbatim(titleOf(message)),
      facts: this.#facts ? (this.#readings?.tlsFacts(message) ?? empty) : empty,
      sealed: message.encrypted && !opened,
      opened,
      contentType,
      alert: content.type === 'alert' ? content.alert : undefined,
    } as const;
  }

  /** Of a handshake that other messages carry: it follows the one that completed it, in coordinates of its own. */
  #carriedTls(message: TlsMessage): void {
    const { fieldOf, coverageOf } = this.#readings ?? {};
    const { lastTag: seq, content, bytes } = message;
    this.#gist ??= new HandshakeGist();
    this.#gist.add(message);
    if (isHandshake(content)) (this.#carried ??= this.#readings?.startAgreement())?.learn(content);
    this.#onTls?.(message, this.#chunkOf(seq)?.frame);
    this.#add(
      defined({
        ...this.#tlsDraft(message),
        vantage: 'plaintext',
        field: () => fieldOf?.(message),
        coverage: () => coverageOf?.(message),
        bytes: () => bytesInRecords(message) ?? bytes,
      }),
    );
  }

  #tellBeginnings(layer: ProtocolDispatcher, vantage: Vantage): void {
    for (const { from, offset, title, tag: seq } of layer.takeBeginnings()) {
      const beginning = { vantage, from, offset, seq, title: foreign(title) };
      this.#begun[from] = { beginning, at: this.#chunkOf(seq)?.at ?? 0, isOpen: true };
      this.#onBeginning?.(beginning);
    }
  }

  #opaqueInside({ from, offset, bytes, tag }: Piece, opened: boolean): void {
    const place = { vantage: 'plaintext', from, offset, length: bytes.length, seq: tag } as const;
    this.#data({ ...place, opened, bytes: () => bytes }, bytes);
  }

  /** The other side goes on before a message is over: its beginning stands before what follows. */
  #tellBegun({ from, vantage }: HttpMessage & { readonly vantage: Vantage }, opened: boolean): void {
    const own = this.#begun[from];
    if (own) own.isOpen = false;
    const other = this.#begun[otherSide[from]];
    if (!other?.isOpen || other.beginning.vantage !== vantage) return;
    other.isOpen = false;
    const { beginning } = other;
    this.#add({
      ...beginning,
      title: begins(beginning.title),
      length: 0,
      protocol: 'http',
      opened,
      begins: true,
    });
  }

  #httpMessage(message: HttpMessage, vantage: Vantage, isInside: boolean, opened: boolean): void {
    const { from, offset, length, lastTag: seq, content } = message;
    this.#tellBegun({ ...message, vantage }, opened);
    if (content.type === 'event') {
      this.#add({
        vantage,
        from,
        offset,
        length,
        seq,
        protocol: 'sse',
        title: titleOfEvent(content),
        facts: joined([foreign(shownText(content.data)), message.complete ? undefined : cutOff]),
        opened,
        ...kept(message),
        credentials: () => credentialsInText(contentOfEvent(content, message)),
      });
      return;
    }
    if (message.content.type !== 'opaque') {
      this.#onHttp?.(message, this.#timesOf(message));
      this.#add({
        vantage,
        from,
        offset,
        length,
        seq,
        protocol: 'http',
        title: foreign(message.title),
        facts: httpFacts(message),
        opened,
        ...this.#onDemand(message, vantage),
      });
    } else if (isInside) this.#opaqueInside({ from, offset, bytes: message.bytes, tag: seq }, opened);
    else this.#joinOpaque({ vantage, from, offset, length, seq }, message.bytes);
  }

  #timesOf({ from, offset, firstTag, lastTag }: HttpMessage): MessageTimes {
    const last = this.#chunkOf(lastTag);
    const lastAt = last?.at ?? 0;
    const begun = this.#begun[from];
    const began = begun?.beginning.offset === offset ? begun.at : lastAt;
    return { firstAt: this.#chunkOf(firstTag)?.at ?? began, lastAt, frame: last?.frame };
  }

  #message(message: ProtocolMessage, vantage: Vantage, opened: boolean): void {
    const {
      from,
      protocol,
      offset,
      length,
      lastTag: seq,
      title,
      malformed,
      isCut,
      isSealed,
      bytes,
    } = message;
    this.#add({
      vantage,
      from,
      offset,
      length,
      seq,
      protocol,
      title: safely(title),
      facts: malformed ? unexpected(malformed) : isCut ? cutOff : factsOf(message),
      opened,
      sealed: isSealed === true,
      field: () => message.field(),
      bytes: () => bytes,
      credentials: () => credentialsOf(message),
      ...(message.reading && { reading: () => message.reading?.() ?? [] }),
      ...(message.isMinor && { isMinor: true }),
      ...(message.login && { login: message.login }),
      ...(message.asksFor && { asksFor: message.asksFor }),
      ...(message.http && { http: message.http }),
      ...(message.httpBody && { httpBody: message.httpBody }),
    });
  }

  /**
   * A message that can be read again from the log is not kept: of a hundred thousand one is looked at. What no tap
   * recorded as it stands, and what is cut or malformed, is kept as it was read.
   */
  #onDemand(message: HttpMessage, vantage: Vantage): OnDemand {
    const { content, complete, bytes, length, from, framing } = message;
    const isInLog = vantage === this.#streams?.[from].vantage;
    if (
      this.#passing ||
      !isInLog ||
      !complete ||
      content.type === 'malformed' ||
      content.type === 'opaque' ||
      bytes.length !== length ||
      framing.kind === 'tunnel'
    )
      return kept(message);
    const answered = content.type === 'response' ? content.answers?.method : undefined;
    const stream = this.#connection.stream(vantage, from);
    return readAgain(stream, message.offset, length, framing, answered, mayHoldCredentials(message));
  }
}

const bareContents: ReadonlySet<string> = new Set([
  'alert',
  'change_cipher_spec',
  'application_data',
  'heartbeat',
  'sealed',
  'malformed',
]);
const isHandshake = (content: TlsMessage['content']): content is HandshakeContent =>
  !bareContents.has(content.type);

/** What a message of TLS is in its stream, with the headers of its records; undefined where it has none. */
function bytesInRecords({ frames, offset, length, opened }: TlsMessage): Uint8Array | undefined {
  const [first] = frames;
  if (!first || opened || frames.some((frame) => frame.bytes === undefined)) return undefined;
  const whole = Buffer.concat(frames.map((frame) => frame.bytes ?? new Uint8Array(0)));
  return whole.subarray(offset - first.start, offset - first.start + length);
}

const titleOf = ({ content, title }: TlsMessage): string =>
  content.type === 'server_hello' && content.helloRetryRequest ? 'HelloRetryRequest' : title;

function placeOf({ from, offset, bytes, tag }: Piece): Omit<Place, 'vantage'> {
  return { from, offset, length: bytes.length, seq: tag };
}

const begins = ({ en, ko }: Localized): Localized => ({ en: `${en}, begins`, ko: `${ko}, 시작` });

/** With the beginning of the text that it carries. */
const factsOf = ({ facts, content }: ProtocolMessage): Localized =>
  joined([
    facts && safely(facts),
    content && foreign(shownText(Buffer.from(content.bytes.subarray(0, 4096)).toString('utf8'))),
  ]);

const credentialsOf = (message: ProtocolMessage): readonly FoundCredential[] => {
  const found = credentialsInFrame(message);
  return message.content ? [...found, ...credentialsInText(message.content)] : found;
};
