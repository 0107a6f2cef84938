/**
 * Decompresses a capture as it is read: gzip, zstd and LZ4, recognised by their first bytes, never by name. It decides how;
 * `input.ts` provides the bytes. What is damaged or cut ends the stream, and `fault` says so: what comes before is read.
 *
 * 1. Memory is bounded by what the formats look back: 64 KiB for LZ4, for zstd the window, of which more than
 *    `largestWindow` is refused.
 * 2. zstd is Node's own where it has it (22.15 and newer); else fzstd, which is loaded only then.
 */
import type { Transform } from 'node:stream';
import type { Localized } from '../../i18n/language.ts';
import { grouped } from '../../i18n/number.ts';
import { UserError } from '../../i18n/user-error.ts';
import { ForeignData } from './byte-source.ts';
import { isSkippable, zstdFrames } from './zstd-frames.ts';

export type Compression = 'gzip' | 'zstd' | 'lz4';

const magics: Readonly<Record<Compression, readonly number[]>> = {
  gzip: [0x1f, 0x8b, 0x08],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
  lz4: [0x04, 0x22, 0x4d, 0x18],
};

/** So many first bytes are enough to recognise any. */
export const magicLength = 4;

export function compressionOf(bytes: Uint8Array): Compression | undefined {
  if (isSkippable(bytes)) return 'zstd';
  return (Object.keys(magics) as Compression[]).find((name) =>
    magics[name].every((byte, index) => bytes[index] === byte),
  );
}

/** Where the compressed bytes could not be read on. */
export interface CompressionFault {
  fault?: Localized;
}

type Bytes = AsyncIterable<Uint8Array>;

/** @param outcome is told what ended the stream early */
export async function* decompressed(
  compression: Compression,
  source: Bytes,
  outcome: CompressionFault,
): AsyncGenerator<Uint8Array> {
  try {
    yield* decoders[compression](source);
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof ForeignData) {
      outcome.fault = foreign(compression, error.offset);
      return;
    }
    const detail = error instanceof Error ? error.message : String(error);
    outcome.fault = {
      en: `the ${compression} data are damaged or cut (${detail}); everything before was read`,
      ko: `${compression} 데이터가 손상되었거나 잘렸습니다(${detail}). 그 앞까지 읽었습니다`,
    };
  }
}

/** All that was compressed is there. */
function foreign(compression: Compression, offset: number): Localized {
  const at = grouped(offset);
  return {
    en: `behind the ${compression} data, from byte ${at} of the file on, stands something else: it was not read`,
    ko: `파일의 ${at}바이트부터는 ${compression} 데이터가 아닌 내용이어서 읽지 않았습니다`,
  };
}

const decoders: Readonly<Record<Compression, (source: Bytes) => AsyncGenerator<Uint8Array>>> = {
  async *gzip(source) {
    const { gunzipped } = await import('./gzip-members.ts');
    yield* gunzipped(source);
  },
  async *zstd(source) {
    const zlib = await import('node:zlib');
    const create = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;
    const end: { foreign?: ForeignData } = {};
    const frames = onlyFrames(source, end);
    if (create) yield* through(frames, create());
    else yield* inScript(frames);
    if (end.foreign) throw end.foreign;
  },
  async *lz4(source) {
    const { Lz4Decoder } = await import('../../capture/file/lz4.ts');
    const decoder = new Lz4Decoder();
    for await (const bytes of source) yield* decoder.feed(bytes);
    if (!decoder.isComplete) throw new RangeError('unexpected end of file');
  },
};

/** Both ends are awaited: no more is decompressed than is read. */
async function* through(source: Bytes, transform: Transform): AsyncGenerator<Uint8Array> {
  const { Readable, pipeline } = await import('node:stream');
  const input = Readable.from(source, { objectMode: false });
  // The iterator reports the error.
  pipeline(input, transform, () => {});
  yield* transform as AsyncIterable<Uint8Array>;
}

/** As zstd itself refuses without --long. */
const largestWindow = 128 * 1024 * 1024;

async function* inScript(source: Bytes): AsyncGenerator<Uint8Array> {
  const { Decompress } = await import('fzstd');
  let parts: Uint8Array[] = [];
  let isOver = false;
  const decoder = new Decompress((bytes, isLast) => {
    if (bytes.length > 0) parts.push(bytes);
    isOver = isLast === true;
  });
  for await (const bytes of source) {
    // Its output for one input is at once in memory: a block decompresses to 128 KiB at most, from a few bytes.
    for (let at = 0; at < bytes.length; at += smallInput) {
      decoder.push(bytes.subarray(at, at + smallInput));
      yield* parts;
      parts = [];
    }
  }
  decoder.push(new Uint8Array(0), true);
  yield* parts;
  if (!isOver) throw new RangeError('unexpected end of file');
}

const smallInput = 1024;

/** What stands behind the frames is told at their end: what was compressed comes first. */
async function* onlyFrames(source: Bytes, end: { foreign?: ForeignData }): AsyncGenerator<Uint8Array> {
  try {
    yield* zstdFrames(source, refuseLargeWindow);
  } catch (error) {
    if (!(error instanceof ForeignData)) throw error;
    end.foreign = error;
  }
}

/** RFC 8878 section 3.1.1.1: how much of its output a decoder has to remember. */
function refuseLargeWindow(start: Uint8Array): void {
  const descriptor = start[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const exponent = (start[5] ?? 0) >> 3;
  const size = isSingle
    ? contentSizeOf(start, descriptor)
    : 2 ** (10 + exponent) * (1 + ((start[5] ?? 0) & 7) / 8);
  if (size <= largestWindow) return;
  throw new UserError({
    what: {
      en: 'the zstd file needs too much memory to decompress',
      ko: 'zstd 파일을 푸는 데 메모리가 너무 많이 듭니다',
    },
    expected: { en: 'a window of 128 MiB at most', ko: '128 MiB 이하의 윈도' },
    received: `${Math.round(size / 2 ** 20)} MiB`,
    remedy: {
      en: 'Decompress it first: zstd -d --long=31 FILE',
      ko: '먼저 압축을 푸세요: zstd -d --long=31 파일',
    },
  });
}

function contentSizeOf(start: Uint8Array, descriptor: number): number {
  const at = 5 + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  const length = [1, 2, 4, 8][descriptor >> 6] ?? 1;
  let size = 0;
  for (let index = length - 1; index >= 0; index--) size = size * 256 + (start[at + index] ?? 0);
  return size;
}
