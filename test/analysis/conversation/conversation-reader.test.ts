/**
 * A connection read as it grows: whatever the slices, the same messages come, each once, and none that was given changes.
 */
import test from 'ava';
import * as fc from 'fast-check';
import {
  conversation,
  ConversationReader,
  loadReadings,
} from '../../../src/analysis/conversation/conversation.ts';
import type { ConversationOptions } from '../../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import type { CaptureEvent, Side } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import type { Connection } from '../../../src/capture/connection.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { recordLogin } from '../../helpers/live.ts';

await loadReadings();

/** Functions are made anew at each reading; what they answer is compared. */
const told = (messages: readonly Message[]): object[] =>
  messages.map((message) => ({
    ...message,
    field: message.field()?.id,
    bytes: Buffer.from(message.bytes() ?? []).toString('hex'),
    coverage: message.coverage(),
    credentials: message.credentials(),
  }));

/** Folds event by event and reads after each, as the UI does; answers with what was read at the end. */
function readLive(
  events: readonly CaptureEvent[],
  options: ConversationOptions,
  advance: (reader: ConversationReader) => void,
): { readonly messages: readonly Message[]; readonly connection: Connection } {
  const flows = new Flows({ events });
  let reader: ConversationReader | undefined;
  let before: readonly Message[] = [];
  for (const event of events) {
    flows.fold(event);
    const [connection] = flows.connections;
    if (!connection) continue;
    reader ??= new ConversationReader(connection, options);
    advance(reader);
    // Append-only: the very objects stand where they stood.
    if (before.some((message, index) => reader?.messages[index] !== message))
      throw new Error('a message that was given changed');
    before = [...reader.messages];
  }
  const last = present(reader);
  while (last.advance(1)) {
    /* what is left */
  }
  return { messages: last.messages, connection: present(flows.connections[0]) };
}

const request = 'POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde';
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const upgrade = 'GET / HTTP/1.1\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n';
const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n';
const hello = '\u0016\u0003\u0001\u0000\u0004\u000e\u0000\u0000\u0000';
const alert = '\u0015\u0003\u0003\u0000\u0002\u0002\u0046';
const stream = fc
  .array(
    fc.oneof(
      fc.constantFrom(request, response, upgrade, upgraded, hello, alert, 'P', '\u0016', 'x'.repeat(70_000)),
      fc.string({ maxLength: 8 }),
    ),
    { maxLength: 4 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));
/** Pieces of both streams in any order: which side speaks next, and how many bytes. */
const schedule = fc.array(
  fc.tuple(
    fc.constantFrom<Side>('client', 'server'),
    fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 40_000 })),
  ),
  { maxLength: 40 },
);
const ending = fc.constantFrom('closed', 'open');

function play(
  streams: Readonly<Record<Side, Buffer>>,
  turns: readonly (readonly [Side, number])[],
  isClosed: boolean,
): ScriptedLog {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  const at = { client: 0, server: 0 };
  for (const [from, length] of [...turns, ['client', 1e6], ['server', 1e6]] as const) {
    const piece = streams[from].subarray(at[from], at[from] + length);
    at[from] += piece.length;
    if (piece.length > 0) scripted.bytes(from, piece);
  }
  if (isClosed) scripted.closed();
  return scripted;
}

test('one chunk at a time, as they come, or everything at once: the same messages', (t) => {
  fc.assert(
    fc.property(
      stream,
      stream,
      schedule,
      ending,
      fc.constantFrom('wire' as const, 'plaintext' as const),
      (client, server, turns, end, vantage) => {
        const { events } = play({ client, server }, turns, end === 'closed').log;
        const options = { vantage };
        const live = readLive(events, options, (reader) => reader.advance(1));
        const reader = new ConversationReader(live.connection, options);
        t.false(reader.advance());
        const whole = told(conversation(live.connection, options));
        if (end === 'closed') {
          t.deepEqual(told(live.messages), whole);
          t.deepEqual(told(reader.messages), whole);
          t.deepEqual(reader.pending.client.length + reader.pending.server.length, 0);
          return;
        }
        // While it is open, what is told is a beginning of what will be told.
        t.deepEqual(told(live.messages), told(reader.messages));
        t.deepEqual(whole.slice(0, reader.messages.length), told(reader.messages));
        for (const from of ['client', 'server'] as const) {
          const messages = reader.messages.filter((message) => message.from === from);
          const covered = messages.reduce((sum, { length }) => sum + length, 0);
          const { offset, length } = reader.pending[from];
          t.is(offset, covered);
          // Behind bytes that are no records TLS is not read on.
          if (messages.every(({ protocol }) => protocol !== 'tls'))
            t.is(
              offset + length,
              (vantage === 'wire'
                ? live.connection.stream('wire', from)
                : live.connection.plaintextStream(from)
              ).length,
            );
        }
        reader.end();
        t.deepEqual(told(reader.messages), whole);
      },
    ),
    { numRuns: 300 },
  );
});

for (const [title, record] of [
  ['TLS 1.3', () => recordLogin('tls', { version: 'TLSv1.3' })],
  ['mutual TLS 1.2', () => recordLogin('mtls', { identity: 'alice', version: 'TLSv1.2' })],
  ['a refusal under mutual TLS 1.3', () => recordLogin('mtls', { identity: 'mallory' })],
  ['plaintext', () => recordLogin('plain')],
] as const) {
  test(`${title}, read as it was captured: the same messages as afterwards, with the keys and without, at both vantages`, async (t) => {
    const { events } = (await record()).log;
    const all = new Flows({ events });
    for (const event of events) all.fold(event);
    for (const options of [{}, { keys: all.keylog }, { vantage: 'plaintext' as const }]) {
      const { messages, connection } = readLive(events, options, (reader) => reader.advance(1));
      t.true(messages.length >= 2);
      t.deepEqual(told(messages), told(conversation(connection, options)));
    }
  });
}

test('opaque bytes in very many chunks are few messages; the other side’s turn and 64 KiB divide them', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  for (let index = 0; index < 3000; index++) scripted.bytes('client', '\u0001'.repeat(32));
  scripted.bytes('server', '\u0002');
  scripted.bytes('client', '\u0001');
  scripted.bytes('client', '\u0003'.repeat(100_000));
  scripted.bytes('client', '\u0001');
  const last = scripted.closed();
  const { messages, connection } = readLive(scripted.log.events, {}, (reader) => reader.advance());
  const data = messages
    .filter(({ protocol }) => protocol === 'data')
    .map(({ from, offset, length }) => [from, offset, length]);
  t.deepEqual(data, [
    ['client', 0, 65_536],
    ['client', 65_536, 30_464],
    ['server', 0, 1],
    ['client', 96_000, 1],
    ['client', 96_001, 100_000],
    ['client', 196_001, 1],
  ]);
  for (const { from, offset, length, seq, at } of messages.slice(1, -1)) {
    const chunk = present(connection.stream('wire', from ?? 'client').chunkAt(offset + length - 1));
    t.deepEqual([seq, at], [chunk.seq, chunk.at], 'the event that completed it, and its time');
  }
  t.is(messages.at(-1)?.seq, last.seq);
});

test('what follows bytes that are no records is a message too: lengths add up', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  const alert = Buffer.from('15030300020228', 'hex');
  for (const piece of [alert, Buffer.from('00'), alert, alert, Buffer.alloc(100)])
    scripted.bytes('client', piece);
  scripted.closed();
  const flows = new Flows(scripted.log);
  for (const event of scripted.log.events) flows.fold(event);
  const connection = present(flows.connections[0]);
  const messages = conversation(connection).filter(({ from }) => from === 'client');
  let at = 0;
  for (const { offset, length } of messages) {
    t.is(offset, at);
    at += length;
  }
  t.is(at, connection.lengthOf('wire', 'client'));
  t.true(messages.length > 2);
});

test('opaque bytes that more may follow are pending until the connection closes', (t) => {
  const scripted = new ScriptedLog();
  const flows = new Flows(scripted.log);
  scripted.log.subscribe(flows.fold);
  scripted.began();
  scripted.opened();
  const reader = new ConversationReader(present(flows.connections[0]));
  const titles = (): string[] => {
    reader.advance();
    return reader.messages.map(({ title }) => title.en);
  };
  t.deepEqual(titles(), ['TCP opened']);
  scripted.bytes('server', 'P');
  t.deepEqual(titles(), ['TCP opened']);
  t.deepEqual(reader.pending.server, { offset: 0, length: 1 }, 'too short to tell what it speaks');
  scripted.bytes('server', '\u007f');
  t.deepEqual(titles(), ['TCP opened']);
  t.deepEqual(reader.pending.server, { offset: 0, length: 2 });
  scripted.bytes('client', 'GET / HT');
  t.deepEqual(titles(), ['TCP opened', 'data'], 'the other side’s turn ends them');
  t.deepEqual(reader.pending, { client: { offset: 0, length: 8 }, server: { offset: 2, length: 0 } });
  scripted.closed();
  t.deepEqual(titles(), ['TCP opened', 'data', 'Malformed', 'TCP closed']);
  t.false(reader.advance());
  t.is(reader.messages.length, 4, 'its end is told once');
  scripted.bytes('client', 'late');
  t.deepEqual(titles().slice(4), ['data'], 'what comes after the end is not lost');
});

test('a slice takes no more chunks than it was given, and says whether more wait', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  for (let index = 0; index < 10; index++) scripted.bytes(index % 2 === 0 ? 'client' : 'server', '\u0001');
  scripted.closed();
  const flows = new Flows(scripted.log);
  for (const event of scripted.log.events) flows.fold(event);
  const reader = new ConversationReader(present(flows.connections[0]));
  t.true(reader.advance(0));
  t.true(reader.advance(4));
  t.is(reader.messages.filter(({ protocol }) => protocol === 'data').length, 3, 'the fourth may go on');
  t.true(reader.advance(5));
  t.false(reader.advance(1));
  t.is(reader.messages.length, 12);
});

test('an opaque message does not reach over the event that its reader is told step by step from', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  scripted.bytes('client', '\u0001');
  scripted.bytes('client', '\u0001');
  const { seq } = scripted.bytes('client', '\u0001');
  scripted.bytes('client', '\u0001');
  const flows = new Flows(scripted.log);
  for (const event of scripted.log.events) flows.fold(event);
  const lengths = (cutBefore: number): number[] =>
    conversation(present(flows.connections[0]), { cutBefore })
      .slice(1)
      .map(({ length }) => length);
  t.deepEqual(lengths(0), [4]);
  t.deepEqual(lengths(seq), [2, 2]);
});
