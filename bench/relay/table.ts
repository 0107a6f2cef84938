/** The table of relays: rates with their spread, processor time, ratios, and what is asked of wirelab. */
import { median, medianRatio, spread } from '../figures.ts';
import { baseline, contestants } from './contestants.ts';
import { direct } from './measure.ts';
import type { RelayResult, Samples } from './measure.ts';
import type { Bound, Row } from './rows.ts';

export interface Judgement {
  readonly who: string;
  readonly against: string;
  /** What was asked, as it is judged, and what it came to. */
  readonly text: string;
  readonly ratio: number;
  readonly isReached: boolean;
}

/** Whether the load is far enough from being the limit: without a relay twice as fast as the fastest relay. */
export function isRateTrusted(row: Row, samples: ReadonlyMap<string, Samples>): boolean {
  const figures = [...samples.values()].filter(({ values }) => values.length > 0);
  const free = samples.get(direct)?.values ?? [];
  if (free.length === 0) return false;
  const others = figures.filter(({ name }) => name !== direct).map(({ values }) => median(values));
  return row.figure === 'µs'
    ? median(free) * 2 <= Math.min(...others)
    : median(free) >= 2 * Math.max(...others);
}

/**
 * Judges a bound. Where the rate is not to be trusted, processor time for a unit decides: by its own bound where there
 * is one, else it may be as much more as the rate might be less.
 */
export function judge(bound: Bound, own: Samples, other: Samples, isTrusted: boolean): Judgement[] {
  const judged: Judgement[] = [];
  const add = (what: string, limit: number, ratio: number, isAtLeast: boolean): void => {
    judged.push({
      who: own.name,
      against: bound.against,
      text: `${what} ${isAtLeast ? '≥' : '≤'} ${limit}`,
      ratio,
      isReached: isAtLeast ? ratio >= limit : ratio <= limit,
    });
  };
  const cpu = bound.cpu ?? (isTrusted ? undefined : (bound.time ?? 1 / (bound.rate ?? 1)));
  if (isTrusted && bound.rate !== undefined)
    add('rate', bound.rate, medianRatio(own.values, other.values), true);
  if (isTrusted && bound.time !== undefined)
    add('time', bound.time, medianRatio(own.values, other.values), false);
  if (cpu !== undefined) add('CPU', Number(cpu.toFixed(2)), medianRatio(own.cpu, other.cpu), false);
  return judged;
}

/** Processor time for a unit, in the unit of a person's size. */
function cpuText(row: Row, seconds: number): string {
  return row.figure === 'MB/s' ? `${seconds.toFixed(2)} s/GB` : `${(seconds * 1e6).toFixed(0)} µs`;
}

const roles = new Map(contestants.map(({ name, role }) => [name, role]));

/** Rows of one result: who, figure, processor time, ratios to the baseline, what is asked. */
export function tableRows({ row, samples }: RelayResult): string[][] {
  const isTrusted = isRateTrusted(row, samples);
  const base = samples.get(baseline);
  return [...samples.values()].map((one, index) => {
    const title = index === 0 ? `${row.title}${isTrusted ? '' : ' (by CPU)'}` : '';
    if (one.values.length === 0) return [title, one.name, one.failure ?? 'not measured', '', '', '', '', ''];
    const judged =
      roles.get(one.name) === 'ours' && one.failure === undefined
        ? row.bounds.flatMap((bound) => {
            const other = samples.get(bound.against);
            return bound.against !== one.name && other && other.values.length > 0
              ? judge(bound, one, other, isTrusted)
              : [];
          })
        : [];
    const ratio = (values: (of: Samples) => readonly number[]): string =>
      base && base !== one && values(one).length > 0 && values(base).length > 0
        ? medianRatio(values(one), values(base)).toFixed(2)
        : '';
    return [
      title,
      one.name,
      `${median(one.values).toFixed(0)} ${row.figure} ±${spread(one.values).toFixed(0)}%`,
      one.cpu.length > 0 ? cpuText(row, median(one.cpu)) : '',
      ratio(({ values }) => values),
      ratio(({ cpu }) => cpu),
      one.late.length > 0 ? median(one.late).toFixed(0) : '',
      // What failed in a later round has not kept what was asked.
      one.failure === undefined
        ? judged
            .map(
              ({ against, text, ratio: got, isReached }) =>
                `${against}: ${text}: ${got.toFixed(2)} ${isReached ? 'reached' : '**not reached**'}`,
            )
            .join('; ')
        : `**failed** after ${one.values.length} rounds: ${one.failure}`,
    ];
  });
}

export const tableHead = [
  'measured',
  'who',
  'median, spread',
  'CPU a unit',
  'rate ÷ bare',
  'CPU ÷ bare',
  'reported after, ms',
  'asked of wirelab',
];
