/**
 * Provides the bytes of a capture: from a file, which can be read twice and at random, or from a pipe. `capture/`
 * parses them.
 */
import { closeSync, readSync } from 'node:fs';
import type { CaptureReader } from '../../capture/file/capture-file.ts';
import { openFile } from '../../i18n/read-file.ts';

export interface CaptureInput {
  /** In bytes; undefined for a pipe. Only an input with a size can be read twice. */
  readonly size: number | undefined;
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
  let position = 0;
  return {
    size,
    read(room) {
      // A pipe cannot be read at an offset.
      const count = readSync(descriptor, room, 0, room.length, size === undefined ? null : position);
      position += count;
      return count;
    },
    rewind: () => void (position = 0),
    readAt: (from, room) => readSync(descriptor, room, 0, room.length, from),
    close: () => closeSync(descriptor),
  };
}

export function inputOf(stream: AsyncIterable<Buffer | string>): CaptureInput {
  const parts = stream[Symbol.asyncIterator]();
  let left: Uint8Array = new Uint8Array(0);
  const take = (room: Uint8Array): number => {
    const taken = left.subarray(0, room.length);
    room.set(taken);
    left = left.subarray(taken.length);
    return taken.length;
  };
  return {
    size: undefined,
    async read(room) {
      while (left.length === 0) {
        const { value, done } = await parts.next();
        if (done) return 0;
        left = typeof value === 'string' ? Buffer.from(value) : value;
      }
      return take(room);
    },
    rewind() {
      throw new Error('a pipe can be read only once');
    },
    readAt: () => 0,
    close: () => void parts.return?.(),
  };
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
