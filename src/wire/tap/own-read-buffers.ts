/**
 * Reads an accepted socket, or a TLS socket, into buffers of our own. Node offers this for sockets that connect (`onread`,
 * documented) and not for others, which have the same machinery inside. Everything that is not public API of Node is in this file.
 *
 * 1. The names of Node's own properties are looked up on a socket that was made with the documented option.
 * 2. Where anything is not as expected nothing is done: the socket then emits `data`, as any socket does, and who reads
 *    it listens to `data` in either case.
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

/** The property in which a socket that was made with that option keeps `value`. */
function nameOf(value: unknown, onread: OnReadOpts): symbol | undefined {
  // `connect` hands its options to the constructor; only the types do not say so.
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

/** Whether the socket now reads into `landing` and hands what it read to `onBytes`; when not, it emits `data`. */
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

/** The reads of an accepted socket or of a TLS socket, for the streams that stand on it. */
export function readsOf(socket: Socket): Reads {
  return (onBytes) => readIntoOwnBuffers(socket, new ReadBuffer(), onBytes);
}
