/** What many connections come to, as blocks. */
import test from 'ava';
import { Statistics } from '../../../src/analysis/summary/statistics.ts';
import {
  listedBlock,
  statisticsBlock,
  summaryBlock,
} from '../../../src/presentation/report/capture-summary.ts';
import { linesOf } from '../../../src/ui/text/text.ts';
import { summary } from '../../analysis/summary/support.ts';

const page = { language: 'en', ascii: true, columns: 200 } as const;

test('the legend of a table that the one before it has too is marked, and set once', (t) => {
  const statistics = new Statistics();
  statistics.add(summary({ protocols: ['tls', 'http'], version: 'TLS 1.3' }));
  const { tables } = statisticsBlock(statistics.value);
  t.true(tables.length > 2);
  t.deepEqual(
    tables.map(
      ({ isLegendAgain = false }, index) =>
        isLegendAgain === (tables[index - 1]?.legend === tables[index]?.legend),
    ),
    tables.map(() => true),
  );
  const lines = linesOf(statisticsBlock(statistics.value), page).filter((line) =>
    /is counted in every row/.test(line),
  );
  t.is(lines.length, 1);
});

test('the heading and a listed connection are about what was summed up', (t) => {
  const statistics = new Statistics();
  const one = summary({ stream: 4, protocols: ['http'] });
  statistics.add(one);
  t.regex(
    linesOf(summaryBlock(statistics.value, { began: 0 }), page).join('\n'),
    /^1 connection, none failed/,
  );
  const listed = listedBlock(one, Date.UTC(2026, 0, 1));
  t.is(listed.conn, one.stream);
  t.is(listed.name, String(one.stream));
  t.regex(listed.time, /^\d\d:\d\d:\d\d\.\d{3}$/);
  t.false(listed.isFailed);
});
