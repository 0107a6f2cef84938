/** A capture printed while it is read, compared with the same one printed afterwards: the same lines for every connection. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { recordTls } from '../../../bench/inspect/mixed-capture.ts';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { SecretHunt } from '../../../src/analysis/secrets/secret-hunt.ts';
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { PacketClock, Replay } from '../../../src/capture/file/replay.ts';
import { JsonCapture } from '../../../src/ui/json/json-capture.ts';
import { JsonReport } from '../../../src/ui/json/json.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { recordLogin } from '../../helpers/live.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { pourInto, readCaptureFile } from '../../capture/support/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-json-capture-'));
test.after.always(() => rmSync(folder, { recursive: true }));

test.before(async () => loadReadings());

interface Printed {
  readonly lines: string[];
  /** Packets whose bytes were not read. */
  readonly passed: number;
}

function inPassing(file: Uint8Array, windowBytes = 4096): Printed {
  const lines: string[] = [];
  let passed = 0;
  const clock = new PacketClock();
  const capture = new JsonCapture({ clock, write: (line) => void lines.push(line) });
  const wants: typeof capture.wants = (...asked) => {
    const isWanted = capture.wants(...asked);
    if (!isWanted) passed++;
    return isWanted;
  };
  const replay = new Replay({
    append: capture.append,
    wants,
    copies: true,
    clock,
    version: '0.0.0',
    keylog: readCaptureFile(file).keylog,
  });
  pourInto(new CaptureReader({ packet: (packet) => replay.packet(packet) }, { windowBytes }), file);
  replay.end();
  capture.end();
  return { lines, passed };
}

function atTheEnd(file: Uint8Array): string[] {
  const lines: string[] = [];
  const clock = new PacketClock();
  const log = new CaptureLog({ clock, maxPayload: Infinity });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const replay = new Replay({
    append: (draft) => log.append(draft),
    clock,
    version: '0.0.0',
    keylog: readCaptureFile(file).keylog,
  });
  pourInto(new CaptureReader({ packet: (packet) => replay.packet(packet) }, { keeps: true }), file);
  replay.end();
  new JsonReport({
    flows,
    hunt: new SecretHunt([]),
    secrets: new Map(),
    withSecrets: false,
    opens: true,
    events: false,
    write: (line) => lines.push(line),
  }).end();
  return lines;
}

/** Lines by their connection, in their order. */
function byStream(lines: readonly string[]): Record<string, string[]> {
  const streams: Record<string, string[]> = {};
  for (const line of lines)
    (streams[String((JSON.parse(line) as { stream: number }).stream)] ??= []).push(line);
  return streams;
}

const bulk = join(folder, 'bulk.pcapng');
test.before(async () => void (await recordTls(bulk, 3_000_000, 1)));

test('bulk data without keys is counted, not read, and the lines are the same', (t) => {
  const file = readFileSync(bulk);
  const { lines, passed } = inPassing(file);
  t.deepEqual(byStream(lines), byStream(atTheEnd(file)));
  t.true(passed > 1000, `${passed}`);
});

withPeer(
  'tshark',
  'tshark counts as many records of application data, and as many handshake messages that can be read',
  async (t) => {
    const printed = inPassing(readFileSync(bulk)).lines.map(
      (line) =>
        JSON.parse(line) as {
          kind: string;
          encrypted?: boolean;
          applicationDataRecords?: { toServer: number; toClient: number };
        },
    );
    const { stdout } = await runProgram('tshark', [
      '-r',
      bulk,
      '-T',
      'fields',
      '-e',
      'tls.record.content_type',
      '-e',
      'tls.record.opaque_type',
      '-e',
      'tls.handshake.type',
    ]);
    const rows = stdout
      .split('\n')
      .map((row) => row.split('\t').map((cell) => cell.split(',').filter(Boolean)));
    const records = rows
      .flatMap(([clear = [], opaque = []]) => [...clear, ...opaque])
      .filter((type) => type === '23').length;
    t.is(
      printed.reduce(
        (sum, { applicationDataRecords: count }) => sum + (count ? count.toServer + count.toClient : 0),
        0,
      ),
      records,
    );
    t.is(
      printed.filter(({ kind, encrypted }) => kind === 'handshake' && encrypted === false).length,
      rows.flatMap(([, , types = []]) => types).length,
    );
  },
);

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  for (const withSecrets of [true, false]) {
    test(`a login under ${version}, ${withSecrets ? 'opened by the keys in the file' : 'sealed'}`, async (t) => {
      const path = join(folder, `${version}-${withSecrets}.pcapng`);
      const { log } = await recordLogin('mtls', { version, identity: 'alice' });
      const spool = new PcapngSpool(path, { withSecrets });
      for (const event of log.events) spool.fold(event);
      spool.close();
      const file = readFileSync(path);
      const { lines } = inPassing(file);
      t.deepEqual(byStream(lines), byStream(atTheEnd(file)));
      t.is(
        lines.some((line) => line.includes('tiger-lily')),
        withSecrets,
      );
      t.is(
        lines.some((line) => line.includes('sha256":') && line.includes('"plaintext":{')),
        withSecrets,
      );
    });
  }
}

test('long plaintext is printed in parts, with the digest of all of it', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  for (let at = 0; at < 3000; at++) {
    const form = `password=number-${at}`;
    scripted.bytes(
      'client',
      `POST /${at} HTTP/1.1\r\nhost: a\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${form.length}\r\n\r\n${form}`,
    );
    scripted.bytes('server', 'HTTP/1.1 204 No Content\r\n\r\n');
  }
  scripted.closed();
  const path = join(folder, 'plain.pcapng');
  const spool = new PcapngSpool(path);
  for (const event of scripted.log.events) spool.fold(event);
  spool.close();
  const file = readFileSync(path);
  const { lines } = inPassing(file);
  t.deepEqual(lines.toSorted(), atTheEnd(file).toSorted());
  t.regex(present(lines.at(-1)), /"kind":"stream".*"sha256"/);
  t.true(
    lines.findIndex((line) => line.includes('"secret"')) <
      lines.findLastIndex((line) => line.includes('"http"')),
    'in parts',
  );
});

test('a connection is printed when it has closed, an open one at the end', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  for (const conn of [1, 2, 3]) scripted.opened(conn, 'A');
  for (const conn of [1, 2, 3]) scripted.bytes('client', `GET /${conn} HTTP/1.1\r\n\r\n`, { conn });
  scripted.closed('client', 'end', 2);
  scripted.closed('client', 'end', 1);
  const path = join(folder, 'order.pcapng');
  const spool = new PcapngSpool(path);
  for (const event of scripted.log.events) spool.fold(event);
  spool.close();
  t.deepEqual(Object.keys(byStream(inPassing(readFileSync(path)).lines)).length, 3);
  t.deepEqual(
    inPassing(readFileSync(path)).lines.flatMap(
      (line) => /"kind":"stream","stream":(\d)/.exec(line)?.[1] ?? [],
    ),
    ['1', '0', '2'],
  );
});

test('the number of open connections is bounded; the others are printed as far as they have come', (t) => {
  const lines: {
    kind?: string;
    stream?: number;
    outcome?: { kind: string; joinedLate?: true };
    client?: string;
    title?: string;
  }[] = [];
  const clock = new PacketClock();
  const capture = new JsonCapture({
    clock,
    mostOpen: 100,
    write: (line) => void lines.push(JSON.parse(line) as (typeof lines)[number]),
  });
  const address = (port: number) => ({ host: '10.0.0.1', port });
  const say = (conn: number, path: string): void =>
    capture.append({
      type: 'bytes',
      conn,
      hop: 'A',
      vantage: 'wire',
      from: 'client',
      bytes: Buffer.from(`GET /${path} HTTP/1.1\r\nHost: a\r\n\r\n`),
      frame: 1,
    });
  const streams = (): typeof lines => lines.filter(({ kind }) => kind === 'stream');
  capture.append({
    type: 'began',
    version: '0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology: { participants: [], wires: [] },
  });
  for (let conn = 1; conn <= 1000; conn++) {
    capture.append({
      type: 'opened',
      conn,
      hop: 'A',
      transport: 'tcp',
      from: address(conn),
      to: address(80),
      frame: 1,
    });
    say(conn, 'first');
    // The first one sends data: it is not the one that has been silent for longest.
    if (conn > 1) say(1, 'more');
  }
  t.is(streams().length, 900);
  t.false(streams().some(({ stream }) => stream === 1));
  t.deepEqual([...new Set(streams().map(({ outcome }) => outcome?.kind))], ['open']);
  // One that closes now was printed already; one that sends again is printed again.
  capture.append({ type: 'closed', conn: 2, hop: 'A', by: 'client', how: 'end', frame: 2 });
  t.is(streams().length, 900);
  say(3, 'again');
  capture.append({ type: 'closed', conn: 3, hop: 'A', by: 'client', how: 'end', frame: 3 });
  const again = streams().filter(({ stream }) => stream === 3);
  t.is(again.length, 2);
  t.true(again[1]?.outcome?.joinedLate);
  t.is(again[1]?.client, '10.0.0.1:3');
  capture.end();
  t.is(new Set(streams().map(({ stream }) => stream)).size, 1000, 'every connection has its line');
  t.is(lines.filter(({ kind, title }) => kind === 'http' && title === 'GET /more').length, 999);
});

test('a printed and forgotten connection that closes is neither kept nor printed again', (t) => {
  const streams: number[] = [];
  const clock = new PacketClock();
  const capture = new JsonCapture({
    clock,
    mostOpen: 20,
    mostSilent: 50,
    write: (text) => {
      const line = JSON.parse(text) as { kind: string; stream: number };
      if (line.kind === 'stream') streams.push(line.stream);
    },
  });
  const count = 500;
  capture.append({
    type: 'began',
    version: '0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology: { participants: [], wires: [] },
  });
  for (let conn = 1; conn <= count; conn++)
    capture.append({
      type: 'opened',
      conn,
      hop: 'A',
      transport: 'tcp',
      from: { host: '10.0.0.1', port: conn },
      to: { host: '10.0.0.2', port: 80 },
      frame: conn,
    });
  const side = { packets: 2, repeated: 0, unacknowledged: 0, missing: 0 };
  for (let conn = 1; conn <= count; conn++) {
    capture.append({ type: 'segments', conn, hop: 'A', segments: { quiet: 0, client: side, server: side } });
    if (conn % 2 === 0)
      capture.append({ type: 'closed', conn, hop: 'A', by: 'client', how: 'end', frame: count + conn });
    t.true(capture.kept <= 20, `${capture.kept} after ${conn}`);
  }
  capture.end();
  t.deepEqual(
    streams.toSorted((one, other) => one - other),
    Array.from({ length: count }, (_, index) => index + 1),
  );
});
