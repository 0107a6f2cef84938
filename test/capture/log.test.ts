import test from 'ava';
import type { CaptureEvent } from '../../src/capture/event.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { ScriptedLog, tickingClock, topology } from '../helpers/capture.ts';

const note = (text: string): Parameters<CaptureLog['append']>[0] => ({
  type: 'note',
  text: { en: text, ko: text },
});
const text = (event: CaptureEvent): string => (event.type === 'note' ? event.text.en : event.type);

test('events are numbered from 0, runs from 1, and a run begins at time 0', (t) => {
  const clock = tickingClock();
  const log = new CaptureLog({ clock });
  clock.advance(500);
  const began = log.append({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology });
  t.deepEqual([began.seq, began.run, began.at], [0, 1, 0]);
  clock.advance(999);
  const first = log.append(note('first'));
  t.deepEqual([first.seq, first.run, first.at], [1, 1, 1000]);
  const again = log.append({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:01.000Z', topology });
  t.deepEqual([again.seq, again.run, again.at], [2, 2, 0]);
});

test('what was told before the first beginning belongs to its run', (t) => {
  const log = new CaptureLog({ clock: tickingClock() });
  const early = log.append(note('early'));
  const began = log.append({ type: 'began', version: '0', wallClock: '', topology });
  t.deepEqual(
    [early, began].map(({ run, seq }) => [run, seq]),
    [
      [1, 0],
      [1, 1],
    ],
  );
  t.true(began.at > early.at, 'its clock goes on');
  t.is(log.append({ type: 'began', version: '0', wallClock: '', topology }).run, 2);
});

test('runs go on beside one another: each event belongs to the run that it was written for, and is heard there alone', (t) => {
  const clock = tickingClock();
  const log = new CaptureLog({ clock });
  const [one, other] = [log.openRun(), log.openRun()];
  const heard: string[] = [];
  one.append({ type: 'began', version: '0', wallClock: '', topology });
  one.subscribe((event) => heard.push(text(event)));
  clock.advance(100);
  other.append({ type: 'began', version: '0', wallClock: '', topology });
  other.append(note('other'));
  clock.advance(100);
  const late = one.append(note('one'));
  t.is(late.run, 1);
  t.true(late.at >= 200, 'its clock is its own');
  t.deepEqual(heard, ['began', 'one']);
  t.deepEqual(
    log.events.map(({ run, seq }) => [run, seq]),
    [
      [1, 0],
      [2, 1],
      [2, 2],
      [1, 3],
    ],
  );
});

test('a fold sees what is there and then what comes, until it stops', (t) => {
  const { log } = new ScriptedLog();
  log.append(note('before'));
  const seen: string[] = [];
  const stop = log.subscribe((event) => seen.push(text(event)));
  log.append(note('after'));
  stop();
  log.append(note('too late'));
  t.deepEqual(seen, ['before', 'after']);
});

test('a fold that appends does not break the order of any fold', (t) => {
  const { log } = new ScriptedLog();
  const first: string[] = [];
  const second: string[] = [];
  log.subscribe((event) => {
    first.push(text(event));
    if (text(event) === 'cause') log.append(note('effect'));
  });
  log.subscribe((event) => second.push(text(event)));
  log.append(note('cause'));
  log.append(note('next'));
  t.deepEqual(first, ['cause', 'effect', 'next']);
  t.deepEqual(second, ['cause', 'effect', 'next']);
});

test('a fold that subscribes another gives it each event once', (t) => {
  const { log } = new ScriptedLog();
  const seen: string[] = [];
  log.subscribe((event) => {
    if (text(event) === 'go') log.subscribe((inner) => seen.push(text(inner)));
  });
  log.append(note('go'));
  log.append(note('on'));
  t.deepEqual(seen, ['go', 'on']);
});

test('over the cap the oldest payload is dropped and counted; events, order and what folds saw stay', (t) => {
  const scripted = new ScriptedLog({ maxPayload: 10 });
  let folded = 0;
  scripted.log.subscribe((event) => {
    if (event.type === 'bytes') folded += event.bytes.length;
  });
  const first = scripted.bytes('client', '12345678');
  scripted.bytes('client', 'abcd');
  t.is(folded, 12);
  t.is(scripted.log.droppedBytes, 8);
  const dropped = scripted.log.events[0];
  t.like(dropped, { type: 'bytes', bytes: { length: 0 }, dropped: 8 });
  t.not(dropped, first, 'the event that folds were given is not changed in place');
  t.like(first, { bytes: { length: 8 } });
  scripted.bytes('client', '0123456789ab');
  t.is(scripted.log.droppedBytes, 24, 'an event that is itself over the cap goes too');
});

test('iteration gives every event, those of the past and those to come, and ends with the log', async (t) => {
  const { log } = new ScriptedLog();
  log.append(note('past'));
  const seen: string[] = [];
  const reading = (async () => {
    for await (const event of log) seen.push(text(event));
  })();
  await new Promise((resolve) => setImmediate(resolve));
  log.append(note('one'));
  log.append(note('two'));
  await new Promise((resolve) => setImmediate(resolve));
  log.append(note('three'));
  log.end();
  await reading;
  t.deepEqual(seen, ['past', 'one', 'two', 'three']);
  t.throws(() => log.append(note('late')), { message: /has ended/ });
});

test('two iterations at once each see everything', async (t) => {
  const { log } = new ScriptedLog();
  const read = async (): Promise<number> => {
    let count = 0;
    for await (const event of log) count += event.seq >= 0 ? 1 : 0;
    return count;
  };
  const both = Promise.all([read(), read()]);
  for (let at = 0; at < 5; at++) {
    log.append(note(String(at)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  log.end();
  t.deepEqual(await both, [5, 5]);
});

test('until resolves when the log has settled, and with false in time, when it is called off or when the log ends', async (t) => {
  const { log } = new ScriptedLog();
  t.true(await log.until(() => true, 0));
  const waiting = log.until(() => log.events.length === 2, 10_000);
  log.append(note('one'));
  log.append(note('two'));
  t.true(await waiting);
  t.false(await log.until(() => false, 1));
  const controller = new AbortController();
  const calledOff = log.until(() => false, 60_000, controller.signal);
  controller.abort();
  t.false(await calledOff);
  t.false(await log.until(() => false, 60_000, controller.signal));
  const ended = log.until(() => false, 60_000);
  log.end();
  t.false(await ended);
  t.false(await log.until(() => false, 60_000));
});

test('a connection is found by the address that its client spoke from; the newest wins', (t) => {
  const scripted = new ScriptedLog();
  t.is(scripted.log.nextConnection(), 0);
  t.is(scripted.log.nextConnection(), 1);
  scripted.opened(1, 'A');
  t.deepEqual(scripted.log.connectionFrom({ host: '127.0.0.1', port: 50_001 }), { conn: 1, hop: 'A' });
  scripted.log.append({
    type: 'opened',
    conn: 2,
    hop: 'B',
    transport: 'tcp',
    from: { host: '127.0.0.1', port: 50_001 },
    to: { host: '::1', port: 1 },
  });
  t.deepEqual(scripted.log.connectionFrom({ host: '127.0.0.1', port: 50_001 }), { conn: 2, hop: 'B' });
  t.is(scripted.log.connectionFrom({ host: '127.0.0.1', port: 9 }), undefined);
});

test('what was told can be let go: its payload frees room, its number stays taken, and what comes is told as ever', (t) => {
  const scripted = new ScriptedLog({ maxPayload: 10 });
  const heard: number[] = [];
  scripted.log.subscribe(({ seq }) => heard.push(seq));
  const opened = scripted.opened(1, 'A');
  const first = scripted.bytes('client', '12345678');
  scripted.log.release([opened.seq, first.seq, first.seq, 99]);
  t.true(
    [opened, first].every(({ seq }) => {
      const event = scripted.log.events[seq];
      return event?.type === 'note' && event.text.en === '';
    }),
  );
  const second = scripted.bytes('client', '87654321');
  t.is(second.seq, first.seq + 1);
  t.is(scripted.log.droppedBytes, 0, 'the payload of what was let go counts no more');
  t.is(heard.at(-1), second.seq);
  t.is(
    scripted.log.connectionFrom({ host: '127.0.0.1', port: 50_001 }),
    undefined,
    'nor is it known by its address',
  );
});

test('an endless log lets the oldest events go with their payload, counts both, and finds the others by their numbers', (t) => {
  const scripted = new ScriptedLog({ endless: true, maxPayload: 10_000 });
  const { log } = scripted;
  let folded = 0;
  log.subscribe(() => folded++);
  for (let at = 0; at < 1000; at++) scripted.bytes('client', 'ten bytes.');
  t.is(folded, 1000, 'every fold was given every event');
  t.true(log.held <= 10_000);
  t.is(log.length, 1000);
  t.is(log.droppedEvents + log.keptEvents, 1000);
  t.is(log.droppedBytes, log.droppedEvents * 10);
  t.is(log.eventAt(0), undefined);
  t.like(log.eventAt(999), { seq: 999, bytes: { length: 10 } });
  t.deepEqual(
    log.events.map(({ seq }) => seq),
    Array.from({ length: log.keptEvents }, (_, at) => 1000 - log.keptEvents + at),
  );
});

test('what is released from an endless log leaves nothing behind, in whatever order', (t) => {
  const scripted = new ScriptedLog({ endless: true, maxPayload: 100_000 });
  const { log } = scripted;
  for (let at = 0; at < 5000; at++) {
    scripted.opened(at);
    scripted.bytes('client', 'hello', { conn: at });
    scripted.closed('client', 'end', at);
    if (at >= 3) log.release([3 * (at - 3) + 2, 3 * (at - 3), 3 * (at - 3) + 1]);
  }
  t.is(log.keptEvents, 9);
  t.is(log.droppedEvents, 0);
  t.is(log.connectionFrom({ host: '127.0.0.1', port: 50_000 }), undefined);
  t.like(log.connectionFrom({ host: '127.0.0.1', port: 54_999 }), { conn: 4999 });
});

test('a fold that fails does not keep later events from the others', (t) => {
  const { log } = new ScriptedLog();
  const seen: string[] = [];
  log.subscribe((event) => {
    if (text(event) === 'bad') throw new Error('a fault');
  });
  log.subscribe((event) => seen.push(text(event)));
  t.throws(() => log.append(note('bad')), { message: 'a fault' });
  log.append(note('good'));
  t.deepEqual(seen, ['good']);
});

test('where relaying goes first, folds are given bytes when the turn is over, and before anything that follows them', async (t) => {
  const log = new CaptureLog({ clock: tickingClock(), endless: true, relaysFirst: true });
  const seen: string[] = [];
  const bytes = (content: string): Parameters<CaptureLog['append']>[0] => ({
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: Buffer.from(content),
  });
  log.append(note('before'));
  log.subscribe((event) => seen.push(event.type === 'bytes' ? String(event.bytes) : text(event)));
  log.append(bytes('one'));
  t.is(log.nextSeq, 1, 'nothing that is still to come to folds has a lower number');
  t.deepEqual(seen, ['before']);
  await new Promise((done) => setImmediate(done));
  t.deepEqual(seen, ['before', 'one']);
  log.append(bytes('two'));
  log.append(note('after'));
  t.deepEqual(seen, ['before', 'one', 'two', 'after']);
  t.is(log.nextSeq, 4);
  const late: string[] = [];
  log.append(bytes('three'));
  log.subscribe((event) => late.push(text(event)));
  log.append(bytes('four'));
  log.end();
  t.deepEqual(
    late,
    ['note', 'bytes', 'bytes', 'note', 'bytes', 'bytes'].map((word, at) =>
      at === 0 ? 'before' : at === 3 ? 'after' : word,
    ),
  );
  t.deepEqual(
    seen,
    ['before', 'one', 'two', 'after', 'three', 'four'],
    'what is waiting at the end is given too',
  );
});
