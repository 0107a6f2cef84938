/** The values of plots follow from the blocks: each record at its time, the turns of a handshake, what of it could be read. */
import test from 'ava';
import { handshakeTimes, sizePlot, visiblePlot } from '../../../src/presentation/report/plots.ts';
import type { MessageBlock, ReportBlock } from '../../../src/presentation/types/report.ts';
import { verbatim } from '../../../src/i18n/language.ts';
import { blocksOfRun } from '../../ui/html/support/blocks.ts';

const messagesIn = (blocks: readonly ReportBlock[], conn: number): readonly MessageBlock[] =>
  blocks.filter((block): block is MessageBlock => block.kind === 'message' && block.conn === conn);

const connectionsIn = (blocks: readonly ReportBlock[]): readonly number[] => [
  ...new Set(blocks.flatMap((block) => (block.kind === 'connection' ? [block.conn] : []))),
];

test('sizes: every record once, and they add up to what was sent', (t) => {
  const { blocks } = blocksOfRun('mtls');
  let plots = 0;
  for (const conn of connectionsIn(blocks)) {
    const messages = messagesIn(blocks, conn);
    const plot = sizePlot(messages);
    if (!plot) continue;
    plots++;
    for (const from of ['client', 'server'] as const) {
      const own = plot.records.filter((record) => record.from === from);
      const sent = messages.filter(({ message }) => message.from === from);
      t.is(
        own.reduce((sum, { length }) => sum + length, 0),
        sent.reduce((sum, { message }) => sum + (message.sizes?.total ?? message.length), 0),
      );
      t.is(Math.max(0, ...own.map(({ length }) => length)), plot.largest[from]);
    }
    t.is(plot.count, plot.records.length);
    // Of a long flight only the first records are kept, and all are counted.
    const longer = messages.map((block) => {
      const { message } = block;
      const { sizes } = message;
      return sizes
        ? { ...block, message: { ...message, sizes: { ...sizes, count: sizes.count + 1000 } } }
        : block;
    });
    const flights = longer.filter(({ message }) => message.sizes).length;
    t.is(sizePlot(longer)?.count, plot.count + 1000 * flights);
    t.true(plot.records.every(({ at }) => at >= plot.times[0] && at <= plot.times[1]));
  }
  t.true(plots > 0);
});

test('no plot of what is read as fast in the list, or was all readable', (t) => {
  const { blocks } = blocksOfRun('plaintext');
  for (const conn of connectionsIn(blocks)) t.is(sizePlot(messagesIn(blocks, conn)), undefined);
  t.deepEqual(handshakeTimes(blocks), []);
});

test('handshakes: turn by turn, and the turns add up', (t) => {
  const times = handshakeTimes(blocksOfRun('mtls').blocks);
  t.true(times.length > 1);
  for (const { waits, total } of times) {
    t.is(waits[0]?.for, 'server', 'the client speaks first');
    for (const [index, wait] of waits.entries())
      if (index > 0) t.not(wait.for, waits[index - 1]?.for, 'they take turns');
    t.is(
      waits.reduce((sum, { microseconds }) => sum + microseconds, 0),
      total,
    );
  }
});

test('what can be read of a handshake: both hellos under TLS 1.3, and the certificate is sealed', (t) => {
  const { blocks } = blocksOfRun('mtls');
  const conn = handshakeTimes(blocks)[0]?.conn ?? -1;
  const plot = visiblePlot(conn, verbatim('one'), messagesIn(blocks, conn));
  const named = plot?.parts.filter(({ isSealed }) => !isSealed).map(({ title }) => title.en) ?? [];
  t.true(named.includes('ClientHello'));
  t.true(named.includes('ServerHello'));
  t.true((plot?.readable ?? 0) > 0);
  t.true((plot?.readable ?? 0) < (plot?.total ?? 0));
  t.is(visiblePlot(0, verbatim('none'), []), undefined);
});
