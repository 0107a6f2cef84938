/** What many connections come to, as blocks: the heading of a report, a line for each connection, tables of what was counted. */
import { isFailed, nameIn } from '../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { StatisticsValue } from '../../analysis/summary/statistics.ts';
import { formatAddress } from '../../capture/event.ts';
import { connectionName } from '../../capture/stream-number.ts';
import { verbatim } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import type { ListedBlock, StatisticsBlock, SummaryBlock } from '../types/report.ts';
import { endOfSummary, latencyText, statisticsTables, summaryRows, wallClockText } from './statistics.ts';

type Facts = Parameters<typeof summaryRows>[1];

export function summaryBlock(value: StatisticsValue, facts: Facts): SummaryBlock {
  return { kind: 'summary', rows: summaryRows(value, facts) };
}

export function statisticsBlock(value: StatisticsValue): StatisticsBlock {
  const tables = statisticsTables(value);
  return {
    kind: 'statistics',
    tables: tables.map((table, index) =>
      table.legend === tables[index - 1]?.legend ? { ...table, isLegendAgain: true } : table,
    ),
  };
}

/** A connection in short. @param began the wall clock at time 0, in milliseconds since the epoch */
export function listedBlock(summary: ConnectionSummary, began: number): ListedBlock {
  const { stream, client, server, openedAt, bytes, latency } = summary;
  const end = endOfSummary(summary);
  const [, time = ''] = wallClockText(began + openedAt / 1000).split(' ');
  const facts = [
    client && server ? `${formatAddress(client)} → ${formatAddress(server)}` : '',
    nameIn(summary) ?? '',
    spokenOn(summary),
    `→ ${grouped(bytes.client)} B ← ${grouped(bytes.server)} B`,
  ];
  return {
    kind: 'listed',
    conn: stream,
    name: connectionName(stream),
    time,
    facts: [
      ...facts.filter((fact) => fact !== '').map((fact) => verbatim(fact)),
      ...(latency ? [latencyText(latency.most)] : []),
    ],
    ...(end ? { end } : {}),
    isFailed: isFailed(summary) === true,
  };
}

/** TLS by its version; by its name alone where the version is a draft's, or was agreed on before the capture began. */
export function spokenOn(summary: ConnectionSummary): string {
  const { version, protocols } = summary;
  return version ?? protocols.find((protocol) => protocol !== 'tls') ?? protocols[0] ?? tsharkText(summary);
}

/** The word of another program is marked as such. */
const tsharkText = ({ tshark }: ConnectionSummary): string =>
  tshark === undefined ? '' : `${tshark} (tshark)`;
