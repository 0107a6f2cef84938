/** What a worker hands over is what the supervisor reads, however the pipe cuts it. */
import test from 'ava';
import { FrameReader, frameKinds, FrameWriter, readState } from '../../../../src/cli/proxy/workers/frames.ts';

interface Read {
  readonly kind: number;
  readonly seq: number;
  readonly text: string;
}

function readIn(bytes: Uint8Array, pieceBytes: number): readonly Read[] {
  const frames: Read[] = [];
  const reader = new FrameReader(({ kind, seq, content }) =>
    frames.push({ kind, seq, text: content.toString('latin1') }),
  );
  for (let at = 0; at < bytes.length; at += pieceBytes)
    reader.read(Buffer.from(bytes.subarray(at, at + pieceBytes)));
  return frames;
}

function written(fill: (writer: FrameWriter) => void): { readonly bytes: Buffer; readonly writes: number } {
  const pieces: Buffer[] = [];
  const writer = new FrameWriter(
    (bytes) => pieces.push(Buffer.from(bytes)),
    () => ({ seq: 99, open: 3, nextConnection: 41 }),
  );
  fill(writer);
  writer.flush();
  return { bytes: Buffer.concat(pieces), writes: pieces.length };
}

const some = written((writer) => {
  writer.line(5, 'first');
  writer.line(5, 'of the same event: 한국어');
  writer.packets(6, [Uint8Array.of(1, 2, 3), Uint8Array.of(4)]);
  writer.line(6, 'then');
  writer.key(7, 'CLIENT_RANDOM a b');
  writer.crowding(8, { why: 'open' });
  writer.place(['arrive', 12]);
}).bytes;

test('lines of one event are one frame; kinds, numbers and contents come across, in order', (t) => {
  const frames = readIn(some, some.length);
  t.deepEqual(
    frames.map(({ kind, seq }) => [kind, seq]),
    [
      [frameKinds.state, 0],
      [frameKinds.lines, 5],
      [frameKinds.packets, 6],
      [frameKinds.lines, 6],
      [frameKinds.key, 7],
      [frameKinds.crowding, 8],
      [frameKinds.place, 0],
      [frameKinds.mark, 99],
    ],
  );
  t.is(Buffer.from(frames[1]?.text ?? '', 'latin1').toString(), 'first\nof the same event: 한국어\n');
  t.deepEqual([...Buffer.from(frames[2]?.text ?? '', 'latin1')], [2, 0, 0, 0, 1, 2, 3, 4]);
  t.is(frames[6]?.text, '["arrive",12]');
});

for (const pieceBytes of [1, 2, 3, 7, 13, 14, 64])
  test(`the same in pieces of ${pieceBytes} bytes`, (t) =>
    t.deepEqual(readIn(some, pieceBytes), readIn(some, some.length)));

test('a frame that is cut off is not given', (t) => {
  const whole = readIn(some, some.length);
  for (let length = 0; length < some.length; length++) {
    const frames = readIn(some.subarray(0, length), 5);
    t.true(frames.length < whole.length);
    t.deepEqual(frames, whole.slice(0, frames.length));
  }
});

test('the state comes before what it counts', (t) => {
  const states: unknown[] = [];
  new FrameReader((frame) => {
    if (frame.kind === frameKinds.state) states.push(readState(frame));
  }).read(some);
  t.deepEqual(states, [{ open: 3, nextConnection: 41 }]);
});

test('much is written in several pieces, and a frame that is larger than all of them is whole', (t) => {
  const large = new Uint8Array(3_000_000).fill(7);
  const { bytes, writes } = written((writer) => {
    writer.packets(1, [large]);
    for (let seq = 2; seq < 4000; seq++) writer.line(seq, 'x'.repeat(100));
  });
  t.true(writes > 3, `${writes}`);
  const frames = readIn(bytes, 65_536);
  t.is(frames.find(({ kind }) => kind === frameKinds.packets)?.text.length, large.length + 4);
  t.is(frames.filter(({ kind }) => kind === frameKinds.lines).length, 3998);
});

test('bytes that are no frames are our own mistake', (t) => {
  t.throws(() => new FrameReader(() => {}).read(Buffer.alloc(64)), { message: /a frame of 0 bytes/ });
});
