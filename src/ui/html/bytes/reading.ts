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

/** Content of records of one direction: a piece of what is inside, and where that is there. */
export type Piece = readonly [offset: number, bytes: Uint8Array];

export interface Reading {
  readonly messages: readonly Message[];
  /** What TLS says of those that are messages of TLS. */
  readonly tls: ReadonlyMap<Message, TlsMessage>;
  readonly inside: Readonly<Record<Side, readonly Piece[]>>;
  /** Where the content of a record begins among what is inside. */
  readonly insideAt: ReadonlyMap<Message, number>;
}

export function readConnection(connection: Connection, keys?: Iterable<string> | KeyRing): Reading {
  const tls = new Map<Message, TlsMessage>();
  const inside: Record<Side, Piece[]> = { client: [], server: [] };
  const insideAt = new Map<Message, number>();
  const reached: Record<Side, number> = { client: 0, server: 0 };
  // Each message of TLS is announced right before its message for people.
  let announced: TlsMessage | undefined;
  const reader = new ConversationReader(connection, {
    ...(keys && { keys }),
    onTls: (message) => (announced = message),
    onMessage: (message) => {
      const own = announced;
      announced = undefined;
      if (!own) return;
      tls.set(message, own);
      const { from, bytes, plaintextLength } = own;
      if (message.vantage !== 'wire' || !bytes || plaintextLength === 0) return;
      inside[from].push([reached[from], bytes]);
      insideAt.set(message, reached[from]);
      reached[from] += bytes.length;
    },
  });
  reader.end();
  return { messages: reader.messages, tls, inside, insideAt };
}

/** A message with the readings that have it. */
export type ReadMessage = readonly [message: Message, readings: Readings];

/** Both readings as one list, in the order of each. @param opened absent where keys open nothing */
export function inOneList(sealed: readonly Message[], opened?: readonly Message[]): Iterable<ReadMessage> {
  return opened ? together(sealed, opened) : sealed.map((message) => [message, 3] as const);
}

function* together(sealed: readonly Message[], opened: readonly Message[]): Generator<ReadMessage> {
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
