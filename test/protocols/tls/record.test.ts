import test from 'ava';
import * as fc from 'fast-check';
import { Writer } from '../../../src/core/writer.ts';
import { looksLikeTls, maxFragment } from '../../../src/protocols/tls/framing.ts';
import { RecordStream, mayBeginRecord, readRecord } from '../../../src/protocols/tls/record.ts';
import type { PlacedRecord } from '../../../src/protocols/tls/record.ts';
import { coverageFaults } from '../helpers/tree.ts';

function record(contentType: number, fragment: Uint8Array, version = 0x0303): Uint8Array {
  return new Writer()
    .uint8(contentType)
    .uint16(version)
    .vector(2, (inner) => inner.bytes(fragment))
    .finish();
}

const anyRecord = fc.record({
  contentType: fc.integer({ min: 20, max: 24 }),
  version: fc.integer({ min: 0x0300, max: 0x0304 }),
  fragment: fc.uint8Array({ maxLength: 60 }),
});

const plain = (records: readonly PlacedRecord[]) =>
  records.map(({ bytes, ...place }) => ({ ...place, bytes: bytes && Buffer.from(bytes) }));

function cut(stream: Uint8Array, sizes: readonly number[]): PlacedRecord[] {
  const reader = new RecordStream();
  const records: PlacedRecord[] = [];
  for (let at = 0, turn = 0; at < stream.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length] ?? 1);
    records.push(...reader.feed(at, stream.subarray(at, at + size)));
    at += size;
  }
  return records;
}

test('a record is read back as it was written, and every strict prefix asks for more', (t) => {
  fc.assert(
    fc.property(anyRecord, fc.nat(1000), ({ contentType, version, fragment }, base) => {
      const bytes = record(contentType, fragment, version);
      const step = readRecord(bytes, { base });
      if (!('got' in step)) throw new Error('not read');
      t.deepEqual(step.got, { contentType, version, fragment: bytes.subarray(5) });
      t.is(step.consumed, bytes.length);
      t.deepEqual(coverageFaults(step.field), []);
      for (let length = 0; length < bytes.length; length++)
        t.true('needMore' in readRecord(bytes.subarray(0, length)));
      t.true(
        bytes.length === 5 || 'malformed' in readRecord(bytes.subarray(0, bytes.length - 1), { open: false }),
      );
    }),
    { numRuns: 50 },
  );
});

test('a stream gives the same records whole, byte by byte and in odd pieces', (t) => {
  fc.assert(
    fc.property(
      fc.array(anyRecord, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (records, sizes) => {
        const stream = Buffer.concat(
          records.map(({ contentType, version, fragment }) => record(contentType, fragment, version)),
        );
        const whole = plain(new RecordStream().feed(0, stream));
        t.is(whole.length, records.length);
        t.deepEqual(plain(cut(stream, [1])), whole);
        t.deepEqual(plain(cut(stream, sizes)), whole);
      },
    ),
    { numRuns: 100 },
  );
});

test('chunks that share one slab do not run into each other', (t) => {
  const stream = Buffer.concat([record(22, Buffer.alloc(30, 1)), record(23, Buffer.alloc(30, 2))]);
  const slab = new Uint8Array(stream.length + 8);
  slab.set(stream, 8);
  const reader = new RecordStream();
  const records = [...reader.feed(0, slab.subarray(8, 18)), ...reader.feed(10, slab.subarray(18))];
  t.deepEqual(
    records.map(({ bytes }) => Buffer.from(bytes ?? [])),
    [stream.subarray(0, 35), stream.subarray(35)],
  );
});

test('bytes that come twice are skipped', (t) => {
  const stream = record(23, Buffer.alloc(30, 2));
  const reader = new RecordStream();
  t.is(reader.feed(0, stream.subarray(0, 20)).length, 0);
  t.is(reader.feed(10, stream.subarray(10)).length, 1);
  t.is(reader.feed(0, stream).length, 0);
});

test('a gap inside a record costs its bytes and nothing else; a gap over a header ends the stream', (t) => {
  const stream = Buffer.concat([record(23, Buffer.alloc(30)), record(21, Buffer.alloc(2))]);
  const inside = new RecordStream();
  inside.feed(0, stream.subarray(0, 10));
  const records = inside.feed(20, stream.subarray(20));
  t.deepEqual(
    records.map(({ bytes, start }) => [start, bytes?.length]),
    [
      [0, undefined],
      [35, 7],
    ],
  );

  const over = new RecordStream();
  over.feed(0, stream.subarray(0, 10));
  t.deepEqual(over.feed(36, stream.subarray(36)), []);
  t.is(over.fault?.malformed.kind, 'overrun');
});

test('a header that no standard allows stops the stream where it stands', (t) => {
  const good = record(22, Buffer.alloc(3));
  const bad: readonly (readonly [Uint8Array, string])[] = [
    [Uint8Array.of(25, 3, 3, 0, 1, 0), 'tls.record.content_type'],
    [Uint8Array.of(22, 2, 0, 0, 1, 0), 'tls.record.version'],
    [Uint8Array.of(22, 3, 5, 0, 1, 0), 'tls.record.version'],
    [Uint8Array.of(22, 3, 3, (maxFragment + 1) >> 8, (maxFragment + 1) & 0xff, 0), 'tls.record.length'],
  ];
  for (const [bytes, id] of bad) {
    const reader = new RecordStream();
    t.is(reader.feed(0, Buffer.concat([good, bytes, good])).length, 1);
    t.is(reader.fault?.start, good.length);
    t.is<string | undefined, string>(reader.fault?.malformed.id, id);
    const step = readRecord(bytes);
    t.true('malformed' in step && step.malformed.id === id);
  }
});

test('what a stream was cut off in is told with both lengths', (t) => {
  const reader = new RecordStream();
  t.is(reader.end(), undefined);
  reader.feed(0, record(23, Buffer.alloc(30)).subarray(0, 12));
  t.deepEqual(reader.end()?.malformed.expected, '35 bytes');
  t.deepEqual(reader.end()?.malformed.found, '12 bytes before the end');
});

test('TLS is known by its first bytes, and so is what is not', (t) => {
  const hello = record(22, Buffer.alloc(100), 0x0301);
  for (let length = 0; length < 5; length++) t.is(looksLikeTls(hello.subarray(0, length)), undefined);
  t.true(looksLikeTls(hello));
  t.true(looksLikeTls(record(21, Uint8Array.of(2, 40))));
  for (const text of [
    'GET / HTTP/1.1\r\n',
    'HTTP/1.1 400 Bad Request',
    'SSH-2.0-OpenSSH',
    '\x16\x02\x00',
    '\x16\x03\x09',
    '\x17\x03\x03\x00\x10',
  ] as const) {
    t.false(looksLikeTls(Buffer.from(text, 'latin1')), text);
  }
});

test('a hello in the form of SSL 2.0 is known, in front of the records and nowhere else', (t) => {
  const hello = Uint8Array.of(0x80, 46, 1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 4, ...new Uint8Array(34));
  const stream = Buffer.concat([hello, record(22, Buffer.alloc(9), 0x0301)]);
  for (let length = 1; length < 5; length++) t.is(looksLikeTls(hello.subarray(0, length)), undefined);
  t.true(looksLikeTls(hello));
  t.false(looksLikeTls(Uint8Array.of(0x80, 46, 4)));
  t.false(looksLikeTls(Uint8Array.of(0x80, 46, 1, 2)));
  t.false(looksLikeTls(Uint8Array.of(0x80, 46, 1, 3, 9)));
  const places = cut(stream, [stream.length]).map(({ start, end, contentType, version }) => [
    start,
    end,
    contentType,
    version,
  ]);
  t.deepEqual(places, [
    [0, 48, 0x180, 0x0301],
    [48, 62, 22, 0x0301],
  ]);
  for (const size of [1, 2, 3, 7])
    t.deepEqual(plain(cut(stream, [size])), plain(cut(stream, [stream.length])));
  const later = new RecordStream();
  later.feed(0, Buffer.concat([record(22, Buffer.alloc(9)), hello]));
  t.is(later.fault?.malformed.id, 'tls.record.content_type');
  // A length that ends within its own first bytes is no hello.
  const short = new RecordStream();
  short.feed(0, Uint8Array.of(0x80, 2, 1, 3, 1));
  t.is(short.fault?.malformed.id, 'tls.record.content_type');
});

test('every beginning of a record may be one, and that of plaintext is none', (t) => {
  fc.assert(
    fc.property(anyRecord, fc.nat({ max: 20 }), ({ contentType, version, fragment }, length) => {
      const begun = record(contentType, fragment, version).subarray(0, 1 + length);
      t.true(mayBeginRecord(begun));
    }),
  );
  t.false(mayBeginRecord(new Uint8Array(0)));
  for (const text of ['H', 'HTTP/1.1 400', '220 mail', '\u0016\u0002', '\u0016\u0003\u0009'])
    t.false(mayBeginRecord(Buffer.from(text, 'latin1')), text);
});
