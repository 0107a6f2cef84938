/**
 * Reads an accepted socket into buffers of our own. Node offers this for sockets that connect (`onread`, documented) and
 * not for accepted ones, which have the same machinery inside. Everything that is not public API of Node is in this file.
 *
 * 1. The names of Node's own properties are looked up on a socket that was made with the documented option.
 * 2. Where anything is not as expected nothing is done: the socket then emits `data`, as any socket does, and who reads
 *    it listens to `data` in either case.
 */
import { Socket } from 'node:net';
import type { SocketConstructorOpts } from 'node:net';
import { Landing } from './arena.ts';
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
  // `connect` hands its options to the constructor; only the types do not say so.
  const options = { onread: { buffer: next, callback } };
  const probe = new Socket(options as SocketConstructorOpts);
  const found = new Map<unknown, symbol>();
  for (const name of Object.getOwnPropertySymbols(probe)) found.set((probe as unknown as Record<symbol, unknown>)[name], name);
  probe.destroy();
  const result = { buffer: found.get(buffer), callback: found.get(callback), next: found.get(next) };
  return result.buffer && result.callback && result.next ? (result as Names) : 'unknown';
}

interface Handle {
  useUserBuffer?: (buffer: Uint8Array) => void;
}

/** Whether the socket now reads into `landing` and hands what it read to `onBytes`; when not, it emits `data`. */
export function readIntoOwnBuffers(socket: Socket, landing: Landing, onBytes: (bytes: Buffer) => void): boolean {
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

/** The reads of an accepted socket, for the streams that stand on it. */
export function readsOf(socket: Socket): Reads {
  return (onBytes) => readIntoOwnBuffers(socket, new Landing(), onBytes);
}
