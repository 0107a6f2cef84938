/**
 * Forwards TCP connections to a server that cannot be instrumented, and taps them. Unlike `relay.ts`, it delivers the
 * last bytes if the server resets its connection.
 */
import type { Address } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import { accept } from '../accept.ts';
import { dial } from '../dial.ts';
import type { Listener, Tap } from '../endpoint.ts';

/** @throws UserError if the address cannot be listened on. If the server does not accept, the client is disconnected. */
export async function startTappedForwarder(
  to: Address,
  listen: Address,
  tap: Tap,
  clock: Clock,
): Promise<Listener> {
  return accept({ security: 'plain', listen, tap, clock }, (accepted) => {
    const { stream } = accepted;
    stream.on('error', () => {});
    void dial({ security: 'plain', to, clock }).then((dialed) => {
      if (dialed.outcome === 'failed') return stream.destroy();
      const behind = dialed.stream;
      // A program that closes with unread data resets its connection: its last bytes, such as an alert, must still
      // arrive.
      behind.on('error', () => stream.end());
      stream.once('close', () => behind.destroy());
      return stream.pipe(behind).pipe(stream);
    });
  });
}
