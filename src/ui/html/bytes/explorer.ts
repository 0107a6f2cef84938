/**
 * Makes the data of the bytes explorer: every byte of every connection with its field, in the form of `format.ts`. What is
 * said comes from `presentation`; how it is shown is decided by the page's script.
 */
import type { Message } from '../../../analysis/conversation/message.ts';
import type { Connection } from '../../../capture/connection.ts';
import { verbatim } from '../../../i18n/language.ts';
import type { Localized } from '../../../i18n/language.ts';
import type { BytePlace } from '../../../presentation/types/bytes.ts';
import type { LadderHead } from '../../../presentation/types/ladder.ts';
import { stateNames } from '../../../presentation/conversation/ladder.ts';
import { reportWords } from '../../../presentation/report/words.ts';
import { directionWords } from '../../../presentation/words.ts';
import { FieldExplainer } from '../../../presentation/conversation/explained-fields.ts';
import { KeyRing } from '../../../protocols/tls/keys/keylog.ts';
import { element, json } from '../element.ts';
import type { Html } from '../element.ts';
import { ByteStore, jsonBlob } from './blobs.ts';
import { excerpt, excerptsNote } from './excerpt.ts';
import { elementId, itemStates, senders } from './format.ts';
import type { ConnectionEntry, ExplorerIndex, Item } from './format.ts';
import { ConnectionItems } from './items.ts';
import type { ItemSources, RedactedIn } from './items.ts';
import { Overview, inOneList, readConnection } from './reading.ts';
import { KnownSecrets } from './secrets.ts';
import { Texts, WordTable, textOf } from './texts.ts';

export interface ExplorerOptions {
  /** NSS key log lines, or a ring that has them. */
  readonly keys?: Iterable<string> | KeyRing;
  /** Secrets that the run knows, by their names. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Of a saved run: where other bytes stand on the wire than were sent. */
  readonly redacted?: RedactedIn | undefined;
  /** Secrets are left out: of the texts and of the bytes. */
  readonly isMasked: boolean;
}

/** What a page of items holds at most: it is decoded as a whole. */
const mostItems = 500;
const mostNumbers = 60_000;
const mostConnections = 1000;

/** Bytes on the wire of a connection whose messages may all be kept at once. */
const largestKept = 1024 * 1024;

/** On paper: messages in all, and of one connection. */
const mostExcerpts = 6;
const mostExcerptsEach = 2;

/** Messages of a connection that can be linked to. */
const mostLinked = 500;

interface LinkedMessage {
  readonly offset: number;
  readonly end: number;
  /** The fragment of an address. */
  readonly link: string;
}

export class ExplorerBuilder {
  readonly #options: ExplorerOptions;
  readonly #keys: KeyRing | undefined;
  readonly #store = new ByteStore();
  readonly #words = new WordTable();
  readonly #explainer = new FieldExplainer();
  readonly #known: KnownSecrets;
  readonly #blobs: Html[] = [];
  readonly #connectionPages: number[] = [];
  readonly #itemPages: (readonly [number, number, number])[] = [];
  /** The messages of each direction that can be linked to, in their order; of those that begin in one place the first. */
  readonly #places = new Map<string, Map<string, LinkedMessage>>();
  readonly #excerpts: Html[] = [];
  /** The connection at hand. */
  #place: Localized = verbatim('');
  #connections: ConnectionEntry[] = [];
  #items: Item[] = [];
  #texts = new Texts();
  #numbers = 0;
  /** Of the items so far, those of each reading. */
  #sealed = 0;
  #opened = 0;
  #pageSealed = 0;
  #pageOpened = 0;
  #hasKeys = false;
  /** Excerpts up to the end of the connection at hand. */
  #mostHere = 0;

  constructor(options: ExplorerOptions) {
    this.#options = options;
    this.#known = new KnownSecrets(options.secrets);
    const { keys } = options;
    if (keys instanceof KeyRing || !keys) this.#keys = keys;
    else {
      const lines = [...keys];
      if (lines.length > 0) (this.#keys = new KeyRing()).add(lines);
    }
  }

  /** Nothing was added. */
  get isEmpty(): boolean {
    return this.#connectionPages.length === 0 && this.#connections.length === 0;
  }

  /** Adds what was captured of a connection. @param head whose it is */
  add(connection: Connection, { place, client, server }: LadderHead): void {
    const [firstSealed, firstOpened] = [this.#sealed, this.#opened];
    this.#place = place;
    const isSmall = sizeOf(connection) <= largestKept;
    const hasKeys = (isSmall || this.#isOpened(connection)) && this.#addWithKeys(connection);
    if (!hasKeys) this.#addWithout(connection);
    this.#hasKeys ||= hasKeys;
    this.#connections.push({
      conn: connection.conn,
      place: textOf(place),
      client: textOf(client),
      server: textOf(server),
      bytes: [connection.lengthOf('wire', 'client'), connection.lengthOf('wire', 'server')],
      sealed: [firstSealed, this.#sealed - firstSealed],
      opened: [firstOpened, this.#opened - firstOpened],
      hasKeys,
    });
    if (this.#connections.length >= mostConnections) this.#closeConnections();
  }

  /** Whether keys open anything of a connection. */
  #isOpened(connection: Connection): boolean {
    let isOpened = false;
    if (this.#keys) readConnection(connection, this.#keys, ({ opened }) => (isOpened ||= opened));
    return isOpened;
  }

  /** Both readings, beside each other: all messages are kept meanwhile. Returns false where keys open nothing. */
  #addWithKeys(connection: Connection): boolean {
    if (!this.#keys) return false;
    const sealed = readConnection(connection);
    if (!sealed.messages.some((message) => message.sealed)) return false;
    const opened = readConnection(connection, this.#keys);
    if (!opened.messages.some((message) => message.opened)) return false;
    const overview = new Overview();
    for (const message of sealed.messages) overview.add(message);
    for (const message of opened.messages) overview.addSecrets(message);
    const items = new ConnectionItems(this.#sources, connection, overview, opened.inside, true);
    let count = 0;
    for (const [message, readings] of inOneList(sealed.messages, opened.messages))
      this.#add(
        items.item(message, readings, readings === 2 ? opened : sealed, this.#texts),
        message,
        count++,
      );
    return true;
  }

  /** As a wire shows it: read twice, so that no message need be kept. */
  #addWithout(connection: Connection): void {
    const overview = new Overview();
    const { inside } = readConnection(connection, undefined, (message) => overview.add(message));
    const items = new ConnectionItems(this.#sources, connection, overview, inside, false);
    let count = 0;
    readConnection(connection, undefined, (message, reading) =>
      this.#add(items.item(message, 3, reading, this.#texts), message, count++),
    );
  }

  get #sources(): ItemSources {
    return {
      store: this.#store,
      words: this.#words,
      explainer: this.#explainer,
      known: this.#known,
      redacted: this.#options.redacted,
      isMasked: this.#options.isMasked,
    };
  }

  /** @param index of the message in its connection */
  #add(item: Item, message: Message, index: number): void {
    if (index === 0) this.#mostHere = Math.min(mostExcerpts, this.#excerpts.length + mostExcerptsEach);
    if (this.#excerpts.length < this.#mostHere) this.#excerpt(item, message);
    if (index < mostLinked) this.#link(item, message);
    this.#addItem(item);
  }

  /** The fragment of an address that shows the first message with bytes of a place; undefined where none can be linked to. */
  linkAt({ conn, vantage, from, offset, length }: BytePlace): string | undefined {
    for (const one of this.#places.get(`${conn} ${vantage} ${from}`)?.values() ?? [])
      if (one.offset < offset + Math.max(1, length) && one.end > offset) return one.link;
    return undefined;
  }

  /** The explorer: what a script shows, its data, and an excerpt for paper and for a page without a script. */
  finish(): Html {
    return element(
      'section',
      { class: 'explorer', 'data-explorer': 'waiting' },
      this.#excerpts.length > 0 ? excerptsNote(this.#excerpts.length) : undefined,
      this.#excerpts,
      this.#data(),
    );
  }

  /** The index, and everything that it names. */
  #data(): readonly Html[] {
    this.#closeItems();
    this.#closeConnections();
    this.#store.finish();
    const index: ExplorerIndex = {
      version: 1,
      connections: this.#connectionPages,
      items: this.#itemPages,
      bytes: this.#store.length,
      hasKeys: this.#hasKeys,
      isMasked: this.#options.isMasked,
      words: {
        directions: senders.map((from) => (from === 'none' ? '' : textOf(directionWords[from]))),
        states: itemStates.map((state) => textOf(stateNames[state])),
        reconstructed: textOf(reportWords.reconstructed),
      },
    };
    return [
      json(elementId('index'), index),
      jsonBlob(elementId('texts'), this.#words.texts),
      ...this.#blobs,
      ...this.#store.blobs,
    ];
  }

  #excerpt(item: Item, message: Message): void {
    const words = { texts: this.#texts.list, explanations: this.#words.texts.explanations };
    const made = excerpt(item, message, this.#place, words, this.#options.isMasked);
    if (made) this.#excerpts.push(made);
  }

  #link({ readings }: Item, { conn, vantage, from, offset, length, seq }: Message): void {
    const direction = `${conn} ${vantage} ${from}`;
    const places = this.#places.get(direction) ?? new Map<string, LinkedMessage>();
    this.#places.set(direction, places);
    const place = `${offset} ${seq}`;
    if (places.has(place)) return;
    const isSealed = (readings & 1) > 0;
    const link = `#bytes-${isSealed ? `sealed-${this.#sealed}` : `opened-${this.#opened}`}`;
    places.set(place, { offset, end: offset + length, link });
  }

  #addItem(item: Item): void {
    this.#items.push(item);
    this.#numbers += item.fields.length;
    if (item.readings & 1) {
      this.#sealed++;
      this.#pageSealed++;
    }
    if (item.readings & 2) {
      this.#opened++;
      this.#pageOpened++;
    }
    if (this.#items.length >= mostItems || this.#numbers >= mostNumbers) this.#closeItems();
  }

  #closeItems(): void {
    if (this.#items.length === 0) return;
    const page = { texts: this.#texts.list, items: this.#items };
    this.#blobs.push(jsonBlob(elementId('items', this.#itemPages.length), page));
    this.#itemPages.push([this.#items.length, this.#pageSealed, this.#pageOpened]);
    this.#items = [];
    this.#texts = new Texts();
    this.#numbers = this.#pageSealed = this.#pageOpened = 0;
  }

  #closeConnections(): void {
    if (this.#connections.length === 0) return;
    this.#blobs.push(jsonBlob(elementId('connections', this.#connectionPages.length), this.#connections));
    this.#connectionPages.push(this.#connections.length);
    this.#connections = [];
  }
}

const sizeOf = (connection: Connection): number =>
  connection.lengthOf('wire', 'client') + connection.lengthOf('wire', 'server');
