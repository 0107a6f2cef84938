/**
 * Leads a connection through the proxies on the way to its target, one after the other: the TLS of a proxy itself, then the
 * request for a tunnel. `tunnel.ts` and `socks.ts` have the two languages.
 */
import type { Socket } from 'node:net';
import type { Address } from '../../capture/event.ts';
import type { Clock } from '../../core/clock.ts';
import type { Failure, ProxyOnTheWay } from '../endpoint.ts';
import { ConnectionRecord } from '../tap/connection-record.ts';
import { failureOf } from '../tls/failures.ts';

/** From the one that is connected to, to the one that reaches the target. */
export function proxiesOf(through: ProxyOnTheWay): readonly [ProxyOnTheWay, ...ProxyOnTheWay[]] {
  return through.via ? [...proxiesOf(through.via), through] : [through];
}

/** @param left milliseconds that are left for all of it */
export async function leadThrough(
  socket: Socket,
  through: ProxyOnTheWay,
  { to, clock, left }: { readonly to: Address; readonly clock: Clock; readonly left: () => number },
): Promise<{ readonly socket: Socket } | { readonly failure: Failure }> {
  const proxies = proxiesOf(through);
  let carried = socket;
  for (const [index, proxy] of proxies.entries()) {
    const at: Address = { host: proxy.host, port: proxy.port };
    if (proxy.tls) {
      const secured = await secureProxy(carried, proxy, proxy.tls, { clock, left: left() });
      if ('reason' in secured) return failed(at, 'tls', secured);
      carried = secured.socket;
    }
    const next = proxies[index + 1] ?? to;
    const refusal =
      proxy.speaks === 'socks5'
        ? await (await import('./socks.ts')).askForSocks(carried, next, left(), proxy.login)
        : await (await import('./tunnel.ts')).askForTunnel(carried, next, left(), proxy.login);
    if (refusal) return failed(at, 'tunnel', failureOf(refusal, { connected: true }));
  }
  return { socket: carried };
}

const failed = (
  proxy: Address,
  step: NonNullable<Failure['onTheWay']>['step'],
  failure: Failure,
): { readonly failure: Failure } => ({ failure: { ...failure, onTheWay: { proxy, step } } });

/** Verified before anything is said to it: the request for a tunnel may have a password in it. */
async function secureProxy(
  socket: Socket,
  { host, port }: ProxyOnTheWay,
  { authorities, verify, identity }: NonNullable<ProxyOnTheWay['tls']>,
  { clock, left }: { readonly clock: Clock; readonly left: number },
): Promise<{ readonly socket: Socket } | Failure> {
  const [{ secure }, { rootCertificates }] = await Promise.all([
    import('../tls/dialer.ts'),
    import('node:tls'),
  ]);
  const dialed = await secure(
    {
      security: identity ? 'mtls' : 'tls',
      to: { host, port },
      clock,
      authorities: authorities ?? rootCertificates,
      ...(verify === undefined ? {} : { verify }),
      ...(identity ? { identity } : {}),
    },
    socket,
    new ConnectionRecord(undefined),
    undefined,
    left,
  );
  return dialed.outcome === 'failed' ? dialed.failure : { socket: dialed.stream as Socket };
}
