/**
 * Handles a target that responds before it has received the whole request. Used by `http-pump.ts` and `strip-pump.ts`.
 *
 * 1. Such a target still waits for the rest, and node:http does not report to a request with a complete response that
 *    its client has closed: without this, the connection to the target would stay open forever.
 * 2. If the target closes instead, the rest of the request is read and discarded, so that the client's next request can
 *    be found after it.
 * 3. node:http emits no `drain` to a request whose response is complete: it would wait forever.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { breakOff } from '../wire/tap/relay.ts';

/** The client's response is complete; the rest of its request is forwarded as long as client and target are connected. */
export function carryRest(request: IncomingMessage, outgoing: ClientRequest): void {
  if (outgoing.writableFinished) return;
  const client: Duplex = request.socket;
  const breakOffTarget = (): void => {
    if (outgoing.socket) breakOff(outgoing.socket);
    outgoing.destroy();
  };
  const { socket: upstream } = outgoing;
  // Rule 3.
  const goOn = (): void => void outgoing.emit('drain');
  const forget = (): void => {
    client.off('close', breakOffTarget);
    upstream?.off('drain', goOn);
  };
  const discard = (): void => {
    forget();
    request.unpipe(outgoing);
    request.resume();
  };
  if (client.destroyed) breakOffTarget();
  else if (outgoing.closed) discard();
  else {
    client.once('close', breakOffTarget);
    outgoing.once('finish', forget).once('close', discard);
    upstream?.on('drain', goOn);
    if (outgoing.writableNeedDrain && upstream?.writableLength === 0) goOn();
  }
}
