/**
 * A target may answer before it has the whole request. Used by `http-pump.ts` and `strip-pump.ts`.
 *
 * 1. Such a target still waits for the rest, and node:http no longer tells a request that was answered when its client
 *    goes: without more the connection to the target would stay open for ever.
 * 2. A target that hangs up instead takes nothing more: the rest is read and thrown away, so that the client's next
 *    request is found behind it.
 * 3. node:http tells a request whose answer is whole no longer that its connection takes more: it would wait for ever.
 */
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { breakOff } from '../wire/tap/relay.ts';

/** The client's answer is whole: what is left of its request may still come, for as long as client and target are there. */
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
