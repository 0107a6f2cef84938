/** Prints what was counted of many connections, without any of them. */
import type { StatisticsValue } from '../../analysis/summary/statistics.ts';
import { statisticsBlock, summaryBlock } from '../../presentation/report/capture-summary.ts';
import type { PageOptions } from '../status/page.ts';
import { TextReport } from './text.ts';

export function printStatistics(
  value: StatisticsValue,
  facts: Parameters<typeof summaryBlock>[1],
  options: PageOptions,
): void {
  const text = new TextReport(options);
  text.set(summaryBlock(value, facts));
  text.set(statisticsBlock(value));
}
