/**
 * Chooses among the pumps of several targets by the server name that the client requests: as its TLS said it, or, where its TLS is not
 * ended here, as its ClientHello says it. A client that requests no known name goes to the usual target, or is refused.
 */
import type { Accepted } from '../wire/endpoint.ts';
import { breakOff } from '../wire/tap/relay.ts';
import type { ProxyTimeouts, Pump } from './pump.ts';
import { routeByName } from './routes.ts';
import type { TargetRoute } from './routes.ts';

/** For a ClientHello, in milliseconds. */
const defaultHelloTimeout = 10_000;

/** @param named the pumps of the routes, in their order; `other` takes what fits none of them */
export function createNamePump(
  routes: readonly TargetRoute[],
  named: readonly Pump[],
  other: Pump | undefined,
  { handshake = defaultHelloTimeout }: Pick<ProxyTimeouts, 'handshake'> = {},
): Pump {
  const all = other ? [...named, other] : named;
  const choosing = new Set<Accepted>();
  const choose = (accepted: Accepted, name: string | undefined): void => {
    const pump = named[routeByName(routes, name)] ?? other;
    if (pump) return pump.serve(accepted);
    accepted.refuse?.('no_target_for_name', name === undefined ? {} : { code: name });
    return breakOff(accepted.stream);
  };
  const look = async (accepted: Accepted): Promise<void> => {
    accepted.stream.on('error', () => {});
    choosing.add(accepted);
    const { peekServerName } = await import('../wire/tls/server-name.ts');
    const name = await peekServerName(accepted.stream, handshake);
    choosing.delete(accepted);
    choose(accepted, name);
  };
  return {
    get open() {
      return all.reduce((sum, { open }) => sum + open, choosing.size);
    },
    serve(accepted) {
      if (accepted.security === 'plain') void look(accepted);
      else choose(accepted, accepted.serverName);
    },
    drain: async (milliseconds) =>
      void (await Promise.all(all.map(async (pump) => pump.drain(milliseconds)))),
    async close(graceMs) {
      for (const { stream } of choosing) stream.end();
      await Promise.all(all.map(async (pump) => pump.close(graceMs)));
    },
  };
}
