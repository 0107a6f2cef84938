/** Builds the manual commands for a resolver (dig, once per service) and for the login where it directs the client. */
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { wayIn } from '../../peers/by-hand/site-commands.ts';
import { shellWords } from '../../peers/by-hand/shell.ts';
import { serviceName } from '../../peers/resolver/service-name.ts';

export function lookUpByHand(step: PlannedStep, run: ManualRun): ManualEntry[] {
  const { lookUp, client } = step;
  if (!lookUp) return [];
  const { plan, addresses, tappedAddresses } = run;
  const { resolver, askedOver, scheme, meant, wire } = lookUp;
  const service = serviceName(scheme, plan.servers.find(({ name }) => name === meant)?.host ?? '');
  const { host, port } = tappedAddresses.get(askedOver) ??
    addresses.get(resolver) ?? { host: '127.0.0.1', port: 0 };
  return [
    [
      `${resolver} ${service}`,
      {
        hop: askedOver,
        to: resolver,
        client,
        dig: shellWords(['dig', `@${host}`, '-p', String(port), 'SRV', service]),
      },
    ],
    ...wayIn(step, lookUp, { hop: wire, scheme }, run),
  ];
}
