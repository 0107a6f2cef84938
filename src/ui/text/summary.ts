/** Prints what many connections come to: the heading of a report, a row for each connection, tables of what was counted. */
import { isFailed, nameIn } from '../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../analysis/summary/connection-summary.ts';
import type { StatisticsValue } from '../../analysis/summary/statistics.ts';
import { formatAddress } from '../../capture/event.ts';
import { connectionName } from '../../capture/stream-number.ts';
import { inLanguage } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import {
  endOfSummary,
  latencyText,
  statisticsTables,
  summaryRows,
  wallClockText,
} from '../../presentation/statistics.ts';
import { Page } from '../status/page.ts';
import type { PageOptions } from '../status/page.ts';
import { labelCells } from './card.ts';

type Facts = Parameters<typeof summaryRows>[1];

export function setSummary(value: StatisticsValue, facts: Facts, options: PageOptions): void {
  const page = new Page(options);
  let isFirst = true;
  for (const row of summaryRows(value, facts)) {
    const { label, text } = inLanguage(row, options.language);
    page.behind(isFirst ? '' : `${page.fit(label, labelCells)} `, text);
    isFirst = false;
  }
}

export function setStatistics(value: StatisticsValue, facts: Facts, options: PageOptions): void {
  setSummary(value, facts, options);
  const page = new Page(options);
  let said = '';
  for (const table of statisticsTables(value)) {
    const { title, head, rows, legend } = inLanguage(table, options.language);
    page.blank();
    page.paragraphs(`${title}:`);
    page.table({ head, rows });
    if (legend !== said) page.behind(' ', legend);
    said = legend;
  }
}

/** The word of another program is marked as such. */
const tsharkText = ({ tshark }: ConnectionSummary): string =>
  tshark === undefined ? '' : `${tshark} (tshark)`;

/** TLS by its version; by its name alone where the version is a draft's, or was agreed on before the capture began. */
function spokenOn(summary: ConnectionSummary): string {
  const { version, protocols } = summary;
  return version ?? protocols.find((protocol) => protocol !== 'tls') ?? protocols[0] ?? tsharkText(summary);
}

/** A connection in one line, or a few where it is long. @param began the wall clock at time 0, in milliseconds since the epoch */
export function connectionRow(
  summary: ConnectionSummary,
  began: number,
  options: Omit<PageOptions, 'write'>,
): readonly string[] {
  const lines: string[] = [];
  const page = new Page({ ...options, write: (line) => lines.push(line) });
  const { stream, client, server, openedAt, bytes, latency } = summary;
  const { language } = options;
  const end = endOfSummary(summary);
  const [, time = ''] = wallClockText(began + openedAt / 1000).split(' ');
  const parts = [
    client && server ? `${formatAddress(client)} → ${formatAddress(server)}` : '',
    nameIn(summary) ?? '',
    spokenOn(summary),
    `→ ${grouped(bytes.client)} B ← ${grouped(bytes.server)} B`,
    latency ? latencyText(latency.most)[language] : '',
    end ? `${isFailed(summary) ? '✗ ' : ''}${end[language]}` : '',
  ];
  page.behind(
    `${`#${connectionName(stream)}`.padStart(5)} ${time} `,
    parts.filter((part) => part !== '').join(', '),
  );
  return lines;
}
