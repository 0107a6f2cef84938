/**
 * Carries the bytes of any protocol from an admitted client to the target and back, and changes none. It decides when
 * the target is dialed: after admission, never before. How the bytes cross, and how one side's end becomes the other's,
 * is `wire/relay.ts`. Its counterpart is `http-pump.ts`.
 */
import type { Duplex } from 'node:stream';
import type { Accepted } from '../wire/endpoint.ts';
import { breakOff, relay } from '../wire/relay.ts';
import type { ProxyTimeouts } from './proxy.ts';
import type { Pump } from './pump.ts';
import type { SecondHop } from './second-hop.ts';

export function createBytesPump(target: SecondHop, { close: closeTimeout }: Pick<ProxyTimeouts, 'close'> = {}): Pump {
  const clients = new Set<Duplex>();
  const carry = async ({ stream, refusal }: Accepted): Promise<void> => {
    // There is no page to put a reason on.
    if (refusal) {
      breakOff(stream);
      return;
    }
    const dialed = await target.connect();
    if (dialed.outcome === 'failed') breakOff(stream);
    else if (stream.destroyed) breakOff(dialed.stream);
    else {
      if (closeTimeout !== undefined) boundClosing(stream, dialed.stream, closeTimeout);
      await relay(stream, dialed.stream);
    }
  };
  return {
    get open() {
      return clients.size;
    },
    serve(accepted) {
      const { stream } = accepted;
      clients.add(stream);
      stream.on('error', () => {});
      stream.once('close', () => clients.delete(stream));
      void carry(accepted);
    },
    drain: async () => {},
    // Nothing here knows where a conversation ends: both sides are told that no more will come.
    async close() {
      for (const stream of clients) stream.end();
    },
  };
}

/** After the end of one side the other has so many milliseconds left. */
function boundClosing(client: Duplex, upstream: Duplex, milliseconds: number): void {
  let timer: NodeJS.Timeout | undefined;
  const onEnd = (): void => {
    timer ??= setTimeout(() => {
      breakOff(client);
      breakOff(upstream);
    }, milliseconds);
  };
  for (const stream of [client, upstream]) stream.once('end', onEnd).once('close', () => clearTimeout(timer));
}
