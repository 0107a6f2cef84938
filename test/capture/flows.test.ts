import test from 'ava';
import { Flows } from '../../src/capture/flows.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import type { RunLog } from '../../src/capture/log.ts';
import { Steps } from '../../src/capture/steps.ts';
import { present, ScriptedLog } from '../helpers/capture.ts';

function flowing(options: { maxPayload?: number } = {}): { scripted: ScriptedLog; flows: Flows } {
  const scripted = new ScriptedLog(options);
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  return { scripted, flows };
}

const textOf = (bytes: Uint8Array | undefined): string | undefined =>
  bytes ? Buffer.from(bytes).toString() : undefined;

test('a connection gathers what the log says of it, each direction from offset 0', (t) => {
  const { scripted, flows } = flowing();
  scripted.opened(7, 'A');
  scripted.bytes('client', 'GET /', { conn: 7 });
  scripted.bytes('server', 'HTTP', { conn: 7 });
  scripted.bytes('client', ' HTTP/1.1', { conn: 7 });
  scripted.closed('server', 'end', 7);
  scripted.closed('client', 'end', 7);
  const connection = present(flows.connection(7));
  t.is(connection.opened?.to.port, 8080);
  t.is(connection.closed?.by, 'server', 'the first to close');
  const stream = connection.stream('wire', 'client');
  t.is(stream.length, 14);
  t.is(textOf(stream.all()), 'GET / HTTP/1.1');
  t.deepEqual(
    stream.chunks.map(({ offset, length, seq }) => [offset, length, seq]),
    [
      [0, 5, 2],
      [5, 9, 4],
    ],
  );
  t.is(textOf(connection.stream('wire', 'server').all()), 'HTTP');
  t.deepEqual(flows.onWire('A', 1), [connection]);
  t.deepEqual(flows.onWire('A', 2), []);
  t.deepEqual(flows.onWire('B'), []);
});

test('any range can be read, and every byte knows the event that brought it', (t) => {
  const { scripted, flows } = flowing();
  const text = 'abcdefghij';
  for (const piece of ['abc', 'd', 'efgh', 'ij']) scripted.bytes('client', piece);
  const stream = present(flows.connection(1)?.stream('wire', 'client'));
  for (let from = 0; from <= text.length; from++) {
    for (let to = from; to <= text.length; to++)
      t.is(textOf(stream.read(from, to - from)), text.slice(from, to));
  }
  t.deepEqual(
    Array.from(text, (_, at) => stream.seqAt(at)),
    [1, 1, 1, 2, 3, 3, 3, 3, 4, 4],
  );
  t.is(stream.seqAt(10), undefined);
  t.is(stream.seqAt(-1), undefined);
  t.is(stream.read(8, 3), undefined);
  t.is(stream.read(-1, 1), undefined);
});

test('a range within one event is a view, not a copy', (t) => {
  const { scripted, flows } = flowing();
  const event = scripted.bytes('client', 'abcdef');
  const read = flows.connection(1)?.stream('wire', 'client').read(1, 3);
  t.true(event.type === 'bytes' && read?.buffer === event.bytes.buffer);
});

test('what a bounded log drops is gone here too, and the stream says from where it is still there', (t) => {
  const { scripted, flows } = flowing({ maxPayload: 10 });
  scripted.bytes('client', 'first!');
  const stream = present(flows.connection(1)?.stream('wire', 'client'));
  t.true(stream.complete);
  scripted.bytes('client', 'second');
  t.false(stream.complete);
  t.is(stream.availableFrom, 6);
  t.is(stream.length, 12);
  t.is(stream.read(0, 6), undefined);
  t.is(stream.read(3, 6), undefined);
  t.is(textOf(stream.read(6, 6)), 'second');
  t.is(stream.all(), undefined);
  t.deepEqual(Buffer.from(stream.head).toString(), 'first!second');
});

test('folded from a log that had dropped payload before, offsets are the same', (t) => {
  const scripted = new ScriptedLog({ maxPayload: 10 });
  scripted.bytes('client', 'first!');
  scripted.bytes('client', 'second');
  const flows = new Flows({ events: [...scripted.log.events] });
  for (const event of scripted.log.events) flows.fold(event);
  const stream = flows.connection(1)?.stream('wire', 'client');
  t.is(stream?.complete, false);
  t.is(stream?.availableFrom, 6);
  t.is(textOf(stream?.read(6, 6)), 'second');
});

test('without TLS the plaintext is the wire; with TLS it is what was tapped above it', (t) => {
  const { scripted, flows } = flowing();
  scripted.bytes('client', 'POST /login', { conn: 1 });
  scripted.bytes('client', Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00), { conn: 2 });
  scripted.bytes('client', 'POST /login', { conn: 2, vantage: 'plaintext' });
  scripted.bytes('client', Uint8Array.of(0x16, 0x03, 0x01, 0x02, 0x00), { conn: 3 });
  t.is(flows.connection(1)?.carriesTls, false);
  t.is(textOf(flows.connection(1)?.plaintextStream('client').all()), 'POST /login');
  t.is(flows.connection(2)?.carriesTls, true);
  t.is(textOf(flows.connection(2)?.plaintextStream('client').all()), 'POST /login');
  t.is(flows.connection(3)?.carriesTls, true, 'a relay that ends no TLS');
  t.is(flows.connection(3)?.plaintextStream('client').length, 0);
});

test('key log lines are found by the client random, each once; what is no such line is ignored', (t) => {
  const { scripted, flows } = flowing();
  const random = 'ab'.repeat(32);
  const line = `CLIENT_RANDOM ${random.toUpperCase()} ${'cd'.repeat(48)}`;
  for (const text of [
    line,
    line,
    '# a comment',
    '',
    'CLIENT_RANDOM abcd ef',
    `SERVER_TRAFFIC_SECRET_0 ${'11'.repeat(32)} ${'22'.repeat(32)}`,
  ]) {
    scripted.log.append({ type: 'keylog', line: text });
  }
  t.deepEqual(flows.keylogOf(random), [line]);
  t.is(flows.keylog.length, 2);
  t.deepEqual(flows.keylogOf('00'.repeat(32)), []);
});

test('a step is the window of the events from its beginning to its end', (t) => {
  const scripted = new ScriptedLog();
  const steps = new Steps();
  scripted.log.subscribe(steps.fold);
  const step = (id: string, state: 'asked' | 'started' | 'done'): number =>
    scripted.log.append({ type: 'step', id, state }).seq;
  scripted.began();
  const asked = step('login', 'asked');
  step('login', 'started');
  const inside = scripted.opened().seq;
  t.is(steps.current?.id, 'login');
  const done = step('login', 'done');
  const between = scripted.bytes('client', 'x').seq;
  step('logout', 'started');
  const last = scripted.bytes('client', 'x').seq;
  t.is(steps.of('login')?.first, asked);
  t.is(steps.of('login')?.last, done);
  t.is(steps.of('login')?.state, 'done');
  t.is(steps.at(inside)?.id, 'login');
  t.is(steps.at(between), undefined);
  t.is(steps.at(last)?.id, 'logout');
  t.is(steps.of('logout')?.state, 'started');
  t.is(steps.of('logout')?.last, last);
  t.is(steps.of('nothing'), undefined);
});

test('a step of the next run is another window, and a step that was cut off stays started', (t) => {
  const scripted = new ScriptedLog();
  const steps = new Steps();
  scripted.log.subscribe(steps.fold);
  scripted.began();
  scripted.log.append({ type: 'step', id: 'login', state: 'started' });
  scripted.began();
  t.is(steps.current, undefined);
  scripted.log.append({ type: 'step', id: 'login', state: 'started' });
  scripted.log.append({ type: 'step', id: 'login', state: 'done' });
  t.deepEqual(
    steps.windows.map(({ run, state }) => [run, state]),
    [
      [1, 'started'],
      [2, 'done'],
    ],
  );
  t.is(steps.of('login', 1)?.state, 'started');
});

test('the connections of a wire in a stretch of the log: as asking each of them would tell', (t) => {
  const { scripted, flows } = flowing();
  // One that stays open through all the others, which come and go on two wires.
  scripted.opened(1, 'A');
  for (let conn = 2; conn < 600; conn++) {
    const hop = conn % 3 === 0 ? 'B' : 'A';
    scripted.opened(conn, hop);
    scripted.bytes('client', 'x', { conn, hop });
    if (conn % 100 === 0) scripted.bytes('client', 'x', { conn: 1 });
  }
  const newest = scripted.log.events.length;
  for (let first = 0; first < newest; first += 97) {
    for (const last of [first, first + 5, first + 400, Infinity]) {
      for (const hop of ['A', 'B']) {
        const asked = flows.connections.filter(
          (connection) =>
            connection.hop === hop && connection.lastSeq >= first && connection.firstSeq <= last,
        );
        t.deepEqual(
          flows.onWireBetween(hop, first, last).map(({ conn }) => conn),
          asked.map(({ conn }) => conn),
        );
      }
    }
  }
  t.deepEqual(flows.onWireBetween('C', 0, Infinity), []);
});

test('refusals are found by their stretch of the log', (t) => {
  const { scripted, flows } = flowing();
  const seqs = [1, 2, 3].map((conn) => {
    scripted.opened(conn);
    return scripted.log.append({
      type: 'refused',
      conn,
      hop: 'A',
      by: 'server',
      reason: { kind: 'no_certificate' } as never,
      detail: {},
    }).seq;
  });
  const [first = 0, second = 0, third = 0] = seqs;
  const found = (from: number, to: number): number[] =>
    flows.refusalsBetween(from, to).map(({ connection }) => connection.conn);
  t.deepEqual(found(0, Infinity), [1, 2, 3]);
  t.deepEqual(found(second, second), [2]);
  t.deepEqual(found(first + 1, third - 1), [2]);
  t.deepEqual(found(third + 1, Infinity), []);
});

test('a connection that is forgotten leaves nothing behind, and its neighbours stay where they are', (t) => {
  const { scripted, flows } = flowing();
  for (let conn = 1; conn <= 300; conn++) {
    scripted.opened(conn, conn % 2 === 0 ? 'B' : 'A');
    scripted.bytes('client', `from ${conn}`, { conn, hop: conn % 2 === 0 ? 'B' : 'A' });
  }
  const line = (conn: number): string => `CLIENT_RANDOM ${String(conn).padStart(64, '0')} ${'ab'.repeat(48)}`;
  scripted.log.append({ type: 'keylog', conn: 7, line: line(7) });
  scripted.log.append({ type: 'keylog', conn: 9, line: line(9) });
  scripted.log.append({
    type: 'refused',
    conn: 7,
    hop: 'A',
    by: 'server',
    reason: 'certificate_missing',
    detail: {},
  });
  for (let conn = 1; conn <= 300; conn++) if (conn !== 9 && conn !== 300) flows.forget(conn);
  flows.forget(7);
  t.deepEqual(
    flows.connections.map(({ conn }) => conn),
    [9, 300],
  );
  t.is(flows.connection(7), undefined);
  t.deepEqual(flows.keylog, [line(9)]);
  t.deepEqual(flows.refusalsBetween(0, Infinity), []);
  t.deepEqual(
    flows.onWire('A').map(({ conn }) => conn),
    [9],
  );
  t.deepEqual(
    flows.onWireBetween('B', 0, Infinity).map(({ conn }) => conn),
    [300],
  );
  scripted.bytes('client', '!', { conn: 9 });
  t.is(textOf(flows.connection(9)?.stream('wire', 'client').all()), 'from 9!');
  t.deepEqual(
    flows.onWireBetween('A', scripted.log.events.length - 1, Infinity).map(({ conn }) => conn),
    [9],
  );
});

test('of runs beside each other each connection knows when its own began', (t) => {
  const clock = { now: () => 0, microseconds: () => at };
  let at = 0;
  const log = new CaptureLog({ clock });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const address = { host: '127.0.0.1', port: 1 };
  const began = (run: RunLog, seconds: number): void =>
    void run.append({
      type: 'began',
      version: '0',
      wallClock: new Date(seconds * 1000).toISOString(),
      topology: { participants: [], wires: [] },
    });
  const open = (run: RunLog, conn: number): void =>
    void run.append({ type: 'opened', conn, hop: 'A', transport: 'tcp', from: address, to: address });
  const [front, depot] = [log.openRun(), log.openRun()];
  began(front, 0);
  at = 600_000_000;
  began(depot, 600);
  at = 605_000_000;
  open(front, 1);
  open(depot, 2);
  for (const conn of [1, 2]) {
    const { began: of, opened } = present(flows.connection(conn));
    t.is(Date.parse(of?.wallClock ?? '') + (opened?.at ?? 0) / 1000, 605_000, `${conn}`);
  }
});
