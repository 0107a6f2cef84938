/**
 * Whether a socket that has ended was in truth broken off. libuv up to 1.51 (Node 20 and 22) reports a reset as an end where
 * it comes together with the last bytes (it sees a hang-up behind a partial read), and who believes it takes half an answer
 * for a whole one. From 1.52 on (Node 24) it reports the reset itself, and every end is confirmed. Asked by `tapped.ts`,
 * `tls-wire.ts` and `connection-limit.ts`.
 *
 * What is not public API stands here: the handle is made to read once more. A connection that has ended says so again,
 * which Node ignores; one that was broken off makes the socket fail, as it should have. Where this side had ended as well,
 * Node would close the socket right behind its `end`: it is kept from that until the look has been taken. Where a handle
 * cannot do that, the end is believed.
 */
import type { Socket } from 'node:net';

/** Calls back once the end is known to be one: after the next look at the network. After a reset, never: the socket fails. */
export function confirmFin(socket: Socket, onEnd: () => void): void {
  const { _handle: handle } = socket as Socket & {
    readonly _handle?: { readonly readStart?: () => number } | null;
  };
  if (socket.destroyed || typeof handle?.readStart !== 'function' || handle.readStart() !== 0) {
    onEnd();
    return;
  }
  const { _readableState: state } = socket as Socket & {
    readonly _readableState?: { autoDestroy?: boolean };
  };
  const closesItself = state?.autoDestroy === true;
  if (state && closesItself) state.autoDestroy = false;
  // Twice: the first may still belong to the turn of the loop in which the end was reported.
  setImmediate(() =>
    setImmediate(() => {
      if (state && closesItself) state.autoDestroy = true;
      if (!socket.errored) onEnd();
      if (closesItself && socket.writableFinished) socket.destroy();
    }),
  );
}
