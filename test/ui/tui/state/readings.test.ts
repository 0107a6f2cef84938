import test from 'ava';
import { Flows } from '../../../../src/capture/flows.ts';
import { Readings } from '../../../../src/ui/tui/state/readings.ts';
import { Rows } from '../../../../src/ui/tui/state/rows.ts';
import { present, ScriptedLog } from '../../../helpers/capture.ts';

function flowing(): { scripted: ScriptedLog; flows: Flows; readings: Readings } {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  return { scripted, flows, readings: new Readings(flows) };
}

test('rows of several connections are one list, and each row knows its way back', (t) => {
  const { scripted, flows, readings } = flowing();
  for (const conn of [4, 2, 9]) {
    scripted.opened(conn);
    scripted.bytes('client', `GET /${conn} HTTP/1.1\r\n\r\n`, { conn });
    scripted.bytes('server', 'HTTP/1.1 204 No Content\r\n\r\n', { conn });
  }
  const rows = new Rows();
  const look = readings.look();
  for (const connection of flows.connections) rows.add(connection, look.messages(connection), 0, Infinity);
  t.is(rows.length, 9);
  t.deepEqual(
    rows.slice(0, 9).map(({ connection, index }) => [connection.conn, index]),
    [4, 2, 9].flatMap((conn) => [0, 1, 2].map((index) => [conn, index])),
  );
  for (let at = 0; at < 9; at++) {
    const { connection, index } = present(rows.at(at));
    t.is(rows.indexOf(connection.conn, index), at);
  }
  t.is(rows.at(-1), undefined);
  t.is(rows.at(9), undefined);
  t.is(
    rows.findIndex(({ title }) => title.en === 'GET /9'),
    7,
  );
  t.is(rows.indexOf(5, 0), -1);
});

test('a look reads a bounded part of a long conversation, and turns read the rest', (t) => {
  const { scripted, flows, readings } = flowing();
  scripted.opened(1);
  for (let at = 0; at < 2000; at++) scripted.bytes(at % 2 === 0 ? 'client' : 'server', '\x01\x02 opaque');
  const connection = present(flows.connection(1));
  const first = readings.look().messages(connection).length;
  t.true(first > 0 && first < 1000);
  t.true(readings.isReading);
  for (let turns = 0; readings.isReading; turns++) {
    readings.readOn();
    t.true(turns < 1000);
  }
  t.is(readings.messages(connection).length, 2000, 'TCP opened, and all but the last, which more may join');
});

test('readers that no look asks for go sooner where they hold much', (t) => {
  const { scripted, flows, readings } = flowing();
  for (let conn = 1; conn <= 40; conn++) {
    scripted.opened(conn);
    scripted.bytes('client', `POST / HTTP/1.1\r\nContent-Length: 4000000\r\n\r\n${'x'.repeat(4_000_000)}`, {
      conn,
    });
    readings.look().messages(present(flows.connection(conn)));
    for (let turns = 0; readings.isReading && turns < 1000; turns++) readings.readOn();
    t.true(readings.size <= 12, `${readings.size} after ${conn}`);
  }
  t.true(
    readings.look().messages(present(flows.connection(1))).length > 0,
    'it is read again when it is looked at again',
  );
});

test('a reader that no look asks for any more is let go', (t) => {
  const { scripted, flows, readings } = flowing();
  for (const conn of [1, 2]) {
    scripted.opened(conn);
    scripted.bytes('client', 'GET / HTTP/1.1\r\n\r\n', { conn });
  }
  const look = readings.look();
  for (const connection of flows.connections) look.messages(connection);
  t.is(readings.size, 2);
  for (let looks = 0; looks < 300; looks++) {
    readings.look().messages(present(flows.connection(1)));
  }
  t.is(readings.size, 1);
});

test('an endpoint’s account is the first request with a form, and the answer to it', (t) => {
  const { scripted, flows, readings } = flowing();
  scripted.opened(1);
  scripted.bytes('client', 'GET / HTTP/1.1\r\n\r\n');
  scripted.bytes('server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  const { seq } = scripted.bytes('client', 'POST /login HTTP/1.1\r\nContent-Length: 0\r\n\r\n');
  scripted.bytes('server', 'HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n');
  const connection = present(flows.connection(1));
  t.is(readings.exchange(connection, 0, Infinity), undefined, 'nothing was asked of a look');
  t.is(readings.look().exchange(connection, 0, Infinity)?.request.title.en, 'POST /login');
  t.is(readings.exchange(connection, 0, Infinity)?.answer?.title.en, '302 Found');
  t.is(readings.exchange(connection, 0, seq - 1)?.request.title.en, 'GET /');
  t.is(readings.exchange(connection, 0, seq)?.answer, undefined);
});
