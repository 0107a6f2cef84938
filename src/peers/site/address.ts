/** How one of several sites of a server is named: its host, and the key of its address. */

interface SiteOf {
  /** Of a server with sites: the one that is asked for. */
  readonly site?: string;
}

/** The host that a login asks for. */
export function hostOf({ host }: { readonly host: string }, { site }: SiteOf): string {
  return site === undefined ? host : `${site}.${host}`;
}

/** Where a login goes, among the addresses of those who were started: a site may have a port of its own. */
export function addressFor<Address>(
  addresses: ReadonlyMap<string, Address>,
  { to, site }: SiteOf & { readonly to: string },
): Address | undefined {
  return addresses.get(siteKey(to, site)) ?? addresses.get(to);
}

export function siteKey(server: string, site: string | undefined): string {
  return `${server}/${site ?? ''}`;
}
