import test from 'ava';
import * as fc from 'fast-check';
import type { ConnectionSegments, Side } from '../../../src/capture/event.ts';
import { TcpReassembly } from '../../../src/capture/net/reassembly.ts';
import type { SeenSegment } from '../../../src/capture/net/reassembly/stream-state.ts';
import type { StreamEvent } from '../../../src/capture/net/reassembly.ts';

const client = { host: '10.0.0.1', port: 50_000 };
const server = { host: '10.0.0.2', port: 443 };

interface Draft {
  readonly from?: Side;
  /** Relative to the first number of its side, which the SYN has. */
  readonly sequence?: number;
  readonly acknowledged?: number | undefined;
  readonly flags?: string;
  readonly payload?: string;
  readonly missing?: number;
  readonly at?: number;
  readonly clientPort?: number;
  readonly selective?: SeenSegment['selective'];
  readonly ttl?: number;
}

/** One capture: segments go in, what comes out is kept. First numbers near the end of the space, so that every stream wraps. */
class Capture {
  readonly events: StreamEvent[] = [];
  readonly reassembly = new TcpReassembly((event) => this.events.push(event));
  readonly initial: Record<Side, number> = { client: 0xfffffffa, server: 0xfffffff0 };
  #frame = 0;

  add({
    from = 'client',
    sequence = 1,
    acknowledged,
    flags = '',
    payload = '',
    missing = 0,
    at = 0,
    clientPort = client.port,
    selective,
    ttl,
  }: Draft): this {
    const [source, destination] =
      from === 'client'
        ? [{ ...client, port: clientPort }, server]
        : [server, { ...client, port: clientPort }];
    const segment: SeenSegment = {
      source: source.host,
      destination: destination.host,
      sourcePort: source.port,
      destinationPort: destination.port,
      sequence: (this.initial[from] + sequence) >>> 0,
      acknowledged:
        acknowledged === undefined
          ? undefined
          : (this.initial[from === 'client' ? 'server' : 'client'] + acknowledged) >>> 0,
      syn: flags.includes('S'),
      fin: flags.includes('F'),
      rst: flags.includes('R'),
      window: 0xffff,
      payload: Buffer.from(payload, 'latin1'),
      missing,
      ...(selective ? { selective } : {}),
      ...(ttl === undefined ? {} : { ttl }),
      frame: ++this.#frame,
      at,
    };
    this.reassembly.add(segment);
    return this;
  }

  handshake(ttl = 64): this {
    return this.add({ flags: 'S', sequence: 0 })
      .add({ from: 'server', flags: 'S', sequence: 0, acknowledged: 1, ttl })
      .add({ acknowledged: 1 });
  }

  end(): this {
    this.reassembly.end();
    return this;
  }

  /** Each side's bytes, a gap as `[n]`. */
  streams(connection = 0): Record<Side, string> {
    const read = { client: '', server: '' };
    for (const event of this.events) {
      if (event.connection !== connection) continue;
      if (event.type === 'data') read[event.from] += Buffer.from(event.bytes).toString('latin1');
      if (event.type === 'gap') read[event.from] += `[${event.length}]`;
    }
    return read;
  }

  /** In words: `opened`, `client abc`, `closed server end`. */
  get story(): string[] {
    return this.events
      .filter((event) => event.type !== 'segments')
      .map((event) => {
        if (event.type === 'opened') return `opened ${event.client.port}>${event.server.port}`;
        if (event.type === 'data') return `${event.from} ${Buffer.from(event.bytes).toString('latin1')}`;
        return event.type === 'gap'
          ? `${event.from} lost ${event.length}`
          : `closed ${event.by} ${event.how}`;
      });
  }
}

test('a conversation in order', (t) => {
  const capture = new Capture().handshake();
  capture
    .add({ payload: 'hello', acknowledged: 1 })
    .add({ from: 'server', payload: 'welcome', acknowledged: 6 });
  capture
    .add({ from: 'server', sequence: 8, flags: 'F', acknowledged: 6 })
    .add({ sequence: 6, flags: 'F', acknowledged: 9 })
    .add({ from: 'server', sequence: 9, acknowledged: 7 })
    .end();
  t.deepEqual(capture.story, ['opened 50000>443', 'client hello', 'server welcome', 'closed server end']);
  t.deepEqual(
    capture.events.map(({ frame }) => frame),
    [1, 4, 5, 7],
  );
  t.like(capture.events[0], { client, server, fromStart: true });
});

/** The stream cut at random places, each piece perhaps longer than to the next cut (an overlap) and perhaps sent twice. */
const cuts = fc.array(fc.record({ start: fc.nat(199), length: fc.integer({ min: 1, max: 60 }) }), {
  maxLength: 30,
});
const whole = Array.from({ length: 200 }, (_, index) => String.fromCharCode(33 + (index % 90))).join('');
const tiles = Array.from({ length: 20 }, (_, index) => ({ start: index * 10, length: 10 }));

test('any order of the segments of a stream, with overlaps and repetitions, gives the same bytes, and no gap', (t) => {
  fc.assert(
    fc.property(
      cuts,
      fc.array(fc.nat(), { minLength: 50, maxLength: 50 }),
      fc.constantFrom<Side>('client', 'server'),
      (extra, keys, from) => {
        const capture = new Capture().handshake();
        const segments = [...tiles, ...extra]
          .map((segment, index) => ({ segment, key: keys[index] ?? 0 }))
          .toSorted((a, b) => a.key - b.key);
        for (const { segment } of segments)
          capture.add({
            from,
            sequence: 1 + segment.start,
            payload: whole.slice(segment.start, segment.start + segment.length),
            acknowledged: 1,
          });
        t.is(capture.streams()[from], whole, 'before the end of the capture');
        t.is(capture.end().streams()[from], whole);
        const given = segments.reduce(
          (sum, { segment }) => sum + Math.min(segment.length, whole.length - segment.start),
          0,
        );
        t.is(capture.reassembly.repeatedBytes, given - whole.length);
      },
    ),
  );
});

test('any segments, of any order, with some lost: what came is at its place, and the length is right', (t) => {
  fc.assert(
    fc.property(fc.shuffledSubarray(tiles), (kept) => {
      const capture = new Capture().handshake();
      for (const { start, length } of kept)
        capture.add({ sequence: 1 + start, payload: whole.slice(start, start + length) });
      capture.add({ from: 'server', sequence: 1, acknowledged: 201 }).end();
      let expected = '';
      let lost = 0;
      for (const tile of tiles) {
        if (!kept.includes(tile)) {
          lost += tile.length;
          continue;
        }
        expected += `${lost ? `[${lost}]` : ''}${whole.slice(tile.start, tile.start + tile.length)}`;
        lost = 0;
      }
      t.is(capture.streams().client, `${expected}${lost ? `[${lost}]` : ''}`);
    }),
  );
});

test('where a segment that comes again differs, the first stands, and only what is new of it is taken', (t) => {
  const capture = new Capture().handshake();
  capture.add({ sequence: 1, payload: 'aaaa' }).add({ sequence: 1, payload: 'bbbbbb' });
  t.is(capture.streams().client, 'aaaabb', 'over what has come out');
  capture.add({ sequence: 9, payload: 'cc' }).add({ sequence: 7, payload: 'dddddd' });
  t.is(capture.streams().client, 'aaaabbddccdd', 'over what waits');
});

test('a keep-alive probe brings nothing, with its byte and without', (t) => {
  const capture = new Capture().handshake().add({ payload: 'hello' });
  capture.add({ sequence: 5, payload: '\0' }).add({ sequence: 5 }).add({ sequence: 6, payload: '!' });
  t.is(capture.streams().client, 'hello!');
});

test('the bytes of a SYN are the first of the stream, also when it is sent again', (t) => {
  const capture = new Capture()
    .add({ flags: 'S', sequence: 0, payload: 'early' })
    .add({ flags: 'S', sequence: 0, payload: 'early' });
  capture
    .add({ from: 'server', flags: 'S', sequence: 0, acknowledged: 6 })
    .add({ sequence: 6, payload: ' bird' });
  t.is(capture.streams().client, 'early bird');
  t.is(capture.reassembly.connections, 1);
});

test('a hole that the receiver acknowledged becomes a gap after a while, and reading goes on', (t) => {
  const lossy = (): Capture =>
    new Capture()
      .handshake()
      .add({ payload: 'one ' })
      .add({ sequence: 15, payload: 'three ' })
      .add({ from: 'server', acknowledged: 21 });
  const waiting = lossy();
  t.is(waiting.streams().client, 'one ', 'the segment may only be late in the file');
  waiting.add({ sequence: 5, payload: 'two and...' });
  t.is(waiting.streams().client, 'one two and...three ');

  const counted = lossy();
  for (let segments = 0; segments < 64; segments++)
    counted.add({ from: 'server', sequence: 1 + segments, payload: 's', acknowledged: 21 });
  t.is(counted.streams().client, 'one [10]three ');

  const timed = lossy().add({ from: 'server', acknowledged: 21, at: 999_999 });
  t.is(timed.streams().client, 'one ');
  timed.add({ from: 'server', acknowledged: 21, at: 1_000_000 });
  t.is(timed.streams().client, 'one [10]three ');
  t.like(
    timed.events.find(({ type }) => type === 'gap'),
    { frame: 5, from: 'client', length: 10 },
  );
  timed.add({ sequence: 21, payload: 'four' });
  t.is(timed.streams().client, 'one [10]three four');
});

test('an answer waits for what it acknowledges: where the file is out of order, the conversation is not', (t) => {
  const capture = new Capture().handshake().add({ from: 'server', payload: 'answer', acknowledged: 9 });
  t.deepEqual(capture.story, ['opened 50000>443'], 'the question has not come');
  capture.add({ payload: 'question', acknowledged: 1 });
  t.deepEqual(capture.story.slice(1), ['client question', 'server answer']);
  t.deepEqual(
    capture.events.map(({ frame }) => frame),
    [1, 5, 4],
    'each has its own packet',
  );
});

test('an answer to what was lost comes behind the gap, at the end of the capture too', (t) => {
  const lossy = (): Capture =>
    new Capture()
      .handshake()
      .add({ payload: 'one', acknowledged: 1 })
      .add({ sequence: 7, payload: 'three', acknowledged: 1 })
      .add({ from: 'server', payload: 'answer', acknowledged: 12 });
  const expected = ['client one', 'client lost 3', 'client three', 'server answer'];
  t.deepEqual(lossy().end().story.slice(1), expected);
  t.deepEqual(lossy().add({ acknowledged: 7, sequence: 12, at: 1_000_000 }).story.slice(1), expected);
  t.deepEqual(lossy().add({ from: 'server', sequence: 7, flags: 'R' }).end().story.slice(1, -1), expected);
});

test('of a hole only what was acknowledged is given up: the rest will be sent again', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ sequence: 9, payload: 'last' })
    .add({ from: 'server', acknowledged: 5 })
    .add({ from: 'server', acknowledged: 5, at: 1_000_000 });
  t.is(capture.streams().client, '[4]');
  t.is(capture.add({ sequence: 5, payload: 'next' }).streams().client, '[4]nextlast');
});

test('an acknowledged FIN that was not captured is waited for by nobody', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ from: 'server', payload: 'bye', acknowledged: 1 })
    .add({ payload: 'one more', acknowledged: 5 });
  t.is(capture.streams().client, 'one more');
});

test('the patience with a hole begins anew where the one before it was filled', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ sequence: 3, payload: 'cd' })
    .add({ sequence: 7, payload: 'gh' })
    .add({ from: 'server', acknowledged: 9 });
  capture.add({ payload: 'ab', at: 900_000 }).add({ from: 'server', acknowledged: 9, at: 1_100_000 });
  t.is(capture.streams().client, 'abcd');
  t.is(capture.add({ from: 'server', acknowledged: 9, at: 1_900_000 }).streams().client, 'abcd[2]gh');
});

test('a FIN and an acknowledgement that belong elsewhere change nothing', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ payload: 'hello' })
    .add({ sequence: 3, flags: 'F' })
    .add({ from: 'server', acknowledged: 2 ** 30 + 100 });
  t.is(capture.add({ sequence: 6, payload: '!' }).end().streams().client, 'hello!');
  t.deepEqual(capture.story, ['opened 50000>443', 'client hello', 'client !']);
});

test('an answer that was itself answered long ago still comes behind the gap', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ from: 'server', sequence: 4, payload: 'two', acknowledged: 1 })
    .add({ payload: 'answer', acknowledged: 7 });
  capture
    .add({ from: 'server', sequence: 7, acknowledged: 7, at: 10 })
    .add({ sequence: 7, acknowledged: 7, at: 3_000_000 });
  t.deepEqual(capture.story.slice(1), ['server lost 3', 'server two', 'client answer']);
});

test('two sides that each acknowledge what the other has not said yet do not wait for ever', (t) => {
  const cycle = (): Capture =>
    new Capture()
      .handshake()
      .add({ sequence: 1, payload: 'abc', acknowledged: 9 })
      .add({ from: 'server', payload: '12345678', acknowledged: 4 });
  t.deepEqual(cycle().end().streams(), { client: 'abc', server: '12345678' });
  const stuck = new Capture()
    .handshake()
    .add({ from: 'server', sequence: 2, payload: '2345678', acknowledged: 4 })
    .add({ sequence: 1, payload: 'abc', acknowledged: 9 });
  t.deepEqual(
    stuck
      .add({ acknowledged: 9, sequence: 4, at: 1_000_000 })
      .add({ acknowledged: 9, sequence: 4, at: 2_000_000 })
      .streams(),
    { client: 'abc', server: '[1]2345678' },
  );
});

test('a hole that nobody acknowledged is waited at, however long: it will be sent again', (t) => {
  const capture = new Capture().handshake().add({ sequence: 5, payload: 'late' });
  for (let segments = 0; segments < 200; segments++)
    capture.add({
      from: 'server',
      sequence: 1 + segments,
      payload: 's',
      acknowledged: 1,
      at: segments * 1_000_000,
    });
  t.is(capture.streams().client, '');
  t.is(capture.add({ payload: 'sent' }).streams().client, 'sentlate');
});

test('what waits is bounded in segments and in bytes', (t) => {
  const byCount = new Capture().handshake();
  for (let index = 0; index <= 8192; index++) byCount.add({ sequence: 11 + 2 * index, payload: 'x' });
  t.is(byCount.events.filter(({ type }) => type === 'gap').length, 1);
  t.is(byCount.streams().client, '[10]x');
  const bySize = new Capture().handshake();
  const large = 'x'.repeat(1024 * 1024);
  for (let index = 0; index <= 16; index++)
    bySize.add({ sequence: 2 + index * large.length, payload: large });
  t.like(
    bySize.events.find(({ type }) => type === 'gap'),
    { length: 1 },
  );
  t.is(bySize.events.filter(({ type }) => type === 'data').length, 17);
});

test('the end of a packet that the capture cut is a gap at once: an answer to it does not wait', (t) => {
  const cut = new Capture()
    .handshake()
    .add({ payload: 'head', missing: 96, acknowledged: 1 })
    .add({ from: 'server', payload: 'answer', missing: 4, acknowledged: 101 });
  t.deepEqual(cut.story.slice(1), ['client head', 'client lost 96', 'server answer', 'server lost 4']);
  t.deepEqual(
    cut.events.map(({ frame }) => frame),
    [1, 4, 4, 5, 5],
  );
  const capture = new Capture()
    .handshake()
    .add({ payload: 'head', missing: 96 })
    .add({ sequence: 101, payload: 'next', missing: 6 });
  capture.add({ from: 'server', acknowledged: 111 }).end();
  t.is(capture.streams().client, 'head[96]next[6]');
});

test('bytes that were acknowledged and never seen are a gap at the end; an acknowledged FIN is none', (t) => {
  t.is(
    new Capture()
      .handshake()
      .add({ payload: 'seen' })
      .add({ from: 'server', acknowledged: 25 })
      .end()
      .streams().client,
    'seen[20]',
  );
  t.is(
    new Capture()
      .handshake()
      .add({ payload: 'seen' })
      .add({ from: 'server', acknowledged: 6 })
      .end()
      .streams().client,
    'seen',
  );
});

test('a capture of one direction shows that direction, and how much the other sent', (t) => {
  const capture = new Capture().add({ flags: 'S', sequence: 0 }).add({ acknowledged: 1, payload: 'GET' });
  capture.add({ sequence: 4, acknowledged: 301, payload: ' /' });
  t.is(capture.streams().client, 'GET /', 'nothing waits for a direction that never comes');
  capture.add({ sequence: 6, acknowledged: 301, flags: 'F' }).end();
  t.deepEqual(capture.streams(), { client: 'GET /', server: '[300]' });
  t.is(capture.story.at(-1), 'closed client end');
});

test('the answer to a SYN that was not captured tells who the client is', (t) => {
  const capture = new Capture()
    .add({ from: 'server', flags: 'S', sequence: 0, acknowledged: 1 })
    .add({ payload: 'hi' });
  t.like(capture.events[0], { type: 'opened', client, server, fromStart: true });
  t.is(capture.streams().client, 'hi');
  capture.add({ flags: 'S', sequence: 0 });
  t.is(capture.reassembly.connections, 1, 'the SYN only came late in the file');
});

const hello = '\x16\x03\x01\x00\x05\x01';
for (const [name, from, payload, clientPort, opened] of [
  ['a ClientHello from the lower port', 'server', hello, 50_000, '443>50000'],
  ['a ServerHello from the higher port', 'client', '\x16\x03\x03\x00\x05\x02', 50_000, '443>50000'],
  ['an HTTP request from the lower port', 'server', 'POST /login HTTP/1.1', 50_000, '443>50000'],
  ['an HTTP response from the higher port', 'client', 'HTTP/1.1 200 OK', 50_000, '443>50000'],
  ['anything else: the lower port serves', 'server', 'whatever', 50_000, '50000>443'],
  ['anything else, also when it speaks second', 'client', 'whatever', 50_000, '50000>443'],
  ['anything else, equal ports: who was heard first', 'client', 'whatever', 443, '443>443'],
] as const satisfies readonly (readonly [string, Side, string, number, string])[]) {
  test(`joined late, ${name}`, (t) => {
    const capture = new Capture().add({
      from: from === 'client' ? 'server' : 'client',
      sequence: 7,
      clientPort,
      acknowledged: 1,
    });
    capture.add({ from, payload, clientPort, acknowledged: 7 }).end();
    t.is(capture.story[0], `opened ${opened}`);
    t.like(capture.events[0], { fromStart: false });
  });
}

test('joined late, with equal ports, who was heard first is the client', (t) => {
  t.like(new Capture().add({ from: 'server', clientPort: 443, payload: '??' }).events[0], {
    type: 'opened',
    client: server,
  });
  t.like(new Capture().add({ from: 'client', clientPort: 443, payload: '??' }).events[0], {
    type: 'opened',
    client: { ...client, port: 443 },
  });
});

test('joined late, a connection without payload is there too, opened by the end of the capture', (t) => {
  t.deepEqual(new Capture().add({ acknowledged: 1 }).add({ from: 'server', acknowledged: 1 }).end().story, [
    'opened 50000>443',
  ]);
  t.deepEqual(
    new Capture().add({ acknowledged: 1, flags: 'F' }).add({ from: 'server', acknowledged: 2, flags: 'F' })
      .story,
    ['opened 50000>443', 'closed client end'],
  );
  t.deepEqual(new Capture().add({ from: 'server', acknowledged: 1, flags: 'R' }).end().story, [
    'opened 50000>443',
    'closed server reset',
  ]);
});

test('joined late, the other side’s acknowledgement tells where a stream begins', (t) => {
  const capture = new Capture()
    .add({ from: 'server', payload: 'HTTP/1.1 ', acknowledged: 100 })
    .add({ sequence: 110, payload: 'rest' });
  t.is(capture.end().streams().client, '[10]rest');
});

test('who resets is told, unless it only answers an end', (t) => {
  const story = (build: (capture: Capture) => Capture): string | undefined =>
    build(new Capture().handshake()).end().story.at(-1);
  t.is(
    story((capture) => capture.add({ from: 'server', flags: 'R' })),
    'closed server reset',
  );
  t.is(
    story((capture) => capture.add({ flags: 'R' })),
    'closed client reset',
  );
  t.is(
    story((capture) => capture.add({ flags: 'F' }).add({ flags: 'R', sequence: 2 })),
    'closed client reset',
  );
  t.is(
    story((capture) => capture.add({ from: 'server', flags: 'F' }).add({ flags: 'R' })),
    'closed server end',
  );
});

test("a reset that answers what came after an end of one's own is no other end", (t) => {
  const story = (build: (capture: Capture) => Capture): string | undefined =>
    build(new Capture().handshake()).end().story.at(-1);
  t.is(
    story((capture) =>
      capture.add({ from: 'server', flags: 'F' }).add({ payload: 'abc' }).add({ from: 'server', flags: 'R' }),
    ),
    'closed server end',
  );
  t.is(
    story((capture) =>
      capture.add({ payload: 'abc' }).add({ from: 'server', flags: 'F' }).add({ from: 'server', flags: 'R' }),
    ),
    'closed server reset',
  );
});

test('a SYN that nobody took up is told apart from a connection: by a reset, by silence after a second one', (t) => {
  const ends = (build: (capture: Capture) => Capture): unknown[] =>
    build(new Capture())
      .end()
      .events.filter(({ type }) => type === 'closed');
  const syn = { flags: 'S', sequence: 0 } as const;
  t.like(
    ends((capture) => capture.add(syn).add({ from: 'server', flags: 'R', sequence: 0, acknowledged: 1 }))[0],
    { by: 'server', how: 'reset', unaccepted: true },
  );
  t.like(ends((capture) => capture.add(syn).add(syn))[0], {
    by: 'unknown',
    how: 'timeout',
    unaccepted: true,
  });
  t.deepEqual(
    ends((capture) => capture.add(syn)),
    [],
    'one may still be answered',
  );
  t.deepEqual(
    ends((capture) => capture.handshake()),
    [],
  );
  t.like(ends((capture) => capture.handshake().add({ from: 'server', flags: 'R' }))[0], {
    by: 'server',
    how: 'reset',
    unaccepted: undefined,
  });
});

test('a refused port is a connection that the server reset', (t) => {
  t.deepEqual(
    new Capture()
      .add({ flags: 'S', sequence: 0 })
      .add({ from: 'server', flags: 'R', sequence: -0xfffffff0, acknowledged: 1 })
      .end().story,
    ['opened 50000>443', 'closed server reset'],
  );
});

test('what waits at a hole comes out before a reset, with its gap; what was under way comes before it too', (t) => {
  const lossy = (): Capture =>
    new Capture()
      .handshake()
      .add({ sequence: 4, payload: 'def' })
      .add({ from: 'server', flags: 'R', at: 10 });
  t.deepEqual(lossy().end().story, [
    'opened 50000>443',
    'client lost 3',
    'client def',
    'closed server reset',
  ]);
  const late = lossy().add({ payload: 'abc', at: 1000 }).end();
  t.deepEqual(late.story, ['opened 50000>443', 'client abc', 'client def', 'closed server reset']);
  t.is(late.events.at(-1)?.frame, 5, 'the packet of the reset');
  t.is(late.reassembly.leftOut, 0);
});

test('a reset counts once nothing more can be under way; what comes later opens the connection once more', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ payload: 'abc', acknowledged: 1 })
    .add({ from: 'server', flags: 'R', at: 10 });
  capture.reassembly.expire(999_000);
  t.is(capture.story.at(-1), 'client abc');
  capture.reassembly.expire(1_000_010);
  t.is(capture.story.at(-1), 'closed server reset');
  // What had come before is repeated, and nothing more.
  capture.add({ sequence: 2, payload: 'bc', at: 1_000_020 });
  t.is(capture.story.at(-1), 'closed server reset');
  const { story, reassembly, events } = capture
    .add({ sequence: 4, payload: 'late', at: 1_000_030 })
    .add({ from: 'server', sequence: 1, payload: 'answer', acknowledged: 8, at: 1_000_040 })
    .end();
  t.deepEqual(story.slice(-3), ['opened 50000>443', 'client late', 'server answer']);
  t.deepEqual([reassembly.leftOut, reassembly.connections], [0, 1]);
  t.deepEqual(new Set(events.map(({ connection }) => connection)).size, 1);
});

test('data behind both ends stands behind them: their numbers are no bytes; what is far from it is left out', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ payload: 'ask', acknowledged: 1 })
    .add({ from: 'server', flags: 'F', sequence: 1, acknowledged: 4 })
    .add({ flags: 'F', sequence: 4, acknowledged: 2 })
    .add({ from: 'server', sequence: 0x30000000, payload: 'forged', acknowledged: 5 });
  t.is(capture.reassembly.leftOut, 1);
  const { story } = capture.add({ from: 'server', sequence: 2, payload: 'more', acknowledged: 5 }).end();
  t.deepEqual(story.slice(-3), ['closed server end', 'opened 50000>443', 'server more']);
});

test('a reset behind which both sides go on ended nothing', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ payload: 'ask', acknowledged: 1 })
    .add({ from: 'server', flags: 'R', at: 10 });
  capture
    .add({ from: 'server', payload: 'answer', acknowledged: 4, at: 20 })
    .add({ sequence: 4, payload: 'more', acknowledged: 7, at: 30 });
  capture.reassembly.expire(5_000_000);
  t.deepEqual(capture.end().story, ['opened 50000>443', 'client ask', 'server answer', 'client more']);
});

test('of several SYNs of a server the one counts that the client acknowledges, or on which the server goes on', (t) => {
  const other = 0x40000000;
  const syn = (sequence: number) => ({ from: 'server', flags: 'S', sequence, acknowledged: 1 }) as const;
  const begun = (): Capture => new Capture().add({ flags: 'S', sequence: 0 }).add(syn(0)).add(syn(other));
  const acknowledged = begun()
    .add({ payload: 'ask', acknowledged: other + 1 })
    .add({ from: 'server', sequence: other + 1, payload: 'answer', acknowledged: 4 })
    .end();
  t.deepEqual(acknowledged.streams(), { client: 'ask', server: 'answer' });
  const early = begun()
    .add({ from: 'server', sequence: other + 1, payload: 'answer', acknowledged: 1 })
    .add({ payload: 'ask', acknowledged: other + 7 })
    .end();
  t.deepEqual(early.streams(), { client: 'ask', server: 'answer' });
  const first = begun()
    .add({ payload: 'ask', acknowledged: 1 })
    .add({ from: 'server', payload: 'answer', acknowledged: 4 })
    .end();
  t.deepEqual(first.streams(), { client: 'ask', server: 'answer' });
  t.is(early.reassembly.leftOut + acknowledged.reassembly.leftOut + first.reassembly.leftOut, 0);
});

test('data in the SYN (Fast Open) is there once, taken by the server or sent again', (t) => {
  const begun = (acknowledged: number): Capture =>
    new Capture()
      .add({ flags: 'S', sequence: 0, payload: 'ask' })
      .add({ from: 'server', flags: 'S', sequence: 0, acknowledged });
  t.deepEqual(
    begun(4)
      .add({ from: 'server', payload: 'answer', acknowledged: 4 })
      .add({ sequence: 4, acknowledged: 7 })
      .end()
      .streams(),
    { client: 'ask', server: 'answer' },
  );
  t.deepEqual(
    begun(1)
      .add({ payload: 'ask', acknowledged: 1 })
      .add({ from: 'server', payload: 'answer', acknowledged: 4 })
      .end()
      .streams(),
    { client: 'ask', server: 'answer' },
  );
});

test('an acknowledgement of another connection is no gap: a SYN, a stale ACK and a reset', (t) => {
  const stale = 976_271_786;
  const capture = new Capture()
    .add({ flags: 'S', sequence: 0 })
    .add({ from: 'server', sequence: 5, acknowledged: stale })
    .add({ flags: 'R', sequence: stale })
    .end();
  t.deepEqual(capture.streams(), { client: '', server: '' });
  t.is(capture.story.at(-1), 'closed client reset');
});

test('a jump that the sender confirms is a gap: the capture has paused; one segment alone far ahead is left out', (t) => {
  const jump = 100_000_000;
  const begun = (): Capture => new Capture().handshake().add({ payload: 'one', acknowledged: 1 });
  const paused = begun()
    .add({ sequence: jump, payload: 'two' })
    .add({ sequence: jump + 3, payload: 'three' })
    .end();
  t.deepEqual(paused.streams(), { client: `one[${jump - 4}]twothree`, server: '' });
  const acknowledged = begun()
    .add({ from: 'server', acknowledged: jump })
    .add({ sequence: jump, payload: 'two' })
    .end();
  t.deepEqual(acknowledged.streams(), { client: `one[${jump - 4}]two`, server: '' });
  const forged = begun().add({ sequence: jump, payload: 'two' }).add({ sequence: 4, payload: 'next' }).end();
  t.deepEqual(forged.streams(), { client: 'onenext', server: '' });
});

const segmentsOf = (capture: Capture): ConnectionSegments | undefined => {
  const event = capture.end().events.find(({ type }) => type === 'segments');
  return event?.type === 'segments' ? event.segments : undefined;
};

test('what was sent again and never acknowledged is counted; what arrived is not worth a word', (t) => {
  const capture = new Capture().handshake().add({ payload: 'ask', acknowledged: 1 });
  for (let times = 0; times < 4; times++)
    capture.add({ from: 'server', payload: 'x'.repeat(1448), acknowledged: 4 });
  t.like(segmentsOf(capture), {
    server: { repeated: 3, unacknowledged: 1448, oldest: { length: 1448, times: 4 }, missing: 0 },
    client: { unacknowledged: 0, repeated: 0 },
  });
  const healed = new Capture()
    .handshake()
    .add({ payload: 'ask', acknowledged: 1 })
    .add({ payload: 'ask', acknowledged: 1 })
    .add({ from: 'server', payload: 'ok', acknowledged: 4 })
    .add({ sequence: 4, acknowledged: 3 });
  t.like(segmentsOf(healed), { client: { repeated: 1, unacknowledged: 0, oldest: undefined } });
  t.is(
    segmentsOf(
      new Capture()
        .handshake()
        .add({ payload: 'ask', acknowledged: 1 })
        .add({ from: 'server', payload: 'ok', acknowledged: 4 })
        .add({ sequence: 4, acknowledged: 3 }),
    ),
    undefined,
  );
});

test('what the receiver waits for while later bytes have reached it is missing, by its selective acknowledgements or by the capture', (t) => {
  const asked = (): Capture => new Capture().handshake().add({ payload: 'ask', acknowledged: 1 });
  const behind = { from: 'server', sequence: 2897, payload: 'small', acknowledged: 4 } as const;
  const initial = 0xfffffff0;
  const blocks = [[(initial + 2897) >>> 0, (initial + 2902) >>> 0]] as const;
  t.like(segmentsOf(asked().add(behind).add({ sequence: 4, acknowledged: 1, selective: blocks })), {
    server: { missing: 2896 },
  });
  t.like(
    segmentsOf(
      asked()
        .add({ from: 'server', payload: 'x'.repeat(2896), acknowledged: 4 })
        .add(behind)
        .add({ sequence: 4, acknowledged: 1, selective: blocks }),
    ),
    { server: { missing: 2896, unacknowledged: 2901 } },
    'captured where they were sent',
  );
  t.like(
    segmentsOf(asked().add(behind).add({ sequence: 4, acknowledged: 1 })),
    { server: { missing: 2896 } },
    'without selective acknowledgements',
  );
  t.is(segmentsOf(asked().add(behind))?.server.missing ?? 0, 0, 'nobody said so: the capture lacks it');
  const whole = asked()
    .add(behind)
    .add({ sequence: 4, acknowledged: 1, selective: blocks })
    .add({ from: 'server', payload: 'x'.repeat(2896), acknowledged: 4 })
    .add({ sequence: 4, acknowledged: 2902 });
  t.is(segmentsOf(whole), undefined);
});

test('of a direction that was not captured nothing is concluded', (t) => {
  t.like(
    segmentsOf(
      new Capture()
        .add({ flags: 'S', sequence: 0 })
        .add({ acknowledged: 1 })
        .add({ payload: 'ask', acknowledged: 1 })
        .add({ sequence: 4, acknowledged: 500 }),
    ),
    { server: { packets: 0 }, client: { unacknowledged: 0 } },
  );
});

test("a reset brings how far away its sender seems to be, and that side's other packets", (t) => {
  const capture = new Capture()
    .handshake(52)
    .add({ payload: 'ask', acknowledged: 1, ttl: 64 })
    .add({ from: 'server', flags: 'R', ttl: 63 })
    .add({ from: 'server', payload: 'answer', acknowledged: 4, ttl: 52 });
  t.deepEqual(segmentsOf(capture)?.reset, {
    by: 'server',
    ttl: 63,
    continued: 6,
    followed: true,
    usual: [52, 52],
  });
});

test('a FIN before its bytes waits for them', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ from: 'server', flags: 'F' })
    .add({ sequence: 4, payload: 'def', flags: 'F' });
  t.is(capture.story.at(-1), 'opened 50000>443');
  t.deepEqual(capture.add({ payload: 'abc' }).story.slice(-3), [
    'client abc',
    'client def',
    'closed server end',
  ]);
});

test('at the end of the capture a connection with one end is closed, and one with none is open', (t) => {
  t.is(new Capture().handshake().add({ from: 'server', flags: 'F' }).end().story.at(-1), 'closed server end');
  t.deepEqual(new Capture().handshake().end().story, ['opened 50000>443']);
});

test('a SYN with another number on the same ports begins a new connection, also while the old one is open', (t) => {
  for (const isOpen of [true, false]) {
    const capture = new Capture().handshake().add({ payload: 'old' });
    if (!isOpen) capture.add({ from: 'server', flags: 'R' });
    Object.assign(capture.initial, { client: 5, server: 77 });
    capture.handshake().add({ payload: 'new' }).end();
    t.is(capture.reassembly.connections, 2);
    t.deepEqual([capture.streams(0).client, capture.streams(1).client], ['old', 'new']);
    t.is(capture.story[2], isOpen ? 'closed unknown end' : 'closed server reset');
  }
});

test('a segment far outside every window is left out and counted', (t) => {
  const capture = new Capture()
    .handshake()
    .add({ sequence: 2 ** 30 + 100, payload: 'stray' })
    .add({ payload: 'real' })
    .end();
  t.is(capture.streams().client, 'real');
  t.is(capture.reassembly.leftOut, 1);
});

test('a stream longer than the space of numbers keeps its positions', (t) => {
  const capture = new Capture().handshake();
  const step = 2 ** 29;
  for (let index = 0; index < 10; index++) {
    capture.add({ sequence: (1 + index * (step + 1)) % 2 ** 32, payload: String(index), missing: step });
    capture.add({
      from: 'server',
      acknowledged: (1 + (index + 1) * (step + 1)) % 2 ** 32,
      at: index * 10_000_000,
    });
    capture.add({
      from: 'server',
      acknowledged: (1 + (index + 1) * (step + 1)) % 2 ** 32,
      at: index * 10_000_000 + 5_000_000,
    });
  }
  t.is(
    capture.end().streams().client,
    Array.from({ length: 10 }, (_, index) => `${index}[${step}]`).join(''),
  );
});

test('any segments whatever neither throw nor say anything about a connection after its end, unless it is opened once more', (t) => {
  const draft = fc.record({
    from: fc.constantFrom<Side>('client', 'server'),
    sequence: fc.oneof(fc.nat(20), fc.integer({ min: -5, max: 0x7fffffff })),
    acknowledged: fc.option(fc.oneof(fc.nat(20), fc.nat()), { nil: undefined }),
    flags: fc.constantFrom('', '', '', 'S', 'F', 'R', 'SF'),
    payload: fc.string({ maxLength: 8 }),
    missing: fc.constantFrom(0, 0, 5),
    at: fc.nat(10_000_000),
    clientPort: fc.constantFrom(50_000, 443),
  });
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 40 }), (drafts) => {
      const capture = new Capture();
      for (const one of drafts) capture.add(one);
      capture.end();
      const opened = new Set<number>();
      const closed = new Set<number>();
      for (const { connection, type } of capture.events) {
        const isOpen = opened.has(connection) && !closed.has(connection);
        t.is(isOpen, type !== 'opened');
        if (type === 'opened') {
          opened.add(connection);
          closed.delete(connection);
        }
        if (type === 'closed') closed.add(connection);
      }
      t.is(opened.size, capture.reassembly.connections, 'each has a number');
      t.true(capture.events.every((event) => event.type !== 'gap' || event.length > 0));
    }),
    { numRuns: 500 },
  );
});
