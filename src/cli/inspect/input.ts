/**
 * Provides the bytes of a capture: from a file, which can be read twice and at random, from a compressed file, which can
 * be read twice, or from a pipe. `capture/` parses them.
 */
import { closeSync, readSync } from 'node:fs';
import { compressionOf, decompressed, magicLength } from './decompress.ts';
import type { Compression, CompressionFault } from './decompress.ts';
import type { CaptureReader } from '../../capture/file/capture-file.ts';
import type { Localized } from '../../i18n/language.ts';
import { openFile } from '../../i18n/read-file.ts';

export interface CaptureInput {
  /** In bytes; undefined for a pipe and for a compressed file. Only an input with a size can be read at random. */
  readonly size: number | undefined;
  /** It can be read twice. */
  readonly canRewind: boolean;
  /** Why it ended early, where its compression is the reason. */
  readonly fault?: Localized | undefined;
  /** Fills the start of `room`; returns 0 at the end. */
  read(room: Uint8Array): number | Promise<number>;
  /** Rewinds to the start. */
  rewind(): void;
  /** Fills `room` from that offset, as far as there is data; returns the number of bytes. */
  readAt(position: number, room: Uint8Array): number;
  close(): void;
}

/** @throws UserError if it is missing, is not a file, or cannot be read. */
export function openInput(path: string): CaptureInput {
  const { descriptor, size } = openFile(path);
  const compression = size === undefined ? undefined : compressionAt(descriptor);
  if (compression) return compressedInput(descriptor, compression);
  if (size === undefined) return inputOf(chunksOf(descriptor), () => closeSync(descriptor));
  let position = 0;
  return {
    size,
    canRewind: true,
    read(room) {
      const count = readSync(descriptor, room, 0, room.length, position);
      position += count;
      return count;
    },
    rewind: () => void (position = 0),
    readAt: (from, room) => readSync(descriptor, room, 0, room.length, from),
    close: () => closeSync(descriptor),
  };
}

/** Files that are read together. */
export const mostFiles = 64;
/** Each has so many places of its own: as many bytes as no file has. */
const placesPerFile = 2 ** 46;

/** A place in one of several files, as a place in all of them. */
export const placeIn = (file: number, position: number): number => file * placesPerFile + position;

/** Several files as one, for who reads at random and closes; they are read one by one. */
export function joinedInput(files: readonly { readonly input: CaptureInput }[]): CaptureInput {
  const inputs = files.map(({ input }) => input);
  const sizes = inputs.map(({ size }) => size);
  return {
    size: sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
    canRewind: true,
    read() {
      throw new Error('several files are read one by one');
    },
    rewind: () => inputs.forEach((input) => input.rewind()),
    readAt(position, room) {
      const file = Math.floor(position / placesPerFile);
      return inputs[file]?.readAt(position - file * placesPerFile, room) ?? 0;
    },
    close: () => inputs.forEach((input) => input.close()),
  };
}

function compressionAt(descriptor: number): Compression | undefined {
  const first = new Uint8Array(magicLength);
  const count = readSync(descriptor, first, 0, magicLength, 0);
  return compressionOf(first.subarray(0, count));
}

const chunkLength = 64 * 1024;

/** @param from an offset; a pipe has none */
// eslint-disable-next-line @typescript-eslint/require-await -- An iterator that may as well come from a socket.
async function* chunksOf(descriptor: number, from?: number): AsyncGenerator<Uint8Array> {
  for (let position = from; ; ) {
    const chunk = new Uint8Array(chunkLength);
    const count = readSync(descriptor, chunk, 0, chunkLength, position ?? null);
    if (count === 0) return;
    if (position !== undefined) position += count;
    yield chunk.subarray(0, count);
  }
}

function compressedInput(descriptor: number, compression: Compression): CaptureInput {
  const outcome: CompressionFault = {};
  let pieces = new Pieces(decompressed(compression, chunksOf(descriptor, 0), outcome));
  return {
    size: undefined,
    canRewind: true,
    get fault() {
      return outcome.fault;
    },
    read: async (room) => pieces.read(room),
    rewind() {
      pieces.close();
      pieces = new Pieces(decompressed(compression, chunksOf(descriptor, 0), outcome));
    },
    readAt: () => 0,
    close() {
      pieces.close();
      closeSync(descriptor);
    },
  };
}

/** A pipe, compressed or not. */
export function inputOf(
  stream: AsyncIterable<Uint8Array | string>,
  close: () => void = () => {},
): CaptureInput {
  const outcome: CompressionFault = {};
  const pieces = new Pieces(plain(stream, outcome));
  return {
    size: undefined,
    canRewind: false,
    get fault() {
      return outcome.fault;
    },
    read: async (room) => pieces.read(room),
    rewind() {
      throw new Error('a pipe can be read only once');
    },
    readAt: () => 0,
    close() {
      pieces.close();
      close();
    },
  };
}

/** What a pipe brings, decompressed where its first bytes are those of a compressed file. */
async function* plain(
  stream: AsyncIterable<Uint8Array | string>,
  outcome: CompressionFault,
): AsyncGenerator<Uint8Array> {
  const parts = stream[Symbol.asyncIterator]();
  const next = async (): Promise<Uint8Array | undefined> => {
    const { value, done } = await parts.next();
    if (done) return undefined;
    return typeof value === 'string' ? Buffer.from(value) : value;
  };
  try {
    let start: Uint8Array = new Uint8Array(0);
    while (start.length < magicLength) {
      const more = await next();
      if (!more) break;
      start = start.length === 0 ? more : Buffer.concat([start, more]);
    }
    const rest = async function* (): AsyncGenerator<Uint8Array> {
      yield start;
      for (let part = await next(); part; part = await next()) yield part;
    };
    const compression = compressionOf(start);
    yield* compression ? decompressed(compression, rest(), outcome) : rest();
  } finally {
    await parts.return?.();
  }
}

/** Fills rooms from chunks of any length. */
class Pieces {
  readonly #parts: AsyncGenerator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(parts: AsyncGenerator<Uint8Array>) {
    this.#parts = parts;
  }

  /** 0 at the end. */
  async read(room: Uint8Array): Promise<number> {
    while (this.#left.length === 0) {
      const { value, done } = await this.#parts.next();
      if (done) return 0;
      this.#left = value;
    }
    const taken = this.#left.subarray(0, room.length);
    room.set(taken);
    this.#left = this.#left.subarray(taken.length);
    return taken.length;
  }

  close(): void {
    // What it still waits for may end in an error that concerns nobody any more.
    this.#parts.return(undefined).catch(() => {});
  }
}

/** Called after each read and awaited; reading ends if it returns `false`. */
export type OnTurn = () => Promise<boolean | void> | boolean | void;

/** Reads to the end, or until stopped; returns whether it reached the end. */
export async function readThrough(
  input: CaptureInput,
  reader: CaptureReader,
  onTurn?: OnTurn,
): Promise<boolean> {
  for (;;) {
    const read = input.read(reader.room());
    const count = typeof read === 'number' ? read : await read;
    if (count === 0) return true;
    reader.took(count);
    if (reader.isOver) return true;
    // Even without a promise to await, yields so that pending callbacks run.
    if ((await onTurn?.()) === false) return false;
  }
}
