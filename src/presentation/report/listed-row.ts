/** A connection as a row of a table whose columns are those of the list on the screen. */
import { isFailed, nameIn } from '../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import { hostPort } from '../../capture/event.ts';
import type { Address } from '../../capture/event.ts';
import { connectionName } from '../../capture/stream-number.ts';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { ListColumn } from './list-orders.ts';
import { endOfSummary, secondsText, wallClockText } from './statistics.ts';
import { spokenOn } from './capture-summary.ts';

export interface ListedRow {
  /** `3`, `udp:3` */
  readonly name: string;
  /** Empty where there is nothing to say. */
  readonly cells: Readonly<Record<Exclude<ListColumn, 'outcome'>, string>>;
  /** Undefined while it is open. */
  readonly outcome: Localized | undefined;
  readonly isFailed: boolean;
}

/**
 * @param began the wall clock at time 0, in milliseconds since the epoch
 * @param lastAt the newest event, in microseconds since then: an open connection has lasted until it
 */
export function listedRow(summary: ConnectionSummary, began: number, lastAt: number): ListedRow {
  const { stream, client, server, openedAt, closedAt = lastAt, bytes, latency } = summary;
  const [, time = ''] = wallClockText(began + openedAt / 1000).split(' ');
  return {
    name: connectionName(stream),
    cells: {
      time,
      client: addressText(client),
      server: addressText(server),
      name: nameIn(summary) ?? '',
      spoke: spokenOn(summary),
      bytes: `${grouped(bytes.client)} / ${grouped(bytes.server)}`,
      latency: latency ? secondsText(latency.most) : '',
      duration: secondsText(Math.max(0, closedAt - openedAt)),
    },
    outcome: endOfSummary(summary),
    isFailed: isFailed(summary) === true,
  };
}

const addressText = (address: Address | undefined): string =>
  address === undefined ? '' : hostPort(address);
