import test from 'ava';
import * as fc from 'fast-check';
import { Lz4Decoder } from '../../../src/capture/file/lz4.ts';

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

interface FrameFacts {
  /** Of the descriptor: 0x40 is the version, 0x20 independent blocks, 0x10 block checksums, 0x04 a content checksum. */
  readonly flags?: number;
  readonly blocks: readonly { readonly body: Uint8Array; readonly isStored?: boolean }[];
}

/** Checksums are zero: nobody asks for them. */
function frame({ flags = 0x40, blocks }: FrameFacts): Buffer {
  const checksum = (flags & 0x10) === 0 ? Buffer.alloc(0) : Buffer.alloc(4);
  return Buffer.concat([
    u32(0x184d2204),
    Buffer.of(flags, 0x40, 0),
    ...blocks.flatMap(({ body, isStored = false }) => [
      u32(body.length + (isStored ? 0x80000000 : 0)),
      body,
      checksum,
    ]),
    u32(0),
    ...((flags & 0x04) === 0 ? [] : [Buffer.alloc(4)]),
  ]);
}

function textOf(bytes: Uint8Array, pieceLength = bytes.length): string {
  const decoder = new Lz4Decoder();
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength)
    for (const part of decoder.feed(bytes.subarray(at, at + pieceLength))) parts.push(part);
  if (!decoder.isComplete) throw new RangeError('incomplete');
  return Buffer.concat(parts).toString('latin1');
}

/** `abc`, then nine bytes from three before (abcabcabc), then `x`. */
const repeated = Buffer.from([0x35, 0x61, 0x62, 0x63, 3, 0, 0x10, 0x78]);
/** Four bytes from three before what this block holds: only with the block before it. */
const dependent = Buffer.from([0x00, 3, 0, 0x10, 0x79]);

const wholes: readonly (readonly [name: string, bytes: Buffer, text: string])[] = [
  ['a match that overlaps itself', frame({ blocks: [{ body: repeated }] }), 'abcabcabcabcx'],
  ['a stored block', frame({ blocks: [{ body: Buffer.from('as it is'), isStored: true }] }), 'as it is'],
  [
    'a block that looks back into the one before',
    frame({ blocks: [{ body: repeated }, { body: dependent }] }),
    'abcabcabcabcxbcxby',
  ],
  [
    'checksums',
    frame({ flags: 0x74, blocks: [{ body: repeated }, { body: repeated }] }),
    'abcabcabcabcxabcabcabcabcx',
  ],
  [
    'two frames, with one between that is to be skipped',
    Buffer.concat([
      frame({ blocks: [{ body: repeated }] }),
      u32(0x184d2a53),
      u32(3),
      Buffer.from('no!'),
      frame({ blocks: [{ body: repeated }] }),
    ]),
    'abcabcabcabcxabcabcabcabcx',
  ],
  ['nothing', frame({ blocks: [] }), ''],
];

for (const [name, bytes, text] of wholes)
  test(`LZ4: ${name}, whole and byte by byte; a part of it is incomplete`, (t) => {
    t.is(textOf(bytes), text);
    t.is(textOf(bytes, 1), text);
    for (let length = 1; length < bytes.length; length++) {
      const decoder = new Lz4Decoder();
      let read = '';
      for (const part of decoder.feed(bytes.subarray(0, length)))
        read += Buffer.from(part).toString('latin1');
      t.true(text.startsWith(read));
    }
  });

test('a match before the first byte, a block beyond its frame, and other files are refused', (t) => {
  const bad = [
    frame({ flags: 0x60, blocks: [{ body: repeated }, { body: dependent }] }),
    frame({ blocks: [{ body: Buffer.from([0xf0, 255, 255]) }] }),
    Buffer.concat([u32(0x184d2204), Buffer.of(0x40, 0x40, 0), u32(100_000)]),
    Buffer.concat([u32(0x184d2204), Buffer.of(0x41, 0x40, 0), u32(0)]),
    Buffer.from('not LZ4 at all'),
  ];
  for (const bytes of bad) t.throws(() => textOf(bytes), { instanceOf: RangeError });
});

test('any bytes in a block end in bytes or in a RangeError, and never in more than the block may hold', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
      try {
        t.true(textOf(frame({ blocks: [{ body }] })).length <= 65_536);
      } catch (error) {
        t.true(error instanceof RangeError);
      }
    }),
    { numRuns: 300 },
  );
});
