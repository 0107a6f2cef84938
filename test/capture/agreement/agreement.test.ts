import { createHash } from 'node:crypto';
import test from 'ava';
import { compare, matchConnections } from '../../../src/capture/agreement/agreement.ts';
import type { Agreement } from '../../../src/capture/agreement/agreement.ts';
import { CapturedLink } from '../../../src/capture/agreement/captured-link.ts';
import { eventsFromCapture } from '../../../src/capture/agreement/from-capture.ts';
import { RunEvents } from '../../../src/capture/agreement/run-events.ts';
import type { CaptureEvent, EventOf } from '../../../src/capture/event.ts';
import { ScriptedLog } from '../../helpers/capture.ts';
import { ethernet, ipv4, pcap, tcp, udp } from '../support/packets.ts';

const [client, server] = ['192.0.2.2', '198.51.100.2'] as const;
/** Of connection 1, as `ScriptedLog` opens it. */
const [clientPort, serverPort] = [50_001, 8080] as const;

interface Sent {
  readonly flags?: string;
  /** Offset in the stream of its sender; -1 for the SYN. */
  readonly at?: number;
  /** What the sender has received, as an offset; undefined without ACK. */
  readonly got?: number;
  readonly payload?: string;
}

/** First numbers. */
const first = { client: 1000, server: 5000 } as const;

function packet(
  from: 'client' | 'server',
  { flags = '', at = 0, got = 0, payload = '' }: Sent,
  port: number = clientPort,
): Uint8Array {
  const isClient = from === 'client';
  const segment = tcp({
    sourcePort: isClient ? port : serverPort,
    destinationPort: isClient ? serverPort : port,
    sequence: first[from] + 1 + at,
    ...(flags === 'S' && isClient ? {} : { acknowledged: first[isClient ? 'server' : 'client'] + 1 + got }),
    flags,
    payload,
  });
  return ethernet(
    ipv4(segment, { source: isClient ? client : server, destination: isClient ? server : client }),
  );
}

const opening = [
  packet('client', { flags: 'S', at: -1 }),
  packet('server', { flags: 'S', at: -1 }),
  packet('client', {}),
];
const [question, answer] = ['GET / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\nhello'] as const;
const asking = packet('client', { payload: question });
const answering = packet('server', { payload: answer, got: question.length });
const ending = [
  packet('client', { flags: 'F', at: question.length, got: answer.length }),
  packet('server', { flags: 'F', at: answer.length, got: question.length + 1 }),
  packet('client', { at: question.length + 1, got: answer.length + 1 }),
];

function linkOf(packets: readonly Uint8Array[]): CapturedLink {
  const link = new CapturedLink({ version: '0' });
  const file = pcap(packets, { linkType: 1 });
  // As it comes out of a pipe.
  for (let at = 0; at < file.length; at += 50) link.read(file.subarray(at, at + 50));
  return link;
}

/** A log with one connection, as a tap records it. */
function tapped(say: (log: ScriptedLog) => void): RunEvents {
  const log = new ScriptedLog();
  const run = new RunEvents();
  log.log.subscribe(run.fold);
  log.began();
  say(log);
  return run;
}

const whole = (log: ScriptedLog): void => {
  log.opened(1, 'A', { from: client, to: server });
  log.bytes('client', question);
  log.bytes('server', answer);
  log.closed();
};

function compared(
  run: RunEvents,
  ...links: readonly CapturedLink[]
): Agreement & { readonly events: readonly CaptureEvent[] } {
  for (const link of links) link.end();
  const matched = matchConnections(run.connections, links);
  return {
    ...compare(
      run.connections,
      matched,
      links.reduce((sum, { packets }) => sum + packets, 0),
    ),
    events: eventsFromCapture(run, matched.matches).events,
  };
}

const wireBytes = (events: readonly CaptureEvent[]): EventOf<'bytes'>[] =>
  events.filter((event): event is EventOf<'bytes'> => event.type === 'bytes');

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

test('what was captured agrees with the tap, by length and hash in both directions', (t) => {
  const link = linkOf([...opening, asking, answering, ...ending]);
  const { connections, differences, packets, events } = compared(tapped(whole), link);
  t.deepEqual(differences, []);
  t.deepEqual(connections, [
    {
      conn: 1,
      hop: 'A',
      client: { bytes: question.length, sha256: sha256(question) },
      server: { bytes: answer.length, sha256: sha256(answer) },
    },
  ]);
  t.is(packets, 8);
  t.deepEqual(
    wireBytes(events).map(({ bytes }) => Buffer.from(bytes).toString()),
    [question, answer],
  );
});

test('a segment that was sent again, or came late, is no difference', (t) => {
  const [head, tail] = [question.slice(0, 5), question.slice(5)];
  const later = packet('client', { payload: tail, at: head.length });
  const { differences } = compared(
    tapped(whole),
    linkOf([...opening, later, packet('client', { payload: head }), later, answering, ...ending]),
  );
  t.deepEqual(differences, []);
});

test('a byte that differs is found at its place', (t) => {
  const other = packet('server', { payload: answer.replace('hello', 'hullo'), got: question.length });
  const { differences, connections, events } = compared(
    tapped(whole),
    linkOf([...opening, asking, other, ...ending]),
  );
  t.is(connections.length, 0);
  t.like(differences, {
    length: 1,
    0: { kind: 'bytes_differ', from: 'server', hop: 'A', offset: answer.indexOf('ello') },
  });
  t.is(Buffer.from(wireBytes(events)[1]?.bytes ?? []).toString(), answer.replace('hello', 'hullo'));
});

test('what the capture has missed is named, and proves nothing', (t) => {
  const [head, tail] = [answer.slice(0, 6), answer.slice(6)];
  const rest = packet('server', { payload: tail, at: head.length, got: question.length });
  const { differences, events } = compared(tapped(whole), linkOf([...opening, asking, rest, ...ending]));
  t.like(differences, {
    length: 1,
    0: { kind: 'lost_by_capture', from: 'server', offset: 0, length: head.length },
  });
  t.like(wireBytes(events)[1], { bytes: { length: 0 }, dropped: answer.length });
});

test('bytes that never crossed a wire that was cut are a difference, and prove nothing', (t) => {
  const { differences, events } = compared(tapped(whole), linkOf([...opening, asking]));
  t.like(differences, {
    length: 1,
    0: { kind: 'never_crossed', from: 'server', offset: 0, length: answer.length },
  });
  t.like(wireBytes(events)[1], { bytes: { length: 0 }, dropped: answer.length });
});

test('a connection that the router never saw, and one that no tap has recorded', (t) => {
  const { differences, events } = compared(
    tapped(whole),
    linkOf([packet('client', { payload: 'x', flags: 'P' }, 40_000)]),
  );
  t.deepEqual(
    differences.map(({ kind }) => kind),
    ['not_captured', 'not_tapped'],
  );
  t.true(wireBytes(events).every(({ bytes, dropped }) => bytes.length === 0 && (dropped ?? 0) > 0));
});

test('a reset explains what was written and never sent, unless the capture has lost packets', (t) => {
  const reset = [packet('client', { flags: 'R', at: question.length })];
  const run = tapped(whole);
  const { differences, unsent, events } = compared(run, linkOf([...opening, asking, ...reset]));
  t.deepEqual(differences, []);
  t.is(unsent, answer.length);
  // It was not on the wire: nothing is missing there.
  t.like(wireBytes(events)[1], { bytes: { length: 0 }, dropped: undefined });
  const lossy = linkOf([...opening, asking, ...reset]);
  lossy.isComplete = false;
  t.like(compared(run, lossy).differences, { length: 1, 0: { kind: 'never_crossed' } });
});

test('who ends a connection first need not read on; who does not, must', (t) => {
  const unread = (log: ScriptedLog): void => {
    log.opened(1, 'A', { from: client, to: server });
    log.bytes('client', question);
    log.bytes('server', answer.slice(0, 4));
    log.closed();
  };
  const first = compared(tapped(unread), linkOf([...opening, asking, answering, ...ending]));
  t.deepEqual(first.differences, []);
  t.is(first.unread, answer.length - 4);
  // It went over the wire, and is judged with the rest.
  t.is(Buffer.from(wireBytes(first.events)[1]?.bytes ?? []).toString(), answer);
  const serverFirst = [
    packet('server', { flags: 'F', at: answer.length, got: question.length }),
    packet('client', { flags: 'F', at: question.length, got: answer.length + 1 }),
    packet('server', { at: answer.length + 1, got: question.length + 1 }),
  ];
  const second = compared(tapped(unread), linkOf([...opening, asking, answering, ...serverFirst]));
  t.like(second.differences, {
    length: 1,
    0: { kind: 'never_recorded', from: 'server', offset: 4, length: answer.length - 4 },
  });
});

test('a loss behind what was read takes nothing from what was', (t) => {
  const [read, lost, late] = [answer.slice(0, 10), answer.slice(10, 15), answer.slice(15)];
  const run = tapped((log) => {
    log.opened(1, 'A', { from: client, to: server });
    log.bytes('client', question);
    log.bytes('server', read);
    log.closed('client', 'reset');
  });
  const { differences, events, unread } = compared(
    run,
    linkOf([
      ...opening,
      asking,
      packet('server', { payload: read, got: question.length }),
      packet('server', { payload: late, at: read.length + lost.length, got: question.length }),
      packet('client', { flags: 'R', at: question.length }),
    ]),
  );
  t.deepEqual(differences, []);
  t.is(unread, late.length);
  t.is(Buffer.from(wireBytes(events)[1]?.bytes ?? []).toString(), read);
});

test('a connection that crosses both links is taken from the first', (t) => {
  const all = [...opening, asking, answering, ...ending];
  // On its way further a packet was lost for good.
  const { differences, connections } = compared(tapped(whole), linkOf(all), linkOf(all.slice(0, 4)));
  t.deepEqual(differences, []);
  t.is(connections.length, 1);
});

test('connections that follow each other on the same ports are told apart', (t) => {
  const again = (text: string) =>
    tapped((log) => {
      whole(log);
      log.log.append({
        type: 'opened',
        conn: 2,
        hop: 'A',
        transport: 'tcp',
        from: { host: client, port: clientPort },
        to: { host: server, port: serverPort },
      });
      log.bytes('client', text, { conn: 2 });
      log.closed('client', 'end', 2);
    });
  const shifted = 70_000;
  const second = [
    packet('client', { flags: 'S', at: shifted - 1 }),
    packet('server', { flags: 'S', at: shifted - 1, got: shifted }),
    packet('client', { at: shifted, got: shifted }),
    packet('client', { at: shifted, got: shifted, payload: 'second' }),
    packet('client', { flags: 'F', at: shifted + 6, got: shifted }),
    packet('server', { flags: 'F', at: shifted, got: shifted + 7 }),
    packet('client', { at: shifted + 7, got: shifted + 1 }),
  ];
  const packets = [...opening, asking, answering, ...ending, ...second];
  const link = linkOf(packets);
  const ends = { host: client, port: clientPort };
  const to = { host: server, port: serverPort };
  t.true(link.endings.isOver(ends, to, 0));
  t.true(link.endings.isOver(ends, to, 1));
  t.false(link.endings.isOver(ends, to, 2));
  const { differences, connections } = compared(again('second'), link);
  t.deepEqual(differences, []);
  t.is(connections[1]?.client.sha256, sha256('second'));
  t.like(compared(again('secant'), linkOf(packets)).differences, {
    length: 1,
    0: { kind: 'bytes_differ', conn: 2, offset: 3 },
  });
});

test('of datagrams between two ports each question has its own part', (t) => {
  const datagram = (from: 'client' | 'server', payload: string): Uint8Array => {
    const isClient = from === 'client';
    const [sourcePort, destinationPort] = isClient ? [clientPort, 53] : [53, clientPort];
    return ethernet(
      ipv4(udp({ sourcePort, destinationPort, payload }), {
        protocol: 17,
        source: isClient ? client : server,
        destination: isClient ? server : client,
      }),
    );
  };
  const run = tapped((log) => {
    for (const [conn, asked, said] of [
      [1, 'one?', 'one!'],
      [2, 'another?', 'another!'],
    ] as const) {
      log.log.append({
        type: 'opened',
        conn,
        hop: 'D',
        transport: 'udp',
        from: { host: client, port: clientPort },
        to: { host: server, port: 53 },
      });
      log.bytes('client', asked, { conn, hop: 'D' });
      log.bytes('server', said, { conn, hop: 'D' });
      log.closed('client', 'end', conn, 'D');
    }
  });
  const packets = (['one?', 'one!', 'another?', 'another!', 'late'] as const).map((payload, index) =>
    datagram(index % 2 === 0 && index < 4 ? 'client' : 'server', payload),
  );
  const { differences, connections, unread } = compared(run, linkOf(packets));
  t.deepEqual(differences, []);
  t.is(connections[1]?.server.sha256, sha256('another!'));
  t.is(unread, 4);
  t.like(compared(run, linkOf(packets.slice(0, 3))).differences, { 0: { kind: 'never_crossed', conn: 2 } });
});

test('a connection is over when both ends were acknowledged, or it was reset', (t) => {
  const [from, to] = [
    { host: client, port: clientPort },
    { host: server, port: serverPort },
  ];
  const isOver = (packets: readonly Uint8Array[]): boolean =>
    linkOf([...opening, asking, answering, ...packets]).endings.isOver(from, to, 0);
  t.false(isOver([]));
  t.false(isOver(ending.slice(0, 1)));
  t.false(isOver(ending.slice(0, 2)));
  t.true(isOver(ending));
  t.true(isOver([packet('server', { flags: 'R', at: answer.length })]));
});
