/** What many connections come to: counts with the first connections of each, spreads within 5 %, bounded. */
import test from 'ava';
import { Statistics } from '../../../src/analysis/summary/statistics.ts';
import { statisticsTables, summaryRows } from '../../../src/presentation/report/statistics.ts';
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
  t.is(said[0], '1 connection, none failed, 1 packet');
  t.true(said.some((text) => text.endsWith('1 request')));
  t.true(said.some((text) => text.endsWith('(1.377 s)')));
});

test('proofs against which guesses can be tested stand beside what is readable', (t) => {
  const statistics = new Statistics();
  statistics.add(summary({ stream: 4, guessable: ['postgres_md5'] }));
  const rows = summaryRows(statistics.value, { began: 0 });
  const row = rows.find(({ label }) => label.en === 'guessable');
  t.deepEqual(row?.text, { en: '1 MD5 response: #4', ko: '1 MD5 응답: #4' });
  t.false(summaryRows(new Statistics().value, { began: 0 }).some(({ label }) => label.en === 'guessable'));
});

test('what was said over two wires of a proxy counts once, as the wire shows it that shows more', (t) => {
  const statistics = new Statistics();
  const clients = { hop: 'A', requests: 2, secrets: ['basic'] };
  statistics.add(summary({ ...clients, stream: 0 }));
  statistics.add(summary({ ...clients, stream: 1 }));
  // A kept connection carries on what both said; behind it there is one proxy more.
  statistics.add(
    summary({ hop: 'B', behind: 'A', stream: 2, requests: 4, secrets: ['basic', 'basic', 'cookie'] }),
  );
  statistics.add(summary({ hop: 'C', behind: 'B', stream: 3, requests: 4, secrets: ['basic'] }));
  // Another wire that leads to the same place has said its own.
  statistics.add(summary({ hop: 'D', stream: 4, requests: 1 }));
  for (const hop of ['A', 'A', 'B'])
    statistics.addLatency(1000, hop === 'B' ? { hop, behind: 'A' } : { hop });
  const { requests, secrets, latencies } = statistics.value;
  t.is(requests, 5);
  t.deepEqual(
    secrets.map(({ name, count, streams }) => [name, count, streams]),
    [
      ['basic', 2, ['0', '1']],
      ['cookie', 1, ['2']],
    ],
  );
  t.is(latencies?.count, 2);
  t.is(statistics.value.connections, 5);
});

test('where the wire of the clients is sealed, the one behind the proxy counts', (t) => {
  const statistics = new Statistics();
  statistics.add(summary({ hop: 'B', behind: 'A', requests: 3, stream: 1 }));
  statistics.addLatency(1000, { hop: 'B', behind: 'A' });
  statistics.add(summary({ hop: 'A', stream: 0 }));
  t.is(statistics.value.requests, 3);
  t.is(statistics.value.latencies?.count, 1);
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
