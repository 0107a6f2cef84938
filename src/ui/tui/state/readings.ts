/**
 * The conversations that are shown: one reader each, which reads a little at a time, so that no key waits for a long one. It
 * decides how much is read at once and how long a reader is kept; `analysis` does the reading.
 *
 * 1. Querying `Readings` itself reads nothing: it returns what has been read, so that drawing changes nothing. Queries to a
 *    look (`look`) read further: so many chunks at once, however many connections it is about; the rest is read in turns
 *    (`readOn`).
 * 2. A reader keeps its source alive. One that no look has used for a while is released, sooner if all of them hold much.
 * 3. Without TLS, the wire is the plaintext and keys decrypt nothing: one reader serves all three.
 */
import { ConversationReader } from '../../../analysis/conversation/conversation.ts';
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import { indexFrom } from '../../../capture/flow-stream.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Flows } from '../../../capture/flows.ts';
import { toHex } from '../../../core/hex.ts';
import { KeyRing } from '../../../protocols/tls/keys/keylog.ts';

/** What a look reads at once: a few milliseconds. The cost of ciphertext is per byte, that of everything else per piece. */
const chunksAtOnce = 250;
const bytesAtOnce = 1024 * 1024;

/** What a turn reads: little, since garbage collections make some pieces far more expensive than others. */
const chunksInTurn = 32;

/** A reader that so many looks did not use is released. */
const looksKept = 100;

/** What readers that the newest look did not use may hold, in estimated bytes. */
const mostHeld = 32 * 1024 * 1024;

/** The memory of a message apart from its bytes, with its texts. */
const messageCost = 1024;

/** How many requests are searched for one that writes. */
const mostRequests = 200;

/** The keys of a connection, and how many key log lines they were: further lines change what is read. */
interface Keys {
  readonly keys: Iterable<string> | KeyRing;
  readonly count: number;
}

const noKeys: Keys = { keys: [], count: 0 };

export interface ReadingOptions {
  readonly keys?: boolean;
  readonly vantage?: 'wire' | 'plaintext';
}

/** A request of a client with its response. */
export interface Exchange {
  readonly request: WireMessage;
  readonly answer: WireMessage | undefined;
}

/** Conversations, as far as they were read. */
export interface Conversations {
  messages(connection: Connection, options?: ReadingOptions): readonly WireMessage[];
  /** The exchange that an endpoint read and wrote in a stretch of the log: the first, or the one that the others prepared. */
  exchange(
    connection: Connection,
    first: number,
    last: number,
    which?: 'first' | 'newest',
  ): Exchange | undefined;
  /** The same for endpoints that reported nothing, decrypted with keys from elsewhere. */
  openedExchange(
    connection: Connection,
    first: number,
    last: number,
    which?: 'first' | 'newest',
  ): Exchange | undefined;
}

const unread: readonly WireMessage[] = [];

class Reading {
  #reader: ConversationReader | undefined;
  readonly #start: () => ConversationReader;
  /** The number of key log lines at its start. */
  readonly keyCount: number;
  /** The last look that used it. */
  asked = 0;
  hasMore = true;
  /** The newest event of the connection when everything was read. */
  #readTo = -1;
  /** Which messages are requests, those with a form, and responses, as far as they were examined. */
  readonly #requests: number[] = [];
  readonly #forms: number[] = [];
  readonly #answers: number[] = [];
  #sorted = 0;
  readonly #connection: Connection;

  /** Messages that were not kept when they were examined. */
  #notKept = 0;
  /** The messages whose size was estimated, and their total. */
  #weighed: { readonly count: number; readonly first: number | undefined; readonly bytes: number } = {
    count: 0,
    first: undefined,
    bytes: 0,
  };

  constructor(
    connection: Connection,
    vantage: 'wire' | 'plaintext',
    { keys, count }: Keys,
    mostMessages: number,
  ) {
    this.#connection = connection;
    this.keyCount = count;
    this.#start = () => new ConversationReader(connection, { vantage, keys, mostMessages });
  }

  get messages(): readonly WireMessage[] {
    return this.#reader?.messages ?? unread;
  }

  get isBehind(): boolean {
    return this.hasMore || this.#readTo !== this.#connection.lastSeq;
  }

  /** What it holds, in bytes: its messages, and the parts of the stream in them or pending for the next one. */
  get held(): number {
    const { messages } = this;
    const { client, server } = this.#reader?.pending ?? { client: { length: 0 }, server: { length: 0 } };
    const first = messages[0]?.seq;
    if (this.#weighed.count !== messages.length || this.#weighed.first !== first) {
      this.#weighed = {
        count: messages.length,
        first,
        bytes: messages.reduce((sum, { length }) => sum + messageCost + length, 0),
      };
    }
    return this.#weighed.bytes + client.length + server.length;
  }

  /** Returns its cost in chunks; a reader without anything to read costs one. */
  advance(chunks: number): number {
    // Twenty thousand unused readers would be expensive.
    const reader = (this.#reader ??= this.#start());
    const before = reader.chunksRead;
    this.hasMore = reader.advance(chunks, bytesAtOnce);
    if (!this.hasMore) this.#readTo = this.#connection.lastSeq;
    return Math.max(1, reader.chunksRead - before);
  }

  /** The main request of a stretch of the log: the first, preferably with a form; or the newest, preferably one that writes. */
  exchange(first: number, last: number, which: 'first' | 'newest'): Exchange | undefined {
    const { messages } = this;
    this.#lookAgain();
    for (; this.#sorted < messages.length; this.#sorted++) {
      const message = messages[this.#sorted];
      if (message?.protocol !== 'http') continue;
      if (message.from === 'server') this.#answers.push(this.#sorted);
      // CONNECT is addressed to the proxy; the actual request follows in the tunnel.
      if (message.from !== 'client' || message.title.en.startsWith('CONNECT ')) continue;
      this.#requests.push(this.#sorted);
      if (message.title.en.startsWith('POST ')) this.#forms.push(this.#sorted);
    }
    const firstOf = (indices: readonly number[], from: number): WireMessage | undefined => {
      const found = indices[indexFrom(indices.length, (at) => messages[indices[at] ?? 0]?.seq ?? 0, from)];
      const message = found === undefined ? undefined : messages[found];
      return message && message.seq <= last ? message : undefined;
    };
    const request =
      which === 'newest'
        ? this.#newestBetween(first, last)
        : (firstOf(this.#forms, first) ?? firstOf(this.#requests, first));
    return request && { request, answer: firstOf(this.#answers, request.seq) };
  }

  /** When messages were released, the indices of the others change. */
  #lookAgain(): void {
    const notKept = this.#reader?.notKept ?? 0;
    if (notKept === this.#notKept) return;
    this.#notKept = notKept;
    this.#requests.length = this.#forms.length = this.#answers.length = this.#sorted = 0;
  }

  #newestBetween(first: number, last: number): WireMessage | undefined {
    const at = (index: number): WireMessage | undefined => this.messages[this.#requests[index] ?? -1];
    const end = indexFrom(this.#requests.length, (index) => at(index)?.seq ?? 0, last + 1);
    const begin = Math.max(
      end - mostRequests,
      indexFrom(this.#requests.length, (index) => at(index)?.seq ?? 0, first),
    );
    const requests = Array.from({ length: Math.max(0, end - begin) }, (_, index) => at(begin + index));
    return requests.findLast((request) => request && !request.title.en.startsWith('GET ')) ?? requests.at(-1);
  }
}

type Kind = 'wire' | 'opened' | 'plaintext';

function kindOf({ carriesTls }: Connection, { keys = false, vantage = 'wire' }: ReadingOptions): Kind {
  if (!carriesTls) return 'wire';
  if (vantage === 'plaintext') return 'plaintext';
  return keys ? 'opened' : 'wire';
}

export class Readings implements Conversations {
  readonly #flows: Flows;
  readonly #mostMessages: number;
  readonly #readings: Readonly<Record<Kind, Map<Connection, Reading>>> = {
    wire: new Map(),
    opened: new Map(),
    plaintext: new Map(),
  };
  readonly #randoms = new WeakMap<Connection, string>();
  /** Those that the newest look used and that have more to read, in the order of use. */
  readonly #behind = new Set<Reading>();
  #look = 0;
  #left = chunksAtOnce;
  #reads = 0;

  /** @param mostMessages of a connection, the first and the newest; those between are only counted. */
  constructor(flows: Flows, mostMessages = Infinity) {
    this.#flows = flows;
    this.#mostMessages = mostMessages;
  }

  /** How many readers are kept. */
  get size(): number {
    const { wire, opened, plaintext } = this.#readings;
    return wire.size + opened.size + plaintext.size;
  }

  /** Grows whenever something was read: an earlier result may be longer now. */
  get reads(): number {
    return this.#reads;
  }

  /** Begins a new look: queries to the result read further; readers of earlier looks do not, unless used again. */
  look(): Conversations {
    this.#look++;
    // While turns read on, a look need not.
    this.#left = this.isReading ? chunksInTurn : chunksAtOnce;
    this.#behind.clear();
    this.#letGo();
    return {
      messages: (connection, options = {}) => this.#readFurther(connection, options).messages,
      exchange: (connection, first, last, which = 'first') =>
        this.#readFurther(connection, { vantage: 'plaintext' }).exchange(first, last, which),
      openedExchange: (connection, first, last, which = 'first') =>
        this.#readFurther(connection, { keys: true }).exchange(first, last, which),
    };
  }

  messages(connection: Connection, options: ReadingOptions = {}): readonly WireMessage[] {
    return this.#known(connection, options)?.messages ?? unread;
  }

  exchange(
    connection: Connection,
    first: number,
    last: number,
    which: 'first' | 'newest' = 'first',
  ): Exchange | undefined {
    return this.#known(connection, { vantage: 'plaintext' })?.exchange(first, last, which);
  }

  openedExchange(
    connection: Connection,
    first: number,
    last: number,
    which: 'first' | 'newest' = 'first',
  ): Exchange | undefined {
    return this.#known(connection, { keys: true })?.exchange(first, last, which);
  }

  get isReading(): boolean {
    return this.#behind.size > 0;
  }

  /** Reads further for the newest look, for less than a millisecond unless garbage is collected meanwhile. */
  readOn(): void {
    let left = chunksInTurn;
    this.#reads++;
    for (const reading of this.#behind) {
      if (left <= 0) return;
      left -= reading.advance(left);
      if (reading.hasMore) return;
      this.#behind.delete(reading);
    }
  }

  #known(connection: Connection, options: ReadingOptions): Reading | undefined {
    return this.#readings[kindOf(connection, options)].get(connection);
  }

  #readFurther(connection: Connection, options: ReadingOptions): Reading {
    const kind = kindOf(connection, options);
    let reading = this.#readings[kind].get(connection);
    const opening = kind === 'opened' ? this.#keysOf(connection) : noKeys;
    // Later keys change what was read.
    if (!reading || reading.keyCount !== opening.count) {
      reading = new Reading(
        connection,
        kind === 'plaintext' ? 'plaintext' : 'wire',
        opening,
        this.#mostMessages,
      );
      this.#readings[kind].set(connection, reading);
    }
    reading.asked = this.#look;
    if (!reading.isBehind) return reading;
    this.#reads++;
    if (this.#left > 0) this.#left -= reading.advance(this.#left);
    else reading.hasMore = true;
    if (reading.hasMore) this.#behind.add(reading);
    else this.#behind.delete(reading);
    return reading;
  }

  /** The key log lines that can open a connection: those with the random of its ClientHello (RFC 8446 section 4.1.2). */
  #keysOf(connection: Connection): Keys {
    let random = this.#randoms.get(connection);
    if (random === undefined) {
      const start = connection.stream('wire', 'client').read(0, 43);
      if (!start) return noKeys;
      const recordLength = ((start[3] ?? 0) << 8) | (start[4] ?? 0);
      // A first record that is shorter holds a part of the random only.
      random = recordLength >= 38 && start[5] === 1 ? toHex(start.subarray(11)) : '';
      this.#randoms.set(connection, random);
    }
    if (random === '') return { keys: new KeyRing(this.#flows), count: this.#flows.keylogLength };
    const keys = this.#flows.keylogOf(random);
    return { keys, count: keys.length };
  }

  #letGo(): void {
    const unasked: {
      readonly readings: Map<Connection, Reading>;
      readonly connection: Connection;
      readonly reading: Reading;
    }[] = [];
    for (const readings of Object.values(this.#readings)) {
      for (const [connection, reading] of readings)
        if (reading.asked < this.#look - 1) unasked.push({ readings, connection, reading });
    }
    let held = 0;
    for (const { readings, connection, reading } of unasked.sort(
      (one, other) => other.reading.asked - one.reading.asked,
    )) {
      held += reading.held;
      if (held > mostHeld || reading.asked < this.#look - looksKept) readings.delete(connection);
    }
  }
}
