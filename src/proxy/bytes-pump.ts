/**
 * Carries the bytes of any protocol from an admitted client to the target and back, and changes none unless a
 * demonstration asks for it. It decides when
 * the target is dialed: after admission, never before. How the bytes cross, and how one side's end becomes the other's,
 * is `wire/tap/relay.ts`. Its counterpart is `http-pump.ts`.
 */
import type { Duplex } from 'node:stream';
import type { Accepted } from '../wire/endpoint.ts';
import { breakOff, relay } from '../wire/tap/relay.ts';
import type { TamperName } from '../wire/tamper/tamper.ts';
import type { ProxyTimeouts, Pump } from './pump.ts';
import type { SecondHop } from './second-hop.ts';

/** @param options.tamper what it does to the client's bytes, in a demonstration of somebody in the middle; nothing by default */
export function createBytesPump(
  target: SecondHop,
  {
    close: closeTimeout,
    tamper,
  }: Pick<ProxyTimeouts, 'close'> & { readonly tamper?: TamperName | undefined } = {},
): Pump {
  const carry = async ({ stream, refusal, alpn }: Accepted): Promise<void> => {
    // There is no page to put a reason on.
    if (refusal) {
      breakOff(stream);
      return;
    }
    const dialed = await target.connect(alpn);
    if (dialed.outcome === 'failed') breakOff(stream);
    else if (stream.destroyed) breakOff(dialed.stream);
    else {
      if (closeTimeout !== undefined) boundClosing(stream, dialed.stream, closeTimeout);
      await relay(stream, tamper === undefined ? dialed.stream : await tampered(dialed.stream, tamper));
    }
  };
  return carrying(carry);
}

/** A pump that carries each connection by itself, whatever is said over it. */
export function carrying(carry: (accepted: Accepted) => Promise<void>): Pump {
  const clients = new Set<Duplex>();
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

async function tampered(lower: Duplex, name: TamperName): Promise<Duplex> {
  const [{ tampers }, { TamperedStream }] = await Promise.all([
    import('../wire/tamper/tamper.ts'),
    import('../wire/tamper/tampered.ts'),
  ]);
  return new TamperedStream(lower, tampers[name]());
}

/** After the end of one side the other has so many milliseconds left. */
export function boundClosing(client: Duplex, upstream: Duplex, milliseconds: number): void {
  let timer: NodeJS.Timeout | undefined;
  const onEnd = (): void => {
    timer ??= setTimeout(() => {
      breakOff(client);
      breakOff(upstream);
    }, milliseconds);
  };
  for (const stream of [client, upstream]) stream.once('end', onEnd).once('close', () => clearTimeout(timer));
}
