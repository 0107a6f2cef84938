/**
 * Decompresses the members of a gzip file (RFC 1952), one after another. Node's own reader loses what it has decompressed where
 * something else stands behind the last member; here all of it is given, and `ForeignData` says where the rest begins. Zeros behind
 * it, with which tapes and blocks are filled up, are nothing.
 */
import { crc32, createInflateRaw } from 'node:zlib';
import { ByteSource, ForeignData } from './byte-source.ts';

const hasExtra = 0x04;
const hasName = 0x08;
const hasComment = 0x10;
const hasHeaderCheck = 0x02;

export async function* gunzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = new ByteSource(pieces);
  try {
    for (let isFirst = true; ; isFirst = false) {
      const magic = await source.peek(3);
      if (magic.length === 0 && !isFirst) return;
      if (magic[0] !== 0x1f || magic[1] !== 0x8b || magic[2] !== 8) {
        if (isFirst) throw new RangeError('incorrect header');
        const { offset } = source;
        if (await isPadding(source)) return;
        throw new ForeignData(offset);
      }
      await skipHeader(source);
      yield* inflated(source);
    }
  } finally {
    await source.close();
  }
}

async function isPadding(source: ByteSource): Promise<boolean> {
  for (;;) {
    const bytes = await source.take(64 * 1024);
    if (bytes.length === 0) return true;
    if (bytes.some((byte) => byte !== 0)) return false;
  }
}

async function skipHeader(source: ByteSource): Promise<void> {
  const head = await source.peek(10);
  const flags = head[3] ?? 0;
  await source.skip(10);
  if (flags & hasExtra) {
    const [low = 0, high = 0] = await source.peek(2);
    await source.skip(2 + low + high * 256);
  }
  for (const flag of [hasName, hasComment])
    if (flags & flag) {
      let byte: number | undefined;
      do {
        [byte] = await source.take(1);
        if (byte === undefined) throw new RangeError('unexpected end of file');
      } while (byte !== 0);
    }
  if (flags & hasHeaderCheck) await source.skip(2);
}

/** The content of a member; its length and checksum are verified. No more is decompressed than is read. */
async function* inflated(source: ByteSource): AsyncGenerator<Uint8Array> {
  const inflater = createInflateRaw();
  let wake = (): void => {};
  let error: Error | undefined;
  inflater.on('readable', () => wake());
  inflater.on('error', (found) => {
    error = found;
    wake();
  });
  let fed = 0;
  let length = 0;
  let check = 0;
  try {
    for (;;) {
      const piece = await source.take(16 * 1024);
      if (piece.length === 0) throw new RangeError('unexpected end of file');
      fed += piece.length;
      let isTaken = false;
      inflater.write(piece, () => {
        isTaken = true;
        wake();
      });
      for (;;) {
        const woken = new Promise<void>((resolve) => (wake = resolve));
        const bytes = inflater.read() as Uint8Array | null;
        if (bytes) {
          length = (length + bytes.length) >>> 0;
          check = crc32(bytes, check);
          yield bytes;
        } else if (error) throw error;
        else if (isTaken) break;
        else await woken;
      }
      // What the stream does not take stands behind its end.
      const left = fed - inflater.bytesWritten;
      if (left === 0) continue;
      source.unread(piece.subarray(piece.length - left));
      break;
    }
  } finally {
    inflater.destroy();
  }
  const trailer = await source.peek(8);
  if (trailer.length < 8) throw new RangeError('unexpected end of file');
  const view = new DataView(trailer.buffer, trailer.byteOffset, 8);
  if (view.getUint32(0, true) !== check || view.getUint32(4, true) !== length)
    throw new RangeError('incorrect data check');
  await source.skip(8);
}
