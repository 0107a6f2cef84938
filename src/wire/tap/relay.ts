/**
 * Forwards bytes between two connections, unchanged: the hot path. Data read on one side is recorded for both wires and
 * written to the other side, one range for all three, without a stream's queue in between. The proxy decides which server to
 * dial; `tapped.ts` reads and records.
 *
 * 1. A half-close is forwarded as a half-close: the other direction continues, and late responses arrive.
 * 2. Anything but a clean end (a reset, a failed TLS connection) is forwarded as a reset.
 * 3. If one side accepts no more data, the other is not read: memory is bounded in both directions.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reset } from '../tcp/reset.ts';
import { TappedStream } from './tapped.ts';

/** What is done with the connections to a client and to its target; resolves when both have closed. */
export type Between = (client: Duplex, target: Duplex) => Promise<void>;

/** Resolves when both connections have closed; the log has the details. */
export async function relay(one: Duplex, other: Duplex): Promise<void> {
  const closed = Promise.all(
    [one, other].map(async (stream) =>
      stream.closed ? undefined : new Promise((resolve) => stream.once('close', resolve)),
    ),
  );
  carry(one, other);
  carry(other, one);
  await closed;
}

function carry(source: Duplex, sink: Duplex): void {
  source.on('error', () => breakOff(sink));
  source.once('close', () => {
    if (!source.readableEnded || !source.writableFinished) breakOff(sink);
  });
  if (source.destroyed) {
    breakOff(sink);
    return;
  }
  if (source instanceof TappedStream && sink instanceof TappedStream && sink.writableLength === 0) {
    source.once('end', () => sink.end());
    source.divertTo(sink);
  } else source.pipe(sink);
}

/** Aborts a connection so that the peer does not take it for a clean end. */
export function breakOff(stream: Duplex): void {
  if (stream.destroyed) return;
  if (stream instanceof TappedStream) stream.resetAndDestroy();
  // A bare TLS socket cannot be reset (ERR_INVALID_HANDLE_TYPE), only closed. No proxy uses one.
  else if (stream instanceof Socket && !('encrypted' in stream)) reset(stream);
  else stream.destroy();
}
