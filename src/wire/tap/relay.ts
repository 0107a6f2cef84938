/**
 * The hot path: carries bytes between two connections and changes none. What is read on one side is recorded for both
 * wires and written to the other, one range for all three, with no stream's queue in between. Whom to dial is the
 * proxy's; how a byte is read and recorded is `tapped.ts`.
 *
 * 1. A half-close is passed on as a half-close: the other direction goes on, and late replies arrive.
 * 2. Whatever is no end (a reset, a broken TLS connection) is passed on as a reset.
 * 3. Where a side does not take more, the other is not read: memory stays bounded both ways.
 */
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { reset } from '../tcp/reset.ts';
import { TappedStream } from './tapped.ts';

/** Resolves when both connections are closed; how they ended is in the log. */
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

/** Ends a connection so that its other end does not take it for a clean end. */
export function breakOff(stream: Duplex): void {
  if (stream.destroyed) return;
  if (stream instanceof TappedStream) stream.resetAndDestroy();
  // A bare TLS socket cannot be reset (ERR_INVALID_HANDLE_TYPE): it can only close. No proxy uses one.
  else if (stream instanceof Socket && !('encrypted' in stream)) reset(stream);
  else stream.destroy();
}
