/** What the bench makes of its samples: medians, spread, the judgement of a row, plots, and its page. */
import test from 'ava';
import { median, medianRatio, spread } from '../../bench/figures.ts';
import { plotSvg, shortNumber, ticksOf } from '../../bench/plot.ts';
import type { Samples } from '../../bench/relay/measure.ts';
import { direct } from '../../bench/relay/measure.ts';
import { otherLoads } from '../../bench/relay/other-loads.ts';
import type { Row } from '../../bench/relay/rows.ts';
import { connectionsOf, lighter, rows } from '../../bench/relay/rows.ts';
import { isRateTrusted, judge, tableRows } from '../../bench/relay/table.ts';
import { resultsIn } from '../../bench/report.ts';
import { asked } from '../../bench/section.ts';

test('a ratio is taken round by round, so that drift of the machine is not in it', (t) => {
  t.is(medianRatio([10, 100, 1000], [5, 50, 500]), 2);
  t.is(median([4, 1, 3, 2]), 2.5);
  t.is(spread([100, 100, 100]), 0);
  t.is(spread([90, 95, 100, 105, 110]), 5);
});

const samples = (name: string, values: number[], cpu: number[] = []): Samples => ({
  name,
  values,
  cpu,
  late: [],
});
const row = (figure: Row['figure']): Row => ({
  title: 'row',
  configuration: 'tcp',
  mode: 'connect',
  load: {},
  figure,
  bounds: [],
});
const all = (...of: Samples[]): ReadonlyMap<string, Samples> => new Map(of.map((one) => [one.name, one]));

test('a rate is trusted only where the load alone is twice as fast as the fastest relay', (t) => {
  t.true(isRateTrusted(row('/s'), all(samples(direct, [200]), samples('a', [100]), samples('b', [40]))));
  t.false(isRateTrusted(row('/s'), all(samples(direct, [199]), samples('a', [100]), samples('b', [40]))));
  t.true(isRateTrusted(row('µs'), all(samples(direct, [10]), samples('a', [20]))));
  t.false(isRateTrusted(row('µs'), all(samples(direct, [11]), samples('a', [20]))));
  t.false(isRateTrusted(row('/s'), all(samples('a', [100]))));
});

test('where the load is the limit, processor time decides, and the rate does not', (t) => {
  const own = samples('wirelab', [100, 100], [2, 2]);
  const other = samples('bare', [100, 100], [1, 1]);
  const bound = { against: 'bare', rate: 0.9, cpu: 1.25 };
  t.deepEqual(
    judge(bound, own, other, true).map(({ text, isReached }) => [text, isReached]),
    [
      ['rate ≥ 0.9', true],
      ['CPU ≤ 1.25', false],
    ],
  );
  t.deepEqual(
    judge(bound, own, other, false).map(({ text, isReached }) => [text, isReached]),
    [['CPU ≤ 1.25', false]],
  );
  t.deepEqual(
    judge({ against: 'bare', rate: 0.5 }, own, other, false).map(({ text, isReached }) => [text, isReached]),
    [['CPU ≤ 2', true]],
  );
  t.deepEqual(
    judge({ against: 'bare', time: 1.15 }, samples('wirelab', [120]), samples('bare', [100]), true).map(
      ({ isReached }) => isReached,
    ),
    [false],
  );
});

test('every row can be divided among its connections, lighter too', (t) => {
  for (const one of rows.flatMap((heavy) => [heavy, lighter(heavy)])) {
    if (one.mode === 'up' || one.mode === 'down') t.is((one.load.bytes ?? 0) % (one.load.count ?? 1), 0);
    t.true((connectionsOf(one) ?? 1) >= 1);
  }
  t.true(rows.every(({ title }, at) => rows.findIndex((other) => other.title === title) === at));
});

test('what is asked says whether it was reached', (t) => {
  t.is(asked({ atLeast: 2 }, 2), 'at least 2: reached');
  t.is(asked({ atLeast: 2 }, 1.99), 'at least 2: **not reached**');
  t.is(asked({ atMost: 2 }, Number.POSITIVE_INFINITY), 'at most 2: **not reached**');
  t.is(asked({ atMost: 2 }, Number.NaN), 'at most 2: **not reached**');
});

test('ticks cover the values, and a plot has a point for each that its axes can show', (t) => {
  t.deepEqual(ticksOf([3, 4000], true), [1, 10, 100, 1000, 10_000]);
  t.deepEqual(ticksOf([0, 47], false), [0, 10, 20, 30, 40, 50]);
  t.is(shortNumber(10_000), '10k');
  t.is(shortNumber(0.25), '0.25');
  const svg = plotSvg({
    name: 'p',
    title: 'a < b',
    x: { label: 'x', isLogarithmic: true },
    y: { label: 'y', isLogarithmic: true },
    lines: [
      {
        label: 'one & only',
        points: [
          [1, 0],
          [10, 5],
          [100, 50],
        ],
      },
    ],
  });
  t.is(svg.match(/<circle/g)?.length, 2);
  t.true(svg.includes('a &lt; b') && svg.includes('one &amp; only'));
  t.false(svg.includes('NaN'));
});

test('results replace the former ones, and the page around them stays', (t) => {
  const page = 'before\n<!-- results -->\n\nold\n\n<!-- end of results -->\nafter\n';
  t.is(resultsIn(page, ['new']), 'before\n<!-- results -->\n\nnew\n\n<!-- end of results -->\nafter\n');
  t.throws(() => resultsIn('a page without marks', ['new']));
});

test('what other loads print is read, and what says nothing is no figure', (t) => {
  const printed: Readonly<Record<string, readonly [output: string, units: number, seconds: number]>> = {
    iperf3: ['{"end":{"sum_received":{"bytes":400000000,"seconds":0.5}}}', 0.4, 0.5],
    openssl: [
      '2101 connections in 1.20s; 1750.83 connections/user sec\n2101 connections in 3 real seconds, 0 bytes',
      2101,
      3,
    ],
    wrk: ['  79834 requests in 2.10s, 9.90MB read\nRequests/sec:  38016.19', 79_834, 2.1],
    h2load: [
      'finished in 164.22ms, 24357 req/s\nrequests: 4000 total, 4000 succeeded, 0 failed',
      4000,
      0.16422,
    ],
  };
  for (const { program, read } of otherLoads) {
    const [output = '', units, seconds] = printed[program] ?? [];
    t.deepEqual(read(output), [units, seconds] as [number, number], program);
    t.is(read('{}'), undefined, program);
  }
});

test('who fails in a later round has failed, whatever came before', (t) => {
  const name = './wirelab proxy, to a file';
  const bounds = [{ against: 'bare Node relay', rate: 0.9 }];
  const of = all(samples(direct, [500]), samples('bare Node relay', [100], [1]), {
    ...samples(name, [100], [1]),
    failure: '3 connections were made, 2 reported',
  });
  const last = (rowsOf: string[][]): string | undefined => rowsOf.find((cells) => cells[1] === name)?.at(-1);
  t.is(
    last(tableRows({ row: { ...row('/s'), bounds }, samples: of })),
    '**failed** after 1 rounds: 3 connections were made, 2 reported',
  );
  const kept = all(samples(direct, [500]), samples('bare Node relay', [100], [1]), samples(name, [100], [1]));
  t.is(
    last(tableRows({ row: { ...row('/s'), bounds }, samples: kept })),
    'bare Node relay: rate ≥ 0.9: 1.00 reached',
  );
});
