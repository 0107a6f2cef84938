/** How a client here takes leave of a connection that it dialed. */
import type { Duplex } from 'node:stream';

const closeTimeout = 5_000;

/** Ends our side, waits for the other to close, and destroys what does not: at once where the connection is `broken`. */
export async function endConnection(stream: Duplex, broken = false): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => stream.destroy(), broken ? 0 : closeTimeout);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    // A raw socket with half-open allowed closes only once both sides have ended, and ends only when it is read.
    stream.resume();
    if (broken) stream.destroy();
    else stream.end();
  });
}
