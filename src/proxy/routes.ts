/**
 * Chooses one of several targets for a connection: by the server name that the client requests (SNI), or by the host of the tunnel
 * that it requests (CONNECT). Pure; `proxy.ts` keeps a second hop and a pump for each.
 */
import type { DialOptions } from '../wire/endpoint.ts';
import { isNamed } from '../wire/tls/named.ts';

export interface TargetRoute {
  /** Names, or `*.` and a name: any name of exactly one label more (RFC 9525 section 6.3). */
  readonly serverNames: readonly string[];
  /** `HOST` or `HOST:PORT`, as in a CONNECT request. */
  readonly authorities: readonly string[];
  readonly dial: Pick<DialOptions, 'to' | 'security'> &
    Partial<Pick<DialOptions, 'serverName' | 'identity' | 'authorities'>>;
}

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/** @param authority of a CONNECT request: it always has a port (RFC 9110 section 9.3.6) */
export function isAuthority(pattern: string, authority: string): boolean {
  const host = authority.replace(/:\d+$/, '');
  return plain(pattern) === plain(authority) || isNamed(pattern, host);
}

/** The index of the first route that fits; -1 if none does. */
export function routeByName(routes: readonly TargetRoute[], name: string | undefined): number {
  if (name === undefined) return -1;
  return routes.findIndex(({ serverNames }) => serverNames.some((pattern) => isNamed(pattern, name)));
}

export function routeByAuthority(routes: readonly TargetRoute[], authority: string): number {
  return routes.findIndex(({ authorities }) =>
    authorities.some((pattern) => isAuthority(pattern, authority)),
  );
}
