/**
 * Where a page is served, and under which names browsers may ask for it. A page of another site whose name was made to
 * lead here (DNS rebinding) asks under that site's name, and is refused.
 */
import { hostname, networkInterfaces } from 'node:os';
import { hostPort } from '../../../capture/event.ts';
import { ipVersion } from '../../../core/ip-version.ts';

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** The addresses of this machine in its networks, those of IPv4 first. */
function ownAddresses(): readonly string[] {
  const found = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    // An address of one link needs the name of an interface, which an URL has no place for.
    addresses.filter(({ internal, address }) => !internal && !/^fe80:/i.test(address)),
  );
  return found.map(({ address }) => address).sort((one, other) => ipVersion(one) - ipVersion(other));
}

/**
 * The hosts under which viewers reach what listens there: the first one is told to them.
 * @param own the addresses of this machine
 */
export function hostsOf(host: string, own: () => readonly string[] = ownAddresses): readonly string[] {
  if (wildcards.has(host)) {
    const isFour = host === '0.0.0.0';
    const outside = own().filter((address) => !isFour || ipVersion(address) === 4);
    const name = hostname().toLowerCase();
    return [...outside, '127.0.0.1', ...(isFour ? [] : ['::1']), 'localhost', ...(name === '' ? [] : [name])];
  }
  if (host === 'localhost') return [host, '127.0.0.1', '::1'];
  return host === '127.0.0.1' || host === '::1' ? [host, 'localhost'] : [host];
}

/** Checks Host headers. @param defaultPort is left out of the header */
export function hostCheck(
  hosts: readonly string[],
  port: number,
  defaultPort: number,
): (header: string | undefined) => boolean {
  const known = new Set(hosts.map((host) => hostPort({ host, port }).toLowerCase()));
  if (port === defaultPort)
    for (const host of hosts) known.add(hostPort({ host, port }).toLowerCase().replace(/:\d+$/, ''));
  return (header) => header !== undefined && known.has(header.toLowerCase());
}

/** The same hosts as a certificate has them: `DNS:…`, `IP:…`. */
export const alternativeNames = (hosts: readonly string[]): readonly string[] =>
  hosts.map((host) => `${ipVersion(host) ? 'IP' : 'DNS'}:${host}`);
