import test from 'ava';
import * as fc from 'fast-check';
import { isPcap } from '../../../src/capture/file/pcap-reader.ts';
import { present } from '../../helpers/capture.ts';
import { pcap } from '../support/packets.ts';
import { readCaptureFile, readIfCapture } from '../support/read.ts';

const packets = [
  { bytes: Buffer.from('first'), microseconds: 1_700_000_000_123_456 },
  { bytes: Buffer.from('second, cut'), microseconds: 1_700_000_001_000_001, originalLength: 1500 },
];

for (const little of [true, false]) {
  for (const nanoseconds of [true, false]) {
    test(`packets, times and lengths, ${little ? 'little' : 'big'}-endian, in ${nanoseconds ? 'nano' : 'micro'}seconds`, (t) => {
      const bytes = pcap(packets, { linkType: 113, little, nanoseconds });
      t.true(isPcap(bytes));
      const file = readCaptureFile(bytes);
      t.is(file.problem, undefined);
      t.true(file.packets.every(({ linkType }) => linkType === 113));
      t.deepEqual(
        file.packets.map((packet) => ({ ...packet, bytes: Buffer.from(packet.bytes).toString() })),
        [
          { linkType: 113, microseconds: 1_700_000_000_123_456, bytes: 'first', originalLength: 5 },
          { linkType: 113, microseconds: 1_700_000_001_000_001, bytes: 'second, cut', originalLength: 1500 },
        ],
      );
    });
  }
}

test('nanoseconds below a microsecond are cut off', (t) => {
  const bytes = Buffer.from(
    pcap([{ bytes: Buffer.from('x'), microseconds: 5_000_000 }], { nanoseconds: true }),
  );
  bytes.writeUInt32LE(1999, 28);
  t.is(readCaptureFile(bytes).packets[0]?.microseconds, 5_000_001);
});

test('a frame check sequence that the header announces is no part of the link type', (t) => {
  const bytes = Buffer.from(pcap([Buffer.from('x')], { linkType: 1 }));
  bytes.writeUInt32LE(0x24000001, 20);
  t.is(readCaptureFile(bytes).packets[0]?.linkType, 1);
});

test('the longer record header of the modified format is passed over', (t) => {
  const [whole, bytes] = [Buffer.from(pcap([])), Buffer.from('abc')];
  whole.writeUInt32LE(0xa1b2cd34, 0);
  const record = Buffer.alloc(24, 9);
  record.writeUInt32LE(1, 0);
  record.writeUInt32LE(2, 4);
  record.writeUInt32LE(bytes.length, 8);
  record.writeUInt32LE(60, 12);
  const [packet] = readCaptureFile(Buffer.concat([whole, record, bytes])).packets;
  t.deepEqual(
    { ...present(packet), bytes: Buffer.from(present(packet).bytes).toString() },
    { linkType: 101, microseconds: 1_000_002, bytes: 'abc', originalLength: 60 },
  );
});

test('before version 2.3 the original length stands before the captured one', (t) => {
  const bytes = Buffer.from(pcap([{ bytes: Buffer.from('abc'), originalLength: 60 }]));
  bytes.writeUInt16LE(2, 6);
  bytes.writeUInt32LE(60, 32);
  bytes.writeUInt32LE(3, 36);
  const packet = present(readCaptureFile(bytes).packets[0]);
  t.is(packet.bytes.length, 3);
  t.is(packet.originalLength, 60);
});

test('a length that no packet has ends the reading, and what stands before it is kept', (t) => {
  const bytes = Buffer.from(pcap([Buffer.from('kept'), Buffer.from('lies'), Buffer.from('behind')]));
  const second = 24 + 16 + 4;
  bytes.writeUInt32LE(0x7fffffff, second + 8);
  const file = readCaptureFile(bytes);
  t.is(file.packets.length, 1);
  t.deepEqual(file.problem, { offset: second + 8, kind: 'bad_length', found: '2147483647' });
});

test('every strict prefix gives the packets before the cut and names its place', (t) => {
  const whole = pcap(packets);
  const [first, second] = [24, 24 + 16 + 5];
  for (let length = 4; length < whole.length; length++) {
    const { packets: read, problem } = readCaptureFile(whole.subarray(0, length));
    t.is(read.length, length >= second ? 1 : 0, `${length}`);
    if (length === first || length === second)
      t.is(problem, undefined, 'nothing tells that more was to come');
    else
      t.like(
        problem,
        { kind: 'cut', offset: length < first ? 0 : length < second ? first : second },
        `${length}`,
      );
  }
});

test('bytes that are no such file, and files with any byte changed, never throw', (t) => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readIfCapture(bytes)));
  const whole = pcap(packets);
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const bent = Buffer.from(whole);
      bent[at] = value;
      readIfCapture(bent);
    }),
    { numRuns: 1000 },
  );
  t.pass();
});
