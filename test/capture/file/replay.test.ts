import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import type { CaptureEvent, Side } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { decryptionSecretsBlock } from '../../../src/capture/file/pcapng-blocks.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { PacketClock, Replay } from '../../../src/capture/file/replay.ts';
import type { ReplayFacts } from '../../../src/capture/file/replay.ts';
import { flowConnection } from '../../../src/capture/stream-number.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { present, ScriptedLog } from '../../helpers/capture.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import {
  ethernet,
  ipv4,
  ipv6,
  pcap,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  tcp,
  udp,
} from '../support/packets.ts';
import type { PcapFacts, PcapPacket } from '../support/packets.ts';
import { pourInto, readCaptureFile } from '../support/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-replay-'));
test.after.always(() => rmSync(folder, { recursive: true }));

interface Replayed extends ReplayFacts {
  readonly events: readonly CaptureEvent[];
  readonly flows: Flows;
}

/** Kept whole, read at once or in pieces. */
function replay(
  bytes: Uint8Array,
  { pieceBytes, windowBytes }: { readonly pieceBytes?: number; readonly windowBytes?: number } = {},
): Replayed {
  const clock = new PacketClock();
  const log = new CaptureLog({ clock });
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const told = new Replay({
    append: (draft) => log.append(draft),
    clock,
    version: '0.0.0',
    keylog: readCaptureFile(bytes).keylog,
  });
  pourInto(
    new CaptureReader(
      { packet: (packet) => told.packet(packet) },
      { keeps: true, ...(windowBytes === undefined ? {} : { windowBytes }) },
    ),
    bytes,
    pieceBytes,
  );
  told.end();
  return { ...told.facts, events: log.events, flows };
}

const framesOf = (events: readonly CaptureEvent[]): (number | undefined)[] =>
  events.flatMap((event) => (event.type === 'bytes' ? [event.frame] : []));

const textOf = (flows: Flows, conn: number, from: Side): string | undefined => {
  const bytes = flows.connection(conn)?.stream('wire', from).all();
  return bytes && Buffer.from(bytes).toString('latin1');
};

type Segment = Parameters<typeof tcp>[0];
const fromClient = (facts: Partial<Segment>): Uint8Array =>
  tcp({ sourcePort: 50_001, destinationPort: 8080, sequence: 1, ...facts });
const fromServer = (facts: Partial<Segment>): Uint8Array =>
  tcp({ sourcePort: 8080, destinationPort: 50_001, sequence: 1, ...facts });
const reversed = { source: '10.0.0.2', destination: '10.0.0.1' };

/** Handshake, question, answer, both ends. */
const dialogue = [
  ipv4(fromClient({ sequence: 0, flags: 'S' })),
  ipv4(fromServer({ sequence: 0, flags: 'S', acknowledged: 1 }), reversed),
  ipv4(fromClient({ acknowledged: 1, payload: 'question' })),
  ipv4(fromServer({ acknowledged: 9, payload: 'answer' }), reversed),
  ipv4(fromServer({ sequence: 7, acknowledged: 9, flags: 'F' }), reversed),
  ipv4(fromClient({ sequence: 9, acknowledged: 8, flags: 'F' })),
] as const;

test('a file becomes the events of a run, at the times of its packets', (t) => {
  const start = Date.UTC(2026, 0, 2, 3, 4, 5) * 1000 + 6000;
  const { events, skipped, packets, connections } = replay(
    pcap(dialogue.map((bytes, index) => ({ bytes, microseconds: start + 10 * index }))),
  );
  t.like(events[0], {
    type: 'began',
    version: '0.0.0',
    wallClock: '2026-01-02T03:04:05.006Z',
    at: 0,
    topology: { wires: [{ hop: 'A', from: 'client', to: 'server' }] },
  });
  t.like(events[1], {
    type: 'opened',
    conn: 0,
    hop: 'A',
    transport: 'tcp',
    from: { host: '10.0.0.1', port: 50_001 },
    to: { host: '10.0.0.2', port: 8080 },
    at: 0,
  });
  t.like(events[2], { type: 'bytes', conn: 0, hop: 'A', vantage: 'wire', from: 'client', at: 20 });
  t.like(events[3], { type: 'bytes', conn: 0, hop: 'A', vantage: 'wire', from: 'server', at: 30 });
  t.like(events[4], { type: 'closed', conn: 0, hop: 'A', by: 'server', how: 'end', at: 50 });
  t.is(events.length, 5);
  t.deepEqual(framesOf(events), [3, 4]);
  t.deepEqual([skipped, packets, connections], [{}, 6, 1]);
});

for (const [name, facts, wrap] of [
  [
    'Ethernet with padding',
    { linkType: 1 },
    (packet: Uint8Array) => ethernet(Buffer.concat([packet, Buffer.alloc(20)])),
  ],
  ['two VLAN tags', { linkType: 1 }, (packet: Uint8Array) => ethernet(packet, 0x0800, [0x88a8, 0x8100])],
  [
    'loopback, big-endian, nanoseconds',
    { linkType: 0, little: false, nanoseconds: true },
    (packet: Uint8Array) => Buffer.concat([Buffer.from([0, 0, 0, 2]), packet]),
  ],
] as const satisfies readonly (readonly [string, PcapFacts, (packet: Uint8Array) => Uint8Array])[]) {
  test(`the streams are the same behind ${name}`, (t) => {
    const { flows, events } = replay(pcap(dialogue.map(wrap), facts));
    t.deepEqual([textOf(flows, 0, 'client'), textOf(flows, 0, 'server')], ['question', 'answer']);
    t.is(events.length, 5);
  });
}

test('what wirelab wrote is what it reads: connections, bytes, ends and secrets', (t) => {
  const line = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`;
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.log.append({ type: 'keylog', line });
  const ends = [
    ['client', 'end'],
    ['server', 'end'],
    ['client', 'reset'],
    ['server', 'reset'],
  ] as const;
  const hosts = [{}, { from: '::1', to: '::1' }, { from: 'fe80::1', to: '2001:db8::2' }, {}];
  ends.forEach(([by, how], index) => {
    const conn = index + 1;
    scripted.opened(conn, 'A', hosts[index]);
    scripted.bytes('client', `question ${conn}`, { conn });
    scripted.bytes('server', Buffer.alloc(100_000, conn), { conn });
    scripted.closed(by, how, conn);
  });
  const path = join(folder, 'written.pcapng');
  const spool = new PcapngSpool(path, { withSecrets: true });
  for (const event of scripted.log.events) spool.fold(event);
  spool.close();

  const written = new Flows(scripted.log);
  scripted.log.subscribe(written.fold);
  const { flows, events, connections, lostBytes, repeatedBytes, skipped } = replay(readFileSync(path));
  t.deepEqual(
    { connections, lostBytes, repeatedBytes, skipped },
    { connections: 4, lostBytes: 0, repeatedBytes: 0, skipped: {} },
  );
  t.like(events[1], { type: 'keylog', line, at: 0 });
  for (const { conn, opened, closed } of written.connections) {
    // A log by hand counts from 1, a file from 0.
    const read = present(flows.connection(conn - 1));
    t.deepEqual([read.opened?.from, read.opened?.to], [opened?.from, opened?.to]);
    t.deepEqual([read.closed?.by, read.closed?.how], [closed?.by, closed?.how]);
    for (const side of ['client', 'server'] as const)
      t.is(textOf(flows, conn - 1, side), textOf(written, conn, side));
  }
});

test('a lost segment is a gap that stays in the stream: what is behind it is at its place', (t) => {
  const lossy = [
    ...dialogue.slice(0, 3),
    ipv4(fromServer({ sequence: 7, acknowledged: 9, payload: 'more' }), reversed),
    ipv4(fromClient({ sequence: 9, acknowledged: 11, flags: 'R' })),
  ];
  const { flows, events, lostBytes } = replay(pcap(lossy));
  const stream = present(flows.connection(0)).stream('wire', 'server');
  t.is(lostBytes, 6);
  t.false(stream.complete);
  t.is(stream.length, 10);
  t.is(stream.read(0, 6), undefined);
  t.is(Buffer.from(present(stream.read(6, 4))).toString(), 'more');
  const gap = present(events.find((event) => event.type === 'bytes' && event.dropped === 6));
  t.like(gap, { frame: 4 }, 'the packet behind it shows it');
});

test('a reset is at the time of its packet, though what was under way behind it is awaited', (t) => {
  const reset = ipv4(fromClient({ sequence: 9, acknowledged: 7, flags: 'R' }));
  const others = [4_000_000, 9_000_000].map((microseconds, index) => ({
    microseconds,
    bytes: ipv4(tcp({ sourcePort: 50_002 + index, destinationPort: 8080, sequence: 1, flags: 'S' })),
  }));
  const packets = [...dialogue.slice(0, 4), reset].map((bytes, index) => ({
    bytes,
    microseconds: (index + 1) * 1000,
  }));
  const { flows, events } = replay(pcap([...packets, ...others]));
  const closed = present(present(flows.connection(0)).closed);
  t.like(closed, { how: 'reset', at: 4000, frame: 5 });
  t.true((events.at(-1)?.at ?? 0) >= 8_000_000, 'what comes behind it has its own time');
});

test('times never go back, whatever the packets say, and a time that no calendar has is one that it has', (t) => {
  const at = [50, 40, 30, 60, 10, 70];
  const { events } = replay(
    pcap(dialogue.map((bytes, index) => ({ bytes, microseconds: 1_000_000 + (at[index] ?? 0) }))),
  );
  t.deepEqual(
    events.map((event) => event.at),
    [0, 0, 0, 10, 20],
  );
  const far = Buffer.concat([
    pcapngSection(),
    pcapngInterface(101, [[9, Uint8Array.of(0)]]),
    pcapngPacket(0, 0xffffffffffffffffn, dialogue[0]),
  ]);
  t.like(replay(far).events[0], { type: 'began', wallClock: '+275760-09-13T00:00:00.000Z' });
});

test('fragments are put together, and the packet that made it whole is named', (t) => {
  const segment = fromClient({ payload: 'x'.repeat(1000) });
  const parts = [
    ipv4(segment.subarray(504), { id: 4, offset: 504 }),
    ipv4(segment.subarray(0, 504), { id: 4, more: true }),
  ];
  const { flows, events } = replay(
    pcap([present(dialogue[0]), ...parts, ipv4(segment.subarray(0, 8), { id: 5, more: true })]),
  );
  t.is(textOf(flows, 0, 'client'), 'x'.repeat(1000));
  t.deepEqual(framesOf(events), [3]);
  t.deepEqual(replay(pcap([ipv4(segment.subarray(0, 8), { id: 5, more: true })])).skipped, { fragment: 1 });
});

test('datagrams of UDP are flows of their own numbers, in both directions, with what the capture cut off', (t) => {
  const ask = udp({ sourcePort: 40_000, destinationPort: 443, payload: 'question' });
  const answer = udp({ sourcePort: 443, destinationPort: 40_000, payload: 'answer' });
  const cut = { bytes: ipv4(answer, { ...reversed, protocol: 17 }).subarray(0, 30), originalLength: 34 };
  const { flows, events, udpFlows, connections, lostBytes } = replay(
    pcap([ipv4(ask, { protocol: 17 }), ipv4(answer, { ...reversed, protocol: 17 }), cut]),
  );
  const conn = flowConnection('udp', 0);
  t.like(flows.connection(conn)?.opened, {
    transport: 'udp',
    from: { host: '10.0.0.1', port: 40_000 },
    to: { host: '10.0.0.2', port: 443 },
    frame: 1,
  });
  t.is(textOf(flows, conn, 'client'), 'question');
  t.is(flows.connection(conn)?.stream('wire', 'server').length, 12);
  t.deepEqual(framesOf(events), [1, 2, 3, 3]);
  t.deepEqual([udpFlows, connections, lostBytes], [1, 0, 4]);
});

test('an IP length beyond a frame that was captured whole is wrong: nothing is missing', (t) => {
  const data = fromClient({ sequence: 2, acknowledged: 2, payload: 'all there is' });
  const whole = ipv4(data, { totalLength: 400 });
  t.is(replay(pcap([whole])).lostBytes, 0);
  t.is(replay(pcap([{ bytes: whole, originalLength: whole.length + 10 }])).lostBytes, 10);
  t.is(textOf(replay(pcap([whole])).flows, 0, 'client'), 'all there is');
});

test('what brings nothing is counted by its reason', (t) => {
  const others = [
    ethernet(Buffer.alloc(46), 0x0806),
    ethernet(ipv4(Buffer.alloc(8), { protocol: 1 })),
    Buffer.alloc(9),
    ethernet(ipv6(Buffer.alloc(3)), 0x86dd),
  ];
  const { skipped, connections, events } = replay(pcap(others, { linkType: 1 }));
  t.deepEqual(skipped, { not_ip: 1, other_transport: 1, cut: 2 });
  t.deepEqual([connections, events.length], [0, 1]);
  const wireless = replay(pcap([Buffer.alloc(50), Buffer.alloc(50)], { linkType: 249 }));
  t.deepEqual([wireless.skipped, wireless.unreadLinkTypes], [{ link_type: 2 }, [249]]);
});

test('several interfaces of several sections, with secrets that stand behind the packets', (t) => {
  const [first, ...rest] = dialogue;
  const line = `CLIENT_RANDOM ${'12'.repeat(32)} ${'34'.repeat(48)}`;
  const { flows, events } = replay(
    Buffer.concat([
      pcapngSection(),
      pcapngInterface(249),
      pcapngInterface(1),
      pcapngPacket(1, 1n, ethernet(first)),
      pcapngSection(false),
      pcapngInterface(101, [], false),
      ...rest.map((packet, index) => pcapngPacket(0, BigInt(index + 2), packet, false)),
      pcapngSection(),
      decryptionSecretsBlock([line]),
    ]),
  );
  t.is(textOf(flows, 0, 'server'), 'answer');
  t.deepEqual(
    events.map(({ type }) => type),
    ['began', 'keylog', 'opened', 'bytes', 'bytes', 'closed'],
  );
});

test('an empty capture is a run in which nothing happened', (t) => {
  t.deepEqual(
    replay(pcap([])).events.map(({ type }) => type),
    ['began'],
  );
});

test('where windows are kept no payload is copied: events point into them', (t) => {
  const pieces = replay(pcap(dialogue)).events.flatMap((event) =>
    event.type === 'bytes' ? [event.bytes.buffer] : [],
  );
  t.is(pieces.length, 2);
  t.is(new Set(pieces).size, 1);
});

test('however a file comes, in whatever windows, the same is told', (t) => {
  const { packets } = disordered();
  const mixed = [
    ...dialogue,
    ...packets.map(({ bytes }, index) => ({ bytes, microseconds: 2_000_000 + index })),
  ].map((packet) => ('bytes' in packet ? packet : { bytes: packet }));
  const files = [
    pcap(mixed),
    Buffer.concat([
      pcapngSection(),
      pcapngInterface(101),
      ...mixed.map(({ bytes }, index) => pcapngPacket(0, BigInt(index), bytes)),
    ]),
  ];
  for (const file of files) {
    const whole = replay(file);
    for (const [pieceBytes, windowBytes] of [
      [1, 64],
      [7, 4096],
      [1000, 100],
      [Infinity, 61],
    ] as const) {
      const { events, flows: _flows, ...facts } = replay(file, { pieceBytes, windowBytes });
      t.deepEqual(events, whole.events, `${pieceBytes} in ${windowBytes}`);
      const { events: _events, flows: _, ...expected } = whole;
      t.deepEqual(facts, expected);
    }
  }
});

test('where windows are written over, what waits for other packets is still right when it is told', (t) => {
  const { packets, sent } = disordered();
  const clock = new PacketClock();
  let read = '';
  const told = new Replay({
    append: (draft) =>
      (read +=
        draft.type === 'bytes' && draft.from === 'client' ? Buffer.from(draft.bytes).toString('latin1') : ''),
    clock,
    version: '0.0.0',
    copies: true,
  });
  pourInto(
    new CaptureReader({ packet: (packet) => told.packet(packet) }, { windowBytes: 200 }),
    pcap(packets),
    50,
  );
  told.end();
  t.is(read, sent);
});

test('every strict prefix of a file, and a file with any byte changed, is replayed without a fault', (t) => {
  const file = Buffer.from(
    pcap(
      dialogue.map((packet) => ethernet(packet)),
      { linkType: 1 },
    ),
  );
  const look = (bytes: Uint8Array): void => {
    try {
      t.is(replay(bytes).events[0]?.type, 'began');
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
    }
  };
  for (let length = 0; length < file.length; length++) look(file.subarray(0, length));
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 }),
      (changes) => {
        const bent = Buffer.from(file);
        for (const [at, value] of changes) bent[at] = value;
        look(bent);
      },
    ),
    { numRuns: 1000 },
  );
});

/** A stream that was cut, shuffled, in part sent twice and in part fragmented; the same at every run. */
function disordered(): { readonly packets: readonly PcapPacket[]; readonly sent: string } {
  const sent = Array.from({ length: 3000 }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join(
    '',
  );
  const segments = Array.from({ length: 30 }, (_, index) => ({
    start: index * 100,
    length: index % 3 === 0 ? 160 : 100,
  }));
  const order = segments
    .map((segment, index) => ({ segment, key: (index * 17 + 5) % 31 }))
    .toSorted((a, b) => a.key - b.key);
  const data = order.flatMap(({ segment: { start, length }, key }) => {
    const bytes = fromClient({
      sequence: 1 + start,
      acknowledged: 1,
      payload: sent.slice(start, start + length),
    });
    return key % 5 === 0
      ? [
          ipv4(bytes.subarray(0, 64), { id: start + 1, more: true }),
          ipv4(bytes.subarray(64), { id: start + 1, offset: 64 }),
        ]
      : [ipv4(bytes)];
  });
  return {
    packets: [...dialogue.slice(0, 2), ...data].map((bytes, index) => ({
      bytes,
      microseconds: 1_000_000 + index,
    })),
    sent,
  };
}

test('a disordered stream comes out in order', (t) => {
  const { packets, sent } = disordered();
  const { flows, lostBytes } = replay(pcap(packets));
  t.is(textOf(flows, 0, 'client'), sent);
  t.is(lostBytes, 0);
});

withPeer('tshark', 'tshark follows the same bytes through a disordered stream', async (t) => {
  const { packets, sent } = disordered();
  const path = join(folder, 'disordered.pcap');
  writeFileSync(path, pcap(packets));
  const { stdout, exitCode } = await runProgram('tshark', ['-r', path, '-q', '-z', 'follow,tcp,raw,0']);
  t.is(exitCode, 0);
  t.is(
    Buffer.from(
      stdout
        .split('\n')
        .filter((line) => /^[0-9a-f]+$/.test(line))
        .join(''),
      'hex',
    ).toString('latin1'),
    sent,
  );
});
