/** Resolves one of several sites of a server: its host, and the key of its address. */

interface SiteOf {
  /** The requested site of a server with several. */
  readonly site?: string;
}

/** The host that a login requests. */
export function hostOf({ host }: { readonly host: string }, { site }: SiteOf): string {
  return site === undefined ? host : `${site}.${host}`;
}

/** The address for a login, among the started participants: a site may have its own port. */
export function addressFor<Address>(
  addresses: ReadonlyMap<string, Address>,
  { to, site }: SiteOf & { readonly to: string },
): Address | undefined {
  return addresses.get(siteKey(to, site)) ?? addresses.get(to);
}

export function siteKey(server: string, site: string | undefined): string {
  return `${server}/${site ?? ''}`;
}
