/**
 * The orders of the list of connections: a key of each, and which of two comes first. What is not known yet, or not there, comes
 * last; equal ones stay in the order of opening.
 */
import type { Connection } from '../../../../capture/connection.ts';
import { nameIn } from '../../../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../../../analysis/summary/connection-summary.ts';

/** As a key cycles through them; the first is that of the log. */
export const listOrders = ['opened', 'duration', 'bytes', 'latency', 'name'] as const;
export type ListOrder = (typeof listOrders)[number];

export const nextOrder = (order: ListOrder): ListOrder =>
  listOrders[(listOrders.indexOf(order) + 1) % listOrders.length] ?? 'opened';

/** What only reading a connection shows. */
export type ReadKeys = Pick<ConnectionSummary, 'latency' | 'sni' | 'hosts' | 'asked'>;

type SortKey = number | string | undefined;

/** Orders for which a connection has to be read. */
export const isReadFor = (order: ListOrder): boolean => order === 'latency' || order === 'name';

/** @param lastAt the newest event, in microseconds since the run began: an open connection has lasted until then */
function keyOf(
  order: ListOrder,
  connection: Connection,
  read: ReadKeys | undefined,
  lastAt: number,
): SortKey {
  switch (order) {
    case 'opened':
      return undefined;
    case 'duration': {
      const { opened, closed } = connection;
      return opened && (closed?.at ?? lastAt) - opened.at;
    }
    case 'bytes':
      return connection.lengthOf('wire', 'client') + connection.lengthOf('wire', 'server');
    case 'latency':
      return read?.latency?.most;
    case 'name':
      return read && nameIn(read)?.toLowerCase();
  }
}

/** The most comes first, of names the first of the alphabet. */
function compare(one: SortKey, other: SortKey): number {
  if (one === undefined || other === undefined)
    return (one === undefined ? 1 : 0) - (other === undefined ? 1 : 0);
  if (one === other) return 0;
  if (typeof one === 'number' && typeof other === 'number') return other - one;
  return one < other ? -1 : 1;
}

/**
 * Indexes of stops in an order.
 * @param stops rising; those without a connection stay where they are, at the head
 */
export function arrange(
  stops: readonly number[],
  order: ListOrder,
  facts: {
    readonly connectionAt: (stop: number) => Connection | undefined;
    readonly read: (conn: number) => ReadKeys | undefined;
    readonly lastAt: number;
  },
): readonly number[] {
  if (order === 'opened') return stops;
  const rows = stops.map((stop) => {
    const connection = facts.connectionAt(stop);
    const isHead = connection === undefined;
    return {
      stop,
      isHead,
      key: connection && keyOf(order, connection, facts.read(connection.conn), facts.lastAt),
    };
  });
  return rows
    .toSorted(
      (one, other) =>
        Number(other.isHead) - Number(one.isHead) || compare(one.key, other.key) || one.stop - other.stop,
    )
    .map(({ stop }) => stop);
}
