/** `inspect` of several captures: what two hosts saw of the same packets, made at run time. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ipv4, pcap, tcp, udp } from '../../capture/support/packets.ts';
import type { PcapPacket } from '../../capture/support/packets.ts';
import { inspectWords } from '../../ui/tui/support/performed.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-joined-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

let written = 0;
function file(name: string, bytes: Uint8Array): string {
  const path = join(folder, `${++written}-${name}`);
  writeFileSync(path, bytes);
  return path;
}

type From = 'client' | 'server';

/** A packet as it was sent, in microseconds from the start. */
interface Sent {
  readonly at: number;
  readonly from: From;
  readonly flags?: string;
  readonly sequence: number;
  readonly acknowledged?: number;
  readonly payload?: string;
}

/** A connection with these messages, a millisecond after each other; each is one packet. */
function connection(
  messages: readonly (readonly [From, string])[],
  { client = 1_000_000, server = 9_000_000, start = 0, ends = true } = {},
): Sent[] {
  const next = { client: client + 1, server: server + 1 };
  const other = { client: 'server', server: 'client' } as const;
  const sent: Sent[] = [
    { at: start, from: 'client', flags: 'S', sequence: client },
    { at: start + 1000, from: 'server', flags: 'S', sequence: server, acknowledged: next.client },
    { at: start + 2000, from: 'client', sequence: next.client, acknowledged: next.server },
  ];
  let at = start + 3000;
  const add = (from: From, flags: string, payload = ''): void => {
    sent.push({ at, from, flags, sequence: next[from], acknowledged: next[other[from]], payload });
    next[from] += payload.length + (flags.includes('F') ? 1 : 0);
    at += 1000;
  };
  for (const [from, payload] of messages) add(from, 'P', payload);
  if (!ends) return sent;
  add('client', 'F');
  add('server', 'F');
  add('client', '');
  return sent;
}

interface Place {
  readonly client?: string;
  readonly server?: string;
  readonly clientPort?: number;
  /** The way from the sender to here, in microseconds. */
  readonly delay?: Readonly<Record<From, number>>;
  /** By how much the clock here is fast. */
  readonly ahead?: number;
  readonly change?: (sent: Sent) => Sent | undefined;
}

const started = 1_700_000_000_000_000;

/** What is captured in one place. */
function seenAt(
  sent: readonly Sent[],
  { client = '10.0.0.1', server = '10.0.0.2', clientPort = 40_000, delay, ahead = 0, change }: Place = {},
): PcapPacket[] {
  return sent.flatMap((one): PcapPacket[] => {
    const packet = change ? change(one) : one;
    if (!packet) return [];
    const isClient = packet.from === 'client';
    const segment = tcp({
      sourcePort: isClient ? clientPort : 80,
      destinationPort: isClient ? 80 : clientPort,
      sequence: packet.sequence,
      ...(packet.acknowledged === undefined ? {} : { acknowledged: packet.acknowledged }),
      ...(packet.flags === undefined ? {} : { flags: packet.flags }),
      ...(packet.payload === undefined ? {} : { payload: packet.payload }),
    });
    return [
      {
        bytes: ipv4(segment, { source: isClient ? client : server, destination: isClient ? server : client }),
        microseconds: started + packet.at + (delay?.[packet.from] ?? 0) + ahead,
      },
    ];
  });
}

const capture = (name: string, ...packets: readonly PcapPacket[][]): string =>
  file(
    name,
    pcap(packets.flat().toSorted((one, other) => (one.microseconds ?? 0) - (other.microseconds ?? 0))),
  );

const request = 'GET /first HTTP/1.1\r\nHost: shop.example\r\n\r\n';
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const exchange: readonly (readonly [From, string])[] = [
  ['client', request],
  ['server', response],
];

/** Near the client, and near the server: 400 µs between them there, 600 back. */
const near = { client: 100, server: 900 } as const;
const far = { client: 500, server: 300 } as const;

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };
interface Read {
  readonly lines: readonly Line[];
  readonly streams: readonly (Line & {
    readonly seen?: readonly { file: number; client: { host: string } }[];
    readonly differences?: readonly Record<string, unknown>[];
  })[];
  readonly files: readonly {
    name: string;
    joined: number;
    connections: number;
    clock?: Record<string, number>;
  }[];
  readonly problems: readonly string[];
}

const validate = outputValidator();

async function read(t: ExecutionContext, ...words: string[]): Promise<Read> {
  const { exitCode, stdout, stderr } = await askWirelab(['inspect', '--json', ...words]);
  t.is(exitCode, 0, stderr);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  for (const line of lines) t.true(validate(line), JSON.stringify([line, validate.errors]));
  return {
    lines,
    streams: lines.filter(({ kind }) => kind === 'stream') as unknown as Read['streams'],
    files: (lines.at(-1)?.['files'] ?? []) as Read['files'],
    problems: lines.filter(({ kind }) => kind === 'problem').map(({ what }) => String(what)),
  };
}

async function text(t: ExecutionContext, ...words: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await askWirelab(['inspect', '--no-tui', ...words]);
  t.is(exitCode, 0, stderr);
  return stdout.replace(/\n +/g, ' ');
}

test('a connection that two hosts saw is shown once, whatever its addresses became on the way', async (t) => {
  const sent = connection(exchange);
  const one = capture('client.pcap', seenAt(sent, { delay: near }));
  const other = capture('server.pcap', seenAt(sent, { delay: far, client: '192.0.2.7', clientPort: 61_000 }));
  const { streams, files, lines, problems } = await read(t, one, other);
  t.is(streams.length, 1);
  t.deepEqual(
    streams[0]?.seen?.map(({ file: at, client }) => [at, client.host]),
    [
      [0, '10.0.0.1'],
      [1, '192.0.2.7'],
    ],
  );
  t.is(streams[0]?.['differences'], undefined);
  t.deepEqual(problems, []);
  t.deepEqual(
    files.map(({ name, connections, joined }) => [name, connections, joined]),
    [
      [one, 1, 1],
      [other, 1, 1],
    ],
  );
  t.true(lines.filter(({ frame }) => frame !== undefined).every((line) => line['file'] === 0));
  t.is(lines.at(-1)?.['connections'], 1);
  t.is(lines.at(-1)?.['requests'], 1);
  t.is(lines.at(-1)?.['packets'], 2 * sent.length);
  const said = await text(t, one, other);
  t.regex(
    said,
    /seen in \S+client\.pcap \(packet 1\), \S+server\.pcap \(192\.0\.2\.7:61000 → 10\.0\.0\.2:80, packet 1\)/,
  );
});

for (const ahead of [3_200_000, -3_200_000, 0]) {
  test(`the clock of the second host, ${ahead} µs ahead, is put on the first one's`, async (t) => {
    const sent = connection(exchange);
    const away = connection([['client', 'GET /other HTTP/1.1\r\nHost: a\r\n\r\n']], {
      client: 5_000_000,
      start: 20_000,
    });
    const one = capture('client.pcap', seenAt(sent, { delay: near }));
    const other = capture(
      'server.pcap',
      seenAt(sent, { delay: far, ahead }),
      seenAt(away, { ahead, client: '10.0.0.9' }),
    );
    const { files, streams } = await read(t, one, other);
    // 400 µs there and 600 back: half of the difference is the error, half of the sum its bound.
    t.is(files[1]?.clock?.['ahead'], ahead - 100);
    t.is(files[1]?.clock?.['uncertainty'], 500);
    t.is(streams.length, 2);
    const other_ = streams.find(({ client }) => String(client).startsWith('10.0.0.9'));
    t.is(other_?.['opened'], new Date((started + 20_000 + 100) / 1000).toISOString());
    t.is(other_?.['file'], 1);
    if (ahead > 0) t.regex(await text(t, one, other), /server\.pcap is 3\.1999 s ± 500 µs ahead of /);
    // The other way round it is the first file that is behind.
    t.is((await read(t, other, one)).files[1]?.clock?.['ahead'], 100 - ahead);
  });
}

test('with packets of one direction alone the delay cannot be told from the clock', async (t) => {
  const sent = connection(exchange);
  const onlyClient = (one: Sent): Sent | undefined => (one.from === 'client' ? one : undefined);
  const one = capture('client.pcap', seenAt(sent, { delay: near }));
  const other = capture('server.pcap', seenAt(sent, { delay: far, ahead: 1000, change: onlyClient }));
  const { files } = await read(t, one, other);
  t.deepEqual(Object.keys(files[1]?.clock ?? {}), ['ahead', 'packets']);
  t.is(files[1]?.clock?.['ahead'], 1400);
  t.regex(await text(t, one, other), /the delay of the way included/);
});

/** The offset at which the response differs, and the packets that show it. */
async function differences(
  t: ExecutionContext,
  place: Place,
  messages = exchange,
): Promise<Read['streams'][number]> {
  const sent = connection(messages);
  const one = capture('client.pcap', seenAt(sent, { delay: near, ...place }));
  const other = capture('server.pcap', seenAt(sent, { delay: far }));
  const { streams } = await read(t, one, other);
  t.is(streams.length, 1);
  const [stream] = streams;
  if (!stream) throw new Error('no connection');
  return stream;
}

const ofServer =
  (change: (payload: string) => string) =>
  (one: Sent): Sent =>
    one.from === 'server' && one.payload ? { ...one, payload: change(one.payload) } : one;

test('bytes that were changed on the way are named with their offset and both packets', async (t) => {
  const { differences: found } = await differences(t, {
    change: ofServer((payload) => payload.replace('hello', 'HELLo')),
  });
  t.deepEqual(found, [
    {
      kind: 'changed',
      from: 'server',
      offset: response.length - 5,
      length: 4,
      files: [0, 1],
      frames: [5, 5],
    },
  ]);
});

test('a long response that was changed in its middle is compared in blocks', async (t) => {
  const body = Array.from({ length: 3000 }, (_, index) => `line ${index}\n`).join('');
  const long = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const pieces = Array.from({ length: Math.ceil(long.length / 1000) }, (_, index) =>
    long.slice(1000 * index, 1000 * (index + 1)),
  );
  const messages = [exchange[0]!, ...pieces.map((piece) => ['server', piece] as const)];
  const { differences: found } = await differences(
    t,
    { change: ofServer((payload) => payload.replace('line 2000\n', 'LINE 2000\n')) },
    messages,
  );
  t.like(found?.[0], { kind: 'changed', from: 'server', offset: long.indexOf('line 2000\n'), length: 4 });
});

test('bytes that were added on the way are only in one of the captures', async (t) => {
  const { differences: found } = await differences(t, {
    change: ofServer((payload) => payload.replace('\r\n\r\n', '\r\nX-Added: yes\r\n\r\n')),
  });
  t.like(found?.[0], { kind: 'only', from: 'server', length: 14, frames: [5, null] });
});

test('what never arrived is named', async (t) => {
  const { differences: found } = await differences(t, {
    change: (one) => (one.at >= 4000 ? undefined : one),
  });
  t.like(found?.[0], { kind: 'rest', from: 'server', offset: 0, length: response.length, frames: [null, 5] });
});

test('a reset that only one host saw was put in between', async (t) => {
  const sent = connection(exchange, { ends: false });
  const last = sent.at(-1);
  const reset: Sent = {
    at: 6500,
    from: 'server',
    flags: 'R',
    sequence: (last?.sequence ?? 0) + response.length,
  };
  const one = capture('client.pcap', seenAt([...sent, reset], { delay: near }));
  const other = capture('server.pcap', seenAt(sent, { delay: far }));
  const { streams } = await read(t, one, other);
  t.like(streams[0]?.differences?.[0], { kind: 'reset', from: 'server', frames: [6, null] });
  t.regex(
    await text(t, one, other),
    /! the reset from the server is not the same in both: injected or swallowed/,
  );
});

test('packets that were sent again, or came in another order, are no difference', async (t) => {
  const sent = connection([...exchange, ...exchange]);
  const again = sent.find(({ payload }) => payload === request);
  const lossy = [...sent, ...(again ? [{ ...again, at: 4500 }] : [])];
  const one = capture('client.pcap', seenAt(lossy, { delay: near }));
  const late = capture('server.pcap', seenAt(sent, { delay: far }));
  const { streams } = await read(t, one, late);
  t.is(streams.length, 1);
  t.is(streams[0]?.['differences'], undefined);
});

test('the two connections of a proxy stay two, however alike their bytes are', async (t) => {
  const one = capture('front.pcap', seenAt(connection(exchange), { server: '10.0.0.5' }));
  const other = capture(
    'behind.pcap',
    seenAt(connection(exchange, { client: 2_000_000, server: 3_000_000, start: 500 }), {
      client: '10.0.0.5',
      clientPort: 50_000,
    }),
  );
  const { streams, problems, files } = await read(t, one, other);
  t.is(streams.length, 2);
  t.deepEqual(problems, ['files.nothing_in_common']);
  t.is(files[1]?.clock, undefined);
  const { stderr } = await askWirelab(['inspect', '--no-tui', one, other]);
  t.regex(stderr, /no connection is in more than one of/);
});

test('a capture that began later is recognised by addresses and bytes', async (t) => {
  const sent = connection([...exchange, ...exchange]);
  const one = capture('whole.pcap', seenAt(sent, { delay: near }));
  const other = capture('later.pcap', seenAt(sent.slice(4), { delay: far }));
  const { streams } = await read(t, other, one);
  t.is(streams.length, 1);
  t.is(streams[0]?.['file'], 1, 'the whole one is shown');
});

test('ports that are used again are two connections, each once', async (t) => {
  const first = connection(exchange);
  const second = connection(exchange, { client: 70_000_000, server: 80_000_000, start: 100_000 });
  const one = capture('client.pcap', seenAt(first, { delay: near }), seenAt(second, { delay: near }));
  const other = capture('server.pcap', seenAt(first, { delay: far }), seenAt(second, { delay: far }));
  const { streams } = await read(t, one, other);
  t.deepEqual(
    streams.map(({ stream, seen }) => [stream, seen?.length]),
    [
      [0, 2],
      [1, 2],
    ],
  );
});

/** A question and its answer, by UDP. */
function datagrams(
  { question, answer }: { readonly question: string; readonly answer: string },
  { client = '10.0.0.1', port = 5353, at = 0 } = {},
): PcapPacket[] {
  const server = '10.0.0.2';
  return [
    {
      bytes: ipv4(udp({ sourcePort: port, destinationPort: 9999, payload: question }), {
        protocol: 17,
        source: client,
        destination: server,
      }),
      microseconds: started + at,
    },
    {
      bytes: ipv4(udp({ sourcePort: 9999, destinationPort: port, payload: answer }), {
        protocol: 17,
        source: server,
        destination: client,
      }),
      microseconds: started + at + 2000,
    },
  ];
}

test('UDP is recognised by its datagrams, and one that was changed is named', async (t) => {
  const said = { question: 'where is shop.example?', answer: 'at 192.0.2.1' };
  const one = capture('client.pcap', datagrams(said));
  const behindNat = capture('server.pcap', datagrams(said, { client: '192.0.2.9', port: 1234, at: 300 }));
  const same = await read(t, one, behindNat);
  t.is(same.streams.length, 1);
  t.is(same.streams[0]?.seen?.length, 2);
  t.is(same.streams[0]?.differences, undefined);
  const lied = capture('liar.pcap', datagrams({ ...said, answer: 'at 10.0.0.66' }, { at: 300 }));
  const other = await read(t, one, lied);
  t.deepEqual(other.streams[0]?.differences, [
    { kind: 'changed', from: 'server', offset: 0, length: 12, files: [0, 1], frames: [2, 2] },
  ]);
});

test('the same file twice is said, and read once; also if one of them is compressed', async (t) => {
  const bytes = pcap(seenAt(connection(exchange)));
  const one = file('one.pcap', bytes);
  for (const other of [file('other.pcap', bytes), file('other.pcap.gz', gzipSync(bytes)), one]) {
    const { streams, problems, lines } = await read(t, one, other);
    t.is(streams.length, 1);
    t.deepEqual(problems, ['files.same']);
    t.is(lines.at(-1)?.['packets'], 10 - 2);
  }
});

test('filters, statistics, archives and --stream count a joined connection once', async (t) => {
  const sent = connection(exchange);
  const one = capture('client.pcap', seenAt(sent, { delay: near }));
  const other = file('server.pcap.gz', gzipSync(pcap(seenAt(sent, { delay: far }))));
  t.is((await read(t, one, other, '--filter', 'host == shop.example')).streams.length, 1);
  t.is((await read(t, one, other, '--filter', 'host == bank.example')).streams.length, 0);
  t.is((await read(t, one, other, '--stream', '0')).streams.length, 1);
  const missing = await askWirelab(['inspect', '--json', one, other, '--stream', '1']);
  t.is(missing.exitCode, 2);
  t.regex(await text(t, one, other, '--stats'), /^1 connection, none failed, 16 packets/);
  const har = join(folder, 'both.har');
  await text(t, one, other, '--har', har);
  const { log } = JSON.parse(readFileSync(har, 'utf8')) as { log: { entries: unknown[] } };
  t.is(log.entries.length, 1);
});

test('payload that memory has no room for is read from the file that it is in', async (t) => {
  const body = 'x'.repeat(60_000);
  const big: (readonly [From, string])[] = Array.from({ length: 40 }, () => ['server', body] as const);
  const first = connection([['client', request], ...big]);
  const second = connection([['client', request.replace('first', 'second')], ...big], {
    client: 4_000_000,
    start: 1_000_000,
  });
  const one = capture('client.pcap', seenAt(first, { delay: near }));
  const other = capture('server.pcap', seenAt(first, { delay: far }), seenAt(second, { client: '10.0.0.9' }));
  const said = await text(t, one, other, '--max-memory', '1M');
  t.regex(said, /GET \/first/);
  t.regex(said, /GET \/second/);
});

test('mistakes: a pipe among several, a file that is none, tshark', async (t) => {
  const one = capture('one.pcap', seenAt(connection(exchange)));
  for (const [words, said] of [
    [[one, '-'], /none of them can be a pipe/],
    [[one, join(folder, 'none.pcap')], /none\.pcap/],
    [[one, file('text.pcap', Buffer.from('no capture at all, but a text'))], /text\.pcap/],
    [[one, one, '--tshark'], /--tshark asks about one file/],
  ] as const) {
    const { exitCode, stderr } = await askWirelab(['inspect', '--no-tui', ...words]);
    t.is(exitCode, 2);
    t.regex(stderr, said);
  }
});

test('three hosts: the clock of one that has nothing in common with the first is found by the second', async (t) => {
  const front = connection(exchange);
  const behind = connection(exchange, { client: 2_000_000, server: 3_000_000, start: 500 });
  const one = capture('client.pcap', seenAt(front, { delay: near }));
  const two = capture(
    'router.pcap',
    seenAt(front, { delay: far, ahead: 50_000 }),
    seenAt(behind, { delay: near, ahead: 50_000, client: '10.0.0.5' }),
  );
  const three = capture('server.pcap', seenAt(behind, { delay: far, ahead: -70_000, client: '10.0.0.5' }));
  const { files, streams } = await read(t, one, two, three);
  t.deepEqual(
    files.map(({ clock }) => [clock?.['ahead'], clock?.['uncertainty']]),
    [
      [0, 0],
      [50_000 - 100, 500],
      [-70_000 - 200, 1000],
    ],
  );
  t.is(streams.length, 2);
});

test('the screen shows a joined connection once, and says which one is not the same in both', async (t) => {
  const sent = connection(exchange);
  const one = capture('client.pcap', seenAt(sent, { delay: near }));
  const other = capture(
    'server.pcap',
    seenAt(sent, { delay: far, change: ofServer((payload) => payload.replace('hello', 'HELLO')) }),
  );
  const screen = await inspectWords(t, [one, other], { columns: 200, rows: 40 });
  await screen.until(/not the same in all of the files: 1; #0 changed on the way: 5 bytes at/);
  t.regex(await screen.until(/200 OK/), /GET \/first/);
  await screen.press('g');
  await screen.until(/connections .* 1\/1/);
  await screen.press('qq');
});

test('the report is Korean where that is asked for', async (t) => {
  const sent = connection(exchange);
  const one = capture('client.pcap', seenAt(sent, { delay: near }));
  const other = capture(
    'server.pcap',
    seenAt(sent, { delay: far, change: ofServer((payload) => payload.replace('hello', 'HELLO')) }),
  );
  const said = await text(t, one, other, '--lang', 'ko');
  t.regex(said, /중간에서 바뀜: 서버가 보낸 0x[0-9a-f]+ 위치의 5바이트/);
  t.regex(said, /시각은 \S+client\.pcap의 시계를 따릅니다/);
});
