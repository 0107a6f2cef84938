/**
 * Determines whether a socket that has ended was in fact reset. libuv up to 1.51 (Node 20 and 22) reports a reset as an
 * end if it arrives together with the last bytes (it sees a hang-up after a partial read), so half a response could
 * pass for a whole one. From 1.52 on (Node 24) it reports the reset itself, and every end is confirmed. Used by
 * `tapped.ts`, `tls-wire.ts` and `connection-limit.ts`.
 *
 * Node's non-public API used here: the handle is made to read once more. A connection that has ended reports the end
 * again, which Node ignores; one that was reset makes the socket fail, as it should have. If this side has ended as
 * well, Node would close the socket right after `end`: that is delayed until the check is done. If a handle does not
 * support this, the end is accepted.
 */
import type { Socket } from 'node:net';

/** Calls back once the end is confirmed, after the next poll. After a reset it never does: the socket fails. */
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
  // Twice: the first may still belong to the loop iteration in which the end was reported.
  setImmediate(() =>
    setImmediate(() => {
      if (state && closesItself) state.autoDestroy = true;
      if (!socket.errored) onEnd();
      if (closesItself && socket.writableFinished) socket.destroy();
    }),
  );
}
