import { gzipSync } from 'node:zlib';
import test from 'ava';
import * as fc from 'fast-check';
import { CaptureReader } from '../../../src/capture/file/capture-file.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { present } from '../../helpers/capture.ts';
import { ipv4, pcap, pcapngInterface, pcapngPacket, pcapngSection, tcp } from '../support/packets.ts';
import { pourInto, readCaptureFile, readIfCapture } from '../support/read.ts';

const packet = ipv4(tcp({ sourcePort: 1, destinationPort: 2, sequence: 0 }));

test('pcap and pcapng are told by their first bytes', (t) => {
  for (const bytes of [
    pcap([packet]),
    pcap([packet], { little: false, nanoseconds: true }),
    Buffer.concat([pcapngSection(), pcapngInterface(101), pcapngPacket(0, 1n, packet)]),
  ]) {
    const file = readCaptureFile(bytes);
    t.is(file.problem, undefined);
    t.deepEqual(Buffer.from(present(file.packets[0]).bytes), Buffer.from(packet));
    t.is(file.packets[0]?.linkType, 101);
  }
});

const erf = Buffer.alloc(64);
erf.writeUInt32LE(1_700_000_000, 4);
erf[8] = 2;
erf.writeUInt16BE(64, 10);

const hex = 'ab'.repeat(32);
for (const [bytes, what] of [
  ['', 'an empty file'],
  [Buffer.from([0xd4, 0xc3]), 'too short to recognize'],
  [gzipSync(pcap([packet])), 'gzip'],
  ['PK\x03\x04rest', 'zip'],
  ['BZh91AY', 'bzip2'],
  ['\xfd7zXZ\0', 'xz'],
  ['\x28\xb5\x2f\xfd....', 'zstd'],
  ['\x04\x22\x4d\x18....', 'lz4'],
  ['7z\xbc\xaf\x27\x1c', '7z'],
  [Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar\0')]), 'tar'],
  ['snoop\0\0\0\0\0\0\x02', 'snoop'],
  ['GMBU\0\x02', 'Network Monitor'],
  ['RTSS\0\x01', 'Network Monitor'],
  ['XCP\x002.00', 'NetXray'],
  [erf, 'ERF'],
  ['\x7fELF\x02\x01', 'ELF'],
  ['\xcf\xfa\xed\xfe\x07', 'Mach-O'],
  ['\x89PNG\r\n', 'picture'],
  ['%PDF-1.7', 'PDF'],
  ['-----BEGIN CERTIFICATE-----\nMII', 'PEM'],
  ['Bag Attributes\n-----BEGIN EC PARAMETERS-----\nMII', 'PEM'],
  [Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x00]), Buffer.alloc(256, 0x80)]), 'DER'],
  [`# comment\nCLIENT_RANDOM ${hex} ${hex}\n`, 'key log'],
  ['{"v":1,"kind":"began"}\n', 'JSON'],
  ['[\n  {}\n]', 'JSON'],
  ['<!doctype html><title>404', 'HTML'],
  ['12:00:00.000 IP 10.0.0.1.1 > 10.0.0.2.2: Flags [S]\n', 'text'],
  [Buffer.from('패킷을 캡처했습니다\n'), 'text'],
  ['\x0d\x0a\x0d\x0d\x0d\x0a\x1c\0\0\0', 'line ends were converted'],
  ['\x01\x02\x03\x04\x00\x01', 'not known here'],
] as const satisfies readonly (readonly [string | Uint8Array, string])[]) {
  test(`no capture: ${what} (${Buffer.from(bytes).subarray(0, 8).toString('hex')})`, (t) => {
    const mistake = present(
      t.throws(
        () =>
          readCaptureFile(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, {
            where: 'some.pcap',
          }),
        { instanceOf: UserError },
      ),
    );
    const { what: said, where, expected, received, remedy } = mistake.facts;
    t.true(said.en.includes(what), said.en);
    t.regex(said.ko, /[가-힣]/);
    t.is(where, 'some.pcap');
    for (const words of [expected, remedy]) {
      t.truthy(words?.en);
      t.regex(words?.ko ?? '', /[가-힣]/);
    }
    t.regex(received ?? '', /^[\x20-\x7e…]+$/, 'bytes of the file are shown as hex');
  });
}

test('what the remedy is hangs on what the file is', (t) => {
  const remedyOf = (bytes: Uint8Array): string =>
    present(t.throws(() => readCaptureFile(bytes), { instanceOf: UserError })).facts.remedy?.en ?? '';
  t.regex(remedyOf(gzipSync('x')), /Unpack/);
  t.regex(remedyOf(Buffer.from('snoop\0\0\0')), /editcap/);
  t.regex(remedyOf(Buffer.from(`CLIENT_RANDOM ${hex} ${hex}`)), /key log/);
  t.regex(remedyOf(Buffer.from('hello')), /tcpdump -w/);
});

test('a damaged file is no mistake: every prefix from the magic number on is read as far as it goes', (t) => {
  const files = [
    pcap([packet, packet]),
    Buffer.concat([
      pcapngSection(),
      pcapngInterface(101),
      pcapngPacket(0, 1n, packet),
      pcapngPacket(0, 2n, packet),
    ]),
  ];
  for (const whole of files) {
    let most = 0;
    for (let length = 4; length < whole.length; length++) {
      const { packets } = readCaptureFile(whole.subarray(0, length));
      t.true(packets.length === most || packets.length === most + 1);
      most = packets.length;
    }
    t.is(most, 1);
  }
});

test('a record that claims to be longer than any is not waited for in memory: it is cut, or its length is no length', (t) => {
  const before = Buffer.concat([pcapngSection(), pcapngInterface(101), pcapngPacket(0, 1n, packet)]);
  const lying = Buffer.from(pcapngPacket(0, 2n, packet));
  lying.writeUInt32LE(0x7ffffffc, 4);
  const reader = new CaptureReader({ packet: () => {} }, { windowBytes: 4096 });
  pourInto(reader, Buffer.concat([before, lying]));
  const rooms = new Set<ArrayBufferLike>();
  const zeros = new Uint8Array(4096);
  for (let times = 0; times < 1000; times++) {
    rooms.add(reader.room().buffer);
    pourInto(reader, zeros);
  }
  t.is(rooms.size, 1);
  t.is(reader.position, before.length + lying.length + 4_096_000);
  t.deepEqual(reader.end(), {
    offset: before.length,
    kind: 'cut',
    found: `${lying.length + 4_096_000} of 2147483644 bytes`,
  });
});

test('a window that is written over grows with the record that does not fit, and says the same', (t) => {
  const large = Buffer.alloc(100_000, 'x');
  const file = pcap([packet, large, packet], { snapLength: 200_000 });
  for (const keeps of [true, false]) {
    const { packets, problem } = readCaptureFile(file, { keeps, windowBytes: 100, pieceBytes: 333 });
    t.is(problem, undefined);
    t.deepEqual(
      packets.map(({ bytes }) => bytes.length),
      [packet.length, large.length, packet.length],
    );
    t.deepEqual(Buffer.from(present(packets[1]).bytes), large);
  }
});

test('random bytes are read, or are a mistake', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void readIfCapture(bytes)),
    { numRuns: 2000 },
  );
  t.pass();
});
