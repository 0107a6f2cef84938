/** Ends a connection that a client dialed. */
import type { Duplex } from 'node:stream';

const closeTimeout = 5_000;

/** Ends our side, waits for the other side to close, and destroys the socket otherwise; at once where it is `broken`. */
export async function endConnection(stream: Duplex, broken = false): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => stream.destroy(), broken ? 0 : closeTimeout);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // A raw half-open socket closes only after both sides have ended, and ends only when it is read.
    stream.resume();
    if (broken) stream.destroy();
    else stream.end();
  });
}
