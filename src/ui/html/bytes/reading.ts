/**
 * Reads one connection for the explorer, without keys and with them: its messages, what keys opened of its records, and in
 * which of the two readings each message occurs.
 */
import { ConversationReader } from '../../../analysis/conversation/conversation.ts';
import type { Message } from '../../../analysis/conversation/message.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Side } from '../../../capture/event.ts';
import type { KeyRing } from '../../../protocols/tls/keys/keylog.ts';
import type { TlsMessage } from '../../../protocols/tls/message/message.ts';
import type { Readings } from './format.ts';
import { shapedIn } from './secrets.ts';
import type { SecretRange } from './secrets.ts';

/** Content of records of one direction: a piece of what is inside, and where that is there. */
export type Piece = readonly [offset: number, bytes: Uint8Array];

export interface Reading {
  readonly messages: readonly Message[];
  /** What TLS says of those that are messages of TLS. */
  readonly tls: WeakMap<Message, TlsMessage>;
  readonly inside: Readonly<Record<Side, readonly Piece[]>>;
  /** Where the content of a record begins among what is inside. */
  readonly insideAt: WeakMap<Message, number>;
}

/** Of a connection that is read without being kept: enough for what belongs together. */
const mostAtHand = 64;

/** @param onMessage called for each message; then none is kept but the newest ones. */
export function readConnection(
  connection: Connection,
  keys?: Iterable<string> | KeyRing,
  onMessage?: (message: Message, reading: Reading) => void,
): Reading {
  const tls = new WeakMap<Message, TlsMessage>();
  const inside: Record<Side, Piece[]> = { client: [], server: [] };
  const insideAt = new WeakMap<Message, number>();
  const reached: Record<Side, number> = { client: 0, server: 0 };
  // Each message of TLS is announced right before its message for people.
  let announced: TlsMessage | undefined;
  const take = (message: Message): void => {
    const own = announced;
    announced = undefined;
    if (!own) return;
    tls.set(message, own);
    const { from, bytes, plaintextLength } = own;
    if (message.vantage !== 'wire' || !bytes || plaintextLength === 0) return;
    inside[from].push([reached[from], bytes]);
    insideAt.set(message, reached[from]);
    reached[from] += bytes.length;
  };
  const reader = new ConversationReader(connection, {
    ...(keys && { keys }),
    ...(onMessage && { mostMessages: mostAtHand }),
    onTls: (message) => (announced = message),
    onMessage: (message) => {
      take(message);
      onMessage?.(message, reading);
    },
  });
  const reading = { messages: reader.messages, tls, inside, insideAt };
  reader.end();
  return reading;
}

/** What must be known of all messages before the first can be written: secrets, and the sealed records. */
export class Overview {
  readonly #shaped = new Map<string, SecretRange[]>();
  /** Copies without what is made on demand, which would keep the messages. */
  readonly #records: Message[] = [];
  readonly #sealed: Message[] = [];
  #next = 0;

  /** A message as it is without keys. */
  add(message: Message): void {
    const { sealed, title } = message;
    this.addSecrets(message);
    if (!isRecord(message)) return;
    if (sealed) {
      const record = { ...message, ...withoutContent };
      this.#records.push(record);
      this.#sealed.push(record);
    } else if (title.en === 'ServerHello') this.#records.push(message);
  }

  /** Of a message in any reading. */
  addSecrets(message: Message): void {
    const { vantage, from, sealed } = message;
    const found = sealed ? [] : shapedIn(message);
    if (found.length === 0) return;
    const key = `${vantage} ${from}`;
    const known = this.#shaped.get(key);
    if (known) for (const one of found) known.push(one);
    else this.#shaped.set(key, found);
  }

  /** What the shapes of messages reveal in a direction of a vantage. */
  shaped(vantage: Message['vantage'], from: Side): readonly SecretRange[] {
    return this.#shaped.get(`${vantage} ${from}`) ?? [];
  }

  /** For who looks at the connection without keys. */
  get records(): readonly Message[] {
    return this.#records;
  }

  /** The next sealed one of `isRecord`: asked once for each, in their order. */
  next(): Message | undefined {
    return this.#sealed[this.#next++];
  }
}

/** A record on the wire, or a message that some carry there. */
export const isRecord = ({ protocol, vantage, from }: Message): boolean =>
  protocol === 'tls' && vantage === 'wire' && from !== null;

const nothing = (): undefined => undefined;

const withoutContent = {
  field: nothing,
  bytes: nothing,
  coverage: nothing,
  credentials: () => [],
} as const satisfies Partial<Message>;

/** A message with the readings that have it. */
export type ReadMessage = readonly [message: Message, readings: Readings];

/** Both readings as one list, in the order of each. */
export function* inOneList(sealed: readonly Message[], opened: readonly Message[]): Generator<ReadMessage> {
  const inSealed = new Set(sealed.map(keyOf));
  const inOpened = new Set(opened.map(keyOf));
  let next = 0;
  for (const message of sealed) {
    const key = keyOf(message);
    if (!inOpened.has(key)) {
      yield [message, 1];
      continue;
    }
    // What only the keys show stands before the next that both have.
    let found = false;
    while (!found && next < opened.length) {
      const other = opened[next];
      if (!other) break;
      const otherKey = keyOf(other);
      found = otherKey === key;
      if (!found && inSealed.has(otherKey)) break;
      next++;
      if (!found) yield [other, 2];
    }
    // Of two that stand in another order, each reading has its own.
    if (!found) inOpened.delete(key);
    yield [message, found ? 3 : 1];
  }
  for (const message of opened.slice(next)) yield [message, 2];
}

const keyOf = ({ vantage, from, offset, length, seq, protocol, title, sealed, opened }: Message): string =>
  `${vantage} ${from} ${offset} ${length} ${seq} ${protocol} ${title.en} ${sealed} ${opened}`;
