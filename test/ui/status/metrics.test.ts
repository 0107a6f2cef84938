import test from 'ava';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { addMetrics, Metrics, prometheusText } from '../../../src/ui/status/metrics.ts';

const address = { host: '127.0.0.1', port: 1 };

function folded(...drafts: CaptureDraft[]): Metrics {
  const log = new CaptureLog({ clock: systemClock });
  const metrics = new Metrics({ incoming: 'A', outgoing: 'B' });
  log.subscribe(metrics.fold);
  for (const draft of drafts) log.append(draft);
  return metrics;
}

const opened = (conn: number, hop: string): CaptureDraft => ({
  type: 'opened',
  conn,
  hop,
  transport: 'tcp',
  from: address,
  to: address,
});
const closed = (conn: number, hop: string): CaptureDraft => ({
  type: 'closed',
  conn,
  hop,
  by: 'client',
  how: 'end',
});
const own = {
  startedAt: 1.5,
  reloads: { done: 2, failed: 1 },
  waiting: 3,
  sentAway: { waiting: 4, open: 5 },
  silentClosed: 6,
};

test('nothing has happened: every hop is there, with zeros, and nothing is said of the target', (t) => {
  const none = { opened: 0, open: 0, bytes: { client: 0, server: 0 }, handshakes: {}, refused: {} };
  t.deepEqual(folded().snapshot, { hops: { A: none, B: none }, target: 'unknown' });
  t.notRegex(prometheusText(folded().snapshot, own), /wirelab_target_up/);
});

test('connections, bytes of the wire alone, handshakes and refusals are counted by hop', (t) => {
  const metrics = folded(
    opened(1, 'A'),
    { type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from: 'client', bytes: new Uint8Array(5) },
    { type: 'bytes', conn: 1, hop: 'A', vantage: 'plaintext', from: 'client', bytes: new Uint8Array(3) },
    {
      type: 'secured',
      conn: 1,
      hop: 'A',
      side: 'server',
      version: 'TLSv1.3',
      cipher: 'TLS_AES_128_GCM_SHA256',
    },
    opened(2, 'B'),
    { type: 'bytes', conn: 2, hop: 'B', vantage: 'wire', from: 'server', bytes: new Uint8Array(7) },
    closed(1, 'A'),
    opened(3, 'A'),
    { type: 'refused', conn: 3, hop: 'A', by: 'server', reason: 'certificate_missing', detail: {} },
  );
  const { hops, target } = metrics.snapshot;
  t.deepEqual(hops['A'], {
    opened: 2,
    open: 1,
    bytes: { client: 5, server: 0 },
    handshakes: { 'TLSv1.3': 1 },
    refused: { certificate_missing: 1 },
  });
  t.deepEqual(hops['B'], {
    opened: 1,
    open: 1,
    bytes: { client: 0, server: 7 },
    handshakes: {},
    refused: {},
  });
  t.is(target, 'reached');
});

test('a target that refuses is failing until it is reached again; what never came to be is not counted as closed', (t) => {
  const refused: CaptureDraft = {
    type: 'refused',
    conn: 1,
    hop: 'B',
    by: 'server',
    reason: 'target_unreachable',
    detail: {},
  };
  const failing = folded(refused, closed(1, 'B')).snapshot;
  t.is(failing.target, 'failing');
  t.is(failing.hops['B']?.open, 0);
  t.is(folded(refused, closed(1, 'B'), opened(2, 'B')).snapshot.target, 'reached');
});

test('Prometheus reads each family once, with its type before its samples', (t) => {
  const text = prometheusText(folded(opened(1, 'A'), opened(2, 'B')).snapshot, {
    ...own,
    certificateExpiresAt: 9,
  });
  const lines = text.trimEnd().split('\n');
  t.true(text.endsWith('\n'));
  const families = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2]);
  t.deepEqual([...new Set(families)], families);
  for (const line of lines)
    t.regex(
      line,
      /^(# (HELP|TYPE) wirelab_[a-z_]+ .+|wirelab_[a-z_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? [0-9.]+)$/,
    );
  t.true(lines.includes('wirelab_connections_open{hop="A"} 1'));
  t.true(lines.includes('wirelab_reloads_total{result="failed"} 1'));
  t.true(lines.includes('wirelab_connections_waiting 3'));
  t.true(lines.includes('wirelab_sent_away_total{reason="waiting"} 4'));
  t.true(lines.includes('wirelab_silent_closed_total 6'));
  t.true(lines.includes('wirelab_certificate_expiry_seconds 9'));
  t.true(lines.includes('wirelab_target_up 1'));
});

test('a label’s value cannot break out of its quotes', (t) => {
  const text = prometheusText(
    {
      hops: {
        'A"} 1\nx': { opened: 1, open: 1, bytes: { client: 0, server: 0 }, handshakes: {}, refused: {} },
      },
      target: 'unknown',
    },
    own,
  );
  t.true(text.includes('wirelab_connections_total{hop="A\\"} 1\\nx"} 1'));
});

test('what two processes counted is added up; the target is as the first one knows it', (t) => {
  const one = folded(
    opened(1, 'A'),
    closed(1, 'A'),
    opened(3, 'A'),
    { type: 'bytes', conn: 3, hop: 'A', vantage: 'wire', from: 'client', bytes: new Uint8Array(5) },
    { type: 'refused', conn: 3, hop: 'A', by: 'server', reason: 'unknown_ca', detail: {} },
    opened(5, 'B'),
  ).snapshot;
  const other = folded(
    opened(2, 'A'),
    { type: 'bytes', conn: 2, hop: 'A', vantage: 'wire', from: 'server', bytes: new Uint8Array(7) },
    { type: 'refused', conn: 2, hop: 'A', by: 'server', reason: 'unknown_ca', detail: {} },
    { type: 'refused', conn: 2, hop: 'A', by: 'server', reason: 'certificate_missing', detail: {} },
  ).snapshot;
  const { hops, target } = addMetrics(one, other);
  t.deepEqual(hops['A'], {
    opened: 3,
    open: 2,
    bytes: { client: 5, server: 7 },
    handshakes: {},
    refused: { unknown_ca: 2, certificate_missing: 1 },
  });
  t.is(hops['B']?.opened, 1);
  t.is(target, 'reached');
  t.is(addMetrics(other, one).target, 'unknown');
  t.deepEqual(addMetrics(one, folded().snapshot), one);
});
