/**
 * Starts a certificate authority as a scenario plans it: it signs with a CA of the recipe, and reaches the challenged sites
 * over the wires that the steps name. Counterpart: `features/enrol/certificate-authority.ts`.
 */
import { startCertificateAuthority } from './certificate-authority.ts';
import type { CertificateAuthority } from './certificate-authority.ts';
import type { ResolvedName } from './domain-challenge.ts';
import type { Address } from '../../capture/event.ts';
import type { AcceptOptions } from '../../wire/endpoint.ts';
import type { PlannedServer } from '../../engine/plan.ts';
import type { RunOptions } from '../../engine/run-context.ts';

export async function startAuthority(
  server: PlannedServer,
  { plan, log, clock, random, world }: RunOptions,
  accept: AcceptOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<CertificateAuthority> {
  if (!world || server.issuer === undefined) throw new Error(`${server.name} has no issuer`);
  const entryPoints = plan.steps.flatMap((step) =>
    step.entryPoints.filter(({ from }) => from === server.name),
  );
  /** The addresses of the sites by name, in place of DNS. */
  const resolve = (name: string): ResolvedName | undefined => {
    const site = plan.servers.find(
      ({ name: to, host }) => host === name && entryPoints.some((entryPoint) => entryPoint.to === to),
    );
    const address = site && addresses.get(site.name);
    const hop = entryPoints.find(({ to }) => to === site?.name)?.wire;
    return address && { address, ...(hop === undefined ? {} : { tap: { log, hop } }) };
  };
  return startCertificateAuthority({ accept, issuer: world.identity(server.issuer), resolve, clock, random });
}
