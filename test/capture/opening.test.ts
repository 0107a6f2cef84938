import test from 'ava';
import { array, assert, constantFrom, integer, nat, property, uint8Array } from 'fast-check';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureReader } from '../../src/capture/file/capture-file.ts';
import { OpeningFinder } from '../../src/capture/opening.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { fromClient, hello, opened, segment } from './support/opening.ts';
import { pcap } from './support/packets.ts';
import type { PcapPacket } from './support/packets.ts';

const tls = opened({ client: { isn: 1000 }, server: { isn: 5000 } });

function find(packets: readonly (PcapPacket | Uint8Array)[]): OpeningFinder {
  return findIn(pcap(packets, { linkType: 1 }));
}

function findIn(file: Uint8Array): OpeningFinder {
  const finder = new OpeningFinder();
  const reader = new CaptureReader(finder);
  for (let at = 0; at < file.length; ) {
    const room = reader.room();
    const part = file.subarray(at, at + room.length);
    room.set(part);
    reader.took(part.length);
    at += part.length;
  }
  return finder;
}

const framesOf = ({ found }: OpeningFinder): readonly (number | undefined)[] | undefined =>
  found?.packets.map(({ captured }) => captured?.frame);

test('three packets with their numbers, times and options', (t) => {
  const began = 1_700_000_000_000_000;
  const { found, hasOpening, hasTls } = find(
    tls.map((bytes, index) => ({ bytes, microseconds: began + 150 * index })),
  );
  t.true(hasOpening && hasTls);
  t.deepEqual(found, {
    client: { host: '10.0.0.1', port: 40_000 },
    server: { host: '10.0.0.2', port: 443 },
    since: began,
    isDrawn: false,
    packets: [
      {
        from: 'client',
        flags: ['SYN'],
        captured: {
          frame: 1,
          at: 0,
          sequence: 1000,
          window: 64_240,
          payload: 0,
          options: [
            { name: 'mss', kind: 2, value: 1460 },
            { name: 'sack_permitted', kind: 4 },
            { name: 'timestamps', kind: 8, value: 0x01020304 },
            { name: 'window_scale', kind: 3, value: 7 },
          ],
        },
      },
      {
        from: 'server',
        flags: ['SYN', 'ACK'],
        captured: {
          frame: 2,
          at: 150,
          sequence: 5000,
          acknowledged: 1001,
          window: 65_535,
          payload: 0,
          options: [{ name: 'mss', kind: 2, value: 1420 }],
        },
      },
      {
        from: 'client',
        flags: ['ACK'],
        captured: {
          frame: 3,
          at: 300,
          sequence: 1001,
          acknowledged: 5001,
          window: 502,
          payload: 0,
          options: [],
        },
      },
    ],
  });
});

test('numbers that turn over belong to each other', (t) => {
  t.deepEqual(
    framesOf(find(opened({ client: { isn: 2 ** 32 - 1 }, server: { isn: 2 ** 32 - 1 } }))),
    [1, 2, 3],
  );
});

test('the first connection of TLS is told, whatever was said in plaintext before it', (t) => {
  const plain = opened({
    client: { port: 41_000, isn: 7 },
    server: { isn: 9 },
    says: Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    port: 80,
  });
  const second = opened({ client: { port: 42_000, isn: 70 }, server: { isn: 90 } });
  const finder = find([...plain, ...tls, ...second]);
  t.deepEqual(framesOf(finder), [5, 6, 7]);
  t.is(finder.found?.client.port, 40_000);
  // Of two that are opened one in the other, the one that says hello first.
  const [syn, answer, ack, says] = tls as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  t.is(find([syn, answer, ack, ...second, says]).found?.client.port, 42_000);
});

test('a ClientHello in pieces, one behind STARTTLS, and one in the third packet itself are found', (t) => {
  const [syn, answer, ack] = tls as [Uint8Array, Uint8Array, Uint8Array];
  const says = (offset: number, payload: Uint8Array): Uint8Array =>
    fromClient(
      segment({
        sourcePort: 40_000,
        destinationPort: 443,
        sequence: 1001 + offset,
        acknowledged: 5001,
        flags: 'P',
        payload,
      }),
    );
  for (let cut = 1; cut < hello.length; cut++)
    t.deepEqual(
      framesOf(find([syn, answer, ack, says(0, hello.subarray(0, cut)), says(cut, hello.subarray(cut))])),
      [1, 2, 3],
      `${cut}`,
    );
  t.deepEqual(
    framesOf(
      find([
        syn,
        answer,
        ack,
        ...Array.from(hello, (_, index) => says(index, hello.subarray(index, index + 1))),
      ]),
    ),
    [1, 2, 3],
  );
  t.deepEqual(
    framesOf(find([syn, answer, ack, says(0, Buffer.from('STARTTLS\r\n')), says(10, hello)])),
    [1, 2, 3],
  );
  const inThird = find([syn, answer, says(0, hello)]);
  t.deepEqual(framesOf(inThird), [1, 2, 3]);
  t.is(inThird.found?.packets[2].captured?.payload, hello.length);
});

test('of a packet that was sent again the last before its answer counts; what was captured twice changes nothing', (t) => {
  const [syn, answer, ack, says] = tls as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  t.deepEqual(framesOf(find([syn, syn, answer, ack, says])), [2, 3, 4]);
  t.deepEqual(framesOf(find([syn, answer, answer, ack, says])), [1, 3, 4]);
  t.deepEqual(framesOf(find([syn, syn, answer, answer, ack, ack, says, says])), [2, 4, 5]);
  t.deepEqual(framesOf(find([syn, answer, ack, syn, says])), [1, 2, 3]);
});

test('a new SYN on the same ports begins anew, and an answer to another number answers nothing', (t) => {
  const [syn] = tls as [Uint8Array];
  const again = opened({ client: { isn: 2000 }, server: { isn: 6000 } });
  t.deepEqual(framesOf(find([syn, ...again])), [2, 3, 4]);
  t.deepEqual(framesOf(find([...tls.slice(0, 3), ...again])), [4, 5, 6]);
  const [, answer, ack, says] = again as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const mixed = find([syn, answer, ack, says]);
  t.is(mixed.found, undefined);
  t.true(mixed.hasTls);
  t.false(mixed.hasOpening);
});

test('what is missing is told apart: any of the three, the hello, or all', (t) => {
  for (const absent of [0, 1, 2]) {
    const finder = find(tls.filter((_, index) => index !== absent));
    // The hello acknowledges too: it stands for the third where that was lost.
    t.deepEqual(framesOf(finder), absent === 2 ? [1, 2, 3] : undefined, `${absent}`);
    t.true(finder.hasTls);
  }
  const silent = find(tls.slice(0, 3));
  t.deepEqual([silent.found, silent.hasOpening, silent.hasTls], [undefined, true, false]);
  const none = find([]);
  t.deepEqual([none.found, none.hasOpening, none.hasTls], [undefined, false, false]);
});

test('options that lie are read up to the lie', (t) => {
  const [, ...rest] = tls;
  const told = (hex: string): readonly string[] => {
    const options = Buffer.from(hex, 'hex');
    const syn = fromClient(
      segment({ sourcePort: 40_000, destinationPort: 443, sequence: 1000, flags: 'S' }, options),
    );
    return (find([syn, ...rest]).found?.packets[0].captured?.options ?? []).map(
      ({ name, kind, value }) => `${name} ${kind}${value === undefined ? '' : ` ${value}`}`,
    );
  };
  t.deepEqual(told('020405b400000000'), ['mss 2 1460']);
  t.deepEqual(told('020405b403000000'), ['mss 2 1460']);
  t.deepEqual(told('020405b403010000'), ['mss 2 1460']);
  t.deepEqual(told('020405b40804ffff'), ['mss 2 1460', 'other 8']);
  t.deepEqual(told('01010101080a0102'), []);
  t.deepEqual(told('2204aabb03030e00'), ['other 34', 'window_scale 3 14']);
  t.deepEqual(told('02ff05b4'), []);
});

test('any bytes, and every beginning of a file, are survived', (t) => {
  const file = pcap(tls, { linkType: 1 });
  for (let length = 24; length < file.length; length++)
    t.is(findIn(file.subarray(0, length)).found, undefined);
  assert(
    property(
      array(uint8Array({ maxLength: 120 }), { maxLength: 20 }),
      constantFrom(0, 1, 101, 113, 276),
      (packets, linkType) => void findIn(pcap(packets, { linkType })),
    ),
  );
  assert(
    property(nat(3), nat(99), integer({ min: 0, max: 255 }), (which, at, value) => {
      const spoilt = tls.map((bytes, index) =>
        index === which ? Buffer.from(bytes).fill(value, at % bytes.length, (at % bytes.length) + 1) : bytes,
      );
      const { found } = find(spoilt);
      t.true(found === undefined || found.packets.length === 3);
    }),
  );
});

test('of connections that are never opened only so many wait, and the newest is still found', (t) => {
  const finder = new OpeningFinder();
  const feed = (bytes: Uint8Array): void =>
    finder.packet({
      linkType: 1,
      microseconds: 1,
      bytes,
      view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length),
      start: 0,
      end: bytes.length,
      originalLength: bytes.length,
    });
  for (const bytes of opened({ client: { port: 1, isn: 1 }, server: { isn: 1 } }).slice(0, 3)) feed(bytes);
  for (let port = 2; port < 20_000; port++)
    feed(fromClient(segment({ sourcePort: port, destinationPort: 443, sequence: port, flags: 'S' })));
  for (const bytes of opened({ client: { port: 1, isn: 1 }, server: { isn: 1 } }).slice(3)) feed(bytes);
  t.is(finder.found, undefined, 'the oldest is forgotten');
  for (const bytes of tls) feed(bytes);
  t.is(finder.found?.client.port, 40_000);
});

withPeer('tshark', 'tshark reads the same numbers out of the same packets', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-opening-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = pcap(tls, { linkType: 1 });
  writeFileSync(join(folder, 'it.pcap'), file);
  const fields = [
    'frame.number',
    'tcp.seq_raw',
    'tcp.ack_raw',
    'tcp.window_size_value',
    'tcp.options.mss_val',
    'tcp.options.wscale.shift',
    'tcp.options.timestamp.tsval',
  ];
  const { stdout, stderr } = await runProgram(
    'tshark',
    ['-r', join(folder, 'it.pcap'), '-T', 'fields', ...fields.flatMap((field) => ['-e', field])],
    { env: { ...process.env, HOME: folder } },
  );
  const own = findIn(file).found?.packets.map(({ captured }) => {
    const value = (wanted: string): string =>
      String(captured?.options.find(({ name }) => name === wanted)?.value ?? '');
    return [
      captured?.frame,
      captured?.sequence,
      captured?.acknowledged ?? 0,
      captured?.window,
      value('mss'),
      value('window_scale'),
      value('timestamps'),
    ].join('\t');
  });
  t.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .slice(0, 3)
      .map((line) => line.trimEnd()),
    own?.map((line) => line.trimEnd()),
    stderr,
  );
});
