/** What many connections come to: counts with the first connections of each, spreads within 5 %, bounded. */
import test from 'ava';
import { Statistics } from '../../../src/analysis/summary/statistics.ts';
import { statisticsTables, summaryRows } from '../../../src/presentation/statistics.ts';
import { outcome, summary } from './support.ts';

test('connections are counted by what is true of them', (t) => {
  const statistics = new Statistics();
  statistics.add(summary({ stream: 0, protocols: ['tls'], version: 'TLS 1.3', sni: 'a' }));
  statistics.add(summary({ stream: 1, protocols: ['tls'], version: 'TLS 1.2', sni: 'a' }));
  statistics.add(
    summary({ stream: 2, protocols: ['http'], isReadable: true, secrets: ['basic'], statuses: [404] }),
  );
  statistics.add(
    summary({ stream: 3, outcome: outcome({ kind: 'refused_by_server', cause: 'unknown_ca' }) }),
  );
  statistics.add(summary({ stream: 4, closedAt: undefined, outcome: outcome({ kind: 'open' }) }));
  const { value } = statistics;
  t.like(value, { connections: 5, failed: 1, open: 1, bytes: { toServer: 500, toClient: 4500 } });
  t.deepEqual(
    value.protocols.map(({ name, count, streams }) => [name, count, streams]),
    [
      ['?', 2, ['3', '4']],
      ['tls', 2, ['0', '1']],
      ['http', 1, ['2']],
    ],
  );
  t.deepEqual(
    value.causes.map(({ name, streams }) => [name, streams]),
    [['unknown_ca', ['3']]],
  );
  t.deepEqual(
    value.names.map(({ name, count, bytes }) => [name, count, bytes]),
    [['a', 2, 2000]],
  );
  const said = summaryRows(value, { began: 0, packets: 12 }).map(({ text }) => text.en);
  t.is(said[0], '5 connections, 1 failed, 1 not closed, 12 packets');
  t.is(said[1], '1 unknown_ca (unknown CA): #3');
  t.is(said[2], '1 http: #2; secrets in them: Basic authorization (1)');
  t.true(statisticsTables(value).length > 5);
});

test('what does not close, such as a flow of UDP, lasts until its last message', (t) => {
  const statistics = new Statistics();
  statistics.add(summary({ openedAt: 5, closedAt: undefined, lastAt: 1_377_005, requests: 1 }));
  t.deepEqual(statistics.value.span, [5, 1_377_005]);
  const said = summaryRows(statistics.value, { began: 0, packets: 1 }).map(({ text }) => text.en);
  t.is(said[0], '1 connection, none failed, 1 not closed, 1 packet');
  t.true(said.some((text) => text.endsWith('1 request')));
  t.true(said.some((text) => text.endsWith('(1.377 s)')));
});

test('nothing is summed up as nothing', (t) => {
  const { value } = new Statistics();
  t.deepEqual(
    summaryRows(value, { began: 0 }).map(({ text }) => text.en),
    ['0 connections, none failed'],
  );
  t.deepEqual(statisticsTables(value), []);
});

test('the median and the ninth tenth are within 5 %', (t) => {
  const statistics = new Statistics();
  for (let latency = 1; latency <= 10_000; latency++) statistics.addLatency(latency, { hop: 'A' });
  const { latencies } = statistics.value;
  t.like(latencies, { count: 10_000, least: 1, most: 10_000 });
  t.true(Math.abs((latencies?.median ?? 0) / 5000 - 1) < 0.05);
  t.true(Math.abs((latencies?.ninetieth ?? 0) / 9000 - 1) < 0.05);
});

test('a million names take no more room than some thousand', (t) => {
  const statistics = new Statistics();
  for (let at = 0; at < 20_000; at++) statistics.add(summary({ stream: at, sni: `name-${at}` }));
  const { names } = statistics.value;
  t.true(names.length <= 2001);
  t.is(
    names.reduce((sum, { count }) => sum + count, 0),
    20_000,
  );
  t.is(names[0]?.streams.length, 16);
});
