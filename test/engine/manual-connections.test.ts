/** A scenario that stays up: events of its steps stay, and the newest manual connections. Counts events, not bytes. */
import test from 'ava';
import { SecretHunt } from '../../src/analysis/secrets/secret-hunt.ts';
import { Flows } from '../../src/capture/flows.ts';
import { forgetManualConnections } from '../../src/engine/manual-connections.ts';
import { ScriptedLog, present } from '../helpers/capture.ts';

function held() {
  const scripted = new ScriptedLog();
  const { log } = scripted;
  const flows = new Flows(log);
  const hunt = new SecretHunt([{ id: 'password', value: 'tiger-lily' }]);
  log.subscribe(flows.fold);
  log.subscribe(hunt.fold);
  const visit = (conn: number, said = 'password=tiger-lily'): void => {
    scripted.opened(conn);
    scripted.bytes('client', said, { conn });
    log.append({
      type: 'keylog',
      conn,
      line: `CLIENT_RANDOM ${conn.toString(16).padStart(64, '0')} ${'ab'.repeat(48)}`,
    });
    scripted.closed('client', 'end', conn);
  };
  scripted.began();
  for (let conn = 1; conn <= 20; conn++) visit(conn);
  return { scripted, log, flows, hunt, visit };
}

const kept = (log: ScriptedLog['log']): number => log.events.filter(({ seq }) => seq >= 0).length;

test('the newest closed manual connections stay; what the steps made stays whole', (t) => {
  const { log, flows, hunt, visit } = held();
  const before = kept(log);
  const forgotten: number[] = [];
  log.subscribe(
    forgetManualConnections({
      log,
      judge: { flows, hunt },
      mostClosed: 50,
      onForget: (conn) => forgotten.push(conn),
    }),
  );
  for (let conn = 101; conn <= 1100; conn++) visit(conn);
  t.is(flows.connections.length, 20 + 50);
  t.is(kept(log), before + 50 * 4);
  t.is(hunt.hits.length, 20 + 50);
  t.is(hunt.count('password', 101, 'wire', 'client'), 0);
  t.is(flows.keylogLength, 20 + 50);
  t.deepEqual(forgotten.slice(0, 2), [101, 102]);
  for (let conn = 1; conn <= 20; conn++) {
    t.is(
      Buffer.from(present(present(flows.connection(conn)).stream('wire', 'client').all())).toString(),
      'password=tiger-lily',
    );
    t.is(hunt.count('password', conn, 'wire', 'client'), 1);
  }
});

test('a connection of the steps that stays open during manual connections, and ends then, stays', (t) => {
  const { scripted, log, flows, hunt, visit } = held();
  scripted.opened(50);
  log.subscribe(forgetManualConnections({ log, judge: { flows, hunt }, mostClosed: 5 }));
  scripted.bytes('client', 'password=tiger-lily', { conn: 50 });
  scripted.closed('client', 'end', 50);
  for (let conn = 101; conn <= 200; conn++) visit(conn);
  t.is(flows.connection(50)?.stream('wire', 'client').complete, true);
  t.is(hunt.count('password', 50, 'wire', 'client'), 1);
});

test('of a long manual connection, the beginning and the newest stay', (t) => {
  const { scripted, log, flows, hunt } = held();
  log.subscribe(forgetManualConnections({ log, judge: { flows, hunt } }));
  scripted.opened(101);
  for (let at = 0; at < 20_000; at++) scripted.bytes('client', `line ${at}\n`, { conn: 101 });
  const stream = present(flows.connection(101)).stream('wire', 'client');
  t.true(stream.chunks.length <= 4096 + 256);
  t.true(kept(log) < 5000, `${kept(log)}`);
  t.is(Buffer.from(present(stream.read(0, 7))).toString(), 'line 0\n');
  t.is(Buffer.from(present(stream.read(stream.length - 11, 11))).toString(), 'line 19999\n');
});

test('key log lines of an untapped server are dropped too, the oldest first', (t) => {
  const { log, flows, hunt } = held();
  log.subscribe(forgetManualConnections({ log, judge: { flows, hunt } }));
  const random = (at: number): string => at.toString(16).padStart(64, 'f');
  const before = kept(log);
  for (let at = 0; at < 3000; at++)
    log.append({ type: 'keylog', line: `CLIENT_RANDOM ${random(at)} ${'ab'.repeat(48)}` });
  t.is(flows.keylogLength, 20 + 1000);
  t.is(kept(log), before);
  t.is(flows.keylogOf(random(0)).length, 0);
  t.is(flows.keylogOf(random(2999)).length, 1);
});
