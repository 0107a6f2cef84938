/**
 * Aborts a raw connection so that the peer sees a reset. Used by the streams above sockets (`tapped.ts`,
 * `tls-wire.ts`).
 */
import type { Socket } from 'node:net';

/**
 * Resets and destroys. Between our end and its completion libuv refuses to reset (EINVAL), and a socket that Node then
 * considers destroyed is never closed: its descriptor stays open and a listener waits for it forever. By then the
 * kernel has all written data and the peer has received the end: closing adds nothing that could be misunderstood.
 */
export function reset(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isEnding) socket.destroy();
  else socket.resetAndDestroy();
}
