/**
 * Where the bytes of a capture come from: a file, which can be read twice and out of order, or what another program writes. It
 * decides how they are read; what they are is for `capture/`.
 */
import { closeSync, readSync } from 'node:fs';
import type { CaptureReader } from '../../capture/file/capture-file.ts';
import { openFile } from '../io/read-file.ts';

export interface CaptureInput {
  /** In bytes; undefined where it ends when it ends. Only what has a size can be read twice. */
  readonly size: number | undefined;
  /** Fills the beginning of `room`; 0 at the end. */
  read(room: Uint8Array): number | Promise<number>;
  /** Begins anew. */
  rewind(): void;
  /** Fills as much of `room` as there is from that place on; returns how much that is. */
  readAt(position: number, room: Uint8Array): number;
  close(): void;
}

/** @throws UserError for what is missing, no file, or not to be read. */
export function openInput(path: string): CaptureInput {
  const { descriptor, size } = openFile(path);
  let position = 0;
  return {
    size,
    read(room) {
      // A pipe has no places.
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
      throw new Error('what another program writes comes once');
    },
    readAt: () => 0,
    close: () => void parts.return?.(),
  };
}

/** Told after each read; may be waited for. With `false` reading ends. */
export type OnTurn = () => Promise<boolean | void> | boolean | void;

/** Reads on to the end, or to where reading ends; returns whether it was not stopped before. */
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
    // Also a turn without a promise lets go what was to be done after this.
    if ((await onTurn?.()) === false) return false;
  }
}
