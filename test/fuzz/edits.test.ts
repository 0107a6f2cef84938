import test from 'ava';
import * as fc from 'fast-check';
import { cutPieces, packPieces, unpackPieces } from './chunks.ts';
import { editKinds, edited, randomEdits, randomOf } from './edits.ts';

const input = Uint8Array.from({ length: 100 }, (_, at) => at);

for (const kind of editKinds) {
  test(`${kind} changes the bytes, never those that it was given, and not beyond 64 KiB`, (t) => {
    const before = Uint8Array.from(input);
    let changed = 0;
    for (let value = 0; value < 200; value++) {
      const bytes = edited(
        input,
        [{ kind, at: value * 7, size: value % 50, value: value * 1009 }],
        Uint8Array.of(1, 2, 3),
      );
      if (Buffer.compare(bytes, input) !== 0) changed++;
      t.true(bytes.length <= 65_536);
    }
    t.deepEqual(input, before);
    t.true(changed > 50, `${changed} of 200`);
    t.notThrows(() => edited(new Uint8Array(0), [{ kind, at: 5, size: 5, value: 5 }]));
  });
}

test('the same seed makes the same edits, and many different ones', (t) => {
  const of = (seed: number) => JSON.stringify(Array.from({ length: 20 }, () => randomEdits(randomOf(seed))));
  t.is(of(1), of(1));
  t.not(of(1), of(2));
  const random = randomOf(3);
  const kinds = new Set(
    Array.from({ length: 500 }, () => randomEdits(random)).flatMap((list) => list.map(({ kind }) => kind)),
  );
  t.deepEqual([...kinds].toSorted(), [...editKinds].toSorted());
});

test('pieces are packed and unpacked, and any bytes are pieces that stand in order', (t) => {
  const pieces = [
    { from: 'client', bytes: Uint8Array.of(1, 2, 3) },
    { from: 'server', bytes: Uint8Array.of(4) },
    { from: 'client', bytes: Uint8Array.of(5) },
  ] as const;
  t.deepEqual(
    unpackPieces(packPieces(pieces)),
    [
      { from: 'client', offset: 0, bytes: Uint8Array.of(1, 2, 3) },
      { from: 'server', offset: 0, bytes: Uint8Array.of(4) },
      { from: 'client', offset: 3, bytes: Uint8Array.of(5) },
    ].map((piece, tag) => ({ ...piece, tag, bytes: Buffer.from(piece.bytes) })) as never,
  );
  t.deepEqual(
    cutPieces([{ from: 'client', offset: 3, bytes: Uint8Array.of(1, 2, 3), tag: 0 }], [2]).map(
      ({ offset, bytes }) => [offset, ...bytes],
    ),
    [
      [3, 1, 2],
      [5, 3],
    ],
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const read = unpackPieces(bytes);
      return read.every(
        ({ offset }, index) =>
          offset >= (read.slice(0, index).findLast(({ from }) => from === read[index]?.from)?.offset ?? 0),
      );
    }),
    { seed: 1 },
  );
});
