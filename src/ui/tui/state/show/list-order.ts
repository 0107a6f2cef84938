/**
 * The orders of the list of connections: a key of each, and which of two comes first. What is not known yet, or not there, comes
 * last; equal ones stay in the order of opening.
 */
import type { Connection } from '../../../../capture/connection.ts';
import { nameIn } from '../../../../analysis/summary/connection-summary.ts';
import type { ListOrder } from '../../../../presentation/report/list-orders.ts';
import type { ConnectionSummary } from '../../../../analysis/summary/connection-summary.ts';

/** What only reading a connection shows: far less than its summary. */
export interface ReadKeys {
  /** The longest of its requests, in microseconds. */
  readonly latency: number | undefined;
  /** In small letters. */
  readonly name: string | undefined;
}

export function readKeysOf(summary: ConnectionSummary): ReadKeys {
  return { latency: summary.latency?.most, name: nameIn(summary)?.toLowerCase() };
}

type SortKey = number | string | undefined;

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
      return read?.latency;
    case 'name':
      return read?.name;
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
