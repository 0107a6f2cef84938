/** Builds the manual commands for logging in at a scenario's entry points: those of its logins, and those behind its proxies. */
import type { ProgramCommands } from '../../engine/extensions.ts';
import type { ManualEntry, ManualRun } from '../../engine/manual-commands.ts';
import type { PlannedClient, PlannedStep } from '../../engine/plan.ts';
import { argumentsFor, commands, wayIn } from '../../peers/by-hand/site-commands.ts';

export function loginByHand(step: PlannedStep, run: ManualRun): ManualEntry[] {
  return step.login && step.path[0] !== undefined ? wayIn(step, step.login, { hop: step.path[0] }, run) : [];
}

export function loginByPrograms(
  step: PlannedStep,
  run: Pick<ManualRun, 'plan' | 'addresses' | 'world'>,
): ProgramCommands | undefined {
  return step.login && argumentsFor(step, step.login, run);
}

/** The servers behind proxies, as the proxies reach them. */
export function behindProxies({
  plan,
  addresses,
  world,
  tappedAddresses,
  isKnownByAddress,
}: ManualRun): ManualEntry[] {
  return plan.proxies.flatMap((proxy): ManualEntry[] => {
    const target = plan.servers.find(({ name }) => name === proxy.target);
    const account = plan.accounts[0]?.name ?? '';
    // The proxy's client identity, as seen from its clients' account.
    if (!target || isKnownByAddress(target)) return [];
    const who: PlannedClient = { ...proxy.towardsTarget, name: proxy.name };
    const hop = proxy.wires.outgoing;
    if (!isOfWeb(plan.wires.find((wire) => wire.hop === hop)?.protocol)) return [];
    const address = tappedAddresses.get(hop) ?? addresses.get(target.name);
    return [[`${target.name} ${proxy.name}`, commands({ hop, target, who, account }, plan, address, world)]];
  });
}

/** A wire that no step crosses has no protocol: its proxy leads to a site nevertheless. */
function isOfWeb(protocol = 'http'): boolean {
  return protocol === 'http' || protocol === 'https' || protocol === 'mtls';
}
