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
  // A TLS socket, on the way through a proxy that has TLS of its own, cannot be reset: its end without a close_notify says as much.
  if (isEnding || 'encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}
