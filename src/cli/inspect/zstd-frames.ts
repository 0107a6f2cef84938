/**
 * Walks through the frames of a zstd file (RFC 8878 section 3.1): those with data pass, skippable ones, as pzstd writes before each,
 * are left out. `check` is given the start of each header. `ForeignData` says where something else begins behind them.
 */
import { ByteSource, ForeignData } from './byte-source.ts';

/** Magic numbers: of a frame with data, and of one that is skipped, whose lowest four bits are free. */
const dataFrame = 0xfd2f_b528;
const skippableFrame = 0x184d_2a50;

/** A header is no longer than this. */
export const longestHeader = 18;

const magicIn = (start: Uint8Array): number =>
  start.length < 4 ? 0 : new DataView(start.buffer, start.byteOffset, 4).getUint32(0, true);

export const isSkippable = (start: Uint8Array): boolean =>
  start.length >= 4 && (magicIn(start) & 0xffff_fff0) >>> 0 === skippableFrame;

export async function* zstdFrames(
  pieces: AsyncIterable<Uint8Array>,
  check: (header: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(pieces);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const start = await source.peek(longestHeader);
      if (start.length === 0 && !isFirst) return;
      if (isSkippable(start)) {
        if (start.length < 8) throw new RangeError('unexpected end of file');
        await source.skip(8 + new DataView(start.buffer, start.byteOffset).getUint32(4, true));
      } else if (magicIn(start) === dataFrame) {
        check(start);
        yield* frame(source, start);
      } else throw new ForeignData(source.offset);
    }
  } finally {
    await source.close();
  }
}

async function* frame(source: ByteSource, start: Uint8Array): AsyncGenerator<Uint8Array> {
  const descriptor = start[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionary = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const contentSize = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  yield* source.pass(5 + (isSingle ? 0 : 1) + dictionary + contentSize);
  for (let isLast = false; !isLast; ) {
    const [low = 0, middle = 0, high = 0] = await source.peek(3);
    const header = low | (middle << 8) | (high << 16);
    isLast = (header & 1) === 1;
    // A block that repeats one byte has that byte alone.
    const isRepeated = ((header >> 1) & 3) === 1;
    yield* source.pass(3 + (isRepeated ? 1 : header >> 3));
  }
  if (descriptor & 0x04) yield* source.pass(4);
}
