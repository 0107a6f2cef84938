/**
 * A door in front of a program that has none to be tapped at: what comes in there goes on to it, untouched. Unlike
 * `relay.ts` it lets last words through where the program resets its connection.
 */
import type { Address } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import { accept } from '../accept.ts';
import { dial } from '../dial.ts';
import type { Listener, Tap } from '../endpoint.ts';

/** @throws UserError when the address cannot be listened on. A caller whom nobody answers behind it is hung up on. */
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
      // A program that closes with bytes unread resets its connection: its last words, an alert, must get through all the same.
      behind.on('error', () => stream.end());
      stream.once('close', () => behind.destroy());
      return stream.pipe(behind).pipe(stream);
    });
  });
}
