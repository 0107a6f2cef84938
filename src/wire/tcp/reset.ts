/**
 * Breaking a raw connection off so that its other end sees a reset. The streams above sockets (`tapped.ts`,
 * `tls-wire.ts`) do it through here.
 */
import type { Socket } from 'node:net';

/**
 * Resets and destroys. Between our end and its completion libuv refuses to (EINVAL), and a socket that Node then calls
 * destroyed is never closed: its file stays open and a listener waits for it for ever. By then all that was written is
 * with the kernel, and the other end has been told of the end: closing adds nothing that could be mistaken.
 */
export function reset(socket: Socket): void {
  const isEnding = socket.writableEnded && !socket.writableFinished && socket.writableLength === 0;
  if (isEnding) socket.destroy();
  else socket.resetAndDestroy();
}
