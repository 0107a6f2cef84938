/**
 * Starts servers of kind `login-sites`: one login site per name. Sites that differ only in their certificate share a port
 * and are selected by the requested name (SNI); a site with other TLS settings has its own port. Loaded only for a scenario
 * with such a server. `peers/site/server.ts` answers the requests.
 */
import { getDiffieHellman } from 'node:crypto';
import { startLoginServer } from '../../peers/site/server.ts';
import type { LoginServer, Served } from '../../peers/site/server.ts';
import type { Address } from '../../capture/event.ts';
import { sequence, small, toDer, unsigned } from '../../pki/ca/asn1.ts';
import { toPem } from '../../pki/keystore/pem.ts';
import type { Identity, World } from '../../pki/keystore/world.ts';
import type { AcceptOptions, TlsChoices } from '../../wire/endpoint.ts';
import type { PlannedServer } from '../../engine/plan.ts';
import { shown } from '../../engine/credentials.ts';
import type { RunningServer, RunOptions } from '../../engine/run-context.ts';
import { hostOf, siteKey } from '../../peers/site/address.ts';

type Site = NonNullable<PlannedServer['sites']>[string];

export async function startLoginSites(
  server: PlannedServer,
  { plan, random, world }: RunOptions,
  accept: AcceptOptions,
): Promise<RunningServer> {
  if (!world) throw new Error('a plan that names certificates was started without a world');
  const { sites = {}, accounts: admitted } = server;
  const accounts = plan.accounts.filter(({ name }) => admitted === undefined || admitted.includes(name));
  const start = async (options: AcceptOptions): Promise<LoginServer> =>
    startLoginServer({ accept: options, accounts, random });
  const identities = new Map<string, Identity>();
  const apart = new Map<string, { readonly identity: Identity; readonly tls: TlsChoices }>();
  for (const [site, row] of Object.entries(sites)) {
    const identity = identityOf(row, server, world);
    if (row.offers) apart.set(site, { identity, tls: choicesOf(row.offers) });
    else identities.set(hostOf(server, { site }), identity);
  }
  const first = await start({ ...accept, identities });
  const running = [first];
  const addresses = new Map<string, Address>();
  const endpoints: (readonly [key: string, tls: TlsChoices, server: LoginServer])[] = [
    [server.name, {}, first],
  ];
  try {
    for (const [site, { identity, tls }] of apart) {
      const one = await withoutWarning(tls, async () =>
        start({ ...accept, listen: { ...accept.listen, port: 0 }, identity, tls }),
      );
      running.push(one);
      addresses.set(siteKey(server.name, site), one.address);
      endpoints.push([siteKey(server.name, site), tls, one]);
    }
  } catch (error) {
    await Promise.all(running.map(async (one) => one.close(0)));
    throw error;
  }
  return {
    address: first.address,
    otherAddresses: addresses,
    async openListeners(tap) {
      const opened = new Map<string, Address>();
      for (const [key, tls, one] of endpoints)
        opened.set(key, await withoutWarning(tls, async () => one.openListener(tap)));
      return opened;
    },
    report: () => together(running.map((one) => one.report())),
    close: async (graceMs) => {
      await Promise.all(running.map(async (one) => one.close(graceMs)));
    },
  };
}

function identityOf({ certificate, chain }: Site, server: PlannedServer, world: World): Identity {
  const row = certificate ?? server.certificate;
  if (row === undefined) throw new Error(`a site of ${server.name} has no certificate`);
  return shown(row, chain, world);
}

/** A site's TLS settings for OpenSSL. */
export function choicesOf({
  oldest,
  newest,
  ciphers,
  securityLevel,
  dhGroup,
}: NonNullable<Site['offers']>): TlsChoices {
  return {
    ...(oldest ? { minVersion: versions[oldest] } : {}),
    ...(newest ? { maxVersion: versions[newest] } : {}),
    ...(ciphers ? { ciphers } : {}),
    ...(securityLevel === undefined ? {} : { securityLevel }),
    ...(dhGroup ? { dhparam: groupPem(dhGroup) } : {}),
  };
}

/** Node warns of a small group on standard error; here it is intended. Every other warning passes. */
async function withoutWarning<T>({ dhparam }: TlsChoices, start: () => Promise<T>): Promise<T> {
  if (dhparam === undefined) return start();
  const emitWarning = process.emitWarning.bind(process);
  const others = (...warning: Parameters<typeof emitWarning>): void => {
    if (!String(warning[0]).startsWith('DH parameter is less than'))
      Reflect.apply(emitWarning, undefined, warning);
  };
  process.emitWarning = others as typeof emitWarning;
  try {
    return await start();
  } finally {
    process.emitWarning = emitWarning;
  }
}

const versions = { '1.0': 'TLSv1', '1.1': 'TLSv1.1', '1.2': 'TLSv1.2', '1.3': 'TLSv1.3' } as const;

/** A well-known group in a server's format (PKCS #3): prime and generator 2. */
function groupPem(group: 'modp2' | 'modp14'): string {
  return toPem('DH PARAMETERS', toDer(sequence(unsigned(getDiffieHellman(group).getPrime()), small(2))));
}

function together(reports: readonly Served[]): Served {
  return {
    kind: 'served',
    connections: reports.reduce((sum, { connections }) => sum + connections, 0),
    requests: reports.reduce((sum, { requests }) => sum + requests, 0),
    logins: reports.flatMap(({ logins }) => logins),
  };
}
