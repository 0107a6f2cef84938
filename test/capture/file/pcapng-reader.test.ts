import test from 'ava';
import { present } from '../../helpers/capture.ts';
import { readCaptureFile } from '../support/read.ts';
import {
  pcapngBlock,
  pcapngInterface,
  pcapngPacket,
  pcapngSection,
  uint16,
  uint32,
} from '../support/packets.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

test('sections of different byte orders follow each other, and each numbers its interfaces anew', (t) => {
  const file = readCaptureFile(
    Buffer.concat([
      pcapngSection(true),
      pcapngInterface(1),
      pcapngInterface(113),
      pcapngPacket(1, 10n, Buffer.from('sll')),
      pcapngSection(false),
      pcapngInterface(101, [], false),
      pcapngPacket(0, 20n, Buffer.from('raw'), false),
    ]),
  );
  t.is(file.problem, undefined);
  t.deepEqual(
    file.interfaces.map(({ linkType }) => linkType),
    [1, 113, 101],
  );
  t.deepEqual(
    file.packets.map(({ interface: id, microseconds, bytes }) => [id, microseconds, text(bytes)]),
    [
      [1, 10, 'sll'],
      [2, 20, 'raw'],
    ],
  );
});

test('a packet whose interface only another section has ends the reading', (t) => {
  const before = Buffer.concat([pcapngSection(), pcapngInterface(1), pcapngSection(false)]);
  const { problem } = readCaptureFile(Buffer.concat([before, pcapngPacket(0, 1n, Buffer.from('x'), false)]));
  t.deepEqual(problem, { offset: before.length + 8, kind: 'unknown_interface', found: '0' });
});

const time = 1_700_000_000n;
for (const [name, option, value] of [
  ['none, which is microseconds', [], time * 1_000_000n + 5n],
  ['milliseconds', [[9, Uint8Array.of(3)]], time * 1000n],
  ['nanoseconds', [[9, Uint8Array.of(9)]], time * 1_000_000_000n + 5_999n],
  ['2^-10 seconds', [[9, Uint8Array.of(0x8a)]], time << 10n],
  ['2^-20 seconds', [[9, Uint8Array.of(0x94)]], (time << 20n) + 6n],
] as const satisfies readonly (readonly [string, readonly (readonly [number, Uint8Array])[], bigint])[]) {
  test(`the resolution of an interface: ${name}`, (t) => {
    const file = readCaptureFile(
      Buffer.concat([
        pcapngSection(),
        pcapngInterface(101, option),
        pcapngPacket(0, value, Buffer.from('x')),
      ]),
    );
    const expected = name.includes('milli') || name.includes('-10') ? 0 : 5;
    t.is(file.packets[0]?.microseconds, Number(time) * 1_000_000 + expected);
  });
}

test('the time offset of an interface is added, also a negative one', (t) => {
  const offset = Buffer.alloc(8);
  for (const seconds of [1_000n, -1_000n]) {
    offset.writeBigInt64LE(seconds);
    const file = readCaptureFile(
      Buffer.concat([
        pcapngSection(),
        pcapngInterface(101, [[14, offset]]),
        pcapngPacket(0, time * 1_000_000n, Buffer.from('x')),
      ]),
    );
    t.is(file.packets[0]?.microseconds, Number((time + seconds) * 1_000_000n));
  }
});

test('a simple packet is of the first interface, cut to its limit, and has the time of the packet before it', (t) => {
  const simple = (length: number, bytes: string): Uint8Array =>
    pcapngBlock(3, Buffer.concat([uint32(length), Buffer.from(bytes)]));
  const file = readCaptureFile(
    Buffer.concat([
      pcapngSection(),
      pcapngInterface(1, [], true, 6),
      pcapngInterface(101),
      simple(3, 'abc'),
      pcapngPacket(1, 77n, Buffer.from('x')),
      simple(1500, 'abcdef'),
    ]),
  );
  t.is(file.problem, undefined);
  t.deepEqual(
    file.packets.map((packet) => ({ ...packet, bytes: text(packet.bytes) })),
    [
      { interface: 0, linkType: 1, microseconds: 0, bytes: 'abc', originalLength: 3 },
      { interface: 1, linkType: 101, microseconds: 77, bytes: 'x', originalLength: 1 },
      { interface: 0, linkType: 1, microseconds: 77, bytes: 'abcdef', originalLength: 1500 },
    ],
  );
});

test('an obsolete packet block is read', (t) => {
  const body = Buffer.concat([
    uint16(1),
    uint16(9),
    uint32(0),
    uint32(5),
    uint32(2),
    uint32(60),
    Buffer.from('hi'),
  ]);
  const file = readCaptureFile(
    Buffer.concat([pcapngSection(), pcapngInterface(1), pcapngInterface(101), pcapngBlock(2, body)]),
  );
  t.deepEqual(
    { ...present(file.packets[0]), bytes: text(present(file.packets[0]).bytes) },
    { interface: 1, linkType: 101, microseconds: 5, bytes: 'hi', originalLength: 60 },
  );
});

test('secrets of TLS are lines, whatever ends them; those of another protocol and unknown blocks are passed over', (t) => {
  const secrets = (type: number, lines: string): Uint8Array =>
    pcapngBlock(0x0a, Buffer.concat([uint32(type), uint32(lines.length), Buffer.from(lines)]));
  const file = readCaptureFile(
    Buffer.concat([
      pcapngSection(),
      secrets(0x544c534b, 'one\r\ntwo\n'),
      secrets(0x57474b4c, 'wireguard'),
      pcapngBlock(0x0bad, Buffer.from('custom')),
      pcapngInterface(1),
      secrets(0x544c534b, 'three'),
    ]),
  );
  t.is(file.problem, undefined);
  t.deepEqual(file.keylog, ['one', 'two', 'three']);
});

for (const [name, length] of [
  ['zero', 0],
  ['shorter than a block', 8],
  ['odd', 33],
  ['beyond the file', 4096],
  ['the largest', 0xfffffffc],
] as const) {
  test(`a block whose length lies (${name}) ends the reading with what stands before it`, (t) => {
    const before = Buffer.concat([
      pcapngSection(),
      pcapngInterface(101),
      pcapngPacket(0, 1n, Buffer.from('kept')),
    ]);
    const lying = Buffer.from(pcapngPacket(0, 2n, Buffer.from('lost')));
    lying.writeUInt32LE(length, 4);
    const file = readCaptureFile(Buffer.concat([before, lying]));
    t.is(file.packets.length, 1);
    t.true(file.problem?.kind === 'bad_length' || file.problem?.kind === 'cut');
    t.true((file.problem?.offset ?? 0) >= before.length);
  });
}

test('the lengths inside packet blocks are held against the block', (t) => {
  for (const [type, at] of [
    [6, 12],
    [2, 12],
    [3, 0],
  ] as const) {
    const body = Buffer.concat([uint32(0), uint32(0), uint32(0), uint32(4), uint32(4), Buffer.from('abcd')]);
    body.writeUInt32LE(0xfffffff0, at);
    const { packets, problem } = readCaptureFile(
      Buffer.concat([pcapngSection(), pcapngInterface(101), pcapngBlock(type, body)]),
    );
    t.is(packets.length, 0);
    t.is(problem?.kind, 'bad_length', `type ${type}`);
  }
});
