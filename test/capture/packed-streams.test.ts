/** Connections that say nothing, packed: nothing is lost by it, and it is bounded. Counts, not bytes, are looked at. */
import test from 'ava';
import * as fc from 'fast-check';
import { packRow, unpackRow } from '../../src/capture/file/packed-row.ts';
import { TcpReassembly } from '../../src/capture/net/reassembly.ts';
import type { SeenSegment } from '../../src/capture/net/reassembly/stream-state.ts';
import type { StreamEvent } from '../../src/capture/net/reassembly.ts';
import { SilentConnections } from '../../src/capture/file/silent-connections.ts';

const host = (from: 'client' | 'server', isIpv6: boolean): string =>
  isIpv6 ? `fd00::${from === 'client' ? 1 : 2}` : `10.0.0.${from === 'client' ? 1 : 2}`;

interface Draft {
  readonly port: number;
  readonly from?: 'client' | 'server';
  readonly sequence?: number;
  readonly acknowledged?: number | undefined;
  readonly flags?: string;
  readonly payload?: string;
  readonly at?: number;
}

function segmentOf(
  { port, from = 'client', sequence = 1, acknowledged, flags = '', payload = '', at = 0 }: Draft,
  frame: number,
): SeenSegment {
  const isIpv6 = port % 2 === 1;
  const ports = { client: port, server: 443 };
  const to = from === 'client' ? 'server' : 'client';
  const numbered = {
    syn: flags.includes('S'),
    fin: flags.includes('F'),
    rst: flags.includes('R'),
    window: 0xffff,
    payload: Buffer.from(payload),
    missing: 0,
    frame,
    at,
    ttl: 60 + (port % 8),
  };
  return {
    ...numbered,
    source: host(from, isIpv6),
    destination: host(to, isIpv6),
    sourcePort: ports[from],
    destinationPort: ports[to],
    sequence: (0xffff_fffa + sequence) >>> 0,
    acknowledged: acknowledged === undefined ? undefined : (0xffff_fffa + acknowledged) >>> 0,
  };
}

function told(
  drafts: readonly Draft[],
  bounds?: { readonly unpacked?: number; readonly packed?: number },
): {
  readonly events: StreamEvent[];
  readonly most: { unpacked: number; packed: number };
  readonly reassembly: TcpReassembly;
} {
  const events: StreamEvent[] = [];
  const most = { unpacked: 0, packed: 0 };
  const reassembly = new TcpReassembly((event) => events.push(event), undefined, bounds);
  for (const [index, draft] of drafts.entries()) {
    reassembly.add(segmentOf(draft, index + 1));
    most.unpacked = Math.max(most.unpacked, reassembly.held.unpacked);
    most.packed = Math.max(most.packed, reassembly.held.packed);
  }
  reassembly.end();
  return { events, most, reassembly };
}

const opening = (port: number): Draft[] => [
  { port, sequence: 0, flags: 'S' },
  { port, from: 'server', sequence: 0, acknowledged: 1, flags: 'S' },
  { port, acknowledged: 1 },
  { port, acknowledged: 1, payload: 'hello' },
];

test('any segments of several connections tell the same whether those that are silent are packed or not', (t) => {
  const draft = fc.record({
    port: fc.integer({ min: 50_000, max: 50_007 }),
    from: fc.constantFrom('client' as const, 'server' as const),
    sequence: fc.oneof(fc.nat(20), fc.nat(20), fc.integer({ min: -5, max: 0x7fff_ffff })),
    acknowledged: fc.option(fc.oneof(fc.nat(20), fc.nat(20), fc.nat()), { nil: undefined }),
    flags: fc.constantFrom('', '', '', '', 'S', 'F', 'R'),
    payload: fc.string({ maxLength: 8 }),
    at: fc.nat(10_000_000),
  });
  let packed = 0;
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 80 }), fc.integer({ min: 1, max: 3 }), (drafts, unpacked) => {
      const whole = [50_000, 50_001, 50_002, 50_003].flatMap(opening);
      const small = told([...whole, ...drafts], { unpacked });
      packed += small.most.packed;
      t.deepEqual(small.events, told([...whole, ...drafts]).events);
    }),
    { numRuns: 300 },
  );
  t.true(packed > 300, `packed: ${packed}`);
});

test('of many connections that never close only so many are at hand; a packet of one of the others finds it as it was', (t) => {
  const ports = Array.from({ length: 2000 }, (_, index) => 10_000 + index);
  const drafts = [
    ...ports.flatMap(opening),
    ...ports.flatMap((port): Draft[] => [{ port, from: 'server', acknowledged: 6, payload: 'welcome' }]),
  ];
  const { events, most, reassembly } = told(drafts, { unpacked: 50 });
  t.true(most.unpacked <= 80, `${most.unpacked}`);
  t.true(most.packed >= 1900, `${most.packed}`);
  t.is(reassembly.connections, 2000);
  t.is(events.filter((event) => event.type === 'data' && event.from === 'server').length, 2000);
  t.deepEqual(events, told(drafts).events);
});

test('of those that are packed only so many are remembered; one that is not speaks again as one that was joined late', (t) => {
  const ports = Array.from({ length: 2000 }, (_, index) => 10_000 + index);
  const { events, most } = told(
    [...ports.flatMap(opening), { port: 10_000, sequence: 6, acknowledged: 1, payload: 'again' }],
    { unpacked: 50, packed: 100 },
  );
  t.true(most.packed <= 101, `${most.packed}`);
  t.true(most.unpacked <= 80, `${most.unpacked}`);
  const opened = events.filter((event) => event.type === 'opened');
  t.is(opened.length, 2001);
  t.like(opened.at(-1), { connection: 2000, fromStart: false, client: { host: '10.0.0.1', port: 10_000 } });
});

test('a row is packed and unpacked, whatever its numbers', (t) => {
  const number = fc.oneof(fc.double(), fc.constantFrom(0, NaN, 64), fc.integer());
  const rows = fc.array(fc.tuple(number, number), { maxLength: 50 });
  fc.assert(
    fc.property(rows, (pairs) => {
      const numbers = pairs.map(([one]) => one);
      const usual = pairs.map(([, other]) => other);
      t.deepEqual(unpackRow(packRow(numbers, usual), usual), numbers);
    }),
  );
});

test('of silent connections the oldest are not known any more', (t) => {
  const silent = new SilentConnections(100);
  for (let conn = 1; conn <= 1000; conn++)
    silent.add(conn, {
      type: 'opened',
      conn,
      hop: 'A',
      transport: 'tcp',
      from: { host: 'fd00::1', port: conn },
      to: { host: 'fd00::2', port: 443 },
      frame: conn,
      seq: conn,
      run: 1,
      at: conn,
    });
  t.is(silent.size, 100);
  t.false(silent.has(900));
  t.deepEqual(silent.take(901), {
    type: 'opened',
    conn: 901,
    hop: 'A',
    transport: 'tcp',
    from: { host: 'fd00::1', port: 901 },
    to: { host: 'fd00::2', port: 443 },
    frame: 901,
    seq: 901,
    run: 1,
    at: 901,
    late: true,
  });
  t.is(silent.take(901), undefined);
});
