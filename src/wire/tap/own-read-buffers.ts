/**
 * Reads an accepted socket or a TLS socket into our own buffers. Node documents this for client sockets only
 * (`onread`), but the others have the same internals. Node's non-public API is used only in this file.
 *
 * 1. The names of Node's internal properties are determined from a socket created with the documented option.
 * 2. If anything is unexpected, nothing is done: the socket then emits `data` as usual, and its reader listens to
 *    `data` in either case.
 */
import { Socket } from 'node:net';
import type { OnReadOpts, SocketConstructorOpts } from 'node:net';
import { ReadBuffer } from './arena.ts';
import type { Reads } from './tapped.ts';

interface Names {
  readonly buffer: symbol;
  readonly callback: symbol;
  readonly next: symbol;
}

let names: Names | 'unknown' | undefined;

function findNames(): Names | 'unknown' {
  const buffer = Buffer.alloc(1);
  const next = (): Buffer => buffer;
  const callback = (): boolean => true;
  const result = {
    buffer: nameOf(buffer, { buffer, callback }),
    callback: nameOf(callback, { buffer, callback }),
    next: nameOf(next, { buffer: next, callback }),
  };
  return result.buffer && result.callback && result.next ? (result as Names) : 'unknown';
}

/** The property in which a socket created with that option keeps `value`. */
function nameOf(value: unknown, onread: OnReadOpts): symbol | undefined {
  // `connect` passes its options to the constructor; only the types lack this.
  const probe = new Socket({ onread } as SocketConstructorOpts);
  const name = Object.getOwnPropertySymbols(probe).find(
    (symbol) => (probe as unknown as Record<symbol, unknown>)[symbol] === value,
  );
  probe.destroy();
  return name;
}

interface Handle {
  useUserBuffer?: (buffer: Uint8Array) => void;
}

/** Whether the socket now reads into `landing` and passes the data to `onBytes`; otherwise it emits `data`. */
export function readIntoOwnBuffers(
  socket: Socket,
  landing: ReadBuffer,
  onBytes: (bytes: Buffer) => void,
): boolean {
  names ??= findNames();
  const { _handle: handle } = socket as unknown as { _handle?: Handle | null };
  if (names === 'unknown' || typeof handle?.useUserBuffer !== 'function') return false;
  Object.assign(socket, {
    [names.buffer]: landing.free,
    [names.next]: () => landing.free,
    [names.callback]: (length: number) => {
      onBytes(landing.take(length));
      return true;
    },
  });
  handle.useUserBuffer(landing.free);
  return true;
}

/** Reads an accepted socket or a TLS socket for the streams on top of it. */
export function readsOf(socket: Socket): Reads {
  return (onBytes) => readIntoOwnBuffers(socket, new ReadBuffer(), onBytes);
}
