/** The line that sums up all connections. */
import type { StatisticsValue } from '../../analysis/summary/statistics.ts';
import type { LineOf } from './line.ts';

/** @param facts.began the wall clock at time 0, in milliseconds since the epoch; `packets` of a capture file */
export function summaryLine(
  { span, sizes, durations, latencies, ...counts }: StatisticsValue,
  { began, packets }: { readonly began: number; readonly packets?: number },
): LineOf<'summary'> {
  const iso = (at: number): string => new Date(began + at / 1000).toISOString();
  return {
    v: 2,
    kind: 'summary',
    ...counts,
    ...(packets === undefined ? {} : { packets }),
    ...(span ? { opened: iso(span[0]), ended: iso(span[1]) } : {}),
    ...(sizes ? { sizes } : {}),
    ...(durations ? { durations } : {}),
    ...(latencies ? { latencies } : {}),
  };
}
