/** A capture reported while it is read, with connections that never close: memory is counted, and the lines are compared. */
import test from 'ava';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { PacketClock } from '../../../src/capture/file/replay.ts';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import { CaptureReport } from '../../../src/presentation/report/capture-report.ts';
import { loadTlsReport } from '../../../src/presentation/report/load.ts';
import { TextReport } from '../../../src/ui/text/text.ts';
import { topology } from '../../helpers/capture.ts';

test.before(async () => loadTlsReport());

interface Printed {
  readonly lines: string[];
  readonly mostKept: number;
  readonly mostEvents: number;
}

function printCapture(drafts: readonly CaptureDraft[], mostOpen?: number, mostSilent?: number): Printed {
  const log = new CaptureLog({ clock: new PacketClock(), endless: true });
  const lines: string[] = [];
  const capture = new CaptureReport({
    log,
    source: log,
    report: {
      opens: true,
      hunt: new SecretHunt([]),
      secrets: new Map(),
      onBlock: new TextReport({
        language: 'en',
        ascii: true,
        columns: 100,
        write: (line) => void lines.push(line),
      }).set,
    },
    ...(mostOpen === undefined ? {} : { mostOpen }),
    ...(mostSilent === undefined ? {} : { mostSilent }),
  });
  log.subscribe(capture.fold);
  let [mostKept, mostEvents] = [0, 0];
  for (const draft of drafts) {
    log.append(draft);
    capture.reportDue();
    mostKept = Math.max(mostKept, capture.kept);
    mostEvents = Math.max(mostEvents, log.keptEvents);
  }
  capture.end();
  return { lines, mostKept, mostEvents };
}

const began: CaptureDraft = { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology };
const opened = (conn: number, late = false): CaptureDraft => ({
  type: 'opened',
  conn,
  hop: 'A',
  transport: 'tcp',
  from: { host: '10.0.0.1', port: conn },
  to: { host: '10.0.0.2', port: 80 },
  frame: conn,
  ...(late ? { late } : {}),
});
const said = (conn: number, path = conn): CaptureDraft => ({
  type: 'bytes',
  conn,
  hop: 'A',
  vantage: 'wire',
  from: 'client',
  bytes: Buffer.from(`GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
  frame: conn,
});
const closed = (conn: number): CaptureDraft => ({
  type: 'closed',
  conn,
  hop: 'A',
  by: 'client',
  how: 'end',
  frame: conn,
});
const range = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);
const requests = (lines: readonly string[]): string[] =>
  lines.flatMap((line) => /GET \/(\d+)/.exec(line)?.[1] ?? []);

test('the number of open connections that are kept is bounded, and each is printed', (t) => {
  const { lines, mostKept, mostEvents } = printCapture(
    [began, ...range(2000).flatMap((conn) => [opened(conn), said(conn)])],
    100,
  );
  // Those that were just printed are kept in lists until there are many.
  t.true(mostKept <= 102, `${mostKept}`);
  t.true(mostEvents <= 2 * 102 + 1, `${mostEvents}`);
  t.deepEqual(requests(lines), range(2000).map(String));
});

test('what the end of the capture cuts off has its line: a response without its end, and bytes that wait for more', (t) => {
  const answered: CaptureDraft = {
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from: 'server',
    bytes: Buffer.from('HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 900\r\n\r\nbegins'),
    frame: 2,
  };
  const password: CaptureDraft = {
    type: 'bytes',
    conn: 2,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: Buffer.from('USER alice\r\nPASS hunter2\r\n'),
    frame: 4,
  };
  const { lines } = printCapture([began, opened(1), said(1), answered, opened(2, true), password]);
  t.is(lines.filter((line) => /<- to client 200 OK +71 B +image\/png, cut off/.test(line)).length, 1);
  t.is(lines.filter((line) => /-> to server PASS +14 B/.test(line)).length, 1);
  t.true(lines.some((line) => line.includes('READABLE  alice: hunter2')));
});

test('where fewer are open the lines are the same, however many may be', (t) => {
  const drafts = [
    began,
    ...range(60).flatMap((conn) => [opened(conn), said(conn)]),
    ...range(20).map(closed),
    ...range(60)
      .slice(20)
      .map((conn) => said(conn, conn * 1000)),
  ];
  const all = printCapture(drafts, 60).lines;
  t.deepEqual(all, printCapture(drafts).lines);
  t.is(requests(all).length, 100);
});

test('a connection that was printed early and sends again is printed again as joined late; one that closes silently is not', (t) => {
  const few = range(50).flatMap((conn) => [opened(conn), said(conn)]);
  const segments: CaptureDraft = {
    type: 'segments',
    conn: 1,
    hop: 'A',
    segments: {
      quiet: 0,
      client: { packets: 1, repeated: 0, unacknowledged: 5, missing: 0 },
      server: { packets: 1, repeated: 0, unacknowledged: 0, missing: 0 },
    },
  };
  const { lines, mostKept, mostEvents } = printCapture(
    [began, ...few, segments, closed(1), said(2, 2002), closed(2), said(50, 5050)],
    10,
  );
  t.true(mostKept <= 12, `${mostKept}`);
  t.true(mostEvents <= 28, `${mostEvents}`);
  t.is(requests(lines).filter((path) => path === '1').length, 1);
  t.deepEqual(
    requests(lines).filter((path) => path === '2' || path === '2002'),
    ['2', '2002'],
  );
  t.true(requests(lines).includes('5050'));
});

test('a connection that sends is not the one that is printed for its silence', (t) => {
  const drafts = [
    began,
    opened(1),
    said(1),
    ...range(100)
      .slice(1)
      .flatMap((conn) => [opened(conn), said(conn), said(1, 1000 + conn)]),
  ];
  const { lines } = printCapture(drafts, 10);
  const paths = requests(lines);
  t.deepEqual(paths.slice(0, 3), ['2', '3', '4']);
  t.is(paths.filter((path) => path.length === 4).length, 99);
});

test('a printed and forgotten connection that closes is neither kept nor printed again', (t) => {
  const side = { packets: 2, repeated: 0, unacknowledged: 0, missing: 0 };
  const segments = (conn: number): CaptureDraft => ({
    type: 'segments',
    conn,
    hop: 'A',
    segments: { quiet: 0, client: side, server: side },
  });
  const { lines, mostKept } = printCapture(
    [
      began,
      ...range(500).flatMap((conn) => [opened(conn), said(conn)]),
      ...range(500).flatMap((conn) => (conn % 2 === 0 ? [segments(conn), closed(conn)] : [segments(conn)])),
    ],
    20,
    50,
  );
  t.true(mostKept <= 22, `${mostKept}`);
  t.deepEqual(
    requests(lines).toSorted((one, other) => Number(one) - Number(other)),
    range(500).map(String),
  );
});
