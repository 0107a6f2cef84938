/** The line that sums up all connections. */
import { isoTime } from '../../core/iso-time.ts';
import { connectionName, flowOf } from '../../capture/stream-number.ts';
import type { CapturedFile } from '../../capture/event.ts';
import type { StatisticsValue } from '../../analysis/summary/statistics.ts';
import type { LineOf } from './line.ts';

/** @param facts.began the wall clock at time 0, in milliseconds since the epoch; `packets` of a capture file */
export function summaryLine(
  { span, sizes, durations, latencies, ...counts }: StatisticsValue,
  {
    began,
    packets,
    files,
  }: {
    readonly began: number;
    readonly packets?: number;
    readonly files?: readonly CapturedFile[];
  },
): LineOf<'summary'> {
  const iso = (at: number): string => isoTime(began + at / 1000);
  return {
    v: 2,
    kind: 'summary',
    ...numbered(counts),
    ...(packets === undefined ? {} : { packets }),
    ...(files ? { files } : {}),
    ...(span ? { opened: iso(span[0]), ended: iso(span[1]) } : {}),
    ...(sizes ? { sizes } : {}),
    ...(durations ? { durations } : {}),
    ...(latencies ? { latencies } : {}),
  };
}

type Counts = Omit<StatisticsValue, 'span' | 'sizes' | 'durations' | 'latencies'>;
type Numbered<T> = T extends { readonly streams: readonly number[] }
  ? Omit<T, 'streams'> & { readonly streams: readonly (number | string)[] }
  : T;

/** Each connection by its number, and a flow by its name. */
function numbered(counts: Counts): {
  readonly [Key in keyof Counts]: Counts[Key] extends readonly (infer Row)[]
    ? readonly Numbered<Row>[]
    : Counts[Key];
} {
  const name = (conn: number): number | string => (flowOf(conn) ? connectionName(conn) : conn);
  return Object.fromEntries(
    Object.entries(counts).map(([key, rows]) => [
      key,
      Array.isArray(rows)
        ? rows.map((row: { readonly streams?: readonly number[] }) =>
            row.streams ? { ...row, streams: row.streams.map(name) } : row,
          )
        : rows,
    ]),
  ) as ReturnType<typeof numbered>;
}
