/**
 * What the page of an opened file is told by who serves it: `view.ts` writes it, `client/view.ts` reads it. Types and names
 * only, since the page's script imports them.
 */
import type { ListColumn } from '../../../presentation/report/list-orders.ts';
import type { Text } from '../bytes/format.ts';

/** What the page begins with. */
export interface ViewState {
  /** Connections in the file. */
  readonly count: number;
  /** The number of the first one; undefined where there is none. */
  readonly first?: number;
}

/** Rows of the list of connections. */
export interface ViewRows {
  /** Connections in the file. */
  readonly count: number;
  /** Those that the filter lets through, as far as it has come. */
  readonly matches: number;
  /** Of how many it is known. */
  readonly tested: number;
  /** Everything that was asked for is there. */
  readonly isDone: boolean;
  /** The row of the connection that was asked for; undefined where the list does not have it. */
  readonly place?: number;
  /** From the row that was asked for: the number of a connection, and markup; empty where it is still to be read. */
  readonly rows: readonly (readonly [conn: number, markup: string])[];
}

/** A filter that is none. */
export interface ViewFault {
  readonly fault: Text;
}

/** Ids of elements. */
export const viewIds = {
  state: 'view-state',
  filter: 'view-filter',
  status: 'view-status',
  fault: 'view-fault',
  list: 'view-list',
  connection: 'conversation',
  bytes: 'bytes',
} as const;

/** From left to right, behind the number. */
export const viewColumns = [
  'time',
  'client',
  'server',
  'name',
  'spoke',
  'bytes',
  'latency',
  'duration',
  'outcome',
] as const satisfies readonly ListColumn[];

/** Most rows that are asked for at a time. */
export const mostRows = 200;

/** Characters of a filter. */
export const longestFilter = 500;

/** The fragment of an opened connection: the ladder has it as its id. */
export const connectionFragment = (conn: number): string => `#connection-${conn}`;
