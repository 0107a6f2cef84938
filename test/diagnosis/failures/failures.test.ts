/** Failures of servers that this process runs; those of real programs are in failures.slow.test.ts. */
import test from 'ava';
import { compare } from './diagnosing.ts';
import { failures } from './table.ts';

const isQuick = ({ needs, within }: (typeof failures)[number]): boolean =>
  needs === undefined && within === undefined;

for (const failure of failures.filter(isQuick))
  test(failure.title, async (t) => {
    await compare(t, failure);
  });

test('the table has failures of every kind, each under a title of its own', (t) => {
  t.true(failures.length >= 60);
  t.is(new Set(failures.map(({ title }) => title)).size, failures.length);
  t.true(failures.filter(isQuick).length >= 12);
});
